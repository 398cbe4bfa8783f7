package workload

import (
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
	"math/rand/v2"
	"strconv"
)

// stream is a source of randomness that depends on its labels alone, so that
// one workload's draws never shift another's.
type stream struct{ *rand.Rand }

// newStream derives the stream of the given labels from the seed.
func newStream(seed uint64, labels ...string) *stream {
	h := fnv.New128a()
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], seed)
	h.Write(b[:])
	for _, l := range labels {
		h.Write([]byte(l))
		h.Write([]byte{0})
	}
	sum := h.Sum(nil)
	return &stream{rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum), binary.BigEndian.Uint64(sum[8:])))}
}

// hex returns n random hexadecimal digits, lower case.
func (s *stream) hex(n int) string {
	raw := make([]byte, (n+1)/2)
	s.fill(raw)
	return hex.EncodeToString(raw)[:n]
}

// fill overwrites b with random bytes.
func (s *stream) fill(b []byte) {
	for i := range b {
		b[i] = byte(s.Uint32())
	}
}

// uuid returns a random UUID, version 4.
func (s *stream) uuid() string {
	var b [16]byte
	s.fill(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

const (
	upperAlnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	mixedAlnum = upperAlnum + "abcdefghijklmnopqrstuvwxyz"
)

// text returns n random characters of the alphabet.
func (s *stream) text(n int, alphabet string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[s.IntN(len(alphabet))]
	}
	return string(b)
}

// times turns an expected count into a whole one: the fraction is drawn.
func (s *stream) times(expected float64) int {
	return int(expected + s.Float64())
}

// pick returns one of the choices.
func pick[T any](s *stream, choices ...T) T { return choices[s.IntN(len(choices))] }

// address returns one of few addresses of a documentation network.
func (s *stream) address(network string, hosts int) string {
	return network + strconv.Itoa(10+s.IntN(hosts))
}

package speed

import (
	"hash/fnv"
	"math/rand/v2"
)

// source draws for one object or one account, and for nothing else, so that the
// order in which objects are made does not matter.
type source struct{ *rand.Rand }

func newSource(seed, n uint64, label string) *source {
	h := fnv.New64a()
	h.Write([]byte(label))
	return &source{rand.New(rand.NewPCG(seed, h.Sum64()^n*0x9e3779b97f4a7c15))}
}

// The alphabets of what AWS makes up. Each has 16, 32 or 64 letters: one draw
// gives many.
const (
	hexDigits = "0123456789abcdef"
	base32    = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	base64    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)

// text appends n letters of an alphabet.
func (s *source) text(dst []byte, n int, alphabet string) []byte {
	for n > 0 {
		bits := s.Uint64()
		for range min(n, 10) {
			dst = append(dst, alphabet[bits&uint64(len(alphabet)-1)])
			bits >>= 6
		}
		n -= min(n, 10)
	}
	return dst
}

// letters returns what text appends.
func (s *source) letters(n int, alphabet string) string { return string(s.text(nil, n, alphabet)) }

// uuid appends a UUID, version 4.
func (s *source) uuid(dst []byte) []byte {
	dst = append(s.text(dst, 8, hexDigits), '-')
	dst = append(s.text(dst, 4, hexDigits), "-4"...)
	dst = append(s.text(dst, 3, hexDigits), '-')
	dst = append(s.text(dst, 1, "89ab89ab89ab89ab"), s.letters(3, hexDigits)...)
	dst = append(dst, '-')
	return s.text(dst, 12, hexDigits)
}

// weighted returns a number below len(weights), each as often as its weight says.
func (s *source) weighted(weights []int) int {
	total := 0
	for _, w := range weights {
		total += w
	}
	at := s.IntN(total)
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	panic("speed: weights do not add up")
}

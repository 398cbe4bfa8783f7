package family

import (
	"encoding/hex"
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"time"
)

// dice is a source of randomness that depends on its labels alone.
type dice struct{ *rand.Rand }

func newDice(seed uint64, labels ...string) *dice {
	h := fnv.New64a()
	h.Write([]byte(strconv.FormatUint(seed, 16)))
	for _, l := range labels {
		h.Write([]byte{0})
		h.Write([]byte(l))
	}
	return &dice{rand.New(rand.NewPCG(h.Sum64(), seed))}
}

// hex returns n hexadecimal digits.
func (d *dice) hex(n int) string {
	b := make([]byte, (n+1)/2)
	for i := range b {
		b[i] = byte(d.Uint32())
	}
	return hex.EncodeToString(b)[:n]
}

// uuid returns a random UUID, version 4.
func (d *dice) uuid() string {
	h := d.hex(32)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:]
}

const (
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower  = "abcdefghijklmnopqrstuvwxyz"
	digits = "0123456789"
)

// text returns n characters of the alphabet.
func (d *dice) text(n int, alphabet string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[d.IntN(len(alphabet))]
	}
	return string(b)
}

// one tells whether something happens that does one time in n.
func (d *dice) one(n int) bool { return d.IntN(n) == 0 }

// pick returns one of the choices.
func pick[T any](d interface{ IntN(int) int }, choices ...T) T { return choices[d.IntN(len(choices))] }

// slug invents a customer's short name.
func (d *dice) slug() string {
	first := pick(d, "blue", "north", "iron", "swift", "green", "delta", "lumen", "orbit", "river", "quartz", "amber", "cobalt", "maple", "zephyr", "harbor", "summit")
	second := pick(d, "labs", "foods", "bank", "retail", "health", "works", "media", "energy", "logistics", "motors", "travel", "systems")
	return first + "-" + second + pick(d, "", "", "-"+strconv.Itoa(2+d.IntN(97)), "-"+pick(d, "eu", "uk", "us", "inc"))
}

// when returns a moment of the day, by hours and minutes.
func when(date time.Time, hour, minute int) time.Time {
	return date.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

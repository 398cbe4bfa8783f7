package usage

import (
	"encoding/hex"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"
)

// Fingerprints are on disk: they stay what they are.
func TestPrintID(t *testing.T) {
	for id, want := range map[string]uint64{
		"00000000-0000-0000-0000-000000000000": 0x1da8c01c270cc7bf,
		"01234567-89ab-cdef-0123-456789abcdef": 0xabc3281e95861b06,
		"f7645e47-a0d3-4e80-b043-1d13265c33aa": 0xf08f65892185154c,
		"":                                     0x34b4a257d9f1cad1,
		"F7645E47-a0d3-4e80-b043-1d13265c33aa": 0x63ad8fb81c9e621,
		"not a uuid":                           0xaf112aa1d2f44216,
	} {
		if got := printID(id); got != want {
			t.Errorf("%q: %#x, want %#x", id, got, want)
		}
	}
}

// parseUUID reads what encoding/hex reads, and nothing but UUIDs in small letters.
func TestParseUUID(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		high, low := rng.Uint64(), rng.Uint64()
		text := fmt.Sprintf("%016x%016x", high, low)
		id := []byte(text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:])
		if h, l, ok := parseUUID(string(id)); !ok || h != high || l != low {
			t.Fatalf("%s: %x %x %v", id, h, l, ok)
		}
		at := rng.IntN(len(id))
		id[at] = byte(rng.Uint32())
		plain := strings.ReplaceAll(string(id), "-", "")
		_, err := hex.DecodeString(plain)
		want := err == nil && len(plain) == 32 && strings.ToLower(plain) == plain && id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-'
		if _, _, ok := parseUUID(string(id)); ok != want {
			t.Fatalf("%q: %v, want %v", id, ok, want)
		}
	}
	for _, id := range []string{"", "0", strings.Repeat("0", 36), strings.Repeat("-", 36), "00000000-0000-0000-0000-0000000000000"} {
		if _, _, ok := parseUUID(id); ok {
			t.Errorf("%q is read as a UUID", id)
		}
	}
}

// Ids that differ in one bit, as counters make them, have fingerprints that differ in
// about half of theirs, and none are equal.
func TestPrintIDSpreads(t *testing.T) {
	seen := map[uint64]string{}
	flips, n := 0, 0
	for i := range 200 {
		for bit := range 128 {
			high, low := uint64(i)*0x1111, uint64(i)
			if bit < 64 {
				high ^= 1 << bit
			} else {
				low ^= 1 << (bit - 64)
			}
			text := fmt.Sprintf("%016x%016x", high, low)
			id := text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
			print := printID(id)
			if old, ok := seen[print]; ok && old != id {
				t.Fatalf("%s and %s", old, id)
			}
			seen[print] = id
			base := fmt.Sprintf("%016x%016x", uint64(i)*0x1111, uint64(i))
			base = base[:8] + "-" + base[8:12] + "-" + base[12:16] + "-" + base[16:20] + "-" + base[20:]
			flips += bits.OnesCount64(print ^ printID(base))
			n++
		}
	}
	if mean := float64(flips) / float64(n); mean < 31.5 || mean > 32.5 {
		t.Errorf("%.2f bits differ", mean)
	}
}

func BenchmarkPrintID(b *testing.B) {
	id := []byte("f7645e47-a0d3-4e80-b043-1d13265c33aa")
	for name, hash := range map[string]func(string) uint64{
		"uuid":  printID,
		"bytes": func(s string) uint64 { return fingerprint('e', s) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(uuidLen)
			sum := uint64(0)
			for i := range b.N {
				id[7] = "0123456789abcdef"[i&15]
				sum += hash(unsafe.String(&id[0], len(id)))
			}
			if b.N > 100 && sum == 0 {
				b.Fatal("no fingerprints")
			}
		})
	}
}

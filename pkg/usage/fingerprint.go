package usage

import (
	"encoding/binary"
	"math/bits"
	"unsafe"
)

// printID is the fingerprint of an event's id. AWS makes ids that are UUIDs, of which
// it hashes the 16 bytes; any other text it hashes as such. It is on disk and may not
// change.
func printID(id string) uint64 {
	high, low, ok := parseUUID(id)
	if !ok {
		return fingerprint('e', id)
	}
	// Both halves are mixed before they meet, so that ids which differ in one half
	// only, or in both in the same way, stay apart.
	h := mix64(high^0x9e3779b97f4a7c15) + bits.RotateLeft64(mix64(low^0xc2b2ae3d27d4eb4f), 32)
	return max(1, mix64(h)) // 0 is no fingerprint
}

// mix64 is a bijection of 64 bits in which each bit of the input changes about half
// of those of the output (the finaliser of MurmurHash3).
func mix64(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// uuidLen is the length of a UUID's text, 8-4-4-4-12 digits.
const uuidLen = 36

// parseUUID reads a UUID as AWS writes it, in small letters.
func parseUUID(s string) (high, low uint64, ok bool) {
	if len(s) != uuidLen || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return 0, 0, false
	}
	b := (*[uuidLen]byte)(unsafe.Slice(unsafe.StringData(s), uuidLen))
	// Four groups of eight digits; the dashes are left out.
	a, ok1 := hex8(binary.BigEndian.Uint64(b[0:]))
	m, ok2 := hex8(binary.BigEndian.Uint64(b[9:])&^0xffffffff | binary.BigEndian.Uint64(b[10:])&0xffffffff)
	n, ok3 := hex8(binary.BigEndian.Uint64(b[19:])&^0xffffffff | binary.BigEndian.Uint64(b[20:])&0xffffffff)
	z, ok4 := hex8(binary.BigEndian.Uint64(b[28:]))
	return a<<32 | m, n<<32 | z, ok1 && ok2 && ok3 && ok4
}

// hex8 is the value of eight hexadecimal digits in small letters, the first one in
// the highest byte.
func hex8(x uint64) (uint64, bool) {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	// No byte may be above 0x7f, so that no sum below carries into the next byte.
	if x&highs != 0 {
		return 0, false
	}
	digit := (x + ones*(0x80-'0')) &^ (x + ones*(0x7f-'9')) & highs
	letter := (x + ones*(0x80-'a')) &^ (x + ones*(0x7f-'f')) & highs
	if digit|letter != highs {
		return 0, false
	}
	v := x&(ones*0x0f) + letter>>7*9
	v = (v | v>>4) & 0x00ff00ff00ff00ff
	v = (v | v>>8) & 0x0000ffff0000ffff
	return (v | v>>16) & 0xffffffff, true
}

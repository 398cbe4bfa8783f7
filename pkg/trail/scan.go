package trail

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// The faults of a record's JSON. They quote nothing: the input is hostile.
var (
	errSyntax  = errors.New("invalid JSON")
	errString  = errors.New("invalid JSON string")
	errNumber  = errors.New("invalid JSON number")
	errDeep    = errors.New("nested deeper than 1000 levels")
	errCut     = errors.New("JSON ends too early")
	errBracket = errors.New("brackets do not match")
	errDamaged = errors.New("damaged lines without end; the rest was not read")
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// stringStop is the index of the first quote, backslash or control character of b, or
// len(b). Eight bytes are looked at together; a borrow in the subtractions can only
// follow a true hit in a lower byte, so that the lowest hit is exact.
func stringStop(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		q := x ^ ones*'"'
		s := x ^ ones*'\\'
		hit := ((q-ones)&^q | (s-ones)&^s | (x-ones*0x20)&^x) & highs
		if hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c == '"' || c == '\\' || c < 0x20 {
			return i
		}
	}
	return i
}

// skipSpace is the index of the first byte from i on that is no white space.
func skipSpace(b []byte, i int) int {
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	return i
}

// skipString checks the string that starts at b[i] and is the index behind it.
func skipString(b []byte, i int) (int, error) {
	i++
	for {
		i += stringStop(b[i:])
		switch {
		case i >= len(b):
			return i, errCut
		case b[i] == '"':
			return i + 1, nil
		case b[i] != '\\':
			return i, errString
		}
		n := escapeLen(b[i:])
		if n == 0 {
			return i, errString
		}
		i += n
	}
}

// escapeLen is the length of the escape that b starts with, 0 when it is none.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) >= 6 && hex4(b[2:6]) >= 0 {
			return 6
		}
	}
	return 0
}

// hex4 is the value of four hexadecimal digits, -1 when they are none.
func hex4(b []byte) rune {
	var r rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// skipValue checks the value that starts at b[i] and is the index behind it. depth is
// how many containers it lies in.
func skipValue(b []byte, i, depth int) (int, error) {
	if i >= len(b) {
		return i, errCut
	}
	switch c := b[i]; {
	case c == '"':
		return skipString(b, i)
	case c == '{':
		return skipObject(b, i, depth+1, nil)
	case c == '[':
		return skipArray(b, i, depth+1)
	case c == 't':
		return skipWord(b, i, "true")
	case c == 'f':
		return skipWord(b, i, "false")
	case c == 'n':
		return skipWord(b, i, "null")
	case c == '-' || c >= '0' && c <= '9':
		return skipNumber(b, i)
	}
	return i, errSyntax
}

func skipWord(b []byte, i int, word string) (int, error) {
	if len(b)-i < len(word) || string(b[i:i+len(word)]) != word {
		return i, errSyntax
	}
	return i + len(word), nil
}

func skipNumber(b []byte, i int) (int, error) {
	if b[i] == '-' {
		i++
	}
	switch {
	case i < len(b) && b[i] == '0':
		i++
	case i < len(b) && b[i] >= '1' && b[i] <= '9':
		i, _ = skipDigits(b, i)
	default:
		return i, errNumber
	}
	ok := true
	if i < len(b) && b[i] == '.' {
		if i, ok = skipDigits(b, i+1); !ok {
			return i, errNumber
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if i, ok = skipDigits(b, i); !ok {
			return i, errNumber
		}
	}
	return i, nil
}

// skipDigits needs one at least.
func skipDigits(b []byte, i int) (int, bool) {
	start := i
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	return i, i > start
}

func skipArray(b []byte, i, depth int) (int, error) {
	if depth > MaxDepth {
		return i, errDeep
	}
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1, nil
	}
	for {
		var err error
		if i, err = skipValue(b, i, depth); err != nil {
			return i, err
		}
		i = skipSpace(b, i)
		switch {
		case i >= len(b):
			return i, errCut
		case b[i] == ']':
			return i + 1, nil
		case b[i] != ',':
			return i, errSyntax
		}
		i = skipSpace(b, i+1)
	}
}

// members is called for each member of an object: the key's raw text between its
// quotes, and the raw value.
type members interface{ member(key, value []byte) }

// skipObject checks the object that starts at b[i], tells m its members (unless m is
// nil), and is the index behind it.
func skipObject(b []byte, i, depth int, m members) (int, error) {
	if depth > MaxDepth {
		return i, errDeep
	}
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, nil
	}
	for {
		key, value, next, err := skipMember(b, i, depth)
		if err != nil {
			return next, err
		}
		if m != nil {
			m.member(key, value)
		}
		i = skipSpace(b, next)
		switch {
		case i >= len(b):
			return i, errCut
		case b[i] == '}':
			return i + 1, nil
		case b[i] != ',':
			return i, errSyntax
		}
		i = skipSpace(b, i+1)
	}
}

func skipMember(b []byte, i, depth int) (key, value []byte, next int, err error) {
	switch {
	case i >= len(b):
		return nil, nil, i, errCut
	case b[i] != '"':
		return nil, nil, i, errSyntax
	}
	next, err = skipString(b, i)
	if err != nil {
		return nil, nil, next, err
	}
	key = b[i+1 : next-1]
	i = skipSpace(b, next)
	switch {
	case i >= len(b):
		return nil, nil, i, errCut
	case b[i] != ':':
		return nil, nil, i, errSyntax
	}
	i = skipSpace(b, i+1)
	next, err = skipValue(b, i, depth)
	if err != nil {
		return nil, nil, next, err
	}
	return key, b[i:next], next, nil
}

// checkValue checks that b is one value and nothing else; where it is not, the index
// tells the place.
func checkValue(b []byte) (int, error) {
	i, err := skipValue(b, skipSpace(b, 0), 0)
	if err != nil {
		return i, err
	}
	if i = skipSpace(b, i); i != len(b) {
		return i, errSyntax
	}
	return i, nil
}

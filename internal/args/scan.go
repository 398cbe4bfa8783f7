package args

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// maxNesting is how deep the scanner follows JSON at all, as encoding/json does.
const maxNesting = 10000

// scanner reads JSON tokens, as strictly as encoding/json.
type scanner struct {
	src []byte
	pos int
	buf []byte // the last string that was unescaped
}

func (s *scanner) space() {
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

// peek returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.src) {
		return s.src[s.pos]
	}
	return 0
}

func (s *scanner) atEnd() bool {
	s.space()
	return s.pos == len(s.src)
}

// next takes the "," before another value, or the end of the container: then more
// is false, and ok tells whether it was the end.
func (s *scanner) next(end byte) (more, ok bool) {
	s.space()
	switch c := s.peek(); c {
	case ',', end:
		s.pos++
		return c == ',', true
	default:
		return false, false
	}
}

func (s *scanner) literal(word string) bool {
	if len(s.src)-s.pos < len(word) || string(s.src[s.pos:s.pos+len(word)]) != word {
		return false
	}
	s.pos += len(word)
	return true
}

// str takes a string and returns what is between the quotes, escapes checked but
// not decoded.
func (s *scanner) str() (raw []byte, escaped, ok bool) {
	s.pos++
	start := s.pos
	for {
		s.pos += plainText(s.src[s.pos:])
		if s.pos == len(s.src) {
			return nil, false, false
		}
		switch c := s.src[s.pos]; c {
		case '"':
			s.pos++
			return s.src[start : s.pos-1], escaped, true
		case '\\':
			escaped = true
			if !s.escape() {
				return nil, false, false
			}
		default:
			return nil, false, false
		}
	}
}

// plainText is the length of the text before the first quote, backslash or control
// character of b. Eight bytes are looked at together; a borrow in the subtractions can
// only follow a true hit in a lower byte, so that the lowest hit is exact.
func plainText(b []byte) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		quote, slash := x^ones*'"', x^ones*'\\'
		hit := ((quote-ones)&^quote | (slash-ones)&^slash | (x-ones*' ')&^x) & highs
		if hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c == '"' || c == '\\' || c < ' ' {
			return i
		}
	}
	return i
}

func (s *scanner) escape() bool {
	rest := s.src[s.pos:]
	if len(rest) < 2 {
		return false
	}
	switch rest[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos += 2
		return true
	case 'u':
		_, ok := hex4(rest[2:])
		s.pos += 6
		return ok
	default:
		return false
	}
}

// asciiText is plainText up to the first byte outside of ASCII.
func asciiText(b []byte) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		quote, slash := x^ones*'"', x^ones*'\\'
		hit := ((quote-ones)&^quote | (slash-ones)&^slash | (x-ones*' ')&^x | x) & highs
		if hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c == '"' || c == '\\' || c < ' ' || c >= 0x80 {
			return i
		}
	}
	return i
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unescape decodes what str returned; the result is valid until the next call. A
// string that was cut in the middle of an escape ends there.
func (s *scanner) unescape(raw []byte) []byte {
	out := s.buf[:0]
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			out = append(out, raw[i])
			i++
			continue
		}
		r, n := decodeEscape(raw[i:])
		if n == 0 {
			break
		}
		out = utf8.AppendRune(out, r)
		i += n
	}
	s.buf = out
	return out
}

// decodeEscape returns the character that b starts with an escape of, and the
// length of the escape; 0 where it is cut.
func decodeEscape(b []byte) (rune, int) {
	if len(b) < 2 {
		return 0, 0
	}
	switch b[1] {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		return decodeUnicode(b)
	default:
		return rune(b[1]), 2
	}
}

func decodeUnicode(b []byte) (rune, int) {
	hi, ok := hex4(b[2:])
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(hi) {
		return hi, 6
	}
	if len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
		if lo, ok := hex4(b[8:]); ok {
			if r := utf16.DecodeRune(hi, lo); r != utf8.RuneError {
				return r, 12
			}
		}
	}
	return utf8.RuneError, 6
}

// number takes a number.
func (s *scanner) number() ([]byte, bool) {
	start := s.pos
	if s.peek() == '-' {
		s.pos++
	}
	switch c := s.peek(); {
	case c == '0':
		s.pos++
	case '1' <= c && c <= '9':
		s.digits()
	default:
		return nil, false
	}
	if s.peek() == '.' {
		s.pos++
		if !s.digits() {
			return nil, false
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.pos++
		if c := s.peek(); c == '+' || c == '-' {
			s.pos++
		}
		if !s.digits() {
			return nil, false
		}
	}
	return s.src[start:s.pos], true
}

// digits takes digits and tells whether there was one.
func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.src) && '0' <= s.src[s.pos] && s.src[s.pos] <= '9' {
		s.pos++
	}
	return s.pos > start
}

// validUTF8 replaces each byte that is no UTF-8 by U+FFFD, as encoding/json and package
// trail do.
func validUTF8(s []byte) []byte {
	if utf8.Valid(s) {
		return s
	}
	out := make([]byte, 0, len(s)+utf8.UTFMax)
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		out = utf8.AppendRune(out, r)
		s = s[n:]
	}
	return out
}

package trail

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// lend is the bytes as a string, without a copy; it lasts as long as they do.
func lend(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// arena holds what had to be decoded for the current event. Growing leaves the older
// parts where they were, so that what was lent before stays valid.
type arena struct{ buf []byte }

const arenaKeep = 1 << 20

func (a *arena) reset() {
	if cap(a.buf) > arenaKeep {
		a.buf = nil
	}
	a.buf = a.buf[:0]
}

// text is a checked string's value; raw is what stands between its quotes.
func (a *arena) text(raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw
	}
	start := len(a.buf)
	a.buf = appendUnescaped(a.buf, raw)
	return a.buf[start:len(a.buf):len(a.buf)]
}

// appendUnescaped decodes a checked string's escapes. Halves of surrogate pairs
// become U+FFFD, as encoding/json has it.
func appendUnescaped(dst, raw []byte) []byte {
	for len(raw) > 0 {
		n := bytes.IndexByte(raw, '\\')
		if n < 0 || n+1 >= len(raw) {
			return append(dst, raw...)
		}
		dst = append(dst, raw[:n]...)
		raw = raw[n:]
		if raw[1] != 'u' {
			dst = append(dst, plainEscape(raw[1]))
			raw = raw[2:]
			continue
		}
		r, size := unicodeEscape(raw)
		dst = utf8.AppendRune(dst, r)
		raw = raw[size:]
	}
	return dst
}

func plainEscape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// unicodeEscape decodes \uXXXX, or a surrogate pair of two, and is its length.
func unicodeEscape(raw []byte) (rune, int) {
	r := hex4(raw[2:6])
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(raw) >= 12 && raw[6] == '\\' && raw[7] == 'u' {
		if pair := utf16.DecodeRune(r, hex4(raw[8:12])); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

// appendValidUTF8 replaces each byte that is no UTF-8 by U+FFFD.
func appendValidUTF8(dst, b []byte) []byte {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		dst = utf8.AppendRune(dst, r)
		b = b[n:]
	}
	return dst
}

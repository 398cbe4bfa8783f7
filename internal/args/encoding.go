package args

import (
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// A list is kept as its text: a JSON array of [path, value] pairs in canonical order
// without white space, [["p.bucketName","b"],["p.key","k"]]. A quote and a backslash
// have a backslash before them, control characters are \u00XX with small letters,
// everything else stands for itself, so that a list has one text.
//
// The encoding of a part of a list is the pairs of its text: the text of a list is the
// encodings of its parts in order, with commas between them and brackets around.

// ErrText is the error of a text that AppendText does not make.
var ErrText = errors.New("the list of arguments is not in canonical form")

// AppendText appends the text of a canonical list; nothing for an empty one.
func (l List) AppendText(dst []byte) []byte {
	if len(l) == 0 {
		return dst
	}
	return append(l.AppendEncoding(append(dst, '[')), ']')
}

// AppendEncoding appends the encoding of a canonical list.
func (l List) AppendEncoding(dst []byte) []byte {
	for i := range l {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSON(append(dst, `["`...), l[i].Path)
		dst = appendJSON(append(dst, `","`...), l[i].Value)
		dst = append(dst, `"]`...)
	}
	return dst
}

// appendJSON appends what is between the quotes of a JSON string.
func appendJSON(dst []byte, s string) []byte {
	for {
		n := plainText(unsafe.Slice(unsafe.StringData(s), len(s)))
		dst = append(dst, s[:n]...)
		if n == len(s) {
			return dst
		}
		switch c := s[n]; {
		case c < ' ':
			dst = append(dst, `\u00`...)
			dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
		default:
			dst = append(dst, '\\', c)
		}
		s = s[n+1:]
	}
}

const hexDigits = "0123456789abcdef"

// Parse appends the leaves of a text. Their strings are parts of it, where they can
// be. What AppendText does not make is ErrText.
func Parse(dst List, text string) (List, error) {
	p := parser{rest: text, simple: isSimple(text)}
	base := len(dst)
	if !p.simple && !utf8.ValidString(text) || !p.take("[") {
		return dst, ErrText
	}
	for {
		var l Leaf
		ok := p.take(`["`) && p.text(&l.Path) && p.take(`,"`) && p.text(&l.Value) && p.take("]")
		if n := len(dst); !ok || n > base && !(dst[n-1].Path < l.Path || dst[n-1].Path == l.Path && dst[n-1].Value < l.Value) {
			return dst[:base], ErrText
		}
		dst = append(dst, l)
		if p.rest == "]" {
			return dst, nil
		}
		if !p.take(",") {
			return dst[:base], ErrText
		}
	}
}

// isSimple reports whether a text is of ASCII without escapes and control characters:
// a string in it ends at the next quote.
func isSimple(s string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	b, i := unsafe.Slice(unsafe.StringData(s), len(s)), 0
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		slash := x ^ ones*'\\'
		if ((slash-ones)&^slash|(x-ones*' ')&^x|x)&highs != 0 {
			return false
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c == '\\' || c < ' ' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// parser reads a text.
type parser struct {
	rest   string
	simple bool
}

func (p *parser) take(s string) bool {
	if len(p.rest) < len(s) || p.rest[:len(s)] != s {
		return false
	}
	p.rest = p.rest[len(s):]
	return true
}

// text takes a string up to its closing quote.
func (p *parser) text(to *string) bool {
	if !p.simple {
		return p.escaped(to)
	}
	n := strings.IndexByte(p.rest, '"')
	if n < 0 {
		return false
	}
	*to, p.rest = p.rest[:n], p.rest[n+1:]
	return true
}

// escaped is text where there may be escapes.
func (p *parser) escaped(to *string) bool {
	raw := unsafe.Slice(unsafe.StringData(p.rest), len(p.rest))
	n := plainText(raw)
	if n < len(raw) && raw[n] == '"' {
		*to, p.rest = p.rest[:n], p.rest[n+1:]
		return true
	}
	var out []byte
	for n < len(raw) && raw[n] == '\\' {
		c, size := unescaped(raw[n:])
		if size == 0 {
			return false
		}
		out = append(append(out, raw[:n]...), c)
		raw = raw[n+size:]
		n = plainText(raw)
	}
	if n == len(raw) || raw[n] != '"' {
		return false
	}
	*to, p.rest = string(append(out, raw[:n]...)), p.rest[len(p.rest)-len(raw)+n+1:]
	return true
}

// unescaped is the character that an escape of appendJSON stands for, and the length of
// the escape; 0 for any other.
func unescaped(b []byte) (c byte, size int) {
	switch {
	case len(b) > 1 && (b[1] == '"' || b[1] == '\\'):
		return b[1], 2
	case len(b) < 6 || string(b[1:4]) != "u00":
		return 0, 0
	}
	hi, lo := strings.IndexByte(hexDigits[:2], b[4]), strings.IndexByte(hexDigits, b[5])
	if hi < 0 || lo < 0 {
		return 0, 0
	}
	return byte(hi<<4 | lo), 6
}

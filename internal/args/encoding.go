package args

import (
	"bytes"
	"errors"
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
	p := parser{rest: text}
	base := len(dst)
	if !utf8.ValidString(text) || !p.take("[") {
		return dst, ErrText
	}
	for {
		var l Leaf
		ok := p.take(`["`) && p.text(&l.Path) && p.take(`,"`) && p.text(&l.Value) && p.take("]")
		if n := len(dst); !ok || n > base && compareLeaves(dst[n-1], l) >= 0 {
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

// parser reads a text.
type parser struct{ rest string }

func (p *parser) take(s string) bool {
	if len(p.rest) < len(s) || p.rest[:len(s)] != s {
		return false
	}
	p.rest = p.rest[len(s):]
	return true
}

// text takes a string up to its closing quote.
func (p *parser) text(to *string) bool {
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
	hi, lo := bytes.IndexByte([]byte(hexDigits[:2]), b[4]), bytes.IndexByte([]byte(hexDigits), b[5])
	if hi < 0 || lo < 0 {
		return 0, 0
	}
	return byte(hi<<4 | lo), 6
}

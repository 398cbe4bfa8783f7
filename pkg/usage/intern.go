package usage

import (
	"strings"
	"unicode/utf8"
)

// maxText bounds one text of a row, in bytes; what is longer is cut. Nothing
// that AWS names is as long.
const maxText = 4096

// interner numbers texts. Number 0 is "".
type interner struct {
	ids   map[string]uint32
	texts []string
}

func newInterner() interner {
	return interner{ids: map[string]uint32{"": 0}, texts: []string{""}}
}

// id numbers s, which may be borrowed: a new text is cloned, and made valid
// UTF-8, since the columns on disk are.
func (in *interner) id(s string) uint32 {
	if n, ok := in.ids[s]; ok {
		return n
	}
	if t := cleanText(s); t != s {
		return in.id(t)
	}
	s = strings.Clone(s)
	n := uint32(len(in.texts))
	in.ids[s] = n
	in.texts = append(in.texts, s)
	return n
}

// adopt numbers all texts of o and returns the new numbers by the old ones.
func (in *interner) adopt(o *interner) []uint32 {
	to := make([]uint32, len(o.texts))
	for i, s := range o.texts {
		n, ok := in.ids[s]
		if !ok {
			n = uint32(len(in.texts))
			in.ids[s] = n
			in.texts = append(in.texts, s)
		}
		to[i] = n
	}
	return to
}

// cleanText makes s valid UTF-8 and at most maxText bytes long.
func cleanText(s string) string {
	if len(s) > maxText {
		n := maxText
		for n > maxText-utf8.UTFMax && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	if utf8.ValidString(s) {
		return s
	}
	// A replacement is longer than what it replaces: cut again.
	return cleanText(strings.ToValidUTF8(s, "\uFFFD"))
}

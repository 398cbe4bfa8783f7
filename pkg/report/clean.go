package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is the length, in characters, of the longest text that Clean returns.
const MaxText = 512

// maxMarks is the number of combining marks that may follow one another; more
// would paint over the lines around them.
const maxMarks = 2

// Clean makes a text of unknown origin safe to print inside a line of text:
// control characters (so ANSI sequences and line breaks too), bidirectional and
// other invisible format characters, unusual spaces and bytes that are not UTF-8
// come out as Go escapes like \x1b and \u202e; a text of more than MaxText
// characters loses its middle. What is printable stays as it is, backslashes
// included, so Clean(Clean(s)) is Clean(s).
func Clean(s string) string {
	if len(s) <= MaxText && plain(s) {
		return s
	}
	if keep := MaxText * utf8.UTFMax; len(s) > 2*keep {
		// Both ends hold MaxText characters at least, so that what joins them
		// here is cut out below.
		s = s[:keep] + "…" + s[len(s)-keep:]
	}
	return clip(escape(s), MaxText)
}

// plain reports whether all of s is printable ASCII.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func escape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	marks := maxMarks // a mark at the start would join what is printed before it
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		mark := unicode.Is(unicode.M, r)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case hidden(r) || mark && marks >= maxMarks:
			b.WriteString(escaped(r))
		default:
			b.WriteString(s[i : i+n])
		}
		if marks++; !mark {
			marks = 0
		}
		i += n
	}
	return b.String()
}

// hidden reports whether a character does not show itself where it stands:
// anything that is not a letter, mark, number, punctuation, symbol or the ASCII
// space, and those of them that have no ink.
func hidden(r rune) bool {
	const brailleBlank = '\u2800'
	return !unicode.IsPrint(r) || r == brailleBlank ||
		unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

func escaped(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < utf8.RuneSelf:
		return fmt.Sprintf(`\x%02x`, r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// clip cuts the middle out of a text of more than n characters. The end gets the
// smaller part, yet enough for the last segments of an ARN.
func clip(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	head := (n - 1) * 2 / 3
	return string(r[:head]) + "…" + string(r[len(r)-(n-1-head):])
}

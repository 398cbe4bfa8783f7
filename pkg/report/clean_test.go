package report

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"arn:aws:s3:::example/a b", "arn:aws:s3:::example/a b"},
		{"größe 注文 é", "größe 注文 é"},
		{`a\b`, `a\b`},
		{"a\nb\rc\td", `a\nb\rc\td`},
		{"\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		{"\x1b]0;title\x07", `\x1b]0;title\x07`},
		{"\u009b31m", `\u009b31m`},
		{"\x7f\x00", `\x7f\x00`},
		{"a\xff\xc3", `a\xff\xc3`},
		{"abc\u202egpj.exe", `abc\u202egpj.exe`},
		{"\u2066x\u2069\u200f\u061c", `\u2066x\u2069\u200f\u061c`},
		{"ze\u200bro\ufeff\u00ad", `ze\u200bro\ufeff\u00ad`},
		{"a\u00a0b\u2003c\u3000", `a\u00a0b\u2003c\u3000`},
		{"a\u2028b\u2029", `a\u2028b\u2029`},
		{"x\ufe0f\U000e0041\u3164\u2800", `x\ufe0f\U000e0041\u3164\u2800`},
		{"\u0301start", `\u0301start`},
		{"z\u0300\u0301\u0302\u0303", "z\u0300\u0301" + `\u0302\u0303`},
		{"\ufffd", "\ufffd"}, // as it was logged, valid
		{"\ue000", `\ue000`},
	} {
		if got := Clean(c.in); got != c.want {
			t.Errorf("Clean(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestCleanBounds(t *testing.T) {
	for _, unit := range []string{"a", "é", "注", "\x1b", "\xff", "😀"} {
		for _, n := range []int{MaxText - 1, MaxText, MaxText + 1, 5000, 1 << 20} {
			got := Clean("<" + strings.Repeat(unit, n) + ">")
			checkClean(t, got)
			if !strings.HasPrefix(got, "<") || !strings.HasSuffix(got, ">") {
				t.Errorf("%q × %d lost its ends: %.20q", unit, n, got)
			}
		}
	}
}

// checkClean states what Clean promises.
func checkClean(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Fatalf("%q is not UTF-8", s)
	}
	if n := utf8.RuneCountInString(s); n > MaxText {
		t.Fatalf("%d characters are left", n)
	}
	marks := maxMarks
	for _, r := range s {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) || unicode.IsSpace(r) && r != ' ' {
			t.Fatalf("%U is left in %q", r, s)
		}
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		} else if marks > maxMarks {
			t.Fatalf("too many marks in %q", s)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range hostile() {
		f.Add(s)
	}
	f.Add(strings.Repeat("\u0301", 2000))
	f.Add(strings.Repeat("a\xff", 4000))
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		checkClean(t, got)
		if again := Clean(got); again != got {
			t.Fatalf("Clean(%q) = %q, and of that %q", s, got, again)
		}
		for _, n := range []int{0, 1, 2, 7, 60} {
			if m := middle(got, n); width(m) > n {
				t.Fatalf("middle(%q, %d) = %q is %d wide", got, n, m, width(m))
			}
			for _, l := range wrap(got, max(n, 2)) {
				if width(l) > max(n, 2) {
					t.Fatalf("wrap(%q, %d) has a line of %d columns", got, n, width(l))
				}
			}
		}
	})
}

package trail

import (
	"bytes"
	"encoding/json"
	"path"
	"strings"
	"testing"
)

var valueCases = map[string]bool{
	`{}`: true, `[]`: true, ` { "a" : [ 1 , 2 ] , "b" : null } `: true, `""`: true, `0`: true, `-0`: true, `1.5e-7`: true, `1E+2`: true,
	`"\"\\\/\b\f\n\r\t\u12aB"`: true, `true`: true, `false`: true, `null`: true, `"` + strings.Repeat("é", 30) + `"`: true,
	``: false, ` `: false, `{`: false, `[`: false, `"`: false, `{"a"`: false, `{"a":`: false, `{"a":1`: false, `{"a":1,`: false, `[1`: false, `[1,`: false,
	`{a:1}`: false, `{"a" 1}`: false, `{"a":1 "b":2}`: false, `{"a":1,}`: false, `[1 2]`: false, `[1,]`: false, `[,]`: false, `{,}`: false,
	`01`: false, `-`: false, `+1`: false, `.5`: false, `1.`: false, `1e`: false, `1e+`: false, `0x1`: false, `NaN`: false, `tru`: false, `nulll`: false,
	`"\x"`: false, `"\u12g4"`: false, `"\u123"`: false, `"\`: false, "\"\n\"": false, "\"a\x00b\"": false, "\"1234567\x1f\"": false, `1 2`: false, `{}}`: false, `'a'`: false,
}

func TestCheckValue(t *testing.T) {
	for in, want := range valueCases {
		if _, err := checkValue([]byte(in)); (err == nil) != want || json.Valid([]byte(in)) != want {
			t.Errorf("%q: %v, want valid %v", in, err, want)
		}
	}
	if _, err := checkValue([]byte(deep(MaxDepth))); err != nil {
		t.Errorf("%d levels: %v", MaxDepth, err)
	}
	if _, err := checkValue([]byte(deep(MaxDepth + 1))); err != errDeep {
		t.Errorf("%d levels: %v, want errDeep", MaxDepth+1, err)
	}
}

// TestStringStop puts each stop at each place of words of eight bytes.
func TestStringStop(t *testing.T) {
	for n := range 40 {
		for at := range n {
			for _, stop := range []byte{'"', '\\', 0, 0x1f} {
				b := bytes.Repeat([]byte{0xa2}, n) // a quote with the high bit set
				b[at] = stop
				if got := stringStop(b); got != at {
					t.Fatalf("%q at %d of %d: %d", stop, at, n, got)
				}
			}
		}
		if got := stringStop(bytes.Repeat([]byte{' '}, n)); got != n {
			t.Fatalf("no stop in %d: %d", n, got)
		}
	}
}

// FuzzCheckValue holds the scanner, and the text of strings, against encoding/json.
func FuzzCheckValue(f *testing.F) {
	for in := range valueCases {
		f.Add([]byte(in))
	}
	f.Add([]byte(`"\ud83d\ude00\ud83d\u0041\udead"`))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := checkValue(b)
		if err == errDeep {
			return
		}
		if (err == nil) != json.Valid(b) {
			t.Fatalf("%q: %v, but encoding/json says valid %v", b, err, json.Valid(b))
		}
		trimmed := bytes.Trim(b, " \t\r\n")
		if err != nil || trimmed[0] != '"' {
			return
		}
		var want string
		must(json.Unmarshal(trimmed, &want))
		valid := appendValidUTF8(nil, trimmed)
		var a arena
		if got := string(a.text(valid[1 : len(valid)-1])); got != want {
			t.Fatalf("%q: text %q, want %q", b, got, want)
		}
	})
}

// FuzzTime holds the times against the standard library's parser.
func FuzzTime(f *testing.F) {
	for _, s := range []string{"2023-07-19T21:11:57Z", "2023-07-19 21:11:57.123", "2024-02-29t00:00:00,5+0130", "0000-01-01T00:00:00-14"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := parseTime([]byte(s)), timeOf(s); !got.Equal(want) {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	})
}

// TestArenaKeepsOlder: growing leaves what was lent before as it was.
func TestArenaKeepsOlder(t *testing.T) {
	var a arena
	var lent []string
	for i := range 200 {
		lent = append(lent, lend(a.text([]byte(strings.Repeat(string(rune('a'+i%26)), i)+`\n`))))
	}
	for i, s := range lent {
		if want := strings.Repeat(string(rune('a'+i%26)), i) + "\n"; s != want {
			t.Fatalf("text %d became %q", i, s)
		}
	}
}

func TestMatchAll(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		match, leads  bool // leads: of the name as a folder
	}{
		{"a", "a", true, true}, {"a", "b", false, false}, {"*", "a/b", false, true}, {"*/b", "a", false, true}, {"*/b", "a/c", false, false},
		{"**", "a/b/c", true, true}, {"**/c", "c", true, true}, {"**/c", "a/b/c", true, true}, {"**/c", "a/b", false, true},
		{"a/**/d", "a/d", true, true}, {"a/**/d", "a/b/c/d", true, true}, {"a/**/d", "x/d", false, false}, {"**/**/**", "a", true, true},
		{"[ab]?/x", "a1/x", true, true}, {"[ab]?/x", "c1/x", false, false},
	} {
		g, err := NewGlob("root/" + c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		pattern := strings.Split(c.pattern, "/")
		if got := matchAll(pattern, strings.Split(c.name, "/")); got != c.match {
			t.Errorf("%s of %s: %v", c.name, c.pattern, got)
		}
		g.pattern = pattern
		if got := g.mayLead(c.name); got != c.leads {
			t.Errorf("%s may lead to %s: %v", c.name, c.pattern, got)
		}
	}
	long := strings.Split(strings.Repeat("a/", 500)+"b", "/")
	if matchAll(strings.Split(strings.Repeat("**/a/", 200)+"c", "/"), long) {
		t.Error("matched what it does not")
	}
	if _, err := NewGlob("a/[b"); err != path.ErrBadPattern && !strings.Contains(err.Error(), "syntax error") {
		t.Errorf("malformed pattern: %v", err)
	}
}

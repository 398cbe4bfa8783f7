package quarantine

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// file writes a file of a test, and returns its path.
func file(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const yamlRules = `# the incident of October
- name: stolen-key
  reason: "key found in a public repository"
  access_keys: [AKIAEXAMPLEEXAMPLE01]
  from: 2026-10-01
  to: 2026-10-20T08:00:00Z
- name: bad-network
  addresses:
    - 203.0.113.77/24
    - 2001:db8::/32
    - 203.0.113.9
    - 203.0.113.9
`

const jsonRules = `{"rules": [
  {"name": "bad-network", "addresses": ["2001:DB8:0::/32", "203.0.113.9", "203.0.113.0/24"]},
	{"name": "stolen-key", "reason": "key found in a public repository",
   "access_keys": ["AKIAEXAMPLEEXAMPLE01"], "from": "2026-10-01T02:00:00+02:00", "to": "2026-10-20T10:00:00.000+02:00"}
]}`

// TestOneMeaning: the same rules in YAML, JSON with tabs, gzip, and in two files have
// the same canonical form, which reads back as itself.
func TestOneMeaning(t *testing.T) {
	half := strings.Index(yamlRules, "- name: bad-network")
	want := `[{"name":"bad-network","addresses":["2001:db8::/32","203.0.113.0/24","203.0.113.9"]},` +
		`{"name":"stolen-key","reason":"key found in a public repository","access_keys":["AKIAEXAMPLEEXAMPLE01"],"from":"2026-10-01T00:00:00Z","to":"2026-10-20T08:00:00Z"}]`
	for name, files := range map[string][]string{
		"yaml":      {file(t, "a", yamlRules)},
		"json":      {file(t, "a", jsonRules)},
		"gzip":      {file(t, "a", zipped(t, yamlRules))},
		"bom":       {file(t, "a", "\xef\xbb\xbf"+yamlRules)},
		"crlf":      {file(t, "a", strings.ReplaceAll(yamlRules, "\n", "\r\n"))},
		"two files": {file(t, "a", yamlRules[half:]), file(t, "b", yamlRules[:half])},
	} {
		r, notes, err := Load(files...)
		if err != nil || len(notes) != 0 {
			t.Fatalf("%s: %v, %v", name, notes, err)
		}
		if got := string(r.Encode()); got != want {
			t.Errorf("%s:\n%s", name, got)
		}
		again, err := Decode(r.Encode())
		if err != nil || !reflect.DeepEqual(again, r) || !bytes.Equal(again.Encode(), r.Encode()) {
			t.Errorf("%s: reads back as %s, %v", name, again.Encode(), err)
		}
	}
	if r, notes, err := Load(); r != nil || notes != nil || err != nil {
		t.Errorf("no files: %v, %v, %v", r, notes, err)
	}
	if r, err := Decode(nil); r != nil || err != nil {
		t.Errorf("nothing: %v, %v", r, err)
	}
}

func TestMistakes(t *testing.T) {
	tests := []struct {
		text string
		line int
		rule string
		want string
	}{
		{"", 0, "", "empty"},
		{"# nothing\n", 0, "", ""},
		{"just text", 1, "", "want a list of rules, not a text"},
		{"[]", 1, "", "no rules"},
		{"rules:\n", 1, "", "want a list of rules, not nothing"},
		{"name: x\naccess_keys: [" + keyA + "]\n", 1, "", "want a list of rules, or findings"},
		{"{\"Records\": []}", 1, "", "want a list of rules, or findings"},
		{"- name: a\n  from: 2026-10-01\n---\n- name: b\n", 3, "", "second document"},
		{"- a\n", 1, "", "want a rule with name and matchers, not a text"},
		{"- access_keys: [" + keyA + "]\n", 1, "", "no name"},
		{"\n- name: Big\n  from: 2026-10-01\n", 2, "", "want 1 to 40 of a-z"},
		{"- name: a\n  from: 2026-10-01\n- name: " + strings.Repeat("a", 41) + "\n", 3, "", "want 1 to 40"},
		{"- name: a\n- name: b\n", 1, "a", "no matcher"},
		{"- from: 2026-10-01\n  acces_keys: []\n  name: a\n", 2, "a", `unknown member "acces_keys"`},
		{"- name: a\n  access_keys:\n  - " + keyA + "\n  - AKIASHORT\n", 4, "a", `access key id "AKIASHORT"`},
		{"- name: a\n  access_keys: " + keyA + "\n", 2, "a", "want a list, not a text"},
		{"- name: a\n  access_keys: []\n", 2, "a", "the list is empty"},
		{"- name: a\n  access_keys:\n", 2, "a", "want a list, not nothing"},
		{"- name: a\n  access_keys: [[x]]\n", 2, "a", "want a text, not a list"},
		{"- name: a\n  addresses:\n  - 203.0.113.300\n", 3, "a", `address "203.0.113.300"`},
		{"- name: a\n  addresses: [203.0.113.0/33]\n", 2, "a", "CIDR"},
		{"- name: a\n  addresses: [example.com]\n", 2, "a", "example.com"},
		{"- name: a\n  addresses: ['fe80::1%eth0']\n", 2, "a", "fe80"},
		{"- name: a\n  sessions: ['']\n", 2, "a", "empty"},
		{"- name: a\n  sessions: ['a b']\n", 2, "a", "spaces"},
		{"- name: a\n  principals: [ann]\n", 2, "a", "want an ARN"},
		{"- name: a\n  principals: ['arn:" + strings.Repeat("a", 2048) + "']\n", 2, "a", "more than 2048"},
		{"- name: a\n  from: yesterday\n", 2, "a", `time "yesterday"`},
		{"- name: a\n  from: 2026-02-30\n", 2, "a", "2026-02-30"},
		{"- name: a\n  from: 0001-01-01\n", 2, "a", "0001"},
		{"- name: a\n  from: 2026-10-02\n  to: 2026-10-02\n", 1, "a", "not after"},
		{"- name: a\n  reason: [x]\n  from: 2026-10-02\n", 2, "a", "want a text, not a list"},
		{"- name: a\n  from: 2026-10-02\n- name: a\n  to: 2026-10-02\n", 3, "a", "has this name"},
		{"- &x\n  name: a\n  from: 2026-10-02\n- *x\n", 4, "", "aliases"},
		{"- name: a\n  sessions: [*x]\n", 0, "", ""},
		{"- name: a\n  <<: {from: 2026-10-01}\n", 2, "a", `unknown member "<<"`},
		{"- name: a\n  from: 2026-10-01\n  from: 2026-10-02\n", 3, "a", "twice"},
		{`[{"name": "a",` + "\n" + `"from": "2026-10-01",` + "\n" + `"from": "2026-10-02"}]`, 3, "a", "twice"},
		{`[{"name": "a",` + "\n" + `"from": 7}]`, 2, "a", `time "7"`},
		{`[{"name": "a",` + "\n" + `"access_keys": [null]}]`, 2, "a", "not nothing"},
		{"- name: a\n  from: [\n", 0, "", ""},
		{"\x00\x01", 0, "", ""},
		{"\x1f\x8bnot gzip", 0, "", "gzip"},
	}
	for _, tt := range tests {
		path := file(t, "rules.yaml", tt.text)
		r, _, err := Load(path)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: %v, %v", tt.text, r.Rules(), err)
			continue
		}
		if e.File != path || tt.line > 0 && e.Line != tt.line || e.Rule != tt.rule || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), path) {
			t.Errorf("%q: line %d, rule %q: %v", tt.text, e.Line, e.Rule, err)
		}
		if strings.ContainsAny(err.Error(), "\n\x00\x1b") {
			t.Errorf("%q: %q", tt.text, err)
		}
	}
	if _, _, err := Load(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	a := file(t, "a", "- name: a\n  from: 2026-10-01\n")
	if _, _, err := Load(a, a); err == nil || !strings.Contains(err.Error(), "another rule of "+a) {
		t.Errorf("the same file twice: %v", err)
	}
}

func TestAffected(t *testing.T) {
	const open = "- name: a\n  access_keys: [" + keyA + "]\n"
	timed := func(name, from, to string) string {
		return "- name: " + name + "\n  access_keys: [" + keyA + "]\n  from: " + from + "\n  to: " + to + "\n"
	}
	first := dayOf(day("2026-10-01"))
	tests := []struct {
		name     string
		old, cur string
		all      bool
		days     []int32 // of 2026-10-01 … 2026-10-10, from 0
	}{
		{"the same", open, open, false, nil},
		{"reason alone", open, open + "  reason: why\n", false, nil},
		{"new rule of all times", "", open, true, []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"gone rule of all times", open, timed("b", "2026-10-01", "2026-10-02"), true, []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"new rule of two days", open, open + timed("b", "2026-10-03", "2026-10-05"), false, []int32{2, 3}},
		{"gone rule", timed("b", "2026-10-03T12:00:00Z", "2026-10-03T12:00:01Z"), "", false, []int32{2}},
		{"a moment of the next day", "", timed("b", "2026-10-03T23:00:00Z", "2026-10-04T00:00:00.1Z"), false, []int32{2, 3}},
		{"moved rule", timed("b", "2026-10-03", "2026-10-04"), timed("b", "2026-10-08", "2026-10-09"), false, []int32{2, 7}},
		{"renamed rule", timed("b", "2026-10-03", "2026-10-04"), timed("c", "2026-10-03", "2026-10-04"), false, []int32{2}},
		{"no beginning", "", "- name: a\n  to: 2026-10-03\n", false, []int32{0, 1}},
		{"no end", "", "- name: a\n  from: 2026-10-09T01:00:00Z\n", false, []int32{8, 9}},
	}
	for _, tt := range tests {
		var r [2]*Rules
		for i, text := range []string{tt.old, tt.cur} {
			if text != "" {
				r[i] = rules(t, text)
			}
		}
		days, all := Affected(r[0], r[1])
		var got []int32
		for d := range int32(10) {
			if days(first + d) {
				got = append(got, d)
			}
		}
		if all != tt.all || !reflect.DeepEqual(got, tt.days) {
			t.Errorf("%s: all %v, days %v", tt.name, all, got)
		}
	}
	if days, all := Affected(nil, nil); all || days(first) {
		t.Error("no rules affect something")
	}
}

// TestAffectedIsEnough: where an event's lane differs, its day is affected.
func TestAffectedIsEnough(t *testing.T) {
	texts := []string{"", "- name: a\n  from: 2026-10-02T05:00:00Z\n  to: 2026-10-04\n", "- name: b\n  from: 2026-10-03\n", "- name: a\n  access_keys: [" + keyB + "]\n",
		"- name: c\n  addresses: [203.0.113.0/24]\n  to: 2026-10-05T12:00:00Z\n- name: a\n  from: 2026-10-02T05:00:00Z\n  to: 2026-10-04\n"}
	var all []*Rules
	for _, text := range texts {
		if text == "" {
			all = append(all, nil)
		} else {
			all = append(all, rules(t, text))
		}
	}
	changed := 0
	for _, old := range all {
		for _, cur := range all {
			days, every := Affected(old, cur)
			for hour := range 24 * 8 {
				e := stolen()
				e.Time = day("2026-09-30").Add(time.Duration(hour) * time.Hour)
				if old.Lane(&e) != cur.Lane(&e) {
					changed++
					if !every && !days(dayOf(e.Time)) {
						t.Errorf("%s → %s: %v", old.Encode(), cur.Encode(), e.Time)
					}
				}
			}
		}
	}
	if changed == 0 {
		t.Error("no lane changed")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(yamlRules))
	f.Add([]byte(jsonRules))
	f.Add([]byte(getFindings))
	f.Add([]byte(event))
	f.Add([]byte("- &a [*a]"))
	f.Add([]byte("[[[[[[["))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := loader{names: map[string]string{}}
		if l.content("x", data) != nil {
			return
		}
		r, _, err := l.finish()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Decode(r.Encode())
		if err != nil || !bytes.Equal(again.Encode(), r.Encode()) {
			t.Errorf("%s reads back as %s, %v", r.Encode(), again.Encode(), err)
		}
		e := stolen()
		r.Lane(&e)
	})
}

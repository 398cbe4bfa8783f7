package report

import (
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// hostile are texts that a log or a policy can hold to harm who reads the report.
func hostile() []string {
	return []string{
		`<script>alert(1)</script>`,
		`"><img src=x onerror=alert(1)>`,
		`</title></style></script><script src=//evil.example></script>`,
		`javascript:alert(1)`, `data:text/html,x`, `//evil.example/x`, `/etc/passwd`, `..\..\x`, `../../../etc/passwd`,
		`{{.}} {{template "bar"}} ${7*7} #{x} <%= x %>`,
		`=cmd|' /C calc'!A0`, `+1+1`, `-1`, `@SUM(A1)`,
		"\x1b[2J\x1b[31mred\x1b]8;;http://evil.example\x07link", "\u009b2J", "\r\nforged line", "tab\there",
		"\u202egnp.exe\u2066", "zero\u200bwidth\ufeff", "z\u0300\u0301\u0302\u0303\u0304", "\U000e0041\U000e0042",
		"bad\xff\xfeutf8", "nul\x00", "\u2028\u2029", `<!-- --> ]]> &amp; &#x1b; \u001b`,
		strings.Repeat("long", 4000), strings.Repeat("注文", 400), " ", "",
	}
}

// fill replaces every string below v, the keys of maps too.
func fill(v reflect.Value, next func() string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(next())
	case reflect.Pointer:
		if !v.IsNil() && v.Type().Elem() != reflect.TypeFor[bool]() {
			fill(v.Elem(), next)
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), next)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), next)
			}
		}
	case reflect.Map:
		replaceKeys(v, next)
	}
}

func replaceKeys(v reflect.Value, next func() string) {
	if v.Len() == 0 {
		return
	}
	m := reflect.MakeMap(v.Type())
	for it := v.MapRange(); it.Next(); {
		m.SetMapIndex(reflect.ValueOf(next()), it.Value())
	}
	v.Set(m)
}

// hostileRun is the recorded run with hostile texts everywhere; at makes
// different ones meet. With enums, what decides about the layout stays.
func hostileRun(t testing.TB, at int, enums bool) *Run {
	r := recordedRun(t)
	list, i := hostile(), at
	next := func() string { i++; return list[i%len(list)] }
	kept := recordedRun(t)
	fill(reflect.ValueOf(r), next)
	for i := range r.Principals {
		p, k := &r.Principals[i], &kept.Principals[i]
		if !enums {
			break
		}
		p.Status, p.RemovedBy = k.Status, k.RemovedBy
		for j := range p.Policies {
			p.Policies[j].Change = k.Policies[j].Change
		}
	}
	return r
}

// hostileExplanation keeps the fates, and the narrowed actions of the fixture.
func hostileExplanation(t testing.TB, at int) *Explanation {
	x, kept := recordedExplanation(t), recordedExplanation(t)
	list, i := hostile(), at
	fill(reflect.ValueOf(x), func() string { i++; return list[i%len(list)] })
	for i := range x.Entries {
		e := &x.Entries[i]
		e.Fate = kept.Entries[i].Fate
		e.Patterns = []PatternReason{{Pattern: e.Action, Why: e.Reason, Seen: 9, Examples: []string{list[at], e.Reason}}}
		e.Resources = append(e.Resources, e.Action)
		pol := &x.Principal.Policies[0]
		pol.Narrowed = append(pol.Narrowed, Narrowed{e.Action, []string{e.Reason}, nil})
		e.Policy = pol.Name
	}
	x.Principal.Unexplained = []Unexplained{{Action: list[at], Resource: list[(at+1)%len(list)], Count: 1, Hint: list[(at+1)%len(list)]}}
	return x
}

var ours = regexp.MustCompile("\x1b\\[[0-9]+m")

// checkLines verifies that a text can do nothing to a terminal, and fits it.
func checkLines(t *testing.T, text string, columns int, what string) {
	t.Helper()
	for line := range strings.Lines(ours.ReplaceAllString(text, "")) {
		line = strings.TrimSuffix(line, "\n")
		if strings.ContainsFunc(line, hidden) {
			t.Fatalf("%s: hidden characters in %q", what, line)
		}
		if width(line) > columns {
			t.Fatalf("%s: %d columns in %q", what, width(line), line)
		}
	}
}

func TestHostileText(t *testing.T) {
	list := hostile()
	for at := range len(hostile()) {
		for _, columns := range []int{minWidth, 80, 100, 133, 160} {
			for _, enums := range []bool{true, false} {
				r := hostileRun(t, at, enums)
				o := TextOptions{Width: columns, Dir: hostile()[at], Color: at%2 == 0}
				got := render(t, func(w io.Writer) error { return Text(w, r, o) })
				checkLines(t, got, columns, fmt.Sprintf("text %d", at))
				r.Accounts[0].To = r.Accounts[0].From // one day
				got = render(t, func(w io.Writer) error { return Text(w, scanOf(r), o) })
				checkLines(t, got, columns, fmt.Sprintf("scan %d", at))
			}
			x := hostileExplanation(t, at)
			one := *x
			one.Entries = x.Entries[at%len(x.Entries):][:1]
			one.Principal.Unexplained = []Unexplained{{Action: one.Entries[0].Action, Resource: one.Entries[0].Reason, Count: 1, Hint: one.Entries[0].Reason}}
			checkLines(t, explain(t, &one, TextOptions{Width: columns}), columns, fmt.Sprintf("story %d", at))
			for i := range 50 { // enough to be summed up
				x.Entries = append(x.Entries, Entry{Policy: "p", Action: list[(at+i)%len(list)], Reason: list[at], Fate: "removed"})
			}
			for _, all := range []bool{true, false} {
				got := render(t, func(w io.Writer) error { return ExplainText(w, x, TextOptions{Width: columns, All: all}) })
				checkLines(t, got, columns, fmt.Sprintf("explanation %d", at))
			}
		}
	}
}

// A hostile text can't forge a line: the number of lines is that of the fixture,
// where nothing wraps.
func TestHostileTextForgesNoLine(t *testing.T) {
	r := recordedRun(t)
	lines := func() int {
		return strings.Count(render(t, func(w io.Writer) error { return Text(w, r, TextOptions{Width: 160}) }), "\n")
	}
	want := lines()
	for i := range r.Principals {
		r.Principals[i].Principal += "\n\r\u2028x"
		r.Principals[i].Account += "\n"
	}
	if got := lines(); got != want {
		t.Errorf("%d lines, want %d", got, want)
	}
}

func TestHostileJSON(t *testing.T) {
	for at := range len(hostile()) {
		r := hostileRun(t, at, false)
		r.Version = Version
		got := render(t, func(w io.Writer) error { return JSON(w, r) })
		if strings.ContainsFunc(got, func(c rune) bool { return c != '\n' && hidden(c) }) {
			t.Fatal("hidden characters in JSON")
		}
		back, err := ReadRun(strings.NewReader(got))
		if err != nil {
			t.Fatal(err)
		}
		if again := render(t, func(w io.Writer) error { return JSON(w, back) }); again != got {
			t.Fatal("what was written reads back as something else")
		}
		jsonl := render(t, func(w io.Writer) error { return Principals(w, r.Principals) })
		if n := strings.Count(jsonl, "\n"); n != len(r.Principals) {
			t.Fatalf("%d lines of principals, want %d", n, len(r.Principals))
		}
	}
}

func TestJSONKeepsText(t *testing.T) {
	in := "<a href='x'>&\u202e\U000e0041注"
	got := render(t, func(w io.Writer) error { return Principals(w, []Principal{{Principal: in}}) })
	want := `{"principal":"<a href='x'>&\u202e\udb40\udc41注"`
	if !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want it to start %s", got, want)
	}
	back, err := ReadPrincipals(strings.NewReader(got))
	if err != nil || back[0].Principal != in {
		t.Errorf("reads back as %+v, %v", back, err)
	}
}

func TestHostileHTML(t *testing.T) {
	allowed := shapeOf(t, render(t, func(w io.Writer) error { return HTML(w, recordedRun(t)) }))
	allowed["code"], allowed["li"] = true, true
	for at := range len(hostile()) {
		for _, enums := range []bool{true, false} {
			r := hostileRun(t, at, enums)
			page := render(t, func(w io.Writer) error { return HTML(w, r) })
			for x := range shapeOf(t, page) {
				if !allowed[x] {
					t.Errorf("hostile texts %d make a %s", at, x)
				}
			}
			if body := strings.ReplaceAll(page, pageScript, ""); strings.ContainsFunc(body, func(c rune) bool { return c != '\n' && hidden(c) }) {
				t.Errorf("hidden characters in the page %d", at)
			}
		}
	}
}

// shapeOf lists the elements and attributes of a page, and checks the values of
// those that a browser acts on.
func shapeOf(t *testing.T, page string) map[string]bool {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	out, scripts := map[string]bool{}, 0
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("a comment: %q", n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		out[n.Data] = true
		if n.Data == "script" {
			scripts++
			if n.FirstChild.Data != pageScript {
				t.Errorf("script %q", n.FirstChild.Data)
			}
		}
		for _, a := range n.Attr {
			out[n.Data+"["+a.Key+"]"] = true
			if a.Key == "href" && a.Val != "data:," && (!strings.HasPrefix(a.Val, "./") || strings.Contains(a.Val, "..")) {
				t.Errorf("link to %q", a.Val)
			}
			if a.Key == "class" && !regexp.MustCompile(`^[a-z ]+$`).MatchString(a.Val) {
				t.Errorf("class %q", a.Val)
			}
		}
	}
	if scripts != 1 {
		t.Errorf("%d scripts", scripts)
	}
	return out
}

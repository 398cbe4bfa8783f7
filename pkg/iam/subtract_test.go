package iam

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// describeParts writes parts as one line each.
func describeParts(d Difference) []string {
	var out []string
	for _, p := range d.Parts {
		var b strings.Builder
		fmt.Fprintf(&b, "%s %d.%d %s", p.Why, p.Doc, p.Statement, strings.Join(p.Actions, " "))
		list := func(name string, v []string) {
			if len(v) > 0 {
				fmt.Fprintf(&b, " %s %s", name, strings.Join(v, " "))
			}
		}
		list("without", p.ExceptActions)
		list("on", p.Resources)
		list("on all but", p.NotResources)
		conditions := func(c Conditions) {
			if len(c) > 0 {
				fmt.Fprintf(&b, " if %s", strings.ReplaceAll(strings.Join(c.lines(), " and "), "\x00", " "))
			}
		}
		conditions(p.Conditions)
		for _, k := range p.Kept {
			b.WriteString("; keeps")
			list("on", k.Resources)
			list("on all but", k.NotResources)
			conditions(k.Conditions)
		}
		if p.Deny != nil {
			fmt.Fprintf(&b, "; denied by %d.%d", p.Deny.Doc, p.Deny.Statement)
			conditions(p.Deny.Conditions)
		}
		if p.Verdict != Fails {
			b.WriteString(" (undecided)")
		}
		out = append(out, b.String())
	}
	return out
}

func TestSubtract(t *testing.T) {
	const mfa = `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`
	allow := func(actions, resources, more string) string { return rawStatement("Allow", actions, resources, more) }
	deny := func(actions, resources, more string) string { return rawStatement("Deny", actions, resources, more) }
	for name, c := range map[string]struct{ old, new, want []string }{
		"same":          {[]string{allow("s3:*", "*", "")}, []string{allow("s3:*", "*", "")}, nil},
		"written apart": {[]string{allow("s3:Get* s3:Put*", "*", "")}, []string{allow("s3:Get*", "*", ""), allow("s3:P*", "*", "")}, nil},
		"dropped":       {[]string{allow("s3:Get* s3:Put*", "*", "")}, []string{allow("s3:Get*", "*", "")}, []string{"dropped 0.0 s3:Put* on *"}},
		"all":           {[]string{allow("s3:Get* s3:Put*", "arn:aws:s3:::a arn:aws:s3:::b", "")}, nil, []string{"dropped 0.0 s3:Get* s3:Put* on arn:aws:s3:::a arn:aws:s3:::b"}},
		"fewer actions": {[]string{allow("s3:*", "*", "")}, []string{allow("s3:GetObject s3:List*", "*", "")},
			[]string{"dropped 0.0 s3:* without s3:GetObject s3:List* on *"}},
		"narrowed": {[]string{allow("s3:GetObject", "*", "")}, []string{allow("s3:Get*", "arn:aws:s3:::b/*", "")},
			[]string{"resources 0.0 s3:GetObject on *; keeps on arn:aws:s3:::b/*"}},
		"both": {[]string{allow("s3:*", "arn:aws:s3:::b arn:aws:s3:::b/*", "")}, []string{allow("s3:GetObject", "arn:aws:s3:::b/x/*", "")},
			[]string{"dropped 0.0 s3:* without s3:GetObject on arn:aws:s3:::b arn:aws:s3:::b/*",
				"dropped 0.0 s3:GetObject on arn:aws:s3:::b",
				"resources 0.0 s3:GetObject on arn:aws:s3:::b/*; keeps on arn:aws:s3:::b/x/*"}},
		"condition": {[]string{allow("s3:GetObject", "*", "")}, []string{allow("s3:GetObject", "*", mfa)},
			[]string{"condition 0.0 s3:GetObject on *; keeps on * if \"bool\" \"aws:multifactorauthpresent\" \"true\""}},
		"condition gone": {[]string{allow("s3:GetObject", "*", mfa)}, []string{allow("s3:GetObject", "*", "")}, nil},
		"new deny": {[]string{allow("s3:*", "*", "")}, []string{allow("s3:*", "*", ""), deny("s3:Put*", "arn:aws:s3:::b/*", "")},
			[]string{"deny 0.0 s3:Put* on arn:aws:s3:::b/*; denied by 0.1"}},
		"new deny elsewhere": {[]string{allow("s3:*", "arn:aws:s3:::a/*", "")}, []string{allow("s3:*", "arn:aws:s3:::a/*", ""), deny("*", "arn:aws:s3:::b/*", "")}, nil},
		"deny kept":          {[]string{allow("s3:*", "*", ""), deny("s3:Put*", "*", "")}, []string{allow("s3:Get*", "*", ""), deny("s3:Put*", "*", "")}, []string{"dropped 0.0 s3:* without s3:Get* s3:Put* on *"}},
		"deny gone":          {[]string{allow("s3:*", "*", ""), deny("s3:Put*", "*", "")}, []string{allow("s3:*", "*", "")}, nil},
		"redundant":          {[]string{allow("s3:GetObject", "arn:aws:s3:::a", ""), allow("s3:*", "*", "")}, nil, []string{"dropped 0.1 s3:* on *"}},
		"by union":           {[]string{allow("s3:GetObject", "arn:aws:s3:::a?", "")}, []string{allow("s3:GetObject", "arn:aws:s3:::a*", mfa), allow("s3:*", "arn:aws:s3:::??", "")}, nil},
		"overlap":            {[]string{allow("s3:Get*", "*", "")}, []string{allow("s3:*Object", "*", "")}, []string{"dropped 0.0 s3:Get* without s3:Get*Object on *"}},
		"not action": {[]string{`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`}, []string{allow("s3:*", "*", "")},
			[]string{"dropped 0.0 * without iam:* s3:* on *"}},
		"not resource": {[]string{allow("s3:*", "*", "")}, []string{`{"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::b"}`},
			[]string{"resources 0.0 s3:* on *; keeps on all but arn:aws:s3:::b"}},
		"variables": {[]string{allow("s3:*", "arn:aws:s3:::b/${aws:username}/*", "")}, []string{allow("s3:*", "arn:aws:s3:::b/*", "")}, nil},
		"nested": {[]string{allow("*", "*", "")}, []string{allow("s3:*", "arn:aws:s3:::b", ""), allow("s3:GetObject", "*", "")},
			[]string{"dropped 0.0 * without s3:* on *", "resources 0.0 s3:* without s3:GetObject on *; keeps on arn:aws:s3:::b"}},
	} {
		t.Run(name, func(t *testing.T) {
			old, new := policy(t, c.old...), policy(t, c.new...)
			d := Subtract(old, new, SubtractOptions{})
			if got := describeParts(d); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			for _, p := range d.Parts {
				if p.Verdict == Fails {
					checkWitness(t, new, old, p.Witness)
				}
			}
		})
	}
}

func rawStatement(effect, actions, resources, more string) string {
	list := func(s string) string { return fmt.Sprintf(`["%s"]`, strings.Join(strings.Fields(s), `","`)) }
	return fmt.Sprintf(`{"Effect":%q,"Action":%s,"Resource":%s%s}`, effect, list(actions), list(resources), more)
}

// inPart reports whether a part has a request under a colon reading, as the
// documentation of Part says. Where the truth is open, it has it.
func inPart(p *Part, r *Request, k reading, old []*Document) bool {
	literal := old[p.Doc].Literal()
	action := lowerASCII(r.Action)
	if !anyGlob(p.Actions, action) || anyGlob(p.ExceptActions, action) {
		return false
	}
	on := func(resources, not Strings, literal bool) verdict {
		list := pick(not, resources)
		if list == nil {
			return always(yes)
		}
		var v verdict
		for _, s := range list {
			v = v.or(newPattern(s, literal).matchIn(r.Resource, &r.Context))
		}
		if not != nil {
			return v.not()
		}
		return v
	}
	if on(p.Resources, p.NotResources, literal).may&k == 0 || holdAll(compileConditions(p.Conditions, literal), &r.Context) == no {
		return false
	}
	if d := p.Deny; d != nil {
		either := func(f func(literal bool) bool) bool { return f(true) || f(false) }
		return either(func(l bool) bool { return on(d.Resources, d.NotResources, l).may&k != 0 }) &&
			either(func(l bool) bool { return holdAll(compileConditions(d.Conditions, l), &r.Context) != no })
	}
	if p.Why == LossPrincipal {
		return true // what is kept is kept for others
	}
	for _, keep := range p.Kept {
		sure := func(l bool) bool {
			return on(keep.Resources, keep.NotResources, l).sure&k != 0 &&
				holdAll(compileConditions(keep.Conditions, l), &r.Context) == yes
		}
		if sure(true) && sure(false) {
			return false
		}
	}
	return true
}

// checkDifference compares a difference with evaluation.
func checkDifference(t testing.TB, m maker, old, new []*Document, o SubtractOptions, samples int) Difference {
	t.Helper()
	d := Subtract(old, new, o)
	so, err1 := Compile(old...)
	sn, err2 := Compile(new...)
	if err1 != nil || err2 != nil {
		if d.Reason == "" || d.Verdict != Undecided {
			t.Fatal("documents that do not compile are compared")
		}
		return d
	}
	fail := func(why string, r *Request) {
		t.Helper()
		for _, doc := range old {
			t.Logf("old %s", show(doc))
		}
		for _, doc := range new {
			t.Logf("new %s", show(doc))
		}
		t.Fatalf("%s: %+v\n%s", why, r, strings.Join(describeParts(d), "\n"))
	}
	for i := range d.Parts {
		p := &d.Parts[i]
		if (p.Witness != nil) != (p.Verdict == Fails) {
			fail("a witness without its verdict", p.Witness)
		}
		if w := p.Witness; w != nil && (judged(t, so, w) != Allowed || judged(t, sn, w) != Denied || !inPart(p, w, everyReading, old)) {
			fail("no witness of part "+fmt.Sprint(i), w)
		}
	}
	if (len(d.Parts) == 0) != (d.Verdict == Holds) {
		fail("verdict "+d.Verdict.String(), nil)
	}
	for range samples {
		r := m.request(append(slices.Clone(old), new...)...)
		bad := excess(sn, so, r, false)
		for k := wideReading; k <= narrowReading; k <<= 1 {
			if bad&k == 0 {
				continue
			}
			if !slices.ContainsFunc(d.Parts, func(p Part) bool { return inPart(&p, r, k, old) }) {
				fail(fmt.Sprintf("in no part under reading %03b", k), r)
			}
		}
	}
	return d
}

// Every request that is lost is in a part, under each reading; no part is empty.
func TestSubtractOnRandomPolicies(t *testing.T) {
	m := newMaker(51)
	parts, undecided, empty := 0, 0, 0
	known := []string{"s:a", "s:b", "s:ab", "t:a", "s:aab", "u:x"}
	expand := func(dst []string, pattern string) []string {
		for _, k := range known {
			if globFold(pattern, k) {
				dst = append(dst, k)
			}
		}
		return dst
	}
	for i := range rounds(3000) {
		old, new := []*Document{m.document()}, []*Document{m.document()}
		switch m.Intn(3) {
		case 0:
			new = []*Document{m.mutate(old[0])}
		case 1:
			new = append(new, m.mutate(old[0]))
			old = append(old, m.document())
		}
		o := SubtractOptions{}
		if i%2 == 0 {
			o.Expand = expand
		}
		if i%50 == 0 {
			o.Budget = 1 + m.Intn(5000)
		}
		d := checkDifference(t, m, old, new, o, 60)
		if len(d.Parts) == 0 {
			empty++
		}
		for _, p := range d.Parts {
			parts++
			if p.Verdict == Undecided {
				undecided++
			}
		}
	}
	t.Logf("%d parts, %d undecided, %d differences empty", parts, undecided, empty)
	if parts == 0 || empty == 0 || undecided*2 > parts {
		t.Error("the test tells little")
	}
}

func TestKnownActionsOfAPart(t *testing.T) {
	known := []string{"s3:GetObject", "s3:GetObjectAcl", "s3:PutObject", "ec2:RunInstances", "s3:GetBucket"}
	expand := func(dst []string, pattern string) []string {
		for _, k := range known {
			if globFold(pattern, k) {
				dst = append(dst, k)
			}
		}
		return dst
	}
	old := policy(t, rawStatement("Allow", "s3:Get*", "*", ""))
	for _, c := range []struct{ kept, want string }{
		{"s3:getobject", "s3:GetBucket s3:GetObjectAcl"}, {"s3:*Object*", "s3:GetBucket"}, {"s3:*Obj?ct", "s3:GetBucket s3:GetObjectAcl"},
		{"s3:GetB* s3:GetO*", ""},
	} {
		d := Subtract(old, policy(t, rawStatement("Allow", c.kept, "*", "")), SubtractOptions{Expand: expand})
		if len(d.Parts) != 1 {
			t.Fatalf("%s: %v", c.kept, describeParts(d))
		}
		if got := strings.Join(d.Parts[0].Known(expand), " "); got != c.want {
			t.Errorf("%s kept: %s is lost, want %s", c.kept, got, c.want)
		}
	}
}

// The order of statements changes neither what is lost nor how it is written.
func TestSubtractKnowsNoOrder(t *testing.T) {
	m := newMaker(52)
	for range rounds(300) {
		old, new := m.document(), m.document()
		for i := range old.Statements {
			old.Statements[i].Sid = fmt.Sprint(i)
		}
		want := describeOrderless(Subtract([]*Document{old}, []*Document{new}, SubtractOptions{}))
		m.Shuffle(len(new.Statements), func(i, j int) { new.Statements[i], new.Statements[j] = new.Statements[j], new.Statements[i] })
		if got := describeOrderless(Subtract([]*Document{old}, []*Document{new}, SubtractOptions{})); !slices.Equal(got, want) {
			t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// describeOrderless leaves the places of new's statements and the verdicts out.
func describeOrderless(d Difference) []string {
	for i := range d.Parts {
		if d.Parts[i].Deny != nil {
			d.Parts[i].Deny.Statement = 0
		}
		d.Parts[i].Verdict = Fails
	}
	out := describeParts(d)
	slices.Sort(out)
	return out
}

func FuzzSubtract(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"s3:Get*","NotResource":"arn:aws:s3:::b/${aws:username}"},{"Effect":"Deny","Action":"*","Resource":"a*","Condition":{"Bool":{"k":"true"}}}]}`, int64(1))
	f.Add(`{"Statement":{"Effect":"Allow","Action":["a:*b","a:b*"],"Resource":["*","a?:*"]}}`, `{"Statement":[]}`, int64(2))
	f.Fuzz(func(t *testing.T, a, b string, seed int64) {
		old, err1 := Parse([]byte(a))
		new, err2 := Parse([]byte(b))
		if err1 != nil || err2 != nil {
			return
		}
		checkDifference(t, newMaker(seed), []*Document{old}, []*Document{new}, SubtractOptions{Budget: 1 << 18}, 20)
	})
}

// judged decides a witness: one with a principal by the set as a resource policy, from
// another account with all identity permissions, from its own with none.
func judged(t testing.TB, s *Set, q *Request) Decision {
	t.Helper()
	if q.Principal == "" {
		return s.Decide(q)
	}
	l := Layers{Resource: s}
	if q.Account != "" {
		all, err := Parse([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`))
		if err != nil {
			t.Fatal(err)
		}
		if l.Identity, err = Compile(all); err != nil {
			t.Fatal(err)
		}
	}
	return Evaluate(&l, q)
}

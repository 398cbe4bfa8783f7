package iam

import (
	"fmt"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"testing"
)

// rounds is how many random cases a test runs; TIGHTEN_ROUNDS multiplies it.
func rounds(n int) int {
	if k, err := strconv.Atoi(os.Getenv("TIGHTEN_ROUNDS")); err == nil && k > 0 {
		return n * k
	}
	return n
}

// maker makes random policies over a small alphabet, so that patterns meet often.
type maker struct{ *rand.Rand }

func newMaker(seed int64) maker { return maker{rand.New(rand.NewSource(seed))} }

func (m maker) pickOf(list ...string) string { return list[m.Intn(len(list))] }

func (m maker) action() string {
	return m.pickOf("*", "s:*", "s:a", "s:b", "s:a*", "s:?", "t:a", "s:ab", "?:a", "S:A*", "s:*b")
}

func (m maker) resource() string {
	if m.Intn(8) == 0 {
		return m.pickOf("*", "a", "*:b", "a:*", "a:?:*", "")
	}
	parts := make([]string, 6)
	for i := range parts {
		parts[i] = m.pickOf("", "a", "a", "*", "?", "a*", "*b")
	}
	parts[5] = m.pickOf("", "a", "*", "a*", "*a", "a:b", "*:b", "??", "a*b*", "?*", "b/${aws:u}", "${aws:u}*", "${*}", "a${aws:u}", "?b", "${aws:u}")
	if m.Intn(12) == 0 {
		parts[m.Intn(5)] = m.pickOf("${aws:u}", "${aws:u}", "a${aws:u}*", "${aws:u, 'a'}")
	}
	return strings.Join(parts, ":")
}

func (m maker) conditions() Conditions {
	if m.Intn(3) > 0 {
		return nil
	}
	op := m.pickOf("StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIfExists",
		"StringEqualsIgnoreCase", "ForAllValues:StringLike", "ForAnyValue:StringEquals", "Null",
		"NumericLessThan", "NumericGreaterThanEquals", "NumericEquals", "NumericNotEquals", "Bool", "BoolIfExists",
		"IpAddress", "NotIpAddress", "ArnLike", "ArnNotLike", "StringNotLikeIfExists", "ForAnyValue:StringNotEquals")
	values := []string{m.conditionValue(op)}
	if m.Intn(2) == 0 {
		values = append(values, m.conditionValue(op))
	}
	return Conditions{{op, []Clause{{m.pickOf("k", "K", "aws:u"), values}}}}
}

func (m maker) conditionValue(op string) string {
	switch {
	case strings.HasPrefix(op, "Numeric"):
		return m.pickOf("1", "2", "3", "2.0", "x")
	case strings.HasPrefix(op, "Bool") || op == "Null":
		return m.pickOf("true", "false", "True")
	case strings.Contains(op, "Ip"):
		return m.pickOf("10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0", "10.1.2.3", "::/0")
	case strings.HasPrefix(op, "Arn"):
		return m.pickOf("arn:aws:s:::a", "arn:aws:s:::*", "arn:*:s:::a*", "arn:aws:s:::${aws:u}", "*")
	}
	return m.pickOf("a", "A", "a*", "*", "?", "ab", "", "${aws:u}", "x${aws:u}*", "${*}")
}

func (m maker) statement(effect Effect) Statement {
	s := Statement{Effect: effect, Condition: m.conditions()}
	list := func(one func() string) Strings {
		out := Strings{one()}
		for m.Intn(2) == 0 {
			out = append(out, one())
		}
		return out
	}
	if m.Intn(5) == 0 {
		s.NotAction = list(m.action)
	} else {
		s.Action = list(m.action)
	}
	if m.Intn(5) == 0 {
		s.NotResource = list(m.resource)
	} else {
		s.Resource = list(m.resource)
	}
	return s
}

func (m maker) document() *Document {
	d := &Document{Version: m.pickOf(CurrentVersion, CurrentVersion, CurrentVersion, "2008-10-17")}
	for range 1 + m.Intn(3) {
		d.Statements = append(d.Statements, m.statement(Allow))
	}
	for m.Intn(3) == 0 {
		d.Statements = append(d.Statements, m.statement(Deny))
	}
	return d
}

// mutate returns a document near d, often a narrower one.
func (m maker) mutate(d *Document) *Document {
	d = d.Clone()
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect == Deny && m.Intn(3) > 0 {
			continue
		}
		switch m.Intn(5) {
		case 0:
			if s.Action != nil {
				s.Action = Strings{fill(s.Action[0], m.pickOf("a", "", "b*"))}
			}
		case 1:
			if s.Resource != nil {
				s.Resource = Strings{fill(s.Resource[0], m.pickOf("a", "b", ":", "a*", "?"))}
			}
		case 2:
			s.Condition = append(s.Condition.Clone(), m.conditions()...)
		case 3:
			if s.NotResource != nil {
				s.NotResource = append(s.NotResource, m.resource())
			}
		}
	}
	return d
}

// request makes a request that hits one of the documents' patterns often.
func (m maker) request(docs ...*Document) *Request {
	actions, resources := []string{"s:a"}, []string{"a"}
	for _, d := range docs {
		for _, s := range d.Statements {
			actions = append(actions, pick(s.Action, s.NotAction)...)
			resources = append(resources, pick(s.Resource, s.NotResource)...)
		}
	}
	r := &Request{Action: m.inst(m.pickOf(actions...)), Resource: m.inst(m.pickOf(resources...))}
	r.Context = Context{Values: map[string][]string{}, Lists: map[string]bool{}}
	for _, k := range []string{"k", "aws:u"} {
		switch m.Intn(6) {
		case 0:
		case 1:
			r.Context.Values[k] = []string{m.contextValue(), m.contextValue()}
		case 2:
			r.Context.Values[k] = []string{}
		default:
			r.Context.Values[k] = []string{m.contextValue()}
		}
	}
	if u := r.Context.Values["aws:u"]; len(u) == 1 {
		r.Resource = strings.ReplaceAll(r.Resource, "${aws:u}", u[0])
	}
	return r
}

func (m maker) contextValue() string {
	return m.pickOf("a", "b", "ab", "A", "xa", "", "*", ":", "a:b", "1", "2", "3", "true", "false", "10.1.2.3", "10.9.9.9",
		"192.0.2.1", "a:b", "arn:aws:s:::a", "arn:aws:s:::b", "::1")
}

func (m maker) inst(pattern string) string {
	var b strings.Builder
	for _, r := range pattern {
		switch {
		case r == '*':
			b.WriteString(m.pickOf("", "a", "b", "ab", ":", "a:b", "::", "*"))
		case r == '?':
			b.WriteString(m.pickOf("a", "b", ":"))
		case m.Intn(30) == 0:
			b.WriteString(m.pickOf("a", "b", ":", ""))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func show(d *Document) string { return string(d.Minify()) }

// excess returns the readings under which inner allows and outer does not.
func excess(outer, inner *Set, r *Request, allowsOnly bool) reading {
	ia, id := inner.effects(r)
	oa, od := outer.effects(r)
	if allowsOnly {
		return ia.sure &^ oa.may
	}
	return ia.and(id.not()).sure &^ oa.and(od.not()).may
}

// checkInclusion compares one answer with evaluation, and returns the verdict.
func checkInclusion(t testing.TB, m maker, outer, inner *Document, allowsOnly bool, samples int) Verdict {
	t.Helper()
	got := Includes([]*Document{outer}, []*Document{inner}, InclusionOptions{AllowsOnly: allowsOnly})
	so, err1 := Compile(outer)
	si, err2 := Compile(inner)
	if err1 != nil || err2 != nil {
		if got.Verdict != Undecided {
			t.Fatalf("%s for documents that do not compile", got.Verdict)
		}
		return Undecided
	}
	switch got.Verdict {
	case Fails:
		if got.Witness == nil {
			if !allowsOnly {
				t.Fatalf("fails without a witness: %s", got.Reason)
			}
			break
		}
		if si.Decide(got.Witness) != Allowed || so.Decide(got.Witness) != Denied {
			t.Fatalf("witness %+v is none\nouter %s\ninner %s", *got.Witness, show(outer), show(inner))
		}
	case Holds:
		for range samples {
			r := m.request(outer, inner)
			if bad := excess(so, si, r, allowsOnly); bad != 0 {
				t.Fatalf("unsound (allowsOnly %v) under readings %03b: %+v\nouter %s\ninner %s",
					allowsOnly, bad, *r, show(outer), show(inner))
			}
		}
	}
	return got.Verdict
}

func TestIncludesIsSoundOnRandomPolicies(t *testing.T) {
	m := newMaker(11)
	count := map[string]int{}
	for i := range rounds(20000) {
		outer := m.document()
		inner := m.document()
		if i%2 == 0 {
			inner = m.mutate(outer)
		}
		only := i%3 == 0
		v := checkInclusion(t, m, outer, inner, only, 40)
		count[fmt.Sprintf("allowsOnly=%v %s", only, v)]++
	}
	t.Log(count)
	for _, k := range []string{"allowsOnly=true holds", "allowsOnly=false holds", "allowsOnly=false fails"} {
		if count[k] < 200 {
			t.Errorf("only %d of %q: the test shows little", count[k], k)
		}
	}
}

// words lists all strings up to a length over a small alphabet.
func words(alphabet string, n int) []string {
	out, level := []string{""}, []string{""}
	for range n {
		var next []string
		for _, w := range level {
			for _, c := range alphabet {
				next = append(next, w+string(c))
			}
		}
		out, level = append(out, next...), next
	}
	return out
}

// The automaton must be exact: on short patterns its answer is compared with
// all strings up to a length.
func TestSearchIsExactOnShortPatterns(t *testing.T) {
	r := rand.New(rand.NewSource(7))
	all := words("ab:x", 6)
	short := func() *language {
		var b strings.Builder
		for range r.Intn(6) {
			b.WriteByte("ab*?*:"[r.Intn(6)])
		}
		return newPattern(b.String(), true).language(nil)
	}
	holds := 0
	for i := range rounds(1500) {
		q := query{left: short()}
		for range 1 + r.Intn(3) {
			q.terms = append(q.terms, term{languages: []*language{short()}, negate: r.Intn(4) == 0})
		}
		verdict, word := q.solve(newWork(1 << 20))
		want := bruteForce(q, all)
		if verdict == Holds {
			holds++
		}
		if verdict != want && !(verdict == Fails && len(word) > 6) {
			t.Fatalf("case %d: %v, brute force %v, word %q, left %q terms %v", i, verdict, want, string(word), q.left.src, sources(q))
		}
		single := false
		for _, x := range q.terms {
			single = single || !x.negate && x.languages[0].covers(q.left, newWork(1<<20))
		}
		covers := newCoverIndex(q.terms, newWork(1<<20)).covers(q.left, newWork(1<<20))
		if covers && verdict != Holds || covers != single {
			t.Fatalf("case %d: index says %v, one by one %v, search %v: left %q terms %v", i, covers, single, verdict, q.left.src, sources(q))
		}
		if len(q.terms) == 1 && !q.terms[0].negate {
			if got := MatchResource(q.terms[0].languages[0].src, q.left.src); got != (verdict == Holds) && hasWildcard(q.left.src) {
				t.Fatalf("MatchResource(%q, %q) = %v, search says %v", q.terms[0].languages[0].src, q.left.src, got, verdict)
			}
		}
	}
	if holds < 100 {
		t.Errorf("only %d queries hold: the test shows little", holds)
	}
}

func sources(q query) (out []string) {
	for _, t := range q.terms {
		out = append(out, fmt.Sprintf("%v%q", t.negate, t.languages[0].src))
	}
	return out
}

func bruteForce(q query, all []string) Verdict {
	for k := range 3 {
		for _, w := range all {
			if !matchMixed(q.left.forms[k], w) {
				continue
			}
			ok := false
			for _, t := range q.terms {
				ok = ok || matchMixed(t.languages[0].forms[k], w) != t.negate
			}
			if !ok {
				return Fails
			}
		}
	}
	return Holds
}

func TestDisjointTokensIsExact(t *testing.T) {
	r := rand.New(rand.NewSource(5))
	all := words("abx", 7)
	for range rounds(600) {
		var p [2][]tok
		for i := range p {
			var b strings.Builder
			for range r.Intn(5) {
				b.WriteByte("ab*?"[r.Intn(4)])
			}
			p[i] = newText(b.String(), true, true).wide
		}
		want := true
		for _, w := range all {
			want = want && !(matchTokens(p[0], w) && matchTokens(p[1], w))
		}
		if got := disjointTokens(p[0], p[1], newWork(1<<20)); got != want {
			t.Fatalf("%v %v: got %v, want %v", p[0], p[1], got, want)
		}
	}
}

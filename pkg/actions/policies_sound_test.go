package actions

import (
	"math/rand"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// mutator changes real policies, and makes requests at the edges of their
// patterns.
type mutator struct{ *rand.Rand }

func (m mutator) of(list ...string) string { return list[m.Intn(len(list))] }

// mutate returns a policy near d, and what was done.
func (m mutator) mutate(d *iam.Document) (*iam.Document, string) {
	d = d.Clone()
	i := m.Intn(len(d.Statements))
	s := &d.Statements[i]
	changes := []struct {
		name   string
		change func()
	}{
		{"narrowed", func() { m.narrow(s) }},
		{"widened", func() { m.widen(s) }},
		{"Deny added", func() { d.Statements = append(d.Statements, m.deny(s)) }},
		{"Deny mutated", func() { m.mutateDeny(d) }},
		{"split", func() { d.Statements = append(d.Statements, m.split(s)) }},
		{"merged", func() { m.merge(d) }},
		{"reordered", func() {
			m.Shuffle(len(d.Statements), func(i, j int) { d.Statements[i], d.Statements[j] = d.Statements[j], d.Statements[i] })
		}},
		{"condition added", func() { s.Condition = append(s.Condition, m.condition()) }},
		{"condition dropped", func() { m.dropCondition(s) }},
		{"condition weakened", func() { m.weaken(s) }},
		{"actions swapped", func() { s.Action, s.NotAction = s.NotAction, s.Action }},
		{"resources swapped", func() { s.Resource, s.NotResource = s.NotResource, s.Resource }},
		{"statement dropped", func() {
			if len(d.Statements) > 1 {
				d.Statements = slices.Delete(d.Statements, i, i+1)
			}
		}},
	}
	c := changes[m.Intn(len(changes))]
	c.change()
	return d, c.name
}

// lists are the elements of a statement that hold patterns.
func lists(s *iam.Statement) []*iam.Strings {
	var out []*iam.Strings
	for _, l := range []*iam.Strings{&s.Action, &s.NotAction, &s.Resource, &s.NotResource} {
		if len(*l) > 0 {
			out = append(out, l)
		}
	}
	return out
}

func (m mutator) narrow(s *iam.Statement) {
	all := lists(s)
	l := all[m.Intn(len(all))]
	i := m.Intn(len(*l))
	switch p := (*l)[i]; {
	case m.Intn(3) == 0 && len(*l) > 1:
		*l = slices.Delete(*l, i, i+1)
	case p == "*":
		(*l)[i] = m.of("arn:aws:s3:::bucket/*", "arn:aws:iam::111122223333:role/*", "s3:Get*", "iam:*")
	default:
		(*l)[i] = strings.Replace(p, "*", m.of("x", "x*", "*x", "a?", "prod-*", ""), 1)
	}
}

func (m mutator) widen(s *iam.Statement) {
	all := lists(s)
	l := all[m.Intn(len(all))]
	i := m.Intn(len(*l))
	p := (*l)[i]
	if n := len(p); n > 4 && !strings.Contains(p, "${") {
		p = p[:n-1-m.Intn(n/3)] + m.of("*", "?", "*")
	} else {
		p = "*"
	}
	(*l)[i] = p
}

// deny is a Deny of a part of s, or of more.
func (m mutator) deny(s *iam.Statement) iam.Statement {
	d := s.Clone()
	d.Effect, d.Sid = iam.Deny, ""
	for range m.Intn(3) {
		m.narrow(&d)
	}
	if m.Intn(2) == 0 {
		d.Condition = iam.Conditions{m.condition()}
	}
	return d
}

func (m mutator) mutateDeny(d *iam.Document) {
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect != iam.Deny {
			continue
		}
		switch m.Intn(4) {
		case 0:
			m.narrow(s)
		case 1:
			m.widen(s)
		case 2:
			m.dropCondition(s)
		default:
			s.Condition = append(s.Condition, m.condition())
		}
	}
}

// split takes a part of a list out into a statement of its own.
func (m mutator) split(s *iam.Statement) iam.Statement {
	other := s.Clone()
	other.Sid = ""
	for _, pair := range [][2]*iam.Strings{{&s.Action, &other.Action}, {&s.Resource, &other.Resource}} {
		if n := len(*pair[0]); n > 1 && m.Intn(2) == 0 {
			k := 1 + m.Intn(n-1)
			*pair[0], *pair[1] = (*pair[0])[:k], (*pair[1])[k:]
			break
		}
	}
	return other
}

// merge joins two statements, whether that means the same or not.
func (m mutator) merge(d *iam.Document) {
	i, j := m.Intn(len(d.Statements)), m.Intn(len(d.Statements))
	a, b := &d.Statements[i], d.Statements[j]
	if i == j || a.Effect != b.Effect || a.Action == nil || b.Action == nil || a.Resource == nil || b.Resource == nil {
		return
	}
	a.Action, a.Resource = append(a.Action, b.Action...), append(a.Resource, b.Resource...)
	d.Statements = slices.Delete(d.Statements, j, j+1)
}

func (m mutator) condition() iam.ConditionBlock {
	one := func(op, key string, values ...string) iam.ConditionBlock {
		return iam.ConditionBlock{Operator: op, Clauses: []iam.Clause{{Key: key, Values: values}}}
	}
	list := []iam.ConditionBlock{
		one("StringEquals", "aws:RequestedRegion", "us-east-1", "eu-west-1"), one("StringEquals", "aws:RequestedRegion", "us-east-1"),
		one("StringLike", "aws:RequestedRegion", "us-*"), one("StringNotEquals", "aws:RequestedRegion", "us-east-1"),
		one("Bool", "aws:MultiFactorAuthPresent", "true"), one("BoolIfExists", "aws:MultiFactorAuthPresent", "true"),
		one("BoolIfExists", "aws:MultiFactorAuthPresent", "false"), one("Null", "aws:MultiFactorAuthPresent", "false"),
		one("IpAddress", "aws:SourceIp", "10.0.0.0/8"), one("NotIpAddress", "aws:SourceIp", "10.1.0.0/16"),
		one("NumericLessThan", "aws:MultiFactorAuthAge", "3600"), one("NumericLessThanEquals", "aws:MultiFactorAuthAge", "900"),
		one("ForAllValues:StringLike", "aws:TagKeys", "a*", "b"), one("ForAnyValue:StringEquals", "aws:TagKeys", "a", "b"),
		one("ArnLike", "aws:SourceArn", "arn:aws:sns:*:111122223333:*"), one("ArnEquals", "aws:SourceArn", "arn:aws:sns:us-east-1:111122223333:x"),
		one("DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z"), one("StringEqualsIgnoreCase", "aws:username", "Alpha"),
	}
	return list[m.Intn(len(list))]
}

func (m mutator) dropCondition(s *iam.Statement) {
	if n := len(s.Condition); n > 0 {
		i := m.Intn(n)
		s.Condition = slices.Delete(s.Condition, i, i+1)
	}
}

func (m mutator) weaken(s *iam.Statement) {
	if len(s.Condition) == 0 {
		return
	}
	b := &s.Condition[m.Intn(len(s.Condition))]
	c := &b.Clauses[m.Intn(len(b.Clauses))]
	switch {
	case m.Intn(2) == 0 && len(c.Values) > 0:
		c.Values = append(c.Values, c.Values[0]+m.of("x", "*", ""))
	case !strings.HasSuffix(b.Operator, "IfExists") && b.Operator != "Null":
		b.Operator += "IfExists"
	}
}

// edge is a string at the edge of what a pattern accepts.
func (m mutator) edge(pattern string, context map[string][]string) string {
	for key, values := range context {
		if len(values) == 1 {
			pattern = strings.ReplaceAll(pattern, "${"+key+"}", values[0])
		}
	}
	var b strings.Builder
	for _, c := range pattern {
		switch {
		case c == '*':
			b.WriteString(m.of("", "", "x", "a", "x:y", "a/b", "prod-1", "*"))
		case c == '?':
			b.WriteString(m.of("x", "a", ":"))
		case m.Intn(60) == 0:
			b.WriteString(m.of("", "x", ":", string(c)+string(c)))
		default:
			b.WriteRune(c)
		}
	}
	return b.String() + m.of("", "", "", "", "x", ":")
}

// request aims at the patterns and condition values of two policies.
func (m mutator) request(docs ...*iam.Document) *iam.Request {
	var s *iam.Statement
	q := &iam.Request{Context: iam.Context{Values: map[string][]string{"aws:username": {"alpha"}, "aws:PrincipalAccount": {"111122223333"}}}}
	for range 2 { // the second statement only adds its conditions
		d := docs[m.Intn(len(docs))]
		s = &d.Statements[m.Intn(len(d.Statements))]
		m.satisfy(q, s)
	}
	q.Action, q.Resource = "s3:GetObject", "arn:aws:s3:::x"
	if l := slices.Concat(s.Action, s.NotAction); len(l) > 0 {
		q.Action = m.edge(l[m.Intn(len(l))], nil)
	}
	if l := slices.Concat(s.Resource, s.NotResource); len(l) > 0 {
		q.Resource = m.edge(l[m.Intn(len(l))], q.Context.Values)
	}
	if m.Intn(8) == 0 || q.Resource == "" {
		q.Resource = m.of("arn:aws:s3:::x", "*", "arn:aws:iam::111122223333:role/x")
	}
	lower := map[string][]string{}
	for k, v := range q.Context.Values {
		lower[strings.ToLower(k)] = v
	}
	q.Context.Values = lower
	return q
}

func (m mutator) satisfy(q *iam.Request, s *iam.Statement) {
	for _, b := range s.Condition {
		for _, c := range b.Clauses {
			var values []string
			for range 1 + m.Intn(5)/4 {
				if len(c.Values) > 0 {
					values = append(values, m.edge(c.Values[m.Intn(len(c.Values))], nil))
				}
			}
			switch m.Intn(8) {
			case 0:
				delete(q.Context.Values, c.Key)
			case 1:
				q.Context.Values[c.Key] = []string{m.of("x", "true", "false", "1", "10.2.3.4", "us-west-2", "2025-06-01T00:00:00Z", "")}
			case 2, 3, 4, 5:
				if len(c.Values) > 0 {
					q.Context.Values[c.Key] = []string{strings.ReplaceAll(c.Values[m.Intn(len(c.Values))], "*", "x")}
				}
			default:
				q.Context.Values[c.Key] = values
			}
		}
	}
}

// Proofs between real policies and their mutants are put to the test by requests
// that aim at the edges. TIGHTEN_ROUNDS multiplies the number of pairs.
func TestProofsOfRealPoliciesHold(t *testing.T) {
	_, documents := managedDocuments(t)
	var docs []*iam.Document
	for _, d := range documents {
		if len(d.Statements) > 0 && d.Size() < 6000 {
			docs = append(docs, d)
		}
	}
	slices.SortFunc(docs, func(a, b *iam.Document) int { return strings.Compare(string(a.Minify()), string(b.Minify())) })
	rounds := 800
	if k, err := strconv.Atoi(os.Getenv("TIGHTEN_ROUNDS")); err == nil && k > 0 {
		rounds *= k
	}
	m := mutator{rand.New(rand.NewSource(61))}
	verdicts, undecided := map[iam.Verdict]int{}, map[string]int{}
	sampled, allowed := 0, 0
	for range rounds {
		a := docs[m.Intn(len(docs))]
		b, how := m.mutate(a)
		if m.Intn(3) == 0 {
			var more string
			b, more = m.mutate(b)
			how += ", " + more
		}
		for _, pair := range [][2]*iam.Document{{a, b}, {b, a}} {
			only := m.Intn(2) == 0
			got := iam.Includes(pair[:1], pair[1:], iam.InclusionOptions{AllowsOnly: only})
			verdicts[got.Verdict]++
			switch got.Verdict {
			case iam.Undecided:
				undecided[strings.Split(how, ",")[0]]++
			case iam.Fails:
				if got.Witness != nil {
					newJudge(t, pair[0], pair[1]).check(t, got.Witness, true)
				}
			case iam.Holds:
				j := newJudge(t, pair[0], pair[1])
				for range 100 {
					sampled++
					allowed += j.check(t, m.request(a, b), false)
				}
			}
		}
	}
	t.Logf("%v, undecided by mutation %v; %d requests, inner allows %d", verdicts, undecided, sampled, allowed)
	if allowed < sampled/10 {
		t.Errorf("inner allows only %d of %d requests: the test shows little", allowed, sampled)
	}
}

// judge compares what two policies say of a request.
type judge struct {
	outer, inner       *iam.Document
	outerSet, innerSet *iam.Set
}

func newJudge(t *testing.T, outer, inner *iam.Document) judge {
	t.Helper()
	o, err1 := iam.Compile(outer)
	i, err2 := iam.Compile(inner)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return judge{outer, inner, o, i}
}

// check fails on a request that inner allows and outer does not, or, for a
// witness, on one that is none. It returns 1 where inner allows.
func (j judge) check(t *testing.T, q *iam.Request, witness bool) int {
	t.Helper()
	in, out := j.innerSet.Decide(q), j.outerSet.Decide(q)
	bad := in == iam.Allowed && out != iam.Allowed || in == iam.Unknown && out == iam.Denied
	if witness {
		bad = in != iam.Allowed || out != iam.Denied
	}
	if bad {
		t.Fatalf("inner %v, outer %v: %+v\nouter %s\ninner %s", in, out, *q, j.outer.Minify(), j.inner.Minify())
	}
	if in == iam.Allowed {
		return 1
	}
	return 0
}

package iam_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// law is a change of a pair of policies that says how the verdict may change.
type law struct {
	name   string
	change func(r dice, outer, inner *iam.Document)
	// oneSided laws keep what holds; the other ones keep what fails, too.
	oneSided bool
	// notAllowsOnly: the law changes Deny statements, which must stay verbatim then.
	notAllowsOnly bool
}

func laws() []law {
	both := func(f func(r dice, d *iam.Document)) func(dice, *iam.Document, *iam.Document) {
		return func(r dice, outer, inner *iam.Document) {
			if r.Intn(3) > 0 {
				f(r, outer)
			}
			f(r, inner)
		}
	}
	return []law{
		{name: "a Deny more in inner", oneSided: true, change: func(r dice, _, inner *iam.Document) {
			inner.Statements = append(inner.Statements, r.statement(iam.Deny))
		}},
		{name: "an Allow more in outer", oneSided: true, change: func(r dice, outer, _ *iam.Document) {
			outer.Statements = append(outer.Statements, r.statement(iam.Allow))
		}},
		{name: "an Allow less in inner", oneSided: true, change: func(r dice, _, inner *iam.Document) {
			i := slices.IndexFunc(inner.Statements, func(s iam.Statement) bool { return s.Effect == iam.Allow })
			if i >= 0 {
				inner.Statements = slices.Delete(inner.Statements, i, i+1)
			}
		}},
		{name: "order of statements", change: both(func(r dice, d *iam.Document) {
			r.Shuffle(len(d.Statements), func(i, j int) { d.Statements[i], d.Statements[j] = d.Statements[j], d.Statements[i] })
		})},
		{name: "order of lists", change: both(func(_ dice, d *iam.Document) {
			for i := range d.Statements {
				s := &d.Statements[i]
				slices.Reverse(s.Action)
				slices.Reverse(s.NotAction)
				slices.Reverse(s.Resource)
				slices.Reverse(s.NotResource)
				slices.Reverse(s.Condition)
			}
		})},
		{name: "Sids", change: both(func(r dice, d *iam.Document) {
			for i := range d.Statements {
				d.Statements[i].Sid = fmt.Sprint("S", r.Intn(100))
			}
		})},
		{name: "case of actions and keys", change: both(func(_ dice, d *iam.Document) {
			for i := range d.Statements {
				s := &d.Statements[i]
				upper(s.Action)
				upper(s.NotAction)
				for _, b := range s.Condition {
					for k := range b.Clauses {
						b.Clauses[k].Key = strings.ToUpper(b.Clauses[k].Key)
					}
				}
			}
		})},
		{name: "elements twice", change: both(func(_ dice, d *iam.Document) {
			for i := range d.Statements {
				s := &d.Statements[i]
				s.Action, s.Resource = append(s.Action, s.Action...), append(s.Resource, s.Resource...)
				s.NotAction, s.NotResource = append(s.NotAction, s.NotAction...), append(s.NotResource, s.NotResource...)
				s.Condition = append(s.Condition, s.Condition...)
			}
		})},
		{name: "statements split by their lists", notAllowsOnly: true, change: both(func(_ dice, d *iam.Document) {
			var out []iam.Statement
			for _, s := range d.Statements {
				if s.NotAction != nil || s.NotResource != nil {
					out = append(out, s)
					continue
				}
				for _, a := range s.Action {
					for _, x := range s.Resource {
						one := s.Clone()
						one.Action, one.Resource = iam.Strings{a}, iam.Strings{x}
						out = append(out, one)
					}
				}
			}
			d.Statements = out
		})},
		{name: "printed and parsed", change: func(_ dice, outer, inner *iam.Document) {
			for _, d := range []*iam.Document{outer, inner} {
				if e, err := iam.Parse(d.Format()); err == nil {
					*d = *e
				}
			}
		}},
	}
}

func upper(list iam.Strings) {
	for i := range list {
		list[i] = strings.ToUpper(list[i])
	}
}

func TestIncludesKeepsItsLaws(t *testing.T) {
	r := roll(53)
	lost, kept := map[string]int{}, 0
	for i := range rounds(1500) {
		outer := r.document()
		inner := r.near(outer)
		only := i%2 == 0
		before := includes(outer, inner, only).Verdict
		for _, l := range laws() {
			if only && l.notAllowsOnly {
				continue
			}
			o, n := outer.Clone(), inner.Clone()
			l.change(r, o, n)
			after := includes(o, n, only).Verdict
			if before == iam.Holds && after == iam.Fails || !l.oneSided && before == iam.Fails && after == iam.Holds {
				t.Fatalf("%s (allows only %v): %v, then %v\nouter %s\ninner %s\nouter %s\ninner %s", l.name, only, before, after,
					outer.Minify(), inner.Minify(), o.Minify(), n.Minify())
			}
			if before == iam.Holds {
				kept++
				if after == iam.Undecided {
					lost[l.name]++
				}
			}
		}
	}
	t.Logf("%d proofs again, undecided then: %v", kept, lost)
	if kept < 500 {
		t.Errorf("only %d proofs: the test shows little", kept)
	}
}

func TestIncludesIsReflexive(t *testing.T) {
	r := roll(54)
	for i := range rounds(3000) {
		d := r.document()
		if i%2 == 0 {
			d = r.near(d)
		}
		for _, only := range []bool{false, true} {
			if got := includes(d, d.Clone(), only); got.Verdict != iam.Holds {
				t.Fatalf("allows only %v: %v %s\n%s", only, got.Verdict, got.Reason, d.Minify())
			}
		}
	}
}

// What is proved of a and b, and of b and c, is not refuted of a and c.
func TestIncludesIsTransitive(t *testing.T) {
	r := roll(55)
	triples, open := 0, 0
	for i := range rounds(6000) {
		a := r.document()
		b := r.near(a)
		only := i%2 == 0
		if includes(a, b, only).Verdict != iam.Holds {
			continue
		}
		c := r.near(b)
		if includes(b, c, only).Verdict != iam.Holds {
			continue
		}
		triples++
		switch got := includes(a, c, only); got.Verdict {
		case iam.Fails:
			t.Fatalf("allows only %v: %s %+v\na %s\nb %s\nc %s", only, got.Reason, got.Witness, a.Minify(), b.Minify(), c.Minify())
		case iam.Undecided:
			open++
		}
	}
	t.Logf("%d proved triples, %d undecided", triples, open)
	if triples < 30 {
		t.Errorf("only %d triples: the test shows little", triples)
	}
}

// FuzzInclusionTruth lets the fuzzer choose small policies and compares every
// proof and every witness with the oracle.
func FuzzInclusionTruth(f *testing.F) {
	for i := range int64(20) {
		f.Add(i, 3*i, i%2 == 0)
	}
	u := newUniverse()
	f.Fuzz(func(t *testing.T, seed, change int64, only bool) {
		outer := roll(seed).document()
		inner := roll(change).near(outer)
		switch got := includes(outer, inner, only); got.Verdict {
		case iam.Holds:
			if bad, as := u.excess(outer, inner, only); bad != nil {
				t.Fatalf("unsound under reading %d: %+v\nouter %s\ninner %s", as, *bad, outer.Minify(), inner.Minify())
			}
		case iam.Fails:
			if got.Witness != nil {
				checkWitness(t, outer, inner, got.Witness)
			}
		}
	})
}

// FuzzHostilePolicies decides requests under policies of the fuzzer's in every layer;
// what the partial context says may not contradict the whole one.
func FuzzHostilePolicies(f *testing.F) {
	f.Add([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:*:s3:::${k}*","Condition":{"StringLike":{"k":["*a","${v}"]}}}]}`),
		[]byte(`{"Statement":{"Effect":"Deny","Principal":"*","NotAction":"s3:Get?","NotResource":"*b*","Condition":{"NumericLessThan":{"k":1e9},"ForAllValues:IpAddress":{"v":"::/0"}}}}`),
		"s3:GetObject", "arn:aws:s3:::ab", "a", "10.0.0.1")
	f.Add([]byte(`{"Statement":{"Effect":"Allow","NotPrincipal":{"AWS":["*","111122223333"]},"Action":"*"}}`), []byte(`{}`), "kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/1", "", "2026-01-01")
	f.Fuzz(func(t *testing.T, p, q []byte, action, resource, k, v string) {
		if len(p)+len(q) > 1<<14 || len(action)+len(resource)+len(k)+len(v) > 1<<10 {
			return
		}
		var sets [2]*iam.Set
		for i, text := range [][]byte{p, q} {
			d, err := iam.Parse(text)
			if err != nil {
				return
			}
			if sets[i], err = iam.Compile(d); err != nil {
				return
			}
		}
		all := iam.Context{Values: map[string][]string{"k": {k}, "v": {v, k}}}
		some := iam.Context{Values: map[string][]string{"k": {k}}, Partial: true}
		for _, who := range []string{"", "arn:aws:iam::111122223333:role/r", "arn:aws:iam::111122223333:user/u", v} {
			for _, l := range []*iam.Layers{{Identity: sets[0]}, {Identity: sets[0], Boundary: sets[1], Resource: sets[1]},
				{Identity: sets[0], SCPs: sets[1:], Session: sets[0], RCPs: sets[1:], Endpoints: sets[1]}} {
				r := iam.Request{Action: action, Resource: resource, Principal: who, Account: "111122223333", Context: all}
				whole := iam.Evaluate(l, &r)
				r.Context = some
				if part := iam.Evaluate(l, &r); part != iam.Unknown && part != whole {
					t.Fatalf("%v, and with less known %v: %+v\n%s\n%s", whole, part, r, p, q)
				}
			}
		}
	})
}

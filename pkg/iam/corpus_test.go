package iam

import (
	"math/rand"
	"slices"
	"sort"
	"strings"
	"testing"
)

// corpusCompiled returns the documents of the corpus that compile, in a fixed order.
func corpusCompiled(t testing.TB) []*Document {
	raw := corpusDocuments(t)
	names := make([]string, 0, len(raw))
	for n := range raw {
		names = append(names, n)
	}
	sort.Strings(names)
	var out []*Document
	for _, n := range names {
		if d, err := Parse(raw[n]); err == nil {
			if _, err := Compile(d); err == nil && len(d.Statements) > 0 {
				out = append(out, d)
			}
		}
	}
	if len(out) < 400 {
		t.Fatalf("only %d documents compile", len(out))
	}
	return out
}

// A real policy includes itself, also when every statement is written in another
// way, and so that the shortcut for equal text is not taken.
func TestCorpusPoliciesIncludeThemselves(t *testing.T) {
	for _, d := range corpusCompiled(t) {
		e := d.Clone()
		for i := range e.Statements {
			s := &e.Statements[i]
			s.Action = append(s.Action, s.Action...)
			slices.Reverse(s.Action)
			if s.Effect == Allow && s.Resource != nil {
				s.Resource = append(s.Resource, s.Resource[0]+"x")
			}
		}
		for _, only := range []bool{false, true} {
			got := Includes([]*Document{d}, []*Document{d}, InclusionOptions{AllowsOnly: only})
			if got.Verdict != Holds {
				t.Errorf("itself (allows only %v): %s\n%s", only, got.Reason, show(d))
			}
		}
		if got := Includes([]*Document{e}, []*Document{d}, InclusionOptions{}); got.Verdict != Holds {
			t.Errorf("rewritten: %s\n%s\n%s", got.Reason, show(d), show(e))
		}
	}
}

// narrowed keeps of each Allow statement one action and one resource, both made
// literal: what a proposal does.
func narrowed(r *rand.Rand, d *Document) *Document {
	e := d.Clone()
	for i := range e.Statements {
		s := &e.Statements[i]
		if s.Effect != Allow || s.Action == nil {
			continue
		}
		a := s.Action[r.Intn(len(s.Action))]
		if a == "*" {
			a = "s3:*"
		}
		s.Action = Strings{fill(a, "Thing")}
		if len(s.Resource) == 0 {
			continue
		}
		if one := s.Resource[r.Intn(len(s.Resource))]; one != "*" && !strings.Contains(one, "${*}") {
			s.Resource = Strings{fill(one, "thing")}
		}
	}
	return e
}

func TestCorpusPoliciesIncludeTheirNarrowings(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	var open int
	docs := corpusCompiled(t)
	for _, d := range docs {
		e := narrowed(r, d)
		got := Includes([]*Document{d}, []*Document{e}, InclusionOptions{AllowsOnly: true})
		switch got.Verdict {
		case Fails:
			t.Errorf("%s: %+v", got.Reason, *got.Witness)
		case Undecided: // an ARN of fewer than six segments has no reading that all share
			open++
			t.Log(got.Reason)
		}
	}
	if open > len(docs)/100 {
		t.Errorf("%d of %d undecided", open, len(docs))
	}
}

// Between different policies a refutation is a request that both really decide so.
func TestCorpusPairsAreDecided(t *testing.T) {
	r := rand.New(rand.NewSource(4))
	docs := slices.DeleteFunc(corpusCompiled(t), func(d *Document) bool {
		return slices.ContainsFunc(d.Statements, func(s Statement) bool { return s.Principal != nil || s.NotPrincipal != nil })
	})
	count := map[Verdict]int{}
	for range rounds(400) {
		outer, inner := docs[r.Intn(len(docs))], docs[r.Intn(len(docs))]
		got := Includes([]*Document{outer}, []*Document{inner}, InclusionOptions{})
		count[got.Verdict]++
		if got.Verdict == Undecided {
			t.Log(got.Reason)
		}
		if got.Verdict == Fails {
			checkWitness(t, []*Document{outer}, []*Document{inner}, got.Witness)
		}
	}
	t.Log(count)
	if count[Undecided] > count[Fails]/100 {
		t.Errorf("too much is undecided: %v", count)
	}
}

// The index finds the same statements as a look at each of them.
func TestActionIndexAgainstLinearSearch(t *testing.T) {
	docs := corpusCompiled(t)
	s, err := Compile(docs...)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewSource(8))
	found := 0
	for range 300 {
		rule := s.statements[r.Intn(len(s.statements))]
		if len(rule.actions) == 0 {
			continue
		}
		action := fill(rule.actions[r.Intn(len(rule.actions))], "x")
		var want []int32
		for id := range s.statements {
			if x := &s.statements[id]; x.notAction || anyGlob(x.actions, action) {
				want = append(want, int32(id))
			}
		}
		got := s.index.find(nil, action)
		if !slices.Equal(got, want) {
			t.Fatalf("%s: %d statements, want %d", action, len(got), len(want))
		}
		found += len(got)
	}
	if found < 300 {
		t.Errorf("found %d", found)
	}
}

package diff

import (
	"math/rand"
	"testing"
)

// With a spent budget more may be told as narrowed, never less.
func TestSpentBudgetErrsOnOneSide(t *testing.T) {
	r := rand.New(rand.NewSource(4))
	pieces := []string{"*", "a*", "a/*", "a/b", "a/?", "*b", "a/${aws:username}"}
	draw := func() []scope {
		var list []scope
		for range 1 + r.Intn(4) {
			s := scope{resource: pieces[r.Intn(len(pieces))]}
			if r.Intn(4) == 0 {
				s.condition = "c"
			}
			if r.Intn(6) == 0 {
				s = scope{not: []string{pieces[r.Intn(len(pieces))]}}
			}
			list = append(list, s)
		}
		return list
	}
	agree := 0
	for range 3000 {
		inner, outer := draw(), draw()
		full, spent := newCover(), &cover{}
		exact := full.within(full.reduce(inner), full.reduce(outer))
		rough := spent.within(spent.reduce(inner), spent.reduce(outer))
		if rough && !exact {
			t.Fatalf("%v within %v: only without a budget", inner, outer)
		}
		if rough == exact {
			agree++
		}
		// What reduce drops is covered by what it leaves.
		if !full.within(distinct(inner), full.reduce(inner)) {
			t.Fatalf("%v reduced to %v", inner, full.reduce(inner))
		}
	}
	if agree == 0 || agree == 3000 {
		t.Errorf("%d of 3000 agree: the test tells nothing", agree)
	}
}

func TestProofsAreRemembered(t *testing.T) {
	c := &cover{pairs: 10, proofs: 1, proved: map[[2]string]bool{}}
	if !c.prove("a*", "ab") || c.proofs != 0 || !c.prove("a*", "ab") {
		t.Error("a proved pair is proved again")
	}
	if c.prove("a*", "ac") {
		t.Error("proved without a budget")
	}
}

func TestTrustPolicies(t *testing.T) {
	trust := func(principal string) string {
		return `{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole"}`
	}
	old := trust(`{"AWS":["arn:aws:iam::111122223333:root","arn:aws:iam::444455556666:root"]}`)
	for name, c := range map[string]struct{ new, kind string }{
		"same":          {old, StatementKept},
		"another order": {trust(`{"AWS":["arn:aws:iam::444455556666:root","arn:aws:iam::111122223333:root"]}`), StatementKept},
		"fewer":         {trust(`{"AWS":"arn:aws:iam::111122223333:root"}`), StatementChanged},
		"anybody":       {trust(`"*"`), StatementChanged},
		"service":       {trust(`{"Service":"ec2.amazonaws.com"}`), StatementChanged},
	} {
		ch := Compare(policy(t, old), policy(t, c.new), facts())
		if ch.Statements[0].Kind != c.kind || ch.Kept != 1 || len(ch.Narrowed) != 0 {
			t.Errorf("%s: %+v", name, ch)
		}
	}
}

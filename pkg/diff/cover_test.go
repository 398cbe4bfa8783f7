package diff

import (
	"math/rand"
	"slices"
	"testing"
)

// With a spent budget a list of scopes keeps what it could do without, never less.
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
	shorter := 0
	for range 3000 {
		list := draw()
		full, spent := newCover(), &cover{}
		exact, rough := full.reduce(list), spent.reduce(list)
		if len(rough) > len(exact) {
			shorter++
		}
		// What reduce drops is covered by what it leaves.
		for _, s := range list {
			for _, left := range [][]scope{exact, rough} {
				if !slices.ContainsFunc(left, func(o scope) bool { return full.subsumes(o, s) }) {
					t.Fatalf("%v reduced to %v", list, left)
				}
			}
		}
	}
	if shorter == 0 {
		t.Error("the budget makes no difference: the test tells nothing")
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

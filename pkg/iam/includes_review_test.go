package iam

import "testing"

// Pairs that were once proved though a caller or context gains access: none holds.
func TestIncludesNeverHolds(t *testing.T) {
	const s3 = `"Action":"s3:*","Resource":"arn:aws:s3:::b/*"`
	const role, stale = `{"AWS":"arn:aws:iam::111122223333:role/R"}`, `{"AWS":"AROAJQABLZS4A3QDU576Q"}`
	const canonical = `{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}`
	to := func(effect, principal string) string {
		return `{"Effect":"` + effect + `","Principal":` + principal + `,` + s3 + `}`
	}
	when := func(condition string) string {
		return `{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":` + condition + `}`
	}
	for name, c := range map[string]struct{ old, new []string }{
		"a canonical id":                  {nil, []string{to("Allow", canonical)}},
		"a Deny of one is gone":           {[]string{to("Allow", `"*"`), to("Deny", canonical)}, []string{to("Allow", `"*"`)}},
		"a Deny of a stale id":            {nil, []string{to("Allow", role), to("Deny", stale)}},
		"a Deny of another kind":          {nil, []string{to("Allow", `{"AWS":"111122223333"}`), to("Deny", canonical)}},
		"an id is not any role":           {[]string{to("Allow", stale)}, []string{to("Allow", role)}},
		"callers named as we name others": {nil, []string{to("Allow", `{"AWS":"*"}`), to("Deny", `{"AWS":["999900001111"]}`), to("Deny", `{"Service":"stranger.amazonaws.com"}`)}},
		"a session named as we name others": {
			[]string{to("Allow", `{"AWS":"arn:aws:sts::111122223333:assumed-role/R/session"}`)}, []string{to("Allow", role)}},
		"keys whose text joins": {[]string{when(`{"StringNotEquals":{"k":"a"}}`)}, []string{when(`{"StringNotEquals":{"k\u0000\"a\"":[]}}`)}},
		"what is not documented": {
			[]string{when(`{"ForAnyValue:StringLikeIfExists":{"k":["a","b"]}}`)}, []string{when(`{"StringEqualsIfExists":{"k":"b"}}`)}},
		"NotPrincipal that may not spare": {[]string{to("Allow", `"*"`), `{"Effect":"Deny","NotPrincipal":` + role + `,` + s3 + `}`}, []string{to("Allow", role)}},
	} {
		t.Run(name, func(t *testing.T) {
			if r := Includes(policy(t, c.old...), policy(t, c.new...), InclusionOptions{}); r.Verdict == Holds {
				t.Error("holds")
			}
		})
	}
}

// With any budget the answer is that of all work, or undecided.
func TestIncludesWithEveryBudget(t *testing.T) {
	old := policy(t, `{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::x"}`)
	new := policy(t, `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::1:role/abc*"}}}`)
	failed := false
	for budget := 1; budget < 1<<20; budget += 1 + budget/50 {
		switch Includes(old, new, InclusionOptions{Budget: budget}).Verdict {
		case Holds:
			t.Fatalf("holds with a budget of %d", budget)
		case Fails:
			failed = true
		}
		if d := Subtract(new, old, SubtractOptions{Budget: budget}); d.Verdict == Holds {
			t.Fatalf("nothing is lost with a budget of %d", budget)
		}
	}
	if !failed {
		t.Error("no budget is enough")
	}
}

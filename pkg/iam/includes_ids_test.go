package iam

import "testing"

// A canonical or unique id may be any account's, user's or role's: it is the same
// as itself, and nothing is proved from it about an ARN.
func TestIncludesWithIDs(t *testing.T) {
	grant := func(effect, principal, action string) string {
		return `{"Effect":"` + effect + `","Principal":` + principal + `,"Action":"` + action + `","Resource":"*"}`
	}
	const account, user, role = `{"AWS":"111122223333"}`, `{"AWS":"arn:aws:iam::111122223333:user/u"}`, `{"AWS":"arn:aws:iam::111122223333:role/r"}`
	const canonical, other, aida, aroa = `{"CanonicalUser":"0123abcd"}`, `{"CanonicalUser":"4567cdef"}`, `{"AWS":"AIDAEXAMPLE"}`, `{"AWS":"AROAEXAMPLE"}`
	for _, c := range []struct {
		name, outer, inner string
		holds              bool
	}{
		{"canonical, narrower", grant("Allow", canonical, "s3:*"), grant("Allow", canonical, "s3:Get*"), true},
		{"canonical under everyone", grant("Allow", `"*"`, "s3:*"), grant("Allow", canonical, "s3:Get*"), true},
		{"account under canonical", grant("Allow", canonical, "s3:*"), grant("Allow", account, "s3:Get*"), false},
		{"canonical under account", grant("Allow", account, "s3:*"), grant("Allow", canonical, "s3:Get*"), false},
		{"another canonical", grant("Allow", other, "s3:*"), grant("Allow", canonical, "s3:Get*"), false},
		{"user, narrower", grant("Allow", aida, "s3:*"), grant("Allow", aida, "s3:Get*"), true},
		{"user under unique id", grant("Allow", aida, "s3:*"), grant("Allow", user, "s3:Get*"), false},
		{"unique id under user", grant("Allow", user, "s3:*"), grant("Allow", aida, "s3:Get*"), false},
		{"role, narrower", grant("Allow", aroa, "s3:*"), grant("Allow", aroa, "s3:Get*"), true},
		{"role under unique id", grant("Allow", aroa, "s3:*"), grant("Allow", role, "s3:Get*"), false},
		{"unique id under role", grant("Allow", role, "s3:*"), grant("Allow", aroa, "s3:Get*"), false},
		{"role under the id of a user", grant("Allow", aida, "s3:*"), grant("Allow", aroa, "s3:Get*"), false},
		{"Deny lost", grant("Allow", `"*"`, "s3:*") + "," + grant("Deny", canonical, "s3:Put*"), grant("Allow", aida, "s3:*"), false},
		{"Deny moved", grant("Allow", `"*"`, "s3:*") + "," + grant("Deny", aida, "s3:Put*"),
			grant("Allow", `"*"`, "s3:*") + "," + grant("Deny", aida, "s3:P*"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			outer := mustParse(t, `{"Version":"2012-10-17","Statement":[`+c.outer+`]}`)
			inner := mustParse(t, `{"Version":"2012-10-17","Statement":[`+c.inner+`]}`)
			got := Includes([]*Document{outer}, []*Document{inner}, InclusionOptions{})
			if (got.Verdict == Holds) != c.holds {
				t.Errorf("%s: %s", got.Verdict, got.Reason)
			}
		})
	}
}

// What no service has as an action is no witness.
func TestIncludesWithoutService(t *testing.T) {
	outer := mustParse(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*:*","Resource":"*"}}`)
	inner := mustParse(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	if got := Includes([]*Document{outer}, []*Document{inner}, InclusionOptions{}); got.Verdict != Undecided {
		t.Errorf("%s: %s", got.Verdict, got.Reason)
	}
}

package iam

import "testing"

func TestEquivalent(t *testing.T) {
	all, get := rawStatement("Allow", "s3:*", "*", ""), rawStatement("Allow", "s3:Get*", "*", "")
	put := rawStatement("Allow", "s3:Put*", "*", "")
	variable := rawStatement("Allow", "s3:*", "arn:aws:s3:::${aws:username}", "")
	for name, c := range map[string]struct {
		a, b []string
		want Verdict
		more Side
	}{
		"same":           {[]string{all}, []string{all}, Holds, ""},
		"order, overlap": {[]string{get, all}, []string{all, get, put}, Holds, ""},
		"first":          {[]string{all}, []string{get}, Fails, First},
		"second":         {[]string{get}, []string{get, put}, Fails, Second},
		"each":           {[]string{get}, []string{put}, Fails, First},
		"refused":        {[]string{`{"Effect":"Allow","Resource":"*"}`}, []string{variable}, Undecided, ""},
	} {
		a, b := policy(t, c.a...), policy(t, c.b...)
		e := Equivalent(a, b, InclusionOptions{})
		if e.Verdict != c.want || e.More != c.more || (e.Reason == "") != (c.want == Holds) {
			t.Errorf("%s: %+v", name, e)
		}
		switch e.More {
		case First:
			checkWitness(t, b, a, e.Witness)
		case Second:
			checkWitness(t, a, b, e.Witness)
		}
	}
	if e := Equivalent(policy(t, all), policy(t, get, put), InclusionOptions{Budget: 1}); e.Verdict == Holds {
		t.Errorf("proved without a budget: %+v", e)
	}
}

package synth

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// TestRiskTable holds every row of the table: known actions and classes, weights of
// the scale, a source, and no action twice.
func TestRiskTable(t *testing.T) {
	rows, err := parseRisks(riskText)
	if err != nil {
		t.Fatal(err)
	}
	facts := newFactTable(actions.Default())
	seen := map[string]bool{}
	for _, r := range rows {
		for _, a := range append([]string{r.action}, r.needs...) {
			if _, ok := facts.exact[a]; !ok {
				t.Errorf("%s: no known action is called %s", r.action, a)
			}
		}
		if seen[r.action] {
			t.Errorf("%s is listed twice", r.action)
		}
		seen[r.action] = true
		if !slices.Contains([]int{2, 4, 6, 8, 10}, r.weight) || !strings.HasPrefix(r.source, "https://") {
			t.Errorf("%s: weight %d, source %s", r.action, r.weight, r.source)
		}
		switch r.class {
		case PrivilegeEscalation, CredentialExposure, ResourceExposure, DataExfiltration, LoggingTampering, Destruction:
		default:
			t.Errorf("%s: class %s", r.action, r.class)
		}
	}
	scale := newRiskScale(facts)
	for i := range scale.rows {
		if len(scale.needs[i]) != len(scale.rows[i].needs) {
			t.Errorf("%s: what it needs has no row of its own", scale.rows[i].action)
		}
	}
	if len(rows) < 100 || len(scale.rows) <= len(rows) {
		t.Errorf("%d rows, %d with permissions management", len(rows), len(scale.rows))
	}
}

func TestParseRisksRefuses(t *testing.T) {
	for _, text := range []string{"iam:PassRole x", "iam:PassRole c ten - a/b", "source a https://x/\niam:PassRole c 2 - b/c", "source a https://x/\niam:PassRole c 2 - nopage"} {
		if rows, err := parseRisks(text); err == nil {
			t.Errorf("%q: %v", text, rows)
		}
	}
}

func TestBreadth(t *testing.T) {
	for pattern, want := range map[string]int{
		"*": 4, "arn:aws:iam::*:role/*": 4, "arn:aws:iam::111122223333:role/*": 4, "arn:aws:iam::111122223333:role/app-*": 2,
		"arn:aws:iam::111122223333:role/app": 1, "arn:aws:iam::*:role/app": 1, "arn:aws:s3:::*": 4, "arn:aws:s3:::b/*": 2, "arn:aws:s3:::b": 1,
		"arn:aws:sqs:*:*:*": 4, "arn:aws:iam::111122223333:role/team/*": 4, "arn:*": 4, "arn:aws:lambda:us-east-1:111122223333:function:f:*": 4,
		"arn:aws:dynamodb:*:*:table/?": 2,
	} {
		if got := extentOf(pattern); got != want {
			t.Errorf("%s: %d, want %d", pattern, got, want)
		}
	}
}

func risky(t *testing.T, statements ...string) []*iam.Document {
	t.Helper()
	d, err := iam.Parse([]byte(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	return []*iam.Document{d}
}

func allowing(action, resource string) string {
	return fmt.Sprintf(`{"Effect":"Allow","Action":%q,"Resource":%q}`, action, resource)
}

func TestRiskCompare(t *testing.T) {
	scale := newRiskScale(newFactTable(actions.Default()))
	pass := allowing("iam:PassRole", "*")
	for name, c := range map[string]struct {
		before, after []string
		removed       string
	}{
		"an escalation before a hundred reads": {[]string{allowing("iam:CreatePolicyVersion", "*"), allowing("s3:*", "*")}, []string{allowing("s3:*", "*")}, "iam:CreatePolicyVersion on *"},
		"narrowed":                             {[]string{allowing("iam:PutRolePolicy", "*")}, []string{allowing("iam:PutRolePolicy", "arn:aws:iam::111122223333:role/a")}, "~iam:PutRolePolicy on *"},
		"narrowed to another form":             {[]string{allowing("s3:GetObject", "arn:aws:s3:::b/k")}, []string{allowing("s3:GetObject", "arn:aws:s3:::b/k")}, ""},
		"in order of the points":               {[]string{allowing("s3:GetObject", "*"), allowing("iam:Create*", "*")}, nil, "iam:CreateAccessKey on *"},
		"nothing risky":                        {[]string{allowing("ec2:DescribeInstances", "*")}, nil, ""},
		"a wildcard in the prefix":             {[]string{allowing("cloudtr?il:Stop*", "*")}, nil, "cloudtrail:StopLogging on *"},
		"the rest of permissions management":   {[]string{allowing("glacier:SetVaultAccessPolicy", "*")}, nil, "glacier:SetVaultAccessPolicy on *"},
		"what needs company, alone":            {[]string{pass}, []string{pass}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := scale.compare(risky(t, c.before...), risky(t, c.after...))
			got := ""
			if len(r.Removed) > 0 {
				if got = r.Removed[0].Action + " on " + r.Removed[0].On; r.Removed[0].Narrowed {
					got = "~" + got
				}
			}
			if got != c.removed || (r.Gain() > 0) != (c.removed != "") {
				t.Errorf("%q, gain %d, want %q", got, r.Gain(), c.removed)
			}
		})
	}
	alone := scale.compare(risky(t, pass), nil)
	both := scale.compare(risky(t, pass, allowing("lambda:CreateFunction", "*")), risky(t, allowing("lambda:CreateFunction", "*")))
	if alone.Gain()*3 > both.Gain() {
		t.Errorf("PassRole alone gains %d, with something to pass it to %d", alone.Gain(), both.Gain())
	}
}

// TestRiskOfAll: the whole catalogue is bounded in what it names, and an empty
// policy has no risk.
func TestRiskOfAll(t *testing.T) {
	scale := newRiskScale(newFactTable(actions.Default()))
	r := scale.compare(risky(t, allowing("*", "*")), nil)
	weighty := 0
	for i := range scale.rows {
		weighty += min(1, scale.rows[i].weight)
	}
	if r.After != 0 || len(r.Removed) != MaxRemovedRisks || r.More != weighty-MaxRemovedRisks || r.Removed[0].Class != PrivilegeEscalation {
		t.Errorf("%d → %d, %d and %d more", r.Before, r.After, len(r.Removed), r.More)
	}
}

// TestRiskPatternsAgainstEachAction: each is the plain loop over all rows.
func TestRiskPatternsAgainstEachAction(t *testing.T) {
	scale := newRiskScale(newFactTable(actions.Default()))
	r := rand.New(rand.NewSource(1))
	for range 300 {
		p := []byte(scale.rows[r.Intn(len(scale.rows))].action)
		for range r.Intn(4) {
			p[r.Intn(len(p))] = "*?"[r.Intn(2)]
		}
		if r.Intn(3) == 0 {
			p = p[:r.Intn(len(p))+1]
			p = append(p, '*')
		}
		st := iam.Statement{Effect: iam.Allow, Action: iam.Strings{string(p)}, Resource: iam.Strings{"*"}}
		got, want := map[string]bool{}, map[string]bool{}
		scale.each(&st, func(i int) { got[scale.rows[i].action] = true })
		for i := range scale.rows {
			if iam.MatchAction(string(p), scale.rows[i].action) {
				want[scale.rows[i].action] = true
			}
		}
		if fmt.Sprint(sortedKeys(got)) != fmt.Sprint(sortedKeys(want)) {
			t.Errorf("%s: %v, want %v", p, sortedKeys(got), sortedKeys(want))
		}
	}
}

package report

import (
	"bytes"
	"strings"
	"testing"
)

func withRisk(arn string, before, after int, actions ...string) Principal {
	p := Principal{Principal: arn, Status: "tightened", Policies: []Policy{{Change: "narrow"}}, Risk: &Risk{Before: before, After: after}}
	for _, a := range actions {
		p.Risk.Removed = append(p.Risk.Removed, RemovedRisk{Action: strings.TrimPrefix(a, "~"), On: "*", Narrowed: strings.HasPrefix(a, "~")})
	}
	return p
}

// TestOrderByRisk: the risk that goes comes before the number of actions that go.
func TestOrderByRisk(t *testing.T) {
	many := withRisk("arn:aws:iam::111122223333:role/many", 8, 8)
	many.RemovedBy = map[string]int{"Permissions management": 50}
	list := []Principal{many, withRisk("arn:aws:iam::111122223333:role/b", 400, 100, "iam:PassRole"), withRisk("arn:aws:iam::111122223333:role/a", 400, 100, "iam:PassRole")}
	var got []string
	for _, r := range rowsOf(list) {
		got = append(got, r.name)
	}
	if want := "role/a role/b role/many"; strings.Join(got, " ") != want {
		t.Errorf("%s, want %s", got, want)
	}
	ByRisk(list)
	if list[0].Principal != "arn:aws:iam::111122223333:role/b" || list[2].Principal != many.Principal {
		t.Errorf("ties keep their order, have %s", list[0].Principal)
	}
}

func TestRiskText(t *testing.T) {
	for want, r := range map[string]*Risk{
		"":                     nil,
		"risk: removes a on *": withRisk("", 1, 0, "a").Risk,
		"risk: narrows a on *": withRisk("", 1, 0, "~a").Risk,
		"risk: removes a on *, c on *; narrows b on *; 3 more": {Removed: append(withRisk("", 1, 0, "a", "~b", "c", "d", "e").Risk.Removed[:0:0], withRisk("", 1, 0, "a", "~b", "c").Risk.Removed...), More: 3},
	} {
		if got := r.text(3); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestBesideIsClean: what files and logs say reaches the terminal without controls.
func TestBesideIsClean(t *testing.T) {
	const evil = "x\x1b[31m\ny"
	x := recordedExplanation(t)
	x.Principal.Explained = []Explained{{Action: evil, Resource: evil, Count: 1, By: evil}}
	x.Principal.Forbidden = []Forbidden{{By: evil, Why: evil, Count: 1, Actions: []string{evil}}}
	x.Principal.Risk = withRisk("", 2, 1, evil).Risk
	var b bytes.Buffer
	if err := ExplainText(&b, x, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"explained by", "no effect today: 1 action", "risk: removes"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "\x1b") || strings.Contains(b.String(), "\ny") {
		t.Errorf("controls came through: %q", b.String())
	}
}

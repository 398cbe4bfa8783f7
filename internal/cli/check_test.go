package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/internal/simulate"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/report"
)

// randomPolicy is a policy over few actions, resources and keys, so that two of them
// often overlap.
func randomPolicy(r *rand.Rand) *iam.Document {
	pick := func(s ...string) string { return s[r.Intn(len(s))] }
	d := &iam.Document{Version: iam.CurrentVersion}
	for range 1 + r.Intn(3) {
		s := iam.Statement{Effect: iam.Allow,
			Action:   iam.Strings{pick("s3:*", "s3:Get*", "s3:GetObject", "sqs:SendMessage", "*")},
			Resource: iam.Strings{pick("*", "arn:aws:s3:::data/*", "arn:aws:s3:::data/raw/*", "arn:aws:sqs:*:*:q-*", "arn:aws:s3:::data/${aws:username}/*")}}
		if r.Intn(4) == 0 {
			s.Effect = iam.Deny
		}
		if r.Intn(3) == 0 {
			s.Condition = iam.Conditions{{Operator: pick("StringEquals", "StringLike", "StringNotEquals"),
				Clauses: []iam.Clause{{Key: pick("aws:RequestedRegion", "aws:PrincipalTag/it's"), Values: []string{pick("eu-west-1", "eu-*")}}}}}
		}
		d.Statements = append(d.Statements, s)
	}
	return d
}

// Every witness of check is a line for simulate that says allow on one side and deny on
// the other.
func TestWitnessesReproduce(t *testing.T) {
	r := rand.New(rand.NewSource(5))
	seen := map[string]int{}
	for i := range 400 {
		old, new := []policyFile{{"old", randomPolicy(r)}}, []policyFile{{"new", randomPolicy(r)}}
		o := checkOptions{}
		d := o.prove(old, new, "old", "new")
		seen[d.Verdict]++
		if strings.Contains(d.Reason, "bug") {
			t.Fatalf("%d: %s", i, d.Reason)
		}
		if d.Verdict != report.VerdictFails {
			continue
		}
		for side, line := range map[string]json.RawMessage{"allow": d.Witness.Reproduce.Inner, "deny": d.Witness.Reproduce.Outer} {
			q, err := simulate.Parse(line, &simulate.Documents{}, simulate.Options{})
			if err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			if got := iam.Evaluate(&q.Layers, &q.Request).String(); got != side {
				t.Errorf("%s, want %s: %s", got, side, line)
			}
		}
		if d.Witness.AllowedBy == "" {
			t.Errorf("no statement is named: %+v", d.Witness)
		}
	}
	if seen[report.VerdictHolds] < 40 || seen[report.VerdictFails] < 40 {
		t.Errorf("the test shows little: %v", seen)
	}
}

// What is hostile in a policy does not reach the terminal.
func TestOutputsEscapeHostilePolicies(t *testing.T) {
	const hostile = "\x1b]0;x\a\u202e"
	d := &iam.Document{Version: iam.CurrentVersion, Statements: []iam.Statement{{Sid: hostile, Effect: iam.Allow,
		Action: iam.Strings{"s3:*", "s3:" + hostile}, Resource: iam.Strings{"arn:aws:s3:::" + hostile},
		Condition: iam.Conditions{{Operator: "StringEquals", Clauses: []iam.Clause{{Key: "aws:" + hostile, Values: []string{hostile}}}}}}}}
	none := &iam.Document{Version: iam.CurrentVersion}
	o := checkOptions{}
	files := []policyFile{{"f" + hostile, d}}
	var out bytes.Buffer
	c := &report.Check{Version: 1, Question: report.QuestionNoNewAccess, Directions: []report.Direction{o.prove([]policyFile{{"old", none}}, files, "old", "new")}}
	c.Settle()
	q := &iam.Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::" + hostile}
	set, err := iam.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	x := &decider{request: q, layers: iam.Layers{Identity: set}, names: map[layerAt][]string{{kind: iam.IdentityLayer}: {"f" + hostile}}, notes: []string{hostile}}
	ex := iam.Explain(&x.layers, q)
	for _, err := range []error{report.CheckText(&out, c, report.TextOptions{}), report.JSON(&out, c),
		report.DecisionText(&out, x.wire(&ex), report.TextOptions{}), report.JSON(&out, x.wire(&ex))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if c.Verdict != report.VerdictFails {
		t.Errorf("%+v", c)
	}
	if s := out.String(); strings.ContainsAny(s, "\x1b\a\u202e") {
		t.Errorf("not escaped: %q", s)
	}
}

func TestShellQuote(t *testing.T) {
	for in, want := range map[string]string{"s3:GetObject": "s3:GetObject", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "*": "'*'"} {
		if got := shellQuote(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestContextFlags(t *testing.T) {
	var c iam.Context
	c.Values, c.Lists = map[string][]string{}, map[string]bool{}
	for _, s := range []string{"aws:A=x=y", "aws:a=z", "b:=null", `c:=["one"]`, "d:=true", "e="} {
		if err := addContext(&c, s); err != nil {
			t.Fatal(err)
		}
	}
	want := "map[aws:a:[x=y z] b:[] c:[one] d:[true] e:[]] map[aws:a:true c:true]"
	if got := fmt.Sprint(c.Values, c.Lists); got != want || c.Values["b"] != nil || len(c.Values["e"]) != 1 {
		t.Errorf("%s, want %s", got, want)
	}
	for _, s := range []string{"x", "=x", "b:=1", "f:={}", "g:=[", "h:=[null]"} {
		if addContext(&c, s) == nil {
			t.Errorf("%s was read", s)
		}
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/bench/family"
)

// TestTruthIsGranted asks the attached documents for every allowed call: a
// workload that does what its role may not would judge nothing.
func TestTruthIsGranted(t *testing.T) {
	for _, w := range family.All() {
		a := w.Make(1, 35)
		for principal, documents := range a.Policies {
			var qs []question
			for _, c := range a.Calls {
				if c.Principal != principal || !c.Allowed {
					continue
				}
				for _, u := range c.Uses {
					qs = append(qs, question{u, c.Region})
				}
			}
			answers, err := grants{principal, documents}.decide(qs)
			if err != nil {
				t.Fatalf("%s: %v", w.Name, err)
			}
			for i, ok := range answers {
				if !ok {
					t.Fatalf("%s: the documents of %s do not allow %+v", w.Name, principal, qs[i])
				}
			}
		}
	}
}

// TestExpert holds the experts' documents: they break nothing, so that their
// excess is one that a good policy has.
func TestExpert(t *testing.T) {
	for _, w := range family.All() {
		a := w.Make(2, 60)
		for _, job := range a.Jobs {
			v := &verdict{}
			if err := v.replay(a, 0, grants{job, a.Policies[job]}, grants{job, []string{a.Expert[job]}}); err != nil {
				t.Fatalf("%s: %v", w.Name, err)
			}
			if v.Replayed == 0 || v.Denied > 0 {
				t.Errorf("%s: the expert denies %d of %d calls: %+v", w.Name, v.Denied, v.Replayed, v.Broken)
			}
		}
	}
}

// TestJudge judges a workload end to end and holds the figures that cannot
// depend on how willing the synthesis is.
func TestJudge(t *testing.T) {
	var out bytes.Buffer
	if err := run([]string{"--only", "settings", "--days", "44", "--learn", "33", "--json"}, &out, &out); err != nil {
		t.Fatal(err)
	}
	var all []verdict
	if err := json.Unmarshal(out.Bytes(), &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 {
		t.Fatalf("%d verdicts: %s", len(all), out.Bytes())
	}
	for _, v := range all {
		if v.Replayed == 0 || v.Attached == 0 || v.Documents == 0 {
			t.Errorf("nothing was judged: %+v", v)
		}
		if strings.HasSuffix(v.Principal, "secret-rotation") && (v.Denied > 0 || v.Foreign > 0) {
			t.Errorf("four stable names break: %+v", v)
		}
	}
}

// TestOddities proves proposals for a document of each shape from outside.
func TestOddities(t *testing.T) {
	if testing.Short() {
		t.Skip("five seconds of one core")
	}
	var out strings.Builder
	if err := run([]string{"--odd", "21"}, &out, &out); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
}

// TestJudgeSeesHarm gives the judge proposals that are known to be bad.
func TestJudgeSeesHarm(t *testing.T) {
	a := family.All()[0].Make(1, 35)
	attached := grants{a.Jobs[0], a.Policies[a.Jobs[0]]}
	nothing := grants{a.Jobs[0], nil}
	v := &verdict{}
	if err := v.replay(a, 30, attached, nothing); err != nil {
		t.Fatal(err)
	}
	if v.Replayed == 0 || v.Denied != v.Replayed || len(v.Broken) == 0 {
		t.Errorf("no permissions at all break %d of %d calls", v.Denied, v.Replayed)
	}
	if err := v.measure(a, attached, attached); err != nil {
		t.Fatal(err)
	}
	if v.excess() < 0.5 || v.Foreign == 0 {
		t.Errorf("the attached documents have an excess of %.2f and %d foreign", v.excess(), v.Foreign)
	}
	if over([]*verdict{v}) == nil {
		t.Error("neither is over the bars")
	}
}

// TestShape keeps what tells classes apart.
func TestShape(t *testing.T) {
	for arn, want := range map[string]string{
		"*": "*",
		"arn:aws:s3:::b-7/year=2026/part-00012-0b0e3f5c-1111-4222-8333-444455556666.gz": "s3:b-#/year=#/part-#-~uuid~.gz",
		"arn:aws:ec2:eu-central-1:111122223333:instance/i-0123456789abcdef0":            "ec2:instance/i-~hex~",
	} {
		if got := shape(arn); got != want {
			t.Errorf("shape(%s) = %s, want %s", arn, got, want)
		}
	}
}

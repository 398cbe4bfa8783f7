package synth

import (
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/actions"
)

const otherRole = "arn:aws:iam::111122223333:role/lambda-exec"

// scratch proposes from usage alone.
func (w *world) scratch() (*Result, string) {
	w.t.Helper()
	r, err := Propose(Input{Catalog: actions.Default(), Table: w.table})
	if err != nil {
		w.t.Fatal(err)
	}
	var text strings.Builder
	for _, p := range r.Proposals {
		for _, b := range p.Printed {
			text.Write(b)
		}
	}
	return r, text.String()
}

// A new document holds what was seen and what that could not do without, and
// nothing on doubt.
func TestBasisInNewDocuments(t *testing.T) {
	for _, tt := range []struct {
		basis, kind, resource string
		adds, noted           bool
	}{
		{"logged", "arn", otherRole, true, false},
		{"inferred", "arn", otherRole, true, false},
		{"inferred", "none", "", false, true},
		{"instance-profile", "arn", "arn:aws:iam::111122223333:instance-profile/p", false, true}, // the role inside is not known
		{"ambiguous", "arn", otherRole, false, false},
		{"dependent", "arn", otherRole, false, false},
		{"dependent", "none", "", false, false},
	} {
		w := newWorld(t)
		w.saw("ec2:RunInstances", "arn:aws:ec2:us-east-1:111122223333:instance/*", "pattern", 1)
		w.saw("iam:PassRole", tt.resource, tt.kind, 1).Basis = tt.basis
		r, text := w.scratch()
		if got := strings.Contains(text, "iam:PassRole"); got != tt.adds {
			t.Errorf("%s %s: PassRole in the document %v, want %v\n%s", tt.basis, tt.kind, got, tt.adds, text)
		}
		notes := strings.Join(r.Proposals[0].Notes, "\n")
		if got := strings.Contains(notes, "left out, since the calls do not show on what they needed it: iam:PassRole"); got != tt.noted {
			t.Errorf("%s %s: noted %v, want %v: %q", tt.basis, tt.kind, got, tt.noted, notes)
		}
	}
}

// What AWS only documents as needed is no use: it is not counted and not proved.
func TestDependentsAreNoUse(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:RunInstances","iam:PassRole"],"Resource":"*"}]}`
	w.saw("ec2:RunInstances", "arn:aws:ec2:us-east-1:111122223333:instance/*", "pattern", 1)
	w.saw("iam:PassRole", "", "none", 1).Basis = "dependent"
	r := w.propose(Options{})
	p := r.Principals[0]
	if p.Used != 1 || p.Covers.Requests != 1 || r.Proposals[0].Proof.Covers.Requests != 1 {
		t.Errorf("used %d, covers %+v, proof %+v; want 1 of each", p.Used, p.Covers, r.Proposals[0].Proof.Covers)
	}
}

// A role was seen, and another call may have passed one that its record does not
// name: the statement stays as wide as it is.
func TestSeenAndNeededStaysWide(t *testing.T) {
	for _, needed := range []bool{false, true} {
		w := newWorld(t)
		w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:StartInstances","iam:PassRole"],"Resource":"*"}]}`
		w.saw("iam:PassRole", otherRole, "arn", 1).Basis = "inferred"
		w.saw("ec2:StartInstances", "arn:aws:ec2:us-east-1:111122223333:instance/i-1", "arn", 1)
		if needed {
			row := w.saw("iam:PassRole", "", "none", 1)
			row.Basis, row.EventSource = "dependent", "ec2.amazonaws.com"
		}
		e := fateOf(t, w.only(Options{}), "iam:PassRole")
		wide := len(e.Resources) == 1 && e.Resources[0] == "*"
		if wide != needed || needed && e.Reason != "may also be needed by calls of ec2.amazonaws.com, on resources that its calls do not show" {
			t.Errorf("needed %v: %s on %q (%s)", needed, e.Fate, e.Resources, e.Reason)
		}
	}
}

// Calls that pass roles by way of another object keep PassRole, whatever was seen.
func TestImplicitRoleKeepsPassRole(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecs:RunTask","iam:PassRole"],"Resource":"*"}]}`
	w.saw("ecs:RunTask", "arn:aws:ecs:us-east-1:111122223333:task-definition/app:7", "arn", 1)
	e := fateOf(t, w.only(Options{}), "iam:PassRole")
	if e.Fate != FateNotVisible || e.Reason != "ecs:RunTask passes roles that its records do not name" {
		t.Errorf("%s (%s)", e.Fate, e.Reason)
	}
}

// A call whose parameters are not in the logs may have passed a role: PassRole stays.
func TestUnseenRoleKeepsPassRole(t *testing.T) {
	for i, unseen := range []bool{false, true, false, true} {
		w := newWorld(t)
		resource := []string{"*", otherRole}[i/2]
		w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"glue:CreateJob","Resource":"*"},{"Effect":"Allow","Action":"iam:PassRole","Resource":"` + resource + `"}]}`
		w.saw("glue:CreateJob", "*", "star", 1)
		if unseen {
			row := w.saw("iam:PassRole", "", "none", 1)
			row.Basis, row.EventSource = "ambiguous", "glue.amazonaws.com"
		}
		e := fateOf(t, w.only(Options{}), "iam:PassRole")
		if kept := e.Fate != FateRemoved; kept != unseen {
			t.Errorf("unseen %v: %s (%s)", unseen, e.Fate, e.Reason)
		}
	}
}

package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/synth"
)

func TestSessionRole(t *testing.T) {
	const session = "arn:aws:sts::111122223333:assumed-role/app/s"
	for arn, want := range map[string]bool{
		"arn:aws:iam::111122223333:role/app": true, "arn:aws:iam::111122223333:role/team/app": true,
		"arn:aws:iam::111122223333:role/my-app": false, "arn:aws:iam::444455556666:role/app": false,
		"arn:aws-cn:iam::111122223333:role/app": false, "arn:aws:iam::111122223333:user/app": false,
	} {
		if got := sessionRole(session)(arn); got != want {
			t.Errorf("%s: %v", arn, got)
		}
	}
	for _, other := range []string{"", "app", "arn:aws:iam::111122223333:role/app", "arn:aws:sts::111122223333:federated-user/a"} {
		if sessionRole(other) != nil {
			t.Errorf("%q is taken for a session", other)
		}
	}
}

// granted is a principal with one policy: s3:GetObject is used on b/*, seen on
// b/k, and sqs:PurgeQueue on any queue but q is removed.
func granted() *synth.PrincipalResult {
	old := &iam.Document{Statements: []iam.Statement{
		{Effect: iam.Allow, Resource: iam.Strings{"arn:aws:s3:::b/*"}},
		{Effect: iam.Allow, NotResource: iam.Strings{"arn:aws:sqs:us-east-1:111122223333:q"}},
	}}
	return &synth.PrincipalResult{Status: synth.Tightened, Proposals: []*synth.Proposal{{Name: "p", Old: old, Ledger: []synth.Entry{
		{Statement: 0, Action: "s3:GetObject", Fate: synth.FateUsed, Resources: []string{"arn:aws:s3:::b/k"}, Seen: []string{"arn:aws:s3:::b/k"}},
		{Statement: 1, Action: "sqs:PurgeQueue", Fate: synth.FateRemoved},
	}}}}
}

func TestExplanationNotes(t *testing.T) {
	skipped := &synth.PrincipalResult{Status: synth.Skipped, Reason: "too large"}
	partly := granted()
	partly.Proposals = append(partly.Proposals, &synth.Proposal{Name: "unread"})
	for _, c := range []struct {
		p      *synth.PrincipalResult
		filter []string
		want   string // "" where there are entries
	}{
		{granted(), []string{"s3:GetObject"}, ""},
		{granted(), []string{"s3:*", "arn:aws:s3:::b/k"}, ""},
		{granted(), []string{"foo:Bar"}, `"foo:Bar" is not a known action`},
		{granted(), []string{"GetObject"}, `"GetObject" is no action: actions are written service:Name`},
		{granted(), []string{"ec2:RunInstances"}, "no attached policy grants ec2:RunInstances"},
		{partly, []string{"ec2:RunInstances"}, "no attached policy grants ec2:RunInstances; not looked into: unread"},
		{granted(), []string{"s3:GetObject", "arn:aws:s3:::c/k"}, "s3:GetObject is granted, but not on arn:aws:s3:::c/k: it is granted on arn:aws:s3:::b/*"},
		{granted(), []string{"s3:GetObject", "arn:aws:s3:::b/z"}, "s3:GetObject is granted on arn:aws:s3:::b/z by arn:aws:s3:::b/*, and was not seen there"},
		{granted(), []string{"sqs:PurgeQueue", "arn:aws:sqs:us-east-1:111122223333:r"}, ""},
		{granted(), []string{"sqs:PurgeQueue", "arn:aws:sqs:us-east-1:111122223333:q"}, "it is granted on anything but arn:aws:sqs:us-east-1:111122223333:q"},
		{skipped, []string{"s3:GetObject"}, "no attached policy was looked into for s3:GetObject: too large"},
	} {
		ex := explanation(actions.Default(), &synth.Result{Principals: []synth.PrincipalResult{*c.p}}, c.filter)
		if (len(ex.Entries) > 0) != (c.want == "") || !strings.Contains(ex.Note, c.want) || (ex.Note == "") != (c.want == "") {
			t.Errorf("%q: %d entries, note %q, want %q", c.filter, len(ex.Entries), ex.Note, c.want)
		}
	}
}

func TestExplanationOfAResource(t *testing.T) {
	p := granted()
	e := &p.Proposals[0].Ledger[0]
	for len(e.Seen) < 20 {
		e.Seen = append(e.Seen, "arn:aws:s3:::b/other")
	}
	p.Unexplained = []synth.Unexplained{{Action: "s3:GetObject", Resource: "arn:aws:s3:::c/k"}, {Action: "sqs:PurgeQueue", Resource: "*"}}
	r := &synth.Result{Principals: []synth.PrincipalResult{*p}}
	ex := explanation(actions.Default(), r, []string{"s3:GetObject", "arn:aws:s3:::b/k"})
	if got := ex.Entries[0]; !slices.Equal(got.Seen, []string{"arn:aws:s3:::b/k"}) || !got.SeenMore || len(ex.Principal.Unexplained) != 0 {
		t.Errorf("got %+v, unexplained %v", got, ex.Principal.Unexplained)
	}
	if ex := explanation(actions.Default(), r, []string{"s3:GetObject"}); len(ex.Entries[0].Seen) != 20 || len(ex.Principal.Unexplained) != 1 {
		t.Errorf("got %+v", ex)
	}
}

package cli

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/synth"
	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

func TestSizes(t *testing.T) {
	for in, want := range map[string]string{
		"100MiB": "100MiB", "4 gib": "4GiB", "1024": "1KiB", "1500": "1500", "2kB": "2000", "7B": "7", "1MB": "1000000",
		"": "", "-5": "", "0": "", "MiB": "", "1.5GiB": "", "5 parsecs": "", "9999999999TiB": "", "1MiB2": "",
	} {
		var f sizeFlag
		if err := f.Set(in); (err == nil) != (want != "") || err == nil && f.String() != want {
			t.Errorf("%q: %s %v, want %q", in, f.String(), err, want)
		}
	}
}

func TestWorkers(t *testing.T) {
	for in, ok := range map[string]bool{"0": true, "8": true, "-1": false, "x": false} {
		var f workersFlag
		if err := f.Set(in); (err == nil) != ok || ok && f.String() != in {
			t.Errorf("%q: %v %v", in, f, err)
		}
	}
}

func TestNothingRead(t *testing.T) {
	for _, c := range []struct {
		s    usage.Stats
		want string // "" for no error
	}{
		{usage.Stats{}, "no log objects"},
		{usage.Stats{Objects: 3, ObjectsSkipped: 3}, "none of the 3 objects is a CloudTrail log"},
		{usage.Stats{Objects: 1, ObjectsSkipped: 1}, "the only object is not a CloudTrail log"},
		{usage.Stats{Objects: 1, Records: 5, Filtered: 4, Unreadable: 1}, "the filters leave none of 5 records"},
		{usage.Stats{Objects: 1, Records: 5, Filtered: 4}, ""},
		{usage.Stats{Objects: 2, ObjectsSkipped: 1}, ""},
		{usage.Stats{Objects: 1, Records: 5, Unreadable: 5}, ""},
		{usage.Stats{Objects: 1}, ""},
	} {
		err := nothingRead(&c.s)
		if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.s, err, c.want)
		}
	}
}

func TestBadObjects(t *testing.T) {
	table := &usage.Table{}
	for range 25 {
		table.Objects = append(table.Objects, usage.ObjectRow{Key: "good", Records: 4}, usage.ObjectRow{Key: "bad", Unreadable: 1})
	}
	table.Objects[0] = usage.ObjectRow{Key: "worse", Unreadable: 2, Error: "cut short"}
	list, total := badObjects(table)
	if total != 26 || len(list) != 20 || list[0].Error != "2 records unreadable; cut short" || list[1].Error != "1 record unreadable" {
		t.Errorf("%d of %d: %v", len(list), total, list[:2])
	}
}

func TestSkippedByKind(t *testing.T) {
	table := &usage.Table{Deliveries: []usage.Delivery{
		{Kind: "log", Objects: 9}, {Kind: "", Objects: 9}, {Kind: "digest", Objects: 2}, {Kind: "digest", Objects: 3, Unreadable: 1},
		{Kind: string(trail.KindOther), Objects: 1}, {Kind: string(trail.KindUnreadable), Objects: 1, Unreadable: 1},
	}}
	if got := skippedByKind(table); len(got) != 2 || got["digest"] != 4 || got["other"] != 1 {
		t.Errorf("got %v", got)
	}
	if got := skippedByKind(&usage.Table{}); got != nil {
		t.Errorf("got %v for nothing", got)
	}
}

func TestMissingFiles(t *testing.T) {
	r := &synth.Result{}
	for _, id := range []string{"7", "1", "6", "5", "2", "4", "3", "3"} {
		r.Principals = append(r.Principals, synth.PrincipalResult{Type: "role", Account: id}, synth.PrincipalResult{Type: "service", Account: "9"})
	}
	for _, c := range []struct {
		s    *account.Snapshot
		want string
	}{
		{nil, "no --account given: policies are made from usage alone; run aws iam get-account-authorization-details > account.json"},
		{&account.Snapshot{}, "no authorization details for accounts 1, 2, 3, 4, 5 (+2 more): "},
		{&account.Snapshot{Accounts: []string{"1", "2", "3", "4", "5", "6"}}, "no authorization details for account 7: "},
		{&account.Snapshot{Accounts: []string{"1", "2", "3", "4", "5", "6", "7"}}, ""},
	} {
		got := strings.Join(missingFiles(r, c.s), "\n")
		if !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestAccountWarning(t *testing.T) {
	for want, w := range map[string]account.Warning{
		"f: w: m": {File: "f", Where: "w", Msg: "m"}, "f: m": {File: "f", Msg: "m"}, "m": {Msg: "m"},
	} {
		if got := accountWarning(w); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestDay(t *testing.T) {
	for want, in := range map[string]time.Time{"2026-10-31": time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC), "": time.Unix(0, 0).UTC()} {
		if got := day(in); got != want {
			t.Errorf("%v: %q, want %q", in, got, want)
		}
	}
}

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
		ex := explanation(&synth.Result{Principals: []synth.PrincipalResult{*c.p}}, c.filter)
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
	ex := explanation(r, []string{"s3:GetObject", "arn:aws:s3:::b/k"})
	if got := ex.Entries[0]; !slices.Equal(got.Seen, []string{"arn:aws:s3:::b/k"}) || !got.SeenMore || len(ex.Principal.Unexplained) != 0 {
		t.Errorf("got %+v, unexplained %v", got, ex.Principal.Unexplained)
	}
	if ex := explanation(r, []string{"s3:GetObject"}); len(ex.Entries[0].Seen) != 20 || len(ex.Principal.Unexplained) != 1 {
		t.Errorf("got %+v", ex)
	}
}

package synth

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/usage"
)

func TestSharedPolicyKeepsTheUnion(t *testing.T) {
	w := newWorld(t)
	arn := "arn:aws:iam::111122223333:policy/shared"
	w.managed[arn] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:CreateQueue","sqs:DeleteQueue","sqs:PurgeQueue"],"Resource":"*"}]}`
	w.attached = []string{arn}
	w.files = append(w.files, `{"UserDetailList":[{"Path":"/","UserName":"ann","UserId":"AIDAEXAMPLEANN0000001","Arn":"arn:aws:iam::111122223333:user/ann",
	 "CreateDate":"2020-01-01T00:00:00Z","GroupList":["g"],"AttachedManagedPolicies":[]}],"RoleDetailList":[],"Policies":[],
	 "GroupDetailList":[{"Path":"/","GroupName":"g","GroupId":"AGPAEXAMPLEG000000001","Arn":"arn:aws:iam::111122223333:group/g","CreateDate":"2020-01-01T00:00:00Z","GroupPolicyList":[],
	 "AttachedManagedPolicies":[{"PolicyName":"shared","PolicyArn":"`+arn+`"}]}]}`)
	w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1, 50)
	r := w.saw("sqs:DeleteQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1)
	r.Principal, r.PrincipalID = "arn:aws:iam::111122223333:user/ann", "AIDAEXAMPLEANN0000001"
	p := w.only(Options{})
	if len(p.Principals) != 2 {
		t.Fatalf("attached to %q", p.Principals)
	}
	for a, want := range map[string]Fate{"sqs:CreateQueue": FateUsed, "sqs:DeleteQueue": FateUsed, "sqs:PurgeQueue": FateRemoved} {
		if e := fateOf(t, p, a); e.Fate != want {
			t.Errorf("%s: %s, want %s", a, e.Fate, want)
		}
	}
}

func TestRecreatedRoleInheritsNothing(t *testing.T) {
	for created, want := range map[string]Status{
		"2024-10-10T00:00:00Z": Unused,    // after the other life's last use: a predecessor
		"2020-01-01T00:00:00Z": Unchanged, // before it: the snapshot is older than the logs
	} {
		w := newWorld(t)
		w.extra = `"CreateDate":"` + created + `",`
		w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:CreateQueue"],"Resource":"*"}]}`
		w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1).PrincipalID = "AROAEXAMPLEOTHERLIFE1"
		r := w.propose(Options{})
		if len(r.Principals) != 1 || r.Principals[0].Status != want || r.Principals[0].Used != 0 {
			t.Errorf("created %s: %+v", created, r.Principals)
		}
	}
}

func TestScopedStatementsNarrowInActionsOnly(t *testing.T) {
	for name, rest := range map[string]string{
		"tag condition":   `"Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"a"}}`,
		"policy variable": `"Resource":"arn:aws:sqs:*:*:${aws:username}-*"`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:CreateQueue","sqs:PurgeQueue"],` + rest + `}]}`
			w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:app-1", "arn", 1)
			w.saw("sqs:PurgeQueue", "arn:aws:sqs:us-east-1:111122223333:app-1", "arn", 1)
			if p := w.only(Options{}); p.Change != Keep {
				t.Errorf("%s: %s", p.Change, p.Printed)
			}
		})
	}
}

func TestConditionsAndVersionSurvive(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = `{"Statement":[{"Sid":"X","Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:*:111122223333:${literal}*","Condition":{"StringEquals":{"aws:RequestedRegion":["us-east-1","eu-west-1"]}}}],"Id":"keep"}`
	w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:${literal}1", "arn", 1, 2)
	p := w.only(Options{})
	got := string(p.Printed[0])
	if strings.Contains(got, "Version") || !strings.Contains(got, `"Id":"keep"`) || !strings.Contains(got, "aws:RequestedRegion") {
		t.Errorf("%s: %s", p.Reason, got)
	}
}

func TestConditionDecidesByRegion(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[
	 {"Sid":"US","Effect":"Allow","Action":"sqs:CreateQueue","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}},
	 {"Sid":"EU","Effect":"Allow","Action":"sqs:CreateQueue","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}]}`
	w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1, 2)
	p := w.only(Options{})
	if len(p.New) != 1 || len(p.New[0].Statements) != 1 || p.New[0].Statements[0].Sid != "US" {
		t.Errorf("%s", p.Printed)
	}
}

func TestNotActionAndNotResource(t *testing.T) {
	w := newWorld(t)
	w.attached = []string{"arn:aws:iam::111122223333:policy/power"}
	w.managed[w.attached[0]] = `{"Version":"2012-10-17","Statement":[{"Sid":"P","Effect":"Allow","NotAction":["iam:*","organizations:*"],"NotResource":"arn:aws:sqs:*:*:secret"}]}`
	w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1, 2)
	p := w.only(Options{})
	if p.Change != Narrow && p.Change != Replace || !p.Proof.OK() {
		t.Fatalf("%s: %s", p.Change, p.Reason)
	}
	for _, d := range p.New {
		for _, s := range d.Statements {
			if s.NotAction != nil || matchesAny(s.Action, "iam:CreateUser") {
				t.Errorf("statement %+v", s)
			}
		}
	}
}

func TestNothingNeededIsRemoved(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:TerminateInstances","Resource":"*"}]}`
	p := w.only(Options{})
	if p.Change != Remove || len(p.New) != 0 || !p.Proof.OK() {
		t.Errorf("%s: %s", p.Change, p.Reason)
	}
	r := w.propose(Options{})
	if r.Principals[0].Status != Unused {
		t.Errorf("status %s", r.Principals[0].Status)
	}
}

func TestProtectedPrincipals(t *testing.T) {
	tests := []struct {
		p    account.Principal
		want string
	}{
		{account.Principal{Kind: account.RoleKind, Path: "/aws-service-role/rds.amazonaws.com/", Name: "AWSServiceRoleForRDS"}, "service-linked"},
		{account.Principal{Kind: account.RoleKind, Path: "/aws-reserved/sso.amazonaws.com/", Name: "AWSReservedSSO_Admin_0123456789abcdef", ARN: "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef"}, "permission set"},
		{account.Principal{Path: "/", Name: "break-glass-admin"}, "break-glass"},
		{account.Principal{Path: "/", Name: "x", Tags: map[string]string{"purpose": "Break Glass"}}, "break-glass"},
		{account.Principal{Path: "/", Name: "AWSControlTowerExecution"}, "Control Tower"},
		{account.Principal{Path: "/", Name: "glassblower"}, ""},
	}
	for _, tt := range tests {
		s := &subject{p: &tt.p}
		s.keep = newKeeper(&Input{Table: &usage.Table{}}, time.Time{}).of(s, nil)
		if got := s.protected(); (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.p.Name, got, tt.want)
		}
	}
}

func TestLastAccessedDecidesTheInvisible(t *testing.T) {
	rep := func(completed, services string) string {
		return `{"Arn":"` + roleARN + `","JobStatus":"COMPLETED","JobType":"ACTION_LEVEL","JobCreationDate":"2024-01-01T00:00:00Z","JobCompletionDate":"` + completed + `","ServicesLastAccessed":[` + services + `]}`
	}
	const late, early = "2025-01-20T00:00:00Z", "2024-01-02T00:00:00Z"
	never := `{"ServiceName":"SQS","ServiceNamespace":"sqs","TotalAuthenticatedEntities":0}`
	seen := `{"ServiceName":"SQS","ServiceNamespace":"sqs","LastAuthenticated":"2024-11-01T00:00:00Z","TotalAuthenticatedEntities":1}`
	hole := `{"ServiceName":"SQS","ServiceNamespace":"sqs","LastAuthenticated":"2024-11-01T00:00:00Z","TotalAuthenticatedEntities":1,"TrackedActionsLastAccessed":[{"ActionName":"PurgeQueue","LastAccessedTime":"2024-11-01T00:00:00Z"}]}`
	tests := []struct {
		name, report, action string
		want                 Fate
	}{
		{"no report", "", "sqs:SendMessage", FateNotVisible},
		{"service never accessed", rep(late, never), "sqs:SendMessage", FateRemoved},
		{"report too old", rep(early, never), "sqs:SendMessage", FateNotVisible},
		{"service accessed, not in the logs", rep(late, seen), "sqs:PurgeQueue", FateBlocked},
		{"service absent", rep(late, ""), "sqs:SendMessage", FateNotVisible},
		{"hole in the logs", rep(late, hole), "sqs:PurgeQueue", FateBlocked},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:SendMessage","sqs:PurgeQueue","ec2:DescribeInstances"],"Resource":"*"}]}`
			w.saw("ec2:DescribeInstances", "*", "star", 1)
			if tt.report != "" {
				w.files = append(w.files, tt.report)
			}
			if e := fateOf(t, w.only(Options{}), tt.action); e.Fate != tt.want {
				t.Errorf("%s (%s), want %s", e.Fate, e.Reason, tt.want)
			}
		})
	}
}

func TestFromScratch(t *testing.T) {
	w := newWorld(t)
	w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1)
	w.saw("ec2:DescribeInstances", "*", "star", 1)
	w.saw("iam:CreateUser", "arn:aws:iam::111122223333:user/x", "arn", 1).Outcome = "denied"
	w.saw("s3:GetObject", "arn:aws:s3:::b/k", "arn", 1).Basis = "ambiguous"
	r, err := Propose(Input{Catalog: actions.Default(), Table: w.table})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Principals) != 1 || r.Principals[0].Status != Unattached {
		t.Fatalf("%+v", r.Principals)
	}
	x := r.Principals[0].Proposals[0]
	text := string(x.Printed[0])
	if x.Proof.Subset.Applicable || !x.Proof.OK() || strings.Contains(text, "iam:") || strings.Contains(text, "s3:") || !strings.Contains(text, "sqs:CreateQueue") {
		t.Errorf("%s\n%+v", text, x.Proof)
	}
}

func TestQuotaLosesNothing(t *testing.T) {
	w := newWorld(t)
	arn := "arn:aws:iam::111122223333:policy/wide"
	w.managed[arn] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:CreateQueue","sqs:PurgeQueue"],"Resource":"*"}]}`
	w.attached = []string{arn}
	for i := range 400 {
		w.saw("sqs:CreateQueue", fmt.Sprintf("arn:aws:sqs:us-east-1:111122223333:%s-queue-of-%c", []string{"orders", "bills", "mails"}[i%3], 'a'+rune(i%26))+strings.Repeat("x", i%7), "arn", 1, 2, 3, 4, 5)
	}
	p := w.only(Options{})
	if p.Change != Replace || !p.Proof.OK() || p.Proof.Covers.Requests < 300 {
		t.Fatalf("%s (%s) %+v", p.Change, p.Reason, p.Proof.Covers)
	}
	for _, d := range p.New {
		if d.Size() > quotaOf(iam.ManagedPolicy) {
			t.Errorf("%d characters", d.Size())
		}
	}
}

func TestCompactAddsNothing(t *testing.T) {
	facts := newFactTable(actions.Default())
	s := &iam.Statement{Effect: iam.Allow, Action: iam.Strings{"s3:*", "ec2:Describe*"}, Resource: iam.Strings{"*"}}
	all, _ := facts.granted(s)
	for _, terse := range []bool{false, true} {
		for skip := range 7 {
			var keep []int
			for i, k := range all {
				if i%7 != skip {
					keep = append(keep, k)
				}
			}
			patterns := facts.compact(keep, s, terse)
			got, unknown := facts.granted(&iam.Statement{Action: patterns})
			if !slices.Equal(got, keep) || len(unknown) > 0 {
				t.Fatalf("terse %v: %d actions became %d", terse, len(keep), len(got))
			}
		}
		if got := facts.compact(all, s, terse); len(got) != 2 {
			t.Errorf("all of it: %q", got)
		}
	}
}

func TestWorkersDoNotMatter(t *testing.T) {
	w := newWorld(t)
	for i := range 12 {
		w.inline[fmt.Sprintf("p%d", i)] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*","ec2:Describe*"],"Resource":"*"}]}`
	}
	w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1)
	a, b := w.propose(Options{Workers: 1}), w.propose(Options{Workers: 8})
	for i := range a.Proposals {
		if string(a.Proposals[i].Printed[0]) != string(b.Proposals[i].Printed[0]) || a.Proposals[i].Key != b.Proposals[i].Key {
			t.Errorf("proposal %d differs", i)
		}
	}
}

func TestCanonicalResources(t *testing.T) {
	c := newCanonical(&account.Snapshot{
		Principals: []*account.Principal{{ARN: "arn:aws:iam::111122223333:role/team/app"}},
		Profiles:   map[string]string{"arn:aws:iam::111122223333:instance-profile/web/p": "arn:aws:iam::111122223333:role/team/app"},
	})
	tests := []struct{ basis, resource, want, kind string }{
		{"logged", "arn:aws:iam::111122223333:role/app", "arn:aws:iam::111122223333:role/team/app", "arn"},
		{"logged", "arn:aws:iam::111122223333:role/other", "arn:aws:iam::111122223333:role/other", "arn"},
		{"instance-profile", "arn:aws:iam::111122223333:instance-profile/p", "arn:aws:iam::111122223333:role/team/app", "arn"},
		{"instance-profile", "arn:aws:iam::111122223333:instance-profile/gone", "", "none"},
	}
	for _, tt := range tests {
		o := observation{basis: tt.basis, resource: tt.resource, kind: "arn"}
		c.fix(&o)
		if o.resource != tt.want || o.kind != tt.kind {
			t.Errorf("%s: %q (%s), want %q (%s)", tt.resource, o.resource, o.kind, tt.want, tt.kind)
		}
	}
}

func TestAttachmentsBeyondTheFiles(t *testing.T) {
	for count, want := range map[string]ChangeKind{"1": Remove, "3": Skip} {
		w := newWorld(t)
		arn := "arn:aws:iam::111122223333:policy/shared"
		w.managed[arn] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:TerminateInstances","Resource":"*"}]}`
		w.attached = []string{arn}
		w.files = append(w.files, `{"Policies":[{"PolicyName":"shared","Arn":"`+arn+`","AttachmentCount":`+count+`,"DefaultVersionId":"v1","PolicyVersionList":[{"VersionId":"v1","IsDefaultVersion":true,"Document":`+w.managed[arn]+`}]}],"UserDetailList":[],"GroupDetailList":[],"RoleDetailList":[]}`)
		if p := w.only(Options{}); p.Change != want {
			t.Errorf("count %s: %s (%s)", count, p.Change, p.Reason)
		}
	}
}

func TestUnusedNeedsTheWindow(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:TerminateInstances","Resource":"*"}]}`
	w.table.Coverage = w.table.Coverage[:20]
	if p := w.propose(Options{}).Principals[0]; p.Status != Unchanged {
		t.Errorf("%s: %s", p.Status, p.Reason)
	}
}

// Calls that no fact explains are uses of something, so "no use" would be false.
func TestUnmappedCallsAreUses(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:TerminateInstances","Resource":"*"}]}`
	w.saw("ec2:DescribeInstances", "*", "star", 1).Outcome = "denied"
	w.table.Unmapped = []usage.UnmappedRow{{Principal: roleARN, Account: acct, EventSource: "sqs.amazonaws.com", EventName: "X", Events: 7}}
	p := w.propose(Options{}).Principals[0]
	if p.Status == Unused || !strings.HasSuffix(p.Reason, "; 7 calls could not be mapped to actions") {
		t.Errorf("%s: %s", p.Status, p.Reason)
	}
}

func TestSlotsAreSharedByAllProposals(t *testing.T) {
	w := newWorld(t)
	w.attached = []string{"arn:aws:iam::aws:policy/PowerUserAccess", "arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"}
	w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1)
	total := 0
	for _, p := range w.propose(Options{}).Proposals {
		if p.Change == Replace {
			total += len(p.New)
		} else {
			total++
		}
		t.Logf("%s: %s, %d documents (%s)", p.Name, p.Change, len(p.New), p.Reason)
	}
	if total > managedPerPrincipal {
		t.Errorf("%d managed policies, %d may be attached", total, managedPerPrincipal)
	}
}

func TestSubsume(t *testing.T) {
	got := subsume([]string{"arn:aws:states:::execution:flow:1-abc", "arn:aws:states:::execution:flow:*-abc", "arn:aws:s3:::b", "arn:aws:s3:::b"})
	if !slices.Equal(got, []string{"arn:aws:s3:::b", "arn:aws:states:::execution:flow:*-abc"}) {
		t.Errorf("%q", got)
	}
}

func TestUnknownServicesBlockWildcards(t *testing.T) {
	w := newWorld(t)
	w.table.Unmapped = []usage.UnmappedRow{{Principal: roleARN, Account: acct, EventSource: "brandnew.amazonaws.com", EventName: "X", Events: 7}}
	w.saw("ec2:DescribeInstances", "*", "star", 1)
	w.inline["a"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	w.inline["b"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"}]}`
	for _, p := range w.propose(Options{}).Proposals {
		if want := map[string]ChangeKind{"a": Keep, "b": Narrow}[p.Name]; p.Change != want {
			t.Errorf("%s: %s (%s), want %s", p.Name, p.Change, p.Reason, want)
		}
	}
}

func TestDependentsOfUsedActionsStay(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecs:RunTask","iam:PassRole","ecs:DeleteCluster"],"Resource":"*"}]}`
	w.saw("ecs:RunTask", "arn:aws:ecs:us-east-1:111122223333:task-definition/app:7", "arn", 1)
	needs := w.saw("iam:PassRole", "", "none", 1)
	needs.Basis, needs.EventSource = "dependent", "ecs.amazonaws.com"
	p := w.only(Options{})
	if e := fateOf(t, p, "iam:PassRole"); e.Reason != "may be needed by ecs:RunTask, which was used" || e.Count != 0 {
		t.Errorf("%+v", e)
	}
	for a, want := range map[string]Fate{"iam:PassRole": FateBlocked, "ecs:DeleteCluster": FateRemoved} {
		if e := fateOf(t, p, a); e.Fate != want {
			t.Errorf("%s: %s (%s), want %s", a, e.Fate, e.Reason, want)
		}
	}
}

func TestCheckWantsCertainty(t *testing.T) {
	old, err := iam.Parse([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:CreateQueue","Resource":"*"},{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	queue := Seen{Principal: roleARN, Account: acct, Action: "sqs:CreateQueue", Resource: "arn:aws:sqs:us-east-1:111122223333:q1", Kind: "arn"}
	for _, r := range []string{"arn:aws:sqs:*q1", "arn:aws:*:q1", "arn:aws:sqs:us-east-1:111122223333:${aws:username}"} {
		printed := []byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:CreateQueue","Resource":"` + r + `"}]}`)
		if p := Check(old, [][]byte{printed}, []Seen{queue}); p.OK() {
			t.Errorf("%s passes", r)
		}
	}
	secret := Seen{Principal: roleARN, Account: acct, Action: "secretsmanager:GetSecretValue", Resource: "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-??????", Kind: "pattern"}
	printed := []byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:CreateQueue","Resource":"*"}]}`)
	if p := Check(old, [][]byte{printed}, []Seen{secret}); p.OK() {
		t.Error("a dropped secret passes")
	}
}

func TestIntersect(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"abc", "abc", true}, {"abc", "abd", false}, {"a*", "*c", true}, {"a*b", "ac*", true}, {"a?c", "abc", true},
		{"a*", "b*", false}, {"secret:db-AbCdEf", "secret:db-??????", true}, {"", "*", true}, {"", "?", false},
	} {
		if got := intersect(tt.a, tt.b); got != tt.want || intersect(tt.b, tt.a) != tt.want {
			t.Errorf("%q, %q: %v", tt.a, tt.b, got)
		}
	}
}

// A reviewer is told which permissions stay because calls could not be mapped.
func TestUnmappedCallsSayWhatStays(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:DescribeInstances","sns:Publish","sns:CreateTopic","sqs:CreateQueue"],"Resource":"*"}]}`
	w.saw("ec2:DescribeInstances", "*", "star", 1)
	w.table.Unmapped = []usage.UnmappedRow{
		{Principal: roleARN, Account: acct, EventSource: "sns.amazonaws.com", EventName: "Whisper", Events: 7},
		{Principal: roleARN, Account: acct, EventSource: "sns.amazonaws.com", EventName: "Shout", Events: 9},
	}
	r := w.propose(Options{})
	p := r.Principals[0]
	if want := []string{"sns:CreateTopic", "sns:Publish"}; !slices.Equal(p.KeptUnmapped, want) {
		t.Errorf("kept %q, want %q", p.KeptUnmapped, want)
	}
	if want := []UnmappedCall{{"sns.amazonaws.com", "Shout", 9}, {"sns.amazonaws.com", "Whisper", 7}}; !slices.Equal(p.UnmappedCalls, want) || p.Unmapped != 16 {
		t.Errorf("calls %v of %d, want %v", p.UnmappedCalls, p.Unmapped, want)
	}
	note := "2 permissions stay: 16 calls of this service are not mapped to actions: sns Shout, sns Whisper (sns:CreateTopic, sns:Publish)"
	if x := r.Proposals[0]; !slices.Contains(x.Notes, note) || x.Change != Narrow {
		t.Errorf("%s, notes %q", x.Change, x.Notes)
	}
}

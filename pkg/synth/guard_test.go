package synth

import (
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/usage"
)

const unusedDoc = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:TerminateInstances","Resource":"*"}]}`

func TestUneditable(t *testing.T) {
	doc, err := iam.Parse([]byte(unusedDoc))
	if err != nil {
		t.Fatal(err)
	}
	odd, err := iam.Parse([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:B","NotAction":"c:D","Resource":"*"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	const arn = "arn:aws:iam::111122223333:policy/p"
	full := &accountCoverage{id: acct}
	role := func(name, path string, c *accountCoverage) *subject {
		return &subject{p: &account.Principal{Kind: account.RoleKind, ARN: "arn:aws:iam::111122223333:role" + path + name, Name: name, Path: path, Account: acct}, cov: c}
	}
	policy := func(d *iam.Document, boundary, attachments int) *account.Policy {
		return &account.Policy{Name: "p", ARN: arn, Document: d, BoundaryUses: boundary, Attachments: attachments}
	}
	glass := role("break-glass", "/", full)
	glass.keep.untouched("looks like a break-glass role")
	tests := []struct {
		name     string
		policy   *account.Policy
		subjects []*subject
		want     string
	}{
		{"plain", policy(doc, 0, 1), []*subject{role("a", "/", full)}, ""},
		{"no document", policy(nil, 0, 1), []*subject{role("a", "/", full)}, "not in the account files"},
		{"not evaluable", policy(odd, 0, 1), []*subject{role("a", "/", full)}, "cannot be evaluated"},
		{"a boundary", policy(doc, 2, 1), []*subject{role("a", "/", full)}, "permissions boundary"},
		{"attached elsewhere", policy(doc, 0, 3), []*subject{role("a", "/", full)}, "attached 3 times"},
		{"no logs", policy(doc, 0, 1), []*subject{role("a", "/", nil)}, "hold nothing of account"},
		{"shared with one without logs", policy(doc, 0, 1), []*subject{role("a", "/", full), role("b", "/", nil)}, "also attached to"},
		{"shared with break-glass", policy(doc, 0, 1), []*subject{role("a", "/", full), glass}, "break-glass"},
		{"service-linked", policy(doc, 0, 1), []*subject{role("x", "/aws-service-role/x.amazonaws.com/", full)}, "service-linked"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := &unit{key: account.ManagedKey(arn), policy: tt.policy, kind: Managed, owner: arn, subjects: tt.subjects}
			got := u.uneditable(map[string]int{arn: 1})
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestRoom(t *testing.T) {
	other := &account.Policy{Name: "other", Document: mustParse(t, unusedDoc)}
	self := &account.Policy{Name: "self", Document: mustParse(t, unusedDoc)}
	attached := func(n int) (out []account.Grant) {
		for i := range n {
			arn := "arn:aws:iam::111122223333:policy/" + string(rune('a'+i))
			out = append(out, account.Grant{Key: account.ManagedKey(arn), Policy: &account.Policy{ARN: arn}})
		}
		return out
	}
	inline := func(owner string, kind account.PrincipalKind, extra ...account.Grant) *unit {
		s := &subject{p: &account.Principal{ARN: owner, Kind: kind}}
		s.grants = append([]account.Grant{{Key: account.InlineKey(owner, "self"), Policy: self}, {Key: account.InlineKey(owner, "other"), Policy: other}}, extra...)
		return &unit{key: account.InlineKey(owner, "self"), policy: self, kind: Inline, owner: owner, subjects: []*subject{s}}
	}
	size := other.Document.Size()
	tests := []struct {
		name string
		unit *unit
		want room
	}{
		{"role", inline(roleARN, account.RoleKind), room{quotaOf(iam.RoleInline) - size, 10}},
		{"user", inline("arn:aws:iam::111122223333:user/u", account.UserKind), room{quotaOf(iam.UserInline) - size, 10}},
		{"role with four managed policies", inline(roleARN, account.RoleKind, attached(4)...), room{quotaOf(iam.RoleInline) - size, 6}},
		{"managed among four", &unit{key: attached(1)[0].Key, kind: Managed, subjects: []*subject{{p: &account.Principal{}, grants: attached(4)}}}, room{quotaOf(iam.ManagedPolicy), 7}},
		{"managed, capped", &unit{key: attached(1)[0].Key, kind: Managed, slotCap: 2, subjects: []*subject{{p: &account.Principal{}, grants: attached(4)}}}, room{quotaOf(iam.ManagedPolicy), 2}},
	}
	for _, tt := range tests {
		if got := tt.unit.room(); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func mustParse(t *testing.T, text string) *iam.Document {
	t.Helper()
	d, err := iam.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestWeakUsesKeepAGrant(t *testing.T) {
	for name, weaken := range map[string]func(*usage.Row){
		"ambiguous":                     func(r *usage.Row) { r.Basis = "ambiguous" },
		"suppressed as a duplicate":     func(r *usage.Row) { r.Count = 0 },
		"undetermined":                  func(r *usage.Row) { r.Outcome = "undetermined" },
		"denied, and attached":          func(r *usage.Row) { r.Outcome = "denied" },
		"without a resource":            func(r *usage.Row) { r.Resource, r.Kind = "", "none" },
		"with a pattern for a resource": func(r *usage.Row) { r.Resource, r.Kind = "arn:aws:sqs:us-east-1:111122223333:*", "pattern" },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:CreateQueue","ec2:TerminateInstances"],"Resource":"*"}]}`
			weaken(w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 5))
			e := fateOf(t, w.only(Options{}), "sqs:CreateQueue")
			if e.Fate == FateRemoved || e.Fate == FateNotVisible {
				t.Errorf("%s: %s", e.Fate, e.Reason)
			}
		})
	}
}

func TestOneCallWithoutAResourceStopsNarrowing(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:CreateQueue","ec2:TerminateInstances"],"Resource":"*"}]}`
	w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 5, 6, 7)
	w.saw("sqs:CreateQueue", "", "none", 8)
	if e := fateOf(t, w.only(Options{}), "sqs:CreateQueue"); e.Fate != FateUsedWide || len(e.Resources) != 1 || e.Resources[0] != "*" {
		t.Errorf("%+v", e)
	}
}

func TestPassRoleNeedsEveryCallMapped(t *testing.T) {
	for unmapped, want := range map[int64]Fate{0: FateRemoved, 3: FateNotVisible} {
		w := newWorld(t)
		w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:PassRole","ec2:TerminateInstances"],"Resource":"*"}]}`
		w.saw("sqs:ListQueues", "*", "star", 1).Outcome = "denied"
		w.table.Unmapped = []usage.UnmappedRow{{Principal: roleARN, Account: acct, EventSource: "sqs.amazonaws.com", EventName: "X", Events: unmapped}}
		if e := fateOf(t, w.only(Options{}), "iam:PassRole"); e.Fate != want {
			t.Errorf("%d unmapped: %s (%s), want %s", unmapped, e.Fate, e.Reason, want)
		}
	}
}

func TestUnknownActionsStay(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:TerminateInstances","brandnew:DoIt","ec2:NotYetKnown*"],"Resource":"*"}]}`
	p := w.only(Options{})
	text := string(p.Printed[0])
	if p.Change != Narrow || !strings.Contains(text, "brandnew:DoIt") || !strings.Contains(text, "ec2:NotYetKnown*") {
		t.Errorf("%s", text)
	}
}

func TestActionLevelDataDoesNotDecideDataEvents(t *testing.T) {
	never := accessReport{services: map[string]serviceAccess{}}
	never.add(account.ServiceAccess{Namespace: "s3", Last: dayTime(firstDay), Actions: []account.ActionAccess{{Name: "GetObject"}, {Name: "CreateBucket"}}})
	if never.neverAccessed(&actions.Fact{Name: "s3:GetObject", Visibility: actions.DataEvent}) {
		t.Error("a data event was decided by action-level data")
	}
	if !never.neverAccessed(&actions.Fact{Name: "s3:CreateBucket", Visibility: actions.Management}) {
		t.Error("a tracked management action was not decided")
	}
	if never.neverAccessed(&actions.Fact{Name: "s3:DeleteBucket", Visibility: actions.Management}) {
		t.Error("an untracked action was decided")
	}
	if never.neverAccessed(&actions.Fact{Name: "iam:PassRole"}) {
		t.Error("PassRole was decided")
	}
}

package synth

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/usage"
)

const queueDoc = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:CreateQueue","sqs:DeleteQueue","sqs:SetQueueAttributes"],"Resource":"*"}]}`

func queue(name string) string { return "arn:aws:sqs:us-east-1:111122223333:" + name }

// intruder adds a quarantined use, and the call that it comes from.
func (w *world) intruder(rule, action, resource string, days ...int32) *usage.Row {
	r := w.saw(action, resource, "arn", days...)
	for i := range days {
		w.table.Usage[len(w.table.Usage)-1-i].Lane = usage.QuarantineLane(rule)
		c := &w.table.Calls[len(w.table.Calls)-1-i]
		c.Lane, c.Events = usage.QuarantineLane(rule), 3
	}
	return r
}

func TestQuarantinedUseKeepsNothing(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = queueDoc
	w.saw("sqs:CreateQueue", queue("own"), "arn", 1, 2)
	w.intruder("stolen-key", "sqs:CreateQueue", queue("foreign"), 40)
	w.intruder("stolen-key", "sqs:DeleteQueue", queue("own"), 41, 42)
	w.intruder("bad-network", "sqs:SetQueueAttributes", queue("own"), 43).Outcome = "denied"
	r := w.propose(Options{})
	p := r.Proposals[0]
	want := map[string]struct {
		fate   Fate
		reason string
	}{
		"sqs:CreateQueue":        {FateUsed, "seen on these resources; not counted: quarantined calls (rule stolen-key), 3 calls, last 2024-11-13"},
		"sqs:DeleteQueue":        {FateRemoved, "used only in quarantined calls (rule stolen-key), 6 calls, last 2024-11-15; management event"},
		"sqs:SetQueueAttributes": {FateRemoved, "tried only in quarantined calls (rule bad-network), 3 calls, last 2024-11-16; management event"},
	}
	for action, w := range want {
		if e := fateOf(t, p, action); e.Fate != w.fate || !strings.HasPrefix(e.Reason, w.reason) || len(e.Quarantined) != 1 {
			t.Errorf("%s: %s: %s %+v", action, e.Fate, e.Reason, e.Quarantined)
		}
	}
	if doc := string(p.Printed[0]); strings.Contains(doc, "foreign") || strings.Contains(doc, "Delete") || !strings.Contains(doc, queue("own")) {
		t.Errorf("%s", doc)
	}
	if notes := strings.Join(p.Notes, "\n"); !strings.Contains(notes, "quarantine rule stolen-key sets apart used them: sqs:DeleteQueue") {
		t.Errorf("%s", notes)
	}
	x := r.Principals[0]
	if x.Used != 1 || x.Covers.Requests != 1 || len(x.Quarantined) != 2 || x.Quarantined[1].Calls != 9 || x.Quarantined[1].Rule != "stolen-key" ||
		!strings.HasSuffix(x.Reason, "; not counted: quarantined calls (rules bad-network, stolen-key), 12 calls, last 2024-11-16") {
		t.Errorf("%+v", x)
	}
}

// TestQuarantineOfAll: a principal of whom every call is set apart is unused.
func TestQuarantineOfAll(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = queueDoc
	w.intruder("x", "sqs:CreateQueue", queue("q"), 1)
	r := w.propose(Options{})
	if x := r.Principals[0]; x.Status != Unused || x.Proposals[0].Change != Remove || !strings.Contains(x.Reason, "no use in 100 observed days; not counted: quarantined calls (rule x), 3 calls") {
		t.Errorf("%s: %s, %s", x.Status, x.Reason, x.Proposals[0].Change)
	}
	if _, text := w.scratch(); strings.Contains(text, "sqs") {
		t.Errorf("made from quarantined calls: %s", text)
	}
}

// TestQuarantineRemovesNothingOnDoubt: what the logs could not have shown stays,
// though a quarantined call shows it.
func TestQuarantineRemovesNothingOnDoubt(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","sqs:DeleteQueue"],"Resource":"*"}]}`
	w.intruder("x", "s3:GetObject", "arn:aws:s3:::b/k", 5)
	p := w.only(Options{})
	if e := fateOf(t, p, "s3:GetObject"); e.Fate != FateNotVisible || !strings.Contains(e.Reason, "data event") || !strings.Contains(e.Reason, "; used only in quarantined calls (rule x), 3 calls") {
		t.Errorf("%s: %s", e.Fate, e.Reason)
	}
	if e := fateOf(t, p, "sqs:DeleteQueue"); e.Fate != FateRemoved || strings.Contains(e.Reason, "quarantine") {
		t.Errorf("%s: %s", e.Fate, e.Reason)
	}
}

// TestQuarantinedDaysAreNotObserved: a day of which only quarantined records are there
// proves nothing of what was not used.
func TestQuarantinedDaysAreNotObserved(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = queueDoc
	for i := range w.table.Coverage[:30] {
		w.table.Coverage[i].Class = usage.QuarantineLane("x")
	}
	if p := w.only(Options{}); p.Change != Keep || !strings.Contains(p.Reason, "observed 86 days") {
		t.Errorf("%s: %s", p.Change, p.Reason)
	}
}

// TestAWSSawTheIntruder: AWS's own word of a last use is no hole in the logs if they
// show a quarantined call on that day, and only then.
func TestAWSSawTheIntruder(t *testing.T) {
	report := func(at string) string {
		return `{"JobStatus":"COMPLETED","JobType":"ACTION_LEVEL","JobCreationDate":"2025-01-12T00:00:00Z","JobCompletionDate":"2025-01-12T00:00:05Z",
		 "Arn":"` + roleARN + `","ServicesLastAccessed":[{"ServiceName":"SQS","ServiceNamespace":"sqs","LastAuthenticated":"` + at + `","LastAuthenticatedEntity":"` + roleARN + `",
		 "TotalAuthenticatedEntities":1,"TrackedActionsLastAccessed":[{"ActionName":"CreateQueue","LastAccessedEntity":"` + roleARN + `","LastAccessedTime":"` + at + `"},{"ActionName":"DeleteQueue"}]}]}`
	}
	for _, tt := range []struct {
		name    string
		prepare func(*world)
		removed bool
	}{
		{"last used that day", func(w *world) {
			w.extra = `"RoleLastUsed":{"LastUsedDate":"2024-11-13T08:00:00Z","Region":"us-east-1"},`
		}, true},
		{"last used on another day", func(w *world) {
			w.extra = `"RoleLastUsed":{"LastUsedDate":"2024-11-14T08:00:00Z","Region":"us-east-1"},`
		}, false},
		{"last accessed that day", func(w *world) { w.files = append(w.files, report("2024-11-13T08:00:00Z")) }, true},
		{"last accessed on another day", func(w *world) { w.files = append(w.files, report("2024-11-14T08:00:00Z")) }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.inline["app"] = queueDoc
			w.intruder("x", "sqs:CreateQueue", queue("q"), 40) // 2024-11-13
			tt.prepare(w)
			e := fateOf(t, w.only(Options{}), "sqs:CreateQueue")
			if (e.Fate == FateRemoved) != tt.removed {
				t.Errorf("%s: %s", e.Fate, e.Reason)
			}
		})
	}
}

// TestNewerLifeInQuarantine: that a newer principal of this name exists, its
// quarantined calls prove too; the snapshot is stale.
func TestNewerLifeInQuarantine(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = queueDoc
	w.saw("sqs:CreateQueue", queue("q"), "arn", 10)
	w.intruder("x", "sqs:CreateQueue", queue("q"), 40).PrincipalID = "AROAEXAMPLEOTHERLIFE1"
	if p := w.only(Options{}); p.Change != Keep || !strings.Contains(p.Reason, "newer principal") {
		t.Errorf("%s: %s", p.Change, p.Reason)
	}
}

// TestAsThoughAbsent: whatever an intruder did, the proposals are those of the logs
// without it.
func TestAsThoughAbsent(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	doc := `{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["sqs:*","ecs:RunTask","iam:PassRole","ec2:TerminateInstances"],"Resource":"*"},
	 {"Effect":"Allow","Action":["s3:GetObject","kms:Decrypt"],"Resource":"arn:aws:s3:::b/*"}]}`
	changed := 0
	for round := range 24 {
		w := newWorld(t)
		w.inline["app"] = doc
		if round%2 == 0 {
			w.files = append(w.files, selectorsAll)
		}
		if round%3 == 0 { // younger than the logs, and older than what is quarantined
			w.files = append(w.files, `{"JobStatus":"COMPLETED","JobType":"ACTION_LEVEL","JobCreationDate":"2025-01-12T12:00:00Z","JobCompletionDate":"2025-01-12T12:00:05Z",
			 "Arn":"`+roleARN+`","ServicesLastAccessed":[{"ServiceName":"S3","ServiceNamespace":"s3","TotalAuthenticatedEntities":0}]}`)
		}
		for range r.IntN(4) {
			w.saw(pick("sqs:CreateQueue", "sqs:DeleteQueue", "sqs:TagQueue"), queue(pick("a", "b", "c")), "arn", int32(r.IntN(window)))
		}
		before := w.propose(Options{})
		noise(w, r)
		after := w.propose(Options{})
		for i, p := range before.Proposals {
			q := after.Proposals[i]
			if p.Change != q.Change || len(p.Printed) != len(q.Printed) || !reflect.DeepEqual(p.Proof, q.Proof) {
				t.Fatalf("round %d: %s (%s), then %s (%s)", round, p.Change, p.Reason, q.Change, q.Reason)
			}
			for k := range p.Printed {
				if !bytes.Equal(p.Printed[k], q.Printed[k]) {
					t.Fatalf("round %d:\n%s\n%s", round, p.Printed[k], q.Printed[k])
				}
			}
			if p.Change != Keep {
				changed++
			}
		}
		a, b := before.Principals[0], after.Principals[0]
		if a.Status != b.Status || a.Used != b.Used || !reflect.DeepEqual(a.Covers, b.Covers) || a.Unmapped != b.Unmapped || a.Window != b.Window || len(b.Quarantined) == 0 {
			t.Fatalf("round %d:\n%+v\n%+v", round, a, b)
		}
	}
	if changed < 8 {
		t.Errorf("only %d proposals change anything", changed)
	}
}

// noise adds quarantined rows of all tables.
func noise(w *world, r *rand.Rand) {
	outcomes := []string{"allowed", "denied", "undetermined"}
	bases := []string{"logged", "inferred", "ambiguous", "dependent"}
	actions := []string{"sqs:CreateQueue", "sqs:PurgeQueue", "ec2:TerminateInstances", "ecs:RunTask", "iam:PassRole", "s3:GetObject", "lambda:Invoke", "foo:Bar", "kms:Decrypt"}
	for i := range 8 {
		row := w.intruder(fmt.Sprint("rule-", i%3), actions[r.IntN(len(actions))], queue("x"), int32(r.IntN(window+40)))
		row.Outcome, row.Basis = outcomes[r.IntN(3)], bases[r.IntN(4)]
		if r.IntN(3) == 0 {
			row.Kind, row.Resource = "none", ""
		}
	}
	w.table.Unmapped = append(w.table.Unmapped, usage.UnmappedRow{Principal: roleARN, Account: acct, EventSource: "sqs.amazonaws.com", EventName: "New", Events: 5, Lane: usage.QuarantineLane("rule-0")})
	for d := range int32(40) {
		w.table.Coverage = append(w.table.Coverage, usage.CoverageRow{Account: acct, Region: "ap-south-1", Category: []string{"Management", "Data"}[d%2],
			ReadOnly: int8(1 + d%2), EventSource: "kms.amazonaws.com", Day: firstDay + window + d, Class: usage.QuarantineLane("rule-0"), Records: 3})
	}
}

package synth

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/usage"
)

func (w *world) input(o Options) Input {
	return Input{Catalog: actions.Default(), Table: w.table, Snapshot: w.snapshot(), Options: o}
}

func (w *world) backtest(o BacktestOptions) *Tested {
	w.t.Helper()
	r, err := Backtest(w.input(Options{}), o)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) tested(o BacktestOptions) PrincipalTested {
	w.t.Helper()
	r := w.backtest(o)
	i := slices.IndexFunc(r.Principals, func(p PrincipalTested) bool { return p.ARN == roleARN })
	if i < 0 {
		w.t.Fatalf("no %s among %d principals", roleARN, len(r.Principals))
	}
	return r.Principals[i]
}

const (
	queues   = "arn:aws:sqs:us-east-1:111122223333:"
	sqsAll   = `{"Version":"2012-10-17","Statement":[{"Sid":"Q","Effect":"Allow","Action":["sqs:CreateQueue","sqs:DeleteQueue","sqs:PurgeQueue","sqs:SetQueueAttributes"],"Resource":"*"}]}`
	tailDay  = 80
	otherARN = "arn:aws:iam::111122223333:role/other"
)

func TestBacktestRepeatBreaksNothing(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = sqsAll
	for _, d := range []int32{1, 20, 40, 60, tailDay, 90} {
		w.saw("sqs:CreateQueue", queues+"jobs", "arn", d)
		w.saw("sqs:DeleteQueue", queues+"jobs", "arn", d)
	}
	p := w.tested(BacktestOptions{})
	if p.Replayed != 2 || p.Calls != 12 || p.Proposed.Denied != 0 || p.Lost != nil || p.Exact.Denied != 0 || p.ActionOnly.Denied != 0 {
		t.Errorf("%+v", p)
	}
	if e := p.Proposed.Excess; e.Unused != 0 || e.Attached != 4 { // four actions on one queue
		t.Errorf("excess %+v", e)
	}
	if e := p.Attached.Excess; e.Unused != 2 {
		t.Errorf("attached: excess %+v", e)
	}
}

func TestBacktestNewActionIsDenied(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = sqsAll
	w.saw("sqs:CreateQueue", queues+"jobs", "arn", 1, 20, 40, tailDay)
	w.saw("sqs:PurgeQueue", queues+"jobs", "arn", tailDay, 85, 90)
	p := w.tested(BacktestOptions{})
	if p.Replayed != 2 || p.Proposed.Denied != 1 || p.Proposed.DeniedCalls != 9 || p.Exact.Denied != 1 || p.ActionOnly.Denied != 1 || len(p.Lost) != 1 {
		t.Fatalf("%+v", p)
	}
	l := p.Lost[0]
	if l.Action != "sqs:PurgeQueue" || l.Resource != queues+"jobs" || l.Calls != 9 || l.Days != 3 || l.Policy != "app" || l.Sid != "Q" ||
		l.Fate != FateRemoved || l.First != dayTime(firstDay+tailDay) || !strings.Contains(l.Reason, "unused") {
		t.Errorf("%+v", l)
	}
}

func TestBacktestNewResource(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = sqsAll
	w.saw("sqs:CreateQueue", queues+"jobs", "arn", 1, 20, 40, tailDay)
	w.saw("sqs:CreateQueue", queues+"billing", "arn", tailDay)
	p := w.tested(BacktestOptions{})
	if p.Proposed.Denied != 1 || p.Exact.Denied != 1 || p.ActionOnly.Denied != 0 || p.Lost[0].Fate != FateUsed {
		t.Errorf("%+v", p)
	}
	if e := p.ActionOnly.Excess; e.Unused != 0 { // both queues are used
		t.Errorf("actions alone: %+v", e)
	}
}

// TestBacktestCountsWhatIsExplained: a success that no statement explains, a denied call
// and a quarantined one are not replayed.
func TestBacktestCountsWhatIsExplained(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = sqsAll
	w.saw("sqs:CreateQueue", queues+"jobs", "arn", 1, 20, 40, tailDay)
	w.saw("sns:CreateTopic", "arn:aws:sns:us-east-1:111122223333:t", "arn", tailDay)
	w.saw("sqs:PurgeQueue", queues+"jobs", "arn", tailDay).Outcome = "denied"
	w.saw("sqs:DeleteQueue", queues+"jobs", "arn", tailDay).Lane = usage.QuarantineLane("stolen")
	p := w.tested(BacktestOptions{})
	if p.Replayed != 1 || p.Unexplained != 1 || p.Proposed.Denied != 0 {
		t.Errorf("%+v", p)
	}
}

// TestBacktestIsBlind: whatever comes after the cut, in the logs or in the account files,
// the proposals of the days before are the same.
func TestBacktestIsBlind(t *testing.T) {
	trained := func(change func(w *world)) string {
		w := newWorld(t)
		w.inline["app"] = sqsAll
		w.saw("sqs:CreateQueue", queues+"jobs", "arn", 1, 20, 40)
		w.saw("sqs:DeleteQueue", queues+"jobs", "arn", 74)
		change(w)
		in := w.input(Options{})
		c, err := newCut(&in, BacktestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		past := in
		past.Snapshot = c.snapshot(&in)
		past.Table = c.split(in.Table).before
		past.Options.AsOf, past.Options.MinWindow = dayTime(c.last), c.minWindow(&past)
		_, r := propose(past)
		return fmt.Sprintf("%s %s %s", r.Proposals[0].Change, r.Proposals[0].Reason, r.Proposals[0].Printed)
	}
	want := trained(func(*world) {})
	if !strings.Contains(want, "sqs:CreateQueue") || strings.Contains(want, "sqs:PurgeQueue") {
		t.Fatal(want)
	}
	day := time.Unix(int64(firstDay+90)*86400, 0).UTC().Format(time.RFC3339)
	for name, change := range map[string]func(w *world){
		"other uses":  func(w *world) { w.saw("sqs:PurgeQueue", queues+"x", "arn", 76, 90) },
		"unexplained": func(w *world) { w.saw("sns:CreateTopic", "arn:aws:sns:us-east-1:111122223333:t", "arn", 76) },
		"unmapped": func(w *world) {
			w.table.Unmapped = append(w.table.Unmapped, usage.UnmappedRow{Day: firstDay + 80, Principal: roleARN, EventSource: "sqs.amazonaws.com", EventName: "New", Events: 1})
		},
		"unreadable": func(w *world) {
			w.table.Deliveries = append(w.table.Deliveries, usage.Delivery{Account: acct, Region: "us-east-1", Kind: "log", Day: firstDay + 80, Objects: 1, Unreadable: 1})
		},
		"policy change": func(w *world) { w.saw("iam:PutRolePolicy", roleARN, "arn", 80) },
		"stopped logging": func(w *world) {
			w.saw("cloudtrail:StopLogging", "arn:aws:cloudtrail:us-east-1:111122223333:trail/all", "arn", 80)
		},
		"last used": func(w *world) { w.extra = `"RoleLastUsed":{"LastUsedDate":"` + day + `","Region":"us-east-1"},` },
		"last accessed": func(w *world) {
			w.files = append(w.files, `{"Arn":"`+roleARN+`","JobStatus":"COMPLETED","JobCompletionDate":"2030-01-01T00:00:00Z","JobCreationDate":"2030-01-01T00:00:00Z",
			 "ServicesLastAccessed":[{"ServiceName":"SQS","ServiceNamespace":"sqs","LastAuthenticated":"`+day+`","TotalAuthenticatedEntities":1,
			 "TrackedActionsLastAccessed":[{"ActionName":"PurgeQueue","LastAccessedTime":"`+day+`"}]}]}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := trained(change); got != want {
				t.Errorf("trained %s\nwant %s", got, want)
			}
		})
	}
}

func TestBacktestYoungPrincipals(t *testing.T) {
	w := newWorld(t)
	shared := "arn:aws:iam::111122223333:policy/shared"
	w.managed[shared], w.attached = sqsAll, []string{shared}
	young := time.Unix(int64(firstDay+90)*86400, 0).UTC().Format(time.RFC3339)
	w.files = append(w.files, `{"UserDetailList":[],"GroupDetailList":[],"Policies":[],"RoleDetailList":[{"Path":"/","RoleName":"other","RoleId":"AROAEXAMPLEOTHERROLE1","Arn":"`+otherARN+`",
	 "CreateDate":"`+young+`","AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[]},"InstanceProfileList":[],"RolePolicyList":[],"Tags":[],
	 "AttachedManagedPolicies":[{"PolicyName":"shared","PolicyArn":"`+shared+`"}]}]}`)
	w.saw("sqs:CreateQueue", queues+"jobs", "arn", 1, 20, 40)
	w.saw("sqs:PurgeQueue", queues+"jobs", "arn", 80)
	r := w.backtest(BacktestOptions{})
	if len(r.Principals) != 1 || r.Principals[0].Proposed.Denied != 1 {
		t.Errorf("%+v", r.Principals)
	}
}

func TestBacktestForeign(t *testing.T) {
	w := newWorld(t)
	w.files = []string{selectorsAll}
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::lake/*"}]}`
	for d := int32(0); d < 100; d++ {
		w.saw("s3:GetObject", fmt.Sprintf("arn:aws:s3:::lake/in/%08x.json", uint32(d)*2654435761), "arn", d)
	}
	before := w.tested(BacktestOptions{})
	if before.Proposed.Denied != 0 || before.Proposed.Foreign != 0 || before.Exact.Denied != 25 {
		t.Fatalf("%+v", before)
	}
	r := w.saw("s3:GetObject", "arn:aws:s3:::lake/in/deadbeef.json", "arn", 3)
	r.Principal, r.PrincipalID = otherARN, "AROAEXAMPLEOTHERROLE1"
	if got := w.tested(BacktestOptions{}); got.Proposed.Foreign != 1 || got.Attached.Foreign != 1 || got.Proposed.Excess.Unused != before.Proposed.Excess.Unused+1 {
		t.Errorf("%+v", got)
	}
}

// TestBacktestTellsKeptApart: what is kept on purpose is beside the excess, with its number.
func TestBacktestTellsKeptApart(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = sqsAll
	for _, q := range []string{"jobs", "mail", "news"} {
		w.saw("sqs:CreateQueue", queues+q, "arn", 1, 20, 40, 60, tailDay)
	}
	plain := w.tested(BacktestOptions{}).Proposed.Excess
	r, err := Backtest(w.input(Options{Keep: []KeepEntry{permission("sqs:PurgeQueue sqs:CreateQueue", "")}}), BacktestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Principals[0].Proposed.Excess; plain.Kept != 0 || got.Kept != 3 || got.Unused != plain.Unused || r.Totals().Proposed.Excess.Kept != 3 {
		t.Errorf("%+v, without a keep list %+v", got, plain)
	}
}

func TestBacktestScratch(t *testing.T) {
	w := newWorld(t)
	w.saw("sqs:CreateQueue", queues+"jobs", "arn", 1, 20, 40, tailDay)
	w.saw("sqs:PurgeQueue", queues+"jobs", "arn", tailDay)
	in := w.input(Options{})
	in.Snapshot = nil
	r, err := Backtest(in, BacktestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if p := r.Principals[0]; p.Replayed != 2 || p.Proposed.Denied != 1 || p.Lost[0].Reason != "not used before" || p.Lost[0].Statement != -1 {
		t.Errorf("%+v", p)
	}
}

func TestBacktestDays(t *testing.T) {
	w := newWorld(t)
	in := w.input(Options{})
	day := func(n int32) time.Time { return dayTime(firstDay + n) }
	for _, tt := range []struct {
		o    BacktestOptions
		last int32 // -1: too few
	}{
		{BacktestOptions{}, 74}, {BacktestOptions{Learn: 45}, 44}, {BacktestOptions{Learn: 99}, 98}, {BacktestOptions{Learn: 100}, -1},
		{BacktestOptions{Until: day(50)}, 50}, {BacktestOptions{Until: day(99)}, -1}, {BacktestOptions{Until: day(-1)}, -1}, {BacktestOptions{Learn: 1 << 40}, -1},
	} {
		c, err := newCut(&in, tt.o)
		if tt.last < 0 {
			if !errors.Is(err, ErrTooFewDays) {
				t.Errorf("%+v: %v", tt.o, err)
			}
			continue
		}
		if err != nil || c.last != firstDay+tt.last || c.end != firstDay+99 {
			t.Errorf("%+v: %+v %v", tt.o, c, err)
		}
	}
	in.Options.AsOf = day(59)
	if c, err := newCut(&in, BacktestOptions{}); err != nil || c.last != firstDay+44 {
		t.Errorf("60 days: %+v %v", c, err)
	}
	in.Options.AsOf = day(12)
	if _, err := newCut(&in, BacktestOptions{}); !errors.Is(err, ErrTooFewDays) {
		t.Errorf("13 days: %v", err)
	}
}

// TestSplitIsUndone: the parts are those of their days, and the table is as before in the end.
func TestSplitIsUndone(t *testing.T) {
	c := &cutoff{first: 10, last: 20, end: 30}
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		table := &usage.Table{}
		for i := range rnd.IntN(20) {
			day := int32(rnd.IntN(40)) - 1
			table.Usage = append(table.Usage, usage.Row{Day: day, Count: int64(i)})
			table.Calls = append(table.Calls, usage.Call{Day: day, Events: int64(i)})
		}
		was := slices.Clone(table.Usage)
		h := c.split(table)
		var before, after []usage.Row
		for _, r := range was {
			switch {
			case r.Day >= 0 && r.Day <= 20:
				before = append(before, r)
			case r.Day > 20 && r.Day <= 30:
				after = append(after, r)
			}
		}
		if !slices.Equal(h.before.Usage, before) || !slices.Equal(h.after.Usage, after) || len(h.after.Calls) != len(after) {
			t.Fatalf("split %v into %v and %v", was, h.before.Usage, h.after.Usage)
		}
		if h.restore(); !slices.Equal(table.Usage, was) {
			t.Fatalf("restored %v, was %v", table.Usage, was)
		}
	}
}

// TestCopySnapshot: every exported member is copied, those of later versions too.
func TestCopySnapshot(t *testing.T) {
	s := newWorld(t).snapshot()
	s.Principal("") // builds the index
	got := copySnapshot(s)
	a, b := reflect.ValueOf(s).Elem(), reflect.ValueOf(got).Elem()
	for i := range a.NumField() {
		if f := a.Type().Field(i); f.IsExported() && !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			t.Errorf("%s differs", f.Name)
		}
	}
	got.Principals = []*account.Principal{{ARN: "x"}}
	if got.Principal("x") == nil || s.Principal("x") != nil {
		t.Error("the copy has not an index of its own")
	}
}

func TestBacktestByWorkers(t *testing.T) {
	in := benchInput(&testing.B{}, 20, 100, sqsAll)
	var first *Tested
	for _, n := range []int{1, 4} {
		in.Options.Workers = n
		r, err := Backtest(in, BacktestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = r
		}
		if !reflect.DeepEqual(first, r) {
			t.Errorf("%d workers give another result", n)
		}
	}
	if sum := first.Totals(); sum.Replayed == 0 || sum.ActionOnly.Denied > sum.Exact.Denied {
		t.Errorf("%+v", sum)
	}
}

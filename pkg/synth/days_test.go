package synth

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/usage"
)

const otherAcct = "444455556666"

// logs is a dataset of two accounts with records of each day, in two regions, from which
// cases take away.
type logs struct {
	table usage.Table
	trail []*account.Trail
	sel   []*account.TrailSelectors
}

func newLogs() *logs {
	l := &logs{}
	for d := range int32(window) {
		for _, a := range []string{acct, otherAcct} {
			for _, region := range []string{"us-east-1", "eu-west-1"} {
				l.table.Coverage = append(l.table.Coverage, usage.CoverageRow{Account: a, Region: region, Category: "Management",
					ReadOnly: 1, EventSource: "ec2.amazonaws.com", Day: firstDay + d, Records: 1})
				l.table.Deliveries = append(l.table.Deliveries, usage.Delivery{Account: a, Region: region, Kind: "log", Day: firstDay + d, Objects: 1})
			}
		}
	}
	return l
}

// silent takes away what the account has of some days; region "" means all.
func (l *logs) silent(region string, from, to int32) *logs {
	in := func(day int32) bool { return day >= firstDay+from && day <= firstDay+to }
	var rows []usage.CoverageRow
	for _, r := range l.table.Coverage {
		if r.Account != acct || !in(r.Day) || region != "" && r.Region != region {
			rows = append(rows, r)
		}
	}
	var objects []usage.Delivery
	for _, d := range l.table.Deliveries {
		if d.Account != acct || !in(d.Day) || region != "" && d.Region != region {
			objects = append(objects, d)
		}
	}
	l.table.Coverage, l.table.Deliveries = rows, objects
	return l
}

// digest adds digests of a region for some days.
func (l *logs) digest(region string, from, to int32, change func(*usage.DigestRow)) *logs {
	for d := from; d <= to; d++ {
		r := usage.DigestRow{Account: acct, Region: region, Day: firstDay + d, Hours: usage.AllHours, Digests: 24, Listed: 3}
		if change != nil {
			change(&r)
		}
		l.table.Digests = append(l.table.Digests, r)
	}
	return l
}

// call adds a call on a trail, at an hour of a day.
func (l *logs) call(action, arn string, day, hour int32) *logs {
	at := (int64(firstDay+day)*24 + int64(hour)) * 3600_000
	l.table.Usage = append(l.table.Usage, usage.Row{Day: firstDay + day, Principal: roleARN, Account: acct, RecipientAccount: accountOf(arn),
		Action: "cloudtrail:" + action, Resource: arn, Kind: "arn", Basis: "logged", Outcome: "allowed", Count: 1, First: at, Last: at})
	return l
}

// knows adds a trail of describe-trails.
func (l *logs) knows(arn string, multi, organization bool) *logs {
	l.trail = append(l.trail, &account.Trail{ARN: arn, MultiRegion: multi, Organization: organization})
	return l
}

// coverage is what comes of it. Rows of equal days are joined, as in a dataset.
func (l *logs) coverage() *accountCoverage {
	l.table.Digests = usage.AggregateDigests(l.table.Digests)
	return coverages(&l.table, &account.Snapshot{Trails: l.trail, Selectors: l.sel})[acct]
}

const (
	second   = "arn:aws:cloudtrail:us-east-1:111122223333:trail/second"
	orgTrail = "arn:aws:cloudtrail:us-east-1:444455556666:trail/org"
)

func TestDays(t *testing.T) {
	missing := func(r *usage.DigestRow) { r.Missing = 1 }
	changed := func(r *usage.DigestRow) { r.Different = 1 }
	failed := func(r *usage.DigestRow) { r.Failed = 1 }
	partly := func(r *usage.DigestRow) { r.Hours = 0xfff }
	both := func(l *logs, from, to int32) *logs {
		return l.digest("us-east-1", from, to, nil).digest("eu-west-1", from, to, nil)
	}
	tests := []struct {
		name                string
		logs                *logs
		quiet, gap, unknown int
		lost                int
	}{
		{name: "all days", logs: newLogs()},
		{name: "a long weekend", logs: newLogs().silent("", 10, 13), quiet: 4},
		{name: "a longer run", logs: newLogs().silent("", 10, 14), gap: 5},
		{name: "two weekends", logs: newLogs().silent("", 10, 13).silent("", 15, 18), quiet: 8},
		{name: "a region is silent", logs: newLogs().silent("eu-west-1", 10, 40)},

		{name: "digests", logs: both(newLogs().silent("", 10, 40), 5, 50), quiet: 31},
		{name: "digests of the quiet days alone", logs: both(newLogs().silent("", 10, 40), 10, 40), quiet: 31},
		{name: "digests of one of two regions", logs: newLogs().silent("", 10, 40).digest("us-east-1", 5, 50, nil), unknown: 31},
		{name: "the same, of a multi-region trail", logs: newLogs().silent("", 10, 40).digest("us-east-1", 5, 50, nil).knows(trailARN, true, false), quiet: 31},
		{name: "the same, multi-region since later", logs: newLogs().silent("", 10, 40).digest("us-east-1", 5, 50, nil).knows(trailARN, true, false).call("UpdateTrail", trailARN, 30, 0), quiet: 10, unknown: 21},
		{name: "a day without digests among them", logs: both(both(newLogs().silent("", 20, 20), 5, 19), 21, 50), unknown: 1},
		{name: "a day without digests, with records", logs: both(both(newLogs(), 5, 19), 21, 50)},
		{name: "a day before the first digest", logs: both(newLogs().silent("", 4, 4), 5, 50), quiet: 1},
		{name: "some hours without digests", logs: both(newLogs().silent("", 20, 20), 5, 19).digest("us-east-1", 20, 20, partly).digest("us-east-1", 21, 50, nil), unknown: 1},
		{name: "a region's chain has a hole", logs: both(newLogs().silent("", 20, 20).knows(trailARN, true, false), 5, 19).digest("us-east-1", 20, 50, nil).digest("eu-west-1", 21, 50, nil), unknown: 1},
		{name: "a digest failed", logs: both(newLogs().silent("", 20, 20), 5, 19).digest("us-east-1", 20, 20, failed).digest("eu-west-1", 20, 20, nil).digest("us-east-1", 21, 50, nil), unknown: 1},
		{name: "a log file is missing", logs: newLogs().digest("us-east-1", 20, 21, missing), gap: 2},
		{name: "a log file is missing on a quiet day", logs: newLogs().silent("", 20, 20).digest("us-east-1", 20, 20, missing), gap: 1},
		{name: "a log file is changed", logs: newLogs().digest("eu-west-1", 20, 20, changed), gap: 1},
		{name: "objects without management events", logs: func() *logs {
			l := newLogs().silent("", 10, 19)
			for d := range int32(4) {
				l.table.Deliveries = append(l.table.Deliveries, usage.Delivery{Account: acct, Region: "us-east-1", Kind: "log", Day: firstDay + 12 + d, Objects: 1})
			}
			return l
		}(), gap: 6, unknown: 4},

		{name: "an organization trail delivered for another account", logs: newLogs().silent("", 10, 40).knows(orgTrail, true, true), quiet: 31},
		{name: "a trail of one region", logs: newLogs().silent("", 10, 40).knows(orgTrail, false, true), gap: 31},
		{name: "another account's own trail", logs: newLogs().silent("", 10, 40).knows(orgTrail, true, false), gap: 31},
		{name: "an organization trail since later", logs: newLogs().silent("", 10, 40).knows(orgTrail, true, true).call("UpdateTrail", orgTrail, 29, 0), quiet: 11, gap: 20},
		{name: "an organization trail, and digests with a hole", logs: both(both(newLogs().silent("", 20, 29).knows(orgTrail, true, true), 5, 19), 30, 50), unknown: 10},

		{name: "unreadable", logs: func() *logs {
			l := newLogs()
			l.table.Deliveries = append(l.table.Deliveries, usage.Delivery{Account: acct, Kind: "log", Day: firstDay + 9, Objects: 1, Unreadable: 1},
				usage.Delivery{Account: acct, Kind: "digest", Day: firstDay + 10, Objects: 1, Unreadable: 1})
			return l
		}(), lost: 1},

		{name: "stopped", logs: newLogs().silent("", 31, 49).call("StopLogging", trailARN, 30, 12).call("StartLogging", trailARN, 50, 12), gap: 21},
		{name: "stopped over a weekend", logs: newLogs().silent("", 31, 32).call("StopLogging", trailARN, 30, 12).call("StartLogging", trailARN, 33, 12), gap: 4},
		{name: "stopped for an hour", logs: newLogs().call("StopLogging", trailARN, 30, 12).call("StartLogging", trailARN, 30, 13), gap: 1},
		{name: "stopped each night", logs: func() *logs {
			l := newLogs()
			for d := range int32(20) {
				l.call("StopLogging", trailARN, 30+d, 20).call("StartLogging", trailARN, 31+d, 6)
			}
			return l
		}(), gap: 21},
		{name: "stopped, and another trail goes on", logs: newLogs().call("StopLogging", trailARN, 30, 12).call("StartLogging", trailARN, 50, 12)},
		{name: "stopped, and another trail goes on, but for a weekend", logs: newLogs().silent("", 35, 36).call("StopLogging", trailARN, 30, 12).call("StartLogging", trailARN, 50, 12), gap: 2},
		{name: "the same, and that trail is known", logs: newLogs().silent("", 35, 36).knows(trailARN, true, false).knows(second, true, false).call("StopLogging", trailARN, 30, 12).call("StartLogging", trailARN, 50, 12), quiet: 2},
		{name: "a known trail that has no records here", logs: newLogs().silent("", 31, 49).knows(trailARN, true, false).knows(second, true, false).call("StopLogging", trailARN, 30, 12).call("StartLogging", trailARN, 50, 12), gap: 21},
		{name: "stopped, and the other trail is of one region", logs: newLogs().silent("eu-west-1", 31, 49).call("StopLogging", trailARN, 30, 12).call("StartLogging", trailARN, 50, 12), gap: 21},
		{name: "stopped, and digests tell of quiet days", logs: both(newLogs().silent("", 31, 49), 31, 49).call("StopLogging", trailARN, 30, 12).call("StartLogging", trailARN, 50, 12), quiet: 19, gap: 2},
		{name: "deleted, and another trail goes on", logs: newLogs().call("DeleteTrail", trailARN, 30, 12)},
		{name: "deleted, and little comes", logs: newLogs().silent("", 31, 70).call("DeleteTrail", trailARN, 30, 12).silent("", 71, 98), gap: 70},
		{name: "a trail that the record does not name", logs: newLogs().silent("", 31, 32).call("StopLogging", unnamed(acct), 30, 12).call("StartLogging", unnamed(acct), 33, 12), gap: 4},
		{name: "another account's trail", logs: newLogs().silent("", 31, 32).call("StopLogging", orgTrail, 30, 12).call("StartLogging", orgTrail, 33, 12), quiet: 2},
		{name: "the organization's trail", logs: newLogs().silent("", 31, 32).knows(orgTrail, true, true).call("StopLogging", orgTrail, 30, 12).call("StartLogging", orgTrail, 33, 12), gap: 4},
		{name: "started anew", logs: newLogs().call("StartLogging", trailARN, 30, 12).call("StartLogging", trailARN, 31, 12)},
		{name: "stopped when it was", logs: newLogs().silent("", 31, 32).call("StopLogging", trailARN, 30, 12).call("StopLogging", trailARN, 31, 0).call("StartLogging", trailARN, 33, 12), gap: 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := tt.logs.coverage().window(0, firstDay+window)
			want := Window{From: dayTime(firstDay), To: dayTime(firstDay + window - 1), Regions: 2, Days: window - tt.gap - tt.unknown - tt.lost,
				QuietDays: tt.quiet, GapDays: tt.gap, UnknownDays: tt.unknown, LostDays: tt.lost}
			if w != want {
				t.Errorf("%+v\nwant %+v", w, want)
			}
		})
	}
}

// TestCallsThatChangeNothing: only what was allowed and logged of CloudTrail's own calls
// stops a trail.
func TestCallsThatChangeNothing(t *testing.T) {
	for name, change := range map[string]func(*usage.Row){
		"denied":          func(r *usage.Row) { r.Outcome = "denied" },
		"undetermined":    func(r *usage.Row) { r.Outcome = "undetermined" },
		"documented only": func(r *usage.Row) { r.Basis = "dependent" },
		"another service": func(r *usage.Row) { r.Action = "config:StopLogging" },
		"another call":    func(r *usage.Row) { r.Action = "cloudtrail:StopImport" },
		"no day":          func(r *usage.Row) { r.Day = -1 },
	} {
		l := newLogs().silent("", 31, 32).call("StopLogging", trailARN, 30, 12)
		change(&l.table.Usage[0])
		if w := l.coverage().window(0, firstDay+window); w.GapDays != 0 {
			t.Errorf("%s: %+v", name, w)
		}
	}
	l := newLogs().silent("", 31, 32).call("StopLogging", trailARN, 30, 12)
	l.table.Usage[0].Lane, l.table.Usage[0].Action = "incident", "CloudTrail:stoplogging"
	if w := l.coverage().window(0, firstDay+window); w.GapDays == 0 {
		t.Error("a call of an attacker, in another lane, is overlooked")
	}
}

// TestWindowIsPartOfTheWhole: the days of a part are those that they are in the whole.
func TestWindowIsPartOfTheWhole(t *testing.T) {
	c := newLogs().silent("", 10, 16).silent("", 30, 31).coverage()
	if w := c.window(firstDay+14, firstDay+20); w.GapDays != 3 || w.Days != 4 {
		t.Errorf("%+v", w)
	}
	for cut := range int32(window - 1) {
		a, b, whole := c.window(0, firstDay+cut), c.window(firstDay+cut+1, firstDay+window), c.window(0, firstDay+window)
		if a.Days+b.Days != whole.Days || a.GapDays+b.GapDays != whole.GapDays || a.QuietDays+b.QuietDays != whole.QuietDays {
			t.Fatalf("cut at %d: %+v and %+v of %+v", cut, a, b, whole)
		}
	}
	if w := c.window(firstDay+50, firstDay+40); w != (Window{}) {
		t.Errorf("%+v", w)
	}
}

// TestEvidenceNeverGrows takes things away from logs at random: the window does not
// become longer by it.
func TestEvidenceNeverGrows(t *testing.T) {
	for seed := range int32(40) {
		l := newLogs().silent("", 10, 20).silent("", 50, 52)
		l.digest("us-east-1", 0, 99, nil).digest("eu-west-1", 0, 99, nil)
		before := l.coverage().window(0, firstDay+window)
		d := seed * 2 % window
		switch seed % 4 {
		case 0: // a digest is lost
			l.table.Digests[seed*3].Hours &^= 1 << 5
		case 1:
			l.table.Digests[seed*3].Missing++
		case 2:
			l.call("StopLogging", trailARN, d, 3)
		case 3:
			l.table.Digests[seed*3].Failed++
		}
		if after := l.coverage().window(0, firstDay+window); after.Days > before.Days {
			t.Errorf("seed %d: %+v after %+v", seed, after, before)
		}
	}
}

func TestChangedSelectors(t *testing.T) {
	write := actions.Fact{Name: "ec2:RunInstances", Visibility: actions.Management}
	read := actions.Fact{Name: "ec2:DescribeInstances", Visibility: actions.Management, ReadOnly: true}
	object := actions.Fact{Name: "s3:PutObject", Visibility: actions.DataEvent, DataType: "AWS::S3::Object"}
	all := func(arn string) *account.TrailSelectors {
		return &account.TrailSelectors{TrailARN: arn, Advanced: append(advanced(equals("eventCategory", "Management"))[0].Advanced,
			advanced(equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object"))[0].Advanced...)}
	}
	fresh := func() *logs {
		l := newLogs().knows(trailARN, true, false)
		l.sel = []*account.TrailSelectors{all(trailARN)}
		for d := range int32(window) {
			l.table.Coverage = append(l.table.Coverage, usage.CoverageRow{Account: acct, Region: "us-east-1", Category: "Data", Day: firstDay + d, Records: 1})
		}
		return l
	}
	two := fresh()
	two.sel = append(two.sel, all(second))
	tests := []struct {
		name               string
		logs               *logs
		write, read, objct bool
	}{
		{"as they are", fresh(), true, true, true},
		{"changed early", fresh().call("PutEventSelectors", trailARN, 5, 0), true, true, true},
		{"changed late", fresh().call("PutEventSelectors", trailARN, 60, 0), true, false, false},
		{"another trail's changed", fresh().call("PutEventSelectors", second, 60, 0), true, true, true},
		{"one of two", two.call("PutEventSelectors", trailARN, 60, 0), true, true, true},
		{"insights changed", fresh().call("PutInsightSelectors", trailARN, 60, 0), true, true, true},
		{"created late", fresh().call("CreateTrail", trailARN, 60, 0), true, false, false},
		{"changed, in a record that names no trail", fresh().call("PutEventSelectors", unnamed(acct), 60, 0), true, false, false},
		{"deleted", fresh().call("DeleteTrail", trailARN, 98, 0), true, false, false},
		{"started late", fresh().call("StartLogging", trailARN, 60, 0), true, false, false},
	}
	for _, tt := range tests {
		c := tt.logs.coverage()
		sub := &subject{p: &account.Principal{ARN: roleARN, Account: acct}, cov: c, window: c.window(0, firstDay+window)}
		v := newViewer(&Options{MinWindow: DefaultMinWindow}, []*subject{sub})
		for _, x := range []struct {
			fact *actions.Fact
			want bool
		}{{&write, tt.write}, {&read, tt.read}, {&object, tt.objct}} {
			if got := v.see(x.fact); got.ok != x.want {
				t.Errorf("%s: %s is %v (%s), want %v", tt.name, x.fact.Name, got.ok, got.reason, x.want)
			}
		}
	}
}

func TestTrailThatBecameMultiRegion(t *testing.T) {
	write := actions.Fact{Name: "ec2:RunInstances", Visibility: actions.Management}
	for _, tt := range []struct {
		name string
		logs *logs
		want bool
	}{
		{"it always was", newLogs().knows(trailARN, true, false), true},
		{"changed, and two regions before", newLogs().knows(trailARN, true, false).call("UpdateTrail", trailARN, 60, 0), true},
		{"changed, and one region before", newLogs().silent("eu-west-1", 0, 60).knows(trailARN, true, false).call("UpdateTrail", trailARN, 60, 0), false},
		{"changed early", newLogs().silent("eu-west-1", 0, 4).knows(trailARN, true, false).call("UpdateTrail", trailARN, 4, 0), true},
	} {
		c := tt.logs.coverage()
		sub := &subject{p: &account.Principal{ARN: roleARN, Account: acct}, cov: c, window: c.window(0, firstDay+window)}
		if got := newViewer(&Options{MinWindow: DefaultMinWindow}, []*subject{sub}).see(&write); got.ok != tt.want {
			t.Errorf("%s: %v (%s)", tt.name, got.ok, got.reason)
		}
	}
}

// TestStoppedTrailStopsRemoval goes the whole way: the reasons name what is missing.
func TestStoppedTrailStopsRemoval(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:DescribeInstances","sqs:CreateQueue"],"Resource":"*"}]}`
	w.saw("ec2:DescribeInstances", "*", "star", 1, 50, 99)
	if e := fateOf(t, w.only(Options{}), "sqs:CreateQueue"); e.Fate != FateRemoved {
		t.Fatalf("%s: %s", e.Fate, e.Reason)
	}
	w.saw("cloudtrail:StopLogging", trailARN, "arn", 30)
	w.saw("cloudtrail:StartLogging", trailARN, "arn", 50)
	var rows []usage.CoverageRow
	for _, r := range w.table.Coverage {
		if r.Day <= firstDay+30 || r.Day >= firstDay+50 {
			rows = append(rows, r)
		}
	}
	w.table.Coverage = rows
	r := w.propose(Options{})
	e := fateOf(t, r.Proposals[0], "sqs:CreateQueue")
	if e.Fate != FateNotVisible || !strings.Contains(e.Reason, "observed 79 days (not counting 21 without logs), a removal needs 90") {
		t.Errorf("%s: %s", e.Fate, e.Reason)
	}
	if text := fmt.Sprint(r.Warnings); !strings.Contains(text, "trail t was stopped on 2024-11-03 and started again on 2024-11-23") {
		t.Error(text)
	}
}

func TestWarnings(t *testing.T) {
	l := newLogs().digest("us-east-1", 3, 4, func(r *usage.DigestRow) { r.Missing, r.Failed = 2, 1 })
	for d := range int32(6) {
		l.call("StopLogging", trailARN, 10*d, 1).call("StartLogging", trailARN, 10*d, 2)
	}
	l.sel = []*account.TrailSelectors{{TrailARN: trailARN}, {TrailARN: second}}
	l.call("DeleteTrail", second, 80, 0)
	c := l.coverage()
	text := strings.Join(append(c.digestWarnings(), c.trailWarnings()...), "\n")
	for _, want := range []string{"log files of 2 days that the archive lacks", "2 digests not as CloudTrail wrote it", "stopped 3 times more", "trail second is stopped by the end", "trail t was changed or started on"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if c := newLogs().coverage(); len(c.digestWarnings())+len(c.trailWarnings()) != 0 {
		t.Error("a warning without a cause")
	}
}

package synth

import (
	"fmt"
	"strings"
	"testing"
)

// TestHoles: where AWS's own dates tell of a use that the logs should show and do not,
// nothing of the service is touched. One rule a row.
func TestHoles(t *testing.T) {
	const queue = "arn:aws:sqs:us-east-1:111122223333:q1"
	const all = `"sqs:CreateQueue","sqs:DeleteQueue","sqs:PurgeQueue"` // of which each use shows
	report := func(made int32, services ...string) func(*world) {
		return func(w *world) { w.files = append(w.files, accessReportOf(roleARN, made, services...)) }
	}
	denied := func(d int32, then func(*world)) func(*world) {
		return func(w *world) {
			w.saw("sqs:CreateQueue", queue, "arn", d).Outcome = "denied"
			then(w)
		}
	}
	used := func(then func(*world)) func(*world) {
		return func(w *world) {
			w.saw("sqs:CreateQueue", queue, "arn", 5)
			then(w)
		}
	}
	tests := []struct {
		name    string
		actions string
		change  func(*world)
		want    Fate   // of sqs:DeleteQueue
		why     string // part of the reason
	}{
		{"no report", all, used(func(*world) {}), FateRemoved, ""},
		{"used when the logs show it", all, used(report(window+1, serviceOf("sqs", 5))), FateRemoved, ""},
		{"used later", all, used(report(window+1, serviceOf("sqs", 60))), FateBlocked, "the logs show none after " + dayTime(firstDay+5).Format("2006-01-02")},
		{"used later, what the logs cannot show is granted", all + `,"sqs:SendMessage"`, used(report(window+1, serviceOf("sqs", 60))), FateRemoved, ""},
		{"used after the logs", all, used(report(window+20, serviceOf("sqs", window+10))), FateRemoved, ""},
		{"a tracked action used later", all + `,"sqs:SendMessage"`, used(report(window+1, serviceOf("sqs", 60, "CreateQueue@60"))), FateBlocked, "a use of sqs:CreateQueue"},
		{"a tracked action that the logs lack", all + `,"sqs:SendMessage"`, used(report(window+1, serviceOf("sqs", 60, "CreateQueue@5", "PurgeQueue@60"))), FateBlocked, "a use of sqs:PurgeQueue"},
		{"a tracked action that the logs cannot show", all + `,"sqs:SendMessage"`, used(report(window+1, serviceOf("sqs", 60, "SendMessage@60"))), FateRemoved, ""},
		{"a tracked action used after the logs", all, used(report(window+20, serviceOf("sqs", window+10, "PurgeQueue@"+fmt.Sprint(window+10)))), FateRemoved, ""},
		{"a report older than the logs, of a use that they lack", all, used(report(70, serviceOf("sqs", 60))), FateBlocked, "the logs show none after"},
		{"a report older than the logs, of no use", all, used(report(70, serviceOf("sqs", -1))), FateRemoved, ""},
		{"only denied calls, when AWS saw an attempt", all, denied(60, report(window+1, serviceOf("sqs", 60))), FateRemoved, ""},
		{"only denied calls, long before", all, denied(5, report(window+1, serviceOf("sqs", 60))), FateBlocked, "that the logs lack"},
		{"the role used when the logs show it", all, used(lastUsed(5)), FateRemoved, ""},
		{"the role used later", all, used(lastUsed(60)), FateNotVisible, "the logs show no call of it after"},
		{"the role used later, what the logs cannot show is granted", all + `,"sqs:SendMessage"`, used(lastUsed(60)), FateRemoved, ""},
		{"the role used after the logs", all, used(lastUsed(window + 5)), FateRemoved, ""},
		{"the role used, and the logs have nothing of it", all + `,"sqs:SendMessage"`, lastUsed(60), FateNotVisible, "the logs do not show it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[` + tt.actions + `],"Resource":"*"}]}`
			end := w.changed(window-1, 0, "ListUsers") // the logs go on
			end.Last++
			tt.change(w)
			if e := fateOf(t, w.only(Options{}), "sqs:DeleteQueue"); e.Fate != tt.want || !strings.Contains(e.Reason, tt.why) {
				t.Errorf("%s (%s), want %s (%s)", e.Fate, e.Reason, tt.want, tt.why)
			}
		})
	}
}

// lastUsed is the role's last use as IAM tells it.
func lastUsed(d int32) func(*world) {
	return func(w *world) { w.extra = `"RoleLastUsed":{"LastUsedDate":"` + day(d) + `"},` }
}

// TestOldReportsAreTold: a report that is older than the logs is no evidence of what was not
// used, and the result says so.
func TestOldReportsAreTold(t *testing.T) {
	for made, want := range map[int32]bool{70: true, window + 1: false} {
		w := newWorld(t)
		w.inline["app"] = twoQueues
		w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", window-1)
		w.files = []string{accessReportOf(roleARN, made, serviceOf("sqs", 60))}
		told := strings.Contains(strings.Join(w.propose(Options{}).Warnings, "\n"), "last-accessed reports of "+roleARN+" were made before")
		if told != want {
			t.Errorf("made on day %d: told %v", made, told)
		}
	}
}

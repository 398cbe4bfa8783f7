package report

import (
	"strings"
	"testing"
)

func TestDigestsAreToldWhereTheyDisagree(t *testing.T) {
	for _, tt := range []struct {
		d    *Digests
		want string // "" for no line
	}{
		{nil, ""},
		{&Digests{Files: 24, Verified: 23, Logs: 9, Equal: 9}, "24 files · all of 9 log files there"},
		{&Digests{Files: 24, Logs: 1200, Missing: 1, First: "x"}, "1 log file missing of 1,200 listed: x"},
		{&Digests{Files: 24, Logs: 9, Missing: 1, Different: 2, Failed: 3, First: "x\x1b"}, `1 log file missing · 2 log files changed of 9 listed: x\x1b, …; 3 digests not as CloudTrail wrote them`},
		{&Digests{Invalid: 2}, "2 digests unreadable"},
		{&Digests{Files: 24, Failed: 1}, "1 digest not as CloudTrail wrote it"},
	} {
		got := text(t, &Run{Scan: Scan{Digests: tt.d}}, TextOptions{Width: 200})
		if strings.Contains(got, "Digests") != (tt.want != "") || !strings.Contains(got, tt.want) {
			t.Errorf("%+v: %q is not in\n%s", tt.d, tt.want, got)
		}
	}
}

func TestUnknownDaysAreTold(t *testing.T) {
	r := &Run{Accounts: []Account{{ID: "111122223333", From: "2026-01-01", To: "2026-02-01", Days: 20, GapDays: 1, UnknownDays: 11, QuietDays: 2}}}
	if got := text(t, r, TextOptions{}); !strings.Contains(got, "1 day missing · 11 days unknown") {
		t.Error(got)
	}
}

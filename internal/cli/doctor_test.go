package cli

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/synth"
)

// TestShell lets a shell read what was quoted.
func TestShell(t *testing.T) {
	for _, s := range []string{"arn:aws:iam::111122223333:role/app", "it's", "$(touch x)", "`id`", "a b", "-n", "", "a\nb", `\`, "*", "~", "#x", "!!", "é"} {
		out, err := exec.Command("sh", "-c", "printf %s "+shell(s)).Output()
		if err != nil || string(out) != s {
			t.Errorf("%q came as %q: %v", s, out, err)
		}
	}
}

// TestAdvice gives every kind of need a sentence.
func TestAdvice(t *testing.T) {
	const trail = "arn:aws:cloudtrail:us-east-1:111122223333:trail/all"
	a := newAdvice(&account.Snapshot{Accounts: []string{"111122223333", "444455556666"},
		Trails: []*account.Trail{{ARN: trail, Organization: true}, {ARN: trail, Organization: true}}})
	for _, tt := range []struct {
		need          synth.Need
		text, command string
	}{
		{synth.Need{Kind: synth.NeedSelectors, Account: "444455556666", What: "AWS::S3::Object"}, "data events of AWS::S3::Object in full", "--trail-name " + trail},
		{synth.Need{Kind: synth.NeedSelectors, Account: "777788889999", What: "management read events"}, "management read events", "describe-trails"},
		{synth.Need{Kind: synth.NeedLastAccessed, Principal: "arn:aws:iam::111122223333:role/it's"}, "report of", `--arn 'arn:aws:iam::111122223333:role/it'\''s'`},
		{synth.Need{Kind: synth.NeedDays, Account: "111122223333", Days: 3}, "3 more observed days of account 111122223333: until 2026-01-02", ""},
		{synth.Need{Kind: synth.NeedSnapshot, Account: "111122223333"}, "taken again", "get-account-authorization-details"},
		{synth.Need{Kind: synth.NeedTrail, Account: "111122223333"}, "multi-region", "describe-trails"},
		{synth.Need{Kind: synth.NeedLogs, Account: "111122223333"}, "logs of account 111122223333", "describe-trails"},
		{synth.Need{Kind: synth.NeedLogs, Account: "111122223333", What: "data events"}, "takes data events", ""},
		{synth.Need{Kind: synth.NeedLogs, Principal: "p", What: "s3"}, "in which p uses s3", ""},
		{synth.Need{Kind: synth.NeedLogs, Principal: "p"}, "in which p is used", ""},
		{synth.Need{Kind: synth.NeedRegions}, "without --regions", ""},
		{synth.Need{Kind: synth.NeedReadable}, "could not be read", ""},
		{synth.Need{Kind: synth.NeedFacts, What: "s3"}, "unmapped calls of s3", "actions update"},
		{synth.Need{Kind: synth.NeedFacts, What: "*"}, "facts of the services", "actions update"},
		{synth.Need{Kind: synth.NeedCause, Principal: "p", What: "kms"}, "what allows p", ""},
		{synth.Need{Kind: synth.NeedStandard}, "--evidence standard", ""},
	} {
		text, commands := a.how(tt.need, "2026-01-02")
		if !strings.Contains(text, tt.text) || !strings.Contains(strings.Join(commands, "\n"), tt.command) {
			t.Errorf("%+v: %q %q", tt.need, text, commands)
		}
	}
	if n := len(a.trails["444455556666"]); n != 1 {
		t.Errorf("%d trails", n)
	}
}

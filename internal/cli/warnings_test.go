package cli

import (
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/synth"
)

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

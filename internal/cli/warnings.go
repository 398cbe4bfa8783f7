package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/synth"
)

// howToGet says how an account file is made.
const howToGet = "run aws iam get-account-authorization-details > account.json"

// missingFiles warns where policies are made from usage alone for want of account
// files; nothing else changes a run as much.
func missingFiles(r *synth.Result, s *account.Snapshot) []string {
	if s == nil {
		return []string{"no --account given: policies are made from usage alone; " + howToGet}
	}
	var missing []string
	for i := range r.Principals {
		p := &r.Principals[i]
		if (p.Type == "role" || p.Type == "user") && p.Account != "" && !slices.Contains(s.Accounts, p.Account) {
			missing = append(missing, p.Account)
		}
	}
	slices.Sort(missing)
	missing = slices.Compact(missing)
	if len(missing) == 0 {
		return nil
	}
	noun := "accounts"
	if len(missing) == 1 {
		noun = "account"
	}
	return []string{fmt.Sprintf("no authorization details for %s %s: policies there are made from usage alone; %s there",
		noun, some(missing, 5), howToGet)}
}

// some lists the first most names and counts the others.
func some(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s (+%d more)", strings.Join(names[:most], ", "), len(names)-most)
}

// accountWarning is a warning of an account file in one line.
func accountWarning(w account.Warning) string {
	parts := slices.DeleteFunc([]string{w.File, w.Where, w.Msg}, func(s string) bool { return s == "" })
	return strings.Join(parts, ": ")
}

// count is a number with its noun: 1 object, 2 objects.
func count[N int | int64](n N, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

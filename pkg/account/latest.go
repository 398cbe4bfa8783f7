package account

import (
	"time"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// latest finds the latest date that the authorization details tell of each account.
// Policies of AWS are no account's.
func (s *Snapshot) latest() map[string]time.Time {
	out := map[string]time.Time{}
	note := func(account string, dates ...time.Time) {
		for _, d := range dates {
			if accountID(account) && d.After(out[account]) {
				out[account] = d
			}
		}
	}
	for _, p := range s.Principals {
		note(p.Account, p.Created, p.LastUsed)
	}
	for _, g := range s.Groups {
		note(g.Account, g.Created)
	}
	for arn, pol := range s.Policies {
		a, err := iam.ParseARN(arn)
		if err != nil {
			continue
		}
		note(a.Account, pol.Created, pol.Updated, pol.InForce)
		for _, v := range pol.Others {
			note(a.Account, v.Created)
		}
	}
	return out
}

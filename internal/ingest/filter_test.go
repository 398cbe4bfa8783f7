package ingest

import (
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/trail"
)

func TestFilter(t *testing.T) {
	full := trail.Event{Time: at(10), Region: "eu-west-1", RecipientAccount: "111122223333"}
	without := func(change func(*trail.Event)) trail.Event {
		e := full
		change(&e)
		return e
	}
	tests := []struct {
		name   string
		filter Filter
		event  trail.Event
		want   bool
	}{
		{"no filter", Filter{}, full, true},
		{"at since", Filter{Since: at(10)}, full, true},
		{"before since", Filter{Since: at(11)}, full, false},
		{"at until", Filter{Until: at(10)}, full, false},
		{"before until", Filter{Until: at(11)}, full, true},
		{"within both", Filter{Since: at(9), Until: at(11)}, full, true},
		{"no time", Filter{Since: at(11), Until: at(12)}, without(func(e *trail.Event) { e.Time = time.Time{} }), true},
		{"account", Filter{Accounts: []string{"444455556666", "111122223333"}}, full, true},
		{"other account", Filter{Accounts: []string{"444455556666"}}, full, false},
		{
			"account of the caller in old records",
			Filter{Accounts: []string{"444455556666"}},
			without(func(e *trail.Event) { e.RecipientAccount, e.Identity.AccountID = "", "111122223333" }),
			false,
		},
		{"no account", Filter{Accounts: []string{"444455556666"}}, without(func(e *trail.Event) { e.RecipientAccount = "" }), true},
		{"region", Filter{Regions: []string{"eu-west-1"}}, full, true},
		{"other region", Filter{Regions: []string{"us-east-1"}}, full, false},
		{"no region", Filter{Regions: []string{"us-east-1"}}, without(func(e *trail.Event) { e.Region = "" }), true},
		{"one of two does not match", Filter{Accounts: []string{"111122223333"}, Regions: []string{"us-east-1"}}, full, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFilter(test.filter)
			if got := f.keepsTime(test.event.Time) && f.keepsPlace(&test.event); got != test.want {
				t.Errorf("keeps = %t, want %t", got, test.want)
			}
		})
	}
}

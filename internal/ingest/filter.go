package ingest

import (
	"slices"
	"time"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// filter is a Filter made ready for many records.
type filter struct {
	since, until      time.Time
	accounts, regions map[string]bool // nil: all
	stored            *usage.Filter
}

func newFilter(f Filter) *filter {
	return &filter{
		since: f.Since, until: f.Until,
		accounts: set(f.Accounts), regions: set(f.Regions),
		stored: f.Stored(),
	}
}

// Stored is the filter as a dataset keeps it, nil where nothing is left out.
func (f *Filter) Stored() *usage.Filter {
	if f.Since.IsZero() && f.Until.IsZero() && len(f.Accounts)+len(f.Regions) == 0 {
		return nil
	}
	s := &usage.Filter{Accounts: sorted(f.Accounts), Regions: sorted(f.Regions)}
	if !f.Since.IsZero() {
		s.Since = f.Since.UTC().Format(time.RFC3339)
	}
	if !f.Until.IsZero() {
		s.Until = f.Until.UTC().Format(time.RFC3339)
	}
	return s
}

func sorted(names []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(names)))
}

func set(names []string) map[string]bool {
	if len(names) == 0 {
		return nil
	}
	m := make(map[string]bool, len(names))
	for _, name := range names {
		m[name] = true
	}
	return m
}

// keepsTime reports whether a record of a time is to be counted.
func (f *filter) keepsTime(t time.Time) bool {
	return t.IsZero() || (f.since.IsZero() || !t.Before(f.since)) && (f.until.IsZero() || t.Before(f.until))
}

// keepsPlace reports whether a record of an account and region is to be counted.
func (f *filter) keepsPlace(e *trail.Event) bool {
	return among(f.accounts, recipient(e)) && among(f.regions, e.Region)
}

func among(m map[string]bool, name string) bool {
	return m == nil || name == "" || m[name]
}

// recipient is the account whose trail has the record. Records of version 1.01
// and before do not say; they were delivered to the caller's account.
func recipient(e *trail.Event) string {
	if e.RecipientAccount != "" {
		return e.RecipientAccount
	}
	return e.Identity.AccountID
}

package ingest

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tighten-iam/tighten/pkg/usage"
)

// Accounting says where every record of a table went. Each record is in exactly
// one of the figures, so that they add up to Records.
type Accounting struct {
	Records      int64            `json:"records"`
	Used         int64            `json:"used"`                  // uses that were allowed
	Denied       int64            `json:"denied"`                // uses that were denied
	Undetermined int64            `json:"undetermined"`          // uses whose error proves neither
	NotAUse      map[string]int64 `json:"not_a_use"`             // by actions.Class
	Unmapped     int64            `json:"unmapped"`              // calls that no fact explains
	Duplicate    int64            `json:"duplicate"`             // seen before by event id
	Filtered     int64            `json:"filtered"`              // left out by the Filter
	Unreadable   int64            `json:"unreadable"`            // syntax errors
	Late         int64            `json:"late,omitempty"`        // too late to tell duplicates
	Quarantined  map[string]int64 `json:"quarantined,omitempty"` // by rule, whatever they are; nil for none

	// Pairs and UnmappedPairs count distinct (event source, event name) pairs of
	// all calls, and of the unmapped ones.
	Pairs         int64 `json:"pairs"`
	UnmappedPairs int64 `json:"unmapped_pairs"`
	// TopUnmapped are the unmapped pairs with most records, at most ten.
	TopUnmapped []Pair `json:"top_unmapped,omitempty"`
}

// Pair is an event source and name with its records.
type Pair struct {
	EventSource string `json:"event_source"`
	EventName   string `json:"event_name"`
	Records     int64  `json:"records"`
}

// topPairs bounds Accounting.TopUnmapped.
const topPairs = 10

// Account adds up a table that has been through Resolve.
func Account(t *usage.Table) Accounting {
	a := Accounting{
		Records:   t.Stats.Records,
		NotAUse:   map[string]int64{},
		Duplicate: t.Stats.Duplicates, Filtered: t.Stats.Filtered, Unreadable: t.Stats.Unreadable, Late: t.Stats.Late,
	}
	for _, row := range t.Coverage {
		if rule, ok := usage.QuarantineRule(row.Class); ok {
			a.quarantine(rule, row.Records)
			continue
		}
		switch row.Class {
		case classUsed:
			a.Used += row.Records
		case classDenied:
			a.Denied += row.Records
		case classUndetermined:
			a.Undetermined += row.Records
		case classUnmapped:
			a.Unmapped += row.Records
		default:
			a.NotAUse[row.Class] += row.Records
		}
	}
	a.pairs(t)
	return a
}

func (a *Accounting) quarantine(rule string, records int64) {
	if a.Quarantined == nil {
		a.Quarantined = map[string]int64{}
	}
	a.Quarantined[rule] += records
}

func (a *Accounting) pairs(t *usage.Table) {
	all, unmapped := map[Pair]bool{}, map[Pair]int64{}
	for i := range t.Calls {
		all[Pair{EventSource: t.Calls[i].EventSource, EventName: t.Calls[i].EventName}] = true
	}
	for _, row := range t.Unmapped {
		if row.Lane != "" {
			continue // counted as quarantined
		}
		unmapped[Pair{EventSource: row.EventSource, EventName: row.EventName}] += row.Events
	}
	a.Pairs, a.UnmappedPairs = int64(len(all)), int64(len(unmapped))
	for pair, records := range unmapped {
		pair.Records = records
		a.TopUnmapped = append(a.TopUnmapped, pair)
	}
	slices.SortFunc(a.TopUnmapped, func(x, y Pair) int {
		return cmp.Or(cmp.Compare(y.Records, x.Records),
			cmp.Compare(x.EventSource, y.EventSource), cmp.Compare(x.EventName, y.EventName))
	})
	a.TopUnmapped = a.TopUnmapped[:min(len(a.TopUnmapped), topPairs)]
}

// Check returns an error when a record is lost or counted twice.
func (a *Accounting) Check() error {
	sum := a.Used + a.Denied + a.Undetermined + a.Unmapped + a.Duplicate + a.Filtered + a.Unreadable + a.Late
	for _, n := range a.NotAUse {
		sum += n
	}
	for _, n := range a.Quarantined {
		sum += n
	}
	if sum != a.Records {
		return fmt.Errorf("%d records were read but %d are accounted for: report this as a bug", a.Records, sum)
	}
	return nil
}

package synth

import (
	"cmp"
	"fmt"
	"slices"
)

// NeedKind says what kind of data would decide a permission.
type NeedKind string

// The kinds of needs.
const (
	NeedLogs         NeedKind = "logs"                  // logs that the archive lacks
	NeedDays         NeedKind = "days"                  // more observed days
	NeedSelectors    NeedKind = "event-selectors"       // get-event-selectors of a trail that selects What in full
	NeedTrail        NeedKind = "multi-region-trail"    // describe-trails with a multi-region trail
	NeedLastAccessed NeedKind = "last-accessed"         // a last-accessed report
	NeedSnapshot     NeedKind = "authorization-details" // taken again
	NeedRegions      NeedKind = "all-regions"           // a scan without --regions
	NeedReadable     NeedKind = "readable-objects"      // objects that could not be read, repaired
	NeedFacts        NeedKind = "facts"                 // what calls map to: What names the service
	NeedCause        NeedKind = "resource-policies"     // what explains successes that no attached statement allows
	NeedStandard     NeedKind = "standard-evidence"     // --evidence standard
	NeedNothing      NeedKind = "nothing"               // no logs can show it
)

// Need is one thing that would have to be known before a permission can be decided.
type Need struct {
	Kind      NeedKind
	Account   string // whose logs, trail or days
	Principal string // ARN, of a last-accessed report; of days, where they are its own
	What      string // of selectors: resource type or kind of event; of facts and causes: service prefix
	Days      int    // of NeedDays: how many are missing
}

// covers reports whether having n gives what m asks for.
func (n Need) covers(m Need) bool {
	less := n.Days >= m.Days
	n.Days, m.Days = 0, 0
	if n.Kind == NeedLogs && n.Principal != "" && n.What == "" {
		m.What = "" // all of a principal's logs
	}
	return n == m && less
}

// short names a need within a sentence.
func (n Need) short() string {
	switch {
	case n.Kind == NeedSelectors:
		return fmt.Sprintf("event selectors of account %s that take %s", n.Account, n.What)
	case n.Kind == NeedLastAccessed:
		return "the last-accessed report of " + n.Principal
	case n.Kind == NeedDays:
		return fmt.Sprintf("%d more days of account %s", n.Days, n.Account)
	case n.What != "":
		return fmt.Sprintf("%s for %s", n.Kind, n.What)
	}
	return string(n.Kind)
}

func compareNeeds(a, b Need) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Principal, b.Principal),
		cmp.Compare(a.What, b.What), cmp.Compare(a.Days, b.Days))
}

// minimalNeeds sorts needs and leaves out those that another one covers.
func minimalNeeds(list []Need) []Need {
	list = slices.Clone(list)
	slices.SortFunc(list, compareNeeds)
	list = slices.Compact(list)
	return slices.DeleteFunc(list, func(n Need) bool {
		return slices.ContainsFunc(list, func(m Need) bool { return m != n && m.covers(n) })
	})
}

package usage

import (
	"cmp"
	"slices"
	"strings"
)

// quarantinePrefix begins the lanes of quarantined calls. The name of the rule follows.
const quarantinePrefix = "quarantine:"

// QuarantineLane is the lane of the calls that a quarantine rule sets apart.
func QuarantineLane(rule string) string { return quarantinePrefix + rule }

// QuarantineRule is the name of the rule of a lane, or of the class of a CoverageRow;
// ok is false where it is not one of quarantine.
func QuarantineRule(lane string) (rule string, ok bool) {
	return strings.CutPrefix(lane, quarantinePrefix)
}

// Row is one row of usage/: one action of one principal on one resource, on one
// day. It derives from calls by the facts.
type Row struct {
	Day              int32 // as Call.Day
	Principal        string
	PrincipalID      string
	Account          string // the principal's
	RecipientAccount string
	Region           string
	EventSource      string
	Action           string
	Resource         string
	Kind             string // arn, pattern, star, none
	Level            string
	Basis            string // logged, inferred, instance-profile, ambiguous, dependent
	PassedTo         string // of iam:PassRole: the service principal that receives the role, "" not known
	Outcome          string
	Via              string
	Category         string
	Lane             string
	Count            int64 // records after deduplication; 0 as Call.Events
	First, Last      int64 // unix milliseconds; 0 when Day is -1
}

// compareUsage orders rows by their group, see Coarsen, and in it.
func compareUsage(a, b *Row) int {
	if c := compareGroups(a, b); c != 0 {
		return c
	}
	return compareInGroup(a, b)
}

// compareOrigin orders rows of one principal, day, action, lane and resource.
func compareOrigin(a, b *Row) int {
	if c := strings.Compare(a.RecipientAccount, b.RecipientAccount); c != 0 {
		return c
	}
	if c := strings.Compare(a.Region, b.Region); c != 0 {
		return c
	}
	if c := strings.Compare(a.EventSource, b.EventSource); c != 0 {
		return c
	}
	if c := strings.Compare(a.Level, b.Level); c != 0 {
		return c
	}
	if c := strings.Compare(a.Basis, b.Basis); c != 0 {
		return c
	}
	if c := strings.Compare(a.PassedTo, b.PassedTo); c != 0 {
		return c
	}
	if c := strings.Compare(a.Outcome, b.Outcome); c != 0 {
		return c
	}
	if c := strings.Compare(a.Via, b.Via); c != 0 {
		return c
	}
	return strings.Compare(a.Category, b.Category)
}

// Precedes reports whether a comes before b in the order of AggregateUsage, and is
// another row.
func Precedes(a, b *Row) bool { return compareUsage(a, b) < 0 }

// Join adds records that the row stands for too, between two times in unix
// milliseconds, 0 for unknown ones.
func (r *Row) Join(count, first, last int64) {
	r.Count += count
	r.First, r.Last = span(r.First, r.Last, first, last)
}

// AggregateUsage sorts rows and merges those that differ in nothing but Count,
// First and Last: counts add up, times span both. It works in place.
func AggregateUsage(rows []Row) []Row {
	for i := 1; ; i++ {
		if i >= len(rows) {
			return rows
		}
		if !Precedes(&rows[i-1], &rows[i]) {
			break
		}
	}
	return aggregate(rows, compareUsage, (*Row).join)
}

// JoinUsage joins two lists that AggregateUsage made into one. It may use
// what they lie in, and looks only at those rows of both that lie between each other.
func JoinUsage(a, b []Row) []Row {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	from, _ := slices.BinarySearchFunc(a, &b[0], func(r Row, to *Row) int { return compareUsage(&r, to) })
	to, both := slices.BinarySearchFunc(b, &a[len(a)-1], func(r Row, to *Row) int { return compareUsage(&r, to) })
	if both {
		to++
	}
	end := len(a) + to
	all := append(a, b...)
	mixed := AggregateUsage(all[from:end])
	return append(all[:from+len(mixed)], all[end:]...)
}

// Trust is one row of trust/: who assumed which role, how, on one day. Its count
// follows that of the record it was made of.
type Trust struct {
	Day                                                 int32 // as Call.Day
	Role, RoleAccount, Caller, CallerAccount, Mechanism string
	ExternalID, Subject, SessionTags                    string
	Outcome                                             string
	Lane                                                string // as Call.Lane
	Events                                              int64
	First, Last                                         int64 // unix milliseconds; 0 when Day is -1
}

func compareTrust(a, b *Trust) int {
	return cmp.Or(
		cmp.Compare(a.Role, b.Role),
		cmp.Compare(a.RoleAccount, b.RoleAccount),
		cmp.Compare(a.Caller, b.Caller),
		cmp.Compare(a.CallerAccount, b.CallerAccount),
		cmp.Compare(a.Day, b.Day),
		cmp.Compare(a.Mechanism, b.Mechanism),
		cmp.Compare(a.ExternalID, b.ExternalID),
		cmp.Compare(a.Subject, b.Subject),
		cmp.Compare(a.SessionTags, b.SessionTags),
		cmp.Compare(a.Outcome, b.Outcome),
		cmp.Compare(a.Lane, b.Lane),
	)
}

// CoverageRow is one row of coverage/: records by class in one cell.
type CoverageRow struct {
	Account     string // recipient account
	Region      string
	Category    string
	ReadOnly    int8 // as Call.ReadOnly
	EventSource string
	Day         int32  // as Call.Day
	Class       string // actions.Class, with the outcome for uses: used, denied, undetermined; the lane, where there is one
	Records     int64
}

func compareCoverage(a, b *CoverageRow) int {
	return cmp.Or(
		cmp.Compare(a.Account, b.Account),
		cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.Day, b.Day),
		cmp.Compare(a.Category, b.Category),
		cmp.Compare(a.EventSource, b.EventSource),
		cmp.Compare(a.ReadOnly, b.ReadOnly),
		cmp.Compare(a.Class, b.Class),
	)
}

// AggregateCoverage sorts rows and adds up the Records of equal cells and
// classes. It works in place.
func AggregateCoverage(rows []CoverageRow) []CoverageRow {
	return aggregate(rows, compareCoverage, func(into, r *CoverageRow) { into.Records += r.Records })
}

// UnmappedRow is one row of unmapped/: calls no fact explains.
type UnmappedRow struct {
	Day                                              int32 // as Call.Day
	Principal, Account, EventSource, EventName, Note string
	Lane                                             string // as Call.Lane
	Events                                           int64
}

func compareUnmapped(a, b *UnmappedRow) int {
	return cmp.Or(
		cmp.Compare(a.Principal, b.Principal),
		cmp.Compare(a.Account, b.Account),
		cmp.Compare(a.EventSource, b.EventSource),
		cmp.Compare(a.EventName, b.EventName),
		cmp.Compare(a.Note, b.Note),
		cmp.Compare(a.Lane, b.Lane),
		cmp.Compare(a.Day, b.Day),
	)
}

// AggregateUnmapped sorts rows and adds up the Events of equal ones. It works in
// place.
func AggregateUnmapped(rows []UnmappedRow) []UnmappedRow {
	return aggregate(rows, compareUnmapped, func(into, r *UnmappedRow) { into.Events += r.Events })
}

package usage

import (
	"cmp"
	"slices"
	"strings"
)

// Call is one row of calls/: one distinct call of one principal on one day.
//
// Events counts records after deduplication. A row can have Events 0: every
// record that it stands for counts in another row, because two records with one
// id (or one shared id) differ. It is evidence all the same, so that a
// collision of ids can hide a count but never a call.
type Call struct {
	Day              int32  // days since 1970-01-01 UTC; -1 when the time is unreadable
	Account          string // the principal's
	RecipientAccount string
	Principal        string
	PrincipalID      string
	PrincipalType    PrincipalType
	EventSource      string
	EventName        string
	EventType        string
	Category         string
	ReadOnly         int8 // 0 absent, 1 false, 2 true
	Region           string
	ErrorCode        string
	Outcome          string // allowed, denied, undetermined
	ArgsID           string // content hash, hex; "" when there are none
	ContextID        string // content hash, hex; "" when there is none
	Lane             string // "" normal, else as QuarantineLane has it
	Events           int64
	First, Last      int64 // unix milliseconds; 0 when Day is -1
}

// compareCalls orders by principal first and by all that tells calls apart. It
// looks at a column only where those before it are equal: most pairs differ soon.
func compareCalls(a, b *Call) int {
	if c := strings.Compare(a.Principal, b.Principal); c != 0 {
		return c
	}
	if c := strings.Compare(a.PrincipalID, b.PrincipalID); c != 0 {
		return c
	}
	if c := strings.Compare(string(a.PrincipalType), string(b.PrincipalType)); c != 0 {
		return c
	}
	if c := strings.Compare(a.Account, b.Account); c != 0 {
		return c
	}
	if c := strings.Compare(a.RecipientAccount, b.RecipientAccount); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Day, b.Day); c != 0 {
		return c
	}
	if c := compareNames(a, b); c != 0 {
		return c
	}
	return compareCircumstances(a, b)
}

// compareNames orders calls of one principal and day by what was called.
func compareNames(a, b *Call) int {
	if c := strings.Compare(a.EventSource, b.EventSource); c != 0 {
		return c
	}
	if c := strings.Compare(a.EventName, b.EventName); c != 0 {
		return c
	}
	if c := strings.Compare(a.EventType, b.EventType); c != 0 {
		return c
	}
	return strings.Compare(a.Category, b.Category)
}

// compareCircumstances orders calls of one principal, day and name.
func compareCircumstances(a, b *Call) int {
	if c := cmp.Compare(a.ReadOnly, b.ReadOnly); c != 0 {
		return c
	}
	if c := strings.Compare(a.Region, b.Region); c != 0 {
		return c
	}
	if c := strings.Compare(a.Outcome, b.Outcome); c != 0 {
		return c
	}
	if c := strings.Compare(a.ErrorCode, b.ErrorCode); c != 0 {
		return c
	}
	if c := strings.Compare(a.ArgsID, b.ArgsID); c != 0 {
		return c
	}
	if c := strings.Compare(a.ContextID, b.ContextID); c != 0 {
		return c
	}
	return strings.Compare(a.Lane, b.Lane)
}

// AggregateCalls sorts calls and merges those that differ in nothing but Events,
// First and Last. It works in place.
func AggregateCalls(calls []Call) []Call {
	return aggregate(calls, compareCalls, func(into, c *Call) {
		into.Events += c.Events
		into.First, into.Last = span(into.First, into.Last, c.First, c.Last)
	})
}

// aggregate sorts rows and merges neighbours that compare equal, in place.
func aggregate[R any](rows []R, compare func(a, b *R) int, merge func(into, r *R)) []R {
	sortRows(rows, compare)
	n := 0
	for i := range rows {
		if n > 0 && compare(&rows[n-1], &rows[i]) == 0 {
			merge(&rows[n-1], &rows[i])
			continue
		}
		if n != i {
			rows[n] = rows[i]
		}
		n++
	}
	clear(rows[n:])
	return rows[:n]
}

// sortRows sorts rows that need it, and keeps the order of equal ones. It sorts
// their numbers and then moves each row once, since rows are large.
func sortRows[R any](rows []R, compare func(a, b *R) int) {
	sorted := true
	for i := 1; i < len(rows) && sorted; i++ {
		sorted = compare(&rows[i-1], &rows[i]) <= 0
	}
	if sorted {
		return
	}
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		if c := compare(&rows[i], &rows[j]); c != 0 {
			return c
		}
		return cmp.Compare(i, j)
	})
	permute(rows, order)
}

// permute puts at each place the row that order has there, circle by circle of
// places that give to each other. It uses order up.
func permute[R any](rows []R, order []int) {
	for start, from := range order {
		if from == start {
			continue
		}
		first := rows[start]
		at := start
		for from = order[at]; from != start; from = order[at] {
			rows[at], order[at] = rows[from], at
			at = from
		}
		rows[at], order[at] = first, at
	}
}

// span joins two spans of time; 0 is no time.
func span(first, last, otherFirst, otherLast int64) (int64, int64) {
	if first == 0 || otherFirst != 0 && otherFirst < first {
		first = otherFirst
	}
	return first, max(last, otherLast)
}

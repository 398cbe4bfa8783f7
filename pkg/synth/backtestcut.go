package synth

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// cutoff splits the days of a log into those learnt and those replayed.
type cutoff struct{ first, last, end int32 } // first and last day learnt, last day replayed

// newCut finds the days covered, and divides them.
func newCut(in *Input, o BacktestOptions) (*cutoff, error) {
	c := &cutoff{first: -1, end: -1}
	for i := range in.Table.Coverage {
		r := &in.Table.Coverage[i]
		if _, apart := usage.QuarantineRule(r.Class); r.Day < 0 || apart || r.Category != "" && r.Category != "Management" {
			continue
		}
		if c.first < 0 {
			c.first, c.end = r.Day, r.Day
		}
		c.first, c.end = min(c.first, r.Day), max(c.end, r.Day)
	}
	if !in.Options.AsOf.IsZero() {
		c.end = min(c.end, timeDay(in.Options.AsOf))
	}
	if c.first < 0 || c.end < c.first {
		return nil, fmt.Errorf("%w: the logs cover none", ErrTooFewDays)
	}
	return c, c.divide(o)
}

// divide sets the last day learnt.
func (c *cutoff) divide(o BacktestOptions) error {
	days := int(c.end-c.first) + 1
	switch {
	case !o.Until.IsZero():
		c.last = timeDay(o.Until)
	case o.Learn > 0:
		c.last = c.first + int32(min(o.Learn, 1<<20)) - 1
	case days < leastBacktest:
		return fmt.Errorf("%w: the logs cover %s, it needs %d (or --learn to say how many to learn on)", ErrTooFewDays, plural(days, "day"), leastBacktest)
	default:
		c.last = c.first + int32(days*3/4) - 1
	}
	if c.last < c.first || c.last >= c.end {
		return fmt.Errorf("%w: learning until %s leaves none on one side, the logs cover %s to %s", ErrTooFewDays,
			dayTime(c.last).Format("2006-01-02"), dayTime(c.first).Format("2006-01-02"), dayTime(c.end).Format("2006-01-02"))
	}
	return nil
}

func (c *cutoff) learnt(day int32) bool   { return day >= 0 && day <= c.last }
func (c *cutoff) replayed(day int32) bool { return day > c.last && day <= c.end }

// only copies the rows that a test on days lets through.
func only[R any](rows []R, day func(*R) int32, keep func(int32) bool) []R {
	n := 0
	for i := range rows {
		if keep(day(&rows[i])) {
			n++
		}
	}
	out := make([]R, 0, n)
	for i := range rows {
		if keep(day(&rows[i])) {
			out = append(out, rows[i])
		}
	}
	return out
}

// halves are a dataset in two parts.
type halves struct {
	before, after *usage.Table
	restore       func() // puts the dataset that was split in order again
}

// split divides a dataset into what it would be had nothing come after the cut, and what
// was called and used on the days replayed. A row without a day is in neither. What could
// not be read and tells no day stays: it is doubt.
func (c *cutoff) split(t *usage.Table) *halves {
	undated := func(d int32) bool { return d <= c.last }
	calls, laterCalls, restoreCalls := divide(t.Calls, func(r *usage.Call) int32 { return r.Day }, c)
	uses, laterUses, restoreUses := divide(t.Usage, func(r *usage.Row) int32 { return r.Day }, c)
	return &halves{
		before: &usage.Table{
			Calls: calls, Usage: uses,
			Args: t.Args, Contexts: t.Contexts, Stats: t.Stats, Filter: t.Filter, Facts: t.Facts, Coarsened: t.Coarsened,
			Trust:      only(t.Trust, func(r *usage.Trust) int32 { return r.Day }, c.learnt),
			Coverage:   only(t.Coverage, func(r *usage.CoverageRow) int32 { return r.Day }, c.learnt),
			Unmapped:   only(t.Unmapped, func(r *usage.UnmappedRow) int32 { return r.Day }, c.learnt),
			Deliveries: only(t.Deliveries, func(r *usage.Delivery) int32 { return r.Day }, undated),
			Digests:    only(t.Digests, func(r *usage.DigestRow) int32 { return r.Day }, c.learnt),
		},
		after:   &usage.Table{Calls: laterCalls, Usage: laterUses},
		restore: func() { restoreCalls(); restoreUses() },
	}
}

// divide moves the rows of the days learnt to the front of a list, in their order, and
// copies the others: these are the fewer, and there can be millions of both.
func divide[R any](rows []R, day func(*R) int32, c *cutoff) (before, after []R, restore func()) {
	n := 0
	for i := range rows {
		if c.learnt(day(&rows[i])) {
			n++
		}
	}
	moved, at := make([]R, 0, len(rows)-n), make([]int, 0, len(rows)-n)
	n = 0
	for i := range rows {
		if !c.learnt(day(&rows[i])) {
			moved, at = append(moved, rows[i]), append(at, i)
			continue
		}
		rows[n] = rows[i]
		n++
	}
	restore = func() {
		from, k := n, len(moved)
		for i := len(rows) - 1; k > 0; i-- {
			if at[k-1] == i {
				k--
				rows[i] = moved[k]
				continue
			}
			from--
			rows[i] = rows[from]
		}
	}
	after = moved
	if slices.ContainsFunc(moved, func(r R) bool { return !c.replayed(day(&r)) }) {
		after = only(moved, day, c.replayed)
	}
	return rows[:n:n], after, restore
}

// minWindow is the number of observed days that a removal needs in the test: what was
// asked for, but no more than were learnt. Of several accounts the one with the fewest
// decides, if it has at least half of what the best one has.
func (c *cutoff) minWindow(past *Input) int {
	days := []int{}
	for _, w := range Windows(past.Table, past.Snapshot) {
		days = append(days, w.Days)
	}
	slices.Sort(days)
	least := int(c.last-c.first) + 1
	if len(days) > 0 {
		best := days[len(days)-1]
		i, _ := slices.BinarySearch(days, (best+1)/2)
		least = min(least, days[i])
	}
	return max(1, min(cmp.Or(past.Options.MinWindow, DefaultMinWindow), least))
}

// snapshot is what of the account files could have been known at the cut: no
// last-accessed data, no use and no principal that came later, and no event selectors or
// scope of a trail that was changed later. The documents are those of today, as no other
// ones are known. nil stays nil.
func (c *cutoff) snapshot(in *Input) *account.Snapshot {
	if in.Snapshot == nil {
		return nil
	}
	out := copySnapshot(in.Snapshot)
	out.LastAccessed, out.Credentials = nil, nil
	c.oldTrails(out, trailChanges(in.Table))
	c.oldPrincipals(out)
	return out
}

// copySnapshot is a shallow copy: all exported members, and an index of its own.
func copySnapshot(s *account.Snapshot) *account.Snapshot {
	out := &account.Snapshot{}
	from, to := reflect.ValueOf(s).Elem(), reflect.ValueOf(out).Elem()
	for i := range from.NumField() {
		if from.Type().Field(i).IsExported() {
			to.Field(i).Set(from.Field(i))
		}
	}
	return out
}

// oldTrails drops what tells of trails as they are after a change that came later.
func (c *cutoff) oldTrails(s *account.Snapshot, changes trails) {
	s.Selectors = slices.DeleteFunc(slices.Clone(s.Selectors), func(t *account.TrailSelectors) bool {
		return changes.selectedFrom(t.TrailARN) > c.last+1
	})
	s.Trails = slices.Clone(s.Trails)
	for i, t := range s.Trails {
		if changes.scopeFrom(t.ARN) > c.last+1 {
			old := *t
			old.MultiRegion = false
			s.Trails[i] = &old
		}
	}
}

// oldPrincipals drops principals that were made after the cut, and the attachments that
// AWS counts for them.
func (c *cutoff) oldPrincipals(s *account.Snapshot) {
	all := s.Principals
	s.Principals, s.Policies = nil, maps.Clone(s.Policies)
	for _, p := range all {
		if !p.Created.IsZero() && timeDay(p.Created) > c.last {
			detach(s, p.Attached)
			continue
		}
		if p.LastUsedKnown && !p.LastUsed.IsZero() && timeDay(p.LastUsed) > c.last {
			old := *p
			old.LastUsedKnown = false
			p = &old
		}
		s.Principals = append(s.Principals, p)
	}
}

// detach takes one attachment from each policy.
func detach(s *account.Snapshot, arns []string) {
	for _, arn := range arns {
		if pol := s.Policies[arn]; pol != nil && pol.Attachments > 0 {
			old := *pol
			old.Attachments--
			s.Policies[arn] = &old
		}
	}
}

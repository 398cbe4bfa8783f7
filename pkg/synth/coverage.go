package synth

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// accountCoverage is what the logs hold of one account.
type accountCoverage struct {
	id           string
	first, last  int32                     // of days
	days         map[int32]bool            // of which a trail with management events delivered
	regions      map[string]map[int32]bool // days with records, by the records' region
	reads        map[int32]bool            // days with management reads
	sources      map[string]map[int32]bool // days with management events of a source
	selectors    []trailSelectors
	lost         map[int32]bool // days of which an object could not be read in full
	left         *usage.Filter  // what the scans left out
	unplaced     int64          // lost objects of unknown account or day, of the whole archive
	regionFilter bool           // the scan left out regions
	data         map[int32]bool // days with data events
	writes       bool           // some management event was seen that is not a read
	known        bool           // a trail of this account was given
	multi        bool           // a trail of this account is known to be multi-region …
	multiFrom    int32          // … from this day on
	selectorOK   bool           // selectors were given for this account

	delivered map[int32]bool      // delivery days of log objects
	places    map[string]bool     // regions that log objects were delivered for
	digests   map[string]*digests // by region
	siblings  map[int32]bool      // days on which an organization trail delivered for any account
	stops     []stop              // sorted, apart from each other; those that took something
	stopped   map[int32]bool      // days on some of which no trail is known to have logged
	dayStates []dayState          // from first to last; nil: not known yet
}

// trailSelectors are the selectors of a trail, which hold from a day on.
type trailSelectors struct {
	account.TrailSelectors
	from int32
}

func newAccountCoverage(id string) *accountCoverage {
	return &accountCoverage{
		id: id, days: map[int32]bool{}, regions: map[string]map[int32]bool{}, reads: map[int32]bool{},
		sources: map[string]map[int32]bool{}, lost: map[int32]bool{}, data: map[int32]bool{},
		delivered: map[int32]bool{}, places: map[string]bool{}, digests: map[string]*digests{}, stopped: map[int32]bool{},
	}
}

// coverages reads what a dataset tells of its coverage. An account is present by the
// records delivered to it.
func coverages(t *usage.Table, s *account.Snapshot) map[string]*accountCoverage {
	out := map[string]*accountCoverage{}
	for i := range t.Coverage {
		r := &t.Coverage[i]
		if _, apart := usage.QuarantineRule(r.Class); r.Day < 0 || apart {
			continue // what is set apart proves nothing, not even that a day was observed
		}
		c := out[r.Account]
		if c == nil {
			c = newAccountCoverage(r.Account)
			out[r.Account] = c
		}
		c.add(r)
	}
	unplaced := addDeliveries(out, t)
	addDigests(out, t)
	changes := trailChanges(t)
	for _, c := range out {
		c.unplaced = unplaced
		if t.Filter != nil {
			c.regionFilter, c.left = len(t.Filter.Regions) > 0, t.Filter
		}
		c.addTrails(s, changes)
	}
	siblings := siblingDays(out, s, changes)
	for _, c := range out {
		c.siblings = siblings
		c.dayStates = c.states()
	}
	return out
}

// addDeliveries marks the days on which log objects were delivered, and those of which
// an object could not be read in full; one that is a digest only proves nothing then.
// unplaced counts lost objects whose name does not tell account and day.
func addDeliveries(all map[string]*accountCoverage, t *usage.Table) (unplaced int64) {
	for i := range t.Deliveries {
		d := &t.Deliveries[i]
		c := all[d.Account]
		if c != nil && d.Kind == kindLog && d.Day >= 0 {
			c.delivered[d.Day] = true
			c.places[d.Region] = true
		}
		switch {
		case d.Unreadable == 0 || d.Kind == kindDigest:
		case d.Account == "" || d.Day < 0:
			unplaced += d.Unreadable
		case c != nil:
			c.lost[d.Day] = true
		}
	}
	return unplaced
}

// The kinds of usage.Delivery.
const (
	kindLog    = "log"
	kindDigest = "digest"
)

func (c *accountCoverage) add(r *usage.CoverageRow) {
	mark(c.regions, r.Region, r.Day)
	if r.Category == "Data" {
		c.data[r.Day] = true
	}
	if r.Category != "" && r.Category != "Management" {
		return // proves nothing of management events
	}
	c.present(r.Day)
	if r.ReadOnly == 2 {
		c.reads[r.Day] = true
	} else {
		c.writes = true
	}
	mark(c.sources, r.EventSource, r.Day)
}

func mark(m map[string]map[int32]bool, key string, day int32) {
	if m[key] == nil {
		m[key] = map[int32]bool{}
	}
	m[key][day] = true
}

// present marks a day of which a trail with management events delivered.
func (c *accountCoverage) present(day int32) {
	if len(c.days) == 0 {
		c.first, c.last = day, day
	}
	c.first, c.last = min(c.first, day), max(c.last, day)
	c.days[day] = true
}

// addTrails attaches the trails that cover the account, its own and organization
// trails, and what the logs tell of changes to them. s may be nil.
func (c *accountCoverage) addTrails(s *account.Snapshot, changes trails) {
	if s == nil {
		s = &account.Snapshot{}
	}
	organization := map[string]bool{}
	for _, t := range s.Trails {
		organization[t.ARN] = t.Organization
	}
	mine := func(arn string) bool { return organization[arn] || accountOf(arn) == c.id }
	for _, t := range s.Trails {
		if !mine(t.ARN) {
			continue
		}
		c.known = true
		if from := changes.scopeFrom(t.ARN); t.MultiRegion && (!c.multi || from < c.multiFrom) {
			c.multi, c.multiFrom = true, from
		}
	}
	for _, sel := range s.Selectors {
		if mine(sel.TrailARN) {
			c.selectors = append(c.selectors, trailSelectors{*sel, changes.selectedFrom(sel.TrailARN)})
			c.selectorOK = true
		}
	}
	c.addDataDays()
	c.addStops(changes.stopsOf(mine), func(x *stop) bool {
		return slices.ContainsFunc(s.Trails, func(t *account.Trail) bool {
			return t.MultiRegion && mine(t.ARN) && !slices.Contains(x.trails, t.ARN) && !slices.Contains(x.trails, unnamed(c.id))
		})
	})
}

// addDataDays takes days with data events for days on which the trail delivered, where
// it takes management events too.
func (c *accountCoverage) addDataDays() {
	from, ok := c.selected(func(t *account.TrailSelectors) bool { return selectsManagement(t, false, "") })
	for d := range c.data {
		if ok && d >= from {
			c.present(d)
		}
	}
}

// selected is the first day from which on some trail selects what is asked for.
func (c *accountCoverage) selected(by func(*account.TrailSelectors) bool) (from int32, ok bool) {
	for i := range c.selectors {
		if t := &c.selectors[i]; by(&t.TrailSelectors) && (!ok || t.from < from) {
			from, ok = t.from, true
		}
	}
	return from, ok
}

func accountOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// everyWeek reports whether each week of a window of which all days have records has
// one of days among them: a kind of event that a trail takes shows that often, and
// quiet days do no harm.
func (c *accountCoverage) everyWeek(days map[int32]bool, w Window) bool {
	if w.Days == 0 {
		return false
	}
	from, to := timeDay(w.From), timeDay(w.To)
	for start := from; start+6 <= to; start += 7 {
		any, all := false, false
		for d := start; d < start+7; d++ {
			any = any || days[d]
			all = all || c.days[d]
		}
		if all && !any {
			return false
		}
	}
	return len(days) > 0
}

func dayTime(d int32) time.Time { return time.Unix(int64(d)*86400, 0).UTC() }
func timeDay(t time.Time) int32 { return int32(t.Unix() / 86400) }

// lastDay is the end of coverage over all accounts.
func lastDay(cov map[string]*accountCoverage) int32 {
	last := int32(-1)
	for _, c := range cov {
		if len(c.days) > 0 {
			last = max(last, c.last)
		}
	}
	return last
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// Windows gives the evidence window of each account in a dataset; s may be nil.
func Windows(t *usage.Table, s *account.Snapshot) map[string]Window {
	out := map[string]Window{}
	for id, c := range coverages(t, s) {
		out[id] = c.window(c.first, c.last)
	}
	return out
}

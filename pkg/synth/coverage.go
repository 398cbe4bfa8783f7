package synth

import (
	"sort"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// quietRun is the longest run of days without any record of an account that is
// taken for quiet (a long weekend); longer runs are gaps and leave the window.
const quietRun = 4

// accountCoverage is what the logs hold of one account.
type accountCoverage struct {
	id           string
	first, last  int32          // of days
	days         map[int32]bool // of which a trail with management events delivered
	regions      map[string]bool
	reads        map[int32]bool            // days with management reads
	sources      map[string]map[int32]bool // days with management events of a source
	selectors    []account.TrailSelectors
	lost         map[int32]bool // days of which an object could not be read in full
	unplaced     int64          // lost objects of unknown account or day, of the whole archive
	regionFilter bool           // the scan left out regions
	data         map[int32]bool // days with data events
	writes       bool           // some management event was seen that is not a read
	known        bool           // a trail of this account was given
	multi        bool           // a trail of this account is known to be multi-region
	selectorOK   bool           // selectors were given for this account
}

// coverages reads the coverage table. An account is present by the records
// delivered to it.
func coverages(t *usage.Table, s *account.Snapshot) map[string]*accountCoverage {
	out := map[string]*accountCoverage{}
	for i := range t.Coverage {
		r := &t.Coverage[i]
		if _, apart := usage.QuarantineRule(r.Class); r.Day < 0 || apart {
			continue // what is set apart proves nothing, not even that a day was observed
		}
		c := out[r.Account]
		if c == nil {
			c = &accountCoverage{id: r.Account, days: map[int32]bool{},
				regions: map[string]bool{}, reads: map[int32]bool{}, sources: map[string]map[int32]bool{}, lost: map[int32]bool{}, data: map[int32]bool{}}
			out[r.Account] = c
		}
		c.add(r)
	}
	unplaced := addLost(out, t)
	for _, c := range out {
		c.unplaced = unplaced
		if t.Filter != nil {
			c.regionFilter = len(t.Filter.Regions) > 0
		}
	}
	if s != nil {
		for _, c := range out {
			c.addTrails(s)
		}
	}
	return out
}

// addLost marks the days of which an object could not be read in full. A digest
// proves nothing here: the objects that it lists may be missing from the archive.
// unplaced counts lost objects whose name does not tell account and day.
func addLost(all map[string]*accountCoverage, t *usage.Table) (unplaced int64) {
	for i := range t.Deliveries {
		d := &t.Deliveries[i]
		c := all[d.Account]
		switch {
		case d.Unreadable == 0:
		case d.Account == "" || d.Day < 0:
			unplaced += d.Unreadable
		case c != nil:
			c.lost[d.Day] = true
		}
	}
	return unplaced
}

func (c *accountCoverage) add(r *usage.CoverageRow) {
	c.regions[r.Region] = true
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
	if c.sources[r.EventSource] == nil {
		c.sources[r.EventSource] = map[int32]bool{}
	}
	c.sources[r.EventSource][r.Day] = true
}

// present marks a day of which a trail with management events delivered.
func (c *accountCoverage) present(day int32) {
	if len(c.days) == 0 {
		c.first, c.last = day, day
	}
	c.first, c.last = min(c.first, day), max(c.last, day)
	c.days[day] = true
}

// addTrails attaches the selectors of the trails that cover the account: its own,
// and organization trails.
func (c *accountCoverage) addTrails(s *account.Snapshot) {
	orgTrail := map[string]bool{}
	for _, t := range s.Trails {
		orgTrail[t.ARN] = t.Organization
		if t.Organization || accountOf(t.ARN) == c.id {
			c.known = true
			c.multi = c.multi || t.MultiRegion
		}
	}
	for _, sel := range s.Selectors {
		if accountOf(sel.TrailARN) == c.id || orgTrail[sel.TrailARN] {
			c.selectors = append(c.selectors, *sel)
			c.selectorOK = true
		}
	}
	if c.selectorOK && selectsManagement(c.selectors, false, "") {
		for d := range c.data { // the trail was delivering, and it takes management events too
			c.present(d)
		}
	}
}

func accountOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// window counts the observed days between from and to (inclusive). A run of more
// than quietRun days without a record is a gap; shorter ones are quiet. A day of
// which an object could not be read is lost, not observed.
func (c *accountCoverage) window(from, to int32) Window {
	if c == nil || len(c.days) == 0 {
		return Window{}
	}
	from, to = max(from, c.first), min(to, c.last)
	if from > to {
		return Window{}
	}
	w := Window{From: dayTime(from), To: dayTime(to), Regions: len(c.regions)}
	run := 0
	flush := func() {
		if run > quietRun {
			w.GapDays += run
		}
		run = 0
	}
	for d := from; d <= to; d++ {
		if c.lost[d] {
			w.LostDays++
			flush()
		} else if c.days[d] {
			flush()
		} else {
			run++
		}
	}
	flush()
	w.Days = int(to-from) + 1 - w.GapDays - w.LostDays
	return w
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

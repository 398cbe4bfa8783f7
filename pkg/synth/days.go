package synth

import (
	"fmt"
	"math"
	"strings"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// quietRun is the longest run of days of which nothing is known at all that is taken for
// quiet (a long weekend); a longer one leaves the window.
const quietRun = 4

// dayState is what is known of one day of one account. All but covered and quiet days
// leave the evidence window.
type dayState uint8

const (
	// dayBlank: no record, and nothing that tells why. A short run of them is quiet.
	dayBlank dayState = iota
	// dayCovered has records of management events.
	dayCovered
	// dayQuiet has none, and evidence that the trail was delivering.
	dayQuiet
	// dayGap: log files are known to be missing or changed, logging was stopped, or the
	// day lies in a long run without anything.
	dayGap
	// dayUnknown has no management event, and whether there were any is not known: digests
	// are missing, or nothing but other objects came for long.
	dayUnknown
	// dayLost: an object could not be read in full.
	dayLost
	// dayLeft: a filter of the scans left out some of it.
	dayLeft
)

// digests are what the digest files of one region say.
type digests struct {
	first, last int32 // of days with hours
	days        map[int32]*usage.DigestRow
}

func addDigests(all map[string]*accountCoverage, t *usage.Table) {
	for i := range t.Digests {
		r := &t.Digests[i]
		c := all[r.Account]
		if c == nil || r.Day < 0 {
			continue
		}
		d := c.digests[r.Region]
		if d == nil {
			d = &digests{first: -1, last: -1, days: map[int32]*usage.DigestRow{}}
			c.digests[r.Region] = d
		}
		if d.days[r.Day] = r; r.Hours == 0 {
			continue
		}
		if d.first < 0 {
			d.first, d.last = r.Day, r.Day
		}
		d.first, d.last = min(d.first, r.Day), max(d.last, r.Day)
	}
}

// full reports whether digests list all deliveries of a day, and the archive has them.
func (d *digests) full(day int32) bool {
	r := d.days[day]
	return r != nil && r.Hours == usage.AllHours && r.Failed == 0 && !harmed(r)
}

// harmed reports whether log files are not as they were delivered.
func harmed(r *usage.DigestRow) bool { return r.Missing > 0 || r.Different > 0 }

// harmed reports whether, in any region, digests list log files of a day that are missing
// or changed.
func (c *accountCoverage) harmed(day int32) bool {
	for _, d := range c.digests {
		if r := d.days[day]; r != nil && harmed(r) {
			return true
		}
	}
	return false
}

// delivering reports whether digests prove that all of a day was delivered, and whether
// they cast doubt on it: a chain that goes on later has no digest of some hour.
//
// A multi-region trail delivers for all regions or none, so that one region proves the
// others; else every region that ever delivered has to prove itself.
func (c *accountCoverage) delivering(day int32) (proved, doubted bool) {
	for _, d := range c.digests {
		switch {
		case d.full(day):
			proved = true
		case d.first < day && day < d.last:
			doubted = true
		}
	}
	if c.multi && day >= c.multiFrom {
		return proved && !doubted, doubted
	}
	for region := range c.places {
		if d := c.digests[region]; d == nil || !d.full(day) {
			proved = false
		}
	}
	return proved && !doubted, doubted
}

// siblingDays are the days on which a multi-region organization trail delivered
// management events for some account; nil without such a trail.
func siblingDays(all map[string]*accountCoverage, s *account.Snapshot, changes trails) map[int32]bool {
	from := int32(math.MaxInt32)
	if s != nil {
		for _, t := range s.Trails {
			if t.Organization && t.MultiRegion {
				from = min(from, changes.scopeFrom(t.ARN))
			}
		}
	}
	if from == math.MaxInt32 {
		return nil
	}
	out := map[int32]bool{}
	for _, c := range all {
		for d := range c.days {
			if d >= from {
				out[d] = true
			}
		}
	}
	return out
}

// state is what is known of one day by itself.
func (c *accountCoverage) state(day int32) dayState {
	proved, doubted := c.delivering(day)
	switch {
	case c.left.LeavesOut(day):
		return dayLeft
	case c.lost[day]:
		return dayLost
	case c.harmed(day):
		return dayGap
	case c.stopped[day] && (c.days[day] || !proved):
		return dayGap
	case c.days[day]:
		return dayCovered
	case proved:
		return dayQuiet
	case doubted:
		return dayUnknown
	case c.siblings[day]:
		return dayQuiet
	}
	return dayBlank
}

// states are those of all days from first to last. Runs of blank days are decided by
// their length.
func (c *accountCoverage) states() []dayState {
	if len(c.days) == 0 {
		return nil
	}
	out := make([]dayState, c.last-c.first+1)
	run := 0
	for i := range out {
		if out[i] = c.state(c.first + int32(i)); out[i] == dayBlank {
			run++
			continue
		}
		c.decide(out[i-run:i], c.first+int32(i-run))
		run = 0
	}
	c.decide(out[len(out)-run:], c.last+1-int32(run))
	return out
}

// decide settles a run of blank days: quiet if it is short; else a gap, but for the days
// on which something came that has no management events.
func (c *accountCoverage) decide(run []dayState, from int32) {
	for i := range run {
		switch {
		case len(run) <= quietRun:
			run[i] = dayQuiet
		case c.delivered[from+int32(i)] || c.listed(from+int32(i)):
			run[i] = dayUnknown
		default:
			run[i] = dayGap
		}
	}
}

// listed reports whether a digest covers some of a day.
func (c *accountCoverage) listed(day int32) bool {
	for _, d := range c.digests {
		if r := d.days[day]; r != nil && r.Hours != 0 {
			return true
		}
	}
	return false
}

// window counts the observed days between from and to (inclusive): those with records,
// and quiet ones.
func (c *accountCoverage) window(from, to int32) Window {
	if c == nil || len(c.days) == 0 {
		return Window{}
	}
	from, to = max(from, c.first), min(to, c.last)
	if from > to {
		return Window{}
	}
	w := Window{From: dayTime(from), To: dayTime(to), Regions: len(c.regions)}
	states := c.dayStates
	if states == nil {
		states = c.states()
	}
	for _, s := range states[from-c.first : to-c.first+1] {
		switch s {
		case dayLeft:
			w.FilteredDays++
		case dayLost:
			w.LostDays++
		case dayGap:
			w.GapDays++
		case dayUnknown:
			w.UnknownDays++
		case dayQuiet:
			w.QuietDays++
			w.Days++
		default:
			w.Days++
		}
	}
	return w
}

// missed says which days of a window do not count, "" for none.
func (w Window) missed() string {
	var parts []string
	for _, x := range []struct {
		days int
		what string
	}{{w.GapDays, "without logs"}, {w.UnknownDays, "of which nothing is known"}, {w.LostDays, "with unreadable objects"}, {w.FilteredDays, "left out in part by --since or --until"}} {
		if x.days > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", x.days, x.what))
		}
	}
	if parts == nil {
		return ""
	}
	return " (not counting " + strings.Join(parts, ", ") + ")"
}

// digestWarnings tell what digests say of the archive.
func (c *accountCoverage) digestWarnings() []string {
	failed := int64(0)
	days := map[int32]bool{}
	for _, d := range c.digests {
		for day, r := range d.days {
			failed += r.Failed
			if harmed(r) {
				days[day] = true
			}
		}
	}
	var out []string
	if len(days) > 0 {
		out = append(out, fmt.Sprintf("account %s: digests list log files of %s that the archive lacks or has with other content; days with such do not count as observed", c.id, plural(len(days), "day")))
	}
	if failed > 0 {
		out = append(out, fmt.Sprintf("account %s: %s not as CloudTrail wrote it; no quiet day is proved by such", c.id, plural(failed, "digest")))
	}
	return out
}

func plural[N int | int64](n N, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

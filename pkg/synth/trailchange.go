package synth

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/usage"
)

// trailHistory is what the logs tell of changes to one trail.
type trailHistory struct {
	arn      string
	switches []trailSwitch // sorted by time after trailChanges
	selected int32         // last day of a change of its event selectors, or of its start; -1 none
	scope    int32         // last day of a change of what else it delivers; -1 none
}

// trailSwitch is one time at which logging was turned on or off.
type trailSwitch struct {
	at int64 // unix milliseconds
	on bool
}

// trailCalls are the calls that change what a trail delivers. Source: CloudTrail API
// reference, 2026-11. CreateTrail alone does not start logging, and PutInsightSelectors
// concerns Insights events, which are not read.
var trailCalls = map[string]func(h *trailHistory, r *usage.Row){
	"cloudtrail:stoplogging": func(h *trailHistory, r *usage.Row) { h.turn(r, false) },
	"cloudtrail:deletetrail": func(h *trailHistory, r *usage.Row) { h.turn(r, false) },
	"cloudtrail:startlogging": func(h *trailHistory, r *usage.Row) {
		h.turn(r, true)
		h.selected = max(h.selected, r.Day)
	},
	"cloudtrail:puteventselectors": func(h *trailHistory, r *usage.Row) { h.selected = max(h.selected, r.Day) },
	"cloudtrail:createtrail": func(h *trailHistory, r *usage.Row) {
		h.selected, h.scope = max(h.selected, r.Day), max(h.scope, r.Day)
	},
	"cloudtrail:updatetrail": func(h *trailHistory, r *usage.Row) { h.scope = max(h.scope, r.Day) },
}

// turn adds a row's calls: the first and the last of its day.
func (h *trailHistory) turn(r *usage.Row, on bool) {
	h.switches = append(h.switches, trailSwitch{r.First, on})
	if r.Last != r.First {
		h.switches = append(h.switches, trailSwitch{r.Last, on})
	}
}

// trailChanges reads the changes of trails from the logs, by trail ARN. Whoever made
// them, and whatever lane their call is in: a stopped trail is stopped.
func trailChanges(t *usage.Table) trails {
	const service = "cloudtrail:"
	out := trails{}
	for i := range t.Usage {
		r := &t.Usage[i]
		if len(r.Action) > len(service) && strings.EqualFold(r.Action[:len(service)], service) && r.Day >= 0 && r.Outcome == "allowed" && r.Basis == "logged" {
			addChange(out, r)
		}
	}
	for _, h := range out {
		slices.SortFunc(h.switches, func(a, b trailSwitch) int {
			return cmp.Or(cmp.Compare(a.at, b.at), -compareBool(a.on, b.on)) // off last: in doubt it is off
		})
	}
	return out
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func addChange(out trails, r *usage.Row) {
	change := trailCalls[strings.ToLower(r.Action)]
	if change == nil {
		return
	}
	arn := r.Resource
	if accountOf(arn) == "" { // the record does not name it
		arn = unnamed(r.RecipientAccount)
	}
	h := out[arn]
	if h == nil {
		h = &trailHistory{arn: arn, selected: -1, scope: -1}
		out[arn] = h
	}
	change(h, r)
}

// trails are the histories of all trails, by ARN.
type trails map[string]*trailHistory

// unnamed stands for the trail of a record that does not name it: it may be any of the
// account's.
func unnamed(account string) string { return "arn:aws:cloudtrail::" + account + ":trail/" }

// selectedFrom is the first day on which the selectors that are given today held: the
// one after their last change, and after logging last began. What is off today holds
// never.
func (t trails) selectedFrom(arn string) int32 {
	from := int32(0)
	for _, h := range []*trailHistory{t[arn], t[unnamed(accountOf(arn))]} {
		switch {
		case h == nil:
		case len(h.switches) > 0 && !h.switches[len(h.switches)-1].on:
			return math.MaxInt32
		default:
			from = max(from, h.selected+1)
		}
	}
	return from
}

// scopeFrom is selectedFrom for what describe-trails tells.
func (t trails) scopeFrom(arn string) int32 {
	from := int32(0)
	for _, h := range []*trailHistory{t[arn], t[unnamed(accountOf(arn))]} {
		if h != nil {
			from = max(from, h.scope+1)
		}
	}
	return from
}

// stop is a time, in unix milliseconds, in which a trail did not log.
type stop struct {
	from, to int64 // to: math.MaxInt64 where it was not started again
	trails   []string
}

// stopsOf are the times in which a trail did not log.
func (h *trailHistory) stopsOf() []stop {
	var out []stop
	off := false
	for _, s := range h.switches {
		switch {
		case s.on && off:
			out[len(out)-1].to = s.at
		case !s.on && !off:
			out = append(out, stop{from: s.at, to: math.MaxInt64, trails: []string{h.arn}})
		}
		off = !s.on
	}
	return out
}

// stopsOf joins the stops of some trails: times in which one of them did not log.
func (t trails) stopsOf(mine func(arn string) bool) []stop {
	var all, out []stop
	for _, arn := range sortedKeys(t) {
		if mine(arn) {
			all = append(all, t[arn].stopsOf()...)
		}
	}
	slices.SortFunc(all, func(a, b stop) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	for _, s := range all {
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to, out[n-1].trails = max(out[n-1].to, s.to), append(out[n-1].trails, s.trails...)
			continue
		}
		out = append(out, s)
	}
	return out
}

// addStops marks the days on some of which no trail is known to have logged. other tells
// of a stop whether a multi-region trail is known that it is not of.
//
// While a trail is stopped it proves nothing. Records of whole days within the stop are
// another trail's: where these bridge it, only its days without records are marked, and
// none where that trail is known.
func (c *accountCoverage) addStops(stops []stop, other func(*stop) bool) {
	for i := range stops {
		s := &stops[i]
		from, to := c.inside(s)
		bridged := from <= to && c.bridges(from, to)
		if bridged && other(s) {
			continue
		}
		took := !bridged
		for d := from; d <= to; d++ {
			if !bridged || !c.days[d] {
				c.stopped[d], took = true, true
			}
		}
		if !bridged {
			c.stopped[millisDay(s.from)] = true
			if s.to != math.MaxInt64 {
				c.stopped[millisDay(s.to)] = true
			}
		}
		if took {
			c.stops = append(c.stops, *s)
		}
	}
}

// inside are the whole days of a stop, as far as the logs go.
func (c *accountCoverage) inside(s *stop) (from, to int32) {
	to = c.last
	if s.to != math.MaxInt64 {
		to = min(to, millisDay(s.to)-1)
	}
	return max(c.first, millisDay(s.from)+1), to
}

// bridges reports whether another trail logged on from one day to another: there are
// records on most of the days, and of every region that has them on most days otherwise.
func (c *accountCoverage) bridges(from, to int32) bool {
	in := within(c.days, from, to)
	if 2*in < int(to-from)+1 {
		return false
	}
	outside := len(c.days) - in
	for _, days := range c.regions {
		if in := within(days, from, to); in == 0 && 2*len(days) > outside {
			return false
		}
	}
	return true
}

func within(days map[int32]bool, from, to int32) int {
	n := 0
	for d := from; d <= to; d++ {
		if days[d] {
			n++
		}
	}
	return n
}

// maxToldStops bounds the stops that an account's warnings name.
const maxToldStops = 3

// trailWarnings tell of changes of trails that weaken the evidence.
func (c *accountCoverage) trailWarnings() []string {
	var out []string
	for i, s := range c.stops {
		if i == maxToldStops {
			out = append(out, fmt.Sprintf("account %s: logging was stopped %s more", c.id, plural(len(c.stops)-i, "time")))
			break
		}
		until := "and not started again"
		if s.to != math.MaxInt64 {
			until = "and started again on " + date(millisDay(s.to))
		}
		out = append(out, fmt.Sprintf("account %s: logging of %s was stopped on %s %s; these days do not count as observed, but for those with records of another trail",
			c.id, trailName(s.trails[0]), date(millisDay(s.from)), until))
	}
	for _, t := range c.selectors {
		switch {
		case t.from == math.MaxInt32:
			out = append(out, fmt.Sprintf("account %s: %s is stopped by the end of the logs; its event selectors do not count", c.id, trailName(t.TrailARN)))
		case t.from > c.first:
			out = append(out, fmt.Sprintf("account %s: %s was changed or started on %s; its event selectors count from the day after", c.id, trailName(t.TrailARN), date(t.from-1)))
		}
	}
	return out
}

func millisDay(at int64) int32 { return int32(at / (24 * 60 * 60 * 1000)) }

func date(day int32) string { return dayTime(day).Format("2006-01-02") }

// trailName names a trail in a sentence.
func trailName(arn string) string {
	if _, name, ok := strings.Cut(arn, ":trail/"); ok && name != "" {
		return "trail " + name
	}
	return "a trail"
}

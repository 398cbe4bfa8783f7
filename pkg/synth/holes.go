package synth

import (
	"fmt"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// holeSlack is how much later than the last call in the logs AWS's own last-use dates may
// be without a call missing: records and reports are not of one clock, and CloudTrail
// delivers a record with its request's time.
const holeSlack = 24 * time.Hour

// called is when the logs show a caller's last calls that are not quarantined, of whatever
// outcome: AWS's dates count attempts too ("includes all attempts to access an AWS API,
// not just the successful ones", IAM user guide, "Refining permissions", 2026-11).
type called struct {
	last    int64            // of all, unix milliseconds
	sources map[string]int64 // by event source
}

func (c *called) add(source string, at int64) {
	if c.sources == nil {
		c.sources = map[string]int64{}
	}
	c.last = max(c.last, at)
	c.sources[source] = max(c.sources[source], at)
}

// holes compares what AWS itself says of a principal's last uses with what the logs show.
// A use that they lack proves that they are not all there is.
type holes struct {
	p   *proposer
	s   *subject
	end time.Time // of the logs: a later use tells nothing of them
	v   *viewer
	all map[string]time.Time // last call by service and by action, in lower case
	won map[string]bool      // services of which a call was allowed
}

func (p *proposer) newHoles(s *subject) *holes {
	h := &holes{p: p, s: s, end: p.end, v: newViewer(&p.in.Options, []*subject{s})}
	if s.cov != nil {
		if day := dayTime(s.cov.last + 1); day.Before(h.end) {
			h.end = day
		}
	}
	return h
}

// index sums up when the logs show what. What is only documented as needed counts:
// AWS's dates may be of it.
func (h *holes) index() {
	h.all, h.won = map[string]time.Time{}, map[string]bool{}
	for _, c := range h.s.seen {
		for source, at := range c.called.sources {
			for _, prefix := range h.p.in.Catalog.Prefixes(source) {
				prefix = strings.ToLower(prefix)
				h.all[prefix] = latest(h.all[prefix], at)
			}
		}
		for i := range c.obs {
			o := &c.obs[i]
			service := servicePrefix(o.action)
			for _, key := range []string{service, strings.ToLower(o.action)} {
				h.all[key] = latest(h.all[key], o.lastMillis)
			}
			h.won[service] = h.won[service] || o.allowed()
		}
	}
}

// lacks reports whether the logs show no call at or after a time at which AWS saw one.
func lacks(shown, accessed time.Time) bool { return accessed.Sub(shown) > holeSlack }

// within reports whether a time is one that the logs should show.
func (h *holes) within(at time.Time) bool {
	return at.After(h.s.window.From.AddDate(0, 0, 1)) && !at.After(h.end)
}

// role compares the role's last use, as AWS tells it, with the logs: "" if they agree.
func (h *holes) role() string {
	s, at := h.s, h.s.p.LastUsed
	if s.cov == nil || !s.p.LastUsedKnown || !at.After(s.window.From.AddDate(0, 0, 1)) || s.sawApart(at) {
		return ""
	}
	var last time.Time
	for _, c := range s.seen {
		last = latest(last, c.called.last)
	}
	switch {
	case distinctUsed(s.seen) > 0 && (!lacks(last, at) || !h.within(at) || h.hiddenGrant("")):
		return ""
	case !last.IsZero() && !lacks(last, at):
		return ""
	case last.IsZero():
		return fmt.Sprintf("AWS says the role was last used on %s, and the logs do not show it", at.UTC().Format(time.DateOnly))
	}
	return fmt.Sprintf("AWS says the role was last used on %s, and the logs show no call of it after %s", at.UTC().Format(time.DateOnly), last.UTC().Format(time.DateOnly))
}

// block blocks the services of which AWS saw a use that the logs lack.
func (h *holes) block() {
	s := h.s
	if s.accessed == nil || s.window.Days == 0 {
		return
	}
	h.index()
	s.holes = map[string]bool{}
	for service, a := range s.accessed.services {
		why := h.service(service, a)
		for _, name := range sortedKeys(a.actions) {
			if w := h.action(service+":"+name, a.actions[name]); w != "" {
				s.holes[service+":"+name] = true
				if why == "" {
					why = w
				}
			}
		}
		if why == "" {
			continue
		}
		s.accessHole, s.holes[service] = true, true
		s.blocked[service] = barrier{why: why, need: Need{Kind: NeedLogs, Account: s.p.Account, Principal: s.p.ARN, What: service}}
	}
}

// service says what the logs lack of a service, "" nothing. Where they show some of it, a
// later use may have been of an action that they cannot show.
func (h *holes) service(service string, a serviceAccess) string {
	s, shown := h.s, h.all[service]
	ofService := func(action string) bool { return servicePrefix(action) == service }
	if !a.last.After(s.window.From.AddDate(0, 0, 1)) || !lacks(shown, a.last) || s.usedApart(a.last, ofService) {
		return ""
	}
	if !h.won[service] {
		return fmt.Sprintf("last-accessed data shows a use of this service on %s that the logs lack", a.last.UTC().Format(time.DateOnly))
	}
	if !h.within(a.last) || h.hiddenGrant(service) {
		return ""
	}
	return fmt.Sprintf("last-accessed data shows a use of this service on %s, the logs show none after %s, and all that is granted of it would show", a.last.UTC().Format(time.DateOnly), shown.UTC().Format(time.DateOnly))
}

// action says what the logs lack of a tracked action that they would show, "" nothing.
func (h *holes) action(key string, at time.Time) string {
	i, known := h.p.facts.index[key]
	same := func(action string) bool { return strings.EqualFold(action, key) }
	if !known || !h.within(at) || !lacks(h.all[key], at) || h.s.usedApart(at, same) || !h.v.see(&h.p.facts.facts[i]).ok {
		return ""
	}
	return fmt.Sprintf("last-accessed data shows a use of %s on %s that the logs lack", h.p.facts.names[i], at.UTC().Format(time.DateOnly))
}

// hiddenGrant reports whether a granted action of a service, "" of any, is one that the
// logs could not show.
func (h *holes) hiddenGrant(service string) bool {
	for _, g := range h.s.grants {
		if g.Policy.Document == nil {
			return true
		}
		for i := range g.Policy.Document.Statements {
			st := &g.Policy.Document.Statements[i]
			if st.Effect != iam.Allow {
				continue
			}
			for _, k := range h.p.masks.of(st) {
				if f := &h.p.facts.facts[k]; (service == "" || servicePrefix(f.Name) == service) && !h.v.see(f).ok {
					return true
				}
			}
		}
	}
	return false
}

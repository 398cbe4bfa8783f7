package synth

import (
	"slices"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// AccessFinding is what comes of comparing what is granted, what the logs show and what
// AWS says was accessed.
type AccessFinding string

// The findings.
const (
	AccessHole     AccessFinding = "accessed but not in the logs"      // removal is blocked
	AccessLater    AccessFinding = "accessed after what the logs show" // data events may tell why
	AccessDenied   AccessFinding = "attempted, and denied in the logs"
	AccessMissing  AccessFinding = "in the logs but not accessed" // the report is not used
	AccessUnused   AccessFinding = "granted, never used"
	AccessAgree    AccessFinding = "in both"
	AccessLogsOnly AccessFinding = "in the logs, not in the report"
	AccessEarlier  AccessFinding = "accessed before the logs"
)

// AccessRow compares one service, or one action that AWS tracks, of one principal.
type AccessRow struct {
	Principal string    // ARN
	Service   string    // namespace, such as s3
	Action    string    // "" for the service as a whole
	Granted   int       // actions that the attached documents allow
	Calls     int64     // that the logs show allowed
	Logged    time.Time // of the last of them; zero none
	Reported  bool      // the report tells of it
	Accessed  time.Time // by the report; zero never
	Finding   AccessFinding
}

// LastAccessed compares, for each principal with a usable last-accessed report, what is
// granted, what the logs show, and what AWS says was accessed. Rows are sorted by
// principal, service and action; tracked actions of which all three agree that nothing
// happened are left out.
func LastAccessed(in Input) ([]AccessRow, error) {
	p := newProposer(in)
	if p.history == nil {
		return nil, ErrNoAccount
	}
	var out []AccessRow
	for _, s := range p.subjects {
		if s.accessed != nil && p.isWanted(s.p.ARN) {
			out = append(out, p.accessRows(s)...)
		}
	}
	return out, nil
}

// logged is what the logs show of a service or an action.
type logged struct {
	calls  int64
	last   time.Time // of the allowed ones
	denied bool      // there are denied calls
	apart  bool      // in quarantined calls
}

func (p *proposer) accessRows(s *subject) []AccessRow {
	services, byAction := s.logged()
	granted := p.grantedActions(s)
	count := map[string]int{}
	for a := range granted {
		count[servicePrefix(a)]++
	}
	names := map[string]bool{}
	for x := range services {
		names[x] = true
	}
	for x := range count {
		names[x] = true
	}
	for x := range s.accessed.services {
		names[x] = true
	}
	var out []AccessRow
	for _, service := range sortedKeys(names) {
		a, reported := s.accessed.services[service]
		distrusted := slices.Contains(s.distrusted, service)
		row := AccessRow{Principal: s.p.ARN, Service: service, Granted: count[service], Reported: reported || distrusted, Accessed: a.last}
		row.compare(s, service, services[service])
		out = append(out, row)
		for _, name := range sortedKeys(a.actions) {
			key := service + ":" + name
			row := AccessRow{Principal: s.p.ARN, Service: service, Action: key, Reported: true, Accessed: a.actions[name]}
			if i, ok := p.facts.index[key]; ok {
				row.Action = p.facts.names[i]
			}
			if granted[key] {
				row.Granted = 1
			}
			if row.compare(s, key, byAction[key]); row.Calls > 0 || !row.Accessed.IsZero() {
				out = append(out, row)
			}
		}
	}
	return out
}

// compare adds what the logs show, and the finding. key is the service, or the action, in
// lower case.
func (r *AccessRow) compare(s *subject, key string, l logged) {
	r.Calls, r.Logged = l.calls, l.last
	switch {
	case s.holes[key]:
		r.Finding = AccessHole
	case !r.Reported && l.calls > 0, r.Accessed.IsZero() && l.calls > 0 && s.access == nil: // a report that is older than the logs
		r.Finding = AccessLogsOnly
	case r.Accessed.IsZero() && l.calls > 0:
		r.Finding = AccessMissing
	case r.Accessed.IsZero():
		r.Finding = AccessUnused
	case !r.Accessed.After(s.window.From.AddDate(0, 0, 1)) && l.calls == 0 && !l.apart:
		r.Finding = AccessEarlier
	case l.calls == 0 && l.denied:
		r.Finding = AccessDenied
	case lacks(l.last, r.Accessed) && !l.apart:
		r.Finding = AccessLater
	default:
		r.Finding = AccessAgree
	}
}

// logged sums up what the logs show of a principal by service and by action, in lower case.
func (s *subject) logged() (services, byAction map[string]logged) {
	services, byAction = map[string]logged{}, map[string]logged{}
	add := func(m map[string]logged, key string, o *observation, apart bool) {
		l := m[key]
		switch {
		case apart:
			l.apart = true
		case !o.allowed():
			l.denied = true
		default:
			l.calls += o.count
			l.last = latest(l.last, o.lastMillis)
		}
		m[key] = l
	}
	for _, c := range s.seen {
		for i := range c.obs {
			if o := &c.obs[i]; !o.documented() {
				add(services, servicePrefix(o.action), o, false)
				add(byAction, strings.ToLower(o.action), o, false)
			}
		}
		for i := range c.apart.obs {
			o := &c.apart.obs[i]
			add(services, servicePrefix(o.action), o, true)
			add(byAction, strings.ToLower(o.action), o, true)
		}
	}
	return services, byAction
}

// grantedActions are the known actions that a principal's documents allow, in lower case.
func (p *proposer) grantedActions(s *subject) map[string]bool {
	out := map[string]bool{}
	for _, g := range s.grants {
		d := g.Policy.Document
		if d == nil {
			continue
		}
		for i := range d.Statements {
			if d.Statements[i].Effect != iam.Allow {
				continue
			}
			known, _ := p.facts.granted(&d.Statements[i])
			for _, k := range known {
				out[strings.ToLower(p.facts.names[k])] = true
			}
		}
	}
	return out
}

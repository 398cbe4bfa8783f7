package synth

import (
	"fmt"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
)

// reportLag is how much younger than the logs a last-accessed report must be:
// AWS states up to four hours until an access shows ("recent activity usually
// appears within four hours", IAM user guide, "Refining permissions").
const reportLag = 4 * time.Hour

// trackingDays is the period over which AWS keeps last-accessed data ("at least
// 400 days, or less if your Region began supporting this feature later", same page).
const trackingDays = 400

// accessReport is what AWS itself says one principal accessed.
type accessReport struct {
	services map[string]serviceAccess // by lower-case namespace
}

type serviceAccess struct {
	last    time.Time
	actions map[string]time.Time // tracked actions by lower-case name
}

// accessReports indexes the reports made at a time or later by principal ARN. What a report
// does not show, it may be too old to show; what it shows, happened whenever it was made.
func accessReports(s *account.Snapshot, from time.Time) map[string]*accessReport {
	out := map[string]*accessReport{}
	for _, la := range s.LastAccessed {
		if la.ARN == "" || la.Completed.Before(from) {
			continue
		}
		r := out[la.ARN]
		if r == nil {
			r = &accessReport{services: map[string]serviceAccess{}}
			out[la.ARN] = r
		}
		for _, svc := range la.Services {
			r.add(svc)
		}
	}
	return out
}

// oldReports warns of principals whose every report is older than the logs, "" for none.
func (p *proposer) oldReports() string {
	n, first := 0, ""
	for _, s := range p.subjects {
		if s.accessed == nil || s.access != nil {
			continue
		}
		if n++; first == "" {
			first = s.p.ARN
		}
	}
	if n == 0 {
		return ""
	}
	if n > 1 {
		first += fmt.Sprintf(" and %d others", n-1)
	}
	return fmt.Sprintf("last-accessed reports of %s were made before %s, four hours after the logs end: a use that they show counts, one that they do not show proves nothing; make them again",
		first, p.end.Add(reportLag).Format("2006-01-02 15:04 MST"))
}

func (r *accessReport) add(svc account.ServiceAccess) {
	key := strings.ToLower(svc.Namespace)
	got := r.services[key]
	if got.actions == nil {
		got.actions = map[string]time.Time{}
	}
	if svc.Last.After(got.last) {
		got.last = svc.Last
	}
	for _, a := range svc.Actions {
		name := strings.ToLower(a.Name)
		if a.Last.After(got.actions[name]) || got.actions[name].IsZero() {
			got.actions[name] = a.Last
		}
	}
	r.services[key] = got
}

// neverAccessed reports whether the report proves that an action the logs could
// not show was not used: its service was never accessed, or the action itself is
// tracked and was not. Data-plane actions are not decided by action-level data.
func (r *accessReport) neverAccessed(f *actions.Fact) bool {
	if r == nil || isPassRole(f.Name) {
		return false
	}
	svc, ok := r.services[servicePrefix(f.Name)]
	if !ok {
		return false
	}
	if svc.last.IsZero() {
		return true
	}
	last, tracked := svc.actions[strings.ToLower(f.Name[strings.IndexByte(f.Name, ':')+1:])]
	return tracked && last.IsZero() && f.Visibility != actions.DataEvent
}

// contradicts reports whether AWS saw an access, within the window, of an action
// that the logs do not have, and when: the logs have a hole there.
func (r *accessReport) contradicts(action string, from time.Time) (time.Time, bool) {
	if r == nil {
		return time.Time{}, false
	}
	svc := r.services[servicePrefix(action)]
	last, tracked := svc.actions[strings.ToLower(action[strings.IndexByte(action, ':')+1:])]
	return last, tracked && last.After(from)
}

// decidedByAccess reports whether the reports of all attached principals prove
// that none of them used the action.
func (v *viewer) decidedByAccess(f *actions.Fact) bool {
	if v.opts.MinWindow > trackingDays || len(v.subjects) == 0 {
		return false
	}
	for _, sub := range v.subjects {
		if !v.neverBy(sub, f) {
			return false
		}
	}
	return true
}

// neverBy reports whether a report proves that one principal did not use the action: its
// own, or else that of a group that it is in, or of the policy itself. These tell of all
// members, and of all who have the policy, by service only.
func (v *viewer) neverBy(sub *subject, f *actions.Fact) bool {
	if sub.access != nil {
		return sub.access.neverAccessed(f)
	}
	for _, g := range sub.grants {
		if g.Via != nil && v.reports[g.Via.ARN].serviceNever(f) {
			return !sub.uses(servicePrefix(f.Name))
		}
	}
	return v.policy != "" && v.reports[v.policy].serviceNever(f) && !sub.uses(servicePrefix(f.Name))
}

// serviceNever reports whether a report says that the service of an action was never
// accessed.
func (r *accessReport) serviceNever(f *actions.Fact) bool {
	if r == nil || isPassRole(f.Name) {
		return false
	}
	svc, ok := r.services[servicePrefix(f.Name)]
	return ok && svc.last.IsZero()
}

// uses reports whether the logs show a principal using a service.
func (s *subject) uses(service string) bool {
	for _, c := range s.seen {
		for i := range c.obs {
			if o := &c.obs[i]; o.needsExplanation() && servicePrefix(o.action) == service {
				return true
			}
		}
	}
	return false
}

// distrust leaves out of a principal's report the services that it says were never
// accessed and that the logs show in use: it may be somebody else's.
func (s *subject) distrust() {
	if s.access == nil {
		return
	}
	for _, service := range sortedKeys(s.access.services) {
		if s.access.services[service].last.IsZero() && s.uses(service) {
			delete(s.access.services, service)
			s.distrusted = append(s.distrusted, service)
		}
	}
}

// holeNeed is the logs that lack a use that AWS saw.
func (v *viewer) holeNeed(action string) Need {
	for _, sub := range v.subjects {
		if _, ok := sub.accessed.contradicts(action, sub.window.From); ok {
			return Need{Kind: NeedLogs, Account: sub.p.Account, Principal: sub.p.ARN, What: servicePrefix(action)}
		}
	}
	return Need{Kind: NeedLogs}
}

// hole reports whether AWS saw the action used where the logs do not show it.
func (v *viewer) hole(action string) bool {
	same := func(other string) bool { return strings.EqualFold(other, action) }
	for _, sub := range v.subjects {
		if last, ok := sub.accessed.contradicts(action, sub.window.From); ok && !sub.usedApart(last, same) {
			return true
		}
	}
	return false
}

package synth

import (
	"fmt"
	"strings"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
)

// sight says whether the logs could have shown an action, why (not), and what would have
// to be known for them to do so.
type sight struct {
	ok     bool
	reason string
	needs  []Need // empty if ok
}

// and joins the answers to two questions that both must be yes: the first reason counts.
func (s sight) and(t sight) sight {
	if !s.ok {
		t.ok, t.reason = false, s.reason
	}
	t.needs = append(s.needs[:len(s.needs):len(s.needs)], t.needs...)
	return t
}

// blind is the answer no.
func blind(n Need, format string, args ...any) sight {
	return sight{reason: fmt.Sprintf(format, args...), needs: []Need{n}}
}

// viewer answers sight questions for one document: an action is visible only if
// it is for every principal attached. Answers are kept by what they depend on.
type viewer struct {
	opts     *Options
	subjects []*subject
	granted  *granted                 // nil: all of it was there all the time
	reports  map[string]*accessReport // of groups and policies, by ARN
	policy   string                   // ARN of the customer-managed policy, ""
	memo     map[sightKey]sight
}

type sightKey struct {
	vis      actions.Visibility
	read     bool
	both     bool
	dataType string
	service  string
	granted  string
}

// excludable are the services whose management events a trail may leave out.
// Source: CloudTrail user guide, "Logging management events" (AWS KMS and Amazon
// RDS Data API events can be excluded).
var excludable = map[string]string{"kms": "kms.amazonaws.com", "rds-data": "rdsdata.amazonaws.com"}

func newViewer(o *Options, subjects []*subject) *viewer {
	return &viewer{opts: o, subjects: subjects, memo: map[sightKey]sight{}}
}

// see tells whether a use of the action would have been in the logs.
func (v *viewer) see(f *actions.Fact) sight {
	key := sightKey{f.Visibility, f.ReadOnly, f.BothWays, strings.Join(dataTypes(f), ","), servicePrefix(f.Name), v.grantKey(f.Name)}
	if isPassRole(f.Name) {
		key.service = f.Name
	}
	if s, ok := v.memo[key]; ok {
		return s
	}
	s := v.decide(f)
	v.memo[key] = s
	return s
}

// grantKey tells apart actions that were granted at different times.
func (v *viewer) grantKey(action string) string {
	if v.granted == nil {
		return ""
	}
	var b strings.Builder
	for _, s := range v.subjects {
		fmt.Fprintf(&b, "%d,", v.granted.of(s, action).day)
	}
	return b.String()
}

func (v *viewer) decide(f *actions.Fact) sight {
	s := sight{ok: true}
	for _, sub := range v.subjects {
		w := v.look(sub, f.Name)
		s = s.and(v.windowFrom(sub, w).and(v.decideFor(w, f)))
	}
	s.needs = minimalNeeds(s.needs)
	return s
}

// look is what one principal could show of an action: its window from when it had it.
type look struct {
	*subject
	window Window
	since  since
}

func (v *viewer) look(sub *subject, action string) look {
	l := look{sub, sub.window, v.granted.of(sub, action)}
	if l.since.day >= 0 {
		l.window = sub.cov.since(l.window, l.since.day+1)
	}
	return l
}

// decideFor is decide for one principal, whatever its window.
func (v *viewer) decideFor(sub look, f *actions.Fact) sight {
	if sub.cov == nil {
		return sight{} // the window tells why
	}
	if isPassRole(f.Name) {
		return v.passRole(sub.subject)
	}
	s := sight{ok: true}
	// Where the action's events go both ways, both must show.
	if f.BothWays {
		other := *f
		other.BothWays, other.ReadOnly = false, !f.ReadOnly
		s = v.decideFor(sub, &other)
	}
	return s.and(v.event(sub, f))
}

// event sees the events of an action in one direction.
func (v *viewer) event(sub look, f *actions.Fact) sight {
	switch f.Visibility {
	case actions.Management:
		return v.documented(sub, f)
	case actions.PresumedManagement:
		s := v.management(sub, f, "presumed management event")
		if v.opts.Strict {
			return blind(Need{Kind: NeedStandard}, "only presumed to be a management event (--evidence strict)").and(s)
		}
		return s
	case actions.DataEvent:
		return v.dataEvents(sub, f)
	case actions.NeverLogged:
		return blind(Need{Kind: NeedNothing}, "CloudTrail never logs it")
	case actions.NetworkActivity:
		return blind(Need{Kind: NeedNothing}, "only network activity events show it")
	}
	return blind(Need{Kind: NeedNothing}, "not known where CloudTrail shows it")
}

// windowOf tells whether a principal was observed long enough.
func (v *viewer) windowOf(sub *subject) sight {
	return v.windowFrom(sub, look{sub, sub.window, unchangedGrant()})
}

func (v *viewer) windowFrom(sub *subject, l look) sight {
	if sub.cov == nil {
		return blind(Need{Kind: NeedLogs, Account: sub.p.Account}, "the logs hold nothing of account %s", sub.p.Account)
	}
	w, c := sub.cov.oneRegion(l.window), sub.cov
	s := sight{ok: true, reason: fmt.Sprintf("%d days observed", w.Days)}
	trail := Need{Kind: NeedTrail, Account: sub.p.Account}
	for _, x := range []struct {
		bad bool
		no  func() sight
	}{
		{c.unplaced > 0, func() sight {
			return blind(Need{Kind: NeedReadable}, "%d objects could not be read in full and do not tell their account and day", c.unplaced)
		}},
		{c.regionFilter, func() sight {
			return blind(Need{Kind: NeedRegions}, "the scan left out regions (--regions), so it cannot show what was not used")
		}},
		{sub.hole != "", func() sight { return blind(sub.holeNeed(), "%s", sub.hole) }},
		{w.Days < v.opts.MinWindow, func() sight { return v.tooShort(l, w) }},
		{c.known && !c.multi, func() sight { return blind(trail, "no trail of the account is multi-region") }},
		{v.opts.Strict && !c.multi && len(c.regions) < 2, func() sight {
			return blind(trail, "logs of one region only, and no trail is known to be multi-region")
		}},
	} {
		if x.bad {
			s = s.and(x.no())
		}
	}
	return s
}

// tooShort says why the days that count are not enough.
func (v *viewer) tooShort(l look, w Window) sight {
	n := Need{Kind: NeedDays, Account: l.p.Account, Days: v.opts.MinWindow - w.Days}
	if whole := l.cov.oneRegion(l.subject.window); l.since.day >= 0 && w.Days < whole.Days {
		return blind(n, "%s: observed %d days since, a removal needs %d", l.since.why, w.Days, v.opts.MinWindow)
	}
	return blind(n, "observed %d days%s, a removal needs %d", w.Days, w.missed(), v.opts.MinWindow)
}

// windowsFull reports whether everybody attached was observed long enough since the
// action was granted; last-accessed data does not shorten the window that a removal needs.
func (v *viewer) windowsFull(action string) bool {
	for _, sub := range v.subjects {
		if !v.windowFrom(sub, v.look(sub, action)).ok {
			return false
		}
	}
	return true
}

// holeNeed is what would mend a hole in what is known of a principal.
func (s *subject) holeNeed() Need {
	switch {
	case strings.HasSuffix(s.hole, again):
		return Need{Kind: NeedSnapshot, Account: s.p.Account}
	case strings.HasSuffix(s.hole, scanSince):
		return Need{Kind: NeedLogs, Account: s.p.Account}
	}
	return Need{Kind: NeedLogs, Account: s.p.Account, Principal: s.p.ARN}
}

// implicitRole are actions that pass a role named in another object, such as a task
// definition or a launch template. Sources: Amazon ECS developer guide ("Grant
// permissions to pass a role"), Amazon EC2 Auto Scaling user guide ("Launch template
// support"), Systems Manager user guide ("Automation"), 2026-11.
var implicitRole = map[string]bool{
	"ecs:runtask": true, "ecs:starttask": true, "ecs:createservice": true, "ecs:updateservice": true, "ecs:createtaskset": true,
	"autoscaling:createautoscalinggroup": true, "autoscaling:updateautoscalinggroup": true, "autoscaling:startinstancerefresh": true,
	"ec2:createfleet": true, "ec2:requestspotfleet": true, "ssm:startautomationexecution": true,
}

// passRole is never logged itself; it shows in the calls that take a role, so it
// is visible where every call of the principal could be mapped.
func (v *viewer) passRole(sub *subject) sight {
	for _, c := range sub.seen {
		if c.unmappedCalls() > 0 {
			return blind(Need{Kind: NeedFacts, What: "iam:PassRole"}, "some calls of this principal are unmapped and could take a role")
		}
	}
	for _, c := range sub.seen {
		for i := range c.obs {
			if o := &c.obs[i]; isPassRole(o.action) && o.basis == "ambiguous" && o.kind == "none" {
				return blind(Need{Kind: NeedNothing}, "a call to %s takes a role, and its record does not show the parameters", o.source)
			}
			if implicitRole[strings.ToLower(c.obs[i].action)] {
				return blind(Need{Kind: NeedNothing}, "%s passes roles that its records do not name", c.obs[i].action)
			}
		}
	}
	if v.opts.Strict {
		return blind(Need{Kind: NeedStandard}, "PassRole is never logged, only inferred (--evidence strict)")
	}
	return sight{ok: true, reason: "no call that takes a role was seen"}
}

func (v *viewer) management(sub look, f *actions.Fact, what string) sight {
	c := sub.cov
	source, exempt := excludable[servicePrefix(f.Name)]
	need := Need{Kind: NeedSelectors, Account: c.id, What: managementKind(f.ReadOnly, source)}
	if c.selectorOK {
		from, ok := c.selected(func(t *account.TrailSelectors) bool { return selectsManagement(t, f.ReadOnly, source) })
		if !ok {
			return blind(need, "the trail's event selectors leave such management events out")
		}
		if c.since(sub.window, from).Days >= v.opts.MinWindow {
			return sight{ok: true, reason: what + ", logged by the event selectors"}
		} // they are too young: what the logs themselves show has to do
	}
	switch {
	case exempt && !c.everyWeek(c.sources[source], sub.window):
		return blind(need, "trails can exclude %s, and the logs do not hold it throughout", source)
	case !f.ReadOnly && !c.writes:
		return blind(need, "the logs hold no write event of the account at all")
	case f.ReadOnly && !c.everyWeek(c.reads, sub.window):
		return blind(need, "trails can leave out read events, and the logs do not hold them throughout")
	}
	return sight{ok: true, reason: what}
}

// managementKind names the management events that selectors have to take.
func managementKind(read bool, source string) string {
	kind := "management write events"
	if read {
		kind = "management read events"
	}
	if source != "" {
		kind += " of " + source
	}
	return kind
}

// documented sees a management event; where some uses of the action are data events
// (an asynchronous call, say), those must show as well.
func (v *viewer) documented(sub look, f *actions.Fact) sight {
	s := v.management(sub, f, "management event")
	if len(f.MoreTypes) > 0 {
		return s.and(v.dataEvents(sub, f))
	}
	return s
}

// dataTypes lists all data event types as which uses of an action are logged.
func dataTypes(f *actions.Fact) []string {
	if f.DataType == "" {
		return f.MoreTypes
	}
	return append([]string{f.DataType}, f.MoreTypes...)
}

// dataEvents sees a data event where a trail selects each of its types in full.
func (v *viewer) dataEvents(sub look, f *actions.Fact) sight {
	types := dataTypes(f)
	if len(types) == 0 {
		return blind(Need{Kind: NeedNothing}, "data event of an unknown type")
	}
	s := sight{ok: true, reason: "data event, selected in full"}
	for _, t := range types {
		s = s.and(v.dataType(sub, f, t))
	}
	if len(sub.cov.data) == 0 {
		return s.and(blind(Need{Kind: NeedLogs, Account: sub.cov.id, What: "data events"},
			"data events are selected, and the logs hold none: they may be of another trail"))
	}
	return s
}

// dataType sees the data events on one type of resource.
func (v *viewer) dataType(sub look, f *actions.Fact, t string) sight {
	seen := sight{ok: true, reason: "data event, selected in full"}
	need := Need{Kind: NeedSelectors, Account: sub.cov.id, What: t}
	if !sub.cov.selectorOK {
		return blind(need, "data event (%s), and no event selectors were given for account %s", t, sub.p.Account)
	}
	from, ok := sub.cov.selected(func(s *account.TrailSelectors) bool { return selectsData(s, t, f.ReadOnly) })
	if !ok {
		return blind(need, "data event (%s), not selected in full by a trail of account %s", t, sub.p.Account)
	}
	if w := sub.cov.since(sub.window, from); w.Days < min(v.opts.MinWindow, sub.window.Days) {
		return blind(Need{Kind: NeedDays, Account: sub.cov.id, Days: v.opts.MinWindow - w.Days},
			"data event (%s), and the trail or its event selectors were changed: observed %d days since, a removal needs %d", t, w.Days, v.opts.MinWindow)
	}
	return seen
}

// since is the part of a window from a day on.
func (c *accountCoverage) since(w Window, from int32) Window {
	if w.Days == 0 || from <= timeDay(w.From) {
		return w
	}
	return c.window(from, timeDay(w.To))
}

// oneRegion is what counts of a window where the trail became multi-region, or may have,
// within it: days before that count only if the logs have more than one region of them.
func (c *accountCoverage) oneRegion(w Window) Window {
	if !c.multi || w.Days == 0 || c.multiFrom <= timeDay(w.From) {
		return w
	}
	before := 0
	for _, days := range c.regions {
		for d := range days {
			if d < c.multiFrom {
				before++
				break
			}
		}
	}
	if before > 1 {
		return w
	}
	return c.since(w, c.multiFrom)
}

func servicePrefix(action string) string {
	p, _, _ := strings.Cut(action, ":")
	return strings.ToLower(p)
}

package synth

import (
	"slices"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// verdict is what was decided for one action of one statement.
type verdict struct {
	index     int // in the fact table; -1 for a literal that no fact knows
	name      string
	fate      Fate
	reason    string
	resources []string // nil: the attached resources
	found     *generalised
	cut       []pattern // of found, as precise as fits: with the texts of resources
	unsure    bool      // seen, but not all of its uses would be: kept like the unseen
	holder    *holder   // why it is kept though unused or used elsewhere, nil for none
	held      []string  // what the holder keeps beside what was cut
	bar       *barrier  // why nothing of its service is touched, nil for none
	needs     []Need    // what would have to be known to decide it otherwise
	obs       []*observation
	apart     []*observation // quarantined: of no weight
}

// hidden reports whether the logs could not decide the action.
func (v *verdict) hidden() bool {
	return v.fate == FateNotVisible || v.fate == FateBlocked || v.unsure
}

// narrower narrows one document by the evidence of everybody attached to it.
type narrower struct {
	facts     *factTable
	unit      *unit
	view      *viewer
	blocked   map[string]barrier        // service prefix → why nothing of it is touched
	byName    map[string][]*observation // lower-case action → observations of all attached
	apart     map[string][]*observation // the same of those that are quarantined
	hints     map[string][]*observation // the same of what is only documented as needed
	contexts  []map[string]iam.Context  // what is known of a call's context, by subject and region
	owner     map[*observation]int      // the subject of an observation; nil where there is only one
	services  map[string]bool           // of which some use was seen; nil: not known yet
	precision precision
	mergeFree bool // parts of a statement are joined where that grants nothing more
	outlook   outlook
	trust     func(role string) *iam.Document // trust policy of a role, nil when not known
	needed    map[string]string               // lower-case action → a used action (or the source of a call) that documents it as dependent
}

func newNarrower(facts *factTable, u *unit, o *Options, to int32) *narrower {
	n := &narrower{facts: facts, unit: u, outlook: o.outlook(to), view: newViewer(o, u.subjects),
		blocked: map[string]barrier{}, byName: map[string][]*observation{}, apart: map[string][]*observation{}, hints: map[string][]*observation{}}
	n.view.granted, n.view.reports = u.granted, u.reports
	if u.kind == Managed {
		n.view.policy = u.policy.ARN
	}
	if len(u.subjects) > 1 {
		n.owner = map[*observation]int{}
	}
	hinted := map[string]string{}
	for k, sub := range u.subjects {
		for svc, b := range sub.blocked {
			n.blocked[svc] = b
		}
		n.contexts = append(n.contexts, map[string]iam.Context{})
		for _, c := range sub.seen {
			for i := range c.obs {
				o := &c.obs[i]
				key := strings.ToLower(o.action)
				if o.documented() {
					hinted[key] = "calls of " + o.source
					n.hints[key] = append(n.hints[key], o)
					n.addContext(k, o)
					continue
				}
				n.byName[key] = append(n.byName[key], o)
				n.addContext(k, o)
			}
			n.addApart(k, c)
		}
	}
	n.addNeeded(hinted)
	return n
}

// addApart indexes what is quarantined of a caller.
func (n *narrower) addApart(k int, c *caller) {
	for i := range c.apart.obs {
		o := &c.apart.obs[i]
		if o.documented() {
			continue
		}
		key := strings.ToLower(o.action)
		n.apart[key] = append(n.apart[key], o)
		n.addContext(k, o)
	}
}

// addContext makes the context of a subject's observation known: one for all of a
// region, since observations may be very many.
func (n *narrower) addContext(k int, o *observation) {
	if n.owner != nil {
		n.owner[o] = k
	}
	if _, ok := n.contexts[k][o.region]; !ok {
		p := n.unit.subjects[k].p
		n.contexts[k][o.region] = contextOf(p.ARN, p.Account, o)
	}
}

func (n *narrower) context(o *observation) iam.Context {
	return n.contexts[n.owner[o]][o.region]
}

// addNeeded finds the actions that used ones may need without a record of their
// own: the dependent actions of the service authorization reference. hinted are
// those that the dataset has, each with the source of a call; which action of that
// call needs it, the facts tell.
func (n *narrower) addNeeded(hinted map[string]string) {
	n.needed = map[string]string{}
	for _, name := range sortedKeys(n.byName) {
		i, ok := n.facts.index[name]
		if !ok {
			continue
		}
		for _, dep := range n.facts.facts[i].Dependents {
			key := strings.ToLower(dep)
			if _, seen := hinted[key]; seen && n.needed[key] == "" {
				n.needed[key] = n.facts.names[i]
			}
		}
	}
	for key, by := range hinted {
		if n.needed[key] == "" {
			n.needed[key] = by
		}
	}
}

// contextOf is what the logs tell for certain of a call's context keys; all
// others stay unknown.
func contextOf(arn, acct string, o *observation) iam.Context {
	v := map[string][]string{"aws:principalarn": {arn}, "aws:principalaccount": {acct}}
	if o.region != "" {
		v["aws:requestedregion"] = []string{o.region}
	}
	return iam.Context{Values: v, Partial: true}
}

// decide gives the verdict on every action that a statement grants, in order.
func (n *narrower) decide(doc *iam.Document, index int) []verdict {
	s := &doc.Statements[index]
	m := newMatcher(doc, index)
	known, unknown := n.facts.granted(s)
	out := make([]verdict, 0, len(known)+len(unknown))
	for _, i := range known {
		f := &n.facts.facts[i]
		v := n.decideAction(m, f)
		n.keep(m, f, &v)
		v.index, v.name, v.apart = i, f.Name, n.setApart(m, f.Name)
		out = append(out, v)
	}
	n.joinTwins(out)
	for _, p := range unknown {
		out = append(out, verdict{index: -1, name: p, fate: FateNotVisible, reason: "not a known action or service", needs: []Need{{Kind: NeedNothing}}})
	}
	return out
}

func (n *narrower) decideAction(m *matcher, f *actions.Fact) verdict {
	obs := n.attributable(m, f.Name)
	sight := n.view.see(f)
	if b, ok := n.blockedFor(m, f); ok {
		return verdict{fate: FateBlocked, reason: b.why, bar: &b, obs: obs, needs: append([]Need{b.need}, sight.needs...)}
	}
	switch by := n.neededBy(m, f.Name); {
	case len(obs) == 0 && by == "":
		return n.unused(f, sight)
	case by != "" && (len(obs) == 0 || len(f.ResourceTypes) > 0):
		return n.dependent(m, f, obs, sight)
	}
	v := verdict{fate: FateAttempted, obs: obs}
	for _, o := range obs {
		if o.allowed() {
			v.fate = FateUsed
		}
	}
	if len(f.ResourceTypes) == 0 {
		return v.wide("takes no resource", v.fate)
	}
	if !sight.ok {
		v.unsure, v.needs = true, sight.needs
		return v.wide("uses on other resources may not be visible: "+sight.reason, FateUsedWide)
	}
	if m.scoped {
		return v.wide("the statement is scoped by tags or policy variables", FateUsedWide)
	}
	found, why := n.resources(m, obs)
	if why != "" {
		return v.wide(why, FateUsedWide)
	}
	v.found, v.cut, v.reason = found, found.patterns, "seen on these resources"
	v.resources = texts(v.cut)
	if v.fate == FateAttempted {
		v.reason = "attempted without success on these resources, which this statement allows"
	}
	return v
}

// blockedFor says why nothing of an action's service may be touched.
func (n *narrower) blockedFor(m *matcher, f *actions.Fact) (barrier, bool) {
	if b, ok := n.blocked[servicePrefix(f.Name)]; ok {
		return b, true
	}
	b, ok := n.blocked[anyService]
	return b, ok && m.anyService
}

// wide keeps the attached resources, and says why.
func (v verdict) wide(why string, fate Fate) verdict {
	v.reason = why
	if v.fate != FateAttempted {
		v.fate = fate
	}
	return v
}

func (n *narrower) unused(f *actions.Fact, s sight) verdict {
	switch {
	case s.ok && n.view.hole(f.Name):
		return verdict{fate: FateBlocked, reason: "last-accessed data shows a use that the logs lack", needs: []Need{n.view.holeNeed(f.Name)}}
	case s.ok:
		return verdict{fate: FateRemoved, reason: "unused; " + s.reason}
	case n.view.windowsFull(f.Name) && n.view.decidedByAccess(f):
		return verdict{fate: FateRemoved, reason: "never accessed, by last-accessed data"}
	}
	return verdict{fate: FateNotVisible, reason: s.reason, needs: s.needs}
}

// attributable lists the observations of an action that the statement may allow.
func (n *narrower) attributable(m *matcher, action string) []*observation {
	var out []*observation
	for _, o := range n.byName[strings.ToLower(action)] {
		if m.mayAllow(o, n.context(o)) {
			out = append(out, o)
		}
	}
	return out
}

// resources are the patterns that cover all observations of an action, each
// within the statement's own; or the reason why the attached ones stay. A call that
// does not name every resource that the action needs has an observation without one.
func (n *narrower) resources(m *matcher, obs []*observation) (*generalised, string) {
	seen := make([]sighting, 0, len(obs))
	for _, o := range obs {
		switch {
		case o.kind == "none":
			return nil, "at least one call shows no resource"
		case !m.within(o.resource):
			return nil, "a resource seen is only partly within the statement's"
		}
		seen = append(seen, sighting{o.resource, o.dayList})
	}
	found, ok := generalise(seen, n.outlook, m.within)
	if !ok {
		return nil, "new names are to be expected that only the attached resources cover"
	}
	return found, ""
}

// entries turns verdicts into the ledger.
func entries(facts *factTable, s *iam.Statement, index int, vs []verdict) []Entry {
	out := make([]Entry, 0, len(vs))
	for _, v := range vs {
		e := Entry{Statement: index, Sid: s.Sid, Action: v.name, Fate: v.fate, Reason: v.why(), Resources: v.resources, Patterns: reasons(v.cut), Quarantined: quarantinedUses(v.apart)}
		if v.holder != nil {
			e.KeptFor, e.KeptBy = v.holder.by, v.holder.where
		}
		if v.index >= 0 {
			e.Level = string(facts.facts[v.index].Level)
		}
		if e.Resources == nil && v.fate != FateRemoved {
			e.Resources = s.Resource
		}
		e.addSeen(v.obs)
		out = append(out, e)
	}
	return out
}

const maxSeen = 20

func (e *Entry) addSeen(obs []*observation) {
	days := map[int32]bool{}
	for _, o := range obs {
		e.Count += o.count
		if o.passedTo != "" && !slices.Contains(e.PassedTo, o.passedTo) {
			e.PassedTo = append(e.PassedTo, o.passedTo)
		}
		for _, d := range o.dayList {
			days[d] = true
		}
		first, last := time.UnixMilli(o.firstMilli).UTC(), time.UnixMilli(o.lastMillis).UTC()
		if e.First.IsZero() || first.Before(e.First) {
			e.First = first
		}
		if last.After(e.Last) {
			e.Last = last
		}
		if o.resource != "" && len(e.Seen) < maxSeen {
			e.Seen = append(e.Seen, o.resource)
		}
	}
	slices.Sort(e.PassedTo)
	e.Days = len(days)
}

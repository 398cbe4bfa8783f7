package synth

import (
	"slices"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// grantedOf tells since when a unit's document is granted to each of its principals.
func (h *history) grantedOf(u *unit) *granted {
	g := &granted{log: h.log, policy: u.policy, document: h.log.documentSince(u.policy),
		attached: map[*subject]since{}, bounds: map[*subject]boundary{}, memo: map[string]bool{}, from: h.from[accountOf(u.owner)]}
	if u.kind == Inline {
		if x, ok := inlineOf(u.owner, u.policy.Name); ok {
			g.document = h.log.thingSince(x, "the policy was put")
		}
	}
	quiet := g.document.day < 0
	for _, s := range u.subjects {
		g.attached[s], g.bounds[s] = h.attachedSince(u, s), h.boundaryOf(s)
		b := g.bounds[s]
		quiet = quiet && g.attached[s].day < 0 && b.put.day < 0 && b.document.day < 0
	}
	if quiet {
		return nil
	}
	return g
}

// attachedSince is when a principal got a unit's document, by the way that it has had
// longest.
func (h *history) attachedSince(u *unit, s *subject) since {
	own := ownerName(s.p.Account, string(s.p.Kind), s.p.Name)
	best := since{day: afterLogs + 1}
	take := func(x since) {
		if x.day < best.day {
			best = x
		}
	}
	arn := strings.ToLower(u.policy.ARN)
	if u.owner == s.p.ARN || u.kind == Managed && slices.Contains(s.p.Attached, u.policy.ARN) {
		take(h.log.thingSince(thing{own, attachedThing, arn}, "the policy was attached"))
	}
	if u.kind == PermissionSet {
		take(h.log.setSince(own, u.policy))
	}
	for _, g := range s.grants {
		if g.Via == nil || g.Key != u.key || u.kind != Managed && g.Via.ARN != u.owner {
			continue
		}
		group := ownerName(g.Via.Account, "group", g.Via.Name)
		out := h.log.thingSince(thing{own, groupThing, strings.ToLower(g.Via.Name)}, "the user was added to the group")
		out = later(out, h.log.thingSince(thing{group, attachedThing, arn}, "the policy was attached to the group"))
		take(laterTime(out, g.Via.Created, "the group was created"))
	}
	if best.day > afterLogs {
		return unchangedGrant()
	}
	return best
}

func (h *history) boundaryOf(s *subject) boundary {
	out := boundary{put: unchangedGrant(), document: unchangedGrant()}
	if at := last(h.log.owners[ownerName(s.p.Account, string(s.p.Kind), s.p.Name)], verbBound); at > 0 {
		out.put = h.log.grantDay(at, "the permissions boundary was changed")
	}
	if s.p.Boundary != "" {
		out.policy = h.snap.Policies[s.p.Boundary]
		if out.document = h.log.documentSince(out.policy); out.document.day >= 0 {
			out.document.why = "of the permissions boundary, " + out.document.why
		}
	}
	return out
}

// pastGrant is what a principal had until some time, and does not have now.
type pastGrant struct {
	until int64 // unix milliseconds
	set   explainer
}

// past is what the logs and the account files tell of a principal's earlier grants.
type past struct {
	grants  []pastGrant
	changed []int64 // when its grants were changed, sorted; unix milliseconds
}

// consistency is how long a change of IAM may take to be in force everywhere.
const consistency = 5 * time.Minute

// explains reports whether an earlier grant allowed all calls of an observation.
func (p *past) explains(o *observation, ctx iam.Context) bool {
	if p == nil {
		return false
	}
	for i := range p.grants {
		g := &p.grants[i]
		if o.lastMillis <= g.until+consistency.Milliseconds() && g.set.explains(o, ctx) {
			return true
		}
	}
	return false
}

// cause names the first change after which an observation may not have been allowed any
// more, "" for none.
func (p *past) cause(o *observation) string {
	if p == nil {
		return ""
	}
	for _, at := range p.changed {
		if o.firstMilli <= at {
			return "; a policy of this principal was changed on " + date(millisDay(at))
		}
	}
	return ""
}

// pastOf gathers a principal's earlier grants: older versions of what it has, and what was
// detached from it or from a group of it, where the documents are known.
func (h *history) pastOf(s *subject, c *actions.Catalog) *past {
	out := &past{}
	owners := []string{ownerName(s.p.Account, string(s.p.Kind), s.p.Name)}
	for _, g := range s.p.Groups {
		owners = append(owners, ownerName(s.p.Account, "group", g))
	}
	for _, g := range s.grants {
		h.addVersions(out, g.Policy)
	}
	for i, owner := range owners {
		for _, x := range h.byOwner[owner] {
			h.addTaken(out, x, i == 0, c)
		}
	}
	slices.Sort(out.changed)
	if len(out.changed) == 0 {
		return nil
	}
	return out
}

func (h *history) addVersions(out *past, p *account.Policy) {
	until := int64(0)
	for _, c := range h.log.policies[strings.ToLower(p.ARN)] {
		if c.verb == verbDefault {
			until = c.at
			out.changed = append(out.changed, c.at)
		}
	}
	if until == 0 && !p.InForce.IsZero() && len(p.Others) > 0 {
		until = p.InForce.UnixMilli()
		out.changed = append(out.changed, until)
	}
	for i := range p.Others {
		if d := p.Others[i].Document; d != nil && until > 0 {
			out.grants = append(out.grants, pastGrant{until, newExplainer([]*iam.Document{d})})
		}
	}
}

// addTaken adds what a thing granted until it was taken. Puts of inline policies replace
// what nobody knows any more, and are changes all the same.
func (h *history) addTaken(out *past, x thing, own bool, c *actions.Catalog) {
	for _, change := range h.log.things[x] {
		if change.verb != verbTake && !change.put {
			continue
		}
		out.changed = append(out.changed, change.at)
		if change.verb != verbTake {
			continue
		}
		var docs []*iam.Document
		switch {
		case x.kind == attachedThing:
			docs = h.documentsOf(x.name, c)
		case x.kind == groupThing && own:
			id, _, _ := strings.Cut(x.owner, "/")
			docs = h.groupDocuments(id, x.name)
		}
		if len(docs) > 0 {
			out.grants = append(out.grants, pastGrant{change.at, newExplainer(docs)})
		}
	}
}

// documentsOf are the versions of a managed policy, whose ARN is given in lower case.
func (h *history) documentsOf(arn string, c *actions.Catalog) []*iam.Document {
	p := h.policies[arn]
	if p == nil {
		b, _, ok := c.ManagedPolicy(h.log.spelled[arn])
		if d, err := iam.Parse(b); ok && err == nil {
			return []*iam.Document{d}
		}
		return nil
	}
	var out []*iam.Document
	if p.Document != nil {
		out = append(out, p.Document)
	}
	for i := range p.Others {
		if p.Others[i].Document != nil {
			out = append(out, p.Others[i].Document)
		}
	}
	return out
}

func (h *history) groupDocuments(id, name string) []*iam.Document {
	var out []*iam.Document
	for _, g := range h.snap.Groups {
		if g.Account != id || strings.ToLower(g.Name) != name {
			continue
		}
		for _, p := range g.Inline {
			if p.Document != nil {
				out = append(out, p.Document)
			}
		}
		for _, arn := range g.Attached {
			if p := h.snap.Policies[arn]; p != nil && p.Document != nil {
				out = append(out, p.Document)
			}
		}
	}
	return out
}

// addHistory notes what the logs tell of a principal's grants.
func (p *proposer) addHistory(s *subject) {
	if s.hole == "" {
		s.hole = p.history.stale(s.p)
	}
	if s.hole == "" && s.cov != nil && p.in.Options.AsOf.IsZero() {
		s.hole = p.history.outdated(s.p.Account, s.cov.last, p.in.Options.MinWindow)
	}
	s.past = p.history.pastOf(s, p.in.Catalog)
}

package synth

import (
	"cmp"
	"fmt"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// contradictor finds what is attached today and would have refused a call that the logs
// show allowed. Then the account files are not what was in force, whatever else
// allows the call.
type contradictor struct {
	s        *subject
	history  *history
	set      *iam.Set
	from     []since  // since when each document of the set applies
	names    []string // of the documents, as a person knows them
	bound    *iam.Set // the boundary, nil for none or where it is not known
	boundary boundary
}

func (p *proposer) newContradictor(s *subject) *contradictor {
	c := &contradictor{s: s, history: p.history, boundary: p.history.boundaryOf(s)}
	var docs []*iam.Document
	for _, g := range s.grants {
		d := g.Policy.Document
		if d == nil || !denies(d) {
			continue
		}
		kind, owner := kindOf(g, s.p)
		u := &unit{key: g.Key, policy: g.Policy, kind: kind, owner: owner, subjects: []*subject{s}}
		from := unchangedGrant()
		if of := p.history.grantedOf(u); of != nil {
			from = later(of.document, of.attached[s])
		}
		docs, c.from = append(docs, d), append(c.from, from)
		c.names = append(c.names, "policy "+cmp.Or(g.Policy.ARN, g.Policy.Name))
	}
	if len(docs) > 0 {
		c.set, _ = iam.Compile(docs...)
	}
	if b := c.boundary.policy; b != nil && b.Document != nil {
		c.bound = p.layers.boundary(s.p)
	}
	return c
}

// denies reports whether a document has a Deny statement.
func denies(d *iam.Document) bool {
	for i := range d.Statements {
		if d.Statements[i].Effect == iam.Deny {
			return true
		}
	}
	return false
}

// denied names the attached Deny statement that forbids an observation whatever the
// context, "" for none. One that was attached after the calls forbids none of them.
func (c *contradictor) denied(o *observation, ctx iam.Context) string {
	if c.set == nil || o.kind != "arn" && o.kind != "star" {
		return ""
	}
	var room [8]iam.Match
	q := iam.Request{Action: o.action, Resource: o.resource, Context: ctx}
	for _, m := range c.set.Matches(room[:0], &q) {
		if m.Effect == iam.Deny && m.Verdict == iam.Allowed && millisDay(o.lastMillis) > c.from[m.Doc].day {
			return fmt.Sprintf("the Deny statement %d of %s forbids it", m.Statement+1, c.names[m.Doc])
		}
	}
	return ""
}

// bounded says that the boundary lets an observation pass in no context, "" where it may.
func (c *contradictor) bounded(o *observation, ctx iam.Context) string {
	if c.bound == nil || o.kind != "arn" && o.kind != "star" || millisDay(o.lastMillis) <= later(c.boundary.put, c.boundary.document).day {
		return ""
	}
	q := iam.Request{Action: o.action, Resource: o.resource, Context: ctx}
	if c.bound.Decide(&q) != iam.Denied {
		return ""
	}
	return "the permissions boundary " + c.s.p.Boundary + " does not let it pass"
}

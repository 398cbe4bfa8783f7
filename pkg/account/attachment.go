package account

import (
	"sort"
	"strings"
)

// Attachment is one policy document with everything it is in force for: the unit
// that a proposal edits.
type Attachment struct {
	Key        Key
	Policy     *Policy
	Owner      string       // ARN of the user, role or group that an inline policy belongs to; "" for a managed one
	Principals []*Principal // those it is in force for as an identity policy, directly or by a group, sorted by ARN
	Groups     []*Group     // those it is attached to or inline in, sorted by ARN
	Boundary   []*Principal // those that have it as permissions boundary, sorted by ARN
}

// Managed reports whether the document is a managed policy.
func (a *Attachment) Managed() bool { return a.Owner == "" }

// BoundaryToo reports whether the policy also serves as a permissions boundary,
// here or, by AWS's own count, for somebody who is not in the input.
func (a *Attachment) BoundaryToo() bool {
	return len(a.Boundary) > 0 || a.Policy.BoundaryUses > 0
}

// Attachments lists every distinct policy document, sorted by key: inline and
// attached ones, boundaries, and customer-managed policies that nobody has (with
// no Principals). AWS managed policies that nobody has are left out.
func (s *Snapshot) Attachments() []Attachment {
	c := collector{s: s, units: map[Key]*Attachment{}}
	for _, p := range s.Principals {
		c.principal(p)
	}
	for _, g := range s.Groups {
		c.group(g)
	}
	for arn, pol := range s.Policies {
		if !pol.AWSManaged {
			c.unit(ManagedKey(arn), pol)
		}
	}
	return c.sorted()
}

type collector struct {
	s     *Snapshot
	units map[Key]*Attachment
}

func (c *collector) unit(k Key, pol *Policy) *Attachment {
	u := c.units[k]
	if u == nil {
		u = &Attachment{Key: k, Policy: pol}
		if owner, _, inline := strings.Cut(string(k), "#inline/"); inline {
			u.Owner = owner
		}
		c.units[k] = u
	}
	return u
}

func (c *collector) principal(p *Principal) {
	for _, g := range c.s.Grants(p) {
		u := c.unit(g.Key, g.Policy)
		// A policy can reach a user directly and by several groups.
		if n := len(u.Principals); n == 0 || u.Principals[n-1] != p {
			u.Principals = append(u.Principals, p)
		}
	}
	if p.Boundary != "" {
		u := c.unit(ManagedKey(p.Boundary), c.s.managedPolicy(p.Boundary))
		u.Boundary = append(u.Boundary, p)
	}
}

func (c *collector) group(g *Group) {
	for _, gr := range c.s.grants(nil, g.ARN, g.Inline, g.Attached, g) {
		u := c.unit(gr.Key, gr.Policy)
		if n := len(u.Groups); n == 0 || u.Groups[n-1] != g {
			u.Groups = append(u.Groups, g)
		}
	}
}

func (c *collector) sorted() []Attachment {
	out := make([]Attachment, 0, len(c.units))
	for _, u := range c.units {
		sort.SliceStable(u.Principals, func(i, j int) bool { return u.Principals[i].ARN < u.Principals[j].ARN })
		sort.SliceStable(u.Groups, func(i, j int) bool { return u.Groups[i].ARN < u.Groups[j].ARN })
		sort.SliceStable(u.Boundary, func(i, j int) bool { return u.Boundary[i].ARN < u.Boundary[j].ARN })
		out = append(out, *u)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Key < out[j].Key })
	return out
}

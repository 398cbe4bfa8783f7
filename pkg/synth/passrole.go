package synth

import (
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

const passedToKey = "iam:PassedToService"

// passing is what is known of the passes of one attached statement: its roles, by the
// services that received them.
type passing struct {
	statement *iam.Statement // attached
	resources []string       // what iam:PassRole is narrowed to, sorted
	services  []string       // sorted keys of roles: service principals joined by a line feed
	roles     map[string][]string
}

// withPassedTo adds iam:PassedToService to the parts of a new document that allow
// iam:PassRole, where each pass that was seen of the attached statement went to a known
// service, and the role's trust policy names that service, so that nothing else can
// have been meant. Such a part becomes a statement of its own, one for each service.
func (n *narrower) withPassedTo(old, d *iam.Document, vs [][]verdict) *iam.Document {
	all := n.passings(old, vs)
	if len(all) == 0 {
		return d
	}
	out := d.Clone()
	out.Statements = nil
	ids := newSids(d)
	for _, s := range d.Clone().Statements {
		at := passRoleIn(&s)
		p := passingOf(all, &s, at)
		if p == nil {
			out.Statements = append(out.Statements, s)
			continue
		}
		first := len(s.Action) == 1
		if !first {
			rest := s.Clone()
			rest.Action = slices.Delete(slices.Clone(s.Action), at, at+1)
			out.Statements = append(out.Statements, rest)
		}
		for _, services := range p.services {
			t := s.Clone()
			if !first {
				t.Sid = ids.after(s.Sid)
			}
			first = false
			t.Action, t.Resource = iam.Strings{s.Action[at]}, iam.Strings(p.roles[services])
			t.Condition = withClause(t.Condition, strings.Split(services, "\n"))
			out.Statements = append(out.Statements, t)
		}
	}
	return out
}

// fitPassedTo puts the conditions of withPassedTo into what was fitted, where they
// need no further document and no other place.
func (n *narrower) fitPassedTo(old, d *iam.Document, r *narrowed, err error) {
	with := n.withPassedTo(old, d, r.verdicts)
	if err != nil || with == d {
		return
	}
	if docs, moved, err := fit(with, n.unit.room(), n.attachedSize(old)); err == nil && moved == r.moved && len(docs) <= len(r.docs) {
		r.docs = docs
	}
}

// passRoleIn is the index of iam:PassRole among a statement's actions, -1 for none.
func passRoleIn(s *iam.Statement) int {
	if s.Effect != iam.Allow || s.NotAction != nil {
		return -1
	}
	return slices.IndexFunc(s.Action, isPassRole)
}

// passingOf finds what a new statement came from; nil where attached statements that
// it can have come from differ.
func passingOf(all []*passing, s *iam.Statement, at int) *passing {
	if at < 0 {
		return nil
	}
	resources := slices.Clone(s.Resource)
	slices.Sort(resources)
	var found *passing
	for _, p := range all {
		if !slices.Equal(p.resources, resources) || !iam.EqualConditions(p.statement.Condition, s.Condition) {
			continue
		}
		if found != nil {
			return nil
		}
		found = p
	}
	if found != nil && found.services == nil {
		return nil
	}
	return found
}

// passings lists the attached statements that keep iam:PassRole on roles; those
// whose passes are not all known have no services.
func (n *narrower) passings(old *iam.Document, vs [][]verdict) []*passing {
	var out []*passing
	known := false
	for i, list := range vs {
		for j := range list {
			v := &list[j]
			if !isPassRole(v.name) || v.fate == FateRemoved {
				continue
			}
			s := &old.Statements[i]
			p := &passing{statement: s, resources: slices.Clone(v.resources)}
			if v.resources == nil {
				p.resources = slices.Clone(s.Resource)
			}
			slices.Sort(p.resources)
			n.receivers(p, v)
			known = known || p.services != nil
			out = append(out, p)
		}
	}
	if !known {
		return nil
	}
	return out
}

// receivers fills in which role went to which services, if that is known of each pass.
func (n *narrower) receivers(p *passing, v *verdict) {
	if v.fate != FateUsed || v.hidden() || v.resources == nil || conditionOn(p.statement.Condition, passedToKey) {
		return
	}
	to := map[string]map[string]bool{}
	for _, o := range v.obs {
		if o.kind != "arn" || o.passedTo == "" || o.basis != "inferred" && o.basis != "logged" ||
			!slices.Contains(v.resources, o.resource) || !n.trusts(o.resource, o.passedTo) {
			return
		}
		if to[o.resource] == nil {
			to[o.resource] = map[string]bool{}
		}
		to[o.resource][o.passedTo] = true
	}
	p.roles = map[string][]string{}
	for _, role := range p.resources {
		if len(to[role]) == 0 {
			return // a pattern, or kept for another reason than a pass
		}
		key := strings.Join(sortedKeys(to[role]), "\n")
		p.roles[key] = append(p.roles[key], role)
	}
	for key := range p.roles {
		p.services = append(p.services, key)
	}
	slices.Sort(p.services)
}

// trusts reports whether the trust policy of a role lets a service assume it. Without
// that the role cannot have been meant for it.
func (n *narrower) trusts(role, service string) bool {
	if n.trust == nil {
		return false
	}
	d := n.trust(role)
	if d == nil {
		return false
	}
	return slices.ContainsFunc(d.Statements, func(s iam.Statement) bool {
		return s.Effect == iam.Allow && s.Principal != nil && slices.Contains(s.Principal.ByKind["Service"], service) &&
			matchesAny(s.Action, "sts:AssumeRole")
	})
}

// trustOf finds the trust policy of a role in the account files, nil for none.
func (p *proposer) trustOf(role string) *iam.Document {
	if pr := p.in.Snapshot.Principal(role); pr != nil {
		return pr.Trust
	}
	return nil
}

func conditionOn(c iam.Conditions, key string) bool {
	for _, b := range c {
		if slices.ContainsFunc(b.Clauses, func(cl iam.Clause) bool { return strings.EqualFold(cl.Key, key) }) {
			return true
		}
	}
	return false
}

// withClause adds StringEquals on the services, within a block of that operator where
// there is one: an operator stands once in a Condition element.
func withClause(c iam.Conditions, services []string) iam.Conditions {
	clause := iam.Clause{Key: passedToKey, Values: services}
	out := c.Clone()
	for i := range out {
		if out[i].Operator == "StringEquals" {
			out[i].Clauses = append(out[i].Clauses, clause)
			return out
		}
	}
	return append(out, iam.ConditionBlock{Operator: "StringEquals", Clauses: []iam.Clause{clause}})
}

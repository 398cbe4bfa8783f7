package actions

import "strings"

// dependent is an action that AWS's documentation names as needed by another one.
type dependent struct {
	action string
	level  Level
	kind   Kind // of its resource: KindStar where it takes none
	// chosen: the event has a rule of its own for the action, such as tags on
	// create, and its parameters decide.
	chosen bool
}

// dependents lists the documented dependent actions of an action. Source: the
// service authorization reference, column "Dependent actions", as of December 2025:
// the registry's later data no longer have it.
func (c *Catalog) dependents(a *actionRecord) []dependent {
	var out []dependent
	for name := range splitList(a.deps) {
		s, d, ok := c.find(name)
		if !ok {
			continue
		}
		one := dependent{action: s.prefix + ":" + d.name, level: levelOf(d.level), kind: KindNone}
		if len(c.resourceTypes(s, d)) == 0 {
			one.kind = KindStar
		}
		out = append(out, one)
	}
	return out
}

// needs appends the dependents of the actions that the call exercises, unless the
// call shows them already: which of them it really needs depends on its parameters
// and on what the account has, so they may keep a grant and never add one.
func (r *Resolver) needs(p *plan) {
	shown, blind := len(r.uses), r.blind()
	for i := range p.targets {
		t := &p.targets[i]
		if len(t.deps) == 0 || !r.exercised(t.action, shown) {
			continue
		}
		for j := range t.deps {
			if d := &t.deps[j]; blind || !d.chosen {
				r.need(d)
			}
		}
	}
}

// exercised reports whether one of the first n uses is of the action.
func (r *Resolver) exercised(action string, n int) bool {
	for i := range r.uses[:n] {
		if r.uses[i].Action == action {
			return true
		}
	}
	return false
}

func (r *Resolver) need(d *dependent) {
	if r.exercised(d.action, len(r.uses)) {
		return
	}
	u := Use{Action: d.action, Kind: d.kind, Level: d.level, Basis: Dependent}
	switch {
	case d.kind == KindStar:
		u.Resource = "*"
	case strings.EqualFold(d.action, "iam:CreateServiceLinkedRole"):
		// Which service's role it is, the documentation does not say of each
		// operation; all of them are under this path ("Using service-linked roles",
		// IAM user guide).
		u.Resource, u.Kind = r.iamARN("role/", "aws-service-role/*"), KindPattern
	}
	r.uses = append(r.uses, u)
}

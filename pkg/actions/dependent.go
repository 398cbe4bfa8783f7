package actions

import (
	"slices"
	"strings"
)

// dependent is an action that AWS's documentation names as needed by another one.
type dependent struct {
	action string
	level  Level
	kind   Kind // of its resource: KindStar where it takes none
	// chosen: the event has a rule of its own for the action, such as tags on
	// create, and its parameters decide.
	chosen bool
	// of is the action on whose resources it is needed, "" where nothing tells: what reads
	// tags beside an action that takes the same type of resource reads those of the same one.
	of string
}

// dependents lists the documented dependent actions of an action. Source: the
// service authorization reference, column "Dependent actions", as of December 2025:
// the registry's later data no longer have it.
func (c *Catalog) dependents(a *actionRecord) []dependent {
	var out []dependent
	for name := range splitList(a.deps) {
		if d, ok := c.dependent(name); ok {
			out = append(out, d)
		}
	}
	return out
}

// dependent makes a dependent of an action's name; false for an unknown one.
func (c *Catalog) dependent(name string) (dependent, bool) {
	s, d, ok := c.find(name)
	if !ok {
		return dependent{}, false
	}
	one := dependent{action: s.prefix + ":" + d.name, level: levelOf(d.level), kind: KindNone}
	if len(c.resourceTypes(s, d)) == 0 {
		one.kind = KindStar
	}
	return one, true
}

// authorize takes in what AWS lists of the operation itself, beyond its targets
// (authorized.txt): actions that its parameters may call for, and tagging actions that
// the rule of tags on create would add but the list does not have. Those stay in
// doubt: they keep a grant and add none.
func (p *plan) authorize(c *Catalog, names []string) {
	for _, action := range p.authorized(c, names) {
		if tagging, doubted := strings.CutPrefix(action, "?"); doubted {
			for i := range p.targets {
				if t := &p.targets[i]; t.create && t.action == tagging {
					t.basis = Ambiguous
				}
			}
		} else if d, ok := c.dependent(action); ok {
			d.of = p.whoseTags(c, action)
			p.deps = append(p.deps, d)
			if d.level == Tagging {
				p.targets = append(p.targets, c.listedTags(action, names[len(names)-1])...)
			}
		}
	}
}

// whoseTags is the one action of an event of which a tag-reading action takes every type of
// resource, "" for none: a call that shows a function shows that function's tags.
func (p *plan) whoseTags(c *Catalog, reader string) string {
	s, a, ok := c.find(reader)
	if !ok || a.level != 'R' && a.level != 'L' || !strings.Contains(a.name, "Tags") || len(p.targets) != 1 {
		return ""
	}
	t := &p.targets[0]
	if prefix, _, _ := strings.Cut(t.action, ":"); prefix != s.prefix || len(t.types) == 0 {
		return ""
	}
	takes := c.resourceTypes(s, a)
	for i := range t.types {
		if !slices.ContainsFunc(takes, func(r ResourceType) bool { return r.Name == t.types[i].name }) {
			return ""
		}
	}
	return t.action
}

// listedTags is the target of a tagging action that AWS lists for an operation that is
// not named as making something: it counts where the call has tags.
func (c *Catalog) listedTags(action, event string) []target {
	s, a, ok := c.find(action)
	if _, creates := createdNoun(event); !ok || creates || !strings.Contains(a.name, "Tag") || strings.HasPrefix(a.name, "Untag") || removal(event) {
		return nil
	}
	noun := verbless(event)
	t := c.target(s, a, event, Inferred)
	t.create = true
	t.guard = guard{{kind: 't', params: tagParams(noun), value: singular(noun)}}
	return []target{t}
}

// authorized lists the rows of an event, by the services of its targets: those of
// every event of the service, and those of the first name that has some.
func (p *plan) authorized(c *Catalog, names []string) []string {
	var out []string
	var seen []string
	for i := range p.targets {
		prefix, _, _ := strings.Cut(p.targets[i].action, ":")
		if slices.Contains(seen, prefix) {
			continue
		}
		seen = append(seen, prefix)
		for _, name := range names {
			if rows := c.tables.authorized[rowKey{prefix, strings.ToLower(name)}]; len(rows) > 0 {
				out = append(out, rows...)
				break
			}
		}
		out = append(out, c.tables.authorized[rowKey{prefix, "*"}]...)
	}
	return out
}

// settle notes which dependents the event's own rules decide on, and whether
// iam:PassRole is one.
func (p *plan) settle(deps []dependent) {
	for i := range deps {
		p.passes = p.passes || deps[i].action == "iam:PassRole"
		deps[i].chosen = slices.ContainsFunc(p.targets, func(o target) bool { return o.action == deps[i].action })
	}
}

// needs appends the dependents of the actions that the call exercises, and of the
// operation, unless the call shows them already: which of them it really needs depends on its parameters
// and on what the account has, so they may keep a grant and never add one.
func (r *Resolver) needs(p *plan) {
	before, unseen := len(r.uses), r.sight != complete
	for i := range p.targets {
		t := &p.targets[i]
		if len(t.deps) == 0 || !r.exercised(t.action, before) {
			continue
		}
		for j := range t.deps {
			if d := &t.deps[j]; unseen || !d.chosen {
				r.need(d)
			}
		}
	}
	for i := range p.deps {
		if d := &p.deps[i]; before > 0 && (unseen || !d.chosen) {
			r.need(d)
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
	case d.of != "" && r.needSame(d, u):
		return
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

// needSame adds a dependent on the resources of the action that it is needed with, and
// reports false where the call does not tell all of them.
func (r *Resolver) needSame(d *dependent, u Use) bool {
	n, found := len(r.uses), false
	for i := range r.uses[:n] {
		if o := &r.uses[i]; o.Action == d.of {
			if o.Kind != KindARN {
				return false
			}
			found = true
		}
	}
	for i := range r.uses[:n] {
		if r.uses[i].Action == d.of {
			u.Resource, u.Kind = r.uses[i].Resource, KindARN
			r.uses = append(r.uses, u)
		}
	}
	return found
}

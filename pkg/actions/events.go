package actions

import (
	"slices"
	"strings"
)

// Shown tells in which calls CloudTrail shows an action, each as "label:eventName",
// sorted. All three are empty for an action that nothing is known to exercise.
type Shown struct {
	Own    []string // the event is this action, and has its name
	Also   []string // other events that exercise it, some for certain parameters alone
	Needed []string // calls that succeed only with it, some for certain parameters alone; they do not name it
}

// Events tells in which calls CloudTrail shows an action. Own and Also are empty for
// an action that is never logged. action may be in any case; a name that is no action
// has no events.
func (c *Catalog) Events(action string) Shown {
	s, a, ok := c.find(action)
	if !ok {
		return Shown{}
	}
	name := s.prefix + ":" + a.name
	out := Shown{Needed: tidied(c.neededBy(name), nil)}
	if c.visibility(s, a).visibility == NeverLogged {
		return out
	}
	if c.hasOperation(s, a) {
		out.Own = c.ownEvents(s.prefix, a.name)
	}
	out.Also = c.occurring(c.tables.operations[name])
	if s.prefix == "apigateway" { // the actions are HTTP verbs
		out.Also = append(out.Also, c.facts.verbs[a.name]...)
	}
	out.Also = tidied(out.Also, out.Own)
	out.Needed = tidied(out.Needed, append(out.Own, out.Also...))
	return out
}

// tidied sorts events and drops those that are there twice or among others.
func tidied(events, others []string) []string {
	events = slices.DeleteFunc(slices.Clone(events), func(e string) bool {
		return slices.ContainsFunc(others, func(o string) bool { return strings.EqualFold(e, o) })
	})
	slices.Sort(events)
	return slices.CompactFunc(events, strings.EqualFold)
}

// ownEvents lists the events of an operation's name that are its action: many names
// lead to other actions, on which the resolver has the last word.
func (c *Catalog) ownEvents(prefix, name string) []string {
	var out []string
	r := NewResolver(c)
	for _, label := range c.sourcesOf(prefix, name) {
		got := r.Resolve(&Call{EventSource: label + ".amazonaws.com", EventName: name, EventType: "AwsApiCall"})
		if slices.ContainsFunc(got.Uses, func(u Use) bool { return u.Action == prefix+":"+name }) {
			out = append(out, label+":"+name)
		}
	}
	return out
}

// sourcesOf lists the labels of event sources that log an operation of a service,
// sorted: those of curated rows and its own name, as far as sources.txt does not tell
// that the operation is another one's.
func (c *Catalog) sourcesOf(prefix, operation string) []string {
	var all, only []string
	for label, prefixes := range c.tables.labels {
		if slices.Contains(prefixes, prefix) {
			all = append(all, label)
		}
	}
	all = append(all, prefix)
	all = slices.DeleteFunc(all, func(label string) bool {
		row, ok := c.tables.sources[label]
		has := listed(row.names, operation)
		if has && row.extent == "only" {
			only = append(only, label)
		}
		return ok && !has
	})
	if len(only) > 0 {
		all = only
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// occurring replaces the labels of events that are none of an event source by those of
// the same service that are.
func (c *Catalog) occurring(events []string) []string {
	var out []string
	for _, e := range events {
		label, name, _ := strings.Cut(e, ":")
		if _, known := c.facts.index[label]; known && c.tables.labels[label] == nil {
			out = append(out, c.eventsOf(label, name)...)
		} else {
			out = append(out, e)
		}
	}
	return out
}

// eventsOf is the event of an operation under its service's own name where that is
// an event source of it, else under all that are.
func (c *Catalog) eventsOf(prefix, name string) []string {
	labels := c.sourcesOf(prefix, name)
	if slices.Contains(labels, prefix) || len(labels) == 0 {
		return []string{prefix + ":" + name}
	}
	for i := range labels {
		labels[i] += ":" + name
	}
	return labels
}

// neededBy lists the calls that need an action beside their own one: by curated rows,
// by documented dependents, and for iam:PassRole those with a parameter that passes a
// role.
func (c *Catalog) neededBy(action string) []string {
	out := c.occurring(c.tables.needs[action])
	add := func(prefix, name string) { out = append(out, c.eventsOf(prefix, name)...) }
	for i := range c.facts.services {
		s := &c.facts.services[i]
		for j := range s.actions {
			a := &s.actions[j]
			if !strings.Contains(a.deps, action) || !c.hasOperation(s, a) {
				continue
			}
			for item := range splitList(a.deps) {
				if item == action {
					add(s.prefix, a.name)
				}
			}
		}
	}
	for key, list := range c.tables.authorized {
		if !slices.Contains(list, action) {
			continue
		}
		if s, a, ok := c.findIn(key.scope, key.name); ok {
			add(s.prefix, a.name)
		}
	}
	if action == "iam:PassRole" {
		for i := range c.tables.roles {
			if r := &c.tables.roles[i]; r.kind != "none" && r.scope != "*" && r.event != "*" {
				out = append(out, c.occurring([]string{r.call})...)
			}
		}
	}
	return out
}

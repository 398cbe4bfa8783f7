package actions

import (
	"slices"
	"strconv"
	"strings"
)

// Change is one difference between two versions of the facts.
type Change struct {
	Kind   ChangeKind
	Name   string // service prefix, action, or "service resource type"
	Before string // "" for what was added
	After  string // "" for what was removed

	// Of an action that was added or removed, where CloudTrail shows it and the names
	// of its resource types.
	Visibility string
	Resources  []string
}

// ChangeKind says what differs.
type ChangeKind string

// The kinds of changes. A service that is new or gone is one change, with the
// number of its actions; its actions are not listed.
const (
	ChangedService    ChangeKind = "service"
	ChangedAction     ChangeKind = "action" // with its level
	ChangedLevel      ChangeKind = "level"
	ChangedVisibility ChangeKind = "visibility"
	ChangedTracked    ChangeKind = "tracked"       // by action last accessed: "yes" or "no"
	ChangedResource   ChangeKind = "resource"      // a resource type of an action
	ChangedType       ChangeKind = "resource-type" // an ARN format of a resource type
	ChangedKey        ChangeKind = "condition-key" // of an action or its resource types
)

// Compare lists what differs from a to b, sorted by name.
func Compare(a, b *Catalog) []Change {
	d := &comparison{a: a, b: b}
	for _, prefix := range merged(a.Services(), b.Services()) {
		d.service(prefix)
	}
	slices.SortStableFunc(d.out, func(x, y Change) int {
		return strings.Compare(sortName(x.Name), sortName(y.Name))
	})
	return d.out
}

// sortName puts a service before its resource types and these before its actions.
func sortName(name string) string {
	return strings.NewReplacer(" ", "\x01", ":", "\x02").Replace(name)
}

type comparison struct {
	a, b *Catalog
	out  []Change
}

func (d *comparison) add(kind ChangeKind, name, before, after string) {
	if before != after {
		d.out = append(d.out, Change{Kind: kind, Name: name, Before: before, After: after})
	}
}

// sets adds a change for each member that only one of the sorted sets has.
func (d *comparison) sets(kind ChangeKind, name string, before, after []string) {
	for _, x := range merged(before, after) {
		_, was := slices.BinarySearch(before, x)
		_, is := slices.BinarySearch(after, x)
		switch {
		case !was:
			d.add(kind, name, "", x)
		case !is:
			d.add(kind, name, x, "")
		}
	}
}

// merged is the sorted union.
func merged(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

func (d *comparison) service(prefix string) {
	i, was := d.a.facts.index[prefix]
	j, is := d.b.facts.index[prefix]
	switch {
	case !was:
		d.add(ChangedService, prefix, "", counted(len(d.b.facts.services[j].actions), "action"))
		return
	case !is:
		d.add(ChangedService, prefix, counted(len(d.a.facts.services[i].actions), "action"), "")
		return
	}
	before, after := &d.a.facts.services[i], &d.b.facts.services[j]
	d.types(before, after)
	names := merged(before.names(), after.names())
	names = slices.CompactFunc(names, strings.EqualFold)
	for _, name := range names {
		d.action(prefix + ":" + name)
	}
}

// names are the names of a service's actions.
func (s *service) names() []string {
	out := make([]string, len(s.actions))
	for i := range s.actions {
		out[i] = s.actions[i].name
	}
	return out
}

// types compares the templates of the resource types.
func (d *comparison) types(before, after *service) {
	was, is := before.templates(), after.templates()
	for _, name := range merged(sortedKeys(was), sortedKeys(is)) {
		d.sets(ChangedType, after.prefix+" "+name, was[name], is[name])
	}
}

// templates are the sorted templates of each resource type.
func (s *service) templates() map[string][]string {
	out := map[string][]string{}
	for i := range s.types {
		out[s.types[i].name] = slices.Sorted(splitList(s.types[i].arns))
	}
	return out
}

func (d *comparison) action(name string) {
	before, was := d.a.Lookup(name)
	after, is := d.b.Lookup(name)
	switch {
	case !was:
		d.out = append(d.out, Change{ChangedAction, after.Name, "", string(after.Level), visibleAs(&after), typeNames(&after)})
		return
	case !is:
		d.out = append(d.out, Change{ChangedAction, before.Name, string(before.Level), "", visibleAs(&before), typeNames(&before)})
		return
	}
	d.add(ChangedLevel, name, string(before.Level), string(after.Level))
	d.add(ChangedVisibility, name, visibleAs(&before), visibleAs(&after))
	d.add(ChangedTracked, name, yesNo(before.Tracked), yesNo(after.Tracked))
	d.sets(ChangedResource, name, typeNames(&before), typeNames(&after))
	d.sets(ChangedKey, name, before.ConditionKeys, after.ConditionKeys)
}

func visibleAs(f *Fact) string {
	if f.DataType != "" {
		return string(f.Visibility) + " (" + f.DataType + ")"
	}
	return string(f.Visibility)
}

// typeNames are the sorted names of an action's resource types.
func typeNames(f *Fact) []string {
	var out []string
	for _, t := range f.ResourceTypes {
		out = append(out, t.Name)
	}
	return merged(out, nil)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

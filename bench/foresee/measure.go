package main

import (
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/bench/family"
	"github.com/tighten-iam/tighten/pkg/actions"
)

// perKind bounds the things of one kind and owner that are asked for: beyond it
// every so many are taken, in the order of their names.
const perKind = 150

// measure counts the visible permissions on existing things that are granted
// without a use in any of the days.
func (v *verdict) measure(a *family.Archive, before, after grants) error {
	universe := candidates(a, before)
	was, err := before.decide(universe)
	if err != nil {
		return err
	}
	var granted []question
	for i, q := range universe {
		if was[i] {
			granted = append(granted, q)
		}
	}
	is, err := after.decide(granted)
	if err != nil {
		return err
	}
	used, foreign := usesOf(a, before.principal), map[string]bool{}
	for _, i := range a.Items {
		foreign[i.ARN] = i.Foreign
	}
	v.Attached = len(granted)
	spill, strangers := classes{}, classes{}
	floor, err := grants{before.principal, []string{a.Expert[before.principal]}}.decide(granted)
	if err != nil {
		return err
	}
	for i, q := range granted {
		if used.has(q.use) {
			continue
		}
		if floor[i] && !used.hidden[q.use.Action] {
			v.Expert++
		}
		if !is[i] {
			continue
		}
		if used.hidden[q.use.Action] {
			v.Hidden++
			continue
		}
		v.Excess++
		spill.add(q.use, a.First)
		if foreign[q.use.Resource] {
			v.Foreign++
			strangers.add(q.use, a.First)
		}
	}
	v.Spill, v.Strangers = spill.list(), strangers.list()
	return nil
}

// uses are what a principal used in any of the days, or tried to: what it was
// refused although the documents allow it stays by design.
type uses struct {
	exact  map[[2]string]bool
	open   map[string][]string // by action: what comes before the * that a creation asks for
	hidden map[string]bool     // actions with uses whose resource no record tells: nothing can narrow them
}

func usesOf(a *family.Archive, principal string) uses {
	us := uses{map[[2]string]bool{}, map[string][]string{}, map[string]bool{}}
	for _, c := range a.Calls {
		if c.Principal != principal {
			continue
		}
		for _, u := range c.Uses {
			us.exact[[2]string{u.Action, u.Resource}] = true
			us.hidden[u.Action] = us.hidden[u.Action] || u.Hidden
			if start, ok := strings.CutSuffix(u.Resource, "*"); ok && start != "" && !slices.Contains(us.open[u.Action], start) {
				us.open[u.Action] = append(us.open[u.Action], start)
			}
		}
	}
	return us
}

// has tells whether a permission was used. EC2 and others ask for "snapshot/*"
// when they create one, so that use takes in every one.
func (us uses) has(u family.Use) bool {
	return us.exact[[2]string{u.Action, u.Resource}] ||
		slices.ContainsFunc(us.open[u.Action], func(start string) bool { return strings.HasPrefix(u.Resource, start) })
}

// candidates are the visible actions that the documents name, each on every
// thing of a kind that it takes.
func candidates(a *family.Archive, g grants) []question {
	catalog := actions.Default()
	items := sample(catalog, a.Items)
	context := circumstances(a, g.principal)
	var qs []question
	for _, name := range visible(catalog, a, g) {
		fact, _ := catalog.Lookup(name)
		region := "eu-central-1"
		if len(fact.ResourceTypes) == 0 {
			qs = append(qs, question{family.Use{Action: name, Resource: "*", Context: context}, region})
			continue
		}
		kinds := map[string]bool{}
		for _, t := range fact.ResourceTypes {
			kinds[t.Name] = true
		}
		service, _, _ := strings.Cut(name, ":")
		for kind := range kinds {
			for _, arn := range items[service+"/"+kind] {
				qs = append(qs, question{family.Use{Action: name, Resource: arn, Context: context}, region})
			}
		}
	}
	slices.SortFunc(qs, func(x, y question) int {
		return strings.Compare(x.use.Action+"\x00"+x.use.Resource, y.use.Action+"\x00"+y.use.Resource)
	})
	return qs
}

// circumstances are the condition keys that the principal's calls came with, so
// that a condition hides no grant.
func circumstances(a *family.Archive, principal string) map[string]string {
	all := map[string]string{}
	for _, c := range a.Calls {
		if c.Principal != principal {
			continue
		}
		for _, u := range c.Uses {
			for k, value := range u.Context {
				if k != "s3:prefix" {
					all[k] = value
				}
			}
		}
	}
	return all
}

// visible lists the actions that the documents allow by name and that the trail
// would show.
func visible(catalog *actions.Catalog, a *family.Archive, g grants) []string {
	var all []string
	for _, d := range g.documents {
		for _, pattern := range actionElements(d) {
			all = catalog.Expand(all, pattern)
		}
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(name string) bool {
		f, ok := catalog.Lookup(name)
		switch {
		case !ok:
			return true
		case f.Visibility == actions.Management || f.Visibility == actions.PresumedManagement:
			return false
		}
		missing := func(t string) bool { return !slices.Contains(a.Selected, t) }
		return f.Visibility != actions.DataEvent || missing(f.DataType) || slices.ContainsFunc(f.MoreTypes, missing) || len(f.Unlogged) > 0
	})
}

// sample sorts the things by service and kind and takes some of each.
func sample(catalog *actions.Catalog, items []family.Item) map[string][]string {
	kinds := newKinds(catalog)
	own, others := map[string][]string{}, map[string][]string{}
	for _, i := range items {
		k := kinds.of(i.ARN)
		if i.Foreign {
			others[k] = append(others[k], i.ARN)
		} else {
			own[k] = append(own[k], i.ARN)
		}
	}
	all := map[string][]string{}
	for _, m := range []map[string][]string{own, others} {
		for k, arns := range m {
			all[k] = append(all[k], thin(arns)...)
		}
	}
	return all
}

func thin(arns []string) []string {
	step := (len(arns) + perKind - 1) / perKind
	var few []string
	for i := 0; i < len(arns); i += step {
		few = append(few, arns[i])
	}
	return few
}

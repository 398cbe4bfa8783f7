package actions

import (
	"slices"
	"strings"
)

// owning marks the types that the operation is about: of those that its noun names,
// or begins with ("ManagedRuleSetVersions" are of a "managedruleset"), a bare "name"
// or "id" is; the target's other types are not named so.
func (t *target) owning(event string) {
	noun := normal(verbless(event))
	for _, begins := range [...]bool{false, true} {
		found := false
		for i := range t.types {
			tp := &t.types[i]
			tp.owner = sameNoun(noun, tp.name) || begins && len(tp.kind()) > 2 && strings.HasPrefix(noun, tp.kind())
			found = found || tp.owner
		}
		if !found {
			continue
		}
		for i := range t.types {
			t.types[i].foreign = !t.types[i].owner
		}
		return
	}
}

// kind is the type's name as parameters have it: an "AppMonitorResource" is an
// "appmonitor".
func (t *typePlan) kind() string { return kindName(t.name) }

func kindName(name string) string {
	if cut, ok := strings.CutSuffix(name, "Resource"); ok && cut != "" {
		return normal(cut)
	}
	return normal(name)
}

// genericKey reports whether a parameter's name says nothing of what it names, so
// that within an object it is that object's.
func genericKey(leaf string) bool {
	switch leaf {
	case "type", "arn", "arns", "key", "value", "version", "path", "status", "kind", "mode", "format", "code":
		return true
	}
	return bareKey(leaf)
}

// stranger reports whether a path is the generic member of an object that is not
// named for the type: the name of a metric is no monitor's.
func (t *typePlan) stranger(names []string) bool {
	n := len(names)
	if n < 2 || !genericKey(names[n-1]) {
		return false
	}
	parent, k := names[n-2], t.kind()
	if n > 2 && bareKey(parent) {
		parent = names[n-3]
	}
	for _, tail := range [...]string{"input", "details", "detail", "config", "configuration", "identifier", "id", "data", "info", "request"} {
		if cut, ok := strings.CutSuffix(parent, tail); ok && cut != "" && cut == k {
			return false
		}
	}
	return parent != k && !plural(parent, k) && !(t.primary && n == 2 && wordTail(parent, k))
}

// strongest drops the fills of one path for types that the event is not about: where
// only a part of the type's name speaks for it and the path names another type of the
// same target outright, or where the path names the very type that the event is about.
// Whoever deletes a cluster names that, and no multi-region cluster.
func (p *plan) strongest(fills []fill) []fill {
	return slices.DeleteFunc(fills, func(f fill) bool {
		tp := p.typeOf(f)
		if tp.created || tp.owner || f.inner || f.rank < 10*16 {
			return false
		}
		told := slices.ContainsFunc(p.targets[f.target].ids, func(row idRow) bool { return row.kind == tp.name }) // by the id's prefix
		return slices.ContainsFunc(fills, func(o fill) bool {
			if o.target != f.target || o.kind == f.kind || o.inner {
				return false
			}
			return f.rank >= 14*16 && o.rank < 13*16 || !told && p.typeOf(o).owner && !tp.required && o.rank <= f.rank
		})
	})
}

// typeOf is the type that a fill is for.
func (p *plan) typeOf(f fill) *typePlan { return &p.targets[f.target].types[f.kind] }

// sharing reports whether a variable that others follow is named for a type that
// the event is about: the tables of a database that goes are named by it.
func (t *typePlan) sharing(variable string) bool {
	stem := trimKey(variable)
	return len(stem) > 2 && strings.HasPrefix(t.about, stem)
}

// sameNoun compares the noun of an operation with a resource type's name:
// "Instances" is "instance", "DBInstance" is "db".
func sameNoun(noun, kind string) bool {
	n, k := normal(noun), kindName(kind)
	return n == k || n == k+"s" || n+"s" == k || strings.TrimSuffix(n, "ies")+"y" == k || strings.TrimSuffix(n, "es") == k ||
		n == k+"v2" || n == "db"+k || k == "db" && n == "dbinstance"
}

// versionOf reports whether a noun is that of the type's versions: a
// "LaunchTemplateVersion" is of a "launch-template".
func versionOf(noun, kind string) bool {
	return normal(noun) == normal(kind)+"version"
}

// tailNoun reports whether an event creates what the type's name ends in: an
// "Archive" is a "mailmanager-archive".
func tailNoun(event, noun, kind string) bool {
	n := normal(noun)
	return strings.HasPrefix(event, "Create") && len(n) > 3 && strings.HasSuffix(normal(kind), n)
}

// calls reports whether a path is named for a type: who makes something may give its
// name as an ARN.
func (pp *pathPlan) calls(target, kind int) bool {
	return slices.ContainsFunc(pp.fills, func(f fill) bool {
		return f.target == target && f.kind == kind && !f.inner && f.rank < 13*16
	})
}

package actions

import (
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/internal/args"
)

// sight says how much of a call's parameters its record shows.
type sight uint8

const (
	complete sight = iota // all of them
	cut                   // some leaves were left out (package args)
	absent                // none: the call may have none, or the service left them out
	omitted               // none, and the record says that there were some
)

// look tells how much of the parameters a call's leaves show. CloudTrail replaces
// parameters that are too large by {"omitted":true,"originalSize":…,"reason":…}
// ("CloudTrail record contents", user guide: requestParameters has a maximum size).
func (r *Resolver) look(leaves []Arg) sight {
	params, short, marker, size := false, false, false, false
	for i := range leaves {
		leaf := &leaves[i]
		switch leaf.Path {
		case args.PathTruncated, args.PathUnreadable:
			short = true
		case "p.omitted":
			marker = leaf.Value == "true"
		case "p.originalSize":
			size = true
		}
		params = params || strings.HasPrefix(leaf.Path, "p")
	}
	switch {
	case marker && size, short && !params:
		return omitted
	case !params:
		return absent
	case short:
		return cut
	}
	return complete
}

// lacking reports whether the record says that parameters are missing from it.
func (s sight) lacking() bool { return s == cut || s == omitted }

// truth is the value of a condition on parameters of which some may not be whole.
type truth uint8

const (
	no truth = iota
	maybe
	yes
)

// not is the truth of the opposite.
func (t truth) not() truth { return yes - t }

// holds tells whether the guard holds for the parameters. What is not there is known
// to be absent only where all parameters are whole.
func (g guard) holds(leaves []Arg, s sight) truth {
	out := yes
	for i := range g {
		out = min(out, g[i].holds(leaves, s))
	}
	return out
}

func (t *guardTerm) holds(leaves []Arg, s sight) truth {
	found := no
	if s != complete {
		found = maybe
	}
	for i := range leaves {
		a := &leaves[i]
		if t.kind == 't' {
			if strings.HasPrefix(a.Path, "p.") && t.tagged(a.Path) {
				return yes
			}
			continue
		}
		if !slices.ContainsFunc(t.params, func(p string) bool { return underParam(a.Path, p) }) {
			continue
		}
		if t.fits(a.Value) {
			found = yes
			break
		}
		if a.Value == "" || t.kind == '=' && !understood(a) { // hidden, or too long to be kept
			found = maybe
		}
	}
	if t.kind == 'n' || t.kind == '!' || t.kind == '^' {
		return found.not()
	}
	return found
}

// understood reports whether a statement begins with a verb that actions are known
// of: one that does not may exercise any of them.
func understood(a *Arg) bool {
	if !hasSuffixFold(a.Path, ".statement") {
		return true
	}
	for _, verb := range [...]string{"Select", "Insert", "Update", "Delete"} {
		if isVerb(a.Value, verb) {
			return true
		}
	}
	return false
}

// takesRole reports whether the event is known to have a parameter that passes a
// role: by a row of its own, by the documentation or by the API's models.
func (c *Catalog) takesRole(p *plan, names []string) bool {
	if p.passes {
		return true
	}
	for _, row := range p.roles {
		if kind := roleKindOf(row.kind); row.event != "*" && kind != notARole && kind != doubtful {
			return true
		}
	}
	for i := range p.targets {
		prefix, op, _ := strings.Cut(p.targets[i].action, ":")
		takers := c.tables.takers[prefix]
		if !p.targets[i].create && listed(takers, op) || slices.ContainsFunc(names, func(n string) bool { return listed(takers, n) }) {
			return true
		}
	}
	return false
}

// roleHidden reports whether a role that the call passes may be among the parameters
// that its record does not show: of those that it left out any may be one, and where it
// has none at all, those of an event that takes one.
func (r *Resolver) roleHidden(p *plan, c *Call) bool {
	if !p.write || c.ReadOnly == True {
		return false
	}
	return r.sight.lacking() && !p.noRoles || r.sight == absent && p.takes
}

// roleLeaf reports whether a parameter's own name says that its value is a role or an
// instance profile.
func roleLeaf(names []string) bool {
	if len(names) == 0 {
		return false
	}
	leaf := names[len(names)-1]
	for _, tail := range [...]string{"role", "rolearn", "roles", "rolearns", "iamarn", "instanceprofile", "instanceprofilearn"} {
		if strings.HasSuffix(leaf, tail) {
			return true
		}
	}
	return false
}

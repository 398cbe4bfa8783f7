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
	for i, pp := range r.paths {
		switch pp.mark {
		case markShort:
			short = true
		case markOmitted:
			marker = leaves[i].Value == "true"
		case markSize:
			size = true
		}
		params = params || pp.root == 'p'
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

// leafMark tells the leaves that say something of the call as a whole.
type leafMark uint8

const (
	noMark      leafMark = iota
	markShort            // leaves were left out
	markOmitted          // with markSize: CloudTrail left all parameters out
	markSize
	markType // a resourceType
)

func markOf(path string) leafMark {
	switch path {
	case args.PathTruncated, args.PathUnreadable:
		return markShort
	case "p.omitted":
		return markOmitted
	case "p.originalSize":
		return markSize
	case "p.resourceType", "p.ResourceType":
		return markType
	}
	return noMark
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
func (g guard) holds(leaves []Arg, s sight) truth { return g.holdsAt(leaves, nil, 0, s) }

// holdsAt is holds where the plans of the leaves' paths are known; first is the number
// of the guard's first term in them.
func (g guard) holdsAt(leaves []Arg, paths []*pathPlan, first int, s sight) truth {
	out := yes
	for i := range g {
		out = min(out, g[i].holds(leaves, paths, first+i, s))
	}
	return out
}

// concerns reports whether the term is about the leaves at a path.
func (t *guardTerm) concerns(path string) bool {
	if t.kind == 't' {
		return strings.HasPrefix(path, "p.") && t.tagged(path)
	}
	return slices.ContainsFunc(t.params, func(p string) bool { return underParam(path, p) })
}

func (t *guardTerm) holds(leaves []Arg, paths []*pathPlan, number int, s sight) truth {
	found := no
	if s != complete {
		found = maybe
	}
	for i := range leaves {
		a := &leaves[i]
		if paths != nil && !paths[i].terms[number] || paths == nil && !t.concerns(a.Path) {
			continue
		}
		if t.kind == 't' {
			return yes
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

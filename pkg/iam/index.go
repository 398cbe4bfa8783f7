package iam

import (
	"slices"
	"strings"
)

// actionIndex finds the statements whose Action or NotAction bears on an action
// without looking at each of them.
type actionIndex struct {
	literal map[string][]int32      // whole action → statements
	service map[string][]actionGlob // patterns whose service has no wildcard
	rest    []actionGlob            // other patterns
	not     []int32                 // statements with NotAction
}

// actionGlob is one pattern, in lower case, of one statement.
type actionGlob struct {
	pattern   string
	statement int32
}

// add enters statement id; the patterns are in lower case.
func (x *actionIndex) add(id int32, patterns []string, negated bool) {
	if x.literal == nil {
		x.literal, x.service = map[string][]int32{}, map[string][]actionGlob{}
	}
	if negated {
		x.not = append(x.not, id)
		return
	}
	for _, p := range patterns {
		service, _, _ := strings.Cut(p, ":")
		switch {
		case !hasWildcard(p):
			x.literal[p] = append(x.literal[p], id)
		case hasWildcard(service):
			x.rest = append(x.rest, actionGlob{p, id})
		default:
			x.service[service] = append(x.service[service], actionGlob{p, id})
		}
	}
}

// find appends the statements, in order and once each, that have a pattern for a
// lower-case action, and all that have NotAction.
func (x *actionIndex) find(dst []int32, action string) []int32 {
	start := len(dst)
	dst = append(dst, x.literal[action]...)
	service, _, _ := strings.Cut(action, ":")
	for _, g := range x.service[service] {
		if globFold(g.pattern, action) {
			dst = append(dst, g.statement)
		}
	}
	for _, g := range x.rest {
		if g.pattern == "*" || globFold(g.pattern, action) {
			dst = append(dst, g.statement)
		}
	}
	dst = append(dst, x.not...)
	slices.Sort(dst[start:])
	return dst[:start+len(slices.Compact(dst[start:]))]
}

// cost estimates the work of find in units of a budget.
func (x *actionIndex) cost(action string) int {
	service, _, _ := strings.Cut(action, ":")
	return (len(x.rest)+len(x.service[service])+len(x.not))/4 + 1
}

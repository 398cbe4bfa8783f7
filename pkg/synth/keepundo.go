package synth

import (
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/actions"
)

// undoes keeps what undoes a deployer's work, on what it made and will go on making: the
// resources of the creation, as far as they are this statement's. The attached ones stay
// only where the records do not tell what was made.
func (n *narrower) undoes(sub *subject, m *matcher, f *actions.Fact, v *verdict) (*holder, []string) {
	by := sub.keep.creators[strings.ToLower(f.Name)]
	h := n.holder(sub, Deployment, "deploys ("+sub.keep.reasonOf(Deployment)+") and used "+by[0])
	if made := n.alike(m, f, by); made != nil { // the same, so that both are cut alike
		v.found, v.cut, v.resources = made.found, made.cut, made.resources
		return h, []string{}
	}
	seen, known := n.madeBy(sub, m, f, by)
	switch {
	case !known:
		return h, nil
	case len(seen) == 0:
		return nil, nil // what it made is none of this statement's
	}
	found, ok := generalise(seen, n.outlook, m.within)
	if !ok {
		return h, nil
	}
	v.found, v.cut, v.resources = found, found.patterns, texts(found.patterns)
	return h, []string{}
}

// alike is the verdict on the one action that f undoes, where the statement has that too
// and it was narrowed to resources of f's types.
func (n *narrower) alike(m *matcher, f *actions.Fact, by []string) *verdict {
	maker, ok := n.facts.lookup(by[0])
	if !ok || len(by) > 1 || !m.takesAction(by[0]) {
		return nil
	}
	made := n.decideAction(m, maker)
	if made.found == nil || slices.ContainsFunc(made.resources, func(r string) bool { return !typed(f, r) }) {
		return nil
	}
	return &made
}

// madeBy lists what a subject made that f undoes, within the statement's resources. known
// is false where the records do not tell, or where the statement's resources depend on
// what they do not show.
func (n *narrower) madeBy(sub *subject, m *matcher, f *actions.Fact, by []string) (seen []sighting, known bool) {
	if m.scoped || len(f.ResourceTypes) == 0 {
		return nil, false
	}
	for _, name := range by {
		for _, o := range n.byName[strings.ToLower(name)] {
			switch {
			case n.unit.subjects[n.owner[o]] != sub || !o.allowed():
			case o.kind == "none" || o.kind == "star":
				return nil, false
			case !typed(f, o.resource):
			case m.within(o.resource):
				seen, known = append(seen, sighting{o.resource, o.dayList}), true
			case strings.ContainsAny(o.resource, "*?") && m.meets(o.resource):
				return nil, false
			default:
				known = true
			}
		}
	}
	return seen, known
}

// meets reports whether a pattern and the statement's resources may have an ARN in common.
func (m *matcher) meets(pattern string) bool {
	return m.statement.NotResource != nil || slices.ContainsFunc(m.statement.Resource, func(r string) bool { return overlapARN(r, pattern) })
}

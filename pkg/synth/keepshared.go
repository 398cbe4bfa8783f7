package synth

import (
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// shared reports whether a document is attached to others too of whom a class was not
// detected: what is kept for one of its principals, these get as well.
func (n *narrower) shared(c Class) bool {
	return slices.ContainsFunc(n.unit.subjects, func(s *subject) bool { return s.keep.reasonOf(c) == "" })
}

// holder says why something stays, and for whom where others get it too.
func (n *narrower) holder(sub *subject, c Class, reason string) *holder {
	h := &holder{by: string(c), reason: reason}
	if n.shared(c) {
		h.name = sub.p.Name
	}
	return h
}

// concerns reports whether an action of this document is any of a principal's business:
// always, but where others share the document. Of such a one, it is the services that the
// principal used through it; the rest it was given along with others.
func (n *narrower) concerns(sub *subject, c Class, f *actions.Fact) bool {
	return !n.shared(c) || n.usedThrough(sub)[servicePrefix(f.Name)]
}

type throughKey struct {
	unit    *unit
	subject *subject
}

// usedThrough are the prefixes of the services that a subject used with success, and
// that some statement of the document may have allowed.
func (n *narrower) usedThrough(sub *subject) map[string]bool {
	key := throughKey{n.unit, sub}
	if out, ok := sub.keep.list.through.Load(key); ok {
		return out.(map[string]bool)
	}
	out := map[string]bool{}
	doc := n.unit.policy.Document
	for i := range doc.Statements {
		if doc.Statements[i].Effect != iam.Allow {
			continue
		}
		m := newMatcher(doc, i)
		for _, c := range sub.seen {
			for k := range c.obs {
				o := &c.obs[k]
				if svc := strings.ToLower(servicePrefix(o.action)); !out[svc] && o.allowed() && !o.documented() && m.mayAllow(o, n.context(o)) {
					out[svc] = true
				}
			}
		}
	}
	sub.keep.list.through.Store(key, out)
	return out
}

package account

import "strings"

// isTree knows a root, a unit or an account with the policies attached to it and what
// is in it, as tools write an organization in one document.
func isTree(o object) bool {
	arn := o.get("arn").text()
	return o.has("id") && strings.Contains(arn, ":organizations:") && !strings.Contains(arn, ":policy/") &&
		(o.has("policies") || o.has("children"))
}

// takeTree reads such a document.
func (l *loader) takeTree(o object, at place) {
	id := o.get("id").text()
	l.org.saw(o.get("arn").text())
	ids := map[ControlKind][]string{}
	l.each(o, "policies", at, func(o object, at place) {
		if c := l.summary(o, at); c != nil {
			ids[c.Kind] = append(ids[c.Kind], c.ID)
			l.controlDocument(c, o, at)
			l.org.targets = append(l.org.targets, pendingTargets{c.ID, []string{id}})
		}
	})
	for kind, list := range ids {
		l.org.lists = append(l.org.lists, pendingList{id, kind, list})
	}
	if at.depth > wrapDepth {
		return
	}
	for _, list := range []string{"children", "organizationalunits", "accounts"} {
		l.each(o, list, at, func(o object, at place) {
			if child := o.get("id").text(); child != "" && child != id {
				l.org.parents[child] = id
				l.takeTree(o, at)
			}
		})
	}
}

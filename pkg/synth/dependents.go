package synth

import (
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/actions"
)

// pinned lists what calls of an action's dependents tell of where they need it, as
// far as a statement may allow it: the documentation says that a copy reads the tags of
// its source, and the call says which source. told is false where one of them does not
// tell; with told and none, no call needs the action from this statement.
func (n *narrower) pinned(m *matcher, action string) (hints []*observation, told bool) {
	for _, o := range n.hints[strings.ToLower(action)] {
		if o.kind != "arn" {
			return nil, false
		}
		if m.mayAllow(o, n.context(o)) {
			hints = append(hints, o)
		}
	}
	return hints, true
}

// neededBy names the used action that may need this one from the statement, "" where
// none does.
func (n *narrower) neededBy(m *matcher, action string) string {
	by := n.needed[strings.ToLower(action)]
	if by == "" {
		return ""
	}
	if hints, told := n.pinned(m, action); told && len(hints) == 0 {
		return ""
	}
	return by
}

// dependent decides an action that used ones may need without a record of their own:
// it stays where their calls may need it and where it was seen. obs may be none.
func (n *narrower) dependent(m *matcher, f *actions.Fact, obs []*observation, s sight) verdict {
	by := n.needed[strings.ToLower(f.Name)]
	v := verdict{fate: FateBlocked, obs: obs, needs: []Need{{Kind: NeedNothing}},
		reason: "may be needed by " + by + ", which was used"}
	if len(obs) > 0 {
		v.fate, v.unsure, v.needs = FateUsedWide, true, nil
		v.reason = "may also be needed by " + by + ", on resources that its calls do not show"
	}
	hints, _ := n.pinned(m, f.Name)
	if len(hints) == 0 || !s.ok || m.scoped || len(f.ResourceTypes) == 0 {
		return v
	}
	found, why := n.resources(m, slices.Concat(obs, hints))
	if why != "" {
		return v
	}
	if v.fate, v.unsure, v.needs = FateUsed, false, nil; len(obs) == 0 {
		v.fate = FateDependent
	}
	v.reason = "needed by " + by + " on these resources, as documented"
	v.found, v.cut, v.resources = found, found.patterns, texts(found.patterns)
	return v
}

package synth

import "github.com/tighten-iam/tighten/pkg/iam"

// compact writes a set of kept actions as few, short patterns: a wildcard is used
// only where it lies within the attached statement's own patterns and where every
// known action that it matches is in the set. So it adds nothing known, and
// nothing that the statement did not allow already. terse cuts names anywhere, also
// where that shortens a single action: much smaller, and harder to read.
func (t *factTable) compact(keep []int, s *iam.Statement, terse bool) []string {
	used := make([]string, len(keep))
	for k, i := range keep {
		used[k] = t.names[i]
	}
	o := iam.CompactOptions{Within: s.Action, Outside: s.NotAction}
	if terse {
		o.Style = iam.Shortest
	}
	if t.list == nil {
		return used
	}
	patterns, err := t.list.Compact(used, o)
	if err != nil { // an action that the statement does not grant: nothing may widen it
		return used
	}
	return patterns
}

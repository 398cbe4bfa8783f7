package synth

import (
	"fmt"
	"strings"
)

// wideNotes tells for which used actions the attached resources stay, and why.
func wideNotes(vs [][]verdict) []string {
	why := map[string][]string{}
	for _, list := range vs {
		for _, v := range list {
			if v.fate == FateUsedWide {
				why[v.reason] = append(why[v.reason], v.name)
			}
		}
	}
	var out []string
	for _, r := range sortedKeys(why) {
		names := why[r]
		more := ""
		if len(names) > 8 {
			more = fmt.Sprintf(" and %d more", len(names)-8)
			names = names[:8]
		}
		out = append(out, fmt.Sprintf("attached resources kept for %s%s: %s", strings.Join(names, ", "), more, r))
	}
	return out
}

// pinnedNotes names the ids that stay literal since the same ones were used all the
// time: replacing such a resource needs a new policy.
func pinnedNotes(vs [][]verdict) []string {
	pinned := map[string]bool{}
	for _, list := range vs {
		for _, v := range list {
			for _, r := range v.resources {
				if hasID(r) {
					pinned[r] = true
				}
			}
		}
	}
	if len(pinned) == 0 {
		return nil
	}
	const show = 5
	names := sortedKeys(pinned)
	more := ""
	if len(names) > show {
		more = fmt.Sprintf(" and %d more", len(names)-show)
		names = names[:show]
	}
	return []string{"narrowed to ids that change when the resource is replaced: " + strings.Join(names, ", ") + more}
}

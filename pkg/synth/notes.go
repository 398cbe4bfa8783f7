package synth

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
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
		out = append(out, fmt.Sprintf("attached resources kept for %s: %s", some(why[r], 8), r))
	}
	return out
}

// barNotes tells which permissions stay whatever was seen, since something of their
// service is not understood.
func barNotes(vs [][]verdict) []string {
	why := map[string]map[string]bool{}
	for _, list := range vs {
		for _, v := range list {
			if v.bar == nil {
				continue
			}
			if why[v.reason] == nil {
				why[v.reason] = map[string]bool{}
			}
			why[v.reason][v.name] = true
		}
	}
	var out []string
	for _, r := range sortedKeys(why) {
		names := sortedKeys(why[r])
		verb := "permissions stay"
		if len(names) == 1 {
			verb = "permission stays"
		}
		out = append(out, fmt.Sprintf("%d %s: %s (%s)", len(names), verb, r, some(names, 8)))
	}
	return out
}

// some names the first of a list, and how many more there are.
func some(names []string, most int) string {
	if more := len(names) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), more)
	}
	return strings.Join(names, ", ")
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
	return []string{"narrowed to ids that change when the resource is replaced: " + some(sortedKeys(pinned), 5)}
}

// unknownNote tells that services which the facts do not know are left out: an
// attached wildcard over services has them, the new documents name what they allow.
// Had one been used, its calls would be of no known service, and the statement
// would stay as it is.
func unknownNote(old *iam.Document, docs []*iam.Document) []string {
	if len(docs) == 0 || !namesNoService(old) || slices.ContainsFunc(docs, namesNoService) {
		return nil
	}
	return []string{"the attached document also allows services that the facts do not know; none was used, and the new one names those that it allows"}
}

// namesNoService reports whether an Allow statement takes in services that it does
// not name.
func namesNoService(d *iam.Document) bool {
	return slices.ContainsFunc(d.Statements, func(s iam.Statement) bool {
		return s.Effect == iam.Allow && (s.NotAction != nil || slices.ContainsFunc(s.Action, func(p string) bool {
			return strings.ContainsAny(servicePrefix(p), "*?")
		}))
	})
}

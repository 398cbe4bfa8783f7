package synth

import (
	"slices"
	"sort"
	"strings"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// factTable holds every known action once, sorted by name, so that a permission
// set is a list of indexes and a pattern is expanded once a run.
type factTable struct {
	catalog *actions.Catalog
	names   []string // sorted, without regard to case
	exact   map[string]int
	facts   []actions.Fact
	index   map[string]int    // lower-case name → index
	service map[string][2]int // lower-case prefix → range of indexes
	list    *iam.ActionList   // of all names; nil when one of them is no action
}

func newFactTable(c *actions.Catalog) *factTable {
	t := &factTable{catalog: c, names: c.Expand(nil, "*"), exact: map[string]int{}, index: map[string]int{}, service: map[string][2]int{}}
	slices.SortFunc(t.names, compareFold)
	t.facts = make([]actions.Fact, len(t.names))
	t.list, _ = iam.NewActionList(t.names)
	for i, n := range t.names {
		t.facts[i], _ = c.Lookup(n)
		t.index[strings.ToLower(n)], t.exact[n] = i, i
		p := servicePrefix(n)
		r, ok := t.service[p]
		if !ok {
			r[0] = i
		}
		r[1] = i + 1
		t.service[p] = r
	}
	return t
}

// compareFold orders ASCII names without regard to case.
func compareFold(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if x, y := lower(a[i]), lower(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// granted lists the indexes of the known actions that a statement's Action or
// NotAction takes, sorted, and the literal actions among its patterns that are
// not known.
func (t *factTable) granted(s *iam.Statement) (known []int, unknown []string) {
	if s.NotAction != nil {
		for i := range t.names {
			if !matchesAny(s.NotAction, t.names[i]) {
				known = append(known, i)
			}
		}
		return known, nil
	}
	mark := map[int]bool{}
	for _, p := range s.Action {
		if got := t.expand(p); len(got) > 0 {
			for _, i := range got {
				mark[i] = true
			}
		} else {
			unknown = append(unknown, p)
		}
	}
	for i := range mark {
		known = append(known, i)
	}
	sort.Ints(known)
	return known, unknown
}

// expand lists the indexes of the actions that a pattern matches.
func (t *factTable) expand(pattern string) []int {
	low := strings.ToLower(pattern)
	if i, ok := t.index[low]; ok {
		return []int{i}
	}
	lo, hi := 0, len(t.names)
	if prefix, _, ok := strings.Cut(low, ":"); ok && !strings.ContainsAny(prefix, "*?") {
		r := t.service[prefix]
		lo, hi = r[0], r[1]
	}
	var out []int
	for i := lo; i < hi; i++ {
		if iam.MatchAction(pattern, t.names[i]) {
			out = append(out, i)
		}
	}
	return out
}

func matchesAny(patterns []string, action string) bool {
	for _, p := range patterns {
		if iam.MatchAction(p, action) {
			return true
		}
	}
	return false
}

// catalogActions lets diff expand by the fact table.
type catalogActions struct{ facts *factTable }

// Expand appends all known actions that a pattern matches.
func (a catalogActions) Expand(dst []string, pattern string) []string {
	for _, i := range a.facts.expand(pattern) {
		dst = append(dst, a.facts.names[i])
	}
	return dst
}

// Level is the access level of an action, "" when unknown.
func (a catalogActions) Level(action string) string {
	if i, ok := a.facts.exact[action]; ok {
		return string(a.facts.facts[i].Level)
	}
	if i, ok := a.facts.index[strings.ToLower(action)]; ok {
		return string(a.facts.facts[i].Level)
	}
	return ""
}

package iam

import (
	"fmt"
	"slices"
	"strings"
)

// CompactStyle says how action names may be cut.
type CompactStyle uint8

const (
	// Readable cuts a name only at the end of a word and only for two actions or
	// more: s3:GetObject*, s3:*. It gives the fewest such patterns.
	Readable CompactStyle = iota
	// Shortest cuts names anywhere, also for one action, at one place each:
	// s3:*Tagging, s3:PutB*Acl. It gives the fewest characters, with the quotes
	// and the comma that each pattern costs in a document. The answer is the
	// optimum for services with few used actions; for others it is near it, and
	// not longer than the best answer by prefixes alone.
	Shortest
)

// CompactOptions tune Compact.
type CompactOptions struct {
	Style CompactStyle
	// Within, unless nil, are action patterns: each result lies within one of them.
	Within []string
	// Outside are action patterns, of a NotAction: no result matches an action
	// that one of them matches.
	Outside []string
	// NoWildcard names the actions, in any case, that must stand in full, so that no wildcard
	// matches them or takes in their like when the service adds one. nil: none.
	NoWildcard func(action string) bool
}

// ActionList is a list of known actions, prepared for many calls of Compact.
// Safe for concurrent use.
type ActionList struct {
	names    []string // as given, sorted by lower
	lower    []string
	index    map[string]int32 // by lower
	services map[string]span  // by lower-case service
	ordered  []string         // services
}

// span is a range of indexes.
type span struct{ lo, hi int }

// NewActionList prepares all actions that exist, in any order. Of names that
// differ in case alone the first in byte order counts. It fails on what is no
// action name.
func NewActionList(actions []string) (*ActionList, error) {
	type entry struct{ lower, name string }
	entries := make([]entry, len(actions))
	for i, a := range actions {
		if err := checkAction(a); err != nil {
			return nil, err
		}
		entries[i] = entry{lowerASCII(a), a}
	}
	order := func(a, b entry) int {
		if c := strings.Compare(a.lower, b.lower); c != 0 {
			return c
		}
		return strings.Compare(a.name, b.name)
	}
	if !slices.IsSortedFunc(entries, order) {
		slices.SortFunc(entries, order)
	}
	l := &ActionList{index: make(map[string]int32, len(entries)), services: map[string]span{}}
	for i, e := range entries {
		if i > 0 && e.lower == entries[i-1].lower {
			continue
		}
		l.add(e.lower, e.name)
	}
	return l, nil
}

func (l *ActionList) add(lower, name string) {
	i := len(l.names)
	l.index[lower] = int32(i)
	l.names, l.lower = append(l.names, name), append(l.lower, lower)
	service := lower[:strings.IndexByte(lower, ':')]
	at, known := l.services[service]
	if !known {
		at.lo = i
		l.ordered = append(l.ordered, service)
	}
	at.hi = i + 1
	l.services[service] = at
}

// longestAction bounds names; the longest that AWS has are below 100 characters.
const longestAction = 512

func checkAction(a string) error {
	colon := strings.IndexByte(a, ':')
	if colon < 1 || colon == len(a)-1 || len(a) > longestAction {
		return fmt.Errorf("%q is no action: give it as service:Name", clip(a))
	}
	for i := range len(a) {
		if c := a[i]; c <= ' ' || c >= 0x7f || c == '*' || c == '?' {
			return fmt.Errorf("%q is no action: give names without wildcards", clip(a))
		}
	}
	return nil
}

// Compact writes used actions as patterns that match no other action of
// universe; see ActionList.Compact.
func Compact(used, universe []string, o CompactOptions) ([]string, error) {
	l, err := NewActionList(universe)
	if err != nil {
		return nil, err
	}
	return l.Compact(used, o)
}

// Compact writes used actions as patterns that match all of them and no other
// action of the list: as few or as short as the style can. Names have the case of
// the list; a used action that the list lacks counts as one of it. Wildcards
// never span services. The result depends on the sets of used actions and options
// alone, not on their order; services come in alphabetical order.
//
// An action that AWS adds later may match a wildcard; NoWildcard keeps chosen
// ones clear of that. Compact fails on a used action that the options rule out.
func (l *ActionList) Compact(used []string, o CompactOptions) ([]string, error) {
	kept, others, err := l.split(used)
	if err != nil {
		return nil, err
	}
	if len(others) > 0 {
		if l, err = NewActionList(append(others, l.names...)); err != nil {
			return nil, err
		}
		return l.Compact(used, o)
	}
	scope := newActionScope(o.Within, o.Outside)
	for i := range kept {
		if kept[i] && !scope.permits(l.lower[i], nil) {
			return nil, ruledOut(l.names[i])
		}
	}
	c := &compaction{list: l, o: o, kept: kept, scope: scope,
		prefixWork: newWork(mostTests), coverWork: newWork(mostTests), pairs: mostPairs, nodes: mostNodes}
	var out []string
	for _, service := range l.ordered {
		out = append(out, c.service(l.services[service], len(service)+1)...)
	}
	return out, nil
}

func ruledOut(action string) error {
	return fmt.Errorf("%q lies not within the patterns given: leave it out, or widen Within and Outside", clip(action))
}

// split marks the used actions of the list, and returns the others.
func (l *ActionList) split(used []string) (kept []bool, others []string, err error) {
	kept = make([]bool, len(l.names))
	for _, a := range used {
		if err := checkAction(a); err != nil {
			return nil, nil, err
		}
		if i, ok := l.index[lowerASCII(a)]; ok {
			kept[i] = true
		} else {
			others = append(others, a)
		}
	}
	return kept, others, nil
}

// mostTests bounds how often patterns are held against Within and Outside.
const mostTests = 1 << 20

// compaction is one call of Compact.
type compaction struct {
	list                  *ActionList
	o                     CompactOptions
	kept                  []bool
	scope                 *actionScope
	prefixWork, coverWork *work // for questions whether a pattern is permitted
	pairs                 int   // comparisons of names that are left for Shortest
	nodes                 int   // steps of its search that are left
}

// service writes the used actions of one service, whose names begin at start.
func (c *compaction) service(at span, start int) []string {
	var s serviceNames
	s.compaction, s.span, s.start = c, at, start
	if !s.load() {
		return nil
	}
	s.prefixes(0, len(s.free), start)
	out := s.out
	if c.o.Style == Shortest {
		out = s.shortest(out)
	}
	slices.Sort(out)
	return out
}

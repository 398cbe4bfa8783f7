package iam

import (
	"slices"
	"strconv"
	"strings"
)

// reach finds the statements of a policy that bear on an action pattern.
type reach struct {
	literal map[string][]int32 // lower-case action → statements
	service map[string][]reachGlob
	rest    []reachGlob // patterns with a wildcard in their service
	not     []*rule     // statements with NotAction, by id in notIDs
	notIDs  []int32
	written map[string]string // lower-case pattern → as written
}

// reachGlob is one wildcard pattern, in lower case, of one statement.
type reachGlob struct {
	pattern string
	id      int32
}

// touch is a statement that bears on a pattern: on all of it, or it is not clear.
type touch struct {
	id   int32
	full bool
}

func (h *reach) add(id int32, r *rule) {
	if h.literal == nil {
		h.literal, h.service, h.written = map[string][]int32{}, map[string][]reachGlob{}, map[string]string{}
	}
	for i, p := range r.actions {
		text := pick(r.src.NotAction, r.src.Action)[i]
		if have, ok := h.written[p]; !ok || text < have {
			h.written[p] = text
		}
	}
	if r.notAction {
		h.not, h.notIDs = append(h.not, r), append(h.notIDs, id)
		return
	}
	for _, p := range r.actions {
		service := globService(p)
		switch {
		case !hasWildcard(p):
			h.literal[p] = append(h.literal[p], id)
		case service == "":
			h.rest = append(h.rest, reachGlob{p, id})
		default:
			h.service[service] = append(h.service[service], reachGlob{p, id})
		}
	}
}

// globService is the service of an action pattern, "" when it has a wildcard.
func globService(p string) string {
	service, _, _ := strings.Cut(p, ":")
	if hasWildcard(service) {
		return ""
	}
	return service
}

// touching lists the statements that bear on a cell, sorted and once each.
// Statements that only have patterns within the cell are not among them: those
// patterns are cells of their own.
func (h *reach) touching(x *subtraction, cell string) []touch {
	var out []touch
	for _, id := range h.literal[cell] {
		out = append(out, touch{id, true})
	}
	glob := func(list []reachGlob) {
		for _, g := range list {
			if meets, full := x.relate(g.pattern, cell); meets {
				out = append(out, touch{g.id, full})
			}
		}
	}
	if service := globService(cell); service != "" {
		glob(h.service[service])
	} else {
		for _, s := range sortedKeys(h.service) {
			glob(h.service[s])
		}
	}
	glob(h.rest)
	for i, r := range h.not {
		if meets, full := x.relateNot(r.actions, cell); meets {
			out = append(out, touch{h.notIDs[i], full})
		}
	}
	return uniqueTouches(out)
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// uniqueTouches sorts and keeps the best touch of each statement.
func uniqueTouches(list []touch) []touch {
	slices.SortFunc(list, func(a, b touch) int {
		switch {
		case a.id != b.id:
			return int(a.id - b.id)
		case a.full == b.full:
			return 0
		case a.full:
			return -1
		}
		return 1
	})
	return slices.CompactFunc(list, func(a, b touch) bool { return a.id == b.id })
}

// relate says whether a pattern bears on a cell outside of the cells in it.
func (x *subtraction) relate(pattern, cell string) (meets, full bool) {
	switch {
	case !x.w.spend(1) || !mayMeet(pattern, cell):
		return false, false
	case x.includes(pattern, cell):
		return true, true
	case x.includes(cell, pattern):
		return false, false
	}
	return true, false
}

// relateNot is relate for the patterns of a NotAction.
func (x *subtraction) relateNot(patterns []string, cell string) (meets, full bool) {
	full = true
	for _, p := range patterns {
		m, whole := x.relate(p, cell)
		if whole {
			return false, false
		}
		full = full && !m
	}
	return true, full
}

// root is an action pattern of a statement of old.
type root struct{ pattern, text string }

// roots lists a statement's action patterns without those that others include.
func (x *subtraction) roots(s *rule) []root {
	if s.notAction {
		return []root{{"*", "*"}}
	}
	var wild, out []root
	seen := map[string]bool{}
	for i, a := range s.actions {
		if !seen[a] && hasWildcard(a) {
			wild = append(wild, root{a, s.src.Action[i]})
		}
		seen[a] = true
	}
	seen = map[string]bool{}
	for i, a := range s.actions {
		if !seen[a] && !slices.ContainsFunc(wild, func(w root) bool { return x.swallows(w.pattern, a) }) {
			out = append(out, root{a, s.src.Action[i]})
		}
		seen[a] = true
	}
	return out
}

// swallows: w includes a and is the one to stay.
func (x *subtraction) swallows(w, a string) bool {
	if w == a || !x.w.spend(1) || !mayMeet(w, a) || !x.includes(w, a) {
		return false
	}
	return w < a || !x.includes(a, w)
}

// cell is a set of actions on which all statements of old and new bear alike: a
// pattern without the cells in it.
type cell struct {
	pattern, text string
	group         int // -1 outside of the statement
}

// cellTree is one root split into cells; the first cell is the root's.
type cellTree struct {
	cells  []cell
	groups []*cellGroup
}

// cellGroup is a list of cells on which the same statements bear.
type cellGroup struct {
	cells    []int
	new, old []touch // of new: all; of old: Deny statements
}

// tree splits a root by the patterns of old and new.
func (x *subtraction) tree(s *rule, r root) *cellTree {
	t := &cellTree{cells: []cell{{pattern: r.pattern, text: r.text}}}
	if hasWildcard(r.pattern) {
		x.split(t, s, r)
	}
	byKey := map[string]int{}
	for i := range t.cells {
		if x.w.spent() {
			return t
		}
		c := &t.cells[i]
		if s.notAction && slices.ContainsFunc(s.actions, func(p string) bool { return x.includes(p, c.pattern) }) {
			c.group = -1
			continue
		}
		g := &cellGroup{new: x.new.reach.touching(x, c.pattern), old: x.oldDenies(c.pattern)}
		key := touchKey(g.new) + "|" + touchKey(g.old)
		at, ok := byKey[key]
		if !ok {
			at = len(t.groups)
			byKey[key], t.groups = at, append(t.groups, g)
		}
		c.group = at
		t.groups[at].cells = append(t.groups[at].cells, i)
	}
	return t
}

func (x *subtraction) oldDenies(pattern string) []touch {
	if len(x.old.denies) == 0 {
		return nil
	}
	return slices.DeleteFunc(x.old.reach.touching(x, pattern), func(t touch) bool {
		return x.old.set.statements[t.id].effect != Deny
	})
}

func touchKey(list []touch) string {
	var b []byte
	for _, t := range list {
		b = strconv.AppendInt(b, int64(t.id), 10)
		if t.full {
			b = append(b, '!')
		}
		b = append(b, ',')
	}
	return string(b)
}

// split adds the cells within a wildcard pattern.
func (x *subtraction) split(t *cellTree, s *rule, r root) {
	pattern := r.pattern
	seen := map[string]bool{pattern: true}
	add := func(p, text string) {
		if !seen[p] && !x.includes(p, pattern) {
			t.cells = append(t.cells, cell{pattern: p, text: text})
		}
		seen[p] = true
	}
	for _, p := range x.patterns(s) {
		switch {
		case !x.w.spend(1):
			return
		case !mayMeet(p.pattern, pattern):
		case x.includes(pattern, p.pattern):
			add(p.pattern, p.text)
		case !x.includes(p.pattern, pattern):
			for _, o := range x.overlap(r.text, p.text) {
				add(lowerASCII(o), o)
			}
		}
	}
}

// patterns lists the action patterns that tell actions of s apart, sorted.
func (x *subtraction) patterns(s *rule) []root {
	var out []root
	add := func(h *reach, r *rule) {
		for _, p := range r.actions {
			out = append(out, root{p, h.written[p]})
		}
	}
	for i := range x.new.set.statements {
		add(&x.new.reach, &x.new.set.statements[i])
	}
	for _, d := range x.old.denies {
		add(&x.old.reach, d)
	}
	if s.notAction {
		add(&x.old.reach, s)
	}
	slices.SortFunc(out, func(a, b root) int {
		if c := strings.Compare(a.pattern, b.pattern); c != 0 {
			return c
		}
		return strings.Compare(a.text, b.text)
	})
	return slices.CompactFunc(out, func(a, b root) bool { return a.pattern == b.pattern })
}

// overlap lists patterns for what two patterns share of which neither includes
// the other: known actions, or else the plain case of one * each.
func (x *subtraction) overlap(a, b string) (out []string) {
	if x.expand != nil {
		for _, name := range x.expand(nil, b) {
			if x.w.spend(1) && globFold(a, name) {
				out = append(out, name)
			}
		}
	}
	i, j := strings.IndexByte(a, '*'), strings.IndexByte(b, '*')
	if i < 0 || j < 0 || strings.Count(a, "*")+strings.Count(b, "*") != 2 {
		return out
	}
	both := longer(a[:i], b[:j]) + "*" + longer(a[i+1:], b[j+1:])
	if low := lowerASCII(both); x.includes(lowerASCII(a), low) && x.includes(lowerASCII(b), low) {
		out = append(out, both)
	}
	return out
}

func longer(a, b string) string {
	if len(b) > len(a) {
		return b
	}
	return a
}

// treeCells are some cells of a tree.
type treeCells struct {
	tree  *cellTree
	cells []int
}

// entries writes cells as patterns with exceptions. A cell within an exception
// of another becomes an entry of its own, one that its surrounding entry has
// needs none.
func (t *cellTree) entries(x *subtraction, cells []int) []entry {
	chosen := map[int]bool{}
	for _, i := range cells {
		chosen[i] = true
	}
	var out []entry
	done := map[int]bool{}
	for _, i := range cells { // the root comes first, if it is there
		if done[i] {
			continue
		}
		e, inside := t.entry(x, i, chosen)
		for _, j := range inside {
			done[j] = true
		}
		out = append(out, e)
	}
	return out
}

// entry writes one cell, and lists the chosen cells that the entry has in it.
func (t *cellTree) entry(x *subtraction, i int, chosen map[int]bool) (e entry, inside []int) {
	e.action = t.cells[i].text
	if !hasWildcard(t.cells[i].pattern) {
		return e, nil
	}
	var except []string
	for _, j := range t.within(x, i) {
		if !chosen[j] {
			except = append(except, t.cells[j].pattern)
			e.except = append(e.except, t.cells[j].text)
		} else {
			inside = append(inside, j)
		}
	}
	wild := slices.DeleteFunc(slices.Clone(except), func(p string) bool { return !hasWildcard(p) })
	inside = slices.DeleteFunc(inside, func(j int) bool {
		return slices.ContainsFunc(wild, func(p string) bool {
			return mayMeet(p, t.cells[j].pattern) && x.w.spend(1)
		})
	})
	e.except = slices.DeleteFunc(e.except, func(text string) bool {
		low := lowerASCII(text)
		return slices.ContainsFunc(wild, func(p string) bool { return p != low && x.swallows(p, low) })
	})
	return e, inside
}

// within lists the cells in another one.
func (t *cellTree) within(x *subtraction, i int) (out []int) {
	for j := range t.cells {
		if j == i || !x.w.spend(1) {
			continue
		}
		if i == 0 || mayMeet(t.cells[i].pattern, t.cells[j].pattern) && x.includes(t.cells[i].pattern, t.cells[j].pattern) {
			out = append(out, j)
		}
	}
	return out
}

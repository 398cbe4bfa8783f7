package diff

import (
	"slices"
	"sort"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// Comparer compares policies over one table of actions. Safe for concurrent use
// if its Actions are.
type Comparer struct {
	actions Actions
	names   []string       // all known actions, sorted
	ids     map[string]int // lower-case name → index in names
}

// NewComparer prepares the table of all known actions.
func NewComparer(a Actions) *Comparer {
	c := &Comparer{actions: a, names: a.Expand(nil, "*")}
	sort.Strings(c.names)
	c.names = slices.Compact(c.names)
	c.ids = make(map[string]int, len(c.names))
	for i, n := range c.names {
		c.ids[strings.ToLower(n)] = i
	}
	return c
}

// Compare computes the change from old to new, each a set of documents that
// apply together. An action counts as allowed if something of it is, on some
// resource in some context, and as narrowed or widened where iam.Subtract finds
// that something of it is lost or new.
func (c *Comparer) Compare(old, new []*iam.Document) Change {
	x := newExpansion(c, old, new)
	o, n := x.side(old), x.side(new)
	kept := o.allowed.and(n.allowed)
	ch := Change{
		Removed: x.group(o.allowed.minus(n.allowed)),
		Added:   x.group(n.allowed.minus(o.allowed)),
		Kept:    kept.count(),
		Before:  o.allowed.count(),
		After:   n.allowed.count(),
	}
	ch.Narrowed, ch.Widened = x.resources(o, n, kept, x.lost(old, new), x.lost(new, old))
	ch.DeniesChanged = !slices.Equal(o.denies(), n.denies())
	ch.Statements = statements(o, n, x.cover)
	return ch
}

// side is one of the two sets of documents, with what each statement covers.
type side struct {
	stmts   []*iam.Statement
	keys    []string // identity of each statement, Sid aside
	covers  []bitset // actions of each statement
	allowed bitset
}

// side flattens the documents and expands their statements.
func (x *expansion) side(docs []*iam.Document) *side {
	s := &side{stmts: flatten(docs)}
	for _, st := range s.stmts {
		s.covers = append(s.covers, x.covers(st))
		s.keys = append(s.keys, statementKey(st))
	}
	s.allowed = x.allows(docs, s)
	return s
}

func flatten(docs []*iam.Document) []*iam.Statement {
	var out []*iam.Statement
	for _, d := range docs {
		if d == nil {
			continue
		}
		for i := range d.Statements {
			out = append(out, &d.Statements[i])
		}
	}
	return out
}

// everything reports whether a pattern is made of stars alone.
func everything(pattern string) bool { return pattern != "" && strings.Trim(pattern, "*") == "" }

// denies lists the Deny statements of a side, in an order that says nothing.
func (s *side) denies() []string {
	var out []string
	for i, st := range s.stmts {
		if st.Effect == iam.Deny {
			out = append(out, s.keys[i])
		}
	}
	sort.Strings(out)
	return slices.Compact(out)
}

// group sorts actions into their levels.
func (x *expansion) group(b bitset) []LevelGroup {
	by := map[string][]string{}
	b.each(func(id int) {
		name, level := x.name(id), ""
		if id < len(x.c.names) {
			level = x.c.actions.Level(name)
		}
		by[level] = append(by[level], name)
	})
	out := make([]LevelGroup, 0, len(by))
	for level, actions := range by {
		sort.Strings(actions)
		out = append(out, LevelGroup{level, actions})
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := levelRank(out[i].Level), levelRank(out[j].Level)
		return a < b || a == b && out[i].Level < out[j].Level
	})
	if len(out) == 0 {
		return nil
	}
	return out
}

// levelRank puts the levels that matter most first, unknown last.
func levelRank(level string) int {
	switch level {
	case "Permissions management":
		return 0
	case "Write":
		return 1
	case "Tagging":
		return 2
	case "Read":
		return 3
	case "List":
		return 4
	case "":
		return 6
	}
	return 5
}

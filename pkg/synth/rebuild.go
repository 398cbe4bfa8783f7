package synth

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// rebuild makes the narrowed document from the verdicts on each statement. Deny
// statements, and statements of which nothing changed, are kept as they are.
func (n *narrower) rebuild(old *iam.Document, verdicts [][]verdict) *iam.Document {
	out := old.Clone()
	out.Statements = nil
	sids := newSids(old)
	for i := range old.Statements {
		s := old.Clone().Statements[i]
		if s.Effect != iam.Allow || verdicts[i] == nil || unchanged(&s, verdicts[i]) {
			out.Statements = append(out.Statements, s)
			continue
		}
		out.Statements = append(out.Statements, n.split(s, verdicts[i], sids)...)
	}
	return out
}

// unchanged reports whether verdicts keep every action on the attached resources.
func unchanged(s *iam.Statement, vs []verdict) bool {
	for _, v := range vs {
		if v.fate == FateRemoved || v.resources != nil && !sameResources(s.Resource, v.resources) {
			return false
		}
	}
	return len(vs) > 0
}

func sameResources(attached iam.Strings, narrowed []string) bool {
	a := append([]string{}, attached...)
	slices.Sort(a)
	return slices.Equal(slices.Compact(a), narrowed)
}

// cluster is a set of actions that stay on the same resources.
type cluster struct {
	resources []string // nil: the attached ones
	unseen    bool     // kept because not visible or blocked: labelled apart
	held      bool     // kept by the keep list, or what was detected: labelled apart
	indexes   []int
	literals  []string // patterns no fact knows
}

// split replaces one statement by one for each cluster, in a fixed order: what
// was seen first, what could not be seen last.
func (n *narrower) split(s iam.Statement, vs []verdict, sids *sids) []iam.Statement {
	var out []iam.Statement
	first := true
	for _, c := range n.clusters(vs) {
		t := s
		t.NotAction = nil
		t.Action = n.actionsOf(&s, c)
		if c.resources != nil {
			t.NotResource = nil
			t.Resource = asAttached(c.resources, s.Resource, iam.MatchResource)
		}
		switch {
		case c.unseen:
			t.Sid = sids.fresh(s.Sid + "NotVisible")
		case c.held:
			t.Sid = sids.fresh(s.Sid + "Kept")
		case !first:
			t.Sid = sids.after(s.Sid)
		}
		first = first && (c.unseen || c.held)
		out = append(out, t)
	}
	return out
}

func (n *narrower) actionsOf(s *iam.Statement, c *cluster) iam.Strings {
	var out iam.Strings
	if c.unseen || c.held {
		out = n.facts.compact(c.indexes, s, n.precision.terse)
	} else {
		for _, i := range c.indexes {
			out = append(out, n.facts.names[i])
		}
	}
	return asAttached(append(out, c.literals...), s.Action, iam.MatchAction)
}

// mostOrdered bounds the comparisons by which a list is ordered.
const mostOrdered = 1 << 20

// asAttached puts a list in the order of the attached patterns that its elements lie
// within, and writes an element as the attached one that differs in case alone.
func asAttached(list []string, attached iam.Strings, match func(pattern, s string) bool) iam.Strings {
	if len(list)*len(attached) > mostOrdered {
		return list
	}
	place := make(map[string]int, len(list))
	for i, x := range list {
		k := slices.IndexFunc(attached, func(a string) bool { return a == x || match(a, x) })
		if k >= 0 && match(x, attached[k]) { // the same
			list[i] = attached[k]
		}
		place[list[i]] = k
	}
	slices.SortStableFunc(list, func(a, b string) int { return place[a] - place[b] })
	return list
}

// clusters groups verdicts by what becomes of their resources.
func (n *narrower) clusters(vs []verdict) []*cluster {
	byKey := map[string]*cluster{}
	var keys []string
	for i := range vs {
		v := &vs[i]
		if v.fate == FateRemoved {
			continue
		}
		key := n.clusterKey(v)
		c := byKey[key]
		if c == nil {
			c = &cluster{unseen: key == unseenKey, held: key == heldKey}
			byKey[key] = c
			keys = append(keys, key)
		}
		c.add(v)
	}
	slices.Sort(keys)
	out := make([]*cluster, len(keys))
	for i, k := range keys {
		out[i] = byKey[k]
	}
	if n.mergeFree {
		return n.merged(out)
	}
	return out
}

// merged joins the clusters on resources of their own that may stand in one statement
// at no cost.
func (n *narrower) merged(all []*cluster) []*cluster {
	var out []*cluster
	var own []*cluster
	var grants []grant
	for _, c := range all {
		if c.resources == nil || len(c.literals) > 0 {
			continue
		}
		g := grant{resources: c.resources}
		for _, i := range c.indexes {
			g.actions = append(g.actions, n.facts.names[i])
		}
		own, grants = append(own, c), append(grants, g)
	}
	gone := map[*cluster]bool{}
	for i, k := range n.facts.mergeFree(grants) {
		if k != i {
			own[k].indexes = append(own[k].indexes, own[i].indexes...)
			own[k].resources = subsume(append(own[k].resources, own[i].resources...))
			gone[own[i]] = true
		}
	}
	for _, c := range all {
		if !gone[c] {
			slices.Sort(c.indexes)
			out = append(out, c)
		}
	}
	return out
}

// The keys order clusters: narrowed ones, then those on attached resources, then
// what is held and what could not be seen.
const (
	attachedKey = "\xfe"
	heldKey     = "\xfe\xfe"
	unseenKey   = "\xff"
)

func (n *narrower) clusterKey(v *verdict) string {
	switch {
	case v.hidden():
		return unseenKey
	case v.fate == FateKept && v.resources == nil:
		return heldKey
	case v.resources == nil:
		return attachedKey
	case n.precision.mergeSets:
		return servicePrefix(v.name)
	}
	return strings.Join(v.resources, "\n")
}

func (c *cluster) add(v *verdict) {
	if v.index >= 0 {
		c.indexes = append(c.indexes, v.index)
	} else {
		c.literals = append(c.literals, v.name)
	}
	if v.resources != nil && !c.unseen {
		c.resources = subsume(append(c.resources, v.resources...))
	}
}

// sids hands out statement ids that are unique in the new document.
type sids struct{ used map[string]bool }

func newSids(d *iam.Document) *sids {
	s := &sids{used: map[string]bool{}}
	for i := range d.Statements {
		s.used[d.Statements[i].Sid] = true
	}
	return s
}

// after is the id for a further part of a statement; parts of one without an id
// have none either.
func (s *sids) after(base string) string {
	if base == "" {
		return ""
	}
	for i := 2; ; i++ {
		if sid := fmt.Sprintf("%s%d", base, i); !s.used[sid] {
			s.used[sid] = true
			return sid
		}
	}
}

// fresh is base, or base with the first free number.
func (s *sids) fresh(base string) string {
	if !s.used[base] {
		s.used[base] = true
		return base
	}
	return s.after(base)
}

package diff

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// overlapLimit bounds the pairs of statements that are compared by what they
// cover; past it only Sid and equality tell what became of a statement.
const overlapLimit = 1 << 16

// matcher finds out which new statements each old one became.
type matcher struct {
	old, new *side
	into     [][]int // old → new
	from     []int   // new → old, -1 none yet
	cover    *cover
}

// statements tells what became of each statement of old, then what new adds.
func statements(o, n *side, c *cover) []StatementChange {
	m := &matcher{old: o, new: n, cover: c, into: make([][]int, len(o.stmts)), from: make([]int, len(n.stmts))}
	for i := range m.from {
		m.from[i] = -1
	}
	m.pair(o.sidKeys(true), n.sidKeys(true)) // unchanged as a whole, where Sids are not unique
	m.pair(o.sidKeys(false), n.sidKeys(false))
	m.pair(o.keys, n.keys)
	m.byOverlap()
	return m.changes()
}

// sidKeys identifies statements by Sid, "" for those without one; with their
// content if whole.
func (s *side) sidKeys(whole bool) []string {
	out := make([]string, len(s.stmts))
	for i, st := range s.stmts {
		if st.Sid == "" {
			continue
		}
		out[i] = string(st.Effect) + " " + st.Sid
		if whole {
			out[i] += " " + s.keys[i]
		}
	}
	return out
}

// pair joins statements with the same key one to one, in order.
func (m *matcher) pair(old, new []string) {
	waiting := map[string][]int{}
	for i, k := range old {
		if k != "" && len(m.into[i]) == 0 {
			waiting[k] = append(waiting[k], i)
		}
	}
	for j, k := range new {
		if w := waiting[k]; m.from[j] < 0 && len(w) > 0 {
			m.join(w[0], j)
			waiting[k] = w[1:]
		}
	}
}

func (m *matcher) join(old, new int) {
	m.from[new] = old
	m.into[old] = append(m.into[old], new)
}

// byOverlap gives each remaining new statement to the old one that it is most
// likely a piece of.
func (m *matcher) byOverlap() {
	rest := 0
	for _, f := range m.from {
		if f < 0 {
			rest++
		}
	}
	if rest*len(m.old.stmts) > overlapLimit {
		return
	}
	for j, f := range m.from {
		if f >= 0 {
			continue
		}
		best, at := score{}, -1
		for i := range m.old.stmts {
			if s := m.score(i, j); s.actions > 0 && (at < 0 || best.less(s)) {
				best, at = s, i
			}
		}
		if at >= 0 {
			m.join(at, j)
		}
	}
}

// score says how well a new statement fits as a piece of an old one, the first
// members weighing most.
type score struct {
	sid       bool    // the Sid of old begins the Sid of new
	both      float64 // actions × resources
	actions   float64 // share of new's actions that old has
	unmatched bool    // old has become nothing yet
	tight     int     // minus the number of old's actions: the closest one
}

func (s score) less(t score) bool {
	switch {
	case s.sid != t.sid:
		return t.sid
	case s.both != t.both:
		return s.both < t.both
	case s.actions != t.actions:
		return s.actions < t.actions
	case s.unmatched != t.unmatched:
		return t.unmatched
	}
	return s.tight < t.tight
}

func (m *matcher) score(i, j int) score {
	o, n := m.old.stmts[i], m.new.stmts[j]
	if o.Effect != n.Effect {
		return score{}
	}
	size := m.new.covers[j].count()
	common := m.old.covers[i].common(m.new.covers[j])
	if size == 0 || common == 0 {
		return score{}
	}
	s := score{
		sid:       o.Sid != "" && strings.HasPrefix(n.Sid, o.Sid),
		actions:   float64(common) / float64(size),
		unmatched: len(m.into[i]) == 0,
		tight:     -m.old.covers[i].count(),
	}
	s.both = s.actions * m.resourceShare(scopes(o), scopes(n))
	return s
}

// resourceShare is the share of new's scopes that old has, conditions aside.
func (m *matcher) resourceShare(old, new []scope) float64 {
	if len(new) == 0 || !m.cover.afford(len(old)*len(new)) {
		return 0
	}
	n := 0
	for _, s := range new {
		if slices.ContainsFunc(old, func(o scope) bool {
			o.condition, s.condition = "", ""
			return m.cover.subsumes(o, s)
		}) {
			n++
		}
	}
	return float64(n) / float64(len(new))
}

func (m *matcher) changes() []StatementChange {
	var out []StatementChange
	for i, st := range m.old.stmts {
		sort.Ints(m.into[i])
		out = append(out, StatementChange{Index: i, Sid: st.Sid, Kind: m.kind(i), Into: m.into[i]})
	}
	for j, f := range m.from {
		if f < 0 {
			out = append(out, StatementChange{Index: -1, Sid: m.new.stmts[j].Sid, Kind: StatementAdded, Into: []int{j}})
		}
	}
	return out
}

func (m *matcher) kind(i int) string {
	switch into := m.into[i]; {
	case len(into) == 0:
		return StatementDropped
	case len(into) > 1:
		return StatementSplit
	case m.old.keys[i] == m.new.keys[into[0]]:
		return StatementKept
	}
	return StatementChanged
}

// statementKey is a statement's content as text, without its Sid and without the
// order of its lists. Absent and empty lists differ.
func statementKey(st *iam.Statement) string {
	return fmt.Sprintf("%s|%s|%s|%s|%s|%s|%s|%s", st.Effect,
		listKey(st.Action, true), listKey(st.NotAction, true),
		listKey(st.Resource, false), listKey(st.NotResource, false),
		principalsKey(st.Principal), principalsKey(st.NotPrincipal), conditionKey(st.Condition))
}

func listKey(list iam.Strings, fold bool) string {
	if list == nil {
		return "-"
	}
	out := sortedSet(list)
	if fold {
		for i, s := range out {
			out[i] = strings.ToLower(s)
		}
		out = sortedSet(out)
	}
	return fmt.Sprintf("%q", out)
}

func principalsKey(p *iam.Principals) string {
	if p == nil {
		return "-"
	}
	by := map[string][]string{}
	for k, v := range p.ByKind {
		by[k] = sortedSet(v)
	}
	text, err := json.Marshal(by) // sorts the keys
	if err != nil {
		return fmt.Sprint(by) // not reached: maps of strings always encode
	}
	return fmt.Sprintf("%t %s", p.Any, text)
}

package diff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// scope is one (resource pattern, condition) pair that an action is allowed on.
type scope struct {
	resource  string   // "" for a NotResource element
	not       []string // NotResource patterns, sorted
	condition string   // canonical text, "" for none
}

// String is the form of Narrowing.From and To.
func (s scope) String() string {
	text := s.resource
	if s.resource == "" {
		text = "NOT " + strings.Join(s.not, ", ")
	}
	if s.condition != "" {
		text += " when " + s.condition
	}
	return text
}

// scopes lists the pairs of one statement. One with neither element is a trust or
// resource policy's, whose resource is understood.
func scopes(st *iam.Statement) []scope {
	cond := conditionKey(st.Condition)
	if st.NotResource != nil {
		if slices.ContainsFunc(st.NotResource, everything) {
			return nil
		}
		return []scope{{not: sortedSet(st.NotResource), condition: cond}}
	}
	if st.Resource == nil {
		return []scope{{resource: "*", condition: cond}}
	}
	out := make([]scope, 0, len(st.Resource))
	for _, r := range st.Resource {
		if r != "" {
			out = append(out, scope{resource: r, condition: cond})
		}
	}
	return out
}

// distinct sorts scopes by their text and drops doubles.
func distinct(list []scope) []scope {
	list = slices.Clone(list)
	sort.SliceStable(list, func(i, j int) bool { return before(list[i], list[j]) })
	return slices.CompactFunc(list, func(a, b scope) bool { return !before(a, b) && !before(b, a) })
}

// before orders scopes; of two that cover each other the first one stays.
func before(a, b scope) bool {
	if a.resource != b.resource {
		return a.resource < b.resource
	}
	if c := slices.Compare(a.not, b.not); c != 0 {
		return c < 0
	}
	return a.condition < b.condition
}

// scopeTable interns the sets of scopes that actions are allowed on: many actions
// share few of them.
type scopeTable struct {
	of   []int     // action → set; set 0 is empty
	sets [][]scope // reduced
	text [][]string
}

// class is all Allow statements of a side with the same resources and conditions.
type class struct {
	scopes []scope
	covers bitset
}

// classes groups the Allow statements of a side.
func (x *expansion) classes(s *side) []class {
	index := map[string]int{}
	var out []class
	for i, st := range s.stmts {
		if st.Effect != iam.Allow {
			continue
		}
		list := distinct(scopes(st))
		key := fmt.Sprintf("%q", list)
		at, ok := index[key]
		if !ok {
			at = len(out)
			index[key] = at
			out = append(out, class{list, x.none()})
		}
		out[at].covers.add(s.covers[i])
	}
	return out
}

// link adds one class to an earlier set.
type link struct{ set, class int }

// table finds for each action which classes cover it. Class by class, each set
// splits into the actions that the class covers too and those that it doesn't;
// a set is a chain of links, so that it costs the same however long it is.
func (x *expansion) table(s *side) *scopeTable {
	classes := x.classes(s)
	t := &scopeTable{of: make([]int, x.size())}
	links := []link{{}}
	for c := range classes {
		next := map[int]int{}
		classes[c].covers.each(func(id int) {
			from := t.of[id]
			to, ok := next[from]
			if !ok {
				to = len(links)
				links = append(links, link{from, c})
				next[from] = to
			}
			t.of[id] = to
		})
	}
	t.build(classes, links, x.cover)
	return t
}

// build computes the scopes of the sets that some action still has.
func (t *scopeTable) build(classes []class, links []link, cover *cover) {
	t.sets, t.text = make([][]scope, len(links)), make([][]string, len(links))
	done := make([]bool, len(links))
	done[0] = true
	for _, set := range t.of {
		if done[set] {
			continue
		}
		done[set] = true
		var list []scope
		for at := set; at != 0; at = links[at].set {
			list = append(list, classes[links[at].class].scopes...)
		}
		t.sets[set] = cover.reduce(list)
		for _, sc := range t.sets[set] {
			t.text[set] = append(t.text[set], sc.String())
		}
		sort.Strings(t.text[set])
	}
}

// resources finds the kept actions of which something is lost or new. What only
// principals tell apart is no narrowing.
func (x *expansion) resources(o, n *side, kept bitset, lost, gained shift) (narrowed, widened []Narrowing) {
	was, is := x.table(o), x.table(n)
	from, to := textMemo{}, textMemo{}
	kept.each(func(id int) {
		less, more := lost.actions.has(id), gained.actions.has(id)
		if !less && !more {
			return
		}
		change := Narrowing{x.name(id), from.text(was, id, gained.denied[id]), to.text(is, id, lost.denied[id])}
		switch {
		case slices.Equal(change.From, change.To):
		case less:
			narrowed = append(narrowed, change)
		default:
			widened = append(widened, change)
		}
	})
	byAction := func(a, b Narrowing) int { return strings.Compare(a.Action, b.Action) }
	slices.SortFunc(narrowed, byAction)
	slices.SortFunc(widened, byAction)
	return narrowed, widened
}

// textMemo shares the texts of sets of scopes with the lines of Deny statements.
type textMemo map[textKey][]string

type textKey struct {
	set    int
	denied string
}

// text is what one side says of an action.
func (m textMemo) text(t *scopeTable, id int, denied string) []string {
	set := t.of[id]
	if denied == "" {
		return t.text[set]
	}
	key := textKey{set, denied}
	if m[key] == nil {
		m[key] = append(slices.Clone(t.text[set]), strings.Split(denied, "\n")...)
		sort.Strings(m[key])
	}
	return m[key]
}

// conditionKey is a Condition element as text that order doesn't change.
func conditionKey(c iam.Conditions) string {
	if len(c) == 0 {
		return ""
	}
	all := map[string]map[string][]string{}
	for _, block := range c {
		clauses := all[block.Operator]
		if clauses == nil {
			clauses = map[string][]string{}
			all[block.Operator] = clauses
		}
		for _, cl := range block.Clauses {
			clauses[cl.Key] = append(clauses[cl.Key], cl.Values...)
		}
	}
	for _, clauses := range all {
		for k, v := range clauses {
			clauses[k] = sortedSet(v)
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b) // sorts the keys
	e.SetEscapeHTML(false)
	if err := e.Encode(all); err != nil {
		return fmt.Sprint(all) // not reached: maps of strings always encode
	}
	return strings.TrimSpace(b.String())
}

func sortedSet(list []string) []string {
	out := slices.Clone(list)
	sort.Strings(out)
	return slices.Compact(out)
}

package diff

import (
	"sort"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// expansion numbers the actions of one comparison, the known ones first, and
// expands each pattern once.
type expansion struct {
	c      *Comparer
	extras []string          // what the documents name and nobody knows
	extra  map[string]int    // lower-case extra → index in extras
	known  map[string]bitset // lower-case pattern with wildcards → known actions
	memo   map[string]bitset // lower-case pattern → actions, extras included
	cover  *cover
}

func newExpansion(c *Comparer, sides ...[]*iam.Document) *expansion {
	x := &expansion{c: c, extra: map[string]int{}, known: map[string]bitset{}, memo: map[string]bitset{}, cover: newCover()}
	for _, docs := range sides {
		for _, st := range flatten(docs) {
			for _, list := range []iam.Strings{st.Action, st.NotAction} {
				for _, p := range list {
					x.learn(p)
				}
			}
		}
	}
	sort.Strings(x.extras)
	for i, e := range x.extras {
		x.extra[strings.ToLower(e)] = i
	}
	return x
}

// learn looks a pattern up among the known actions and notes it as an extra when
// it stands for none of them.
func (x *expansion) learn(pattern string) {
	low := strings.ToLower(pattern)
	if _, ok := x.c.ids[low]; ok {
		return
	}
	if _, ok := x.known[low]; ok {
		return
	}
	if _, ok := x.extra[low]; ok {
		return
	}
	if wild(pattern) && x.learnWild(low, pattern) {
		return
	}
	x.extra[low] = 0 // numbered when all are there
	x.extras = append(x.extras, pattern)
}

func (x *expansion) learnWild(low, pattern string) bool {
	b := newBits(len(x.c.names))
	if everything(pattern) {
		b.fill(len(x.c.names))
		x.known[low] = b
		return true
	}
	found := false
	for _, name := range x.c.actions.Expand(nil, pattern) {
		if id, ok := x.c.ids[strings.ToLower(name)]; ok {
			b.set(id)
			found = true
		}
	}
	if found {
		x.known[low] = b
	}
	return found
}

// wild reports whether an action pattern is more than a name.
func wild(pattern string) bool { return strings.ContainsAny(pattern, "*?") }

func (x *expansion) size() int    { return len(x.c.names) + len(x.extras) }
func (x *expansion) none() bitset { return newBits(x.size()) }

func (x *expansion) name(id int) string {
	if id < len(x.c.names) {
		return x.c.names[id]
	}
	return x.extras[id-len(x.c.names)]
}

// covers returns the actions that a statement is about. NotAction is about all
// others that there are.
func (x *expansion) covers(st *iam.Statement) bitset {
	if st.NotAction == nil {
		return x.union(st.Action)
	}
	all := x.none()
	all.fill(x.size())
	return all.minus(x.union(st.NotAction))
}

func (x *expansion) union(patterns iam.Strings) bitset {
	b := x.none()
	for _, p := range patterns {
		low := strings.ToLower(p)
		if id, ok := x.c.ids[low]; ok {
			b.set(id)
			continue
		}
		if wild(p) {
			b.add(x.pattern(low, p))
			continue
		}
		b.set(len(x.c.names) + x.extra[low])
	}
	return b
}

// pattern expands a pattern with wildcards.
func (x *expansion) pattern(low, pattern string) bitset {
	if b, ok := x.memo[low]; ok {
		return b
	}
	b := x.none()
	if _, ok := x.known[low]; !ok {
		x.learnWild(low, pattern) // what two patterns share is in no document
	}
	b.add(x.known[low])
	for i, e := range x.extras {
		if iam.MatchAction(pattern, e) {
			b.set(len(x.c.names) + i)
		}
	}
	x.memo[low] = b
	return b
}

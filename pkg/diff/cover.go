package diff

import (
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// What one comparison may spend on finding out which resource patterns cover
// which: pairs looked at, and pairs that the plain tests leave to be proved. Real
// policies need a thousandth. When it is spent, only equal patterns cover each
// other, so that too much is told as narrowed, never too little.
const (
	pairBudget  = 1 << 24
	proofBudget = 1 << 15
)

// cover knows which scopes lie within others.
type cover struct {
	pairs, proofs int // what is left
	proved        map[[2]string]bool
}

func newCover() *cover {
	return &cover{pairs: pairBudget, proofs: proofBudget, proved: map[[2]string]bool{}}
}

// afford takes n pairs off the budget.
func (c *cover) afford(n int) bool {
	if n > c.pairs {
		return false
	}
	c.pairs -= n
	return true
}

// reduce drops scopes that others cover, and sorts.
func (c *cover) reduce(list []scope) []scope {
	list = distinct(list)
	var general []scope
	for _, s := range list {
		if s.general() {
			general = append(general, s)
		}
	}
	if len(list) < 2 || !c.afford(len(general)*len(list)) {
		return list
	}
	var out []scope
	for _, s := range list {
		if !slices.ContainsFunc(general, func(g scope) bool { return c.drops(g, s) }) {
			out = append(out, s)
		}
	}
	return out
}

// drops reports whether g makes s needless; of two that cover each other the first
// one stays.
func (c *cover) drops(g, s scope) bool {
	return (before(g, s) || before(s, g)) && c.subsumes(g, s) && (before(g, s) || !c.subsumes(s, g))
}

// subsumes reports whether everything in t is surely in s. Conditions are either
// the same or none; variables match nothing but themselves.
func (c *cover) subsumes(s, t scope) bool {
	switch {
	case s.condition != t.condition && s.condition != "":
		return false
	case everything(s.resource):
		return true
	case s.resource == "" || t.resource == "":
		return s.resource == t.resource && slices.Equal(s.not, t.not)
	case s.resource == t.resource:
		return true
	case !strings.ContainsAny(s.resource, "*?"), strings.Contains(s.resource, "${"), strings.Contains(t.resource, "${"):
		return false
	case !strings.HasPrefix(t.resource, literal(s.resource)):
		return false
	}
	return c.prove(s.resource, t.resource)
}

// prove asks iam, once for each pair.
func (c *cover) prove(outer, inner string) bool {
	pair := [2]string{outer, inner}
	holds, ok := c.proved[pair]
	if ok || c.proofs == 0 {
		return holds
	}
	c.proofs--
	holds = iam.MatchResource(outer, inner)
	c.proved[pair] = holds
	return holds
}

// literal is the part of a pattern before its first wildcard.
func literal(pattern string) string {
	if i := strings.IndexAny(pattern, "*?"); i >= 0 {
		return pattern[:i]
	}
	return pattern
}

// general reports whether a scope can cover another one: by a wildcard, or by
// having no condition.
func (s scope) general() bool {
	return s.condition == "" || strings.ContainsAny(s.resource, "*?")
}

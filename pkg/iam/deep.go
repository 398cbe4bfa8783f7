package iam

import (
	"maps"
	"slices"
	"strings"
)

// Bounds of a proof by cases.
const (
	maxMisses = 4  // resource patterns of one region that are tried for a witness
	caseCost  = 64 // work units of one case
	// work units of one assumption in a case: to be copied and grouped
	assumeCost = 16
)

// byCases proves a region that no single argument covers: its actions fall into
// signatures, and the contexts of each into cases of the rules' clauses. The
// answer is Fails with a verified witness, Holds, or Undecided.
func (p *prover) byCases(g *region) Inclusion {
	rules := p.candidates(g)
	sigs, complete := p.signatures(g, rules)
	if !complete && p.w.spent() {
		return p.exhausted(g.s)
	}
	c := cases{p: p, g: g, results: map[string]*coverResult{}}
	for _, v := range g.clauses {
		for i := range v {
			c.start = append(c.start, literal{&v[i], yes})
		}
	}
	if !c.possible(c.start) {
		return Inclusion{Verdict: Holds}
	}
	var open *Inclusion
	for _, sig := range sigs {
		c.action = sig.action
		r := c.prove(c.start, sig.rules)
		if r.Verdict == Fails {
			return r
		}
		if p.w.spent() {
			return p.exhausted(g.s)
		}
		if r.Verdict == Undecided && open == nil {
			open = &r
		}
	}
	switch {
	case open != nil:
		return *open
	case !complete:
		return Inclusion{Reason: place(g.s) + ": too many combinations of action patterns"}
	}
	return Inclusion{Verdict: Holds}
}

// candidates are the rules that can help to cover a region.
func (p *prover) candidates(g *region) (out []*rule) {
	add := func(list []*rule) {
		for _, r := range list {
			if p.w.spend(1) && p.coversPrincipal(r, g) && p.meetsAction(r, g) {
				out = append(out, r)
			}
		}
	}
	if g.d == nil {
		add(p.outer.allows)
	}
	if g.d != nil || !p.allowsOnly {
		add(p.inner.denies)
	}
	return out
}

// meetsAction reports whether the rule can apply to an action of the region.
func (p *prover) meetsAction(r *rule, g *region) bool {
	if r.notAction {
		return true
	}
	for _, a := range r.actions {
		if !p.w.spend(1) || !disjointActions(a, g.action, p.w) {
			return true
		}
	}
	return false
}

// cases is the proof for one region.
type cases struct {
	p       *prover
	g       *region
	action  string
	start   []literal
	results map[string]*coverResult // by coverKey
}

// coverResult is what a cover leaves of the region's resources.
type coverResult struct {
	holds  bool
	misses []miss
}

// miss is a resource that the cover leaves out.
type miss struct {
	q    query
	word []rune
}

// prove splits on an open clause until the rules whose clauses all follow from
// the assumptions cover the region's resources.
func (c *cases) prove(lits []literal, rules []*rule) Inclusion {
	if !c.p.w.spend(caseCost + 8*len(rules) + assumeCost*len(lits)) {
		return c.p.exhausted(c.g.s)
	}
	cover, open, choice := c.sort(lits, rules)
	r := c.covered(cover)
	if r.holds {
		return Inclusion{Verdict: Holds}
	}
	if len(open) > 0 {
		all := append(cover[:len(cover):len(cover)], open...)
		slices.SortFunc(all, compareRules)
		if r = c.covered(all); r.holds {
			return c.split(lits, append(cover, open...), choice)
		}
	}
	return c.refute(lits, r)
}

func compareRules(a, b *rule) int {
	if a.effect != b.effect {
		return strings.Compare(string(a.effect), string(b.effect))
	}
	if a.doc != b.doc {
		return a.doc - b.doc
	}
	return a.pos - b.pos
}

// split proves the case in which the clause may hold and the one in which it does
// not.
func (c *cases) split(lits []literal, rules []*rule, k *clause) Inclusion {
	out := Inclusion{Verdict: Holds}
	for _, is := range []kleene{no, yes} {
		next := append(lits[:len(lits):len(lits)], literal{k, is})
		if _, ok := feasible(onKey(next, k.key), k.key, c.p.w); !ok {
			continue
		}
		switch r := c.prove(next, rules); r.Verdict {
		case Fails:
			return r
		case Undecided:
			out = r
		}
	}
	return out
}

// sort tells apart the rules that apply under the assumptions and those that
// may, and chooses a clause of the latter.
func (c *cases) sort(lits []literal, rules []*rule) (cover, open []*rule, choice *clause) {
	fewest, given := 1<<30, byKey(lits)
	for _, r := range rules {
		left, first := 0, (*clause)(nil)
		for i := range r.clauses {
			may, must := c.status(given[r.clauses[i].key], &r.clauses[i])
			if !may {
				left = -1
				break
			}
			if !must {
				if left++; first == nil {
					first = &r.clauses[i]
				}
			}
		}
		switch {
		case left == 0:
			cover = append(cover, r)
		case left > 0:
			open = append(open, r)
			if left < fewest {
				fewest, choice = left, first
			}
		}
	}
	return cover, open, choice
}

// status says whether a clause may hold under the assumptions on its key, and
// whether it must.
func (c *cases) status(here []literal, k *clause) (may, must bool) {
	here = append(here[:len(here):len(here)], literal{k, yes})
	if _, may = feasible(here, k.key, c.p.w); !may {
		return false, false
	}
	here[len(here)-1].is = no
	_, mayNot := feasible(here, k.key, c.p.w)
	return true, !mayNot
}

func onKey(lits []literal, key string) (out []literal) {
	for _, l := range lits {
		if l.k.key == key {
			out = append(out, l)
		}
	}
	return out
}

// byKey groups assumptions.
func byKey(lits []literal) map[string][]literal {
	out := make(map[string][]literal, min(len(lits), 16))
	for _, l := range lits {
		out[l.k.key] = append(out[l.k.key], l)
	}
	return out
}

// possible reports whether the assumptions can hold together.
func (c *cases) possible(lits []literal) bool {
	_, ok := c.model(lits)
	return ok
}

// model gives a context in which the assumptions hold.
func (c *cases) model(lits []literal) (map[string][]string, bool) {
	out := map[string][]string{}
	if !c.p.w.spend(assumeCost * len(lits)) {
		return out, true
	}
	given := byKey(lits)
	for _, l := range lits {
		here := given[l.k.key]
		if here == nil {
			continue
		}
		delete(given, l.k.key)
		m, ok := feasible(here, l.k.key, c.p.w)
		if !ok {
			return nil, false
		}
		if m != nil {
			out[l.k.key] = m
		}
	}
	return out, true
}

// covered compares the resources of the rules with those of the region.
func (c *cases) covered(cover []*rule) *coverResult {
	key := coverKey(cover)
	r := c.results[key]
	if r == nil {
		r = c.p.cover(c.g, cover, key)
		c.results[key] = r
	}
	return r
}

// refute looks for a witness in a case: a context as assumed, and a resource
// that no rule covers which may apply.
func (c *cases) refute(lits []literal, r *coverResult) Inclusion {
	p := c.p
	reason := Inclusion{Reason: c.unproved(lits, r)}
	if p.w.spent() {
		return p.exhausted(c.g.s)
	}
	if p.searches++; p.searches > maxSearches {
		return reason
	}
	model, ok := c.model(lits)
	if !ok {
		return Inclusion{Verdict: Holds}
	}
	for _, m := range r.misses {
		if p.w.spent() {
			return p.exhausted(c.g.s)
		}
		if len(m.word) > maxWord {
			continue
		}
		for _, bind := range []bool{false, true} {
			s := newSketcher(p, c.g)
			s.model = maps.Clone(model)
			if bind && !s.bindAll(m.q) {
				break
			}
			if q := c.try(s, m); q != nil {
				return Inclusion{Verdict: Fails, Witness: q, Reason: c.refuted(q)}
			}
		}
	}
	return reason
}

// try looks for a witness near one miss.
func (c *cases) try(s *sketcher, m miss) *Request {
	for i, action := range c.actions(s) {
		words := [][]rune{m.word}
		if i < maxStrict {
			words = s.better(m, action)
		}
		for _, w := range s.resources(action, m.q.left, words) {
			if q := s.find(s.spelled(action), w); q != nil {
				return q
			}
		}
	}
	return nil
}

// actions lists actions to try for a witness, better looking ones first.
func (c *cases) actions(s *sketcher) []string {
	if !hasWildcard(c.g.action) {
		return []string{c.action}
	}
	if looksLikeAction(c.action) {
		return append([]string{c.action}, s.actions()...)
	}
	if !strings.Contains(c.action, ":") {
		return s.actions() // no request has such an action
	}
	return append(s.actions(), c.action)
}

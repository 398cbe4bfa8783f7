package iam

import "slices"

// languagesOf returns the compiled resources of a rule.
func (p *prover) languagesOf(r *rule) []*language {
	l, ok := p.languages[r]
	if !ok {
		for _, x := range r.patterns {
			l = append(l, x.language(&p.symbols))
		}
		p.languages[r] = l
	}
	return l
}

// cover compares the resources of the rules with all of the region's.
func (p *prover) cover(g *region, cover []*rule, key string) *coverResult {
	if slices.ContainsFunc(cover, func(r *rule) bool { return r.anyResource }) {
		return &coverResult{holds: true}
	}
	lefts := p.languagesOf(g.s)
	if g.s.notResource || g.s.anyResource {
		lefts = []*language{newPattern("*", true).language(nil)}
	}
	quick := p.indexes[key]
	if quick == nil {
		quick = newCoverIndex(p.terms(nil, cover), p.w)
		p.indexes[key] = quick
	}
	out := &coverResult{holds: true}
	var terms []term
	for _, left := range lefts {
		if quick.covers(left, p.w) {
			continue
		}
		if terms == nil {
			if !p.w.spend(4 * len(cover)) {
				out.holds = false
				break
			}
			terms = p.terms(p.limits(g), cover)
		}
		q := query{left: left, terms: terms}
		verdict, word := q.solve(p.w)
		if verdict != Holds && !q.opened().holds(p.w) {
			out.holds = false
			out.misses = append(out.misses, miss{q, word})
		}
		if len(out.misses) == maxMisses || p.w.spent() {
			break
		}
	}
	return out
}

// limits are the disjuncts by which a region has not all resources of its left
// patterns.
func (p *prover) limits(g *region) (terms []term) {
	if g.s.notResource {
		terms = append(terms, term{languages: p.languagesOf(g.s)})
	}
	if g.d != nil && !g.d.anyResource {
		terms = append(terms, term{languages: p.languagesOf(g.d), negate: !g.d.notResource})
	}
	return terms
}

// terms appends the resources of a cover as disjuncts.
func (p *prover) terms(terms []term, cover []*rule) []term {
	terms = slices.Grow(terms, len(cover))
	for _, r := range cover {
		terms = append(terms, term{languages: p.languagesOf(r), negate: r.notResource})
	}
	return terms
}

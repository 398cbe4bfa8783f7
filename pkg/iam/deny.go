package iam

import "slices"

// stillDenied proves that inner denies whatever of its Allow statement s the
// Deny statement d of outer denies.
func (p *prover) stillDenied(s, d *rule) Inclusion {
	if contradict(s.clauses, d.clauses, p.w) {
		return Inclusion{Verdict: Holds}
	}
	for _, g := range regions(s) {
		if !p.w.spend(4) {
			return p.exhausted(s)
		}
		if p.excluded(&g, g.except) {
			continue
		}
		if p.alreadyDenied(g, d) {
			continue
		}
		if p.w.spent() {
			return p.exhausted(s)
		}
		g.d, g.clauses = d, [][]clause{s.clauses, d.clauses}
		if r := p.settle(p.byCases(&g)); r.Verdict != Holds {
			return r
		}
	}
	return Inclusion{Verdict: Holds}
}

// alreadyDenied is the quick proof, which takes the clauses of one statement at a
// time and the parts of the action patterns that the two have in common.
func (p *prover) alreadyDenied(g region, d *rule) bool {
	for _, group := range p.shared(g, d) {
		if !slices.ContainsFunc(group, func(g region) bool { return p.denied(&g) }) {
			return false
		}
	}
	return true
}

// shared splits what a region of s and a Deny d of outer have in common by the
// action patterns of d. The members of a group describe the same part; where no
// pattern includes the other, neither is exact.
func (p *prover) shared(g region, d *rule) [][]region {
	g.d = d
	g.clauses = [][]clause{g.s.clauses, d.clauses}
	if d.notAction {
		if p.excluded(&g, d.actions) {
			return nil
		}
		g.except = append(append([]string(nil), g.except...), d.actions...)
		return [][]region{{g}}
	}
	var out [][]region
	for _, a := range d.actions {
		other := g
		other.action = a
		switch {
		case !p.w.spend(1) || disjointActions(a, g.action, p.w):
		case p.excluded(&other, g.except):
		case includesAction(a, g.action, p.w):
			out = append(out, []region{g})
		case includesAction(g.action, a, p.w):
			out = append(out, []region{other})
		default:
			out = append(out, []region{g, other})
		}
	}
	return out
}

// excluded reports that one of the patterns leaves nothing of the region.
func (p *prover) excluded(g *region, patterns []string) bool {
	for _, a := range patterns {
		if p.w.spend(1) && includesAction(a, g.action, p.w) {
			return true
		}
	}
	return false
}

// denied proves that Deny statements of inner cover a region.
func (p *prover) denied(g *region) bool {
	ids := p.inner.denyIndex.find(nil, g.action)
	cover := p.covering(nil, g, p.inner.denies, ids)
	return p.cover(g, cover, coverKey(cover)).holds
}

package iam

// signature is a set of rules that all apply to one action of a region, and no
// other candidate does: rules aside from their resources and conditions.
type signature struct {
	action string
	rules  []*rule
}

// maxSignatures bounds the parts into which the actions of one region fall.
const maxSignatures = 2048

// roles of an action pattern beside those of rules: what a region leaves out, and
// what it must be in.
const (
	exceptPart = iota
	denyPart
	firstRule
)

// signatures enumerates which of the rules can apply to one action of the region.
// False: there are too many, or the budget does not reach.
func (p *prover) signatures(g *region, rules []*rule) ([]signature, bool) {
	if !hasWildcard(g.action) {
		if sig, ok := p.signatureOf(g, g.action, rules); ok {
			return []signature{sig}, true
		}
		return nil, true
	}
	a := p.actionParts(g, rules)
	if len(a.terms) == 0 {
		return []signature{{fill(g.action, "x"), a.pick(nil, rules)}}, true
	}
	return a.walk(g, rules, p.w)
}

// signatureOf is the signature of one action in lower case; false when it is not
// in the region.
func (p *prover) signatureOf(g *region, action string, rules []*rule) (signature, bool) {
	sig := signature{action: action}
	if !globFold(g.action, action) || anyGlob(g.except, action) || g.d != nil && !g.d.onAction(action) {
		return sig, false
	}
	for _, r := range rules {
		if p.w.spend(1) && r.onAction(action) {
			sig.rules = append(sig.rules, r)
		}
	}
	return sig, true
}

func (r *rule) onAction(action string) bool { return anyGlob(r.actions, action) != r.notAction }

// actionParts are the action patterns that tell actions of a region apart.
type actionParts struct {
	g      *region
	terms  []term
	lists  [][]int // by part: exceptPart, denyPart, rules: their terms
	always []bool  // by part: one of its patterns takes the whole region
}

func (p *prover) actionParts(g *region, rules []*rule) *actionParts {
	a := &actionParts{g: g, lists: make([][]int, firstRule+len(rules)), always: make([]bool, firstRule+len(rules))}
	known := map[string]int{}
	enter := func(part int, patterns []string) {
		for _, x := range patterns {
			at, seen := known[x]
			if !seen {
				at = p.actionPart(a, g, x)
				known[x] = at
			}
			switch {
			case at == -2:
				a.always[part] = true
			case at >= 0:
				a.lists[part] = append(a.lists[part], at)
			}
		}
	}
	enter(exceptPart, g.except)
	if g.d != nil {
		enter(denyPart, g.d.actions)
	}
	for i, r := range rules {
		enter(firstRule+i, r.actions)
	}
	return a
}

// actionPart makes a term of a pattern: -2 when it takes the whole region, -1
// when nothing of it.
func (p *prover) actionPart(a *actionParts, g *region, pattern string) int {
	switch {
	case includesAction(pattern, g.action, p.w):
		return -2
	case !p.w.spend(1) || disjointActions(pattern, g.action, p.w):
		return -1
	}
	a.terms = append(a.terms, term{languages: []*language{actionLanguage(pattern)}})
	return len(a.terms) - 1
}

// has reports whether some pattern of a part matches; hit tells it by term.
func (a *actionParts) has(part int, hit []bool) bool {
	if a.always[part] {
		return true
	}
	for _, t := range a.lists[part] {
		if hit[t] {
			return true
		}
	}
	return false
}

// inside reports whether the region has such actions.
func (a *actionParts) inside(hit []bool) bool {
	return !a.has(exceptPart, hit) && (a.g.d == nil || a.has(denyPart, hit) != a.g.d.notAction)
}

func (a *actionParts) pick(hit []bool, rules []*rule) (out []*rule) {
	for i, r := range rules {
		if a.has(firstRule+i, hit) != r.notAction {
			out = append(out, r)
		}
	}
	return out
}

// walk runs the automaton of the region's pattern with all terms to its end.
func (a *actionParts) walk(g *region, rules []*rule, w *work) (out []signature, ok bool) {
	s := newSearch(actionLanguage(g.action).forms[0], a.terms, func(*term) int { return 0 }, w)
	s.monotone, s.total = false, s.none()
	seen := map[string]int{}
	hit := make([]bool, len(a.terms))
	ok = s.explore(func(right bits, h int) bool {
		for i := range hit {
			hit[i] = right.meets(s.accepts[i])
		}
		if !a.inside(hit) {
			return true
		}
		found := a.pick(hit, rules)
		key, action := coverKey(found), string(s.word(h))
		if at, known := seen[key]; !known {
			seen[key] = len(out)
			out = append(out, signature{action, found})
		} else if !looksLikeAction(out[at].action) {
			out[at].action = action
		}
		return len(out) <= maxSignatures
	})
	return out, ok
}

// explore visits each set of right-hand positions at the end of left, until visit
// returns false or the budget is spent; then it returns false.
func (s *search) explore(visit func(right bits, h int) bool) bool {
	if !s.prepare() {
		return false
	}
	s.push(0, s.start, -1, 0)
	for h := 0; h < len(s.nodes); h++ {
		n := s.nodes[h]
		if n.at == len(s.left) {
			if !visit(n.right, h) {
				return false
			}
			continue
		}
		if !s.expand(n, int32(h)) {
			return false
		}
	}
	return !s.w.spent()
}

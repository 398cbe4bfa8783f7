package iam

import (
	"math"
)

// groupRole says what a group of patterns does to a resource that one of them matches.
type groupRole uint8

const (
	allowRole    groupRole = iota // lets it through
	allowNotRole                  // is all that its statement does not let through: NotResource
	denyRole                      // keeps it out
	denyNotRole                   // is all that its statement does not keep out
)

// extent is a set of resources: (allow or not some allowNot) and neither deny nor
// not some denyNot. It never lacks a resource that the statements let through;
// reasons say where it has more.
type extent struct {
	length    int
	allow     [][]tok
	allowNots [][][]tok
	deny      [][]tok
	denyNots  [][][]tok
	reasons   []string
	tooLong   int
}

func newExtent(length int) *extent { return &extent{length: length} }

func (r *extent) add(s *rule) {
	if s.effect == Deny {
		r.addDeny(s)
	} else {
		r.addAllow(s)
	}
}

func (r *extent) addAllow(s *rule) {
	if len(s.clauses) > 0 {
		r.because("conditions of Allow statements are taken as met")
	}
	switch {
	case s.anyResource:
		r.allow = append(r.allow, []tok{{kind: manyTok}})
		r.because("a statement without Resource counts as one on every resource")
	case s.notResource:
		r.allowNots = append(r.allowNots, r.under(s.patterns))
	default:
		kept := r.over(s.patterns)
		r.tooLong += len(s.patterns) - len(kept)
		r.allow = append(r.allow, kept...)
	}
}

func (r *extent) addDeny(s *rule) {
	switch {
	case len(s.clauses) > 0:
		r.because("Deny statements with conditions are left out")
	case s.src.NotPrincipal != nil || s.src.Principal != nil && !s.src.Principal.Any:
		r.because("Deny statements for some principals only are left out")
	case s.anyResource:
		r.deny = append(r.deny, []tok{{kind: manyTok}})
	case s.notResource:
		r.denyNots = append(r.denyNots, r.over(s.patterns))
	default:
		r.deny = append(r.deny, r.under(s.patterns)...)
	}
}

func (r *extent) because(reason string) { r.reasons = append(r.reasons, reason) }

// over returns the patterns with * in the place of variables.
func (r *extent) over(patterns []*pattern) (out [][]tok) {
	for _, p := range patterns {
		toks := p.wide
		if len(p.vars) > 0 {
			r.because("policy variables count as any text where that lets more through")
			toks = append([]tok(nil), p.toks...)
			for i := range toks {
				if toks[i].kind == varTok {
					toks[i] = tok{kind: manyTok}
				}
			}
			toks = normalize(toks)
		}
		if shortest(toks) <= r.length {
			out = append(out, toks)
		}
	}
	return out
}

// under leaves the patterns with variables out.
func (r *extent) under(patterns []*pattern) (out [][]tok) {
	for _, p := range patterns {
		switch {
		case len(p.vars) > 0:
			r.because("policy variables count as no text where that lets less through")
		case shortest(p.wide) <= r.length:
			out = append(out, p.wide)
		}
	}
	return out
}

// shortest is the length of the shortest string that matches.
func shortest(toks []tok) (n int) {
	for _, t := range toks {
		if t.kind != manyTok {
			n++
		}
	}
	return n
}

// holds reports whether one resource is in the extent.
func (r *extent) holds(resource string) bool {
	matches := func(list [][]tok) bool {
		for _, toks := range list {
			if matchTokens(toks, resource) {
				return true
			}
		}
		return false
	}
	missed := func(groups [][][]tok) bool {
		for _, list := range groups {
			if !matches(list) {
				return true
			}
		}
		return false
	}
	return (matches(r.allow) || missed(r.allowNots)) && !matches(r.deny) && !missed(r.denyNots)
}

// count is the number of resources of at most r.length characters, false when
// the budget does not suffice.
func (r *extent) count(alphabet int, w *work) (quantity, bool) {
	c := newCounter(alphabet, w)
	c.addGroup(allowRole, r.allow)
	for _, g := range r.allowNots {
		c.addGroup(allowNotRole, g)
	}
	c.addGroup(denyRole, r.deny)
	for _, g := range r.denyNots {
		c.addGroup(denyNotRole, g)
	}
	n := c.count(r.length)
	return n, !w.spent()
}

// bound is at least the number of resources, in time linear in the patterns:
// what Deny takes away, and what two patterns share, is not looked at.
func (r *extent) bound(alphabet int) quantity {
	all := pathBound([]tok{{kind: manyTok}}, alphabet, r.length)
	if len(r.allowNots) > 0 {
		return all
	}
	var sum quantity
	for _, toks := range r.allow {
		if sum = sum.plus(pathBound(toks, alphabet, r.length)); all.less(sum) {
			return all
		}
	}
	return sum
}

// pathBound is at least the number of strings of one pattern: the number of ways
// to match it, or of the strings with its literal start and end if those are less.
func pathBound(toks []tok, alphabet, length int) quantity {
	var literals, ones, stars int
	for _, t := range toks {
		switch t.kind {
		case litTok:
			literals++
		case oneTok:
			ones++
		default:
			stars++
		}
	}
	var ways, framed quantity
	size := float64(alphabet)
	way, frame := power(size, ones), power(size, ones+literals-ends(toks))
	for free := 0; literals+ones+free <= length; free++ {
		ways, framed = ways.plus(way), framed.plus(frame)
		if stars == 0 {
			break
		}
		way, frame = way.times(size*float64(free+stars)/float64(free+1)), frame.times(size)
	}
	if framed.less(ways) {
		return framed
	}
	return ways
}

// ends counts the literals before the first wildcard and behind the last.
func ends(toks []tok) int {
	lead, tail := 0, 0
	for lead < len(toks) && toks[lead].kind == litTok {
		lead++
	}
	for tail < len(toks)-lead && toks[len(toks)-1-tail].kind == litTok {
		tail++
	}
	return lead + tail
}

// quantity is a count of any size: mant·2^exp with mant 0 or in [½, 1). Counts
// are only added and multiplied, so the relative error stays near 2^-53 a step.
type quantity struct {
	mant float64
	exp  int
}

func scaled(mant float64, exp int) quantity {
	m, e := math.Frexp(mant)
	if m == 0 {
		return quantity{}
	}
	return quantity{m, exp + e}
}

func (a quantity) plus(b quantity) quantity {
	if a.mant == 0 || b.mant != 0 && a.exp < b.exp {
		a, b = b, a
	}
	if b.mant == 0 || a.exp-b.exp > 64 {
		return a
	}
	return scaled(a.mant+math.Ldexp(b.mant, b.exp-a.exp), a.exp)
}

func (a quantity) times(k float64) quantity { return scaled(a.mant*k, a.exp) }

func (a quantity) less(b quantity) bool {
	if a.mant == 0 || b.mant == 0 || a.exp == b.exp {
		return a.mant < b.mant
	}
	return a.exp < b.exp
}

// log2 is -Inf of nothing.
func (a quantity) log2() float64 { return math.Log2(a.mant) + float64(a.exp) }

// exp2 turns a logarithm into a quantity again; NaN counts as nothing.
func exp2(log float64) quantity {
	if math.IsInf(log, -1) || math.IsNaN(log) {
		return quantity{}
	}
	whole := math.Floor(log)
	return scaled(math.Exp2(log-whole), int(whole))
}

func power(base float64, n int) quantity {
	out := scaled(1, 0)
	for range n {
		out = out.times(base)
	}
	return out
}

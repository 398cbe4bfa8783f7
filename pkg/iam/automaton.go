package iam

import "slices"

// term is one disjunct over the right-hand patterns: some of them match, or with
// negate none of them does.
type term struct {
	languages []*language
	negate    bool
}

// query asks whether every string of left satisfies at least one term.
type query struct {
	left  *language
	terms []term
	// strict looks for a counterexample only: one on which all readings agree.
	strict bool
}

// solve answers under all three readings. The string is a counterexample under
// one of them; it may hold symbols of variables. Patterns that language.covers
// alone can judge, those with variables in their head, are left aside: try
// covering first.
func (q query) solve(w *work) (Verdict, []rune) {
	terms, split := q.relevant(w)
	for _, t := range terms {
		if t.negate && len(t.languages) == 0 {
			return Holds, nil
		}
	}
	if q.strict {
		return newSearch(q.left.forms[2], terms, strictForm, w).run()
	}
	for k := range 3 {
		verdict, word := newSearch(q.left.forms[k], terms, func(*term) int { return k }, w).run()
		if verdict != Holds || !split {
			return verdict, word
		}
	}
	return Holds, nil
}

// opened is q with every variable taken for any text: left and the patterns under
// negation grow, and the other patterns with variables go. What holds for it
// holds for q. It is empty where q has no variable.
func (q query) opened() query {
	vars := q.left.vars
	out := query{left: q.left.opened()}
	for _, t := range q.terms {
		u := term{negate: t.negate}
		usable := true
		for _, l := range t.languages {
			vars = vars || l.vars
			o := l.opened()
			switch {
			case l.vars && !t.negate:
			case o == nil:
				usable = false
			default:
				u.languages = append(u.languages, o)
			}
		}
		if usable && (t.negate || len(u.languages) > 0) {
			out.terms = append(out.terms, u)
		}
	}
	if !vars {
		out.left = nil
	}
	return out
}

// holds solves a query that opened made.
func (q query) holds(w *work) bool {
	if q.left == nil {
		return false
	}
	verdict, _ := q.solve(w)
	return verdict == Holds
}

// strictForm is the reading that makes a term easiest to satisfy.
func strictForm(t *term) int {
	if t.negate {
		return 2
	}
	return 0
}

// relevant drops the patterns that cannot match any string of left, and the
// terms that cannot be used: a variable is opaque, which makes a pattern match
// too little, and that is wrong under negation.
func (q query) relevant(w *work) (out []term, split bool) {
	split = q.left.split
	given := q.positive()
	for _, t := range q.terms {
		kept, usable := t.near(q.left, given)
		w.spend(len(t.languages) / 4)
		if !usable {
			continue
		}
		for _, l := range kept {
			split = split || l.split
		}
		out = append(out, term{kept, t.negate})
	}
	return out, split
}

// positive lists the patterns with variables of the terms that are not
// negated, by their text. What matches one of them needs no negated term, so
// negated terms may do without the same pattern.
func (q query) positive() map[string]bool {
	out := map[string]bool{}
	for _, t := range q.terms {
		for _, l := range t.languages {
			if !t.negate && l.vars {
				out[l.src] = true
			}
		}
	}
	return out
}

func (t *term) near(left *language, given map[string]bool) (kept []*language, usable bool) {
	for _, l := range t.languages {
		if l.apart(left) || t.negate && l.vars && given[l.src] {
			continue
		}
		shifts := l.headVar || left.headVar && !l.any
		if t.negate && (l.vars || left.vars) {
			return nil, false
		}
		if shifts {
			continue // covers has tried what is sound for it
		}
		kept = append(kept, l)
	}
	return kept, t.negate || len(kept) > 0
}

// search walks the product of the left pattern with the subset construction of
// the right patterns, whose positions are bits.
type search struct {
	left     []tok
	terms    []term
	w        *work
	words    int
	star     bits // positions of *
	ordinary bits // wildcards: they eat any character
	colon    bits // wildcards that eat ':'
	symbol   bits // * that eats a variable of any value
	total    bits // a final free * of a term that is not negated: all that follows is accepted
	literal  map[rune]bits
	accepts  []bits // by term
	start    bits
	letters  []rune // what a wildcard of left has to try
	monotone bool

	nodes []state
	best  [][]int32         // by left position, when monotone: the antichain
	seen  []map[string]bool // by left position, otherwise
}

// state is a reached pair of left position and right positions.
type state struct {
	at    int
	right bits
	from  int32 // node before, -1 for the first
	r     rune  // read on the way, 0 for nothing
}

func newSearch(left []tok, terms []term, form func(*term) int, w *work) *search {
	s := &search{left: left, terms: terms, w: w, monotone: true, literal: map[rune]bits{}}
	size := 0
	for i := range terms {
		for _, l := range terms[i].languages {
			size += len(l.forms[form(&terms[i])]) + 1
		}
		s.monotone = s.monotone && !terms[i].negate
	}
	s.words = size/64 + 1
	if !w.spend(s.words * (len(terms) + 8)) {
		return s // run finds the budget spent
	}
	s.star, s.ordinary, s.colon = s.none(), s.none(), s.none()
	s.symbol, s.total, s.start = s.none(), s.none(), s.none()
	at := 0
	for i := range terms {
		accept := s.none()
		for _, l := range terms[i].languages {
			at = s.load(l.forms[form(&terms[i])], at, !terms[i].negate)
			accept.set(at - 1)
		}
		s.accepts = append(s.accepts, accept)
	}
	s.start = s.closed(s.start)
	s.alphabet()
	return s
}

func (s *search) none() bits { return make(bits, s.words) }

// load enters one pattern at a position and returns the one behind it.
func (s *search) load(toks []tok, at int, positive bool) int {
	s.start.set(at)
	for i, t := range toks {
		switch t.kind {
		case litTok:
			s.letter(t.r, at)
		case foldTok:
			for _, r := range orbit(t.r) {
				s.letter(r, at)
			}
		default:
			s.wildcard(t, at)
			if positive && i+1 == len(toks) && t.kind == manyTok && !t.noColon {
				s.total.set(at)
			}
		}
		at++
	}
	return at + 1
}

// letter enters a position that eats r alone. With the budget spent it is left
// out: no search is run then.
func (s *search) letter(r rune, at int) {
	b := s.literal[r]
	if b == nil {
		if !s.w.spend(s.words) {
			return
		}
		b = s.none()
		s.literal[r] = b
	}
	b.set(at)
}

func (s *search) wildcard(t tok, at int) {
	s.ordinary.set(at)
	if !t.noColon {
		s.colon.set(at)
	}
	if t.kind == manyTok {
		s.star.set(at)
		if !t.noColon {
			s.symbol.set(at)
		}
	}
}

// alphabet collects the characters that the right side tells apart, ':' and one
// that it does not know, preferably a readable one.
func (s *search) alphabet() {
	s.letters = []rune{':'}
	for _, r := range sortedRunes(s.literal) {
		if r != ':' && r < symbolBase {
			s.letters = append(s.letters, r)
		}
	}
	s.letters = append(s.letters, s.fresh())
}

func (s *search) fresh() rune {
	for _, r := range "xyzwvutqjk0123456789XYZ_-" {
		if s.literal[r] == nil {
			return r
		}
	}
	r := rune(0xE000)
	for s.literal[r] != nil {
		r++
	}
	return r
}

// closed adds what a * reaches by eating nothing. Patterns are normalized: no *
// follows another, so one step is enough.
func (s *search) closed(b bits) bits {
	carry := uint64(0)
	for i := range b {
		x := b[i] & s.star[i]
		b[i] |= x<<1 | carry
		carry = x >> 63
	}
	return b
}

// step reads one rune on the right side.
func (s *search) step(b bits, r rune) bits {
	out := s.none()
	wild, literal := s.ordinary, s.literal[r]
	switch {
	case r == ':':
		wild = s.colon
	case r >= symbolBase:
		wild = s.symbol
	}
	carry := uint64(0)
	for i := range b {
		m := wild[i]
		if literal != nil {
			m |= literal[i]
		}
		x := b[i] & m
		move := x &^ s.star[i]
		out[i] = x&s.star[i] | move<<1 | carry
		carry = move >> 63
	}
	return s.closed(out)
}

// nodeCost is what a node takes beside its set, in words; so does a position of
// left.
const nodeCost = 8

// prepare makes room to remember the nodes of each left position.
func (s *search) prepare() bool {
	if !s.w.spend(len(s.left) / 2 * nodeCost) {
		return false
	}
	if s.monotone {
		s.best = make([][]int32, len(s.left)+1)
	} else {
		s.seen = make([]map[string]bool, len(s.left)+1)
	}
	return true
}

// run searches breadth first, so that a counterexample is short.
func (s *search) run() (Verdict, []rune) {
	if !s.prepare() {
		return Undecided, nil
	}
	s.push(0, s.start, -1, 0)
	for h := 0; h < len(s.nodes); h++ {
		n := s.nodes[h]
		if n.at == len(s.left) {
			if !s.satisfied(n.right) {
				return Fails, s.word(h)
			}
			continue
		}
		if !s.expand(n, int32(h)) {
			return Undecided, nil
		}
	}
	if s.w.spent() {
		return Undecided, nil
	}
	return Holds, nil
}

// expand pushes all successors; false means that the budget is spent.
func (s *search) expand(n state, h int32) bool {
	t := s.left[n.at]
	if t.kind == litTok {
		s.push(n.at+1, s.step(n.right, t.r), h, t.r)
		return !s.w.spent()
	}
	next := n.at + 1 - stays(t)
	for _, r := range s.letters {
		if t.eats(r) {
			s.push(next, s.step(n.right, r), h, r)
		}
	}
	return !s.w.spent()
}

// push adds a node unless one reached before makes it useless, and the nodes
// that a * of left reaches by eating nothing.
func (s *search) push(at int, right bits, from int32, r rune) {
	for {
		if !s.w.spend(s.words + 1) {
			return
		}
		if !right.meets(s.total) && s.isNew(at, right) {
			s.nodes = append(s.nodes, state{at, right, from, r})
			s.w.spend(nodeCost)
		}
		if at == len(s.left) || s.left[at].kind != manyTok {
			return
		}
		at++
	}
}

func (s *search) isNew(at int, right bits) bool {
	if !s.monotone {
		if s.seen[at] == nil {
			s.seen[at] = map[string]bool{}
		}
		k := right.key()
		if s.seen[at][k] {
			return false
		}
		s.seen[at][k] = true
		return true
	}
	s.w.spend(len(s.best[at]) * s.words / 4)
	for _, h := range s.best[at] {
		if s.nodes[h].right.within(right) {
			return false
		}
	}
	keep := s.best[at][:0]
	for _, h := range s.best[at] {
		if !right.within(s.nodes[h].right) {
			keep = append(keep, h)
		}
	}
	s.best[at] = append(keep, int32(len(s.nodes)))
	return true
}

func (s *search) satisfied(right bits) bool {
	for i, t := range s.terms {
		if right.meets(s.accepts[i]) != t.negate {
			return true
		}
	}
	return false
}

// word reads the runes on the way to a node.
func (s *search) word(h int) []rune {
	var out []rune
	for i := int32(h); i >= 0; i = s.nodes[i].from {
		if s.nodes[i].r != 0 {
			out = append(out, s.nodes[i].r)
		}
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

func sortedRunes(m map[rune]bits) []rune {
	out := make([]rune, 0, len(m))
	for r := range m {
		out = append(out, r)
	}
	slices.Sort(out)
	return out
}

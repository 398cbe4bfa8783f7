package iam

// symbolBase is the first rune that stands for a policy variable. It is beyond
// Unicode, so no text holds one.
const symbolBase = 0x200000

// symbols gives each policy variable one opaque rune: the same variable has the
// same value throughout a request, whatever it is.
type symbols struct {
	byName map[string]rune
	list   []variable
}

func (s *symbols) of(v variable) rune {
	if s.byName == nil {
		s.byName = map[string]rune{}
	}
	r, ok := s.byName[v.name()]
	if !ok {
		r = symbolBase + rune(len(s.list))
		s.byName[v.name()] = r
		s.list = append(s.list, v)
	}
	return r
}

// language is the set of resources that a pattern accepts, with variables as
// opaque symbols, under each reading.
type language struct {
	src     string   // "" when it was not made from a pattern
	forms   [3][]tok // wide, tail, narrow
	split   bool
	any     bool
	exact   bool // one string
	vars    bool
	headVar bool   // a variable in the first five segments: its value may hold ':' and shift them
	dollar  bool   // src has "${" as plain text, so equal sources may differ
	prefix  string // literal text that every string begins with
	pattern *pattern
}

// language compiles p; t may be nil for patterns without variables.
func (p *pattern) language(t *symbols) *language {
	l := &language{src: p.src, any: p.any, exact: p.exact, vars: len(p.vars) > 0, dollar: p.dollar, prefix: p.prefix, pattern: p}
	if p.any {
		l.forms = [3][]tok{p.wide, p.wide, p.wide}
		return l
	}
	lo := p.layout
	if l.vars {
		toks, segments := append([]tok(nil), p.toks...), 1
		for i, t2 := range toks {
			switch {
			case t2.kind == varTok:
				toks[i] = tok{r: t.of(p.vars[t2.r])}
				l.headVar = l.headVar || segments < 6
			case t2 == tok{r: ':'}:
				segments++
			}
		}
		lo = lay(toks)
	}
	l.forms, l.split = [3][]tok{lo.wide, lo.tail, lo.narrow}, lo.split
	return l
}

// opened takes variables for any text, under all readings: the wide one takes the
// most, unless the pattern is short and the narrow one would complete it; nil then.
func (l *language) opened() *language {
	if !l.vars {
		return l
	}
	toks := make([]tok, 0, len(l.forms[0]))
	for _, t := range l.forms[0] {
		if t.kind == litTok && t.r >= symbolBase {
			t = tok{kind: manyTok}
		}
		toks = append(toks, t)
	}
	if colons(toks) < 5 {
		return nil
	}
	o := textLanguage(normalize(toks))
	o.prefix = l.prefix
	return o
}

// bound puts a context's values in place of variables; nil when one has none, so
// that nothing matches.
func (l *language) bound(c *Context) *language {
	if !l.vars {
		return l
	}
	toks, known := l.pattern.expand(c, maxWord)
	if known != yes {
		return nil
	}
	lo := lay(toks)
	return &language{forms: [3][]tok{lo.wide, lo.tail, lo.narrow}, split: lo.split}
}

// textLanguage is the language of a pattern without colon readings.
func textLanguage(toks []tok) *language {
	return &language{forms: [3][]tok{toks, toks, toks}}
}

// actionLanguage compiles an action pattern.
func actionLanguage(pattern string) *language {
	toks, _ := tokenize(lowerASCII(pattern), true, true)
	return textLanguage(normalize(toks))
}

// same reports whether two languages are equal by their text.
func (l *language) same(o *language) bool {
	return l.src != "" && l.src == o.src && l.dollar == o.dollar
}

// apart reports whether literal beginnings prove two languages disjoint, for
// every value of every variable.
func (l *language) apart(o *language) bool {
	n := min(len(l.prefix), len(o.prefix))
	if l.prefix[:n] != o.prefix[:n] {
		return true
	}
	return l.exact && !l.split && len(l.prefix) < len(o.prefix) || o.exact && !o.split && len(o.prefix) < len(l.prefix)
}

// covers reports quickly that l includes left under every reading. No means
// only that the quick test did not find it.
func (l *language) covers(left *language, w *work) bool {
	if l.any || l.same(left) {
		return true
	}
	if l.headVar || left.headVar || l.apart(left) || !w.spend(len(left.forms[0])/8+1) {
		return false
	}
	if !l.split && !left.split {
		return coverTokens(l.forms[0], left.forms[0])
	}
	for k := range l.forms {
		if !coverTokens(l.forms[k], left.forms[k]) {
			return false
		}
	}
	return true
}

// within reports that outer includes l under every reading.
func (l *language) within(outer *language, w *work) bool {
	if outer.covers(l, w) {
		return true
	}
	answer, _ := query{left: l, terms: []term{{languages: []*language{outer}}}}.solve(w)
	return answer == Holds
}

// coverTokens matches q against p with each wildcard of p read as one character
// that only wildcards of q accept. A match proves p ⊆ q; without ? in q and
// barred wildcards it is necessary too.
func coverTokens(q, p []tok) bool {
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(p) {
		switch {
		case i < len(q) && q[i].kind == manyTok:
			star, mark = i, j
			i++
		case i < len(q) && q[i].accepts(p[j]):
			i, j = i+1, j+1
		case star >= 0 && q[star].accepts(p[mark]):
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	return onlyStars(q[i:])
}

// accepts reports whether t eats whatever the token p of another pattern stands for.
func (t tok) accepts(p tok) bool {
	switch {
	case t.kind == litTok:
		return p.kind == litTok && p.r == t.r
	case p.kind == manyTok && t.kind == oneTok:
		return false
	case p.kind != litTok:
		return !t.noColon || p.noColon
	case p.r >= symbolBase:
		return t.kind == manyTok && !t.noColon
	}
	return !t.noColon || p.r != ':'
}

// disjointTokens reports that no string, and for symbols no value, is in both:
// the product of the two automata accepts nothing.
func disjointTokens(p, q []tok, w *work) bool {
	wide := len(q) + 1
	words := (len(p)+1)*wide/64 + 1
	if !w.spend(words) {
		return false
	}
	var few [32]uint64 // enough for most pairs, without the heap
	seen := bits(few[:])
	if words > len(few) {
		seen = make(bits, words)
	}
	var room [64]int
	stack := append(room[:0], 0)
	push := func(i, j int) {
		if at := i*wide + j; !seen.has(at) {
			seen.set(at)
			stack = append(stack, at)
		}
	}
	for len(stack) > 0 {
		if !w.spend(1) {
			return false
		}
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		i, j := at/wide, at%wide
		if i == len(p) && j == len(q) {
			return false
		}
		if i < len(p) && p[i].kind == manyTok {
			push(i+1, j)
		}
		if j < len(q) && q[j].kind == manyTok {
			push(i, j+1)
		}
		if i < len(p) && j < len(q) && meets(p[i], q[j]) {
			push(i+1-stays(p[i]), j+1-stays(q[j]))
		}
	}
	return true
}

func stays(t tok) int {
	if t.kind == manyTok {
		return 1
	}
	return 0
}

// meets reports whether one character can be eaten by both tokens.
func meets(a, b tok) bool {
	switch {
	case a.kind == litTok && b.kind == litTok:
		return a.r == b.r
	case a.kind == litTok:
		return b.eats(a.r)
	case b.kind == litTok:
		return a.eats(b.r)
	}
	return true
}

// includesAction decides whether one action pattern includes another.
func includesAction(outer, inner string, w *work) bool {
	if outer == "*" || outer == inner {
		return true
	}
	if !hasWildcard(inner) {
		return globFold(outer, inner)
	}
	if !globFold(outer, inner) {
		return false // inner, read as a string, is one of its own
	}
	return actionLanguage(inner).within(actionLanguage(outer), w)
}

// disjointActions decides whether two lower-case action patterns share no action.
func disjointActions(a, b string, w *work) bool {
	switch {
	case !hasWildcard(a):
		return !globFold(b, a)
	case !hasWildcard(b):
		return !globFold(a, b)
	case headsApart(a, b):
		return true
	}
	return disjointTokens(actionLanguage(a).forms[0], actionLanguage(b).forms[0], w)
}

// headsApart reports that two lower-case action patterns differ before the first
// wildcard of either.
func headsApart(a, b string) bool {
	for i := range min(len(a), len(b)) {
		switch {
		case isWild(a[i]) || isWild(b[i]):
			return false
		case a[i] != b[i]:
			return true
		}
	}
	return false
}

func isWild(c byte) bool { return c == '*' || c == '?' }

package iam

import (
	"strconv"
	"strings"
)

// Bounds of the search for witnesses.
const (
	maxTries    = 2000 // evaluations for one region
	maxStrict   = 6    // automaton searches for one region
	maxSearches = 50   // regions of one query
	maxWord     = 4096 // characters of a resource; the longest ARN has 2,048
)

// strict is q for one action, looking for a resource on which all readings
// agree: beside the cover it has to escape from every unconditional statement
// that would make the action allowed by outer or denied by inner.
func (s *sketcher) strict(q query, action string) query {
	terms := append([]term(nil), q.terms...)
	add := func(index *actionIndex, rules []*rule) {
		for _, id := range index.find(nil, lowerASCII(action)) {
			r := rules[id]
			applies := !r.notAction || !anyGlob(r.actions, lowerASCII(action))
			if applies && len(r.clauses) == 0 && !r.anyResource {
				terms = append(terms, term{s.p.languagesOf(r), r.notResource})
			}
		}
	}
	if s.g.d == nil {
		add(&s.p.outer.allowIndex, s.p.outer.allows)
	}
	add(&s.p.inner.denyIndex, s.p.inner.denies)
	return query{left: q.left, terms: terms, strict: true}
}

// better lists resources to try before the one that a miss has: one on which all
// readings agree, with variables as bound and as symbols.
func (s *sketcher) better(m miss, action string) [][]rune {
	words := [][]rune{m.word}
	q := s.strict(m.q, action)
	if v, word := q.solve(s.p.w); v == Fails {
		words = [][]rune{word, m.word}
	}
	if !s.binds {
		return words
	}
	if b, ok := q.bound(&Context{Values: s.model}); ok {
		if v, word := b.solve(s.p.w); v == Fails {
			words = append([][]rune{word}, words...)
		}
	}
	return words
}

// bindAll gives a value of its own to every variable of a query that the model
// leaves open, and reports whether there is a variable.
func (s *sketcher) bindAll(q query) (any bool) {
	bind := func(l *language) {
		if !l.vars {
			return
		}
		any, s.binds = true, true
		for _, v := range l.pattern.vars {
			if len(s.model[v.key]) != 1 {
				s.model[v.key] = []string{"xyz" + strconv.Itoa(len(s.model))}
			}
		}
	}
	bind(q.left)
	for _, t := range q.terms {
		for _, l := range t.languages {
			bind(l)
		}
	}
	return any
}

// bound is q with values in place of variables; false where there are none, or
// left has a variable without value.
func (q query) bound(c *Context) (query, bool) {
	vars := q.left.vars
	out := query{left: q.left.bound(c), strict: q.strict}
	for _, t := range q.terms {
		u := term{negate: t.negate}
		for _, l := range t.languages {
			vars = vars || l.vars
			if b := l.bound(c); b != nil {
				u.languages = append(u.languages, b)
			}
		}
		if t.negate || len(u.languages) > 0 {
			out.terms = append(out.terms, u)
		}
	}
	return out, vars && out.left != nil
}

func anyGlob(patterns []string, action string) bool {
	for _, p := range patterns {
		if globFold(p, action) {
			return true
		}
	}
	return false
}

func (g *region) resource(left *language) string {
	if g.s.notResource {
		return "NotResource"
	}
	return left.src
}

// sketcher looks for a request in a region that inner allows and outer denies.
type sketcher struct {
	binds bool // the model has a value for every variable
	p     *prover
	g     *region
	tries int
	model map[string][]string  // the context to begin with
	byKey map[string][]*clause // of both policies
}

func newSketcher(p *prover, g *region) *sketcher {
	s := &sketcher{p: p, g: g, byKey: map[string][]*clause{}}
	for _, set := range []*Set{p.inner.set, p.outer.set} {
		for i := range set.statements {
			for j := range set.statements[i].clauses {
				k := &set.statements[i].clauses[j]
				if len(s.byKey[k.key]) < 32 {
					s.byKey[k.key] = append(s.byKey[k.key], k)
				}
			}
		}
	}
	return s
}

// actions lists actions of the region: fillings of its pattern, then those that
// the policies' own patterns suggest.
func (s *sketcher) actions() []string {
	const most = 64
	pattern := s.g.action
	for _, a := range s.g.s.src.Action {
		if lowerASCII(a) == pattern {
			pattern = a
		}
	}
	var out []string
	add := func(a string) {
		if len(out) < most && strings.Contains(a, ":") && s.inRegion(a) {
			out = append(out, a)
		}
	}
	if pattern == "*" {
		add("service:Action")
	}
	add(fill(pattern, "x"))
	add(fill(pattern, ""))
	for _, set := range []*Set{s.p.outer.set, s.p.inner.set} {
		for i := range set.statements {
			r := set.statements[i].src
			for _, a := range pick(r.NotAction, r.Action) {
				add(fill(a, "x"))
			}
			if len(out) >= most {
				return out
			}
		}
	}
	return out
}

func (s *sketcher) inRegion(action string) bool {
	_, ok := s.p.signatureOf(s.g, lowerASCII(action), nil)
	return ok
}

// fill puts text in place of each * and "x" in place of each ?.
func fill(pattern, text string) string {
	return strings.NewReplacer("*", text, "?", "x").Replace(pattern)
}

// resources lists the resources to try: for "*" one that looks like an ARN first.
func (s *sketcher) resources(action string, left *language, words [][]rune) [][]rune {
	if !left.any {
		return words
	}
	service, _, _ := strings.Cut(lowerASCII(action), ":")
	return append([][]rune{[]rune("arn:aws:" + service + ":us-east-1:111122223333:x")}, words...)
}

// find completes action and resource by a context.
func (s *sketcher) find(action string, word []rune) *Request {
	if len(word) > maxWord {
		return nil
	}
	r := &Request{Action: action, Context: Context{Values: map[string][]string{}}}
	for k, v := range s.model {
		r.Context.Values[k] = v
	}
	s.bindVariables(r, word)
	if !s.satisfy(r) {
		return nil
	}
	for range 24 {
		r.Resource = s.spell(r, word)
		cost := (len(s.p.outer.set.statements) + len(s.p.inner.set.statements)) * (len(word)/4 + 16)
		if s.tries++; s.tries > maxTries || !s.p.w.spend(cost) {
			return nil
		}
		inner, witness := s.p.shows(r)
		if witness {
			return r
		}
		if inner == Allowed && !s.avoid(r, s.p.outer.set, Allow) || inner != Allowed && !s.avoid(r, s.p.inner.set, Deny) {
			return nil
		}
	}
	return nil
}

// bindVariables gives a value to the variables that the resource or the
// statement's conditions use.
func (s *sketcher) bindVariables(r *Request, word []rune) {
	bind := func(v variable) {
		if _, ok := r.Context.Values[v.key]; !ok {
			r.Context.Values[v.key] = []string{"xyz"} // longer than ? accepts
		}
	}
	for _, c := range word {
		if c >= symbolBase {
			bind(s.p.symbols.list[c-symbolBase])
		}
	}
	for i := range s.g.s.clauses {
		for _, v := range s.g.s.clauses[i].values {
			if v.text == nil {
				continue
			}
			for _, x := range v.text.vars {
				bind(x)
			}
		}
	}
}

// spell writes the resource with the variables' values.
func (s *sketcher) spell(r *Request, word []rune) string {
	var b strings.Builder
	for _, c := range word {
		if c < symbolBase {
			b.WriteRune(c)
			continue
		}
		v := s.p.symbols.list[c-symbolBase]
		switch values := r.Context.Values[v.key]; {
		case len(values) == 1:
			b.WriteString(values[0])
		case v.hasDefault:
			b.WriteString(v.fallback)
		}
	}
	return b.String()
}

// satisfy sets the keys of the region's conditions so that all clauses hold.
func (s *sketcher) satisfy(r *Request) bool {
	for _, list := range s.g.clauses {
		for i := range list {
			if list[i].holds(&r.Context) == yes && s.keeps(r, list[i].key) {
				continue
			}
			if !s.choose(r, list[i].key, func() bool { return true }) {
				return false
			}
		}
	}
	return true
}

// keeps reports whether the region's clauses on a key hold.
func (s *sketcher) keeps(r *Request, key string) bool {
	for _, list := range s.g.clauses {
		for i := range list {
			if list[i].key == key && list[i].holds(&r.Context) != yes {
				return false
			}
		}
	}
	return true
}

// choose tries values for a key, absence first, until the region's clauses on it
// hold and ok agrees. The context is as before when none does.
func (s *sketcher) choose(r *Request, key string, ok func() bool) bool {
	before, had := r.Context.Values[key]
	delete(r.Context.Values, key)
	if s.keeps(r, key) && ok() {
		return true
	}
	for _, v := range s.options(r, key) {
		r.Context.Values[key] = []string{v}
		if s.keeps(r, key) && ok() {
			return true
		}
	}
	delete(r.Context.Values, key)
	if had {
		r.Context.Values[key] = before
	}
	return false
}

// avoid changes the context so that one of the set's statements with the given
// effect, which applies now, applies no more.
func (s *sketcher) avoid(r *Request, set *Set, effect Effect) bool {
	changed := false
	set.each(r, func(rule *rule, _ verdict) bool {
		if rule.effect != effect {
			return true
		}
		for i := range rule.clauses {
			k := &rule.clauses[i]
			if changed = s.choose(r, k.key, func() bool { return k.holds(&r.Context) == no }); changed {
				break
			}
		}
		return false
	})
	return changed
}

// options lists values worth trying for a key: what the clauses on it accept,
// values next to them, and some of every kind.
func (s *sketcher) options(r *Request, key string) []string {
	var out []string
	for _, k := range s.byKey[key] {
		for i := range k.values {
			out = append(out, k.values[i].near(k.op.operand, &r.Context)...)
		}
	}
	return append(out, "x", "other", "true", "false", "0", "1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z",
		"192.0.2.1", "2001:db8::1", "arn:aws:iam::111122223333:role/x")
}

// spelled is the action as the statement spells it, where it does.
func (s *sketcher) spelled(action string) string {
	for _, a := range s.g.s.src.Action {
		if lowerASCII(a) == action {
			return a
		}
	}
	return action
}

// looksLikeAction reports "service:Name".
func looksLikeAction(a string) bool {
	service, name, found := strings.Cut(a, ":")
	return found && service != "" && name != ""
}

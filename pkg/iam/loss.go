package iam

import (
	"fmt"
	"slices"
	"strings"
)

// loss is what a statement of old loses in one way.
type loss struct {
	why            Loss
	resources, not Strings
	kept           []Keep
	deny           *Denial
	denier         *rule // what deny describes
	verdict        Verdict
	witness        *Request // of the group it was found for
	witnesses      []*Request
	cells          []treeCells
}

// key is equal for losses that differ in their actions alone.
func (l *loss) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d %q %q", l.why, l.verdict, l.resources, l.not)
	for _, k := range l.kept {
		b.WriteString(k.key())
		fmt.Fprintf(&b, "%q", k.Resources)
	}
	if l.deny != nil {
		fmt.Fprintf(&b, "%d %d", l.deny.Doc, l.deny.Statement)
	}
	return b.String()
}

// key tells keeps apart whose Resources cannot be listed together.
func (k *Keep) key() string {
	return fmt.Sprintf("%q %q %v %v", k.NotResources, k.Conditions.lines(), k.Principal, k.NotPrincipal)
}

// scope is one resource pattern of a statement, or its whole NotResource.
type scope struct {
	patterns []*pattern
	not, any bool // any: the statement has neither element
}

func scopesOf(s *rule) []scope {
	if s.anyResource {
		return []scope{{any: true}}
	}
	if s.notResource {
		return []scope{{patterns: s.patterns, not: true}}
	}
	var out []scope
	seen := map[string]bool{}
	for _, p := range s.patterns {
		if !seen[p.src] {
			out = append(out, scope{patterns: []*pattern{p}})
		}
		seen[p.src] = true
	}
	return out
}

func (x *subtraction) language(p *pattern) *language {
	l := x.languages[p]
	if l == nil {
		l = p.language(&x.symbols)
		x.languages[p] = l
	}
	return l
}

// takes reports that the resources of r include a scope, as a look at single
// patterns tells.
func (x *subtraction) takes(r *rule, sc scope) bool {
	switch {
	case r.anyResource:
		return true
	case r.notResource && sc.not:
		return x.eachWithin(r.patterns, sc.patterns)
	case r.notResource:
		return !sc.any && !slices.ContainsFunc(r.patterns, func(p *pattern) bool { return !x.language(p).apart(x.language(sc.patterns[0])) })
	case sc.not || sc.any:
		return slices.ContainsFunc(r.patterns, func(p *pattern) bool { return p.any })
	}
	return x.eachWithin(sc.patterns, r.patterns)
}

// eachWithin: each pattern of inner is included by one of outer.
func (x *subtraction) eachWithin(inner, outer []*pattern) bool {
	for _, p := range inner {
		l := x.language(p)
		if !slices.ContainsFunc(outer, func(q *pattern) bool { return x.within(l, q) }) {
			return false
		}
	}
	return true
}

func (x *subtraction) within(l *language, q *pattern) bool {
	if q.any {
		return true
	}
	o := x.language(q)
	return x.w.spend(1) && !o.apart(l) && (o.same(l) || !q.exact || q.split) && l.within(o, x.w)
}

// meetsScope reports that a pattern could share a resource with a scope.
func (x *subtraction) meetsScope(p *pattern, sc scope) bool {
	switch {
	case sc.any || p.any:
		return true
	case sc.not:
		return !slices.ContainsFunc(sc.patterns, func(q *pattern) bool { return x.within(x.language(p), q) })
	}
	a, b := x.language(p), x.language(sc.patterns[0])
	if a.any || b.any || a.vars || b.vars || a.split || b.split {
		return a.any || b.any || !a.apart(b)
	}
	return !a.apart(b) && x.w.spend(1) && !disjointTokens(a.forms[0], b.forms[0], x.w)
}

// ruleMeets reports that a statement could share a resource with a scope.
func (x *subtraction) ruleMeets(r *rule, sc scope) bool {
	switch {
	case r.anyResource || sc.any:
		return true
	case !r.notResource:
		return slices.ContainsFunc(r.patterns, func(p *pattern) bool { return x.meetsScope(p, sc) })
	case sc.not:
		return true
	}
	return !slices.ContainsFunc(r.patterns, func(p *pattern) bool { return x.within(x.language(sc.patterns[0]), p) })
}

// groupLosses tells what of a statement is lost on the actions of a group. same:
// new has the statement as it is, so that only Deny statements can take from it.
func (x *subtraction) groupLosses(s *rule, t *cellTree, g *cellGroup, same bool) []loss {
	for _, o := range g.old {
		if o.full && x.deniesAll(&x.old.set.statements[o.id], s) {
			return nil
		}
	}
	denies, whole := x.denies(s, g)
	var out []loss
	for _, d := range denies {
		if !x.w.spend(8 * (len(s.patterns) + len(d.patterns) + 1)) {
			return nil // statement says so
		}
		if l, some := x.denyLoss(s, t, g, d); some {
			out = append(out, l)
		}
	}
	if same || whole {
		return out
	}
	return append(x.allowLosses(s, t, g), out...)
}

// denies lists the Deny statements that only new has and that bear on a group. One
// that denies all of it, the first by its text, is enough: whole.
func (x *subtraction) denies(s *rule, g *cellGroup) (out []*rule, whole bool) {
	best := ""
	for _, n := range g.new {
		d := &x.new.set.statements[n.id]
		text, fresh := x.fresh[d]
		if !fresh || !x.w.spend(1) {
			continue
		}
		if n.full && (!whole || text < best) && x.deniesAll(d, s) {
			out, whole, best = []*rule{d}, true, text
		}
		if !whole {
			out = append(out, d)
		}
	}
	return out, whole
}

// deniesAll: a Deny statement for all actions in question denies all that s allows.
func (x *subtraction) deniesAll(d, s *rule) bool {
	if !x.samePrincipal(d, s) || !x.implies(s, d) {
		return false
	}
	return !slices.ContainsFunc(scopesOf(s), func(sc scope) bool { return !x.takes(d, sc) })
}

// keepers are Allow statements of new for all actions of a group.
type keepers struct {
	plain       []*rule // whatever old allows
	conditional []*rule // under further conditions
	others      []*rule // for other principals
}

func (x *subtraction) keepers(s *rule, g *cellGroup) (k keepers) {
	for _, n := range g.new {
		r := &x.new.set.statements[n.id]
		switch {
		case r.effect != Allow || !n.full:
		case !x.samePrincipal(r, s):
			k.others = append(k.others, r)
		case x.implies(s, r):
			k.plain = append(k.plain, r)
		default:
			k.conditional = append(k.conditional, r)
		}
	}
	return k
}

// allowLosses tells what no Allow statement of new allows.
func (x *subtraction) allowLosses(s *rule, t *cellTree, g *cellGroup) []loss {
	keep := x.keepers(s, g)
	var out []loss
	var scopes [][]scope
	for _, sc := range scopesOf(s) {
		if !x.w.spend(8) {
			return nil // statement says so
		}
		if slices.ContainsFunc(keep.plain, func(r *rule) bool { return x.takes(r, sc) }) {
			continue
		}
		v, w := x.prove(claim{s: s, tree: t, group: g, scopes: []scope{sc}})
		if v == Holds {
			continue
		}
		why := x.why(keep, sc)
		at := slices.IndexFunc(out, func(l loss) bool { return l.why == why && l.verdict == v })
		if at < 0 {
			out, scopes, at = append(out, loss{why: why, verdict: v, witness: w}), append(scopes, nil), len(out)
		}
		out[at].add(sc)
		scopes[at] = append(scopes[at], sc)
	}
	for i := range out {
		if out[i].why != LossDropped {
			out[i].kept = x.kept(s, keep, scopes[i])
		}
		slices.Sort(out[i].resources)
	}
	return out
}

func (l *loss) add(sc scope) {
	for _, p := range sc.patterns {
		if sc.not {
			l.not = append(l.not, p.src)
		} else {
			l.resources = append(l.resources, p.src)
		}
	}
}

// why says how a scope is lost that is not kept as a whole.
func (x *subtraction) why(k keepers, sc scope) Loss {
	meets := func(r *rule) bool { return x.ruleMeets(r, sc) }
	switch {
	case slices.ContainsFunc(k.plain, meets):
		return LossResources
	case slices.ContainsFunc(k.conditional, func(r *rule) bool { return x.takes(r, sc) }):
		return LossCondition
	case slices.ContainsFunc(k.conditional, meets):
		return LossResources
	case slices.ContainsFunc(k.others, meets):
		return LossPrincipal
	}
	return LossDropped
}

// kept lists what new keeps of some scopes.
func (x *subtraction) kept(s *rule, k keepers, scopes []scope) []Keep {
	var out []Keep
	add := func(one Keep) {
		key := one.key()
		at := slices.IndexFunc(out, func(o Keep) bool { return o.key() == key && len(o.NotResources) == 0 })
		if at < 0 {
			out = append(out, one)
			return
		}
		out[at].Resources = append(out[at].Resources, one.Resources...)
	}
	for _, r := range slices.Concat(k.plain, k.conditional, k.others) {
		if slices.ContainsFunc(scopes, func(sc scope) bool { return x.ruleMeets(r, sc) }) {
			add(x.keep(s, r, scopes))
		}
	}
	for i := range out {
		slices.Sort(out[i].Resources)
		out[i].Resources = slices.Compact(out[i].Resources)
	}
	slices.SortFunc(out, func(a, b Keep) int {
		if c := len(a.Conditions) - len(b.Conditions); c != 0 && len(a.Conditions)*len(b.Conditions) == 0 {
			return c
		}
		if c := strings.Compare(a.key(), b.key()); c != 0 {
			return c
		}
		return slices.Compare(a.Resources, b.Resources)
	})
	return out
}

func (x *subtraction) keep(s, r *rule, scopes []scope) Keep {
	out := Keep{NotResources: slices.Clone(r.src.NotResource)}
	for _, p := range r.patterns {
		if !r.notResource && slices.ContainsFunc(scopes, func(sc scope) bool { return x.meetsScope(p, sc) }) {
			out.Resources = append(out.Resources, p.src)
		}
	}
	if !x.implies(s, r) {
		out.Conditions = x.further(s, r)
	}
	if !x.samePrincipal(r, s) {
		out.Principal, out.NotPrincipal = r.src.Principal.clone(), r.src.NotPrincipal.clone()
	}
	return out
}

// further lists the clauses of r that the conditions of s do not imply.
func (x *subtraction) further(s, r *rule) (out Conditions) {
	for _, b := range r.src.Condition {
		var clauses []Clause
		for _, c := range b.Clauses {
			one := Conditions{{b.Operator, []Clause{c}}}
			if !x.w.spend(8*(len(s.clauses)+1)) || !ConditionsImply(s.src.Condition, one, s.literal, r.literal) {
				clauses = append(clauses, Clause{c.Key, slices.Clone(c.Values)})
			}
		}
		if clauses != nil {
			out = append(out, ConditionBlock{b.Operator, clauses})
		}
	}
	return out
}

// denyLoss tells what a Deny statement that only new has takes from a group.
func (x *subtraction) denyLoss(s *rule, t *cellTree, g *cellGroup, d *rule) (l loss, some bool) {
	var scopes []scope
	for _, sc := range scopesOf(s) {
		if x.ruleMeets(d, sc) {
			scopes = append(scopes, sc)
		}
	}
	if len(scopes) == 0 {
		return l, false
	}
	v, w := x.prove(claim{s: s, tree: t, group: g, scopes: scopes, deny: d})
	if v == Holds {
		return l, false
	}
	l = loss{why: LossDeny, verdict: v, witness: w, denier: d, deny: &Denial{Doc: d.doc, Statement: d.pos, Sid: d.src.Sid,
		Resources: slices.Clone(d.src.Resource), NotResources: slices.Clone(d.src.NotResource), Conditions: d.src.Condition.Clone()}}
	for _, sc := range scopes {
		l.addDenied(x, d, sc)
	}
	slices.Sort(l.resources)
	l.resources = slices.Compact(l.resources)
	return l, true
}

// addDenied adds what a Deny statement has of a scope: its own patterns where
// they lie within the scope.
func (l *loss) addDenied(x *subtraction, d *rule, sc scope) {
	if sc.not || sc.any || d.notResource || x.takes(d, sc) {
		l.add(sc)
		return
	}
	for _, p := range d.patterns {
		if !x.meetsScope(p, sc) {
			continue
		}
		if !x.within(x.language(p), sc.patterns[0]) || strings.Contains(p.src, "${") {
			l.add(sc)
			return
		}
		l.resources = append(l.resources, p.src)
	}
}

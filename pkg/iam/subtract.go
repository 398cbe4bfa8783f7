package iam

import (
	"fmt"
	"slices"
	"strings"
)

// Subtract tells what old allows and new does not. It is sound: a request that
// old allows and new does not, under any colon reading, is in a part. What
// Includes proves to be kept is left out, and each part has a verified witness or
// says that it is undecided. The parts are few: one for all actions of a statement
// that are lost in the same way.
//
// The reverse, Subtract(new, old), is what new adds.
func Subtract(old, new []*Document, o SubtractOptions) Difference {
	x, err := newSubtraction(old, new, o)
	if err != nil {
		return Difference{Reason: err.Error()}
	}
	var parts []Part
	for i, s := range x.old.allows {
		if !x.redundant(i) {
			parts = append(parts, x.statement(s)...)
		}
	}
	return Difference{Verdict: verdictOf(parts), Parts: parts}
}

func verdictOf(parts []Part) Verdict {
	v := Holds
	for i := range parts {
		if parts[i].Verdict == Fails {
			return Fails
		}
		v = Undecided
	}
	return v
}

// subtraction is one query of Subtract.
type subtraction struct {
	old, new   lossSide
	expand     func([]string, string) []string
	w          *work // for what is compared here
	slice      int   // budget of one call of Includes
	calls      int   // of Includes that are left
	symbols    symbols
	languages  map[*pattern]*language
	implied    map[[2]*rule]bool
	principals bool             // evaluation of a set alone says nothing about principals
	fresh      map[*rule]string // Deny statements of new that old does not have, by text
}

// lossSide is one of the two policies.
type lossSide struct {
	set            *Set
	allows, denies []*rule
	ids            []int32         // of allows
	texts          map[string]bool // of Allow and Deny statements
	reach          reach           // ids are positions in set.statements
}

// Bounds on the calls of Includes: each may spend a share of the budget.
const (
	maxLossProofs = 1024
	lossShare     = 256
)

func newSubtraction(old, new []*Document, o SubtractOptions) (*subtraction, error) {
	budget := o.Budget
	if budget <= 0 {
		budget = defaultBudget
	}
	x := &subtraction{expand: o.Expand, w: newWork(budget), slice: budget/lossShare + 1, calls: maxLossProofs,
		languages: map[*pattern]*language{}, implied: map[[2]*rule]bool{}, fresh: map[*rule]string{}}
	if err := x.old.load(old); err != nil {
		return nil, fmt.Errorf("old policy: %w", err)
	}
	if err := x.new.load(new); err != nil {
		return nil, fmt.Errorf("new policy: %w", err)
	}
	for _, side := range []*lossSide{&x.old, &x.new} {
		for i := range side.set.statements {
			s := side.set.statements[i].src
			x.principals = x.principals || s.Principal != nil || s.NotPrincipal != nil
		}
	}
	seen := map[string]bool{}
	for _, d := range x.new.denies {
		if text := lossText(d); !x.old.texts[text] && !seen[text] {
			x.fresh[d], seen[text] = text, true
		}
	}
	return x, nil
}

func (l *lossSide) load(docs []*Document) (err error) {
	if l.set, err = Compile(docs...); err != nil {
		return err
	}
	l.texts = map[string]bool{}
	for i := range l.set.statements {
		r := &l.set.statements[i]
		l.texts[lossText(r)] = true
		l.reach.add(int32(i), r)
		if r.effect == Deny {
			l.denies = append(l.denies, r)
		} else {
			l.allows, l.ids = append(l.allows, r), append(l.ids, int32(i))
		}
	}
	return nil
}

func lossText(r *rule) string { return string(r.effect) + r.text() }

// redundant reports that another Allow statement of old allows all that the i-th
// one allows; of two that do so for each other the first one stays.
func (x *subtraction) redundant(i int) bool {
	s := x.old.allows[i]
	if len(s.actions) == 0 {
		return !s.notAction
	}
	first := s.actions[0]
	if s.notAction {
		first = "*"
	}
	for _, c := range x.old.reach.touching(x, first) {
		t := &x.old.set.statements[c.id]
		if t == s || t.effect != Allow || !x.stronger(t, s) {
			continue
		}
		if c.id < x.old.ids[i] || !x.stronger(s, t) {
			return true
		}
	}
	return false
}

// stronger reports that t allows all that s allows, as far as a quick look tells.
func (x *subtraction) stronger(t, s *rule) bool {
	if !x.samePrincipal(t, s) || !x.implies(s, t) || t.notAction && !s.notAction {
		return false
	}
	switch {
	case s.notAction && t.notAction:
		if !x.eachIncluded(t.actions, s.actions) {
			return false
		}
	case s.notAction:
		if !slices.Contains(t.actions, "*") {
			return false
		}
	case !x.eachIncluded(s.actions, t.actions):
		return false
	}
	for _, sc := range scopesOf(s) {
		if !x.takes(t, sc) {
			return false
		}
	}
	return true
}

// eachIncluded: each pattern of inner is included by one of outer.
func (x *subtraction) eachIncluded(inner, outer []string) bool {
	for _, a := range inner {
		if !slices.ContainsFunc(outer, func(b string) bool { return x.includes(b, a) }) {
			return false
		}
	}
	return true
}

func (x *subtraction) includes(outer, inner string) bool {
	return outer == "*" || x.w.spend(4) && includesAction(outer, inner, x.w)
}

// samePrincipal: r applies to whomever s applies to.
func (x *subtraction) samePrincipal(r, s *rule) bool {
	a, b := r.src, s.src
	if a.Principal != nil && a.Principal.Any {
		return true
	}
	return a.Principal.equal(b.Principal) && a.NotPrincipal.equal(b.NotPrincipal)
}

// implies: the conditions of s imply those of r.
func (x *subtraction) implies(s, r *rule) bool {
	if len(r.clauses) == 0 {
		return true
	}
	key := [2]*rule{s, r}
	v, known := x.implied[key]
	if !known {
		v = x.w.spend(8*(len(s.clauses)*len(r.clauses)+1)) &&
			ConditionsImply(s.src.Condition, r.src.Condition, s.literal, r.literal)
		x.implied[key] = v
	}
	return v
}

// statement tells what of one Allow statement of old is lost.
func (x *subtraction) statement(s *rule) []Part {
	same := x.new.texts[lossText(s)]
	if same && len(x.fresh) == 0 {
		return nil
	}
	var found losses
	for _, root := range x.roots(s) {
		t := x.tree(s, root)
		for _, g := range t.groups {
			for _, l := range x.groupLosses(s, t, g, same) {
				found.add(l, t, g)
			}
		}
	}
	if x.w.spent() {
		return []Part{x.whole(s)}
	}
	parts := found.parts(x, s)
	if x.w.spent() {
		return []Part{x.whole(s)}
	}
	return parts
}

// whole is the part for a statement that was too much work.
func (x *subtraction) whole(s *rule) Part {
	p := x.part(s, LossUndecided)
	p.Actions, p.ExceptActions = slices.Clone(s.src.Action), slices.Clone(s.src.NotAction)
	if s.notAction {
		p.Actions = []string{"*"}
	}
	p.Resources, p.NotResources = slices.Clone(s.src.Resource), slices.Clone(s.src.NotResource)
	return p
}

func (x *subtraction) part(s *rule, why Loss) Part {
	return Part{Why: why, Doc: s.doc, Statement: s.pos, Sid: s.src.Sid, Conditions: s.src.Condition.Clone()}
}

// Known lists the known actions of a part, sorted; expand is as in
// SubtractOptions. A part without any is about actions that nobody knows yet.
func (p *Part) Known(expand func([]string, string) []string) []string {
	except, globs := map[string]bool{}, []string(nil)
	for _, e := range p.ExceptActions {
		if e = lowerASCII(e); hasWildcard(e) {
			globs = append(globs, e)
		} else {
			except[e] = true
		}
	}
	var out []string
	for _, a := range p.Actions {
		for _, name := range expand(nil, a) {
			if low := lowerASCII(name); !except[low] && !anyGlob(globs, low) {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// losses collects the losses of one statement, with the cells of each.
type losses struct {
	list  []*loss
	byKey map[string]*loss
}

// entry is one action pattern of a loss without the patterns that are not lost.
type entry struct {
	action string
	except []string
}

// add notes a loss of a group; losses that differ in their actions alone are one.
func (f *losses) add(l loss, t *cellTree, g *cellGroup) {
	key := l.key()
	have := f.byKey[key]
	if have == nil {
		if f.byKey == nil {
			f.byKey = map[string]*loss{}
		}
		have = &l
		f.byKey[key], f.list = have, append(f.list, have)
	}
	have.cells = append(have.cells, treeCells{t, g.cells})
	if l.witness != nil {
		have.witnesses = append(have.witnesses, l.witness)
	}
}

// parts writes the losses, in an order that the order of new's statements does
// not change.
func (f *losses) parts(x *subtraction, s *rule) []Part {
	var out []Part
	for _, l := range f.list {
		var entries []entry
		for _, c := range l.cells {
			entries = append(entries, c.tree.entries(x, c.cells)...)
		}
		for _, group := range x.apart(entries) {
			p := x.part(s, l.why)
			p.Actions, p.ExceptActions = write(group)
			p.Resources, p.NotResources, p.Kept = l.resources, l.not, l.kept
			p.Deny = l.deny
			if p.Witness = x.witnessAmong(s, group, l); p.Witness != nil {
				p.Verdict = Fails
			}
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Part) int {
		if c := lossRank(a.Why) - lossRank(b.Why); c != 0 {
			return c
		}
		if c := slices.Compare(a.Actions, b.Actions); c != 0 {
			return c
		}
		return slices.Compare(a.Resources, b.Resources)
	})
	return out
}

func lossRank(l Loss) int {
	return slices.Index([]Loss{LossDropped, LossPrincipal, LossResources, LossCondition, LossDeny, LossUndecided}, l)
}

// apart puts entries together of which none excepts actions of another.
func (x *subtraction) apart(entries []entry) [][]entry {
	var out [][]entry
	for _, e := range entries {
		at := slices.IndexFunc(out, func(group []entry) bool { return x.fits(group, e) })
		if at < 0 {
			out, at = append(out, nil), len(out)
		}
		out[at] = append(out[at], e)
	}
	return out
}

func (x *subtraction) fits(group []entry, e entry) bool {
	for _, o := range group {
		if !x.w.spend(len(o.except)+len(e.except)+1) || bars(o, e) || bars(e, o) {
			return false
		}
	}
	return true
}

// bars reports that an exception of a could take actions from b.
func bars(a, b entry) bool {
	if len(a.except) == 0 {
		return false
	}
	low := lowerASCII(b.action)
	return slices.ContainsFunc(a.except, func(p string) bool {
		return mayMeet(lowerASCII(p), low) && !slices.Contains(b.except, p)
	})
}

// mayMeet reports whether two lower-case action patterns could share an action,
// by their literal ends.
func mayMeet(a, b string) bool {
	switch {
	case !hasWildcard(a):
		return globFold(b, a)
	case !hasWildcard(b):
		return globFold(a, b)
	}
	p, q := a[:strings.IndexAny(a, "*?")], b[:strings.IndexAny(b, "*?")]
	n := min(len(p), len(q))
	s, t := a[strings.LastIndexAny(a, "*?")+1:], b[strings.LastIndexAny(b, "*?")+1:]
	m := min(len(s), len(t))
	return p[:n] == q[:n] && s[len(s)-m:] == t[len(t)-m:]
}

// witnessAmong finds a witness for some entries: one of those for all actions, or
// one of them with another action.
func (x *subtraction) witnessAmong(s *rule, entries []entry, l *loss) *Request {
	for _, w := range l.witnesses {
		if isAmong(entries, w.Action) {
			return w
		}
	}
	for _, w := range l.witnesses {
		for _, e := range entries {
			r := *w
			r.Action = fillAction(e.action, "X")
			if x.w.spend(16) && isAmong(entries, r.Action) && x.lost(&r, s, l.denier) {
				return &r
			}
		}
	}
	return nil
}

// fillAction makes an action of a pattern.
func fillAction(pattern, star string) string {
	if strings.Trim(pattern, "*") == "" {
		pattern = "service:Action"
	}
	return strings.NewReplacer("*", star, "?", "X").Replace(pattern)
}

// write lists the entries' actions and exceptions, sorted and once each.
func write(entries []entry) (actions, except []string) {
	for _, e := range entries {
		actions = append(actions, e.action)
		except = append(except, e.except...)
	}
	return uniqueFold(actions), uniqueFold(except)
}

// uniqueFold sorts and drops what is there in another case already.
func uniqueFold(list []string) []string {
	slices.SortFunc(list, func(a, b string) int {
		if c := strings.Compare(lowerASCII(a), lowerASCII(b)); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	return slices.CompactFunc(list, func(a, b string) bool { return lowerASCII(a) == lowerASCII(b) })
}

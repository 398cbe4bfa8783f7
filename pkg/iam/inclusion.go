package iam

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Verdict of an inclusion query.
type Verdict uint8

// Undecided is what a spent budget gives, or a claim that was neither proved nor
// refuted by a request; it counts as not proved.
const (
	Undecided Verdict = iota
	Holds
	Fails
)

// String returns "undecided", "holds" or "fails".
func (v Verdict) String() string {
	switch v {
	case Holds:
		return "holds"
	case Fails:
		return "fails"
	}
	return "undecided"
}

// Inclusion is the answer of Includes.
type Inclusion struct {
	Verdict Verdict
	// Witness is a request that inner allows and outer denies, verified by
	// evaluation. It is set when Fails, but for a Deny statement of outer that
	// inner lacks under AllowsOnly.
	Witness *Request
	Reason  string // one line: which statement of inner, or why undecided
}

// InclusionOptions tune Includes.
type InclusionOptions struct {
	Budget int // work units; 0 means the default
	// AllowsOnly compares Allow with Allow alone and demands that inner keeps
	// outer's Deny statements verbatim (proposals); otherwise Allow minus Deny.
	AllowsOnly bool
}

// Includes proves that every request that inner allows is allowed by outer, for
// every context and under all three colon readings. Holds is a proof, and Fails
// comes with a request that evaluates so (see Inclusion for the one exception).
//
// Several statements of outer may cover one of inner together: the actions fall
// into the sets that the patterns of both sides tell apart, the contexts into
// cases of the conditions, and in each case the resources of all statements that
// apply are taken as one. Policy variables are opaque: equal to themselves, any
// text for the rest.
//
// Where a statement has a principal, both sides are compared as resource policies,
// for callers that stand for all: each that is named, others of each account
// named and of one that is not, and a service; without a permissions boundary or
// session policy. In another account their identity policies allow everything, in
// that of the resource nothing, so that naming the account grants less than naming
// the caller. A canonical or unique id is equal to itself alone.
//
// Undecided is what lies between: operators that IAM does not document, unless the
// clauses are equal; variables in the first five segments of an ARN; resources on
// which the colon readings differ; ids against ARNs; conditions that depend on one
// another through variables or mixed comparisons of one key; a spent budget.
func Includes(outer, inner []*Document, o InclusionOptions) Inclusion {
	p, err := newProver(outer, inner, o)
	if err != nil {
		return Inclusion{Reason: err.Error()}
	}
	if o.AllowsOnly && len(p.lost) > 0 {
		return Inclusion{Verdict: Fails, Reason: fmt.Sprintf(
			"%s of the outer policy is a Deny that the inner policy does not keep verbatim", place(p.lost[0]))}
	}
	groups := []*callerGroup{nil}
	if p.outer.hasPrincipals || p.inner.hasPrincipals {
		groups = p.callerGroups()
		if p.w.spent() {
			return Inclusion{Reason: "the work budget is spent on the callers that the policies name"}
		}
	}
	for _, p.who = range groups {
		for _, s := range p.inner.allows {
			if r := p.allow(s); r.Verdict != Holds {
				return r
			}
		}
	}
	switch {
	case p.open != nil:
		return *p.open
	case p.w.spent(): // what was cut short anywhere may have looked proved
		return Inclusion{Reason: "the work budget is spent before the proof"}
	}
	return Inclusion{Verdict: Holds}
}

// place names a statement for people.
func place(r *rule) string {
	name := fmt.Sprintf("statement %d of document %d", r.pos, r.doc)
	if r.src.Sid != "" {
		name += fmt.Sprintf(" (Sid %q)", clip(r.src.Sid))
	}
	return name
}

// prover holds one inclusion query.
type prover struct {
	outer, inner side
	allowsOnly   bool
	lost         []*rule // Deny statements of outer that inner does not have verbatim
	w            *work
	symbols      symbols
	languages    map[*rule][]*language
	implied      map[[2]*rule]bool      // conditions of the first imply the second's
	indexes      map[string]*coverIndex // by coverKey
	open         *Inclusion             // the first region neither proved nor refuted; a later one may refute
	searches     int                    // for witnesses so far
	who          *callerGroup           // the present callers, nil where no statement has a principal
	anything     *Set                   // allows everything
	strange      strangers
}

// side is one of the two policies.
type side struct {
	set           *Set
	allows        []*rule
	denies        []*rule
	allowIndex    actionIndex // positions in allows
	denyIndex     actionIndex // positions in denies
	allowByText   map[string]bool
	denyByText    map[string]bool
	hasPrincipals bool
}

func newProver(outer, inner []*Document, o InclusionOptions) (*prover, error) {
	p := &prover{allowsOnly: o.AllowsOnly, w: newWork(o.Budget),
		languages: map[*rule][]*language{}, implied: map[[2]*rule]bool{},
		indexes: map[string]*coverIndex{}}
	if o.Budget <= 0 {
		p.w = newWork(defaultBudget)
	}
	if err := p.outer.load(outer); err != nil {
		return nil, fmt.Errorf("outer policy: %w", err)
	}
	if err := p.inner.load(inner); err != nil {
		return nil, fmt.Errorf("inner policy: %w", err)
	}
	p.lost = p.lostDenies()
	if p.outer.hasPrincipals || p.inner.hasPrincipals {
		var err error
		if p.anything, err = everything(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (x *side) load(docs []*Document) (err error) {
	if x.set, err = Compile(docs...); err != nil {
		return err
	}
	x.allowByText, x.denyByText = map[string]bool{}, map[string]bool{}
	for i := range x.set.statements {
		r := &x.set.statements[i]
		x.hasPrincipals = x.hasPrincipals || r.src.Principal != nil || r.src.NotPrincipal != nil
		if r.effect == Deny {
			x.denyIndex.add(int32(len(x.denies)), r.actions, r.notAction)
			x.denies = append(x.denies, r)
			x.denyByText[r.text()] = true
		} else {
			x.allowIndex.add(int32(len(x.allows)), r.actions, r.notAction)
			x.allows = append(x.allows, r)
			x.allowByText[r.text()] = true
		}
	}
	return nil
}

// text is equal for statements that mean the same by their text: the form in
// which EqualIgnoringSid compares, and the document's version where it matters.
func (r *rule) text() string {
	s := r.src
	var b strings.Builder
	list := func(name string, v []string, fold bool) {
		if v != nil {
			fmt.Fprintf(&b, "%s%q", name, asSet(v, fold))
		}
	}
	principals := func(name string, p *Principals) {
		if p != nil {
			fmt.Fprintf(&b, "%s%v", name, p.Any)
			for _, k := range principalKinds(p) {
				list(quote(k), nonNil(p.ByKind[k]), false)
			}
		}
	}
	principals("P", s.Principal)
	principals("NP", s.NotPrincipal)
	list("A", s.Action, true)
	list("NA", s.NotAction, true)
	list("R", s.Resource, false)
	list("NR", s.NotResource, false)
	fmt.Fprintf(&b, "C%q", s.Condition.lines())
	if r.literal && strings.Contains(b.String(), "${") {
		b.WriteString("literal")
	}
	return b.String()
}

// lostDenies lists the Deny statements of outer that inner does not have verbatim.
func (p *prover) lostDenies() (lost []*rule) {
	for _, d := range p.outer.denies {
		if !p.inner.denyByText[d.text()] {
			lost = append(lost, d)
		}
	}
	return lost
}

// allow proves one Allow statement of inner.
func (p *prover) allow(s *rule) Inclusion {
	if !p.catches(s) {
		return Inclusion{Verdict: Holds}
	}
	if !p.outer.allowByText[s.text()] {
		if r := p.granted(s); r.Verdict != Holds {
			return r
		}
	}
	if p.allowsOnly {
		return Inclusion{Verdict: Holds}
	}
	for _, d := range p.lost {
		if !p.catches(d) {
			continue
		}
		if r := p.stillDenied(s, d); r.Verdict != Holds {
			return r
		}
	}
	return Inclusion{Verdict: Holds}
}

// region is a part of what an Allow statement of inner matches.
type region struct {
	s       *rule
	d       *rule    // and a Deny statement of outer matches, nil for none
	action  string   // pattern
	except  []string // action patterns that are not in it
	clauses [][]clause
}

// regions splits a statement by its action patterns.
func regions(s *rule) []region {
	actions, except := s.actions, []string(nil)
	if s.notAction {
		actions, except = []string{"*"}, s.actions
	}
	out := make([]region, 0, len(actions))
	for _, a := range actions {
		out = append(out, region{s: s, action: a, except: except, clauses: [][]clause{s.clauses}})
	}
	return out
}

// granted proves that Allow statements of outer (or, without allowsOnly, Deny
// statements of inner) cover all of s. Regions with the same cover are proved once.
func (p *prover) granted(s *rule) Inclusion {
	proved := map[string]bool{}
	var room []int32
	for _, g := range regions(s) {
		if !p.w.spend(p.outer.allowIndex.cost(g.action) + p.inner.denyIndex.cost(g.action)) {
			return p.exhausted(s)
		}
		if p.excluded(&g, g.except) {
			continue
		}
		var cover []*rule
		room = p.outer.allowIndex.find(room[:0], g.action)
		cover = p.covering(cover, &g, p.outer.allows, room)
		if !p.allowsOnly {
			room = p.inner.denyIndex.find(room[:0], g.action)
			cover = p.covering(cover, &g, p.inner.denies, room)
		}
		if !p.w.spend(len(cover)) {
			return p.exhausted(s)
		}
		key := coverKey(cover)
		if proved[key] {
			continue
		}
		if p.cover(&g, cover, key).holds {
			proved[key] = true
			continue
		}
		if p.w.spent() {
			return p.exhausted(s)
		}
		if r := p.settle(p.byCases(&g)); r.Verdict != Holds {
			return r
		}
	}
	return Inclusion{Verdict: Holds}
}

// settle keeps an open answer for the end, since a later region may refute, and
// lets the proof go on.
func (p *prover) settle(r Inclusion) Inclusion {
	if r.Verdict != Undecided || p.w.spent() {
		return r
	}
	if p.open == nil {
		p.open = &r
	}
	return Inclusion{Verdict: Holds}
}

// coverKey is equal for equal lists of rules, no two of which are from different
// policies with one effect.
func coverKey(cover []*rule) string {
	b := make([]byte, 0, 9*len(cover))
	for _, r := range cover {
		b = append(b, r.effect[0]) // A or D
		b = binary.LittleEndian.AppendUint32(b, uint32(r.doc))
		b = binary.LittleEndian.AppendUint32(b, uint32(r.pos))
	}
	return string(b)
}

// covering appends those of the candidate rules that apply to all of the region,
// resources aside.
func (p *prover) covering(dst []*rule, g *region, rules []*rule, ids []int32) []*rule {
	for _, id := range ids {
		r := rules[id]
		if p.coversAction(r, g) && p.coversPrincipal(r, g) && p.coversConditions(r, g) {
			dst = append(dst, r)
		}
	}
	return dst
}

func (p *prover) coversAction(r *rule, g *region) bool {
	if !r.notAction {
		if !hasWildcard(g.action) {
			return true // the index has matched it
		}
		for _, a := range r.actions {
			if p.w.spend(1) && includesAction(a, g.action, p.w) {
				return true
			}
		}
		return false
	}
	for _, a := range r.actions {
		if !p.w.spend(1) || !disjointActions(a, g.action, p.w) && !p.excepted(a, g) {
			return false
		}
	}
	return true
}

// excepted reports that the region leaves out all actions of a pattern.
func (p *prover) excepted(a string, g *region) bool {
	for _, e := range g.except {
		if p.w.spend(1) && includesAction(e, a, p.w) {
			return true
		}
	}
	return false
}

func (p *prover) coversConditions(r *rule, g *region) bool {
	if len(r.clauses) == 0 {
		return true
	}
	if g.d != nil {
		return impliesAll(g.clauses, r.clauses, p.w)
	}
	key := [2]*rule{g.s, r}
	v, known := p.implied[key]
	if !known {
		v = impliesAll(g.clauses, r.clauses, p.w)
		p.implied[key] = v
	}
	return v
}

// exhausted is the answer when the budget is spent.
func (p *prover) exhausted(s *rule) Inclusion {
	return Inclusion{Reason: place(s) + ": the work budget is spent before the proof"}
}

package actions

import "strings"

// Resolver turns calls into uses. Not safe for concurrent use: one per worker.
type Resolver struct {
	c     *Catalog
	plans map[planKey]*plan
	last  planKey // with its plan: calls come in an order
	plan  *plan
	arena arena
	uses  []Use
	types []int // of each use of a target: the position of its resource's type, -1 none
	// index finds uses by hash, of which the first indexed are in it; steps counts
	// comparisons.
	index          map[useKey]int
	indexed, steps int
	slots          []slot
	arns           []arnLeaf // ARN-shaped values of the call at hand
	// paths, values and prefixes are the call's leaves: plan and value of each,
	// and the ARNPrefix members of resources[].
	paths            []*pathPlan
	values, prefixes []string
	answers          []string // ARNs at the top of the response
	owners           []int    // the leaves that tell whose a resource is

	accounts [2]string // partition and account of the call's resources
	held     []truth   // by target: whether its guard holds
	region   string
	home     string // the account that the call was made to, whoever owns the resource
	failed   bool   // the call has an error
	sight    sight
	caller   string
	// qualifier is the version or alias in the name of a Lambda function.
	qualifier string
}

// slot collects the values that fill one variable.
type slot struct {
	rank   uint16
	bare   bool   // the parameter is called "name" or the like
	within string // the ARN of the outer resource that the name is of
	values []string
	// lost is the best rank at which a value may not be used; lostARN, an ARN may not.
	lost    uint16
	lostARN bool
}

// arnLeaf is an ARN-shaped value with the path it stood at.
type arnLeaf struct {
	value string
	path  *pathPlan
	// kind is the best type of a target, if it was asked for.
	of   *target
	kind int
}

// typeOf is bestType of the ARN.
func (a *arnLeaf) typeOf(t *target) int {
	if a.of != t {
		a.of, a.kind = t, bestType(t, a.value)
	}
	return a.kind
}

// NewResolver returns a resolver over the catalog.
func NewResolver(c *Catalog) *Resolver {
	return &Resolver{c: c, plans: map[planKey]*plan{}, index: map[useKey]int{}}
}

// Resolve classifies the call and lists its uses.
func (r *Resolver) Resolve(c *Call) Resolution {
	r.arena.reset()
	r.forget()
	res := Resolution{Class: classOf(c), Outcome: Allowed}
	if c.ErrorCode != "" {
		res.Outcome = r.c.outcomeOf(labelOf(c.EventSource), c.ErrorCode, c.ErrorMessage)
	}
	if res.Class != ClassUse {
		return res
	}
	p := r.planOf(c)
	res.Class, res.Note = p.class, p.note
	if p.class != ClassUse {
		return res
	}
	r.collect(p, c)
	if r.choose(p, c) {
		res.Note = "the record lacks the parameters that choose the action"
	}
	r.passRoles(p, c)
	r.implied(p, c, res.Outcome)
	r.needs(p)
	r.outcomes(c, res.Outcome)
	res.Uses = r.uses
	return res
}

// Release lets go of the last call and of what was lent for it, so that its memory may be
// collected. What was learnt of operations stays.
func (r *Resolver) Release() {
	r.forget()
	clear(r.uses[:cap(r.uses)])
	clear(r.arns[:cap(r.arns)])
	clear(r.values[:cap(r.values)])
	clear(r.prefixes[:cap(r.prefixes)])
	clear(r.answers[:cap(r.answers)])
	for i := range r.slots {
		s := &r.slots[i]
		clear(s.values[:cap(s.values)])
		*s = slot{values: s.values[:0]}
	}
	r.arena = arena{}
	r.last, r.plan = planKey{}, nil
	r.accounts, r.region, r.home, r.caller, r.qualifier = [2]string{}, "", "", "", ""
}

// planOf returns the plan of the call's source and name, making it on first sight.
func (r *Resolver) planOf(c *Call) *plan {
	key := planKey{c.EventSource, c.EventName, ""}
	const console = "AwsConsoleAction"
	if c.EventType == console {
		key.kind = console
	}
	if r.plan != nil && r.last == key {
		return r.plan
	}
	if p := r.plans[key]; p != nil {
		r.last, r.plan = p.key, p
		return p
	}
	if len(r.plans) >= maxPlans {
		clear(r.plans)
	}
	key.source, key.name = strings.Clone(key.source), strings.Clone(key.name)
	named := *c // a plan outlives the call
	named.EventSource, named.EventName, named.EventType = key.source, key.name, key.kind
	p := r.c.newPlan(&named)
	p.key = key
	r.plans[key] = p
	r.last, r.plan = key, p
	return p
}

// collect sorts the call's leaves into the plan's slots.
func (r *Resolver) collect(p *plan, c *Call) {
	r.begin(p, c)
	owner, word := "", r.typeWord(c.Args)
	for i, pp := range r.paths {
		value := c.Args[i].Value
		if pp.root == 'p' && encodedARN(value) {
			value = r.decoded(value)
		}
		r.values = append(r.values, value)
		switch {
		case pp.kind == prefixPath && isARN(value) && concrete(value):
			r.prefixes = append(r.prefixes, value)
		case isARN(value):
			r.takeARN(p, pp, value)
		default:
			if pp.kind == accountPath && len(value) == 12 && digits(value) {
				owner = oneOwner(owner, value)
			}
			r.takeName(p, pp, i, value, word)
		}
	}
	if owner != "" && owner != "-" {
		r.accounts[1] = owner
	}
	for _, i := range r.owners {
		r.owned(p, r.paths[i], r.values[i])
	}
}

// begin forgets the call before.
func (r *Resolver) begin(p *plan, c *Call) {
	for len(r.slots) < p.slots {
		r.slots = append(r.slots, slot{})
	}
	for i := range r.slots[:p.slots] {
		r.slots[i] = slot{rank: ^uint16(0), lost: ^uint16(0), values: r.slots[i].values[:0]}
	}
	r.arns, r.paths = r.arns[:0], r.paths[:0]
	r.values, r.prefixes = r.values[:0], r.prefixes[:0]
	r.owners, r.answers = r.owners[:0], r.answers[:0]
	r.region = plain(c.Region)
	r.accounts = [2]string{partitionOf(c.Region), plain(c.RecipientAccount)}
	if c.RecipientAccount == "" {
		r.accounts[1] = plain(c.Account)
	}
	r.qualifier, r.home, r.failed = "", r.accounts[1], c.ErrorCode != ""
	r.follow(p, c.Args)
	r.sight, r.caller = r.look(c.Args), c.Caller
}

// oneOwner is the owner that a call tells, "-" where it tells several: none is known
// to own what the parameters name.
func oneOwner(known, value string) string {
	if known != "" && known != value {
		return "-"
	}
	return value
}

// takeARN takes a leaf that is an ARN: of a parameter, or of what the response tells.
func (r *Resolver) takeARN(p *plan, pp *pathPlan, value string) {
	if pp.root == 'r' && len(pp.names) == 1 && len(r.answers) < 4 && concrete(value) {
		r.answers = append(r.answers, value)
	}
	if pp.root == 'p' && len(pp.names) > 0 || pp.kind == arnPath || pp.answer {
		r.addARN(p, pp, value)
	}
}

// takeName takes the leaf at i, which may name resources: of the type that word says,
// where its path goes by a type that stands beside it.
func (r *Resolver) takeName(p *plan, pp *pathPlan, i int, value, word string) {
	switch pp.kind {
	case functionPath:
		value = r.function(value)
	case ownerPath, queuePath:
		r.owners = append(r.owners, i)
	}
	for _, f := range pp.fills {
		if !pp.typed || word == "" || sameWord(word, p.targets[f.target].types[f.kind].name) {
			r.fill(f, value)
		}
	}
}

// addARN takes an ARN in.
func (r *Resolver) addARN(p *plan, pp *pathPlan, arn string) {
	if arn = r.subject(arn); concrete(arn) {
		r.arns = append(r.arns, arnLeaf{value: arn, path: pp})
		r.fillOuter(pp, arn)
		r.identity(p, pp, arn)
	} else if pp.root == 'p' {
		for _, f := range pp.fills {
			r.slots[f.slot].lostARN = r.slots[f.slot].lostARN || !f.inner
		}
	}
}

// fillOuter takes the name of an outer resource from its ARN: the cluster of a
// task may be given so.
func (r *Resolver) fillOuter(pp *pathPlan, arn string) {
	for _, f := range pp.fills {
		name := ownName(arn, f.owner)
		if !f.inner || name == "" {
			continue
		}
		r.fill(f, name)
		r.slots[f.slot].within = arn
	}
}

// ownName is the name in the ARN of an outer resource, "" unless the ARN is of the
// owner's service and type and holds one name: "cluster/c" names a "cluster".
func ownName(arn string, owner owner) string {
	service, resource := serviceOf(arn)
	i := strings.IndexAny(resource, ":/")
	if service != owner.service || i <= 0 || !sameWord(resource[:i], owner.kind) && !sameWord(resource[:i], owner.word) {
		return ""
	}
	if name := resource[i+1:]; !strings.ContainsAny(name, ":/") {
		return name
	}
	return ""
}

// serviceOf splits the service and the resource out of an ARN.
func serviceOf(arn string) (service, resource string) {
	_, rest, _ := strings.Cut(arn, ":")
	_, rest, _ = strings.Cut(rest, ":")
	service, rest, _ = strings.Cut(rest, ":")
	_, rest, _ = strings.Cut(rest, ":")
	_, resource, _ = strings.Cut(rest, ":")
	return service, resource
}

// placeOf splits the region and the account out of an ARN.
func placeOf(arn string) (region, account string) {
	_, rest, _ := strings.Cut(arn, ":")
	_, rest, _ = strings.Cut(rest, ":")
	_, rest, _ = strings.Cut(rest, ":")
	region, rest, _ = strings.Cut(rest, ":")
	account, _, _ = strings.Cut(rest, ":")
	return region, account
}

// fill offers a value to a variable.
func (r *Resolver) fill(f fill, value string) {
	s := &r.slots[f.slot]
	if f.rank < answered && !concrete(value) {
		s.lost = min(s.lost, f.rank)
	}
	if f.rank > s.rank || value == "" {
		return
	}
	if f.rank < s.rank {
		s.rank, s.values = f.rank, s.values[:0]
	}
	if f.rank == answered && len(s.values) > 0 {
		if s.values[0] != value { // several: which of them the call meant is open
			s.rank, s.values = answered-1, s.values[:0]
		}
		return
	}
	s.bare, s.within = f.bare, ""
	s.values = append(s.values, value)
}

// choose emits the uses of the targets whose guards hold. Those of which the record
// does not show whether they do are candidates, and so is every guarded target where
// none holds; it reports whether that happened.
func (r *Resolver) choose(p *plan, c *Call) (ambiguous bool) {
	if !p.guarded {
		for i := range p.targets {
			t := &p.targets[i]
			r.emit(i, t, t.basis)
			ambiguous = ambiguous || t.basis == Ambiguous
		}
		return ambiguous
	}
	chosen, doubt := false, false
	r.held = r.held[:0]
	for i := range p.targets {
		t := &p.targets[i]
		held := t.guard.holdsAt(c.Args, r.paths, t.terms, r.sight)
		r.held = append(r.held, held)
		if t.create {
			continue // tags on create: decided below, never a reason for doubt
		}
		switch held {
		case yes:
			r.emit(i, t, t.basis)
			chosen = true
		case maybe:
			doubt = true
		}
	}
	for i := range p.targets {
		t := &p.targets[i]
		if len(t.guard) == 0 {
			continue
		}
		switch held := r.held[i]; {
		case t.create && held == yes:
			r.emit(i, t, t.basis)
		case held == maybe && !t.unsure, !t.create && !chosen && !doubt:
			r.emit(i, t, weaker(t.basis))
			ambiguous = true
		}
	}
	return ambiguous
}

// weaker is the basis of a target of which it is not known whether its guard holds.
func weaker(basis Basis) Basis {
	if basis == Dependent {
		return Dependent
	}
	return Ambiguous
}

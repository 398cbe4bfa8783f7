package actions

import (
	"slices"
	"strings"
)

// use appends a use of the target's action; of is the position of the resource's
// type among the target's, -1 for none.
func (r *Resolver) use(t *target, of int, resource string, kind Kind, basis Basis) {
	if r.had(useKey{t.action, resource, ""}) {
		return
	}
	r.types = append(r.types, of)
	r.uses = append(r.uses, Use{Action: t.action, Resource: resource, Kind: kind, Level: t.level, Basis: basis})
}

// emit appends the uses of one target.
func (r *Resolver) emit(index int, t *target, basis Basis) {
	before := len(r.uses)
	r.derive(index, t, basis)
	if !t.create && t.kinds > 0 && len(r.uses) > before && r.dropped(t) {
		r.use(t, -1, "", KindNone, basis)
	}
	r.adjust(t, before, basis)
}

// derive derives the resources of one target and appends its uses.
func (r *Resolver) derive(index int, t *target, basis Basis) {
	if t.kinds == 0 {
		r.use(t, -1, "*", KindStar, basis)
		return
	}
	before := len(r.uses)
	if r.special(t, basis) {
		return
	}
	r.fromARNs(index, t, basis)
	r.fromIDs(index, t, basis)
	for i := range t.types {
		tp := &t.types[i]
		if r.covered(t, i, before) && !r.besides(index, i, t) || r.otherKind(tp) {
			continue
		}
		if basis := r.basisFor(t, tp, basis); basis != "" {
			r.fromNames(t, i, basis, whole)
		}
	}
	if len(r.uses) == before {
		r.fromPrefix(t, basis)
	}
	r.missing(t, before, basis)
}

// basisFor is the basis of a use of one of the target's types, "" where tags on
// create cannot mean it.
func (r *Resolver) basisFor(t *target, tp *typePlan, basis Basis) Basis {
	if !t.create {
		return basis
	}
	if given := basis; r.tagged(t, tp) == Inferred && (t.basis == Ambiguous || given == Ambiguous) {
		return Ambiguous
	}
	return r.tagged(t, tp)
}

// missing handles the types that nothing named: what the event creates under a
// name of the service's choosing is requested as "type/*"; a partly known name
// becomes a pattern, which may be what was decided on ("stack/name/*"); else the
// response may tell; else a required type, or no resource at all, is none.
func (r *Resolver) missing(t *target, before int, basis Basis) {
	named := len(r.uses)
	for i := range t.types {
		tp := &t.types[i]
		basis := r.basisFor(t, tp, basis)
		if basis == "" || r.covered(t, i, before) {
			continue
		}
		if !tp.created && r.variantMeant(t, i, before, named) {
			continue
		}
		if !r.otherKind(tp) && (tp.created || tp.required || len(r.uses) == before && (t.kinds == 1 || r.ownName(tp))) {
			r.fromNames(t, i, basis, partly)
		}
	}
	for i := range t.types {
		if tp := &t.types[i]; tp.told && !t.create && len(t.params) == 0 && !r.covered(t, i, before) {
			r.fromResponse(t, i, basis)
		}
	}
	if len(r.uses) == before {
		r.onlyOne(t, basis)
	}
	if r.listsAll(t) {
		r.fromList(t, before, basis)
	}
	if len(r.uses) == before && t.create && r.sameAsMain(t, basis) {
		return
	}
	if len(r.uses) == before {
		r.use(t, -1, "", KindNone, basis)
		return
	}
	for i := range t.types {
		if t.types[i].required && !t.create && !r.covered(t, i, before) && !r.alternative(t, i, before) {
			r.use(t, -1, "", KindNone, basis)
			return
		}
	}
}

// ownName reports whether a parameter that is named for it holds the type's last
// name, the one that tells its resources apart.
func (r *Resolver) ownName(tp *typePlan) bool {
	slot := r.lastSlot(tp)
	return slot != nil && len(slot.values) > 0 && slot.rank < 13*16
}

// variantMeant reports whether a type is a variant of one that the call names: the
// user of an application, where it could have been its bot.
func (r *Resolver) variantMeant(t *target, kind, from, to int) bool {
	tp := &t.types[kind]
	for i := range t.types {
		o := &t.types[i]
		if i != kind && o.word == tp.word && len(o.form.vars) == len(tp.form.vars) && r.coveredBy(t, i, from, to) {
			return true
		}
	}
	return false
}

// alternative reports whether a required type is one of several of which a call
// names one, and another of them is covered: the reference marks "listener/app"
// and "listener/net" both as required. So are all types of the tagging calls.
func (r *Resolver) alternative(t *target, kind, before int) bool {
	if _, op, _ := strings.Cut(t.action, ":"); t.level == Tagging || strings.Contains(op, "Tag") {
		return true
	}
	for i := range t.types {
		if i != kind && sameFamily(&t.types[i], &t.types[kind]) && r.covered(t, i, before) {
			return true
		}
	}
	return false
}

// sameFamily reports whether two types are variants of one: the names begin with
// the same word, or the ARNs hold the same names.
func sameFamily(a, b *typePlan) bool {
	if a.word == b.word {
		return true
	}
	// EC2's types hold one id each, and a call that needs two names both.
	na, nb := names(&a.arn), names(&b.arn)
	n := min(len(na), len(nb))
	return a.arn.lits[1] != ":ec2:" && (len(na) == len(nb) || n > 1) && slices.Equal(na[:n], nb[:n])
}

// firstWord is the first word of a resource type's name: variants of one type
// share it.
func firstWord(kind string) string {
	if i := strings.IndexAny(kind, "/- "); i > 0 {
		kind = kind[:i]
	}
	return strings.ToLower(kind)
}

// names lists the variables that are not of the envelope.
func names(t *template) []string {
	return slices.DeleteFunc(slices.Clone(t.vars), envelope)
}

// onlyOne uses the type whose template holds no names, such as the account, where
// the call names no resource of another type.
func (r *Resolver) onlyOne(t *target, basis Basis) {
	if r.sight.lacking() && t.kinds > 1 {
		return // what it names may be missing
	}
	only := -1
	for i := range t.types {
		if t.kinds > 2 {
			return // one of many is not meant by naming none
		}
		if named(&t.types[i]) {
			continue
		}
		if only >= 0 {
			return
		}
		only = i
	}
	if only < 0 || t.create {
		return
	}
	mark := r.arena.mark()
	r.build(t, &t.types[only], -1, 0)
	s := r.arena.since(mark)
	r.use(t, only, s, kindOf(s), basis)
}

// covered reports whether a use since before is of the type, under any of the
// templates that the type has.
func (r *Resolver) covered(t *target, kind, before int) bool {
	return r.coveredBy(t, kind, before, len(r.uses))
}

// coveredBy reports whether a use of [from, to) is of the type.
func (r *Resolver) coveredBy(t *target, kind, from, to int) bool {
	for _, of := range r.types[from:to] {
		if of >= 0 && t.types[of].name == t.types[kind].name {
			return true
		}
	}
	return false
}

// bestType is the most specific type whose template an ARN has, -1 for none.
func bestType(t *target, arn string) int {
	best := -1
	for i := range t.types {
		tp := &t.types[i]
		if (best < 0 || tp.arn.size > t.types[best].arn.size) && (tp.arn.match(arn) || tp.variant && tp.form.match(arn)) {
			best = i
		}
	}
	return best
}

// fromARNs uses the ARNs of resources[] and, for types that those do not name,
// ARN-shaped parameters.
func (r *Resolver) fromARNs(index int, t *target, basis Basis) {
	before := len(r.uses)
	restricted := len(t.params) > 0
	for _, root := range []byte{'s', 'p'} {
		mid := len(r.uses)
		for i := range r.arns {
			a := &r.arns[i]
			if a.path.root != root || restricted && root == 'p' && !a.path.only[index] {
				continue
			}
			kind := a.typeOf(t)
			if kind < 0 || r.basisFor(t, &t.types[kind], basis) == "" || r.qualified(a) {
				continue
			}
			if root == 'p' && t.create && !a.path.calls(index, kind) {
				continue // another of the type: what is made has no ARN yet
			}
			if root == 'p' && (r.coveredBy(t, kind, before, mid) || !restricted && r.outranked(index, kind, &t.types[kind], a.path)) {
				continue
			}
			r.arn(t, kind, a.value, basis)
		}
	}
	if restricted {
		r.restrict(t, before, index)
	}
}

// qualified reports whether a parameter has an ARN of resources[] with a qualifier
// behind it. A call of a function's version or alias is authorized on the qualified
// ARN, and data events list the function alone. Source: AWS Lambda developer guide,
// "Resources and conditions for Lambda actions" (2026-11).
func (r *Resolver) qualified(a *arnLeaf) bool {
	if a.path.root != 's' {
		return false
	}
	for i := range r.arns {
		b := &r.arns[i]
		if tail, ok := strings.CutPrefix(b.value, a.value); ok && b.path.root == 'p' && strings.HasPrefix(tail, ":") && strings.Contains(a.value, ":function:") {
			return true
		}
	}
	return false
}

// restrict keeps, of the ARNs of a target that only one parameter names, those
// of resources[] only where there is no doubt which they are.
func (r *Resolver) restrict(t *target, before, index int) {
	named := false
	for i := range r.arns {
		a := &r.arns[i]
		named = named || a.path.root == 'p' && a.path.only[index] && a.typeOf(t) >= 0
	}
	for i := range t.types {
		named = named || r.filled(&t.types[i])
	}
	if named {
		r.drop(before)
		for i := range r.arns {
			a := &r.arns[i]
			if a.path.root == 'p' && a.path.only[index] {
				if kind := a.typeOf(t); kind >= 0 {
					r.arn(t, kind, a.value, t.basis)
				}
			}
		}
		return
	}
	if len(r.uses)-before > 1 {
		for i := range r.uses[before:] {
			r.uses[before+i].Basis = Ambiguous
		}
	}
}

// arn appends a use of an ARN from the record, in the form that requests carry.
func (r *Resolver) arn(t *target, kind int, arn string, basis Basis) {
	tp := &t.types[kind]
	mark := r.arena.mark()
	r.arena.add(arn)
	if len(tp.form.lits) == len(tp.arn.lits) && !tp.form.match(arn) {
		// A curated form only adds a tail to the reference's template.
		n := len(tp.form.lits) - 1
		if tail, ok := strings.CutPrefix(tp.form.lits[n], tp.arn.lits[n]); ok {
			if !(strings.HasPrefix(tail, "-?") && hasSuffix6(arn)) {
				r.arena.add(tail)
			}
		}
	} else if tail := tp.form.lits[len(tp.form.lits)-1]; strings.HasPrefix(tail, "-?") && !hasSuffix6(arn) {
		r.arena.add(tail)
	}
	s := r.arena.since(mark)
	r.use(t, kind, s, kindOf(s), basis)
}

// fromPrefix uses ARNPrefix members of resources[], as DeleteObjects has.
func (r *Resolver) fromPrefix(t *target, basis Basis) {
	if t.create {
		return
	}
	for i := range r.prefixes {
		prefix := r.prefixes[i]
		mark := r.arena.mark()
		r.arena.add(prefix)
		r.arena.add("x")
		probe := r.arena.since(mark)
		kind := bestType(t, probe)
		r.arena.drop(mark)
		if kind < 0 {
			continue
		}
		mark = r.arena.mark()
		r.arena.add(prefix)
		r.arena.add("*")
		r.use(t, kind, r.arena.since(mark), KindPattern, basis)
	}
}

package actions

// useKey is what makes two uses of one call the same.
type useKey struct{ action, resource, passedTo string }

func keyOf(u *Use) useKey { return useKey{u.Action, u.Resource, u.PassedTo} }

// fewUses is the number of uses up to which they are compared one by one.
const fewUses = 16

// had reports whether the call has such a use already. Calls may name thousands of
// resources: beyond a few, their uses are looked up by hash, so that no call costs
// time in the square of its size. What is looked up is compared with the use itself,
// since uses may be dropped or rewritten after they were indexed.
func (r *Resolver) had(key useKey) bool {
	if len(r.uses) <= fewUses {
		r.steps += len(r.uses)
		for i := range r.uses {
			if keyOf(&r.uses[i]) == key {
				return true
			}
		}
		return false
	}
	for ; r.indexed < len(r.uses); r.indexed++ {
		r.steps++
		r.index[keyOf(&r.uses[r.indexed])] = r.indexed
	}
	r.steps++
	i, ok := r.index[key]
	return ok && i < len(r.uses) && keyOf(&r.uses[i]) == key
}

// drop forgets the uses of targets since before.
func (r *Resolver) drop(before int) {
	r.uses, r.types = r.uses[:before], r.types[:before]
	r.indexed = min(r.indexed, before)
}

// forget empties the list of uses for the next call.
func (r *Resolver) forget() {
	r.uses, r.types, r.indexed, r.steps = r.uses[:0], r.types[:0], 0, 0
	if len(r.index) > 0 {
		clear(r.index)
	}
}

// dropped reports whether a value that names a resource of the target may not be
// used, while others are: it was hidden or cut off, or holds wildcards. Where the
// record lists the resources itself, those are all.
func (r *Resolver) dropped(t *target) bool {
	lost := r.sight == cut
	for i := range t.types {
		tp := &t.types[i]
		for v := range tp.form.vars {
			s := &r.slots[tp.slot+v]
			lost = lost || s.lostARN || s.lost <= s.rank && len(s.values) > 0
		}
	}
	if !lost {
		return false
	}
	for i := range r.arns {
		if a := &r.arns[i]; a.path.root == 's' && a.typeOf(t) >= 0 {
			return r.sight == cut
		}
	}
	return true
}

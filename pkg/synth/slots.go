package synth

import (
	"fmt"
	"slices"
)

// limitSlots keeps every user, role and group within the number of managed
// policies that may be attached to it, over all of its proposals together. Where
// splitting goes beyond it, the split documents share what is left, and those that
// cannot are dropped.
func (p *proposer) limitSlots() {
	for _, e := range p.overflowing() {
		fixed, splits := 0, []int{}
		for _, i := range e.units {
			if n := p.slotsOf(i); n > 1 {
				splits = append(splits, i)
			} else {
				fixed += n
			}
		}
		slices.Sort(splits)
		left := managedPerPrincipal - fixed
		for k, i := range splits {
			share := max(1, left/(len(splits)-k))
			p.units[i].slotCap = share
			p.proposals[i] = p.propose(p.units[i])
			left -= p.slotsOf(i)
		}
	}
}

// takeFreed gives the slots of policies of which nothing is needed to documents that lack
// room: once the proposals are carried out together, these slots are free. In each round
// the steps of the plan detach first what gives its slot.
func (p *proposer) takeFreed() {
	freed, byEntity := map[string]bool{}, map[string][]int{}
	for i, u := range p.units {
		for _, arn := range u.entities() {
			byEntity[arn] = append(byEntity[arn], i)
			freed[arn] = freed[arn] || p.proposals[i].Change == Remove && p.proposals[i].Kind != Inline
		}
	}
	for i, u := range p.units {
		if !u.squeezed || u.kind == PermissionSet || !slices.ContainsFunc(u.entities(), func(arn string) bool { return freed[arn] }) {
			continue
		}
		before := u.room().slots
		if u.slots = p.slotsFor(i, byEntity); u.slots <= before {
			u.slots = 0
			continue
		}
		x := p.propose(u)
		if x.Change == Replace && len(x.New) > before {
			x.Notes = append(x.Notes, fmt.Sprintf("takes %s that other proposals of this run free: carry them out together", plural(len(x.New)-before, "slot")))
		}
		p.proposals[i] = x
	}
}

// slotsFor is the number of managed policies that a unit may take, with its own, when all
// other proposals are carried out.
func (p *proposer) slotsFor(i int, byEntity map[string][]int) int {
	left := managedPerPrincipal
	for _, arn := range p.units[i].entities() {
		taken := 0
		for _, k := range byEntity[arn] {
			if k != i {
				taken += p.slotsOf(k)
			}
		}
		left = min(left, managedPerPrincipal-taken)
	}
	return left
}

// slotsOf is the number of managed policies that a unit takes after its proposal.
func (p *proposer) slotsOf(i int) int {
	x := p.proposals[i]
	switch {
	case x.Change == Remove:
		return 0
	case x.Change == Replace:
		return len(x.New)
	case x.Kind == Inline:
		return 0
	}
	return 1
}

// owner is an entity with the units attached to it.
type owner struct {
	arn   string
	units []int
}

// overflowing lists the entities with too many managed policies, sorted by ARN.
func (p *proposer) overflowing() []owner {
	byEntity := map[string][]int{}
	for i, u := range p.units {
		for _, arn := range u.entities() {
			byEntity[arn] = append(byEntity[arn], i)
		}
	}
	var out []owner
	for _, arn := range sortedKeys(byEntity) {
		total := 0
		for _, i := range byEntity[arn] {
			total += p.slotsOf(i)
		}
		if total > managedPerPrincipal {
			out = append(out, owner{arn, byEntity[arn]})
		}
	}
	return out
}

// entities lists the users, roles and groups that the unit's document is attached
// to, sorted.
func (u *unit) entities() []string {
	seen := map[string]bool{}
	for _, s := range u.subjects {
		for _, g := range s.grants {
			if g.Key != u.key {
				continue
			}
			kind, at := kindOf(g, s.p)
			if kind == AWSManaged && at != u.owner {
				continue
			}
			if g.Via != nil {
				seen[g.Via.ARN] = true
			} else {
				seen[s.p.ARN] = true
			}
		}
	}
	return sortedKeys(seen)
}

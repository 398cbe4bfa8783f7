package synth

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// measure counts what the proposals, and the baselines, allow beyond what was used.
func (t *trial) measure(out *PrincipalTested) {
	hidden, kept := keptApart(t.r.Proposals)
	out.KeptNotVisible, out.KeptOnPurpose = len(hidden), len(kept)
	before, after := documents(t.judged())
	attached, proposed := newReach(t.inventory, before, t.granted), newReach(t.inventory, after, t.granted)
	used := t.used(slices.Concat(t.seen, t.after))
	visible := func(a int) bool { return !hidden[t.p.facts.names[a]] && !kept[t.p.facts.names[a]] }
	taught := func(a int) bool { return visible(a) && t.usage.actions[strings.ToLower(t.p.facts.names[a])] }
	all, unused := attached.count(visible, used)
	out.Attached.Excess = Excess{Unused: total(unused), Attached: all}
	_, unused = attached.count(taught, used)
	out.ActionOnly.Excess = Excess{Unused: total(unused), Attached: all}
	_, unused = proposed.count(visible, used)
	out.Proposed.Excess = Excess{Unused: total(unused), Attached: all, Top: t.most(unused)}
	out.Proposed.Excess.Shared = min(t.shared(used, visible), out.Proposed.Excess.Unused)
	_, unused = proposed.count(func(a int) bool { return kept[t.p.facts.names[a]] && !hidden[t.p.facts.names[a]] }, used)
	out.Proposed.Excess.Kept = total(unused)
	out.Exact.Excess = Excess{Attached: all}
	for _, f := range []*Figures{&out.Proposed, &out.ActionOnly, &out.Attached} {
		f.Excess.Sampled = attached.sampled || proposed.sampled
	}
	t.measureForeign(out, attached, visible, taught)
}

// keptApart are the actions that stay since the logs could not show them, and those that
// the keep list, what was detected of a principal or AWS's documentation of a used call
// wants: neither is a matter of how far the proposals generalise.
func keptApart(ps []*Proposal) (hidden, kept map[string]bool) {
	hidden, kept = map[string]bool{}, map[string]bool{}
	for _, x := range ps {
		for _, a := range x.NotVisible {
			hidden[a] = true
		}
		for _, a := range x.Documented {
			kept[a] = true
		}
		for _, k := range x.KeptFor {
			for _, a := range k.Actions {
				kept[a] = true
			}
		}
	}
	return hidden, kept
}

// judged are the proposals of documents that could be edited at all: what is left of a
// document that is not ours to edit says nothing about the proposals.
func (t *trial) judged() []*Proposal {
	return slices.DeleteFunc(slices.Clone(t.r.Proposals), func(x *Proposal) bool {
		return x.Change == Skip && len(x.Kept)+len(x.NotVisible) == 0
	})
}

// grantedMemo keeps what long lists of actions come to, since many principals have the
// same AWS managed policies.
type grantedMemo struct {
	sync.Mutex
	lists map[string][]int
}

// granted lists the known actions that a statement takes.
func (b *backtester) granted(s *iam.Statement) []int {
	key := strings.Join(s.Action, "\n") + "\n!" + strings.Join(s.NotAction, "\n")
	b.memo.Lock()
	list, ok := b.memo.lists[key]
	b.memo.Unlock()
	if ok {
		return list
	}
	const long = 500
	if list, _ = b.p.facts.granted(s); len(list) > long {
		b.memo.Lock()
		b.memo.lists[key] = list
		b.memo.Unlock()
	}
	return list
}

// used are the permissions that callers used, by the index of the action.
func (b *backtester) used(seen []*caller) map[int]spread {
	out := map[int]spread{}
	for _, c := range seen {
		for i := range c.obs {
			o := &c.obs[i]
			a, ok := b.p.facts.index[strings.ToLower(o.action)]
			if !ok || !o.allowed() || o.documented() {
				continue
			}
			if out[a] == nil {
				out[a] = spread{}
			}
			for _, list := range b.inventory.ofAction[a] {
				if list == anyResource {
					out[a].add(spot{})
				} else {
					b.inventory.touch(out[a], o, list)
				}
			}
		}
	}
	for _, s := range out {
		s.join()
	}
	return out
}

// count is the number of permissions of the actions wanted that are allowed, and by the
// index of the action of those that were not used.
func (r *reach) count(wanted func(action int) bool, used map[int]spread) (all int64, unused map[int]int64) {
	unused = map[int]int64{}
	for a := range r.takes {
		if !wanted(a) {
			continue
		}
		n := int64(0)
		for _, list := range r.inventory.ofAction[a] {
			if len(r.inventory.lists[list].arns) > 0 {
				on := r.on(a, list)
				all += size(on)
				n += size(without(on, used[a][list]))
			}
		}
		if n > 0 {
			unused[a] = n
		}
	}
	return all, unused
}

// shared counts the permissions that the principal never used and that a document lets
// through for another principal to which it is attached.
func (t *trial) shared(used map[int]spread, wanted func(action int) bool) (n int64) {
	for _, x := range t.r.Proposals {
		if len(x.Principals) < 2 || x.Change == Keep || x.Change == Skip {
			continue
		}
		for a, all := range t.usedBy(x) {
			if !wanted(a) {
				continue
			}
			for list, spans := range all {
				n += size(without(spans, used[a][list]))
			}
		}
	}
	return n
}

// sharedMemo keeps what the principals of a proposal used of it together.
type sharedMemo struct {
	sync.Mutex
	used map[*Proposal]map[int]spread
}

// usedBy are the permissions of the new documents of a proposal that any of its
// principals used.
func (b *backtester) usedBy(x *Proposal) map[int]spread {
	b.together.Lock()
	defer b.together.Unlock()
	out, ok := b.together.used[x]
	if ok {
		return out
	}
	var seen []*caller
	for _, arn := range x.Principals {
		in := b.inFiles[arn]
		seen = slices.Concat(seen, b.learnt.of(arn, in), b.later.of(arn, in))
	}
	out = b.used(seen)
	r := newReach(b.inventory, x.New, b.granted)
	for a, all := range out {
		for list, spans := range all {
			all[list] = both(spans, r.on(a, list))
		}
	}
	b.together.used[x] = out
	return out
}

// most names the actions with the highest counts.
func (t *trial) most(counts map[int]int64) []ActionCount {
	const named = 5
	list := slices.SortedFunc(maps.Keys(counts), func(a, b int) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	var out []ActionCount
	for _, a := range list[:min(named, len(list))] {
		out = append(out, ActionCount{t.p.facts.names[a], counts[a]})
	}
	return out
}

// measureForeign counts what lets through resources of others.
func (t *trial) measureForeign(out *PrincipalTested, attached *reach, visible, taught func(int) bool) {
	for _, x := range t.r.Proposals {
		if x.Change != Keep && x.Change != Skip {
			out.Proposed.Foreign += t.foreignOf(x)
		}
	}
	own := t.touched(t.r.ARN)
	out.ActionOnly.Foreign = attached.foreign(own, taught)
	out.Attached.Foreign = attached.foreign(own, visible)
}

// foreignMemo keeps the count of each proposal, as shared policies have many principals.
type foreignMemo struct {
	sync.Mutex
	counts map[*Proposal]int
}

// foreignOf counts what the patterns that a proposal made let through of resources that
// none of its principals touched.
func (b *backtester) foreignOf(x *Proposal) int {
	b.foreign.Lock()
	defer b.foreign.Unlock()
	n, ok := b.foreign.counts[x]
	if !ok {
		_, kept := keptApart([]*Proposal{x})
		if docs := opened(x); len(docs) > 0 {
			n = newReach(b.inventory, docs, b.granted).foreign(b.touched(x.Principals...), func(a int) bool { return !kept[b.p.facts.names[a]] })
		}
		b.foreign.counts[x] = n
	}
	return n
}

// opened are the Allow statements of the new documents with nothing but the patterns
// that the attached document does not have.
func opened(x *Proposal) []*iam.Document {
	had := map[string]bool{}
	if x.Old != nil {
		for i := range x.Old.Statements {
			for _, r := range x.Old.Statements[i].Resource {
				had[r] = true
			}
		}
	}
	var out []*iam.Document
	for _, d := range x.New {
		part := &iam.Document{Version: d.Version}
		for _, s := range d.Statements {
			s.Resource = slices.DeleteFunc(slices.Clone(s.Resource), func(r string) bool {
				return had[r] || r == "*" || !strings.ContainsAny(r, "*?")
			})
			if s.Effect == iam.Allow && len(s.Resource) > 0 {
				part.Statements = append(part.Statements, s)
			}
		}
		if len(part.Statements) > 0 {
			out = append(out, part)
		}
	}
	return out
}

// touched are all resources that principals used with any action in the whole log.
func (b *backtester) touched(arns ...string) spread {
	out := spread{}
	for _, arn := range arns {
		in := b.inFiles[arn]
		for _, c := range slices.Concat(b.learnt.of(arn, in), b.later.of(arn, in)) {
			for i := range c.obs {
				b.inventory.touch(out, &c.obs[i], everyList)
			}
		}
	}
	out.join()
	return out
}

// foreign counts the pairs of an action wanted and a resource that are allowed, where
// somebody used the action on the resource, and the resource is none of own.
func (r *reach) foreign(own spread, wanted func(action int) bool) (n int) {
	for a, places := range r.inventory.byAction {
		if len(r.takes[a]) == 0 || !wanted(a) {
			continue
		}
		for len(places) > 0 {
			list := places[0].list
			end, _ := slices.BinarySearchFunc(places, list+1, byList)
			if spans := r.on(a, list); len(spans) > 0 {
				n += inSpans(places[:end], spans) - inBoth(places[:end], own[list], spans)
			}
			places = places[end:]
		}
	}
	return n
}

func byList(p spot, list int32) int { return int(p.list) - int(list) }

func byRank(p spot, rank int32) int { return int(p.rank) - int(rank) }

// inSpans counts the places of one list that lie in spans.
func inSpans(places []spot, spans []span) (n int) {
	for _, s := range spans {
		from, _ := slices.BinarySearchFunc(places, s.from, byRank)
		to, _ := slices.BinarySearchFunc(places, s.to, byRank)
		n += to - from
	}
	return n
}

// inBoth counts the places of one list that lie in spans and in own.
func inBoth(places []spot, own, spans []span) (n int) {
	if len(own) == 0 {
		return 0
	}
	for _, p := range places {
		if holds(own, p.rank) && holds(spans, p.rank) {
			n++
		}
	}
	return n
}

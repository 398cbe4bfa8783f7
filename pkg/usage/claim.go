package usage

import (
	"cmp"
	"math/bits"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
)

// A record that is logged several times counts once: copies of one event carry
// one event id (two trails), and the copies that caller and owner of a resource
// get in their accounts carry one shared event id. Each event is claimed by one
// copy, in whose rows it counts. Which copy that is does not depend on the order
// in which they come: the one whose principal is known best, and of several the
// one with the smallest row.

// partKey names one set of fingerprints: one account and event day.
type partKey struct {
	account uint32
	day     int32
}

// claim is the rows that an event counts in.
type claim struct {
	call  uint32
	trust uint32 // its number + 1; 0 for none
}

// claims holds who claims each fingerprint.
type claims map[partKey]*claimTable

// claimTable is a table of claims by fingerprint. A slot takes 16 bytes; at most
// seven of eight are in use.
type claimTable struct {
	slots []claimSlot // a power of two long
	len   int
	// seed differs from table to table: fingerprints come in order from other tables and
	// from disk, and from whoever writes ids into a log, and all of these would otherwise
	// come to lie side by side.
	seed uint64
}

type claimSlot struct {
	print uint64 // 0: free
	claim
}

// home is where to look for a fingerprint first.
func (t *claimTable) home(print uint64) int {
	h := (print ^ t.seed) * 0x9e3779b97f4a7c15
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	return int(h >> (64 - bits.TrailingZeros(uint(len(t.slots)))))
}

// slot is where print is, or the free slot for it. print is not 0.
func (t *claimTable) slot(print uint64) *claimSlot {
	for i := t.home(print); ; i = (i + 1) & (len(t.slots) - 1) {
		if s := &t.slots[i]; s.print == print || s.print == 0 {
			return s
		}
	}
}

// sortByShard puts the claims in the order of their shards. The table is of no other
// use then than for each.
func (t *claimTable) sortByShard() {
	t.slots = slices.DeleteFunc(t.slots, func(s claimSlot) bool { return s.print == 0 })
	slices.SortFunc(t.slots, func(a, b claimSlot) int { return cmp.Compare(a.print*spread, b.print*spread) })
}

// each calls f for the claims that are selected: of some shards, once sortByShard was
// called.
func (t *claimTable) each(rows *selection, f func(*claimSlot)) {
	from, until := 0, len(t.slots)
	if rows.until > 0 {
		at := func(shard int) int {
			return sort.Search(len(t.slots), func(i int) bool { return shardOf(t.slots[i].print) >= shard })
		}
		from, until = at(rows.from), at(rows.until)
	}
	for i := from; i < until; i++ {
		if s := &t.slots[i]; s.print != 0 {
			f(s)
		}
	}
}

// room makes sure that a free slot is left, and returns how many more slots there are.
func (t *claimTable) room() int {
	if 8*(t.len+1) <= 7*len(t.slots) {
		return 0
	}
	old := t.slots
	t.slots = make([]claimSlot, max(8, 2*len(old)))
	for i := range old {
		if old[i].print != 0 {
			*t.slot(old[i].print) = old[i]
		}
	}
	return len(t.slots) - len(old)
}

// fingerprint says which event a record is of: 64 bits of its shared event id
// with name and type (a network activity event shares the id of the API call it
// stands for, but is not the call), else of its event id. The first lie in the
// part of the caller's account, which both copies name, the second in the
// recipient's. ok is false without any id.
func (b *Builder) fingerprint(r *Record, k *callKey) (part partKey, print uint64, ok bool) {
	switch {
	case r.SharedID != "":
		part = partKey{k.account, k.day}
		print = fingerprint('s', r.SharedID, b.texts.at(k.name), b.texts.at(k.eventType))
	case r.EventID != "":
		part = partKey{k.recipient, k.day}
		print = printID(r.EventID)
	default:
		return part, 0, false
	}
	return part, print, true
}

// fingerprint hashes texts: FNV-1a, with a last round that spreads it. It is on
// disk and may not change.
func fingerprint(kind byte, texts ...string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := (offset ^ uint64(kind)) * prime
	for _, s := range texts {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * prime
		}
		h = (h ^ 0xff) * prime
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return max(1, h^h>>33) // 0 is no fingerprint
}

// stake lets c, which counts already, claim a fingerprint. Where another copy
// has it, one of the two is a duplicate and no longer counts.
func (b *Builder) stake(part partKey, print uint64, c claim) {
	prints := b.claims[part]
	if prints == nil {
		prints = &claimTable{seed: rand.Uint64()}
		b.claims[part] = prints
	}
	b.slots += int64(prints.room())
	slot := prints.slot(print)
	if slot.print == 0 {
		*slot = claimSlot{print, c}
		prints.len++
		return
	}
	b.stats.Duplicates++
	if b.compareClaims(c, slot.claim) < 0 {
		c, slot.claim = slot.claim, c
	}
	b.count(c, -1)
}

// compareClaims orders claims: less is better.
func (b *Builder) compareClaims(x, y claim) int {
	if x == y {
		return 0
	}
	if x.call != y.call {
		p, q := b.call(x.call), b.call(y.call)
		if c := cmp.Compare(anonymity(p.PrincipalType), anonymity(q.PrincipalType)); c != 0 {
			return c
		}
		x, y := b.calls.at(x.call).key.context, b.calls.at(y.call).key.context
		p.ContextID, q.ContextID = "", ""
		return cmp.Or(compareCalls(&p, &q), comparePairs(b.contexts[x], b.contexts[y]))
	}
	if x.trust == 0 || y.trust == 0 {
		return cmp.Compare(y.trust, x.trust) // one that has a trust row is better
	}
	t, u := b.trustRow(x.trust-1), b.trustRow(y.trust-1)
	return compareTrust(&t, &u)
}

// anonymity ranks principals by how little is known of them.
func anonymity(t PrincipalType) int {
	switch t {
	case Service:
		return 1
	case External:
		return 2
	case Anonymous:
		return 3
	case UnknownPrincipal:
		return 4
	default:
		return 0
	}
}

// print is one row of ids/: a fingerprint, and the rows that its event counts in.
// Sorted by them, the rows' numbers take next to nothing on disk.
type print struct {
	Account     string
	Day         int32
	Fingerprint int64 // its bits; unsigned
	Call        int64 // place of the row among the calls of the day
	Trust       int64 // place + 1 of the row in trust/ of the day; 0 for none
}

func comparePrints(a, b *print) int {
	if c := cmp.Compare(a.Day, b.Day); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Call, b.Call); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Trust, b.Trust); c != 0 {
		return c
	}
	if c := strings.Compare(a.Account, b.Account); c != 0 {
		return c
	}
	return cmp.Compare(uint64(a.Fingerprint), uint64(b.Fingerprint))
}

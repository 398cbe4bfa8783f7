package usage

import (
	"cmp"
	"maps"
	"slices"
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
type claims map[partKey]map[uint64]claim

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
	return h ^ h>>33
}

// stake lets c, which counts already, claim a fingerprint. Where another copy
// has it, one of the two is a duplicate and no longer counts.
func (b *Builder) stake(part partKey, print uint64, c claim) {
	prints := b.claims[part]
	if prints == nil {
		prints = map[uint64]claim{}
		b.claims[part] = prints
	}
	old, taken := prints[print]
	if !taken {
		prints[print] = c
		return
	}
	b.stats.Duplicates++
	if b.compareClaims(c, old) < 0 {
		prints[print] = c
		c = old
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
		return compareCalls(&p, &q)
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

// print is one row of ids/.
type print struct {
	Account     string
	Day         int32
	Fingerprint int64 // its bits; unsigned
}

func comparePrints(a, b *print) int {
	if c := strings.Compare(a.Account, b.Account); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Day, b.Day); c != 0 {
		return c
	}
	return cmp.Compare(uint64(a.Fingerprint), uint64(b.Fingerprint))
}

// prints lists all fingerprints, sorted by account, day and value.
func (b *Builder) prints() []print {
	n := 0
	parts := make([]partKey, 0, len(b.claims))
	for part, prints := range b.claims {
		n += len(prints)
		parts = append(parts, part)
	}
	text := &b.texts
	slices.SortFunc(parts, func(x, y partKey) int {
		return cmp.Or(strings.Compare(text.at(x.account), text.at(y.account)), cmp.Compare(x.day, y.day))
	})
	rows := make([]print, 0, n)
	var sorted []uint64 // reused from part to part
	for _, part := range parts {
		sorted = slices.AppendSeq(sorted[:0], maps.Keys(b.claims[part]))
		slices.Sort(sorted)
		for _, p := range sorted {
			rows = append(rows, print{text.at(part.account), part.day, int64(p)})
		}
	}
	return rows
}

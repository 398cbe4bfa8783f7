package usage

import (
	"math/rand/v2"
	"slices"
)

// spread is what fingerprints are multiplied by before they are told apart by their
// first bits. It differs from run to run: whoever writes ids into a log knows their
// fingerprints, and must not choose which of them go together.
var spread = rand.Uint64() | 1

// shardOf is the range that a fingerprint lies in, of this run: what comes of it does
// not depend on the ranges.
func shardOf(print uint64) int { return int(print * spread / (1 << 64 / spoolShards)) }

// shards returns what a table has of some ranges of fingerprints, as Spool says: rows
// with the events that count in them, and in the first range those without an id too.
func (t *Table) shards(from, until int) *Table {
	if from == 0 && until == spoolShards {
		return t
	}
	calls, trust := newPortion(len(t.Calls)), newPortion(len(t.Trust))
	for i := range t.prints {
		p := &t.prints[i]
		shard := shardOf(uint64(p.Fingerprint))
		in := shard >= from && shard < until
		calls.count(p.Call, in)
		if p.Trust > 0 {
			trust.count(p.Trust-1, in)
		}
	}
	out := &Table{Args: t.Args, Contexts: t.Contexts}
	for i := range t.Calls {
		c := t.Calls[i]
		if events, ok := calls.take(i, c.Events, from == 0); ok {
			c.Events = events
			out.Calls = append(out.Calls, c)
		}
	}
	for i := range t.Trust {
		r := t.Trust[i]
		if events, ok := trust.take(i, r.Events, from == 0); ok {
			r.Events = events
			out.Trust = append(out.Trust, r)
		}
	}
	for i := range t.prints {
		p := t.prints[i]
		if shard := shardOf(uint64(p.Fingerprint)); shard < from || shard >= until {
			continue
		}
		p.Call = int64(calls.place[p.Call])
		if p.Trust > 0 {
			p.Trust = int64(trust.place[p.Trust-1]) + 1
		}
		out.prints = append(out.prints, p)
	}
	return out
}

// portion is the part of rows' events that is taken.
type portion struct {
	in, all []int64
	place   []uint32 // of rows that are taken
	next    uint32
}

func newPortion(rows int) *portion {
	return &portion{in: make([]int64, rows), all: make([]int64, rows), place: make([]uint32, rows)}
}

func (s *portion) count(row int64, in bool) {
	s.all[row]++
	if in {
		s.in[row]++
	}
}

// take is the number of events of a row that are taken; ok is false for a row without
// any. The first range has events without an id, and rows without events.
func (s *portion) take(row int, events int64, first bool) (n int64, ok bool) {
	if n, ok = takes(s.in[row], s.all[row], events, first); ok {
		s.place[row] = s.next
		s.next++
	}
	return n, ok
}

// takes is portion.take for a row of so many events, all with a fingerprint, in of them
// with one that is taken.
func takes(in, all, events int64, first bool) (n int64, ok bool) {
	if !first {
		return in, in > 0
	}
	rest := events - all
	return in + rest, in > 0 || rest > 0 || all == 0
}

// splitter takes the rows of a builder's day apart by the fingerprints of their events.
// It uses the builder up.
type splitter struct {
	b    *Builder
	rows selection
}

// newSplitter takes the events that have fingerprints from the rows' counts.
func newSplitter(b *Builder, rows *selection) *splitter {
	s := &splitter{b: b, rows: *rows}
	for _, part := range rows.parts {
		b.claims[part].sortByShard()
		for _, slot := range b.claims[part].slots {
			b.count(slot.claim, -1)
			b.calls.at(slot.call).place = claimed
			if slot.trust > 0 {
				b.trust.at(slot.trust - 1).place = claimed
			}
		}
	}
	return s
}

// claimed marks rows, in the place of their place, of which events have fingerprints.
const claimed = ^uint32(0)

// first selects the rows that events without a fingerprint count in, and those that no
// event counts in. They go with shard 0.
func (s *splitter) first() (calls, trust []uint32) {
	for _, n := range s.rows.calls {
		if row := s.b.calls.at(n); row.events > 0 || row.place != claimed {
			calls = append(calls, n)
		}
	}
	for _, n := range s.rows.trust {
		if row := s.b.trust.at(n); row.events > 0 || row.place != claimed {
			trust = append(trust, n)
		}
	}
	return calls, trust
}

// list makes a table of shards from..until-1, with the levels of contexts of the day, if
// they are given. Shards are listed from 0 up.
func (s *splitter) list(from, until int, levels *contextLevels) *Table {
	in := selection{parts: s.rows.parts, from: from, until: until}
	if from == 0 {
		in.calls, in.trust = s.first()
	}
	for _, part := range s.rows.parts {
		s.b.claims[part].each(&in, func(slot *claimSlot) {
			s.b.count(slot.claim, 1)
			in.calls = append(in.calls, slot.call)
			if slot.trust > 0 {
				in.trust = append(in.trust, slot.trust-1)
			}
		})
	}
	slices.Sort(in.calls)
	slices.Sort(in.trust)
	in.calls, in.trust = slices.Compact(in.calls), slices.Compact(in.trust)
	t := s.b.listAt(in, levels)
	for _, n := range in.calls {
		s.b.calls.at(n).events = 0
	}
	for _, n := range in.trust {
		s.b.trust.at(n).events = 0
	}
	return t
}

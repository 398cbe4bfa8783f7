package usage

import (
	"maps"
	"slices"
)

// Batch is what a scan read, by days of events and with the objects it came from. A
// Dataset takes it in.
type Batch struct {
	rows  *Builder
	days  map[int32]*selection // of rows
	spool *Spool               // with all rows, if not nil
	// Filter is what the scan was told to leave out; nil: nothing.
	Filter *Filter
	// Rules are those that told lanes, as JSON; nil: none.
	Rules []byte
	// Replaces tells days of which the batch has all that the dataset is to have; nil: of
	// no day.
	Replaces func(day int32) bool
	// Digests is what digests say, if they were looked at; nil: nothing is known anew.
	Digests *DigestBatch
	// More reports that the scan goes on: there will be another batch.
	More bool
	// Known is the number of objects that were passed over, since the ledger had them.
	Known int64
}

// DigestBatch is what a scan found of digests.
type DigestBatch struct {
	Rows   []DigestRow // to be joined with those of the dataset
	Listed []ListedRow // instead of those of the dataset
	Chains []ChainRow  // likewise
}

// Gather joins builders, which are not to be used again. A nil builder is passed over.
func Gather(bs ...*Builder) *Batch {
	b := &Batch{rows: merge(bs)}
	b.days = b.rows.byDay()
	return b
}

// GatherSpooled is Gather for builders that may have spilled to s, which it moves all
// other rows to if one has.
func GatherSpooled(s *Spool, bs ...*Builder) (*Batch, error) {
	if s.empty() {
		return Gather(bs...), nil
	}
	for _, b := range bs {
		if b == nil {
			continue
		}
		if err := s.Spill(b); err != nil {
			return nil, err
		}
	}
	b := Gather(bs...) // their totals
	return b, b.toSpool(s)
}

// toSpool moves all rows and objects to a spool.
func (b *Batch) toSpool(s *Spool) error {
	if err := s.Spill(b.rows); err != nil {
		return err
	}
	b.days, b.spool = nil, s
	return nil
}

// sizeOf is about how much memory it takes to merge the rows of a day.
func (b *Batch) sizeOf(day int32) int64 {
	if rows := b.days[day]; rows != nil {
		return b.rows.sizeOf(rows)
	}
	if b.spool != nil && b.spool.days[day] != nil {
		return b.spool.days[day].bytes
	}
	return 0
}

// eventDays lists the days that there are rows of.
func (b *Batch) eventDays() []int32 {
	days := slices.Collect(maps.Keys(b.days))
	if b.spool != nil {
		days = slices.AppendSeq(days, maps.Keys(b.spool.days))
	}
	return days
}

func (b *Batch) replaces(day int32) bool { return b.Replaces != nil && b.Replaces(day) }

// has reports whether there are rows of a day.
func (b *Batch) has(day int32) bool {
	return b.days[day] != nil || b.spool != nil && b.spool.days[day] != nil
}

// addSpooled adds to a builder what the spool has of some shards of a day.
func (b *Batch) addSpooled(to *Builder, day int32, from, until int) error {
	if b.spool == nil || b.spool.days[day] == nil {
		return nil
	}
	return b.spool.days[day].add(to, from, until)
}

// levelsOf finds the levels of contexts from the rows of a day.
func (b *Batch) levelsOf(day int32) *contextLevels {
	if b.spool != nil && b.spool.days[day] != nil {
		return b.spool.days[day].levels
	}
	levels := newContextLevels(maxContexts)
	if rows := b.days[day]; rows != nil {
		text := &b.rows.texts
		for _, n := range rows.calls {
			k := &b.rows.calls.at(n).key
			levels.add(text.at(k.principal), text.at(k.context), b.rows.contexts[k.context])
		}
	}
	return levels
}

// deliveryDays lists the days of the objects.
func (b *Batch) deliveryDays() []int32 {
	if b.spool != nil {
		return slices.Sorted(maps.Keys(b.spool.ledger))
	}
	return slices.Sorted(maps.Keys(objectsByDay(b.rows.objects)))
}

// objects lists the objects of a delivery day.
func (b *Batch) objects(day int32) ([]ObjectRow, error) {
	if b.spool != nil {
		return b.spool.objects(day)
	}
	return objectsByDay(b.rows.objects)[day], nil
}

// Stats are the totals of what was read.
func (b *Batch) Stats() Stats { return b.rows.stats }

// Table lists all of the batch in memory.
func (b *Batch) Table() *Table {
	t := b.rows.table()
	t.Filter = b.Filter
	if b.Digests != nil {
		t.Digests, t.Listed, t.Chains = b.Digests.Rows, b.Digests.Listed, b.Digests.Chains
	}
	return t
}

// objectsByDay lists objects by delivery day.
func objectsByDay(objects []ObjectRow) map[int32][]ObjectRow {
	days := map[int32][]ObjectRow{}
	for _, o := range objects {
		d := knownDay(o.Day)
		days[d] = append(days[d], o)
	}
	return days
}

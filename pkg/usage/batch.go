package usage

import "slices"

// Batch is what a scan read, by days of events and with the objects it came from. A
// Dataset takes it in.
type Batch struct {
	rows *Builder
	days map[int32]*selection
	// Filter is what the scan was told to leave out; nil: nothing.
	Filter *Filter
	// Known is the number of objects that were passed over, since the ledger had them.
	Known int64
}

// Gather joins builders, which are not to be used again. A nil builder is passed over.
func Gather(bs ...*Builder) *Batch {
	b := &Batch{rows: merge(bs)}
	b.days = b.rows.byDay()
	return b
}

// Stats are the totals of what was read.
func (b *Batch) Stats() Stats { return b.rows.stats }

// Table lists all of the batch in memory.
func (b *Batch) Table() *Table {
	t := b.rows.table()
	t.Filter = b.Filter
	return t
}

// objects lists the objects that were read by delivery day, in order.
func (b *Batch) objects() map[int32][]ObjectRow {
	days := map[int32][]ObjectRow{}
	for _, o := range b.rows.objects {
		d := knownDay(o.Day)
		days[d] = append(days[d], o)
	}
	for _, list := range days {
		slices.SortFunc(list, func(x, y ObjectRow) int { return compareObjects(&x, &y) })
	}
	return days
}

package usage

import (
	"hash/maphash"
)

// listTable numbers lists of arguments by their parts: a map whose slots hold all that
// is compared.
type listTable struct {
	seed  uint64
	slots []listSlot // a power of two long, at most three of four in use
	len   int
}

type listSlot struct {
	parts
	number uint32 // of the list + 1; 0 in a free slot
}

func newListTable() listTable {
	return listTable{seed: maphash.Bytes(maphash.MakeSeed(), nil), slots: make([]listSlot, firstSlots)}
}

// slot is where the parts are, or the free slot for them.
func (t *listTable) slot(ps parts) *listSlot {
	mask := uint64(len(t.slots) - 1)
	// The seed is not known to who wrote the log, and so can't choose parts that meet.
	h := mix64(t.seed ^ uint64(ps[0])<<32 ^ uint64(ps[1]))
	h = mix64(h ^ uint64(ps[2])<<32 ^ uint64(ps[3]))
	for i := h & mask; ; i = (i + 1) & mask {
		if s := &t.slots[i]; s.parts == ps && s.number != 0 || s.number == 0 {
			return s
		}
	}
}

// add numbers parts that the table does not have.
func (t *listTable) add(ps parts, number uint32) {
	if 4*(t.len+1) > 3*len(t.slots) {
		old := t.slots
		t.slots = make([]listSlot, 2*len(old))
		for i := range old {
			if old[i].number != 0 {
				*t.slot(old[i].parts) = old[i]
			}
		}
	}
	*t.slot(ps) = listSlot{ps, number + 1}
	t.len++
}

package parquet

import (
	"hash/maphash"
	"math/bits"
	"unsafe"
)

// numbering numbers distinct values in the order in which they come. Its table
// starts small for each column, and its hash is seeded anew in each process, so
// that no text of a log can be made to collide.
type numbering struct {
	seed   maphash.Seed
	mix    uint64
	slots  []uint32 // number of a value + 1, by hash; a power of two long
	room   []uint32 // what slots is a part of
	hashes []uint64
	texts  []string
	ints   []int64
	recent [recentSize]recentText
	last   string // that was numbered; rows are sorted, and "" lies nowhere
	lastID uint32
}

// recentText is a text that was numbered, told by where it lies: rows share the
// texts that occur often, and then need no hash.
type recentText struct {
	at *byte
	n  int
	id uint32
}

const (
	recentSize = 512
	firstSlots = 64
)

func newNumbering() *numbering {
	d := &numbering{seed: maphash.MakeSeed()}
	d.mix = maphash.Comparable(d.seed, 0) | 1
	return d
}

func (d *numbering) reset() {
	clear(d.texts)
	d.hashes, d.texts, d.ints = d.hashes[:0], d.texts[:0], d.ints[:0]
	clear(d.recent[:])
	d.last, d.lastID = "", 0
	d.resize(firstSlots)
}

func (d *numbering) resize(n int) {
	if cap(d.room) < n {
		d.room = make([]uint32, n)
	}
	d.slots = d.room[:n]
	clear(d.slots)
	for i, h := range d.hashes {
		at := int(h) & (n - 1)
		for d.slots[at] != 0 {
			at = (at + 1) & (n - 1)
		}
		d.slots[at] = uint32(i) + 1
	}
}

// add gives the next number to a value of this hash that belongs in the slot.
func (d *numbering) add(h uint64, at int) uint32 {
	d.hashes = append(d.hashes, h)
	n := uint32(len(d.hashes))
	d.slots[at] = n
	if len(d.hashes)*2 > len(d.slots) {
		d.resize(2 * len(d.slots))
	}
	return n - 1
}

// text numbers a text.
func (d *numbering) text(s string) uint32 {
	if s != d.last || len(d.texts) == 0 {
		d.last, d.lastID = s, d.unlike(s)
	}
	return d.lastID
}

// unlike is text where the text before was another one.
func (d *numbering) unlike(s string) uint32 {
	at := unsafe.StringData(s)
	r := &d.recent[(uintptr(unsafe.Pointer(at))>>4^uintptr(unsafe.Pointer(at))>>13)%recentSize]
	if r.at == at && r.n == len(s) && at != nil {
		return r.id
	}
	r.at, r.n, r.id = at, len(s), d.lookup(s)
	return r.id
}

func (d *numbering) lookup(s string) uint32 {
	h := maphash.String(d.seed, s)
	at := int(h) & (len(d.slots) - 1)
	for ; d.slots[at] != 0; at = (at + 1) & (len(d.slots) - 1) {
		if n := d.slots[at] - 1; d.hashes[n] == h && d.texts[n] == s {
			return n
		}
	}
	d.texts = append(d.texts, s)
	return d.add(h, at)
}

// int numbers an integer.
func (d *numbering) int(v int64) uint32 {
	hi, lo := bits.Mul64(uint64(v)^d.mix, 0x9e3779b97f4a7c15)
	h := hi ^ lo
	at := int(h) & (len(d.slots) - 1)
	for ; d.slots[at] != 0; at = (at + 1) & (len(d.slots) - 1) {
		if n := d.slots[at] - 1; d.ints[n] == v {
			return n
		}
	}
	d.ints = append(d.ints, v)
	return d.add(h, at)
}

// width is the number of bits of the numbers given so far, at least one.
func (d *numbering) width() int {
	return max(1, bits.Len(uint(max(1, len(d.hashes))-1)))
}

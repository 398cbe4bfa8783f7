package usage

import "hash/maphash"

// tally is what a counted row adds up.
type tally struct {
	events, first, last int64
}

// join adds what another count of the row has.
func (t *tally) join(events, first, last int64) {
	t.events += events
	t.first, t.last = span(t.first, t.last, first, last)
}

// entry is a counted row.
type entry[K comparable] struct {
	key   K
	hash  uint32
	place uint32 // among the listed rows of its day
	tally
}

// slot is a place in a table: a number + 1, and its hash, so that what lies elsewhere
// is looked at only where it is the one that is looked for. 0 is free.
type slot uint64

func newSlot(hash, n uint32) slot { return slot(hash)<<32 | slot(n+1) }

func (s slot) hash() uint32   { return uint32(s >> 32) }
func (s slot) number() uint32 { return uint32(s) - 1 }

// counter counts rows by key. Its rows lie in blocks that are never moved, and
// hold no pointers: there are as many as distinct calls.
type counter[K comparable] struct {
	seed   maphash.Seed
	slots  []slot // by the hash of a row; a power of two long
	blocks [][]entry[K]
	len    int
}

const (
	blockBits  = 10
	blockRows  = 1 << blockBits
	firstSlots = 64
)

func newCounter[K comparable]() counter[K] {
	return counter[K]{seed: maphash.MakeSeed(), slots: make([]slot, firstSlots)}
}

// at is the row number n, valid as long as the counter.
func (c *counter[K]) at(n uint32) *entry[K] {
	return &c.blocks[n>>blockBits][n&(blockRows-1)]
}

// row returns the number of k's row, a new one where there is none.
func (c *counter[K]) row(k K) uint32 {
	hash := uint32(maphash.Comparable(c.seed, k))
	mask := len(c.slots) - 1
	i := int(hash) & mask
	for ; c.slots[i] != 0; i = (i + 1) & mask {
		if s := c.slots[i]; s.hash() == hash && c.at(s.number()).key == k {
			return s.number()
		}
	}
	if c.len%blockRows == 0 {
		c.blocks = append(c.blocks, make([]entry[K], blockRows))
	}
	n := uint32(c.len)
	*c.at(n) = entry[K]{key: k, hash: hash}
	c.len++
	c.slots[i] = newSlot(hash, n)
	if 4*c.len > 3*len(c.slots) {
		c.grow()
	}
	return n
}

// grow doubles the slots.
func (c *counter[K]) grow() {
	c.slots = make([]slot, 2*len(c.slots))
	mask := len(c.slots) - 1
	for n := range uint32(c.len) {
		hash := c.at(n).hash
		i := int(hash) & mask
		for c.slots[i] != 0 {
			i = (i + 1) & mask
		}
		c.slots[i] = newSlot(hash, n)
	}
}

// see widens a row's span of time.
func (c *counter[K]) see(n uint32, ms int64) {
	t := c.at(n)
	t.first, t.last = span(t.first, t.last, ms, ms)
}

// adopt adds rows of o under the keys that rename makes of theirs, and returns the new
// numbers of rows by the old ones.
func (c *counter[K]) adopt(o *counter[K], rows []uint32, rename func(K) K) []uint32 {
	to := make([]uint32, o.len)
	for _, i := range rows {
		u := o.at(i)
		n := c.row(rename(u.key))
		c.at(n).join(u.events, u.first, u.last)
		to[i] = n
	}
	return to
}

package usage

// tally is what a counted row adds up.
type tally struct {
	events, first, last int64
}

// counter counts rows by key.
type counter[K comparable] struct {
	index   map[K]uint32
	keys    []K
	tallies []tally
}

func newCounter[K comparable]() counter[K] {
	return counter[K]{index: map[K]uint32{}}
}

// row returns the number of k's row, a new one where there is none.
func (c *counter[K]) row(k K) uint32 {
	if n, ok := c.index[k]; ok {
		return n
	}
	n := uint32(len(c.keys))
	c.index[k] = n
	c.keys = append(c.keys, k)
	c.tallies = append(c.tallies, tally{})
	return n
}

// see widens a row's span of time.
func (c *counter[K]) see(n uint32, ms int64) {
	t := &c.tallies[n]
	t.first, t.last = span(t.first, t.last, ms, ms)
}

// adopt adds all rows of o under the keys that rename makes of theirs, and
// returns the new numbers of rows by the old ones.
func (c *counter[K]) adopt(o *counter[K], rename func(K) K) []uint32 {
	to := make([]uint32, len(o.keys))
	for i, k := range o.keys {
		n := c.row(rename(k))
		t, u := &c.tallies[n], &o.tallies[i]
		t.events += u.events
		t.first, t.last = span(t.first, t.last, u.first, u.last)
		to[i] = n
	}
	return to
}

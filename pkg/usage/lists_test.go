package usage

import (
	"math/rand/v2"
	"testing"
)

// A listTable is a map.
func TestListTable(t *testing.T) {
	table, want, rng := newListTable(), map[parts]uint32{}, rand.New(rand.NewPCG(8, 9))
	for range 20000 {
		ps := parts{rng.Uint32N(3), rng.Uint32N(60), rng.Uint32N(3) * irregular, rng.Uint32N(20)}
		n, ok := want[ps]
		s := table.slot(ps)
		if ok != (s.number != 0) || ok && s.number-1 != n {
			t.Fatalf("%v: %d instead of %d, %v", ps, s.number, n, ok)
		}
		if !ok {
			want[ps] = uint32(len(want))
			table.add(ps, want[ps])
		}
	}
	if table.len != len(want) {
		t.Errorf("%d lists instead of %d", table.len, len(want))
	}
}

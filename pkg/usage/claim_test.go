package usage

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// probes counts the slots that are looked at to find all claims of a table.
func (t *claimTable) probes() (n int) {
	for i := range t.slots {
		if print := t.slots[i].print; print != 0 {
			n += (i-t.home(print)+len(t.slots))&(len(t.slots)-1) + 1
		}
	}
	return n
}

// TestClaimsDoNotPileUp fills tables with fingerprints in the orders in which they
// come, and with chosen ones: finding them must not take long.
func TestClaimsDoNotPileUp(t *testing.T) {
	const n = 1 << 16
	r := rand.New(rand.NewPCG(1, 2))
	random := make([]uint64, n)
	for i := range random {
		random[i] = r.Uint64() | 1
	}
	near, inOneShard := make([]uint64, n), make([]uint64, 0, n)
	for i := range near {
		near[i] = 1<<63 + uint64(i)
	}
	for len(inOneShard) < n {
		if p := r.Uint64(); shardOf(p) == 3 {
			inOneShard = append(inOneShard, p)
		}
	}
	for name, prints := range map[string][]uint64{"random": random, "sorted": slices.Sorted(slices.Values(random)), "near": near, "one shard": inOneShard} {
		from, to := fillClaims(prints), &claimTable{seed: r.Uint64()}
		from.each(&selection{}, func(s *claimSlot) { // as one builder adopts another
			to.room()
			*to.slot(s.print) = *s
			to.len++
		})
		for _, table := range []*claimTable{from, to} {
			if got := table.probes() / n; got > 12 {
				t.Errorf("%s: %d probes for each fingerprint", name, got)
			}
		}
	}
}

func fillClaims(prints []uint64) *claimTable {
	t := &claimTable{seed: rand.Uint64()}
	for _, p := range prints {
		t.room()
		if s := t.slot(p); s.print == 0 {
			s.print = p
			t.len++
		}
	}
	return t
}

// TestContextsOfCopies has copies of events that differ in their context, of which
// there are too many: which copy counts must not depend on the split.
func TestContextsOfCopies(t *testing.T) {
	var records [2][]Record
	for i := range maxContexts + 300 {
		for copy := range 2 {
			x := session(fmt.Sprint(i), "GetObject", noon)
			x.Context = []ContextPair{{"mfa", fmt.Sprint(copy == 0)}, {"vpce", fmt.Sprint("vpce-", i+copy*5000)}}
			records[copy] = append(records[copy], x)
		}
	}
	whole := memoryDir(t) + "/d"
	extendWith(t, whole, derive("f"), slices.Concat(records[0], records[1]), nil)
	for _, order := range [][2]int{{0, 1}, {1, 0}} {
		for _, memory := range []int64{0, 1} {
			root, o := memoryDir(t)+"/d", derive("f")
			o.Memory = memory
			for _, n := range order {
				extendWith(t, root, o, records[n], nil)
			}
			if !reflect.DeepEqual(eventFiles(t, root), eventFiles(t, whole)) {
				t.Errorf("order %v, memory %d: other bytes", order, memory)
			}
		}
	}
}

// TestPrintsOfRowsThatAreNotThere reads what somebody else may have made.
func TestPrintsOfRowsThatAreNotThere(t *testing.T) {
	for name, change := range map[string]func(*print){
		"call": func(p *print) { p.Call = 99 }, "negative": func(p *print) { p.Call = -1 },
		"trust": func(p *print) { p.Trust = 99 }, "day": func(p *print) { p.Day++ },
	} {
		table := mergeOf(session("1", "Get", noon), session("2", "Put", noon))
		change(&table.prints[1])
		root := memoryDir(t) + "/d"
		write(t, root, table)
		d, err := Open(root)
		if err != nil {
			t.Fatal(err)
		}
		b := NewBuilder()
		r := session("3", "Get", noon)
		b.Add(&r)
		if name == "day" { // the other day has fingerprints and no rows
			r = session("3", "Get", noon.AddDate(0, 0, 1))
			b.Add(&r)
		}
		if err := d.Extend(t.Context(), Gather(b), derive("f")); err == nil {
			t.Errorf("%s: no error", name)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

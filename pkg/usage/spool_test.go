package usage

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

// spoolRecords are records of which one principal has too many contexts on a day.
func spoolRecords(r *rand.Rand, n int) []Record {
	records := randomRecords(r, n)
	for i := range maxContexts + 200 {
		x := session(fmt.Sprint("ctx", i), "GetObject", noon)
		x.Context = []ContextPair{{"vpce", fmt.Sprint("vpce-", i)}, {"via", fmt.Sprint(i % 3)}}
		records = append(records, x)
	}
	return records
}

// TestSpool checks that a dataset is the same whatever did not fit in memory.
func TestSpool(t *testing.T) {
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 13))
		records := spoolRecords(r, 400)
		want := filepath.Join(memoryDir(t), "d")
		extendWith(t, want, derive("f"), records, nil)
		for _, test := range []struct {
			name   string
			whole  int64 // of the spool
			every  int   // records, a builder spills; 0: never
			memory int64 // for days
			parts  int   // scans
		}{
			{"days in memory, blocks whole", wholeBelow, 50, 0, 1},
			{"days in memory, blocks split", 0, 50, 0, 1},
			{"days in parts, blocks whole", wholeBelow, 70, 1, 1},
			{"days in parts, blocks split", 0, 200, 1, 1},
			{"days in some parts", 0, 200, 1 << 20, 1},
			{"only the days do not fit", wholeBelow, 0, 1, 1},
			{"only one of the days does not fit", wholeBelow, 0, 2 << 20, 1},
			{"stored days do not fit", 0, 0, 1, 2},
			{"stored days do not fit, in some parts", wholeBelow, 0, 1 << 20, 3},
			{"a spool over a dataset", 0, 60, 1 << 19, 2},
		} {
			root := filepath.Join(memoryDir(t), "d")
			o := derive("f")
			o.Memory = test.memory
			left := slices.Clone(records)
			r.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
			for i := range test.parts {
				n := len(left) / (test.parts - i)
				extendWith(t, root, o, left[:n], func(d *Dataset, bs []*Builder) *spiller {
					dir, err := d.Scratch()
					if err != nil {
						t.Fatal(err)
					}
					s := NewSpool(dir)
					s.whole = test.whole
					return &spiller{spool: s, every: test.every}
				})
				left = left[n:]
			}
			if got, want := eventFiles(t, root), eventFiles(t, want); !reflect.DeepEqual(got, want) {
				t.Errorf("seed %d: %s: other bytes", seed, test.name)
				for path := range want {
					if got[path] == "" {
						t.Log("missing", path)
					}
				}
			}
			if entries, err := filepath.Glob(filepath.Join(root, ".tighten", "*")); err != nil || len(entries) > 0 {
				t.Errorf("%s: left behind: %v, %v", test.name, entries, err)
			}
		}
	}
}

// spiller spills a builder every so many records.
type spiller struct {
	spool *Spool
	every int
}

func (s *spiller) spill(t *testing.T, n int, b *Builder) {
	if s == nil || s.every == 0 || n%s.every != 0 {
		return
	}
	if err := s.spool.Spill(b); err != nil {
		t.Fatal(err)
	}
}

func extendWith(t *testing.T, root string, o Derive, records []Record, open func(*Dataset, []*Builder) *spiller) {
	t.Helper()
	d, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	bs := []*Builder{NewBuilder(), NewBuilder()}
	var s *spiller
	var spool *Spool
	if open != nil {
		s = open(d, bs)
		spool = s.spool
	}
	for i := range records {
		x := records[i]
		bs[i%2].Add(&x)
		s.spill(t, i, bs[i%2])
	}
	batch, err := GatherSpooled(spool, bs...)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.Extend(t.Context(), batch, o), d.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestShards checks that the parts of a day's table make up the whole.
func TestShards(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	all := split(r, randomRecords(r, 500), 1)[0]
	for _, rows := range all.byDay() {
		whole := all.list(*rows)
		for _, parts := range []int{1, 2, 8, spoolShards} {
			b := NewBuilder()
			for _, part := range r.Perm(parts) {
				b.add(whole.shards(part*spoolShards/parts, (part+1)*spoolShards/parts))
			}
			if got := b.list(b.everything()); !reflect.DeepEqual(got, whole) {
				t.Errorf("%d parts make another table", parts)
			}
		}
	}
}

// TestStoredDay compares with the shards of the table that the files hold.
func TestStoredDay(t *testing.T) {
	root := filepath.Join(memoryDir(t), "d")
	extendWith(t, root, derive("f"), spoolRecords(rand.New(rand.NewPCG(8, 5)), 400), nil)
	d, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	u := d.update(Gather(), &Derive{})
	for day := range d.manifest.Days {
		whole := &Table{}
		if err := readFiles(u.store, u.root, u.filesOf(dayNamed(day)), PartCalls|PartTrust|partIDs, whole, nil); err != nil {
			t.Fatal(err)
		}
		s, err := u.openStored(dayNamed(day))
		if err != nil {
			t.Fatal(err)
		}
		for _, parts := range []int{1, 2, 8, spoolShards} {
			for part := range parts {
				from, until := part*spoolShards/parts, (part+1)*spoolShards/parts
				got, want := NewBuilder(), NewBuilder()
				if err := s.add(got, from, until); err != nil {
					t.Fatal(err)
				}
				want.add(whole.shards(from, until))
				if got, want := got.list(got.everything()), want.list(want.everything()); !reflect.DeepEqual(got, want) {
					t.Errorf("%s, part %d of %d: another table", day, part, parts)
				}
			}
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}
}

// TestStoredPrints reads fingerprints of rows that there are not: no panic, and an error.
func TestStoredPrints(t *testing.T) {
	for _, bad := range []print{{Call: -1}, {Call: 3}, {Call: 1 << 40}, {Trust: -1}, {Trust: 2}} {
		bad.Fingerprint, bad.Account = 7, "111122223333"
		whole := &Table{Calls: make([]Call, 3), Trust: make([]Trust, 1), prints: []print{{Call: 0}, bad}}
		if whole.checkPrints("d") == nil {
			t.Errorf("%+v: no error in memory", bad)
		}
		s := &storedDay{}
		s.calls, s.trust, s.prints = stored(t, callColumns(), whole.Calls), stored(t, trustColumns(), whole.Trust), stored(t, printColumns(), whole.prints)
		if err := s.add(NewBuilder(), 0, 1); !errors.Is(err, errOutside) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func stored[R any](t *testing.T, cols []column[R], rows []R) *decoder[R] {
	t.Helper()
	data, err := encode(t, cols, rows)
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDecoder(cols, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestSplitter compares with the shards of the listed table.
func TestSplitter(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 5))
	records := randomRecords(r, 500)
	b := split(r, records, 1)[0]
	for day, rows := range b.byDay() {
		whole := b.list(*rows)
		s := newSplitter(b, rows)
		for shard := range spoolShards {
			got, want := s.list(shard, shard+1, nil), whole.shards(shard, shard+1)
			if !slices.Equal(got.Calls, want.Calls) || !slices.Equal(got.Trust, want.Trust) || !slices.Equal(got.prints, want.prints) {
				t.Fatalf("day %d, shard %d: other rows\n%+v\n%+v", day, shard, got, want)
			}
		}
	}
}

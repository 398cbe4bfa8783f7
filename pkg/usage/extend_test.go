package usage

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/internal/store"
)

// memoryDir is a folder in memory, where the system has such a place: these tests
// write thousands of files, each of which is synced.
func memoryDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "tighten-test-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// derive makes a row of usage of each call.
func derive(facts string) Derive {
	return Derive{Facts: facts, Workers: 2, Resolver: func(int) func(context.Context, *Table) error {
		return func(_ context.Context, t *Table) error {
			t.Usage, t.Coverage, t.Unmapped = nil, nil, nil
			for i := range t.Calls {
				c := &t.Calls[i]
				t.Usage = append(t.Usage, Row{Day: c.Day, Principal: c.Principal, Action: facts + ":" + c.EventName, Resource: t.Args.List(nil, c.ArgsID)[0].Value, Count: c.Events})
				t.Coverage = append(t.Coverage, CoverageRow{Account: c.Account, Day: c.Day, Class: "used", Records: c.Events})
				t.Unmapped = append(t.Unmapped, UnmappedRow{Day: c.Day, Principal: c.Principal, EventName: c.EventName, Events: c.Events})
			}
			t.Usage, t.Coverage, t.Unmapped = AggregateUsage(t.Usage), AggregateCoverage(t.Coverage), AggregateUnmapped(t.Unmapped)
			return nil
		}
	}}
}

// extend adds records, as objects of ten, to a dataset.
func extend(t *testing.T, root string, o Derive, records []Record) {
	t.Helper()
	d, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	bs := []*Builder{NewBuilder(), NewBuilder()}
	for i := range records {
		x := records[i]
		bs[i%2].Add(&x)
	}
	for i := 0; i < len(records); i += 10 {
		n := min(10, len(records)-i)
		day := int32(5 + i%3)
		bs[i/10%2].AddObject(ObjectRow{Key: fmt.Sprintf("%s-%p-%d", records[i].EventID, &records[i], i), Kind: "log", Day: day, Size: 7, Records: int64(n)})
	}
	if err := errors.Join(d.Extend(t.Context(), Gather(bs...), o), d.Close()); err != nil {
		t.Fatal(err)
	}
}

// events is tree without objects/, of which extend makes other ones for each split.
func eventFiles(t *testing.T, root string) map[string]string {
	files := tree(t, root)
	for path := range files {
		if strings.HasPrefix(path, "/objects/") || strings.HasPrefix(path, "/deliveries/") || path == "/"+manifestFile {
			delete(files, path)
		}
	}
	return files
}

// TestExtendInParts checks that a dataset is the same whatever scans it was made by.
func TestExtendInParts(t *testing.T) {
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 11))
		records := randomRecords(r, 300)
		want := filepath.Join(memoryDir(t), "d")
		extend(t, want, derive("f"), records)
		whole, err := Read(want)
		if err != nil {
			t.Fatal(err)
		}
		checkTotals(t, whole)
		for range 2 {
			root, left := filepath.Join(memoryDir(t), "d"), slices.Clone(records)
			r.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
			for len(left) > 0 {
				n := min(len(left), 1+r.IntN(150))
				extend(t, root, derive("f"), left[:n])
				left = left[n:]
			}
			if !reflect.DeepEqual(eventFiles(t, root), eventFiles(t, want)) {
				t.Fatalf("seed %d: other bytes", seed)
			}
			parts, err := Read(root)
			if err != nil {
				t.Fatal(err)
			}
			parts.Stats.Objects, parts.Stats.CompressedBytes = whole.Stats.Objects, whole.Stats.CompressedBytes
			if parts.Stats != whole.Stats {
				t.Errorf("stats %+v\nwant  %+v", parts.Stats, whole.Stats)
			}
		}
	}
}

// TestExtendWithOtherFacts checks that all days are made again, and that nothing is
// left of what they were.
func TestExtendWithOtherFacts(t *testing.T) {
	records := randomRecords(rand.New(rand.NewPCG(1, 1)), 200)
	root, want := filepath.Join(memoryDir(t), "d"), filepath.Join(memoryDir(t), "d")
	extend(t, root, derive("old"), records)
	extend(t, root, derive("new"), nil)
	extend(t, want, derive("new"), records)
	if !reflect.DeepEqual(tree(t, root), tree(t, want)) {
		t.Error("other bytes")
	}
}

// TestExtendFails checks that an error leaves the dataset as it was.
func TestExtendFails(t *testing.T) {
	records := randomRecords(rand.New(rand.NewPCG(1, 1)), 200)
	root := filepath.Join(memoryDir(t), "d")
	extend(t, root, derive("f"), records[:100])
	before := tree(t, root)
	d, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(root); !errors.Is(err, store.ErrLocked) {
		t.Errorf("a second writer got %v", err)
	}
	b, broken := NewBuilder(), errors.New("broken")
	for i := range records {
		b.Add(&records[i])
	}
	o := derive("f")
	o.Resolver = func(int) func(context.Context, *Table) error {
		n := 0
		return func(context.Context, *Table) error {
			if n++; n > 1 {
				return broken
			}
			return nil
		}
	}
	if err := d.Extend(t.Context(), Gather(b), o); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if !reflect.DeepEqual(tree(t, root), before) {
		t.Error("the dataset has changed")
	}
}

// TestLedger checks which objects are passed over.
func TestLedger(t *testing.T) {
	root := filepath.Join(memoryDir(t), "d")
	rows := []ObjectRow{
		{Key: "whole", ETag: "e", Size: 1, ModTime: 5, Records: 3, Day: 1},
		{Key: "broken", ETag: "e", Size: 1, ModTime: 5, Error: "cut short", Day: 1},
		{Key: "spoilt", ETag: "e", Size: 1, ModTime: 5, Records: 3, Unreadable: 1, Day: 2},
		{Key: "filtered", ETag: "e", Size: 1, ModTime: 5, Records: 3, Filtered: 1, Day: 3, Filter: (&Filter{Since: "2026-01-01T00:00:00Z"}).Line(nil)},
		{Key: "s3://b/k", ETag: "e", Size: 1, ModTime: 5, Day: unknownDay},
		{Key: "-", Size: -1, Day: unknownDay},
	}
	write(t, root, &Table{Objects: slices.Clone(rows)})
	d, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	later, sooner := &Filter{Since: "2026-02-01T00:00:00+00:00"}, &Filter{Since: "2025-02-01T00:00:00Z"}
	tests := []struct {
		name   string
		key    string
		change func(*ObjectRow)
		filter *Filter
		has    bool
	}{
		{"same", "whole", nil, nil, true},
		{"grown", "whole", func(o *ObjectRow) { o.Size++ }, nil, false},
		{"touched", "whole", func(o *ObjectRow) { o.ModTime++ }, nil, false},
		{"other end", "whole", func(o *ObjectRow) { o.ETag = "f" }, nil, false},
		{"moved", "whole", func(o *ObjectRow) { o.Key = "x/whole" }, nil, false},
		{"broken", "broken", nil, nil, false},
		{"spoilt", "spoilt", nil, nil, false},
		{"now everything is wanted", "filtered", nil, nil, false},
		{"now more is wanted", "filtered", nil, sooner, false},
		{"now less is wanted", "filtered", nil, later, true},
		{"nothing was filtered", "whole", nil, later, true},
		{"copied in S3", "s3://b/k", func(o *ObjectRow) { o.ModTime++ }, nil, true},
		{"replaced in S3", "s3://b/k", func(o *ObjectRow) { o.ETag = "f" }, nil, false},
		{"a stream", "-", nil, nil, false},
	}
	for _, test := range tests {
		l, err := d.Ledger(test.filter, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		o := rows[slices.IndexFunc(rows, func(o ObjectRow) bool { return o.Key == test.key })]
		if test.change != nil {
			test.change(&o)
		}
		if has := l.Look(&o).Whole; has != test.has {
			t.Errorf("%s: has = %v", test.name, has)
		}
	}
}

// TestObjectsReadAgain checks that an object which is read again is counted once.
func TestObjectsReadAgain(t *testing.T) {
	old := []ObjectRow{
		{Key: "cut", Size: 5, ETag: "a", Records: 2, Error: "cut short"}, {Key: "other", Size: 5, ETag: "a", Records: 4},
		{Key: "s3://b/k", Size: 5, ETag: "a", Records: 8}, {Key: "same", Size: 5, ETag: "a", Records: 16, Filtered: 3}, {Key: "old", Records: 32},
	}
	added := []ObjectRow{
		{Key: "cut", Size: 9, ETag: "b", Records: 3}, {Key: "other", Size: 6, ETag: "b", Records: 5},
		{Key: "s3://b/k", Size: 6, ETag: "b", Records: 9}, {Key: "same", Size: 5, ETag: "a", Records: 16}, {Key: "new", Records: 1},
	}
	rows, sum := mergeObjects(old, added)
	var keys []string
	for _, o := range rows {
		keys = append(keys, fmt.Sprint(o.Key, " ", o.Records))
	}
	if want := []string{"cut 3", "new 1", "old 32", "other 4", "other 5", "s3://b/k 9", "same 16"}; !slices.Equal(keys, want) {
		t.Errorf("rows %v, want %v", keys, want)
	}
	if want := (Stats{Objects: 5 - 3, ObjectsUnreadable: -1, CompressedBytes: 26 - 15, Records: 34 - 26, Filtered: -3}); sum != want {
		t.Errorf("sum %+v, want %+v", sum, want)
	}
}

// TestFilters checks which filters go together in one dataset.
func TestFilters(t *testing.T) {
	day := func(s string) string { return s + "T00:00:00Z" }
	tests := []struct {
		name           string
		old, now, want *Filter
		refused        bool
	}{
		{"none", nil, nil, nil, false},
		{"the first", &Filter{Since: day("2026-01-01")}, nil, nil, false},
		{"the second", nil, &Filter{Since: day("2026-01-01")}, nil, false},
		{"wider", &Filter{Since: day("2026-02-01"), Until: day("2026-03-01")}, &Filter{Since: day("2026-01-01"), Until: day("2026-04-01")}, &Filter{Since: day("2026-01-01"), Until: day("2026-04-01")}, false},
		{"narrower", &Filter{Since: day("2026-01-01"), Until: day("2026-04-01")}, &Filter{Since: day("2026-02-01"), Until: day("2026-03-01")}, &Filter{Since: day("2026-01-01"), Until: day("2026-04-01")}, false},
		{"open ends", &Filter{Since: day("2026-01-01")}, &Filter{Until: day("2026-03-01")}, nil, false},
		{"apart", &Filter{Until: day("2026-01-01")}, &Filter{Since: day("2026-03-01")}, &Filter{Gaps: []string{day("2026-01-01") + "/" + day("2026-03-01")}}, false},
		{"still apart", &Filter{Gaps: []string{day("2026-01-01") + "/" + day("2026-03-01")}}, &Filter{Since: day("2026-01-10"), Until: day("2026-01-20")},
			&Filter{Gaps: []string{day("2026-01-01") + "/" + day("2026-01-10"), day("2026-01-20") + "/" + day("2026-03-01")}}, false},
		{"closed", &Filter{Gaps: []string{day("2026-01-01") + "/" + day("2026-03-01")}}, &Filter{Since: day("2025-01-10"), Until: day("2026-03-20")}, nil, false},
		{"same accounts", &Filter{Accounts: []string{"1"}}, &Filter{Accounts: []string{"1"}}, &Filter{Accounts: []string{"1"}}, false},
		{"other accounts", &Filter{Accounts: []string{"1"}}, &Filter{Accounts: []string{"2"}}, nil, true},
		{"other regions", nil, &Filter{Regions: []string{"eu-west-1"}}, nil, true},
	}
	for _, test := range tests {
		d := &Dataset{root: "d", manifest: &manifest{Format: formatVersion, Filter: test.old}}
		if err := d.Admits(test.now); (err != nil) != test.refused {
			t.Errorf("%s: %v", test.name, err)
		}
		if got := d.manifest.widened(test.now); !test.refused && !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}

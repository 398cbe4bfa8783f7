package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

func run(t testing.TB, o Options, sources ...trail.Source) *usage.Table {
	t.Helper()
	batch, err := read(t.Context(), o, sources...)
	if err != nil {
		t.Fatal(err)
	}
	return batch.Table()
}

// read is a run that makes one batch.
func read(ctx context.Context, o Options, sources ...trail.Source) (batch *usage.Batch, err error) {
	err = Run(ctx, sources, o, func(b *usage.Batch) error {
		if batch != nil {
			return errors.New("a second batch")
		}
		batch = b
		return nil
	})
	return batch, err
}

// open opens a command-line argument.
func open(t testing.TB, arg string) trail.Source {
	t.Helper()
	source, err := trail.Open(arg, nil)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// equal compares tables; field by field, so that a difference can be read.
func equal(t *testing.T, got, want *usage.Table) {
	t.Helper()
	compare(t, "calls", got.Calls, want.Calls)
	compare(t, "usage", got.Usage, want.Usage)
	compare(t, "trust", got.Trust, want.Trust)
	compare(t, "deliveries", got.Deliveries, want.Deliveries)
	compare(t, "coverage", got.Coverage, want.Coverage)
	compare(t, "unmapped", got.Unmapped, want.Unmapped)
	compare(t, "objects", got.Objects, want.Objects)
	if !reflect.DeepEqual(got.Args, want.Args) || !reflect.DeepEqual(got.Contexts, want.Contexts) {
		t.Error("arguments or contexts differ")
	}
	if got.Stats != want.Stats {
		t.Errorf("stats\ngot  %+v\nwant %+v", got.Stats, want.Stats)
	}
}

func compare[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("%s %d\ngot  %+v\nwant %+v", what, i, got[i], want[i])
			return
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d %s, want %d", len(got), what, len(want))
	}
}

func TestRunCounts(t *testing.T) {
	day := record("id-4", map[string]any{"eventTime": "no time"})
	source := memory{
		{key: delivered(1), content: zip(t, object(t, record("id-1", nil), record("id-2", map[string]any{"awsRegion": "us-east-1"})))},
		{key: delivered(2), content: object(t, record("id-1", nil), record("id-3", nil), day)},
	}
	table := run(t, Options{Workers: 1, Filter: Filter{Regions: []string{"eu-west-1"}}}, source)
	if len(table.Calls) != 2 || table.Calls[0].Events+table.Calls[1].Events != 3 {
		t.Fatalf("calls = %+v", table.Calls)
	}
	days := []int32{table.Calls[0].Day, table.Calls[1].Day}
	if slices.Sort(days); !slices.Equal(days, []int32{-1, 20514}) {
		t.Errorf("days = %v", days)
	}
	s := table.Stats
	if s.Objects != 2 || s.Records != 5 || s.Duplicates != 1 || s.Filtered != 1 || s.Unreadable != 0 {
		t.Errorf("stats = %+v", s)
	}
	if len(table.Deliveries) != 1 || table.Deliveries[0].Objects != 2 || table.Deliveries[0].Day != 20514 {
		t.Errorf("deliveries = %+v", table.Deliveries)
	}
}

// TestOrderAndWorkers: any order of objects, any split of the records over
// objects and any number of workers give the same table.
func TestOrderAndWorkers(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	records := many(3000)
	for range 300 { // records of a second trail
		records = append(records, records[rnd.IntN(3000)])
	}
	for i := range 20 {
		records = append(records, record(fmt.Sprintf("trust-%d", i%15), map[string]any{
			"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole",
			"requestParameters": map[string]any{"roleArn": fmt.Sprintf("arn:aws:iam::444455556666:role/r%d", i%4)},
		}))
	}
	split := func() memory {
		var source memory
		rnd.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		for rest := records; len(rest) > 0; {
			n := min(rnd.IntN(400)+1, len(rest))
			source = append(source, stored{key: delivered(len(source)), content: zip(t, object(t, rest[:n]...))})
			rest = rest[n:]
		}
		return source
	}
	first := split()
	want := run(t, Options{Workers: 1}, first)
	for range 4 {
		shuffled := slices.Clone(first)
		rnd.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		equal(t, run(t, Options{Workers: rnd.IntN(6) + 1}, shuffled[:len(shuffled)/2], shuffled[len(shuffled)/2:]), want)
	}
	for range 4 {
		got := run(t, Options{Workers: rnd.IntN(6) + 1}, split())
		// Other objects are other rows about objects; all else is the same.
		got.Objects, got.Deliveries = want.Objects, want.Deliveries
		got.Stats.Objects, got.Stats.CompressedBytes, got.Stats.Bytes = want.Stats.Objects, want.Stats.CompressedBytes, want.Stats.Bytes
		equal(t, got, want)
	}
}

func TestBrokenObjects(t *testing.T) {
	good := object(t, many(50)...)
	other := zip(t, object(t, record("cut-1", nil), record("cut-2", nil), record("cut-3", nil)))
	bomb := zip(t, append([]byte(`{"Records":[{"eventName":"`), make([]byte, 1<<20)...))
	tests := []struct {
		name       string
		object     stored
		records    int64 // beside the 50 of the good object, unreadable ones included
		unreadable int64 // objects
		skipped    int64 // objects
		err        string
	}{
		{"open fails", stored{key: delivered(2), err: errors.New("access denied")}, 0, 1, 0, "access denied"},
		{"cut gzip", stored{key: delivered(2), content: other[:len(other)-12]}, -1, 1, 0, "unexpected EOF"},
		{"bomb", stored{key: delivered(2), content: bomb}, -1, 1, 0, "limit"},
		{"garbage where logs are delivered", stored{key: delivered(2), content: []byte("\x00\x01garbage")}, 0, 1, 0, "not JSON"},
		{"garbage elsewhere", stored{key: "x.json", content: []byte("garbage")}, 0, 0, 1, ""},
		{"other JSON", stored{key: "x.json", content: []byte(`{"a": 1}`)}, 0, 0, 1, ""},
		{"empty", stored{key: "x.json"}, 0, 0, 1, ""},
		{"no records", stored{key: delivered(2), content: []byte(`{"Records":[]}`)}, 0, 0, 0, ""},
		{"record that is none", stored{key: delivered(2), content: []byte(`{"Records":[5]}`)}, 1, 0, 0, ""},
		{"by name a digest", stored{key: strings.ReplaceAll(delivered(2), "CloudTrail", "CloudTrail-Digest"), content: good}, 0, 0, 1, ""},
		{"by content a digest", stored{key: "x.json", content: []byte(`{"digestEndTime":"2026-03-02T00:00:00Z","digestS3Bucket":"b","logFiles":[],"awsAccountId":"111122223333"}`)}, 0, 0, 1, ""},
		{"by name no log", stored{key: "x.csv", content: good}, 0, 0, 1, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			source := memory{{key: delivered(1), content: good}, test.object, {key: delivered(3), content: object(t, record("after", nil))}}
			table := run(t, Options{Workers: 2, Limits: trail.Limits{MaxObject: 1 << 18}}, source)
			s := table.Stats
			if test.records >= 0 && s.Records != 51+test.records || s.Records < 51 {
				t.Errorf("records = %d", s.Records)
			}
			if s.ObjectsUnreadable != test.unreadable || s.ObjectsSkipped != test.skipped {
				t.Errorf("stats = %+v", s)
			}
			i := slices.IndexFunc(table.Objects, func(r usage.ObjectRow) bool { return r.Key == test.object.key })
			switch {
			case i < 0 && test.skipped == 0:
				t.Error("the object has no row")
			case i >= 0 && (test.err == "") != (table.Objects[i].Error == ""), i >= 0 && !strings.Contains(table.Objects[i].Error, test.err):
				t.Errorf("error = %q, want one with %q", table.Objects[i].Error, test.err)
			}
			unreadable, records := int64(0), int64(0)
			for _, d := range table.Deliveries {
				unreadable += d.Unreadable
			}
			for _, o := range table.Objects {
				records += o.Records
			}
			lost := test.unreadable
			if s.Unreadable > 0 {
				lost = max(lost, 1) // an object of which some records are lost counts too
			}
			if unreadable != lost || records != s.Records {
				t.Errorf("%d deliveries unreadable, want %d, %d records by object", unreadable, lost, records)
			}
			calls := int64(0)
			for _, call := range table.Calls {
				calls += call.Events
			}
			if calls+s.Duplicates+s.Filtered+s.Unreadable != s.Records {
				t.Errorf("%d calls do not add up: %+v", calls, s)
			}
		})
	}
}

func TestNamedFileIsReadWhateverItsName(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "111122223333_CloudTrail-Digest_eu-west-1_20260302T0005Z_x.json.gz")
	if err := os.WriteFile(path, zip(t, object(t, record("id-1", nil))), 0o600); err != nil {
		t.Fatal(err)
	}
	if s := run(t, Options{}, open(t, dir)).Stats; s.Records != 0 || s.ObjectsSkipped != 1 {
		t.Errorf("in a folder: %+v", s)
	}
	if s := run(t, Options{}, open(t, path)).Stats; s.Records != 1 || s.ObjectsSkipped != 0 {
		t.Errorf("named: %+v", s)
	}
}

// TestUnreadableEntry: what a folder cannot show is counted, not passed over.
func TestUnreadableEntry(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(dir, "gone"), filepath.Join(dir, "a.json")); err != nil {
		t.Skip(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "b.json"), object(t, record("id-1", nil)), 0o600); err != nil {
		t.Fatal(err)
	}
	table := run(t, Options{}, open(t, dir))
	if s := table.Stats; s.Objects != 2 || s.ObjectsUnreadable != 1 || s.Records != 1 {
		t.Errorf("stats = %+v", s)
	}
	if row := table.Objects[0]; row.Key != "a.json" || row.Error == "" || strings.Contains(row.Error, dir) {
		t.Errorf("row = %+v", row)
	}
}

// TestOverlappingArguments: one file that several arguments lead to is read once.
func TestOverlappingArguments(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "logs")
	now := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for i, name := range []string{"logs/a/1.json", "logs/a/2.json", "logs/b/1.json", "other/1.json"} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		// Equal in size and time, so that these do not tell.
		content := object(t, record(fmt.Sprintf("id-%d", i), nil))
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now, now); err != nil {
			t.Fatal(err)
		}
	}
	arguments := []string{dir, filepath.Join(dir, "a"), filepath.Join(dir, "a", "1.json"), filepath.Join(dir, "*", "1.json"), dir, filepath.Join(root, "other")}
	sources := make([]trail.Source, len(arguments))
	for i, arg := range arguments {
		sources[i] = open(t, arg)
	}
	if s := run(t, Options{}, sources...).Stats; s.Objects != 4 || s.Records != 4 || s.Duplicates != 0 {
		t.Errorf("stats = %+v", s)
	}
}

func TestListingFails(t *testing.T) {
	gone := trail.NewDir(filepath.Join(t.TempDir(), "gone"))
	if _, err := read(t.Context(), Options{}, memory{}, gone); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("err = %v, want that the folder is not there", err)
	}
}

// hanging is a source whose only object never gives a byte.
type hanging struct {
	memory
	opened, closed chan struct{}
	deaf           bool // closing does not end a read
}

func (h *hanging) Open(context.Context, trail.Object) (io.ReadCloser, error) {
	close(h.opened)
	r, _ := io.Pipe()
	if h.deaf {
		return io.NopCloser(r), nil
	}
	return &signalling{r, sync.OnceFunc(func() { close(h.closed) })}, nil
}

type signalling struct {
	*io.PipeReader
	closed func()
}

func (s *signalling) Close() error {
	s.closed()
	return s.PipeReader.Close()
}

func TestCancellation(t *testing.T) {
	t.Run("while listing", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := read(ctx, Options{}, memory{{key: "a.json"}}); !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v", err)
		}
	})
	for name, deaf := range map[string]bool{"while a read hangs": false, "while a read hangs for good": true} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			source := &hanging{memory{{key: "a.json", content: []byte("x")}}, make(chan struct{}), make(chan struct{}), deaf}
			go func() {
				<-source.opened
				cancel()
			}()
			if _, err := read(ctx, Options{}, source); !errors.Is(err, context.Canceled) {
				t.Errorf("err = %v", err)
			}
			if !deaf {
				<-source.closed
			}
		})
	}
	t.Run("within an object", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		reason := errors.New("enough")
		endless := &endless{one: append(object(t, record("id", nil))[len(`{"Records":[`):], ',')}
		endless.one = append(endless.one[:len(endless.one)-3], ',') // "]}," → ","
		time.AfterFunc(20*time.Millisecond, func() { cancel(reason) })
		if _, err := read(ctx, Options{}, endless); !errors.Is(err, reason) {
			t.Errorf("err = %v", err)
		}
	})
}

// endless is a source whose object has records without end.
type endless struct{ one []byte }

func (e *endless) List(_ context.Context, fn func(trail.Object) error) error {
	return fn(trail.ParseKey("a.json"))
}

func (e *endless) Open(context.Context, trail.Object) (io.ReadCloser, error) {
	return io.NopCloser(io.MultiReader(strings.NewReader(`{"Records":[`), &repeat{e.one, 0})), nil
}

type repeat struct {
	text []byte
	at   int
}

func (r *repeat) Read(p []byte) (int, error) {
	n := copy(p, r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	return n, nil
}

// TestCounterEnds: stdin cannot be closed under a read, so reads end by themselves.
func TestCounterEnds(t *testing.T) {
	end := make(chan struct{})
	c := &counter{r: strings.NewReader("ab"), meter: newMeter(nil), left: 2, end: end}
	if n, err := c.Read(make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("before the end: %d, %v", n, err)
	}
	close(end)
	if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %d, %v", n, err)
	}
}

func TestExpected(t *testing.T) {
	tests := []struct {
		source trail.Source
		key    string
		want   bool
	}{
		{memory{}, delivered(1), true},
		{memory{}, "x.json", false},
		{memory{}, "AWSLogs/111122223333/CloudTrail/eu-west-1/x.json.gz", false},
		{memory{}, strings.ReplaceAll(delivered(1), "CloudTrail", "CloudTrail-Digest"), false},
		{trail.NewFile("x.json"), "x.json", true},
	}
	for _, test := range tests {
		if got := (job{source: test.source, object: trail.ParseKey(test.key)}).expected(); got != test.want {
			t.Errorf("%s: %t, want %t", test.key, got, test.want)
		}
	}
}

func TestProgress(t *testing.T) {
	var source memory
	for i := range 40 {
		source = append(source, stored{key: delivered(i), content: zip(t, object(t, record(fmt.Sprintf("id-%d", i), nil)))})
	}
	source = append(source, stored{key: "large.json", content: bytes.Repeat([]byte(" "), 4<<20)})
	source = append(source, stored{key: "x.csv", content: make([]byte, 1000)}, stored{key: delivered(99), err: errors.New("gone"), content: []byte("xx")})
	var mu sync.Mutex // Progress is called from one goroutine at a time; the detector watches
	var calls []Progress
	table := run(t, Options{Workers: 3, Limits: trail.Limits{MaxObject: 1 << 16}, Progress: func(p Progress) {
		if !mu.TryLock() {
			t.Error("two calls at once")
			return
		}
		defer mu.Unlock()
		calls = append(calls, p)
	}}, source)
	last := calls[len(calls)-1]
	if last.Objects != 43 || last.ObjectsDone != 43 || last.Records != 40 || !last.ListingDone {
		t.Errorf("last = %+v", last)
	}
	if last.Bytes != last.BytesDone || last.Bytes < 1000 {
		t.Errorf("%d of %d bytes", last.BytesDone, last.Bytes)
	}
	if last.Decompressed == 0 || last.Decompressed != table.Stats.Bytes {
		t.Errorf("decompressed = %d, table has %d", last.Decompressed, table.Stats.Bytes)
	}
}

package trail

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shared is a folder of the shared corpus; the test is skipped where it is absent.
func shared(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("TIGHTEN_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(append([]string{root, "corpus"}, elem...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no shared corpus at %s (set TIGHTEN_SHARED)", dir)
	}
	return dir
}

// result is what one object decodes to.
type result struct {
	events  []string // their JSON
	skipped int
	err     error
}

func decodeAll(d *Decoder, r io.Reader) result {
	var res result
	d.Reset(r)
	for d.Next() {
		res.events = append(res.events, render(d.Event()))
	}
	res.skipped, res.err = d.Skipped(), d.Err()
	return res
}

// render makes a comparable copy of an event.
func render(e *Event) string {
	plain := *e
	plain.Identity.Serial = 0 // says nothing of the record
	b, err := json.Marshal(&plain)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// objects calls fn for each log below a folder.
func objects(t testing.TB, dir string, fn func(o Object, content []byte)) {
	t.Helper()
	src, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = src.List(context.Background(), func(o Object) error {
		r, err := src.Open(context.Background(), o)
		if err != nil {
			return err
		}
		defer r.Close()
		b, err := io.ReadAll(r)
		fn(o, b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCorpusLogs(t *testing.T) {
	d := NewDecoder(Limits{})
	files, records := 0, 0
	objects(t, shared(t, "logs"), func(o Object, b []byte) {
		files++
		if o.Kind != KindLog {
			t.Errorf("%s: kind %s", o.Key, o.Kind)
		}
		res := decodeAll(d, bytes.NewReader(b))
		records += len(res.events)
		if res.err != nil || res.skipped != 0 {
			t.Errorf("%s: %v, unreadable %v", o.Key, res.err, d.Unreadable())
		}
		if placed := !strings.Contains(o.Key, "unplaced"); placed && (o.Account == "" || o.Region == "" || o.Day.IsZero()) {
			t.Errorf("%s: layout not told: %+v", o.Key, o)
		}
	})
	if files != 214 || records != 4008 {
		t.Errorf("%d records in %d files, want 4008 in 214", records, files)
	}
}

// TestCorpusOracle holds every event of the corpus against encoding/json.
func TestCorpusOracle(t *testing.T) {
	d := NewDecoder(Limits{})
	u := unpacker{limits: Limits{}.withDefaults()}
	for _, set := range []string{"logs", "formats"} {
		objects(t, shared(t, set), func(o Object, b []byte) {
			doc, err := unpackAll(&u, b)
			if err != nil {
				t.Fatalf("%s: %v", o.Key, err)
			}
			if diff := differ(d, decodeAll(d, bytes.NewReader(b)), doc); o.Kind == KindLog && diff != "" {
				t.Errorf("%s: %s", o.Key, diff)
			}
		})
	}
}

// tally is what the objects of one folder decoded to.
type tally struct{ objects, records, skipped, noRecords, notJSON, other, failed int }

// TestCorpusFormats pins what each format's folder yields.
func TestCorpusFormats(t *testing.T) {
	want := map[string]tally{
		"array":               {objects: 5, records: 61},
		"cloudwatch-logs":     {objects: 2, records: 7, other: 2},
		"event-versions":      {objects: 15, records: 20},
		"eventbridge":         {objects: 12, records: 12},
		"gz":                  {objects: 1, records: 2},
		"lookup-events-jsonl": {objects: 1, records: 6},
		"raw-string":          {objects: 1, records: 44},
		"records-wrapper":     {objects: 3, records: 5},
		"security-lake":       {objects: 13, records: 13, other: 13},
		"wrapped-and-cwlogs":  {objects: 17, noRecords: 17}, // a test tool's own wrapper
		"zip-ndjson":          {other: 2},
	}
	d := NewDecoder(Limits{})
	got := map[string]tally{}
	objects(t, shared(t, "formats"), func(o Object, b []byte) {
		folder, _, _ := strings.Cut(o.Key, "/")
		n := got[folder]
		n.add(d, o, b)
		got[folder] = n
	})
	for folder, w := range want {
		if got[folder] != w {
			t.Errorf("%s: %+v, want %+v", folder, got[folder], w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d folders, want %d", len(got), len(want))
	}
}

func (n *tally) add(d *Decoder, o Object, b []byte) {
	if o.Kind != KindLog {
		n.other++
		return
	}
	res := decodeAll(d, bytes.NewReader(b))
	n.objects++
	n.records += len(res.events)
	n.skipped += res.skipped
	switch {
	case errors.Is(res.err, ErrNoRecords):
		n.noRecords++
	case errors.Is(res.err, ErrNotJSON):
		n.notJSON++
	case res.err != nil:
		n.failed++
	}
}

func TestCorpusMalformed(t *testing.T) {
	d := NewDecoder(Limits{})
	got := map[string]tally{}
	objects(t, shared(t, "malformed"), func(o Object, b []byte) {
		var n tally
		n.add(d, o, b)
		got[o.Key] = n
	})
	want := map[string]tally{
		"bad1_01.json":        {objects: 1, records: 1}, // good JSON: its place is what is wrong
		"bad_cloudtrail.json": {objects: 1, failed: 1},  // cut within the first record
	}
	for name, w := range want {
		if got[name] != w {
			t.Errorf("%s: %+v, want %+v", name, got[name], w)
		}
	}
}

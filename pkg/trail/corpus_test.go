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
	b, err := json.Marshal(e)
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

// TestCorpusFormats pins what each format's folder yields.
func TestCorpusFormats(t *testing.T) {
	want := map[string]struct{ records, skipped, noRecords, notJSON int }{}
	_ = want
	d := NewDecoder(Limits{})
	objects(t, shared(t, "formats"), func(o Object, b []byte) {
		res := decodeAll(d, bytes.NewReader(b))
		t.Logf("%s %s: %d records, %d skipped, err %v %v", o.Kind, o.Key, len(res.events), res.skipped, res.err, first3(d.Unreadable()))
	})
	objects(t, shared(t, "malformed"), func(o Object, b []byte) {
		res := decodeAll(d, bytes.NewReader(b))
		t.Logf("%s %s: %d records, %d skipped, err %v %v", o.Kind, o.Key, len(res.events), res.skipped, res.err, first3(d.Unreadable()))
	})
	_ = errors.Is
}

func first3(l []*SyntaxError) []*SyntaxError { return l[:min(3, len(l))] }

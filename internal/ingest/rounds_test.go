package ingest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// keep scans into a dataset and loads it; batches counts what was committed.
func keep(t *testing.T, o Options, sources ...trail.Source) (table *usage.Table, batches int) {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "tighten-test-*")
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	root := filepath.Join(dir, "d")
	d, err := usage.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	err = Run(t.Context(), sources, o, func(b *usage.Batch) error {
		batches++
		return d.Extend(t.Context(), b, Derive(actions.Default(), 2, 0, 0))
	})
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	table, err = usage.Read(root)
	if err != nil {
		t.Fatal(err)
	}
	return table, batches
}

// TestRounds checks that what is handed on before the end makes the same dataset, of
// records in several objects and of digests and their copies too.
func TestRounds(t *testing.T) {
	m := objects(t, 60)
	for i := range 60 {
		m = append(m, stored{key: fmt.Sprintf("again/%s", delivered(i)), content: m[i].content})
	}
	a := newArchive(t, digestDay, 6, func(h int) bool { return h%3 == 2 })
	for _, d := range a.digests {
		m = append(m, stored{key: d.key, content: d.stored}, stored{key: "copy/" + d.key, content: d.stored})
	}
	for key := range a.logs {
		m = append(m, stored{key: key, content: gzipped(t, []byte(`{"Records":[]}`))})
	}
	want, batches := keep(t, Options{Workers: 2, Verify: true}, m)
	if batches != 1 {
		t.Fatalf("%d batches, want 1", batches)
	}
	got, batches := keep(t, Options{Workers: 2, Verify: true, Every: time.Nanosecond}, m)
	if batches < 5 {
		t.Fatalf("%d batches", batches)
	}
	equal(t, got, want)
	if fmt.Sprint(got.Digests) != fmt.Sprint(want.Digests) || len(want.Digests) == 0 || fmt.Sprint(got.Listed) != fmt.Sprint(want.Listed) {
		t.Errorf("digests %+v\nwant    %+v", got.Digests, want.Digests)
	}
}

package ingest

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// TestRunDigests scans a folder of digests and logs, and the same after somebody was at it.
func TestRunDigests(t *testing.T) {
	a := newArchive(t, digestDay, 24, func(h int) bool { return h%6 == 5 })
	dir := t.TempDir()
	put := func(key string, data []byte) {
		t.Helper()
		path := filepath.Join(dir, filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range a.digests {
		put(d.key, d.stored)
	}
	for key := range a.logs {
		put(key, gzipped(t, []byte(key)))
	}
	run := func(o Options) usage.DigestRow {
		t.Helper()
		table, err := read(context.Background(), o, trail.NewDir(dir))
		if err != nil {
			t.Fatal(err)
		}
		return sums(DigestResult{Rows: table.Digests.Rows})
	}
	whole := usage.DigestRow{Hours: usage.AllHours, Digests: 24, Listed: 20}
	if got := run(Options{Workers: 3}); got != whole {
		t.Errorf("%+v", got)
	}
	// The logs of this archive are no JSON, which is an error of theirs: they are there, and
	// not compared.
	whole.Verified = 23
	if got := run(Options{Workers: 3, Verify: true, Keys: a.keys()}); got != whole {
		t.Errorf("%+v", got)
	}
	valid := []byte(`{"Records":[]}`)
	for key := range a.logs {
		put(key, gzipped(t, valid))
	}
	whole.Different = 20
	if got := run(Options{Workers: 3, Verify: true, Keys: a.keys()}); got != whole {
		t.Errorf("%+v", got)
	}
	if err := os.RemoveAll(filepath.Join(dir, "AWSLogs", digestAccount, "CloudTrail")); err != nil {
		t.Fatal(err)
	}
	put(a.digests[7].key, gzipped(t, append(a.digests[7].content, ' ')))
	if got := run(Options{Workers: 3, Verify: true, Keys: a.keys()}); got.Missing != 21 || got.Failed != 1 || got.Verified != 22 {
		t.Errorf("%+v", got)
	}
}

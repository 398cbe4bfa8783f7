package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/apache/arrow/go/v15/parquet/compress"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/trail/ocsf/ocsftest"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// lakeFile is a Parquet file of n records, of at least some size.
func lakeFile(t testing.TB, n, padding int) []byte {
	t.Helper()
	var records []json.RawMessage
	pad := strings.Repeat("x", padding)
	for i, r := range many(n) {
		r["userAgent"] = fmt.Sprintf("%d%s", i, pad)
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, b)
	}
	return lake(ocsftest.Options{NoDict: true})(t, records)
}

func events(table *usage.Table) (n int64) {
	for _, c := range table.Calls {
		n += c.Events
	}
	return n
}

// TestParquet: a Parquet file yields the same from wherever it comes.
func TestParquet(t *testing.T) {
	content := lakeFile(t, 50, 10)
	dir := t.TempDir()
	path := filepath.Join(dir, filepath.FromSlash(lakeKey))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content, 0o644),
		os.WriteFile(filepath.Join(dir, "named.parquet"), content, 0o644), os.WriteFile(filepath.Join(dir, "packed"), compressed(content), 0o644)); err != nil {
		t.Fatal(err)
	}
	stdin := func(b []byte) trail.Source {
		s, err := trail.Open("-", iotest.OneByteReader(bytes.NewReader(b)))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for name, source := range map[string]trail.Source{
		"a lake's folder": open(t, filepath.Join(dir, "aws")), "a named file": open(t, filepath.Join(dir, "named.parquet")),
		"a named file, compressed": open(t, filepath.Join(dir, "packed")), "memory": memory{{key: lakeKey, content: content}},
		"stdin": stdin(content), "stdin, compressed": stdin(compressed(content)),
		"compressed, by its name": memory{{key: "x.parquet.log.gz", content: compressed(content)}},
	} {
		t.Run(name, func(t *testing.T) {
			meter := newMeter(nil)
			table := run(t, Options{Workers: 1}, source)
			meter.stop()
			if n := events(table); n != 50 || len(table.Objects) != 1 || table.Objects[0].Error != "" {
				t.Errorf("%d events, %+v", n, table.Objects)
			}
			if d := table.Deliveries[0]; strings.Contains(table.Objects[0].Key, "accountId") && (d.Account != "111122223333" || d.Region != "eu-west-1" || d.Day != 20514 || d.Kind != "log") {
				t.Errorf("delivery %+v", d)
			}
		})
	}
}

// TestParquetOfOthers: what is no CloudTrail's, or no Parquet in the end.
func TestParquetOfOthers(t *testing.T) {
	other := lake(ocsftest.Options{Product: "Route 53"})(t, []json.RawMessage{[]byte(`{"eventName":"a","eventSource":"b"}`)})
	good := lakeFile(t, 30, 10)
	table := run(t, Options{Workers: 1}, memory{
		{key: "dns.log", content: other}, {key: "short", content: []byte("PAR")}, {key: "cut", content: good[:len(good)/2]},
		{key: "aws/ROUTE53/2.0/region=eu-west-1/accountId=111122223333/eventDay=20260302/a.parquet", content: []byte("not read")},
		{key: "x.parquet", content: []byte("not read")}, {key: "text.parquet.gz", content: compressed([]byte("not read"))},
		{key: "y.parquet.json.gz", content: compressed(object(t, record("a", nil)))}, {key: "z.parquet.log.gz", content: []byte{0x1f, 0x8b, 0}},
	})
	kinds := map[string]int64{}
	for _, d := range table.Deliveries {
		kinds[d.Kind] += d.Objects
	}
	errs := map[string]string{}
	for _, o := range table.Objects {
		errs[o.Key] = o.Error
	}
	if kinds["other"] != 5 || kinds["log"] != 3 || events(table) != 1 {
		t.Errorf("kinds %v, %d events, errors %v", kinds, events(table), errs)
	}
	if errs["dns.log"] != "" || !strings.Contains(errs["cut"], "Parquet: cut short") || errs["z.parquet.log.gz"] == "" {
		t.Errorf("errors %v", errs)
	}
}

// TestParquetSpool: a large object that has to be read in order goes to a file, which
// does not stay; over the limit it does not get that far.
func TestParquetSpool(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp)
	content := lakeFile(t, 40, 0)
	big := append(append([]byte("PAR1"), make([]byte, spoolMost)...), content[4:]...) // offsets no longer fit
	source := memory{{key: lakeKey, content: big}}
	if table := run(t, Options{Workers: 1}, source); table.Objects[0].Error == "" {
		t.Error("no error for offsets that do not fit")
	}
	table := run(t, Options{Workers: 1, Limits: trail.Limits{MaxObject: 1 << 20}}, source)
	if e := table.Objects[0].Error; !strings.Contains(e, "more than 1048576 bytes") {
		t.Errorf("error %q", e)
	}
	left, err := os.ReadDir(temp)
	if err != nil || len(left) != 0 {
		t.Errorf("%d files left, %v", len(left), err)
	}
}

// TestParquetSpoolReads reads a file that does not fit in memory's share.
func TestParquetSpoolReads(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 40 MB")
	}
	var noise strings.Builder
	for i := 0; noise.Len() < 1<<19; i++ {
		fmt.Fprintf(&noise, "%x.", i*2654435761)
	}
	var records []json.RawMessage
	for i, r := range many(80) {
		shift := noise.String()[i*1000:]
		r["userAgent"] = shift
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, b)
	}
	content := lake(ocsftest.Options{NoDict: true, Compression: compress.Codecs.Snappy})(t, records)
	if len(content) <= spoolMost {
		t.Fatalf("only %d bytes", len(content))
	}
	table := run(t, Options{Workers: 1}, memory{{key: lakeKey, content: content}})
	if n := events(table); n != 80 || table.Objects[0].Error != "" {
		t.Errorf("%d events, %s", n, table.Objects[0].Error)
	}
}

// TestParquetEnds: the end of a run ends reading a file in place too.
func TestParquetEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.parquet")
	if err := os.WriteFile(path, lakeFile(t, 5, 0), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	end := make(chan struct{})
	c := &counter{r: f, meter: newMeter(nil), end: end}
	defer c.meter.stop()
	if size, ok := c.sized(); !ok || size == 0 {
		t.Errorf("size %d, %v", size, ok)
	}
	if _, err := c.ReadAt(make([]byte, 4), 0); err != nil {
		t.Error(err)
	}
	close(end)
	if _, err := c.ReadAt(make([]byte, 4), 0); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, err := (&counter{r: iotest.OneByteReader(strings.NewReader("x"))}).ReadAt(nil, 0); err == nil {
		t.Error("a stream was read at a place")
	}
	if _, ok := (&counter{r: strings.NewReader("x")}).sized(); ok {
		t.Error("a stream has a size")
	}
}

package speed

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/internal/cli"
)

// make1 makes an archive and returns its folder.
func make1(t *testing.T, c Config) (string, *Stats) {
	t.Helper()
	folder := t.TempDir()
	s, err := Write(t.Context(), c, folder)
	if err != nil {
		t.Fatal(err)
	}
	return folder, s
}

// objects calls f with the JSON of every object, in the order of names.
func objects(t *testing.T, folder string, f func(name string, data []byte)) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(folder, "logs"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		packed, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return err
		}
		data, err := io.ReadAll(z)
		name, _ := filepath.Rel(folder, path)
		f(filepath.ToSlash(name), data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func digest(t *testing.T, folder string) string {
	h := sha256.New()
	objects(t, folder, func(name string, data []byte) {
		fmt.Fprintln(h, name, len(data))
		h.Write(data)
	})
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

// small is an archive that is made in no time.
func small(fresh float64) Config {
	c := Quick(1, fresh)
	c.Objects, c.Bytes, c.Median, c.Days = 20, 1e6, 20e3, 3
	return c
}

// TestGenerator fails when the bytes change: raise the constant generator then,
// and set the digest that the test prints.
func TestGenerator(t *testing.T) {
	folder, _ := make1(t, small(0.5))
	if got, want := fmt.Sprint(generator, " ", digest(t, folder)), "1 e21c065db85e735d"; got != want {
		t.Errorf("version and digest are %s, want %s", got, want)
	}
}

func TestWorkersDoNotMatter(t *testing.T) {
	many, _ := make1(t, small(0.5))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one, _ := make1(t, small(0.5))
	if digest(t, one) != digest(t, many) {
		t.Error("one worker makes another archive than several")
	}
	c := small(0.5)
	c.Seed = 2
	if other, _ := make1(t, c); digest(t, other) == digest(t, one) {
		t.Error("another seed makes the same archive")
	}
}

func TestFolder(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range []Config{Large(1, 0), Large(1, 1), Large(2, 0), Tiny(1), Quick(1, 0), Quick(1, 1)} {
		seen[c.Folder("a")] = true
	}
	if len(seen) != 6 {
		t.Errorf("%d folders for 6 archives", len(seen))
	}
}

func TestSizes(t *testing.T) {
	for _, c := range []Config{Large(1, 0), Tiny(1), Quick(1, 0)} {
		all := sizes(&c)
		sum := int64(0)
		for _, n := range all {
			sum += n
		}
		if off := float64(sum)/float64(c.Bytes) - 1; math.Abs(off) > 0.01 {
			t.Errorf("%d objects: %d bytes, want %d", c.Objects, sum, c.Bytes)
		}
		slices.Sort(all)
		if off := float64(all[len(all)/2])/float64(c.Median) - 1; math.Abs(off) > 0.1 {
			t.Errorf("%d objects: median %d, want %d", c.Objects, all[len(all)/2], c.Median)
		}
	}
}

// TestWeight compares with what real objects weigh: those of the corpus with 30
// records or more compress 9.4 times, the archive that the project's limits were
// measured on 8.65 times, with 1,668 bytes a record.
func TestWeight(t *testing.T) {
	for _, fresh := range []float64{0, 1} {
		_, s := make1(t, Quick(1, fresh))
		if r := s.Ratio(); r < 8.2 || r > 9.2 {
			t.Errorf("fresh %v: compresses %.2f times", fresh, r)
		}
		if n := s.Bytes / s.Records; n < 1550 || n > 1850 {
			t.Errorf("fresh %v: %d bytes a record", fresh, n)
		}
		if s.Objects != 26 || s.Median < 20e3 || s.Median > 33e3 || s.Largest < 10*s.Median {
			t.Errorf("fresh %v: %+v", fresh, s)
		}
	}
}

func TestWriteTwice(t *testing.T) {
	folder, first := make1(t, small(0))
	again, err := Write(t.Context(), small(0), folder)
	if err != nil || *again != *first {
		t.Errorf("%+v, %v, want %+v", again, err, first)
	}
	if err := os.Remove(filepath.Join(folder, statsFile)); err != nil { // as if interrupted
		t.Fatal(err)
	}
	if again, err = Write(t.Context(), small(0), folder); err != nil || *again != *first {
		t.Errorf("made again: %+v, %v, want %+v", again, err, first)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	folder := t.TempDir()
	if _, err := Write(ctx, small(0), folder); err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(filepath.Join(folder, statsFile)); err == nil {
		t.Error("an archive that is not whole has stats")
	}
}

// TestRecords holds the JSON to what CloudTrail writes.
func TestRecords(t *testing.T) {
	folder, stats := make1(t, small(1))
	ids, total, bytes := map[string]bool{}, int64(0), int64(0)
	objects(t, folder, func(name string, data []byte) {
		var object struct{ Records []map[string]any }
		if err := json.Unmarshal(data, &object); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(object.Records) == 0 {
			t.Errorf("%s has no records", name)
		}
		for _, r := range object.Records {
			checkRecord(t, name, r)
			ids[r["eventID"].(string)] = true
		}
		total += int64(len(object.Records))
		bytes += int64(len(data))
	})
	if int64(len(ids)) != total || total != stats.Records || bytes != stats.Bytes {
		t.Errorf("%d ids of %d records, %d bytes; the stats say %+v", len(ids), total, bytes, stats)
	}
}

func checkRecord(t *testing.T, name string, r map[string]any) {
	t.Helper()
	if _, err := time.Parse(time.RFC3339, r["eventTime"].(string)); err != nil {
		t.Error(err)
	}
	for _, member := range []string{"eventVersion", "userIdentity", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent", "requestID", "eventType", "eventCategory"} {
		if r[member] == nil {
			t.Errorf("%s: a record has no %s", name, member)
		}
	}
	if !strings.Contains(name, "/"+r["recipientAccountId"].(string)+"/CloudTrail/"+r["awsRegion"].(string)+"/") {
		t.Errorf("%s: a record of account %s, region %s", name, r["recipientAccountId"], r["awsRegion"])
	}
}

// scanned is what a scan says about an archive.
type scanned struct {
	Scan struct{ Records, Unmapped, Unreadable, Duplicate int64 }
	rows int64 // of usage
}

func scan(t *testing.T, folder string) (s scanned) {
	t.Helper()
	var out, errs bytes.Buffer
	dataset := filepath.Join(t.TempDir(), "dataset")
	code := cli.Main(t.Context(), []string{"scan", filepath.Join(folder, "logs"), "--usage", dataset, "--facts", "embedded", "--format", "json"},
		cli.Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs})
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	if err := json.Unmarshal(out.Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	var d struct {
		Files []struct {
			Path string
			Rows int64
		}
	}
	data, err := os.ReadFile(filepath.Join(dataset, "dataset.json"))
	if err == nil {
		err = json.Unmarshal(data, &d)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range d.Files {
		if strings.HasPrefix(f.Path, "usage/") {
			s.rows += f.Rows
		}
	}
	return s
}

// TestScan: every call is one that AWS has, and Fresh decides how many rows of
// usage there are.
func TestScan(t *testing.T) {
	rows := map[float64]int64{}
	for _, fresh := range []float64{0, 1} {
		folder, stats := make1(t, small(fresh))
		s := scan(t, folder)
		if x := s.Scan; x.Records != stats.Records || x.Unmapped != 0 || x.Unreadable != 0 || x.Duplicate != 0 {
			t.Errorf("%+v, want %d records, all of them known", x, stats.Records)
		}
		rows[fresh] = s.rows
	}
	if rows[1] < rows[0]+80 {
		t.Errorf("rows of usage by fresh: %v", rows)
	}
}

func TestValidate(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"objects":  func(c *Config) { c.Objects = 0 },
		"median":   func(c *Config) { c.Median = c.Bytes },
		"fresh":    func(c *Config) { c.Fresh = math.NaN() },
		"days":     func(c *Config) { c.Days = 0 },
		"last day": func(c *Config) { c.Last = c.Last.Add(time.Hour) },
	} {
		c := small(0)
		change(&c)
		if _, err := Write(t.Context(), c, t.TempDir()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

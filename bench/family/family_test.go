package family

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const testDays = 12

// written returns the files that an archive becomes, by name.
func written(t *testing.T, a *Archive) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	if err := a.WriteLogs(filepath.Join(dir, "logs"), 0, a.Days); err != nil {
		t.Fatal(err)
	}
	if err := a.WriteAccount(filepath.Join(dir, "account.json"), a.First.AddDate(0, 0, a.Days)); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, dir)] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestSameSeedSameBytes makes each workload twice, and once with another seed.
func TestSameSeedSameBytes(t *testing.T) {
	for _, w := range All() {
		one, two, other := written(t, w.Make(7, testDays)), written(t, w.Make(7, testDays)), written(t, w.Make(8, testDays))
		if len(one) < testDays || len(one) != len(two) {
			t.Errorf("%s: %d and %d files", w.Name, len(one), len(two))
		}
		same := true
		for name, data := range one {
			if !bytes.Equal(data, two[name]) {
				t.Errorf("%s: %s differs between two runs", w.Name, name)
			}
			same = same && bytes.Equal(data, other[name])
		}
		if same {
			t.Errorf("%s: another seed gives the same archive", w.Name)
		}
	}
}

// TestRecordsAndTruth holds the records against the truth: as many, in the same
// order, with the members that CloudTrail always writes.
func TestRecordsAndTruth(t *testing.T) {
	for _, w := range All() {
		a := w.Make(3, testDays)
		calls, at := map[string][]Call{}, map[string]int{}
		for _, c := range a.Calls {
			key := c.Region + c.At.Format("20060102")
			calls[key] = append(calls[key], c)
		}
		for name, data := range written(t, a) {
			if strings.HasSuffix(name, ".gz") {
				for _, r := range records(t, data) {
					at[r.key()]++
					check(t, w.Name, r, calls[r.key()][at[r.key()]-1])
				}
			}
		}
		for key, l := range calls {
			if at[key] != len(l) {
				t.Errorf("%s %s: %d records of %d calls", w.Name, key, at[key], len(l))
			}
		}
	}
}

// record is what the tests read of one.
type record struct {
	EventVersion, EventTime, EventSource, EventName, AwsRegion, EventID, EventCategory, ErrorCode string
	UserIdentity                                                                                  struct {
		Type, Arn      string
		SessionContext struct{ SessionIssuer struct{ Arn string } }
	}
}

func (r record) key() string {
	return r.AwsRegion + strings.ReplaceAll(r.EventTime[:10], "-", "")
}

func check(t *testing.T, name string, r record, c Call) {
	t.Helper()
	source, _, _ := strings.Cut(r.EventSource, ".")
	if source+":"+r.EventName != c.Event || r.UserIdentity.SessionContext.SessionIssuer.Arn != c.Principal {
		t.Errorf("%s: record %+v is not call %+v", name, r, c)
	}
	if r.EventID == "" || r.EventVersion == "" || r.EventCategory == "" || (r.ErrorCode == "") != c.Allowed || len(c.Uses) == 0 {
		t.Errorf("%s: record %+v of call %+v", name, r, c)
	}
}

func records(t *testing.T, data []byte) []record {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var l struct{ Records []record }
	if err := json.NewDecoder(z).Decode(&l); err != nil {
		t.Fatal(err)
	}
	return l.Records
}

// TestForeign knows the inventories: each job has things of others beside it.
func TestForeign(t *testing.T) {
	for _, w := range All() {
		a := w.Make(1, testDays)
		foreign := 0
		for _, i := range a.Items {
			if i.Foreign {
				foreign++
			}
		}
		if foreign < 10 || foreign == len(a.Items) || len(a.Jobs) == 0 {
			t.Errorf("%s: %d of %d things are foreign, %d jobs", w.Name, foreign, len(a.Items), len(a.Jobs))
		}
	}
}

// TestOdd makes a document of each shape: JSON that fits its quota, with a marker.
func TestOdd(t *testing.T) {
	n := len(shapeList())
	a, markers := Odd(1, 2*n, 2)
	if len(markers) != 2*n {
		t.Fatalf("%d markers of %d documents", len(markers), 2*n)
	}
	for _, m := range markers {
		for _, d := range a.Policies[m.Principal] {
			var b bytes.Buffer
			if err := json.Compact(&b, []byte(d)); err != nil {
				t.Errorf("%s: %v", m.Shape, err)
			}
			if limit := 10240; b.Len() > limit || m.Shape != "inline near its quota" && b.Len() > 6144 {
				t.Errorf("%s: %d characters", m.Shape, b.Len())
			}
		}
	}
}

package usage

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/internal/args"
)

// record is the event as a scan gives it to a builder.
func (e *logEvent) record() Record {
	at, _ := time.Parse(time.RFC3339, e.EventTime)
	r := Record{
		EventID: e.EventID, SharedID: e.SharedEventID, Time: at,
		EventSource: e.EventSource, EventName: e.EventName, EventType: e.EventType,
		Region: e.AwsRegion, RecipientAccount: e.RecipientAccountID, ErrorCode: e.ErrorCode, Identity: e.identity(),
	}
	r.Args = args.Append(r.Args, args.RootParameters, e.RequestParameters)
	r.Args = args.Append(r.Args, args.RootResponse, e.ResponseElements)
	r.Args = args.Append(r.Args, args.RootResources, e.Resources)
	r.Args = args.Append(r.Args, args.RootAdditional, e.AdditionalEventData)
	if e.UserIdentity.InvokedBy != "" {
		r.Context = []ContextPair{{"via", e.UserIdentity.InvokedBy}}
	}
	return r
}

// TestCorpus takes the real logs through the whole package.
func TestCorpus(t *testing.T) {
	events := corpus(t)
	one, two := NewBuilder(), NewBuilder()
	for i := range events {
		r := events[i].record()
		one.Add(&r)
		two.Add(&r)
	}
	table, twice := Merge(one), Merge(one, two)
	checkTotals(t, table)
	if table.Stats.Records != int64(len(events)) {
		t.Errorf("%d records of %d", table.Stats.Records, len(events))
	}
	t.Logf("%+v: %d calls, %d args, %d contexts", table.Stats, len(table.Calls), len(table.Args), len(table.Contexts))
	// Read twice, only the records without an id count twice.
	var noID int64
	for _, e := range events {
		if e.EventID == "" && e.SharedEventID == "" {
			noID++
		}
	}
	if got, want := twice.Stats.Duplicates, 2*table.Stats.Duplicates+(table.Stats.Records-table.Stats.Duplicates-noID); got != want {
		t.Errorf("%d duplicates, want %d", got, want)
	}
	root := filepath.Join(t.TempDir(), "d")
	write(t, root, table)
	got, err := Read(root)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Calls, table.Calls) || !reflect.DeepEqual(got.Args, table.Args) || !reflect.DeepEqual(got.prints, table.prints) {
		t.Error("read back differs")
	}
	checkNoSecrets(t, table)
}

// checkNoSecrets looks for what no dataset may hold: the values of credentials,
// and session names as principals.
func checkNoSecrets(t *testing.T, table *Table) {
	t.Helper()
	for id := range table.Args {
		for _, l := range table.Args.List(nil, id) {
			path := strings.ToLower(l.Path)
			secret := strings.HasSuffix(path, "accesskeyid") || strings.HasSuffix(path, "sessiontoken") ||
				strings.HasSuffix(path, "password") || strings.HasSuffix(path, "secretaccesskey") || strings.HasSuffix(path, "rolesessionname")
			if secret && l.Value != "" {
				t.Errorf("%s is kept", l.Path)
			}
		}
	}
}

const readerScript = `
import sys, glob, json
import pyarrow.parquet as pq
root, out = sys.argv[1], {}
for d in ["calls", "args", "context", "usage", "trust", "deliveries", "coverage", "unmapped", "objects", "ids"]:
    tables = [pq.ParquetFile(f).read() for f in sorted(glob.glob(root + "/" + d + "/**/*.parquet", recursive=True))]
    out[d] = {"rows": sum(t.num_rows for t in tables), "schema": {f.name: str(f.type) for f in tables[0].schema}}
calls = [r for f in sorted(glob.glob(root + "/calls/*/*.parquet")) for r in pq.ParquetFile(f).read().to_pylist()]
out["events"] = sum(r["events"] for r in calls)
out["principals"] = sorted({r["principal"] for r in calls})
out["first"] = min(r["first"] for r in calls if r["first"]).isoformat()
out["unknown"] = sum(1 for r in calls if r["day"] is None)
json.dump(out, sys.stdout)
`

// TestIndependentReader reads a dataset with pyarrow, where Python has it.
func TestIndependentReader(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 to read the dataset with")
	}
	if out, err := exec.Command(python, "-c", "import pyarrow.parquet").CombinedOutput(); err != nil {
		t.Skipf("python3 has no pyarrow (pip install pyarrow): %.200s", out)
	}
	table := fullTable()
	root := filepath.Join(t.TempDir(), "d")
	write(t, root, table)
	cmd := exec.Command(python, "-c", readerScript, root)
	cmd.Stderr = os.Stderr
	data, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Calls, Args, Usage, Objects, IDs struct {
			Rows   int
			Schema map[string]string
		}
		Events, Unknown int64
		Principals      []string
		First           string
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	var events, unknown, first int64
	for _, c := range table.Calls {
		events += c.Events
		if c.Day == unknownDay {
			unknown++
			continue
		}
		if first == 0 || c.First < first {
			first = c.First
		}
	}
	if got.Calls.Rows != len(table.Calls) || got.Usage.Rows != 5 || got.Objects.Rows != len(table.Objects) || got.IDs.Rows != len(table.prints) {
		t.Errorf("rows: %s", data)
	}
	if got.Events != events || got.Unknown != unknown || !strings.HasPrefix(got.First, time.UnixMilli(first).UTC().Format("2006-01-02T15:04:05")) {
		t.Errorf("%d events, %d on unknown days, first %s; want %d, %d, %v", got.Events, got.Unknown, got.First, events, unknown, time.UnixMilli(first).UTC())
	}
	types := map[string]string{"day": "date32[day]", "first": "timestamp[ms, tz=UTC]", "read_only": "bool", "principal": "string", "events": "int64"}
	for name, want := range types {
		if got.Calls.Schema[name] != want {
			t.Errorf("column %s is %s, want %s", name, got.Calls.Schema[name], want)
		}
	}
	if got.IDs.Schema["fingerprint"] != "uint64" {
		t.Errorf("fingerprints are %s", got.IDs.Schema["fingerprint"])
	}
}

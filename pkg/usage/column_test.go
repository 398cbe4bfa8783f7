package usage

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"

	"github.com/tighten-iam/tighten/internal/args"
	columnar "github.com/tighten-iam/tighten/internal/parquet"
)

// encode makes a file of rows.
func encode[R any](t testing.TB, cols []column[R], rows []R) ([]byte, error) {
	t.Helper()
	w, err := columnar.NewWriter(createdBy)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = newEncoder(w, cols).encode(&out, rows)
	return out.Bytes(), err
}

// describe lists the columns of a table as the schema on disk says them.
func describe[R any](dir string, cols []column[R]) string {
	var b strings.Builder
	for _, c := range cols {
		fmt.Fprintf(&b, "%s.%s %s %s\n", dir, c.node.Name(), c.node.RepetitionType(), c.node.LogicalType())
	}
	return b.String()
}

// TestSchema pins the columns: others read them. A change needs a new
// formatVersion; TIGHTEN_UPDATE=1 rewrites the file.
func TestSchema(t *testing.T) {
	got := fmt.Sprintf("format %d\n", formatVersion) +
		describe("calls", callColumns()) + describe("args", argsColumns()) + describe("context", pairColumns()) +
		describe("usage", usageColumns()) + describe("trust", trustColumns()) + describe("deliveries", deliveryColumns()) +
		describe("coverage", coverageColumns()) + describe("unmapped", unmappedColumns()) +
		describe("objects", objectColumns()) + describe("ids", printColumns())
	golden := filepath.Join("testdata", "schema.golden")
	if os.Getenv("TIGHTEN_UPDATE") != "" {
		if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the columns changed:\n%s", got)
	}
}

// vary sets field i of the struct that v points to to a value of its own.
func vary(t *testing.T, v any, i int) {
	t.Helper()
	f := reflect.ValueOf(v).Elem().Field(i)
	switch f.Kind() {
	case reflect.String:
		f.SetString(fmt.Sprint("text ", i))
	case reflect.Int8:
		f.SetInt(2)
	case reflect.Int32, reflect.Int64:
		f.SetInt(int64(1000 + i))
	default:
		t.Fatalf("a field of kind %s", f.Kind())
	}
}

// checkFields checks of every field of R that it is stored, and that it tells
// rows apart, except for those that add up.
func checkFields[R any](t *testing.T, cols []column[R], compare func(a, b *R) int, sums ...string) {
	t.Helper()
	shape := reflect.TypeFor[R]()
	if len(cols) != shape.NumField() {
		t.Errorf("%s has %d fields and %d columns", shape, shape.NumField(), len(cols))
	}
	for i := range shape.NumField() {
		var plain, varied R
		vary(t, &varied, i)
		data, err := encode(t, cols, []R{varied, plain, varied})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := decode(cols, data, nil, 3)
		if err != nil || len(rows) != 3 || !reflect.DeepEqual(rows, []R{varied, plain, varied}) {
			t.Errorf("%s.%s is not stored: %+v, %v", shape, shape.Field(i).Name, rows, err)
		}
		ab, ba := compare(&plain, &varied), compare(&varied, &plain)
		if slices.Contains(sums, shape.Field(i).Name) {
			if ab != 0 || ba != 0 {
				t.Errorf("%s.%s tells rows apart", shape, shape.Field(i).Name)
			}
			continue
		}
		if ab >= 0 || ba <= 0 {
			t.Errorf("%s.%s does not tell rows apart", shape, shape.Field(i).Name)
		}
	}
}

func TestEveryField(t *testing.T) {
	checkFields(t, callColumns(), compareCalls, "Events", "First", "Last")
	checkFields(t, usageColumns(), compareUsage, "Count", "First", "Last")
	checkFields(t, trustColumns(), compareTrust, "Events", "First", "Last")
	checkFields(t, deliveryColumns(), compareDeliveries, "Objects", "Bytes", "Unreadable")
	checkFields(t, coverageColumns(), compareCoverage, "Records")
	checkFields(t, unmappedColumns(), compareUnmapped, "Events")
	checkFields(t, objectColumns(), compareObjects)
	checkFields(t, printColumns(), comparePrints)
	checkFields(t, argsColumns(), func(a, b *argsRow) int { return cmp.Or(compareArgs(a, b), strings.Compare(a.Leaves, b.Leaves)) })
}

// TestBuilderTellsApart changes one thing of a record at a time: each makes a
// row of its own.
func TestBuilderTellsApart(t *testing.T) {
	changes := map[string]func(*Record){
		"day":       func(r *Record) { r.Time = r.Time.Add(24 * time.Hour) },
		"no time":   func(r *Record) { r.Time = time.Time{} },
		"source":    func(r *Record) { r.EventSource = "x" },
		"name":      func(r *Record) { r.EventName = "x" },
		"type":      func(r *Record) { r.EventType = "x" },
		"category":  func(r *Record) { r.Category = "x" },
		"region":    func(r *Record) { r.Region = "x" },
		"recipient": func(r *Record) { r.RecipientAccount = "x" },
		"read-only": func(r *Record) { r.ReadOnly = 1 },
		"error":     func(r *Record) { r.ErrorCode = "x" },
		"outcome":   func(r *Record) { r.Outcome = "x" },
		"principal": func(r *Record) { r.Identity.IssuerARN += "2" },
		"unique id": func(r *Record) { r.Identity.IssuerPrincipalID += "2" },
		"args":      func(r *Record) { r.Args = append(r.Args, args.Leaf{Path: "p.x"}) },
		"no args":   func(r *Record) { r.Args = nil },
		"context":   func(r *Record) { r.Context = []ContextPair{{"via", "x"}} },
		"lane":      func(r *Record) { r.Lane = "x" },
	}
	b := NewBuilder()
	for range 2 {
		same := session("", "GetObject", noon)
		same.Time = noon.Add(time.Hour)
		b.Add(&same)
	}
	for _, change := range changes {
		r := session("", "GetObject", noon)
		change(&r)
		b.Add(&r)
	}
	if table := Merge(b); len(table.Calls) != 1+len(changes) {
		t.Errorf("%d rows, want %d", len(table.Calls), 1+len(changes))
	}
}

func TestExtremes(t *testing.T) {
	rows := []Call{
		{Day: unknownDay}, {Day: math.MaxInt32, ReadOnly: 1, Events: math.MaxInt64, First: math.MinInt64, Last: math.MaxInt64},
		{Day: math.MinInt32, ReadOnly: 2, Events: math.MinInt64}, {Principal: strings.Repeat("p", 1<<20), EventName: "\x00"},
	}
	data, err := encode(t, callColumns(), rows)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := decode(callColumns(), data, nil, len(rows)); err != nil || !reflect.DeepEqual(got, rows) {
		t.Errorf("%v, %v", got, err)
	}
	prints := []print{{Fingerprint: -1}, {Fingerprint: math.MinInt64}}
	if data, err = encode(t, printColumns(), prints); err != nil {
		t.Fatal(err)
	}
	if got, err := decode(printColumns(), data, nil, len(prints)); err != nil || !reflect.DeepEqual(got, prints) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestDaysWithoutAName(t *testing.T) {
	root := filepath.Join(memoryDir(t), "d")
	rows := []Row{{Day: math.MinInt32}, {Day: unknownDay}, {Day: 0}, {Day: maxDay}, {Day: maxDay + 1}}
	write(t, root, &Table{Usage: slices.Clone(rows)})
	got, err := Read(root)
	if err != nil || !reflect.DeepEqual(got.Usage, rows) {
		t.Errorf("%v, %v", got, err)
	}
	names, err := filepath.Glob(filepath.Join(root, "usage", "*"))
	if err != nil || len(names) != 3 {
		t.Errorf("%v, %v", names, err)
	}
}

// codecs returns the compression of each column of a file's first row group.
func codecs(t *testing.T, data []byte) map[string]compress.Compression {
	t.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]compress.Compression{}
	for i := range r.MetaData().Schema.NumColumns() {
		chunk, err := r.RowGroup(0).MetaData().ColumnChunk(i)
		if err != nil {
			t.Fatal(err)
		}
		out[r.MetaData().Schema.Column(i).Name()] = chunk.Compression()
	}
	return out
}

func TestSmallColumnsAreNotCompressed(t *testing.T) {
	rows := make([]UnmappedRow, 3000)
	for i := range rows {
		rows[i] = UnmappedRow{Principal: "always the same", EventName: fmt.Sprint("name ", i), Note: fmt.Sprint(i % 2), Events: int64(i)}
	}
	data, err := encode(t, unmappedColumns(), rows)
	if err != nil {
		t.Fatal(err)
	}
	got := codecs(t, data)
	want := map[string]compress.Compression{
		"day": compress.Codecs.Uncompressed, "principal": compress.Codecs.Uncompressed, "account": compress.Codecs.Uncompressed, "event_source": compress.Codecs.Uncompressed,
		"event_name": compress.Codecs.Zstd, "note": compress.Codecs.Uncompressed, "lane": compress.Codecs.Uncompressed, "events": compress.Codecs.Zstd,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
}

func TestDecodeRefuses(t *testing.T) {
	table := fullTable()
	data, err := encode(t, callColumns(), table.Calls)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decode(usageColumns(), data, nil, len(table.Calls)); err == nil || !strings.Contains(err.Error(), "columns") {
		t.Errorf("columns of another table: %v", err)
	}
	for n := range len(data) - 1 { // cut anywhere, and spoilt anywhere
		if n%37 != 0 {
			continue
		}
		if _, err := decode(callColumns(), data[:n], nil, len(table.Calls)); err == nil {
			t.Errorf("cut at %d: no error", n)
		}
		spoilt := slices.Clone(data)
		spoilt[n] ^= 0xff
		rows, err := decode(callColumns(), spoilt, nil, len(table.Calls)) // an error or other rows, not a panic
		if err == nil && len(rows) > len(table.Calls) {
			t.Errorf("spoilt at %d: %d rows", n, len(rows))
		}
	}
}

// TestWriteSorts checks that the order of rows in memory does not reach the disk.
func TestWriteSorts(t *testing.T) {
	a, b := filepath.Join(memoryDir(t), "d"), filepath.Join(memoryDir(t), "d")
	table := fullTable()
	write(t, a, table)
	r := rand.New(rand.NewPCG(8, 9))
	shuffleRows(r, table.Calls)
	shuffleRows(r, table.Usage)
	shuffleRows(r, table.Trust)
	shuffleRows(r, table.Deliveries)
	shuffleRows(r, table.Coverage)
	shuffleRows(r, table.Unmapped)
	shuffleRows(r, table.Objects)
	shuffleRows(r, table.prints)
	write(t, b, table)
	if !reflect.DeepEqual(tree(t, a), tree(t, b)) {
		t.Error("other bytes")
	}
}

func shuffleRows[R any](r *rand.Rand, rows []R) {
	r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
}

// TestSortRows compares with the library's sort.
func TestSortRows(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	for n := range 50 {
		rows := make([]CoverageRow, n)
		for i := range rows {
			rows[i] = CoverageRow{Class: fmt.Sprint(r.IntN(9)), Records: int64(i)}
		}
		want := slices.Clone(rows)
		slices.SortStableFunc(want, func(a, b CoverageRow) int { return strings.Compare(a.Class, b.Class) })
		sortRows(rows, compareCoverage)
		if !reflect.DeepEqual(rows, want) {
			t.Fatalf("%v", rows)
		}
	}
}

func TestSpan(t *testing.T) {
	for _, tt := range []struct{ first, last, otherFirst, otherLast, wantFirst, wantLast int64 }{
		{0, 0, 0, 0, 0, 0}, {0, 0, 3, 5, 3, 5}, {3, 5, 0, 0, 3, 5}, {3, 5, 4, 4, 3, 5}, {3, 5, 1, 9, 1, 9}, {3, 3, 5, 5, 3, 5},
	} {
		first, last := span(tt.first, tt.last, tt.otherFirst, tt.otherLast)
		if first != tt.wantFirst || last != tt.wantLast {
			t.Errorf("%+v: %d to %d", tt, first, last)
		}
	}
}

// TestJoinUsage compares with aggregating all at once.
func TestJoinUsage(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	for range 2000 {
		lists := make([][]Row, 3)
		var all, got []Row
		for i := range lists {
			span := 1 + r.IntN(8)
			for range r.IntN(6) {
				lists[i] = append(lists[i], Row{Principal: fmt.Sprint(i*2 + r.IntN(span)), Count: 1})
			}
			all = append(all, lists[i]...)
			got = JoinUsage(got, AggregateUsage(lists[i]))
		}
		if want := AggregateUsage(all); len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("%v instead of %v", got, want)
		}
	}
}

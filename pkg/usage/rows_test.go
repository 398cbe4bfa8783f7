package usage

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"

	columnar "github.com/tighten-iam/tighten/internal/parquet"
)

// manyUnmapped are more than two row groups.
func manyUnmapped() []UnmappedRow {
	list := make([]UnmappedRow, 2*groupRows+10)
	for i := range list {
		list[i] = UnmappedRow{Principal: strings.Repeat("p", i%40), Note: fmt.Sprint("n", i*7919%100003), Events: int64(i)}
	}
	return list
}

// TestBytes holds the files to those of the encoder that made them in memory.
func TestBytes(t *testing.T) {
	check := func(name, want string, data []byte, err error) {
		if got := fmt.Sprintf("%x", sha256.Sum256(data)); err != nil || got != want {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	list, table := manyUnmapped(), fullTable()
	for _, tt := range []struct {
		rows int
		want string
	}{
		{0, "c261c969478a3ec2d44ad56f3faae12eb0701dc881e24d9cf694e6759f07dd40"},
		{1, "e9cb99dd018c895df881c96656df5927147476b3067f7dc85299f31bac03b195"},
		{groupRows, "e52cd9939703d1e652c74c40de3755a2412201a7fbf021fdc1eef0e8d353507e"},
		{groupRows + 1, "81eacf5d339ad2fac167692e699a27ccb07640e02e472bd8f154f22b02ea2298"},
		{len(list), "a94c4948352dda8373179925437e3f895555661d0f6afde254702745f4693406"},
	} {
		data, err := encode(t, unmappedColumns(), list[:tt.rows])
		check(fmt.Sprint(tt.rows, " rows"), tt.want, data, err)
	}
	data, err := encode(t, callColumns(), table.Calls)
	check("calls", "4670a59d3de65c37648ab896306d05b3f955bab001bac83288b20d066d7dd539", data, err)
	data, err = encode(t, objectColumns(), table.Objects)
	check("objects", "bcaa1797749dd934d32af839add7eff6812f95230ae5f40f98957c10eaa84b68", data, err)
	data, err = encode(t, printColumns(), table.prints)
	check("ids", "70b96abe7c5b514401cab5a5187930b1c7b2cbcc8b7c0ba5394b3fbb4c0bdbf6", data, err)
}

// TestPortions adds rows in portions of any size: the bytes are those of the whole.
func TestPortions(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 7))
	out, err := columnar.NewWriter(createdBy)
	if err != nil {
		t.Fatal(err)
	}
	list := manyUnmapped()
	e := newEncoder(out, unmappedColumns())
	e.begin(io.Discard) // a file that is given up
	if err := e.addAll(list[:100]); err != nil {
		t.Fatal(err)
	}
	for _, most := range []int{1, 1000, groupRows, 2 * groupRows} {
		n := r.IntN(len(list))
		want, err := encode(t, unmappedColumns(), list[:n])
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		e.begin(&got)
		portion := make([]UnmappedRow, most)
		for left := list[:n]; len(left) > 0; {
			k := copy(portion[:1+r.IntN(most)], left)
			if k == 1 {
				err = e.add(&portion[0])
			} else {
				err = e.addAll(portion[:k])
			}
			if err != nil {
				t.Fatal(err)
			}
			left = left[k:]
		}
		if total, err := e.finish(); err != nil || total != n || !bytes.Equal(got.Bytes(), want) {
			t.Errorf("portions up to %d: %d rows of %d, %v", most, total, n, err)
		}
	}
}

// failing fails after some bytes.
type failing struct{ left int }

var errFull = errors.New("no space left on device")

func (w *failing) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestFullDisk(t *testing.T) {
	out, err := columnar.NewWriter(createdBy)
	if err != nil {
		t.Fatal(err)
	}
	list := manyUnmapped()
	e := newEncoder(out, unmappedColumns())
	for _, room := range []int{0, 100, 200_000} {
		e.begin(&failing{room})
		first := e.addAll(list)
		if _, err := e.finish(); !errors.Is(err, errFull) || first == nil || !errors.Is(first, errFull) {
			t.Errorf("room for %d bytes: %v, then %v", room, first, err)
		}
	}
	if err := e.encode(io.Discard, list[:5]); err != nil {
		t.Errorf("the next file: %v", err)
	}
}

func TestRows(t *testing.T) {
	list := manyUnmapped()
	for _, n := range []int{0, 1, groupRows, groupRows + 1, len(list)} {
		data, err := encode(t, unmappedColumns(), list[:n])
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(memoryDir(t), "x.parquet")
		if err := os.WriteFile(name, data, 0o666); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		var got []UnmappedRow
		for row, err := range rows(unmappedColumns(), f) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, *row)
			*row = UnmappedRow{Principal: "changed"}
		}
		if !slices.Equal(got, list[:n]) {
			t.Errorf("%d rows differ from %d", len(got), n)
		}
		if err := f.Close(); err != nil {
			t.Errorf("the file was closed: %v", err)
		}
	}
}

func TestRowsStop(t *testing.T) {
	list := manyUnmapped()
	data, err := encode(t, unmappedColumns(), list)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for row, err := range rows(unmappedColumns(), bytes.NewReader(data)) {
		if err != nil || *row != list[n] {
			t.Fatalf("row %d is %+v, %v", n, row, err)
		}
		if n++; n == groupRows+5 {
			break
		}
	}
	if n != groupRows+5 {
		t.Errorf("%d rows", n)
	}
	defer func() {
		if p := recover(); p != "the caller's" {
			t.Errorf("a panic of the caller became %v", p)
		}
	}()
	for range rows(unmappedColumns(), bytes.NewReader(data)) {
		panic("the caller's")
	}
}

// TestRowsRefuse cuts and spoils files: an error comes last, and once, and the rows
// are those of decode.
func TestRowsRefuse(t *testing.T) {
	table := fullTable()
	data, err := encode(t, callColumns(), table.Calls)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(8, 8))
	refused := 0
	for n := range 2000 {
		bad := slices.Clone(data)
		if cut := r.IntN(len(bad)); n%4 == 0 {
			bad = bad[:cut]
		} else {
			bad[cut] ^= byte(1 + r.IntN(255))
		}
		var got []Call
		var failed error
		for row, err := range rows(callColumns(), bytes.NewReader(bad)) {
			if failed != nil || (err == nil) != (row != nil) {
				t.Fatalf("after %v comes %v, %v", failed, row, err)
			}
			if failed = err; err == nil {
				got = append(got, *row)
			}
		}
		whole, err := decode(callColumns(), bad, nil, len(got))
		if (err == nil) != (failed == nil) || err == nil && !slices.Equal(got, whole) {
			t.Fatalf("%d rows, %v; decoded at once %d rows, %v", len(got), failed, len(whole), err)
		}
		if failed != nil {
			refused++
		} else if n%4 == 0 {
			t.Errorf("cut to %d bytes it is read", len(bad))
		}
	}
	if refused < 700 {
		t.Errorf("%d of 2000 spoilt files are refused", refused)
	}
}

// readArrow reads a column of a file with Arrow's reader, as texts.
func readArrow(t *testing.T, r *file.Reader, column int) (values []string) {
	for g := range r.NumRowGroups() {
		n := r.RowGroup(g).NumRows()
		chunk, err := r.RowGroup(g).Column(column)
		if err != nil {
			t.Fatal(err)
		}
		levels := make([]int16, n)
		var texts []parquet.ByteArray
		var numbers []any
		switch c := chunk.(type) {
		case *file.ByteArrayColumnChunkReader:
			texts = make([]parquet.ByteArray, n)
			_, _, err = c.ReadBatch(n, texts, levels, nil)
		case *file.Int64ColumnChunkReader:
			numbers, err = batch(n, levels, c.ReadBatch)
		case *file.Int32ColumnChunkReader:
			numbers, err = batch(n, levels, c.ReadBatch)
		case *file.BooleanColumnChunkReader:
			numbers, err = batch(n, levels, c.ReadBatch)
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range int(n) {
			switch {
			case texts != nil:
				values = append(values, string(texts[i]))
			case chunk.Descriptor().MaxDefinitionLevel() > 0 && levels[i] == 0:
				values = append(values, "null")
			default:
				values = append(values, fmt.Sprint(numbers[0]))
				numbers = numbers[1:]
			}
		}
	}
	return values
}

func batch[T any](n int64, levels []int16, read func(int64, []T, []int16, []int16) (int64, int, error)) (list []any, err error) {
	values := make([]T, n)
	_, got, err := read(n, values, levels, nil)
	for _, v := range values[:got] {
		list = append(list, v)
	}
	return list, err
}

// compareArrow checks that our reader and Arrow's see the same in a file.
func compareArrow[R any](t *testing.T, name string, cols []column[R], list []R) {
	t.Helper()
	data, err := encode(t, cols, list)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	want := make([][]string, len(cols))
	for i := range cols {
		want[i] = readArrow(t, theirs, i)
	}
	fields := make([]columnar.Field, len(cols))
	for i := range cols {
		fields[i] = cols[i].field
	}
	var ours columnar.Reader
	if err := ours.Open(bytes.NewReader(data), int64(len(data)), fields); err != nil {
		t.Fatal(err)
	}
	got := make([][]string, len(cols))
	for g := range ours.Groups() {
		err := ours.Group(g, func(i int, v *columnar.Values) {
			for row := range ours.Rows(g) {
				got[i] = append(got[i], shown(&fields[i], v, row))
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range cols {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("%s.%s differs from what Arrow reads", name, fields[i].Name)
		}
	}
}

func shown(f *columnar.Field, v *columnar.Values, row int) string {
	if f.Type == columnar.Text {
		return v.Text(row)
	}
	n, ok := v.Int(row)
	switch {
	case !ok:
		return "null"
	case f.Type == columnar.Bool:
		return fmt.Sprint(n == 1)
	}
	return fmt.Sprint(n)
}

func TestAsArrowReads(t *testing.T) {
	table := fullTable()
	compareArrow(t, "calls", callColumns(), table.Calls)
	compareArrow(t, "usage", usageColumns(), table.Usage)
	compareArrow(t, "trust", trustColumns(), table.Trust)
	compareArrow(t, "deliveries", deliveryColumns(), table.Deliveries)
	compareArrow(t, "coverage", coverageColumns(), table.Coverage)
	compareArrow(t, "unmapped", unmappedColumns(), manyUnmapped())
	compareArrow(t, "objects", objectColumns(), table.Objects)
	compareArrow(t, "ids", printColumns(), table.prints)
	r := rand.New(rand.NewPCG(9, 9))
	for range 80 { // runs and gaps of all lengths
		list := make([]CoverageRow, 1+r.IntN(3000))
		for i := range list {
			if i > 0 && r.IntN(9) > 0 {
				list[i] = list[i-1]
				continue
			}
			list[i] = CoverageRow{Account: fmt.Sprint(r.IntN(1 + len(list)/2)), ReadOnly: int8(r.IntN(3)), Day: int32(r.IntN(40)) - 1, Class: "used", Records: r.Int64() - 1<<62}
		}
		compareArrow(t, "coverage", coverageColumns(), list)
	}
}

func BenchmarkEncode(b *testing.B) {
	list := manyUnmapped()
	out, err := columnar.NewWriter(createdBy)
	if err != nil {
		b.Fatal(err)
	}
	e := newEncoder(out, unmappedColumns())
	var size bytes.Buffer
	if err := e.encode(&size, list); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(size.Len()))
	b.ReportAllocs()
	for b.Loop() {
		e.begin(io.Discard)
		for i := range list {
			_ = e.add(&list[i])
		}
		if _, err := e.finish(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(list)), "ns/row")
}

func BenchmarkRows(b *testing.B) {
	data, err := encode(b, unmappedColumns(), manyUnmapped())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n = 0
		for _, err := range rows(unmappedColumns(), bytes.NewReader(data)) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/row")
}

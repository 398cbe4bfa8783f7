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
		{0, "ea2232cc60b814d807645ed0cbd39dd5e8509bd343d2f5680b014ba246122e48"},
		{1, "590cb8a56918119c502e87814891fde4e17a7e049b9a6e469ba278435ff4b455"},
		{groupRows, "cac6d84a6aad278de1611c752508c39591efdb14abf652b31e7dca7c2cfaff91"},
		{groupRows + 1, "6e68793b053c2882721ed08687a4ceeb2f6e66dc1c7fa86300fbae7524df0b33"},
		{len(list), "bc404f06fd452791914e2b01deeee56a5ee080d4abe0a80282a0b7f5809838dc"},
	} {
		data, err := encode(t, unmappedColumns(), list[:tt.rows])
		check(fmt.Sprint(tt.rows, " rows"), tt.want, data, err)
	}
	data, err := encode(t, callColumns(), table.Calls)
	check("calls", "52522a1b7483aee3087be48e5850dee8400690bb1f5dc089c10237731738e526", data, err)
	data, err = encode(t, objectColumns(), table.Objects)
	check("objects", "bcaa1797749dd934d32af839add7eff6812f95230ae5f40f98957c10eaa84b68", data, err)
	data, err = encode(t, printColumns(), table.prints)
	check("ids", "b5ebb7f2821aa16b571abdea3e37649fc7c672735404fb8e243f202c1ac0e96a", data, err)
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
		name := filepath.Join(t.TempDir(), "x.parquet")
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

// TestRowsRefuse cuts files: an error comes last, and once.
func TestRowsRefuse(t *testing.T) {
	table := fullTable()
	data, err := encode(t, callColumns(), table.Calls)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(data) - 1 {
		if n%7 != 0 {
			continue
		}
		var failed error
		for row, err := range rows(callColumns(), bytes.NewReader(data[:n])) {
			if failed != nil || (err == nil) != (row != nil) {
				t.Fatalf("after %v comes %v, %v", failed, row, err)
			}
			failed = err
		}
		if failed == nil {
			t.Errorf("cut at %d: no error", n)
		}
	}
}

// TestColumnOutside has a file that says that a column is longer than the file.
func TestColumnOutside(t *testing.T) {
	data, err := encode(t, unmappedColumns(), manyUnmapped()[:100])
	if err != nil {
		t.Fatal(err)
	}
	r, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDecoder(unmappedColumns(), bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for i := range unmappedColumns() {
		if err := d.inside(r.MetaData().RowGroup(0), i); err != nil {
			t.Error(err)
		}
	}
	d.size = 10
	if _, err := d.read(nil); err == nil || !strings.Contains(err.Error(), "outside of the file") {
		t.Error(err)
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

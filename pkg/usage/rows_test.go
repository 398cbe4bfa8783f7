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
		{0, "1ff31b2cdb834731eae90da9a51ec1029187137676b2452cef22776a98a4ed37"},
		{1, "2db22472bc4d46f9e8bdd7dc60c2262a4b9525e7210a0d4089f398f33b34311b"},
		{groupRows, "277e543131c8a3a234885fa7a6d210e95c0d4dd7796ea46227d2463672e0df1c"},
		{groupRows + 1, "a2e2d612d124b3de7f8f9ef037a055570431b50ebd2485af785d11a27e28d86b"},
		{len(list), "700a0877c903d02ebf6831653ce3c65bb7f3aabb54e81abcd4c616c89f381003"},
	} {
		data, err := encode(t, unmappedColumns(), list[:tt.rows])
		check(fmt.Sprint(tt.rows, " rows"), tt.want, data, err)
	}
	data, err := encode(t, callColumns(), table.Calls)
	check("calls", "52522a1b7483aee3087be48e5850dee8400690bb1f5dc089c10237731738e526", data, err)
	data, err = encode(t, objectColumns(), table.Objects)
	check("objects", "cf4dc146751a6632acf97032b4360f49086d26f7b4ec8aaaeacff79374965d64", data, err)
	data, err = encode(t, printColumns(), table.prints)
	check("ids", "97279cac45bef1244090433a730e38293b3a4fae1a681063bc4f80b0ba2eed5f", data, err)
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

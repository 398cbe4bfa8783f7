package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/klauspost/compress/zstd"
)

// read reads all values of a file as texts, by column.
func read(r *Reader, data []byte, fields []Field) (columns [][]string, err error) {
	if err := r.Open(bytes.NewReader(data), int64(len(data)), fields); err != nil {
		return nil, err
	}
	columns = make([][]string, len(fields))
	for g := range r.Groups() {
		err := r.Group(g, func(n int, v *Values) {
			for row := range r.Rows(g) {
				columns[n] = append(columns[n], shown(&fields[n], v, row))
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return columns, nil
}

func shown(f *Field, v *Values, row int) string {
	if f.Type == Text {
		return v.Text(row)
	}
	n, ok := v.Int(row)
	if !ok {
		return "null"
	}
	return fmt.Sprint(n)
}

// readArrow is read by Arrow's reader.
func readArrow(data []byte, fields []Field) (columns [][]string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	r, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	columns = make([][]string, len(fields))
	for g := range r.NumRowGroups() {
		for i := range fields {
			chunk, err := r.RowGroup(g).Column(i)
			if err != nil {
				return nil, err
			}
			values, err := arrowValues(chunk, r.RowGroup(g).NumRows())
			if err != nil {
				return nil, err
			}
			columns[i] = append(columns[i], values...)
		}
	}
	return columns, nil
}

func arrowValues(chunk file.ColumnChunkReader, rows int64) ([]string, error) {
	levels := make([]int16, rows)
	switch c := chunk.(type) {
	case *file.ByteArrayColumnChunkReader:
		return arrowBatch(chunk, levels, c.ReadBatch, func(v parquet.ByteArray) string { return string(v) })
	case *file.Int64ColumnChunkReader:
		return arrowBatch(chunk, levels, c.ReadBatch, func(v int64) string { return fmt.Sprint(v) })
	case *file.Int32ColumnChunkReader:
		return arrowBatch(chunk, levels, c.ReadBatch, func(v int32) string { return fmt.Sprint(v) })
	case *file.BooleanColumnChunkReader:
		return arrowBatch(chunk, levels, c.ReadBatch, func(v bool) string {
			if v {
				return "1"
			}
			return "0"
		})
	}
	return nil, errors.New("no such column")
}

func arrowBatch[T any](chunk file.ColumnChunkReader, levels []int16, read func(int64, []T, []int16, []int16) (int64, int, error), show func(T) string) (list []string, err error) {
	values := make([]T, len(levels))
	n, _, err := read(int64(len(levels)), values, levels, nil)
	if err != nil || n != int64(len(levels)) {
		return nil, fmt.Errorf("%d values, %w", n, err)
	}
	for _, level := range levels {
		if chunk.Descriptor().MaxDefinitionLevel() > 0 && level == 0 {
			list = append(list, "null")
			continue
		}
		list = append(list, show(values[0]))
		values = values[1:]
	}
	return list, nil
}

// TestReader compares with Arrow, and with texts that share their memory.
func TestReader(t *testing.T) {
	w, apart, shared := newWriter(t), &Reader{}, &Reader{Share: true}
	r := rand.New(rand.NewPCG(3, 4))
	for seed := range uint64(60) {
		data := sample(t, w, seed, r.IntN(1+r.IntN(4000)))
		want, err := readArrow(data, fields)
		if err != nil {
			t.Fatal(err)
		}
		for _, reader := range []*Reader{apart, shared} {
			got, err := read(reader, data, fields)
			if err != nil || !slices.EqualFunc(got, want, slices.Equal[[]string]) {
				t.Fatalf("file %d: other values than Arrow reads (%v)", seed, err)
			}
			if reader.Total() != int64(len(want[0])) {
				t.Errorf("%d rows of %d", reader.Total(), len(want[0]))
			}
		}
	}
}

func TestPick(t *testing.T) {
	data := sample(t, newWriter(t), 1, 500)
	var r Reader
	all, err := read(&r, data, fields)
	if err != nil {
		t.Fatal(err)
	}
	for i := range fields {
		v, err := r.Column(0, i)
		if err != nil {
			t.Fatal(err)
		}
		places := []uint32{0, 3, 4, 250, 499}
		v.Pick(places)
		for j, place := range places {
			if got := shown(&fields[i], v, j); got != all[i][place] {
				t.Errorf("column %d, row %d is %q instead of %q", i, place, got, all[i][place])
			}
		}
	}
}

// one makes a file of one column.
func one(t testing.TB, f Field, groups int, texts ...string) []byte {
	t.Helper()
	w := newWriter(t)
	var out bytes.Buffer
	w.Begin([]Field{f}, &out)
	for range groups {
		_ = w.Group(len(texts), func(_ int, c *Column) {
			for _, s := range texts {
				c.Text(s)
			}
		})
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// allocated is the number of bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestLongTexts writes texts that zstd makes next to nothing of, as logs may have them,
// and reads them again: what is written is never taken for a bomb.
func TestLongTexts(t *testing.T) {
	for _, n := range []int{freePage - 5, freePage, 3 * freePage, 20 * freePage} {
		for _, f := range []Field{{Name: "t", Type: Text}, {Name: "t", Type: Text, Distinct: true}} {
			long := strings.Repeat("a", n)
			data := one(t, f, 1, long, "b", long+"b")
			got, err := read(&Reader{}, data, []Field{f})
			if err != nil || got[0][0] != long || got[0][1] != "b" || got[0][2] != long+"b" {
				t.Errorf("texts of %d bytes: %v", n, err)
			}
			if theirs, err := readArrow(data, []Field{f}); err != nil || !slices.Equal(theirs[0], got[0]) {
				t.Errorf("texts of %d bytes: Arrow reads others (%v)", n, err)
			}
		}
	}
}

// forge makes a file of one text column whose dictionary page has this content and
// claims this size.
func forge(t *testing.T, content []byte, size int) []byte {
	t.Helper()
	w := newWriter(t)
	var out bytes.Buffer
	w.Begin(fields[:1], &out)
	data := w.zstd.EncodeAll([]byte{1, 2, 0}, nil)
	k := chunk{codec: codecZstd, rows: 1, hasDict: true, dictAt: w.offset()}
	w.pending = append(append(w.pending, w.header(pageDictionary, size, len(content), 1, encodingPlain)...), content...)
	k.dataAt = w.offset()
	w.pending = append(append(w.pending, w.header(pageData, 3, len(data), 1, encodingDictionary)...), data...)
	k.packed = int(w.offset() - k.dictAt)
	w.groups = append(w.groups, group{rows: 1, chunks: []chunk{k}})
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestBombs reads small files that claim to be large: what that takes is bounded.
func TestBombs(t *testing.T) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		t.Fatal(err)
	}
	long := make([]byte, 256<<20)
	binary.LittleEndian.PutUint32(long, uint32(len(long)-4))
	bomb := z.EncodeAll(long, nil)
	short := binary.LittleEndian.AppendUint32(nil, 1)
	short = z.EncodeAll(append(short, 'x'), nil)
	for _, tt := range []struct {
		name string
		data []byte
		ok   bool
	}{
		{"as it should be", forge(t, short, 5), true},
		{"a page that unpacks to more than it claims", forge(t, bomb, 5), false},
		{"a page that unpacks to what it claims", forge(t, bomb, len(long)), false},
		{"a page that claims more than it has", forge(t, short, 1<<31-1), false},
		{"a page that claims a little more", forge(t, short, freePage), false},
	} {
		n := allocated(func() { _, err = read(&Reader{}, tt.data, fields[:1]) })
		if (err == nil) != tt.ok || err != nil && !errors.Is(err, errCorrupt) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if n > 8<<20 {
			t.Errorf("%s: %d bytes of memory for a file of %d", tt.name, n, len(tt.data))
		}
	}
}

// TestSameBytesTwice lets two row groups share their columns, so that a file could have
// many times the rows that it has bytes for.
func TestSameBytesTwice(t *testing.T) {
	for _, change := range []func(groups []group){
		func(groups []group) { groups[1] = groups[0] },
		func(groups []group) { groups[0], groups[1] = groups[1], groups[0] },
		func(groups []group) { groups[0].chunks[0].packed-- },
		func(groups []group) { groups[1].chunks[0].packed++ },
		func(groups []group) { groups[1].chunks[0].packed = math.MaxInt64 },
		func(groups []group) { groups[1].chunks[0].packed = -1 },
		func(groups []group) { groups[1].rows = MaxRows + 1 },
	} {
		w := newWriter(t)
		var out bytes.Buffer
		w.Begin(fields[:1], &out)
		for _, s := range []string{"one", "two"} {
			_ = w.Group(1, func(_ int, c *Column) { c.Text(s) })
		}
		change(w.groups)
		if err := w.Finish(); err != nil {
			t.Fatal(err)
		}
		var r Reader
		if err := r.Open(bytes.NewReader(out.Bytes()), int64(out.Len()), fields[:1]); !errors.Is(err, errCorrupt) {
			t.Errorf("read: %v", err)
		}
	}
}

// TestTotal is told before anything is read: rows that are many take few bytes.
func TestTotal(t *testing.T) {
	data := one(t, fields[0], 20, make([]string, 1<<16)...)
	var r Reader
	n := allocated(func() {
		if err := r.Open(bytes.NewReader(data), int64(len(data)), fields[:1]); err != nil {
			t.Fatal(err)
		}
	})
	if r.Total() != 20<<16 || n > 1<<16 {
		t.Errorf("%d rows; %d bytes of memory", r.Total(), n)
	}
}

// FuzzReader compares with Arrow what of a spoilt file can still be read.
func FuzzReader(f *testing.F) {
	w := newWriter(f)
	for seed := range uint64(3) {
		f.Add(sample(f, w, seed, []int{0, 40, 900}[seed]))
	}
	f.Add([]byte(magic))
	reader := &Reader{}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := reader.Open(bytes.NewReader(data), int64(len(data)), fields); err != nil || reader.Total() > 10_000 {
			return
		}
		got, err := read(reader, data, fields)
		if err != nil {
			return
		}
		if want, err := readArrow(data, fields); err == nil && !slices.EqualFunc(got, want, slices.Equal[[]string]) {
			t.Errorf("Arrow reads\n%q instead of\n%q", want, got)
		}
	})
}

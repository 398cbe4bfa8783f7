package parquet

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// readHybrid reads n numbers as the format says, bit by bit.
func readHybrid(t *testing.T, b []byte, width, n int) []uint32 {
	t.Helper()
	var out []uint32
	for len(out) < n {
		header, used := binary.Uvarint(b)
		if used <= 0 {
			t.Fatalf("no header after %d numbers", len(out))
		}
		b = b[used:]
		if header&1 == 0 {
			v := uint32(0)
			for i := range (width + 7) / 8 {
				v |= uint32(b[i]) << (8 * i)
			}
			b = b[(width+7)/8:]
			out = append(out, slices.Repeat([]uint32{v}, int(header>>1))...)
			continue
		}
		for i := range int(header>>1) * 8 {
			v := uint32(0)
			for j := range width {
				bit := i*width + j
				v |= uint32(b[bit/8]>>(bit%8)&1) << j
			}
			out = append(out, v)
		}
		b = b[int(header>>1)*width:]
	}
	if len(b) > 0 || len(out) >= n+8 {
		t.Fatalf("%d bytes and %d numbers too many", len(b), len(out)-n)
	}
	return out[:n]
}

func TestHybrid(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		width, n := 1+r.IntN(24), r.IntN(200)
		values := make([]uint32, n)
		for i := 0; i < n; {
			v := r.Uint32N(1 << width)
			for run := 1 + r.IntN(1+r.IntN(30)); run > 0 && i < n; run-- {
				values[i] = v
				i++
			}
		}
		if got := readHybrid(t, appendHybrid(nil, values, width), width, n); !slices.Equal(got, values) {
			t.Fatalf("width %d: %v instead of %v", width, got, values)
		}
	}
}

func newWriter(t testing.TB) *Writer {
	t.Helper()
	w, err := NewWriter("test")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

var fields = []Field{
	{Name: "text", Type: Text}, {Name: "unique", Type: Text, Distinct: true},
	{Name: "n", Type: Int64}, {Name: "flag", Type: Bool, Optional: true},
}

// sample is a file whose content follows from seed and rows alone.
func sample(t testing.TB, w *Writer, seed uint64, rows int) []byte {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 7))
	var out bytes.Buffer
	w.Begin(fields, &out)
	_ = w.Group(rows, func(n int, c *Column) {
		for i := range rows {
			switch n {
			case 0:
				c.Text(fmt.Sprint("text ", r.IntN(1+rows/3)))
			case 1:
				c.Text(strings.Repeat("u", r.IntN(40)) + fmt.Sprint(i))
			case 2:
				c.Int(r.Int64N(1 + int64(rows)))
			case 3:
				if r.IntN(3) == 0 {
					c.Null()
				} else {
					c.Int(r.Int64N(2))
				}
			}
		}
	})
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestNoTraceOfOtherFiles checks that a file does not depend on what the Writer
// wrote before, nor on the process's seed.
func TestNoTraceOfOtherFiles(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	used := newWriter(t)
	for seed := range uint64(200) {
		rows := 1 + r.IntN(1+r.IntN(9000))
		want := sample(t, newWriter(t), seed, rows)
		if got := sample(t, used, seed, rows); !bytes.Equal(got, want) {
			t.Fatalf("file %d of %d rows differs", seed, rows)
		}
	}
}

// TestSharedTexts gives texts that lie at one place, start at one place, or are
// equal at two.
func TestSharedTexts(t *testing.T) {
	d := newNumbering()
	d.reset()
	whole := strings.Repeat("ab", 300)
	for range 3 {
		for i := range whole {
			part, copied := whole[:i], strings.Clone(whole[:i])
			if d.text(part) != uint32(i) || d.text(copied) != uint32(i) {
				t.Fatalf("text of %d bytes has number %d and %d", i, d.text(part), d.text(copied))
			}
		}
	}
}

func TestWrongNumberOfValues(t *testing.T) {
	w := newWriter(t)
	w.Begin(fields[:1], io.Discard)
	if err := w.Group(2, func(_ int, c *Column) { c.Text("one") }); err == nil {
		t.Error("no error of the row group")
	}
	if err := w.Finish(); err == nil || !strings.Contains(err.Error(), "text has 1 values for 2 rows") {
		t.Error(err)
	}
}

// full is a disk with room for some bytes.
type full struct{ room int }

var errFull = errors.New("no space left on device")

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room {
		return f.room, errFull
	}
	f.room -= len(p)
	return len(p), nil
}

// TestFullDisk ends the room at each byte of a file: the error stays, and the next
// file is not affected.
func TestFullDisk(t *testing.T) {
	w := newWriter(t)
	var want bytes.Buffer
	write := func(out io.Writer) (groups []error, err error) {
		w.Begin(fields[:1], out)
		for i := range 3 {
			groups = append(groups, w.Group(1, func(_ int, c *Column) { c.Text(fmt.Sprint("text", i)) }))
		}
		return groups, w.Finish()
	}
	if _, err := write(&want); err != nil {
		t.Fatal(err)
	}
	for room := range want.Len() {
		groups, err := write(&full{room})
		if !errors.Is(err, errFull) {
			t.Fatalf("room for %d bytes: error %v", room, err)
		}
		for i, e := range groups {
			if i > 0 && groups[i-1] != nil && e == nil {
				t.Errorf("room for %d bytes: row group %d was written after an error", room, i)
			}
		}
		var again bytes.Buffer
		if _, err := write(&again); err != nil || !bytes.Equal(again.Bytes(), want.Bytes()) {
			t.Fatalf("the file after one that failed: %v", err)
		}
	}
}

// TestStreams checks that a row group is written when it ends, and that its texts
// may be changed then.
func TestStreams(t *testing.T) {
	w := newWriter(t)
	write := func(same bool) []byte {
		var out bytes.Buffer
		w.Begin(fields[:1], &out)
		room := make([]byte, 8)
		for i := range 50 {
			text := room
			if !same {
				text = make([]byte, len(room))
			}
			copy(text, fmt.Sprintf("text %03d", i))
			if err := w.Group(1, func(_ int, c *Column) { c.Text(unsafe.String(&text[0], len(text))) }); err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(out.Bytes(), text) || len(w.pending) > 0 {
				t.Fatalf("row group %d is not written", i)
			}
		}
		if err := w.Finish(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	if !bytes.Equal(write(true), write(false)) {
		t.Error("a text was read after its row group")
	}
}

// TestBytes holds the files to those of the writer that made them in memory.
func TestBytes(t *testing.T) {
	w := newWriter(t)
	for _, tt := range []struct {
		rows int
		want string
	}{
		{0, "c516a3062403ebba2bb62c8d1d13d0d05f695cb552c9d9c351581d119f5a092a"},
		{1, "a9067111a792544da2f04c26c393ea94dd5d3ca45af68099cd4b252dde8b9b8b"},
		{100, "872aadccda61cdbc1e3a17a51c07e242845fd94d1ab8296c47e8c5c556a15f9d"},
		{9000, "28bdda8cb117369b12f19ff4d7dcde5586c03e8f8f9865e43f7b83205256244a"},
	} {
		if got := fmt.Sprintf("%x", sha256.Sum256(sample(t, w, 5, tt.rows))); got != tt.want {
			t.Errorf("%d rows: %s", tt.rows, got)
		}
	}
}

// BenchmarkWriter writes the file of a small day.
func BenchmarkWriter(b *testing.B) {
	w := newWriter(b)
	texts := make([]string, 500)
	for i := range texts {
		texts[i] = fmt.Sprint("arn:aws:s3:::bucket/folder/", i)
	}
	const rows = 2000
	b.SetBytes(rows * int64(len(texts[0])))
	b.ReportAllocs()
	for b.Loop() {
		w.Begin(fields[:1], io.Discard)
		_ = w.Group(rows, func(_ int, c *Column) {
			for i := range rows {
				c.Text(texts[i/4])
			}
		})
		if err := w.Finish(); err != nil {
			b.Fatal(err)
		}
	}
}

// TestNumbering compares with a map, over texts that come again at once, later, from
// elsewhere in memory, and in the next column.
func TestNumbering(t *testing.T) {
	d, r := newNumbering(), rand.New(rand.NewPCG(3, 4))
	for range 20 {
		d.reset()
		want, s := map[string]uint32{}, ""
		for range 3000 {
			switch r.IntN(3) {
			case 0:
				s = strings.Repeat("x", r.IntN(40)) + fmt.Sprint(r.IntN(9))
			case 1:
				s = strings.Clone(s)
			case 2:
				s = s[:r.IntN(len(s)+1)]
			}
			if _, ok := want[s]; !ok {
				want[s] = uint32(len(want))
			}
			if n := d.text(s); n != want[s] || d.texts[n] != s {
				t.Fatalf("%q has number %d instead of %d", s, n, want[s])
			}
		}
	}
}

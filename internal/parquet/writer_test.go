package parquet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
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
	w.Begin(fields)
	w.Group(rows, func(n int, c *Column) {
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
	data, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestNoTraceOfOtherFiles checks that a file does not depend on what the Writer
// wrote before, nor on the process's seed.
func TestNoTraceOfOtherFiles(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	used := newWriter(t)
	for seed := range uint64(200) {
		rows := 1 + r.IntN(1+r.IntN(9000))
		want := bytes.Clone(sample(t, newWriter(t), seed, rows))
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
	w.Begin(fields[:1])
	w.Group(2, func(_ int, c *Column) { c.Text("one") })
	if _, err := w.Finish(); err == nil || !strings.Contains(err.Error(), "text has 1 values for 2 rows") {
		t.Error(err)
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
		w.Begin(fields[:1])
		w.Group(rows, func(_ int, c *Column) {
			for i := range rows {
				c.Text(texts[i/4])
			}
		})
		if _, err := w.Finish(); err != nil {
			b.Fatal(err)
		}
	}
}

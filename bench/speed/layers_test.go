package speed

import (
	"bytes"
	"compress/gzip"
	"io"
	"testing"

	fast "github.com/klauspost/compress/gzip"

	"github.com/tighten-iam/tighten/internal/inflate"
	"github.com/tighten-iam/tighten/pkg/trail"
)

// memory is objects in memory, compressed and not.
type memory struct {
	packed, plain [][]byte
	size          int64 // of plain
}

// inMemory makes n objects of about size bytes of JSON.
func inMemory(b *testing.B, n int, size int64) *memory {
	c := Large(1, 0.5)
	maker, m := newMaker(&c), &memory{}
	for i := range n {
		maker.object(i, size)
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(maker.out); err != nil {
			b.Fatal(err)
		}
		if err := z.Close(); err != nil {
			b.Fatal(err)
		}
		m.packed = append(m.packed, append(make([]byte, 0, packed.Len()+inflate.Padding), packed.Bytes()...))
		m.plain = append(m.plain, bytes.Clone(maker.out))
		m.size += int64(len(maker.out))
	}
	return m
}

// bySize runs a benchmark on objects of the usual sizes.
func bySize(b *testing.B, run func(*testing.B, *memory)) {
	for _, c := range []struct {
		name string
		n    int
		size int64
	}{{"large", 4, 2e6}, {"median", 20, 220e3}, {"tiny", 200, tinyObject}} {
		m := inMemory(b, c.n, c.size)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(m.size)
			b.ReportAllocs()
			run(b, m)
		})
	}
}

func BenchmarkInflate(b *testing.B) {
	bySize(b, func(b *testing.B, m *memory) {
		var z inflate.Gzip
		buf := make([]byte, 128<<10)
		for b.Loop() {
			for _, o := range m.packed {
				z.Reset(o)
				at, err := 0, error(nil)
				for err == nil {
					if at+32<<10+inflate.Slack > len(buf) {
						at = copy(buf, buf[at-inflate.History:at])
					}
					at, err = z.Fill(buf, at, at+32<<10)
				}
				if err != io.EOF {
					b.Fatal(err)
				}
			}
		}
	})
}

func BenchmarkKlauspost(b *testing.B) {
	bySize(b, func(b *testing.B, m *memory) {
		var z fast.Reader
		var in bytes.Reader
		for b.Loop() {
			for _, o := range m.packed {
				in.Reset(o)
				if err := z.Reset(&in); err != nil {
					b.Fatal(err)
				}
				if _, err := z.WriteTo(io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

func BenchmarkStandardLibrary(b *testing.B) {
	bySize(b, func(b *testing.B, m *memory) {
		var z gzip.Reader
		var in bytes.Reader
		for b.Loop() {
			for _, o := range m.packed {
				in.Reset(o)
				if err := z.Reset(&in); err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, &z); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// BenchmarkExtract reads the records of decompressed objects, BenchmarkDecode
// those of compressed ones.
func BenchmarkExtract(b *testing.B) {
	bySize(b, func(b *testing.B, m *memory) { readAll(b, m.plain) })
}

func BenchmarkDecode(b *testing.B) {
	bySize(b, func(b *testing.B, m *memory) { readAll(b, m.packed) })
}

func readAll(b *testing.B, objects [][]byte) {
	d := trail.NewDecoder(trail.Limits{})
	var in bytes.Reader
	for b.Loop() {
		for _, o := range objects {
			in.Reset(o)
			d.Reset(&in)
			for d.Next() {
			}
			if err := d.Err(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkMake is how fast archives are made, without compression.
func BenchmarkMake(b *testing.B) {
	c := Large(1, 0.5)
	m := newMaker(&c)
	b.SetBytes(1e6)
	for b.Loop() {
		m.object(1, 1e6)
	}
}

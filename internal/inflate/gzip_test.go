package inflate

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	fast "github.com/klauspost/compress/gzip"
)

// unpack decompresses with chunks of a size, sliding the window as a reader would.
func unpack(src []byte, chunk, limit int) ([]byte, error) {
	padded := append(make([]byte, 0, len(src)+Padding), src...)
	for i := range padded[len(src):cap(padded)] {
		padded[:cap(padded)][len(src)+i] = 0xa5 // padding of any value
	}
	var g Gzip
	g.Reset(padded)
	buf := make([]byte, History+chunk+Slack)
	var out []byte
	at := 0
	for {
		if at > History {
			copy(buf, buf[at-History:at])
			at = History
		}
		end, err := g.Fill(buf, at, at+chunk)
		out = append(out, buf[at:end]...)
		at = end
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		if len(out) > limit {
			return out, errTooLong
		}
	}
}

var errTooLong = errors.New("too long")

// standard decompresses with the standard library, member by member as this package
// does: zero padding behind the last member is no error.
func standard(src []byte, limit int) ([]byte, error) {
	in := bytes.NewReader(src)
	z, err := gzip.NewReader(in)
	var out bytes.Buffer
	for err == nil {
		z.Multistream(false)
		if _, err = io.Copy(&out, io.LimitReader(z, int64(limit+1-out.Len()))); err != nil {
			break
		}
		if out.Len() > limit {
			return out.Bytes(), errTooLong
		}
		rest := src[len(src)-in.Len():]
		if len(bytes.TrimLeft(rest, "\x00")) == 0 {
			return out.Bytes(), nil
		}
		if len(rest) < 2 || rest[0] != 0x1f || rest[1] != 0x8b {
			return out.Bytes(), ErrTrailing
		}
		err = z.Reset(in)
	}
	return out.Bytes(), err
}

// same compares both on one input.
func same(t *testing.T, src []byte, chunk int) {
	t.Helper()
	const limit = 4 << 20
	want, wantErr := standard(src, limit)
	got, gotErr := unpack(src, chunk, limit)
	if wantErr == errTooLong || gotErr == errTooLong {
		n := min(len(want), len(got), limit)
		if !bytes.Equal(want[:n], got[:n]) {
			t.Fatalf("chunk %d: outputs differ within %d bytes", chunk, n)
		}
		return
	}
	if (wantErr == nil) != (gotErr == nil) {
		t.Fatalf("chunk %d: error %v, the standard library's %v", chunk, gotErr, wantErr)
	}
	if wantErr == nil && !bytes.Equal(want, got) {
		t.Fatalf("chunk %d: %d bytes, want %d, or their content differs", chunk, len(got), len(want))
	}
}

// samples are contents of several kinds, compressed in several ways.
func samples(t testing.TB) map[string][]byte {
	rng := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 70000)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	var records strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&records, `{"eventVersion":"1.08","eventID":"%08x-%04x","eventName":"Get%d","sourceIPAddress":"192.0.2.%d"},`, rng.Uint32(), rng.Uint32()&0xffff, i%7, i%250)
	}
	letters := make([]byte, 90000)
	for i := range letters {
		letters[i] = "abcdefgh"[min(7, rng.IntN(64))]
	}
	contents := map[string][]byte{"empty": nil, "one": []byte("x"), "noise": noise, "records": []byte(records.String()), "letters": letters}
	for back := 1; back <= 40; back++ {
		contents[fmt.Sprintf("period%d", back)] = bytes.Repeat(noise[:back], 3000/back+7)
	}
	out := map[string][]byte{}
	for name, content := range contents {
		for _, level := range []int{flate.HuffmanOnly, flate.NoCompression, flate.BestSpeed, 6, flate.BestCompression} {
			out[fmt.Sprintf("%s/std%d", name, level)] = packed(t, content, level, false)
			out[fmt.Sprintf("%s/fast%d", name, level)] = packed(t, content, level, true)
		}
	}
	return out
}

func packed(t testing.TB, content []byte, level int, klauspost bool) []byte {
	var b bytes.Buffer
	var w io.WriteCloser
	var err error
	if klauspost {
		w, err = fast.NewWriterLevel(&b, level)
	} else {
		w, err = gzip.NewWriterLevel(&b, level)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGzip(t *testing.T) {
	for name, src := range samples(t) {
		t.Run(name, func(t *testing.T) {
			for _, chunk := range []int{1, 100, 4096, 64 << 10} {
				if chunk == 1 && len(src) > 20000 {
					continue
				}
				same(t, src, chunk)
				if _, err := unpack(src, chunk, 4<<20); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// Damage of all kinds: what the standard library rejects is rejected, and nothing else.
func TestGzipDamaged(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for name, src := range samples(t) {
		for range 60 {
			damaged := bytes.Clone(src)
			switch rng.IntN(4) {
			case 0:
				damaged = damaged[:rng.IntN(len(damaged))]
			case 1:
				damaged = append(damaged, make([]byte, rng.IntN(20))...)
			case 2:
				damaged = append(damaged, src[:rng.IntN(len(src)+1)]...)
			default:
				for range 1 + rng.IntN(3) {
					damaged[rng.IntN(len(damaged))] ^= 1 << rng.IntN(8)
				}
			}
			same(t, damaged, 1+rng.IntN(5000))
		}
		_ = name
	}
}

func TestHeaderFields(t *testing.T) {
	body := packed(t, []byte("content"), 6, false)[headerSize:]
	text := func(n int) string { return strings.Repeat("n", n) + "\x00" }
	for name, head := range map[string]string{
		"name":            "\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff" + text(5),
		"longest name":    "\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff" + text(511),
		"name too long":   "\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff" + text(512),
		"extra":           "\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff\x03\x00abc",
		"all, bad sum":    "\x1f\x8b\x08\x1e\x00\x00\x00\x00\x00\xff\x01\x00a" + text(2) + text(3) + "\x00\x00",
		"reserved flags":  "\x1f\x8b\x08\xe0\x00\x00\x00\x00\x00\xff",
		"method":          "\x1f\x8b\x07\x00\x00\x00\x00\x00\x00\xff",
		"extra past end":  "\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff\xff\xff",
		"comment, no end": "\x1f\x8b\x08\x10\x00\x00\x00\x00\x00\xff",
	} {
		t.Run(name, func(t *testing.T) { same(t, append([]byte(head), body...), 4096) })
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Name, w.Comment, w.Extra = "object", "comment", []byte("extra")
	if _, err := w.Write([]byte("content")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	same(t, b.Bytes(), 4096)
}

func FuzzGzip(f *testing.F) {
	for _, src := range samples(f) {
		if len(src) < 3000 {
			f.Add(src, 4096)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte, chunk int) {
		same(t, src, 1+max(0, chunk)%70000)
	})
}

func BenchmarkGzip(b *testing.B) {
	src := samples(b)["records/std6"]
	padded := append(make([]byte, 0, len(src)+Padding), src...)
	want, err := standard(src, 1<<30)
	if err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, len(want)+Slack+1)
	b.Run("inflate", func(b *testing.B) {
		b.SetBytes(int64(len(want)))
		b.ReportAllocs()
		var g Gzip
		for range b.N {
			g.Reset(padded)
			if n, err := g.Fill(buf, 0, len(want)+1); err != io.EOF || n != len(want) {
				b.Fatal(n, err)
			}
		}
	})
	b.Run("klauspost", func(b *testing.B) {
		b.SetBytes(int64(len(want)))
		in := bytes.NewReader(src)
		var z fast.Reader
		for range b.N {
			in.Reset(src)
			if err := z.Reset(in); err != nil {
				b.Fatal(err)
			}
			if _, err := z.WriteTo(io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	})
}

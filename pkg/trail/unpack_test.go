package trail

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, s)
	must(err)
	must(w.Close())
	return b.String()
}

func zstded(s string) string {
	w, err := zstd.NewWriter(nil)
	must(err)
	return string(w.EncodeAll([]byte(s), nil))
}

// flip changes one byte, counted from the end.
func flip(s string, fromEnd int) string {
	b := []byte(s)
	b[len(b)-fromEnd] ^= 0x55
	return string(b)
}

// stored is gzip without compression, so that a cut leaves what stands before it.
func stored(s string) string {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.NoCompression)
	must(err)
	_, err = io.WriteString(w, s)
	must(err)
	must(w.Close())
	return b.String()
}

func TestUnpack(t *testing.T) {
	doc := `{"Records":[` + rec("A") + `,` + rec("B") + `]}`
	half := `{"Records":[` + rec("A") + `,`
	cases := []decodeCase{
		{"plain", doc, "A B", 0, nil},
		{"gzip", gzipped(doc), "A B", 0, nil},
		{"gzip members", gzipped(doc) + gzipped(doc), "A B A B", 0, nil},
		{"a record over two members", gzipped(doc[:30]) + gzipped(doc[30:]), "A B", 0, nil},
		{"empty member between", gzipped(doc) + gzipped("") + gzipped(doc), "A B A B", 0, nil},
		{"gzip in gzip", gzipped(gzipped(doc) + gzipped(doc)), "A B A B", 0, nil},
		{"gzip in zstd", zstded(gzipped(doc)), "A B", 0, nil},
		{"gzip in gzip, inner one cut", gzipped(stored(doc)[:len(stored(half))]), "A", 0, io.ErrUnexpectedEOF},
		{"gzip in gzip, outer one cut", stored(stored(doc))[:len(stored(stored(half)))-20], "A", 0, io.ErrUnexpectedEOF},
		{"gzip in gzip in gzip", gzipped(gzipped(gzipped(doc))), "", 0, ErrNotJSON},
		{"gzip of nothing", gzipped(""), "", 0, ErrNoRecords},
		{"zero padding", gzipped(doc) + "\x00\x00\x00", "A B", 0, nil},
		{"trailing garbage", gzipped(doc) + "garbage", "A B", 0, ErrTrailing},
		{"trailing byte", gzipped(doc) + "\x1f", "A B", 0, ErrTrailing},
		{"member behind padding", gzipped(doc) + "\x00" + gzipped(doc), "A B", 0, ErrTrailing},
		{"second member's header cut", gzipped(doc) + gzipped(doc)[:5], "A B", 0, io.ErrUnexpectedEOF},
		{"second member's header broken", gzipped(doc) + "\x1f\x8b\x07and no header", "A B", 0, gzip.ErrHeader},
		{"header cut", gzipped(doc)[:5], "", 0, io.ErrUnexpectedEOF},
		{"cut in the trailer", gzipped(doc)[:len(gzipped(doc))-3], "A B", 0, io.ErrUnexpectedEOF},
		{"cut in a record", stored(doc)[:15+len(half)+10], "A", 0, io.ErrUnexpectedEOF},
		{"checksum", flip(gzipped(doc), 6), "A B", 0, gzip.ErrChecksum},
		{"size", flip(gzipped(doc), 2), "A B", 0, gzip.ErrChecksum},
		{"one byte of a gzip header", "\x1f", "", 0, ErrNotJSON},
		{"zstd", zstded(doc), "A B", 0, nil},
		{"zstd frames", zstded(doc) + zstded(doc), "A B A B", 0, nil},
		{"zstd behind a skippable frame", "\x50\x2a\x4d\x18\x03\x00\x00\x00abc" + zstded(doc), "A B", 0, nil},
		{"zstd cut", zstded(doc)[:len(zstded(doc))-8], "", 0, io.ErrUnexpectedEOF},
		{"zstd checksum", flip(zstded(doc), 2), "", 0, zstd.ErrCRCMismatch},
		{"zstd garbage", zstded(doc) + "garbage", "A B", 0, zstd.ErrMagicMismatch},
	}
	d := NewDecoder(Limits{})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{"whole": strings.NewReader(c.in), "bytewise": iotest.OneByteReader(strings.NewReader(c.in))} {
				got := namesOf(d, r)
				if got != c.events || !errors.Is(d.Err(), c.err) {
					t.Errorf("%s: events %q, error %v; want %q, %v", how, got, d.Err(), c.events, c.err)
				}
				if d.Err() == nil && d.CompressedBytes() != int64(len(c.in)) {
					t.Errorf("%s: %d compressed bytes, want %d", how, d.CompressedBytes(), len(c.in))
				}
			}
		})
	}
}

func TestMaxObject(t *testing.T) {
	doc := rec("A") + strings.Repeat("\n"+rec("B"), 1<<15)
	d := NewDecoder(Limits{MaxObject: 1 << 20})
	for _, in := range []string{doc, gzipped(doc), zstded(doc)} {
		if got := namesOf(d, strings.NewReader(in)); !errors.Is(d.Err(), ErrLimit) || !strings.HasPrefix(got, "A B") {
			t.Errorf("error %v, want ErrLimit", d.Err())
		}
	}
	if d := NewDecoder(Limits{MaxObject: int64(len(doc))}); namesOf(d, strings.NewReader(doc)) == "" || d.Err() != nil {
		t.Errorf("exactly the limit: %v", d.Err())
	}
}

func TestMaxRatio(t *testing.T) {
	bomb := rec("A") + strings.Repeat(" ", 8<<20)
	for name, in := range map[string]string{"gzip": gzipped(bomb), "zstd": zstded(bomb)} {
		d := NewDecoder(Limits{MaxRatio: 50})
		if namesOf(d, strings.NewReader(in)); !errors.Is(d.Err(), ErrLimit) {
			t.Errorf("%s: error %v, want ErrLimit", name, d.Err())
		}
		if d.Bytes() > 4<<20 {
			t.Errorf("%s: %d bytes were decompressed before the limit", name, d.Bytes())
		}
	}
	d := NewDecoder(Limits{})
	if got := namesOf(d, strings.NewReader(gzipped(bomb))); got != "A" || d.Err() != nil {
		t.Errorf("gzip under the default limits: %q, %v", got, d.Err())
	}
	if namesOf(d, strings.NewReader(zstded(bomb))); !errors.Is(d.Err(), ErrLimit) {
		t.Errorf("zstd under the default limits: %v, want ErrLimit", d.Err())
	}
}

// unpackAll decompresses an object by way of a window that keeps everything.
func unpackAll(u *unpacker, object []byte) ([]byte, error) {
	u.reset(bytes.NewReader(object))
	var w window
	w.reset(u)
	w.hold()
	for w.fill() {
		w.pos = w.end
	}
	if w.err == io.EOF {
		return bytes.Clone(w.span()), nil
	}
	return nil, w.err
}

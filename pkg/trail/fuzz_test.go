package trail

import (
	"bytes"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// FuzzDecode: no input makes the decoder panic or hang; valid JSON yields what the
// oracle yields; and neither the sizes of the reads nor what was decoded before
// change the result.
func FuzzDecode(f *testing.F) {
	for _, c := range formCases {
		f.Add([]byte(c.in))
	}
	for _, c := range brokenCases {
		f.Add([]byte(c.in))
	}
	for _, c := range oddCases {
		f.Add([]byte(`{"Records":[` + c.in + `]}`))
	}
	d := NewDecoder(Limits{MaxRecord: 1 << 20, MaxObject: 16 << 20})
	f.Fuzz(func(t *testing.T, doc []byte) {
		res := decodeAll(d, bytes.NewReader(doc))
		for _, e := range d.Unreadable() {
			if !e.Resumable || e.Error() == "" {
				t.Errorf("unreadable %+v", e)
			}
		}
		for _, e := range res.events {
			if !utf8.ValidString(e) {
				t.Errorf("invalid UTF-8 in %q", e)
			}
		}
		if diff := differ(d, res, doc); diff != "" && !isGzip(doc) && !isZstd(doc[:min(4, len(doc))]) {
			t.Errorf("%q: %s", doc, diff)
		}
		again := decodeAll(NewDecoder(Limits{MaxRecord: 1 << 20, MaxObject: 16 << 20}), iotest.OneByteReader(bytes.NewReader(doc)))
		if strings.Join(again.events, "\n") != strings.Join(res.events, "\n") || again.skipped != res.skipped || message(again.err) != message(res.err) {
			t.Errorf("%q: read byte by byte: %d events, %d skipped, %v; want %d, %d, %v", doc,
				len(again.events), again.skipped, again.err, len(res.events), res.skipped, res.err)
		}
	})
}

// FuzzLayout: no key makes the parser panic, and what it tells stands in the key.
func FuzzLayout(f *testing.F) {
	for _, c := range layoutCases {
		f.Add(c.key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		o := ParseKey(key)
		if o.Key != key || o.Kind == "" || o.Kind == KindUnreadable {
			t.Errorf("%q: %+v", key, o)
		}
		if o.Account != "" && (len(o.Account) != 12 || !strings.Contains(key, o.Account)) {
			t.Errorf("%q: account %q", key, o.Account)
		}
		if !strings.Contains(key, o.Region) || strings.ContainsAny(o.Region, "/_. ") {
			t.Errorf("%q: region %q", key, o.Region)
		}
		compact := strings.NewReplacer("/", "", "-", "").Replace(key)
		if !o.Day.IsZero() && !strings.Contains(compact, o.Day.Format("20060102")) {
			t.Errorf("%q: day %v", key, o.Day)
		}
		if (o.Account == "") && (o.Region != "" || !o.Day.IsZero()) {
			t.Errorf("%q: part of a layout: %+v", key, o)
		}
	})
}

// BenchmarkDecode decodes the largest corpus sets from memory, decompressed and not.
func BenchmarkDecode(b *testing.B) {
	var plain [][]byte
	var packed [][]byte
	var size int64
	var u unpacker
	u.limits = Limits{}.withDefaults()
	objects(b, shared(b, "logs", "invictus-aws-dataset"), func(_ Object, c []byte) {
		p, err := unpackAll(&u, c)
		if err != nil {
			b.Fatal(err)
		}
		plain, packed, size = append(plain, p), append(packed, c), size+int64(len(p))
	})
	b.Run("plain", func(b *testing.B) { benchmark(b, plain, size) })
	b.Run("gzip", func(b *testing.B) { benchmark(b, packed, size) })
	tiny := `{"Records":[` + rec("A") + strings.Repeat(","+rec("B"), 40) + `]}`
	b.Run("tiny", func(b *testing.B) { benchmark(b, [][]byte{[]byte(gzipped(tiny))}, int64(len(tiny))) })
}

func benchmark(b *testing.B, objects [][]byte, size int64) {
	d := NewDecoder(Limits{})
	var r bytes.Reader
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, o := range objects {
			r.Reset(o)
			d.Reset(&r)
			for d.Next() {
			}
			if d.Err() != nil {
				b.Fatal(d.Err())
			}
		}
	}
}

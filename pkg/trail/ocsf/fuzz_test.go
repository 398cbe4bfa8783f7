package ocsf

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/parquet/compress"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/trail/ocsf/ocsftest"
)

// FuzzReader: no file makes the reader panic, and what it reads is JSON that a decoder
// takes line by line.
func FuzzReader(f *testing.F) {
	small := `{"eventName":"A","eventSource":"s.amazonaws.com","requestParameters":{"l":[{"a":"1"},{"a":"2","b":["x"]}],"t":true}}`
	for _, o := range []ocsftest.Options{
		{}, {Version: ocsftest.V1}, {Version: ocsftest.V1, Compression: compress.Codecs.Snappy, ThreeLevels: true},
		{Compression: compress.Codecs.Zstd, PagesV2: true, NoDict: true, GroupRows: 1},
	} {
		f.Add(write(f, o, small, full))
	}
	l := trail.Limits{MaxRecord: 1 << 16, MaxObject: 1 << 20, MaxRatio: 50}
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := NewReader(bytes.NewReader(file), int64(len(file)), l)
		if err != nil {
			return
		}
		d := trail.NewDecoder(trail.Limits{})
		for d.Reset(r); d.Next(); {
		}
		for _, e := range d.Unreadable() {
			if !errors.Is(e, trail.ErrNotRecord) {
				t.Errorf("a line that is no JSON: %v", e)
			}
		}
		if d.Err() != nil && strings.Contains(d.Err().Error(), "JSON") && !errors.Is(d.Err(), trail.ErrNoRecords) {
			t.Error(d.Err())
		}
	})
}

// FuzzTree: whatever the members of a row are called, its record is JSON.
func FuzzTree(f *testing.F) {
	f.Add("requestParameters.a[].b", "1,2", "requestParameters.a[].c[]", "x,y")
	f.Add("a", "true", "a.b", "{}")
	f.Add("resources[].ARN", "arn:a,arn:b", "resources[]", ",")
	f.Add("eventName", "x", "a..[][].", "\x00\xff\"\\")
	f.Fuzz(func(t *testing.T, key1, value1, key2, value2 string) {
		var r row
		r.fields[operation], r.fields[service] = r.span("Op"), r.span("s.amazonaws.com")
		r.fields[targetName], r.fields[class] = r.span(value1), r.span("3001")
		for _, s := range []string{key1, key2} {
			r.lists[unmappedKey-scalars] = append(r.lists[unmappedKey-scalars], r.span(s))
		}
		for _, s := range []string{value1, value2} {
			r.lists[unmappedValue-scalars] = append(r.lists[unmappedValue-scalars], r.span(s))
		}
		line, err := r.appendRecord(nil, 1<<20)
		if err != nil {
			return
		}
		d := trail.NewDecoder(trail.Limits{})
		d.Reset(bytes.NewReader(line))
		if !d.Next() || d.Event().Name != "Op" || d.Event().Source != "s.amazonaws.com" || d.Next() || d.Err() != nil || d.Skipped() != 0 {
			t.Errorf("%q reads as %+v, %v, %v", line, d.Event(), d.Err(), d.Unreadable())
		}
	})
}

func (r *row) span(s string) span {
	r.buf = append(r.buf, s...)
	return span{len(r.buf) - len(s), len(r.buf), true}
}

// BenchmarkReader reads files of 20,000 records; the rate is that of the JSON that it
// makes.
func BenchmarkReader(b *testing.B) {
	records := make([]string, 20000)
	for i := range records {
		records[i] = strings.ReplaceAll(full, "11111111-2222", fmt.Sprintf("%08d-%04d", i*7919, i%9999))
	}
	for _, v := range []ocsftest.Version{ocsftest.V1, ocsftest.V2} {
		file := write(b, ocsftest.Options{Version: v, GroupRows: 10000}, records...)
		b.Run(string(v), func(b *testing.B) {
			d := trail.NewDecoder(trail.Limits{})
			b.ReportAllocs()
			for b.Loop() {
				r, err := NewReader(bytes.NewReader(file), int64(len(file)), trail.Limits{})
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for d.Reset(r); d.Next(); n++ {
				}
				if d.Err() != nil || n != len(records) {
					b.Fatal(n, d.Err())
				}
				b.SetBytes(d.Bytes())
			}
		})
	}
}

package leaves

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
)

// FuzzRead: no file makes the reader panic, or hold more than the limits say.
func FuzzRead(f *testing.F) {
	rnd := rand.New(rand.NewPCG(4, 4))
	for n, codec := range []compress.Compression{compress.Codecs.Uncompressed, compress.Codecs.Gzip, compress.Codecs.Snappy, compress.Codecs.Zstd} {
		version := []parquet.DataPageVersion{parquet.DataPageV1, parquet.DataPageV2}[n%2]
		f.Add(write(f, samples(rnd, 5), 3, parquet.WithCompression(codec), parquet.WithDataPageVersion(version), parquet.WithDictionaryDefault(n < 2)))
	}
	f.Add(write(f, samples(rnd, 8), 8, parquet.WithDictionaryDefault(false),
		parquet.WithEncodingFor("bytes", parquet.Encodings.DeltaByteArray), parquet.WithEncodingFor("long", parquet.Encodings.DeltaBinaryPacked)))
	f.Fuzz(func(t *testing.T, content []byte) {
		l := Limits{MaxPage: 1 << 16, MaxTotal: 1 << 20}
		file, err := Open(bytes.NewReader(content), int64(len(content)), l)
		if err != nil {
			return
		}
		rows := int64(0)
		for i := range file.Groups() {
			rows += min(file.Rows(i), 1<<20)
		}
		if rows > 1<<14 {
			return // rows of nulls, which the caller bounds
		}
		_, _ = readAll(file)
		if file.held > l.withDefaults().MaxHeld {
			t.Errorf("%d bytes held", file.held)
		}
	})
}

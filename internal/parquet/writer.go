package parquet

import (
	"errors"
	"fmt"
	"math"

	"github.com/klauspost/compress/zstd"
)

// smallColumn is the size in bytes, with its dictionary, below which a column is
// not compressed: the file of a day has many such, and readers open them faster.
const smallColumn = 2048

// Writer makes one file after the other. It is not safe for concurrent use.
type Writer struct {
	name   string
	fields []Field
	out    []byte
	groups []group
	column Column
	err    error

	zstd             *zstd.Encoder
	dict, data, pack []byte // pages under way
	meta             thrift
}

// group is a row group that was written.
type group struct {
	rows   int
	chunks []chunk
}

// chunk is what the footer says of one column of a row group.
type chunk struct {
	codec            int
	rows, nulls      int
	plain, packed    int // bytes of its pages with their headers
	dictAt, dataAt   int64
	low, high        string
	bounded, hasDict bool
}

// NewWriter returns a Writer whose files say that they are created by name.
func NewWriter(name string) (*Writer, error) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderCRC(false), zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, err
	}
	return &Writer{name: name, zstd: z, column: Column{dict: newNumbering()}}, nil
}

// Begin starts a file with these columns, which it may read until Finish.
func (w *Writer) Begin(fields []Field) {
	w.fields, w.groups, w.err = fields, w.groups[:0], nil
	w.out = append(w.out[:0], magic...)
}

// Group writes a row group. fill is called for each column in turn, by its
// number, and adds as many values as there are rows.
func (w *Writer) Group(rows int, fill func(n int, c *Column)) {
	g := group{rows: rows, chunks: make([]chunk, 0, len(w.fields))}
	for i := range w.fields {
		w.column.reset(&w.fields[i])
		fill(i, &w.column)
		if w.column.rows != rows {
			w.fail(fmt.Errorf("column %s has %d values for %d rows", w.fields[i].Name, w.column.rows, rows))
		}
		g.chunks = append(g.chunks, w.chunk(&w.column))
	}
	w.groups = append(w.groups, g)
}

func (w *Writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// chunk writes the pages of a column.
func (w *Writer) chunk(c *Column) chunk {
	k := chunk{rows: c.rows, nulls: c.nulls, hasDict: c.field.dictionary()}
	k.low, k.high, k.bounded = c.bounds()
	w.dict, w.data = w.dict[:0], c.appendData(w.data[:0])
	if k.hasDict {
		w.dict = c.appendPlain(w.dict)
	}
	if len(w.dict) > math.MaxInt32 || len(w.data) > math.MaxInt32 {
		w.fail(errors.New("a page of more than 2 GB"))
		return k
	}
	if len(w.dict)+len(w.data) >= smallColumn {
		k.codec = codecZstd
	}
	start := len(w.out)
	if k.hasDict {
		k.dictAt = int64(len(w.out))
		k.plain += w.page(w.dict, k.codec, pageDictionary, len(c.dict.hashes), encodingPlain)
	}
	k.dataAt = int64(len(w.out))
	encoding := encodingPlain
	if k.hasDict {
		encoding = encodingDictionary
	}
	k.plain += w.page(w.data, k.codec, pageData, c.rows, encoding)
	k.packed = len(w.out) - start
	return k
}

// page writes a page and returns its size with its header, uncompressed.
func (w *Writer) page(content []byte, codec, kind, values, encoding int) int {
	stored := content
	if codec == codecZstd {
		w.pack = w.zstd.EncodeAll(content, w.pack[:0])
		stored = w.pack
	}
	header := w.header(kind, len(content), len(stored), values, encoding)
	w.out = append(append(w.out, header...), stored...)
	return len(header) + len(content)
}

// Finish ends the file and returns it; it is valid until the next Begin.
func (w *Writer) Finish() ([]byte, error) {
	if w.err != nil {
		return nil, w.err
	}
	w.footer()
	return w.out, nil
}

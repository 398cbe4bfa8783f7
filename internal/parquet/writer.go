package parquet

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// smallColumn is the size in bytes, with its dictionary, below which a column is
// not compressed: the file of a day has many such, and readers open them faster.
const smallColumn = 2048

// Writer makes one file after the other. It is not safe for concurrent use.
type Writer struct {
	name    string
	fields  []Field
	out     io.Writer
	pending []byte // what was not given to out yet: at most a row group
	given   int64
	groups  []group
	column  Column
	err     error

	zstd       *zstd.Encoder
	dict, data []byte // pages under way
	packedDict []byte // what is stored of them
	packedData []byte
	meta       thrift
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

// Begin starts a file with these columns, which it may read until Finish, and writes
// it to out, a row group at a time. A file that was begun before is given up.
func (w *Writer) Begin(fields []Field, out io.Writer) {
	clear(w.groups)
	w.fields, w.groups, w.err = fields, w.groups[:0], nil
	w.out, w.pending, w.given = out, append(w.pending[:0], magic...), 0
}

// Group writes a row group. fill is called for each column in turn, by its
// number, and adds as many values as there are rows; their texts are not kept. After
// an error nothing more is written, and each call returns it.
func (w *Writer) Group(rows int, fill func(n int, c *Column)) error {
	if w.err != nil {
		return w.err
	}
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
	w.give()
	return w.err
}

// give writes what is pending.
func (w *Writer) give() {
	if w.err == nil {
		var n int
		n, w.err = w.out.Write(w.pending)
		w.given += int64(n)
	}
	w.pending = w.pending[:0]
}

// offset is where in the file the next byte lies.
func (w *Writer) offset() int64 { return w.given + int64(len(w.pending)) }

func (w *Writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// chunk writes the pages of a column.
func (w *Writer) chunk(c *Column) chunk {
	k := chunk{rows: c.rows, nulls: c.nulls, hasDict: c.field.dictionary()}
	if low, high, ok := c.bounds(); ok {
		k.low, k.high, k.bounded = strings.Clone(low), strings.Clone(high), true
	}
	w.dict, w.data = w.dict[:0], c.appendData(w.data[:0])
	if k.hasDict {
		w.dict = c.appendPlain(w.dict)
	}
	if len(w.dict) > math.MaxInt32 || len(w.data) > math.MaxInt32 {
		w.fail(errors.New("a page of more than 2 GB"))
		return k
	}
	dict, data, codec := w.compress(c.field)
	k.codec = codec
	start := w.offset()
	if k.hasDict {
		k.dictAt = start
		k.plain += w.page(w.dict, dict, pageDictionary, len(c.dict.hashes), encodingPlain)
	}
	k.dataAt = w.offset()
	encoding := encodingPlain
	if k.hasDict {
		encoding = encodingDictionary
	}
	k.plain += w.page(w.data, data, pageData, c.rows, encoding)
	k.packed = int(w.offset() - start)
	return k
}

// compress makes of the pages under way what is stored of them. What a Reader would take
// for a bomb stays as it is: texts of megabytes that say almost nothing.
func (w *Writer) compress(f *Field) (dict, data []byte, codec int) {
	if len(w.dict)+len(w.data) < smallColumn {
		return w.dict, w.data, 0
	}
	if f.dictionary() {
		w.packedDict = w.zstd.EncodeAll(w.dict, w.packedDict[:0])
	}
	w.packedData = w.zstd.EncodeAll(w.data, w.packedData[:0])
	texts, packed := w.data, w.packedData
	if f.dictionary() {
		texts, packed = w.dict, w.packedDict
	}
	if f.Type == Text && len(texts) > mostTexts(len(packed)) {
		return w.dict, w.data, 0
	}
	return w.packedDict, w.packedData, codecZstd
}

// page writes a page and returns its size with its header, uncompressed.
func (w *Writer) page(content, stored []byte, kind, values, encoding int) int {
	header := w.header(kind, len(content), len(stored), values, encoding)
	w.pending = append(append(w.pending, header...), stored...)
	return len(header) + len(content)
}

// Finish ends the file. Its error is the first of the file; what was written of it
// then is no file.
func (w *Writer) Finish() error {
	if w.err == nil {
		w.footer()
		w.give()
	}
	w.out = nil
	return w.err
}

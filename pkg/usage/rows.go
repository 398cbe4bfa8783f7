package usage

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/metadata"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// decoder reads a Parquet file that an encoder made, one row group at a time.
type decoder[R any] struct {
	cols []column[R]
	file *file.Reader
	size int64 // of the file, in bytes
	next int   // number of the row group to read next
}

// newDecoder reads what the file says of itself. Other columns than cols are an
// error. It does not close src.
func newDecoder[R any](cols []column[R], src parquet.ReaderAtSeeker) (d *decoder[R], err error) {
	defer corrupt(&err)
	size, err := src.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	r, err := file.NewParquetReader(src)
	if err != nil {
		return nil, err
	}
	if want, got := schema.NewSchema(group(cols)), r.MetaData().Schema; !got.Equals(want) {
		return nil, errors.New("the columns are not those of this version")
	}
	return &decoder[R]{cols: cols, file: r, size: size}, nil
}

// corrupt makes an error of a panic, which is how the library meets a corrupt page.
func corrupt(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("corrupt: %v", p)
	}
}

// read appends the rows of the next row group; io.EOF says that there is none. After
// an error what was appended is nothing to use.
func (d *decoder[R]) read(into []R) (rows []R, err error) {
	defer corrupt(&err)
	if d.next >= d.file.NumRowGroups() {
		return into, io.EOF
	}
	r := d.file.RowGroup(d.next)
	d.next++
	n := r.NumRows()
	if n < 0 || n > groupRows {
		return nil, fmt.Errorf("a row group of %d rows", n)
	}
	at := len(into)
	into = slices.Grow(into, int(n))[:at+int(n)]
	clear(into[at:])
	for i, c := range d.cols {
		if err := d.inside(r.MetaData(), i); err != nil {
			return nil, err
		}
		chunk, err := r.Column(i)
		if err != nil {
			return nil, err
		}
		if err := c.read(chunk, into[at:]); err != nil {
			return nil, err
		}
	}
	return into, nil
}

// inside makes sure that a column lies in the file: the library makes room for as
// many bytes as it is said to have.
func (d *decoder[R]) inside(g *metadata.RowGroupMetaData, column int) error {
	c, err := g.ColumnChunk(column)
	if err != nil {
		return err
	}
	start, n := c.DataPageOffset(), c.TotalCompressedSize()
	if c.HasDictionaryPage() {
		start = min(start, c.DictionaryPageOffset())
	}
	if start < 0 || n < 0 || start > d.size || n > d.size-start {
		return fmt.Errorf("column %d lies outside of the file", column)
	}
	return nil
}

// rows are the rows of a Parquet file that an encoder made, of which one row group is
// in memory. A row may be changed and is valid until the next one; its texts may be
// kept. An error is the last that comes, with no row.
func rows[R any](cols []column[R], src parquet.ReaderAtSeeker) iter.Seq2[*R, error] {
	return func(yield func(*R, error) bool) {
		d, err := newDecoder(cols, src)
		var group []R
		for err == nil {
			if group, err = d.read(group[:0]); err != nil {
				break
			}
			for i := range group {
				if !yield(&group[i], nil) {
					return
				}
			}
		}
		if !errors.Is(err, io.EOF) {
			yield(nil, err)
		}
	}
}

// decode appends the rows of a whole file.
func decode[R any](cols []column[R], data []byte, into []R) ([]R, error) {
	d, err := newDecoder(cols, bytes.NewReader(data))
	for err == nil {
		into, err = d.read(into)
	}
	if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return into, nil
}

func group[R any](cols []column[R]) *schema.GroupNode {
	fields := make(schema.FieldList, len(cols))
	for i, c := range cols {
		fields[i] = c.node
	}
	return schema.MustGroup(schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1))
}

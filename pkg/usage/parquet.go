package usage

import (
	"bytes"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/schema"

	columnar "github.com/tighten-iam/tighten/internal/parquet"
)

// groupRows is the number of rows of a row group: small enough that one
// principal's calls are few groups.
const groupRows = 1 << 16

// createdBy is what the files say of who wrote them.
const createdBy = "tighten"

// encoder writes rows as Parquet files, one after the other.
type encoder[R any] struct {
	cols   []column[R]
	fields []columnar.Field
	out    *columnar.Writer
	w      io.Writer
}

func newEncoder[R any](out *columnar.Writer, cols []column[R]) *encoder[R] {
	e := &encoder[R]{cols: cols, out: out}
	for _, c := range cols {
		e.fields = append(e.fields, c.field)
	}
	return e
}

// begin starts a file.
func (e *encoder[R]) begin(w io.Writer) {
	e.w = w
	e.out.Begin(e.fields)
}

// end finishes the file. Equal rows make equal bytes.
func (e *encoder[R]) end() error {
	data, err := e.out.Finish()
	if err != nil {
		return err
	}
	_, err = e.w.Write(data)
	return err
}

// group adds a row group to the file that was begun.
func (e *encoder[R]) group(rows []R) {
	e.out.Group(len(rows), func(n int, c *columnar.Column) { e.cols[n].write(c, rows) })
}

func group[R any](cols []column[R]) *schema.GroupNode {
	fields := make(schema.FieldList, len(cols))
	for i, c := range cols {
		fields[i] = c.node
	}
	return schema.MustGroup(schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1))
}

// decode appends the rows of a Parquet file that encoder.encode made. Other columns than
// cols are an error.
func decode[R any](cols []column[R], data []byte, into []R) (rows []R, err error) {
	defer func() {
		if p := recover(); p != nil { // how the library meets a corrupt page
			err = fmt.Errorf("corrupt: %v", p)
		}
	}()
	r, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if want, got := schema.NewSchema(group(cols)), r.MetaData().Schema; !got.Equals(want) {
		return nil, fmt.Errorf("the columns are not those of this version")
	}
	for i := range r.NumRowGroups() {
		if into, err = decodeGroup(r.RowGroup(i), cols, into); err != nil {
			return nil, err
		}
	}
	return into, nil
}

func decodeGroup[R any](r *file.RowGroupReader, cols []column[R], into []R) ([]R, error) {
	n := r.NumRows()
	if n < 0 || n > groupRows {
		return nil, fmt.Errorf("a row group of %d rows", n)
	}
	at := len(into)
	into = append(into, make([]R, n)...)
	for i, c := range cols {
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

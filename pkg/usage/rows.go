package usage

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	columnar "github.com/tighten-iam/tighten/internal/parquet"
)

// source is a file that lies on disk or in memory.
type source interface {
	io.ReaderAt
	io.Seeker
}

// decoder reads a Parquet file that an encoder made, one row group at a time.
type decoder[R any] struct {
	cols []column[R]
	in   columnar.Reader
	next int // number of the row group to read next
}

// newDecoder reads what the file says of itself. Other columns than cols are an
// error. It does not close src.
func newDecoder[R any](cols []column[R], src source) (*decoder[R], error) {
	size, err := src.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	d := &decoder[R]{cols: cols}
	fields := make([]columnar.Field, len(cols))
	for i := range cols {
		fields[i] = cols[i].field
	}
	return d, d.in.Open(src, size, fields)
}

// size is the number of rows of the next row group; io.EOF says that there is none.
func (d *decoder[R]) size() (int, error) {
	if d.next >= d.in.Groups() {
		return 0, io.EOF
	}
	n := d.in.Rows(d.next)
	if n > groupRows {
		return 0, fmt.Errorf("a row group of %d rows", n)
	}
	return n, nil
}

// read appends the rows of the next row group; io.EOF says that there is none. After
// an error what was appended is nothing to use.
func (d *decoder[R]) read(into []R) ([]R, error) {
	n, err := d.size()
	if err != nil {
		return into, err
	}
	at := len(into)
	into = slices.Grow(into, n)[:at+n]
	err = d.in.Group(d.next, func(i int, v *columnar.Values) { d.cols[i].read(v, into[at:]) })
	d.next++
	return into, err
}

// pick is read for some rows of the row group, given by their places in it, in order.
// Without any it does not look at the group.
func (d *decoder[R]) pick(into []R, places []uint32) (_ []R, err error) {
	at := len(into)
	into = slices.Grow(into, len(places))[:at+len(places)]
	if len(places) > 0 {
		err = d.in.Group(d.next, func(i int, v *columnar.Values) {
			v.Pick(places)
			d.cols[i].read(v, into[at:])
		})
	}
	d.next++
	return into, err
}

// column reads one column of a row group.
func (d *decoder[R]) column(group int, name string) (*columnar.Values, error) {
	for i := range d.cols {
		if d.cols[i].field.Name == name {
			return d.in.Column(group, i)
		}
	}
	return nil, fmt.Errorf("no column %s", name)
}

// rows are the rows of a Parquet file that an encoder made, of which one row group is
// in memory. A row may be changed and is valid until the next one; its texts may be
// kept. An error is the last that comes, with no row.
func rows[R any](cols []column[R], src source) iter.Seq2[*R, error] {
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

// decode appends the rows of a whole file, which has to have this number of them: a file
// that claims more is refused before there is room for them.
func decode[R any](cols []column[R], data []byte, into []R, rows int) ([]R, error) {
	d, err := newDecoder(cols, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if got := d.in.Total(); got != int64(rows) {
		return nil, errRows(got, rows)
	}
	for err == nil {
		into, err = d.read(into)
	}
	if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return into, nil
}

// errRows is the error of a file with another number of rows than it was written with.
func errRows(got int64, want int) error { return fmt.Errorf("%d rows instead of %d", got, want) }

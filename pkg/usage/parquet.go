package usage

import (
	"io"

	columnar "github.com/tighten-iam/tighten/internal/parquet"
)

// groupRows is the number of rows of a row group: small enough that one
// principal's calls are few groups.
const groupRows = 1 << 16

// runRows is that of files that are merged with many others at a time.
const runRows = 1 << 10

// rowWeight is what the heavy values of a row may take in bytes, on average over a row
// group; a group of more ends early. So a page is never too large to be written, however
// long the arguments are that a log has.
const rowWeight = 128

// createdBy is what the files say of who wrote them.
const createdBy = "tighten"

// encoder writes rows as Parquet files, one after the other, holding a row group of
// them. Equal rows make equal bytes, in whatever portions they are added.
type encoder[R any] struct {
	cols   []column[R]
	fields []columnar.Field
	out    *columnar.Writer
	size   int // of a row group, in rows
	rows   []R // of the row group under way
	weigh  func(*R) int
	weight int // of rows
	total  int
}

func newEncoder[R any](out *columnar.Writer, cols []column[R]) *encoder[R] {
	e := &encoder[R]{cols: cols, out: out, size: groupRows}
	for _, c := range cols {
		e.fields = append(e.fields, c.field)
		if c.weigh != nil {
			e.weigh = c.weigh
		}
	}
	return e
}

// begin starts a file.
func (e *encoder[R]) begin(w io.Writer) {
	e.out.Begin(e.fields, w)
	e.drop()
	e.total = 0
}

// add adds a row to the file. An error, which stays until the next begin, is also that
// of finish.
func (e *encoder[R]) add(row *R) error {
	e.rows = append(e.rows, *row)
	if e.weigh != nil {
		e.weight += e.weigh(row)
	}
	if len(e.rows) < e.size && e.weight < e.size*rowWeight {
		return nil
	}
	return e.flush()
}

// addAll adds rows to the file; it does not keep the slice.
func (e *encoder[R]) addAll(rows []R) error {
	if e.weigh != nil {
		for i := range rows {
			if err := e.add(&rows[i]); err != nil {
				return err
			}
		}
		return nil
	}
	for len(rows) > 0 {
		n := min(e.size-len(e.rows), len(rows))
		if n == e.size { // no need to copy them
			if err := e.group(rows[:n]); err != nil {
				return err
			}
		} else if e.rows = append(e.rows, rows[:n]...); len(e.rows) == e.size {
			if err := e.flush(); err != nil {
				return err
			}
		}
		rows = rows[n:]
	}
	return nil
}

// finish ends the file and returns the number of its rows.
func (e *encoder[R]) finish() (int, error) {
	if len(e.rows) > 0 {
		_ = e.flush() // Finish has the error
	}
	return e.total, e.out.Finish()
}

// encode makes a whole file.
func (e *encoder[R]) encode(w io.Writer, rows []R) error {
	e.begin(w)
	if err := e.addAll(rows); err != nil {
		return err
	}
	_, err := e.finish()
	return err
}

func (e *encoder[R]) flush() error {
	err := e.group(e.rows)
	e.drop()
	return err
}

// drop forgets the rows under way and what they refer to.
func (e *encoder[R]) drop() {
	clear(e.rows)
	e.rows, e.weight = e.rows[:0], 0
}

// group writes a row group.
func (e *encoder[R]) group(rows []R) error {
	e.total += len(rows)
	return e.out.Group(len(rows), func(n int, c *columnar.Column) { e.cols[n].write(c, rows) })
}

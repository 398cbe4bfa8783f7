package usage

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// column is one column of a Parquet table whose rows are R: how it is declared,
// written and read. Each table is a list of columns, in schema.go.
type column[R any] struct {
	node   schema.Node
	unique bool          // most values differ: a dictionary would gain nothing
	size   func([]R) int // about, in bytes on disk; exact only below smallColumn
	write  func(file.ColumnChunkWriter, []R) error
	read   func(file.ColumnChunkReader, []R) error
}

// distinct marks a column as one whose values mostly differ.
func distinct[R any](c column[R]) column[R] {
	c.unique = true
	return c
}

// text is a column of UTF-8 strings.
func text[R any, S ~string](name string, at func(*R) *S) column[R] {
	return column[R]{
		node: node(name, parquet.Repetitions.Required, schema.StringLogicalType{}, parquet.Types.ByteArray),
		size: func(rows []R) int {
			return sizeOf(rows, func(r *R) (S, int) { return *at(r), 4 + len(*at(r)) })
		},
		write: func(w file.ColumnChunkWriter, rows []R) error {
			size := 0
			for i := range rows {
				size += len(*at(&rows[i]))
			}
			buf := make([]byte, 0, size) // of the right size: the values point into it
			return writeColumn(w, rows, func(r *R) (parquet.ByteArray, bool) {
				n := len(buf)
				buf = append(buf, *at(r)...)
				return buf[n:], true
			})
		},
		read: func(r file.ColumnChunkReader, rows []R) error {
			seen := map[string]S{}
			return readColumn(r, rows, func(row *R, v parquet.ByteArray, _ bool) {
				s, ok := seen[string(v)]
				if !ok {
					s = S(v)
					seen[string(s)] = s
				}
				*at(row) = s
			})
		},
	}
}

// count is a column of 64-bit integers.
func count[R any](name string, at func(*R) *int64) column[R] {
	return integer(name, schema.NewIntLogicalType(64, true), parquet.Repetitions.Required, math.MinInt64, at)
}

// unsigned is a column of unsigned 64-bit integers.
func unsigned[R any](name string, at func(*R) *int64) column[R] {
	return integer(name, schema.NewIntLogicalType(64, false), parquet.Repetitions.Required, math.MinInt64, at)
}

// moment is a column of UTC timestamps in milliseconds; 0 is null.
func moment[R any](name string, at func(*R) *int64) column[R] {
	utc := schema.NewTimestampLogicalType(true, schema.TimeUnitMillis)
	return integer(name, utc, parquet.Repetitions.Optional, 0, at)
}

func integer[R any](name string, t schema.LogicalType, rep parquet.Repetition, null int64, at func(*R) *int64) column[R] {
	return scalar(node(name, rep, t, parquet.Types.Int64),
		func(r *R) (int64, bool) { return *at(r), *at(r) != null },
		func(r *R, v int64, ok bool) {
			if *at(r) = v; !ok {
				*at(r) = null
			}
		})
}

// date is a column of days; unknownDay is null.
func date[R any](name string, at func(*R) *int32) column[R] {
	return scalar(node(name, parquet.Repetitions.Optional, schema.DateLogicalType{}, parquet.Types.Int32),
		func(r *R) (int32, bool) { return *at(r), *at(r) != unknownDay },
		func(r *R, v int32, ok bool) {
			if *at(r) = v; !ok {
				*at(r) = unknownDay
			}
		})
}

// flag is a column of booleans: 1 is false, 2 is true, and 0, absent, is null.
func flag[R any](name string, at func(*R) *int8) column[R] {
	return scalar(node(name, parquet.Repetitions.Optional, schema.NoLogicalType{}, parquet.Types.Boolean),
		func(r *R) (bool, bool) { return *at(r) == 2, *at(r) != 0 },
		func(r *R, v, ok bool) {
			switch {
			case !ok:
				*at(r) = 0
			case v:
				*at(r) = 2
			default:
				*at(r) = 1
			}
		})
}

func scalar[R any, T comparable](n schema.Node, get func(*R) (T, bool), set func(*R, T, bool)) column[R] {
	return column[R]{
		node: n,
		size: func(rows []R) int {
			return sizeOf(rows, func(r *R) (T, int) { v, _ := get(r); return v, 8 })
		},
		write: func(w file.ColumnChunkWriter, rows []R) error { return writeColumn(w, rows, get) },
		read:  func(r file.ColumnChunkReader, rows []R) error { return readColumn(r, rows, set) },
	}
}

// sizeOf is about the size of a column with a dictionary: each value once and an
// index to it for each row. It stops where that is not small.
func sizeOf[R any, T comparable](rows []R, value func(*R) (T, int)) int {
	seen := map[T]bool{}
	var last T
	size := 0
	for i := range rows {
		v, n := value(&rows[i])
		if i > 0 && v == last {
			continue
		}
		last = v
		if seen[v] {
			continue
		}
		seen[v] = true
		if size += n; size >= smallColumn {
			break
		}
	}
	return size + len(rows)*bits.Len(uint(max(len(seen), 1)-1))/8
}

// node declares a column. The arguments are constants of this package, so that an
// error is a fault of the program.
func node(name string, rep parquet.Repetition, t schema.LogicalType, physical parquet.Type) schema.Node {
	return schema.MustPrimitive(schema.NewPrimitiveNodeLogical(name, rep, t, physical, -1, -1))
}

// writeColumn writes one value of each row; get tells whether it is not null.
func writeColumn[R, T any](w file.ColumnChunkWriter, rows []R, get func(*R) (T, bool)) error {
	typed, ok := w.(interface {
		WriteBatch(values []T, def, rep []int16) (int64, error)
	})
	if !ok {
		return fmt.Errorf("column %s is no column of %T", w.Descr().Name(), *new(T))
	}
	values, levels := make([]T, 0, len(rows)), []int16(nil)
	if w.Descr().MaxDefinitionLevel() > 0 {
		levels = make([]int16, len(rows))
	}
	for i := range rows {
		v, ok := get(&rows[i])
		switch {
		case levels == nil:
			values = append(values, v)
		case ok:
			values, levels[i] = append(values, v), 1
		}
	}
	_, err := typed.WriteBatch(values, levels, nil)
	return err
}

// readColumn reads one value for each row; set is told whether it is not null.
func readColumn[R, T any](r file.ColumnChunkReader, rows []R, set func(*R, T, bool)) error {
	typed, ok := r.(interface {
		ReadBatch(n int64, values []T, def, rep []int16) (int64, int, error)
	})
	if !ok {
		return fmt.Errorf("column %s holds %s", r.Descriptor().Name(), r.Type())
	}
	const batch = 4096
	values, levels := make([]T, batch), make([]int16, batch)
	optional := r.Descriptor().MaxDefinitionLevel() > 0
	for len(rows) > 0 {
		n, got, err := typed.ReadBatch(int64(min(batch, len(rows))), values, levels, nil)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("column %s ends %d rows too early", r.Descriptor().Name(), len(rows))
		}
		left := values[:got]
		for i := range rows[:n] {
			var v T
			ok := len(left) > 0 && (!optional || levels[i] > 0)
			if ok {
				v, left = left[0], left[1:]
			}
			set(&rows[i], v, ok)
		}
		rows = rows[n:]
	}
	return nil
}

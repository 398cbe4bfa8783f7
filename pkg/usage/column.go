package usage

import (
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/schema"

	columnar "github.com/tighten-iam/tighten/internal/parquet"
)

// column is one column of a Parquet table whose rows are R: how it is declared,
// written and read. Each table is a list of columns, in schema.go.
type column[R any] struct {
	node  schema.Node // as others read it
	field columnar.Field
	write func(*columnar.Column, []R)
	read  func(*columnar.Values, []R)
	// weigh is the size of a row's value in bytes, if rows may be long; else nil.
	weigh func(*R) int
}

// distinct marks a column as one whose values mostly differ.
func distinct[R any](c column[R]) column[R] {
	c.field.Distinct = true
	return c
}

// heavy marks a column as one whose values may be long.
func heavy[R any](c column[R], weigh func(*R) int) column[R] {
	c.weigh = weigh
	return c
}

// text is a column of UTF-8 strings.
func text[R any, S ~string](name string, at func(*R) *S) column[R] {
	return column[R]{
		node:  node(name, parquet.Repetitions.Required, schema.StringLogicalType{}, parquet.Types.ByteArray),
		field: columnar.Field{Name: name, Type: columnar.Text},
		write: func(c *columnar.Column, rows []R) {
			for i := range rows {
				c.Text(string(*at(&rows[i])))
			}
		},
		read: func(v *columnar.Values, rows []R) {
			for i := range rows {
				*at(&rows[i]) = S(v.Text(i))
			}
		},
	}
}

// count is a column of 64-bit integers.
func count[R any](name string, at func(*R) *int64) column[R] {
	n := node(name, parquet.Repetitions.Required, schema.NewIntLogicalType(64, true), parquet.Types.Int64)
	return integer(n, columnar.Field{Name: name, Type: columnar.Int64}, 0, at)
}

// unsigned is a column of unsigned 64-bit integers.
func unsigned[R any](name string, at func(*R) *int64) column[R] {
	n := node(name, parquet.Repetitions.Required, schema.NewIntLogicalType(64, false), parquet.Types.Int64)
	return integer(n, columnar.Field{Name: name, Type: columnar.Uint64}, 0, at)
}

// moment is a column of UTC timestamps in milliseconds; 0 is null.
func moment[R any](name string, at func(*R) *int64) column[R] {
	utc := schema.NewTimestampLogicalType(true, schema.TimeUnitMillis)
	n := node(name, parquet.Repetitions.Optional, utc, parquet.Types.Int64)
	return integer(n, columnar.Field{Name: name, Type: columnar.Timestamp, Optional: true}, 0, at)
}

func integer[R any](n schema.Node, f columnar.Field, null int64, at func(*R) *int64) column[R] {
	return scalar(n, f,
		func(r *R) (int64, bool) { return *at(r), *at(r) != null },
		func(r *R, v int64, ok bool) {
			if *at(r) = v; !ok {
				*at(r) = null
			}
		})
}

// date is a column of days; unknownDay is null.
func date[R any](name string, at func(*R) *int32) column[R] {
	n := node(name, parquet.Repetitions.Optional, schema.DateLogicalType{}, parquet.Types.Int32)
	return scalar(n, columnar.Field{Name: name, Type: columnar.Date, Optional: true},
		func(r *R) (int64, bool) { return int64(*at(r)), *at(r) != unknownDay },
		func(r *R, v int64, ok bool) {
			if *at(r) = int32(v); !ok {
				*at(r) = unknownDay
			}
		})
}

// flag is a column of booleans: 1 is false, 2 is true, and 0, absent, is null.
func flag[R any](name string, at func(*R) *int8) column[R] {
	n := node(name, parquet.Repetitions.Optional, schema.NoLogicalType{}, parquet.Types.Boolean)
	return scalar(n, columnar.Field{Name: name, Type: columnar.Bool, Optional: true},
		func(r *R) (int64, bool) { return int64(*at(r)) - 1, *at(r) != 0 },
		func(r *R, v int64, ok bool) {
			if *at(r) = int8(v) + 1; !ok {
				*at(r) = 0
			}
		})
}

// scalar is a column of numbers. get tells whether a row's value is not null, which
// counts where the field is optional; set is told.
func scalar[R any](n schema.Node, f columnar.Field, get func(*R) (int64, bool), set func(*R, int64, bool)) column[R] {
	return column[R]{
		node: n, field: f,
		write: func(c *columnar.Column, rows []R) {
			for i := range rows {
				if v, ok := get(&rows[i]); ok || !f.Optional {
					c.Int(v)
				} else {
					c.Null()
				}
			}
		},
		read: func(v *columnar.Values, rows []R) {
			for i := range rows {
				n, ok := v.Int(i)
				set(&rows[i], n, ok)
			}
		},
	}
}

// node declares a column. The arguments are constants of this package, so that an
// error is a fault of the program.
func node(name string, rep parquet.Repetition, t schema.LogicalType, physical parquet.Type) schema.Node {
	return schema.MustPrimitive(schema.NewPrimitiveNodeLogical(name, rep, t, physical, -1, -1))
}

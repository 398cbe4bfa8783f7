package parquet

import (
	"encoding/binary"
	"strings"
)

// Type is the type of a column.
type Type uint8

// The types of columns.
const (
	Text      Type = iota // UTF-8
	Int64                 // signed
	Uint64                // the bits of an Int
	Date                  // days since 1970-01-01; from -1<<31 to 1<<31-1
	Timestamp             // milliseconds since 1970-01-01 UTC
	Bool                  // Int 0 and 1
)

// Field declares a column.
type Field struct {
	Name     string
	Type     Type
	Optional bool // values may be missing
	Distinct bool // most values differ: no dictionary
}

// dictionary reports whether the column has one.
func (f *Field) dictionary() bool { return !f.Distinct && f.Type != Bool }

// Column takes the values of one column of a row group, in the order of the
// rows.
type Column struct {
	field *Field
	dict  *numbering
	rows  int

	indices []uint32 // of a column with a dictionary: the numbers of the values
	texts   []string // of one without
	ints    []int64
	levels  []uint32 // of an optional column: 1 for a value, 0 for none
	nulls   int
}

func (c *Column) reset(f *Field) {
	c.field, c.rows, c.nulls = f, 0, 0
	clear(c.texts)
	c.indices, c.texts, c.ints, c.levels = c.indices[:0], c.texts[:0], c.ints[:0], c.levels[:0]
	c.dict.reset()
}

// Text adds a value of a Text column. Its bytes are read when the column ends.
func (c *Column) Text(s string) {
	c.present()
	if c.field.dictionary() {
		c.indices = append(c.indices, c.dict.text(s))
		return
	}
	c.texts = append(c.texts, s)
}

// Int adds a value of a column that is no Text.
func (c *Column) Int(v int64) {
	c.present()
	if c.field.dictionary() {
		c.indices = append(c.indices, c.dict.int(v))
		return
	}
	c.ints = append(c.ints, v)
}

// Null adds the absence of a value to an optional column.
func (c *Column) Null() {
	c.rows++
	c.nulls++
	c.levels = append(c.levels, 0)
}

func (c *Column) present() {
	c.rows++
	if c.field.Optional {
		c.levels = append(c.levels, 1)
	}
}

// distinct are the values of which the others are repetitions: those that a
// dictionary page and the bounds are made of.
func (c *Column) distinct() ([]string, []int64) {
	if c.field.dictionary() {
		return c.dict.texts, c.dict.ints
	}
	return c.texts, c.ints
}

// appendPlain appends the distinct values as they are.
func (c *Column) appendPlain(dst []byte) []byte {
	texts, ints := c.distinct()
	for _, s := range texts {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s)))
		dst = append(dst, s...)
	}
	if c.field.Type == Bool {
		return appendBits(dst, ints)
	}
	for _, v := range ints {
		dst = c.field.appendInt(dst, v)
	}
	return dst
}

// appendData appends the content of the data page.
func (c *Column) appendData(dst []byte) []byte {
	if c.field.Optional {
		at := len(dst)
		dst = appendHybrid(append(dst, 0, 0, 0, 0), c.levels, 1)
		binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	if !c.field.dictionary() {
		return c.appendPlain(dst)
	}
	width := c.dict.width()
	return appendHybrid(append(dst, byte(width)), c.indices, width)
}

func appendBits(dst []byte, values []int64) []byte {
	for i, v := range values {
		if i%8 == 0 {
			dst = append(dst, 0)
		}
		dst[len(dst)-1] |= byte(v) << (i % 8)
	}
	return dst
}

// appendInt appends one value as a page and the bounds have it.
func (f *Field) appendInt(dst []byte, v int64) []byte {
	switch f.Type {
	case Bool:
		return append(dst, byte(v))
	case Date:
		return binary.LittleEndian.AppendUint32(dst, uint32(v))
	}
	return binary.LittleEndian.AppendUint64(dst, uint64(v))
}

// maxBound is the length of a text above which a column has no bounds.
const maxBound = 4096

// bounds are the smallest and the largest value; ok is false where there is no
// value or they are too long to repeat.
func (c *Column) bounds() (low, high string, ok bool) {
	texts, ints := c.distinct()
	switch {
	case len(texts) > 0:
		low, high = textBounds(texts)
	case len(ints) > 0:
		a, b := c.field.intBounds(ints)
		low, high = string(c.field.appendInt(nil, a)), string(c.field.appendInt(nil, b))
	default:
		return "", "", false
	}
	return low, high, len(low) <= maxBound && len(high) <= maxBound
}

func textBounds(texts []string) (low, high string) {
	low, high = texts[0], texts[0]
	for _, s := range texts[1:] {
		switch {
		case strings.Compare(s, low) < 0:
			low = s
		case strings.Compare(s, high) > 0:
			high = s
		}
	}
	return low, high
}

func (f *Field) intBounds(ints []int64) (low, high int64) {
	flip := int64(0)
	if f.Type == Uint64 {
		flip = -1 << 63 // turns the unsigned order into the signed one
	}
	low, high = ints[0]^flip, ints[0]^flip
	for _, v := range ints[1:] {
		low, high = min(low, v^flip), max(high, v^flip)
	}
	return low ^ flip, high ^ flip
}

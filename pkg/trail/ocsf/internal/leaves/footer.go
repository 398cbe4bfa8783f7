package leaves

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Magic is what a Parquet file begins and ends with.
const Magic = "PAR1"

// maxFooter bounds the footer in bytes. Security Lake's are some KiB; one of 16 MiB
// describes 1,000 row groups of 100 columns.
const maxFooter = 16 << 20

// Limits bound what a file may cost; zero means the defaults.
type Limits struct {
	MaxPage  int64 // decompressed bytes of one page; default 100 MiB
	MaxHeld  int64 // decompressed bytes of the pages of all columns at a time; default 4 × MaxPage
	MaxTotal int64 // decompressed bytes of all pages that are read; default 4 GiB
}

func (l Limits) withDefaults() Limits {
	if l.MaxPage <= 0 {
		l.MaxPage = 100 << 20
	}
	if l.MaxHeld <= 0 {
		l.MaxHeld = 4 * l.MaxPage
	}
	if l.MaxTotal <= 0 {
		l.MaxTotal = 4 << 30
	}
	return l
}

// ErrLimit is a bound of Limits that the file exceeds.
var ErrLimit = errors.New("over the limit")

// File is an open Parquet file. It is not safe for concurrent use.
type File struct {
	r      io.ReaderAt
	size   int64
	limits Limits
	leaves []Leaf
	groups []rowGroup
	held   int64 // bytes of pages, as MaxHeld counts them
	total  int64 // as MaxTotal does
	codecs codecs
}

type rowGroup struct {
	rows   int64
	chunks []chunk
}

// chunk is where one column of one row group lies.
type chunk struct {
	codec      int32
	values     int64
	data, dict int64 // offsets of the first data and dictionary page; dict 0: none
	size       int64 // compressed
	elsewhere  bool  // in another file
}

// Open reads the footer of a file of that size.
func Open(r io.ReaderAt, size int64, l Limits) (*File, error) {
	f := &File{r: r, size: size, limits: l.withDefaults()}
	footer, err := f.footer()
	if err != nil {
		return nil, err
	}
	t := &thrift{b: footer}
	elements, encrypted := f.metadata(t)
	switch {
	case encrypted:
		return nil, errors.New("encrypted Parquet cannot be read")
	case t.err != nil:
		return nil, fmt.Errorf("footer: %w", t.err)
	}
	if f.leaves, err = leavesOf(elements); err != nil {
		return nil, err
	}
	for _, g := range f.groups {
		if len(g.chunks) != len(f.leaves) || g.rows < 0 {
			return nil, fmt.Errorf("row groups and columns do not fit: %w", ErrCorrupt)
		}
	}
	return f, nil
}

func (f *File) footer() ([]byte, error) {
	var tail [8]byte
	if f.size < int64(len(Magic)+len(tail)) {
		return nil, fmt.Errorf("shorter than any file: %w", ErrCorrupt)
	}
	if _, err := f.r.ReadAt(tail[:], f.size-8); err != nil && err != io.EOF {
		return nil, err
	}
	if string(tail[4:]) == "PARE" {
		return nil, errors.New("encrypted Parquet cannot be read")
	}
	n := int64(binary.LittleEndian.Uint32(tail[:4]))
	switch {
	case string(tail[4:]) != Magic:
		return nil, fmt.Errorf("cut short, or no Parquet: %w", io.ErrUnexpectedEOF)
	case n > f.size-12:
		return nil, fmt.Errorf("footer is longer than the file: %w", ErrCorrupt)
	case n > maxFooter:
		return nil, fmt.Errorf("footer of more than %d bytes: %w", maxFooter, ErrLimit)
	}
	b := make([]byte, n)
	if _, err := f.r.ReadAt(b, f.size-8-n); err != nil && err != io.EOF {
		return nil, err
	}
	return b, nil
}

// Groups is the number of row groups.
func (f *File) Groups() int { return len(f.groups) }

// Rows is the number of rows of a row group.
func (f *File) Rows(group int) int64 { return f.groups[group].rows }

// Leaves are the file's columns.
func (f *File) Leaves() []Leaf { return f.leaves }

// metadata reads FileMetaData.
func (f *File) metadata(t *thrift) (elements []element, encrypted bool) {
	t.structure(func(id int64, kind byte) {
		switch id {
		case 2:
			t.list(kind, func(kind byte) { elements = append(elements, schemaElement(t, kind)) })
		case 4:
			t.list(kind, func(kind byte) { f.groups = append(f.groups, f.rowGroup(t, kind)) })
		case 8:
			encrypted = true
			t.skip(kind)
		default:
			t.skip(kind)
		}
	})
	return elements, encrypted
}

func schemaElement(t *thrift, kind byte) element {
	e := element{physical: noType}
	fields(t, kind, func(id int64, kind byte) {
		switch id {
		case 1:
			e.physical = t.i32()
		case 2:
			e.length = t.i32()
		case 3:
			e.repetition = t.i32()
		case 4:
			e.name = string(t.bytes())
		case 5:
			e.children = t.i32()
		case 6:
			e.converted, e.isConverted = t.i32(), true
		default:
			t.skip(kind)
		}
	})
	return e
}

// fields is structure for an element of a list or a field, which must be one.
func fields(t *thrift, kind byte, field func(id int64, kind byte)) {
	if kind != thriftStruct {
		t.fail(false)
		return
	}
	t.structure(field)
}

func (f *File) rowGroup(t *thrift, kind byte) (g rowGroup) {
	fields(t, kind, func(id int64, kind byte) {
		switch id {
		case 1:
			t.list(kind, func(kind byte) { g.chunks = append(g.chunks, columnChunk(t, kind)) })
		case 3:
			g.rows = t.int()
		default:
			t.skip(kind)
		}
	})
	return g
}

func columnChunk(t *thrift, kind byte) (c chunk) {
	fields(t, kind, func(id int64, kind byte) {
		switch id {
		case 1:
			c.elsewhere = true
			t.skip(kind)
		case 3:
			c.metadata(t, kind)
		default:
			t.skip(kind)
		}
	})
	return c
}

func (c *chunk) metadata(t *thrift, kind byte) {
	fields(t, kind, func(id int64, kind byte) {
		switch id {
		case 4:
			c.codec = t.i32()
		case 5:
			c.values = t.int()
		case 7:
			c.size = t.int()
		case 9:
			c.data = t.int()
		case 11:
			c.dict = t.int()
		default:
			t.skip(kind)
		}
	})
}

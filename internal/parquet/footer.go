package parquet

import "encoding/binary"

const magic = "PAR1"

// The numbers that the format gives to things.
const (
	physicalBool  = 0
	physicalInt32 = 1
	physicalInt64 = 2
	physicalBytes = 6

	encodingPlain      = 0
	encodingRLE        = 3
	encodingDictionary = 8

	pageData       = 0
	pageDictionary = 2

	codecZstd = 6
)

// header is the header of a page, valid until the next call.
func (w *Writer) header(kind, size, stored, values, encoding int) []byte {
	t := &w.meta
	t.buf = t.buf[:0]
	t.open()
	t.i32(1, kind)
	t.i32(2, size)
	t.i32(3, stored)
	if kind == pageData {
		t.structure(5)
	} else {
		t.structure(7)
	}
	t.i32(1, values)
	t.i32(2, encoding)
	if kind == pageData {
		t.i32(3, encodingRLE)
		t.i32(4, encodingRLE)
	}
	t.end()
	t.end()
	return t.buf
}

// footer writes what the file holds and where.
func (w *Writer) footer() {
	t := &w.meta
	t.buf = t.buf[:0]
	rows := 0
	for _, g := range w.groups {
		rows += g.rows
	}
	t.open()
	t.i32(1, 2)
	w.schema(t)
	t.i64(3, int64(rows))
	t.list(4, thriftStruct, len(w.groups))
	for i := range w.groups {
		w.group(t, &w.groups[i], i)
	}
	t.text(6, w.name)
	t.list(7, thriftStruct, len(w.fields))
	for range w.fields { // bounds are in the order of the type
		t.open()
		t.empty(1)
		t.end()
	}
	t.end()
	w.pending = append(w.pending, t.buf...)
	w.pending = binary.LittleEndian.AppendUint32(w.pending, uint32(len(t.buf)))
	w.pending = append(w.pending, magic...)
}

func (w *Writer) schema(t *thrift) {
	t.list(2, thriftStruct, 1+len(w.fields))
	t.open()
	t.i32(3, 0)
	t.text(4, "schema")
	t.i32(5, len(w.fields))
	t.end()
	for i := range w.fields {
		w.fields[i].schema(t)
	}
}

func (f *Field) schema(t *thrift) {
	t.open()
	t.i32(1, f.physical())
	if f.Optional {
		t.i32(3, 1)
	} else {
		t.i32(3, 0)
	}
	t.text(4, f.Name)
	if n, ok := f.converted(); ok {
		t.i32(6, n)
		t.structure(10)
		f.logical(t)
		t.end()
	}
	t.end()
}

func (f *Field) physical() int {
	switch f.Type {
	case Text:
		return physicalBytes
	case Date:
		return physicalInt32
	case Bool:
		return physicalBool
	}
	return physicalInt64
}

// converted is the type as readers of old know it.
func (f *Field) converted() (int, bool) {
	switch f.Type {
	case Text:
		return 0, true
	case Date:
		return 6, true
	case Timestamp:
		return 9, true
	case Uint64:
		return 14, true
	case Int64:
		return 18, true
	}
	return 0, false
}

// logical writes the member of the union that the type is.
func (f *Field) logical(t *thrift) {
	switch f.Type {
	case Text:
		t.empty(1)
	case Date:
		t.empty(6)
	case Timestamp:
		t.structure(8)
		t.bool(1, true)
		t.structure(2)
		t.empty(1)
		t.end()
		t.end()
	default:
		t.structure(10)
		t.field(1, thriftByte)
		t.buf = append(t.buf, 64)
		t.bool(2, f.Type == Int64)
		t.end()
	}
}

func (w *Writer) group(t *thrift, g *group, n int) {
	plain, packed := 0, 0
	t.open()
	t.list(1, thriftStruct, len(g.chunks))
	for i := range g.chunks {
		k := &g.chunks[i]
		plain += k.plain
		packed += k.packed
		k.write(t, &w.fields[i])
	}
	t.i64(2, int64(plain))
	t.i64(3, int64(g.rows))
	t.i64(5, g.chunks[0].start())
	t.i64(6, int64(packed))
	t.field(7, thriftI16)
	t.buf = binary.AppendVarint(t.buf, int64(n))
	t.end()
}

// start is where the first page of the column lies.
func (k *chunk) start() int64 {
	if k.hasDict {
		return k.dictAt
	}
	return k.dataAt
}

func (k *chunk) write(t *thrift, f *Field) {
	t.open()
	t.i64(2, k.start()+int64(k.packed))
	t.structure(3)
	t.i32(1, f.physical())
	if k.hasDict {
		t.numbers(2, encodingDictionary, encodingPlain, encodingRLE)
	} else {
		t.numbers(2, encodingPlain, encodingRLE)
	}
	t.list(3, thriftBinary, 1)
	t.element(f.Name)
	t.i32(4, k.codec)
	t.i64(5, int64(k.rows))
	t.i64(6, int64(k.plain))
	t.i64(7, int64(k.packed))
	t.i64(9, k.dataAt)
	if k.hasDict {
		t.i64(11, k.dictAt)
	}
	k.statistics(t)
	t.end()
	t.end()
}

func (k *chunk) statistics(t *thrift) {
	t.structure(12)
	t.i64(3, int64(k.nulls))
	if k.bounded {
		t.text(5, k.high)
		t.text(6, k.low)
	}
	t.end()
}

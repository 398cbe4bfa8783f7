package parquet

import "encoding/binary"

// The types of Thrift's compact protocol that Parquet's metadata has.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftBinary = 8
	thriftList   = 9
	thriftStruct = 12
)

// thrift appends structures in Thrift's compact protocol. Fields are written in
// the order of their numbers.
type thrift struct {
	buf  []byte
	last []int16 // number of the last field, for each open structure
}

// field begins a field of the open structure.
func (t *thrift) field(id int16, kind byte) {
	top := &t.last[len(t.last)-1]
	if delta := id - *top; 0 < delta && delta < 16 {
		t.buf = append(t.buf, byte(delta)<<4|kind)
	} else {
		t.buf = binary.AppendVarint(append(t.buf, kind), int64(id))
	}
	*top = id
}

// open begins a structure that is no field: the whole, or an element of a list.
func (t *thrift) open() { t.last = append(t.last, 0) }

// end closes the open structure.
func (t *thrift) end() {
	t.buf = append(t.buf, 0)
	t.last = t.last[:len(t.last)-1]
}

func (t *thrift) structure(id int16) {
	t.field(id, thriftStruct)
	t.open()
}

// empty is a structure without fields, as members of a union are.
func (t *thrift) empty(id int16) {
	t.structure(id)
	t.end()
}

func (t *thrift) i32(id int16, v int) {
	t.field(id, thriftI32)
	t.buf = binary.AppendVarint(t.buf, int64(v))
}

func (t *thrift) i64(id int16, v int64) {
	t.field(id, thriftI64)
	t.buf = binary.AppendVarint(t.buf, v)
}

func (t *thrift) bool(id int16, v bool) {
	if v {
		t.field(id, thriftTrue)
		return
	}
	t.field(id, thriftFalse)
}

func (t *thrift) text(id int16, s string) {
	t.field(id, thriftBinary)
	t.element(s)
}

// element is a text in a list.
func (t *thrift) element(s string) {
	t.buf = binary.AppendUvarint(t.buf, uint64(len(s)))
	t.buf = append(t.buf, s...)
}

// list begins a list of n elements.
func (t *thrift) list(id int16, kind byte, n int) {
	t.field(id, thriftList)
	if n < 15 {
		t.buf = append(t.buf, byte(n)<<4|kind)
		return
	}
	t.buf = binary.AppendUvarint(append(t.buf, 0xf0|kind), uint64(n))
}

// numbers is a list of 32-bit integers.
func (t *thrift) numbers(id int16, list ...int) {
	t.list(id, thriftI32, len(list))
	for _, n := range list {
		t.buf = binary.AppendVarint(t.buf, int64(n))
	}
}

package leaves

import (
	"encoding/binary"
	"errors"
)

// ErrCorrupt is a file that contradicts itself or the format.
var ErrCorrupt = errors.New("corrupt Parquet")

// The types of Thrift's compact protocol.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
)

// maxThrift is how deep structures may nest; Parquet's own nest 6 deep.
const maxThrift = 24

// thrift reads structures of the compact protocol. After an error it reads nothing
// more, and all values are zero.
type thrift struct {
	b     []byte
	i     int
	short bool // the error is that the bytes end
	err   error
	depth int
}

func (t *thrift) fail(short bool) {
	if t.err == nil {
		t.err, t.short = ErrCorrupt, short
	}
	t.i = len(t.b)
}

func (t *thrift) byte() byte {
	if t.i >= len(t.b) {
		t.fail(true)
		return 0
	}
	c := t.b[t.i]
	t.i++
	return c
}

func (t *thrift) varint() uint64 {
	v, n := binary.Uvarint(t.b[t.i:])
	if n <= 0 {
		t.fail(n == 0)
		return 0
	}
	t.i += n
	return v
}

// int is a zigzag integer of any width.
func (t *thrift) int() int64 {
	v := t.varint()
	return int64(v>>1) ^ -int64(v&1)
}

// i32 is an integer that must fit 32 bits.
func (t *thrift) i32() int32 {
	v := t.int()
	if int64(int32(v)) != v {
		t.fail(false)
		return 0
	}
	return int32(v)
}

func (t *thrift) bytes() []byte {
	n := t.varint()
	if n > uint64(len(t.b)-t.i) {
		t.fail(true)
		return nil
	}
	v := t.b[t.i : t.i+int(n)]
	t.i += int(n)
	return v
}

// structure calls field for each field of a structure. A field that it does not read
// it must skip.
func (t *thrift) structure(field func(id int64, kind byte)) {
	if t.depth++; t.depth > maxThrift {
		t.fail(false)
	}
	id := int64(0)
	for t.err == nil {
		head := t.byte()
		if head == 0 {
			break
		}
		if delta := int64(head >> 4); delta != 0 {
			id += delta
		} else {
			id = t.int()
		}
		if t.err == nil {
			field(id, head&0x0f)
		}
	}
	t.depth--
}

// list calls element for each element of a list.
func (t *thrift) list(kind byte, element func(kind byte)) {
	if kind != thriftList && kind != thriftSet {
		t.fail(false)
		return
	}
	head := t.byte()
	n := uint64(head >> 4)
	if n == 15 {
		n = t.varint()
	}
	if n > uint64(len(t.b)-t.i) { // each takes a byte at least
		t.fail(true)
	}
	if t.depth++; t.depth > maxThrift {
		t.fail(false)
	}
	for ; n > 0 && t.err == nil; n-- {
		element(head & 0x0f)
	}
	t.depth--
}

// skip passes over a value that is a field. A boolean field has its value in its kind.
func (t *thrift) skip(kind byte) {
	if kind != thriftTrue && kind != thriftFalse {
		t.element(kind)
	}
}

// element passes over a value that is in a list.
func (t *thrift) element(kind byte) {
	switch kind {
	case thriftTrue, thriftFalse, thriftByte:
		t.byte()
	case thriftI16, thriftI32, thriftI64:
		t.varint()
	case thriftDouble:
		for range 8 {
			t.byte()
		}
	case thriftBinary:
		t.bytes()
	case thriftList, thriftSet:
		t.list(kind, t.element)
	case thriftMap:
		t.dictionary()
	case thriftStruct:
		t.structure(func(_ int64, kind byte) { t.skip(kind) })
	default:
		t.fail(false)
	}
}

// dictionary passes over a map.
func (t *thrift) dictionary() {
	n := t.varint()
	if n == 0 {
		return
	}
	kinds := t.byte()
	if n > uint64(len(t.b)-t.i) {
		t.fail(true)
	}
	if t.depth++; t.depth > maxThrift {
		t.fail(false)
	}
	for ; n > 0 && t.err == nil; n-- {
		t.element(kinds >> 4)
		t.element(kinds & 0x0f)
	}
	t.depth--
}

package parquet

import (
	"bytes"
	"encoding/binary"
)

// scanner reads structures in Thrift's compact protocol. Where there is none, failed
// is set and nothing more is read.
type scanner struct {
	buf    []byte
	depth  int
	failed bool
}

// maxDepth of structures; a Writer's files have four.
const maxDepth = 16

func (t *scanner) fail() {
	t.failed, t.buf = true, nil
}

func (t *scanner) byte() byte {
	if len(t.buf) == 0 {
		t.fail()
		return 0
	}
	b := t.buf[0]
	t.buf = t.buf[1:]
	return b
}

func (t *scanner) uvarint() uint64 {
	v, n := binary.Uvarint(t.buf)
	if n <= 0 {
		t.fail()
		return 0
	}
	t.buf = t.buf[n:]
	return v
}

func (t *scanner) varint() int64 {
	v := t.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// small is a number that has to be one of 31 bits.
func (t *scanner) small() int {
	v := t.varint()
	if v < 0 || v > 1<<31-1 {
		t.fail()
		return 0
	}
	return int(v)
}

// fields reads a structure. visit reads the value of each field, or skips it.
func (t *scanner) fields(visit func(id int16, kind byte)) {
	if t.depth++; t.depth > maxDepth {
		t.fail()
	}
	for id := int16(0); !t.failed; {
		head := t.byte()
		if t.failed || head == 0 {
			break
		}
		if head>>4 != 0 {
			id += int16(head >> 4)
		} else {
			id = int16(t.varint())
		}
		visit(id, head&0xf)
	}
	t.depth--
}

// list reads the head of a list: the number of elements, each of which takes at least
// a byte, and their kind.
func (t *scanner) list() (n int, kind byte) {
	head := t.byte()
	size := uint64(head >> 4)
	if size == 15 {
		size = t.uvarint()
	}
	if size > uint64(len(t.buf)) {
		t.fail()
		return 0, 0
	}
	return int(size), head & 0xf
}

// structures reads a list of structures.
func (t *scanner) structures(visit func()) {
	n, kind := t.list()
	if kind != thriftStruct && n > 0 {
		t.fail()
	}
	for range n {
		if t.failed {
			return
		}
		visit()
	}
}

// skip passes over a value.
func (t *scanner) skip(kind byte) {
	switch kind {
	case thriftTrue, thriftFalse:
	case thriftByte:
		t.byte()
	case thriftI16, thriftI32, thriftI64:
		t.uvarint()
	case thriftBinary:
		n := t.uvarint()
		if n > uint64(len(t.buf)) {
			t.fail()
			return
		}
		t.buf = t.buf[n:]
	case thriftList:
		t.skipList()
	case thriftStruct:
		t.fields(func(_ int16, kind byte) { t.skip(kind) })
	default:
		t.fail()
	}
}

// skipList passes over a list, whose booleans take a byte, other than those of fields.
func (t *scanner) skipList() {
	if t.depth++; t.depth > maxDepth {
		t.fail()
	}
	n, kind := t.list()
	if kind == thriftTrue || kind == thriftFalse {
		kind = thriftByte
	}
	for range n {
		if t.failed {
			break
		}
		t.skip(kind)
	}
	t.depth--
}

// prefix passes over these bytes if they come next.
func (t *scanner) prefix(b []byte) bool {
	if !bytes.HasPrefix(t.buf, b) {
		t.fail()
		return false
	}
	t.buf = t.buf[len(b):]
	return true
}

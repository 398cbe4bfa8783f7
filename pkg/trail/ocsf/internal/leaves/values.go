package leaves

import (
	"encoding/binary"
	"fmt"
	"strconv"
)

// The encodings (parquet.thrift, Encoding).
const (
	encPlain       = 0
	encPlainDict   = 2
	encRLE         = 3
	encBitPacked   = 4
	encDelta       = 5
	encDeltaLength = 6
	encDeltaBytes  = 7
	encRLEDict     = 8
)

// maxDelayed bounds the values of one page in encodings that need all lengths before
// the first value.
const maxDelayed = 4 << 20

// values decodes the values of one page, as text. What next returns is valid until
// the next call of it.
type values struct {
	physical, length int32
	encoding         int32
	b                []byte
	dict             [][]byte // of the column
	hybrid           hybrid
	bits             bitReader
	deltas           deltas
	lengths          []int32
	prefixes         []int32
	text             []byte // of numbers and prefixed values
}

// open begins a page of n values at most.
func (v *values) open(encoding int32, b []byte, n int) error {
	if encoding == encPlainDict {
		encoding = encRLEDict
	}
	v.encoding, v.b = encoding, b
	ok := false
	switch {
	case encoding == encPlain:
		v.bits, ok = bitReader{b: b}, true
	case encoding == encRLEDict:
		ok = v.openDict()
	case encoding == encRLE && v.physical == Boolean:
		ok = v.openBooleans()
	case encoding == encDelta && (v.physical == Int32 || v.physical == Int64):
		ok = len(b) == 0 || v.deltas.open(b)
	case encoding == encDeltaLength && v.physical == ByteArray:
		v.lengths, ok = v.delayed(v.lengths, n)
	case encoding == encDeltaBytes && (v.physical == ByteArray || v.physical == FixedByteArray):
		// A page's first value has no prefix. Arrow's writer for Go gives it one of the last
		// value of the page before, so that the text stays.
		if v.prefixes, ok = v.delayed(v.prefixes, n); ok && len(v.prefixes) > 0 {
			v.lengths, ok = v.delayed(v.lengths, n)
		}
	default:
		return fmt.Errorf("encoding of number %d cannot be read", encoding)
	}
	if !ok {
		return fmt.Errorf("values: %w", ErrCorrupt)
	}
	return nil
}

func (v *values) openDict() bool {
	if len(v.b) == 0 {
		v.hybrid = hybrid{} // a page of nulls
		return true
	}
	width := int(v.b[0])
	v.hybrid = newHybrid(v.b[1:], width)
	return width <= 32
}

func (v *values) openBooleans() bool {
	if len(v.b) < 4 {
		return len(v.b) == 0
	}
	n := binary.LittleEndian.Uint32(v.b)
	if uint64(n) > uint64(len(v.b)-4) {
		return false
	}
	v.hybrid = newHybrid(v.b[4:4+n], 1)
	return true
}

// delayed reads a list of lengths, and goes behind it.
func (v *values) delayed(into []int32, n int) ([]int32, bool) {
	into = into[:0]
	if len(v.b) == 0 {
		return into, true // a page of nulls
	}
	if !v.deltas.open(v.b) || v.deltas.left > uint64(n) || n > maxDelayed {
		return into, false
	}
	for v.deltas.left > 0 {
		k, ok := v.deltas.next()
		if !ok || k < 0 || k > 1<<31-1 {
			return into, false
		}
		into = append(into, int32(k))
	}
	v.b = v.deltas.b
	return into, true
}

// next is the next value.
func (v *values) next() (text []byte, ok bool) {
	switch v.encoding {
	case encRLEDict:
		i, ok := v.hybrid.next()
		if !ok || i >= uint64(len(v.dict)) {
			return nil, false
		}
		return v.dict[i], true
	case encRLE:
		bit, ok := v.hybrid.next()
		return boolean(bit), ok
	case encDelta:
		n, ok := v.deltas.next()
		return v.number(n), ok
	case encDeltaLength:
		return v.sized()
	case encDeltaBytes:
		return v.prefixed()
	}
	return v.plain()
}

func boolean(bit uint64) []byte {
	if bit&1 == 1 {
		return []byte("true")
	}
	return []byte("false")
}

func (v *values) number(n int64) []byte {
	v.text = strconv.AppendInt(v.text[:0], n, 10)
	return v.text
}

func (v *values) plain() ([]byte, bool) {
	switch v.physical {
	case Boolean:
		bit, ok := v.bits.next(1)
		return boolean(bit), ok
	case Int32:
		b, ok := v.take(4)
		if !ok {
			return nil, false
		}
		return v.number(int64(int32(binary.LittleEndian.Uint32(b)))), true
	case Int64:
		b, ok := v.take(8)
		if !ok {
			return nil, false
		}
		return v.number(int64(binary.LittleEndian.Uint64(b))), true
	case FixedByteArray:
		return v.take(int64(v.length))
	}
	b, ok := v.take(4)
	if !ok {
		return nil, false
	}
	return v.take(int64(binary.LittleEndian.Uint32(b)))
}

func (v *values) take(n int64) ([]byte, bool) {
	if n < 0 || n > int64(len(v.b)) {
		return nil, false
	}
	b := v.b[:n]
	v.b = v.b[n:]
	return b, true
}

func (v *values) sized() ([]byte, bool) {
	if len(v.lengths) == 0 {
		return nil, false
	}
	n := v.lengths[0]
	v.lengths = v.lengths[1:]
	return v.take(int64(n))
}

func (v *values) prefixed() ([]byte, bool) {
	if len(v.prefixes) == 0 || int(v.prefixes[0]) > len(v.text) {
		return nil, false
	}
	n := v.prefixes[0]
	v.prefixes = v.prefixes[1:]
	suffix, ok := v.sized()
	v.text = append(v.text[:n], suffix...)
	return v.text, ok
}

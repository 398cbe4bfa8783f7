package inflate

import (
	"encoding/binary"
	"errors"
	"io"
)

// Padding is how many bytes of capacity the input needs behind its end: the hot loop
// loads whole words, and looks whether it passed the end once a round.
const Padding = 64

// Slack is how many bytes the output needs behind the limit that a call is given: what
// a round that began before it writes, two literals and the longest match (258 bytes),
// and the rest of the last word.
const Slack = 336

// History is how far back a match may reach, in bytes (RFC 1951).
const History = 32 << 10

// ErrCorrupt is returned for data that is no DEFLATE stream.
var ErrCorrupt = errors.New("corrupt deflate data")

// blockKind is the state of an [Inflater].
type blockKind uint8

const (
	noBlock   blockKind = iota // a block header is next
	huffman                    // within a compressed block
	stored                     // within a stored block
	endStream                  // behind the last block
)

// Inflater decompresses one DEFLATE stream after the other. The zero value is ready
// for Reset. Not safe for concurrent use.
type Inflater struct {
	src []byte // with Padding behind its end
	pos int    // behind the last byte that is in bits
	// bits holds the next input bits, the first one lowest; count of them are counted as read,
	// and those above are the bytes at pos, which the next refill sets again.
	bits    uint64
	count   uint
	kind    blockKind
	final   bool
	left    int   // bytes of the stored block
	cut     bool  // the input ends within the stored block
	written int64 // bytes of this stream
	fixed   bool  // the tables hold the fixed codes
	lit     [litTable]uint32
	dist    [distTable]uint32
	pre     [1 << lenBits]uint32
	lens    [288 + 32]uint8
	codes   codeLengths
}

// Reset begins a stream at src[from:]. src must have Padding bytes of capacity behind
// its end, of any content, and must not change until the stream's end.
func (f *Inflater) Reset(src []byte, from int) {
	_ = src[:len(src)+Padding]
	f.src, f.pos, f.bits, f.count = src, from, 0, 0
	f.kind, f.final, f.written, f.cut = noBlock, false, 0, false
}

// Consumed is the position behind the stream within src, once Decode has returned
// io.EOF.
func (f *Inflater) Consumed() int { return f.pos - int(f.count>>3) }

// Decode writes decompressed bytes to buf[from:] until at least to is reached or the
// stream ends, and returns the position behind them; it is less than to+260. At the
// stream's end the error is io.EOF; else it is nil, [ErrCorrupt], or
// io.ErrUnexpectedEOF where the input ends too early.
//
// buf[:from] must end with what the stream wrote before, or its last [History] bytes,
// and buf must have [Slack] bytes behind to. It panics where it has not.
func (f *Inflater) Decode(buf []byte, from, to int) (int, error) {
	_ = buf[from : to+Slack]
	if int64(from) < min(f.written, History) {
		panic("inflate: the window lacks the stream's history")
	}
	at := from
	var err error
	for err == nil && f.kind != endStream && at < to {
		switch f.kind {
		case noBlock:
			err = f.header()
		case stored:
			at, err = f.copyStored(buf, at, to)
		case huffman:
			start := at
			at, err = f.block(buf, at, to, max(0, at-int(min(f.written, History))))
			f.written += int64(at - start)
		}
	}
	if err == nil && f.kind == endStream {
		err = io.EOF
	}
	return at, err
}

func (f *Inflater) copyStored(buf []byte, at, to int) (int, error) {
	n := copy(buf[at:to], f.src[f.pos:f.pos+f.left])
	f.pos += n
	f.left -= n
	f.written += int64(n)
	switch {
	case f.left > 0:
	case f.cut:
		return at + n, io.ErrUnexpectedEOF
	default:
		f.endBlock()
	}
	return at + n, nil
}

func (f *Inflater) endBlock() {
	f.kind = noBlock
	if f.final {
		f.kind = endStream
	}
}

// refill brings at least 56 bits in. Bits behind the input's end are of any value.
func (f *Inflater) refill() {
	f.bits |= binary.LittleEndian.Uint64(f.src[f.pos:f.pos+8:len(f.src)+Padding]) << (f.count & 63)
	f.pos += int((63 - f.count) >> 3)
	f.count |= 56
}

// take consumes n bits, at most those of a refill.
func (f *Inflater) take(n uint) int {
	v := f.bits & (1<<n - 1)
	f.bits >>= n
	f.count -= n
	return int(v)
}

// over reports whether more was taken than the input has.
func (f *Inflater) over() bool { return f.Consumed() > len(f.src) }

// header reads the header of a block, with its codes.
func (f *Inflater) header() error {
	if f.over() {
		return io.ErrUnexpectedEOF
	}
	f.refill()
	f.final = f.take(1) == 1
	kind := f.take(2)
	if f.over() {
		return io.ErrUnexpectedEOF
	}
	switch kind {
	case 0:
		return f.storedHeader()
	case 1:
		f.fixedCodes()
	case 2:
		if err := f.dynamicCodes(); err != nil {
			return err
		}
	default:
		return ErrCorrupt
	}
	f.kind = huffman
	return nil
}

func (f *Inflater) storedHeader() error {
	f.pos, f.bits, f.count = f.Consumed(), 0, 0
	if f.pos+4 > len(f.src) {
		return io.ErrUnexpectedEOF
	}
	n := binary.LittleEndian.Uint16(f.src[f.pos:])
	if n != ^binary.LittleEndian.Uint16(f.src[f.pos+2:]) {
		return ErrCorrupt
	}
	f.pos += 4
	f.left = int(n)
	f.kind = stored
	if rest := len(f.src) - f.pos; f.left > rest {
		f.left, f.cut = rest, true // what is there comes out before the error
	} else if f.left == 0 {
		f.endBlock()
	}
	return nil
}

// fixedCodes builds the tables of RFC 1951, 3.2.6.
func (f *Inflater) fixedCodes() {
	if f.fixed {
		return
	}
	for i := range 288 {
		switch {
		case i < 144:
			f.lens[i] = 8
		case i < 256:
			f.lens[i] = 9
		case i < 280:
			f.lens[i] = 7
		default:
			f.lens[i] = 8
		}
	}
	f.codes.build(f.lit[:], f.lens[:288], litBits, litEntries[:])
	for i := range 32 {
		f.lens[i] = 5
	}
	f.codes.build(f.dist[:], f.lens[:32], distBits, distEntries[:])
	f.fixed = true
}

// lenOrder is the order in which the lengths of the code of code lengths come.
var lenOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// dynamicCodes reads the codes of a block (RFC 1951, 3.2.7) and builds their tables.
func (f *Inflater) dynamicCodes() error {
	f.fixed = false
	literals, distances, lengths := f.take(5)+257, f.take(5)+1, f.take(4)+4
	if f.over() {
		return io.ErrUnexpectedEOF
	}
	if literals > maxLitLen || distances > maxDist {
		return ErrCorrupt
	}
	var pre [19]uint8
	for i := range lengths {
		f.refill()
		pre[lenOrder[i]] = uint8(f.take(3))
	}
	if f.over() {
		return io.ErrUnexpectedEOF
	}
	if !f.codes.build(f.pre[:], pre[:], lenBits, lenEntries[:]) {
		return ErrCorrupt
	}
	if err := f.readLengths(literals + distances); err != nil {
		return err
	}
	if !f.codes.build(f.lit[:], f.lens[:literals], litBits, litEntries[:]) ||
		!f.codes.build(f.dist[:], f.lens[literals:literals+distances], distBits, distEntries[:]) {
		return ErrCorrupt
	}
	return nil
}

// readLengths reads n code lengths, which are run-length coded themselves.
func (f *Inflater) readLengths(n int) error {
	for i := 0; i < n; {
		f.refill()
		entry := f.pre[f.bits&(1<<lenBits-1)]
		f.take(uint(entry & 15))
		symbol := uint8(entry >> 16)
		if entry&literal == 0 {
			return ErrCorrupt
		}
		value, repeat := symbol, 1
		switch symbol {
		case 16:
			if i == 0 {
				return ErrCorrupt
			}
			value, repeat = f.lens[i-1], 3+f.take(2)
		case 17:
			value, repeat = 0, 3+f.take(3)
		case 18:
			value, repeat = 0, 11+f.take(7)
		}
		if f.over() {
			return io.ErrUnexpectedEOF
		}
		if i+repeat > n {
			return ErrCorrupt
		}
		for range repeat {
			f.lens[i] = value
			i++
		}
	}
	return nil
}

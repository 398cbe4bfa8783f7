package leaves

import "encoding/binary"

// hybrid decodes runs and bit-packed groups (Encodings.md, RLE): levels, dictionary
// indexes, booleans.
type hybrid struct {
	b     []byte
	width int
	run   uint64 // how often value comes still
	value uint64
	bits  bitReader
	group uint64 // how many bit-packed values come still
}

func newHybrid(b []byte, width int) hybrid { return hybrid{b: b, width: width} }

func (h *hybrid) next() (uint64, bool) {
	for {
		switch {
		case h.run > 0:
			h.run--
			return h.value, true
		case h.group > 0:
			h.group--
			return h.bits.next(h.width)
		case !h.head():
			return 0, false
		}
	}
}

// head reads the head of a run or a group.
func (h *hybrid) head() bool {
	n, k := binary.Uvarint(h.b)
	if k <= 0 {
		return false
	}
	h.b = h.b[k:]
	if n&1 == 0 {
		return h.readRun(n >> 1)
	}
	if n>>1 > 1<<32 {
		return false
	}
	size := (n >> 1) * uint64(h.width)
	h.group = (n >> 1) * 8
	if size > uint64(len(h.b)) {
		size = uint64(len(h.b)) // the last group may lack its padding
	}
	h.bits = bitReader{b: h.b[:size]}
	h.b = h.b[size:]
	return true
}

func (h *hybrid) readRun(n uint64) bool {
	size := (h.width + 7) / 8
	if len(h.b) < size {
		return false
	}
	h.run, h.value = n, 0
	for i := range size {
		h.value |= uint64(h.b[i]) << (8 * i)
	}
	h.b = h.b[size:]
	return true
}

// bitReader reads values of a fixed width, the lowest bit first.
type bitReader struct {
	b  []byte
	at uint64 // bit
}

func (s *bitReader) next(width int) (v uint64, ok bool) {
	end := s.at + uint64(width)
	if end > 8*uint64(len(s.b)) {
		return 0, false
	}
	for got := 0; got < width; {
		take := min(8-int(s.at&7), width-got)
		v |= uint64(s.b[s.at>>3]>>(s.at&7)&(1<<take-1)) << got
		got += take
		s.at += uint64(take)
	}
	return v, true
}

// oldLevels are levels in the deprecated encoding BIT_PACKED: the highest bit first.
type oldLevels struct {
	b  []byte
	at uint64
}

func (s *oldLevels) next(width int) (v uint64, ok bool) {
	if s.at+uint64(width) > 8*uint64(len(s.b)) {
		return 0, false
	}
	for range width {
		v = v<<1 | uint64(s.b[s.at>>3]>>(7-s.at&7)&1)
		s.at++
	}
	return v, true
}

// deltas decodes DELTA_BINARY_PACKED.
type deltas struct {
	b              []byte
	perMini, minis uint64
	left           uint64 // values still to come, the first one among them
	last           int64
	first          bool
	minDelta       int64
	widths         []byte // of the minis still to come of the block
	bits           bitReader
	width          int
	inMini         uint64 // values still to come
}

// maxDelta bounds the values of a block, of which writers have 128.
const maxDelta = 1 << 20

// open reads the head.
func (d *deltas) open(b []byte) bool {
	*d = deltas{b: b, first: true}
	size, ok1 := d.varint()
	minis, ok2 := d.varint()
	left, ok3 := d.varint()
	last, ok4 := d.zigzag()
	if !ok1 || !ok2 || !ok3 || !ok4 || minis == 0 || size > maxDelta || size%minis != 0 || size/minis%8 != 0 || size == 0 {
		return false
	}
	d.perMini, d.minis, d.left, d.last = size/minis, minis, left, last
	return true
}

func (d *deltas) varint() (uint64, bool) {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		return 0, false
	}
	d.b = d.b[n:]
	return v, true
}

func (d *deltas) zigzag() (int64, bool) {
	v, ok := d.varint()
	return int64(v>>1) ^ -int64(v&1), ok
}

func (d *deltas) next() (int64, bool) {
	if d.left == 0 {
		return 0, false
	}
	d.left--
	if d.first {
		d.first = false
		return d.last, true
	}
	if d.inMini == 0 && !d.mini() {
		return 0, false
	}
	d.inMini--
	v, ok := d.bits.next(d.width)
	d.last += int64(v) + d.minDelta
	return d.last, ok
}

// mini begins a miniblock, and the block that it is in.
func (d *deltas) mini() bool {
	if len(d.widths) == 0 {
		var ok bool
		if d.minDelta, ok = d.zigzag(); !ok || uint64(len(d.b)) < d.minis {
			return false
		}
		d.widths, d.b = d.b[:d.minis], d.b[d.minis:]
	}
	d.width, d.widths = int(d.widths[0]), d.widths[1:]
	size := d.perMini / 8 * uint64(d.width)
	if d.width > 64 || size > uint64(len(d.b)) {
		return false
	}
	d.bits = bitReader{b: d.b[:size]}
	d.b, d.inMini = d.b[size:], d.perMini
	return true
}

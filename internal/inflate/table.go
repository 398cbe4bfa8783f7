package inflate

import "math/bits"

// Codes are decoded by tables: the next bits of the input are an index, and the entry
// tells the symbol and how many bits it took. Codes longer than the index lead to a
// subtable.
//
// An entry is 32 bits:
//
//	literal          1<<31 | literal<<16 | bits
//	length, distance base<<16 | codeBits<<8 | codeBits+extraBits
//	subtable         exceptional | subtable | start<<16 | indexBits<<8 | bits
//	end of block     exceptional | endOfBlock | bits
//	no such code     exceptional
const (
	literal     = 1 << 31
	exceptional = 1 << 15
	subtable    = 1 << 14
	endOfBlock  = 1 << 13

	litBits  = 11
	distBits = 8
	lenBits  = 7

	maxLitLen = 286 // symbols that RFC 1951 defines, of 288
	maxDist   = 30  // of 32
	maxBits   = 15

	// Sizes of the tables in the worst case, as zlib's "enough" computes them: 288
	// symbols at 11 index bits, and 32 at 8, with codes of up to 15 bits.
	litTable  = 2342
	distTable = 402
)

// RFC 1951, 3.2.5: bases and extra bits of lengths and distances.
var (
	lengthBase   = [29]uint16{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra  = [29]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distanceBase = [maxDist]uint16{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	distanceXtra = [maxDist]uint8{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
)

// The entries of each alphabet's symbols, but for the bits of their codes.
var (
	litEntries  = literalEntries()
	distEntries = distanceEntries()
	lenEntries  = plainEntries()
)

func literalEntries() (out [288]uint32) {
	for i := range out {
		switch {
		case i < 256:
			out[i] = literal | uint32(i)<<16
		case i == 256:
			out[i] = exceptional | endOfBlock
		case i < maxLitLen:
			out[i] = uint32(lengthBase[i-257])<<16 | uint32(lengthExtra[i-257])
		default:
			out[i] = exceptional
		}
	}
	return out
}

func distanceEntries() (out [32]uint32) {
	for i := range out {
		out[i] = exceptional
		if i < maxDist {
			out[i] = uint32(distanceBase[i])<<16 | uint32(distanceXtra[i])
		}
	}
	return out
}

// plainEntries are those of the alphabet of code lengths: the symbol itself.
func plainEntries() (out [19]uint32) {
	for i := range out {
		out[i] = literal | uint32(i)<<16
	}
	return out
}

// withBits adds the bits of a code to a symbol's entry.
func withBits(entry, n uint32) uint32 {
	if entry&(literal|exceptional) != 0 {
		return entry + n
	}
	return entry + n<<8 + n
}

// codeLengths are the symbols of a code, sorted by the length of their codes, and how
// many there are of each length.
type codeLengths struct {
	count  [maxBits + 1]int
	sorted [288]uint16
	total  int
}

// sort reads the lengths. It reports whether they make a code that compress/flate
// takes: a complete one, a single symbol of one bit, or none at all.
func (c *codeLengths) sort(lens []uint8) (ok bool) {
	c.count = [maxBits + 1]int{}
	for _, l := range lens {
		c.count[l&maxBits]++
	}
	c.total = len(lens) - c.count[0]
	c.count[0] = 0
	left := 1
	var at [maxBits + 2]int
	for l := 1; l <= maxBits; l++ {
		left = left<<1 - c.count[l]
		if left < 0 {
			return false
		}
		at[l+1] = at[l] + c.count[l]
	}
	for s, l := range lens {
		if l != 0 {
			c.sorted[at[l&maxBits]] = uint16(s)
			at[l&maxBits]++
		}
	}
	return left == 0 || c.total == 0 || c.total == 1 && c.count[1] == 1
}

// build fills a table with the code of the given lengths; index is the number of its
// index bits. It reports whether the lengths make a code.
func (c *codeLengths) build(table []uint32, lens []uint8, index uint, entries []uint32) bool {
	if !c.sort(lens) {
		return false
	}
	if c.total <= 1 {
		c.degenerate(table[:1<<index], entries)
		return true
	}
	c.complete(table, index, entries)
	return true
}

// degenerate fills a table with a code of one symbol or none: of the codes, "0" is the
// symbol and all others are none.
func (c *codeLengths) degenerate(table, entries []uint32) {
	for i := range table {
		table[i] = exceptional
		if c.total == 1 && i&1 == 0 {
			table[i] = withBits(entries[c.sorted[0]], 1)
		}
	}
}

// complete fills a table with a complete code. Codes are counted up in the bit order
// in which they are read, the first bit lowest; whenever the length grows, the table
// that is filled so far is doubled.
func (c *codeLengths) complete(table []uint32, index uint, entries []uint32) {
	length := uint(1)
	filled := uint(2) // entries below are of codes up to length
	code, next := uint(0), 0
	for ; length <= index; length++ {
		for range c.count[length] {
			table[code] = withBits(entries[c.sorted[next]], uint32(length))
			next++
			code = increment(code, length)
		}
		if length < index {
			copy(table[filled:2*filled], table[:filled])
			filled *= 2
		}
	}
	if next < c.total {
		c.long(table, index, entries, code, next)
	}
}

// long fills the subtables with the codes that are longer than the index.
func (c *codeLengths) long(table []uint32, index uint, entries []uint32, code uint, next int) {
	start, end := uint(0), uint(1)<<index // of the subtable at hand, behind it
	prefix := ^uint(0)
	left := 0
	for length := index + 1; length <= maxBits; length++ {
		left = c.count[length]
		for ; left > 0; left-- {
			if low := code & (1<<index - 1); low != prefix {
				prefix = low
				start = end
				width := c.subtableBits(length, index, left)
				end = start + 1<<width
				table[prefix] = exceptional | subtable | uint32(start)<<16 | uint32(width)<<8 | uint32(index)
			}
			entry := withBits(entries[c.sorted[next]], uint32(length-index))
			next++
			for i := start + code>>index; i < end; i += 1 << (length - index) {
				table[i] = entry
			}
			code = increment(code, length)
		}
	}
}

// subtableBits is the width of the subtable that begins with a code of the length, of
// which left are not placed yet: as many bits as its longest code has.
func (c *codeLengths) subtableBits(length, index uint, left int) uint {
	width := length - index
	used := left
	for used < 1<<width && index+width < maxBits {
		width++
		used = used<<1 + c.count[index+width]
	}
	return width
}

// increment is the next code of a length, in reversed bit order.
func increment(code, length uint) uint {
	ones := uint(1)<<length - 1
	if code == ones {
		return 0
	}
	bit := uint(1) << (bits.Len(code^ones) - 1)
	return code&(bit-1) | bit
}

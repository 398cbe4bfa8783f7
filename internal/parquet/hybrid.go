package parquet

import "encoding/binary"

// appendHybrid appends small numbers of a width in bits in Parquet's mixture of
// repeated values and packed groups of eight.
func appendHybrid(dst []byte, values []uint32, width int) []byte {
	for i := 0; i < len(values); {
		if n := repeated(values[i:]); n >= 8 {
			dst = appendRun(dst, values[i], n, width)
			i += n
			continue
		}
		j := i + 8
		for j < len(values) && !repeats(values[j:]) {
			j += 8
		}
		dst = appendPacked(dst, values[i:min(j, len(values))], width)
		i = j
	}
	return dst
}

// repeated counts how often the first value stands at the start.
func repeated(values []uint32) int {
	n := 1
	for n < len(values) && values[n] == values[0] {
		n++
	}
	return n
}

// repeats reports whether at least eight equal values stand at the start.
func repeats(values []uint32) bool {
	return len(values) >= 8 && repeated(values[:8]) == 8
}

func appendRun(dst []byte, value uint32, n, width int) []byte {
	dst = binary.AppendUvarint(dst, uint64(n)<<1)
	for ; width > 0; width -= 8 {
		dst = append(dst, byte(value))
		value >>= 8
	}
	return dst
}

// appendPacked packs values, filled up with zeros to a whole group.
func appendPacked(dst []byte, values []uint32, width int) []byte {
	groups := (len(values) + 7) / 8
	dst = binary.AppendUvarint(dst, uint64(groups)<<1|1)
	bits, filled := uint64(0), 0
	for i := range groups * 8 {
		if i < len(values) {
			bits |= uint64(values[i]) << filled
		}
		for filled += width; filled >= 8; filled -= 8 {
			dst = append(dst, byte(bits))
			bits >>= 8
		}
	}
	return dst
}

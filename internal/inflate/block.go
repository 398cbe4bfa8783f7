package inflate

import (
	"encoding/binary"
	"io"
	"unsafe"
)

// load is the 8 bytes at p+i, the first one lowest. The input is padded, so that they
// may lie behind its end.
func load(p unsafe.Pointer, i int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(p, i))[:])
}

// block decodes symbols of a compressed block to buf[at:] until to is reached or the
// block ends. floor is the first byte of buf that a match may reach.
//
// Bounds: a round begins with pos ≤ len(src)+16 and refills at most twice more, each
// time by at most 8 bytes, of which it loads 8: it stays within len(src)+Padding. It
// writes at most three literals, or two and a match of 258 bytes in words of 32, from
// below to: it stays within to+Slack. A match reads from floor on, as it is checked.
func (f *Inflater) block(buf []byte, at, to, floor int) (int, error) {
	in := unsafe.Pointer(unsafe.SliceData(f.src))
	out := unsafe.Pointer(unsafe.SliceData(buf))
	lit, dist := &f.lit, &f.dist
	pos, data, count := f.pos, f.bits, uint32(f.count)
	limit := len(f.src) + 16
	var err error

	if pos > limit {
		return at, io.ErrUnexpectedEOF
	}
	data |= load(in, pos) << (count & 63)
	pos += int(7 - (count>>3)&7)
	count |= 56
	entry := lit[data&(1<<litBits-1)]
	// Each round: at least 56 bits are there, less those of the entry at hand.
	for at < to && pos <= limit {
		if int32(entry) < 0 {
			// Three literals of at most 11 bits, before the next refill.
			data >>= entry & 63
			count -= entry & 63
			*(*uint8)(unsafe.Add(out, at)) = uint8(entry >> 16)
			at++
			entry = lit[data&(1<<litBits-1)]
			if int32(entry) < 0 {
				data >>= entry & 63
				count -= entry & 63
				*(*uint8)(unsafe.Add(out, at)) = uint8(entry >> 16)
				at++
				entry = lit[data&(1<<litBits-1)]
				if int32(entry) < 0 {
					data >>= entry & 63
					count -= entry & 63
					*(*uint8)(unsafe.Add(out, at)) = uint8(entry >> 16)
					at++
					data |= load(in, pos) << (count & 63)
					pos += int(7 - (count>>3)&7)
					count |= 56
					entry = lit[data&(1<<litBits-1)]
					continue
				}
			}
		}
		if entry&exceptional != 0 {
			if entry&subtable != 0 {
				data >>= litBits
				count -= litBits
				i := entry>>16&0xfff + uint32(data)&(1<<(entry>>8&15)-1)
				entry = lit[min(i, litTable-1)]
				if int32(entry) < 0 {
					data >>= entry & 63
					count -= entry & 63
					*(*uint8)(unsafe.Add(out, at)) = uint8(entry >> 16)
					at++
					data |= load(in, pos) << (count & 63)
					pos += int(7 - (count>>3)&7)
					count |= 56
					entry = lit[data&(1<<litBits-1)]
					continue
				}
			}
			if entry&endOfBlock != 0 {
				data >>= entry & 63
				count -= entry & 63
				f.endBlock()
				break
			}
			if entry&exceptional != 0 {
				err = ErrCorrupt
				break
			}
		}
		// A length: at most 20 bits, and at least 56-22 are there.
		saved := data
		data >>= entry & 63
		count -= entry & 63
		length := int(entry>>16) + int(saved&(1<<(entry&63)-1)>>(entry>>8&31))
		data |= load(in, pos) << (count & 63)
		pos += int(7 - (count>>3)&7)
		count |= 56
		entry = dist[data&(1<<distBits-1)]
		if entry&exceptional != 0 {
			if entry&subtable == 0 {
				err = ErrCorrupt
				break
			}
			data >>= distBits
			count -= distBits
			i := entry>>16&0xfff + uint32(data)&(1<<(entry>>8&15)-1)
			entry = dist[min(i, distTable-1)]
			if entry&exceptional != 0 {
				err = ErrCorrupt
				break
			}
		}
		saved = data
		data >>= entry & 63
		count -= entry & 63
		back := int(entry>>16) + int(saved&(1<<(entry&63)-1)>>(entry>>8&31))
		if back > at-floor {
			err = ErrCorrupt
			break
		}
		// The next symbol is looked up before the copy, which takes longer.
		data |= load(in, pos) << (count & 63)
		pos += int(7 - (count>>3)&7)
		count |= 56
		entry = lit[data&(1<<litBits-1)]
		dst := unsafe.Add(out, at)
		src := unsafe.Add(dst, -back)
		at += length
		end := unsafe.Add(out, at)
		switch {
		case back >= 16:
			for {
				*(*[16]byte)(dst) = *(*[16]byte)(src)
				*(*[16]byte)(unsafe.Add(dst, 16)) = *(*[16]byte)(unsafe.Add(src, 16))
				dst, src = unsafe.Add(dst, 32), unsafe.Add(src, 32)
				if uintptr(dst) >= uintptr(end) {
					break
				}
			}
		case back >= 8:
			for uintptr(dst) < uintptr(end) {
				*(*uint64)(dst) = *(*uint64)(src)
				dst, src = unsafe.Add(dst, 8), unsafe.Add(src, 8)
			}
		default:
			// Each copy repeats the pattern of back bytes, and begins where it ends.
			for uintptr(dst) < uintptr(end) {
				*(*uint64)(dst) = *(*uint64)(src)
				dst, src = unsafe.Add(dst, back), unsafe.Add(src, back)
			}
		}
	}
	f.pos, f.bits, f.count = pos, data, uint(count&63)
	if err == nil && (f.over() || f.kind == huffman && at < to) {
		err = io.ErrUnexpectedEOF
	}
	return at, err
}

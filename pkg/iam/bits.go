package iam

import "encoding/binary"

// bits is a set of positions over all right-hand patterns.
type bits []uint64

func (b bits) set(i int) { b[i>>6] |= 1 << (uint(i) & 63) }

func (b bits) has(i int) bool { return b[i>>6]>>(uint(i)&63)&1 != 0 }

// within reports b ⊆ c.
func (b bits) within(c bits) bool {
	for i := range b {
		if b[i]&^c[i] != 0 {
			return false
		}
	}
	return true
}

func (b bits) meets(c bits) bool {
	for i := range b {
		if b[i]&c[i] != 0 {
			return true
		}
	}
	return false
}

func (b bits) key() string {
	out := make([]byte, 0, 8*len(b))
	for _, x := range b {
		out = binary.LittleEndian.AppendUint64(out, x)
	}
	return string(out)
}

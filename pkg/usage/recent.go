package usage

import (
	"bytes"
	"hash/maphash"
)

// recent remembers what texts came to, so that one that comes again is not worked
// on again. A slot holds the last text that fell in it: memory is bounded, and
// texts that are made to collide only cost what they would cost without it.
type recent[V any] struct {
	seed  maphash.Seed
	size  int
	slots []recentText[V]
}

type recentText[V any] struct {
	kind  byte // of text; 0 in an empty slot
	raw   []byte
	value V
}

// maxRecent bounds the texts that are remembered, in bytes.
const maxRecent = 1 << 10

func newRecent[V any](size int) recent[V] {
	return recent[V]{seed: maphash.MakeSeed(), size: size}
}

// slot is where a text belongs, nil where it is too long to be remembered.
func (c *recent[V]) slot(kind byte, raw []byte) *recentText[V] {
	if len(raw) > maxRecent {
		return nil
	}
	if c.slots == nil {
		c.slots = make([]recentText[V], c.size)
	}
	return &c.slots[(maphash.Bytes(c.seed, raw)+uint64(kind))%uint64(c.size)]
}

// holds reports whether value is that of the text.
func (s *recentText[V]) holds(kind byte, raw []byte) bool {
	return s != nil && s.kind == kind && bytes.Equal(s.raw, raw)
}

// set remembers the value of a text.
func (s *recentText[V]) set(kind byte, raw []byte, value V) {
	if s != nil {
		s.kind, s.raw, s.value = kind, append(s.raw[:0], raw...), value
	}
}

// appendTexts appends texts so that no other texts look like them together.
func appendTexts(dst []byte, texts ...string) []byte {
	for _, s := range texts {
		dst = append(dst, byte(len(s)), byte(len(s)>>8), byte(len(s)>>16), byte(len(s)>>24))
		dst = append(dst, s...)
	}
	return dst
}

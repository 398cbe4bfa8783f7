package usage

import (
	"hash/maphash"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// maxText bounds one text of a row, in bytes; what is longer is cut. Nothing
// that AWS names is as long.
const maxText = 4096

// interner numbers texts. Number 0 is "". The texts lie in blocks, and nothing
// here is a pointer to one of them, so that there may be many.
type interner struct {
	seed   maphash.Seed
	slots  []slot // by the hash of a text; a power of two long
	refs   []textRef
	blocks [][]byte
}

// textRef says where a text lies.
type textRef struct {
	hash           uint32
	block, at, len uint32
}

// textBlock is the size of a block, in bytes; a longer text has its own.
const textBlock = 1 << 16

func newInterner() interner {
	in := interner{seed: maphash.MakeSeed(), slots: make([]slot, firstSlots)}
	in.number("")
	return in
}

// at is the text of number n.
func (in *interner) at(n uint32) string {
	r := in.refs[n]
	if r.len == 0 {
		return ""
	}
	return unsafe.String(&in.blocks[r.block][r.at], r.len)
}

// id numbers s, which may be borrowed: a new text is copied, and made valid
// UTF-8, since the columns on disk are.
func (in *interner) id(s string) uint32 {
	h := uint32(maphash.String(in.seed, s))
	n, slot := in.find(s, h)
	if n != 0 || s == "" {
		return n
	}
	if t := cleanText(s); t != s {
		return in.id(t)
	}
	return in.add(s, h, slot)
}

// number is id for a text that is kept as it is.
func (in *interner) number(s string) uint32 {
	h := uint32(maphash.String(in.seed, s))
	n, slot := in.find(s, h)
	if n != 0 || s == "" && len(in.refs) > 0 {
		return n
	}
	return in.add(s, h, slot)
}

// bytes is number for bytes, which are copied.
func (in *interner) bytes(b []byte) uint32 {
	return in.number(unsafe.String(unsafe.SliceData(b), len(b)))
}

// find returns the number of s, or 0 and the slot for it. The caller knows "".
func (in *interner) find(s string, h uint32) (n uint32, slot int) {
	mask := len(in.slots) - 1
	slot = int(h) & mask
	for ; in.slots[slot] != 0; slot = (slot + 1) & mask {
		if e := in.slots[slot]; e.hash() == h && in.at(e.number()) == s {
			return e.number(), slot
		}
	}
	return 0, slot
}

// add copies a new text.
func (in *interner) add(s string, h uint32, at int) uint32 {
	last := len(in.blocks) - 1
	if last < 0 || cap(in.blocks[last])-len(in.blocks[last]) < len(s) {
		in.blocks = append(in.blocks, make([]byte, 0, max(textBlock, len(s))))
		last++
	}
	n := uint32(len(in.refs))
	block := &in.blocks[last]
	in.refs = append(in.refs, textRef{h, uint32(last), uint32(len(*block)), uint32(len(s))})
	*block = append(*block, s...)
	in.slots[at] = newSlot(h, n)
	if 4*len(in.refs) > 3*len(in.slots) {
		in.grow()
	}
	return n
}

// grow doubles the slots.
func (in *interner) grow() {
	in.slots = make([]slot, 2*len(in.slots))
	mask := len(in.slots) - 1
	for n, r := range in.refs {
		i := int(r.hash) & mask
		for in.slots[i] != 0 {
			i = (i + 1) & mask
		}
		in.slots[i] = newSlot(r.hash, uint32(n))
	}
}

// cleanText makes s valid UTF-8 and at most maxText bytes long.
func cleanText(s string) string {
	if len(s) > maxText {
		n := maxText
		for n > maxText-utf8.UTFMax && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	if utf8.ValidString(s) {
		return s
	}
	// A replacement is longer than what it replaces: cut again.
	return cleanText(strings.ToValidUTF8(s, "\uFFFD"))
}

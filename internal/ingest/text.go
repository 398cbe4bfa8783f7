package ingest

import (
	"hash/maphash"
	"strings"
)

const (
	// textSlots is the number of texts that are looked for. A power of two.
	textSlots = 1 << 12
	// textBlock is the number of bytes that texts are copied to at a time.
	textBlock = 32 << 10
)

// texts copies what the resolver lends for the rows of a day: once for each of the texts
// that came lately. Texts that stand side by side in memory cost less to make and to
// collect than each on its own.
type texts struct {
	seed  maphash.Seed
	slots []string        // at the places that their hashes tell
	block strings.Builder // where the next ones go
}

func newTexts() texts { return texts{seed: maphash.MakeSeed(), slots: make([]string, textSlots)} }

func (t *texts) of(lent string) string {
	switch lent {
	case "":
		return ""
	case "*":
		return "*"
	}
	slot := &t.slots[maphash.String(t.seed, lent)%textSlots]
	if *slot != lent {
		*slot = t.copy(lent)
	}
	return *slot
}

func (t *texts) copy(s string) string {
	if len(s) > textBlock/8 {
		return strings.Clone(s)
	}
	at := t.block.Len()
	if at+len(s) > t.block.Cap() { // what is there stays where it is
		t.block, at = strings.Builder{}, 0
		t.block.Grow(textBlock)
	}
	t.block.WriteString(s)
	return t.block.String()[at:]
}

// endDay forgets all texts, which stay with the rows that have them.
func (t *texts) endDay() {
	clear(t.slots)
	t.block = strings.Builder{}
}

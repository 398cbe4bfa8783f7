package leaves

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
)

// maxDictionary bounds the entries of a dictionary, of which 24 bytes are kept each.
const maxDictionary = 1 << 20

// Column reads one column of one row group, row by row.
type Column struct {
	leaf   Leaf
	pages  pager
	vals   values
	inPage int64 // values of the page still to come
	left   int64 // values of the column still to come, by the footer

	rep, def       hybrid
	oldRep, oldDef oldLevels
	isOldRep       bool
	isOldDef       bool

	// The value that comes next.
	level, again int
	text         []byte
	ready        bool
}

// Group opens columns of a row group; those of another one are no longer valid.
func (f *File) Group(group int, wanted []Leaf, reuse []*Column) ([]*Column, error) {
	columns := reuse[:0]
	f.held = 0
	for i, leaf := range wanted {
		c := new(Column)
		if i < len(reuse) {
			c = reuse[i]
		}
		if err := c.open(f, leaf, &f.groups[group].chunks[leaf.column]); err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	return columns, nil
}

func (c *Column) open(f *File, leaf Leaf, chunk *chunk) error {
	*c = Column{leaf: leaf, pages: c.pages, left: chunk.values}
	f.held += int64(cap(c.pages.page))
	c.vals = values{physical: leaf.Type, length: leaf.length}
	return c.pages.open(f, chunk)
}

// Row calls fn for each value of the next row, of which there is more than one only
// within lists and maps. level is Leaf.Level where the value is there; else the value
// is absent, and text nil. text is valid during the call.
func (c *Column) Row(fn func(level int, text []byte) error) error {
	if !c.ready {
		if err := c.advance(); err != nil {
			return err
		}
	}
	if c.again != 0 {
		return fmt.Errorf("column does not begin with a row: %w", ErrCorrupt)
	}
	for {
		if err := fn(c.level, c.text); err != nil {
			return err
		}
		c.ready = false
		if c.leaf.repetition == 0 || c.left == 0 {
			return nil
		}
		if err := c.advance(); err != nil {
			return err
		}
		if c.again == 0 {
			return nil
		}
	}
}

// End reports an error where the column goes on behind the last row.
func (c *Column) End() error {
	if c.ready || c.left > 0 {
		return fmt.Errorf("column has more values than there are rows: %w", ErrCorrupt)
	}
	return nil
}

// advance reads the next value.
func (c *Column) advance() error {
	if c.left == 0 {
		return fmt.Errorf("column has fewer values than there are rows: %w", ErrCorrupt)
	}
	for c.inPage == 0 {
		if err := c.page(); err != nil {
			return err
		}
	}
	c.inPage--
	c.left--
	again, ok1 := c.levelOf(&c.rep, &c.oldRep, c.isOldRep, c.leaf.repetition)
	level, ok2 := c.levelOf(&c.def, &c.oldDef, c.isOldDef, c.leaf.Level)
	if !ok1 || !ok2 {
		return fmt.Errorf("levels: %w", ErrCorrupt)
	}
	c.again, c.level, c.text = again, level, nil
	if level == c.leaf.Level {
		if c.text, ok1 = c.vals.next(); !ok1 {
			return fmt.Errorf("values: %w", ErrCorrupt)
		}
	}
	c.ready = true
	return nil
}

func (c *Column) levelOf(h *hybrid, o *oldLevels, old bool, most int) (int, bool) {
	if most == 0 {
		return 0, true
	}
	var v uint64
	var ok bool
	if old {
		v, ok = o.next(widthOf(most))
	} else {
		v, ok = h.next()
	}
	return int(v), ok && v <= uint64(most)
}

func widthOf(most int) int { return bits.Len(uint(most)) }

// page reads the next page, and the dictionary before it.
func (c *Column) page() error {
	if err := c.pages.next(); err != nil {
		if err == io.EOF {
			err = fmt.Errorf("column ends too early: %w", ErrCorrupt)
		}
		return err
	}
	h := &c.pages.head
	switch h.kind {
	case pageDict:
		return c.dictionary()
	case pageData:
		return c.dataPage()
	case pageDataV2:
		return c.dataPageV2()
	}
	return nil
}

func (c *Column) dictionary() error {
	h := &c.pages.head
	switch {
	case c.vals.dict != nil:
		return fmt.Errorf("column has two dictionaries: %w", ErrCorrupt)
	case h.encoding != encPlain && h.encoding != encPlainDict:
		return fmt.Errorf("dictionary in an encoding of number %d cannot be read", h.encoding)
	case h.values > maxDictionary:
		return fmt.Errorf("dictionary of more than %d entries: %w", maxDictionary, ErrLimit)
	case c.leaf.Type == Boolean:
		return fmt.Errorf("dictionary of booleans: %w", ErrCorrupt)
	}
	// The page stays: the entries point into it, and the next page gets memory of its
	// own.
	page := c.pages.page
	c.pages.page = nil
	v := values{physical: c.leaf.Type, length: c.leaf.length, encoding: encPlain, b: page}
	dict := [][]byte{}
	numbers := c.leaf.Type == Int32 || c.leaf.Type == Int64
	for range h.values {
		text, ok := v.next()
		if !ok {
			return fmt.Errorf("dictionary: %w", ErrCorrupt)
		}
		if numbers {
			text = append([]byte(nil), text...)
		}
		dict = append(dict, text)
	}
	c.vals.dict = dict
	return nil
}

// dataPage begins a page of version 1: both kinds of levels, each behind its length,
// then the values.
func (c *Column) dataPage() error {
	h, b := &c.pages.head, c.pages.page
	var ok1, ok2 bool
	c.rep, c.oldRep, b, ok1 = levels(b, h.repEncoding, h.values, c.leaf.repetition)
	c.def, c.oldDef, b, ok2 = levels(b, h.defEncoding, h.values, c.leaf.Level)
	if !ok1 || !ok2 {
		return fmt.Errorf("levels: %w", ErrCorrupt)
	}
	c.isOldRep, c.isOldDef = h.repEncoding == encBitPacked, h.defEncoding == encBitPacked
	c.inPage = int64(h.values)
	return c.vals.open(h.encoding, b, int(h.values))
}

func levels(b []byte, encoding, values int32, most int) (h hybrid, o oldLevels, rest []byte, ok bool) {
	if most == 0 {
		return h, o, b, true
	}
	width := widthOf(most)
	if encoding == encBitPacked {
		n := (int64(values)*int64(width) + 7) / 8
		if n > int64(len(b)) {
			return h, o, nil, false
		}
		return h, oldLevels{b: b[:n]}, b[n:], true
	}
	if encoding != encRLE || len(b) < 4 {
		return h, o, nil, false
	}
	n := int64(binary.LittleEndian.Uint32(b))
	if n > int64(len(b)-4) {
		return h, o, nil, false
	}
	return newHybrid(b[4:4+n], width), o, b[4+n:], true
}

// dataPageV2 begins a page of version 2, whose header has the lengths.
func (c *Column) dataPageV2() error {
	h, b := &c.pages.head, c.pages.page
	c.rep = newHybrid(b[:h.repSize], widthOf(c.leaf.repetition))
	b = b[h.repSize:]
	c.def = newHybrid(b[:h.defSize], widthOf(c.leaf.Level))
	c.isOldRep, c.isOldDef = false, false
	c.inPage = int64(h.values)
	return c.vals.open(h.encoding, b[h.defSize:], int(h.values))
}

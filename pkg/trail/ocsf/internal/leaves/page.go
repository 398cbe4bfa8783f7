package leaves

import (
	"bufio"
	"fmt"
	"hash/crc32"
	"io"
)

// headerSize bounds a page's header in bytes. Writers cut the statistics in it at 4 KiB.
const headerSize = 64 << 10

// The types of pages (parquet.thrift, PageType).
const (
	pageData   = 0
	pageDict   = 2
	pageDataV2 = 3
)

// header is a page's.
type header struct {
	kind                     int32
	size, stored             int32 // decompressed and compressed
	crc                      uint32
	hasCRC                   bool
	values, encoding         int32
	defEncoding, repEncoding int32
	defSize, repSize         int32 // version 2
	plain                    bool  // version 2, not compressed
}

// pager reads the pages of one column of one row group.
type pager struct {
	file   *File
	codec  int32
	in     *bufio.Reader
	left   int64 // bytes of the chunk
	stored []byte
	page   []byte // decompressed
	head   header
}

// open goes to the first page.
func (p *pager) open(f *File, c *chunk) error {
	start := c.data
	if c.dict > 0 && c.dict < start {
		start = c.dict
	}
	switch {
	case c.elsewhere:
		return fmt.Errorf("columns in other files cannot be read")
	case start < int64(len(Magic)), c.size < 0, c.values < 0, start > f.size, c.size > f.size-start:
		return fmt.Errorf("column lies outside the file: %w", ErrCorrupt)
	}
	section := io.NewSectionReader(f.r, start, c.size)
	if p.in == nil {
		p.in = bufio.NewReaderSize(section, headerSize)
	} else {
		p.in.Reset(section)
	}
	p.file, p.codec, p.left = f, c.codec, c.size
	return nil
}

// next reads the next page. io.EOF is the end of the column.
func (p *pager) next() error {
	if p.left == 0 {
		return io.EOF
	}
	if err := p.header(); err != nil {
		return err
	}
	h := &p.head
	switch {
	case h.size < 0 || h.stored < 0 || h.values < 0 || int64(h.stored) > p.left:
		return fmt.Errorf("page has an impossible size: %w", ErrCorrupt)
	case int64(h.size) > p.file.limits.MaxPage:
		return fmt.Errorf("page of more than %d bytes: %w", p.file.limits.MaxPage, ErrLimit)
	}
	p.left -= int64(h.stored)
	if h.kind != pageData && h.kind != pageDict && h.kind != pageDataV2 {
		_, err := p.in.Discard(int(h.stored))
		return err
	}
	p.stored = room(p.stored, int(h.stored))
	if _, err := io.ReadFull(p.in, p.stored); err != nil {
		return err
	}
	if h.hasCRC && crc32.ChecksumIEEE(p.stored) != h.crc {
		return fmt.Errorf("page has another checksum: %w", ErrCorrupt)
	}
	return p.decompress()
}

func (p *pager) decompress() (err error) {
	h := &p.head
	before := int64(cap(p.page))
	if p.file.held-before+int64(h.size) > p.file.limits.MaxHeld {
		return fmt.Errorf("pages of more than %d bytes together: %w", p.file.limits.MaxHeld, ErrLimit)
	}
	if p.file.total += int64(h.size); p.file.total > p.file.limits.MaxTotal {
		return fmt.Errorf("more than %d bytes when decompressed: %w", p.file.limits.MaxTotal, ErrLimit)
	}
	defer func() { p.file.held += int64(cap(p.page)) - before }()
	if h.kind != pageDataV2 {
		page, err := p.file.codecs.decompress(p.codec, p.page, p.stored, int(h.size))
		if err == nil {
			p.page = page
		}
		return err
	}
	// The levels of version 2 stand before the data, and are never compressed.
	levels := int64(h.defSize) + int64(h.repSize)
	if h.defSize < 0 || h.repSize < 0 || levels > int64(h.stored) || levels > int64(h.size) {
		return fmt.Errorf("page has levels of an impossible size: %w", ErrCorrupt)
	}
	codec := p.codec
	if h.plain {
		codec = codecNone
	}
	p.page = room(p.page, int(h.size))
	copy(p.page, p.stored[:levels])
	if int(levels) == len(p.page) && int(levels) == len(p.stored) {
		return nil // nulls only
	}
	_, err = p.file.codecs.decompress(codec, p.page[levels:levels:len(p.page)], p.stored[levels:], len(p.page)-int(levels))
	return err
}

// header reads a page's header, of a length that only reading it tells.
func (p *pager) header() error {
	for n := 256; ; n *= 4 {
		n = min(n, headerSize)
		view, err := p.in.Peek(n)
		if err != nil && err != io.EOF {
			return err
		}
		t := &thrift{b: view}
		p.head = header{}
		p.head.read(t)
		if t.err == nil {
			p.left -= int64(t.i)
			_, err = p.in.Discard(t.i)
			return err
		}
		if !t.short || n == headerSize || err == io.EOF {
			return fmt.Errorf("page header: %w", ErrCorrupt)
		}
	}
}

func (h *header) read(t *thrift) {
	t.structure(func(id int64, kind byte) {
		switch id {
		case 1:
			h.kind = t.i32()
		case 2:
			h.size = t.i32()
		case 3:
			h.stored = t.i32()
		case 4:
			h.crc, h.hasCRC = uint32(t.i32()), true
		case 5:
			h.readData(t, kind)
		case 7:
			h.readDict(t, kind)
		case 8:
			h.readV2(t, kind)
		default:
			t.skip(kind)
		}
	})
}

func (h *header) readData(t *thrift, kind byte) {
	fields(t, kind, func(id int64, kind byte) {
		switch id {
		case 1:
			h.values = t.i32()
		case 2:
			h.encoding = t.i32()
		case 3:
			h.defEncoding = t.i32()
		case 4:
			h.repEncoding = t.i32()
		default:
			t.skip(kind)
		}
	})
}

func (h *header) readDict(t *thrift, kind byte) {
	fields(t, kind, func(id int64, kind byte) {
		switch id {
		case 1:
			h.values = t.i32()
		case 2:
			h.encoding = t.i32()
		default:
			t.skip(kind)
		}
	})
}

func (h *header) readV2(t *thrift, kind byte) {
	fields(t, kind, func(id int64, kind byte) {
		switch id {
		case 1:
			h.values = t.i32()
		case 4:
			h.encoding = t.i32()
		case 5:
			h.defSize = t.i32()
		case 6:
			h.repSize = t.i32()
		case 7:
			h.plain = kind == thriftFalse
		default:
			t.skip(kind)
		}
	})
}

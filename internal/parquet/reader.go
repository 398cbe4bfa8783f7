package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// MaxRows is the number of rows of a row group above which a Reader refuses it.
const MaxRows = 1 << 20

// Reader reads files that a Writer made, one after the other; of a file it holds one
// column of a row group. Files may be corrupt or made to do harm: they are errors. It
// is not safe for concurrent use. The zero Reader is ready.
type Reader struct {
	// Share lets the texts of a column of a row group be parts of one: they are read
	// faster, and each holds all in memory as long as it is kept.
	Share bool

	src    io.ReaderAt
	size   int64
	fields []Field
	groups []group

	zstd          *zstd.Decoder
	raw, dict, to []byte
	values        Values
	levels        []uint32
}

// Pages of texts are not bounded by the number of rows. They unpack to no more than
// freePage bytes, or else mostRatio times as many as they take in the file: a Writer does
// not compress what would (see Writer.compress).
const (
	freePage  = 1 << 20
	mostRatio = 1 << 10
)

// leastChunk is less than the bytes that any column of a row group takes, with what
// the footer says of it.
const leastChunk = 32

// maxPage is the size in bytes of the largest page that a Writer writes.
const maxPage = 1<<31 - 1

var errCorrupt = errors.New("the Parquet file is corrupt")

func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errCorrupt, fmt.Sprintf(format, args...))
}

// Open reads what a file of this size in bytes says of itself. Other columns than
// fields are an error. It takes memory and time in proportion to the size.
func (r *Reader) Open(src io.ReaderAt, size int64, fields []Field) error {
	r.src, r.size, r.fields, r.groups = src, size, fields, r.groups[:0]
	const tail = 8
	if size < int64(len(magic))+tail {
		return corrupt("it has %d bytes", size)
	}
	end, err := r.bytes(size-tail, tail)
	if err != nil {
		return err
	}
	n := int64(binary.LittleEndian.Uint32(end))
	if string(end[4:]) != magic || n > size-tail-int64(len(magic)) {
		return corrupt("it has no footer")
	}
	footer, err := r.bytes(size-tail-n, n)
	if err != nil {
		return err
	}
	return r.footer(footer, size-tail-n)
}

// bytes reads a part of the file that lies inside of it. It is valid until the next
// call.
func (r *Reader) bytes(at, n int64) ([]byte, error) {
	if int64(cap(r.raw)) < n {
		r.raw = make([]byte, n)
	}
	r.raw = r.raw[:n]
	if got, err := r.src.ReadAt(r.raw, at); int64(got) < n {
		return nil, fmt.Errorf("%d bytes at %d: %w", n, at, err)
	}
	return r.raw, nil
}

// Groups is the number of row groups.
func (r *Reader) Groups() int { return len(r.groups) }

// Rows is the number of rows of a row group.
func (r *Reader) Rows(n int) int { return r.groups[n].rows }

// Total is the number of rows of the file, which is told before any of them is read:
// a few bytes can be many rows, up to MaxRows for each group.
func (r *Reader) Total() (rows int64) {
	for i := range r.groups {
		rows += int64(r.groups[i].rows)
	}
	return rows
}

// Group reads a row group. take is called for each column in turn, by its number;
// Values are valid until it returns, their texts for good.
func (r *Reader) Group(n int, take func(n int, v *Values)) error {
	for i := range r.fields {
		v, err := r.Column(n, i)
		if err != nil {
			return err
		}
		take(i, v)
	}
	return nil
}

// Column reads one column of a row group. Its Values are valid until the next call, their
// texts for good.
func (r *Reader) Column(group, n int) (*Values, error) {
	if err := r.column(&r.groups[group].chunks[n], &r.fields[n]); err != nil {
		return nil, fmt.Errorf("column %s: %w", r.fields[n].Name, err)
	}
	return &r.values, nil
}

// footer reads the schema, which has to be that of fields, and the row groups. at is
// where it lies.
func (r *Reader) footer(b []byte, at int64) error {
	t := &scanner{buf: b}
	rows, total, schema := int64(0), int64(-1), false
	t.fields(func(id int16, kind byte) {
		switch {
		case id == 2 && kind == thriftList:
			schema = t.prefix(r.schema())
		case id == 3 && kind == thriftI64:
			total = t.varint()
		case id == 4 && kind == thriftList && len(r.groups) == 0:
			t.structures(func() {
				g := r.group(t)
				rows += int64(g.rows)
				r.groups = append(r.groups, g)
				if int64(len(r.groups)*len(r.fields)) > r.size/leastChunk {
					t.fail()
				}
			})
		case id == 4:
			t.fail() // a second list
		default:
			t.skip(kind)
		}
	})
	switch {
	case !schema:
		return errors.New("the columns are not those of this version")
	case t.failed || len(t.buf) > 0:
		return corrupt("its footer cannot be read")
	case rows != total:
		return corrupt("its row groups have %d rows instead of %d", rows, total)
	}
	return r.check(at)
}

// schema is the list of columns as a Writer writes it, after its field header.
func (r *Reader) schema() []byte {
	w := Writer{fields: r.fields}
	w.meta.open()
	w.meta.field(1, thriftI32)
	n := len(w.meta.buf)
	w.schema(&w.meta)
	return w.meta.buf[n+1:]
}

// check makes sure that the columns fill the file up to end, one after the other as a
// Writer puts them, so that no byte is read for two of them.
func (r *Reader) check(end int64) error {
	at := int64(len(magic))
	for i, g := range r.groups {
		if g.rows < 0 || g.rows > MaxRows || len(g.chunks) != len(r.fields) {
			return corrupt("row group %d has %d rows and %d columns", i, g.rows, len(g.chunks))
		}
		for j := range g.chunks {
			k := &g.chunks[j]
			if k.rows != g.rows || k.hasDict != r.fields[j].dictionary() || k.codec != 0 && k.codec != codecZstd {
				return corrupt("column %s of row group %d is none of this version", r.fields[j].Name, i)
			}
			if k.start() != at || k.packed < 0 || int64(k.packed) > end-at {
				return corrupt("column %s of row group %d does not lie where it should", r.fields[j].Name, i)
			}
			at += int64(k.packed)
		}
	}
	if at != end {
		return corrupt("%d bytes belong to no column", end-at)
	}
	return nil
}

func (r *Reader) group(t *scanner) (g group) {
	t.fields(func(id int16, kind byte) {
		switch {
		case id == 1 && kind == thriftList && len(g.chunks) == 0:
			t.structures(func() {
				if g.chunks = append(g.chunks, t.chunk()); len(g.chunks) > len(r.fields) {
					t.fail()
				}
			})
		case id == 3 && kind == thriftI64:
			g.rows = t.small()
		case id == 1:
			t.fail()
		default:
			t.skip(kind)
		}
	})
	return g
}

// chunk reads what the footer says of one column.
func (t *scanner) chunk() (k chunk) {
	t.fields(func(id int16, kind byte) {
		if id != 3 || kind != thriftStruct {
			t.skip(kind)
			return
		}
		t.fields(func(id int16, kind byte) {
			if kind != thriftI32 && kind != thriftI64 {
				t.skip(kind)
				return
			}
			switch v := t.varint(); id {
			case 4:
				k.codec = int(v)
			case 5:
				k.rows = int(v)
			case 7:
				k.packed = int(v)
			case 9:
				k.dataAt = v
			case 11:
				k.dictAt, k.hasDict = v, true
			}
		})
	})
	return k
}

// page is a page of a column, uncompressed.
type page struct {
	kind, values, encoding int
	content                []byte
}

// column reads a column's pages into values.
func (r *Reader) column(k *chunk, f *Field) error {
	v := &r.values
	v.reset(f, k.rows)
	v.share = r.Share
	rest, err := r.bytes(k.start(), int64(k.packed))
	if err != nil {
		return err
	}
	var p page
	if k.hasDict {
		if p, rest, err = r.page(rest, k, f, &r.dict); err != nil {
			return err
		}
		if p.kind != pageDictionary || p.encoding != encodingPlain || p.values < 0 || p.values > k.rows {
			return corrupt("a dictionary page is none")
		}
		if err := v.plain(f, p.content, p.values); err != nil {
			return err
		}
	}
	if p, rest, err = r.page(rest, k, f, &r.to); err != nil {
		return err
	}
	want := encodingPlain
	if k.hasDict {
		want = encodingDictionary
	}
	if p.kind != pageData || p.encoding != want || p.values != k.rows || len(rest) > 0 {
		return corrupt("a data page is none")
	}
	return r.data(p.content, f, k.rows)
}

// page reads the page of a column at the start of b.
func (r *Reader) page(b []byte, k *chunk, f *Field, into *[]byte) (p page, rest []byte, err error) {
	t := &scanner{buf: b}
	p, size, stored := t.pageHeader()
	if t.failed || size < 0 || stored < 0 || stored > len(t.buf) {
		return p, nil, corrupt("a page cannot be read")
	}
	p.content, rest = t.buf[:stored], t.buf[stored:]
	if k.codec == codecZstd {
		if size > f.mostBytes(p.kind, k.rows, stored) {
			return p, nil, corrupt("a page of %d bytes would have %d", stored, size)
		}
		if *into, err = r.unpack(p.content, *into, size); err != nil {
			return p, nil, corrupt("%v", err)
		}
		p.content = *into
	}
	if len(p.content) != size {
		return p, nil, corrupt("a page has %d bytes instead of %d", len(p.content), size)
	}
	return p, rest, nil
}

// pageHeader reads what a page says of itself and its sizes in bytes, unpacked and in
// the file.
func (t *scanner) pageHeader() (p page, size, stored int) {
	p.kind, size, stored = -1, -1, -1
	kind, seen := -1, 0
	t.fields(func(id int16, of byte) {
		switch {
		case id == 1 && of == thriftI32:
			kind = t.small()
		case id == 2 && of == thriftI32:
			size = t.small()
		case id == 3 && of == thriftI32:
			stored = t.small()
		case id == 5 && of == thriftStruct:
			p = t.valuesHeader(pageData)
			seen++
		case id == 7 && of == thriftStruct:
			p = t.valuesHeader(pageDictionary)
			seen++
		default:
			t.skip(of)
		}
	})
	if p.kind != kind || seen != 1 {
		t.fail()
	}
	return p, size, stored
}

// valuesHeader reads what the header of a page of a kind says of its values.
func (t *scanner) valuesHeader(kind int) page {
	p := page{kind: kind}
	levels := 0
	t.fields(func(id int16, of byte) {
		switch {
		case id == 1 && of == thriftI32:
			p.values = t.small()
		case id == 2 && of == thriftI32:
			p.encoding = t.small()
		case id == 3 && of == thriftI32:
			levels = t.small()
		default:
			t.skip(of)
		}
	})
	if kind == pageData && levels != encodingRLE {
		t.fail()
	}
	return p
}

// mostBytes is the most that a page of this kind can have, unpacked: what the values of
// this many rows take at most, or if these are texts, what a Writer packs into so many.
func (f *Field) mostBytes(kind, rows, stored int) int {
	if f.Type == Text && (kind == pageDictionary || !f.dictionary()) {
		return mostTexts(stored)
	}
	// Eight bytes for a value, or up to five for its number, and one for its absence, each
	// with the head of a run.
	return 64 + 12*rows
}

// mostTexts is the most that packed texts can have.
func mostTexts(stored int) int { return max(freePage, mostRatio*stored) }

// unpack unpacks up to size bytes into the room of into. The decoder is not needed for
// the many small files, so that it is made when it is.
func (r *Reader) unpack(b, into []byte, size int) (out []byte, err error) {
	if r.zstd == nil {
		r.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxPage),
			zstd.WithDecoderLowmem(true), zstd.WithDecodeAllCapLimit(true))
		if err != nil {
			return nil, err
		}
	}
	const slack = 64 // without which the decoder is slow; what it may make too much is found by the length
	if cap(into) < size+slack {
		into = make([]byte, size+slack)
	}
	return r.zstd.DecodeAll(b, into[:0:size+slack])
}

// data reads the content of a data page.
func (r *Reader) data(b []byte, f *Field, rows int) (err error) {
	v, present := &r.values, rows
	if f.Optional {
		if b, present, err = r.defined(b, rows); err != nil {
			return err
		}
	}
	if !f.dictionary() {
		err = v.plain(f, b, present)
		for i := range v.index[:present] {
			v.index[i] = uint32(i)
		}
	} else {
		err = v.numbered(b, present)
	}
	if f.Optional && err == nil {
		v.spread(r.levels, present)
	}
	return err
}

// defined reads which rows have a value.
func (r *Reader) defined(b []byte, rows int) (rest []byte, present int, err error) {
	if len(b) < 4 || int64(binary.LittleEndian.Uint32(b)) > int64(len(b)-4) {
		return nil, 0, corrupt("it does not say which values are missing")
	}
	n := int(binary.LittleEndian.Uint32(b))
	r.levels = room(r.levels, rows)
	if err := hybrid(b[4:4+n], 1, r.levels); err != nil {
		return nil, 0, err
	}
	for _, level := range r.levels {
		present += int(level)
	}
	return b[4+n:], present, nil
}

func room(s []uint32, n int) []uint32 {
	if cap(s) < n {
		return make([]uint32, n)
	}
	return s[:n]
}

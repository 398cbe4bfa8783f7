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
	src    io.ReaderAt
	size   int64
	fields []Field
	groups []group

	zstd          *zstd.Decoder
	raw, dict, to []byte
	values        Values
	levels        []uint32
}

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
// fields are an error.
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
	return r.footer(footer)
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

// Group reads a row group. take is called for each column in turn, by its number;
// Values are valid until it returns, their texts for good.
func (r *Reader) Group(n int, take func(n int, v *Values)) error {
	for i := range r.fields {
		if err := r.column(&r.groups[n].chunks[i], &r.fields[i]); err != nil {
			return fmt.Errorf("column %s: %w", r.fields[i].Name, err)
		}
		take(i, &r.values)
	}
	return nil
}

// footer reads the schema, which has to be that of fields, and the row groups.
func (r *Reader) footer(b []byte) error {
	t := &scanner{buf: b}
	rows, total, schema := int64(0), int64(-1), false
	t.fields(func(id int16, kind byte) {
		switch {
		case id == 2 && kind == thriftList:
			schema = t.prefix(r.schema())
		case id == 3 && kind == thriftI64:
			total = t.varint()
		case id == 4 && kind == thriftList:
			t.structures(func() {
				g := r.group(t)
				rows += int64(g.rows)
				r.groups = append(r.groups, g)
				if int64(len(r.groups)*len(r.fields)) > r.size/leastChunk {
					t.fail()
				}
			})
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
	return r.check()
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

// check makes sure that all that is to be read lies in the file.
func (r *Reader) check() error {
	for i, g := range r.groups {
		if g.rows < 0 || g.rows > MaxRows || len(g.chunks) != len(r.fields) {
			return corrupt("row group %d has %d rows and %d columns", i, g.rows, len(g.chunks))
		}
		for j := range g.chunks {
			k := &g.chunks[j]
			start, n := k.start(), int64(k.packed)
			if k.rows != g.rows || k.hasDict != r.fields[j].dictionary() || k.codec != 0 && k.codec != codecZstd {
				return corrupt("column %s of row group %d is none of this version", r.fields[j].Name, i)
			}
			if start < 0 || n < 0 || start > r.size || n > r.size-start {
				return corrupt("column %s of row group %d lies outside of it", r.fields[j].Name, i)
			}
		}
	}
	return nil
}

func (r *Reader) group(t *scanner) (g group) {
	t.fields(func(id int16, kind byte) {
		switch {
		case id == 1 && kind == thriftList:
			t.structures(func() {
				if g.chunks = append(g.chunks, t.chunk()); len(g.chunks) > len(r.fields) {
					t.fail()
				}
			})
		case id == 3 && kind == thriftI64:
			g.rows = t.small()
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
	rest, err := r.bytes(k.start(), int64(k.packed))
	if err != nil {
		return err
	}
	var p page
	if k.hasDict {
		if p, rest, err = r.page(rest, k.codec, &r.dict); err != nil {
			return err
		}
		if p.kind != pageDictionary || p.encoding != encodingPlain || p.values < 0 || p.values > k.rows {
			return corrupt("a dictionary page is none")
		}
		if err := v.plain(f, p.content, p.values); err != nil {
			return err
		}
	}
	if p, rest, err = r.page(rest, k.codec, &r.to); err != nil {
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

// page reads the page at the start of b.
func (r *Reader) page(b []byte, codec int, into *[]byte) (p page, rest []byte, err error) {
	t := &scanner{buf: b}
	size, stored := -1, -1
	t.fields(func(id int16, kind byte) {
		switch {
		case id == 1 && kind == thriftI32:
			p.kind = t.small()
		case id == 2 && kind == thriftI32:
			size = t.small()
		case id == 3 && kind == thriftI32:
			stored = t.small()
		case (id == 5 || id == 7) && kind == thriftStruct:
			t.fields(func(id int16, kind byte) {
				switch {
				case id == 1 && kind == thriftI32:
					p.values = t.small()
				case id == 2 && kind == thriftI32:
					p.encoding = t.small()
				default:
					t.skip(kind)
				}
			})
		default:
			t.skip(kind)
		}
	})
	if t.failed || size < 0 || stored < 0 || stored > len(t.buf) {
		return p, nil, corrupt("a page cannot be read")
	}
	p.content, rest = t.buf[:stored], t.buf[stored:]
	if codec == codecZstd {
		if *into, err = r.unpack(p.content, (*into)[:0]); err != nil {
			return p, nil, corrupt("%v", err)
		}
		p.content = *into
	}
	if len(p.content) != size {
		return p, nil, corrupt("a page has %d bytes instead of %d", len(p.content), size)
	}
	return p, rest, nil
}

// unpack is not needed for the many small files, so that it is made when it is.
func (r *Reader) unpack(b, into []byte) (out []byte, err error) {
	if r.zstd == nil {
		r.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxPage), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
	}
	return r.zstd.DecodeAll(b, into)
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

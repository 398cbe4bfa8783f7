package leaves

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// cell is a value with its levels, as Row gives it.
type cell struct {
	level int
	text  string
}

// sample is a column as it was written: its rows.
type sample struct {
	node schema.Node
	rows [][]cell
}

// samples makes columns of all types, some in lists, with random values.
func samples(rnd *rand.Rand, rows int) []sample {
	leaf := func(name string, kind parquet.Type, rep parquet.Repetition, length int) schema.Node {
		return schema.MustPrimitive(schema.NewPrimitiveNode(name, rep, kind, -1, int32(length)))
	}
	group := func(name string, rep parquet.Repetition, fields ...schema.Node) schema.Node {
		return schema.MustGroup(schema.NewGroupNode(name, rep, fields, -1))
	}
	opt, req, again := parquet.Repetitions.Optional, parquet.Repetitions.Required, parquet.Repetitions.Repeated
	types := parquet.Types
	all := []sample{
		{node: leaf("bytes", types.ByteArray, req, -1)}, {node: leaf("maybe", types.ByteArray, opt, -1)},
		{node: leaf("int", types.Int32, opt, -1)}, {node: leaf("long", types.Int64, req, -1)},
		{node: leaf("flag", types.Boolean, opt, -1)}, {node: leaf("fixed", types.FixedLenByteArray, opt, 3)},
		{node: group("deep", opt, group("er", opt, leaf("text", types.ByteArray, opt, -1)))},
		{node: leaf("plainlist", types.Int64, again, -1)},
		{node: schema.MustGroup(schema.NewGroupNodeConverted("list", opt, schema.FieldList{
			group("array", again, leaf("uid", types.ByteArray, opt, -1)),
		}, schema.ConvertedTypes.List, -1))},
	}
	for i := range all {
		for range rows {
			all[i].rows = append(all[i].rows, all[i].row(rnd))
		}
	}
	return all
}

// leafOf is the leaf below a node, and its levels.
func leafOf(n schema.Node) (leaf *schema.PrimitiveNode, level, repetition int) {
	for {
		switch n.RepetitionType() {
		case parquet.Repetitions.Optional:
			level++
		case parquet.Repetitions.Repeated:
			level++
			repetition++
		}
		g, ok := n.(*schema.GroupNode)
		if !ok {
			return n.(*schema.PrimitiveNode), level, repetition
		}
		n = g.Field(0)
	}
}

func (s *sample) row(rnd *rand.Rand) []cell {
	leaf, level, repetition := leafOf(s.node)
	one := func(least int) cell {
		if at := least + rnd.IntN(level-least+1); at < level || level > 0 && rnd.IntN(4) == 0 {
			if at == level && least < level {
				at--
			}
			if at < level {
				return cell{level: at}
			}
		}
		return cell{level, text(rnd, leaf)}
	}
	first := one(0)
	row := []cell{first}
	if repetition > 0 && first.level > 1 || repetition > 0 && level == 1 && first.level == 1 {
		for range rnd.IntN(4) {
			row = append(row, one(min(level, 2)))
		}
	}
	return row
}

func text(rnd *rand.Rand, leaf *schema.PrimitiveNode) string {
	switch leaf.PhysicalType() {
	case parquet.Types.Boolean:
		return strconv.FormatBool(rnd.IntN(2) == 0)
	case parquet.Types.Int32:
		return fmt.Sprint(int32(rnd.Uint32()) >> rnd.IntN(32))
	case parquet.Types.Int64:
		return fmt.Sprint(int64(rnd.Uint64()) >> rnd.IntN(64))
	case parquet.Types.FixedLenByteArray:
		return string("abcdef"[rnd.IntN(4):][:3])
	}
	return strings.Repeat(string(rune('a'+rnd.IntN(4))), rnd.IntN(3)) + fmt.Sprint(rnd.IntN(50)) + strings.Repeat("x", rnd.IntN(20)/19*300)
}

// write makes a file by Arrow's writer.
func write(t testing.TB, all []sample, groupRows int, props ...parquet.WriterProperty) []byte {
	t.Helper()
	var out bytes.Buffer
	var fields schema.FieldList
	for _, s := range all {
		fields = append(fields, s.node)
	}
	root := schema.MustGroup(schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1))
	w := file.NewParquetWriter(&out, root, file.WithWriterProps(parquet.NewWriterProperties(props...)))
	for from := 0; from < len(all[0].rows); from += groupRows {
		g := w.AppendRowGroup()
		for _, s := range all {
			cw, err := g.NextColumn()
			if err != nil {
				t.Fatal(err)
			}
			fill(t, cw, s.rows[from:min(from+groupRows, len(s.rows))])
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func fill(t testing.TB, cw file.ColumnChunkWriter, rows [][]cell) {
	t.Helper()
	var def, rep []int16
	var texts []string
	most := int(cw.Descr().MaxDefinitionLevel())
	for _, row := range rows {
		for i, c := range row {
			def, rep = append(def, int16(c.level)), append(rep, int16(min(i, 1)))
			if c.level == most {
				texts = append(texts, c.text)
			}
		}
	}
	if most == 0 {
		def = nil
	}
	if cw.Descr().MaxRepetitionLevel() == 0 {
		rep = nil
	}
	if err := errors.Join(put(cw, texts, def, rep), cw.Close()); err != nil {
		if strings.Contains(err.Error(), "nil pointer") {
			t.Skip("Arrow's writer cannot write a page of nulls in this encoding")
		}
		t.Fatal(err)
	}
}

func put(cw file.ColumnChunkWriter, texts []string, def, rep []int16) (err error) {
	switch cw := cw.(type) {
	case *file.ByteArrayColumnChunkWriter:
		_, err = cw.WriteBatch(valuesOf(texts, func(s string) parquet.ByteArray { return parquet.ByteArray(s) }), def, rep)
	case *file.FixedLenByteArrayColumnChunkWriter:
		_, err = cw.WriteBatch(valuesOf(texts, func(s string) parquet.FixedLenByteArray { return parquet.FixedLenByteArray(s) }), def, rep)
	case *file.Int64ColumnChunkWriter:
		_, err = cw.WriteBatch(valuesOf(texts, func(s string) int64 { n, _ := strconv.ParseInt(s, 10, 64); return n }), def, rep)
	case *file.Int32ColumnChunkWriter:
		_, err = cw.WriteBatch(valuesOf(texts, func(s string) int32 { n, _ := strconv.ParseInt(s, 10, 32); return int32(n) }), def, rep)
	case *file.BooleanColumnChunkWriter:
		_, err = cw.WriteBatch(valuesOf(texts, func(s string) bool { return s == "true" }), def, rep)
	}
	return err
}

func valuesOf[V any](texts []string, as func(string) V) []V {
	out := make([]V, len(texts))
	for i, s := range texts {
		out[i] = as(s)
	}
	return out
}

// read reads all columns of a file.
func read(content []byte, l Limits) (rows [][][]cell, err error) {
	f, err := Open(bytes.NewReader(content), int64(len(content)), l)
	if err != nil {
		return nil, err
	}
	return readAll(f)
}

func readAll(f *File) (rows [][][]cell, err error) {
	rows = make([][][]cell, len(f.Leaves()))
	var columns []*Column
	for g := range f.Groups() {
		if columns, err = f.Group(g, f.Leaves(), columns); err != nil {
			return rows, err
		}
		for range f.Rows(g) {
			for i, c := range columns {
				var row []cell
				if err := c.Row(func(level int, text []byte) error {
					row = append(row, cell{level, string(text)})
					return nil
				}); err != nil {
					return rows, err
				}
				rows[i] = append(rows[i], row)
			}
		}
		for _, c := range columns {
			if err := c.End(); err != nil {
				return rows, err
			}
		}
	}
	return rows, nil
}

// TestAgainstArrow reads what Arrow's writer made, in every way that it can.
func TestAgainstArrow(t *testing.T) {
	codecs := []compress.Compression{compress.Codecs.Uncompressed, compress.Codecs.Snappy, compress.Codecs.Gzip, compress.Codecs.Zstd}
	versions := []parquet.DataPageVersion{parquet.DataPageV1, parquet.DataPageV2}
	encodings := []parquet.Encoding{parquet.Encodings.Plain, parquet.Encodings.DeltaLengthByteArray, parquet.Encodings.DeltaByteArray}
	rnd := rand.New(rand.NewPCG(1, 1))
	for n := range 60 {
		codec, version, encoding := codecs[n%4], versions[n/4%2], encodings[n/8%3]
		dict, pageSize, rows := n%5 == 0, int64(64<<rnd.IntN(8)), 1+rnd.IntN(1200)
		t.Run(fmt.Sprintf("%v %v %v dict %v page %d rows %d", codec, version, encoding, dict, pageSize, rows), func(t *testing.T) {
			all := samples(rnd, rows)
			props := []parquet.WriterProperty{
				parquet.WithCompression(codec), parquet.WithDataPageVersion(version), parquet.WithDataPageSize(pageSize),
				parquet.WithDictionaryDefault(dict), parquet.WithBatchSize(1 + int64(rnd.IntN(200))),
			}
			for _, name := range []string{"bytes", "maybe", "deep.er.text", "list.array.uid"} {
				props = append(props, parquet.WithEncodingFor(name, encoding))
			}
			if encoding != parquet.Encodings.Plain {
				props = append(props, parquet.WithEncodingFor("int", parquet.Encodings.DeltaBinaryPacked), parquet.WithEncodingFor("long", parquet.Encodings.DeltaBinaryPacked))
			}
			content := write(t, all, 1+rnd.IntN(rows), props...)
			got, err := read(content, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range all {
				if !slices.EqualFunc(got[i], s.rows, func(a, b []cell) bool { return slices.Equal(a, b) }) {
					t.Errorf("column %s differs", s.node.Name())
				}
			}
		})
	}
}

// TestPaths: the logical names of what different writers lay out differently.
func TestPaths(t *testing.T) {
	str := func(name string) element { return element{name: name, physical: ByteArray, repetition: optional} }
	grp := func(name string, rep, n int32) element {
		return element{name: name, physical: noType, repetition: rep, children: n}
	}
	conv := func(e element, as int32) element { e.converted, e.isConverted = as, true; return e }
	root := func(n int32) element { return element{name: "root", physical: noType, children: n} }
	for want, schema := range map[string][]element{
		"a":             {root(1), str("a")},
		"a.b":           {root(1), grp("a", optional, 1), str("b")},
		"l":             {root(1), conv(grp("l", optional, 1), convertedList), {name: "array", physical: ByteArray, repetition: repeated}},
		"l.uid l.type":  {root(1), conv(grp("l", optional, 1), convertedList), grp("array", repeated, 2), str("uid"), str("type")},
		"l.uid":         {root(1), conv(grp("l", optional, 1), convertedList), grp("list", repeated, 1), grp("element", optional, 1), str("uid")},
		"l.one":         {root(1), conv(grp("l", optional, 1), convertedList), grp("array", repeated, 1), str("one")},
		"l.two":         {root(1), conv(grp("l", optional, 1), convertedList), grp("l_tuple", repeated, 1), str("two")},
		"b.uid":         {root(1), grp("b", optional, 1), grp("bag", repeated, 1), grp("array_element", optional, 1), str("uid")},
		"m.key m.value": {root(1), conv(grp("m", optional, 1), convertedMap), grp("key_value", repeated, 2), str("key"), str("value")},
		"o.key o.value": {root(1), conv(grp("o", optional, 1), convertedKeyValue), grp("map", repeated, 2), str("k"), str("v")},
		"m.x":           {root(1), conv(grp("m", optional, 1), convertedMap), grp("odd", repeated, 1), str("x")},
		"g.list.x":      {root(1), grp("g", optional, 2), grp("list", repeated, 1), str("x"), grp("empty", optional, 0)},
		"r.x":           {root(1), grp("r", repeated, 1), str("x")},
	} {
		leaves, err := leavesOf(schema)
		var got []string
		for _, l := range leaves {
			got = append(got, l.Path)
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	deep := []element{root(1)}
	for range 1000 {
		deep = append(deep, grp("g", optional, 1))
	}
	for name, schema := range map[string][]element{
		"nothing": nil, "children missing": {root(2), str("a")}, "too many": {root(1), str("a"), str("b")},
		"too deep": append(deep, str("x")), "a million children": {root(1 << 30), str("a")},
		"long path": {root(1), grp(strings.Repeat("n", maxPath), optional, 1), str("x")},
	} {
		if _, err := leavesOf(schema); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestThrift: structures that would take more than they have.
func TestThrift(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing": nil, "a list without end": {0x19, 0xfc, 0xff, 0xff, 0xff, 0x7f}, "structures in one another": bytes.Repeat([]byte{0x1c}, 1<<16),
		"lists in one another": append([]byte{0x19}, bytes.Repeat([]byte{0x19}, 1<<16)...), "a string too long": {0x18, 0xff, 0x7f},
		"a number too long": append([]byte{0x16}, bytes.Repeat([]byte{0xff}, 20)...), "an unknown kind": {0x1e}, "a map cut": {0x1b, 0x05, 0x88},
	} {
		r := &thrift{b: b}
		r.structure(func(_ int64, kind byte) { r.skip(kind) })
		if r.err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	ok := &thrift{b: []byte{0x15, 0x04, 0x11, 0x1b, 0x00, 0x17, 0, 0, 0, 0, 0, 0, 0, 0, 0x1b, 0x01, 0x55, 2, 4, 0x18, 1, 'a', 0x00, 'x'}}
	seen := 0
	ok.structure(func(_ int64, kind byte) { seen++; ok.skip(kind) })
	if ok.err != nil || seen != 6 || ok.i != len(ok.b)-1 {
		t.Errorf("%d fields, %v, at %d", seen, ok.err, ok.i)
	}
}

// TestDamage flips bytes: there is an error or a result, no panic, and no more memory
// or time than the limits allow.
func TestDamage(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2, 2))
	for n := range 12 {
		encoding := []parquet.Encoding{parquet.Encodings.Plain, parquet.Encodings.DeltaByteArray}[n%2]
		content := write(t, samples(rnd, 40), 15, parquet.WithDataPageSize(200), parquet.WithDictionaryDefault(n%3 == 0),
			parquet.WithCompression([]compress.Compression{compress.Codecs.Uncompressed, compress.Codecs.Gzip, compress.Codecs.Snappy, compress.Codecs.Zstd}[n%4]),
			parquet.WithEncodingFor("maybe", encoding))
		for range 400 {
			bad := bytes.Clone(content)
			for range 1 + rnd.IntN(3) {
				bad[rnd.IntN(len(bad))] ^= byte(1 << rnd.IntN(8))
			}
			if _, err := read(bad, Limits{MaxPage: 1 << 16, MaxTotal: 1 << 20}); err != nil && err.Error() == "" {
				t.Error("an error that says nothing")
			}
		}
	}
}

// TestLimits: pages over a bound are not decompressed.
func TestLimits(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	content := write(t, samples(rnd, 5000), 5000, parquet.WithCompression(compress.Codecs.Gzip), parquet.WithDictionaryDefault(false))
	for name, l := range map[string]Limits{"page": {MaxPage: 1 << 10}, "held": {MaxHeld: 20 << 10}, "total": {MaxTotal: 20 << 10}} {
		if _, err := read(content, l); !errors.Is(err, ErrLimit) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := read(content, Limits{}); err != nil {
		t.Error(err)
	}
}

// TestCodecs: what cannot be read is named.
func TestCodecs(t *testing.T) {
	var c codecs
	for codec, want := range map[int32]string{3: "LZO", 4: "Brotli", 5: "LZ4", 7: "LZ4", 99: "number 99"} {
		if _, err := c.decompress(codec, nil, []byte("x"), 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d: %v", codec, err)
		}
	}
	for _, codec := range []int32{codecNone, codecSnappy, codecGzip, codecZstd} {
		for _, size := range []int{0, 1, 1000, 1 << 20} {
			if _, err := c.decompress(codec, nil, []byte("no such stream"), size); err == nil {
				t.Errorf("codec %d made %d bytes of garbage", codec, size)
			}
		}
	}
}

// TestChecksum: a page with a checksum, as many writers have it, and with a wrong one.
func TestChecksum(t *testing.T) {
	data := []byte("\x01\x00\x00\x00x")
	for sum, want := range map[uint32]bool{crc32.ChecksumIEEE(data): true, 1: false} {
		page := []byte{0x15, 0, 0x15, byte(2 * len(data)), 0x15, byte(2 * len(data)), 0x15} // type, sizes, checksum
		page = binary.AppendVarint(page, int64(int32(sum)))
		page = append(page, 0x1c, 0x15, 2, 0x15, 0, 0x15, 6, 0x15, 6, 0, 0) // one value, plain
		content := append(append([]byte(Magic), page...), data...)
		f := &File{r: bytes.NewReader(content), size: int64(len(content)), limits: Limits{}.withDefaults()}
		f.groups = []rowGroup{{rows: 1, chunks: []chunk{{values: 1, data: 4, size: int64(len(content) - 4)}}}}
		columns, err := f.Group(0, []Leaf{{Type: ByteArray}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		err = columns[0].Row(func(_ int, text []byte) error { got = string(text); return nil })
		if (err == nil) != want || want && got != "x" || !want && !errors.Is(err, ErrCorrupt) {
			t.Errorf("checksum right: %v; got %q, %v", want, got, err)
		}
	}
}

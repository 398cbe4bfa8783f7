package ocsftest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// Options say how a file is written. The zero value is a small file as Security Lake
// writes them: schema 1.1, gzip, lists of two levels.
type Options struct {
	Version     Version // default V2
	Compression compress.Compression
	PagesV2     bool   // data pages of version 2
	ThreeLevels bool   // lists and maps as other writers lay them out
	NoDict      bool   // no dictionaries
	PageSize    int64  // about; default 1 MiB
	GroupRows   int    // rows of a row group; default all
	Product     string // metadata.product.name; default CloudTrail
}

// column is a leaf with what stands around it.
type column struct {
	path  string
	kind  parquet.Type
	level int16
}

// Write makes a Parquet file of records, each a JSON object.
func Write(records []json.RawMessage, o Options) ([]byte, error) {
	if o.Version == "" {
		o.Version = V2
	}
	rows := make([]row, len(records))
	for i, record := range records {
		var err error
		if rows[i], err = convert(record, o.Version); err != nil {
			return nil, fmt.Errorf("record %d: %w", i, err)
		}
		if o.Product != "" {
			rows[i].columns["metadata.product.name"] = o.Product
		}
	}
	return o.write(rows)
}

func (o *Options) write(rows []row) ([]byte, error) {
	codec := o.Compression
	if codec == compress.Codecs.Uncompressed {
		codec = compress.Codecs.Gzip
	}
	props := []parquet.WriterProperty{
		parquet.WithCompression(codec), parquet.WithDictionaryDefault(!o.NoDict), parquet.WithCreatedBy("ocsftest"),
		parquet.WithStats(false),
	}
	if o.PagesV2 {
		props = append(props, parquet.WithDataPageVersion(parquet.DataPageV2))
	}
	if o.PageSize > 0 {
		props = append(props, parquet.WithDataPageSize(o.PageSize))
	}
	var out bytes.Buffer
	columns := o.columns(rows)
	w := file.NewParquetWriter(&out, o.schema(columns), file.WithWriterProps(parquet.NewWriterProperties(props...)))
	size := o.GroupRows
	if size <= 0 {
		size = max(len(rows), 1)
	}
	for group := range slices.Chunk(rows, size) {
		g := w.AppendRowGroup()
		for i := 0; i < g.NumColumns(); i++ {
			cw, err := g.NextColumn()
			if err != nil {
				return nil, err
			}
			if err := o.fill(cw, group, columns); err != nil {
				return nil, err
			}
		}
		if err := g.Close(); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// columns are those that a row has, in the order of their paths.
func (o *Options) columns(rows []row) []column {
	seen := map[string]bool{"time": true, "api.operation": true, "api.service.name": true, "class_uid": true}
	for _, r := range rows {
		for path := range r.columns {
			seen[path] = true
		}
	}
	var all []column
	for path := range seen {
		c := column{path: path, kind: parquet.Types.ByteArray, level: int16(strings.Count(path, ".") + 1)}
		switch path {
		case "time":
			c.kind = parquet.Types.Int64
		case "class_uid":
			c.kind = parquet.Types.Int32
		case "mfa", "actor.session.mfa", "actor.session.is_mfa":
			c.kind = parquet.Types.Boolean
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b column) int { return strings.Compare(a.path, b.path) })
	return all
}

// schema is all columns as optional ones in optional groups, then the lists.
func (o *Options) schema(columns []column) *schema.GroupNode {
	var paths [][]string
	kinds := map[string]parquet.Type{}
	for _, c := range columns {
		paths = append(paths, strings.Split(c.path, "."))
		kinds[c.path] = c.kind
	}
	fields := groups(paths, "", kinds)
	account := schema.NewByteArrayNode("account_uid", parquet.Repetitions.Optional, -1)
	var owner schema.Node = account
	if o.Version == V2 {
		owner = optional("owner", optional("account", schema.NewByteArrayNode("uid", parquet.Repetitions.Optional, -1)))
	}
	members := schema.FieldList{
		schema.NewByteArrayNode("uid", parquet.Repetitions.Optional, -1), owner,
		schema.NewByteArrayNode("type", parquet.Repetitions.Optional, -1),
	}
	return schema.MustGroup(schema.NewGroupNode("schema", parquet.Repetitions.Required,
		append(fields, o.list(members), o.unmapped()), -1))
}

func groups(paths [][]string, above string, kinds map[string]parquet.Type) (fields schema.FieldList) {
	for len(paths) > 0 {
		name, n := paths[0][0], 1
		for n < len(paths) && paths[n][0] == name {
			n++
		}
		path := strings.TrimPrefix(above+"."+name, ".")
		if len(paths[0]) == 1 {
			node, err := schema.NewPrimitiveNode(name, parquet.Repetitions.Optional, kinds[path], -1, -1)
			fields = append(fields, schema.MustPrimitive(node, err))
		} else {
			var below [][]string
			for _, p := range paths[:n] {
				below = append(below, p[1:])
			}
			fields = append(fields, optional(name, groups(below, path, kinds)...))
		}
		paths = paths[n:]
	}
	return fields
}

func optional(name string, fields ...schema.Node) schema.Node {
	return schema.MustGroup(schema.NewGroupNode(name, parquet.Repetitions.Optional, fields, -1))
}

// list is resources, as Avro lays out a list, or in three levels.
func (o *Options) list(members schema.FieldList) schema.Node {
	var repeated schema.Node = schema.MustGroup(schema.NewGroupNode("array", parquet.Repetitions.Repeated, members, -1))
	if o.ThreeLevels {
		repeated = schema.MustGroup(schema.NewGroupNode("list", parquet.Repetitions.Repeated, schema.FieldList{optional("element", members...)}, -1))
	}
	return schema.MustGroup(schema.NewGroupNodeConverted("resources", parquet.Repetitions.Optional,
		schema.FieldList{repeated}, schema.ConvertedTypes.List, -1))
}

// unmapped is the map, as Avro lays it out, or as the format has it since.
func (o *Options) unmapped() schema.Node {
	entry := schema.FieldList{
		schema.NewByteArrayNode("key", parquet.Repetitions.Required, -1),
		schema.NewByteArrayNode("value", parquet.Repetitions.Optional, -1),
	}
	name := "map"
	if o.ThreeLevels {
		name = "key_value"
	}
	repeated := schema.MustGroup(schema.NewGroupNode(name, parquet.Repetitions.Repeated, entry, -1))
	return schema.MustGroup(schema.NewGroupNodeConverted("unmapped", parquet.Repetitions.Optional,
		schema.FieldList{repeated}, schema.ConvertedTypes.Map, -1))
}

// levels are a column's values with their levels.
type levels struct {
	def, rep []int16
	texts    []string
}

func (l *levels) add(def, rep int16, text *string) {
	l.def, l.rep = append(l.def, def), append(l.rep, rep)
	if text != nil {
		l.texts = append(l.texts, *text)
	}
}

func (o *Options) fill(w file.ColumnChunkWriter, rows []row, columns []column) error {
	path := w.Descr().Path()
	var l levels
	switch {
	case strings.HasPrefix(path, "resources."):
		l.resources(rows, path[strings.LastIndexByte(path, '.')+1:], path, w.Descr().MaxDefinitionLevel())
	case strings.HasPrefix(path, "unmapped."):
		l.unmapped(rows, strings.HasSuffix(path, ".key"), w.Descr().MaxDefinitionLevel())
	default:
		l.scalars(rows, path, w.Descr().MaxDefinitionLevel())
	}
	return l.write(w)
}

// scalars nests an absent value as deep as another column of its group is there.
func (l *levels) scalars(rows []row, path string, most int16) {
	for i := range rows {
		if text, ok := rows[i].columns[path]; ok {
			l.add(most, 0, &text)
			continue
		}
		l.add(rows[i].depth(path), 0, nil)
	}
}

// depth is how many of the groups around an absent value are there.
func (r *row) depth(path string) (n int16) {
	for at := 0; ; n++ {
		i := strings.IndexByte(path[at:], '.')
		if i < 0 {
			return n
		}
		at += i + 1
		found := false
		for other := range r.columns {
			found = found || strings.HasPrefix(other, path[:at])
		}
		if !found {
			return n
		}
	}
}

func (l *levels) resources(rows []row, name, path string, most int16) {
	for i := range rows {
		if len(rows[i].resources) == 0 {
			l.add(int16(i%2), 0, nil) // no list, or an empty one
		}
		for k, r := range rows[i].resources {
			text := r.uid
			switch {
			case strings.Contains(path, "account"):
				text = r.account
			case name == "type":
				text = r.kind
			}
			def := most
			if text == nil {
				def = 2
			}
			l.add(def, int16(min(k, 1)), text)
		}
	}
}

func (l *levels) unmapped(rows []row, key bool, most int16) {
	for i := range rows {
		if len(rows[i].unmapped) == 0 {
			l.add(int16(i%2), 0, nil)
		}
		for k, entry := range rows[i].unmapped {
			text := entry[1]
			if key {
				text = entry[0]
			}
			l.add(most, int16(min(k, 1)), &text)
		}
	}
}

// write gives the values to Arrow.
func (l *levels) write(w file.ColumnChunkWriter) error {
	defer w.Close()
	rep := l.rep
	if w.Descr().MaxRepetitionLevel() == 0 {
		rep = nil
	}
	var err error
	switch w := w.(type) {
	case *file.ByteArrayColumnChunkWriter:
		values := make([]parquet.ByteArray, len(l.texts))
		for i, text := range l.texts {
			values[i] = parquet.ByteArray(text)
		}
		_, err = w.WriteBatch(values, l.def, rep)
	case *file.Int64ColumnChunkWriter:
		_, err = w.WriteBatch(numbers[int64](l.texts), l.def, rep)
	case *file.Int32ColumnChunkWriter:
		_, err = w.WriteBatch(numbers[int32](l.texts), l.def, rep)
	case *file.BooleanColumnChunkWriter:
		values := make([]bool, len(l.texts))
		for i, text := range l.texts {
			values[i] = text == "true"
		}
		_, err = w.WriteBatch(values, l.def, rep)
	default:
		err = fmt.Errorf("column of type %T", w)
	}
	return err
}

func numbers[N int32 | int64](texts []string) []N {
	values := make([]N, len(texts))
	for i, text := range texts {
		n, _ := strconv.ParseInt(text, 10, 64)
		values[i] = N(n)
	}
	return values
}

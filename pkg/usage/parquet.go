package usage

import (
	"bytes"
	"fmt"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// groupRows is the number of rows of a row group: small enough that one
// principal's calls are few groups.
const groupRows = 1 << 16

// smallColumn is the size in bytes, with its dictionary, below which a column is
// not compressed.
const smallColumn = 2048

// encode makes a Parquet file of rows. Equal rows make equal bytes.
func encode[R any](cols []column[R], rows []R) (data []byte, err error) {
	defer func() {
		if p := recover(); p != nil { // how the library reports some errors
			err = fmt.Errorf("write parquet: %v", p)
		}
	}()
	var out bytes.Buffer
	w := file.NewParquetWriter(&out, group(cols), file.WithWriterProps(properties(cols, rows)))
	for len(rows) > 0 {
		n := min(groupRows, len(rows))
		if err := encodeGroup(w.AppendRowGroup(), cols, rows[:n]); err != nil {
			return nil, err
		}
		rows = rows[n:]
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func encodeGroup[R any](w file.SerialRowGroupWriter, cols []column[R], rows []R) error {
	for _, c := range cols {
		chunk, err := w.NextColumn()
		if err != nil {
			return err
		}
		if err := c.write(chunk, rows); err != nil {
			return err
		}
		if err := chunk.Close(); err != nil {
			return err
		}
	}
	return w.Close()
}

// properties choose zstd and dictionaries. A dictionary may grow as large as its
// row group: where the library gives one up half-way, the order in which it
// lists the encodings of the column is random. A column that is small anyway is
// not compressed: most are, in the file of a day, and a compressor costs more
// than the file.
func properties[R any](cols []column[R], rows []R) *parquet.WriterProperties {
	props := []parquet.WriterProperty{
		parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithCompression(compress.Codecs.Zstd),
		// The library makes a new compressor for each page. Its default level takes
		// 3 MB and six times as long for that.
		parquet.WithCompressionLevel(1),
		parquet.WithDictionaryPageSizeLimit(1 << 30),
		parquet.WithCreatedBy("tighten"),
	}
	for _, c := range cols {
		props = append(props, parquet.WithDictionaryFor(c.node.Name(), !c.unique))
		if c.size(rows) < smallColumn {
			props = append(props, parquet.WithCompressionFor(c.node.Name(), compress.Codecs.Uncompressed))
		}
	}
	return parquet.NewWriterProperties(props...)
}

func group[R any](cols []column[R]) *schema.GroupNode {
	fields := make(schema.FieldList, len(cols))
	for i, c := range cols {
		fields[i] = c.node
	}
	return schema.MustGroup(schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1))
}

// decode appends the rows of a Parquet file that encode made. Other columns than
// cols are an error.
func decode[R any](cols []column[R], data []byte, into []R) (rows []R, err error) {
	defer func() {
		if p := recover(); p != nil { // how the library meets a corrupt page
			err = fmt.Errorf("corrupt: %v", p)
		}
	}()
	r, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if want, got := schema.NewSchema(group(cols)), r.MetaData().Schema; !got.Equals(want) {
		return nil, fmt.Errorf("the columns are not those of this version")
	}
	for i := range r.NumRowGroups() {
		if into, err = decodeGroup(r.RowGroup(i), cols, into); err != nil {
			return nil, err
		}
	}
	return into, nil
}

func decodeGroup[R any](r *file.RowGroupReader, cols []column[R], into []R) ([]R, error) {
	n := r.NumRows()
	if n < 0 || n > groupRows {
		return nil, fmt.Errorf("a row group of %d rows", n)
	}
	at := len(into)
	into = append(into, make([]R, n)...)
	for i, c := range cols {
		chunk, err := r.Column(i)
		if err != nil {
			return nil, err
		}
		if err := c.read(chunk, into[at:]); err != nil {
			return nil, err
		}
	}
	return into, nil
}

// Package leaves reads columns of Parquet files as hostile input.
//
// [Open] reads a file's footer; [File.Group] gives the columns that are asked for of
// one row group, and [Column.Row] their values, row by row:
//
//	f, err := leaves.Open(r, size, leaves.Limits{})
//	for i := range f.Groups() {
//		cols, err := f.Group(i, f.Leaves())
//		for range f.Rows(i) {
//			err := cols[0].Row(func(level int, text []byte) error { … })
//		}
//	}
//
// Arrow's reader is not used, since it takes the sizes that a file claims for true:
// a page of 100 bytes can make it ask for more memory than there is, which no recover
// survives. Here nothing is allocated by a claim alone: a page's size is bounded by
// Limits before it is decompressed, and decompression stops at the size claimed. One
// page of each column is in memory at a time.
//
// It reads what is found in the wild of texts, integers and booleans: data pages of
// version 1 and 2; PLAIN, dictionaries, RLE and the three DELTA encodings; no
// compression, gzip, Snappy and Zstandard. Encrypted files, LZ4, Brotli and LZO are
// errors that say so.
//
// Formats: https://parquet.apache.org/docs/file-format/ (parquet.thrift,
// Encodings.md, LogicalTypes.md) and Thrift's compact protocol.
package leaves

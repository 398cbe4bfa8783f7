// Package parquet writes flat tables as Parquet, holding one row group in memory.
//
// Arrow's writer makes a compressor for each page, which costs more than the
// pages of a dataset of many small files; this one keeps everything it needs from
// file to file. It writes what the dataset has and no more: required and optional
// columns of texts, integers, dates, timestamps and booleans, a dictionary page
// and one data page (version 1) for each column of a row group, zstd where that
// makes a column smaller. Equal values make equal bytes, whatever the Writer wrote
// before. Arrow's reader is the judge of it in the tests, and reads what it
// writes.
package parquet

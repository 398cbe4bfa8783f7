// Package parquet writes flat tables as Parquet and reads them back, holding one row
// group in memory.
//
// Arrow's writer makes a compressor for each page, which costs more than the
// pages of a dataset of many small files; this one keeps everything it needs from
// file to file. It writes what the dataset has and no more: required and optional
// columns of texts, integers, dates, timestamps and booleans, a dictionary page
// and one data page (version 1) for each column of a row group, zstd where that
// makes a column smaller. Equal values make equal bytes, whatever the Writer wrote
// before.
//
// Arrow's reader allocates what a file says of itself; the Reader here takes files as
// hostile input: it reads what the Writer writes and nothing else, and what it
// allocates is bounded by what the file holds. Arrow is the judge of both in tests.
package parquet

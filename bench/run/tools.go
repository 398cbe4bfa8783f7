package main

import (
	"path/filepath"
	"strconv"
)

// tool is one way to read an archive.
type tool struct {
	name string
	what string // what it does, for the report
	// one of how many objects it reads, where all take too long.
	sample map[string]int
	only   []string // archives; nil: all
	args   func(b *bench, a *archive) []string
	// counts says that the last words of its output are groups and records.
	counts  bool
	missing string // why it cannot be run; "" if it can
}

// Names of tools that bars are about.
const (
	toolLibdeflate = "libdeflate-gunzip"
	toolGzip       = "gzip -dc"
	toolKlauspost  = "klauspost gzip"
	toolInflate    = "internal/inflate"
	toolScan       = "tighten scan --workers 2"
	toolScanOne    = "tighten scan --workers 1"
	toolDuckDB     = "DuckDB"
	toolClickHouse = "ClickHouse"
	toolPython     = "Python"
	toolJQ         = "jq"
)

// tools are all of them, in the order of a round.
func tools() []*tool {
	const inflates, counts = "decompresses, 2 processes at a time", "counts by day, principal, call, resource"
	return []*tool{
		{name: toolLibdeflate, what: inflates, args: each("libdeflate-gunzip", "-c")},
		{name: toolScan, what: "the dataset", args: scan(2)},
		{name: toolInflate, what: "decompresses, 2 workers", args: decode("inflate")},
		{name: toolGzip, what: inflates, args: each("gzip", "-dc")},
		{name: toolKlauspost, what: "decompresses, 2 workers", args: decode("klauspost")},
		{name: toolScanOne, what: "the dataset", only: []string{low, high}, args: scan(1)},
		{name: toolDuckDB, what: counts + ", 2 threads", counts: true, args: python("duckdb_usage.py")},
		{name: toolClickHouse, what: counts + ", 2 threads", counts: true, args: python("clickhouse_usage.py")},
		{name: toolPython, what: counts + ", 2 processes", sample: map[string]int{low: 4, high: 4, tiny: 8}, counts: true, args: python("python_usage.py")},
		{name: toolJQ, what: counts + ", 2 processes", sample: map[string]int{low: 40, high: 40, tiny: 80}, counts: true, args: jq},
	}
}

// each runs a program for many files at a time, two at a time, so that its start
// counts little.
func each(program ...string) func(*bench, *archive) []string {
	return func(_ *bench, a *archive) []string {
		perProcess := min(max(len(a.files)/20, 25), 2000)
		return append([]string{"xargs", "-0", "-P2", "-n", strconv.Itoa(perProcess)}, program...)
	}
}

func scan(workers int) func(*bench, *archive) []string {
	return func(b *bench, a *archive) []string {
		return []string{b.path("tighten"), "scan", ".", "--usage", b.path("dataset"), "--format", "json", "--facts", "embedded", "--workers", strconv.Itoa(workers)}
	}
}

func decode(with string) func(*bench, *archive) []string {
	return func(b *bench, _ *archive) []string { return []string{b.path("decode"), "gunzip", with} }
}

// python runs one of the scripts beside this file in the folder of the objects.
func python(script string) func(*bench, *archive) []string {
	return func(b *bench, a *archive) []string {
		return []string{b.python(), b.path(script), ".", b.path("out.parquet"), strconv.FormatInt(a.largest()+1<<20, 10)}
	}
}

func jq(b *bench, a *archive) []string {
	perProcess := strconv.Itoa(max(10, len(a.files)/400))
	return []string{"xargs", "-0", "-P2", "-n", perProcess, "sh", "-c", `gzip -dc "$@" | jq -nrf "$0"`, b.path("usage.jq")}
}

// largest is the size of the largest object as JSON.
func (a *archive) largest() int64 {
	n := int64(0)
	for _, f := range a.files {
		n = max(n, f.raw)
	}
	return n
}

// path is the path of a file that only this run has.
func (b *bench) path(name string) string { return filepath.Join(b.scratch, name) }

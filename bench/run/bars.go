package main

import "fmt"

// bar is a figure that was promised, beside what was measured.
type bar struct {
	what    string
	limit   float64
	atLeast bool // else at most
	value   float64
	unit    string
	known   bool
}

func (b *bar) verdict() string {
	switch {
	case !b.known:
		return "not measured"
	case b.atLeast && b.value >= b.limit, !b.atLeast && b.value <= b.limit:
		return "met"
	}
	return "**missed**"
}

func (b *bar) String() string {
	sign, value := "≤", "–"
	if b.atLeast {
		sign = "≥"
	}
	if b.known {
		value = fmt.Sprintf("%.2f%s", b.value, b.unit)
	}
	return fmt.Sprintf("| %s | %s %g%s | %s | %s |\n", b.what, sign, b.limit, b.unit, value, b.verdict())
}

// bars are all that is promised of throughput and memory.
func (b *bench) bars() []bar {
	all := append(b.costBars(), b.wallBars()...)
	all = append(all, b.layerBars()...)
	for _, a := range b.archives {
		all = append(all, b.memoryBar(a))
	}
	return all
}

// costBars hold the processor time of a scan against that of decompression.
func (b *bench) costBars() []bar {
	var all []bar
	for _, c := range []struct {
		archive, tool string
		limit         float64
	}{
		{low, toolLibdeflate, 2.5}, {high, toolLibdeflate, 3.5}, {low, toolKlauspost, 1.1}, {high, toolKlauspost, 1.5},
		{low, toolGzip, 0.8}, {high, toolGzip, 0.8},
	} {
		v := b.ratio(c.archive, toolScan, c.tool, cpu)
		what := fmt.Sprintf("CPU of a scan ÷ %s, %.2f groups a record", c.tool, b.groups(c.archive))
		all = append(all, bar{what: what, limit: c.limit, value: v, unit: " ×", known: v > 0})
	}
	return all
}

// wallBars hold the wall time of other tools against that of a scan.
func (b *bench) wallBars() []bar {
	var all []bar
	for _, a := range b.archives {
		for _, c := range []struct {
			tool  string
			limit float64
		}{{toolDuckDB, 2.8}, {toolClickHouse, 2}, {toolPython, 8}, {toolJQ, 15}} {
			if a.name == tiny {
				if c.limit = 5; c.tool != toolDuckDB {
					continue
				}
			}
			v := b.ratio(a.name, c.tool, toolScan, wall)
			all = append(all, bar{what: "wall of " + c.tool + " ÷ a scan, " + a.name, limit: c.limit, atLeast: true, value: v, unit: " ×", known: v > 0})
		}
	}
	return all
}

// layerBars hold the parts of a scan against libraries that do the same.
func (b *bench) layerBars() []bar {
	klauspost, libdeflate := b.ratio(low, toolKlauspost, toolInflate, cpu), b.ratio(low, toolLibdeflate, toolInflate, cpu)
	ours, allocations := b.extracted("decode")
	theirs, _ := b.extracted("jx")
	second := b.ratio(low, toolScanOne, toolScan, wall)
	return []bar{
		{what: "internal/inflate ÷ klauspost, MB a CPU second", limit: 1.8, atLeast: true, value: klauspost, unit: " ×", known: klauspost > 0},
		{what: "internal/inflate ÷ libdeflate-gunzip, MB a CPU second", limit: 0.7, atLeast: true, value: libdeflate, unit: " ×", known: libdeflate > 0},
		{what: "extraction ÷ jx, MB a CPU second", limit: 2, atLeast: true, value: ours / max(theirs, 1e-9), unit: " ×", known: theirs > 0},
		{what: "allocations a record of extraction", limit: 0.01, value: allocations, known: ours > 0},
		{what: "the second worker: wall with 1 ÷ with 2", limit: 1.7, atLeast: true, value: second, unit: " ×", known: second > 0},
	}
}

// memoryBar holds the peak of a scan against what its rows may take. Rows are
// calls and usage; ids are one for each record.
func (b *bench) memoryBar(a *archive) bar {
	r := b.last(toolScan, a.name)
	if r == nil {
		return bar{what: "peak memory"}
	}
	may := 96 + (400*float64(r.calls+r.groups)+32*float64(r.records))/1e6
	peak := median(b.values(toolScan, a.name, func(r *result) float64 { return float64(r.memory) })) / 1e6
	return bar{what: "peak memory ÷ (96 MB + 400 B a row + 32 B a record), " + a.name, limit: 1, value: peak / may, unit: " ×", known: peak > 0}
}

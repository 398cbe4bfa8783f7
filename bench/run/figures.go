package main

import (
	"slices"
	"time"
)

// cpu and wall are what figures are made of.
func cpu(r *result) float64  { return (r.user + r.sys).Seconds() }
func wall(r *result) float64 { return r.wall.Seconds() }

// each calls f for every result of a tool on an archive.
func (b *bench) each(tool, archive string, f func(*result)) {
	for i := range b.results {
		if r := &b.results[i]; r.tool == tool && r.archive == archive {
			f(r)
		}
	}
}

// values are one figure of a tool, round by round.
func (b *bench) values(tool, archive string, of func(*result) float64) []float64 {
	var all []float64
	b.each(tool, archive, func(r *result) { all = append(all, of(r)) })
	return all
}

// ratio is the median of what one tool took as a multiple of another in the same
// round; 0 where one of them was not run.
func (b *bench) ratio(archive, tool, to string, of func(*result) float64) float64 {
	x, y := b.values(tool, archive, of), b.values(to, archive, of)
	if len(x) == 0 || len(x) != len(y) {
		return 0
	}
	for i := range x {
		x[i] /= max(y[i], 1e-9)
	}
	return median(x)
}

// median is the middle value; 0 of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	v := slices.Sorted(slices.Values(values))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// last is the last result of a tool on an archive, nil if there is none: for what
// is the same in each round.
func (b *bench) last(tool, archive string) (found *result) {
	b.each(tool, archive, func(r *result) { found = r })
	return found
}

// groups is the rows of usage for each record; 0 if unknown.
func (b *bench) groups(archive string) float64 {
	r := b.last(toolScan, archive)
	if r == nil || r.records == 0 {
		return 0
	}
	return float64(r.groups) / float64(r.records)
}

// extracted is the median speed of a program in MB/s, and how often it allocates
// for each record.
func (b *bench) extracted(program string) (speed, allocations float64) {
	var speeds []float64
	for _, e := range b.extracts[b.path(program)] {
		speeds = append(speeds, float64(e.bytes)/1e6/time.Duration(e.nanoseconds).Seconds())
		allocations = float64(e.allocations) / float64(e.records)
	}
	return median(speeds), allocations
}

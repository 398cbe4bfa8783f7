package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// result is one run of one tool on one archive, scaled to the whole archive.
type result struct {
	tool, archive   string
	round           int
	user, sys, wall time.Duration
	memory          int64 // of its largest process
	// groups and records that it counted, in its sample; 0 if it counts none.
	groups, records int64
	calls           int64 // rows of calls/, for scans
}

// limit is how long one process may take.
const limit = 15 * time.Minute

// measure runs everything, round by round, so that what the machine does
// meanwhile falls on all alike.
func (b *bench) measure(ctx context.Context) error {
	for round := range b.rounds {
		b.loads = append(b.loads, load())
		for _, a := range b.archives {
			for _, t := range b.tools {
				if t.missing != "" || t.only != nil && !slices.Contains(t.only, a.name) {
					continue
				}
				r, err := b.one(ctx, t, a)
				if err != nil {
					return err
				}
				r.round = round
				b.results = append(b.results, *r)
				fmt.Fprintf(b.stderr, "%d %-5s %-25s cpu %6.2f s  wall %6.2f s  %4d MB\n", round+1, a.name, t.name, (r.user + r.sys).Seconds(), r.wall.Seconds(), r.memory/1e6)
			}
		}
		if err := b.extract(ctx); err != nil {
			return err
		}
	}
	return nil
}

// one runs a tool once.
func (b *bench) one(ctx context.Context, t *tool, a *archive) (*result, error) {
	n := 1
	if !b.quick && t.sample != nil {
		n = t.sample[a.name]
	}
	names, raw := a.names(n)
	var out bytes.Buffer
	p, err := b.process(ctx, a, t.args(b, a), names, &out)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.name, err)
	}
	scale := float64(a.stats.Bytes) / float64(raw)
	r := &result{
		tool: t.name, archive: a.name, memory: p.Peak,
		user: scaled(p.User, scale), sys: scaled(p.Sys, scale), wall: scaled(p.Wall, scale),
	}
	switch {
	case t.counts:
		r.groups, r.records, err = counts(out.String())
	case strings.HasPrefix(t.name, "tighten"):
		err = r.dataset(b.path("dataset"))
	}
	if err == nil && n == 1 && r.records != 0 && r.records != a.stats.Records {
		err = fmt.Errorf("counted %d records of %d", r.records, a.stats.Records)
	}
	if err != nil {
		return nil, fmt.Errorf("%s on archive %s: %w", t.name, a.name, err)
	}
	return r, nil
}

func scaled(d time.Duration, by float64) time.Duration { return time.Duration(float64(d) * by) }

// cost is what a process used, as `decode spend` writes it.
type cost struct {
	User, Sys, Wall time.Duration
	Peak            int64
}

// process runs a command among the objects of an archive. What it wrote before is
// removed first, so that every run begins with nothing.
func (b *bench) process(ctx context.Context, a *archive, args []string, stdin []byte, stdout io.Writer) (*cost, error) {
	if err := os.RemoveAll(b.path("dataset")); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	c := exec.CommandContext(ctx, b.path("decode"), append([]string{"spend", b.path("spent.json")}, args...)...)
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) } // it ends what it began
	c.WaitDelay = 10 * time.Second
	c.Dir = a.logs()
	c.Stdin = bytes.NewReader(stdin)
	var complaint bytes.Buffer
	c.Stderr = &complaint
	if decompresses(args) { // a pipe would cost as much as the decompression
		c.Stdout = nil
	} else {
		c.Stdout = stdout
	}
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, complaint.String())
	}
	var spent cost
	return &spent, json.Unmarshal([]byte(read(b.path("spent.json"))), &spent)
}

// decompresses reports whether all that the command prints is what it decompressed.
func decompresses(args []string) bool {
	last := args[len(args)-1]
	return args[0] == "xargs" && (last == "-c" || last == "-dc")
}

// counts reads lines of groups and records.
func counts(out string) (groups, records int64, err error) {
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		var g, n int64
		if _, err := fmt.Sscan(line, &g, &n); err != nil {
			return 0, 0, fmt.Errorf("cannot read its counts: %q", line)
		}
		groups, records = groups+g, records+n
	}
	if records == 0 {
		return 0, 0, fmt.Errorf("it found no records")
	}
	return groups, records, nil
}

// dataset reads from a dataset how many rows and records it has.
func (r *result) dataset(folder string) error {
	var d struct {
		Stats struct{ Records int64 }
		Files []struct {
			Path string
			Rows int64
		}
	}
	if err := json.Unmarshal([]byte(read(folder+"/dataset.json")), &d); err != nil {
		return fmt.Errorf("dataset.json: %w", err)
	}
	for _, f := range d.Files {
		switch table, _, _ := strings.Cut(f.Path, "/"); table {
		case "usage":
			r.groups += f.Rows
		case "calls":
			r.calls += f.Rows
		}
	}
	r.records = d.Stats.Records
	return nil
}

// extraction is what reading records from memory took.
type extraction struct{ bytes, nanoseconds, allocations, records int64 }

// extract measures reading records from memory: this project's decoder and jx.
func (b *bench) extract(ctx context.Context) error {
	a := b.archives[0]
	names, _ := a.names(map[bool]int{true: 1, false: 20}[b.quick])
	programs := [][]string{{b.path("decode"), "extract"}}
	if b.jx == "" {
		programs = append(programs, []string{b.path("jx")})
	}
	for _, p := range programs {
		var out bytes.Buffer
		if _, err := b.process(ctx, a, p, names, &out); err != nil {
			return err
		}
		var e extraction
		if _, err := fmt.Sscanf(out.String(), "bytes %d ns %d allocs %d records %d", &e.bytes, &e.nanoseconds, &e.allocations, &e.records); err != nil {
			return fmt.Errorf("extraction: %w", err)
		}
		b.extracts[p[0]] = append(b.extracts[p[0]], e)
	}
	return nil
}

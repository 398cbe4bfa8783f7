package main

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// report is all results as Markdown. It names no machine and no folder.
func (b *bench) report() string {
	var s strings.Builder
	s.WriteString("# Results\n\nMade by `go run ./bench/run`; README.md beside this file says what each row does.\n\n")
	s.WriteString("- machine: " + machine() + "\n")
	fmt.Fprintf(&s, "- load (processes that want to run) before each round: %s; this run is at most 2 of them; wall times of a busy machine say little, and processor times are too high\n", strings.Join(b.loads, ", "))
	s.WriteString("- commit: " + commit() + "\n- versions: " + strings.Join(b.versions(), ", ") + "\n")
	fmt.Fprintf(&s, "- %d rounds, interleaved; medians; a ratio is the median of the rounds' ratios; [least – most]\n", b.rounds)
	s.WriteString("- CPU is user + system of the whole process and all it starts; MB are of JSON, before compression\n\n")
	b.archiveTable(&s)
	for _, a := range b.archives {
		b.table(&s, a)
	}
	b.extractTable(&s)
	b.barTable(&s)
	b.notes(&s)
	return s.String()
}

func (b *bench) archiveTable(s *strings.Builder) {
	s.WriteString("## Archives\n\n| | objects | records | JSON | compressed | ratio | median object | largest | groups a record |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, a := range b.archives {
		x := a.stats
		fmt.Fprintf(s, "| %s | %d | %d | %d MB | %d MB | %.2f | %.1f KB | %.1f KB | %.3f |\n", a.name, x.Objects, x.Records, x.Bytes/1e6,
			x.Compressed/1e6, x.Ratio(), float64(x.Median)/1e3, float64(x.Largest)/1e3, b.groups(a.name))
	}
	s.WriteString("\nA group is a row of `usage/`.\n\n")
}

// table is the rows of one archive.
func (b *bench) table(s *strings.Builder, a *archive) {
	fmt.Fprintf(s, "## Archive %s\n\n| | CPU s | user + system | MB a CPU s | CPU ÷ libdeflate | CPU ÷ tighten | wall s | wall ÷ tighten | peak memory |\n|---|---|---|---|---|---|---|---|---|\n", a.name)
	for _, t := range b.tools {
		r := b.last(t.name, a.name)
		if r == nil {
			continue
		}
		c := b.values(t.name, a.name, cpu)
		user, sys := b.values(t.name, a.name, func(r *result) float64 { return r.user.Seconds() }), b.values(t.name, a.name, func(r *result) float64 { return r.sys.Seconds() })
		memory := b.values(t.name, a.name, func(r *result) float64 { return float64(r.memory) / 1e6 })
		fmt.Fprintf(s, "| %s%s | %.2f [%.2f – %.2f] | %.2f + %.2f | %.0f | %s | %s | %.2f | %s | %.0f MB |\n", t.name, b.sampled(t, a), median(c), slices.Min(c), slices.Max(c),
			median(user), median(sys), float64(a.stats.Bytes)/1e6/max(median(c), 1e-9), times(b.ratio(a.name, t.name, toolLibdeflate, cpu)), times(b.ratio(a.name, t.name, toolScan, cpu)),
			median(b.values(t.name, a.name, wall)), times(b.ratio(a.name, t.name, toolScan, wall)), median(memory))
	}
	if r := b.last(toolScan, a.name); r != nil {
		fmt.Fprintf(s, "\n%d records, %d rows of calls, %d rows of usage: %.3f groups a record.\n", r.records, r.calls, r.groups, b.groups(a.name))
	}
	s.WriteString("\n")
}

// sampled says that a tool read a part of the objects.
func (b *bench) sampled(t *tool, a *archive) string {
	if n := t.sample[a.name]; n > 1 && !b.quick {
		return fmt.Sprintf(" (1 object in %d, scaled)", n)
	}
	return ""
}

// times prints a ratio.
func times(v float64) string {
	if v == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", v)
}

func (b *bench) extractTable(s *strings.Builder) {
	s.WriteString("## Extraction from decompressed objects in memory, one core\n\n| | MB a CPU s | allocations a record |\n|---|---|---|\n")
	for _, p := range [][2]string{{"decode", "pkg/trail"}, {"jx", "jx"}} {
		if speed, allocations := b.extracted(p[0]); speed > 0 {
			fmt.Fprintf(s, "| %s | %.0f | %.4f |\n", p[1], speed, allocations)
		}
	}
	s.WriteString("\n")
}

func (b *bench) barTable(s *strings.Builder) {
	s.WriteString("## Bars\n\n| | bar | measured | |\n|---|---|---|---|\n")
	bars := b.bars()
	for i := range bars {
		s.WriteString(bars[i].String())
	}
	s.WriteString("\n")
}

// notes say what the tables leave out.
func (b *bench) notes(s *strings.Builder) {
	s.WriteString("## Notes\n\n- Peak memory is of the largest process: for what runs two processes at a time, of one of them.\n" +
		"- tighten checks sums, counts each event id once, resolves, and writes the dataset with its ledger; the others do not.\n")
	for _, t := range b.tools {
		if t.missing != "" {
			fmt.Fprintf(s, "- %s is left out: %s.\n", t.name, t.missing)
		}
	}
	if b.jx != "" {
		fmt.Fprintf(s, "- jx is left out: %s.\n", b.jx)
	}
}

// commit is what was measured.
func commit() string {
	ctx := context.Background()
	c := said(ctx, "git", "rev-parse", "--short=12", "HEAD")
	if c == "" {
		return "unknown"
	}
	if said(ctx, "git", "status", "--porcelain", "--untracked-files=no", "--", ":!bench/RESULTS.md") != "" {
		c += ", with changes"
	}
	return c
}

// versions are those of everything measured.
func (b *bench) versions() []string {
	ctx := context.Background()
	all := []string{runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "github.com/klauspost/compress" {
				all = append(all, "klauspost/compress "+m.Version)
			}
		}
	}
	for name, how := range map[string][]string{
		toolLibdeflate: {"libdeflate-gunzip", "-V"}, toolGzip: {"gzip", "--version"}, toolJQ: {"jq", "--version"}, toolPython: {b.python(), "--version"},
	} {
		if b.tool(name).missing != "" {
			continue
		}
		if v := said(ctx, how[0], how[1:]...); v != "" {
			all = append(all, v)
		}
	}
	for name, v := range map[string]string{toolDuckDB: duckdbVersion, toolClickHouse: "chdb " + chdbVersion} {
		if b.tool(name).missing == "" {
			all = append(all, name+" "+v)
		}
	}
	if b.jx == "" {
		all = append(all, "jx "+jxVersion())
	}
	slices.Sort(all[1:])
	return all
}

// jxVersion is the version that its module asks for.
func jxVersion() string {
	out, err := exec.Command("go", "list", "-C", "bench/peers/jx", "-m", "-f", "{{.Version}}", "github.com/go-faster/jx").Output()
	if err != nil {
		return "of unknown version"
	}
	return strings.TrimSpace(string(out))
}

package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/bench/speed"
)

func TestParse(t *testing.T) {
	t.Setenv("TIGHTEN_CACHE", "/c")
	o, err := parse(nil, io.Discard)
	if err != nil || o.rounds != 3 || o.out != filepath.Join("bench", "RESULTS.md") || o.cache != filepath.FromSlash("/c/bench") || !o.peers {
		t.Errorf("%+v, %v", o, err)
	}
	o, err = parse([]string{"--quick", "--rounds", "9", "--cache", "/d"}, io.Discard)
	if err != nil || o.rounds != 1 || o.out != "-" || o.cache != filepath.FromSlash("/d/bench") {
		t.Errorf("%+v, %v", o, err)
	}
	for _, args := range [][]string{{"--rounds", "0"}, {"x"}, {"--nothing"}} {
		if _, err := parse(args, io.Discard); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}

func TestRunElsewhere(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := run(t.Context(), nil, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "root folder") {
		t.Error(err)
	}
}

// TestNames: a sample has objects of every size, and all is all.
func TestNames(t *testing.T) {
	a := &archive{}
	for i := range 100 {
		a.files = append(a.files, file{fmt.Sprint("f", i), int64((i * 37) % 100), 10 * int64((i*37)%100)})
	}
	list, raw := a.names(1)
	if n := bytes.Count(list, []byte{0}); n != 100 || raw != 49500 {
		t.Errorf("%d names, %d bytes", n, raw)
	}
	list, raw = a.names(10)
	if n := bytes.Count(list, []byte{0}); n != 10 || raw != 5000 { // sizes 50, 150, … 950
		t.Errorf("%d names, %d bytes: %q", n, raw, list)
	}
	if a.files[1].packed != 37 {
		t.Error("the sample reordered the files")
	}
	if a.largest() != 990 {
		t.Error(a.largest())
	}
}

func TestPrepare(t *testing.T) {
	o := &options{quick: true, seed: 1, cache: t.TempDir()}
	archives, err := prepare(t.Context(), o, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range archives {
		raw, packed := int64(0), int64(0)
		for _, f := range a.files {
			raw, packed = raw+f.raw, packed+f.packed
		}
		if len(a.files) != a.stats.Objects || raw != a.stats.Bytes || packed != a.stats.Compressed {
			t.Errorf("%d files of %d and %d bytes, want %+v", len(a.files), raw, packed, a.stats)
		}
	}
}

func TestCounts(t *testing.T) {
	if g, n, err := counts("3 40\n2 2\n"); g != 5 || n != 42 || err != nil {
		t.Error(g, n, err)
	}
	for _, out := range []string{"", "x", "1 0", "1 2\nwarning"} {
		if _, _, err := counts(out); err == nil {
			t.Errorf("%q: no error", out)
		}
	}
}

func TestDataset(t *testing.T) {
	folder := t.TempDir()
	text := `{"stats":{"records":9},"files":[{"path":"usage/date=2026-10-31/p","rows":2},{"path":"usage/date=unknown/p","rows":3},{"path":"calls/date=2026-10-31/p","rows":4},{"path":"ids/x","rows":9}]}`
	if err := os.WriteFile(filepath.Join(folder, "dataset.json"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var r result
	if err := r.dataset(folder); err != nil || r.groups != 5 || r.calls != 4 || r.records != 9 {
		t.Errorf("%+v, %v", r, err)
	}
	if err := r.dataset(t.TempDir()); err == nil {
		t.Error("no error for a folder that is no dataset")
	}
}

// invented is a bench with three rounds of results for some tools.
func invented() *bench {
	b := &bench{options: &options{rounds: 3, cache: "/secret/cache"}, tools: tools(), scratch: "/secret/scratch", extracts: map[string][]extraction{}, jx: "x"}
	b.archives = []*archive{{name: low, stats: &speed.Stats{Objects: 1, Records: 1000, Bytes: 1e9, Compressed: 1e8}}}
	for i, noise := range []float64{1, 3, 2} { // a machine that is busy in the second round
		for tool, seconds := range map[string]float64{toolLibdeflate: 1, toolScan: 2, toolDuckDB: 8, toolInflate: 1.25, toolScanOne: 3} {
			d := time.Duration(seconds * noise * 1e9)
			b.results = append(b.results, result{tool: tool, archive: low, round: i, user: d / 2, sys: d / 2, wall: d, memory: 50e6, groups: 70, records: 1000, calls: 80})
		}
	}
	b.extracts[b.path("decode")] = []extraction{{1e6, 1e6, 0, 100}, {1e6, 4e6, 0, 100}, {1e6, 2e6, 0, 100}}
	return b
}

func TestFigures(t *testing.T) {
	b := invented()
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"a ratio of the same round", b.ratio(low, toolScan, toolLibdeflate, cpu), 2},
		{"a tool that was not run", b.ratio(low, toolGzip, toolLibdeflate, cpu), 0},
		{"an archive that is not there", b.ratio(tiny, toolScan, toolLibdeflate, cpu), 0},
		{"groups", b.groups(low), 0.07},
		{"median of even many", median([]float64{4, 1, 2, 3}), 2.5},
		{"median of none", median(nil), 0},
	} {
		if math.Abs(c.got-c.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
	if speed, allocations := b.extracted("decode"); speed != 500 || allocations != 0 {
		t.Errorf("extraction: %v MB/s, %v allocations", speed, allocations)
	}
}

func TestBars(t *testing.T) {
	b := invented()
	got := map[string]string{}
	all := b.bars()
	for i := range all {
		got[all[i].what] = all[i].verdict()
	}
	for what, want := range map[string]string{
		"CPU of a scan ÷ libdeflate-gunzip, 0.07 groups a record":  "met",
		"CPU of a scan ÷ klauspost gzip, 0.07 groups a record":     "not measured",
		"wall of DuckDB ÷ a scan, low":                             "met",
		"wall of jq ÷ a scan, low":                                 "not measured",
		"internal/inflate ÷ libdeflate-gunzip, MB a CPU second":    "met",
		"the second worker: wall with 1 ÷ with 2":                  "**missed**",
		"peak memory ÷ (96 MB + 400 B a row + 32 B a record), low": "met",
	} {
		if got[what] != want {
			t.Errorf("%s: %q, want %q", what, got[what], want)
		}
	}
	exactly := bar{limit: 2, value: 2, known: true}
	if exactly.verdict() != "met" {
		t.Error("a figure at its limit is missed")
	}
}

func TestReport(t *testing.T) {
	b := invented()
	b.tool(toolClickHouse).missing = "not to be had"
	text := b.report()
	host, _ := os.Hostname()
	for _, secret := range []string{"/secret", host + "\n", host + " "} {
		if host != "" && strings.Contains(text, secret) {
			t.Errorf("the report says %q", secret)
		}
	}
	for _, want := range []string{
		"| tighten scan --workers 2 | 4.00 [2.00 – 6.00] | 2.00 + 2.00 | 250 | 2.00 | 1.00 | 4.00 | 1.00 | 50 MB |",
		"1000 records, 80 rows of calls, 70 rows of usage: 0.070 groups a record.",
		"- ClickHouse is left out: not to be had.",
		"| pkg/trail | 500 | 0.0000 |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
}

// TestPeers: the scripts that setUp writes are the ones that tools run.
func TestPeers(t *testing.T) {
	b := &bench{options: &options{}, scratch: t.TempDir()}
	if err := b.scripts(); err != nil {
		t.Fatal(err)
	}
	for _, x := range tools() {
		for _, arg := range x.args(b, &archive{}) {
			if strings.HasPrefix(arg, b.scratch) && (strings.HasSuffix(arg, ".py") || strings.HasSuffix(arg, ".jq")) {
				if _, err := os.Stat(arg); err != nil {
					t.Errorf("%s: %v", x.name, err)
				}
			}
		}
	}
}

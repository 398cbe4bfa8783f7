// Foresee judges the synthesis by workloads that it has not seen: it lets the
// program propose on the first days of an archive and replays what truly
// happened in the others.
//
//	go run ./bench/foresee
//	go run ./bench/foresee --seeds 3 --bars
//	go run ./bench/foresee --only saas,lake --classes
//	go run ./bench/foresee --odd 210 --seeds 3
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/bench/family"
)

// The bars: shares of calls and of attached permissions.
const (
	breakageBar = 0.001
	excessBar   = 0.01
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "foresee:", err)
		}
		os.Exit(1)
	}
}

// run judges the workloads that the arguments name.
func run(args []string, stdout, stderr io.Writer) error {
	f := flag.NewFlagSet("foresee", flag.ContinueOnError)
	f.SetOutput(stderr)
	seed := f.Uint64("seed", 1, "first seed")
	seeds := f.Int("seeds", 1, "how many seeds")
	days := f.Int("days", 60, "days of each archive")
	learn := f.Int("learn", 45, "days to learn from")
	only := f.String("only", "", "workloads, separated by commas")
	bars := f.Bool("bars", false, "fail over the bars")
	details := f.Bool("classes", false, "print what broke and what spills over")
	odd := f.Int("odd", 0, "instead: prove proposals for this many documents of odd shapes, for each seed")
	asJSON := f.Bool("json", false, "print the verdicts as JSON")
	keep := f.String("keep", "", "folder to leave the archives and proposals in (the last seed's)")
	options := f.String("options", "", "further flags of propose and backtest, separated by spaces")
	if err := f.Parse(args); err != nil {
		return err
	}
	folder, err := workFolder(*keep)
	if err != nil {
		return err
	}
	if *keep == "" {
		defer os.RemoveAll(folder)
	}
	if *odd > 0 {
		return oddities{folder, stdout, strings.Fields(*options)}.judge(*seed, *seeds, *odd)
	}
	var all []*verdict
	for s := *seed; s < *seed+uint64(*seeds); s++ {
		p := plan{seed: s, days: *days, learn: *learn, folder: folder, keep: *keep != "", options: strings.Fields(*options)}
		for _, w := range family.All() {
			if *only != "" && !slices.Contains(strings.Split(*only, ","), w.Name) {
				continue
			}
			vs, err := p.judge(w)
			if err != nil {
				return fmt.Errorf("%s, seed %d: %w", w.Name, s, err)
			}
			all = append(all, vs...)
		}
	}
	if *asJSON {
		e := json.NewEncoder(stdout)
		e.SetIndent("", " ")
		err = e.Encode(all)
	} else {
		err = table(stdout, all, *details)
	}
	if err != nil || !*bars {
		return err
	}
	return over(all)
}

// workFolder is the folder given, or a temporary one.
func workFolder(given string) (string, error) {
	if given != "" {
		return given, os.MkdirAll(given, 0o755)
	}
	return os.MkdirTemp("", "foresee")
}

// over tells which verdicts are over the bars. Of excess nobody is asked to have
// less than the expert.
func over(all []*verdict) error {
	var lines []string
	for _, v := range all {
		if v.breakage() > breakageBar || v.excess() > max(excessBar, v.floor()) || v.Foreign > 0 {
			lines = append(lines, fmt.Sprintf("%s %s: breakage %.2f %%, excess %.2f %%, %d foreign",
				v.Workload, lastPart(v.Principal), 100*v.breakage(), 100*v.excess(), v.Foreign))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d over the bars (%.1f %%, %.0f %%, 0):\n%s", len(lines), len(all), 100*breakageBar, 100*excessBar, strings.Join(lines, "\n"))
}

func lastPart(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }

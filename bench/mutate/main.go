// Command mutate seeds faults into a package, one at a time, and tells which of them the
// package's tests catch: a condition negated, one side of an && or || left out, the bound of
// a comparison moved by one, an assignment, a call or a continue left out, a truth value
// turned round. Tests that a fault cannot fail are no tests of the line that it is on.
//
//	go run ./bench/mutate -packages ./pkg/iam,./pkg/synth -n 120 -seed 1 -bar 0.98
//
// All faults are compiled in at once, behind switches, by an overlay: the checkout stays as
// it is. Only places that some test reaches are taken; the number of the others is told.
// Each fault is given to the tests that reach its place, with -short. One that ends them by
// a panic, or that they do not come back from, is caught.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	packages := flags.String("packages", "./pkg/iam,./pkg/synth", "packages, separated by commas")
	n := flags.Int("n", 120, "faults of each package")
	seed := flags.Uint64("seed", 1, "the same seed takes the same faults of the same code")
	bar := flags.Float64("bar", 0, "fail where a smaller share is caught")
	only := flags.String("only", "", "files to take faults of, separated by commas")
	equal := flags.String("equal", "bench/mutate/equal.txt", "faults that change nothing, with the reason")
	if err := flags.Parse(args); err != nil {
		return err
	}
	known, err := readEqual(*equal)
	if err != nil {
		return err
	}
	seeded, caught := 0, 0
	for _, dir := range strings.Split(*packages, ",") {
		p, err := build(dir)
		if err != nil {
			return err
		}
		defer p.remove()
		chosen := choose(p.sites, *n, *seed, *only)
		fmt.Fprintf(stdout, "%s: %d places, %d of them reached by tests; %d faults, seed %d\n", dir, len(p.sites), p.reached(), len(chosen), *seed)
		if p.left != nil {
			fmt.Fprintf(stdout, "not used, since they fail without a fault: %s\n", strings.Join(p.left, ", "))
		}
		for _, s := range chosen {
			name := fmt.Sprintf("%s/%s:%d: %s", strings.TrimPrefix(dir, "./"), s.file, s.line, s.what)
			if known[name] != "" {
				fmt.Fprintf(stdout, "equal     %s (%s)\n", name, known[name])
				continue
			}
			seeded++
			how, err := p.try(s)
			if err != nil {
				return err
			}
			if how != "" {
				caught++
				continue
			}
			fmt.Fprintf(stdout, "survived  %s\n", name)
		}
	}
	share := float64(caught) / float64(max(1, seeded))
	fmt.Fprintf(stdout, "%d of %d faults caught: %.1f %%\n", caught, seeded, 100*share)
	if share < *bar {
		return fmt.Errorf("fewer than %.1f %%", 100**bar)
	}
	return nil
}

// choose takes n of the places that tests reach, in the order of the code.
func choose(sites []site, n int, seed uint64, only string) []site {
	var out []site
	for _, s := range sites {
		if s.test && (only == "" || slices.Contains(strings.Split(only, ","), s.file)) {
			out = append(out, s)
		}
	}
	r := rand.New(rand.NewPCG(seed, 0))
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	out = out[:min(n, len(out))]
	slices.SortFunc(out, func(a, b site) int { return a.id - b.id })
	return out
}

// readEqual reads the faults that are known to change nothing: a line has the fault's name,
// a tab, and the reason. A file that is not there has none.
func readEqual(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := map[string]string{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if line := lines.Text(); line != "" && line[0] != '#' {
			name, why, ok := strings.Cut(line, "\t")
			if !ok || why == "" {
				return nil, fmt.Errorf("%s: %q has no reason", path, line)
			}
			out[name] = why
		}
	}
	return out, lines.Err()
}

// overlay is what the go command reads: other files in the place of those of the checkout.
func overlay(path string, files map[string]string) error {
	b, err := json.Marshal(map[string]any{"Replace": files})
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o600)
}

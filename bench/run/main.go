// Run makes the archives of package speed and measures a scan of them beside
// decompression alone and beside other tools.
//
//	go run ./bench/run                  three rounds, writes bench/RESULTS.md
//	go run ./bench/run --quick          20 MB, one round, prints the results
//	go run ./bench/run --archives       makes the archives and prints where they are
//
// It is a Go program and not a script because it makes the archives itself, reads
// processor time and memory from wait4(2) where GNU time is not installed. Peers are no dependencies of the project: Python
// packages go to a cache folder, jx is a module of its own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	rounds   int
	quick    bool
	archives bool
	peers    bool
	seed     uint64
	out      string
	cache    string
}

func parse(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("run", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&o.rounds, "rounds", 3, "how often everything is measured")
	f.BoolVar(&o.quick, "quick", false, "a small archive, one round, results on stdout")
	f.BoolVar(&o.archives, "archives", false, "make the archives, print their folders and stop")
	f.BoolVar(&o.peers, "peers", true, "also DuckDB, ClickHouse, Python, jq and jx")
	f.Uint64Var(&o.seed, "seed", 1, "another seed, other archives")
	f.StringVar(&o.out, "out", "", "file for the results, - for stdout (default: bench/RESULTS.md)")
	f.StringVar(&o.cache, "cache", "", "folder for archives and peers (default: $TIGHTEN_CACHE, else tighten in the user's cache folder)")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if f.NArg() > 0 {
		return nil, fmt.Errorf("argument %q: give flags only", f.Arg(0))
	}
	if o.quick {
		o.rounds = 1
	}
	if o.rounds < 1 {
		return nil, fmt.Errorf("%d rounds: give at least 1", o.rounds)
	}
	return o, o.fill()
}

// fill sets what was not given.
func (o *options) fill() error {
	if o.out == "" {
		o.out = filepath.Join("bench", "RESULTS.md")
		if o.quick {
			o.out = "-"
		}
	}
	if o.cache == "" {
		o.cache = os.Getenv("TIGHTEN_CACHE")
	}
	if o.cache == "" {
		base := os.Getenv("XDG_CACHE_HOME")
		if base == "" {
			home, err := os.UserHomeDir()
			if err != nil {
				return err
			}
			base = filepath.Join(home, ".cache")
		}
		o.cache = filepath.Join(base, "tighten")
	}
	var err error
	o.cache, err = filepath.Abs(filepath.Join(o.cache, "bench"))
	return err
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join("cmd", "tighten")); err != nil {
		return errors.New("start it in the project's root folder")
	}
	archives, err := prepare(ctx, o, stderr)
	if err != nil {
		return err
	}
	if o.archives {
		for _, a := range archives {
			if _, err := fmt.Fprintln(stdout, a.folder); err != nil {
				return err
			}
		}
		return nil
	}
	b, err := newBench(ctx, o, archives, stderr)
	if err != nil {
		return err
	}
	defer b.clean()
	if err := b.measure(ctx); err != nil {
		return err
	}
	text := b.report()
	if o.out == "-" {
		_, err = io.WriteString(stdout, text)
		return err
	}
	return os.WriteFile(o.out, []byte(text), 0o644)
}

// Archive writes an invented CloudTrail archive with its account file and the
// truth about it.
//
//	go run ./bench/archive --preset demo --out testdata/demo
//	go run ./bench/archive --preset big --bytes 2GB --out DIR
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/tighten-iam/tighten/bench/workload"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "archive:", err)
		}
		os.Exit(2)
	}
}

// run makes the archive that the arguments ask for.
func run(args []string, stdout, stderr io.Writer) error {
	f := flag.NewFlagSet("archive", flag.ContinueOnError)
	f.SetOutput(stderr)
	seed := f.Uint64("seed", 1, "the same seed gives the same bytes")
	preset := f.String("preset", "demo", "demo or big")
	size := f.String("bytes", "", "size of the JSON before compression, as 2GB or 500MB (big only; default 2GB)")
	out := f.String("out", "", "folder to write into")
	days := f.Int("days", 0, "number of days (default 100)")
	cells := f.Int("cells", 0, "number of organizations of three accounts")
	rate := f.Float64("rate", 0, "traffic, as a multiple of the demo's")
	tenants := f.Int("tenants", 0, "tenants on the first day")
	growth := f.Float64("growth", -1, "tenants that join each day")
	objects := f.Int("objects-per-day", 0, "objects for each account, region and day")
	broken := f.Bool("broken", false, "add damaged and hostile objects")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *out == "" {
		return errors.New("no folder: give --out DIR")
	}
	c, err := base(*preset, *size, *seed)
	if err != nil {
		return err
	}
	set(&c.Days, *days)
	set(&c.Cells, *cells)
	set(&c.Rate, *rate)
	set(&c.Tenants, *tenants)
	set(&c.ObjectsPerDay, *objects)
	if *growth >= 0 {
		c.Growth = *growth
	}
	c.Broken = *broken
	t, err := workload.Write(c, *out)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%d records in %d objects, %s to %s, seed %d\n", t.Records.Total, t.Objects.Log, t.First, t.Last, t.Seed)
	return err
}

// set overwrites v if the flag was given.
func set[T int | float64](v *T, given T) {
	if given != 0 {
		*v = given
	}
}

// base is the preset's configuration.
func base(preset, size string, seed uint64) (workload.Config, error) {
	switch {
	case preset == "demo" && size == "":
		c := workload.Demo()
		c.Seed = seed
		return c, nil
	case preset == "demo":
		return workload.Config{}, errors.New("--bytes goes with --preset big")
	case preset != "big":
		return workload.Config{}, fmt.Errorf("preset %q is unknown: use demo or big", preset)
	case size == "":
		size = "2GB"
	}
	n, err := parseSize(size)
	if err != nil {
		return workload.Config{}, err
	}
	return workload.Big(seed, n), nil
}

// parseSize reads a number of bytes with an optional decimal unit.
func parseSize(s string) (int64, error) {
	number, factor := strings.TrimSuffix(strings.ToUpper(s), "B"), 1e0
	for unit, f := range map[string]float64{"K": 1e3, "M": 1e6, "G": 1e9} {
		if rest, ok := strings.CutSuffix(number, unit); ok {
			number, factor = rest, f
			break
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n*factor < 1e6 || n*factor > 1e13 {
		return 0, fmt.Errorf("size %q: give 1MB to 10TB, as 2GB", s)
	}
	return int64(n * factor), nil
}

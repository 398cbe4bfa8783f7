// Decode measures parts of a scan by themselves, on the log objects whose names
// are on its standard input, a zero byte behind each.
//
//	decode gunzip inflate    decompress, with this project's internal/inflate
//	decode gunzip klauspost  decompress, with klauspost's gzip, read as it is fastest
//	decode extract           read every record of decompressed objects in memory
//
//	decode spend FILE COMMAND…  run a command, and write what it used to FILE
//
// bench/run runs it as processes of their own, so that it measures what a user
// would: files, processor time, memory.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "decode:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	if len(args) > 0 && args[0] == "spend" {
		return spend(ctx, args[1:])
	}
	list, err := io.ReadAll(stdin)
	if err != nil {
		return err
	}
	names := strings.FieldsFunc(string(list), func(r rune) bool { return r == 0 })
	switch strings.Join(args, " ") {
	case "gunzip inflate":
		return gunzip(names, stdout, func() decompressor { return new(ours) })
	case "gunzip klauspost":
		return gunzip(names, stdout, func() decompressor { return new(theirs) })
	case "extract":
		return extract(names, stdout)
	}
	return errors.New("give gunzip inflate, gunzip klauspost, extract or spend")
}

// workers is how many files are decompressed at a time.
const workers = 2

// gunzip decompresses all files and prints how many bytes they hold.
func gunzip(names []string, stdout io.Writer, newOne func() decompressor) error {
	runtime.GOMAXPROCS(workers)
	jobs := make(chan string, 4*workers)
	totals := make([]int64, workers)
	var group errgroup.Group
	for w := range workers {
		group.Go(func() error {
			var file reader
			d := newOne()
			var failed error
			for name := range jobs {
				data, err := file.read(name)
				if err == nil {
					var n int64
					n, err = d.decompress(data)
					totals[w] += n
				}
				failed = errors.Join(failed, err)
			}
			return failed
		})
	}
	for _, name := range names {
		jobs <- name
	}
	close(jobs)
	if err := group.Wait(); err != nil {
		return err
	}
	total := int64(0)
	for _, n := range totals {
		total += n
	}
	_, err := fmt.Fprintln(stdout, total)
	return err
}

// Many writes an invented CloudTrail archive with its account file: some roles, each
// with its own policy, and each with so many queues of its own. It has no meaning, and
// serves to measure what proposals for very many resources or principals take.
//
//	go run ./bench/many --principals 1 --resources 1000000 --out DIR
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "many:", err)
		}
		os.Exit(2)
	}
}

// run makes the archive that the arguments ask for.
func run(args []string, stdout, stderr io.Writer) error {
	f := flag.NewFlagSet("many", flag.ContinueOnError)
	f.SetOutput(stderr)
	c := config{}
	f.IntVar(&c.principals, "principals", 1, "roles, each with a policy of its own")
	f.IntVar(&c.resources, "resources", 1_000_000, "queues of each role, each used once")
	f.IntVar(&c.days, "days", 100, "days that the uses are spread over")
	f.BoolVar(&c.words, "words", false, "name queues by random words, not by team and number")
	f.Uint64Var(&c.seed, "seed", 1, "the same seed gives the same JSON")
	granted := f.String("actions", "sqs:*,s3:*", "actions that each policy allows on all resources, separated by commas")
	out := f.String("out", "", "folder to write into")
	if err := f.Parse(args); err != nil {
		return err
	}
	c.actions = strings.Split(*granted, ",")
	switch {
	case *out == "":
		return errors.New("no folder: give --out DIR")
	case c.principals < 1 || c.resources < 1 || c.days < 1:
		return errors.New("--principals, --resources and --days take 1 or more")
	}
	if err := c.write(*out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(stdout, "%d records in %d objects\n", c.principals*c.resources, c.days)
	return err
}

package cli

import (
	"context"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/internal/simulate"
	"github.com/tighten-iam/tighten/pkg/report"
)

// defaultMaxLine bounds a line of simulate; iam.Parse takes documents of up to 4 MiB.
const defaultMaxLine = 16 << 20

type simulateOptions struct {
	one     oneOff
	partial bool
	expect  string
	workers workersFlag
	maxLine sizeFlag
}

func newSimulate(env Env) *cobra.Command {
	o := &simulateOptions{maxLine: defaultMaxLine}
	c := &cobra.Command{
		Use:   "simulate [--action ACTION --resource ARN]",
		Short: "Decide requests: many from stdin, or one with the reasons",
		Long: "Decide authorization requests: allow, deny or unknown.\n\nWith --action and --resource, decide one request under the policies of a principal\n" +
			"(--account FILE --principal NAME) or under policy files, and say which statements and\nwhich clauses of them decide.\n\n" +
			"Without, read one JSON request a line from standard input and answer each with one line,\n{\"id\":…,\"decision\":…}, in the same order; the form is in docs/simulate.md. A line that cannot\n" +
			"be read gives {\"id\":…,\"error\":…}, and exit code 5 at the end.\n\n" +
			"unknown: the context that is not known, or a case that the documentation of AWS leaves\nopen, could decide either way.",
		Example: "  tighten simulate < requests.ndjson\n" +
			"  tighten simulate --account account.json --principal role/etl --action s3:GetObject --resource arn:aws:s3:::data/x\n" +
			"  tighten simulate --policy new.json --action s3:GetObject --resource arn:aws:s3:::data/x --expect deny",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context(), env, c) },
	}
	fl := c.Flags()
	fl.BoolVar(&o.partial, "partial-context", false, "context keys that are not given are unknown instead of absent")
	fl.StringVar(&o.expect, "expect", "", fmt.Sprintf("allow, deny or unknown: exit with %d when the decision is another; 'want': compare each line with its member want", ExitDiffer))
	fl.Var(&o.workers, "workers", "lines answered at a time (default: one per CPU)")
	fl.Var(&o.maxLine, "max-line-bytes", "longest line that is read")
	o.one.add(c)
	return c
}

func (o *simulateOptions) run(ctx context.Context, env Env, c *cobra.Command) error {
	if o.one.action != "" || o.one.resource != "" {
		return o.one.run(env, o.partial, o.expect)
	}
	if f := o.one.given(c); f != "" {
		return usagef("--%s is for one request: give --action and --resource too, or requests on stdin without it", f)
	}
	if o.expect != "" && o.expect != "want" {
		return usagef("--expect %s: want allow, deny or unknown for one request (with --action and --resource), 'want' for lines on stdin", o.expect)
	}
	s := simulate.Stream{Workers: int(o.workers), MaxLine: int(o.maxLine),
		Options: simulate.Options{PartialContext: o.partial, Expect: o.expect != ""}}
	if s.Workers == 0 {
		s.Workers = runtime.GOMAXPROCS(0)
	}
	stats, err := s.Run(ctx, env.Stdin, env.Stdout)
	if err != nil {
		return err
	}
	for _, n := range stats.Notes {
		fmt.Fprintln(env.Stderr, report.Clean(n))
	}
	bad := count(stats.Bad, "line") + " of " + fmt.Sprint(stats.Lines) + " could not be read"
	switch {
	case stats.Differ > 0 && stats.Bad > 0:
		return outcome{ExitDiffer, fmt.Sprintf("%s differ from what is wanted; %s", count(stats.Differ, "decision"), bad)}
	case stats.Differ > 0:
		return outcome{ExitDiffer, fmt.Sprintf("%s of %d differ from what is wanted", count(stats.Differ, "decision"), stats.Lines)}
	case stats.Bad > 0:
		return outcome{ExitUnreadable, bad}
	}
	return nil
}

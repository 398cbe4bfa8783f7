package cli

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tighten-iam/tighten/pkg/report"
)

// Env is what a command may touch of its surroundings.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Terminal and Width describe Stdout; ProgressTerminal describes Stderr.
	Terminal         bool
	ProgressTerminal bool
	Width            int
	Color            bool

	facts *factsFlag // of the command line under way
}

// Main runs the command line and returns the exit code. It never calls os.Exit.
func Main(ctx context.Context, args []string, env Env) int {
	ran := false
	root := newRoot(env)
	markRuns(root, &ran)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil && !ran { // unknown commands, missing flags, wrong arguments
		err = usageError{fmt.Errorf("%w (see '%s --help')", err, root.Name())}
	}
	if err != nil {
		fmt.Fprintf(env.Stderr, "tighten: %s\n", report.Clean(err.Error()))
	}
	return exitCode(err)
}

// markRuns notes when a command's own work begins: errors before that are
// mistakes in the command line.
func markRuns(c *cobra.Command, ran *bool) {
	if run := c.RunE; run != nil {
		c.RunE = func(c *cobra.Command, args []string) error {
			*ran = true
			return run(c, args)
		}
	}
	for _, sub := range c.Commands() {
		markRuns(sub, ran)
	}
}

// printVersion prints the module's version, with that of the facts in use.
func printVersion(env Env) error {
	v := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		v = info.Main.Version
	}
	c, err := env.catalog()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "tighten version %s, facts %s\n", v, report.Clean(c.Version()))
	return err
}

func newRoot(env Env) *cobra.Command {
	env.facts = &factsFlag{}
	showVersion := false
	root := &cobra.Command{
		Use:   "tighten",
		Short: "Make AWS permissions least-privilege from CloudTrail evidence",
		Long: "tighten makes AWS permissions least-privilege from evidence.\n\nIt reads CloudTrail logs, works out which IAM actions on which resources every\n" +
			"principal really used, and proposes the smallest policies that still allow it. Every\n" +
			"proposal is proved: it allows all that was seen, and nothing that is not allowed today.",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if showVersion {
				return printVersion(env)
			}
			return c.Help()
		},
	}
	root.Flags().BoolVarP(&showVersion, "version", "v", false, "version of tighten and of the facts in use")
	env.facts.add(root)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	root.AddCommand(newRun(env), newScan(env), newResolve(env), newPropose(env), newBacktest(env), newExplain(env), newDoctor(env), newActions(env),
		newSimulate(env), newCheck(env), newLint(env), newFmt(env), newKeep(env))
	strict(root)
	return root
}

// strict makes the commands that cobra adds refuse what they do not know.
func strict(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		case "help":
			c.Run, c.RunE = nil, help
		}
	}
}

func help(c *cobra.Command, args []string) error {
	topic, unknown, err := c.Root().Find(args)
	if err != nil || len(unknown) > 0 {
		return usagef("no help on %q: see '%s --help'", strings.Join(args, " "), c.Root().Name())
	}
	topic.InitDefaultHelpFlag()
	return topic.Help()
}

// The flag types of this package.
var _, _, _, _, _ pflag.Value = (*format)(nil), (*timeFlag)(nil), (*daysFlag)(nil), (*sizeFlag)(nil), (*workersFlag)(nil)

// format is the value of --format.
type format string

func (f *format) String() string { return string(*f) }
func (f *format) Type() string   { return "text|json" }

// Set accepts text and json.
func (f *format) Set(s string) error {
	if s != "text" && s != "json" {
		return fmt.Errorf("want text or json")
	}
	*f = format(s)
	return nil
}

func addFormat(c *cobra.Command, f *format) {
	*f = "text"
	c.Flags().Var(f, "format", "output on stdout: text or json")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
}

func textOptions(env Env) report.TextOptions {
	return report.TextOptions{Width: env.Width, Color: env.Color && env.Terminal}
}

package cli

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/synth"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// evidenceFlags say what counts as evidence.
type evidenceFlags struct {
	account     []string
	asOf        timeFlag
	minWindow   daysFlag
	acceptShort bool
	evidence    string
	fromScratch bool
	horizon     daysFlag
	style       string
	keep        keepFlags
}

func (f *evidenceFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.StringArrayVar(&f.account, "account", nil, "file or folder with what is granted: get-account-authorization-details JSON, and\nlast-accessed reports, event selectors, trails; recognised by content; repeats")
	fl.Var(&f.asOf, "as-of", "end of the evidence window (default: the last day in the logs)")
	f.minWindow = synth.DefaultMinWindow
	fl.Var(&f.minWindow, "min-window", "days that must be observed before anything is removed; less than 90 needs --accept-short-window")
	fl.BoolVar(&f.acceptShort, "accept-short-window", false, "accept a window of 30 days, or of what --min-window says, from 30 on: monthly and quarterly jobs may be missed")
	fl.StringVar(&f.evidence, "evidence", "standard", "what counts as visible: standard, or strict (documented only, nothing presumed)")
	fl.BoolVar(&f.fromScratch, "from-scratch", false, "make new policies from usage alone, whatever is attached")
	f.horizon = synth.DefaultHorizon
	fl.Var(&f.horizon, "horizon", "days ahead for which new resource names are expected")
	fl.StringVar(&f.style, "style", string(synth.Balanced), "how willingly resources open for names not seen yet: exact, balanced, roomy")
	_ = c.RegisterFlagCompletionFunc("style", cobra.FixedCompletions([]string{"exact", "balanced", "roomy"}, cobra.ShellCompDirectiveNoFileComp))
	f.keep.add(c)
	_ = c.RegisterFlagCompletionFunc("evidence", cobra.FixedCompletions([]string{"standard", "strict"}, cobra.ShellCompDirectiveNoFileComp))
}

// options checks the flags and turns them into synth's.
func (f *evidenceFlags) options(c *cobra.Command) (synth.Options, error) {
	o := synth.Options{AsOf: f.asOf.Time, MinWindow: int(f.minWindow), FromScratch: f.fromScratch, Workers: runtime.GOMAXPROCS(0)}
	switch f.evidence {
	case "standard":
	case "strict":
		o.Strict = true
	default:
		return o, usagef("--evidence: want standard or strict, not %q", f.evidence)
	}
	switch s := synth.Style(f.style); s {
	case synth.Exact, synth.Balanced, synth.Roomy:
		o.Style = s
	default:
		return o, usagef("--style: want exact, balanced or roomy, not %q", f.style)
	}
	o.Horizon = int(f.horizon)
	if f.acceptShort && !c.Flags().Changed("min-window") {
		o.MinWindow = synth.ShortMinWindow
	}
	if o.MinWindow < synth.DefaultMinWindow && !f.acceptShort {
		return o, usagef("--min-window below %d days needs --accept-short-window: month-end and quarterly jobs may fall outside", synth.DefaultMinWindow)
	}
	if o.MinWindow < synth.ShortMinWindow {
		return o, usagef("--min-window: %d days at least, also with --accept-short-window: month-end jobs would fall outside", synth.ShortMinWindow)
	}
	return o, f.keep.options(&o)
}

// snapshot loads the account files; nil where none were given.
func (f *evidenceFlags) snapshot(c *actions.Catalog) (*account.Snapshot, error) {
	if len(f.account) == 0 {
		return nil, nil
	}
	return account.Load(f.account, c.ManagedPolicy)
}

// proposeFlags are those of run and propose.
type proposeFlags struct {
	evidenceFlags
	out      string
	format   format
	fault    string
	untested bool
}

func (f *proposeFlags) add(c *cobra.Command) {
	f.evidenceFlags.add(c)
	c.Flags().StringVar(&f.out, "out", "", "output folder (required)")
	_ = c.MarkFlagRequired("out")
	_ = c.MarkFlagDirname("out")
	addFormat(c, &f.format)
	c.Flags().BoolVar(&f.untested, "no-backtest", false, "leave out the test of proposals of the first days on the others")
	c.Flags().StringVar(&f.fault, "inject-fault", "", "test the proof: drop-action or add-action in every proposal")
	_ = c.Flags().MarkHidden("inject-fault")
}

type proposeOptions struct {
	flags proposeFlags
	usage string
}

func newPropose(env Env) *cobra.Command {
	o := &proposeOptions{}
	c := &cobra.Command{
		Use:   "propose --usage DATASET --account PATH --out DIR",
		Short: "Propose policies from a usage dataset",
		Long:  "Compare a usage dataset with what is granted and write proposals and report to DIR, as\nrun does, without reading logs.",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return o.run(c, env) },
	}
	o.flags.add(c)
	addUsage(c, &o.usage)
	return c
}

func (o *proposeOptions) run(c *cobra.Command, env Env) error {
	opts, err := o.flags.options(c)
	if err != nil {
		return err
	}
	catalog, err := env.catalog()
	if err != nil {
		return err
	}
	snapshot, err := o.flags.snapshot(catalog)
	if err != nil {
		return err
	}
	dir, err := openOutput(o.flags.out)
	if err != nil {
		return err
	}
	table, err := readForProposals(o.usage)
	if err != nil {
		return err
	}
	return o.flags.finish(env, catalog, opts, dir, table, snapshot)
}

// options checks the flags before any work is done.
func (f *proposeFlags) options(c *cobra.Command) (synth.Options, error) {
	o, err := f.evidenceFlags.options(c)
	if err != nil {
		return o, err
	}
	o.Fault, err = fault(f.fault)
	return o, err
}

// readForProposals reads what synth looks at: of the trust rows, who assumes roles with
// SAML.
func readForProposals(root string) (*usage.Table, error) {
	t, err := usage.ReadTrimmed(root, usage.PartCalls|usage.PartUsage|usage.PartTrust|usage.PartCoverage|usage.PartDeliveries|usage.PartBroken, synth.ReadsArguments)
	if err == nil && len(t.Usage) > manyUses && os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
	return t, err
}

// manyUses is the number of rows of usage from which the collector is to run twice as
// often: most of the heap lives as long as the command, and half of it again is then the
// most that is wasted. At 1,000,000 rows it takes a tenth more time (bench/many).
const manyUses = 250_000

// finish proposes, writes all files, and prints the summary.
func (f *proposeFlags) finish(env Env, c *actions.Catalog, opts synth.Options, dir *output, table *usage.Table, snapshot *account.Snapshot) error {
	f.keep.tell(env, c)
	result, err := synth.Propose(synth.Input{Catalog: c, Table: table, Snapshot: snapshot, Options: opts})
	if err != nil {
		return err
	}
	tested, err := f.backtest(synth.Input{Catalog: c, Table: table, Snapshot: snapshot, Options: opts})
	if err != nil {
		return err
	}
	run, err := dir.write(c, result, table, snapshot, tested)
	if err != nil {
		return err
	}
	if f.format == "json" {
		err = report.JSON(env.Stdout, run)
	} else {
		text := textOptions(env)
		text.Dir = f.out
		err = report.Text(env.Stdout, run, text)
	}
	if err != nil {
		return err
	}
	return proofOutcome(result)
}

// proofOutcome reports dropped proposals, with the first counterexample.
func proofOutcome(r *synth.Result) error {
	failed, first := 0, ""
	for _, p := range r.Proposals {
		if !p.Proof.OK() {
			if failed == 0 {
				first = fmt.Sprintf("%s: %s", p.Name, p.Proof.Counterexample())
			}
			failed++
		}
	}
	if failed == 0 {
		return nil
	}
	what := fmt.Sprintf("%d proposals failed their proof and were dropped", failed)
	if failed == 1 {
		what = "1 proposal failed its proof and was dropped"
	}
	return outcome{ExitProofFailed, what + "; first: " + first}
}

// fault returns a fault to inject into every proposal, to see Check catch it.
func fault(kind string) (func(*iam.Document), error) {
	switch kind {
	case "":
		return nil, nil
	case "drop-action":
		return dropAction, nil
	case "add-action":
		return addAction, nil
	}
	return nil, usagef("--inject-fault: want drop-action or add-action")
}

func dropAction(d *iam.Document) {
	for i := range d.Statements {
		if s := &d.Statements[i]; s.Effect == iam.Allow && len(s.Action) > 0 {
			if len(s.Action) == 1 {
				d.Statements = append(d.Statements[:i:i], d.Statements[i+1:]...)
				return
			}
			s.Action = s.Action[1:]
			return
		}
	}
}

func addAction(d *iam.Document) {
	d.Statements = append(d.Statements, iam.Statement{Effect: iam.Allow, Action: iam.Strings{"tighten-fault:Injected"}, Resource: iam.Strings{"*"}})
}

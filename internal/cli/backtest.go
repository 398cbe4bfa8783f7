package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/synth"
)

type backtestOptions struct {
	evidence  evidenceFlags
	usage     string
	learn     daysFlag
	until     string
	principal string
	failAbove string
	format    format
}

func newBacktest(env Env) *cobra.Command {
	o := &backtestOptions{}
	c := &cobra.Command{
		Use:   "backtest --usage DATASET --account PATH",
		Short: "Test proposals on days that they have not seen",
		Long: "Make the proposals that the first days of the logs lead to, blind to all that came later,\n" +
			"and replay the other days against them: each call that would have been denied is listed.\n" +
			"The same figures are given for policies of exact ARNs, of actions alone, and for what is\n" +
			"attached.",
		Example: "  tighten backtest --usage out/dataset --account account.json --learn 45d",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.run(c, env) },
	}
	o.evidence.add(c)
	addUsage(c, &o.usage)
	c.Flags().Var(&o.learn, "learn", "days to learn on, from the first one (default: three quarters of them)")
	c.Flags().Lookup("learn").DefValue = ""
	c.Flags().StringVar(&o.until, "until", "", "last day to learn on, such as 2026-09-30; instead of --learn")
	c.Flags().StringVar(&o.principal, "principal", "", "test one principal only: an ARN, or a name that fits one")
	c.Flags().StringVar(&o.failAbove, "fail-above", "", "exit 3 if more than this percentage of the distinct uses would have been denied")
	c.MarkFlagsMutuallyExclusive("learn", "until")
	addFormat(c, &o.format)
	return c
}

func (o *backtestOptions) run(c *cobra.Command, env Env) error {
	opts, err := o.evidence.options(c)
	if err != nil {
		return err
	}
	days, err := o.days()
	if err != nil {
		return err
	}
	limit, err := parsePercent(o.failAbove)
	if err != nil {
		return err
	}
	catalog, err := env.catalog()
	if err != nil {
		return err
	}
	snapshot, err := o.evidence.snapshot(catalog)
	if err != nil {
		return err
	}
	table, err := readForProposals(o.usage)
	if err != nil {
		return err
	}
	if o.principal != "" {
		if opts.Principal, err = findPrincipal(o.principal, table, snapshot); err != nil {
			return err
		}
	}
	tested, err := synth.Backtest(synth.Input{Catalog: catalog, Table: table, Snapshot: snapshot, Options: opts}, days)
	if err != nil {
		return err
	}
	b := backtestReport(catalog, tested, opts.MinWindow)
	if other := otherFacts(catalog, table); other != "" {
		b.Warnings = append(b.Warnings, other)
	}
	if o.format == "json" {
		err = report.JSON(env.Stdout, b)
	} else {
		err = report.BacktestText(env.Stdout, b, textOptions(env))
	}
	if err != nil {
		return err
	}
	return tooMuch(&b.Totals, limit)
}

// days checks --learn and --until.
func (o *backtestOptions) days() (synth.BacktestOptions, error) {
	out := synth.BacktestOptions{Learn: int(o.learn)}
	if o.until == "" {
		return out, nil
	}
	var t timeFlag
	if err := t.Set(o.until); err != nil {
		return out, usagef("--until: %w", err)
	}
	out.Until = t.Time
	return out, nil
}

// parsePercent reads a percentage, with or without its sign; "" is none, below 0.
func parsePercent(s string) (float64, error) {
	if s == "" {
		return -1, nil
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "%")), 64)
	if err != nil || !(v >= 0 && v <= 100) {
		return 0, usagef("--fail-above: want a percentage such as 0.1, not %q", s)
	}
	return v, nil
}

// tooMuch is the outcome where more breaks than --fail-above allows.
func tooMuch(t *report.BacktestTotals, limit float64) error {
	if share := 100 * t.Breakage; limit >= 0 && share > limit {
		return outcome{ExitDiffer, fmt.Sprintf("%.4g %% of the distinct uses would have been denied (%d of %d), --fail-above allows %g %%", share, t.Denied, t.Replayed, limit)}
	}
	return nil
}

func backtestReport(c *actions.Catalog, t *synth.Tested, minWindow int) *report.Backtest {
	if minWindow <= 0 {
		minWindow = synth.DefaultMinWindow
	}
	out := &report.Backtest{Version: report.Version, Facts: c.Version(), From: day(t.From), TrainedUntil: day(t.TrainedUntil), To: day(t.To),
		TrainDays: t.TrainDays, ReplayDays: t.ReplayDays, MinWindow: t.MinWindow, ProposalsDue: minWindow, Horizon: t.Horizon, Style: string(t.Style)}
	for i := range t.Principals {
		p := &t.Principals[i]
		x := report.BacktestPrincipal{Principal: p.ARN, Account: p.Account, Status: string(p.Status), TrainedUntil: out.TrainedUntil, BacktestTotals: testedReport(p)}
		for j := range p.Lost {
			x.WouldBeDenied = append(x.WouldBeDenied, lostReport(&p.Lost[j]))
		}
		out.Principals = append(out.Principals, x)
	}
	sum := t.Totals()
	out.Totals = testedReport(&sum)
	return out
}

func lostReport(l *synth.Lost) report.DeniedCall {
	return report.DeniedCall{Action: l.Action, Resource: l.Resource, Calls: l.Calls, Days: l.Days, First: timePointer(l.First), Last: timePointer(l.Last),
		Policy: l.Policy, Statement: l.Statement, Sid: l.Sid, Fate: string(l.Fate), Reason: l.Reason}
}

func testedReport(p *synth.PrincipalTested) report.BacktestTotals {
	figures := func(f *synth.Figures) report.BacktestFigures {
		var top []report.ActionPermissions
		for _, a := range f.Excess.Top {
			top = append(top, report.ActionPermissions{Action: a.Action, Permissions: a.Count})
		}
		return report.BacktestFigures{Denied: f.Denied, DeniedCalls: f.DeniedCalls, Foreign: f.Foreign,
			Breakage: share(int64(f.Denied), int64(p.Replayed)), CallShare: share(f.DeniedCalls, p.Calls),
			Excess: report.BacktestExcess{Permissions: f.Excess.Unused, Attached: f.Excess.Attached, Shared: f.Excess.Shared, Kept: f.Excess.Kept,
				Ratio: share(f.Excess.Unused, f.Excess.Attached), Sampled: f.Excess.Sampled, Top: top}}
	}
	return report.BacktestTotals{Replayed: p.Replayed, ReplayedCalls: p.Calls, Unexplained: p.Unexplained, KeptNotVisible: p.KeptNotVisible, KeptOnPurpose: p.KeptOnPurpose,
		BacktestFigures: figures(&p.Proposed),
		Baselines:       report.BacktestBaselines{Exact: figures(&p.Exact), ActionOnly: figures(&p.ActionOnly), Attached: figures(&p.Attached)}}
}

// share is a fraction, 0 of nothing.
func share(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

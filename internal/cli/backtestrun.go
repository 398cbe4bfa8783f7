package cli

import (
	"errors"
	"fmt"

	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/synth"
)

// testedRun is the backtest of a run; nil: not asked for.
type testedRun struct {
	*synth.Tested
	reason string // why there is none
}

// backtest tests the proposals of a run, as far as there are days for it.
func (f *proposeFlags) backtest(in synth.Input) (*testedRun, error) {
	if f.untested {
		return nil, nil
	}
	in.Options.Fault = nil
	t, err := synth.Backtest(in, synth.BacktestOptions{})
	if errors.Is(err, synth.ErrTooFewDays) {
		return &testedRun{reason: err.Error()}, nil
	}
	return &testedRun{Tested: t}, err
}

// addTo puts the result beside each principal, and a note on the policies of which a
// call would have been denied. What is proposed now has seen these calls.
func (t *testedRun) addTo(run *report.Run) {
	switch {
	case t == nil:
		return
	case t.Tested == nil:
		run.Backtest = &report.RunBacktest{Reason: t.reason}
		return
	}
	sum := t.Totals()
	run.Backtest = &report.RunBacktest{TrainedUntil: day(t.TrainedUntil), TrainDays: t.TrainDays, ReplayDays: t.ReplayDays, MinWindow: t.MinWindow,
		Replayed: sum.Replayed, Denied: sum.Proposed.Denied, DeniedCalls: sum.Proposed.DeniedCalls, Breakage: share(int64(sum.Proposed.Denied), int64(sum.Replayed))}
	by := map[string]*synth.PrincipalTested{}
	for i := range t.Principals {
		by[t.Principals[i].ARN] = &t.Principals[i]
	}
	for i := range run.Principals {
		p := &run.Principals[i]
		if x := by[p.Principal]; x != nil && len(p.Policies) > 0 {
			p.Backtest = &report.PrincipalBacktest{TrainedUntil: run.Backtest.TrainedUntil, Replayed: x.Replayed, Denied: x.Proposed.Denied,
				DeniedCalls: x.Proposed.DeniedCalls, Breakage: share(int64(x.Proposed.Denied), int64(x.Replayed))}
			addLost(p, x.Lost, run.Backtest.TrainedUntil)
		}
	}
}

// addLost notes on each policy what its proposal of the days learnt would have denied.
func addLost(p *report.Principal, lost []synth.Lost, until string) {
	for i := range p.Policies {
		x := &p.Policies[i]
		var names []string
		for j := range lost {
			if l := &lost[j]; l.Policy == x.Name && l.Owner == x.Owner {
				names = append(names, l.Action+" on "+l.Resource)
			}
		}
		if len(names) > 0 {
			x.Notes = append(x.Notes, fmt.Sprintf("backtest: what the logs until %s lead to would have denied %s that came later (this proposal has seen them): %s",
				until, count(int64(len(names)), "use"), some(names, 3)))
		}
	}
}

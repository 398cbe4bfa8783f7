package synth

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
)

// ErrTooFewDays is returned by Backtest where the logs are too short to learn on a part
// of them and test on the rest.
var ErrTooFewDays = errors.New("too few days for a backtest")

// BacktestOptions say on which days Backtest learns. The zero value means the first
// three quarters of the days covered.
type BacktestOptions struct {
	Learn int       // days from the first one covered; 0: as Until says
	Until time.Time // the last day learnt; zero: as Learn says
}

// leastBacktest is the number of days that logs must cover for a backtest of which
// nobody said on how many of them to learn.
const leastBacktest = 14

// Tested is what Backtest returns, sorted by principal.
type Tested struct {
	From, TrainedUntil, To time.Time // days, inclusive: first learnt, last learnt, last replayed
	TrainDays, ReplayDays  int       // calendar days
	MinWindow              int       // observed days that a removal needed in the test
	Horizon                int
	Style                  Style
	Principals             []PrincipalTested
}

// PrincipalTested is the test of one principal.
type PrincipalTested struct {
	ARN, Account string
	Status       Status // of the proposals made from the days learnt
	Replayed     int    // distinct (action, resource) used with success after the cut, which the attached documents allow
	Calls        int64  // of these
	// Unexplained are those that no attached statement allows, or that a Deny forbids:
	// something else allowed them, and no proposal is blamed.
	Unexplained    int
	Lost           []Lost // sorted by action and resource
	Proposed       Figures
	KeptNotVisible int // actions kept, since the logs could not show them
	KeptOnPurpose  int // actions kept, since the keep list or what was detected wants it
	Exact          Figures
	ActionOnly     Figures
	Attached       Figures
}

// Figures measure one set of policies against the days after the cut.
type Figures struct {
	Denied      int   // distinct (action, resource) of those replayed
	DeniedCalls int64 // calls of these
	Excess      Excess
	// Foreign counts (action, resource) that patterns which the proposal made let
	// through, though only others were seen to use the action on that resource, and the
	// principals of the proposal never touched it.
	Foreign int
}

// Excess counts permissions, pairs of an action and a resource seen in the whole log,
// that are allowed and were never used. Actions that the logs could not have shown, and
// those that are kept on purpose, are left out.
type Excess struct {
	Unused   int64 // allowed, and used on no day
	Shared   int64 // of Unused: used by another principal of the same document; of the proposals only
	Kept     int64 // beside Unused: allowed, never used and kept on purpose; of the proposals only
	Attached int64 // allowed by what is attached, used or not
	Sampled  bool  // a pattern was tried on some of the resources only
	// Top are the actions with most of Unused, at most 5; of the proposals only.
	Top []ActionCount
}

// ActionCount counts permissions of one action.
type ActionCount struct {
	Action string
	Count  int64
}

// Lost is a use after the cut that the proposals would have denied.
type Lost struct {
	Action, Resource string
	Calls            int64
	Days             int
	First, Last      time.Time
	Policy           string      // name of the policy whose proposal lost it
	Key              account.Key // of that policy
	Owner            string      // of its proposal
	Statement        int         // of the attached document, 0-based; -1 for a new one
	Sid              string
	Fate             Fate // of the action at the cut
	Reason           string
}

// add sums figures up.
func (f *Figures) add(g *Figures) {
	f.Denied += g.Denied
	f.DeniedCalls += g.DeniedCalls
	f.Foreign += g.Foreign
	if g.Excess.Attached == 0 {
		return // nothing is attached to compare with
	}
	f.Excess.Unused += g.Excess.Unused
	f.Excess.Shared += g.Excess.Shared
	f.Excess.Kept += g.Excess.Kept
	f.Excess.Attached += g.Excess.Attached
	f.Excess.Sampled = f.Excess.Sampled || g.Excess.Sampled
}

// Totals sums the principals up.
func (t *Tested) Totals() PrincipalTested {
	var sum PrincipalTested
	for i := range t.Principals {
		p := &t.Principals[i]
		sum.Replayed += p.Replayed
		sum.Calls += p.Calls
		sum.Unexplained += p.Unexplained
		sum.KeptNotVisible += p.KeptNotVisible
		sum.KeptOnPurpose += p.KeptOnPurpose
		sum.Proposed.add(&p.Proposed)
		sum.Exact.add(&p.Exact)
		sum.ActionOnly.add(&p.ActionOnly)
		sum.Attached.add(&p.Attached)
	}
	return sum
}

// Backtest makes the proposals that Propose makes of the first days, blind to all that
// came later, and replays the other days against them. The table is in disorder while it
// works, and as before when it returns.
func Backtest(in Input, o BacktestOptions) (*Tested, error) {
	c, err := newCut(&in, o)
	if err != nil {
		return nil, err
	}
	past := in
	past.Snapshot = c.snapshot(&in)
	parts := c.split(in.Table)
	defer parts.restore()
	past.Table = parts.before
	past.Options.AsOf, past.Options.Ledger, past.Options.documentsOnly = dayTime(c.last), false, true
	past.Options.MinWindow = c.minWindow(&past)
	p, trained := propose(past)
	b := newBacktester(&in, parts.after, p, trained)
	out := &Tested{From: dayTime(c.first), TrainedUntil: dayTime(c.last), To: dayTime(c.end),
		TrainDays: int(c.last-c.first) + 1, ReplayDays: int(c.end - c.last), MinWindow: past.Options.MinWindow,
		Horizon: cmp.Or(in.Options.Horizon, DefaultHorizon), Style: cmp.Or(in.Options.Style, Balanced), Principals: b.test()}
	if want := in.Options.Principal; want != "" && len(out.Principals) == 0 {
		return nil, fmt.Errorf("%s: %w", want, ErrNoPrincipal)
	}
	return out, nil
}

package report

import "time"

// Backtest is the answer of `tighten backtest`: proposals made from the first days of
// the logs, tested on the others. Days are inclusive.
type Backtest struct {
	Version      int                 `json:"version"`
	Facts        string              `json:"facts"`
	From         string              `json:"from"`
	TrainedUntil string              `json:"trained_until"`
	To           string              `json:"to"`
	TrainDays    int                 `json:"train_days"`
	ReplayDays   int                 `json:"replay_days"`
	MinWindow    int                 `json:"min_window_days"`      // observed days that a removal needed in the test
	ProposalsDue int                 `json:"proposal_window_days"` // and what proposals themselves need
	Horizon      int                 `json:"horizon_days"`
	Style        string              `json:"style"`
	Principals   []BacktestPrincipal `json:"principals"` // by ARN
	Totals       BacktestTotals      `json:"totals"`
	Warnings     []string            `json:"warnings,omitempty"`
}

// BacktestFigures measure one set of policies. Ratios are fractions: 0.01 is 1 %.
type BacktestFigures struct {
	Denied      int            `json:"denied"`       // distinct (action, resource) of those replayed
	DeniedCalls int64          `json:"denied_calls"` // calls of these
	Breakage    float64        `json:"breakage"`     // denied ÷ replayed
	CallShare   float64        `json:"breakage_calls"`
	Excess      BacktestExcess `json:"excess"`
	// Foreign counts (action, resource) of others that are let through; of the proposals,
	// by a pattern that the attached policy does not have.
	Foreign int `json:"foreign"`
}

// BacktestExcess counts pairs of an action and a resource that are allowed and were used
// on no day, over the resources of the whole log and the actions that it could show.
type BacktestExcess struct {
	Permissions int64   `json:"permissions"`
	Shared      int64   `json:"shared,omitempty"` // of these: used by another principal of the same document; of the proposals only
	Kept        int64   `json:"kept,omitempty"`   // beside these: never used, and kept on purpose; of the proposals only
	Attached    int64   `json:"attached"`         // pairs that the attached policies allow
	Ratio       float64 `json:"ratio"`            // permissions ÷ attached; 0 where nothing is attached
	Sampled     bool    `json:"sampled,omitempty"`
	// Top are the actions with most of the permissions, at most 5; of the proposals only.
	Top []ActionPermissions `json:"top,omitempty"`
}

// ActionPermissions counts permissions of one action.
type ActionPermissions struct {
	Action      string `json:"action"`
	Permissions int64  `json:"permissions"`
}

// BacktestTotals are the figures of one principal, or of all. A distinct use is one of
// (principal, action, resource).
type BacktestTotals struct {
	Replayed       int   `json:"replayed"`
	ReplayedCalls  int64 `json:"replayed_calls"`
	Unexplained    int   `json:"unexplained"`      // distinct uses beside, which no attached policy allows
	KeptNotVisible int   `json:"kept_not_visible"` // actions that the logs could not have shown
	KeptOnPurpose  int   `json:"kept_on_purpose"`  // actions that the keep list, or what was detected, wants
	BacktestFigures
	Baselines BacktestBaselines `json:"baselines"`
}

// BacktestBaselines are what to compare the proposals with.
type BacktestBaselines struct {
	Exact      BacktestFigures `json:"exact"`       // the very (action, resource) seen
	ActionOnly BacktestFigures `json:"action_only"` // the actions seen, on the attached resources
	Attached   BacktestFigures `json:"attached"`    // what is attached
}

// BacktestPrincipal is the test of one principal.
type BacktestPrincipal struct {
	Principal    string `json:"principal"` // ARN
	Account      string `json:"account"`
	Status       string `json:"status"` // of the proposals of the days learnt
	TrainedUntil string `json:"trained_until"`
	BacktestTotals
	WouldBeDenied []DeniedCall `json:"would_be_denied"`
}

// DeniedCall is a use that the proposals would have denied.
type DeniedCall struct {
	Action    string     `json:"action"`
	Resource  string     `json:"resource"`
	Calls     int64      `json:"calls"`
	Days      int        `json:"days"`
	First     *time.Time `json:"first,omitempty"`
	Last      *time.Time `json:"last,omitempty"`
	Policy    string     `json:"policy"`    // whose proposal lost it
	Statement int        `json:"statement"` // of the attached document, 0-based; -1 where there is none
	Sid       string     `json:"sid,omitempty"`
	Fate      string     `json:"fate"` // of the action when the learning ended
	Reason    string     `json:"reason"`
}

// whole is a copy without null lists.
func (b *Backtest) whole() Backtest {
	c := *b
	c.Principals = list(append([]BacktestPrincipal(nil), b.Principals...))
	for i := range c.Principals {
		c.Principals[i].WouldBeDenied = list(c.Principals[i].WouldBeDenied)
	}
	return c
}

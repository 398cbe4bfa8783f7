package report

import "fmt"

// RunBacktest is the backtest of a run in short; `tighten backtest` tells all.
type RunBacktest struct {
	TrainedUntil string  `json:"trained_until,omitempty"` // last day learnt
	TrainDays    int     `json:"train_days,omitempty"`
	ReplayDays   int     `json:"replay_days,omitempty"`
	MinWindow    int     `json:"min_window_days,omitempty"` // observed days that a removal needed in the test
	Replayed     int     `json:"replayed"`                  // distinct (principal, action, resource)
	Denied       int     `json:"denied"`
	DeniedCalls  int64   `json:"denied_calls"`
	Breakage     float64 `json:"breakage"`         // denied ÷ replayed
	Reason       string  `json:"reason,omitempty"` // why there is none
}

// PrincipalBacktest is RunBacktest of one principal.
type PrincipalBacktest struct {
	TrainedUntil string  `json:"trained_until"`
	Replayed     int     `json:"replayed"`
	Denied       int     `json:"denied"`
	DeniedCalls  int64   `json:"denied_calls"`
	Breakage     float64 `json:"breakage"`
}

// text is the line of the totals.
func (b *RunBacktest) text() string {
	if b.Reason != "" {
		return "none: " + Clean(b.Reason)
	}
	return fmt.Sprintf("learnt %s to %s, replayed %s: %s of %s would have been denied (%s)", plural(b.TrainDays, "day"), Clean(b.TrainedUntil),
		plural(b.ReplayDays, "day"), number(b.Denied), plural(b.Replayed, "distinct use"), percent(int64(b.Denied), int64(b.Replayed)))
}

// text is what the page says of a principal: "backtest: 0 of 77 denied".
func (b *PrincipalBacktest) text() string {
	return fmt.Sprintf("backtest: %s of %s denied", number(b.Denied), number(b.Replayed))
}

// tested adds a column with what the backtest denies, where there is one and room for it.
func (t *table) tested(rows []row, room int) {
	any := false
	for i := range rows {
		any = any || rows[i].p.Backtest != nil
	}
	if !any {
		return
	}
	wide := table{cols: append([]shape(nil), t.cols...), rows: make([][]cell, len(t.rows))}
	for i := range t.rows {
		wide.rows[i] = append([]cell(nil), t.rows[i]...)
	}
	wide.add(shape{title: "BREAKS", right: true}, rows, func(r *row) cell {
		switch b := r.p.Backtest; {
		case b == nil || b.Replayed == 0:
			return cell{"–", faint}
		case b.Denied == 0:
			return cell{"0", good}
		default:
			return cell{number(b.Denied), bad}
		}
	})
	if wide.need() <= room {
		*t = wide
	}
}

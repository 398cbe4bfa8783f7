package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
)

// BacktestText writes a backtest for a person: on what it learnt, a table of the
// principals that were replayed, and the uses that would have been denied.
func BacktestText(w io.Writer, b *Backtest, o TextOptions) error {
	p := newPage(o)
	p.line(p.paint(strong, "Backtest") + fmt.Sprintf("  learnt %s, replayed %s", days(b.From, b.TrainedUntil, b.TrainDays), plural(b.ReplayDays, "day")+" to "+Clean(b.To)))
	p.note("          ", fmt.Sprintf("style %s, horizon %s; removals needed %s here, proposals themselves need %s",
		Clean(b.Style), plural(b.Horizon, "day"), plural(b.MinWindow, "observed day"), plural(b.ProposalsDue, "day")), faint)
	for _, s := range b.Warnings {
		p.note("warning: ", Clean(s), wary)
	}
	p.backtestTable(b, o)
	p.backtestDenied(b, o)
	return p.writeTo(w)
}

func days(from, to string, n int) string {
	return fmt.Sprintf("%s (%s)", span(from, to), plural(n, "day"))
}

// percent prints a fraction: 0.1 %. What is not zero never looks like it.
func percent(part, whole int64) string {
	if whole == 0 || part == 0 {
		if part == 0 {
			return "0 %"
		}
		return "–"
	}
	share := 100 * float64(part) / float64(whole)
	if share < 0.01 {
		return "<0.01 %"
	}
	return strconv.FormatFloat(share, 'f', 2, 64) + " %"
}

// backtestTable prints a line for each principal with something to replay, those that
// break most first, and the totals.
func (p *page) backtestTable(b *Backtest, o TextOptions) {
	var rows []*BacktestPrincipal
	for i := range b.Principals {
		if x := &b.Principals[i]; x.Replayed+x.Unexplained > 0 || x.Excess.Permissions > 0 {
			rows = append(rows, x)
		}
	}
	slices.SortStableFunc(rows, func(x, y *BacktestPrincipal) int { return y.Denied - x.Denied })
	shown, rest := first(rows, o.most(len(rows)))
	t := table{cols: []shape{{title: nameTitle, least: leastName, fit: fitNames}, {title: "REPLAYED", right: true}, {title: "DENIED", right: true},
		{title: "BREAKS", right: true}, {title: "EXCESS", right: true}, {title: "FOREIGN", right: true}, {title: "EXACT", right: true}, {title: "ACTIONS", right: true}, {title: "EXCESS", right: true}}}
	for _, x := range shown {
		t.rows = append(t.rows, backtestCells(shortName(x.Principal), &x.BacktestTotals))
	}
	t.rows = append(t.rows, backtestCells("all of "+number(len(b.Principals)), &b.Totals))
	p.line("")
	p.lines(t.lines(p.room, p.pen))
	if rest > 0 {
		p.line("… and " + plural(rest, "more principal"))
	}
	p.note("", "BREAKS: distinct uses that the proposals would have denied; EXCESS: what they allow and nobody used, of what is attached; "+
		"FOREIGN: resources of others that their patterns let through. EXACT, ACTIONS: breakage of policies of exact ARNs, and of actions alone with their EXCESS.", faint)
}

func backtestCells(name string, t *BacktestTotals) []cell {
	denied := cell{number(t.Denied), good}
	if t.Denied > 0 {
		denied.ink = bad
	}
	n, e := int64(t.Replayed), t.Excess.Attached
	return []cell{{name, strong}, {number(t.Replayed), none}, denied, {percent(int64(t.Denied), n), none},
		{percent(t.Excess.Permissions, e), none}, countCell(t.Foreign), {percent(int64(t.Baselines.Exact.Denied), n), faint},
		{percent(int64(t.Baselines.ActionOnly.Denied), n), faint}, {percent(t.Baselines.ActionOnly.Excess.Permissions, e), faint}}
}

// backtestDenied lists the uses that would have been denied.
func (p *page) backtestDenied(b *Backtest, o TextOptions) {
	left := o.most(b.Totals.Denied)
	hidden := b.Totals.Denied - left
	for i := range b.Principals {
		x := &b.Principals[i]
		some, _ := first(x.WouldBeDenied, left)
		left -= len(some)
		if len(some) > 0 {
			p.line("")
			p.line(p.paint(strong, shortName(x.Principal)) + " would have been denied")
		}
		for _, d := range some {
			when := ""
			if d.First != nil {
				when = d.First.UTC().Format("2006-01-02") + "  "
			}
			p.line("  " + when + end(Clean(d.Action)+" on "+Clean(d.Resource), p.room-16))
			p.note("      ", fmt.Sprintf("%s on %s, by %s: %s", plural(d.Calls, "call"), plural(d.Days, "day"), Clean(d.Policy), Clean(d.Reason)), faint)
		}
	}
	if hidden > 0 {
		p.line("… and " + plural(hidden, "more use") + ": --format json has all")
	}
}

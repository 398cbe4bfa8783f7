package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// leastName is the number of columns that the name of a principal keeps where it
// needs them.
const leastName = 24

// form is one way to lay out the table of principals with a proposal.
type form struct {
	proof   proofForm
	status  bool // in a column; else it stands after the name where it is not "tightened"
	stacked bool // what is removed stands in a second line
}

// proofForm is how long a proof is told.
type proofForm int

const (
	fullProof proofForm = iota // covers 142/142 · nothing new
	halfProof                  // 142/142 · nothing new
	signProof                  // 142/142 ✓
)

// forms lists the layouts, the widest first; the last one fits anywhere.
func forms() [5]form {
	return [...]form{
		{fullProof, true, false},
		{halfProof, true, false},
		{signProof, false, false},
		{halfProof, false, true},
		{signProof, false, true},
	}
}

// changed prints the table of principals with a proposal in the widest form that fits.
func (p *page) changed(rows []row, accounts bool) {
	if len(rows) == 0 {
		return
	}
	all := forms()
	i := 0
	for i < len(all)-1 && upper(rows, accounts, all[i]).need() > p.room {
		i++
	}
	t := upper(rows, accounts, all[i])
	t.tested(rows, p.room)
	p.line("")
	if all[i].stacked {
		t.stretch(p.room)
	}
	for n, l := range t.lines(p.room, p.pen) {
		p.line(l)
		if n > 0 && all[i].stacked {
			p.line(end(strings.Repeat(" ", t.indent())+removedText(&rows[n-1]), p.room))
		}
	}
	p.legend(rows, all[i].proof)
}

func proofCell(p *Proof, f proofForm) cell {
	c := cell{ink: good}
	if !p.ok() {
		c.ink = bad
	}
	switch f {
	case fullProof:
		c.text = p.full()
	case halfProof:
		c.text = p.coversText() + " · " + p.subsetText()
	case signProof:
		c.text = number(p.Covers.Allowed) + "/" + number(p.Covers.Requests) + " " + subsetSign(p)
	}
	return c
}

// subsetSign is the second claim in one character.
func subsetSign(p *Proof) string {
	switch {
	case !p.Subset.Applicable:
		return "–"
	case p.Subset.Holds != nil && *p.Subset.Holds:
		return "✓"
	}
	return "✗"
}

// upper is the table, or where it is stacked, of the upper line of each principal.
func upper(rows []row, accounts bool, f form) *table {
	t := named(rows, accounts, !f.status)
	days := shape{title: "DAYS", right: true}
	if f.status {
		t.add(statusShape(), rows, statusCell)
	}
	t.actions(rows)
	if !f.stacked {
		t.removed(rows)
	}
	t.add(shape{title: "PROOF"}, rows, func(r *row) cell { return proofCell(&r.p.Proof, f.proof) })
	if f.status {
		t.add(shape{title: "EVIDENCE", right: true}, rows, evidenceCell)
		return t
	}
	t.add(days, rows, func(r *row) cell { return countCell(r.p.Window.Days) })
	return t
}

// indent is where the name starts.
func (t *table) indent() int {
	if len(t.cols) > 0 && t.cols[0].title == accountTitle {
		return t.widths()[0] + t.gap(1)
	}
	return 2
}

// stretch widens the name until the last column ends at the margin.
func (t *table) stretch(room int) {
	ws := t.widths()
	for c, w := range ws {
		room -= w + t.gap(c)
	}
	for c := range t.cols {
		if s := &t.cols[c]; s.title == nameTitle && room > 0 {
			s.title += strings.Repeat(" ", ws[c]-width(s.title)+room)
		}
	}
}

const (
	accountTitle = "ACCOUNT"
	nameTitle    = "PRINCIPAL"
)

// named starts a table with the account, where there are several, and the name.
func named(rows []row, accounts, status bool) *table {
	t := &table{rows: make([][]cell, len(rows))}
	if accounts {
		t.add(shape{title: accountTitle, least: 12, fit: fitNames}, rows, func(r *row) cell { return cell{Clean(r.p.Account), faint} })
	}
	t.add(shape{title: nameTitle, least: leastName, fit: fitNames}, rows, func(r *row) cell {
		if status && r.p.Status != "tightened" {
			return cell{r.name + " (" + Clean(r.p.Status) + ")", strong}
		}
		return cell{r.name, strong}
	})
	return t
}

// add appends a column, its cells made from the rows.
func (t *table) add(s shape, rows []row, f func(*row) cell) {
	t.cols = append(t.cols, s)
	for i := range rows {
		t.rows[i] = append(t.rows[i], f(&rows[i]))
	}
}

// actions adds three columns that read as one: before → after.
func (t *table) actions(rows []row) {
	t.add(shape{title: "BEFORE", right: true}, rows, func(r *row) cell { return cell{number(r.p.Before), none} })
	t.add(shape{title: "→", tight: true}, rows, func(*row) cell { return cell{"→", faint} })
	t.add(shape{title: "AFTER", right: true, tight: true}, rows, func(r *row) cell { return cell{number(r.p.After), none} })
}

// removed adds a column for each access level, and one for what is narrowed.
func (t *table) removed(rows []row) {
	for i, l := range levels() {
		if l.name == "" && !anyRemoved(rows, i) {
			continue
		}
		t.add(shape{title: l.letter, right: true, tight: i > 0}, rows, func(r *row) cell {
			c := countCell(r.removed[i])
			if i == 0 && r.removed[i] > 0 {
				c.ink = bad
			}
			return c
		})
	}
	t.add(shape{title: "~", right: true, tight: true}, rows, func(r *row) cell { return countCell(r.narrowed) })
}

func anyRemoved(rows []row, level int) bool {
	return slices.ContainsFunc(rows, func(r row) bool { return r.removed[level] > 0 })
}

// countCell shows a zero as a dot, so that the other numbers stand out.
func countCell(n int) cell {
	if n == 0 {
		return cell{"·", faint}
	}
	return cell{number(n), none}
}

// removedText is what the columns of removed would say, in one line.
func removedText(r *row) string {
	var parts []string
	for i, l := range levels() {
		if r.removed[i] > 0 {
			parts = append(parts, l.letter+" "+number(r.removed[i]))
		}
	}
	if r.narrowed > 0 {
		parts = append(parts, "~ "+number(r.narrowed))
	}
	if len(parts) == 0 {
		return "·"
	}
	return strings.Join(parts, "  ")
}

func statusShape() shape { return shape{title: "STATUS", least: 10, fit: fitProse} }

// statusCell leaves the colour to the statuses that ask for something.
func statusCell(r *row) cell {
	c := cell{text: Clean(r.p.Status)}
	switch r.p.Status {
	case "tightened":
		c.ink = good
	case "unused":
		c.ink = wary
	case "unchanged", "skipped":
		c.ink = faint
	}
	return c
}

func evidenceCell(r *row) cell {
	if r.p.Window.Days == 0 {
		return cell{"none", faint}
	}
	return cell{plural(r.p.Window.Days, "day"), none}
}

// legend explains the letters and signs above.
func (p *page) legend(rows []row, form proofForm) {
	var parts []string
	for i, l := range levels() {
		if l.name != "" || anyRemoved(rows, i) {
			parts = append(parts, l.letter+" "+l.what)
		}
	}
	text := "Removed: " + strings.Join(parts, ", ") + ". ~ resources narrowed."
	if form == signProof {
		text += " Proof: requests still allowed/seen; ✓ nothing new is allowed, – nothing to compare with."
	}
	p.line("")
	p.note("", text, faint)
}

// others prints the principals that are not in the table of changes under their status and reason.
func (p *page) others(rows []row, accounts bool) {
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].p.Status == rows[0].p.Status && rows[n].p.Reason == rows[0].p.Reason {
			n++
		}
		p.group(rows[:n], accounts)
		rows = rows[n:]
	}
}

// group prints a status with its reason once, and below it whom it is about.
func (p *page) group(rows []row, accounts bool) {
	status, text := statusCell(&rows[0]).text, ""
	if rows[0].p.Reason != "" {
		text = ": " + Clean(rows[0].p.Reason)
	}
	p.line("")
	for _, l := range wrap(status+text, p.room) {
		if rest, ok := strings.CutPrefix(l, status); ok && status != "" {
			l, status = p.paint(strong, status)+rest, ""
		}
		p.line(l)
	}
	t := named(rows, accounts, false)
	for c := range t.cols {
		t.cols[c].title = ""
	}
	t.add(shape{least: 14, right: true, fit: fitProse}, rows, func(r *row) cell { return cell{r.size(), faint} })
	for _, l := range t.lines(p.room-2, p.pen) {
		p.line("  " + l)
	}
}

// size is how many actions a principal is allowed; where there is no before, how
// many are proposed, and how much of what was seen they cover.
func (r *row) size() string {
	switch {
	case r.changed:
		return plural(r.p.After, "action") + " proposed · covers " + r.p.Proof.coversText()
	case r.p.Before > 0:
		return plural(r.p.Before, "action")
	}
	return ""
}

// sortedStatuses orders the names of statuses as the tables do.
func sortedStatuses(by map[string]int) []string {
	names := slices.Collect(maps.Keys(by))
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(statusRank(a), statusRank(b)), cmp.Compare(a, b))
	})
	return names
}

package report

import (
	"fmt"
	"io"
	"path"
	"strings"
)

// TextOptions tune the text renderers. The zero value is right for a pipe.
type TextOptions struct {
	Width int    // columns of the terminal, within 72 and 160; 0 means 120
	Color bool   // with ANSI colours
	Max   int    // most rows of the table, of services in an explanation; 0 means 40, below 0 all
	Dir   string // output folder as the user named it, put before the names of files
	All   bool   // an explanation lists every action, as where the caller asked for certain ones
}

const (
	minWidth, defaultWidth, maxWidth = 72, 120, 160
	defaultRows                      = 40
)

func (o TextOptions) width() int {
	if o.Width == 0 {
		return defaultWidth
	}
	return min(max(o.Width, minWidth), maxWidth)
}

// most is the number of n rows that are shown.
func (o TextOptions) most(n int) int {
	switch {
	case o.Max < 0:
		return n
	case o.Max == 0:
		return min(n, defaultRows)
	}
	return min(n, o.Max)
}

// page collects the lines of a text, so that it is written at once.
type page struct {
	pen
	room int
	b    strings.Builder
}

func newPage(o TextOptions) *page { return &page{pen: pen{o.Color}, room: o.width()} }

func (p *page) line(s string)        { p.b.WriteString(s + "\n") }
func (p *page) lines(lines []string) { p.b.WriteString(strings.Join(append(lines, ""), "\n")) }

// note prints a sentence, wrapped, with its continuation lines under its start.
func (p *page) note(lead, s string, c ink) {
	for _, l := range wrap(s, p.room-width(lead)) {
		p.line(lead + p.paint(c, l))
		lead = strings.Repeat(" ", width(lead))
	}
}

func (p *page) writeTo(w io.Writer) error {
	_, err := io.WriteString(w, p.b.String())
	return err
}

// Text writes the summary of a run for a person: what was read, a table of the
// principals, the totals and where the files are. Warnings come before the table:
// they say how far it can be trusted. A run without principals (scan)
// is told in more detail of its records. No text of the run reaches w uncleaned.
func Text(w io.Writer, r *Run, o TextOptions) error {
	p := newPage(o)
	p.head(r)
	p.warnings(r)
	if len(r.Principals) > 0 {
		p.body(r, o)
		p.totals(r, o)
	}
	p.files(r, o)
	return p.writeTo(w)
}

// body prints the tables of principals, at most o.Max rows of both together.
func (p *page) body(r *Run, o TextOptions) {
	all := rowsOf(r.Principals)
	shown, _ := first(all, o.most(len(all)))
	n := 0
	for n < len(shown) && shown[n].tabled() {
		n++
	}
	p.changed(shown[:n], accountsOf(r.Principals) > 1)
	p.risks(shown[:n])
	p.others(shown[n:], accountsOf(r.Principals) > 1)
	p.more(all[len(shown):], r.Output, o)
}

// more tells what the tables leave out.
func (p *page) more(hidden []row, out *Output, o TextOptions) {
	if len(hidden) == 0 {
		return
	}
	by := map[string]int{}
	for i := range hidden {
		by[hidden[i].p.Status]++
	}
	where := "principals.jsonl"
	if out != nil && out.Principals != "" {
		where = out.Principals
	}
	p.line("")
	p.note("", fmt.Sprintf("… and %s more in %s: %s", number(len(hidden)), inDir(o.Dir, where), statuses(by)), faint)
}

// statuses prints counts by status in the order of the tables.
func statuses(by map[string]int) string {
	var parts []string
	for _, s := range sortedStatuses(by) {
		parts = append(parts, number(by[s])+" "+Clean(s))
	}
	return glue(parts)
}

// totals sums up; what was dropped is told here too.
func (p *page) totals(r *Run, o TextOptions) {
	t := &r.Totals
	rows := [][2]string{{"Principals", fmt.Sprintf("%s: %s", number(t.Principals), statuses(t.ByStatus))}}
	if t.Before > 0 || t.After > 0 {
		s := fmt.Sprintf("%s → %s allowed, summed over the principals", number(t.Before), number(t.After))
		if f := fewer(t.Before, t.After); f != "" {
			s += ": " + f
		}
		rows = append(rows, [2]string{"Actions", s})
	}
	s := "no document changes"
	if t.Proposals > 0 {
		s = plural(t.Proposals, "changed document") + ", " + number(t.Proved) + " proved"
	}
	if t.Failed > 0 {
		s += fmt.Sprintf("; %s dropped since the proof failed", number(t.Failed))
	}
	p.line("")
	rows = append(rows, [2]string{"Proposals", s})
	if plan := r.planText(o.Dir); plan != "" {
		rows = append(rows, [2]string{"Plan", plan})
	}
	if r.Backtest != nil {
		rows = append(rows, [2]string{"Backtest", r.Backtest.text()})
	}
	p.facts(rows)
}

// facts prints names with their values, the values wrapped in a column.
func (p *page) facts(rows [][2]string) {
	const col = 12
	for _, r := range rows {
		label := r[0] + strings.Repeat(" ", max(col-width(r[0]), 1))
		for i, l := range wrap(r[1], p.room-col) {
			if i == 0 {
				p.line(p.paint(strong, label) + l)
				continue
			}
			p.line(strings.Repeat(" ", col) + l)
		}
	}
}

func (p *page) warnings(r *Run) {
	const most = 8
	some, rest := first(r.Warnings, most)
	if len(some) == 0 {
		return
	}
	p.line("")
	for _, s := range some {
		p.note("! ", Clean(s), wary)
	}
	if rest > 0 {
		p.line(fmt.Sprintf("! … and %s", plural(rest, "more warning")))
	}
}

// files tells where everything is and what for.
func (p *page) files(r *Run, o TextOptions) {
	if r.Output == nil {
		return
	}
	t := table{cols: []shape{{least: 24, fit: fitNames}, {least: 10, fit: fitProse}}}
	for _, f := range [][2]string{
		{r.Output.Report, "the whole story, in a browser"},
		{r.Output.Principals, "one principal a line, for scripts"},
		{folder(r.Output.Policies), "the new documents and their diffs"},
		{folder(r.Output.Dataset), "what was used, for DuckDB, Athena and the next run"},
	} {
		if f[0] != "" {
			t.rows = append(t.rows, []cell{{inDir(o.Dir, f[0]), none}, {f[1], faint}})
		}
	}
	if len(t.rows) > 0 {
		p.line("")
		p.lines(t.lines(p.room, p.pen))
	}
}

func folder(name string) string {
	if name == "" {
		return ""
	}
	return strings.TrimSuffix(name, "/") + "/"
}

// inDir puts the output folder before the name of a file; a folder keeps its
// last slash.
func inDir(dir, name string) string {
	joined := path.Join(dir, name)
	if strings.HasSuffix(name, "/") {
		joined += "/"
	}
	return Clean(joined)
}

package report

import (
	"slices"
	"strings"

	"github.com/rivo/uniseg"
)

// width is the number of terminal columns of a clean text.
func width(s string) int { return uniseg.StringWidth(s) }

// middle shortens a text to n columns by its middle. The end gets the larger
// part: that is where ARNs differ.
func middle(s string, n int) string { return cut(s, n, (n-1)/3) }

// end shortens a sentence to n columns by its end.
func end(s string, n int) string { return cut(s, n, n-1) }

// cut shortens a text to n columns; head of them are for its beginning.
func cut(s string, n, head int) string {
	if width(s) <= n {
		return s
	}
	if n <= 0 {
		return ""
	}
	var parts []string
	var widths []int
	for state := -1; s != ""; {
		var part string
		var w int
		part, s, w, state = uniseg.FirstGraphemeClusterInString(s, state)
		parts, widths = append(parts, part), append(widths, w)
	}
	tail := n - 1 - head
	i, j := 0, len(parts)
	for i < j && widths[i] <= head {
		head -= widths[i]
		i++
	}
	for j > i && widths[j-1] <= tail {
		tail -= widths[j-1]
		j--
	}
	return strings.Join(parts[:i], "") + "…" + strings.Join(parts[j:], "")
}

// distinct shortens names to n columns such that different names stay different
// where some place of the cut makes them so.
func distinct(names []string, n int) []string {
	out := make([]string, len(names))
	same := map[string][]int{}
	var order []string
	for i, s := range names {
		out[i] = middle(s, n)
		if same[out[i]] == nil {
			order = append(order, out[i])
		}
		same[out[i]] = append(same[out[i]], i)
	}
	for _, short := range order {
		if group := same[short]; len(group) > 1 {
			separate(names, out, group, n)
		}
	}
	return out
}

// separate moves the cut of names that look the same until most of them differ.
func separate(names, out []string, group []int, n int) {
	most := 1
	for head := n - 1; head >= 0; head-- {
		var texts []string
		for _, i := range group {
			texts = append(texts, cut(names[i], n, head))
		}
		sorted := slices.Clone(texts)
		slices.Sort(sorted)
		if k := len(slices.Compact(sorted)); k > most {
			most = k
			for at, i := range group {
				out[i] = texts[at]
			}
		}
	}
}

// ink is the colour of a text; the names say what it is used for.
type ink string

const (
	none   ink = ""
	strong ink = "1"
	faint  ink = "2"
	good   ink = "32"
	wary   ink = "33"
	bad    ink = "31"
)

// pen paints where colour is asked for.
type pen struct{ color bool }

func (p pen) paint(c ink, s string) string {
	if !p.color || c == none || strings.TrimSpace(s) == "" {
		return s
	}
	return "\x1b[" + string(c) + "m" + s + "\x1b[0m"
}

// cell is one text of a table, clean already.
type cell struct {
	text string
	ink  ink
}

// shape says how the cells of a column fit.
type shape struct {
	title string
	right bool // aligned to the right
	tight bool // one space before it, not two
	least int  // columns that it may shrink to; 0: never shrinks
	fit   func(texts []string, n int) []string
}

func fitNames(texts []string, n int) []string { return distinct(texts, n) }

func fitProse(texts []string, n int) []string {
	out := make([]string, len(texts))
	for i, s := range texts {
		out[i] = end(s, n)
	}
	return out
}

// table aligns cells by the columns that a terminal gives them, not by their bytes
// or characters.
type table struct {
	cols []shape
	rows [][]cell
}

// need is the least number of columns in which the table fits.
func (t *table) need() int {
	total := 0
	for c, w := range t.widths() {
		if s := t.cols[c]; s.least > 0 {
			w = min(w, s.least)
		}
		total += w + t.gap(c)
	}
	return total
}

// gap is the space before a column.
func (t *table) gap(c int) int {
	switch {
	case c == 0:
		return 0
	case t.cols[c].tight:
		return 1
	}
	return 2
}

// widths are the natural widths of the columns.
func (t *table) widths() []int {
	out := make([]int, len(t.cols))
	for c, s := range t.cols {
		out[c] = width(s.title)
		for _, row := range t.rows {
			out[c] = max(out[c], width(row[c].text))
		}
	}
	return out
}

// shrink takes what is too much from the columns that can give, the last of
// them first, and shortens their cells.
func (t *table) shrink(room int) []int {
	ws := t.widths()
	for c := range ws {
		room -= ws[c] + t.gap(c)
	}
	for c := len(ws) - 1; c >= 0 && room < 0; c-- {
		if s := t.cols[c]; s.least > 0 && ws[c] > s.least {
			give := min(ws[c]-s.least, -room)
			ws[c], room = ws[c]-give, room+give
			t.refit(c, ws[c])
		}
	}
	return ws
}

// refit shortens the cells of a column to n columns.
func (t *table) refit(c, n int) {
	texts := make([]string, len(t.rows))
	for i, row := range t.rows {
		texts[i] = row[c].text
	}
	for i, s := range t.cols[c].fit(texts, n) {
		t.rows[i][c].text = s
	}
}

// lines lays the table out in at most room columns, its titles first where it has some.
func (t *table) lines(room int, p pen) []string {
	ws := t.shrink(room)
	var out []string
	if slices.ContainsFunc(t.cols, func(s shape) bool { return s.title != "" }) {
		head := make([]cell, len(t.cols))
		for c, s := range t.cols {
			head[c] = cell{s.title, faint}
		}
		out = append(out, t.line(head, ws, p))
	}
	for _, row := range t.rows {
		out = append(out, t.line(row, ws, p))
	}
	return out
}

// line aligns one row.
func (t *table) line(row []cell, ws []int, p pen) string {
	var b strings.Builder
	space := 0 // owed, so that no line ends in spaces
	for c, x := range row {
		fill := max(ws[c]-width(x.text), 0)
		space += t.gap(c)
		if t.cols[c].right {
			space, fill = space+fill, 0
		}
		if x.text == "" {
			space += fill
			continue
		}
		b.WriteString(strings.Repeat(" ", space))
		b.WriteString(p.paint(x.ink, x.text))
		space = fill
	}
	return b.String()
}

// glued is the space that wrap does not break at. Clean lets none through.
const glued = "\u00a0"

// glue joins parts with a dot, such that wrap breaks between them only.
func glue(parts []string) string {
	out := make([]string, len(parts))
	for i, s := range parts {
		out[i] = strings.ReplaceAll(s, " ", glued)
	}
	return strings.Join(out, glued+"· ")
}

// wrap breaks a clean text at spaces into lines of at most n columns; a longer
// word is shortened.
func wrap(s string, n int) []string {
	var out []string
	line := ""
	for _, word := range words(s, n) {
		switch {
		case line == "":
			line = word
		case width(line)+1+width(word) <= n:
			line += " " + word
		default:
			out = append(out, line)
			line = word
		}
	}
	if line != "" {
		out = append(out, line)
	}
	for i := range out {
		out[i] = strings.ReplaceAll(out[i], glued, " ")
	}
	return out
}

// words are the pieces that wrap does not break. What was glued and is too long
// for a line comes apart again.
func words(s string, n int) []string {
	var out []string
	for word := range strings.SplitSeq(s, " ") {
		parts := []string{word}
		if width(word) > n {
			parts = strings.Split(word, glued)
		}
		for _, w := range parts {
			if w != "" {
				out = append(out, middle(w, n))
			}
		}
	}
	return out
}

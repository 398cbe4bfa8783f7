package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// mark is a sign in the first column of an explanation. It can be searched for:
// grep '^-' lists what is removed.
type mark byte

const (
	markUsed       mark = ' '
	markNarrowed   mark = '~'
	markRemoved    mark = '-'
	markNotVisible mark = '?'
	markAttempted  mark = '!'
	markBlocked    mark = '='
	markKept       mark = '^'
	markUngranted  mark = '+'
)

// marks lists the signs in the order of the legend.
func marks() [8]struct {
	mark
	what string
} {
	return [...]struct {
		mark
		what string
	}{
		{markUsed, "used, kept"},
		{markNarrowed, "used, kept on fewer resources"},
		{markAttempted, "attempted without success, kept"},
		{markRemoved, "unused, removed"},
		{markNotVisible, "kept: the logs could not show it"},
		{markBlocked, "kept: something in this service is not understood"},
		{markKept, "kept by the keep list, or by what was detected"},
		{markUngranted, "seen, but no attached statement explains it"},
	}
}

// evidence is one entry with its sign.
type evidence struct {
	*Entry
	mark mark
	from []string // attached resources of a narrowed action
}

// ExplainText writes the evidence behind a proposal, by policy and statement,
// with a sign in the first column of each action. Where a statement has many
// actions that were not used, they are summed up by service, unless o.All is set.
// Entries of one action only are told in full.
func ExplainText(w io.Writer, x *Explanation, o TextOptions) error {
	p := newPage(o)
	p.who(&x.Principal)
	if x.Note != "" {
		p.line("")
		p.note("", Clean(x.Note), wary)
	}
	list := evidenceOf(x)
	if oneAction(list) {
		p.story(list)
	} else {
		p.statements(list, o)
	}
	used := p.ungranted(x)
	for _, e := range list {
		used[e.mark] = true
	}
	p.markLegend(used)
	return p.writeTo(w)
}

// who tells whose evidence it is, what came of it and what it rests on.
func (p *page) who(x *Principal) {
	p.line(p.paint(strong, middle(Clean(x.Principal), p.room)))
	text := Clean(x.Status)
	if x.Reason != "" {
		text += ": " + Clean(x.Reason)
	}
	p.note("", text, none)
	parts := []string{"no evidence"}
	if x.Window.Days > 0 {
		parts = []string{plural(x.Window.Days, "day") + ", " + span(x.Window.From, x.Window.To)}
	}
	parts = append(parts, plural(x.Used, "distinct action")+" used",
		fmt.Sprintf("%s → %s allowed", number(x.Before), plural(x.After, "action")))
	if len(x.Policies) > 0 {
		parts = append(parts, x.Proof.full())
	}
	p.note("", glue(parts), faint)
	for _, d := range x.Detected {
		p.note("", "detected: "+Clean(d.Class)+": "+Clean(d.Reason), none)
	}
	for _, q := range x.Quarantined {
		p.note("", "quarantined: "+q.text(), wary)
	}
	for i := range x.Policies {
		for _, a := range x.Policies[i].Apart {
			p.note("", a.text(&x.Policies[i]), wary)
		}
	}
	p.beside(x)
}

// text is "if they counted, POLICY would keep s3:PutObject on arn:…".
func (a *Apart) text(pol *Policy) string {
	verb := " would keep "
	if a.Change == "wider" {
		verb = " would widen "
	}
	some, rest := first(a.Resources, 3)
	on := Clean(strings.Join(some, ", "))
	if rest > 0 {
		on += ", … and " + plural(rest, "more resource")
	}
	return "if they counted, " + Clean(pol.Name) + verb + Clean(a.Action) + " on " + on
}

// text is "3 calls set apart by rule NAME, last 2026-10-01".
func (q *Quarantined) text() string {
	out := plural(q.Calls, "call") + " set apart by rule " + Clean(q.Rule)
	if q.Last != nil {
		out += ", last " + q.Last.UTC().Format(time.DateOnly)
	}
	return out
}

// evidenceOf gives each entry its sign. That an action is narrowed is not told by
// its entry but by its policy, which an entry names by name or ARN.
func evidenceOf(x *Explanation) []evidence {
	narrowed := map[[2]string][]string{}
	for i := range x.Principal.Policies {
		pol := &x.Principal.Policies[i]
		for _, n := range pol.Narrowed {
			for _, name := range []string{pol.Name, pol.ARN} {
				narrowed[[2]string{name, strings.ToLower(n.Action)}] = n.From
			}
		}
	}
	out := make([]evidence, len(x.Entries))
	for i := range x.Entries {
		e := &x.Entries[i]
		from := narrowed[[2]string{e.Policy, strings.ToLower(e.Action)}]
		out[i] = evidence{e, markOf(e.Fate, from != nil), from}
	}
	return out
}

// markOf is the sign of a fate. A fate that a newer tighten has recorded counts as
// not known.
func markOf(fate string, narrowed bool) mark {
	switch fate {
	case "used":
		if narrowed {
			return markNarrowed
		}
		return markUsed
	case "used-wide":
		return markUsed
	case "attempted":
		return markAttempted
	case "removed":
		return markRemoved
	case "blocked", "dependent":
		return markBlocked
	case "kept":
		return markKept
	}
	return markNotVisible
}

// oneAction reports whether the caller asked for a single action.
func oneAction(list []evidence) bool {
	for _, e := range list {
		if !strings.EqualFold(e.Action, list[0].Action) {
			return false
		}
	}
	return len(list) > 0
}

// statements prints the entries under their policy and statement.
func (p *page) statements(list []evidence, o TextOptions) {
	for _, group := range grouped(list) {
		p.line("")
		p.line(p.place(group[0].Entry, p.room))
		shown, summed := group, []evidence(nil)
		if !o.All {
			shown, summed = split(group)
		}
		p.entries(shown)
		p.services(summed, o)
	}
}

// grouped splits entries by policy and statement, in the order of their first entry.
func grouped(list []evidence) [][]evidence {
	type key struct {
		policy    string
		statement int
	}
	at := map[key]int{}
	var out [][]evidence
	for _, e := range list {
		k := key{e.Policy, e.Statement}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], e)
	}
	for _, group := range out {
		slices.SortStableFunc(group, compareEvidence)
	}
	return out
}

// compareEvidence puts what was used first, then what is removed; the highest
// risk first in each.
func compareEvidence(a, b evidence) int {
	rankOf := func(m mark) int {
		if m == markNarrowed {
			m = markUsed
		}
		return rank(m)
	}
	return cmp.Or(cmp.Compare(rankOf(a.mark), rankOf(b.mark)),
		cmp.Compare(levelIndex(a.Level), levelIndex(b.Level)), cmp.Compare(a.Action, b.Action))
}

// place names a statement in at most n columns.
func (p *page) place(e *Entry, n int) string {
	rest := fmt.Sprintf(" Statement[%d]", e.Statement)
	if e.Sid != "" {
		rest += " " + middle(Clean(e.Sid), n/3)
	}
	return p.paint(strong, middle(Clean(e.Policy), n-width(rest))) + rest
}

// entries prints a line for each action, and its resources below it.
func (p *page) entries(list []evidence) {
	t := table{cols: []shape{{}, {tight: true, least: 30, fit: fitNames}, {}, {right: true}, {least: 12, fit: fitProse}}}
	for _, e := range list {
		text := Clean(e.Reason)
		if e.Count > 0 {
			text = plural(e.Days, "day") + ", " + when(e.First, e.Last)
		}
		t.rows = append(t.rows, []cell{{string(e.mark), e.ink()}, {Clean(e.Action), e.ink()},
			{levels()[levelIndex(e.Level)].letter, faint}, times(e.Count), {text, faint}})
	}
	for i, l := range t.lines(p.room, p.pen) {
		p.line(l)
		p.resources(&list[i])
	}
}

func (e *evidence) ink() ink {
	switch e.mark {
	case markRemoved:
		return bad
	case markNotVisible, markBlocked, markAttempted:
		return wary
	}
	return none
}

func times(n int64) cell {
	if n == 0 {
		return cell{}
	}
	return cell{number(n) + " ×", none}
}

func when(from, to *time.Time) string {
	if from == nil || to == nil {
		return "time unknown"
	}
	return span(from.UTC().Format(time.DateOnly), to.UTC().Format(time.DateOnly))
}

// resources prints on what a used action stays, and why where it stays wide.
func (p *page) resources(e *evidence) {
	const most = 3
	if e.Count == 0 && e.mark != markAttempted {
		return
	}
	if e.Fate == "used-wide" || e.mark == markBlocked || e.mark == markNotVisible || e.mark == markKept {
		p.note("    ", Clean(e.Reason), faint)
	}
	if e.Fate == "used" && len(e.Resources) == 1 && e.Resources[0] == "*" {
		return // most of these take no resource
	}
	some, rest := first(e.Resources, most)
	for _, r := range some {
		p.line("    on " + middle(Clean(r), p.room-7))
		if why := whyPattern(e.Patterns, r); why != "" {
			p.note("       ", Clean(why), faint)
		}
	}
	if rest > 0 {
		p.line(fmt.Sprintf("    … and %s", plural(rest, "more resource")))
	}
}

// story tells all that is known of one action, statement by statement.
func (p *page) story(list []evidence) {
	const most = 20
	e := list[0]
	p.line("")
	name := levels()[levelIndex(e.Level)].what
	p.line(p.paint(strong, middle(Clean(e.Action), p.room-width(name)-3)) + " (" + name + ")")
	for i := range list {
		e := &list[i]
		p.line("")
		p.line(string(e.mark) + " " + p.place(e.Entry, p.room-2))
		p.fact("Fate", e.mark.what())
		p.fact("Reason", e.Reason)
		if e.Count > 0 {
			p.fact("Calls", fmt.Sprintf("%s on %s, %s", number(e.Count), plural(e.Days, "day"), when(e.First, e.Last)))
		}
		for _, q := range e.Quarantined {
			p.fact("Set apart", q.text())
		}
		p.listed("Attached", e.from, most)
		p.listed("Kept on", e.Resources, most)
		p.patterns(e.Patterns, most)
		p.listed("Seen", e.Seen, most)
		p.listed("Passed to", e.PassedTo, most)
		if e.SeenMore && len(e.Seen) <= most {
			p.line("            … and more")
		}
	}
}

// patterns tells why patterns reach further than what was seen.
func (p *page) patterns(list []PatternReason, most int) {
	for i := range list[:min(most, len(list))] {
		r := &list[i]
		p.listed("Pattern", []string{r.Pattern}, most)
		p.note("            ", Clean(r.Why), none)
		some, rest := first(r.Examples, most)
		for _, x := range some {
			p.line("            such as " + middle(Clean(x), p.room-20))
		}
		if rest += r.Seen - len(r.Examples); rest > 0 {
			p.line(fmt.Sprintf("            … and %s", plural(rest, "more resource")))
		}
	}
	if more := len(list) - most; more > 0 {
		p.line(fmt.Sprintf("            … and %s", plural(more, "more pattern")))
	}
}

// whyPattern is the reason for one pattern, "" where none is needed.
func whyPattern(list []PatternReason, pattern string) string {
	for i := range list {
		if list[i].Pattern == pattern {
			return list[i].Why
		}
	}
	return ""
}

func (m mark) what() string { return marks()[rank(m)].what }

// fact prints a label and a sentence, wrapped; nothing for no sentence.
func (p *page) fact(label, value string) {
	if value == "" {
		return
	}
	lead := fmt.Sprintf("  %-10s", label)
	p.note(lead, Clean(value), none)
}

// listed prints a label and a value a line.
func (p *page) listed(label string, values []string, most int) {
	some, rest := first(values, most)
	for _, v := range some {
		p.line(fmt.Sprintf("  %-10s", label) + middle(Clean(v), p.room-12))
		label = ""
	}
	if rest > 0 {
		p.line(fmt.Sprintf("  %-10s… and %s more", label, number(rest)))
	}
}

// ungranted lists the uses that no attached statement explains. It returns the
// set of signs that it has printed.
func (p *page) ungranted(x *Explanation) map[mark]bool {
	const most = 20
	out := map[mark]bool{}
	want := map[string]bool{}
	for i := range x.Entries {
		want[strings.ToLower(x.Entries[i].Action)] = true
	}
	var list []Unexplained
	for _, u := range x.Principal.Unexplained {
		if len(want) > 1 || len(want) == 0 || want[strings.ToLower(u.Action)] {
			list = append(list, u)
		}
	}
	some, rest := first(list, most)
	if len(some) == 0 {
		return out
	}
	out[markUngranted] = true
	p.line("")
	p.line(p.paint(strong, "Not explained by the attached policies"))
	for _, u := range some {
		p.line("+ " + middle(Clean(u.Action), p.room/2) + "  " + number(u.Count) + " ×")
		p.line("    on " + middle(Clean(u.Resource), p.room-7))
		if u.Hint != "" {
			p.note("    ", Clean(u.Hint), faint)
		}
	}
	if rest > 0 {
		p.line("+ … and " + number(rest) + " more")
	}
	return out
}

// markLegend explains the signs that were printed, and no others.
func (p *page) markLegend(used map[mark]bool) {
	var parts []string
	for _, m := range marks() {
		if used[m.mark] {
			parts = append(parts, "'"+string(m.mark)+"' "+m.what)
		}
	}
	if len(parts) > 0 {
		p.line("")
		p.note("", glue(parts), faint)
	}
}

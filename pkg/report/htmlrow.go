package report

import (
	"fmt"
	"strings"
)

// Bounds of the page. Lists get shorter where there are many principals.
const (
	pageBytes  = 6 << 20 // of text and markup, about
	pageRows   = 1000
	pageItems  = 30000 // list items that the principals share evenly
	leastItems = 6
	mostItems  = 150
	pageText   = 256 // characters of a name
)

type htmlRow struct {
	Key, Name, Account, ARN string
	Status, StatusClass     string
	Before, After, Days     string
	Bar                     *meter
	Removed                 []letter
	Proof, ProofClass       string
	Test, TestClass         string // backtest
	Reason, Window          string
	Policies                *capped[htmlPolicy]
	Unexplained             *capped[htmlUnexplained]
	Kept                    *capped[string]
}

type htmlPolicy struct {
	Name, Kind          string
	Change, ChangeClass string
	Reason, About       string
	Links               *capped[link]
	Removed             []htmlLevel
	Narrowed            *capped[htmlNarrowed]
	Notes, Missing      *capped[string]
	Steps               *capped[htmlStep]
	Proof, ProofClass   string
}

type htmlLevel struct {
	Level, Count string
	Actions      *capped[string]
}

// htmlStep is one step of the plan, with its place in that of the whole run.
type htmlStep struct {
	Number int
	Text   string
	Class  string
}

type htmlNarrowed struct {
	Action   string
	From, To *capped[string]
}

type htmlUnexplained struct{ Action, Resource, Count, Hint string }

// principals fills the table of the page.
func (d *document) principals(rows []row, b *budget) {
	if len(rows) == 0 {
		return
	}
	some, rest := first(rows, pageRows)
	items := min(max(pageItems/len(rows), leastItems), mostItems)
	for i := range some {
		d.Rows = append(d.Rows, newHTMLRow(&some[i], items, b))
	}
	if rest > 0 {
		d.Hidden = fmt.Sprintf("… and %s more principals in principals.jsonl", number(rest))
	}
	var legend []string
	for _, l := range shownLevels() {
		d.Levels = append(d.Levels, letter{l.letter, l.what})
		legend = append(legend, l.letter+" "+l.what)
	}
	d.Legend = "Removed actions by access level: " + strings.Join(legend, ", ") + "."
}

// shownLevels are the columns of the page: what is removed of unknown level gives
// its place to what is narrowed.
func shownLevels() []level {
	all := levels()
	return append(append([]level{}, all[:5]...), level{letter: "~", what: "resources narrowed"})
}

func newHTMLRow(r *row, items int, b *budget) htmlRow {
	p := r.p
	out := htmlRow{
		Key:  strings.ToLower(b.brief(p.Principal) + " " + b.brief(p.Status)),
		Name: clip(r.name, pageText), Account: b.brief(p.Account), ARN: b.whole(p.Principal),
		Status: b.brief(p.Status), StatusClass: statusClass(p.Status),
		Before: number(p.Before), After: number(p.After), Days: number(p.Window.Days),
		Bar: newMeter(sharesOf(p)), Proof: "no proposal", ProofClass: "what",
		Reason: b.whole(p.reasons()), Window: about(p),
		Kept:        capList(b, p.Kept, items, b.brief),
		Unexplained: capList(b, p.Unexplained, items, b.unexplained),
	}
	if r.changed {
		out.Proof, out.ProofClass = p.Proof.full(), proofClass(&p.Proof)
	}
	if t := p.Backtest; t != nil && t.Replayed > 0 {
		out.Test, out.TestClass = t.text(), "what"
		if t.Denied > 0 {
			out.TestClass = "bad"
		}
	}
	n := r.removed
	n[5] = r.narrowed
	for i, l := range shownLevels() {
		out.Removed = append(out.Removed, letter{countCell(n[i]).text, l.what})
	}
	out.Policies = capList(b, p.Policies, items, func(x Policy) htmlPolicy { return newHTMLPolicy(&x, items, b) })
	return out
}

// statusClass is a class of the style sheet; nothing of the run gets into an
// attribute that has a meaning.
func statusClass(s string) string {
	switch s {
	case "tightened", "unused":
		return s
	}
	return "other"
}

func proofClass(p *Proof) string {
	if p.ok() {
		return "good"
	}
	return "bad"
}

func about(p *Principal) string {
	parts := []string{Clean(p.Type)}
	if p.Window.Days > 0 {
		parts = append(parts, plural(p.Window.Days, "day")+" of evidence, "+span(p.Window.From, p.Window.To))
	}
	parts = append(parts, plural(p.Used, "distinct action")+" used")
	if p.Unmapped > 0 {
		parts = append(parts, plural(p.Unmapped, "unmapped call"))
	}
	return strings.Join(parts, " · ")
}

func (b *budget) unexplained(u Unexplained) htmlUnexplained {
	return htmlUnexplained{b.brief(u.Action), b.brief(u.Resource), plural(u.Count, "call"), b.whole(u.Hint)}
}

func newHTMLPolicy(p *Policy, items int, b *budget) htmlPolicy {
	out := htmlPolicy{
		Name: b.brief(p.Name), Kind: b.brief(p.Kind), Change: b.brief(p.Change), ChangeClass: "same",
		Reason: b.whole(p.Reason), About: aboutPolicy(p, b), Links: capList(b, policyFiles(p), items, newLink),
		Narrowed: capList(b, p.Narrowed, items, b.narrowed),
		Notes:    capList(b, p.remarks(), items, b.whole), Missing: capList(b, missing(&p.Proof), items, b.whole),
		Steps: capList(b, p.Steps, items, b.step),
	}
	if p.changes() {
		out.ChangeClass = "changed"
	}
	if p.changes() || out.Missing != nil {
		out.Proof, out.ProofClass = p.Proof.full(), proofClass(&p.Proof)
	}
	groups, _ := first(p.Removed, levelCount)
	for _, g := range groups {
		if a := capList(b, g.Actions, items, b.brief); a != nil {
			out.Removed = append(out.Removed, htmlLevel{levelName(g.Level, b), number(g.Count), a})
		}
	}
	return out
}

func (b *budget) step(s Step) htmlStep {
	out := htmlStep{Number: s.Number, Text: b.whole(s.full())}
	if s.Gap {
		out.Class = "bad"
	}
	return out
}

func levelName(name string, b *budget) string {
	if name == "" {
		return "Unknown level"
	}
	return b.brief(name)
}

// missing are the counterexamples of both claims.
func missing(p *Proof) []string {
	out := append([]string{}, p.Covers.Missing...)
	if p.Subset.Witness != "" {
		out = append(out, p.Subset.Witness)
	}
	return out
}

func aboutPolicy(p *Policy, b *budget) string {
	var parts []string
	if p.ARN != "" {
		parts = append(parts, b.brief(p.ARN))
	}
	if p.AttachedTo > 1 {
		parts = append(parts, "shared by "+number(p.AttachedTo)+" principals")
	}
	if p.NotVisible > 0 {
		parts = append(parts, number(p.NotVisible)+" kept as not visible")
	}
	for _, t := range tallies(p.KeptBy) {
		if t.name != "not-visible" {
			parts = append(parts, number(t.count)+" kept as "+b.brief(t.name))
		}
	}
	return strings.Join(parts, " · ")
}

func policyFiles(p *Policy) []string {
	out := append([]string{}, p.Files...)
	if len(out) == 0 && p.File != "" {
		out = append(out, p.File)
	}
	if p.DiffFile != "" {
		out = append(out, p.DiffFile)
	}
	return out
}

func (b *budget) narrowed(n Narrowed) htmlNarrowed {
	const most = 5
	return htmlNarrowed{b.brief(n.Action), capList(b, n.From, most, b.brief), capList(b, n.To, most, b.brief)}
}

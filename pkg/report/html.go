package report

import (
	"crypto/sha256"
	_ "embed" // for the page
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"net/url"
	"path"
	"strings"
)

// The page: its template, style and filter.
//
//go:embed page/report.html.tmpl
var pageTemplate string

//go:embed page/report.css
var pageStyle string

//go:embed page/report.js
var pageScript string

// HTML writes a run as one page that stands alone: it loads nothing, and its
// content security policy allows no script and no style but its own. It opens on
// how much was granted, used and can go; everything else unfolds. Long lists are
// cut, so that the page stays of a size that a browser likes; principals.jsonl
// has them whole.
func HTML(w io.Writer, r *Run) error {
	t, err := template.New("report").Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("parse the template of the report: %w", err)
	}
	return t.Execute(w, newDocument(r))
}

// document is what the template sees. All its texts are clean; html/template
// escapes them besides.
type document struct {
	Title, Lead   string
	Style         template.CSS
	Script        template.JS
	Policy        string // Content-Security-Policy
	Figures       []figure
	Bar           *meter
	Warnings      *capped[string]
	Rows          []htmlRow
	Levels        []letter
	Hidden        string
	Legend        string
	Read, Skipped string
	Records       string
	Accounts      *capped[htmlAccount]
	Troubles      []labelled
	Files         []link
	Footer        string
}

type figure struct{ Class, Label, Value, What string }

type labelled struct{ Label, Text string }

type letter struct{ Letter, Name string }

type htmlAccount struct{ ID, Window, Days, Notes string }

// link has no Href where the path can't be trusted to be a file below the page.
type link struct{ Href, Text string }

// capped is the beginning of a list.
type capped[T any] struct {
	Items []T
	Rest  string // number of the others, "" for none
	Count string // of all
}

// budget bounds the page: lists end where it is spent.
type budget struct{ bytes int }

// brief is a text of the page, clean and short.
func (b *budget) brief(s string) string { return b.spend(clip(Clean(s), pageText)) }

// whole is a sentence of the page, clean.
func (b *budget) whole(s string) string { return b.spend(Clean(s)) }

func (b *budget) spend(s string) string {
	const markup = 40 // bytes around a text, about
	b.bytes -= len(s) + markup
	return s
}

// capList keeps at most n elements, fewer where the budget is spent; nil for
// none, which hides the list.
func capList[S, T any](b *budget, list []S, n int, f func(S) T) *capped[T] {
	if len(list) == 0 {
		return nil
	}
	out := &capped[T]{Count: number(len(list))}
	for _, s := range list[:min(n, len(list))] {
		if b.bytes <= 0 {
			break
		}
		out.Items = append(out.Items, f(s))
	}
	if rest := len(list) - len(out.Items); rest > 0 {
		out.Rest = number(rest)
	}
	return out
}

// meter is a bar of three parts, in thousandths.
type meter struct {
	Label string
	Parts []meterPart
}

type meterPart struct {
	Class string
	X, W  int
}

// shares splits what was granted: used, kept without a use seen, removed.
type shares struct{ granted, used, kept, gone int }

func sharesOf(p *Principal) shares {
	if p.Before <= 0 {
		return shares{}
	}
	after := min(max(p.After, 0), p.Before)
	used := min(max(p.Used, 0), after)
	return shares{p.Before, used, after - used, p.Before - after}
}

func newMeter(s shares) *meter {
	if s.granted == 0 {
		return nil
	}
	const full = 1000
	used := part(s.used, s.granted, full)
	gone := part(s.gone, s.granted, full-used)
	return &meter{
		Label: fmt.Sprintf("%s used, %s kept without a use, %s removed", number(s.used), number(s.kept), number(s.gone)),
		Parts: []meterPart{{"used", 0, used}, {"kept", used, full - used - gone}, {"gone", full - gone, gone}},
	}
}

// part is n of all in thousandths, at most room, and visible where n is not 0.
func part(n, all, room int) int {
	const least = 4
	if n == 0 {
		return 0
	}
	return min(max(int(int64(n)*1000/int64(all)), least), room)
}

func newDocument(r *Run) *document {
	rows := rowsOf(r.Principals)
	var sum shares
	for i := range rows {
		s := sharesOf(rows[i].p)
		sum = shares{sum.granted + s.granted, sum.used + s.used, sum.kept + s.kept, sum.gone + s.gone}
	}
	b := &budget{pageBytes}
	d := &document{
		Style: template.CSS(pageStyle), Script: template.JS(pageScript), Policy: contentPolicy(),
		Title: headline(r, sum), Lead: lead(r), Footer: footer(r),
		Bar: newMeter(sum), Figures: figures(sum),
		Warnings: capList(b, r.Warnings, 50, b.whole),
		Read:     fmt.Sprintf("%s, %s · %s", plural(r.Scan.Objects, "object"), size(r.Scan.CompressedBytes), plural(r.Scan.Records, "record")),
		Records:  strings.ReplaceAll(records(&r.Scan), glued, " "),
		Accounts: capList(b, r.Accounts, 100, r.htmlAccount),
		Files:    fileLinks(r.Output),
	}
	if s := skipped(&r.Scan); s != "" {
		d.Skipped = "Skipped: " + strings.ReplaceAll(s, glued, " ")
	}
	for _, t := range troubles(r, 20) {
		d.Troubles = append(d.Troubles, labelled{t[0], t[1]})
	}
	d.principals(rows, b)
	return d
}

// contentPolicy allows the style and the script of the page by their hashes, and
// nothing else.
func contentPolicy() string {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; style-src " + hash(pageStyle) + "; script-src " + hash(pageScript) +
		"; img-src data:; base-uri 'none'; form-action 'none'"
}

func headline(r *Run, s shares) string {
	switch {
	case len(r.Principals) == 0:
		return plural(r.Scan.Records, "record") + " of " + plural(len(r.Accounts), "account")
	case s.granted == 0:
		return plural(len(r.Principals), "principal") + ", no attached policies known to compare with"
	case s.gone == 0:
		return "No granted action can be removed on this evidence"
	}
	return fmt.Sprintf("%s of %s granted actions were not used and can go", number(s.gone), number(s.granted))
}

func lead(r *Run) string {
	days := 0
	for i := range r.Accounts {
		days = max(days, r.Accounts[i].Days)
	}
	s := fmt.Sprintf("%s in %s, %s of logs. ", plural(len(r.Principals), "principal"), plural(len(r.Accounts), "account"), plural(days, "day"))
	t := &r.Totals
	switch {
	case t.Proposals == 0:
		s += "No document changes."
	case t.Proved == t.Proposals:
		s += fmt.Sprintf("%s, each proved to allow every request that was seen and nothing new.", plural(t.Proposals, "changed document"))
	default:
		s += fmt.Sprintf("%s, %s of them proved.", plural(t.Proposals, "changed document"), number(t.Proved))
	}
	if t.Failed > 0 {
		s += fmt.Sprintf(" %s dropped, since the proof failed.", number(t.Failed))
	}
	return s
}

func figures(s shares) []figure {
	if s.granted == 0 {
		return nil
	}
	return []figure{
		{"granted", "Granted", number(s.granted), "actions, summed over the principals"},
		{"used", "Used", number(s.used), "seen allowed in the logs"},
		{"gone", "Removed", number(s.gone), "unused, and the logs would have shown a use"},
		{"kept", "Unknown", number(s.kept), "kept: not visible, or the evidence is too short"},
	}
}

func footer(r *Run) string {
	parts := []string{"tighten"}
	if r.Facts != "" {
		parts = append(parts, "facts "+Clean(r.Facts))
	}
	if s := r.period(); s != "" {
		parts = append(parts, "evidence "+s)
	}
	if r.MinWindow > 0 {
		parts = append(parts, "removals need "+plural(r.MinWindow, "day"))
	}
	return strings.Join(append(parts, "made on your machine, loads nothing"), " · ")
}

func (r *Run) htmlAccount(a Account) htmlAccount {
	return htmlAccount{Clean(a.ID), span(a.From, a.To), number(a.Days), r.accountNotes(&a, true)}
}

func fileLinks(o *Output) []link {
	if o == nil {
		return nil
	}
	var out []link
	for _, f := range []string{o.Principals, folder(o.Policies), folder(o.Dataset)} {
		if l := newLink(f); l.Href != "" {
			out = append(out, l)
		}
	}
	return out
}

// newLink links a file below the page. Anything else (absolute, with "..", a
// backslash or control characters) is text only.
func newLink(file string) link {
	l := link{Text: Clean(file)}
	name := strings.TrimSuffix(file, "/")
	if name == "" || l.Text != file || path.IsAbs(file) || path.Clean(name) != name ||
		name == ".." || strings.HasPrefix(name, "../") || strings.Contains(name, `\`) {
		return l
	}
	// "./" keeps a colon in the name from being read as a scheme.
	l.Href = "./" + (&url.URL{Path: file}).EscapedPath()
	return l
}

package report

import (
	"fmt"
	"io"
	"strings"
)

// Lint is what `tighten lint` found.
type Lint struct {
	Version    int              `json:"version"`
	Facts      string           `json:"facts"` // version of the facts that the checks rest on
	Files      int              `json:"files"`
	Documents  int              `json:"documents"`
	Totals     LintTotals       `json:"totals"`
	Findings   []LintFinding    `json:"findings"` // by file, then by place
	Unreadable []LintUnreadable `json:"unreadable"`
	Rules      []LintRule       `json:"rules"` // those of the findings, by id
}

// LintTotals counts findings by severity.
type LintTotals struct {
	Errors      int `json:"errors"`
	Warnings    int `json:"warnings"`
	Suggestions int `json:"suggestions"`
}

// LintFinding is one finding. Lines and columns count from 1, columns in Unicode
// characters.
type LintFinding struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"end_line"`
	EndColumn int    `json:"end_column"`
	Document  int    `json:"document"` // which of the file, from 0
	Path      string `json:"path"`     // JSON pointer within the document
	ID        string `json:"id"`
	Severity  string `json:"severity"`
	Message   string `json:"message"`
}

// LintUnreadable is a file, or a place in one, that holds no policy.
type LintUnreadable struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

// LintRule is what a finding of an id means.
type LintRule struct {
	ID         string   `json:"id"`
	Severity   string   `json:"severity"`
	Title      string   `json:"title"`
	Why        string   `json:"why"`
	Fix        string   `json:"fix"`
	Source     string   `json:"source"`
	Analyzer   []string `json:"access_analyzer"`
	Parliament []string `json:"parliament"`
}

// LintText writes a line for each finding, file:line:column: severity id: message,
// then the remedies of the rules, then the totals.
func LintText(w io.Writer, l *Lint, o TextOptions) error {
	p := newPage(o)
	for i := range l.Unreadable {
		u := &l.Unreadable[i]
		p.line(fmt.Sprintf("%s:%d:%d: unreadable: %s", Clean(u.File), u.Line, u.Column, Clean(u.Message)))
	}
	for i := range l.Findings {
		f := &l.Findings[i]
		p.line(fmt.Sprintf("%s:%d:%d: %s %s: %s", Clean(f.File), f.Line, f.Column, p.paint(severityInk(f.Severity), f.Severity), f.ID, Clean(f.Message)))
	}
	if len(l.Rules) > 0 {
		p.line("")
	}
	for i := range l.Rules {
		p.note(l.Rules[i].ID+": ", l.Rules[i].Fix, none)
	}
	if len(l.Rules) > 0 {
		p.line("")
	}
	p.line(l.Totals.text() + " in " + plural(l.Documents, "document") + " of " + plural(l.Files, "file") + unreadableText(len(l.Unreadable)))
	_, err := io.WriteString(w, p.b.String())
	return err
}

func severityInk(severity string) ink {
	switch severity {
	case "error":
		return bad
	case "warning":
		return wary
	}
	return faint
}

func (t LintTotals) text() string {
	return strings.Join([]string{plural(t.Errors, "error"), plural(t.Warnings, "warning"), plural(t.Suggestions, "suggestion")}, ", ")
}

func unreadableText(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("; %d unreadable", n)
}

// whole is a copy without null lists.
func (l *Lint) whole() Lint {
	c := *l
	c.Findings, c.Unreadable = list(l.Findings), list(l.Unreadable)
	c.Rules = make([]LintRule, len(l.Rules))
	for i, r := range l.Rules {
		r.Analyzer, r.Parliament = list(r.Analyzer), list(r.Parliament)
		c.Rules[i] = r
	}
	return c
}

package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/pkg/lint"
	"github.com/tighten-iam/tighten/pkg/report"
)

// maxLintBytes is the size of the largest file that is read; lint refuses more.
const maxLintBytes = 64<<20 + 1

type lintOptions struct {
	kind   string
	format string
	failOn string
	ignore []string
}

func newLint(env Env) *cobra.Command {
	o := &lintOptions{}
	c := &cobra.Command{
		Use:   "lint FILES...",
		Short: "Find what is wrong, risky or superfluous in policy documents",
		Long: "Find what is wrong, risky or superfluous in policy documents, with line, column and remedy.\n\n" +
			"FILES are JSON files, folders of them (*.json) or - for standard input. A file holds one\n" +
			"document, a list of them, or JSON with documents in it, such as the output of\n" +
			"'aws iam get-account-authorization-details'. Nothing is sent anywhere.",
		Example: "  tighten lint policies/\n  tighten lint role.json --fail-on warning\n  tighten lint . --format sarif > lint.sarif",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return o.run(env, args) },
	}
	types := make([]string, 0, len(lint.Types()))
	for _, t := range lint.Types() {
		types = append(types, string(t))
	}
	fl := c.Flags()
	fl.StringVar(&o.kind, "type", string(lint.Auto), "type of the policies: "+strings.Join(types, ", "))
	fl.StringVar(&o.format, "format", "text", "output on stdout: text, json or sarif")
	fl.StringVar(&o.failOn, "fail-on", string(lint.Error), fmt.Sprintf("exit with %d for findings of this severity or above: error, warning or suggestion", ExitDiffer))
	fl.StringArrayVar(&o.ignore, "ignore", nil, "leave out the findings of this id (repeat)")
	for name, values := range map[string][]string{"type": types, "format": {"text", "json", "sarif"}, "fail-on": {"error", "warning", "suggestion"}} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	return c
}

// check refuses values that no flag has.
func (o *lintOptions) check() error {
	switch {
	case !slices.Contains(lint.Types(), lint.Type(o.kind)):
		return usagef("--type %q: see 'tighten lint --help'", o.kind)
	case !slices.Contains([]string{"text", "json", "sarif"}, o.format):
		return usagef("--format %q: want text, json or sarif", o.format)
	case !slices.Contains([]lint.Severity{lint.Error, lint.Warning, lint.Suggestion}, lint.Severity(o.failOn)):
		return usagef("--fail-on %q: want error, warning or suggestion", o.failOn)
	}
	rules := lint.Rules()
	for _, id := range o.ignore {
		if !slices.ContainsFunc(rules, func(r lint.Rule) bool { return r.ID == id }) {
			return usagef("--ignore %q: no such id: docs/lint.md lists them", id)
		}
	}
	return nil
}

func (o *lintOptions) run(env Env, args []string) error {
	if err := o.check(); err != nil {
		return err
	}
	catalog, err := env.catalog()
	if err != nil {
		return err
	}
	out := &report.Lint{Version: report.Version, Facts: catalog.Version()}
	run := &lintRun{options: o, linter: lint.New(catalog), out: out, rules: map[string]bool{}}
	for _, arg := range args {
		run.argument(env, arg)
	}
	run.addRules()
	if err := o.write(env, out); err != nil {
		return err
	}
	return o.verdict(out)
}

func (o *lintOptions) write(env Env, out *report.Lint) error {
	switch o.format {
	case "json":
		return report.JSON(env.Stdout, out)
	case "sarif":
		return report.LintSARIF(env.Stdout, out)
	}
	return report.LintText(env.Stdout, out, textOptions(env))
}

// verdict is the error whose code the process ends with.
func (o *lintOptions) verdict(out *report.Lint) error {
	if n := len(out.Unreadable); n > 0 {
		return outcome{ExitUnreadable, fmt.Sprintf("%s could not be read as policies", count(n, "input"))}
	}
	n := 0
	for i := range out.Findings {
		if lint.Severity(out.Findings[i].Severity).AtLeast(lint.Severity(o.failOn)) {
			n++
		}
	}
	if n > 0 {
		return outcome{ExitDiffer, fmt.Sprintf("%s of severity %s or above", count(n, "finding"), o.failOn)}
	}
	return nil
}

// lintRun collects what the files have.
type lintRun struct {
	options *lintOptions
	linter  *lint.Linter
	out     *report.Lint
	rules   map[string]bool
}

// argument lints a file, the JSON files of a folder, or standard input.
func (r *lintRun) argument(env Env, arg string) {
	if arg == "-" {
		r.read("stdin", env.Stdin)
		return
	}
	info, err := os.Stat(arg)
	switch {
	case err != nil:
		r.unreadable(arg, 1, 1, pathError(err))
	case info.IsDir():
		r.folder(arg)
	default:
		r.file(arg)
	}
}

// folder lints the *.json below a folder in the order of their names, without
// hidden folders.
func (r *lintRun) folder(root string) {
	before := r.out.Files
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			r.unreadable(path, 1, 1, pathError(err))
		case d.IsDir() && path != root && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.Type().IsRegular() && strings.EqualFold(filepath.Ext(path), ".json"):
			r.file(path)
		}
		return nil
	})
	if err != nil {
		r.unreadable(root, 1, 1, pathError(err))
	} else if r.out.Files == before {
		r.unreadable(root, 1, 1, "no *.json in this folder")
	}
}

// pathError is what went wrong, without the path, which stands beside it.
func pathError(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

func (r *lintRun) file(path string) {
	f, err := os.Open(path)
	if err != nil {
		r.unreadable(path, 1, 1, pathError(err))
		return
	}
	defer f.Close()
	r.read(path, f)
}

func (r *lintRun) read(name string, in io.Reader) {
	r.out.Files++
	data, err := io.ReadAll(io.LimitReader(in, maxLintBytes))
	if err != nil {
		r.unreadable(name, 1, 1, pathError(err))
		return
	}
	res := r.linter.File(data, typeAt(lint.Type(r.options.kind), name))
	r.out.Documents += res.Documents
	for _, u := range res.Unreadable {
		r.unreadable(name, u.Start.Line, u.Start.Column, u.Message)
	}
	for i := range res.Findings {
		r.finding(name, &res.Findings[i])
	}
}

// typeAt is the type of a file's policies: where it is to be detected, what propose wrote
// for permission sets is told by its folder.
func typeAt(t lint.Type, file string) lint.Type {
	if t == lint.Auto && strings.Contains("/"+filepath.ToSlash(file), "/policies/permission-set/") {
		return lint.PermissionSet
	}
	return t
}

func (r *lintRun) unreadable(file string, line, column int, why string) {
	r.out.Unreadable = append(r.out.Unreadable, report.LintUnreadable{File: file, Line: line, Column: column, Message: why})
}

func (r *lintRun) finding(file string, f *lint.Finding) {
	if slices.Contains(r.options.ignore, f.Rule.ID) {
		return
	}
	switch f.Rule.Severity {
	case lint.Error:
		r.out.Totals.Errors++
	case lint.Warning:
		r.out.Totals.Warnings++
	case lint.Suggestion:
		r.out.Totals.Suggestions++
	}
	r.out.Findings = append(r.out.Findings, report.LintFinding{
		File: file, Line: f.Start.Line, Column: f.Start.Column, EndLine: f.End.Line, EndColumn: f.End.Column,
		Document: f.Document, Path: f.Path, ID: f.Rule.ID, Severity: string(f.Rule.Severity), Message: f.Message,
	})
	if !r.rules[f.Rule.ID] {
		r.rules[f.Rule.ID] = true
		x := f.Rule
		r.out.Rules = append(r.out.Rules, report.LintRule{ID: x.ID, Severity: string(x.Severity), Title: x.Title, Why: x.Why,
			Fix: x.Fix, Source: x.Source, Analyzer: x.Analyzer, Parliament: x.Parliament})
	}
}

// addRules sorts the rules of the findings.
func (r *lintRun) addRules() {
	slices.SortFunc(r.out.Rules, func(a, b report.LintRule) int { return cmp.Compare(a.ID, b.ID) })
}

package cli

import (
	"fmt"
	"runtime"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/synth"
	"github.com/tighten-iam/tighten/pkg/usage"
)

type explainOptions struct {
	evidence evidenceFlags
	usage    string
	format   format
}

func newExplain(env Env) *cobra.Command {
	o := &explainOptions{}
	c := &cobra.Command{
		Use:   "explain --usage DATASET --account PATH PRINCIPAL [ACTION [RESOURCE]]",
		Short: "Say why each permission of a principal is kept, narrowed or removed",
		Long: "Say why each permission of a principal is kept, narrowed or removed, with what was seen\n" +
			"and when. PRINCIPAL is an ARN, that of a session (assumed-role) too, or a name that fits\n" +
			"one principal. ACTION may be a pattern such as s3:Get*.",
		Example: "  tighten explain --usage out/dataset --account account.json role/etl s3:PutObject",
		Args:    cobra.RangeArgs(1, 3),
		RunE:    func(c *cobra.Command, args []string) error { return o.run(c, env, args) },
	}
	o.evidence.add(c)
	addUsage(c, &o.usage)
	addFormat(c, &o.format)
	return c
}

func (o *explainOptions) run(c *cobra.Command, env Env, args []string) error {
	opts, err := o.evidence.options(c)
	if err != nil {
		return err
	}
	catalog, err := env.catalog()
	if err != nil {
		return err
	}
	snapshot, err := o.evidence.snapshot(catalog)
	if err != nil {
		return err
	}
	table, err := readForProposals(o.usage)
	if err != nil {
		return err
	}
	if other := otherFacts(catalog, table); other != "" {
		fmt.Fprintf(env.Stderr, "tighten: warning: %s\n", report.Clean(other))
	}
	o.evidence.keep.tell(env, catalog)
	if opts.Principal, err = findPrincipal(args[0], table, snapshot); err != nil {
		return err
	}
	opts.Ledger, opts.Workers = true, runtime.GOMAXPROCS(0)
	result, err := synth.Propose(synth.Input{Catalog: catalog, Table: table, Snapshot: snapshot, Options: opts})
	if err != nil {
		return err
	}
	ex := explanation(catalog, result, args[1:])
	if o.format == "json" {
		return report.JSON(env.Stdout, ex)
	}
	text := textOptions(env)
	text.All = len(args) > 1
	return report.ExplainText(env.Stdout, ex, text)
}

// findPrincipal finds the one principal whose ARN is arg or ends in "/"+arg or
// ":"+arg.
func findPrincipal(arg string, t *usage.Table, s *account.Snapshot) (string, error) {
	all := map[string]bool{}
	for i := range t.Calls {
		all[t.Calls[i].Principal] = true
	}
	if s != nil {
		for _, p := range s.Principals {
			all[p.ARN] = true
		}
	}
	if all[arg] {
		return arg, nil
	}
	session := sessionRole(arg)
	var found []string
	for arn := range all {
		if session != nil && session(arn) || strings.HasSuffix(arn, "/"+arg) || strings.HasSuffix(arn, ":"+arg) {
			found = append(found, arn)
		}
	}
	sort.Strings(found)
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", fmt.Errorf("%q: %w", arg, synth.ErrNoPrincipal)
	}
	const show = 5
	return "", fmt.Errorf("%q fits %d principals, for example %s: give the whole ARN", arg, len(found), strings.Join(found[:min(show, len(found))], ", "))
}

// sessionRole tells the role of arn:PARTITION:sts::ACCOUNT:assumed-role/NAME/SESSION,
// which has lost its path; nil for anything else.
func sessionRole(session string) func(arn string) bool {
	parts := strings.SplitN(session, ":", 6)
	if len(parts) != 6 || parts[2] != "sts" {
		return nil
	}
	rest, ok := strings.CutPrefix(parts[5], "assumed-role/")
	if !ok {
		return nil
	}
	name, _, _ := strings.Cut(rest, "/")
	prefix := "arn:" + parts[1] + ":iam::" + parts[4] + ":role/"
	return func(arn string) bool {
		role, ok := strings.CutPrefix(arn, prefix)
		return ok && role[strings.LastIndexByte(role, '/')+1:] == name
	}
}

// explanation turns the one principal's result into the wire form, limited to an
// action pattern and a resource.
func explanation(c *actions.Catalog, r *synth.Result, filter []string) *report.Explanation {
	p := &r.Principals[0]
	ex := &report.Explanation{Version: report.Version, Principal: principalReport(c, p, nil), Entries: []report.Entry{}}
	for _, x := range p.Proposals {
		for i := range x.Ledger {
			if e := &x.Ledger[i]; wanted(x, e, filter) {
				ex.Entries = append(ex.Entries, entryReport(x.Name, e, filter))
			}
		}
	}
	ex.Principal.Unexplained = slices.DeleteFunc(ex.Principal.Unexplained, func(u report.Unexplained) bool {
		return !wantedAction(u.Action, filter) || len(filter) > 1 && !sameResource(u.Resource, filter[1])
	})
	ex.Principal.Explained = slices.DeleteFunc(ex.Principal.Explained, func(u report.Explained) bool {
		return !wantedAction(u.Action, filter) || len(filter) > 1 && !sameResource(u.Resource, filter[1]) && !sameResource(u.Resource+"/*", filter[1])
	})
	for i := range ex.Principal.Policies {
		x := &ex.Principal.Policies[i]
		x.Apart = slices.DeleteFunc(x.Apart, func(a report.Apart) bool { return !wantedAction(a.Action, filter) })
	}
	if len(filter) > 0 && len(ex.Entries) == 0 {
		ex.Note = emptyNote(c, p, filter)
	}
	return ex
}

func wantedAction(action string, filter []string) bool {
	return len(filter) == 0 || iam.MatchAction(filter[0], action) || iam.MatchAction(action, filter[0])
}

// wanted reports whether an entry of a proposal's ledger was asked for. What is
// removed stands for the resources that its statement had.
func wanted(x *synth.Proposal, e *synth.Entry, filter []string) bool {
	if !wantedAction(e.Action, filter) {
		return false
	}
	if len(filter) < 2 {
		return true
	}
	fits := func(r string) bool { return sameResource(r, filter[1]) }
	if slices.ContainsFunc(e.Resources, fits) || slices.ContainsFunc(e.Seen, fits) {
		return true
	}
	s := statementOf(x, e)
	return len(e.Resources) == 0 && s != nil && takesIn(s, filter[1])
}

func entryReport(policy string, e *synth.Entry, filter []string) report.Entry {
	const maxSeen = 20 // of a ledger's entry
	more := len(e.Seen) >= maxSeen
	seen := slices.DeleteFunc(slices.Clone(e.Seen), func(r string) bool { return len(filter) > 1 && !sameResource(r, filter[1]) })
	return report.Entry{Policy: policy, Statement: e.Statement, Sid: e.Sid, Action: e.Action, Level: e.Level,
		Fate: string(e.Fate), Reason: e.Reason, Resources: e.Resources, Patterns: patternReport(e.Patterns, filter), Seen: seen, SeenMore: more, PassedTo: e.PassedTo, Count: e.Count, Days: e.Days,
		First: timePointer(e.First), Last: timePointer(e.Last), Quarantined: quarantinedReport(e.Quarantined),
		KeptFor: e.KeptFor, KeptBy: e.KeptBy}
}

// patternReport limits the reasons to the patterns that a resource asked for fits.
func patternReport(list []synth.PatternReason, filter []string) []report.PatternReason {
	var out []report.PatternReason
	for _, r := range list {
		if len(filter) < 2 || sameResource(r.Pattern, filter[1]) {
			out = append(out, report.PatternReason(r))
		}
	}
	return out
}

// timePointer is nil for a time that is unknown; see day.
func timePointer(t time.Time) *time.Time {
	if t.Year() <= 1970 {
		return nil
	}
	return &t
}

package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/report"
)

type checkOptions struct {
	old, new           []string
	actions, resources []string
	strict, equivalent bool
	budget             int
	permissiveness     bool
	format             format
}

func newCheck(env Env) *cobra.Command {
	o := &checkOptions{}
	c := &cobra.Command{
		Use:   "check --old FILE --new FILE",
		Short: "Prove that a policy allows nothing that another does not",
		Long: "Prove that the policies of --new allow nothing that those of --old do not, for every action,\n" +
			"resource and condition: locally, as Access Analyzer's CheckNoNewAccess does for a fee.\n\n" +
			fmt.Sprintf("Exit 0: proved. Exit %d: there is new access, shown by a request that the new policies allow\n", ExitDiffer) +
			fmt.Sprintf("and the old ones do not. Exit %d: unknown, neither proved nor refuted.\n\n", ExitUnknown) +
			"With --deny-action and --deny-resource in place of --old: prove that the new policies grant none of\n" +
			"these actions on any of these resources, as CheckAccessNotGranted does.",
		Example: "  tighten check --old attached.json --new proposed.json\n" +
			"  tighten check --new policy.json --deny-action 'iam:*' --deny-action s3:DeleteBucket",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return o.run(env) },
	}
	fl := c.Flags()
	fl.StringArrayVar(&o.old, "old", nil, "file with a policy document or an array of them, in force together (repeatable)")
	fl.StringArrayVar(&o.new, "new", nil, "the same for the policies that are to take their place (required)")
	fl.StringArrayVar(&o.actions, "deny-action", nil, "action or pattern that the new policies must not grant (repeatable)")
	fl.StringArrayVar(&o.resources, "deny-resource", nil, "resource or pattern that they must not grant anything on, or not the actions (repeatable)")
	fl.BoolVar(&o.equivalent, "equivalent", false, "prove the other direction too: both allow the same")
	fl.BoolVar(&o.strict, "strict", false, "compare Allow with Allow alone, and demand that new keeps the Deny statements of old verbatim")
	fl.IntVar(&o.budget, "budget", 0, "units of work after which the answer is unknown (default: some tenths of a second)")
	fl.BoolVar(&o.permissiveness, "permissiveness", false, "say how much each side allows: log2 of the number of (action, resource) pairs, resources of up to 100 characters")
	_ = c.MarkFlagRequired("new")
	addFormat(c, &o.format)
	return c
}

func (o *checkOptions) run(env Env) error {
	forbidding := len(o.actions)+len(o.resources) > 0
	switch {
	case forbidding && len(o.old) > 0:
		return usagef("--deny-action and --deny-resource stand in place of --old: give one of them")
	case !forbidding && len(o.old) == 0:
		return usagef("--old is needed: the policies that --new is compared with (or --deny-action)")
	case forbidding && (o.equivalent || o.strict):
		return usagef("--equivalent and --strict compare with --old, and none is given")
	case o.budget < 0:
		return usagef("--budget: want a number above zero")
	}
	new, err := readPolicies(env, o.new)
	if err != nil {
		return err
	}
	old, err := o.against(env, new)
	if err != nil {
		return err
	}
	for _, f := range slices.Concat(old, new) {
		if _, err := iam.Compile(f.Document); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	out := &report.Check{Version: report.Version, Question: report.QuestionNoNewAccess}
	if forbidding {
		out.Question = report.QuestionNotGranted
	}
	out.Directions = append(out.Directions, o.prove(old, new, "old", "new"))
	if o.equivalent {
		out.Question = report.QuestionEquivalent
		out.Directions = append(out.Directions, o.prove(new, old, "new", "old"))
	}
	out.Settle()
	if err := o.measure(env, out, old, new); err != nil {
		return err
	}
	if err := o.print(env, out); err != nil {
		return err
	}
	switch out.Verdict {
	case report.VerdictFails:
		return outcome{ExitDiffer, out.Sentence()}
	case report.VerdictUnknown:
		return outcome{ExitUnknown, out.Sentence()}
	}
	return nil
}

// measure adds how much each side allows, over the actions that the facts know.
func (o *checkOptions) measure(env Env, out *report.Check, old, new []policyFile) error {
	if !o.permissiveness {
		return nil
	}
	catalog, err := env.catalog()
	if err != nil {
		return err
	}
	opts := iam.PermissivenessOptions{NoResource: func(action string) bool {
		f, known := catalog.Lookup(action)
		return known && len(f.ResourceTypes) == 0
	}}
	all := catalog.Expand(nil, "*")
	figure := func(files []policyFile) (string, error) {
		m, err := iam.Permissiveness(documentsOf(files), all, opts)
		return m.Figure.String(), err
	}
	p := &report.CheckPermissiveness{}
	if p.New, err = figure(new); err == nil && len(o.old) > 0 {
		p.Old, err = figure(old)
	}
	out.Permissiveness = p
	return err
}

func (o *checkOptions) print(env Env, out *report.Check) error {
	if o.format == "json" {
		return report.JSON(env.Stdout, out)
	}
	return report.CheckText(env.Stdout, out, textOptions(env))
}

// against is what the new policies may allow: those of --old, or everything but what
// is forbidden.
func (o *checkOptions) against(env Env, new []policyFile) ([]policyFile, error) {
	if len(o.old) > 0 {
		return readPolicies(env, o.old)
	}
	if slices.ContainsFunc(documentsOf(new), hasPrincipals) {
		return nil, fmt.Errorf("--deny-action and --deny-resource are for identity policies; a policy of --new has a Principal: compare it with --old instead")
	}
	catalog, err := env.catalog()
	if err != nil {
		return nil, err
	}
	deny := iam.Statement{Sid: "Forbidden", Effect: iam.Deny, Action: iam.Strings{"*"}, Resource: iam.Strings{"*"}}
	if len(o.actions) > 0 {
		deny.Action = o.actions
	}
	if len(o.resources) > 0 {
		deny.Resource = o.resources
	}
	for _, a := range o.actions {
		if service, name, ok := strings.Cut(a, ":"); a != "*" && (!ok || service == "" || name == "" || strings.ContainsAny(a, " \t\r\n")) {
			return nil, usagef("--deny-action %q: want service:Name, such as iam:* or s3:DeleteBucket", a)
		}
		if len(catalog.Expand(nil, a)) == 0 {
			return nil, usagef("--deny-action %q: no known action matches (see 'tighten actions expand')", a)
		}
	}
	for _, r := range o.resources {
		if _, err := iam.ParseARN(r); r != "*" && err != nil {
			return nil, usagef("--deny-resource %q: want an ARN, a pattern of ARNs, or *", r)
		}
	}
	doc := everything()
	doc.Statements = append(doc.Statements, deny)
	return []policyFile{{Name: "(everything but what is forbidden)", Document: doc}}, nil
}

func hasPrincipals(d *iam.Document) bool {
	return slices.ContainsFunc(d.Statements, func(s iam.Statement) bool { return s.Principal != nil || s.NotPrincipal != nil })
}

// prove answers one direction: that inner allows nothing that outer does not.
func (o *checkOptions) prove(outer, inner []policyFile, outerName, innerName string) report.Direction {
	got := iam.Includes(documentsOf(outer), documentsOf(inner), iam.InclusionOptions{Budget: o.budget, AllowsOnly: o.strict})
	d := report.Direction{Outer: outerName, Inner: innerName, Reason: got.Reason}
	switch got.Verdict {
	case iam.Holds:
		d.Verdict, d.Reason = report.VerdictHolds, ""
	case iam.Fails:
		d.Verdict = report.VerdictFails
	default:
		d.Verdict = report.VerdictUnknown
	}
	if got.Witness == nil {
		return d
	}
	w, ok := o.witness(outer, inner, got.Witness)
	if !ok { // never, unless the prover is wrong: what is not shown is not claimed
		d.Verdict, d.Reason = report.VerdictUnknown, "the request that was found does not show it; this is a bug of tighten"
		return d
	}
	d.Witness = w
	return d
}

// witness evaluates the request under both sides again, and writes it down with the
// statement that allows it and lines for `tighten simulate`.
func (o *checkOptions) witness(outer, inner []policyFile, q *iam.Request) (*report.Witness, bool) {
	resource := slices.ContainsFunc(documentsOf(slices.Concat(outer, inner)), hasPrincipals)
	in, out := explainSide(inner, q, resource), explainSide(outer, q, resource)
	if in.Decision != iam.Allowed || out.Decision == iam.Allowed || out.Decision == iam.Unknown && !o.strict {
		return nil, false
	}
	w := &report.Witness{Action: q.Action, Resource: q.Resource, Principal: q.Principal, Account: q.Account, Context: contextJSON(&q.Context)}
	for _, l := range in.Layers {
		for _, s := range l.Statements {
			if s.Effect == iam.Allow && s.Applies == iam.Allowed && w.AllowedBy == "" {
				w.AllowedBy = statementName(&report.DecisionStatement{Index: s.Statement, Sid: s.Sid, Policy: inner[s.Doc].Name})
			}
		}
	}
	w.Reproduce.Inner, w.Reproduce.Outer = simulateLine("inner", inner, w, resource), simulateLine("outer", outer, w, resource)
	w.Command = simulateCommand(w)
	return w, true
}

// explainSide evaluates a request under one side alone.
func explainSide(files []policyFile, q *iam.Request, resource bool) iam.Explanation {
	set, err := iam.Compile(documentsOf(files)...)
	if err != nil {
		return iam.Explanation{Decision: iam.Unknown}
	}
	if !resource {
		return iam.Explain(&iam.Layers{Identity: set}, q)
	}
	l := &iam.Layers{Resource: set}
	if q.Account != "" { // of another account, where the caller's own policies have to allow it too
		if l.Identity, err = iam.Compile(everything()); err != nil {
			return iam.Explanation{Decision: iam.Unknown}
		}
	}
	return iam.Explain(l, q)
}

// everything is an identity policy that allows all.
func everything() *iam.Document {
	return &iam.Document{Version: iam.CurrentVersion, Statements: []iam.Statement{
		{Effect: iam.Allow, Action: iam.Strings{"*"}, Resource: iam.Strings{"*"}}}}
}

// contextJSON writes the context in the form of simulate: a lone value as a string.
func contextJSON(c *iam.Context) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for key, values := range c.Values {
		var v any = values
		switch {
		case values == nil:
			v = nil
		case len(values) == 1 && !c.Lists[key]:
			v = values[0]
		}
		if raw, err := json.Marshal(v); err == nil {
			out[key] = raw
		}
	}
	return out
}

// simulateLine is the request as a line for `tighten simulate`.
func simulateLine(id string, files []policyFile, w *report.Witness, resource bool) json.RawMessage {
	line := map[string]any{"id": id, "action": w.Action, "resource": w.Resource, "context": w.Context}
	if w.Principal != "" {
		line["principal"] = w.Principal
	}
	if w.Account != "" {
		line["account"] = w.Account
	}
	var docs []json.RawMessage
	for _, f := range files {
		docs = append(docs, f.Document.Minify())
	}
	switch {
	case !resource:
		line["policies"] = docs
	case len(docs) == 1:
		line["resourcePolicy"] = docs[0]
		if w.Account != "" {
			line["policies"] = []json.RawMessage{everything().Minify()}
		}
	default:
		return json.RawMessage("null") // a resource has one policy
	}
	raw, err := json.Marshal(line)
	if err != nil {
		return json.RawMessage("null")
	}
	return raw
}

// simulateCommand is the request as flags of `tighten simulate`, for a POSIX shell; ""
// where characters that do not show themselves would be in it.
func simulateCommand(w *report.Witness) string {
	parts := []string{"tighten simulate --action", shellQuote(w.Action), "--resource", shellQuote(w.Resource)}
	if w.Principal != "" {
		parts = append(parts, "--principal", shellQuote(w.Principal))
	}
	resourceAccount := w.Account
	if caller, err := iam.ParseARN(w.Principal); err == nil && resourceAccount == "" {
		resourceAccount = caller.Account // the flag's default goes by the resource's ARN
	}
	if resourceAccount != "" {
		parts = append(parts, "--resource-account", shellQuote(resourceAccount))
	}
	keys := make([]string, 0, len(w.Context))
	for k := range w.Context {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		parts = append(parts, "--context", shellQuote(k+":="+string(w.Context[k])))
	}
	command := strings.Join(parts, " ")
	if string(report.EscapeJSON([]byte(command))) != command || strings.ContainsFunc(command, unicode.IsControl) {
		return ""
	}
	return command
}

// shellQuote quotes a word for a POSIX shell where it needs that.
func shellQuote(s string) string {
	plain := s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:/._-+=@%,") == ""
	if plain {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

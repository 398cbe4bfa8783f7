package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/internal/ingest"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

func newActions(env Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "actions",
		Short: "Ask the facts: what an action is, what a call exercises",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newLookup(env), newExpand(env), newActionsResolve(env))
	return c
}

func newLookup(env Env) *cobra.Command {
	var f format
	c := &cobra.Command{
		Use:     "lookup ACTION...",
		Short:   "Show an action's level, resources, condition keys and visibility in CloudTrail",
		Example: "  tighten actions lookup s3:GetObject",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return lookup(env, f, args) },
	}
	addFormat(c, &f)
	return c
}

// factJSON is the wire form of a fact.
type factJSON struct {
	Action         string         `json:"action"`
	Level          string         `json:"level"`
	Visibility     string         `json:"visibility"`
	ReadOnly       bool           `json:"read_only"`
	DataType       string         `json:"data_event_type,omitempty"`
	MoreTypes      []string       `json:"more_data_event_types,omitempty"`
	Tracked        bool           `json:"action_last_accessed"`
	PermissionOnly bool           `json:"permission_only,omitempty"`
	Resources      []resourceJSON `json:"resources"`
	ConditionKeys  []string       `json:"condition_keys"`
	Operations     []string       `json:"operations,omitempty"`
	Facts          string         `json:"facts"`
}

type resourceJSON struct {
	Type     string `json:"type"`
	ARN      string `json:"arn"`
	Required bool   `json:"required"`
}

func lookup(env Env, f format, names []string) error {
	c := actions.Default()
	for _, name := range names {
		fact, ok := c.Lookup(name)
		if !ok {
			return fmt.Errorf("%q is not a known action: actions are written service:Name, and `tighten actions expand 's3:Get*'` lists them", name)
		}
		if err := printFact(env, f, factOf(&fact, c.Version())); err != nil {
			return err
		}
	}
	return nil
}

func factOf(f *actions.Fact, version string) factJSON {
	out := factJSON{Action: f.Name, Level: string(f.Level), Visibility: string(f.Visibility), ReadOnly: f.ReadOnly, DataType: f.DataType,
		MoreTypes: f.MoreTypes, Tracked: f.Tracked, PermissionOnly: f.PermissionOnly, Resources: []resourceJSON{}, ConditionKeys: append([]string{}, f.ConditionKeys...), Operations: f.Operations, Facts: version}
	for _, t := range f.ResourceTypes {
		out.Resources = append(out.Resources, resourceJSON{t.Name, t.ARN, t.Required})
	}
	return out
}

func printFact(env Env, f format, fact factJSON) error {
	if f == "json" {
		return json.NewEncoder(env.Stdout).Encode(fact)
	}
	w := bufio.NewWriter(env.Stdout)
	visible := fact.Visibility
	if fact.DataType != "" {
		visible += " (" + fact.DataType + ")"
	}
	fmt.Fprintf(w, "%s\n  level       %s\n  CloudTrail  %s\n", fact.Action, fact.Level, visible)
	for _, t := range fact.MoreTypes {
		fmt.Fprintf(w, "              some uses as data event %s\n", t)
	}
	if fact.Tracked {
		fmt.Fprintf(w, "  tracked     by IAM action last accessed\n")
	}
	if len(fact.Resources) == 0 {
		fmt.Fprintf(w, "  resources   none: only Resource \"*\" matches\n")
	}
	for _, r := range fact.Resources {
		required := ""
		if r.Required {
			required = " (required)"
		}
		fmt.Fprintf(w, "  resource    %s%s  %s\n", r.Type, required, r.ARN)
	}
	for _, k := range fact.ConditionKeys {
		fmt.Fprintf(w, "  condition   %s\n", k)
	}
	for _, o := range fact.Operations {
		if !strings.EqualFold(o, fact.Action) { // that one goes without saying
			fmt.Fprintf(w, "  also shown by  %s\n", o)
		}
	}
	fmt.Fprintf(w, "  facts       %s\n", fact.Facts)
	return w.Flush()
}

func newExpand(env Env) *cobra.Command {
	var f format
	c := &cobra.Command{
		Use:     "expand PATTERN...",
		Short:   "List the known actions that a pattern matches",
		Example: "  tighten actions expand 's3:Get*'",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return expand(env, f, args) },
	}
	addFormat(c, &f)
	return c
}

func expand(env Env, f format, patterns []string) error {
	names := []string{}
	for _, p := range patterns {
		names = actions.Default().Expand(names, p)
	}
	if f == "json" {
		return report.JSON(env.Stdout, names)
	}
	w := bufio.NewWriter(env.Stdout)
	for _, a := range names {
		fmt.Fprintln(w, a)
	}
	return w.Flush()
}

func newActionsResolve(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "resolve < RECORDS",
		Short: "Turn CloudTrail records on stdin (one JSON object a line) into IAM uses",
		Long: "Turn CloudTrail records on standard input, one JSON object a line, into the IAM actions\n" +
			"and resources that they exercise: one JSON line for each record, in the same order. A\n" +
			"line that cannot be read gives an object with an error, and exit code 5 at the end.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return resolveLines(env) },
	}
}

// resolvedJSON is one line of `actions resolve`.
type resolvedJSON struct {
	EventSource string    `json:"eventSource"`
	EventName   string    `json:"eventName"`
	Class       string    `json:"class"`
	Outcome     string    `json:"outcome"`
	Principal   string    `json:"principal"`
	Uses        []useJSON `json:"uses"`
	Note        string    `json:"note"`
}

type useJSON struct {
	Action   string `json:"action"`
	Resource string `json:"resource"`
	Basis    string `json:"basis"`
	Kind     string `json:"kind"`
}

type badLineJSON struct {
	Line  int    `json:"line"`
	Error string `json:"error"`
}

// lineResolver resolves one record at a time.
type lineResolver struct {
	decoder  *trail.Decoder
	resolver *actions.Resolver
	record   usage.Record
	out      *json.Encoder
}

func resolveLines(env Env) error {
	w := bufio.NewWriter(env.Stdout)
	l := &lineResolver{decoder: trail.NewDecoder(trail.Limits{}), resolver: actions.NewResolver(actions.Default()), out: json.NewEncoder(w)}
	l.out.SetEscapeHTML(false)
	in := bufio.NewReaderSize(env.Stdin, 1<<16)
	bad := 0
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if failure := l.line(line); failure != nil {
				bad++
				if err := l.out.Encode(badLineJSON{n, failure.Error()}); err != nil {
					return err
				}
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if bad > 0 {
		return outcome{ExitUnreadable, count(bad, "line") + " could not be read"}
	}
	return nil
}

// line resolves the records of one line, normally one.
func (l *lineResolver) line(data []byte) error {
	l.decoder.Reset(bytes.NewReader(data))
	n := 0
	for l.decoder.Next() {
		n++
		if err := l.out.Encode(l.resolve(l.decoder.Event())); err != nil {
			return err
		}
	}
	if err := l.decoder.Err(); err != nil {
		return err
	}
	if bad := l.decoder.Unreadable(); len(bad) > 0 {
		return bad[0]
	}
	if n == 0 {
		return errors.New("no CloudTrail record")
	}
	return nil
}

func (l *lineResolver) resolve(e *trail.Event) resolvedJSON {
	ingest.Record(&l.record, e)
	who := usage.Credit(&l.record.Identity)
	call := callOf(&l.record, who)
	r := l.resolver.Resolve(&call)
	out := resolvedJSON{EventSource: e.Source, EventName: e.Name, Class: string(r.Class), Outcome: string(ingest.Outcome(l.record.Outcome, r.Outcome)),
		Principal: who.ARN, Uses: []useJSON{}, Note: strings.Clone(r.Note)}
	for _, u := range r.Uses {
		out.Uses = append(out.Uses, useJSON{u.Action, u.Resource, string(u.Basis), string(u.Kind)})
	}
	return out
}

// callOf is the call of one record, as a dataset would hand it to the resolver.
func callOf(r *usage.Record, who usage.Principal) actions.Call {
	return ingest.CallOf(&usage.Call{
		Account: who.Account, RecipientAccount: r.RecipientAccount, Principal: who.ARN, PrincipalID: who.ID, PrincipalType: who.Type,
		EventSource: r.EventSource, EventName: r.EventName, EventType: r.EventType, Category: r.Category,
		ReadOnly: r.ReadOnly, Region: r.Region, ErrorCode: r.ErrorCode, Outcome: r.Outcome,
	}, r.Args, r.Context)
}

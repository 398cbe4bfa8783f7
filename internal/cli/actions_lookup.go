package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/report"
)

func newLookup(env Env) *cobra.Command {
	var f format
	c := &cobra.Command{
		Use:   "lookup ACTION...",
		Short: "Show an action's level, visibility in CloudTrail, resources and condition keys",
		Long: "Show what the facts say of an action: its access level, where CloudTrail shows it and by\n" +
			"which document, the events that show it, the calls that need it, its resource types and\n" +
			"condition keys.\n\n" +
			"  shown by          the event is this action\n" +
			"  also shown by     other events exercise it, some of them for certain parameters alone\n" +
			"  needed by         these calls succeed only with it, or only with it in some cases; their\n" +
			"                    events do not name it: uses of it are inferred from them\n" +
			"  may be needed by  so says AWS's service reference of some combination of parameters\n" +
			"                    (after tighten actions update); nothing is derived from it",
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
	Evidence       evidenceJSON   `json:"visibility_evidence"`
	ReadOnly       bool           `json:"read_only"`
	DataType       string         `json:"data_event_type,omitempty"`
	MoreTypes      []string       `json:"more_data_event_types,omitempty"` // some uses are data events of these
	Unlogged       []string       `json:"never_logged_types,omitempty"`    // uses on these are in no log
	PermissionOnly bool           `json:"permission_only,omitempty"`
	Tracked        bool           `json:"last_accessed"`
	ShownBy        []string       `json:"shown_by"`
	AlsoShownBy    []string       `json:"also_shown_by"`
	NeededBy       []string       `json:"needed_by"`
	Reference      []string       `json:"may_be_needed_by,omitempty"`
	Resources      []resourceJSON `json:"resources"`
	Dependents     []string       `json:"dependent_actions,omitempty"`
	ConditionKeys  []string       `json:"condition_keys"`
	Facts          string         `json:"facts"`
}

// evidenceJSON is what a visibility rests on.
type evidenceJSON struct {
	Rule   string `json:"rule"`
	Source string `json:"source"` // the page's address, "" where no document tells of the service
	Date   string `json:"date"`   // on which it was read
}

type resourceJSON struct {
	Type     string `json:"type"`
	ARN      string `json:"arn"`
	Required bool   `json:"required"`
}

func (r *resourceJSON) text() string {
	required := ""
	if r.Required {
		required = " (required)"
	}
	return r.Type + required + "  " + r.ARN
}

func lookup(env Env, f format, names []string) error {
	c, err := env.catalog()
	if err != nil {
		return err
	}
	for _, name := range names {
		fact, ok := c.Lookup(name)
		if !ok {
			return unknownAction(c, name)
		}
		if err := printFact(env, f, factOf(c, &fact)); err != nil {
			return err
		}
	}
	return nil
}

// unknownAction is the error for a name that is no action, with those it may be
// meant to be.
func unknownAction(c *actions.Catalog, name string) error {
	if near := c.Near(name); len(near) > 0 {
		return fmt.Errorf("%q is not a known action; near it: %s", name, strings.Join(near, ", "))
	}
	return fmt.Errorf("%q is not a known action: actions are written service:Name, and `tighten actions expand 's3:Get*'` lists them", name)
}

func factOf(c *actions.Catalog, f *actions.Fact) factJSON {
	out := factJSON{
		Action: f.Name, Level: string(f.Level), Visibility: string(f.Visibility), ReadOnly: f.ReadOnly, DataType: f.DataType,
		Unlogged: f.Unlogged, PermissionOnly: f.PermissionOnly, Tracked: f.Tracked, Resources: []resourceJSON{},
		Evidence:      evidenceJSON{string(f.Evidence.Rule), f.Evidence.Document, f.Evidence.Date},
		ConditionKeys: append([]string{}, f.ConditionKeys...), Dependents: f.Dependents,
		Reference: c.ReferenceOperations(f.Name), Facts: c.Version(),
	}
	for _, t := range f.MoreTypes {
		if !slices.Contains(f.Unlogged, t) {
			out.MoreTypes = append(out.MoreTypes, t)
		}
	}
	e := c.Events(f.Name)
	out.ShownBy, out.AlsoShownBy, out.NeededBy = append([]string{}, e.Own...), append([]string{}, e.Also...), append([]string{}, e.Needed...)
	for _, t := range f.ResourceTypes {
		out.Resources = append(out.Resources, resourceJSON{t.Name, t.ARN, t.Required})
	}
	return out
}

// mostEvents bounds a list of calls in text: some actions serve hundreds.
const mostEvents = 10

// printFact writes a fact: the answer first, the long lists last.
func printFact(env Env, f format, fact factJSON) error {
	if f == "json" {
		return json.NewEncoder(env.Stdout).Encode(fact)
	}
	w := bufio.NewWriter(env.Stdout)
	row := func(name string, values ...string) {
		for _, v := range values {
			fmt.Fprintf(w, "  %-16s  %s\n", name, report.Clean(v))
		}
	}
	calls := func(name string, list []string) {
		row(name, list[:min(mostEvents, len(list))]...)
		if more := len(list) - mostEvents; more > 0 {
			row(name, fmt.Sprintf("(+%d more of %d, see --format json)", more, len(list)))
		}
	}
	wrapped := func(name string, words []string) {
		for _, line := range folded(words) {
			row(name, line)
			name = ""
		}
	}
	fmt.Fprintf(w, "%s\n", report.Clean(fact.Action))
	row("level", fact.Level)
	row("CloudTrail", visibleText(&fact))
	if len(fact.Unlogged) > 0 {
		row("never logged", "uses on "+strings.Join(fact.Unlogged, ", ")+": no log shows the action in full")
	}
	row("because", ruleText(&fact))
	row("source", sourceText(&fact.Evidence))
	calls("shown by", fact.ShownBy)
	calls("also shown by", fact.AlsoShownBy)
	calls("needed by", fact.NeededBy)
	calls("may be needed by", fact.Reference)
	if fact.Tracked {
		row("last accessed", "tracked, by action")
	}
	if len(fact.Resources) == 0 {
		row("resources", `none: only Resource "*" matches`)
	}
	for i := range fact.Resources {
		row("resource", fact.Resources[i].text())
	}
	wrapped("dependent", fact.Dependents)
	wrapped("condition keys", fact.ConditionKeys)
	row("facts", fact.Facts)
	return w.Flush()
}

// folded joins words by commas to lines that fit a terminal beside their label.
func folded(words []string) []string {
	const width = 78
	var lines []string
	for i, word := range words {
		if i < len(words)-1 {
			word += ","
		}
		if last := len(lines) - 1; last >= 0 && len(lines[last])+1+len(word) <= width {
			lines[last] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}

// visibleText says where CloudTrail shows an action.
func visibleText(f *factJSON) string {
	out := f.Visibility
	if f.DataType != "" {
		out += " (" + f.DataType + ")"
	}
	if len(f.MoreTypes) > 0 {
		out += "; some uses as data events of " + strings.Join(f.MoreTypes, ", ")
	}
	return out
}

// ruleText says in which way the source tells the visibility.
func ruleText(f *factJSON) string {
	switch actions.Rule(f.Evidence.Rule) {
	case actions.RuleRow:
		switch {
		case f.Action == "iam:PassRole":
			return "inferred from calls that take a role: " + count(len(f.NeededBy), "call") + " known, and any other that changes something and names a role"
		case f.Visibility == string(actions.NeverLogged) && len(f.NeededBy) > 0:
			return "inferred from " + count(len(f.NeededBy), "call") + " known to need it"
		}
		return "the source tells of this action or its kind"
	case actions.RuleParameters:
		return "no event has its name; the parameters of the logged calls that need it tell of it"
	case actions.RuleNamed:
		return "the service's page names this operation"
	case actions.RuleAll:
		return "the service's page says that all its operations are logged"
	case actions.RuleService:
		return "presumed: the source says that the service logs its API, and does not name this operation"
	case actions.RuleContent:
		return "the source does not name this operation, and its name is that of one on content, which may be a data event"
	case actions.RuleBesideData:
		return "the service has data events, and its page does not name this operation, which may be one of them"
	case actions.RuleLater:
		if f.Visibility == string(actions.PresumedManagement) {
			return "presumed: an update brought the action, so no document read so far can know it"
		}
		return "an update brought the action, and the service has data events: this may be one"
	case actions.RuleNoOperation:
		return "the action is no operation of the API, so no event has its name"
	case actions.RuleUndocumented:
		return "no document says that the service logs its API"
	}
	return ""
}

// sourceText is the page and when it was read.
func sourceText(e *evidenceJSON) string {
	if e.Source == "" {
		return "none"
	}
	return e.Source + " (read " + e.Date + ")"
}

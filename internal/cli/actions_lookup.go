package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/report"
)

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
	MoreTypes      []string       `json:"more_data_event_types,omitempty"` // some uses are data events of these
	PermissionOnly bool           `json:"permission_only,omitempty"`
	Tracked        bool           `json:"last_accessed"`
	Resources      []resourceJSON `json:"resources"`
	ConditionKeys  []string       `json:"condition_keys"`
	Dependents     []string       `json:"dependent_actions,omitempty"`
	Operations     []string       `json:"operations,omitempty"`
	Events         []string       `json:"events"`
	Reference      []string       `json:"reference_operations,omitempty"`
	Facts          string         `json:"facts"`
}

type resourceJSON struct {
	Type     string `json:"type"`
	ARN      string `json:"arn"`
	Required bool   `json:"required"`
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
		Action: f.Name, Level: string(f.Level), Visibility: string(f.Visibility), ReadOnly: f.ReadOnly, DataType: f.DataType, MoreTypes: f.MoreTypes,
		PermissionOnly: f.PermissionOnly, Tracked: f.Tracked, Resources: []resourceJSON{},
		ConditionKeys: append([]string{}, f.ConditionKeys...), Dependents: f.Dependents, Operations: f.Operations,
		Events: append([]string{}, c.Events(f.Name)...), Reference: c.ReferenceOperations(f.Name), Facts: c.Version(),
	}
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
	row := func(name string, values ...string) {
		for _, v := range values {
			fmt.Fprintf(w, "  %-10s  %s\n", name, report.Clean(v))
		}
	}
	fmt.Fprintf(w, "%s\n", report.Clean(fact.Action))
	row("level", fact.Level)
	row("CloudTrail", visibleText(&fact))
	if len(fact.Resources) == 0 {
		row("resources", `none: only Resource "*" matches`)
	}
	for _, r := range fact.Resources {
		required := ""
		if r.Required {
			required = " (required)"
		}
		row("resource", r.Type+required+"  "+r.ARN)
	}
	row("condition", fact.ConditionKeys...)
	row("dependent", fact.Dependents...)
	for _, e := range fact.Events {
		if strings.EqualFold(e, fact.Action) {
			row("shown by", e)
		} else {
			row("also shown by", e)
		}
	}
	const most = 10 // some actions, such as kms:Decrypt, serve hundreds
	row("may be needed by", fact.Reference[:min(most, len(fact.Reference))]...)
	if more := len(fact.Reference) - most; more > 0 {
		row("may be needed by", fmt.Sprintf("(+%d more, see --format json)", more))
	}
	row("facts", fact.Facts)
	return w.Flush()
}

// visibleText says where CloudTrail shows an action, and whether AWS says when it
// was last used.
func visibleText(f *factJSON) string {
	out := f.Visibility
	if f.DataType != "" {
		out += " (" + f.DataType + ")"
	}
	if len(f.MoreTypes) > 0 {
		out += "; some uses as data events of " + strings.Join(f.MoreTypes, ", ")
	}
	if f.Tracked {
		out += "; action last accessed tracks it"
	}
	return out
}

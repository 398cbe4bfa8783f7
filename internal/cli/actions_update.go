package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/internal/refresh"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/report"
)

type updateOptions struct {
	url         string
	acceptFewer bool
	format      format
}

func newActionsUpdate(env Env) *cobra.Command {
	o := &updateOptions{}
	c := &cobra.Command{
		Use:   "update",
		Short: "Merge AWS's service reference into a facts file of your cache directory",
		Long: "Read what changed of AWS's public service reference and merge it into the embedded facts.\n" +
			"The result is one file of your cache directory, which all commands use from then on\n" +
			"(--facts embedded turns it off). An update adds services, actions, resource types,\n" +
			"condition keys and tracking; it takes nothing away of the embedded facts, and leaves the\n" +
			"access levels of their actions. What the last update added from another --url is dropped.\n" +
			"A file that is broken, or not what AWS's files look like, stops it, and the cache stays\n" +
			"as it was.",
		Example: "  tighten actions update && tighten actions diff",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return o.run(c, env) },
	}
	c.Flags().StringVar(&o.url, "url", refresh.DefaultURL, "index of the reference or of a copy: https, or http on this machine")
	c.Flags().BoolVar(&o.acceptFewer, "accept-fewer", false, "take files that lost more than a third of their actions since the last update")
	addFormat(c, &o.format)
	return c
}

// updateJSON is the wire form of an update.
type updateJSON struct {
	File      string    `json:"file"`
	Before    string    `json:"before"`
	After     string    `json:"after"`
	Services  int       `json:"services"`
	Read      int       `json:"read"`
	Unchanged int       `json:"unchanged"`
	Bytes     int64     `json:"bytes"`
	Dropped   string    `json:"dropped_url,omitempty"` // what earlier updates added came from here, and is gone
	Added     addedJSON `json:"added"`
}

// addedJSON counts what the reference adds to the embedded facts.
type addedJSON struct {
	Services      int `json:"services"`
	Actions       int `json:"actions"`
	ResourceTypes int `json:"resource_types"`
	ARNs          int `json:"arn_formats"`
	ConditionKeys int `json:"condition_keys"`
	Tracked       int `json:"last_accessed"`
	LeftOut       int `json:"left_out"`
	ForeignARNs   int `json:"foreign_arn_formats"`

	Levels []levelJSON `json:"levels_differ"`
}

// levelJSON is a known action of which the reference tells another access level.
type levelJSON struct {
	Action    string `json:"action"`
	Level     string `json:"level"`
	Reference string `json:"reference"`
}

func addedOf(m *actions.Merged) addedJSON {
	out := addedJSON{
		Services: m.Services, Actions: m.Actions, ResourceTypes: m.ResourceTypes, ARNs: m.ARNs, ConditionKeys: m.ConditionKeys,
		Tracked: m.Tracked, LeftOut: m.LeftOut, ForeignARNs: m.ForeignARNs, Levels: []levelJSON{},
	}
	for _, l := range m.Levels {
		out.Levels = append(out.Levels, levelJSON{l.Action, string(l.Ours), string(l.Reference)})
	}
	return out
}

func (o *updateOptions) run(c *cobra.Command, env Env) error {
	dir, err := refresh.Dir()
	if err != nil {
		return err
	}
	r, err := refresh.Update(c.Context(), refresh.Options{Dir: dir, URL: o.url, Base: actions.Default(), AcceptFewer: o.acceptFewer})
	if err != nil {
		return err
	}
	if r.StartedOver != "" {
		fmt.Fprintf(env.Stderr, "tighten: warning: what earlier updates read is broken, all was read again: %s\n", report.Clean(r.StartedOver))
	}
	if r.FormerURL != "" {
		fmt.Fprintf(env.Stderr, "tighten: warning: the last update read %s: what it added is dropped, unless %s has it too\n", report.Clean(r.FormerURL), report.Clean(o.url))
	}
	if o.format == "json" {
		return report.JSON(env.Stdout, updateJSON{
			r.File, r.Before, r.After, r.Services, r.Read, r.Services - r.Read, r.Bytes, r.FormerURL, addedOf(&r.Added),
		})
	}
	return printUpdate(env.Stdout, r)
}

func printUpdate(w io.Writer, r *refresh.Result) error {
	before := r.Before
	if before == "" {
		before = actions.Default().Version()
	}
	versions := report.Clean(r.After) + " (no change)"
	if before != r.After {
		versions = report.Clean(before) + " → " + report.Clean(r.After)
	}
	_, err := fmt.Fprintf(w, "facts      %s\nreference  %s: %d read, %d unchanged, %s\nadds       %s to the embedded facts\nfile       %s\n",
		versions, serviceCount(r.Services), r.Read, r.Services-r.Read, count(r.Bytes, "byte"), refresh.Summary(&r.Added), report.Clean(r.File))
	if err == nil && len(r.Added.Levels) > 0 {
		_, err = fmt.Fprintf(w, "levels     %s\n", report.Clean(levelsText(r.Added.Levels)))
	}
	if err == nil && r.Added.LeftOut > 0 {
		_, err = fmt.Fprintf(w, "left out   %s whose resource types the reference does not define\n", count(r.Added.LeftOut, "new action"))
	}
	if err == nil && r.Added.ForeignARNs > 0 {
		_, err = fmt.Fprintf(w, "left out   %s of services other than those that the embedded facts have for the file's\n", count(r.Added.ForeignARNs, "ARN format"))
	}
	return err
}

// levelsText names the first few actions whose levels differ.
func levelsText(levels []actions.LevelDiffers) string {
	const most = 5
	var names []string
	for _, l := range levels[:min(most, len(levels))] {
		names = append(names, fmt.Sprintf("%s (%s, there %s)", l.Action, l.Ours, l.Reference))
	}
	out := "of " + count(len(levels), "known action") + " the reference tells another access level; the embedded one stays: " + strings.Join(names, ", ")
	if more := len(levels) - most; more > 0 {
		out += fmt.Sprintf(" (+%d more, see --format json)", more)
	}
	return out
}

func serviceCount(n int) string { return count(n, "service") }

package cli

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/report"
)

type diffOptions struct {
	exitCode bool
	format   format
}

func newActionsDiff(env Env) *cobra.Command {
	o := &diffOptions{}
	c := &cobra.Command{
		Use:   "diff [A [B]]",
		Short: "Show what differs between two versions of the facts",
		Long: "Show what differs between two versions of the facts: services, actions, levels, resource\n" +
			"types and their ARN formats, condition keys, visibility. A and B are embedded, cache, or\n" +
			"facts files; without them the embedded facts are compared with the updated ones.",
		Example: "  tighten actions diff embedded cache\n  tighten actions diff old-facts.zst --exit-code",
		Args:    cobra.MaximumNArgs(2),
		RunE:    func(_ *cobra.Command, args []string) error { return o.run(env, args) },
	}
	c.Flags().BoolVar(&o.exitCode, "exit-code", false, fmt.Sprintf("exit with %d where they differ", ExitDiffer))
	addFormat(c, &o.format)
	return c
}

// factsDiffJSON is the wire form of a comparison.
type factsDiffJSON struct {
	A       string       `json:"a"`
	B       string       `json:"b"`
	Changes []changeJSON `json:"changes"`
}

type changeJSON struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Before string `json:"before"`
	After  string `json:"after"`

	// Of actions that are new or gone.
	Visibility string   `json:"visibility,omitempty"`
	Resources  []string `json:"resources,omitempty"`
}

func (o *diffOptions) run(env Env, args []string) error {
	names := []string{factsEmbedded, factsCache}
	copy(names, args)
	var sides [2]*actions.Catalog
	for i, name := range names {
		c, err := namedFacts(name)
		if err != nil && !errors.Is(err, actions.ErrOtherBase) { // any two versions can be compared
			return fmt.Errorf("%s: %w", name, err)
		}
		sides[i] = c
	}
	changes := actions.Compare(sides[0], sides[1])
	var err error
	if o.format == "json" {
		err = report.JSON(env.Stdout, factsDiff(sides, changes))
	} else {
		err = printFactsDiff(env, sides, changes)
	}
	if err == nil && o.exitCode && len(changes) > 0 {
		return outcome{ExitDiffer, count(len(changes), "difference")}
	}
	return err
}

func factsDiff(sides [2]*actions.Catalog, changes []actions.Change) factsDiffJSON {
	out := factsDiffJSON{A: sides[0].Version(), B: sides[1].Version(), Changes: []changeJSON{}}
	for _, c := range changes {
		out.Changes = append(out.Changes, changeJSON{string(c.Kind), c.Name, c.Before, c.After, c.Visibility, c.Resources})
	}
	return out
}

// printFactsDiff writes a line for each change: + added, - removed, ~ changed.
func printFactsDiff(env Env, sides [2]*actions.Catalog, changes []actions.Change) error {
	w := bufio.NewWriter(env.Stdout)
	fmt.Fprintf(w, "--- %s\n+++ %s\n", report.Clean(sides[0].Version()), report.Clean(sides[1].Version()))
	for _, c := range changes {
		fmt.Fprintln(w, report.Clean(changeLine(&c)))
	}
	return w.Flush()
}

func changeLine(c *actions.Change) string {
	sign, value := "~", c.Before+" → "+c.After
	switch {
	case c.Before == "":
		sign, value = "+", c.After
	case c.After == "":
		sign, value = "-", c.Before
	}
	switch c.Kind {
	case actions.ChangedService:
		return sign + " service " + c.Name + "  " + value
	case actions.ChangedAction:
		on := `only "*"`
		if len(c.Resources) > 0 {
			on = strings.Join(c.Resources, ", ")
		}
		return sign + " " + c.Name + "  " + value + "; CloudTrail: " + c.Visibility + "; resources: " + on
	case actions.ChangedType:
		return sign + " " + c.Name + "  " + value
	}
	return sign + " " + c.Name + "  " + string(c.Kind) + " " + value
}

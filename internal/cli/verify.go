package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// compare reads all logs into a dataset beside the one that is there and compares the
// two: the same logs make the same bytes.
func (o *scanOptions) compare(c *cobra.Command, env Env, catalog *actions.Catalog, logs []string) error {
	if _, err := os.Stat(filepath.Join(o.usage, "dataset.json")); err != nil {
		return fmt.Errorf("nothing to verify: %w", err)
	}
	var list []usage.Difference
	err := withDataset(o.usage, func(d *usage.Dataset) error {
		scratch, err := d.Scratch()
		if err != nil {
			return err
		}
		o.logs.maxResources, o.logs.commitEvery = d.MaxResources(), 0
		return withDataset(filepath.Join(scratch, "again"), func(again *usage.Dataset) error {
			if _, err := o.logs.scan(c.Context(), env, catalog, again, logs); err != nil {
				return err
			}
			if d.Facts() != again.Facts() {
				fmt.Fprintf(env.Stderr, "tighten: the dataset was resolved with facts %s and this run uses %s: usage/, coverage/ and unmapped/ are not compared\n",
					report.Clean(d.Facts()), again.Facts())
			}
			list, err = d.Compare(again)
			return err
		})
	})
	if err != nil {
		return err
	}
	if err := printDifferences(env, o.format, list); err != nil || len(list) == 0 {
		return err
	}
	return outcome{ExitDiffer, fmt.Sprintf("the dataset is not what these logs come to: %s", count(int64(len(list)), "difference"))}
}

// differences is the JSON of scan --verify.
type differences struct {
	Version     int                `json:"version"`
	Equal       bool               `json:"equal"`
	Differences []usage.Difference `json:"differences"`
}

func printDifferences(env Env, f format, list []usage.Difference) error {
	if f == "json" {
		w := json.NewEncoder(env.Stdout)
		w.SetIndent("", "  ")
		return w.Encode(differences{1, len(list) == 0, append([]usage.Difference{}, list...)})
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(env.Stdout, "the dataset is what these logs come to")
		return err
	}
	const most = 50
	for i, d := range list {
		if i == most {
			fmt.Fprintf(env.Stdout, "… and %d more (--format json has all)\n", len(list)-most)
			break
		}
		if d.Key != "" {
			fmt.Fprintf(env.Stdout, "%s %s: %s\n", d.Table, report.Clean(d.Key), d.What)
			continue
		}
		fmt.Fprintf(env.Stdout, "%s of %s: %s in the dataset, %s in the logs, and not the same\n",
			d.Table, d.Date, count(int64(d.Rows[0]), "row"), count(int64(d.Rows[1]), "row"))
	}
	return nil
}

package cli

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/pkg/usage"
)

type runOptions struct {
	logs    logFlags
	propose proposeFlags
}

func newRun(env Env) *cobra.Command {
	o := &runOptions{}
	c := &cobra.Command{
		Use:   "run LOGS... --account PATH --out DIR",
		Short: "Scan logs, propose policies, write the report",
		Long: "Read the logs, compare what was used with what is granted, and write to DIR: the usage\n" +
			"dataset (dataset/), one line per principal (principals.jsonl), the proposed policies\n" +
			"with their diffs (policies/), and a report (report.html). LOGS are files, folders,\n" +
			"globs, s3://BUCKET/PREFIX, or - for standard input.",
		Example: "  aws iam get-account-authorization-details > account.json\n" +
			"  tighten run ./AWSLogs --account account.json --out out",
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c, env, args) },
	}
	o.logs.add(c)
	o.propose.add(c)
	return c
}

func (o *runOptions) run(c *cobra.Command, env Env, args []string) error {
	opts, err := o.propose.options(c)
	if err != nil {
		return err
	}
	if err := o.logs.prepare(env); err != nil {
		return err
	}
	catalog, err := env.catalog()
	if err != nil {
		return err
	}
	snapshot, err := o.propose.snapshot(catalog)
	if err != nil {
		return err
	}
	if err := apart(o.propose.out, args); err != nil {
		return err
	}
	dir, err := openOutput(o.propose.out)
	if err != nil {
		return err
	}
	dataset := filepath.Join(o.propose.out, datasetDir)
	err = withDataset(dataset, func(d *usage.Dataset) error {
		d.Clear() // what a run gives depends on its logs alone
		o.logs.commitEvery = 0
		_, err := o.logs.scan(c.Context(), env, catalog, d, args)
		return err
	})
	if err != nil {
		return err
	}
	table, err := readForProposals(dataset)
	if err != nil {
		return err
	}
	if err := o.propose.finish(env, catalog, opts, dir, table, snapshot); err != nil {
		return err
	}
	if err := unreadable(&table.Stats); err != nil {
		return err
	}
	return o.logs.digests.outcome(table)
}

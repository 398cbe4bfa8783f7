package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/internal/ingest"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/usage"
)

type scanOptions struct {
	logs   logFlags
	usage  string
	format format
}

func newScan(env Env) *cobra.Command {
	o := &scanOptions{}
	c := &cobra.Command{
		Use:   "scan LOGS... --usage DATASET",
		Short: "Read logs into a usage dataset",
		Long: "Read CloudTrail logs into a dataset of Parquet files: what was called, by whom, and\n" +
			"which IAM actions on which resources that used. LOGS are files, folders, globs,\n" +
			"s3://BUCKET/PREFIX, or - for standard input. A dataset that is already there is replaced.",
		Example: "  tighten scan s3-mirror/AWSLogs --usage usage.ds\n  zcat *.json.gz | tighten scan - --usage usage.ds --format json",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return o.run(c, env, args) },
	}
	o.logs.add(c)
	addFormat(c, &o.format)
	addUsage(c, &o.usage)
	return c
}

func addUsage(c *cobra.Command, dst *string) {
	c.Flags().StringVar(dst, "usage", "", "root folder of the usage dataset (required)")
	_ = c.MarkFlagRequired("usage")
	_ = c.MarkFlagDirname("usage")
}

func (o *scanOptions) run(c *cobra.Command, env Env, args []string) error {
	if err := o.logs.prepare(env); err != nil {
		return err
	}
	catalog, err := env.catalog()
	if err != nil {
		return err
	}
	table, err := o.logs.scan(c.Context(), env, catalog, args)
	if err != nil {
		return err
	}
	if err := usage.Write(o.usage, table); err != nil {
		return err
	}
	if err := printScan(env, catalog, o.format, table); err != nil {
		return err
	}
	return unreadable(table)
}

func printScan(env Env, c *actions.Catalog, f format, table *usage.Table) error {
	run := scanReport(c, table, nil)
	if f == "json" {
		return report.JSON(env.Stdout, run)
	}
	return report.Text(env.Stdout, run, textOptions(env))
}

type resolveOptions struct {
	usage   string
	workers workersFlag
	format  format
}

func newResolve(env Env) *cobra.Command {
	o := &resolveOptions{}
	c := &cobra.Command{
		Use:   "resolve --usage DATASET",
		Short: "Derive usage from the calls of a dataset again, without the logs",
		Long:  "Derive the usage table of a dataset again from its calls with the facts of this version\nof tighten. The logs are not needed.",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return o.run(c, env) },
	}
	c.Flags().Var(&o.workers, "workers", "calls resolved at a time (default: one per CPU)")
	addFormat(c, &o.format)
	addUsage(c, &o.usage)
	return c
}

func (o *resolveOptions) run(c *cobra.Command, env Env) error {
	catalog, err := env.catalog()
	if err != nil {
		return err
	}
	table, err := usage.Read(o.usage)
	if err != nil {
		return err
	}
	before := table.Facts
	if err := ingest.Resolve(c.Context(), table, catalog, int(o.workers)); err != nil {
		return err
	}
	if err := usage.Write(o.usage, table); err != nil {
		return err
	}
	if before != table.Facts {
		fmt.Fprintf(env.Stderr, "facts: %s → %s\n", report.Clean(before), table.Facts)
	}
	return printScan(env, catalog, o.format, table)
}

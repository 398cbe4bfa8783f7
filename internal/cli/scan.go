package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/internal/ingest"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/usage"
)

type scanOptions struct {
	logs   logFlags
	usage  string
	verify bool
	format format
}

func newScan(env Env) *cobra.Command {
	o := &scanOptions{}
	c := &cobra.Command{
		Use:   "scan LOGS... --usage DATASET",
		Short: "Read logs into a usage dataset",
		Long: "Read CloudTrail logs into a dataset of Parquet files: what was called, by whom, and\n" +
			"which IAM actions on which resources that used. LOGS are files, folders, globs,\n" +
			"s3://BUCKET/PREFIX, or - for standard input. A dataset that is already there is extended:\n" +
			"objects that it has are not read again, and an event that several objects hold counts once.",
		Example: "  tighten scan s3-mirror/AWSLogs --usage usage.ds\n  zcat *.json.gz | tighten scan - --usage usage.ds --format json",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return o.run(c, env, args) },
	}
	o.logs.add(c)
	c.Flags().DurationVar(&o.logs.commitEvery, "commit-every", 15*time.Minute, "time after which what was read is stored, so that a scan that is stopped goes on from there (0: at the end)")
	c.Flags().Var(&o.logs.late, "late", "days before the last one of the dataset in which duplicates are told, such as 7d; older days then take less disk (default: all)")
	c.Flags().Lookup("late").DefValue = ""
	c.Flags().BoolVar(&o.verify, "verify", false, "change nothing: read all LOGS again and compare what they come to with the dataset; a difference exits 3")
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
	if o.verify {
		return o.compare(c, env, catalog, args)
	}
	var got scanned
	err = withDataset(o.usage, func(d *usage.Dataset) error {
		got, err = o.logs.scan(c.Context(), env, catalog, d, args)
		return err
	})
	if err != nil {
		return err
	}
	return printScan(env, catalog, o.format, o.usage, &got, o.logs.digests.outcome)
}

// withDataset opens a dataset for writing while do works on it.
func withDataset(root string, do func(*usage.Dataset) error) error {
	d, err := usage.Open(root)
	if err != nil {
		return err
	}
	return errors.Join(do(d), d.Close())
}

// printScan prints what a dataset holds, and of a scan what it added. judge,
// if it is not nil, has the last word on how the command ends.
func printScan(env Env, c *actions.Catalog, f format, root string, got *scanned, judge func(*usage.Table) error) error {
	table, err := usage.ReadParts(root, usage.PartCoverage|usage.PartDeliveries|usage.PartBroken)
	if err != nil {
		return err
	}
	run := scanReport(c, table, nil)
	if got != nil {
		run.Scan.Now = &report.ScanNow{Objects: got.read.Objects, Known: got.known, Records: got.read.Records}
	}
	if f == "json" {
		err = report.JSON(env.Stdout, run)
	} else {
		err = report.Text(env.Stdout, run, textOptions(env))
	}
	if err != nil {
		return err
	}
	if err := unreadable(&table.Stats); err != nil || judge == nil {
		return err
	}
	return judge(table)
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
	before := ""
	err = withDataset(o.usage, func(d *usage.Dataset) error {
		if before = d.Facts(); before == "" {
			return fmt.Errorf("%s is not a dataset: scan logs into it first", o.usage)
		}
		return d.Extend(c.Context(), nil, ingest.Derive(catalog, int(o.workers), d.MaxResources(), planMemory(machineMemory()/2).days))
	})
	if err != nil {
		return err
	}
	if before != catalog.Version() {
		fmt.Fprintf(env.Stderr, "facts: %s → %s\n", report.Clean(before), catalog.Version())
	}
	return printScan(env, catalog, o.format, o.usage, nil, nil)
}

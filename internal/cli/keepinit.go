package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/internal/keeplist"
	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/synth"
)

type keepInitOptions struct {
	out     string
	usage   string
	account []string
}

func newKeepInit(env Env) *cobra.Command {
	o := &keepInitOptions{}
	c := &cobra.Command{
		Use:   "init [--out FILE] [--usage DATASET --account PATH]",
		Short: "Write a keep list to fill in, all of it commented out",
		Long: "Write a keep list to fill in: an example of each kind of entry, commented out. With a\n" +
			"dataset and account files, also what tighten detects in them and keeps by default.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return o.run(env) },
	}
	c.Flags().StringVar(&o.out, "out", keepFile, "file to write; one that is there is not replaced")
	c.Flags().StringVar(&o.usage, "usage", "", "usage dataset to look for principals in")
	c.Flags().StringArrayVar(&o.account, "account", nil, "file or folder with what is granted, as propose takes it; repeats")
	_ = c.MarkFlagDirname("usage")
	return c
}

func (o *keepInitOptions) run(env Env) error {
	if (o.usage == "") != (len(o.account) == 0) {
		return usagef("--usage and --account: give both, or neither for an empty list")
	}
	found, err := o.suggestions(env)
	if err != nil {
		return err
	}
	if err := createNew(o.out, keeplist.Template(found)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "%s written: take away the # of what applies, then: tighten keep check %s\n", report.Clean(o.out), report.Clean(o.out))
	return err
}

// suggestions are the principals that are detected in the dataset.
func (o *keepInitOptions) suggestions(env Env) ([]keeplist.Suggestion, error) {
	if o.usage == "" {
		return nil, nil
	}
	catalog, err := env.catalog()
	if err != nil {
		return nil, err
	}
	flags := evidenceFlags{account: o.account}
	snapshot, err := flags.snapshot(catalog)
	if err != nil {
		return nil, err
	}
	table, err := readForProposals(o.usage)
	if err != nil {
		return nil, err
	}
	var out []keeplist.Suggestion
	for _, f := range synth.Detect(synth.Input{Catalog: catalog, Table: table, Snapshot: snapshot}) {
		for _, d := range f.Detected {
			out = append(out, keeplist.Suggestion{Class: d.Class, Principal: f.ARN, Reason: d.Reason})
		}
	}
	slices.SortStableFunc(out, func(a, b keeplist.Suggestion) int { return strings.Compare(a.Principal, b.Principal) })
	return out, nil
}

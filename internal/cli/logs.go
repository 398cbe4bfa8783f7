package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/internal/ingest"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// logFlags say which records of which logs are read, and how.
type logFlags struct {
	since, until      timeFlag
	accounts, regions []string
	workers           int
	maxRecord         int64
	maxObject         int64
}

func (f *logFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.Var(&f.since, "since", "leave out records before this time (2026-08-01, '90 days ago')")
	fl.Var(&f.until, "until", "leave out records at or after this time")
	fl.StringSliceVar(&f.accounts, "accounts", nil, "keep only records delivered to these account ids")
	fl.StringSliceVar(&f.regions, "regions", nil, "keep only records of these regions")
	fl.IntVar(&f.workers, "workers", 0, "objects read at a time (default: one per CPU)")
	fl.Int64Var(&f.maxRecord, "max-record-bytes", trail.DefaultMaxRecord, "largest record that is read, in bytes of JSON")
	fl.Int64Var(&f.maxObject, "max-object-bytes", trail.DefaultMaxObject, "largest object that is read, in bytes of JSON")
}

// scan reads the logs into a resolved table.
func (f *logFlags) scan(ctx context.Context, env Env, logs []string) (*usage.Table, error) {
	var sources []trail.Source
	for _, arg := range logs {
		s, err := trail.Open(arg, env.Stdin)
		if err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	bar := newProgress(env)
	table, err := ingest.Run(ctx, sources, ingest.Options{
		Workers:  f.workers,
		Limits:   trail.Limits{MaxRecord: f.maxRecord, MaxObject: f.maxObject},
		Filter:   ingest.Filter{Since: f.since.Time, Until: f.until.Time, Accounts: f.accounts, Regions: f.regions},
		Progress: bar.update,
	})
	bar.done()
	if err != nil {
		return nil, err
	}
	if table.Stats.Objects == 0 {
		return nil, fmt.Errorf("no log objects under the given paths; expected CloudTrail files such as AWSLogs/ACCOUNT/CloudTrail/REGION/…/*.json.gz")
	}
	return table, ingest.Resolve(ctx, table, actions.Default(), f.workers)
}

// unreadable is the outcome of a scan that could not read everything.
func unreadable(t *usage.Table) error {
	if n, m := t.Stats.ObjectsUnreadable, t.Stats.Unreadable; n > 0 || m > 0 {
		return outcome{ExitUnreadable, fmt.Sprintf("%d objects and %d records could not be read, see the summary", n, m)}
	}
	return nil
}

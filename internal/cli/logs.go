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
	workers           workersFlag
	maxRecord         sizeFlag
	maxObject         sizeFlag
	s3                s3Flags
	digests           digestFlags
}

func (f *logFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.Var(&f.since, "since", "leave out records before this time (2026-08-01, '90 days ago')")
	fl.Var(&f.until, "until", "leave out records at or after this time")
	fl.StringSliceVar(&f.accounts, "accounts", nil, "keep only records delivered to these account ids")
	fl.StringSliceVar(&f.regions, "regions", nil, "keep only records of these regions")
	fl.Var(&f.workers, "workers", "objects decoded at a time (default: one per CPU)")
	f.maxRecord, f.maxObject = sizeFlag(trail.DefaultMaxRecord), sizeFlag(trail.DefaultMaxObject)
	fl.Var(&f.maxRecord, "max-record-bytes", "largest record that is read, as JSON")
	fl.Var(&f.maxObject, "max-object-bytes", "largest object that is read, as JSON")
	fl.BoolVar(&f.digests.verify, "verify-digests", false, "compare every log file with the hash in CloudTrail's digest files, and these with each other; a difference exits 5")
	fl.StringVar(&f.digests.keys, "public-keys", "", "file of 'aws cloudtrail list-public-keys': verify the signatures of digests too")
	f.s3.add(fl)
}

func (f *logFlags) filter() ingest.Filter {
	return ingest.Filter{Since: f.since.Time, Until: f.until.Time, Accounts: f.accounts, Regions: f.regions}
}

// scan reads the logs into a resolved table.
func (f *logFlags) scan(ctx context.Context, env Env, c *actions.Catalog, logs []string) (*usage.Table, error) {
	sources, err := f.sources(ctx, env, logs)
	if err != nil {
		return nil, err
	}
	keys, err := f.digests.publicKeys()
	if err != nil {
		return nil, err
	}
	bar := newProgress(env)
	table, err := ingest.Run(ctx, sources, ingest.Options{
		Workers:  int(f.workers),
		Limits:   trail.Limits{MaxRecord: int64(f.maxRecord), MaxObject: int64(f.maxObject)},
		Filter:   f.filter(),
		Progress: bar.update,
		Verify:   f.digests.verify,
		Keys:     keys,
	})
	bar.done()
	if err != nil {
		return nil, err
	}
	if err := nothingRead(&table.Stats); err != nil {
		return nil, err
	}
	return table, ingest.Resolve(ctx, table, c, int(f.workers))
}

// nothingRead is the error of a scan that leaves nothing to work on, though all
// went well.
func nothingRead(s *usage.Stats) error {
	const expected = "expected CloudTrail files such as AWSLogs/ACCOUNT/CloudTrail/REGION/…/*.json.gz"
	switch {
	case s.Objects == 0:
		return fmt.Errorf("no log objects under the given paths; %s", expected)
	case s.ObjectsSkipped == 1 && s.Objects == 1 && s.Records == 0:
		return fmt.Errorf("the only object is not a CloudTrail log; %s", expected)
	case s.ObjectsSkipped == s.Objects && s.Records == 0:
		return fmt.Errorf("none of the %s is a CloudTrail log; %s", count(s.Objects, "object"), expected)
	case s.Filtered > 0 && s.Filtered+s.Unreadable == s.Records:
		return fmt.Errorf("the filters leave none of %s: see --since, --until, --accounts and --regions", count(s.Records, "record"))
	}
	return nil
}

// unreadable is the outcome of a scan that could not read everything.
func unreadable(t *usage.Table) error {
	if n, m := t.Stats.ObjectsUnreadable, t.Stats.Unreadable; n > 0 || m > 0 {
		return outcome{ExitUnreadable, count(n, "object") + " and " + count(m, "record") + " could not be read, see the summary"}
	}
	return nil
}

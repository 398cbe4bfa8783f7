package cli

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/tighten-iam/tighten/internal/ingest"
	"github.com/tighten-iam/tighten/internal/quarantine"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// logFlags say which records of which logs are read, and how.
type logFlags struct {
	since, until      timeFlag
	accounts, regions []string
	workers           workersFlag
	maxResources      int
	memory            sizeFlag
	commitEvery       time.Duration
	late              daysFlag
	maxRecord         sizeFlag
	maxObject         sizeFlag
	s3                s3Flags
	quarantine        []string

	apart   *quarantine.Rules // of the files named by quarantine
	digests digestFlags
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
	fl.StringArrayVar(&f.quarantine, "quarantine", nil, "file of rules, or of GuardDuty findings: the calls that they name are no evidence (repeatable)")
	fl.IntVar(&f.maxResources, "max-resources", usage.DefaultMaxResources,
		"resources of one principal, action and day above which patterns stand for them (0: no bound)")
	fl.Var(&f.memory, "memory", "memory to use; what does not fit goes to disk beside the dataset (default: half of the machine's)")
	fl.BoolVar(&f.digests.verify, "verify-digests", false, "compare every log file with the hash in CloudTrail's digest files, and these with each other; a difference exits 5")
	fl.StringVar(&f.digests.keys, "public-keys", "", "file of 'aws cloudtrail list-public-keys': verify the signatures of digests too")
	f.s3.add(fl)
}

// prepare reads the files that flags name, before any log is.
func (f *logFlags) prepare(env Env) error {
	rules, notes, err := quarantine.Load(f.quarantine...)
	if err != nil {
		return usagef("--quarantine: %s", report.Clean(err.Error()))
	}
	for _, n := range notes {
		fmt.Fprintf(env.Stderr, "tighten: --quarantine %s: %s\n", report.Clean(n.File), report.Clean(n.Text))
	}
	f.apart = rules
	return nil
}

// lane tells the lanes of events; nil where all have the same.
func (f *logFlags) lane() func(*trail.Event) string {
	if f.apart == nil {
		return nil
	}
	return f.apart.Lane
}

func (f *logFlags) filter() ingest.Filter {
	return ingest.Filter{Since: f.since.Time, Until: f.until.Time, Accounts: f.accounts, Regions: f.regions}
}

// scanned is what came of a scan.
type scanned struct {
	read  usage.Stats // of this scan alone
	known int64       // objects that were read before
}

// scan reads the logs into a dataset that is open.
func (f *logFlags) scan(ctx context.Context, env Env, c *actions.Catalog, d *usage.Dataset, logs []string) (scanned, error) {
	o, err := f.options(d)
	if err != nil {
		return scanned{}, err
	}
	sources, err := f.sources(ctx, env, logs)
	if err != nil {
		return scanned{}, err
	}
	plan, err := f.memoryPlan()
	if err != nil {
		return scanned{}, err
	}
	defer plan.apply()()
	o.Memory, o.Ahead = plan.rows, plan.ahead
	derive := ingest.Derive(c, int(f.workers), f.maxResources, plan.days)
	derive.Late = int(f.late)
	bar := newProgress(env)
	o.Progress = bar.update
	var out scanned
	err = ingest.Run(ctx, sources, *o, func(b *usage.Batch) error {
		if !b.More { // before, the ledger is with who lists
			if due := o.Ledger.Due(); len(due) > 0 {
				return dueError(due)
			}
		}
		read := b.Stats()
		out.read.Add(&read)
		if out.known = b.Known; out.known == 0 && !b.More {
			if err := nothingRead(&out.read); err != nil {
				return err
			}
		}
		b.Rules = f.apart.Encode()
		return d.Extend(ctx, b, derive)
	})
	bar.done()
	if err == nil && f.digests.verify && out.known > 0 {
		fmt.Fprintf(env.Stderr, "tighten: --verify-digests compares what is read now; %s that the dataset had before %s not compared\n",
			count(out.known, "object"), wasWere(out.known))
	}
	return out, err
}

// dueError is the error of a scan under other quarantine rules that doesn't have all
// objects that these concern.
func dueError(due []string) error {
	return fmt.Errorf("the quarantine rules have changed, and %s with calls that this concerns %s not among LOGS (the first is %s); "+
		"give all logs of the dataset, or scan into another folder", count(int64(len(due)), "object"), isAre(len(due)), report.Clean(due[0]))
}

func wasWere(n int64) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// options prepares to read logs for a dataset.
func (f *logFlags) options(d *usage.Dataset) (*ingest.Options, error) {
	if f.maxResources < 0 || f.commitEvery < 0 {
		return nil, usagef("--max-resources and --commit-every take 0 or more")
	}
	filter := f.filter()
	if err := d.Admits(filter.Stored()); err != nil {
		return nil, err
	}
	again, err := f.changed(d)
	if err != nil {
		return nil, err
	}
	names := ingest.NewNames()
	ledger, err := d.Ledger(filter.Stored(), names.AddRow, again)
	if err != nil {
		return nil, err
	}
	open, err := d.Digests()
	if err != nil {
		return nil, err
	}
	keys, err := f.digests.publicKeys()
	if err != nil {
		return nil, err
	}
	scratch, err := d.Scratch()
	if err != nil {
		return nil, err
	}
	o := &ingest.Options{
		Workers: int(f.workers),
		Limits:  trail.Limits{MaxRecord: int64(f.maxRecord), MaxObject: int64(f.maxObject)},
		Filter:  filter,
		Lane:    f.lane(),
		Ledger:  ledger, Names: names, Replaces: again,
		Scratch: scratch, Every: f.commitEvery,
		Listed: open.Listed, Chains: open.Chains, Verify: f.digests.verify, Keys: keys,
	}
	if again != nil {
		o.Every = 0 // what was stored goes when all of it has been read again
	}
	return o, nil
}

// changed tells the days whose lanes other rules told when they were stored; nil: none.
func (f *logFlags) changed(d *usage.Dataset) (func(day int32) bool, error) {
	if d.Facts() == "" || bytes.Equal(d.Rules(), f.apart.Encode()) {
		return nil, nil
	}
	var old *quarantine.Rules
	if d.Rules() != nil {
		var err error
		if old, err = quarantine.Decode(d.Rules()); err != nil {
			return nil, fmt.Errorf("the dataset's quarantine rules: %w; scan into another folder", err)
		}
	}
	days, all := quarantine.Affected(old, f.apart)
	if all {
		return func(int32) bool { return true }, nil
	}
	return func(day int32) bool { return day >= 0 && days(day) }, nil // records without a time are in no timed rule
}

// memoryPlan divides what --memory says, by default half of the machine's.
func (f *logFlags) memoryPlan() (memoryPlan, error) {
	switch {
	case f.memory == 0:
		return planMemory(max(machineMemory()/2, leastMemory)), nil
	case f.memory < leastMemory:
		return memoryPlan{}, usagef("--memory %s is too little: a scan needs %s or more", f.memory.String(), "256MiB")
	}
	return planMemory(int64(f.memory)), nil
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

// unreadable is the outcome of a scan that could not read everything, now or before.
func unreadable(s *usage.Stats) error {
	if n, m := s.ObjectsUnreadable, s.Unreadable; n > 0 || m > 0 {
		return outcome{ExitUnreadable, count(n, "object") + " and " + count(m, "record") + " could not be read, see the summary"}
	}
	return nil
}

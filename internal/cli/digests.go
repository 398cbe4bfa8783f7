package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/trail/digest"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// digestFlags say how far logs are compared with CloudTrail's digest files.
type digestFlags struct {
	verify bool
	keys   string // file
}

// publicKeys reads the file of --public-keys; nil without one.
func (f *digestFlags) publicKeys() (*digest.Keys, error) {
	if f.keys == "" {
		return nil, nil
	}
	if !f.verify {
		return nil, usagef("--public-keys is for --verify-digests: give both")
	}
	data, err := os.ReadFile(f.keys)
	if err != nil {
		return nil, err
	}
	k, err := digest.ParseKeys(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.keys, err)
	}
	return k, nil
}

// outcome is the exit code of a scan that was asked to verify, by what the dataset says
// now: nil where everything is as it was delivered.
func (f *digestFlags) outcome(t *usage.Table) error {
	d := digestReport(t)
	if !f.verify {
		return nil
	}
	if d == nil {
		return outcome{ExitUnreadable, "--verify-digests: there are no digest files; is log file validation on, and are the CloudTrail-Digest folders among the logs?"}
	}
	var parts []string
	for _, x := range []struct {
		n    int64
		noun string
		what string
	}{{d.Missing, "log file", "missing"}, {d.Different, "log file", "changed"}, {d.Failed, "digest", "not as CloudTrail wrote it"}, {d.Invalid, "digest", "unreadable"}} {
		if x.n > 0 {
			parts = append(parts, count(x.n, x.noun)+" "+x.what)
		}
	}
	if parts == nil {
		return nil
	}
	return outcome{ExitUnreadable, "the logs do not agree with their digests: " + strings.Join(parts, ", ") + ", see the summary and listed/ of the dataset"}
}

// digestReport sums up what digests say; nil without any.
func digestReport(t *usage.Table) *report.Digests {
	if len(t.Digests) == 0 {
		return nil
	}
	d := &report.Digests{}
	for i := range t.Digests {
		r := &t.Digests[i]
		d.Files += r.Digests
		d.Verified += r.Verified
		d.Invalid += r.Invalid
		d.Failed += r.Failed
		d.Logs += r.Listed
		d.Equal += r.Equal
	}
	for i := range t.Listed { // rows count a missing file on each of its days
		r := &t.Listed[i]
		if i == 0 {
			d.First = r.Name
		}
		if r.State == "missing" {
			d.Missing++
		} else {
			d.Different++
		}
	}
	return d
}

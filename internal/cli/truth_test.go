package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/internal/cli"
	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/usage"
)

const demoDir = "../../testdata/demo"

// truth is what the generator of the demo says really happened.
type truth struct {
	Records struct {
		Total, Duplicates, SharedCopies int64
		ByClass                         map[string]int64
	}
	Principals []struct {
		ARN       string
		Used      []struct{ Action, Resource, Basis string }
		NeverUsed []string
	}
}

// demoRun is one run of the real command over the demo.
type demoRun struct {
	truth      truth
	report     report.Run
	principals map[string]report.Principal
	snapshot   *account.Snapshot
	out        string
}

func runDemo(t *testing.T) *demoRun {
	t.Helper()
	d := &demoRun{principals: map[string]report.Principal{}, out: filepath.Join(t.TempDir(), "out")}
	readJSON(t, filepath.Join(demoDir, "truth.json"), &d.truth)
	var stdout, stderr bytes.Buffer
	code := cli.Main(context.Background(), []string{"run", filepath.Join(demoDir, "logs"), "--account", filepath.Join(demoDir, "account.json"), "--out", d.out, "--format", "json"},
		cli.Env{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr})
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	if err := json.Unmarshal(stdout.Bytes(), &d.report); err != nil {
		t.Fatal(err)
	}
	for _, p := range d.report.Principals {
		d.principals[p.Principal] = p
	}
	var err error
	if d.snapshot, err = account.Load([]string{filepath.Join(demoDir, "account.json")}, actions.Default().ManagedPolicy); err != nil {
		t.Fatal(err)
	}
	return d
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
}

// after is the set of documents in force for a principal once every proposal is
// merged.
func (d *demoRun) after(t *testing.T, p *account.Principal) *iam.Set {
	t.Helper()
	var docs []*iam.Document
	for _, g := range d.snapshot.Grants(p) {
		i := slices.IndexFunc(d.principals[p.ARN].Policies, func(x report.Policy) bool {
			return x.Name == g.Policy.Name && x.ARN == g.Policy.ARN
		})
		if i < 0 {
			t.Fatalf("%s: no line for %s", p.ARN, g.Policy.Name)
		}
		x := d.principals[p.ARN].Policies[i]
		if x.Change == "keep" || x.Change == "skip" {
			docs = append(docs, g.Policy.Document)
			continue
		}
		for _, f := range x.Files {
			data, err := os.ReadFile(filepath.Join(d.out, f))
			if err != nil {
				t.Fatal(err)
			}
			doc, err := iam.Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			docs = append(docs, doc)
		}
	}
	set, err := iam.Compile(docs...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func mayAllow(set *iam.Set, action, resource string) bool {
	r := iam.Request{Action: action, Resource: resource, Context: iam.Context{Partial: true}}
	return slices.ContainsFunc(set.Matches(nil, &r), func(m iam.Match) bool { return m.Effect == iam.Allow })
}

// TestDemoAgainstTruth holds a run against what the generator knows: everything
// that was used stays allowed, what was never used goes, and every record is
// accounted for.
func TestDemoAgainstTruth(t *testing.T) {
	d := runDemo(t)
	s := d.report.Scan
	if s.Records != d.truth.Records.Total || s.Duplicate != d.truth.Records.Duplicates+d.truth.Records.SharedCopies {
		t.Errorf("%d records, %d duplicates; the truth is %+v", s.Records, s.Duplicate, d.truth.Records)
	}
	sum := s.Used + s.Denied + s.Undetermined + s.Unmapped + s.Duplicate + s.Filtered + s.Unreadable
	for _, n := range s.NotAUse {
		sum += n
	}
	if sum != s.Records {
		t.Errorf("the classes add up to %d of %d records", sum, s.Records)
	}
	if s.Unmapped > 0 {
		t.Errorf("unmapped: %+v", s.TopUnmapped)
	}
	if tot := d.report.Totals; tot.Proposals < 15 || tot.Proved != tot.Proposals || tot.Failed != 0 {
		t.Errorf("%+v", tot)
	}
	for _, want := range d.truth.Principals {
		p := d.snapshot.Principal(want.ARN)
		line, ok := d.principals[want.ARN]
		if p == nil || !ok {
			t.Errorf("%s has no line", want.ARN)
			continue
		}
		set := d.after(t, p)
		for _, u := range want.Used {
			if !mayAllow(set, u.Action, u.Resource) {
				t.Errorf("%s: %s on %s was used and is allowed no more", want.ARN, u.Action, u.Resource)
			}
		}
		for _, a := range want.NeverUsed {
			if line.Status == "tightened" && !held(&line, a) && mayAllow(set, a, "*") {
				t.Errorf("%s: %s was never used and is still allowed", want.ARN, a)
			}
		}
		if line.Proof.Covers.Allowed != line.Proof.Covers.Requests {
			t.Errorf("%s: %+v", want.ARN, line.Proof)
		}
	}
}

// held reports whether a permission stays because of what its principal was detected
// as, with the reason.
func held(p *report.Principal, action string) bool {
	return slices.ContainsFunc(p.Policies, func(x report.Policy) bool {
		return slices.ContainsFunc(x.KeptFor, func(k report.Kept) bool {
			return k.Reason != "" && slices.ContainsFunc(p.Detected, func(d report.Detected) bool { return d.Class == k.For }) &&
				slices.Contains(k.Actions, action)
		})
	})
}

// TestDemoDatasetAgainstTruth: the dataset has what was used, and only what was
// used counts as allowed.
func TestDemoDatasetAgainstTruth(t *testing.T) {
	d := runDemo(t)
	table, err := usage.ReadParts(filepath.Join(d.out, "dataset"), usage.PartUsage)
	if err != nil {
		t.Fatal(err)
	}
	got := map[[2]string]map[string]bool{}
	for i := range table.Usage {
		r := &table.Usage[i]
		if r.Outcome != "allowed" {
			continue
		}
		k := [2]string{r.Principal, strings.ToLower(r.Action)}
		if got[k] == nil {
			got[k] = map[string]bool{}
		}
		got[k][r.Resource] = true
	}
	missing := 0
	for _, p := range d.truth.Principals {
		for _, u := range p.Used {
			k := [2]string{p.ARN, strings.ToLower(u.Action)}
			if got[k] == nil {
				t.Errorf("%s: %s is not in the dataset", p.ARN, u.Action)
			} else if !got[k][u.Resource] {
				missing++
				if missing < 30 {
					t.Logf("%s: %s on %s is recorded on other resources: %v", p.ARN, u.Action, u.Resource, keys(got[k], 3))
				}
			}
		}
	}
}

func keys(m map[string]bool, n int) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out[:min(n, len(out))]
}

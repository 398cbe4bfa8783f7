package synth

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// coarsen coarsens what the world saw, and returns the rows from before.
func (w *world) coarsen(limit int) []usage.Row {
	w.t.Helper()
	before := slices.Clone(w.table.Usage)
	var sums usage.Coarsened
	if w.table.Usage, sums = usage.CoarsenUsage(w.table.Usage, limit); sums.Groups == 0 {
		w.t.Fatal("nothing was coarsened")
	}
	return before
}

// proveSeen checks that a proposal holds by the rows from before, exact ARNs.
func proveSeen(t *testing.T, p *Proposal, rows []usage.Row) {
	t.Helper()
	var seen []Seen
	for _, r := range rows {
		seen = append(seen, Seen{r.Principal, r.Account, r.Action, r.Resource, r.Kind, r.Region, r.PassedTo})
	}
	if proof := Check(p.Old, p.Printed, seen); !proof.OK() || proof.Covers.Requests == 0 {
		t.Errorf("by exact ARNs: %+v", proof)
	}
}

// TestCoarseUsageIsProved: a principal whose resources were coarsened, by a little or
// by much, still gets a proposal that is proved and that covers every exact ARN.
func TestCoarseUsageIsProved(t *testing.T) {
	const lake = "arn:aws:s3:::lake/raw/"
	for _, tt := range []struct {
		name, attached string
		limit          int
		key            func(i int) string
		want           []string
	}{
		{"ids", "arn:aws:s3:::lake/*", 20, func(i int) string { return fmt.Sprintf("orders/%d/part-%08x.parquet", i, i*2654435761) },
			[]string{lake + "orders/*/part-*.parquet"}},
		{"words below a folder", "arn:aws:s3:::lake/*", 20, func(i int) string {
			return fmt.Sprintf("in/%c%c.json", 'a'+i%26, 'a'+i/26)
		}, []string{lake + "in/*"}},
		{"folders", "arn:aws:s3:::*", 1, func(i int) string { return fmt.Sprintf("%c/%c/x", 'a'+i%26, 'a'+i/26) },
			[]string{lake + "*"}},
		{"attached by a prefix", "arn:aws:s3:::lake/raw/orders/*", 20, func(i int) string { return fmt.Sprintf("orders/%08x", i*2654435761) },
			[]string{lake + "orders/*"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.files = []string{selectorsAll}
			w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:DeleteObject","sqs:CreateQueue"],"Resource":["` +
				tt.attached + `","arn:aws:sqs:*:*:*"]}]}`
			for i := range 100 {
				w.saw("s3:GetObject", lake+tt.key(i), "arn", 3, int32(5+i%80))
			}
			before := w.coarsen(tt.limit)
			p := w.only(Options{})
			e := fateOf(t, p, "s3:GetObject")
			if p.Change != Narrow || !p.Proof.OK() || e.Fate != FateUsed || !slices.Equal(e.Resources, tt.want) {
				t.Fatalf("%s (%s); s3:GetObject %s (%s) on %q, want %q; proof %+v", p.Change, p.Reason, e.Fate, e.Reason, e.Resources, tt.want, p.Proof)
			}
			proveSeen(t, p, before)
		})
	}
}

// TestCoarseBeyondTheStatement: a pattern that is coarser than what the statement
// allows keeps the attached resources; nothing is widened and the proof holds.
func TestCoarseBeyondTheStatement(t *testing.T) {
	w := newWorld(t)
	w.files = []string{selectorsAll}
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","sqs:CreateQueue"],"Resource":["arn:aws:s3:::lake/raw/a*","arn:aws:sqs:*:*:*"]}]}`
	for i := range 100 {
		w.saw("s3:GetObject", fmt.Sprintf("arn:aws:s3:::lake/raw/a%c%c", 'a'+i%26, 'a'+i/26), "arn", 3, int32(5+i%80))
	}
	before := w.coarsen(20)
	p := w.only(Options{})
	if e := fateOf(t, p, "s3:GetObject"); e.Fate != FateUsedWide || !strings.Contains(e.Reason, "partly within") {
		t.Errorf("%s (%s) on %q", e.Fate, e.Reason, e.Resources)
	}
	if p.Change != Narrow || !p.Proof.OK() {
		t.Errorf("%s (%s), proof %+v", p.Change, p.Reason, p.Proof)
	}
	proveSeen(t, p, before)
}

// TestCoarseIsProvedByInclusion: that one string of a pattern is allowed is no proof
// of the pattern; the proof must fail for a document that allows only some.
func TestCoarseIsProvedByInclusion(t *testing.T) {
	old, err := iam.Parse([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::lake/*"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	seen := []Seen{{roleARN, acct, "s3:GetObject", "arn:aws:s3:::lake/raw/*/part-*.parquet", "pattern", "us-east-1", ""}}
	for resource, want := range map[string]bool{
		"arn:aws:s3:::lake/raw/*":                   true,
		"arn:aws:s3:::lake/raw/*/part-*.parquet":    true,
		"arn:aws:s3:::lake/raw/*/part-?*.parquet":   false,
		"arn:aws:s3:::lake/raw/*/part-2*.parquet":   false,
		`arn:aws:s3:::lake/raw/${*}/part-*.parquet`: false,
	} {
		printed := []byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"` + resource + `"}]}`)
		if proof := Check(old, [][]byte{printed}, seen); proof.OK() != want || proof.Covers.Requests != 1 {
			t.Errorf("%s: %+v", resource, proof)
		}
	}
}

// TestCoarseFromScratch: documents made from coarse usage alone allow all of it.
func TestCoarseFromScratch(t *testing.T) {
	w := newWorld(t)
	for i := range 100 {
		w.saw("s3:GetObject", fmt.Sprintf("arn:aws:s3:::lake/raw/%c%c/x", 'a'+i%26, 'a'+i/26), "arn", 3)
	}
	before := w.coarsen(20)
	r, err := Propose(Input{Catalog: actions.Default(), Table: w.table})
	if err != nil || len(r.Proposals) != 1 {
		t.Fatalf("%d proposals, %v", len(r.Proposals), err)
	}
	if p := r.Proposals[0]; p.Change != Create || !p.Proof.OK() {
		t.Errorf("%s (%s), proof %+v", p.Change, p.Reason, p.Proof)
	}
	proveSeen(t, r.Proposals[0], before)
}

// TestCoarseElsewhereIsUnexplained: successes on resources that nothing attached
// reaches stay unexplained when they are coarsened, and block their service.
func TestCoarseElsewhereIsUnexplained(t *testing.T) {
	w := newWorld(t)
	w.files = []string{selectorsAll}
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:DeleteObject","sqs:CreateQueue"],"Resource":["arn:aws:s3:::lake/*","arn:aws:sqs:*:*:*"]}]}`
	for i := range 100 {
		w.saw("s3:GetObject", fmt.Sprintf("arn:aws:s3:::theirs/raw/%c%c/x", 'a'+i%26, 'a'+i/26), "arn", 3)
	}
	w.coarsen(20)
	r := w.propose(Options{})
	if got := r.Principals[0].Unexplained; len(got) != 1 || got[0].Resource != "arn:aws:s3:::theirs/raw/*" || got[0].Count != 300 {
		t.Errorf("unexplained: %+v", got)
	}
	if e := fateOf(t, r.Proposals[0], "s3:DeleteObject"); e.Fate != FateBlocked {
		t.Errorf("s3:DeleteObject: %s (%s)", e.Fate, e.Reason)
	}
}

package cli_test

import (
	"slices"
	"testing"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/lint"
	"github.com/tighten-iam/tighten/pkg/synth"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// Proposals have no finding of severity warning or above that the attached document
// does not have. Two rules are apart: an action that stays since the logs could not
// show it may work on none of the attached resources, which a wildcard of the
// attached document hid; to drop it would be to remove on doubt.
func TestProposalsAddNoFindings(t *testing.T) {
	apart := []string{"resource-mismatch", "resource-unused"}
	d := runDemo(t)
	table, err := usage.ReadParts(d.out+"/dataset", usage.PartCalls|usage.PartUsage|usage.PartCoverage|usage.PartDeliveries|usage.PartBroken)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := account.Load([]string{demoDir + "/account.json"}, actions.Default().ManagedPolicy)
	if err != nil {
		t.Fatal(err)
	}
	r, err := synth.Propose(synth.Input{Catalog: actions.Default(), Table: table, Snapshot: snapshot})
	if err != nil {
		t.Fatal(err)
	}
	linter := lint.New(actions.Default())
	checked := 0
	for _, p := range r.Proposals {
		if len(p.Printed) == 0 {
			continue
		}
		was := rules(linter, p.Base)
		for _, doc := range p.Printed {
			for _, id := range rules(linter, doc) {
				checked++
				if !slices.Contains(was, id) && !slices.Contains(apart, id) && !slices.Contains(was, "full-access") {
					t.Errorf("%s: %s is new in\n%s", p.Name, id, doc)
				}
			}
		}
	}
	if checked == 0 {
		t.Error("no finding at all: nothing was checked")
	}
}

// rules lists the rules of severity warning and above that a document breaks, and
// those of redundancy.
func rules(l *lint.Linter, doc []byte) []string {
	var out []string
	for _, f := range l.File(doc, lint.Identity).Findings {
		redundant := slices.Contains([]string{"redundant-action", "redundant-resource", "redundant-statement"}, f.Rule.ID)
		if f.Rule.Severity != lint.Suggestion || redundant {
			out = append(out, f.Rule.ID)
		}
	}
	return out
}

package actions

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// managedDocuments returns the embedded AWS managed policies, by ARN.
func managedDocuments(t testing.TB) (arns []string, documents map[string]*iam.Document) {
	t.Helper()
	policies, err := decodePolicies(policiesFile)
	if err != nil {
		t.Fatal(err)
	}
	documents = map[string]*iam.Document{}
	for arn, p := range policies {
		d, err := iam.Parse([]byte(p.document))
		if err != nil {
			t.Fatalf("%s: %v", arn, err)
		}
		documents[arn], arns = d, append(arns, arn)
	}
	slices.Sort(arns)
	return arns, documents
}

// Every AWS managed policy prints as encoding/json indents and compacts it, byte
// by byte, and what was printed parses to the same.
func TestManagedPoliciesPrintAsTheyAre(t *testing.T) {
	start := time.Now()
	arns, documents := managedDocuments(t)
	t.Logf("%d policies parsed in %v", len(arns), time.Since(start))
	if len(arns) < 1000 {
		t.Fatalf("only %d policies", len(arns))
	}
	policies, err := decodePolicies(policiesFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, arn := range arns {
		text, d := []byte(policies[arn].document), documents[arn]
		var indented, compact bytes.Buffer
		if json.Indent(&indented, text, "", "  ") != nil || json.Compact(&compact, text) != nil {
			t.Fatalf("%s is no JSON", arn)
		}
		if got := d.Format(); string(got) != indented.String()+"\n" {
			t.Errorf("%s is printed otherwise:\n%s", arn, got)
		}
		if got := d.Minify(); !bytes.Equal(got, compact.Bytes()) {
			t.Errorf("%s minified: %s", arn, got)
		}
		again, err := iam.Parse(d.Format())
		if err != nil || !bytes.Equal(again.Format(), d.Format()) {
			t.Errorf("%s: what was printed does not print the same (%v)", arn, err)
		}
	}
}

// Every AWS managed policy compiles and includes itself. Rewritten so that no
// statement has an equal one, it is never refuted, and hardly ever undecided.
func TestManagedPoliciesIncludeThemselves(t *testing.T) {
	arns, documents := managedDocuments(t)
	var total, worst time.Duration
	var slowest string
	open := 0
	prove := func(arn, how string, outer, inner *iam.Document, only bool) {
		start := time.Now()
		got := iam.Includes([]*iam.Document{outer}, []*iam.Document{inner}, iam.InclusionOptions{AllowsOnly: only})
		took := time.Since(start)
		if total += took; took > worst {
			worst, slowest = took, arn+" "+how
		}
		switch {
		case got.Verdict == iam.Undecided && how != "itself":
			open++
			t.Logf("%s, %s (allows only %v): %s", arn, how, only, got.Reason)
		case got.Verdict != iam.Holds:
			t.Errorf("%s, %s (allows only %v): %v %s", arn, how, only, got.Verdict, got.Reason)
		}
	}
	for _, arn := range arns {
		d := documents[arn]
		if _, err := iam.Compile(d); err != nil {
			t.Errorf("%s: %v", arn, err)
			continue
		}
		for _, only := range []bool{false, true} {
			rewritten := turned(d, only)
			prove(arn, "itself", d, d, only)
			prove(arn, "rewritten", d, rewritten, only)
			prove(arn, "rewritten back", rewritten, d, only)
		}
	}
	t.Logf("%d proofs in %v, %d undecided, the slowest %v: %s", 6*len(arns), total, open, worst, slowest)
	if open > 6*len(arns)/1000 {
		t.Errorf("%d of %d proofs are undecided", open, 6*len(arns))
	}
}

// turned means the same by other statements: lists of actions are halved, and a
// pattern that ends in * gets one beside it that it includes. keepDenies leaves Deny statements as they are.
func turned(d *iam.Document, keepDenies bool) *iam.Document {
	d = d.Clone()
	var out []iam.Statement
	for _, s := range d.Statements {
		if keepDenies && s.Effect == iam.Deny {
			out = append(out, s)
			continue
		}
		s.Sid = "Turned"
		for _, list := range []*iam.Strings{&s.Action, &s.Resource, &s.NotResource} {
			for _, pattern := range *list {
				if strings.HasSuffix(pattern, "*") && strings.Contains(pattern, ":") {
					*list = append(*list, pattern+"x")
					break
				}
			}
		}
		if half := len(s.Action) / 2; half > 0 {
			other := s.Clone()
			s.Action, other.Action = s.Action[:half], other.Action[half:]
			out = append(out, other)
		}
		out = append(out, s)
	}
	slices.Reverse(out)
	d.Statements = out
	return d
}

package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/actions"
)

// TestExamples runs the examples of each rule: the bad ones have it, the good ones
// do not.
func TestExamples(t *testing.T) {
	l := New(actions.Default())
	for _, r := range Rules() {
		t.Run(r.ID, func(t *testing.T) {
			if len(r.Bad) == 0 || len(r.Good) == 0 {
				t.Fatal("a rule needs an example of each kind")
			}
			for _, doc := range r.Bad {
				if got := idsOf(t, l, doc, r.Type); !slices.Contains(got, r.ID) {
					t.Errorf("not found in %s\ngot %v", doc, got)
				}
			}
			for _, doc := range r.Good {
				if got := idsOf(t, l, doc, r.Type); slices.Contains(got, r.ID) {
					t.Errorf("found in %s", doc)
				}
			}
		})
	}
}

// idsOf lints an example: a document, a statement, or one that is too long.
func idsOf(t *testing.T, l *Linter, example string, typ Type) []string {
	t.Helper()
	var quota int
	if _, err := fmt.Sscanf(example, "LONG %d", &quota); err == nil {
		example = `{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"` + strings.Repeat("x", quota) + `"}`
	}
	if !strings.Contains(example, `"Statement"`) {
		example = `{"Version":"2012-10-17","Statement":` + example + `}`
	}
	res := l.File([]byte(example), typ)
	if res.Documents != 1 || len(res.Unreadable) > 0 {
		t.Fatalf("%s: %d documents, %v", example, res.Documents, res.Unreadable)
	}
	var ids []string
	for _, f := range res.Findings {
		ids = append(ids, f.Rule.ID)
	}
	return ids
}

// TestRulesAreWhole sees that no rule lacks what its readers need.
func TestRulesAreWhole(t *testing.T) {
	id, code := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`), regexp.MustCompile(`^[A-Z]+(_[A-Z]+)*$`)
	seen := map[string]bool{}
	for _, r := range Rules() {
		if !id.MatchString(r.ID) || seen[r.ID] {
			t.Errorf("%q is no id, or is there twice", r.ID)
		}
		seen[r.ID] = true
		if r.Severity.rank() == 0 || r.Title == "" || r.Why == "" || r.Fix == "" || !strings.HasPrefix(r.Source, "https://") {
			t.Errorf("%s lacks something: %+v", r.ID, r)
		}
		if !slices.Contains(Types(), r.Type) {
			t.Errorf("%s: no type %q", r.ID, r.Type)
		}
		for _, c := range slices.Concat(r.Analyzer, r.Parliament) {
			if !code.MatchString(c) {
				t.Errorf("%s: %q is no code", r.ID, c)
			}
		}
	}
	if len(seen) < 90 {
		t.Errorf("%d rules", len(seen))
	}
}

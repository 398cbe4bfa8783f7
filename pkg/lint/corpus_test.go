package lint

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/tighten-iam/tighten/pkg/actions"
)

// managed reads the embedded AWS managed policies, by ARN.
func managed(t testing.TB) map[string][]byte {
	t.Helper()
	packed, err := os.ReadFile("../actions/data/policies.zst")
	if err != nil {
		t.Fatal(err)
	}
	r, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, err := r.DecodeAll(packed, nil)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for line := range strings.Lines(string(text)) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 3)
		out[f[0]] = []byte(f[2])
	}
	return out
}

// TestManagedPolicies lints all AWS managed policies: what AWS publishes has errors
// only where it really has.
func TestManagedPolicies(t *testing.T) {
	l := New(actions.Default())
	counts := map[string]int{}
	for arn, doc := range managed(t) {
		res := l.File(doc, Auto)
		if res.Documents != 1 || len(res.Unreadable) > 0 {
			t.Errorf("%s: %d documents, %v", arn, res.Documents, res.Unreadable)
		}
		seen := map[string]bool{}
		for _, f := range res.Findings {
			if !seen[f.Rule.ID] {
				counts[string(f.Rule.Severity)+" "+f.Rule.ID]++
			}
			seen[f.Rule.ID] = true
			if f.Rule.Severity == Error || os.Getenv("LINT_SHOW") == f.Rule.ID {
				t.Logf("%s: %s %s", filepath.Base(arn), f.Rule.ID, f.Message)
			}
		}
	}
	for k, n := range counts {
		t.Logf("%5d %s", n, k)
	}
}

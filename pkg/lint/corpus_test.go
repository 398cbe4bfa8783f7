package lint

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
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
	const aws = "AmazonDevOpsGuruOrganizationsAccess arn-fields" // arn:aws:organizations::*: names nothing
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
			if f.Rule.Severity == Error && filepath.Base(arn)+" "+f.Rule.ID != aws {
				t.Errorf("%s: %s %s", arn, f.Rule.ID, f.Message)
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%5d policies: %s", counts[k], k)
	}
	if counts["warning unknown-action"] > 20 || counts["warning resource-mismatch"] > 260 {
		t.Error("more findings that rest on the facts than AWS's oddities account for")
	}
}

// TestCorpus lints the policies of real projects, where the corpus is at hand: none
// stops the others, and what finds no policy says why.
func TestCorpus(t *testing.T) {
	root := os.Getenv("TIGHTEN_SHARED")
	if root == "" {
		root = "../../../shared"
	}
	root = filepath.Join(root, "corpus")
	if _, err := os.Stat(root); err != nil {
		t.Skip("no corpus at " + root)
	}
	l, documents := New(actions.Default()), 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" || strings.Contains(path, "/logs/") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		res := l.File(data, Auto)
		documents += res.Documents
		if res.Documents == 0 && len(res.Unreadable) == 0 {
			t.Errorf("%s: neither documents nor a reason", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if documents < 500 {
		t.Errorf("%d documents", documents)
	}
	t.Logf("%d documents", documents)
}

// BenchmarkManaged lints all AWS managed policies.
func BenchmarkManaged(b *testing.B) {
	docs := managed(b)
	for b.Loop() {
		l := New(actions.Default())
		for _, doc := range docs {
			l.File(doc, Auto)
		}
	}
}

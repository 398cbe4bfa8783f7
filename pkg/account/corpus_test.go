package account

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shared is the folder of collected real files, outside of the repository.
func shared(t *testing.T, path string) string {
	t.Helper()
	root := os.Getenv("TIGHTEN_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, path)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no collected files at %s; set TIGHTEN_SHARED to their folder", dir)
	}
	return dir
}

func TestCorpus(t *testing.T) {
	root := shared(t, "corpus/iam")
	known := map[string]int{}
	for _, folder := range []string{"gaad", "last-accessed", "credential-report"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() || strings.HasSuffix(path, ".txt") {
				return err
			}
			l := newLoader()
			if err := l.path(path); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			l.finish(nil)
			if len(l.snap.Files) != 1 {
				t.Errorf("%s: recognised as %v, warnings %v", path, l.snap.Files, l.snap.Warnings)
				return nil
			}
			kind := l.snap.Files[0].Kind
			known[kind]++
			checkSnapshot(t, l.snap)
			if kind == KindAuthorization && len(l.snap.Principals) == 0 {
				t.Errorf("%s: no principals", path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for kind, want := range map[string]int{
		KindAuthorization: 11, KindServiceControl: 2, KindResourcePolicy: 2, KindLastAccessed: 5, KindEntities: 1, KindCredentials: 4,
	} {
		if known[kind] < want {
			t.Errorf("%d files are %s, want %d", known[kind], kind, want)
		}
	}
}

// Everything that the collected details hold comes through: no policy of theirs
// is without a document, but for those that the files lack.
func TestCorpusDocuments(t *testing.T) {
	for file, want := range map[string]struct{ principals, groups, policies, missing int }{
		"cloudsplaining-example-authz-details.json": {6, 2, 32, 0},
		"airiam-as-gaad.json":                       {13, 1, 19, 0},
		"derived/invictus-aws-dataset.json":         {21, 0, 4, 0},
		"cloudsplaining-example_authz_v2.json":      {3, 1, 3, 1},
	} {
		s, err := Load([]string{filepath.Join(shared(t, "corpus/iam/gaad"), file)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		missing := 0
		for _, a := range s.Attachments() {
			if a.Policy.Document == nil {
				missing++
			}
		}
		if len(s.Principals) != want.principals || len(s.Groups) != want.groups || len(s.Policies) != want.policies || missing != want.missing {
			t.Errorf("%s: %d principals, %d groups, %d policies, %d without document; want %+v",
				file, len(s.Principals), len(s.Groups), len(s.Policies), missing, want)
		}
	}
}

// Collected files of resources and organizations tell what they are about.
func TestCorpusLayers(t *testing.T) {
	dir := filepath.Join(shared(t, "corpus/iam/gaad"), "iamspy")
	for file, want := range map[string]struct {
		resources int
		level     string // of the account 123456789012
	}{
		"batch-resource.json": {4, ""}, "resource-s3-allow-testing.json": {1, ""},
		"scp-deny-lambda.json": {0, "123456789012 r-abcd"},
	} {
		s, err := Load([]string{filepath.Join(dir, file)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var level []string
		for _, l := range s.Organization.Levels("123456789012", ServiceControl) {
			if !l.Complete {
				t.Errorf("%s: %s is not complete", file, l.Target)
			}
			level = append(level, l.Target)
		}
		if len(s.ResourcePolicies) != want.resources || strings.Join(level, " ") != want.level || len(s.Warnings) > 0 {
			t.Errorf("%s: %d resource policies, levels %v, %v", file, len(s.ResourcePolicies), level, s.Warnings)
		}
	}
}

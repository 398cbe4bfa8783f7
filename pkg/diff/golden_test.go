package diff

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// describe writes a change out in full, for golden files.
func describe(ch Change) string {
	var b strings.Builder
	fmt.Fprintln(&b, ch.String())
	for _, part := range []struct {
		name   string
		groups []LevelGroup
	}{{"removed", ch.Removed}, {"added", ch.Added}} {
		for _, g := range part.groups {
			fmt.Fprintf(&b, "%s %q: %s\n", part.name, g.Level, strings.Join(g.Actions, " "))
		}
	}
	for _, n := range ch.Narrowed {
		fmt.Fprintf(&b, "narrowed %s:\n  from %s\n  to   %s\n", n.Action, strings.Join(n.From, "\n       "), strings.Join(n.To, "\n       "))
	}
	for _, s := range ch.Statements {
		fmt.Fprintf(&b, "statement %d %q %s %v\n", s.Index, s.Sid, s.Kind, s.Into)
	}
	fmt.Fprintf(&b, "denies changed: %t\n", ch.DeniesChanged)
	return b.String()
}

var update = flag.Bool("update", false, "write the golden files anew")

// The changes in testdata are described, and their texts compared, as the golden
// files have it.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.old.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file, ".old.json")
		t.Run(filepath.Base(name), func(t *testing.T) {
			old, new := read(t, file), read(t, name+".new.json")
			got := describe(Compare([]*iam.Document{old}, []*iam.Document{new}, facts())) +
				"\n" + Unified("a/policy.json", "b/policy.json", old.Format(), new.Format())
			golden := name + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("differs from %s:\n%s", golden, Unified("want", "got", want, []byte(got)))
			}
		})
	}
}

func read(t *testing.T, path string) *iam.Document {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d, err := iam.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// collected reads the AWS managed policies of the collected files.
func collected(t *testing.T) map[string]*iam.Document {
	root := os.Getenv("TIGHTEN_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	files, err := filepath.Glob(filepath.Join(root, "corpus", "policies", "*", "aws", "managedpolicies", "*.json"))
	if err != nil || len(files) == 0 {
		t.Skipf("no collected policies under %s; set TIGHTEN_SHARED to their folder", root)
	}
	out := map[string]*iam.Document{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var one struct{ Document json.RawMessage }
		if err := json.Unmarshal(text, &one); err != nil {
			t.Fatal(err)
		}
		d, err := iam.Parse(one.Document)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		out[filepath.Base(file)] = d
	}
	return out
}

// Real policies: each is the same as itself, less than an administrator's, and the
// difference of their texts applies.
func TestCollectedPolicies(t *testing.T) {
	admin := policy(t, allow("*", "*"))
	c := NewComparer(facts())
	for name, d := range collected(t) {
		docs := []*iam.Document{d}
		if ch := c.Compare(docs, docs); !ch.Empty() {
			t.Errorf("%s differs from itself: %s", name, ch.String())
		}
		ch := c.Compare(admin, docs)
		denies := slices.ContainsFunc(d.Statements, func(s iam.Statement) bool { return s.Effect == iam.Deny })
		if len(ch.Added)+len(ch.Widened) > 0 || ch.DeniesChanged != denies {
			t.Errorf("%s allows more than everything: %s", name, ch.String())
		}
		if got := apply(t, admin[0].Format(), Unified("a", "b", admin[0].Format(), d.Format())); string(got) != string(d.Format()) {
			t.Errorf("%s: the diff does not apply", name)
		}
	}
}

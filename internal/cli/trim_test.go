package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/synth"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// TestTrimmedProposals: what proposals leave out of a dataset when they read it changes
// nothing of them.
func TestTrimmedProposals(t *testing.T) {
	demo, root := filepath.Join("..", "..", "testdata", "demo"), filepath.Join(t.TempDir(), "data")
	var out, msg bytes.Buffer
	if code := Main(context.Background(), []string{"scan", filepath.Join(demo, "logs"), "--usage", root}, Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &msg}); code != 0 {
		t.Fatal(msg.String())
	}
	whole, err := usage.Read(root)
	if err != nil {
		t.Fatal(err)
	}
	trimmed, err := readForProposals(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(trimmed.Args) == 0 || len(trimmed.Args) >= len(whole.Args) || len(trimmed.Calls) >= len(whole.Calls) {
		t.Errorf("%d of %d arguments and %d of %d calls: nothing to test", len(trimmed.Args), len(whole.Args), len(trimmed.Calls), len(whole.Calls))
	}
	var texts [2]string
	for i, table := range []*usage.Table{whole, trimmed} {
		snapshot, err := account.Load([]string{filepath.Join(demo, "account.json")}, actions.Default().ManagedPolicy)
		if err != nil {
			t.Fatal(err)
		}
		in := synth.Input{Catalog: actions.Default(), Table: table, Snapshot: snapshot, Options: synth.Options{Ledger: true}}
		r, err := synth.Propose(in)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(b)
	}
	if texts[0] != texts[1] {
		t.Errorf("the proposals differ: %d and %d bytes", len(texts[0]), len(texts[1]))
	}
}

package cli_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/internal/cli"
	"github.com/tighten-iam/tighten/pkg/report"
)

// TestBacktestRealLog measures the backtest on a real log. It is of one day, so its
// events are spread over 60 days, in their order.
func TestBacktestRealLog(t *testing.T) {
	root := cmp.Or(os.Getenv("TIGHTEN_SHARED"), filepath.Join("..", "..", "..", "shared"))
	logs, details := filepath.Join(root, "corpus/logs/invictus-aws-dataset"), filepath.Join(root, "corpus/iam/gaad/derived/invictus-aws-dataset.json")
	for _, path := range []string{logs, details} {
		if _, err := os.Stat(path); err != nil {
			t.Skipf("no collected files at %s; set TIGHTEN_SHARED to their folder", path)
		}
	}
	dir := t.TempDir()
	if n := spread(t, logs, filepath.Join(dir, "log.json"), 60); n < 2000 {
		t.Fatalf("%d events", n)
	}
	usage := filepath.Join(t.TempDir(), "dataset")
	command(t, "scan", dir, "--usage", usage)
	var b report.Backtest
	if err := json.Unmarshal(command(t, "backtest", "--usage", usage, "--account", withAdministrators(t, details), "--learn", "45d", "--format", "json"), &b); err != nil {
		t.Fatal(err)
	}
	sum := b.Totals
	exact, actions := sum.Baselines.Exact, sum.Baselines.ActionOnly
	t.Logf("replayed %d; breakage %.1f %% (exact %.1f %%, actions %.1f %%); excess %d of %d (actions %d); foreign %d", sum.Replayed, 100*sum.Breakage,
		100*exact.Breakage, 100*actions.Breakage, sum.Excess.Permissions, sum.Excess.Attached, actions.Excess.Permissions, sum.Foreign)
	if sum.Replayed < 200 || sum.Breakage > exact.Breakage || sum.Excess.Permissions > actions.Excess.Permissions || actions.Breakage > exact.Breakage {
		t.Errorf("worse than a baseline: %+v", sum)
	}
	if sum.Baselines.Attached.Denied != 0 {
		t.Errorf("what is attached denies %d", sum.Baselines.Attached.Denied)
	}
}

// command runs tighten and returns what it printed.
func command(t *testing.T, args ...string) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := cli.Main(context.Background(), args, cli.Env{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr}); code != 0 {
		t.Fatalf("%v: exit code %d: %s", args, code, stderr.String())
	}
	return stdout.Bytes()
}

// spread writes the events below a folder into one file, over a number of days.
func spread(t *testing.T, from, to string, days int) int {
	t.Helper()
	var all []map[string]any
	err := filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".json.gz") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return err
		}
		var log struct{ Records []map[string]any }
		if err := json.NewDecoder(z).Decode(&log); err != nil {
			return err
		}
		all = append(all, log.Records...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	text := func(r map[string]any, name string) string { s, _ := r[name].(string); return s }
	slices.SortFunc(all, func(a, b map[string]any) int {
		return cmp.Or(cmp.Compare(text(a, "eventTime"), text(b, "eventTime")), cmp.Compare(text(a, "eventID"), text(b, "eventID")))
	})
	start := time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)
	step := time.Duration(days) * 24 * time.Hour / time.Duration(len(all)+1)
	for i, r := range all {
		r["eventTime"] = start.Add(time.Duration(i) * step).Format(time.RFC3339)
	}
	writeJSON(t, to, map[string]any{"Records": all})
	return len(all)
}

// withAdministrators gives AdministratorAccess to the users of whom no policy is known:
// what an account's owners usually have.
func withAdministrators(t *testing.T, details string) string {
	t.Helper()
	var d map[string]any
	readJSON(t, details, &d)
	users, _ := d["UserDetailList"].([]any)
	for _, u := range users {
		x, _ := u.(map[string]any)
		attached, _ := x["AttachedManagedPolicies"].([]any)
		inline, _ := x["UserPolicyList"].([]any)
		if len(attached)+len(inline) == 0 {
			x["AttachedManagedPolicies"] = []any{map[string]any{"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}}
		}
	}
	out := filepath.Join(t.TempDir(), "account.json")
	writeJSON(t, out, d)
	return out
}

func writeJSON(t *testing.T, path string, v any) {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

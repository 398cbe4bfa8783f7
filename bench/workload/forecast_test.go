package workload_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/bench/workload"
	"github.com/tighten-iam/tighten/internal/cli"
)

// tested is what the backtest says of a principal.
type tested struct {
	Principal string
	Replayed  int
	Denied    int
	Excess    struct {
		Permissions, Shared, Attached int
	}
	Foreign int
	Would   []struct{ Action, Resource string } `json:"would_be_denied"`
}

// bars are what is asked of a workload's role: excess as a share of what is attached, less
// what a shared document cannot tell apart. Breakage and foreign exposure are 0 for all.
//
// web-api is asked for what its expert would write: tenant-*/uploads/*.json for reading and
// for writing lets through reads of each upload that was only written.
var bars = map[string]float64{
	"role/service-role/etl-orders-job": 0.01,
	"role/app/web-api":                 0.17,
	"role/app/report-builder":          0.05, // two statements that tags limit, which logs do not show
	"role/ci-deploy":                   0.01,
	"role/cloudformation-deploy":       0.01,
	"role/ecs-task-execution":          0.01,
	"role/developer-sandbox":           0.01,
	"role/bastion":                     0.01,
	"user/ops/operator-1":              0.01,
	"user/ops/operator-2":              0.01,
	"user/ops/operator-3":              0.01,
}

// TestForecast learns 45 of 60 days of the demo's workloads and replays the others.
func TestForecast(t *testing.T) {
	seeds := uint64(5)
	if testing.Short() {
		seeds = 2
	}
	for seed := uint64(1); seed <= seeds; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			found := 0
			for _, p := range forecast(t, seed) {
				name := p.Principal[strings.LastIndexByte(p.Principal, ':')+1:]
				bar, ok := bars[name]
				if !ok {
					continue
				}
				found++
				excess := float64(p.Excess.Permissions-p.Excess.Shared) / float64(max(1, p.Excess.Attached))
				if p.Denied > 0 || p.Foreign > 0 || excess > bar {
					t.Errorf("%s: %d of %d denied (%v), excess %.2f %%, %d foreign", name, p.Denied, p.Replayed, p.Would, 100*excess, p.Foreign)
				}
			}
			if found != len(bars) {
				t.Errorf("%d of %d workloads", found, len(bars))
			}
		})
	}
}

// forecast makes an archive and backtests it by the command.
func forecast(t *testing.T, seed uint64) []tested {
	t.Helper()
	c, dir := workload.Demo(), t.TempDir()
	c.Seed, c.Days = seed, 60
	if _, err := workload.Write(c, dir); err != nil {
		t.Fatal(err)
	}
	usage := filepath.Join(dir, "usage")
	run(t, "scan", filepath.Join(dir, "logs"), "--usage", usage)
	var answer struct{ Principals []tested }
	out := run(t, "backtest", "--usage", usage, "--account", filepath.Join(dir, "account.json"), "--learn", "45d", "--format", "json")
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Principals
}

func run(t *testing.T, args ...string) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := cli.Main(context.Background(), args, cli.Env{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr}); code != 0 {
		t.Fatalf("%s: exit code %d: %s", args[0], code, stderr.String())
	}
	return stdout.Bytes()
}

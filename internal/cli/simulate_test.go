package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/internal/cli"
)

// The golden decisions, through the command.
func TestSimulateGolden(t *testing.T) {
	root := os.Getenv("TIGHTEN_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	golden, err := os.Open(filepath.Join(root, "golden", "policy-decisions.ndjson"))
	if err != nil {
		t.Skip("the golden decisions are not here: set TIGHTEN_SHARED to their folder")
	}
	defer golden.Close()
	var stdout, stderr bytes.Buffer
	code := cli.Main(context.Background(), []string{"simulate", "--expect", "want"}, cli.Env{Stdin: golden, Stdout: &stdout, Stderr: &stderr})
	if n := strings.Count(stdout.String(), `"decision":`); code != 0 || n != 2327 {
		t.Errorf("exit code %d, %d decisions: %s", code, n, stderr.String())
	}
}

package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// Facts that another version of tighten made are told and passed over, and can
// still be compared.
func TestFactsOfAnotherVersion(t *testing.T) {
	cache := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData"} { // one for each system
		t.Setenv(name, cache)
	}
	t.Setenv(factsVariable, "")
	dir, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "tighten", "facts.zst")
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	old := w.EncodeAll([]byte("tighten-facts/1\t2025-01-01\t0123456789ab\nS\ts3\nA\tGetObject\tR\t\t\t\nA\tGone\tW\t\t\t\n"), nil)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, old, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args           string
		code           int
		stdout, stderr string
	}{
		{"actions lookup s3:GetObject", ExitOK, "s3:GetObject\n", "made by another version of tighten; run: tighten actions update; the embedded facts are used"},
		{"actions lookup s3:GetObject --facts embedded", ExitOK, "s3:GetObject\n", ""},
		{"actions lookup s3:GetObject --facts cache", ExitFailure, "", "made by another version"},
		{"actions lookup s3:GetObject --facts " + path, ExitFailure, "", "made by another version"},
		{"actions diff cache embedded", ExitOK, "- s3:Gone  Write; CloudTrail: unknown; resources: only \"*\"\n", ""},
		{"actions diff cache embedded --exit-code", ExitDiffer, "--- 2025-01-01.1-updated", "differences"},
	} {
		var stdout, stderr bytes.Buffer
		code := Main(t.Context(), strings.Fields(tt.args), Env{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr})
		if code != tt.code || !strings.Contains(stdout.String(), tt.stdout) || !strings.Contains(stderr.String(), tt.stderr) || (tt.stderr == "") != (stderr.Len() == 0) {
			t.Errorf("%s: code %d\n%.300s\n%s", tt.args, code, stdout.String(), stderr.String())
		}
	}
}

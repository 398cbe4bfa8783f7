package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "archive")
	var stdout bytes.Buffer
	if err := run([]string{"--preset", "big", "--bytes", "1MB", "--days", "3", "--out", out}, &stdout, io.Discard); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(stdout.String(), "2026-10-29 to 2026-10-31, seed 1") {
		t.Errorf("printed %q", stdout.String())
	}
	for _, name := range []string{"logs/AWSLogs", "account.json", "truth.json"} {
		if _, err := os.Stat(filepath.Join(out, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	for _, args := range []string{
		"", "--preset demo", "--preset small --out x", "--preset demo --bytes 2GB --out x",
		"--preset big --bytes much --out x", "--preset big --bytes 3 --out x", "--preset big --bytes -2GB --out x",
		"--unknown", "--days -4 --out x",
	} {
		if err := run(strings.Fields(args), io.Discard, io.Discard); err == nil {
			t.Errorf("%q was taken", args)
		}
	}
}

func TestParseSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"2GB": 2e9, "500mb": 5e8, "1.5G": 15e8, "1000000": 1e6, "2000KB": 2e6} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("parseSize(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
}

package actions

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGoldenCalls resolves the calls of testdata/calls.txt: a line each of event
// source, event name and parameters, then an indented line for each use. Each
// was read against the service authorization reference.
// TIGHTEN_UPDATE=1 rewrites the uses.
func TestGoldenCalls(t *testing.T) {
	path := filepath.Join("testdata", "calls.txt")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := NewResolver(Default())
	var got strings.Builder
	calls := 0
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "\t") {
			continue
		}
		f := strings.Fields(line)
		got.WriteString(strings.Join(f, " ") + "\n")
		for _, use := range lines(r.Resolve(testCall(f[0], f[1], f[2:]...)).Uses) {
			got.WriteString("\t" + use + "\n")
		}
		calls++
	}
	if calls < 100 {
		t.Errorf("%d calls", calls)
	}
	if os.Getenv("TIGHTEN_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want := strings.Split(string(data), "\n")
	for i, line := range strings.Split(got.String(), "\n") {
		if i >= len(want) || line != want[i] {
			t.Fatalf("line %d: got %q", i+1, line)
		}
	}
}

package iam

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// policyPair is one line of a file of policy pairs: does old include new, by verdict?
type policyPair struct {
	ID      string          `json:"id"`
	Old     json.RawMessage `json:"old"`
	New     json.RawMessage `json:"new"`
	Verdict string          `json:"verdict"`
}

// TestIncludesOnPairs counts answers over the *.ndjson files of the folder that
// TIGHTEN_PAIRS names: {"id","old","new","verdict":"subset"|"not"} a line.
func TestIncludesOnPairs(t *testing.T) {
	dir := os.Getenv("TIGHTEN_PAIRS")
	if dir == "" {
		t.Skip("TIGHTEN_PAIRS names no folder")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.ndjson"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no *.ndjson in TIGHTEN_PAIRS: %v", err)
	}
	count := map[string]int{}
	var total, worst time.Duration
	n := 0
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 8<<20)
		for lines.Scan() {
			var p policyPair
			if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
				t.Fatal(err)
			}
			outer, inner := mustParse(t, string(p.Old)), mustParse(t, string(p.New))
			start := time.Now()
			got := Includes([]*Document{outer}, []*Document{inner}, InclusionOptions{})
			took := time.Since(start)
			total, worst, n = total+took, max(worst, took), n+1
			count[p.Verdict+" "+got.Verdict.String()]++
			if got.Verdict == Undecided || p.Verdict == "subset" && got.Verdict == Fails {
				t.Logf("%s %s: %s %s", p.ID, p.Verdict, got.Verdict, got.Reason)
			}
		}
	}
	t.Logf("%v, mean %v, worst %v", count, total/time.Duration(max(n, 1)), worst)
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// makePolicies renders the latest version of each AWS managed policy, a line
// each: ARN, version, document.
func makePolicies(cache string) ([]byte, error) {
	type policy struct {
		ARN             string
		LatestVersionID string
		Versions        map[string]struct{ Document json.RawMessage }
	}
	var all map[string]policy
	err := managedPolicies().read(cache, "dist/managedPolicies.json", func(_ string, r io.Reader) error {
		return json.NewDecoder(r).Decode(&all)
	})
	if err != nil {
		return nil, err
	}
	if len(all) < minPolicies {
		return nil, fmt.Errorf("%d managed policies, below the floor of %d", len(all), minPolicies)
	}
	var lines []string
	for name, p := range all {
		var doc bytes.Buffer
		if err := json.Compact(&doc, p.Versions[p.LatestVersionID].Document); err != nil {
			return nil, fmt.Errorf("%s %s: %w", name, p.LatestVersionID, err)
		}
		lines = append(lines, p.ARN+"\t"+p.LatestVersionID+"\t"+doc.String())
	}
	slices.Sort(lines)
	var out bytes.Buffer
	for _, l := range lines {
		out.WriteString(l)
		out.WriteByte('\n')
	}
	return out.Bytes(), nil
}

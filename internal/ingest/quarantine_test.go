package ingest

import (
	"maps"
	"testing"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// TestLanes: every table keeps quarantined records apart, and none is lost or counted
// twice.
func TestLanes(t *testing.T) {
	assumed := map[string]any{"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "eventCategory": "Management",
		"requestParameters": map[string]any{"roleArn": "arn:aws:iam::111122223333:role/next"}}
	odd := map[string]any{"eventSource": "nothing.amazonaws.com", "eventName": "DoNothing", "eventCategory": "Management"}
	source := memory{{key: delivered(1), content: object(t,
		record("mine-1", nil), record("theirs-1", nil), record("theirs-2", nil),
		record("mine-3", assumed), record("theirs-3", assumed),
		record("mine-4", odd), record("theirs-4", odd), record("theirs-4", odd),
		record("theirs-5", map[string]any{"errorCode": "AccessDenied"}),
	)}}
	lane := func(e *trail.Event) string {
		if e.ID[0] == 't' {
			return usage.QuarantineLane("x")
		}
		return ""
	}
	table := run(t, Options{Lane: lane}, source)
	resolve(t, table, 2)
	counts := map[string]map[string]int64{"calls": {}, "usage": {}, "trust": {}, "unmapped": {}, "coverage": {}}
	for _, r := range table.Calls {
		counts["calls"][r.Lane] += r.Events
	}
	for _, r := range table.Usage {
		counts["usage"][r.Lane+" "+r.Action] += r.Count
	}
	for _, r := range table.Trust {
		counts["trust"][r.Lane] += r.Events
	}
	for _, r := range table.Unmapped {
		counts["unmapped"][r.Lane] += r.Events
	}
	for _, r := range table.Coverage {
		counts["coverage"][r.Class] += r.Records
	}
	const x = "quarantine:x"
	for name, want := range map[string]map[string]int64{
		"calls":    {"": 3, x: 5},
		"usage":    {" s3:GetObject": 1, " sts:AssumeRole": 1, x + " s3:GetObject": 3, x + " sts:AssumeRole": 1},
		"trust":    {"": 1, x: 1},
		"unmapped": {"": 1, x: 1},
		"coverage": {"used": 2, "unmapped": 1, x: 5},
	} {
		if !maps.Equal(counts[name], want) {
			t.Errorf("%s: %v, want %v", name, counts[name], want)
		}
	}
	a := Account(table)
	if err := a.Check(); err != nil {
		t.Error(err)
	}
	if a.Used != 2 || a.Denied != 0 || a.Unmapped != 1 || a.UnmappedPairs != 1 || a.TopUnmapped[0].Records != 1 || a.Duplicate != 1 ||
		!maps.Equal(a.Quarantined, map[string]int64{"x": 5}) || len(a.NotAUse) != 0 {
		t.Errorf("%+v", a)
	}

	// Written and read again, it is the same, whatever the number of workers.
	root := t.TempDir() + "/ds"
	if err := usage.Write(root, table); err != nil {
		t.Fatal(err)
	}
	again, err := usage.Read(root)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, again, table)
}

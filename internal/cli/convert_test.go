package cli

import (
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

func TestBadObjects(t *testing.T) {
	table := &usage.Table{}
	for range 25 {
		table.Objects = append(table.Objects, usage.ObjectRow{Key: "good", Records: 4}, usage.ObjectRow{Key: "bad", Unreadable: 1})
	}
	table.Objects[0] = usage.ObjectRow{Key: "worse", Unreadable: 2, Error: "cut short"}
	list, total := badObjects(table)
	if total != 26 || len(list) != 20 || list[0].Error != "2 records unreadable; cut short" || list[1].Error != "1 record unreadable" {
		t.Errorf("%d of %d: %v", len(list), total, list[:2])
	}
}

func TestSkippedByKind(t *testing.T) {
	table := &usage.Table{Deliveries: []usage.Delivery{
		{Kind: "log", Objects: 9}, {Kind: "", Objects: 9}, {Kind: "digest", Objects: 2}, {Kind: "digest", Objects: 3, Unreadable: 1},
		{Kind: string(trail.KindOther), Objects: 1}, {Kind: string(trail.KindUnreadable), Objects: 1, Unreadable: 1},
	}}
	if got := skippedByKind(table); len(got) != 2 || got["digest"] != 4 || got["other"] != 1 {
		t.Errorf("got %v", got)
	}
	if got := skippedByKind(&usage.Table{}); got != nil {
		t.Errorf("got %v for nothing", got)
	}
}

func TestDay(t *testing.T) {
	for want, in := range map[string]time.Time{"2026-10-31": time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC), "": time.Unix(0, 0).UTC()} {
		if got := day(in); got != want {
			t.Errorf("%v: %q, want %q", in, got, want)
		}
		if got := timePointer(in); (got == nil) != (want == "") {
			t.Errorf("%v: %v", in, got)
		}
	}
}

package ingest

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tighten-iam/tighten/pkg/trail"
)

func TestDescribe(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{nil, ""},
		{errors.New(""), "unknown error"},
		{errors.New("unexpected EOF"), "unexpected EOF"},
		{&fs.PathError{Op: "open", Path: "/home/someone/x", Err: fs.ErrPermission}, "open: permission denied"},
		{fmt.Errorf("read: %w", &fs.PathError{Op: "read", Path: "/home/x", Err: errors.New("is a directory")}), "read: is a directory"},
		{errors.New("a\nb\x1b[31m\u202eé"), "a\ufffdb\ufffd[31m\ufffdé"},
	}
	for _, test := range tests {
		if got := describe(test.err); got != test.want {
			t.Errorf("describe(%v) = %q, want %q", test.err, got, test.want)
		}
	}
	long := describe(errors.New(strings.Repeat("é", 300)))
	if len(long) > maxError+len("…") || !utf8.ValidString(long) || !strings.HasSuffix(long, "…") {
		t.Errorf("long error = %d bytes %q", len(long), long)
	}
}

func TestTallyEnd(t *testing.T) {
	cut := errors.New("unexpected EOF")
	tests := []struct {
		name     string
		records  int64
		err      error
		expected bool
		kind     trail.ObjectKind
		keeps    bool // the error
	}{
		{"clean", 3, nil, true, trail.KindLog, false},
		{"no records but clean", 0, nil, false, trail.KindLog, false},
		{"cut", 3, cut, false, trail.KindLog, true},
		{"cut at once", 0, cut, false, trail.KindLog, true},
		{"digest", 0, fmt.Errorf("x: %w", trail.ErrDigest), false, trail.KindDigest, false},
		{"insight", 0, trail.ErrInsight, false, trail.KindInsight, false},
		{"other JSON", 0, trail.ErrNoRecords, false, trail.KindOther, false},
		{"other JSON, or nothing, where logs are delivered", 0, trail.ErrNoRecords, true, trail.KindLog, true},
		{"no JSON", 0, trail.ErrNotJSON, false, trail.KindOther, false},
		{"no JSON where logs are delivered", 0, trail.ErrNotJSON, true, trail.KindLog, true},
		{"garbage after records", 3, trail.ErrNotJSON, false, trail.KindLog, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tally := tally{records: test.records}
			tally.end(test.err, test.expected)
			if tally.kind != test.kind || (tally.err != nil) != test.keeps {
				t.Errorf("got %s with error %v", tally.kind, tally.err)
			}
		})
	}
}

func TestDayOf(t *testing.T) {
	tests := []struct {
		time time.Time
		want int32
	}{
		{time.Time{}, -1},
		{time.Unix(0, 0), 0},
		{time.Date(2026, 3, 2, 23, 59, 59, 0, time.UTC), 20514},
		{time.Date(2026, 3, 3, 1, 0, 0, 0, time.FixedZone("", 2*3600)), 20514},
	}
	for _, test := range tests {
		if got := dayOf(test.time); got != test.want {
			t.Errorf("dayOf(%v) = %d, want %d", test.time, got, test.want)
		}
	}
}

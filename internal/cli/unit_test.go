package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/synth"
)

func TestExitCode(t *testing.T) {
	tests := []struct {
		err  error
		want int
	}{
		{nil, ExitOK},
		{errors.New("x"), ExitFailure},
		{usagef("x"), ExitUsage},
		{fmt.Errorf("wrapped: %w", usagef("x")), ExitUsage},
		{outcome{ExitUnreadable, "x"}, ExitUnreadable},
		{fmt.Errorf("stopped: %w", context.Canceled), ExitInterrupted},
	}
	for _, tt := range tests {
		if got := exitCode(tt.err); got != tt.want {
			t.Errorf("%v: %d, want %d", tt.err, got, tt.want)
		}
	}
}

func TestParseTime(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
	for in, want := range map[string]string{
		"2026-10-31":                "2026-10-31T00:00:00Z",
		"2026-10-31T10:00:00+02:00": "2026-10-31T08:00:00Z",
		"90 days ago":               "2026-08-25T12:00:00Z",
		"12h ago":                   "2026-11-23T00:00:00Z",
		"2w ago":                    "2026-11-09T12:00:00Z",
		"yesterday":                 "2026-11-22T00:00:00Z",
		"Yesterday":                 "2026-11-22T00:00:00Z",
		"one hour ago":              "2026-11-23T11:00:00Z",
		"a week ago":                "2026-11-16T12:00:00Z",
		"3 months ago":              "2026-08-25T12:00:00Z",
		"1 year ago":                "2025-11-23T12:00:00Z",
		"a ago":                     "",
		"101 years ago":             "",
		"9999999999 hours ago":      "",
		"-5 days ago":               "",
		"":                          "",
	} {
		got, err := parseTime(in, now)
		if want == "" {
			if err == nil {
				t.Errorf("%q: %v, want an error", in, got)
			}
			continue
		}
		if err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%q: %v %v, want %s", in, got, err, want)
		}
	}
}

func TestSafeNames(t *testing.T) {
	for _, in := range []string{"../../etc/passwd", "/abs", "a/b", "a\\b", "\x1b[31m", "..", ".", "", "con", "COM1.json", "-rf", "ünï", "a\nb", strings.Repeat("x", 500), "ok-Name_1"} {
		got := safe(in)
		if got == "" || strings.ContainsAny(got, "/\\\n\x1b") || len(got) > 120 || strings.HasPrefix(got, "-") || got == "." || got == ".." {
			t.Errorf("safe(%q) = %q", in, got)
		}
	}
	if safe("ok-Name_1") != "ok-Name_1" {
		t.Error("a plain name was changed")
	}
}

func TestPlacesDiffer(t *testing.T) {
	n := &fileNames{used: map[string]bool{}}
	seen := map[string]bool{}
	for _, p := range []synth.Proposal{
		{Name: "P", Kind: synth.Inline, Owner: "arn:aws:iam::111122223333:role/a/x", Key: "1"},
		{Name: "p", Kind: synth.Inline, Owner: "arn:aws:iam::111122223333:role/a/X", Key: "2"},
		{Name: "P", Kind: synth.Managed, Owner: "arn:aws:iam::111122223333:policy/P", Key: "3"},
		{Name: "P", Kind: synth.Inline, Owner: "arn:aws:iam::444455556666:role/x", Key: "4"},
		{Name: "P", Kind: synth.New, Owner: "not an arn", Key: "5"},
	} {
		got := strings.ToLower(n.place(&p))
		if seen[got] || strings.HasPrefix(got, "/") {
			t.Errorf("%s again", got)
		}
		seen[got] = true
	}
}

func TestFoldServices(t *testing.T) {
	all := actions.Default().Expand(nil, "*")
	folded := foldServices(actions.Default(), all)
	if len(folded) >= len(all) || slices.ContainsFunc(folded, func(a string) bool { return !strings.HasSuffix(a, ":*") }) {
		t.Errorf("%d of %d left", len(folded), len(all))
	}
	most := slices.DeleteFunc(slices.Clone(all), func(a string) bool { return a == "s3:GetObject" })
	folded = foldServices(actions.Default(), most)
	if slices.Contains(folded, "s3:*") || !slices.Contains(folded, "s3:PutObject") {
		t.Error("a service with a gap was folded")
	}
	if short := []string{"sqs:PurgeQueue"}; !slices.Equal(foldServices(actions.Default(), short), short) {
		t.Error("a short list was folded")
	}
}

// A line is never held in memory beyond its bound, and the next one is read.
func TestReadLine(t *testing.T) {
	in := bufio.NewReaderSize(strings.NewReader("short\n"+strings.Repeat("x", 100)+"\nnext\nlast"), 16)
	for _, want := range []struct {
		line string
		long bool
		err  error
	}{{"short\n", false, nil}, {"", true, nil}, {"next\n", false, nil}, {"last", false, io.EOF}} {
		line, long, err := readLine(in, 50)
		if string(line) != want.line || long != want.long || err != want.err {
			t.Errorf("%q %v %v, want %+v", line, long, err, want)
		}
	}
}

package usage

import (
	"slices"
	"strings"
	"time"
)

// Windows are spans of time, apart from each other and in order, of which records were
// taken. A zero Since or Until is open.
type Windows []Window

// Window is from Since to before Until.
type Window struct{ Since, Until time.Time }

// Has reports whether a record of a time was taken. One without a time always is, if
// anything is.
func (w Windows) Has(t time.Time) bool {
	return t.IsZero() && len(w) > 0 || slices.ContainsFunc(w, func(s Window) bool {
		return (s.Since.IsZero() || !t.Before(s.Since)) && (s.Until.IsZero() || t.Before(s.Until))
	})
}

// covers reports whether all of a window was taken.
func (w Windows) covers(x Window) bool {
	return slices.ContainsFunc(w, func(s Window) bool {
		return (s.Since.IsZero() || !x.Since.IsZero() && !x.Since.Before(s.Since)) &&
			(s.Until.IsZero() || !x.Until.IsZero() && !x.Until.After(s.Until))
	})
}

// Join adds windows.
func (w Windows) Join(more Windows) Windows {
	all := append(slices.Clone(w), more...)
	slices.SortFunc(all, func(a, b Window) int { return a.Since.Compare(b.Since) })
	var out Windows
	for _, s := range all {
		last := len(out) - 1
		switch {
		case last < 0 || !out[last].Until.IsZero() && s.Since.After(out[last].Until):
			out = append(out, s)
		case !out[last].Until.IsZero() && (s.Until.IsZero() || s.Until.After(out[last].Until)):
			out[last].Until = s.Until
		}
	}
	return out
}

// window is the span of time that a filter lets in.
func (f *Filter) window() Window {
	if f == nil {
		return Window{}
	}
	return Window{instant(f.Since), instant(f.Until)}
}

// LeavesOut reports whether the scans left out records of a day, or of a part of it, by
// their times. No filter leaves out nothing.
func (f *Filter) LeavesOut(day int32) bool {
	if f == nil {
		return false
	}
	start := time.UnixMilli(int64(day) * dayMillis).UTC()
	return !f.windows().covers(Window{start, start.Add(dayMillis * time.Millisecond)})
}

// Line is a filter as the ledger has it: the windows of time, then accounts and regions.
func (f *Filter) Line(before Windows) string {
	var spans []string
	for _, s := range before.Join(Windows{f.window()}) {
		spans = append(spans, stamp(s.Since)+"/"+stamp(s.Until))
	}
	line := strings.Join(spans, ",")
	if f != nil {
		line += " " + strings.Join(f.Accounts, ",") + " " + strings.Join(f.Regions, ",")
	}
	return line
}

// WindowsOf reads the windows of a line.
func WindowsOf(line string) (w Windows) {
	spans, _, _ := strings.Cut(line, " ")
	for _, span := range strings.Split(spans, ",") {
		since, until, ok := strings.Cut(span, "/")
		if !ok {
			continue // of a ledger that somebody wrote: nothing was taken
		}
		w = append(w, Window{instant(since), instant(until)})
	}
	return w
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func instant(s string) time.Time {
	t, _ := time.Parse(time.RFC3339, s)
	return t
}

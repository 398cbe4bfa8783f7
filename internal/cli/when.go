package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// parseTime reads a day (2026-10-31), a time (RFC 3339), an age ("90 days ago",
// "one hour ago"), which counts back from now, or "yesterday", which is a day.
func parseTime(s string, now func() time.Time) (time.Time, error) {
	for _, layout := range []string{"2006-01-02", time.RFC3339, "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	words := strings.ToLower(strings.TrimSpace(s))
	if words == "yesterday" {
		return now().UTC().Truncate(dayLength).Add(-dayLength), nil
	}
	if age, ok := strings.CutSuffix(words, "ago"); ok {
		if d, err := parseSpan(strings.TrimSpace(age)); err == nil {
			return now().UTC().Add(-d), nil
		}
	}
	return time.Time{}, fmt.Errorf("want a day like 2026-10-31, a time like 2026-10-31T12:00:00Z, or an age like '90 days ago' or 'yesterday', not %q", s)
}

const dayLength = 24 * time.Hour

// units are the units of spans. Months and years are counted in days, so that a
// span does not depend on when it ends.
var units = map[string]time.Duration{
	"h": time.Hour, "hour": time.Hour, "hours": time.Hour,
	"d": dayLength, "day": dayLength, "days": dayLength, "": dayLength,
	"w": 7 * dayLength, "week": 7 * dayLength, "weeks": 7 * dayLength,
	"month": 30 * dayLength, "months": 30 * dayLength,
	"y": 365 * dayLength, "year": 365 * dayLength, "years": 365 * dayLength,
}

// parseSpan reads "90d", "90 days", "2w", "12h", "3 months", "one year"; a bare
// number is days.
func parseSpan(s string) (time.Duration, error) {
	if word, rest, _ := strings.Cut(s, " "); rest != "" && (word == "a" || word == "an" || word == "one") {
		s = "1 " + rest
	}
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	n, err := strconv.Atoi(s[:i])
	unit, ok := units[strings.ToLower(strings.TrimSpace(s[i:]))]
	const longest = 36500 * dayLength
	if err != nil || !ok || n > int(longest/unit) {
		return 0, fmt.Errorf("want a span like 90d, 12h or 2w, not %q", s)
	}
	return time.Duration(n) * unit, nil
}

// timeFlag is a flag that takes what parseTime takes.
type timeFlag struct{ time.Time }

func (t *timeFlag) String() string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// Type names the form in help texts.
func (t *timeFlag) Type() string { return "time" }

// Set parses the flag's value.
func (t *timeFlag) Set(s string) (err error) {
	t.Time, err = parseTime(s, time.Now)
	return err
}

// daysFlag is a flag that takes a span of whole days.
type daysFlag int

func (d *daysFlag) String() string { return strconv.Itoa(int(*d)) + "d" }

// Type names the form in help texts.
func (d *daysFlag) Type() string { return "days" }

// Set parses the flag's value.
func (d *daysFlag) Set(s string) error {
	span, err := parseSpan(s)
	if err != nil {
		return err
	}
	if span < 24*time.Hour {
		return fmt.Errorf("want at least one day")
	}
	*d = daysFlag(span / (24 * time.Hour))
	return nil
}

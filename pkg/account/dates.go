package account

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// layouts are the forms of dates that the AWS CLI (versions 1 and 2, both
// cli_timestamp_format settings), the SDKs' str() and credential reports write.
func layouts() []string {
	return []string{
		time.RFC3339Nano,
		"2006-01-02 15:04:05.999999999Z07:00",
		"2006-01-02T15:04:05.999999999Z0700",
		"2006-01-02 15:04:05.999999999 -0700 MST",
		"2006-01-02T15:04:05.999999999",
		"2006-01-02 15:04:05.999999999",
		"2006-01-02",
		time.RFC1123,
		time.RFC1123Z,
	}
}

// date reads a date in UTC. A date that is absent, null or a word for "none"
// gives the zero time; err is set when there is one that can't be understood.
func date(v value) (time.Time, error) {
	switch v.kind() {
	case 0, 'n':
		return time.Time{}, nil
	case '"':
		return parseDate(v.text())
	case '{', '[', 't', 'f':
		return time.Time{}, fmt.Errorf("want a date, have %s", v.called())
	}
	return epoch(string(v))
}

func parseDate(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	switch strings.ToLower(s) {
	case "", "n/a", "no_information", "not_supported", "never", "none", "null":
		return time.Time{}, nil
	}
	for _, l := range layouts() {
		if t, err := time.Parse(l, s); err == nil {
			return t.UTC(), nil
		}
	}
	return epoch(s)
}

// epoch reads seconds, or milliseconds when seconds would lie beyond the year 5138.
func epoch(s string) (time.Time, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > 1e14 {
		return time.Time{}, fmt.Errorf("can't read the date %s", quote(s))
	}
	if f > 1e11 {
		f /= 1000
	}
	sec, frac := math.Modf(f)
	return time.Unix(int64(sec), int64(math.Round(frac*1e6))*1000).UTC(), nil
}

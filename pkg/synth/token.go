package synth

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// skeleton replaces the parts of a token that look like dates, counters or ids
// by "*": "/part-00017.parquet" gives "/part-*.parquet". A token without such
// parts is its own skeleton.
func skeleton(token string) string {
	if !strings.ContainsAny(token, "0123456789") {
		return token
	}
	var b strings.Builder
	for i := 0; i < len(token); {
		if uuid(token[i:]) {
			b.WriteByte('*')
			i += uuidLen
			continue
		}
		j := i
		for j < len(token) && wordByte(token[j]) {
			j++
		}
		if j == i {
			b.WriteByte(token[i])
			i++
			continue
		}
		if idLike(token[i:j]) || strings.Contains(token, "20") && monthName(token[i:j]) {
			b.WriteByte('*')
		} else {
			b.WriteString(token[i:j])
		}
		i = j
	}
	return squeeze(b.String())
}

const uuidLen = 36

// uuid reports whether s starts with 8-4-4-4-12 hex digits.
func uuid(s string) bool {
	if len(s) < uuidLen {
		return false
	}
	for i := 0; i < uuidLen; i++ {
		c := s[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
			return false
		}
	}
	return len(s) == uuidLen || !wordByte(s[uuidLen])
}

// squeeze joins stars that only "-", "_" or "." part: "*-*-*" becomes "*".
func squeeze(s string) string {
	for _, sep := range []string{"-", "_", ".", ""} {
		for strings.Contains(s, "*"+sep+"*") {
			s = strings.ReplaceAll(s, "*"+sep+"*", "*")
		}
	}
	return s
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// accountIDLen is the length of an account id, which is a name.
const accountIDLen = 12

// idLike tells words from counters and ids: all digits (but twelve), eight or
// more hex digits with a digit among them, or twelve or more letters and digits
// that change between the two often.
func idLike(w string) bool {
	digits, hex, flips := 0, 0, 0
	for i := 0; i < len(w); i++ {
		c := w[i]
		d := c >= '0' && c <= '9'
		if d {
			digits++
		}
		if d || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' {
			hex++
		}
		if i > 0 && d != (w[i-1] >= '0' && w[i-1] <= '9') {
			flips++
		}
	}
	switch {
	case digits == 2 && len(w) == 3 && w[0] == 'W': // W05, a week
		return true
	case digits == len(w):
		return len(w) != accountIDLen || stampLike(w)
	case digits == 0:
		return false
	case hex == len(w) && len(w) >= 8:
		return true
	case digits >= 4 && timeLike(w): // 20260131T0400Z, 31T04
		return true
	}
	return len(w) >= 12 && flips >= 3
}

// stampLike tells a time such as 202601310400 from an account id.
func stampLike(w string) bool {
	return (w[:2] == "20" || w[:2] == "19") && month(w[4:6]) && w[6:8] >= "01" && w[6:8] <= "31" && w[8:10] < "24" && w[10:12] < "60"
}

// timeLike reports whether a word is digits, a T, digits, and a Z or nothing.
func timeLike(w string) bool {
	date, clock, ok := strings.Cut(strings.TrimSuffix(w, "Z"), "T")
	return ok && len(date) >= 2 && len(clock) >= 2 && strings.Trim(date+clock, "0123456789") == ""
}

// monthName reports whether a word is the English name of a month, or its first three
// letters.
func monthName(w string) bool {
	const least = 3
	for m := time.January; len(w) >= least && m <= time.December; m++ {
		if name := m.String(); strings.EqualFold(w, name) || strings.EqualFold(w, name[:least]) {
			return true
		}
	}
	return false
}

// revision reports whether tokens are numbers after a name, as task definitions,
// layers and function versions have.
func revision(tokens []*token) bool {
	for _, k := range tokens {
		t := k.text
		if t[0] != ':' || strings.Trim(t[1:], "0123456789") != "" || len(t) == 1 || len(t) == 1+accountIDLen {
			return false
		}
	}
	return true
}

// yearsOf are the years of the sightings, with one on either side.
func yearsOf(seen []sighting) [2]int {
	years := [2]int{9999, 0}
	for _, s := range seen {
		for _, d := range s.days {
			y := dayTime(d).Year()
			years[0], years[1] = min(years[0], y-1), max(years[1], y+1)
		}
	}
	return years
}

// calendar reports whether all tokens of a group are or hold dates, so that tomorrow
// brings a new one for certain.
func (o *opener) calendar(tokens []*token, dated bool) bool {
	for _, t := range tokens {
		if !o.date(t.text, dated) {
			return false
		}
	}
	return true
}

func (o *opener) date(token string, dated bool) bool {
	if !strings.ContainsAny(token, "0123456789") {
		return false
	}
	token = strings.TrimLeft(token, "/:")
	return dateToken(token, dated, o.years) || holdsDate(token, o.years)
}

// dateToken knows "2026", "2026-01-31", "20260131", "2026-01-31T04", "dt=2026-01-31",
// "month=1", and below a date "1", "01" and "23". The year must be one of the time of
// the logs: other numbers are ids.
func dateToken(t string, dated bool, years [2]int) bool {
	key, value, keyed := strings.Cut(t, "=")
	if !keyed {
		value = t
	}
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		if strings.ContainsRune("-_T:Z.", r) {
			return -1
		}
		return 'x'
	}, value)
	switch {
	case strings.Contains(digits, "x") || digits == "":
		return false
	case keyed && dateKeys[strings.ToLower(key)]:
		return true
	case len(digits) <= 2:
		n, _ := strconv.Atoi(digits)
		return dated && n <= 59
	case len(digits) == 4:
		return inYears(digits, years)
	case len(digits)%2 == 0 && len(digits) <= 14:
		return inYears(digits[:4], years) && month(digits[4:6])
	}
	return false
}

// holdsDate finds a year and a month in a name: "export-2026-10.csv", "jobs-20261031",
// "Oct-2026".
func holdsDate(t string, years [2]int) bool {
	for i := 0; i+4 <= len(t); i++ {
		if i > 0 && digit(t[i-1]) || !inYears(t[i:i+4], years) {
			continue
		}
		rest := strings.TrimLeft(t[i+4:], "-_.")
		if len(rest) >= 2 && len(t[i+4:])-len(rest) <= 1 && month(rest[:2]) {
			return true
		}
		if (rest == "" || !digit(rest[0])) && slices.ContainsFunc(strings.FieldsFunc(t, notLetter), monthName) {
			return true
		}
	}
	return false
}

func notLetter(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }

func digit(c byte) bool { return c >= '0' && c <= '9' }

// inYears reports whether four characters are one of the years.
func inYears(s string, years [2]int) bool {
	y := 0
	for i := 0; i < len(s); i++ {
		if !digit(s[i]) {
			return false
		}
		y = 10*y + int(s[i]-'0')
	}
	return y >= years[0] && y <= years[1]
}

func month(s string) bool { return s >= "01" && s <= "12" && digit(s[0]) && digit(s[1]) }

var dateKeys = map[string]bool{"year": true, "month": true, "day": true, "hour": true, "minute": true,
	"dt": true, "date": true, "ds": true, "y": true, "m": true, "d": true, "h": true, "yyyy": true, "mm": true, "dd": true, "hh": true, "week": true}

// hasID reports whether a pattern names a resource by an id that a service chose,
// such as i-0123456789abcdef0 or a UUID.
func hasID(pattern string) bool {
	at := len(headOf(pattern))
	if bucketHead(pattern[:at]) {
		at = tokenEnd(pattern, at)
	}
	for at < len(pattern) {
		end := tokenEnd(pattern, at)
		t := strings.TrimLeft(pattern[at:end], "/:")
		if at = end; !strings.Contains(t, "*") && skeleton(t) != t && len(t) >= 12 {
			return true
		}
	}
	return false
}

// volatile reports whether a lone token is more likely one of many than a name: it
// holds an id of eight or more characters.
func volatile(token string) bool {
	s := skeleton(token)
	return strings.Contains(s, "*") && len(token)-len(s) >= 7
}

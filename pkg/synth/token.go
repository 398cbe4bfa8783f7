package synth

import "strings"

// skeleton replaces the parts of a token that look like dates, counters or ids
// by "*": "/part-00017.parquet" gives "/part-*.parquet". A token without such
// parts is its own skeleton.
func skeleton(token string) string {
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
		if idLike(token[i:j]) {
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

// idLike tells words from counters and ids: all digits (two or more), eight or
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
	case digits == len(w):
		return len(w) >= 2
	case digits == 0:
		return false
	case hex == len(w) && len(w) >= 8:
		return true
	case len(w) >= 8 && w[8%len(w)] == 'T' && digits >= 8: // 20260131T0400Z
		return true
	}
	return len(w) >= 12 && flips >= 3
}

// calendar reports whether all tokens of a group are dates or parts of dates, so
// that tomorrow brings a new one for certain.
func calendar(tokens []string) bool {
	for _, t := range tokens {
		if !dateToken(strings.TrimLeft(t, "/:")) {
			return false
		}
	}
	return true
}

// dateToken knows "2026", "01" with a key ("month=01"), "2026-01-31", "20260131",
// "2026-01-31T04", "dt=2026-01-31".
func dateToken(t string) bool {
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
	if strings.Contains(digits, "x") || digits == "" {
		return false
	}
	if keyed && dateKeys[strings.ToLower(key)] {
		return true
	}
	switch len(digits) {
	case 2:
		return !keyed && digits <= "59" // a month, a day, an hour, a minute
	case 4, 6, 8, 10, 12, 14:
		return (digits[:2] == "20" || digits[:2] == "19") && (len(digits) == 4 || digits[4:6] >= "01" && digits[4:6] <= "12")
	}
	return false
}

var dateKeys = map[string]bool{"year": true, "month": true, "day": true, "hour": true, "minute": true,
	"dt": true, "date": true, "ds": true, "y": true, "m": true, "d": true, "h": true, "yyyy": true, "mm": true, "dd": true, "hh": true, "week": true}

// hasID reports whether a pattern names a resource by an id that a service chose,
// such as i-0123456789abcdef0 or a UUID.
func hasID(pattern string) bool {
	_, tokens := splitARN(pattern)
	for _, t := range tokens {
		if t = strings.TrimLeft(t, "/:"); !strings.Contains(t, "*") && skeleton(t) != t && !dateToken(t) && len(t) >= 12 {
			return true
		}
	}
	return false
}

// volatile reports whether a lone token is more likely one of many than a name:
// an EC2-style id or a UUID, seen once.
func volatile(token string) bool {
	s := skeleton(token)
	return strings.Contains(s, "*") && strings.Trim(s, "/:*-_.") == "" || strings.HasPrefix(strings.TrimLeft(token, "/:"), "i-")
}

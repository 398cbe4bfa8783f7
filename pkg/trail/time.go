package trail

import "time"

// parseTime reads the times that logs have: YYYY-MM-DD, "T", "t" or a space,
// hh:mm:ss, any decimals, then "Z", "z", an offset, or nothing, which means UTC. Zero
// for anything else.
func parseTime(s []byte) time.Time {
	if len(s) < 19 || s[4] != '-' || s[7] != '-' || s[13] != ':' || s[16] != ':' {
		return time.Time{}
	}
	if c := s[10]; c != 'T' && c != 't' && c != ' ' {
		return time.Time{}
	}
	var n [6]int
	for i, at := range [6]int{0, 5, 8, 11, 14, 17} {
		size := 2
		if i == 0 {
			size = 4
		}
		v, ok := number(s[at : at+size])
		if !ok {
			return time.Time{}
		}
		n[i] = v
	}
	nanos, rest := decimals(s[19:])
	offset, ok := zone(rest)
	if !ok || n[3] > 23 || n[4] > 59 || n[5] > 59 {
		return time.Time{}
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], nanos, time.UTC)
	if t.Month() != time.Month(n[1]) || t.Day() != n[2] {
		return time.Time{} // no such day
	}
	return t.Add(-offset)
}

func number(s []byte) (int, bool) {
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// decimals reads ".digits"; digits below a nanosecond are dropped.
func decimals(s []byte) (nanos int, rest []byte) {
	if len(s) < 2 || s[0] != '.' && s[0] != ',' {
		return 0, s
	}
	i, _ := skipDigits(s, 1)
	if i == 1 {
		return 0, s
	}
	for k := 1; k <= 9; k++ {
		nanos *= 10
		if k < i {
			nanos += int(s[k] - '0')
		}
	}
	return nanos, s[i:]
}

// zone reads "", "Z", "z", "UTC" with or without a space before it, ±hh:mm, ±hhmm or ±hh.
func zone(s []byte) (time.Duration, bool) {
	switch string(s) {
	case "", "Z", "z", " UTC", "UTC":
		return 0, true
	}
	if s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	d := append([]byte(nil), s[1:]...)
	if len(d) == 5 && d[2] == ':' {
		d = append(d[:2], d[3:]...)
	}
	if len(d) == 2 {
		d = append(d, '0', '0')
	}
	n, ok := number(d)
	if !ok || len(d) != 4 || n/100 > 14 || n%100 > 59 {
		return 0, false
	}
	offset := time.Duration(n/100)*time.Hour + time.Duration(n%100)*time.Minute
	if s[0] == '-' {
		offset = -offset
	}
	return offset, true
}

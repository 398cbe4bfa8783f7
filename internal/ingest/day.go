package ingest

import "time"

const secondsPerDay = 24 * 60 * 60

// noDay stands for a time that could not be read.
const noDay = -1

// dayOf is the UTC day of a time, as days since 1970-01-01.
func dayOf(t time.Time) int32 {
	if t.IsZero() {
		return noDay
	}
	return int32(t.Unix() / secondsPerDay)
}

// milliseconds is a time as milliseconds since 1970-01-01, 0 for none.
func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

package ingest

import (
	"errors"
	"io/fs"
	"strings"
	"unicode"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// tally is what came of one object.
type tally struct {
	kind                          trail.ObjectKind
	records, filtered, unreadable int64
	bytes                         int64 // decompressed
	first, last                   int64 // times of the events, unix milliseconds; 0 without any
	etag                          string
	err                           error
}

// see widens the span of the events' times.
func (t *tally) see(ms int64) {
	if ms <= 0 {
		return
	}
	if t.first == 0 || ms < t.first {
		t.first = ms
	}
	t.last = max(t.last, ms)
}

// end judges how an object ended. What turned out to be no log is not an error,
// unless the user named it or it lies where logs are delivered: there it is a
// gap.
func (t *tally) end(err error, expected bool) {
	t.err = err
	switch {
	case t.records > 0:
		t.kind = trail.KindLog
	case errors.Is(err, trail.ErrDigest):
		t.kind, t.err = trail.KindDigest, nil
	case errors.Is(err, trail.ErrInsight):
		t.kind, t.err = trail.KindInsight, nil
	case (errors.Is(err, trail.ErrNoRecords) || errors.Is(err, trail.ErrNotJSON)) && !expected:
		t.kind, t.err = trail.KindOther, nil
	default:
		t.kind = trail.KindLog
	}
}

// row is the object in the ledger, which was read under a filter.
func (t *tally) row(j job, filter *usage.Filter) usage.ObjectRow {
	row := ledgerRow(j)
	row.Kind, row.Bytes = string(t.kind), t.bytes
	row.Records, row.Filtered, row.Unreadable = t.records, t.filtered, t.unreadable
	row.First, row.Last = t.first, t.last
	if row.ETag == "" {
		row.ETag = t.etag
	}
	if t.filtered > 0 || filter != nil && (t.err != nil || t.unreadable > 0) {
		row.Filter = filter.Line(j.past.Before)
	}
	row.Error = describe(t.err)
	return row
}

// ledgerRow is what the list tells of an object.
func ledgerRow(j job) usage.ObjectRow {
	o := &j.object
	row := usage.ObjectRow{
		Key: o.Key, ETag: o.ETag, Kind: string(o.Kind), Account: o.Account, Region: o.Region, Day: dayOf(o.Day),
		Size: o.Size, ModTime: milliseconds(o.ModTime),
	}
	if l, ok := j.source.(trail.Located); ok {
		row.Key = l.Locate(o.Key)
	}
	return row
}

// maxError bounds the text of an object's error, in bytes.
const maxError = 200

// describe puts an error in one short line without the path of the file, which
// differs from machine to machine, and without anything a terminal would obey.
func describe(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		text = path.Op + ": " + path.Err.Error()
	}
	text = strings.Map(printable, text)
	if text == "" {
		text = "unknown error" // an empty text would say that there was none
	}
	if len(text) > maxError {
		text = strings.ToValidUTF8(text[:maxError], "") + "…"
	}
	return text
}

// printable replaces what is no graphic character of Unicode.
func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return unicode.ReplacementChar
}

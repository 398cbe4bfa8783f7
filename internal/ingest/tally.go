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
	err                           error
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

func (t *tally) row(o trail.Object) usage.ObjectRow {
	return usage.ObjectRow{
		Key: o.Key, ETag: o.ETag,
		Size: o.Size, Bytes: t.bytes, ModTime: milliseconds(o.ModTime),
		Records: t.records, Filtered: t.filtered, Unreadable: t.unreadable,
		Error: describe(t.err),
	}
}

func (t *tally) delivery(o trail.Object) usage.Delivery {
	d := usage.Delivery{
		Account: o.Account, Region: o.Region, Kind: string(t.kind),
		Day:     dayOf(o.Day),
		Objects: 1, Bytes: max(o.Size, 0),
	}
	if t.err != nil || t.unreadable > 0 {
		d.Unreadable = 1 // what it held is not known in full
	}
	return d
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

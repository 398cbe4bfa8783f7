package ingest

import (
	"context"
	"io"
	"path"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// known reports whether the object need not be read: the ledger has one of the same key,
// size, time and tag. A file has no tag, so that its end is looked at where its name
// is not one that CloudTrail gave it: archives of others may well have the same names
// and, unpacked or generated, the same times.
func (j *job) known(ctx context.Context, ledger *usage.Ledger) bool {
	if j.object.Kind == trail.KindUnreadable {
		return false
	}
	row := ledgerRow(*j)
	j.past = ledger.Look(&row)
	if j.past.Tag && j.tagged() && !j.skipped() {
		if tag, err := j.tag(ctx); err == nil { // else the worker will meet the error and report it
			row.ETag = tag
			j.past = ledger.Look(&row)
		}
	}
	if !j.past.Whole {
		ledger.Settle(&row)
	}
	return j.past.Whole
}

// tagged reports whether a tag of the object's end is part of its row.
func (j job) tagged() bool {
	if j.object.ETag != "" {
		return false
	}
	name := trail.ParseKey(path.Base(j.object.Key))
	return name.Account == "" || name.Day.IsZero()
}

// tag reads the end of an object that is not open.
func (j job) tag(ctx context.Context) (string, error) {
	r, err := j.source.Open(ctx, j.object)
	if err != nil {
		return "", err
	}
	defer r.Close()
	if s, ok := r.(io.Seeker); ok && j.object.Size > tailBytes {
		if _, err := s.Seek(-tailBytes, io.SeekEnd); err != nil {
			return "", err
		}
	}
	var end tail
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		end.add(buf[:n])
		if err == io.EOF {
			return end.tag(), nil
		}
		if err != nil {
			return "", err
		}
	}
}

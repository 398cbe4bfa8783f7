package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"path"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/trail/digest"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// reportEvery is the number of records between two updates of the meter.
const reportEvery = 1024

// worker reads objects one after the other into one builder.
type worker struct {
	builder  *usage.Builder
	decoder  *trail.Decoder
	limits   trail.Limits
	filter   *filter
	lane     func(*trail.Event) string
	meter    *meter
	record   usage.Record // reused from event to event
	digests  *Digests
	names    *Names
	sum      hash.Hash // with Options.Verify; nil otherwise
	job      *job      // whose object is read
	replaces func(day int32) bool
	spool    *usage.Spool
	room     int64 // for the builder, in bytes; 0: no bound
}

// run reads until there are no jobs left, or it is told to stop: then more is true. Only the end of ctx and
// a full disk are errors.
func (w *worker) run(ctx context.Context, jobs <-chan job, stop <-chan struct{}) (more bool, err error) {
	for {
		var j job
		select {
		case <-stop:
			return true, nil
		case j, more = <-jobs:
			if !more {
				return false, nil
			}
		}
		tally, err := w.object(ctx, j)
		if err != nil {
			return false, err
		}
		if tally.kind == trail.KindLog {
			w.names.Add(j.object.Key)
			if w.sum != nil && tally.err == nil {
				w.digests.AddLog(j.object.Key, [sha256.Size]byte(w.sum.Sum(nil)))
			}
		}
		w.builder.AddObject(tally.row(j, w.filter.stored))
		w.meter.objectsDone.Add(1)
		if err := w.spill(); err != nil {
			return false, err
		}
	}
}

// spill makes room where the builder has come to its bound.
func (w *worker) spill() error {
	if w.room <= 0 || w.builder.Size() < w.room {
		return nil
	}
	return w.spool.Spill(w.builder)
}

// object reads one object, or passes over it when its kind says that it holds no
// records.
func (w *worker) object(ctx context.Context, j job) (tally, error) {
	t := tally{kind: j.object.Kind, err: j.object.Err}
	if j.object.Kind == trail.KindDigest && !j.named() {
		err := w.digest(ctx, &t, j)
		return t, err
	}
	if j.skipped() {
		w.meter.bytesDone.Add(max(j.object.Size, 0))
		return t, nil
	}
	r, err := j.open(ctx)
	if err != nil {
		t.err = err
		w.meter.bytesDone.Add(max(j.object.Size, 0))
		return t, context.Cause(ctx)
	}
	defer r.Close()
	// A read that hangs ends when its file is closed.
	defer context.AfterFunc(ctx, func() { r.Close() })()
	c := &counter{r: r, meter: w.meter, left: j.object.Size, end: ctx.Done()}
	if err := w.decode(ctx, &t, c, j); err != nil {
		return t, err
	}
	if j.tagged() {
		t.etag = c.tag()
	}
	return t, nil
}

// digest reads a digest file.
func (w *worker) digest(ctx context.Context, t *tally, j job) error {
	r, err := j.open(ctx)
	if err != nil {
		t.err = err
		return context.Cause(ctx)
	}
	defer r.Close()
	defer context.AfterFunc(ctx, func() { r.Close() })()
	stored, err := io.ReadAll(io.LimitReader(r, digest.MaxContent+1))
	w.meter.bytesDone.Add(int64(len(stored)))
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if t.err = err; err == nil && w.names.addNew(j.object.Key) { // copies are one digest
		_ = w.digests.AddDigest(j.object.Key, stored) // digests/ counts it
	}
	return nil
}

// decode counts the records of one open object.
func (w *worker) decode(ctx context.Context, t *tally, r *counter, j job) error {
	defer r.close()
	in := newContent(r, j, w.limits)
	defer in.close()
	w.decoder.Reset(in)
	w.job = &j
	if w.sum != nil {
		w.sum.Reset()
		w.decoder.HashTo(w.sum)
	}
	var reported tally
	report := func() {
		t.bytes = w.decoder.Bytes()
		w.meter.decompressed.Add(t.bytes - reported.bytes)
		w.meter.records.Add(t.records - reported.records)
		reported = *t
	}
	for w.decoder.Next() {
		w.event(t, w.decoder.Event())
		if t.records%reportEvery == 0 {
			report()
			if err := w.spill(); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx) // rather than what the closed file made of the object
	}
	t.unreadable = int64(w.decoder.Skipped())
	t.records += t.unreadable
	t.end(w.decoder.Err(), j.expected())
	report()
	return nil
}

// event counts one record.
func (w *worker) event(t *tally, e *trail.Event) {
	t.records++
	t.see(milliseconds(e.Time))
	past := &w.job.past
	before := past.Before.Has(e.Time)
	switch {
	case !w.filter.keepsPlace(e) || !before && !w.filter.keepsTime(e.Time):
		t.filtered++
		return
	case before && !past.Broken && !(past.Again && w.replaces(dayOf(e.Time))):
		return // the dataset has it
	}
	fill(&w.record, e)
	if w.lane != nil {
		w.record.Lane = w.lane(e)
	}
	if e.ID == "" && e.SharedID == "" {
		w.record.EventID = w.makeID(t, e)
	}
	w.builder.Add(&w.record)
}

// makeID makes an id for a record without one, so that it counts once when its object is
// read again: of the object's name, its place in it, and what it says.
func (w *worker) makeID(t *tally, e *trail.Event) string {
	h := sha256.New()
	place := t.records + int64(w.decoder.Skipped())
	fmt.Fprintf(h, "%s\x00%d\x00%d\x00%s\x00%s\x00%s\x00%s\x00", path.Base(w.job.object.Key), place, milliseconds(e.Time),
		e.Source, e.Name, e.Identity.PrincipalID, e.Identity.ARN)
	h.Write(e.RequestParameters)
	h.Write(e.ResponseElements)
	return "made-" + hex.EncodeToString(h.Sum(nil)[:16])
}

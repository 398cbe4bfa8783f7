package ingest

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// Run reads the log objects of all sources, but those that the ledger has, and hands
// what it read to take: at the end, and before where o.Every says so. An object that
// cannot be read is a row of the batch with its error, and what could be read of it
// counts; only a source that cannot be listed, a full disk, an error of take and the
// end of ctx fail the run.
//
// When ctx ends, Run returns its error at once, or when take has returned. Workers end
// at their next record or read; one that hangs in a read of stdin is left behind.
func Run(ctx context.Context, sources []trail.Source, o Options, take func(*usage.Batch) error) error {
	r := &reading{o: &o, meter: newMeter(o.Progress), take: take, digests: NewDigests(o.Keys)}
	defer r.meter.stop()
	r.digests.Resume(o.Listed, o.Chains)
	if o.Names == nil {
		o.Names = NewNames()
	}
	done := make(chan error, 1)
	go func() { done <- r.all(ctx, sources) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		r.taking.Lock()
		r.over = true
		r.taking.Unlock()
		return context.Cause(ctx)
	}
}

// reading is a run.
type reading struct {
	o       *Options
	meter   *meter
	digests *Digests
	take    func(*usage.Batch) error
	taking  sync.Mutex // held while take is called
	over    bool       // the run has ended, and take is not to be called
}

// all lists the sources and reads what they list, round by round.
func (r *reading) all(ctx context.Context, sources []trail.Source) error {
	group, ctx := errgroup.WithContext(ctx)
	room := 4 * r.o.workers()
	listed, jobs := make(chan job, room), make(chan job, room)
	group.Go(func() error {
		defer close(listed)
		return list(ctx, sources, r.o.Ledger, r.meter, listed)
	})
	group.Go(func() error {
		defer close(jobs)
		return prefetch(ctx, r.o.ahead(), listed, jobs)
	})
	group.Go(func() error {
		for more := true; more; {
			var err error
			if more, err = r.round(ctx, jobs); err != nil {
				return err
			}
		}
		return nil
	})
	return group.Wait()
}

// round reads until there are no jobs left, or for as long as a round is, each worker
// into its own builder, and hands on what was read.
func (r *reading) round(ctx context.Context, jobs <-chan job) (more bool, err error) {
	spool, clean, err := r.spool()
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, clean()) }()
	stop := make(chan struct{})
	if r.o.Every > 0 {
		defer time.AfterFunc(r.o.Every, func() { close(stop) }).Stop()
	}
	builders := make([]*usage.Builder, r.o.workers())
	group, groupCtx := errgroup.WithContext(ctx)
	var left atomic.Bool
	shared := newFilter(r.o.Filter)
	for i := range builders {
		builders[i] = usage.NewBuilder()
		w := r.worker(builders[i], shared, spool)
		group.Go(func() error {
			more, err := w.run(groupCtx, jobs, stop)
			if more {
				left.Store(true)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return false, err
	}
	return left.Load(), r.handOn(ctx, spool, builders, left.Load())
}

func (r *reading) worker(b *usage.Builder, shared *filter, spool *usage.Spool) *worker {
	w := &worker{
		builder: b, decoder: trail.NewDecoder(r.o.Limits), limits: r.o.Limits, filter: shared, lane: r.o.Lane,
		meter: r.meter, digests: r.digests, names: r.o.Names, replaces: r.o.Replaces,
		spool: spool, room: r.o.Memory / int64(r.o.workers()),
	}
	if r.o.Verify {
		w.sum = sha256.New()
	}
	return w
}

// spool makes room for what does not fit in memory in one round.
func (r *reading) spool() (s *usage.Spool, clean func() error, err error) {
	if r.o.Memory <= 0 {
		return nil, func() error { return nil }, nil
	}
	dir, err := os.MkdirTemp(r.o.Scratch, "spool-*")
	if err != nil {
		return nil, nil, err
	}
	return usage.NewSpool(dir), func() error { return os.RemoveAll(dir) }, nil
}

// handOn hands on what a round has read.
func (r *reading) handOn(ctx context.Context, spool *usage.Spool, builders []*usage.Builder, more bool) error {
	batch, err := usage.GatherSpooled(spool, builders...)
	if err != nil {
		return err
	}
	batch.More = more
	batch.Filter, batch.Known, batch.Replaces = r.o.Filter.Stored(), r.meter.objectsKnown.Load(), r.o.Replaces
	found := r.digests.Finish(r.o.Names.has)
	batch.Digests = &usage.DigestBatch{Rows: found.Rows, Listed: found.Listed, Chains: found.Chains}
	r.digests = r.digests.next(r.o.Keys, &found)
	r.taking.Lock()
	defer r.taking.Unlock()
	if r.over || ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return r.take(batch)
}

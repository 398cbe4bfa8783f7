package ingest

import (
	"context"
	"crypto/sha256"

	"golang.org/x/sync/errgroup"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// Run reads the log objects of all sources, but those that the ledger has. An object
// that cannot be read is a row of the batch with its error, and what could be read
// of it counts; only a source that cannot be listed and the end of ctx fail the
// run.
//
// When ctx ends, Run returns its error at once. Workers end at their next
// record or read; one that hangs in a read of stdin is left behind.
func Run(ctx context.Context, sources []trail.Source, o Options) (*usage.Batch, error) {
	meter := newMeter(o.Progress)
	defer meter.stop()
	builders := make([]*usage.Builder, o.workers())
	digests := NewDigests(o.Keys)
	digests.Resume(o.Listed, o.Chains)
	if o.Names == nil {
		o.Names = NewNames()
	}
	done := make(chan error, 1)
	go func() { done <- readAll(ctx, sources, &o, meter, builders, digests) }()
	select {
	case err := <-done:
		if err != nil {
			return nil, err
		}
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	batch, err := usage.GatherSpooled(o.Spool, builders...)
	if err != nil {
		return nil, err
	}
	batch.Filter, batch.Known = o.Filter.Stored(), meter.objectsKnown.Load()
	found := digests.Finish(o.Names.has)
	batch.Digests = &usage.DigestBatch{Rows: found.Rows, Listed: found.Listed, Chains: found.Chains}
	return batch, nil
}

// readAll lists the sources and reads what they list, each worker into its own
// builder.
func readAll(ctx context.Context, sources []trail.Source, o *Options, m *meter, builders []*usage.Builder, digests *Digests) error {
	group, ctx := errgroup.WithContext(ctx)
	listed, jobs := make(chan job, 4*len(builders)), make(chan job, 4*len(builders))
	group.Go(func() error {
		defer close(listed)
		return list(ctx, sources, o.Ledger, m, listed)
	})
	group.Go(func() error {
		defer close(jobs)
		return prefetch(ctx, o.ahead(), listed, jobs)
	})
	shared := newFilter(o.Filter)
	for i := range builders {
		builders[i] = usage.NewBuilder()
		w := &worker{builder: builders[i], decoder: trail.NewDecoder(o.Limits), limits: o.Limits, filter: shared, lane: o.Lane, meter: m, spool: o.Spool, room: o.Memory / int64(len(builders))}
		w.digests, w.names = digests, o.Names
		if o.Verify {
			w.sum = sha256.New()
		}
		group.Go(func() error { return w.run(ctx, jobs) })
	}
	return group.Wait()
}

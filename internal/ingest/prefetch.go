package ingest

import (
	"context"
	"io"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/tighten-iam/tighten/pkg/trail"
)

// aheadBytes bounds by default the objects that are open ahead of the workers, by their
// stored size: what they may take of memory, whatever the number of objects in flight.
const aheadBytes = 256 << 20

// prefetch opens the objects of sources across a network ahead of the workers, many
// at a time, and passes all others on as they are. It ends with its input.
//
// Workers are as many as there are CPUs and wait for nothing but bytes to decode;
// the goroutines here wait for the network and do nothing else. Objects reach the
// workers in the order they arrive, which the table does not depend on.
func prefetch(ctx context.Context, ahead int64, listed <-chan job, jobs chan<- job) error {
	p := &prefetcher{jobs: jobs, ahead: ahead, budget: semaphore.NewWeighted(ahead)}
	defer p.running.Wait()
	for j := range listed {
		if err := p.pass(ctx, j); err != nil {
			return err
		}
	}
	return nil
}

type prefetcher struct {
	jobs    chan<- job
	ahead   int64
	budget  *semaphore.Weighted // bytes of open objects
	running sync.WaitGroup
	places  map[trail.Source]chan struct{} // of objects in flight, by source
}

func (p *prefetcher) pass(ctx context.Context, j job) error {
	source, remote := j.source.(trail.Prefetcher)
	if !remote || j.skipped() {
		return p.send(ctx, j)
	}
	place := p.placesOf(source)
	select {
	case place <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	size := min(max(j.object.Size, 0), p.ahead)
	if err := p.budget.Acquire(ctx, size); err != nil {
		return context.Cause(ctx)
	}
	p.running.Go(func() {
		defer func() { <-place }()
		r, err := j.source.Open(ctx, j.object)
		j.opened = &opened{r: r, err: err, release: sync.OnceFunc(func() { p.budget.Release(size) })}
		if p.send(ctx, j) != nil {
			j.opened.Close()
		}
	})
	return nil
}

func (p *prefetcher) placesOf(source trail.Prefetcher) chan struct{} {
	if p.places == nil {
		p.places = map[trail.Source]chan struct{}{}
	}
	if p.places[source] == nil {
		p.places[source] = make(chan struct{}, max(1, source.Prefetch()))
	}
	return p.places[source]
}

func (p *prefetcher) send(ctx context.Context, j job) error {
	select {
	case p.jobs <- j:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// opened is what came of opening an object ahead.
type opened struct {
	r       io.ReadCloser // nil with err
	err     error
	release func() // of its share of the budget
}

// Read implements io.Reader.
func (o *opened) Read(b []byte) (int, error) { return o.r.Read(b) }

// Close gives back what the object takes.
func (o *opened) Close() error {
	defer o.release()
	if o.r == nil {
		return nil
	}
	return o.r.Close()
}

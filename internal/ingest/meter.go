package ingest

import (
	"sync/atomic"
	"time"
)

// progressEvery is the least time between two calls of Options.Progress.
const progressEvery = 100 * time.Millisecond

// meter counts what the workers do and reports it from a goroutine of its own.
type meter struct {
	objects, objectsDone  atomic.Int64
	objectsKnown          atomic.Int64
	bytes, bytesDone      atomic.Int64
	decompressed, records atomic.Int64
	listingDone           atomic.Bool

	end, ended chan struct{}
}

// newMeter starts reporting, if there is whom to report to.
func newMeter(report func(Progress)) *meter {
	m := &meter{end: make(chan struct{}), ended: make(chan struct{})}
	if report == nil {
		close(m.ended)
		return m
	}
	go func() {
		defer close(m.ended)
		ticker := time.NewTicker(progressEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				report(m.progress())
			case <-m.end:
				report(m.progress())
				return
			}
		}
	}()
	return m
}

// stop makes the last report and waits for it.
func (m *meter) stop() {
	close(m.end)
	<-m.ended
}

// listed counts an object that is to be read. Its size is -1 when unknown.
func (m *meter) listed(size int64) {
	m.objects.Add(1)
	m.bytes.Add(max(size, 0))
}

// known counts an object that was listed and need not be read.
func (m *meter) known(size int64) {
	m.bytes.Add(-max(size, 0)) // they are not read, and would make the rate what it is not
	m.objectsKnown.Add(1)
	m.objectsDone.Add(1)
}

func (m *meter) progress() Progress {
	return Progress{
		// What is done is read before what there is, so that it is never more.
		ObjectsDone:  m.objectsDone.Load(),
		ObjectsKnown: m.objectsKnown.Load(),
		BytesDone:    m.bytesDone.Load(),
		ListingDone:  m.listingDone.Load(),
		Objects:      m.objects.Load(),
		Bytes:        m.bytes.Load(),
		Decompressed: m.decompressed.Load(),
		Records:      m.records.Load(),
	}
}

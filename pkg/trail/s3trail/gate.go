package s3trail

import (
	"context"
	"sync"
	"time"
)

// The number of objects fetched at a time. S3 takes 5,500 a second of one prefix, so
// that some hundred small ones are in flight before it asks to slow down; servers of
// other kinds may take very few.
const (
	minFlight   = 2
	startFlight = 64
	maxFlight   = 256
)

// calm is the least time between two reductions: the requests that are refused
// together say one thing, not many.
const calm = 250 * time.Millisecond

// gate bounds how many objects are fetched at a time: one more with every full round
// of fetches that go well, a third less when the server asks to slow down.
type gate struct {
	mu      sync.Mutex
	limit   float64
	flying  int
	waiting []chan struct{} // first come, first served
	slowed  time.Time
}

func newGate() *gate { return &gate{limit: startFlight} }

// enter waits for a place. Each success is followed by one leave.
func (g *gate) enter(ctx context.Context) error {
	g.mu.Lock()
	if len(g.waiting) == 0 && g.flying < int(g.limit) {
		g.flying++
		g.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	g.waiting = append(g.waiting, turn)
	g.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		g.abandon(turn)
		return ctx.Err()
	}
}

// abandon takes a waiter out, or gives back the place that it was just given.
func (g *gate) abandon(turn chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, other := range g.waiting {
		if other == turn {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			return
		}
	}
	g.flying--
	g.admit()
}

// leave gives a place back.
func (g *gate) leave(ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.flying--
	if ok {
		g.limit = min(maxFlight, g.limit+1/g.limit)
	}
	g.admit()
}

func (g *gate) admit() {
	for len(g.waiting) > 0 && g.flying < int(g.limit) {
		close(g.waiting[0])
		g.waiting = g.waiting[1:]
		g.flying++
	}
}

// slow is told that the server asked to slow down.
func (g *gate) slow(now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Sub(g.slowed) < calm {
		return
	}
	g.slowed = now
	g.limit = max(minFlight, g.limit*2/3)
}

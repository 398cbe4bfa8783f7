package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/trail"
)

// distant is a source across a made-up network.
type distant struct {
	memory
	places int

	mu               sync.Mutex
	open, most       int
	bytes, mostBytes int64
	sizes            int64        // listed for every object, unless 0
	closed           atomic.Int64 // objects
	hang             bool
}

func (d *distant) Prefetch() int { return d.places }

func (d *distant) List(ctx context.Context, fn func(trail.Object) error) error {
	return d.memory.List(ctx, func(o trail.Object) error {
		if d.sizes != 0 {
			o.Size = d.sizes
		}
		return fn(o)
	})
}

func (d *distant) Open(ctx context.Context, o trail.Object) (io.ReadCloser, error) {
	d.count(1, o.Size)
	if d.hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	time.Sleep(time.Millisecond)
	r, err := d.memory.Open(ctx, o)
	if err != nil {
		d.count(-1, -o.Size)
		return nil, err
	}
	return &watched{r, sync.OnceFunc(func() {
		d.closed.Add(1)
		d.count(-1, -o.Size)
	})}, nil
}

func (d *distant) count(n int, size int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open += n
	d.bytes += size
	d.most, d.mostBytes = max(d.most, d.open), max(d.mostBytes, d.bytes)
}

type watched struct {
	io.ReadCloser
	closed func()
}

func (w *watched) Close() error {
	w.closed()
	return w.ReadCloser.Close()
}

func objects(t *testing.T, n int) (m memory) {
	for i, r := range many(n) {
		m = append(m, stored{key: delivered(i), content: zip(t, object(t, r))})
	}
	return m
}

// TestPrefetch: what comes across a network makes the same table, is open many at a
// time, and is closed.
func TestPrefetch(t *testing.T) {
	m := objects(t, 200)
	m = append(m, stored{key: "broken/x.json", err: errors.New("gone")}, stored{key: "y.csv"}, stored{key: "z.json", content: []byte("{")})
	want, err := read(context.Background(), Options{Workers: 2}, m)
	if err != nil {
		t.Fatal(err)
	}
	d := &distant{memory: m, places: 20}
	got, err := read(context.Background(), Options{Workers: 2}, d)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Table(), want.Table()) {
		t.Errorf("tables differ:\n%+v\n%+v", got.Stats(), want.Stats())
	}
	if d.most < 10 {
		t.Errorf("%d objects open at a time, of 20 that may be", d.most)
	}
	if d.open != 0 || d.closed.Load() != 201 {
		t.Errorf("%d objects left open, %d closed", d.open, d.closed.Load())
	}
}

// TestPrefetchBytes: the objects that are open ahead are bounded by their size, and
// one that is larger than the bound is still read.
func TestPrefetchBytes(t *testing.T) {
	for _, size := range []int64{aheadBytes / 4, 3 * aheadBytes} {
		d := &distant{memory: objects(t, 40), places: 20, sizes: size}
		table, err := read(context.Background(), Options{Workers: 2}, d)
		if err != nil || table.Stats().Records != 40 {
			t.Fatalf("%+v, %v", table, err)
		}
		if most := max(aheadBytes, size); d.mostBytes > most {
			t.Errorf("%d bytes open at a time, at most %d wanted", d.mostBytes, most)
		}
	}
}

// TestPrefetchMixed reads sources of both kinds, a named one among them.
func TestPrefetchMixed(t *testing.T) {
	var all []trail.Source
	for i := range 4 {
		m := memory{{key: fmt.Sprintf("%d.json", i), content: object(t, record(fmt.Sprint(i), nil))}}
		if all = append(all, m); i%2 == 0 {
			all[i] = &distant{memory: m, places: 1}
		}
	}
	stdin, err := trail.NewStdin(bytes.NewReader(object(t, record("s", nil))))
	if err != nil {
		t.Fatal(err)
	}
	table, err := read(context.Background(), Options{Workers: 3}, append(all, stdin)...)
	if err != nil || table.Stats().Records != 5 || table.Stats().ObjectsUnreadable != 0 {
		t.Errorf("%+v, %v", table, err)
	}
}

// TestPrefetchCanceled ends while all places wait for the network.
func TestPrefetchCanceled(t *testing.T) {
	d := &distant{memory: objects(t, 50), places: 4, hang: true}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := read(ctx, Options{Workers: 2}, d); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

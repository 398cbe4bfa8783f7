// Package trailtest is the conformance suite of trail.Source: what ingestion relies
// on, tested the same way for every implementation.
package trailtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tighten-iam/tighten/pkg/trail"
)

// Suite describes an implementation.
type Suite struct {
	// New makes a source that holds exactly these objects, by key.
	New func(t *testing.T, objects map[string][]byte) trail.Source
	// Single says that the source holds one object, of whatever key it has.
	Single bool
	// Once says that an object can be opened once only.
	Once bool
}

// Run runs the suite.
func Run(t *testing.T, s Suite) {
	for name, test := range map[string]func(*testing.T, Suite){
		"order":      testOrder,
		"content":    testContent,
		"again":      testAgain,
		"stop":       testStop,
		"context":    testContext,
		"not listed": testNotListed,
		"concurrent": testConcurrent,
	} {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
}

// objects are keys whose byte order differs from a folder-by-folder walk.
func (s Suite) objects() map[string][]byte {
	l := []string{
		"AWSLogs/111122223333/CloudTrail/us-east-1/2024/01/15/111122223333_CloudTrail_us-east-1_20240115T1815Z_a.json.gz",
		"AWSLogs/111122223333/CloudTrail/us-east-1/2024/01/15/111122223333_CloudTrail_us-east-1_20240115T1820Z_b.json.gz",
		"AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2024/01/15/d.json.gz",
		"a.json", "a/b.json", "a-b/c.json", "a/b/c.csv", "empty.json", "ä b/%41+.json", ".hidden/x.json", "z.json",
	}
	if s.Single {
		l = l[:1]
	}
	m := map[string][]byte{}
	for _, key := range l {
		m[key] = []byte(`{"Records":[{"eventSource":"s3.amazonaws.com","eventName":"` + key + `"}]}`)
	}
	if !s.Single {
		m["empty.json"] = nil
	}
	return m
}

func list(t *testing.T, src trail.Source) (l []trail.Object) {
	t.Helper()
	err := src.List(context.Background(), func(o trail.Object) error {
		l = append(l, o)
		return nil
	})
	if err != nil {
		t.Fatalf("List: %v", err)
	}
	return l
}

func testOrder(t *testing.T, s Suite) {
	objects := s.objects()
	var keys []string
	for _, o := range list(t, s.New(t, objects)) {
		keys = append(keys, o.Key)
		if s.Single {
			continue
		}
		if told := trail.ParseKey(o.Key); o.Kind != told.Kind || o.Account != told.Account || o.Region != told.Region || !o.Day.Equal(told.Day) {
			t.Errorf("%s: listed as %+v, but its key tells %+v", o.Key, o, told)
		}
		if o.Size != -1 && o.Size != int64(len(objects[o.Key])) {
			t.Errorf("%s: size %d, want %d", o.Key, o.Size, len(objects[o.Key]))
		}
	}
	want := slices.Sorted(maps.Keys(objects))
	if s.Single {
		if len(keys) != 1 {
			t.Errorf("%d objects, want one", len(keys))
		}
		return
	}
	if !slices.Equal(keys, want) {
		t.Errorf("keys\n got %q\nwant %q", keys, want)
	}
}

func read(src trail.Source, o trail.Object) ([]byte, error) {
	r, err := src.Open(context.Background(), o)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	return b, errors.Join(err, r.Close())
}

func (s Suite) content(objects map[string][]byte, o trail.Object) []byte {
	if s.Single {
		for _, b := range objects {
			return b
		}
	}
	return objects[o.Key]
}

func testContent(t *testing.T, s Suite) {
	objects := s.objects()
	src := s.New(t, objects)
	d := trail.NewDecoder(trail.Limits{})
	for _, o := range list(t, src) {
		got, err := read(src, o)
		if want := s.content(objects, o); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: read %q, %v; want %q", o.Key, got, err, want)
		}
		d.Reset(bytes.NewReader(got))
		if len(got) > 0 && (!d.Next() || d.Err() != nil) {
			t.Errorf("%s: no event: %v", o.Key, d.Err())
		}
	}
}

// testAgain: listing twice is the same; so is opening twice, or it is an error.
func testAgain(t *testing.T, s Suite) {
	objects := s.objects()
	src := s.New(t, objects)
	first, second := list(t, src), list(t, src)
	if !slices.Equal(first, second) {
		t.Errorf("listed again: %v, want %v", second, first)
	}
	for _, o := range first {
		if _, err := read(src, o); err != nil {
			t.Errorf("%s: %v", o.Key, err)
		}
		got, err := read(src, o)
		switch {
		case s.Once && err == nil:
			t.Errorf("%s: opened twice without an error", o.Key)
		case !s.Once && (err != nil || !bytes.Equal(got, s.content(objects, o))):
			t.Errorf("%s: opened again: %q, %v", o.Key, got, err)
		}
	}
}

func testStop(t *testing.T, s Suite) {
	stop := errors.New("stop")
	calls := 0
	err := s.New(t, s.objects()).List(context.Background(), func(trail.Object) error {
		calls++
		return stop
	})
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("List returned %v after %d calls; want the function's error after one", err, calls)
	}
}

func testContext(t *testing.T, s Suite) {
	src := s.New(t, s.objects())
	l := list(t, src)
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	err := src.List(ctx, func(trail.Object) error {
		calls++
		cancel()
		return nil
	})
	if !s.Single && (!errors.Is(err, context.Canceled) || calls != 1) {
		t.Errorf("List returned %v after %d calls; want context.Canceled after one", err, calls)
	}
	if err := src.List(ctx, func(trail.Object) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("List with an ended context: %v", err)
	}
	if r, err := src.Open(ctx, l[0]); !errors.Is(err, context.Canceled) {
		t.Errorf("Open with an ended context: %v, %v", r, err)
	}
}

func testNotListed(t *testing.T, s Suite) {
	src := s.New(t, s.objects())
	for _, key := range []string{"absent.json", "../a.json", "/etc/hosts", "a/../a.json", "a", "", "."} {
		if r, err := src.Open(context.Background(), trail.Object{Key: key}); err == nil {
			r.Close()
			t.Errorf("opened %q, which was not listed", key)
		}
	}
}

func testConcurrent(t *testing.T, s Suite) {
	if s.Once {
		t.Skip("objects of this source are opened once")
	}
	objects := s.objects()
	src := s.New(t, objects)
	var wg sync.WaitGroup
	for _, o := range list(t, src) {
		for range 4 {
			wg.Go(func() {
				if got, err := read(src, o); err != nil || !bytes.Equal(got, s.content(objects, o)) {
					t.Errorf("%s: %q, %v", o.Key, got, err)
				}
			})
		}
	}
	wg.Wait()
	// The keys of a source are its own: none leads out of it.
	for _, o := range list(t, src) {
		if !s.Single && (strings.HasPrefix(o.Key, "/") || strings.Contains(o.Key, "..")) {
			t.Errorf("key %q leads out of the source", o.Key)
		}
	}
}

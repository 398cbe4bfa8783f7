package ingest

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// job is one object to read.
type job struct {
	source trail.Source
	object trail.Object
	opened *opened    // nil: the worker opens it
	past   usage.Past // what the dataset has of the object
}

// open opens the object, unless that is done.
func (j job) open(ctx context.Context) (io.ReadCloser, error) {
	if j.opened == nil {
		return j.source.Open(ctx, j.object)
	}
	if j.opened.err != nil {
		j.opened.Close()
		return nil, j.opened.err
	}
	return j.opened, nil
}

// skipped reports whether the object is passed over: its kind says that it holds
// neither records nor a digest, or it could not be looked into.
func (j job) skipped() bool {
	kind := j.object.Kind
	return kind == trail.KindUnreadable || kind != trail.KindLog && kind != trail.KindDigest && !j.named()
}

// named reports whether the user named this very object, so that it is read
// whatever its name says of its kind.
func (j job) named() bool {
	switch j.source.(type) {
	case *trail.File, *trail.Stdin:
		return true
	}
	return false
}

// expected reports whether the object must hold records: the user named it, or
// it lies where CloudTrail delivers logs.
func (j job) expected() bool {
	o := &j.object
	return j.named() || o.Kind == trail.KindLog && o.Account != "" && !o.Day.IsZero()
}

// list sends every object once, in the order of the sources. A full channel
// holds the listing back.
func list(ctx context.Context, sources []trail.Source, ledger *usage.Ledger, m *meter, jobs chan<- job) error {
	once := newOnce(sources)
	for _, source := range sources {
		again := newRelisted(source, ledger)
		err := source.List(ctx, func(o trail.Object) error {
			j := job{source: source, object: o}
			again.see(j)
			if once.again(ctx, j) {
				return nil
			}
			m.listed(o.Size)
			if j.known(ctx, ledger) {
				m.known(o.Size)
				return nil
			}
			select {
			case jobs <- j:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
		if err != nil {
			return fmt.Errorf("list the log objects: %w", err)
		}
		if err := again.send(ctx, m, jobs); err != nil {
			return err
		}
	}
	m.listingDone.Store(true)
	return nil
}

// once knows the files listed so far, so that one that several arguments lead to
// (twice the same, a folder and a file in it) is read once. Each source by
// itself lists a file once.
type once struct {
	seen map[stamp][]*file // nil: there is only one source
}

// file is a listed file, looked into when another is like it.
type file struct {
	job
	looked bool
	info   fs.FileInfo // nil where it cannot be told
}

// stamp is what two listings of one file have in common, cheap to compare.
type stamp struct {
	size    int64
	modTime time.Time
}

func newOnce(sources []trail.Source) *once {
	if len(sources) < 2 {
		return &once{}
	}
	return &once{map[stamp][]*file{}}
}

// again reports whether the file was listed before. Files are opened to tell
// only if one of equal size and time was.
func (s *once) again(ctx context.Context, j job) bool {
	if s.seen == nil || j.object.Size < 0 || !local(j.source) {
		return false
	}
	key, f := stamp{j.object.Size, j.object.ModTime.UTC()}, &file{job: j}
	for _, other := range s.seen[key] {
		if other.source != j.source && other.same(ctx, f) {
			return true
		}
	}
	s.seen[key] = append(s.seen[key], f)
	return false
}

// local reports whether the objects of a source are files.
func local(source trail.Source) bool {
	switch source.(type) {
	case *trail.Dir, *trail.File, *trail.Glob:
		return true
	}
	return false
}

func (f *file) same(ctx context.Context, other *file) bool {
	a, b := f.stat(ctx), other.stat(ctx)
	return a != nil && b != nil && os.SameFile(a, b)
}

func (f *file) stat(ctx context.Context) fs.FileInfo {
	if f.looked {
		return f.info
	}
	f.looked = true
	r, err := f.source.Open(ctx, f.object)
	if err != nil {
		return nil // the worker will meet the error and report it
	}
	defer r.Close()
	if open, ok := r.(fs.File); ok {
		f.info, _ = open.Stat()
	}
	return f.info
}

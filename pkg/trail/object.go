package trail

import (
	"context"
	"io"
	"time"
)

// ObjectKind tells delivered log objects from what lies beside them.
type ObjectKind string

// The kinds that object names tell. Only KindLog is meant to be decoded; the others
// are listed so that callers can count what they leave out.
const (
	KindLog     ObjectKind = "log"
	KindDigest  ObjectKind = "digest"  // CloudTrail-Digest
	KindInsight ObjectKind = "insight" // CloudTrail-Insight
	KindOther   ObjectKind = "other"   // not a log by its name (.csv, .txt, …), or no regular file
	KindHidden  ObjectKind = "hidden"  // a name or folder that starts with "."
	// KindUnreadable is an entry that could not be looked into: a directory without
	// permission, a dangling link, a link to a folder above itself. Object.Err says why.
	KindUnreadable ObjectKind = "unreadable"
)

// Object is one log object of a source.
type Object struct {
	Key     string // the path or key as listed, '/'-separated, relative to its source
	Size    int64  // bytes; -1 unknown (stdin, pipes)
	ModTime time.Time
	ETag    string // the store's content tag; "" where it has none (files)
	Kind    ObjectKind
	// From the delivery layout; "" and zero where the name does not tell.
	Account, Region string
	Day             time.Time // delivery day, UTC midnight
	Err             error     // with KindUnreadable: why; nil otherwise
}

// Source lists and opens log objects. An implementation passes the suite of
// trailtest, and its Open may be called by several goroutines at once.
type Source interface {
	// List calls fn for each object, in byte order of the keys, until fn fails or
	// ctx ends, and returns that error. What cannot be looked into is listed as
	// KindUnreadable and does not end the list.
	List(ctx context.Context, fn func(Object) error) error
	// Open opens an object listed before. The caller closes it.
	Open(ctx context.Context, o Object) (io.ReadCloser, error)
}

// Prefetcher is a Source across a network: its Open waits for the object, of which
// many are therefore to be opened at a time, ahead of those who read them.
type Prefetcher interface {
	Source
	// Prefetch is the number of objects that may be open or waited for at a time.
	Prefetch() int
}

// Located is a Source whose objects have a name of their own beside their key, the same
// wherever they are read from.
type Located interface {
	Source
	// Locate is the object's name, such as s3://BUCKET/KEY.
	Locate(key string) string
}

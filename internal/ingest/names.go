package ingest

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/trail/digest"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// Names are those of log objects that were read, as digests know them: without their
// folders. It takes about 20 bytes for each, and may be used by several goroutines.
type Names struct {
	mu  sync.Mutex
	set map[uint64]struct{}
}

// NewNames returns an empty set.
func NewNames() *Names { return &Names{set: map[uint64]struct{}{}} }

// Add adds an object by its key.
func (n *Names) Add(key string) {
	h := nameOf(digest.Base(key))
	n.mu.Lock()
	n.set[h] = struct{}{}
	n.mu.Unlock()
}

// AddRow adds an object of a dataset, unless it is to be read again.
func (n *Names) AddRow(o *usage.ObjectRow) {
	if o.Kind != string(trail.KindDigest) || o.Error == "" {
		n.Add(o.Key)
	}
}

// addNew adds an object and reports whether its name is new.
func (n *Names) addNew(key string) bool {
	h := nameOf(digest.Base(key))
	n.mu.Lock()
	defer n.mu.Unlock()
	_, known := n.set[h]
	n.set[h] = struct{}{}
	return !known
}

func (n *Names) has(base string) bool {
	h := nameOf(base)
	n.mu.Lock()
	defer n.mu.Unlock()
	_, ok := n.set[h]
	return ok
}

func nameOf(base string) uint64 {
	sum := sha256.Sum256([]byte(base))
	return binary.BigEndian.Uint64(sum[:])
}

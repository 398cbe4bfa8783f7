package ingest

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"

	"github.com/tighten-iam/tighten/pkg/trail/digest"
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

package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
)

// counter counts the stored bytes that are read of an object, and fails once the
// run has ended.
type counter struct {
	r     io.Reader
	meter *meter
	left  int64 // of the size that was listed
	end   <-chan struct{}
	tail  tail
}

// Read implements io.Reader.
func (c *counter) Read(p []byte) (int, error) {
	select {
	case <-c.end:
		return 0, context.Canceled
	default:
	}
	n, err := c.r.Read(p)
	c.tail.add(p[:n])
	c.left -= int64(n)
	c.meter.bytesDone.Add(int64(n))
	return n, err
}

// close counts what was listed and not read as done, so that the figures of a
// progress bar meet.
func (c *counter) close() {
	if c.left > 0 {
		c.meter.bytesDone.Add(c.left)
	}
}

// tail is the end of a stream of bytes.
type tail struct {
	last [tailBytes]byte
	len  int
}

// tailBytes is how much of a file's end its tag is made of. It covers a gzip member's
// checksum and length.
const tailBytes = 64

func (t *tail) add(p []byte) {
	if len(p) >= tailBytes {
		t.len = copy(t.last[:], p[len(p)-tailBytes:])
		return
	}
	keep := min(t.len, tailBytes-len(p))
	copy(t.last[:], t.last[t.len-keep:t.len])
	t.len = keep + copy(t.last[keep:], p)
}

// tag is a content tag of files, which have none: equal files have equal ones.
func (t *tail) tag() string {
	sum := sha256.Sum256(t.last[:t.len])
	return "tail-" + hex.EncodeToString(sum[:8])
}

// tag is the content tag of an object that was read. Of a file the end is looked at:
// it may have been read in another order.
func (c *counter) tag() string {
	size, ok := c.sized()
	if !ok {
		return c.tail.tag()
	}
	f, _ := c.r.(*os.File)
	var end tail
	p := make([]byte, min(size, tailBytes))
	if _, err := f.ReadAt(p, size-int64(len(p))); err != nil {
		return "" // it has changed meanwhile, and will be read again
	}
	end.add(p)
	return end.tag()
}

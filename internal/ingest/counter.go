package ingest

import (
	"context"
	"io"
)

// counter counts the stored bytes that are read of an object, and fails once the
// run has ended.
type counter struct {
	r     io.Reader
	meter *meter
	left  int64 // of the size that was listed
	end   <-chan struct{}
}

// Read implements io.Reader.
func (c *counter) Read(p []byte) (int, error) {
	select {
	case <-c.end:
		return 0, context.Canceled
	default:
	}
	n, err := c.r.Read(p)
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

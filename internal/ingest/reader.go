package ingest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/trail/ocsf"
)

const (
	// spoolMost is how much of a Parquet object is held in memory, in bytes, where it
	// comes from what can't be read at any place; what is larger goes to a temporary
	// file.
	spoolMost = 32 << 20
	// spoolSlack is how much a compressed one may grow to before MaxRatio is looked at.
	spoolSlack = 1 << 20
)

// content is what the decoder reads of an object: the object itself, or the records
// that a Parquet file of Security Lake was made of. Which it is its first bytes tell.
type content struct {
	in     *counter
	limits trail.Limits
	size   int64 // as listed, -1 unknown
	hinted bool  // may be a Parquet file that somebody has compressed once more

	body  io.Reader
	spool *os.File
}

// newContent prepares to read an open object.
func newContent(in *counter, j job, l trail.Limits) *content {
	if l.MaxObject <= 0 {
		l.MaxObject = trail.DefaultMaxObject
	}
	if l.MaxRatio <= 0 {
		l.MaxRatio = trail.DefaultMaxRatio
	}
	// Looking into each compressed object would cost more than small ones cost at all.
	hinted := j.named() || strings.Contains(j.object.Key, ".parquet")
	return &content{in: in, limits: l, size: j.object.Size, hinted: hinted}
}

// Read implements io.Reader.
func (c *content) Read(p []byte) (int, error) {
	if c.body != nil {
		return c.body.Read(p)
	}
	n, err := c.in.Read(p)
	head := p[:n]
	switch {
	case n == 0:
		return n, err
	case n < len(ocsf.Magic):
		head, err = c.fill(bytes.Clone(head), err)
	}
	switch {
	case bytes.HasPrefix(head, []byte(ocsf.Magic)):
		c.body, err = c.columnar(c.again(head, err))
	case c.hinted && bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		c.body, err = c.unpacked(c.again(head, err))
	case n == len(head):
		c.body = c.in
		return n, err
	default:
		c.body, err = c.again(head, err), nil
	}
	if err != nil {
		c.body = failing{err}
	}
	return c.body.Read(p)
}

// fill reads on until the first bytes tell what they are.
func (c *content) fill(head []byte, err error) ([]byte, error) {
	var b [1]byte
	for err == nil && len(head) < len(ocsf.Magic) {
		var n int
		n, err = c.in.Read(b[:])
		head = append(head, b[:n]...)
	}
	return head, err
}

// again is the object from its beginning; err is what ended reading its head.
func (c *content) again(head []byte, err error) io.Reader {
	head = bytes.Clone(head)
	if err != nil {
		return io.MultiReader(bytes.NewReader(head), failing{err})
	}
	return io.MultiReader(bytes.NewReader(head), c.in)
}

// failing is a reader that has ended.
type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) { return 0, f.err }

// columnar reads a Parquet file, of which all is the content. A file is read in place.
func (c *content) columnar(all io.Reader) (io.Reader, error) {
	if size, ok := c.in.sized(); ok {
		return ocsf.NewReader(c.in, size, c.limits)
	}
	return c.spooled(all, c.limits.MaxObject)
}

// unpacked looks into a gzip object: it is a Parquet file, or what it was.
func (c *content) unpacked(all io.Reader) (io.Reader, error) {
	var raw bytes.Buffer
	first := bufio.NewReader(io.TeeReader(all, &raw))
	if z, err := gzip.NewReader(first); err == nil {
		head := make([]byte, len(ocsf.Magic))
		if _, err := io.ReadFull(z, head); err == nil && string(head) == ocsf.Magic {
			rest := io.MultiReader(bytes.NewReader(head), z)
			return c.spooled(rest, min(c.limits.MaxObject, c.inflated()))
		}
	}
	return io.MultiReader(&raw, all), nil
}

// inflated bounds what a gzip object may decompress to.
func (c *content) inflated() int64 {
	if c.size < 0 || c.size > c.limits.MaxObject {
		return c.limits.MaxObject
	}
	return min(c.limits.MaxObject, spoolSlack+c.limits.MaxRatio*c.size)
}

// spooled reads a Parquet file of at most so many bytes that has to be read in order.
func (c *content) spooled(all io.Reader, most int64) (io.Reader, error) {
	all = io.LimitReader(all, most+1)
	var held bytes.Buffer
	n, err := io.Copy(&held, io.LimitReader(all, spoolMost))
	if err != nil {
		return nil, err
	}
	var at io.ReaderAt = bytes.NewReader(held.Bytes())
	if n == spoolMost {
		if c.spool, err = os.CreateTemp("", "tighten-*.parquet"); err != nil {
			return nil, fmt.Errorf("hold a Parquet object on disk: %w", err)
		}
		os.Remove(c.spool.Name()) // where an open file can be; else close does
		if n, err = io.Copy(c.spool, io.MultiReader(&held, all)); err != nil {
			return nil, err
		}
		at = c.spool
	}
	if n > most {
		return nil, fmt.Errorf("object is more than %d bytes: %w", most, trail.ErrLimit)
	}
	return ocsf.NewReader(at, n, c.limits)
}

// close gives back what reading took.
func (c *content) close() {
	if c.spool != nil {
		c.spool.Close()
		os.Remove(c.spool.Name())
	}
}

// sized is the size of an object that can be read at any place.
func (c *counter) sized() (int64, bool) {
	f, ok := c.r.(*os.File)
	if !ok {
		return 0, false
	}
	info, err := f.Stat()
	return info.Size(), err == nil && info.Mode().IsRegular()
}

// ReadAt implements io.ReaderAt for an object of which sized tells the size.
func (c *counter) ReadAt(p []byte, off int64) (int, error) {
	select {
	case <-c.end:
		return 0, context.Canceled
	default:
	}
	at, ok := c.r.(io.ReaderAt)
	if !ok {
		return 0, errors.New("object cannot be read at any place")
	}
	n, err := at.ReadAt(p, off)
	counted := min(int64(n), max(c.left, 0))
	c.left -= counted
	c.meter.bytesDone.Add(counted)
	return n, err
}

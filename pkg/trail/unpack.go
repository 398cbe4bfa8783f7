package trail

import (
	"bufio"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/tighten-iam/tighten/internal/inflate"
)

// ratioSlack is how much may come out before MaxRatio is looked at, so that small
// objects of repetitive content pass.
const ratioSlack = 1 << 20

// maxZstdWindow is what `zstd --long` writes by default.
const maxZstdWindow = 128 << 20

// wholeSize is the size, in compressed bytes, up to which a gzip object is read into
// memory as a whole before it is decompressed. CloudTrail's objects are rarely larger
// than some megabytes; what is larger is decompressed as a stream.
const wholeSize = 32 << 20

const (
	headSize = 4 // bytes that tell the compression
	readSize = 64 << 10
	fillSize = 32 << 10 // decompressed at a time, so that it is read while in the cache
)

// unpacker decompresses one object after the other, and enforces the limits on its
// size. What it uses is kept for the next object.
type unpacker struct {
	limits  Limits
	raw     countingReader // what in is read from
	in      []byte         // the object, or its beginning
	more    error          // why in ends where it does: nil where there is more
	gz      inflate.Gzip
	stream  io.Reader // else: decompressed bytes
	rest    restReader
	br      *bufio.Reader
	old     *gzip.Reader
	zst     *zstd.Decoder
	started bool
	members bool // stream is old, so that another member may follow
	packed  bool // what is read is compressed
	inner   *unpacker
	out     int64 // decompressed bytes
	err     error
	hash    hash.Hash // of what comes out; nil: none
}

// countingReader counts what was read from r.
type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	if c.r == nil {
		return 0, io.EOF
	}
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (u *unpacker) reset(r io.Reader) {
	u.raw = countingReader{r: r}
	if cap(u.in) > windowKeep {
		u.in = nil
	}
	u.in, u.more, u.stream = u.in[:0], nil, nil
	u.started, u.members, u.packed, u.out, u.err = false, false, false, 0, nil
	u.inner = nil
}

// fill decompresses to buf[at:], and returns the position behind what it wrote. buf[:at]
// ends with what it wrote before, or the last inflate.History bytes of that; at least
// windowRead bytes are free.
func (u *unpacker) fill(buf []byte, at int) (int, error) {
	if u.inner != nil {
		return u.inner.outer(buf, at)
	}
	end, err := u.outer(buf, at)
	if u.packed && u.out == int64(end-at) && isGzip(buf[at:end]) {
		return u.nest(buf, at, end)
	}
	return end, err
}

// nest begins a gzip file in a gzip file: what a Firehose stream that compresses makes
// of the data of CloudWatch Logs, which comes compressed. buf[at:end] is its beginning.
func (u *unpacker) nest(buf []byte, at, end int) (int, error) {
	nested := &nested{u: u, buf: make([]byte, windowSize)}
	nested.end = copy(nested.buf, buf[at:end])
	u.inner = &unpacker{limits: u.limits}
	u.inner.reset(nested)
	return u.inner.outer(buf, at) // not a third time
}

// nested reads what an unpacker decompresses.
type nested struct {
	u        *unpacker
	buf      []byte
	pos, end int
}

// Read implements io.Reader.
func (n *nested) Read(p []byte) (int, error) {
	var err error
	for n.pos == n.end && err == nil {
		if len(n.buf)-n.end < windowRead {
			copy(n.buf, n.buf[n.end-inflate.History:n.end])
			n.pos, n.end = inflate.History, inflate.History
		}
		n.end, err = n.u.outer(n.buf, n.end)
	}
	k := copy(p, n.buf[n.pos:n.end])
	if n.pos += k; k > 0 {
		err = nil // again the next time
	}
	return k, err
}

// bytes is the number of decompressed bytes.
func (u *unpacker) bytes() int64 {
	if u.inner != nil {
		return u.inner.out
	}
	return u.out
}

// outer is fill for an object that is not compressed twice.
func (u *unpacker) outer(buf []byte, at int) (int, error) {
	if u.err != nil {
		return at, u.err
	}
	if !u.started {
		u.started = true
		if u.err = u.start(); u.err != nil {
			return at, u.err
		}
	}
	end, err := u.next(buf, at)
	u.out += int64(end - at)
	if u.hash != nil {
		u.hash.Write(buf[at:end])
	}
	if over := u.check(); over != nil {
		err = over
	}
	u.err = err
	return end, err
}

// next is fill without the limits.
func (u *unpacker) next(buf []byte, at int) (int, error) {
	if u.stream == nil {
		end, err := u.gz.Fill(buf, at, min(at+fillSize, len(buf)-inflate.Slack))
		return end, u.gzipError(err)
	}
	n, err := u.stream.Read(buf[at:])
	switch {
	case err == io.EOF && u.members:
		err = u.nextMember()
	case err != nil && err != io.EOF:
		err = fmt.Errorf("read object: %w", err)
	}
	return at + n, err
}

// gzipError tells an error of inflate in the words of this package. Where the object
// could not be read to its end, that is the error and not that its data end.
func (u *unpacker) gzipError(err error) error {
	switch {
	case err == nil, err == io.EOF && u.more == io.EOF:
		return err
	case u.more != io.EOF && (err == io.EOF || err == io.ErrUnexpectedEOF):
		err = u.more
	case err == inflate.ErrTrailing:
		err = ErrTrailing
	case err == inflate.ErrHeader:
		err = gzip.ErrHeader
	case err == inflate.ErrChecksum:
		err = gzip.ErrChecksum
	}
	return fmt.Errorf("read object: %w", err)
}

func (u *unpacker) check() error {
	if u.out > u.limits.MaxObject {
		return fmt.Errorf("object is more than %d bytes when decompressed: %w", u.limits.MaxObject, ErrLimit)
	}
	if u.out > ratioSlack && (u.out-ratioSlack)/u.limits.MaxRatio > u.raw.n {
		return fmt.Errorf("object decompresses to more than %d times its size: %w", u.limits.MaxRatio, ErrLimit)
	}
	return nil
}

// readTo reads on until in has n bytes or there is no more.
func (u *unpacker) readTo(n int) {
	for idle := 0; u.more == nil && len(u.in) < n; idle++ {
		if cap(u.in)-len(u.in) < inflate.Padding+readSize/4 {
			grown := make([]byte, len(u.in), max(readSize, 2*cap(u.in))+inflate.Padding)
			copy(grown, u.in)
			u.in = grown
		}
		k, err := u.raw.Read(u.in[len(u.in) : cap(u.in)-inflate.Padding])
		u.in = u.in[:len(u.in)+k]
		switch {
		case k > 0:
			idle = 0
		case err == nil && idle > 100:
			err = io.ErrNoProgress
		}
		u.more = err
	}
}

// restReader reads what was read of an object already, and then the rest.
type restReader struct {
	u  *unpacker
	at int
}

// Read implements io.Reader.
func (r *restReader) Read(p []byte) (int, error) {
	if r.at < len(r.u.in) {
		n := copy(p, r.u.in[r.at:])
		r.at += n
		return n, nil
	}
	if r.u.more != nil {
		return 0, r.u.more
	}
	return r.u.raw.Read(p)
}

// start tells the compression by the first bytes.
func (u *unpacker) start() error {
	u.readTo(headSize)
	u.packed = isGzip(u.in) || isZstd(u.in)
	if isGzip(u.in) {
		u.readTo(wholeSize)
		if u.more != nil {
			u.gz.Reset(u.in)
			return nil
		}
	}
	u.rest = restReader{u, 0}
	if !isGzip(u.in) && !isZstd(u.in) {
		u.stream = &u.rest // the window is buffer enough
		return nil
	}
	if u.br == nil {
		u.br = bufio.NewReaderSize(nil, 64<<10)
	}
	u.br.Reset(&u.rest)
	if isGzip(u.in) {
		return u.startGzip()
	}
	return u.startZstd()
}

func isGzip(b []byte) bool { return len(b) >= 2 && b[0] == 0x1f && b[1] == 0x8b }

// isZstd accepts a frame, or a skippable frame before one.
func isZstd(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	return string(b[:4]) == "\x28\xb5\x2f\xfd" || b[0]&0xf0 == 0x50 && string(b[1:4]) == "\x2a\x4d\x18"
}

func (u *unpacker) startGzip() error {
	if u.old == nil {
		u.old = new(gzip.Reader)
	}
	if err := u.old.Reset(u.br); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return fmt.Errorf("read object: gzip header: %w", err)
	}
	// Members are taken one by one, to tell a further one from garbage.
	u.old.Multistream(false)
	u.stream, u.members = u.old, true
	return nil
}

// nextMember goes on behind a gzip member. Zero padding is not garbage: gzip(1) and
// tape blocks have it.
func (u *unpacker) nextMember() error {
	padded := false
	for {
		head, err := u.br.Peek(2)
		switch {
		case len(head) == 0 && err == io.EOF:
			return io.EOF
		case err != nil && err != io.EOF:
			return fmt.Errorf("read object: %w", err)
		case isGzip(head) && !padded:
			return u.startGzip()
		case head[0] != 0:
			return fmt.Errorf("read object: %w", ErrTrailing)
		}
		padded = true
		if _, err := u.br.Discard(1); err != nil {
			return err
		}
	}
}

func (u *unpacker) startZstd() error {
	if u.zst == nil {
		// One goroutine: the worker's own. A decoder without others needs no Close.
		z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxZstdWindow))
		if err != nil {
			return errors.Join(errors.New("start zstd"), err)
		}
		u.zst = z
	}
	if err := u.zst.Reset(u.br); err != nil {
		return fmt.Errorf("read object: %w", err)
	}
	u.stream = u.zst
	return nil
}

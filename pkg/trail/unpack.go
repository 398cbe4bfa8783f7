package trail

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// ratioSlack is how much may come out before MaxRatio is looked at, so that small
// objects of repetitive content pass.
const ratioSlack = 1 << 20

// maxZstdWindow is what `zstd --long` writes by default.
const maxZstdWindow = 128 << 20

// unpacker decompresses one object after the other, and enforces the limits on its
// size. What it uses is kept for the next object.
type unpacker struct {
	limits  Limits
	raw     countingReader // below br
	br      *bufio.Reader
	gz      *gzip.Reader
	zst     *zstd.Decoder
	from    io.Reader // br, gz, zst; nil before the first read
	members bool      // from is gz, so that another member may follow
	out     int64     // decompressed bytes
	err     error
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
	if u.br == nil {
		u.br = bufio.NewReaderSize(&u.raw, 64<<10)
	} else {
		u.br.Reset(&u.raw)
	}
	u.from, u.members, u.out, u.err = nil, false, 0, nil
}

// Read implements io.Reader over the decompressed object.
func (u *unpacker) Read(p []byte) (int, error) {
	if u.err != nil {
		return 0, u.err
	}
	if u.from == nil {
		if u.err = u.start(); u.err != nil {
			return 0, u.err
		}
	}
	n, err := u.from.Read(p)
	u.out += int64(n)
	switch {
	case err == io.EOF && u.members:
		err = u.nextMember()
	case err != nil && err != io.EOF:
		err = fmt.Errorf("read object: %w", err)
	}
	if over := u.check(); over != nil {
		err = over
	}
	u.err = err
	return n, err
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

// start tells the compression by the first bytes.
func (u *unpacker) start() error {
	head, err := u.br.Peek(4)
	if err != nil && err != io.EOF {
		return fmt.Errorf("read object: %w", err)
	}
	switch {
	case isGzip(head):
		return u.startGzip()
	case isZstd(head):
		return u.startZstd()
	}
	u.from = u.br
	return nil
}

func isGzip(b []byte) bool { return len(b) >= 2 && b[0] == 0x1f && b[1] == 0x8b }

// isZstd accepts a frame, or a skippable frame before one.
func isZstd(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	return string(b) == "\x28\xb5\x2f\xfd" || b[0]&0xf0 == 0x50 && string(b[1:]) == "\x2a\x4d\x18"
}

func (u *unpacker) startGzip() error {
	if u.gz == nil {
		u.gz = new(gzip.Reader)
	}
	if err := u.gz.Reset(u.br); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return fmt.Errorf("read object: gzip header: %w", err)
	}
	// Members are taken one by one, to tell a further one from garbage.
	u.gz.Multistream(false)
	u.from, u.members = u.gz, true
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
	u.from = u.zst
	return nil
}

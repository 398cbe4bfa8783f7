package s3trail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/tighten-iam/tighten/pkg/trail"
)

// wholeSize is the size of the largest object that is read into memory before Open
// returns. Larger ones, which CloudTrail does not deliver, are read as they are
// fetched.
const wholeSize = 32 << 20

// leastStep is how far each request must come on average, in bytes: a network that
// cuts sooner is not worth the requests.
const leastStep = 16 << 10

// Open implements trail.Source. It waits for its turn among the objects in flight,
// and for the object. Interrupted reads go on where they ended, as long as the object
// is the one that was listed; ErrChanged is returned if it is not.
func (s *Source) Open(ctx context.Context, o trail.Object) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if o.Key == "" || o.ModTime.IsZero() || o.Size < 0 {
		return nil, fmt.Errorf("open %q: not an object of this source: %w", o.Key, fs.ErrNotExist)
	}
	if err := s.login.lost("get"); err != nil {
		return nil, err
	}
	if o.Size == 0 {
		return io.NopCloser(bytes.NewReader(nil)), nil
	}
	if err := s.gate.enter(ctx); err != nil {
		return nil, err
	}
	if o.Size > wholeSize {
		return s.stream(ctx, o), nil
	}
	content := make([]byte, o.Size)
	_, err := io.ReadFull(s.body(ctx, o), content)
	s.gate.leave(err == nil)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}

// stream is an object that is fetched as it is read.
func (s *Source) stream(ctx context.Context, o trail.Object) io.ReadCloser {
	ctx, cancel := context.WithCancel(ctx)
	release := sync.OnceFunc(func() {
		cancel() // ends the request
		s.gate.leave(true)
	})
	return &stream{s.body(ctx, o), release}
}

type stream struct {
	io.Reader
	release func()
}

// Close implements io.Closer, also while a read is under way.
func (s *stream) Close() error {
	s.release()
	return nil
}

// body reads an object over as many requests as it takes.
type body struct {
	get  func(offset int64) (io.ReadCloser, error)
	wait func(attempt int) error
	size int64
	most int // tries without a byte between them
	left int // tries in all

	at      int64
	attempt int           // since bytes came last
	r       io.ReadCloser // nil: to be requested
}

func (s *Source) body(ctx context.Context, o trail.Object) *body {
	return &body{
		get:  func(offset int64) (io.ReadCloser, error) { return s.get(ctx, o, offset) },
		wait: func(attempt int) error { return s.pace.wait(ctx, attempt) },
		size: o.Size,
		most: s.pace.tries,
		left: s.pace.tries + int(o.Size/leastStep),
	}
}

// Read implements io.Reader. It ends at the size that was listed, never before.
func (b *body) Read(p []byte) (int, error) {
	for b.at < b.size {
		if b.r == nil {
			r, err := b.get(b.at)
			if err != nil {
				return 0, err
			}
			b.r = r
		}
		n, err := b.r.Read(p[:min(int64(len(p)), b.size-b.at)])
		b.at += int64(n)
		if n > 0 {
			b.attempt = 0
		}
		if err != nil || b.at == b.size {
			b.r.Close()
			b.r = nil
		}
		if err != nil && b.at < b.size {
			if err := b.again(err); err != nil {
				return n, err
			}
		}
		if n > 0 || len(p) == 0 {
			return n, nil
		}
	}
	return 0, io.EOF
}

// again waits before the rest is requested, or fails with the last cause.
func (b *body) again(cause error) error {
	if errors.Is(cause, io.EOF) {
		cause = io.ErrUnexpectedEOF
	}
	b.left--
	b.attempt++
	if b.left <= 0 || b.attempt >= b.most {
		return failed("get", cause)
	}
	return b.wait(b.attempt - 1)
}

// get requests an object from an offset on.
func (s *Source) get(ctx context.Context, o trail.Object, offset int64) (io.ReadCloser, error) {
	in := &s3.GetObjectInput{Bucket: &s.location.Bucket, Key: &o.Key, RequestPayer: s.payer}
	if o.ETag != "" {
		in.IfMatch = aws.String(`"` + o.ETag + `"`)
	}
	if offset > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", offset))
	}
	asking, cancel := context.WithCancel(ctx)
	out, err := s.client.GetObject(asking, in)
	if err != nil {
		cancel()
		return nil, s.login.failed(ctx, "get", err)
	}
	r := newPatient(out.Body, cancel, s.pace.stall)
	if err := same(o, out, offset); err != nil {
		r.Close()
		return nil, &Error{"get", ErrChanged.Error(), err}
	}
	if offset > 0 && out.ContentRange == nil { // not every server knows ranges
		if _, err := io.CopyN(io.Discard, r, offset); err != nil {
			return &cutShort{r, err}, nil
		}
	}
	return r, nil
}

// same holds an answer against what was listed: not every server knows If-Match.
func same(o trail.Object, out *s3.GetObjectOutput, offset int64) error {
	size := aws.ToInt64(out.ContentLength)
	if out.ContentRange != nil {
		size += offset
	}
	tag := strings.Trim(aws.ToString(out.ETag), `"`)
	switch {
	case o.ETag != "" && tag != "" && o.ETag != tag:
		return fmt.Errorf("its tag is not the listed one: %w", ErrChanged)
	case out.ContentLength != nil && size > o.Size:
		return fmt.Errorf("it has %d bytes, listed were %d: %w", size, o.Size, ErrChanged)
	case o.ETag == "" && out.LastModified != nil && out.LastModified.Sub(o.ModTime).Abs() >= time.Second:
		// Files put below a gateway have no tags. A header's time is in seconds.
		return fmt.Errorf("its time is not the listed one: %w", ErrChanged)
	}
	return nil // a length that is too short is a read that ends early
}

// cutShort is a body that failed before its part of interest.
type cutShort struct {
	io.ReadCloser
	err error
}

// Read implements io.Reader.
func (c *cutShort) Read([]byte) (int, error) { return 0, c.err }

// patient is a body whose request ends when no byte comes for some time. The time of
// a slow reader does not count.
type patient struct {
	io.ReadCloser
	cancel context.CancelFunc
	timer  *time.Timer
	stall  time.Duration
	fired  atomic.Bool
}

var errStalled = errors.New("the server sends nothing for too long")

func newPatient(r io.ReadCloser, cancel context.CancelFunc, stall time.Duration) *patient {
	p := &patient{ReadCloser: r, cancel: cancel, stall: stall}
	p.timer = time.AfterFunc(stall, func() {
		p.fired.Store(true)
		cancel()
	})
	p.timer.Stop()
	return p
}

// Read implements io.Reader.
func (p *patient) Read(b []byte) (int, error) {
	p.timer.Reset(p.stall)
	n, err := p.ReadCloser.Read(b)
	p.timer.Stop()
	if err != nil && p.fired.Load() {
		err = errStalled
	}
	return n, err
}

// Close implements io.Closer.
func (p *patient) Close() error {
	p.timer.Stop()
	p.cancel()
	return p.ReadCloser.Close()
}

package main

import (
	"bytes"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"

	"github.com/tighten-iam/tighten/internal/inflate"
)

// decompressor decompresses one object after the other and throws away what comes
// out. It returns how much that was.
type decompressor interface {
	decompress(data []byte) (int64, error)
}

// reader reads files into memory that it uses again. What it lends has
// inflate.Padding bytes of capacity behind its end.
type reader struct{ buf []byte }

func (r *reader) read(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if need := int(info.Size()) + inflate.Padding; cap(r.buf) < need {
		r.buf = make([]byte, 0, 2*need)
	}
	data := r.buf[:info.Size()]
	_, err = io.ReadFull(f, data)
	return data, err
}

const (
	windowSize = 128 << 10 // as pkg/trail has it
	chunk      = 32 << 10
)

// ours is internal/inflate, in a window that stays in the cache.
type ours struct {
	gz  inflate.Gzip
	buf []byte
}

func (o *ours) decompress(data []byte) (int64, error) {
	if o.buf == nil {
		o.buf = make([]byte, windowSize)
	}
	o.gz.Reset(data)
	at, total := 0, int64(0)
	for {
		if at+chunk+inflate.Slack > len(o.buf) {
			at = copy(o.buf, o.buf[at-inflate.History:at])
		}
		end, err := o.gz.Fill(o.buf, at, at+chunk)
		total += int64(end - at)
		at = end
		switch err {
		case nil:
		case io.EOF:
			return total, nil
		default:
			return total, err
		}
	}
}

// theirs is klauspost's gzip, with what makes it fastest: one Reader for all
// objects, a source that reads bytes, and no copy of the output.
type theirs struct {
	gz gzip.Reader
	in bytes.Reader
}

func (t *theirs) decompress(data []byte) (int64, error) {
	t.in.Reset(data)
	if err := t.gz.Reset(&t.in); err != nil {
		return 0, err
	}
	return t.gz.WriteTo(io.Discard)
}

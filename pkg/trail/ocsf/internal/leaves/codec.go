package leaves

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

// codecs decompress pages; what they need is kept from page to page.
type codecs struct {
	gz  *gzip.Reader
	zst *zstd.Decoder
}

// The codecs (parquet.thrift, CompressionCodec).
const (
	codecNone   = 0
	codecSnappy = 1
	codecGzip   = 2
	codecZstd   = 6
)

// decompress makes the size bytes that src stands for, into dst where that has room.
// Anything but exactly size bytes is an error, found without making more of them.
func (c *codecs) decompress(codec int32, dst, src []byte, size int) ([]byte, error) {
	switch codec {
	case codecNone:
		if len(src) != size {
			return nil, fmt.Errorf("page has another size than it says: %w", ErrCorrupt)
		}
		return append(dst[:0], src...), nil
	case codecSnappy:
		if n, err := snappy.DecodedLen(src); err != nil || n != size {
			return nil, fmt.Errorf("page has another size than it says: %w", ErrCorrupt)
		}
		out, err := snappy.Decode(room(dst, size), src)
		return out, broken(err)
	case codecGzip:
		return c.gunzip(room(dst, size), src)
	case codecZstd:
		return c.unzstd(room(dst, size), src)
	}
	return nil, fmt.Errorf("compression %s cannot be read", codecName(codec))
}

func codecName(codec int32) string {
	switch codec {
	case 3:
		return "LZO"
	case 4:
		return "Brotli"
	case 5, 7:
		return "LZ4"
	}
	return fmt.Sprintf("of number %d", codec)
}

// room is size bytes, dst's where it has as many.
func room(dst []byte, size int) []byte {
	if cap(dst) < size {
		return make([]byte, size)
	}
	return dst[:size]
}

func broken(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("page does not decompress (%w): %w", err, ErrCorrupt)
}

func (c *codecs) gunzip(dst, src []byte) ([]byte, error) {
	if c.gz == nil {
		c.gz = new(gzip.Reader)
	}
	if err := c.gz.Reset(bytes.NewReader(src)); err != nil {
		return nil, broken(err)
	}
	if _, err := io.ReadFull(c.gz, dst); err != nil {
		return nil, broken(err)
	}
	return dst, c.atEnd(c.gz)
}

func (c *codecs) unzstd(dst, src []byte) ([]byte, error) {
	if c.zst == nil {
		// One goroutine: the caller's own. A decoder without others needs no Close.
		z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return nil, err
		}
		c.zst = z
	}
	if err := c.zst.Reset(bytes.NewReader(src)); err != nil {
		return nil, broken(err)
	}
	if _, err := io.ReadFull(c.zst, dst); err != nil {
		return nil, broken(err)
	}
	return dst, c.atEnd(c.zst)
}

// atEnd reads on for the checksum, and finds what is too much.
func (c *codecs) atEnd(r io.Reader) error {
	var b [1]byte
	if n, err := io.ReadFull(r, b[:]); n > 0 {
		return fmt.Errorf("page is larger than it says: %w", ErrCorrupt)
	} else if err != io.EOF {
		return broken(err)
	}
	return nil
}

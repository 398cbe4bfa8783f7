package digest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Unpack decompresses a stored digest file: gzip, as CloudTrail writes it, or zstd, or
// nothing, as a copy may be. More than MaxContent bytes, a wrong checksum and data
// behind the end are errors that wrap ErrInvalid.
func Unpack(stored []byte) ([]byte, error) {
	r, err := unpacker(stored)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	content, err := io.ReadAll(io.LimitReader(r, MaxContent+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	case len(content) > MaxContent:
		return nil, fmt.Errorf("%w: more than %d bytes when decompressed", ErrInvalid, MaxContent)
	}
	return content, nil
}

func unpacker(stored []byte) (io.Reader, error) {
	r := bytes.NewReader(stored)
	switch {
	case bytes.HasPrefix(stored, []byte{0x1f, 0x8b}):
		return gzip.NewReader(r)
	case bytes.HasPrefix(stored, []byte("\x28\xb5\x2f\xfd")):
		return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(MaxContent+1))
	}
	return r, nil
}

package inflate

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// Errors of [Gzip], beside [ErrCorrupt] and io.ErrUnexpectedEOF.
var (
	ErrHeader   = errors.New("not a gzip header")
	ErrChecksum = errors.New("gzip checksum or length is wrong")
	ErrTrailing = errors.New("data behind the end")
)

// Flags of a member's header (RFC 1952, 2.3.1).
const (
	flagHeaderCRC = 1 << 1
	flagExtra     = 1 << 2
	flagName      = 1 << 3
	flagComment   = 1 << 4

	headerSize  = 10
	trailerSize = 8
	maxText     = 512 // of name and comment with their zero byte, as in compress/gzip
)

// Gzip decompresses a gzip file that is in memory: one member, or several one behind
// the other, and zero padding behind the last one. The zero value is ready for Reset.
// Not safe for concurrent use.
type Gzip struct {
	flate Inflater
	src   []byte
	sum   uint32
	size  uint32 // of the member, modulo 1<<32
	err   error
}

// Reset begins a file. src must have [Padding] bytes of capacity behind its end, and
// must not change until it is read to the end. Errors come with Fill.
func (g *Gzip) Reset(src []byte) {
	g.src, g.err = src, nil
	g.begin(0)
}

// begin starts the member at a position.
func (g *Gzip) begin(at int) {
	n, err := header(g.src[at:])
	if err != nil {
		g.err = err
		return
	}
	g.sum, g.size = 0, 0
	g.flate.Reset(g.src, at+n)
}

// Fill decompresses to buf[from:] until at least to is reached or the file ends, as
// [Inflater.Decode] does, and returns the position behind what it wrote. What was
// written is verified at the end of its member only: the error is then io.EOF or says
// what is wrong, and bytes that came before it may be wrong too.
func (g *Gzip) Fill(buf []byte, from, to int) (int, error) {
	at := from
	for g.err == nil && at < to {
		var err error
		start := at
		at, err = g.flate.Decode(buf, at, to)
		g.sum = crc32.Update(g.sum, crc32.IEEETable, buf[start:at])
		g.size += uint32(at - start)
		switch err {
		case nil:
		case io.EOF:
			g.endMember()
		default:
			g.err = err
		}
	}
	return at, g.err
}

// endMember verifies a member, and goes on to the next one or to the end.
func (g *Gzip) endMember() {
	at := g.flate.Consumed()
	if at+trailerSize > len(g.src) {
		g.err = io.ErrUnexpectedEOF
		return
	}
	if binary.LittleEndian.Uint32(g.src[at:]) != g.sum || binary.LittleEndian.Uint32(g.src[at+4:]) != g.size {
		g.err = ErrChecksum
		return
	}
	at += trailerSize
	rest := g.src[at:]
	switch {
	case len(rest) == 0:
		g.err = io.EOF
	case len(rest) > 1 && rest[0] == 0x1f && rest[1] == 0x8b:
		g.begin(at)
	case len(bytes.TrimLeft(rest, "\x00")) == 0:
		g.err = io.EOF // padding, as gzip(1) and tape blocks have it
	default:
		g.err = ErrTrailing
	}
}

// header reads the header of a member and returns its length.
func header(b []byte) (int, error) {
	if len(b) < headerSize {
		return 0, io.ErrUnexpectedEOF
	}
	if b[0] != 0x1f || b[1] != 0x8b || b[2] != 8 {
		return 0, ErrHeader
	}
	flags, n := b[3], headerSize
	if flags&flagExtra != 0 {
		if n+2 > len(b) {
			return 0, io.ErrUnexpectedEOF
		}
		n += 2 + int(binary.LittleEndian.Uint16(b[n:]))
	}
	for _, text := range [...]byte{flagName, flagComment} {
		if flags&text == 0 {
			continue
		}
		if n > len(b) {
			return 0, io.ErrUnexpectedEOF
		}
		end := bytes.IndexByte(b[n:min(len(b), n+maxText)], 0)
		switch {
		case end >= 0:
			n += end + 1
		case len(b)-n < maxText:
			return 0, io.ErrUnexpectedEOF
		default:
			return 0, ErrHeader
		}
	}
	if flags&flagHeaderCRC != 0 {
		if n+2 > len(b) {
			return 0, io.ErrUnexpectedEOF
		}
		if binary.LittleEndian.Uint16(b[n:]) != uint16(crc32.ChecksumIEEE(b[:n])) {
			return 0, ErrHeader
		}
		n += 2
	}
	if n > len(b) {
		return 0, io.ErrUnexpectedEOF
	}
	return n, nil
}

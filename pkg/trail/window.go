package trail

import (
	"io"

	"github.com/tighten-iam/tighten/internal/inflate"
)

const (
	windowSize = 128 << 10 // stays in the second-level cache
	windowRead = 16 << 10  // room below which the window is moved or grown
	windowKeep = 8 << 20   // what a window may keep for the next object
)

// window is the part of the decompressed input held in memory: from the mark, while
// one is held, else from the position.
type window struct {
	src  *unpacker // nil: buf is all there is
	buf  []byte
	mark int // with held: the first byte to keep
	pos  int // the next byte
	end  int // behind the last byte
	held bool
	off  int64 // of buf[0] in the input
	err  error // why no more can be read
}

// reset starts a stream.
func (w *window) reset(src *unpacker) {
	buf := w.buf
	if cap(buf) == 0 || cap(buf) > windowKeep {
		buf = make([]byte, windowSize)
	}
	*w = window{src: src, buf: buf}
}

// over starts a window over bytes in memory.
func (w *window) over(b []byte) { *w = window{buf: b, end: len(b), err: io.EOF} }

// hold keeps everything from the position on.
func (w *window) hold() { w.mark, w.held = w.pos, true }

// release ends hold.
func (w *window) release() { w.held = false }

// at is the offset of the position in the input.
func (w *window) at() int64 { return w.off + int64(w.pos) }

// span is what was passed since hold.
func (w *window) span() []byte { return w.buf[w.mark:w.pos] }

// fill reads more behind end; false when there is no more, and err says why. It may
// move what is held.
func (w *window) fill() bool {
	if w.err != nil {
		return false
	}
	if len(w.buf)-w.end < windowRead {
		w.makeRoom()
	}
	for range 100 {
		end, err := w.src.fill(w.buf, w.end)
		more := end > w.end
		w.end, w.err = end, err
		if more {
			return true
		}
		if err != nil {
			return false
		}
	}
	w.err = io.ErrNoProgress
	return false
}

func (w *window) makeRoom() {
	keep := w.pos
	if w.held {
		keep = w.mark
	}
	keep = min(keep, max(0, w.end-inflate.History)) // which matches may reach into
	if w.end-keep > len(w.buf)/2 {
		grown := make([]byte, 2*len(w.buf))
		copy(grown, w.buf[keep:w.end])
		w.buf = grown
	} else {
		copy(w.buf, w.buf[keep:w.end])
	}
	w.off += int64(keep)
	w.mark -= keep
	w.pos -= keep
	w.end -= keep
}

// peek is the next byte; false at the end.
func (w *window) peek() (byte, bool) {
	if w.pos == w.end && !w.fill() {
		return 0, false
	}
	return w.buf[w.pos], true
}

// space skips white space and is the next byte behind it.
func (w *window) space() (byte, bool) {
	for {
		for w.pos < w.end {
			if c := w.buf[w.pos]; !isSpace(c) {
				return c, true
			}
			w.pos++
		}
		if !w.fill() {
			return 0, false
		}
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

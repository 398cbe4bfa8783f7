package trail

import (
	"bytes"
	"fmt"
)

// maxFrames is how many arrays and wrappers may be around a record.
const maxFrames = 16

// frame is a container that records are read out of, one by one.
type frame uint8

const (
	inStream frame = iota // the object itself: a stream of values
	inArray               // an array that may hold records and wrappers
	inNamed               // the array of a wrapper's "Records", "Events" or "logEvents": records only
	inTail                // a wrapper behind such an array
	inRows                // the array of a query's rows: arrays, or what an inArray may hold
	inRow                 // one of these: objects of one cell each
)

// framer finds the values that stand in the place of a record. It counts brackets
// and passes over strings, so that a value with a fault inside can be skipped; what
// it finds is checked by the projector.
//
// Within the stream itself, where no bracket encloses the records, a fault costs the
// text up to the next line that starts a value.
type framer struct {
	win    window
	proj   *projector // of the records within a wrapper, at once; nil: not here
	max    int64      // bytes of one record
	frames []frame
	fresh  bool // just behind a '['
	values int  // of the stream so far
	rescan int64

	kinds        []byte // the open brackets of the current value, to MaxDepth
	deep         int    // how many more there are
	over         bool   // the current value is longer than max
	detect       bool   // the current object may be a wrapper
	keyLo, keyHi int    // the last string of its first level, relative to the mark
	scratch      []byte
	as           frame // with a wrapper: what its array is

	// The value found.
	value []byte
	at    int64
	fault error // it can't be read, but decoding goes on
	list  frame // the container it is in
	ready bool  // proj has it already, as a record

	err *SyntaxError // what ended the stream; nil at its clean end
}

func (f *framer) reset(max int64) {
	*f = framer{win: f.win, proj: f.proj, max: max, frames: f.frames[:0], kinds: f.kinds[:0], scratch: f.scratch[:0]}
}

// verdict is the result of a step.
type verdict uint8

const (
	more verdict = iota
	found
	ended
)

// next finds the next value; false at the end.
func (f *framer) next() bool {
	f.win.release()
	f.value, f.fault, f.ready = nil, nil, false
	for {
		if v := f.step(); v != more {
			return v == found
		}
	}
}

func (f *framer) top() frame {
	if len(f.frames) == 0 {
		return inStream
	}
	return f.frames[len(f.frames)-1]
}

func (f *framer) push(k frame) verdict {
	f.frames = append(f.frames, k)
	f.fresh = true
	f.win.release()
	return more
}

// pop goes behind the bracket that closes the container.
func (f *framer) pop() verdict {
	f.win.pos++
	f.frames = f.frames[:len(f.frames)-1]
	f.fresh = false
	return more
}

func (f *framer) step() verdict {
	f.list = f.top()
	switch f.list {
	case inStream:
		return f.stream()
	case inTail:
		return f.tail()
	}
	return f.element()
}

func (f *framer) stream() verdict {
	c, ok := f.win.space()
	if !ok {
		return f.end()
	}
	if c == 0xef && f.skipBOM() || '0' <= c && c <= '9' && f.skipStamp() {
		return more
	}
	f.values++
	return f.item(c)
}

// skipBOM skips a byte order mark.
func (f *framer) skipBOM() bool {
	const bom = "\xef\xbb\xbf"
	w := &f.win
	for w.end-w.pos < len(bom) {
		if !w.fill() {
			return false
		}
	}
	if string(w.buf[w.pos:w.pos+len(bom)]) != bom {
		return false
	}
	w.pos += len(bom)
	return true
}

// stampMost is how long the time in front of a line may be, in bytes:
// 2015-10-30T09:42:14.000Z, and more decimals.
const stampMost = 40

// skipStamp skips the time that CloudWatch Logs writes in front of each line that it
// exports to S3, and the blank behind it.
func (f *framer) skipStamp() bool {
	w := &f.win
	for w.end-w.pos < stampMost && w.fill() {
	}
	line := w.buf[w.pos:min(w.end, w.pos+stampMost)]
	n := bytes.IndexAny(line, " \t")
	if n < 0 || line[n-1] != 'Z' || parseTime(line[:n]).IsZero() {
		return false
	}
	w.pos += n + 1
	return true
}

func (f *framer) element() verdict {
	c, ok := f.win.space()
	switch {
	case !ok:
		return f.fatal(errCut)
	case c == ']' && f.fresh:
		return f.pop()
	case f.fresh:
		f.fresh = false
		return f.item(c)
	case c == ']':
		return f.pop()
	case c != ',':
		return f.fatal(errSyntax)
	}
	f.win.pos++
	if c, ok = f.win.space(); !ok {
		return f.fatal(errCut)
	}
	return f.item(c)
}

// item reads the value that starts with c.
func (f *framer) item(c byte) verdict {
	if c == '[' && f.list != inNamed && len(f.frames) < maxFrames {
		f.win.pos++
		if f.list == inRows {
			return f.push(inRow)
		}
		return f.push(inArray)
	}
	f.at = f.win.at()
	if f.list == inNamed && c == '{' && f.proj != nil && f.record() {
		return found
	}
	f.detect = c == '{' && f.list != inNamed && len(f.frames)+1 < maxFrames
	wrapper, err := f.pass(c)
	switch {
	case wrapper && err == nil:
		f.frames = append(f.frames, inTail)
		return f.push(f.as)
	case err == nil && f.over:
		f.fault = fmt.Errorf("longer than %d bytes: %w", f.max, ErrLimit)
	case err == nil:
		f.value = f.win.span()
	case f.list == inStream:
		return f.badLine(c, err)
	default:
		return f.fatal(err)
	}
	return found
}

// quickMost is how long a record may be that is read in one pass, in bytes: it is
// read from its start again when more of it comes.
const quickMost = 64 << 10

// record reads a sound record of a delivered object in one pass, which checks and
// projects it. Whatever is odd about it, false leaves it to the slower way, which
// tells what.
func (f *framer) record() bool {
	w := &f.win
	for {
		n, err := f.proj.quick(w.buf[w.pos:w.end])
		switch {
		case err == nil && int64(n) <= f.max:
			w.pos += n
			f.ready = true
			return true
		case err != errCut || w.end-w.pos > quickMost || !w.fill():
			return false
		}
	}
}

// pass goes behind the value that starts with c, and holds it. It stops in front of
// a wrapper's elements.
func (f *framer) pass(c byte) (wrapper bool, err error) {
	f.win.hold()
	f.over, f.keyLo, f.keyHi = false, 0, 0
	switch c {
	case '{', '[':
		wrapper, err = f.container()
	case '"':
		err = f.passString()
	default:
		err = f.passWord()
	}
	if int64(f.win.pos-f.win.mark) > f.max {
		f.over = true
	}
	return wrapper, err
}

// fill reads on within a value, of which nothing more is kept once it is too long.
func (f *framer) fill() bool {
	w := &f.win
	if int64(w.pos-w.mark) > f.max {
		f.over, f.detect = true, false
		w.mark = w.pos
	}
	return w.fill()
}

func (f *framer) passString() error {
	w := &f.win
	w.pos++
	for {
		w.pos += stringStop(w.buf[w.pos:w.end])
		if w.pos == w.end {
			if !f.fill() {
				return errCut
			}
			continue
		}
		switch c := w.buf[w.pos]; {
		case c == '"':
			w.pos++
			return nil
		case c == '\\':
			w.pos++
			if w.pos == w.end && !f.fill() {
				return errCut
			}
		case f.list == inStream:
			return errString // a line break: the string is not closed
		}
		w.pos++
	}
}

// passWord goes behind a number, true, false or null.
func (f *framer) passWord() error {
	w := &f.win
	for w.pos < w.end || f.fill() {
		c := w.buf[w.pos]
		if isSpace(c) || bytes.IndexByte([]byte(`,:[]{}"`), c) >= 0 {
			break
		}
		w.pos++
	}
	if w.pos == w.mark && !f.over {
		return errSyntax
	}
	if f.list == inStream && !f.over {
		_, err := checkValue(w.span())
		return err
	}
	return nil
}

// container goes behind an object or an array by its brackets.
func (f *framer) container() (wrapper bool, err error) {
	f.kinds, f.deep = f.kinds[:0], 0
	w := &f.win
	for {
		for w.pos < w.end {
			switch c := w.buf[w.pos]; c {
			case '"':
				lo := w.pos - w.mark
				if err := f.passString(); err != nil {
					return false, err
				}
				f.keyLo, f.keyHi = lo, w.pos-w.mark
			case '{', '[':
				if err := f.open(c); err != nil {
					return false, err
				}
				w.pos++
			case '}', ']':
				w.pos++
				if done, err := f.shut(c); done || err != nil {
					return false, err
				}
			case ':':
				w.pos++
				if f.detect && len(f.kinds) == 1 {
					if wrapper, err := f.wrapper(); wrapper || err != nil {
						return wrapper, err
					}
				}
			default:
				w.pos++
			}
		}
		if !f.fill() {
			return false, errCut
		}
	}
}

func (f *framer) open(c byte) error {
	if len(f.kinds) == MaxDepth {
		f.deep++
		return nil
	}
	if f.list == inStream && len(f.kinds) > 0 && !f.over && !f.mayOpen(f.kinds[len(f.kinds)-1]) {
		return errSyntax
	}
	f.kinds = append(f.kinds, c)
	return nil
}

// mayOpen tells whether a bracket may open where the window stands, within a
// container of that kind. Without it, a line with a bracket too few would take all
// lines after it along.
func (f *framer) mayOpen(kind byte) bool {
	w := &f.win
	i := w.pos - 1
	for i > w.mark && isSpace(w.buf[i]) {
		i--
	}
	c := w.buf[i]
	if kind == '{' {
		return c == ':'
	}
	return c == '[' || c == ','
}

// shut closes a bracket; done when it was the outermost one.
func (f *framer) shut(c byte) (done bool, err error) {
	if f.deep > 0 {
		f.deep--
		return false, nil
	}
	last := len(f.kinds) - 1
	if f.kinds[last] != c-2 { // '[' and ']', '{' and '}' are two apart
		return false, errBracket
	}
	f.kinds = f.kinds[:last]
	return last == 0, nil
}

package trail

import (
	"bytes"
	"io"
)

// rescanMin is how many bytes may be read twice, behind damaged lines, in any object.
const rescanMin = 16 << 20

// badLine leaves out the value that starts at the mark, up to the next line that
// starts one.
func (f *framer) badLine(c byte, cause error) verdict {
	w := &f.win
	if f.values == 1 && c != '{' && c != '"' {
		return f.notJSON()
	}
	from := w.at()
	w.pos = w.mark
	w.release()
	if !f.nextLine() {
		if cause == errCut || w.err != io.EOF {
			return f.fatal(errCut)
		}
		f.fault = cause
		return found
	}
	if back := from - w.at(); back > 0 {
		f.rescan += back
	}
	if f.rescan > rescanMin+4*w.at() {
		return f.fatal(errDamaged)
	}
	f.fault = cause
	return found
}

// nextLine goes to the next line that starts with a bracket, or a time in front of one;
// false when there is none.
func (f *framer) nextLine() bool {
	w := &f.win
	for {
		n := bytes.IndexByte(w.buf[w.pos:w.end], '\n')
		if n < 0 {
			w.pos = w.end
			if !w.fill() {
				return false
			}
			continue
		}
		w.pos += n + 1
		switch c, ok := w.peek(); {
		case !ok, c == '{', c == '[':
			return ok
		case '0' <= c && c <= '9' && f.skipStamp():
			return true
		}
	}
}

func (f *framer) end() verdict {
	if f.win.err != io.EOF {
		return f.fatal(errCut)
	}
	return ended
}

func (f *framer) notJSON() verdict {
	f.err = &SyntaxError{Record: -1, Offset: f.at, Msg: ErrNotJSON.Error(), Err: ErrNotJSON}
	return ended
}

// fatal ends the stream. Where reading failed, that is the error, not the cut JSON
// that follows from it.
func (f *framer) fatal(cause error) verdict {
	e := &SyntaxError{Record: -1, Offset: f.win.at(), Msg: cause.Error(), Err: cause}
	if cause == errCut {
		e.Err = io.ErrUnexpectedEOF
		if f.win.err != nil && f.win.err != io.EOF {
			e.Err, e.Msg = f.win.err, f.win.err.Error()
		}
	}
	f.err = e
	return ended
}

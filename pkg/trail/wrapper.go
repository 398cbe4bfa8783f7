package trail

import (
	"bytes"
	"fmt"
)

// wrapper tells whether the member whose colon was just passed is an array of
// records; then it goes into it, after checking what stands before: as what is left in
// f.as. A record that has such a member stays a record.
func (f *framer) wrapper() (bool, error) {
	w := &f.win
	key := f.key()
	switch string(key) {
	case "eventName", "eventSource":
		f.detect = false
		return false, nil
	}
	as, ok := wraps(key)
	if !ok {
		return false, nil
	}
	f.as = as
	for w.pos == w.end || isSpace(w.buf[w.pos]) {
		if w.pos < w.end {
			w.pos++
		} else if !f.fill() {
			return false, nil
		}
	}
	if !f.detect || w.buf[w.pos] != '[' {
		return false, nil
	}
	f.scratch = append(append(f.scratch[:0], w.span()...), "0}"...)
	if _, err := checkValue(f.scratch); err != nil {
		return false, err
	}
	w.pos++
	return true, nil
}

// key is the text of the last string of the object's first level.
func (f *framer) key() []byte {
	raw := f.win.buf[f.win.mark+f.keyLo : f.win.mark+f.keyHi]
	if len(raw) < 2 {
		return nil
	}
	raw = raw[1 : len(raw)-1]
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw
	}
	if _, err := skipString(f.win.buf[:f.win.mark+f.keyHi], f.win.mark+f.keyLo); err != nil {
		return nil
	}
	return appendUnescaped(nil, raw)
}

// wraps tells whether an array of that name holds records, and which frame it is.
func wraps(key []byte) (frame, bool) {
	switch string(key) {
	case "Records", "Events", "logEvents":
		return inNamed, true
	case "events": // filter-log-events, get-log-events: other programs use the name too
		return inArray, true
	case "results", "QueryResultRows": // of CloudWatch Logs Insights, CloudTrail Lake
		return inRows, true
	}
	return inStream, false
}

// tail reads what stands in a wrapper behind its records: further members, which are
// checked and passed over, or further records.
func (f *framer) tail() verdict {
	c, ok := f.win.space()
	switch {
	case !ok:
		return f.fatal(errCut)
	case c == '}':
		return f.pop()
	case c != ',':
		return f.fatal(errSyntax)
	}
	f.win.pos++
	key, err := f.tailKey()
	if err != nil {
		return f.fatal(err)
	}
	c, ok = f.win.space()
	if !ok {
		return f.fatal(errCut)
	}
	if as, ok := wraps(key); ok && c == '[' {
		f.win.pos++
		return f.push(as)
	}
	f.detect = false
	if _, err = f.pass(c); err == nil && !f.over {
		_, err = checkValue(f.win.span())
	}
	if err != nil {
		return f.fatal(err)
	}
	f.win.release()
	return more
}

// tailKey goes behind a member's colon.
func (f *framer) tailKey() ([]byte, error) {
	c, ok := f.win.space()
	if !ok {
		return nil, errCut
	}
	if c != '"' {
		return nil, errSyntax
	}
	if _, err := f.pass(c); err != nil {
		return nil, err
	}
	if f.over {
		return nil, fmt.Errorf("a member name longer than %d bytes: %w", f.max, ErrLimit)
	}
	if _, err := checkValue(f.win.span()); err != nil {
		return nil, err
	}
	f.keyLo, f.keyHi = 0, len(f.win.span())
	key := append(f.scratch[:0], f.key()...)
	f.scratch = key
	f.win.release()
	if c, ok = f.win.space(); !ok {
		return nil, errCut
	}
	if c != ':' {
		return nil, errSyntax
	}
	f.win.pos++
	return key, nil
}

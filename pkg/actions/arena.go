package actions

import "unsafe"

// arena holds the strings that a Resolver lends until its next call.
type arena struct{ buf []byte }

func (a *arena) reset() { a.buf = a.buf[:0] }

// mark begins a string; since ends it. Bytes that a string was made of are
// never written again before reset: growing the buffer moves only new ones.
func (a *arena) mark() int { return len(a.buf) }

func (a *arena) add(s string) { a.buf = append(a.buf, s...) }

func (a *arena) addByte(c byte) { a.buf = append(a.buf, c) }

func (a *arena) since(mark int) string {
	if mark == len(a.buf) {
		return ""
	}
	return unsafe.String(&a.buf[mark], len(a.buf)-mark)
}

// drop forgets what was added since the mark.
func (a *arena) drop(mark int) { a.buf = a.buf[:mark] }

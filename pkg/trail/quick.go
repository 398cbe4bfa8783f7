package trail

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
	"unsafe"
)

// quick reads one record in a single pass, checking all of it as skipObject does and
// filling the Event on the way. It gives up on whatever is odd: an escaped member
// name, an odd spelling in userIdentity, JSON within a string, deep nesting, a fault. The
// slower way then tells what it is, so that quick needs no words for it.
type quick struct {
	b    []byte
	p    unsafe.Pointer // of b
	n    int
	high uint64 // all bytes within strings, or-ed: their high bits tell non-ASCII
	esc  bool   // the last string has an escape
	cut  bool   // gave up for want of more bytes
}

// quick projects the record that b starts with, and is its length. It takes sound
// records only: any error means that project has to look at it, but errCut that b
// ends within it.
func (p *projector) quick(b []byte) (int, error) {
	p.arena.reset()
	p.ev = Event{}
	p.named, p.insight, p.digest, p.empty, p.timed = false, false, false, false, false
	p.inner, p.detail = nil, nil
	q := quick{b: b, p: unsafe.Pointer(unsafe.SliceData(b)), n: len(b)}
	n := q.record(p)
	switch {
	case n < 0 && q.cut:
		return 0, errCut
	case n < 0 || !p.named || q.high&highs != 0 && !utf8.Valid(b[:n]):
		return 0, errSyntax
	}
	return n, nil
}

// at is the byte at i, 0 behind the end.
func (q *quick) at(i int) byte {
	if i >= q.n {
		q.cut = true
		return 0
	}
	return *(*byte)(unsafe.Add(q.p, i))
}

// space is the index of the first byte from i on that is no white space.
func (q *quick) space(i int) int {
	for i < q.n && q.b[i] <= ' ' && isSpace(q.b[i]) {
		i++
	}
	return i
}

// text is the index of the quote that closes the string whose text starts at i, and -1
// to give up.
func (q *quick) text(i int) int {
	q.esc = false
	for i+8 <= q.n {
		x := binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(q.p, i))[:])
		q.high |= x
		// See stringStop.
		a := x ^ ones*'"'
		c := x ^ ones*'\\'
		hit := ((a-ones)&^a | (c-ones)&^c | (x-ones*0x20)&^x) & highs
		if hit == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(hit) >> 3
		switch *(*byte)(unsafe.Add(q.p, i)) {
		case '"':
			return i
		case '\\':
			n := q.escape(i)
			if n == 0 {
				return -1
			}
			i += n
		default:
			return -1
		}
	}
	return q.tail(i)
}

// tail is text for the last bytes.
func (q *quick) tail(i int) int {
	for i < q.n {
		c := q.b[i]
		q.high |= uint64(c)
		switch {
		case c == '"':
			return i
		case c == '\\':
			n := q.escape(i)
			if n == 0 {
				return -1
			}
			i += n
		case c < 0x20:
			return -1
		default:
			i++
		}
	}
	q.cut = true
	return -1
}

// escape is the length of the escape at i, 0 to give up.
func (q *quick) escape(i int) int {
	q.esc = true
	n := escapeLen(q.b[i:])
	if n == 0 && q.n-i < 6 {
		q.cut = true
	}
	return n
}

// name reads a member's name, which starts at i, and the colon: the name, and the
// index of the value, -1 to give up.
func (q *quick) name(i int) ([]byte, int) {
	if q.at(i) != '"' {
		return nil, -1
	}
	end := q.text(i + 1)
	if end < 0 {
		return nil, -1
	}
	name := q.b[i+1 : end]
	i = end + 1
	if q.at(i) != ':' {
		if i = q.space(i); q.at(i) != ':' {
			return nil, -1
		}
	}
	if i++; q.at(i) <= ' ' {
		i = q.space(i)
	}
	return name, i
}

// next goes behind the value that ends at i: to the next member's name or the next
// element, or behind the closing bracket (done), or gives up with -1.
func (q *quick) next(i int, closing byte) (at int, done bool) {
	c := q.at(i)
	if c != ',' && c != closing {
		i = q.space(i)
		c = q.at(i)
	}
	switch c {
	case ',':
		if i++; q.at(i) <= ' ' {
			i = q.space(i)
		}
		return i, false
	case closing:
		return i + 1, true
	}
	return -1, true
}

// value is the index behind the value at i, -1 to give up.
func (q *quick) value(i int) int {
	switch c := q.at(i); c {
	case '"':
		if end := q.text(i + 1); end >= 0 {
			return end + 1
		}
		return -1
	case '{', '[':
		return q.container(i)
	default:
		return q.word(i, c)
	}
}

// word is value for true, false, null and numbers.
func (q *quick) word(i int, c byte) int {
	var err error
	end := i
	switch {
	case c == 't':
		end, err = skipWord(q.b, i, "true")
	case c == 'f':
		end, err = skipWord(q.b, i, "false")
	case c == 'n':
		end, err = skipWord(q.b, i, "null")
	case c == '-' || c >= '0' && c <= '9':
		end, err = skipNumber(q.b, i)
	default:
		return -1
	}
	if q.n-i < 5 || end >= q.n {
		q.cut = true // perhaps
	}
	if err != nil || end >= q.n {
		return -1
	}
	return end
}

// quickDeep is how deep containers may nest within a member.
const quickDeep = 60

// container is value for objects and arrays. A bit for each open one tells its kind,
// 1 for an object, the innermost lowest.
func (q *quick) container(i int) int {
	kinds, depth := uint64(0), 0
	for {
		c := q.at(i)
		switch c {
		case '{', '[':
			closing := c + 2
			i = q.space(i + 1)
			if q.at(i) == closing {
				i++
				break
			}
			if depth++; depth > quickDeep {
				return -1
			}
			kinds <<= 1
			if c == '{' {
				kinds |= 1
				if _, i = q.name(i); i < 0 {
					return -1
				}
			}
			continue
		default:
			if i = q.value(i); i < 0 {
				return -1
			}
		}
		for done := true; done; {
			if depth == 0 {
				return i
			}
			if i, done = q.next(i, ']'+byte(kinds&1)<<5); i < 0 {
				return -1
			}
			if done {
				kinds >>= 1
				depth--
			}
		}
		if kinds&1 == 1 {
			if _, i = q.name(i); i < 0 {
				return -1
			}
		}
	}
}

// scalar is projector.scalar of the value in [i, end), whose escapes are those of the
// last string read.
func (q *quick) scalar(p *projector, i, end int) string {
	switch c := q.b[i]; {
	case c == '"' && q.esc:
		return lend(p.arena.text(q.b[i+1 : end-1]))
	case c == '"':
		return lend(q.b[i+1 : end-1])
	case c == 't' || c == 'f' || c == '-' || c >= '0' && c <= '9':
		return lend(q.b[i:end])
	}
	return ""
}

// object starts the object at i: the index of its first member's name, or with empty
// the one behind it; -1 to give up.
func (q *quick) object(i int) (at int, empty bool) {
	if q.at(i) != '{' {
		return -1, false
	}
	i = q.space(i + 1)
	if q.at(i) == '}' {
		return i + 1, true
	}
	return i, false
}

// record reads the record that q.b starts with.
func (q *quick) record(p *projector) int {
	i, done := q.object(0)
	for !done && i >= 0 {
		name, at := q.name(i)
		if at < 0 || q.esc {
			return -1
		}
		var end int
		if string(name) == "userIdentity" {
			end = q.identity(p, at)
		} else if end = q.value(at); end >= 0 && !q.member(p, name, at, end) {
			return -1
		}
		if end < 0 {
			return -1
		}
		i, done = q.next(end, '}')
	}
	return i
}

// member assigns a record's member; false gives up.
func (q *quick) member(p *projector, name []byte, at, end int) bool {
	if f := p.ev.text(name); f != nil {
		*f = q.scalar(p, at, end)
		return true
	}
	if f := p.ev.raw(name); f != nil {
		switch q.b[at] {
		case 'n':
			*f = nil
		case '"':
			return false
		default:
			*f = q.b[at:end]
		}
		return true
	}
	switch string(name) {
	case "eventName":
		p.named, p.ev.Name = true, q.scalar(p, at, end)
	case "eventSource":
		p.named, p.ev.Source = true, q.scalar(p, at, end)
	case "eventTime":
		p.timed, p.ev.Time = true, p.time(q.b[at:end])
	case "@timestamp":
		if !p.timed {
			p.ev.Time = p.time(q.b[at:end])
		}
	case "readOnly":
		p.ev.ReadOnly = triState(q.scalar(p, at, end))
	case "managementEvent":
		p.ev.Management = triState(q.scalar(p, at, end))
	case "userAgent":
		p.ev.UserAgent = q.scalar(p, at, end)
		return q.b[at] != '['
	}
	return true
}

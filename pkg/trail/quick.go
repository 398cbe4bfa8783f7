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
	escs bool   // some string had one
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
	if p.habits == nil {
		p.habits = newHabits()
	}
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
	q.esc, q.escs = true, true
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
	h := p.habits
	i, done := q.object(0)
	prev := others
	for !done && i >= 0 {
		k, at := q.member(h, prev, i)
		if at < 0 {
			return -1
		}
		prev = k
		var end int
		switch k {
		case userIdentity:
			end = q.who(p, at)
		case tlsDetails:
			end = h.tls.skip(q, at)
		case userAgent:
			if end = h.agent.skip(q, at); end >= 0 {
				if q.b[at] == '[' {
					return -1
				}
				p.ev.UserAgent = q.scalar(p, at, end)
			}
		case eventTime:
			end = q.time(p, at)
		default:
			if end = q.value(at); end >= 0 && !q.assign(p, k, at, end) {
				return -1
			}
		}
		if end < 0 {
			return -1
		}
		i, done = q.next(end, '}')
	}
	return i
}

// time reads eventTime.
func (q *quick) time(p *projector, i int) int {
	if i+22 <= q.n && q.b[i] == '"' && q.b[i+21] == '"' {
		if t, ok := p.habits.day.time((*[20]byte)(q.b[i+1:])); ok {
			p.timed, p.ev.Time = true, t
			return i + 22
		}
	}
	end := q.value(i)
	if end >= 0 {
		p.timed, p.ev.Time = true, p.time(q.b[i:end])
		if !p.ev.Time.IsZero() && !q.esc {
			p.habits.day.note(q.b[i+1:end-1], p.ev.Time)
		}
	}
	return end
}

// assign sets the field of a record's member; false gives up.
func (q *quick) assign(p *projector, k known, at, end int) bool {
	if k >= requestParameters && k <= additionalEventData || k == resources {
		return q.raw(p, k, at, end)
	}
	e := &p.ev
	switch k {
	case eventID:
		e.ID = q.scalar(p, at, end)
	case sharedEventID:
		e.SharedID = q.scalar(p, at, end)
	case eventType:
		e.Type = q.scalar(p, at, end)
	case eventCategory:
		e.Category = q.scalar(p, at, end)
	case eventVersion:
		e.Version = q.scalar(p, at, end)
	case awsRegion:
		e.Region = q.scalar(p, at, end)
	case sourceIPAddress:
		e.SourceIP = q.scalar(p, at, end)
	case errorCode:
		e.ErrorCode = q.scalar(p, at, end)
	case errorMessage:
		e.ErrorMessage = q.scalar(p, at, end)
	case recipientAccountID:
		e.RecipientAccount = q.scalar(p, at, end)
	case vpcEndpointID:
		e.VPCEndpoint = q.scalar(p, at, end)
	case eventName:
		p.named, e.Name = true, q.scalar(p, at, end)
	case eventSource:
		p.named, e.Source = true, q.scalar(p, at, end)
	case logstashTime:
		if !p.timed {
			e.Time = p.time(q.b[at:end])
		}
	case readOnly:
		e.ReadOnly = triState(q.scalar(p, at, end))
	case managementEvent:
		e.Management = triState(q.scalar(p, at, end))
	}
	return true
}

// raw is assign for a member that is kept as JSON.
func (q *quick) raw(p *projector, k known, at, end int) bool {
	value := q.b[at:end]
	switch value[0] {
	case 'n':
		value = nil
	case '"':
		return false
	}
	switch k {
	case requestParameters:
		p.ev.RequestParameters = value
	case responseElements:
		p.ev.ResponseElements = value
	case additionalEventData:
		p.ev.AdditionalEventData = value
	default:
		p.ev.Resources = value
	}
	return true
}

package trail

import (
	"time"
	"unsafe"
)

// memo remembers values by their JSON, so that one that comes again is compared with
// what was checked before instead of being checked again. A value that ends with a
// quote or a bracket is found by its first bytes alone: no other value begins with it.
//
// A slot holds the last value that fell in it. Where a value belongs is told by some of
// its bytes, so that its end need not be known; values made to collide cost the
// comparison only.
type memo[V any] struct {
	slots  []*remembered[V]
	sample int // where the bytes that tell the slot begin
}

type remembered[V any] struct {
	raw   []byte
	value V
}

const (
	memoSample = 24 // bytes that tell the slot
	memoMost   = 2 << 10
)

// newMemo returns a memo of so many slots, a power of two.
func newMemo[V any](slots, sample int) memo[V] {
	m := memo[V]{slots: make([]*remembered[V], slots), sample: sample}
	all := make([]remembered[V], slots)
	for i := range all {
		m.slots[i] = &all[i]
	}
	return m
}

// slot is the slot of the value at i that starts as one that is remembered would: the
// one that holds it, else the one to remember it in; nil where the input ends.
func (m *memo[V]) slot(q *quick, i int) (s *remembered[V], hit bool) {
	if i+m.sample+memoSample > q.n {
		return nil, false
	}
	p := unsafe.Add(q.p, i+m.sample)
	h := load64(p)*0x9e3779b97f4a7c15 ^ load64(unsafe.Add(p, 8))*0xc2b2ae3d27d4eb4f ^ load64(unsafe.Add(p, 16))
	h = (h ^ h>>29) * 0xbf58476d1ce4e5b9
	at := h >> 32 & uint64(len(m.slots)-1)
	if m.slots[at].holds(q, i) {
		return m.slots[at], true
	}
	if m.slots[at^1].holds(q, i) {
		return m.slots[at^1], true
	}
	// The slot beside it takes what this one held: the last two remain.
	m.slots[at], m.slots[at^1] = m.slots[at^1], m.slots[at]
	return m.slots[at], false
}

// holds tells whether the value at i is the remembered one.
func (s *remembered[V]) holds(q *quick, i int) bool {
	n := len(s.raw)
	return n != 0 && n <= q.n-i && string(s.raw) == string(q.b[i:i+n])
}

// skip is quick.value by a memo, for strings without escapes and for containers.
func (m *memo[V]) skip(q *quick, i int) int {
	s, hit := m.slot(q, i)
	if hit {
		q.esc = false
		return i + len(s.raw)
	}
	high := q.high
	q.high = 0
	end := q.value(i)
	if s != nil && end >= 0 && q.high&highs == 0 && memorable(q, i, end) {
		s.raw = append(s.raw[:0], q.b[i:end]...)
	}
	q.high |= high
	return end
}

// memorable tells whether the value just read may be remembered.
func memorable(q *quick, i, end int) bool {
	switch q.b[i] {
	case '"':
		return !q.esc && end-i <= memoMost
	case '{', '[':
		return end-i <= memoMost
	}
	return false
}

// dayMemo remembers the midnight that the last time was behind.
type dayMemo struct {
	text [10]byte
	unix int64
}

// time is parseTime for what stands at p in 20 bytes as AWS writes it, of a day that
// was the last one's too. false leaves it to parseTime.
func (d *dayMemo) time(p *[20]byte) (time.Time, bool) {
	if [10]byte(p[:10]) != d.text || d.unix == 0 || p[10] != 'T' || p[13] != ':' || p[16] != ':' || p[19] != 'Z' {
		return time.Time{}, false
	}
	hour, ok1 := twoDigits(p[11], p[12], 23)
	minute, ok2 := twoDigits(p[14], p[15], 59)
	second, ok3 := twoDigits(p[17], p[18], 59)
	if !ok1 || !ok2 || !ok3 {
		return time.Time{}, false
	}
	return time.Unix(d.unix+int64(hour)*3600+int64(minute)*60+int64(second), 0).UTC(), true
}

// note remembers the day of a time that parseTime has read from text.
func (d *dayMemo) note(text []byte, t time.Time) {
	if len(text) != 20 || text[19] != 'Z' {
		return
	}
	d.text = [10]byte(text[:10])
	d.unix = t.Truncate(24 * time.Hour).Unix()
}

func twoDigits(tens, units byte, most uint) (uint, bool) {
	t, u := uint(tens-'0'), uint(units-'0')
	v := 10*t + u
	return v, t <= 9 && u <= 9 && v <= most
}

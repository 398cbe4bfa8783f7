package ingest

import (
	"hash/maphash"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/actions"
)

const (
	// memoSlots is the number of meanings that are remembered at a time at most, and of
	// questions that are known to have been asked. A power of two.
	memoSlots = 1 << 16
	// memoBytes is about how much memory the meanings take at most.
	memoBytes = 16 << 20
	// maxFrames is the number of frames that have a number at a time, and frameBytes what
	// their texts come to at most.
	maxFrames, frameBytes = 1 << 16, 8 << 20
)

// question is all of a call that the resolver looks at. Days and principals do
// not matter to it, so one answer serves many calls.
type question struct {
	frame  uint32
	argsID string
}

// frame is all of a question but the arguments.
type frame struct {
	eventSource, eventName, eventType, category string
	region, account, recipient                  string
	principalType                               string
	errorCode, via, caller                      string
	readOnly                                    int8
}

// resolved is an answer of the resolver that may be kept.
type resolved struct {
	class   actions.Class
	outcome actions.Outcome
	uses    []actions.Use
	note    string
}

// memo remembers what questions meant. Most are asked once: an answer is kept when its
// question is asked for the second time. It outlives the days that it is asked about, so
// that nothing that it keeps is theirs. What it forgets is only resolved again.
type memo struct {
	seed  maphash.Seed
	asked []uint32 // parts of the hashes of questions, each at the place that the rest tells
	slots []answer // likewise
	bytes int      // about what the answers take
	limit int

	frames map[frame]uint32  // numbers of what questions have in common; that of none is 0
	texts  map[string]string // of frames, one copy of each
	held   int               // bytes of texts
	room   int               // number of frames
	frame  frame             // of the last call
	number uint32            // of frame
}

// answer is one that is kept, with its question.
type answer struct {
	question
	meant *resolved
}

func newMemo() memo {
	return memo{
		seed: maphash.MakeSeed(), asked: make([]uint32, memoSlots), slots: make([]answer, memoSlots), limit: memoBytes,
		frames: map[frame]uint32{{}: 0}, texts: map[string]string{}, room: maxFrames,
	}
}

// place is where a question is looked for, and what tells it from most others there,
// which is never 0. The seed is not known to who wrote the log, who can't choose
// questions that push each other out.
func (m *memo) place(q question) (at int, tag uint32) {
	h := maphash.String(m.seed, q.argsID) ^ uint64(q.frame)*0x9e3779b97f4a7c15
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	return int(h >> 32 % memoSlots), uint32(h) | 1
}

// find returns what a question meant, nil where that is not known; keep tells whether
// the answer is to be kept.
func (m *memo) find(q question) (known *resolved, keep bool) {
	at, tag := m.place(q)
	if m.asked[at] != tag {
		m.asked[at] = tag
		return nil, false
	}
	if a := &m.slots[at]; a.meant != nil && a.question == q {
		return a.meant, false
	}
	return nil, true
}

// keep remembers a copy of what the resolver lends.
func (m *memo) keep(q question, r *resolved) {
	size := r.size() + len(q.argsID)
	if size > m.limit {
		return
	}
	at, _ := m.place(q)
	a := &m.slots[at]
	if a.meant != nil {
		m.bytes -= a.meant.size() + len(a.argsID)
		*a = answer{}
	}
	if m.bytes+size > m.limit {
		clear(m.slots)
		m.bytes = 0
	}
	q.argsID = strings.Clone(q.argsID)
	*a = answer{q, r.clone()}
	m.bytes += size
}

// size is about how many bytes a copy takes.
func (r *resolved) size() int {
	const each, use = 128, 144
	n := each + use*len(r.uses)
	for i := range r.uses {
		n += len(r.uses[i].Resource)
	}
	return n
}

// clone copies what is lent: all other strings are of the facts.
func (r *resolved) clone() *resolved {
	kept := *r
	kept.uses = slices.Clone(r.uses)
	for i := range kept.uses {
		kept.uses[i].Resource = strings.Clone(kept.uses[i].Resource)
	}
	return &kept
}

// frameOf numbers a frame.
func (m *memo) frameOf(f frame) uint32 {
	if f == m.frame {
		return m.number
	}
	n, ok := m.frames[f]
	if !ok {
		if len(m.frames) >= m.room || m.held >= frameBytes { // numbers begin anew, and so do questions
			m.reset()
		}
		n = uint32(len(m.frames))
		m.frames[m.own(&f)] = n
	}
	m.frame, m.number = f, n
	return n
}

func (m *memo) reset() {
	clear(m.frames)
	clear(m.texts)
	clear(m.asked)
	clear(m.slots)
	m.bytes, m.held = 0, 0
	m.frames[frame{}] = 0
	m.frame, m.number = frame{}, 0
}

// own is a copy of a frame.
func (m *memo) own(f *frame) frame {
	kept := *f
	for _, s := range [...]*string{
		&kept.eventSource, &kept.eventName, &kept.eventType, &kept.category, &kept.region, &kept.account,
		&kept.recipient, &kept.principalType, &kept.errorCode, &kept.via, &kept.caller,
	} {
		own, ok := m.texts[*s]
		if !ok {
			own = strings.Clone(*s)
			m.texts[own] = own
			m.held += len(own)
		}
		*s = own
	}
	return kept
}

// endDay lets go of the day's last call.
func (m *memo) endDay() { m.frame, m.number = frame{}, 0 }

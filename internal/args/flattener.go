package args

import "unsafe"

// Raw are the parts of a record that describe its call, as JSON.
type Raw struct {
	Parameters, Response, Resources, Additional []byte
}

// Flattener flattens one value after the other as Append does, without making
// anything new for each. It is not safe for concurrent use.
type Flattener struct {
	walker walker
	room   []byte // what the leaves of the last call lie in
	rules  map[string]rule

	templates templateSets
	list      List   // of Encode
	encoding  []byte // of Encode
}

const (
	flattenerRoom  = 1 << 16
	flattenerRules = 4096 // names remembered
)

// NewFlattener returns a Flattener.
func NewFlattener() *Flattener {
	return &Flattener{room: make([]byte, 0, flattenerRoom), rules: map[string]rule{}}
}

// Append is the package's Append, but lends the strings it appends: they are
// valid until the next call.
func (f *Flattener) Append(dst List, root string, raw []byte) List {
	f.room = f.room[:0]
	w := &f.walker
	*w = walker{scanner: scanner{buf: w.buf[:0]}, path: w.path[:0], lower: w.lower[:0], unwrap: true, lend: f, learn: w.learn}
	dst = w.appendRoot(dst, root, raw)
	w.src, w.list = nil, nil
	if cap(w.buf) > MaxBytes {
		w.buf = nil // of a root that was one long string
	}
	return dst
}

// string copies s to where it can be lent from. What was lent before stays where
// it is when the room is full.
func (f *Flattener) string(s []byte) string {
	if len(s) == 0 {
		return ""
	}
	if cap(f.room)-len(f.room) < len(s) {
		f.room = make([]byte, 0, max(flattenerRoom, len(s)))
	}
	n := len(f.room)
	f.room = append(f.room, s...)
	return unsafe.String(&f.room[n], len(s))
}

// rule is walker.rule, which depends on the root and the name alone, but for two
// names.
func (f *Flattener) rule(w *walker) rule {
	if string(w.lower) == "content" || string(w.lower) == "host" {
		return w.rule()
	}
	name := len(w.lower)
	w.lower = append(w.lower, w.root...)
	key := w.lower
	w.lower = w.lower[:name]
	if r, ok := f.rules[string(key)]; ok {
		return r
	}
	if len(f.rules) >= flattenerRules {
		clear(f.rules) // names are the caller's: do not let them pile up
	}
	r := w.rule()
	if len(key) <= MaxValue/4 {
		f.rules[string(key)] = r
	}
	return r
}

package args

import (
	"slices"
	"strings"
)

// A template is the form that values of one operation have in common: their JSON with
// holes where a string or a number stands. What a value leaves behind depends on its
// names and its brackets, which the template has verbatim, and for each hole on the
// text alone. So a value that fits is flattened by copying its texts to their places.
//
// Each hole keeps to one outcome: its text is either kept as a leaf's value or leaves
// nothing of itself. A text that comes to another outcome than that of the value the
// template was made of does not fit, and neither does one with escapes or bytes
// outside of ASCII; the value is then walked.
type template struct {
	root  string // which the paths in out start with
	holes []hole
	end   string // what follows the last hole
	out   []outPath
	hits  int
	// last is the encoding of the texts that the holes remember, to which cell belongs;
	// stale where they have changed since.
	last  []byte
	cell  uint32
	stale bool
}

// hole is a place in the JSON, and what may stand there.
type hole struct {
	before string // the JSON between the hole before and this one; the quotes are outside of holes
	kind   holeKind
	rule   rule
	last   []byte // of a kept text: the last one
}

type holeKind uint8

const (
	holeNumber   holeKind = iota // any number
	holeMuted                    // any text
	holePresence                 // any text but an ARN
	holeDropped                  // a text that the rule drops
	holeKept                     // a text that the rule keeps
)

// outPath is the path of one leaf or several, and where their values come from.
type outPath struct {
	open   string // the encoding of a leaf up to its value
	values []outValue
}

// outValue is a constant, or with from > 0 the text of hole from-1.
type outValue struct {
	text string
	from int
}

// Bounds of what is made a template of.
const (
	templateMost   = 4 << 10 // bytes of the value
	templateHoles  = 64
	templateLeaves = 64
	templatePaths  = 4 << 10 // bytes of all paths
	templateLast   = 1 << 10 // bytes of the encoding it remembers
	holeMost       = 64      // bytes of the text that a hole remembers
)

// match finds the texts of the holes in raw, as spans; false where raw does not fit.
func (t *template) match(raw []byte, spans *[templateHoles]span) bool {
	i := 0
	for k := range t.holes {
		h := &t.holes[k]
		if len(raw)-i < len(h.before) || string(raw[i:i+len(h.before)]) != h.before {
			return false
		}
		i += len(h.before)
		n := len(h.last)
		if n == 0 || len(raw)-i <= n || raw[i+n] != '"' || string(raw[i:i+n]) != string(h.last) {
			ok := false
			if n, ok = h.takes(raw[i:]); !ok {
				return false
			}
			if h.kind == holeKept {
				h.last, t.stale = append(h.last[:0], raw[i:i+min(n, holeMost)]...), true
				if n > holeMost {
					h.last = h.last[:0]
				}
			}
		}
		spans[k] = span{i, i + n}
		i += n
	}
	return string(raw[i:]) == t.end
}

type span struct{ from, to int }

// takes is the length of what b starts with, if that may stand in the hole. What
// follows it is compared with the JSON behind the hole.
func (h *hole) takes(b []byte) (int, bool) {
	if h.kind == holeNumber {
		s := scanner{src: b}
		_, ok := s.number()
		return s.pos, ok
	}
	n := asciiText(b)
	text := b[:n]
	switch h.kind {
	case holePresence:
		return n, n < 4 || string(text[:4]) != "arn:"
	case holeDropped:
		return n, n > MaxValue || !keeps(h.rule, text)
	case holeKept:
		return n, n > 0 && n <= MaxValue && keeps(h.rule, text)
	}
	return n, true
}

// append appends the encoding of what raw leaves, whose holes' texts are in spans. As a
// template has no text with escapes, a value's JSON is the value.
func (t *template) append(dst, raw []byte, spans *[templateHoles]span) []byte {
	for i := range t.out {
		if i > 0 {
			dst = append(dst, ',')
		}
		o := &t.out[i]
		if len(o.values) == 1 {
			dst = o.appendLeaf(dst, o.values[0].of(raw, spans))
			continue
		}
		dst = o.appendSorted(dst, raw, spans)
	}
	return dst
}

func (o *outPath) appendLeaf(dst []byte, value string) []byte {
	return append(append(append(dst, o.open...), value...), `"]`...)
}

// appendSorted is append for leaves that share a path.
func (o *outPath) appendSorted(dst, raw []byte, spans *[templateHoles]span) []byte {
	var room [templateLeaves]string
	values := room[:0]
	for i := range o.values {
		v := o.values[i].of(raw, spans)
		at := len(values)
		for at > 0 && values[at-1] > v {
			at--
		}
		if at > 0 && values[at-1] == v {
			continue
		}
		values = slices.Insert(values, at, v)
	}
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = o.appendLeaf(dst, v)
	}
	return dst
}

// of is the value, lent by raw or the template.
func (v *outValue) of(raw []byte, spans *[templateHoles]span) string {
	if v.from == 0 {
		return v.text
	}
	s := spans[v.from-1]
	return lendText(raw[s.from:s.to])
}

// learner notes what a template is made of while a value is walked.
type learner struct {
	holes  []foundHole
	leaves []int // of each leaf the hole that its value comes from + 1, 0 for none
	hole   int   // that of the text at hand + 1
	failed bool  // the value has what no template has
}

type foundHole struct {
	span
	kind holeKind
	rule rule
}

func (l *learner) reset() {
	*l = learner{holes: l.holes[:0], leaves: l.leaves[:0]}
}

func (l *learner) add(s span, kind holeKind, r rule) {
	if l.failed = l.failed || len(l.holes) == templateHoles; !l.failed {
		l.holes = append(l.holes, foundHole{s, kind, r})
	}
}

// text notes the string that the walker has just taken, before it makes its leaf.
func (l *learner) text(w *walker, r rule, raw []byte, escaped bool) {
	l.hole = 0
	at := span{w.pos - 1 - len(raw), w.pos - 1}
	switch {
	case escaped || asciiText(raw) != len(raw) || w.labels != 0 || len(w.path) == len(w.root):
		l.failed = true
	case w.mute > 0 || r.class == faint:
		l.add(at, holeMuted, r)
	case r.class == statement:
		l.failed = true
	case r.class == presence:
		l.failed = l.failed || strings.HasPrefix(lendText(raw), "arn:")
		l.add(at, holePresence, r)
	case len(raw) == 0: // as it is
	case len(raw) <= MaxValue && keeps(r, raw):
		l.add(at, holeKept, r)
		l.hole = len(l.holes)
	default:
		l.add(at, holeDropped, r)
	}
}

// number notes the number that the walker has just taken. One that is an identifier
// stays as it is.
func (l *learner) number(w *walker, r rule, s []byte) {
	l.hole = 0
	if w.mute > 0 || !r.number || r.class == presence || !r.keep {
		l.add(span{w.pos - len(s), w.pos}, holeNumber, r)
	}
}

// leaf notes a leaf.
func (l *learner) leaf() {
	l.leaves = append(l.leaves, l.hole)
	l.hole = 0
}

// constant notes a leaf without a value.
func (l *learner) constant() {
	l.hole = 0
	l.leaf()
}

// template makes a template of the value that was walked and the leaves that it left;
// nil where there can be none.
func (l *learner) template(root string, raw []byte, leaves List) *template {
	if l.failed || len(leaves) != len(l.leaves) || len(leaves) > templateLeaves {
		return nil
	}
	t := &template{root: root, stale: true}
	at := 0
	for _, h := range l.holes {
		t.holes = append(t.holes, hole{before: string(raw[at:h.from]), kind: h.kind, rule: h.rule})
		at = h.to
	}
	t.end = string(raw[at:])
	order := make([]int, len(leaves))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return strings.Compare(leaves[i].Path, leaves[j].Path) })
	size := 0
	for k, i := range order {
		if k == 0 || leaves[order[k-1]].Path != leaves[i].Path {
			t.out = append(t.out, outPath{open: string(append(appendJSON([]byte(`["`), leaves[i].Path), `","`...))})
			size += len(leaves[i].Path)
		}
		v := outValue{from: l.leaves[i]}
		if v.from == 0 {
			v.text = strings.Clone(leaves[i].Value)
		}
		o := &t.out[len(t.out)-1]
		o.values = append(o.values, v)
	}
	if size > templatePaths {
		return nil
	}
	return t
}

package args

import "unsafe"

// Encoding is what a Flattener makes of one root: the encoding of its canonical leaves.
type Encoding struct {
	Bytes []byte // valid until the Flattener's next call
	// Marked tells that a leaf's path is one of those that start with "!".
	Marked bool
	// Cell is where the caller may keep a number for these bytes; it is 0 where none was
	// kept, and nil where none can be.
	Cell *uint32
}

// templateSets holds templates by a hint of the caller and the root. A set has the
// last ones that were of use; several hints and roots may share one.
type templateSets struct {
	sets  []templateSet
	learn learner
	spans [templateHoles]span
}

type templateSet struct {
	ways [templateWays]*template
	// Values that fit no template, nor make one that others fit, are no longer learned
	// from one by one: every time in vain doubles the number passed over.
	pass, passed uint8
}

const (
	templateSetCount = 1 << 9
	templateWays     = 4
	templatePass     = 127
)

func (s *templateSets) set(hint uint32, root string) *templateSet {
	if s.sets == nil {
		s.sets = make([]templateSet, templateSetCount)
	}
	h := (hint<<8 | uint32(root[0])) * 0x9e3779b1
	return &s.sets[h>>16%templateSetCount]
}

// Match encodes a value that has the form of another one that Encode saw with the same
// hint (a number of the operation); false where it has none of them.
func (f *Flattener) Match(hint uint32, root string, raw []byte) (Encoding, bool) {
	s := f.templates.set(hint, root)
	for i, t := range s.ways {
		if t == nil {
			break
		}
		if t.root != root || !t.match(raw, &f.templates.spans) {
			continue
		}
		if i > 0 {
			copy(s.ways[1:i+1], s.ways[:i])
			s.ways[0] = t
		}
		t.hits++
		if t.stale {
			f.encoding = t.append(f.encoding[:0], raw, &f.templates.spans)
			if len(f.encoding) > templateLast {
				return Encoding{Bytes: f.encoding}, true
			}
			t.last, t.cell, t.stale = append(t.last[:0], f.encoding...), 0, false
		}
		return Encoding{Bytes: t.last, Cell: &t.cell}, true
	}
	return Encoding{}, false
}

// Encode encodes a value, and remembers its form for Match.
func (f *Flattener) Encode(hint uint32, root string, raw []byte) Encoding {
	s := f.templates.set(hint, root)
	learn := len(raw) <= templateMost && s.due()
	if learn {
		f.templates.learn.reset()
		f.walker.learn = &f.templates.learn
	}
	f.list = f.Append(f.list[:0], root, raw)
	f.walker.learn = nil
	if learn && !f.marked() {
		s.add(f.templates.learn.template(root, raw, f.list))
	}
	f.list = f.list.Canonical()
	f.encoding = f.list.AppendEncoding(f.encoding[:0])
	return Encoding{Bytes: f.encoding, Marked: f.marked()}
}

// marked tells whether a leaf of the list stands for something that is not there.
func (f *Flattener) marked() bool {
	for i := range f.list {
		if f.list[i].Path[0] == '!' {
			return true
		}
	}
	return false
}

// due tells whether to learn from the next value.
func (s *templateSet) due() bool {
	if s.passed < s.pass {
		s.passed++
		return false
	}
	s.passed = 0
	return true
}

// add puts a template in front. One that was not of use since is what it costs.
func (s *templateSet) add(t *template) {
	last := s.ways[templateWays-1]
	if t == nil || last != nil && last.hits == 0 {
		s.pass = min(2*s.pass+1, templatePass)
	} else {
		s.pass = 0
	}
	if t != nil {
		copy(s.ways[1:], s.ways[:])
		s.ways[0] = t
	}
}

// lendText is the bytes as a string, without a copy.
func lendText(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

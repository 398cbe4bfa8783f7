package iam

import "slices"

// coverIndex finds a single pattern that includes another one, among thousands:
// what includes a pattern begins with a part of its literal beginning.
type coverIndex struct {
	byText   map[string]bool
	byPrefix map[string][]*language
	lengths  []int // of the prefixes, ascending
}

// newCoverIndex enters the patterns of terms that are not negated.
func newCoverIndex(terms []term) *coverIndex {
	x := &coverIndex{byText: map[string]bool{}, byPrefix: map[string][]*language{}}
	for _, t := range terms {
		if t.negate {
			continue
		}
		for _, l := range t.languages {
			if l.plain() {
				x.byText[l.src] = true
			}
			x.byPrefix[l.prefix] = append(x.byPrefix[l.prefix], l)
			x.lengths = append(x.lengths, len(l.prefix))
		}
	}
	slices.Sort(x.lengths)
	x.lengths = slices.Compact(x.lengths)
	return x
}

// plain reports that the text alone says which strings are meant.
func (l *language) plain() bool { return l.src != "" && !l.dollar && !l.vars }

// covers reports that some pattern includes left under every reading.
func (x *coverIndex) covers(left *language, w *work) bool {
	if left.plain() && x.byText[left.src] {
		return w.spend(1)
	}
	for _, n := range x.lengths {
		if n > len(left.prefix) {
			return false
		}
		w.spend(1)
		for _, l := range x.byPrefix[left.prefix[:n]] {
			if l.covers(left, w) {
				return true
			}
		}
	}
	return false
}

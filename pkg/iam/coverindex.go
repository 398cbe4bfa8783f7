package iam

// coverIndex finds a single pattern that includes another one, among thousands:
// a trie of the patterns' tokens, in which the tokens of the other one are read.
type coverIndex struct {
	byText map[string]bool
	root   trie
	round  int32
	now    []*trie
	next   []*trie
}

// trie is one node. Most nodes have one successor, so the first is kept apart.
type trie struct {
	tok   tok // by which first is reached
	first *trie
	more  map[tok]*trie
	star  *trie // reached by *, without reading
	loop  bool  // this node is a *: it stays while it reads
	seen  int32
	ends  []*language
}

// newCoverIndex enters the patterns of terms that are not negated, as far as the
// budget goes.
func newCoverIndex(terms []term, w *work) *coverIndex {
	x := &coverIndex{byText: map[string]bool{}}
	for _, t := range terms {
		if t.negate {
			continue
		}
		for _, l := range t.languages {
			if !w.spend(2*len(l.forms[0]) + 1) {
				return x
			}
			if l.plain() {
				x.byText[l.src] = true
			}
			x.root.add(l)
		}
	}
	return x
}

// plain reports that the text alone says which strings are meant.
func (l *language) plain() bool { return l.src != "" && !l.dollar && !l.vars }

// add enters the wide form, which must cover whatever the pattern covers.
func (n *trie) add(l *language) {
	for _, t := range l.forms[0] {
		n = n.child(t)
	}
	n.ends = append(n.ends, l)
}

func (n *trie) child(t tok) *trie {
	switch {
	case t.kind == manyTok:
		if n.star == nil {
			n.star = &trie{loop: true}
		}
		return n.star
	case n.first == nil:
		n.tok, n.first = t, &trie{}
	}
	if n.tok == t {
		return n.first
	}
	if n.more == nil {
		n.more = map[tok]*trie{}
	}
	if n.more[t] == nil {
		n.more[t] = &trie{}
	}
	return n.more[t]
}

func (n *trie) after(t tok) *trie {
	if n.first != nil && n.tok == t {
		return n.first
	}
	return n.more[t]
}

// covers reports that some pattern includes left under every reading.
func (x *coverIndex) covers(left *language, w *work) bool {
	if left.plain() && x.byText[left.src] {
		return w.spend(1)
	}
	x.next = x.next[:0]
	x.round++
	x.reach(&x.root)
	for _, t := range left.forms[0] {
		x.now, x.next = x.next, x.now[:0]
		if len(x.now) == 0 || !w.spend(len(x.now)) {
			return false
		}
		x.round++
		for _, n := range x.now {
			x.read(n, t)
		}
	}
	for _, n := range x.next {
		for _, l := range n.ends {
			if l.covers(left, w) {
				return true
			}
		}
	}
	return false
}

// read moves one node over one token, as tok.accepts has it.
func (x *coverIndex) read(n *trie, t tok) {
	t.noColon = false // wide forms know no colons
	if n.loop {
		x.reach(n)
	}
	if t.kind == litTok {
		x.reach(n.after(t))
	}
	if one := (tok{kind: oneTok}); one.accepts(t) {
		x.reach(n.after(one))
	}
}

// reach adds a node, once in a round, and the * behind it.
func (x *coverIndex) reach(n *trie) {
	for ; n != nil && n.seen != x.round; n = n.star {
		n.seen = x.round
		x.next = append(x.next, n)
	}
}

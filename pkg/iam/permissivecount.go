package iam

import (
	"encoding/binary"
	"slices"
)

// counter counts the strings of an extent: groups of patterns as tries, a subset
// construction over them that makes states only when a string reaches them, and
// the number of strings in each state, length by length.
type counter struct {
	alphabet int
	w        *work
	nodes    []trieNode
	groups   []countGroup
	states   []countState
	ids      map[string]int32
	mark     []int32 // by node: the round that reached it last
	round    int32
}

// trieNode is a position that all patterns with the same tokens before it share.
// 0 stands for none.
type trieNode struct {
	group     int32
	letters   []letterEdge
	one, star int32
	loop      bool  // behind a *: any character leaves the node as it is
	accept    bool  // some pattern ends here
	below     int32 // the next * that every string from here passes
}

func (n *trieNode) total() bool { return n.loop && n.accept }

type letterEdge struct {
	r  rune
	to int32
}

// countGroup is one union of patterns. all is a node that accepts everything.
type countGroup struct {
	role      groupRole
	root, all int32
}

// countState is a set of nodes that strings with the same future have in common.
type countState struct {
	nodes  []int32
	edges  []countEdge
	known  bool // edges are there
	accept bool
}

// countEdge leads to a state on so many characters.
type countEdge struct {
	to         int32
	characters float64
}

func newCounter(alphabet int, w *work) *counter {
	return &counter{alphabet: alphabet, w: w, nodes: make([]trieNode, 1), ids: map[string]int32{}}
}

func (c *counter) newNode(n trieNode) int32 {
	c.nodes = append(c.nodes, n)
	return int32(len(c.nodes) - 1)
}

func (c *counter) addGroup(as groupRole, patterns [][]tok) {
	g := int32(len(c.groups))
	root := c.newNode(trieNode{group: g})
	all := c.newNode(trieNode{group: g, loop: true, accept: true})
	c.groups = append(c.groups, countGroup{as, root, all})
	for _, toks := range patterns {
		if !c.w.spend(len(toks)) {
			return
		}
		c.insert(root, toks)
	}
	if len(patterns) == 0 {
		c.groups[g].root = 0
	}
}

// insert enters one pattern; what follows a * that ends another one is in its
// language already.
func (c *counter) insert(at int32, toks []tok) {
	for _, t := range toks {
		if c.nodes[at].total() {
			return
		}
		next := c.child(at, t)
		if next == 0 {
			next = c.newNode(trieNode{group: c.nodes[at].group, loop: t.kind == manyTok})
			c.attach(at, t, next)
		}
		at = next
	}
	c.nodes[at].accept = true
}

func (c *counter) child(at int32, t tok) int32 {
	n := &c.nodes[at]
	switch t.kind {
	case oneTok:
		return n.one
	case manyTok:
		return n.star
	}
	return n.onLetter(t.r)
}

func (c *counter) attach(at int32, t tok, next int32) {
	n := &c.nodes[at]
	switch t.kind {
	case oneTok:
		n.one = next
	case manyTok:
		n.star = next
	default:
		n.letters = append(n.letters, letterEdge{t.r, next})
	}
}

func (n *trieNode) onLetter(r rune) int32 {
	for _, e := range n.letters {
		if e.r == r {
			return e.to
		}
	}
	return 0
}

// link finds for each node the * below it that it cannot avoid: there the node
// adds nothing to a state that has reached that *. Children come after parents.
func (c *counter) link() {
	for i := len(c.nodes) - 1; i > 0; i-- {
		n := &c.nodes[i]
		only, ways := n.star, len(n.letters)
		if n.star != 0 {
			ways++
		}
		if n.one != 0 {
			only, ways = n.one, ways+1
		}
		if len(n.letters) == 1 {
			only = n.letters[0].to
		}
		if ways != 1 || n.accept {
			continue
		}
		if n.below = only; !c.nodes[only].loop {
			n.below = c.nodes[only].below
		}
	}
	c.mark = make([]int32, len(c.nodes))
}

// count walks all strings of at most length characters at once.
func (c *counter) count(length int) (sum quantity) {
	c.link()
	var start []int32
	c.round++
	for _, g := range c.groups {
		start = c.reach(start, g.root)
	}
	first := c.settle(start)
	if first < 0 {
		return quantity{}
	}
	now, next, active := make([]quantity, len(c.states)), []quantity(nil), []int32{first}
	now[first] = scaled(1, 0)
	for k := 0; len(active) > 0; k++ {
		for _, id := range active {
			if c.states[id].accept {
				sum = sum.plus(now[id])
			}
		}
		if k == length {
			return sum
		}
		reached := c.advance(now, &next, active)
		if c.w.spent() {
			return quantity{}
		}
		for _, id := range active {
			now[id] = quantity{}
		}
		now, next, active = next, now, reached
	}
	return sum
}

// advance reads one more character in every active state, and lists the states
// reached. next holds nothing before.
func (c *counter) advance(now []quantity, next *[]quantity, active []int32) (reached []int32) {
	for _, id := range active {
		if !c.states[id].known {
			c.expand(id)
		}
		if !c.w.spend(len(c.states[id].edges)/4 + 1) {
			return nil
		}
		if short := len(c.states) - len(*next); short > 0 {
			*next = append(*next, make([]quantity, short)...)
		}
		for _, e := range c.states[id].edges {
			to := &(*next)[e.to]
			if to.mant == 0 {
				reached = append(reached, e.to)
			}
			*to = to.plus(now[id].times(e.characters))
		}
	}
	slices.Sort(reached)
	return reached
}

// reach adds a node, and the * behind it, to the nodes of this round.
func (c *counter) reach(list []int32, n int32) []int32 {
	for ; n != 0; n = c.nodes[n].star {
		if c.mark[n] != c.round {
			c.mark[n] = c.round
			list = append(list, n)
		}
	}
	return list
}

// expand finds where each character leads from a state: one edge for each letter
// that some node waits for, one for all other characters.
func (c *counter) expand(id int32) {
	from := c.states[id].nodes
	letters := c.lettersOf(from)
	var edges []countEdge
	if others := c.alphabet - len(letters); others > 0 {
		edges = c.edge(edges, from, 0, false, float64(others))
	}
	for _, r := range letters {
		if c.w.spent() {
			return
		}
		edges = c.edge(edges, from, r, true, 1)
	}
	c.states[id].edges, c.states[id].known = edges, true
}

func (c *counter) lettersOf(nodes []int32) (out []rune) {
	seen := map[rune]bool{}
	for _, n := range nodes {
		c.w.spend(len(c.nodes[n].letters))
		for _, e := range c.nodes[n].letters {
			if !seen[e.r] {
				seen[e.r] = true
				out = append(out, e.r)
			}
		}
	}
	slices.Sort(out)
	return out
}

// edge reads one character, which stands for so many, from a set of nodes.
func (c *counter) edge(edges []countEdge, from []int32, r rune, letter bool, characters float64) []countEdge {
	c.round++
	c.w.spend(len(from) + 1)
	to := make([]int32, 0, len(from))
	for _, n := range from {
		node := &c.nodes[n]
		if node.loop {
			to = c.reach(to, n)
		}
		to = c.reach(to, node.one)
		if letter {
			to = c.reach(to, node.onLetter(r))
		}
	}
	id := c.settle(to)
	if id < 0 {
		return edges
	}
	for i := range edges {
		if edges[i].to == id {
			edges[i].characters += characters
			return edges
		}
	}
	return append(edges, countEdge{id, characters})
}

// settle makes one state of a set of nodes, all marked with the current round,
// in its shortest form; -1 when no string from here is in the extent.
func (c *counter) settle(list []int32) int32 {
	full, some := make([]bool, len(c.groups)), make([]bool, len(c.groups))
	for _, n := range list {
		g := c.nodes[n].group
		some[g] = true
		full[g] = full[g] || c.nodes[n].total()
	}
	always, never := c.future(full, some)
	if never {
		return -1
	}
	var out []int32
	for g := range c.groups {
		if g == 0 && always || full[g] && !(always && c.groups[g].role == allowNotRole) {
			out = append(out, c.groups[g].all)
		}
	}
	for _, n := range list {
		g := c.nodes[n].group
		if as := c.groups[g].role; full[g] || always && as <= allowNotRole || c.needless(n) {
			continue
		}
		out = append(out, n)
	}
	slices.Sort(out)
	return c.intern(out)
}

// future reads off the groups that match all that follows (full), or nothing
// (not some), whether Allow always lets through from here on, and whether
// nothing gets through any more.
func (c *counter) future(full, some []bool) (always, never bool) {
	possible := false
	for g := range c.groups {
		switch c.groups[g].role {
		case allowRole:
			always, possible = always || full[g], possible || some[g]
		case allowNotRole:
			always, possible = always || !some[g], possible || !full[g]
		case denyRole:
			never = never || full[g]
		case denyNotRole:
			never = never || !some[g]
		}
	}
	return always, never || !possible
}

// needless reports whether a * that the node leads to is in the set already.
func (c *counter) needless(n int32) bool {
	for d := c.nodes[n].below; d != 0; d = c.nodes[d].below {
		c.w.spend(1)
		if c.mark[d] == c.round {
			return true
		}
	}
	return false
}

func (c *counter) intern(nodes []int32) int32 {
	key := make([]byte, 0, 4*len(nodes))
	for _, n := range nodes {
		key = binary.LittleEndian.AppendUint32(key, uint32(n))
	}
	if id, ok := c.ids[string(key)]; ok {
		return id
	}
	c.w.spend(len(nodes) + 8)
	id := int32(len(c.states))
	c.ids[string(key)] = id
	c.states = append(c.states, countState{nodes: nodes, accept: c.accepts(nodes)})
	return id
}

func (c *counter) accepts(nodes []int32) bool {
	hit := make([]bool, len(c.groups))
	for _, n := range nodes {
		hit[c.nodes[n].group] = hit[c.nodes[n].group] || c.nodes[n].accept
	}
	allowed := false
	for g := range c.groups {
		switch c.groups[g].role {
		case allowRole:
			allowed = allowed || hit[g]
		case allowNotRole:
			allowed = allowed || !hit[g]
		case denyRole:
			if hit[g] {
				return false
			}
		case denyNotRole:
			if !hit[g] {
				return false
			}
		}
	}
	return allowed
}

package synth

import (
	"math"
	"strings"
	"unicode/utf8"
)

// cutter shortens patterns that do not fit: it replaces those that begin alike by
// what they have in common and a star. Each cut grants more than was seen, and saves
// characters. At a price, those cuts are made that are worth it: over all places, the
// sum of breadth and price × characters is least. So a higher price gives fewer
// characters; long beginnings go before short ones, and of equally long ones those
// with more to save.
type cutter struct {
	patterns []pattern
	nodes    []node // parents before children
	within   func(string) bool
}

// node is a beginning that several patterns have in common.
type node struct {
	up     int32 // the next shorter beginning, -1 for none
	lo, hi int32 // its patterns
	depth  int32 // bytes in common at the beginning …
	tail   int32 // … and at the end, from a mark on
	head   int32 // bytes of the head, which stays
	leaves int32 // characters of the patterns that have no longer beginning in common
	bare   form  // beginning and star
	tailed form  // beginning, star and end
}

// form is one way to write a cut.
type form struct {
	open    bool    // it lies within the statement
	breadth float64 // see breadth
	chars   float64
}

// overhead is what a pattern takes besides its text: quotes and a comma.
const overhead = 3

// newCutter takes sorted patterns.
func newCutter(patterns []pattern, within func(string) bool) *cutter {
	c := &cutter{patterns: patterns, within: within}
	for lo := 0; lo < len(patterns); {
		head := headOf(patterns[lo].text)
		hi := lo + 1
		for hi < len(patterns) && goesOn(patterns[hi].text, head) {
			hi++
		}
		if hi-lo > 1 && goesOn(patterns[lo].text, head) {
			c.grow(-1, int32(lo), int32(hi), int32(len(head)))
		}
		lo = hi
	}
	return c
}

// goesOn reports whether a pattern goes on from a head.
func goesOn(text, head string) bool {
	return len(text) > len(head) && text[:len(head)] == head && (text[len(head)] == ':' || text[len(head)] == '/')
}

// grow adds the node of the patterns from lo to hi and those below it. It returns
// what these patterns have in common at the end, and the length of the shortest.
func (c *cutter) grow(up, lo, hi, head int32) (tail, least int32) {
	first := c.patterns[lo].text
	common := commonPrefix(first, c.patterns[hi-1].text)
	id := int32(len(c.nodes))
	c.nodes = append(c.nodes, node{up: up, lo: lo, hi: hi, head: head, depth: int32(runeStart(first, common))})
	tail, least = int32(len(first)), int32(len(first))
	for i := lo; i < hi; {
		j := i + 1
		for j < hi && sameByte(c.patterns[i].text, c.patterns[j].text, common) {
			j++
		}
		text := c.patterns[i].text
		end, short := int32(len(text)), int32(len(text))
		if j-i > 1 {
			end, short = c.grow(id, i, j, head)
		} else {
			c.nodes[id].leaves += short + overhead
		}
		tail = min(tail, end, int32(commonSuffix(first, text)))
		least = min(least, short)
		i = j
	}
	c.finish(id, tail, least)
	return tail, least
}

func sameByte(a, b string, at int) bool { return at < len(a) && at < len(b) && a[at] == b[at] }

// runeStart is the last place at or before n at which a character of s begins.
func runeStart(s string, n int) int {
	for n > 0 && n < len(s) && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}

// finish decides what a cut at a node would be.
func (c *cutter) finish(id, tail, least int32) {
	n := &c.nodes[id]
	if n.depth <= n.head {
		return
	}
	first := c.patterns[n.lo].text
	end := first[len(first)-int(max(0, min(tail, least-n.depth))):]
	if i := strings.IndexAny(end, marksOfWords+"/:"); i >= 0 {
		n.tail = int32(len(end) - i)
	}
	n.bare = c.form(n, 0)
	n.tailed = n.bare
	if n.tail > 0 {
		n.tailed = c.form(n, n.tail)
	}
}

func (c *cutter) form(n *node, tail int32) form {
	text := c.text(n, tail)
	return form{c.within(text), breadth(text, int(n.head)), float64(len(text) + overhead)}
}

// text is the cut at a node.
func (c *cutter) text(n *node, tail int32) string {
	first := c.patterns[n.lo].text
	return strings.TrimRight(first[:n.depth], "*") + "*" + strings.TrimLeft(first[len(first)-int(tail):], "*")
}

// breadth measures what a cut may grant besides what was seen: the share of all names
// that fits, had each character 64 choices, so that a beginning never costs less than
// the longer ones within it. One that ends between words is not as bad; names cut to
// less than minPrefix are worst, and buckets bad, since others may own those that fit.
func breadth(text string, head int) float64 {
	const bitsPerCharacter, most = 6, 100 // characters; beyond, all are equally good
	literal := len(text) - head - 1 - strings.Count(text[head+1:], "*")
	bits := -bitsPerCharacter * min(literal, most)
	first, _, _ := strings.Cut(text, "*")
	name := len(first) - head - 1
	if name > 0 && strings.IndexByte(marksOfWords+"/:", first[len(first)-1]) >= 0 {
		bits -= 4
	}
	if tokenEnd(first, head) == len(first) {
		if name < minPrefix {
			bits += 20
		}
		if bucketHead(text[:head]) {
			bits += 12
		}
	}
	return math.Ldexp(1, bits)
}

// at lists the patterns at a price: breadth for one character.
func (c *cutter) at(price float64) []pattern {
	below := make([]float64, len(c.nodes)) // of the nodes within each, at best
	cut := make([]bool, len(c.nodes))
	for i := len(c.nodes) - 1; i >= 0; i-- {
		n := &c.nodes[i]
		best := below[i] + price*float64(n.leaves)
		for _, f := range []form{n.bare, n.tailed} {
			if sum := f.breadth + price*f.chars; f.open && sum < best {
				best, cut[i] = sum, true
			}
		}
		if n.up >= 0 {
			below[n.up] += best
		}
	}
	var out []pattern
	next := int32(0)
	for i := range c.nodes {
		if n := &c.nodes[i]; cut[i] && n.lo >= next {
			out = append(out, c.patterns[next:n.lo]...)
			out = append(out, c.made(n, price))
			next = n.hi
		}
	}
	return append(out, c.patterns[next:]...)
}

// made is the cut at a node.
func (c *cutter) made(n *node, price float64) pattern {
	out := pattern{c.text(n, 0), &origin{cut: true}}
	if b, t := n.bare, n.tailed; t.open && (!b.open || t.breadth+price*t.chars < b.breadth+price*b.chars) {
		out.text = c.text(n, n.tail)
	}
	for i := n.lo; i < n.hi; i++ {
		out.add(&c.patterns[i])
	}
	return out
}

package iam

import (
	"cmp"
	"math"
	mathbits "math/bits"
	"slices"
	"strings"
)

// What Shortest may spend in one call of Compact; what is beyond keeps the best
// answer so far.
const (
	mostPairs    = 1 << 20 // comparisons of two names, or of a pattern with a name
	mostNodes    = 1 << 15 // steps of the exact search
	mostSearched = 64      // used actions of a service that the exact search takes
)

// patternCost is what a pattern costs in a document: its quotes and comma too.
func patternCost(p string) int { return len(p) + len(`"",`) }

func totalCost(patterns []string) (n int) {
	for _, p := range patterns {
		n += patternCost(p)
	}
	return n
}

// choice is a pattern and which of the used names it matches, as bits.
type choice struct {
	pattern string
	cost    int
	takes   bits
	size    int
}

// shortest improves on patterns by those of the form service:Prefix*Suffix: a
// set cover of least weight.
func (s *serviceNames) shortest(best []string) []string {
	var used, others []int
	for i := range s.free {
		if s.free[i] {
			used = append(used, i)
		} else {
			others = append(others, i)
		}
	}
	if len(used) == 0 || strings.HasSuffix(best[0], ":*") || !s.afford(len(used)*len(others)) {
		return best
	}
	choices := s.choices(used, others)
	if choices == nil {
		return best
	}
	fixed := s.literals(others)
	for _, i := range used {
		choices = append(choices, choice{pattern: s.name(i), cost: patternCost(s.name(i))})
	}
	if !s.afford(len(choices) * len(used)) {
		return best
	}
	choices = s.match(choices, used)
	slices.SortFunc(choices, better)
	got := append(greedyCover(choices, len(used)), fixed...)
	if totalCost(got) < totalCost(best) {
		best = got
	}
	if len(used) <= mostSearched {
		x := newCoverSearch(choices, len(used), totalCost(best)-totalCost(fixed), &s.nodes)
		if x.run(x.all, 0); x.best != nil {
			best = append(x.best, fixed...)
		}
	}
	return best
}

func (s *serviceNames) afford(n int) bool {
	if n > s.pairs {
		return false
	}
	s.pairs -= n
	return true
}

// literals are the used actions that must stand in full.
func (s *serviceNames) literals(list []int) (out []string) {
	for _, i := range list {
		if s.kept[s.lo+i] {
			out = append(out, s.name(i))
		}
	}
	return out
}

// choices lists for each used name the shortest patterns Prefix*Suffix that match
// it and none of others: the longer the suffix, the shorter the prefix may be.
func (s *serviceNames) choices(used, others []int) (out []choice) {
	seen := map[string]bool{}
	everywhere := s.scope.permits(s.lower(0)[:s.start]+"*", s.coverWork)
	for _, u := range used {
		name := s.lower(u)[s.start:]
		need := s.prefixNeeds(name, others)
		last := len(name) + 1
		for suffix, prefix := range need {
			for prefix+suffix <= len(name) && (prefix+suffix == 0 || !everywhere && !s.permitsCut(name, prefix, suffix)) {
				prefix++
			}
			if prefix >= last || prefix+suffix > len(name) {
				continue
			}
			last = prefix
			full := s.name(u)
			p := full[:s.start+prefix] + "*" + full[len(full)-suffix:]
			if low := lowerASCII(p); !seen[low] {
				seen[low] = true
				out = append(out, choice{pattern: p, cost: patternCost(p)})
			}
		}
	}
	return out
}

func (s *serviceNames) permitsCut(name string, prefix, suffix int) bool {
	return s.scope.permits(s.lower(0)[:s.start]+name[:prefix]+"*"+name[len(name)-suffix:], s.coverWork)
}

// prefixNeeds says, for each length of suffix, how long the prefix must be at
// least so that none of others matches.
func (s *serviceNames) prefixNeeds(name string, others []int) []int {
	need := make([]int, len(name)+1)
	for _, i := range others {
		other := s.lower(i)[s.start:]
		head := sharedPrefix(name, other)
		for suffix := range sharedSuffix(name, other) + 1 {
			need[suffix] = max(need[suffix], min(head, len(other)-suffix)+1)
		}
	}
	return need
}

// match fills in what each choice takes, and drops the wildcards for one action
// that are no shorter than its name.
func (s *serviceNames) match(choices []choice, used []int) []choice {
	words := (len(used) + 63) / 64
	kept := choices[:0]
	for _, c := range choices {
		c.takes = make(bits, words)
		last := 0
		for j, i := range used {
			if globFold(c.pattern, s.lower(i)) {
				c.takes.set(j)
				c.size++
				last = i
			}
		}
		if c.size > 1 || !hasWildcard(c.pattern) || c.cost < patternCost(s.name(last)) {
			kept = append(kept, c)
		}
	}
	return kept
}

// better orders choices by cost for each action taken; the rest of the order only
// has to be one.
func better(a, b choice) int {
	return cmp.Or(cmp.Compare(a.cost*b.size, b.cost*a.size), cmp.Compare(a.cost, b.cost), cmp.Compare(a.pattern, b.pattern))
}

// greedyCover takes the choice that is cheapest for each action not yet covered,
// until all are, and drops what turned out needless.
func greedyCover(choices []choice, n int) []string {
	open := make(bits, (n+63)/64)
	for i := range n {
		open.set(i)
	}
	var picked []choice
	for left := n; left > 0; {
		best, gain := -1, 0
		for k := range choices {
			if best >= 0 && choices[k].cost*gain >= choices[best].cost*choices[k].size {
				break // in this order no later one can do better than it did at first
			}
			if g := choices[k].takes.common(open); g > 0 && (best < 0 || choices[k].cost*gain < choices[best].cost*g) {
				best, gain = k, g
			}
		}
		for i := range open {
			open[i] &^= choices[best].takes[i]
		}
		picked = append(picked, choices[best])
		left -= gain
	}
	return needed(picked, n)
}

// needed drops picks, the dearest first, that the others cover together.
func needed(picked []choice, n int) (out []string) {
	count := make([]int, n)
	each := func(c choice, f func(i int)) {
		for i := range n {
			if c.takes[i>>6]>>(i&63)&1 != 0 {
				f(i)
			}
		}
	}
	for _, c := range picked {
		each(c, func(i int) { count[i]++ })
	}
	slices.SortFunc(picked, func(a, b choice) int {
		return cmp.Or(cmp.Compare(b.cost, a.cost), cmp.Compare(a.pattern, b.pattern))
	})
	for _, c := range picked {
		alone := false
		each(c, func(i int) { alone = alone || count[i] == 1 })
		if alone {
			out = append(out, c.pattern)
			continue
		}
		each(c, func(i int) { count[i]-- })
	}
	return out
}

func (b bits) common(c bits) (n int) {
	for i := range b {
		n += mathbits.OnesCount64(b[i] & c[i])
	}
	return n
}

// coverSearch looks for a cheaper cover by branch and bound: some action that few
// choices take, each of them in turn, while the price of what is left allows it.
type coverSearch struct {
	choices []choice
	by      [][]int   // by action: the choices that take it, the best first
	price   []float64 // by action: the least share of a choice's cost
	all     uint64
	limit   int // a cover has to cost less
	nodes   *int
	picked  []int
	best    []string
}

func newCoverSearch(choices []choice, n, limit int, nodes *int) *coverSearch {
	x := &coverSearch{choices: choices, by: make([][]int, n), price: make([]float64, n), limit: limit, nodes: nodes}
	x.all = math.MaxUint64 >> (64 - n)
	for i := range n {
		x.price[i] = math.Inf(1)
	}
	for k, c := range choices {
		for m := c.takes[0]; m != 0; m &= m - 1 {
			i := mathbits.TrailingZeros64(m)
			x.by[i] = append(x.by[i], k)
			x.price[i] = min(x.price[i], float64(c.cost)/float64(c.size))
		}
	}
	return x
}

func (x *coverSearch) run(open uint64, cost int) {
	if *x.nodes--; *x.nodes < 0 {
		return
	}
	if open == 0 {
		x.limit, x.best = cost, x.best[:0]
		for _, k := range x.picked {
			x.best = append(x.best, x.choices[k].pattern)
		}
		return
	}
	for _, k := range x.by[x.tightest(open)] {
		c := &x.choices[k]
		rest := open &^ c.takes[0]
		if float64(cost+c.cost)+x.least(rest) > float64(x.limit)-1+1e-6 {
			continue
		}
		x.picked = append(x.picked, k)
		x.run(rest, cost+c.cost)
		x.picked = x.picked[:len(x.picked)-1]
	}
}

// least is a bound from below on what covering the rest costs.
func (x *coverSearch) least(open uint64) (sum float64) {
	for ; open != 0; open &= open - 1 {
		sum += x.price[mathbits.TrailingZeros64(open)]
	}
	return sum
}

// tightest is the open action with the fewest choices.
func (x *coverSearch) tightest(open uint64) int {
	best := mathbits.TrailingZeros64(open)
	for open &= open - 1; open != 0; open &= open - 1 {
		if i := mathbits.TrailingZeros64(open); len(x.by[i]) < len(x.by[best]) {
			best = i
		}
	}
	return best
}

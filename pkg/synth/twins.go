package synth

import (
	"fmt"
	"slices"
	"strings"
)

// A workload that runs in two regions does the same in both: what it does seldom may have
// come up in one of them only. So an action that a statement shows on a name in one region
// stays on the same name in another, where the statement's other actions are used on it
// there, and the calls there are too few to tell that the action is not among them.

// seldom is the number of calls that were to be expected from which their absence tells
// something: of three expected ones, none comes by chance once in twenty times.
const seldom = 3.0

// maxTwins bounds the patterns that are compared.
const maxTwins = 20_000

// regional is a pattern as its text before and after the region.
type regional struct{ head, tail string }

// splitRegion parts an ARN at its region; false where it names none.
func splitRegion(arn string) (name regional, region string, ok bool) {
	at := 0
	for range 3 {
		i := strings.IndexByte(arn[at:], ':')
		if i < 0 {
			return regional{}, "", false
		}
		at += i + 1
	}
	i := strings.IndexByte(arn[at:], ':')
	if i <= 0 || strings.ContainsAny(arn[:at+i], "*?") {
		return regional{}, "", false
	}
	return regional{arn[:at], arn[at+i:]}, arn[at : at+i], true
}

// twins are the names that a statement's actions use in several regions.
type twins struct {
	regions map[regional]map[string]bool
	uses    []map[string]int // by verdict: uses, as ids on days, by region
	all     map[string]int   // of all verdicts
}

// joinTwins extends the verdicts of a statement to the regions in which the same names
// are used. What is added was seen with another action of the statement, and so lies within
// its resources.
func (n *narrower) joinTwins(vs []verdict) {
	if n.outlook.style == Exact {
		return
	}
	t := findTwins(vs)
	if t == nil {
		return
	}
	for i := range vs {
		if vs[i].found != nil && vs[i].fate == FateUsed {
			t.join(&vs[i], i)
		}
	}
}

// findTwins finds them; nil for none.
func findTwins(vs []verdict) *twins {
	t := &twins{regions: map[regional]map[string]bool{}, uses: make([]map[string]int, len(vs)), all: map[string]int{}}
	patterns := 0
	for i := range vs {
		if vs[i].found == nil || vs[i].fate != FateUsed {
			continue
		}
		if patterns += len(vs[i].found.patterns); patterns > maxTwins {
			return nil
		}
		for _, p := range vs[i].found.patterns {
			if name, region, ok := splitRegion(p.text); ok {
				if t.regions[name] == nil {
					t.regions[name] = map[string]bool{}
				}
				t.regions[name][region] = true
			}
		}
		t.uses[i] = map[string]int{}
		for _, o := range vs[i].obs {
			if _, region, ok := splitRegion(o.resource); ok && o.allowed() {
				t.uses[i][region] += len(o.dayList)
				t.all[region] += len(o.dayList)
			}
		}
	}
	if len(t.all) < 2 {
		return nil
	}
	return t
}

// join extends one verdict.
func (t *twins) join(v *verdict, i int) {
	var more []pattern
	for _, p := range v.found.patterns {
		name, region, ok := splitRegion(p.text)
		if !ok {
			continue
		}
		for _, other := range sortedKeys(t.regions[name]) {
			text := name.head + other + name.tail
			if other == region || t.uses[i][other] > 0 || t.expected(i, other) >= seldom {
				continue
			}
			o := &origin{why: &opening{why: fmt.Sprintf("the same name is used in %s, too seldom to tell that this action is not", other)}, seen: 1, examples: []string{p.text}}
			if p.origin != nil {
				o.why.up, o.seen, o.examples = p.why, p.seen, p.examples
			}
			more = append(more, pattern{text, o})
		}
	}
	if more == nil {
		return
	}
	g := *v.found
	g.patterns = subsumed(slices.Concat(v.found.patterns, more))
	v.found, v.cut = &g, g.patterns
	v.resources = texts(v.cut)
}

// expected is how many uses of a verdict's action another region would have shown, if it
// came there as often among the others. Where these do not share a region with it, nothing
// tells that the regions are alike.
func (t *twins) expected(i int, region string) float64 {
	own, rest := 0, 0
	for r, n := range t.all {
		if r != region {
			own += t.uses[i][r]
			rest += n - t.uses[i][r]
		}
	}
	if rest == 0 {
		return seldom
	}
	return float64(own) * float64(t.all[region]-t.uses[i][region]) / float64(rest)
}

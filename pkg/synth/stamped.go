package synth

import (
	"slices"
	"strings"
)

// joinDated joins shapes of one token each that hold a date and begin alike:
// "/churn-2026-08-06-kp25", "/churn-2026-08-07-x3qa" become "/churn-*". What follows the
// date is as new each time as the date, so that no shape of its own ever comes again. Those
// of one date are different things, and stay.
func (o *opener) joinDated(groups []shape, dated bool) []shape {
	lone := make([]bool, len(groups))
	for i := range groups {
		g := &groups[i]
		lone[i] = len(g.tokens) == 1 && strings.Contains(g.skeleton, "*") && o.date(g.tokens[0].text, dated)
	}
	groups, lone = o.joinLone(groups, lone, func(g *shape) int { return strings.IndexByte(g.skeleton, '*') })
	groups, _ = o.joinLone(groups, lone, func(g *shape) int { return strings.IndexAny(g.tokens[0].text, "0123456789") })
	return groups
}

// joinLone joins the lone shapes whose tokens have their first bytes, as many as head
// says, in common. The shapes stay in order.
func (o *opener) joinLone(groups []shape, lone []bool, head func(*shape) int) ([]shape, []bool) {
	by := map[string][]int{}
	for i := range groups {
		if lone[i] {
			text := groups[i].skeleton[:head(&groups[i])]
			by[text] = append(by[text], i)
		}
	}
	gone := make([]bool, len(groups))
	for text, list := range by {
		if len(list) < minWords || o.dates(groups, list) < minWords {
			continue
		}
		g := &groups[list[0]]
		g.skeleton = text + "*" + ending(groups, list)
		for _, i := range list[1:] {
			g.tokens = append(g.tokens, groups[i].tokens...)
			gone[i] = true
		}
		lone[list[0]] = false
	}
	at := 0
	for i := range groups {
		if !gone[i] {
			groups[at], lone[at] = groups[i], lone[i]
			at++
		}
	}
	return groups[:at], lone[:at]
}

// dates counts the dates that the tokens of lone shapes hold.
func (o *opener) dates(groups []shape, list []int) int {
	found := map[string]bool{}
	for _, i := range list {
		found[dateIn(groups[i].tokens[0].text, o.years)] = true
	}
	return len(found)
}

// dateIn is the first year of the time of the logs in a token with the digits and marks
// after it, up to a day; the whole token where there is none.
func dateIn(token string, years [2]int) string {
	const longest = len("2026-01-31")
	for i := 0; i+4 <= len(token); i++ {
		if (i == 0 || !digit(token[i-1])) && inYears(token[i:i+4], years) {
			end := i + 4
			for end < len(token) && end < i+longest && (digit(token[end]) || strings.IndexByte("-_.", token[end]) >= 0) {
				end++
			}
			return token[i:end]
		}
	}
	return token
}

// ending is what the skeletons of lone shapes have in common at the end, from a mark on.
func ending(groups []shape, list []int) string {
	first := groups[list[0]].skeleton
	tail := len(first)
	for _, i := range list[1:] {
		tail = min(tail, commonSuffix(first, groups[i].skeleton))
	}
	end := first[len(first)-tail:]
	end = end[strings.LastIndexByte(end, '*')+1:]
	if i := strings.IndexAny(end, marksOfWords); i >= 0 {
		return end[i:]
	}
	return ""
}

// counter reports whether the tokens of a shape are numbers that move on: most of the
// new ones are higher than all before, up to the end. expected is how far they will have
// moved within the horizon.
func (o *opener) counter(g *shape) (expected float64, ok bool) {
	type numbered struct {
		number int
		first  int32
	}
	list := make([]numbered, 0, len(g.tokens))
	before, after, one := strings.Cut(g.skeleton, "*")
	if !one || strings.Contains(after, "*") {
		return 0, false
	}
	for _, t := range g.tokens {
		n, ok := number(t.text[len(before) : len(t.text)-len(after)])
		if !ok {
			return 0, false
		}
		list = append(list, numbered{n, t.first})
	}
	slices.SortFunc(list, func(a, b numbered) int {
		if a.first != b.first {
			return int(a.first - b.first)
		}
		return a.number - b.number
	})
	if len(list) < minWords {
		return 0, false
	}
	days := int(o.to-list[0].first) + 1
	var top [3]int // the highest number by the end of each third
	highest, late, higher := list[0].number, 0, 0
	for _, x := range list {
		third := min(2, int(x.first-list[0].first)*3/days)
		if third > 0 {
			late++
			if x.number > highest {
				higher++
			}
		}
		highest = max(highest, x.number)
		for ; third < len(top); third++ {
			top[third] = highest
		}
	}
	moved := float64(top[2]-top[0]) / (float64(days) * 2 / 3) * float64(o.horizon)
	return moved, days >= minLife && top[0] < top[1] && top[1] < top[2] && 2*higher >= late && o.opens(moved)
}

// number reads a number of at most nine digits.
func number(s string) (n int, ok bool) {
	const most = 9
	for i := range len(s) {
		if !digit(s[i]) {
			return 0, false
		}
		n = 10*n + int(s[i]-'0')
	}
	return n, s != "" && len(s) <= most
}

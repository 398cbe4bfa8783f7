package synth

import (
	"sort"
	"strings"
)

// opener replaces the places of a trie that change from day to day by wildcards.
type opener struct {
	head   string
	within func(string) bool
	years  [2]int // of the sightings, with a year on either side
	bare   bool   // the first token is a bare name
	stable bool   // ids of this type live long: they never open
	global bool   // bucket names: opening them would reach other accounts
	failed bool   // something must open, and cannot within the statement
}

func newOpener(head string, years [2]int, within func(string) bool) *opener {
	const bareColons = 4 // arn:aws:sqs:us-east-1:111122223333
	o := &opener{head: head, within: within, years: years, bare: strings.Count(head, ":") == bareColons}
	o.global = o.bare && strings.Contains(head, ":s3:")
	o.stable = strings.Contains(head, ":iam:")
	for _, suffix := range []string{":key", ":hostedzone", ":security-group", ":subnet", ":vpc", ":route-table",
		":internet-gateway", ":natgateway", ":transit-gateway", ":elastic-ip", ":dhcp-options", ":network-acl"} {
		o.stable = o.stable || strings.HasSuffix(head, suffix)
	}
	return o
}

// open returns the trie with wildcards. dated tells that a token above is a date, so
// that small numbers below it are months, days and hours.
func (o *opener) open(n *node, prefix string, dated bool) *node {
	out := &node{days: n.days, end: n.end, kids: map[string]*node{}}
	groups := map[string][]string{} // skeleton → tokens
	for t := range n.kids {
		s := skeleton(t)
		groups[s] = append(groups[s], t)
	}
	for _, s := range sortedKeys(groups) {
		tokens := groups[s]
		sort.Strings(tokens)
		dates := o.calendar(tokens, dated)
		if !o.expectsNew(n, s, tokens, prefix, dates) || !o.canOpen(n, s, tokens, prefix) {
			for _, t := range tokens {
				out.kids[t] = merge(out.kids[t], o.open(n.kids[t], prefix+t, dated || dates))
			}
			continue
		}
		var joined *node
		for _, t := range tokens {
			joined = merge(joined, n.kids[t])
		}
		out.kids[s] = merge(out.kids[s], o.open(joined, prefix+s, dated || dates))
	}
	return out
}

// expectsNew decides whether new tokens of a skeleton are to be expected. Dates and
// revisions: always. Ids: when some were seen on one day only or came up late, by the
// Good–Turing estimate (n1+1)/(obs+3) of a new one, where an observation is a token
// on a day.
func (o *opener) expectsNew(n *node, skeleton string, tokens []string, prefix string, dates bool) bool {
	first := prefix == o.head
	switch {
	case skeleton == tokens[0], first && o.global, first && o.bare && literalPrefix(skeleton) < minPrefix:
		return false
	case dates, revision(tokens):
		return true
	case o.stable, first && o.bare, first && len(tokens) == 1 && named(skeleton):
		return false
	}
	once, total := 0, 0
	for _, t := range tokens {
		d := len(n.kids[t].days)
		total += d
		if d == 1 {
			once++
		}
	}
	if len(tokens) == 1 {
		return once == 1 && volatile(tokens[0])
	}
	if once == 0 && !n.lateArrival(tokens) {
		return false
	}
	return float64(once+1)/float64(total+3) >= openChance
}

// minPrefix is what has to stay of a name that opens.
const minPrefix = 3

func literalPrefix(skeleton string) int {
	return strings.IndexAny(strings.TrimLeft(skeleton, "/:")+"*", "*?")
}

// named reports whether a skeleton holds more than the short mark that a service
// puts before its ids ("i-*", "snap-*"): somebody gave this name.
func named(skeleton string) bool {
	const mark = 6
	return len(strings.Trim(skeleton, "/:*-")) > mark
}

// openChance is the estimated chance of an unseen id in the next use from which
// its place opens.
const openChance = 0.02

// lateArrival reports whether a token was first seen in the second half of the time
// in which its siblings were used.
func (n *node) lateArrival(tokens []string) bool {
	first, last := int32(1<<30), int32(-1)
	var firsts []int32
	for _, t := range tokens {
		own := int32(1 << 30)
		for d := range n.kids[t].days {
			own, last = min(own, d), max(last, d)
		}
		firsts = append(firsts, own)
		first = min(first, own)
	}
	for _, f := range firsts {
		if f > first+(last-first)/2 {
			return true
		}
	}
	return false
}

// canOpen reports whether the wildcard lies within the statement. Where it does not
// and the statement allows other tokens at that place, nothing can be narrowed.
func (o *opener) canOpen(n *node, skeleton string, tokens []string, prefix string) bool {
	if o.within(prefix + skeleton + "*") {
		return true
	}
	leaves := true
	for _, t := range tokens {
		leaves = leaves && len(n.kids[t].kids) == 0
	}
	if leaves && o.within(prefix+skeleton) {
		return true
	}
	for _, t := range tokens {
		if other := n.kids[t].patterns(prefix + another(t)); len(other) > 0 && o.within(other[0]) {
			o.failed = true
		}
	}
	return false
}

// another is a token of the same shape: its last digit changed.
func another(token string) string {
	for i := len(token) - 1; i >= 0; i-- {
		if c := token[i]; c >= '0' && c <= '9' {
			return token[:i] + string('0'+(c-'0'+1)%10) + token[i+1:]
		}
	}
	return token
}

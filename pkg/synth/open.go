package synth

import (
	"fmt"
	"slices"
	"strings"
)

// opener replaces the places of resources that change from day to day by wildcards.
// It parts the sightings by their tokens, level by level; where a place opens, those
// behind it are taken together.
type opener struct {
	outlook
	seen   []sighting
	at     []int32 // how much of each sighting stands before the place in hand
	within func(string) bool
	years  [2]int // of the sightings, with a year on either side

	head   string
	names  bool // the first token is a bare name
	bucket bool // … of a bucket: unique in the world, so that others may own what opens
	stable bool // ids of this type live long

	out    []pattern
	risks  []risk
	failed bool // something must open, and cannot within the statement

	stamps []int32 // of days, to count distinct ones
	stamp  int32
	base   int32 // the day of stamps[0]
}

// place is a point in the resources, and what has been made of them before it.
type place struct {
	prefix string
	why    *opening
	kin    *kin // of this place and those beside it, nil where they tell nothing
	first  bool // the token after it is the first
	dated  bool // a token before it is a date: small numbers are months, days and hours
}

// token is one token at a place, with the sightings that have it.
type token struct {
	text              string
	lo, hi            int32 // its sightings, in the order of the place
	first, last, days int32
}

func newOpener(seen []sighting, out outlook, within func(string) bool) *opener {
	o := &opener{outlook: out, seen: seen, at: make([]int32, len(seen)), within: within, years: yearsOf(seen)}
	lo, hi := int32(1<<30), int32(0)
	for i := range seen {
		for _, d := range seen[i].days {
			if d >= 0 {
				lo, hi = min(lo, d), max(hi, d)
			}
		}
	}
	o.base, o.to = min(lo, hi), max(o.to, hi)
	o.stamps = make([]int32, hi-o.base+1)
	return o
}

// begin turns to the resources of a head.
func (o *opener) begin(head string) {
	o.head, o.names, o.bucket = head, bareHead(head), bucketHead(head)
	o.stable = strings.Contains(head, ":iam:")
	for _, suffix := range []string{":key", ":hostedzone", ":security-group", ":subnet", ":vpc", ":route-table",
		":internet-gateway", ":natgateway", ":transit-gateway", ":elastic-ip", ":dhcp-options", ":network-acl", ":vpc-endpoint"} {
		o.stable = o.stable || strings.HasSuffix(head, suffix)
	}
}

// open emits the patterns for the sightings ix, which have all of p behind them.
func (o *opener) open(p place, ix []int32) {
	if len(ix) > 0 && p.why == nil {
		p.prefix = o.seen[ix[0]].arn[:o.at[ix[0]]] // as it was seen: shares its memory
	}
	ix = o.end(p, ix)
	if len(ix) == 0 {
		return
	}
	tokens, ix := o.part(ix)
	for _, t := range tokens {
		for _, i := range ix[t.lo:t.hi] {
			o.at[i] += int32(len(t.text))
		}
	}
	groups, rest := shapes(tokens)
	groups = o.joinDated(groups, p.dated)
	for _, g := range groups {
		if !o.openGroup(p, &g, ix) {
			rest = append(rest, g.tokens...)
		}
	}
	slices.SortFunc(rest, compareTokens)
	rest = o.openNames(p, rest, ix)
	kin := o.kinOf(rest, ix)
	for _, t := range rest {
		q := place{prefix: p.prefix + t.text, why: p.why, kin: kin, dated: p.dated || o.date(t.text, p.dated)}
		o.open(q, ix[t.lo:t.hi])
	}
}

// openNames opens a place for names of one separator after the other, and returns those
// that stay.
func (o *opener) openNames(p place, tokens []*token, ix []int32) (stay []*token) {
	for len(tokens) > 0 {
		n := 1
		for n < len(tokens) && tokens[n].text[0] == tokens[0].text[0] {
			n++
		}
		rest := o.openWords(p, tokens[:n], ix)
		if p.kin != nil && len(rest) > 0 {
			rest = o.openKin(p, rest, ix)
		}
		stay = append(stay, rest...)
		tokens = tokens[n:]
	}
	return stay
}

// end emits what ends at a place, and returns the others.
func (o *opener) end(p place, ix []int32) []int32 {
	var ends []int32
	for _, i := range ix {
		if int(o.at[i]) == len(o.seen[i].arn) {
			ends = append(ends, i)
		}
	}
	if len(ends) == 0 {
		return ix
	}
	o.emit(p, ends)
	if len(ends) == len(ix) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(ix), func(i int32) bool { return int(o.at[i]) == len(o.seen[i].arn) })
}

func (o *opener) emit(p place, ix []int32) {
	out := pattern{text: p.prefix}
	if p.why != nil {
		out.origin = &origin{why: p.why, seen: len(ix), examples: o.smallest(ix)}
	}
	o.out = append(o.out, out)
}

// smallest lists the first few of the sightings, in order.
func (o *opener) smallest(ix []int32) []string {
	var out []string
	for _, i := range ix {
		arn := o.seen[i].arn
		if len(out) == maxExamples && arn >= out[maxExamples-1] {
			continue
		}
		if at, found := slices.BinarySearch(out, arn); !found {
			out = slices.Insert(out, at, arn)
			out = out[:min(maxExamples, len(out))]
		}
	}
	return out
}

// part sorts sightings by their next token.
func (o *opener) part(ix []int32) ([]*token, []int32) {
	if len(ix) == 1 {
		t := &token{text: o.next(ix[0]), hi: 1}
		o.count(t, ix)
		return []*token{t}, ix
	}
	byText := map[string]*token{}
	var tokens []*token
	of := make([]*token, len(ix))
	for k, i := range ix {
		text := o.next(i)
		t := byText[text]
		if t == nil {
			t = &token{text: text}
			byText[text] = t
			tokens = append(tokens, t)
		}
		t.hi++ // a count as yet
		of[k] = t
	}
	slices.SortFunc(tokens, compareTokens)
	at := int32(0)
	for _, t := range tokens {
		t.lo, at = at, at+t.hi
		t.hi = t.lo
	}
	sorted := make([]int32, len(ix))
	for k, t := range of {
		sorted[t.hi] = ix[k]
		t.hi++
	}
	for _, t := range tokens {
		o.count(t, sorted[t.lo:t.hi])
	}
	return tokens, sorted
}

func (o *opener) next(i int32) string {
	arn, at := o.seen[i].arn, int(o.at[i])
	return arn[at:tokenEnd(arn, at)]
}

// count finds the days of a token's sightings.
func (o *opener) count(t *token, ix []int32) {
	o.stamp++
	t.first, t.last = o.to+1, o.base
	for _, i := range ix {
		for _, d := range o.seen[i].days {
			if d < 0 || o.stamps[d-o.base] == o.stamp {
				continue
			}
			o.stamps[d-o.base] = o.stamp
			t.days++
			t.first, t.last = min(t.first, d), max(t.last, d)
		}
	}
	if t.days == 0 {
		t.first = o.base
	}
}

// shape is a group of tokens that differ in ids or dates only.
type shape struct {
	skeleton string
	tokens   []*token
}

// shapes groups the tokens that hold ids or dates by their skeletons, in order, and
// lists the others: words.
func shapes(tokens []*token) (groups []shape, words []*token) {
	by := map[string]int{}
	for _, t := range tokens {
		s := skeleton(t.text)
		if s == t.text && !strings.ContainsAny(s, "*?") {
			words = append(words, t)
			continue
		}
		i, ok := by[s]
		if !ok {
			i = len(groups)
			by[s] = i
			groups = append(groups, shape{skeleton: s})
		}
		groups[i].tokens = append(groups[i].tokens, t)
	}
	slices.SortFunc(groups, func(a, b shape) int { return strings.Compare(a.skeleton, b.skeleton) })
	return groups, words
}

func compareTokens(a, b *token) int { return strings.Compare(a.text, b.text) }

// openGroup opens a place for tokens with ids or dates where new ones are to be
// expected, and reports whether it did.
func (o *opener) openGroup(p place, g *shape, ix []int32) bool {
	why, dates := o.changes(p, g)
	if why == "" || !o.canOpen(p, g.skeleton, g.tokens, ix) {
		return false
	}
	q := place{prefix: p.prefix + g.skeleton, why: &opening{why, p.why}, dated: p.dated || dates}
	o.open(q, o.pool(g.tokens, ix))
	return true
}

// pool lists the sightings of tokens.
func (o *opener) pool(tokens []*token, ix []int32) []int32 {
	var out []int32
	for _, t := range tokens {
		out = append(out, ix[t.lo:t.hi]...)
	}
	return out
}

// changes says why new tokens of a shape are to be expected, "" if they are not.
// Dates and revisions: always. Ids: see idsCome.
func (o *opener) changes(p place, g *shape) (why string, dates bool) {
	lone := len(g.tokens) == 1
	if lone && g.skeleton == g.tokens[0].text {
		return "", false
	}
	dates = o.calendar(g.tokens, p.dated)
	name := p.first && (o.names || o.bucket)
	switch {
	case strings.ContainsAny(g.tokens[0].text, "*?"): // coarse already: nothing is gained by the others
		return "ids: seen as a pattern", dates
	case p.first && o.bucket && (lone || literalPrefix(g.skeleton) < minPrefix), name && literalPrefix(g.skeleton) < minPrefix:
		return "", dates
	case dates:
		return "dates", true
	case revision(g.tokens):
		return fmt.Sprintf("revisions: %d seen", len(g.tokens)), false
	case lone && (o.stable || name || p.first && named(g.skeleton)):
		return "", false
	}
	return o.newIDs(g), false
}

// newIDs says why new ids of a shape are to be expected, "" if they are not. Ids of
// what lives long need plenty of evidence.
func (o *opener) newIDs(g *shape) string {
	once, uses := 0, 0
	firsts := make([]int32, 0, len(g.tokens))
	for _, t := range g.tokens {
		uses += int(t.days)
		if t.days <= 1 {
			once++
		}
		firsts = append(firsts, t.first)
	}
	a := o.arrive(firsts)
	lone := len(g.tokens) == 1
	come := o.idsCome(once, uses, a)
	if ahead, moves := o.counter(g); moves && !come && !o.stable {
		return fmt.Sprintf("a counter: %d numbers seen, %.0f more expected", a.names, ahead)
	}
	switch {
	case lone:
		come = o.style != Exact && once == 1 && volatile(g.tokens[0].text)
	case o.stable:
		come = come && a.names >= 5 && once*2 >= a.names && a.expected >= expectedNames
	}
	switch {
	case !come:
		if !lone && a.expected >= expectedNames {
			o.risk(g.skeleton, a)
		}
		return ""
	case lone:
		return "ids: 1 seen, on one day only"
	}
	return fmt.Sprintf("ids: %d seen, %d on one day only", a.names, once)
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

// canOpen reports whether the wildcard lies within the statement. Where it does not
// and the statement allows other tokens at that place, nothing can be narrowed.
func (o *opener) canOpen(p place, open string, tokens []*token, ix []int32) bool {
	if o.within(p.prefix + open + "*") {
		return true
	}
	pool := o.pool(tokens, ix)
	if len(pool) <= maxRests && !slices.ContainsFunc(pool, func(i int32) bool {
		return !o.within(p.prefix + open + o.seen[i].arn[o.at[i]:])
	}) {
		return true
	}
	o.failed = o.failed || slices.ContainsFunc(tokens, func(t *token) bool {
		i := ix[t.lo]
		return o.within(p.prefix + another(t.text) + o.seen[i].arn[o.at[i]:])
	})
	return false
}

// maxRests bounds what stands behind an opened place when each is looked at.
const maxRests = 200

// another is a token of the same shape: its last digit, or else its last character,
// changed.
func another(token string) string {
	for i := len(token) - 1; i >= 0; i-- {
		if c := token[i]; c >= '0' && c <= '9' {
			return token[:i] + string('0'+(c-'0'+1)%10) + token[i+1:]
		}
	}
	const fresh = "q7"
	return token + fresh
}

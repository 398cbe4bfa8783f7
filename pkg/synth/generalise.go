package synth

import (
	"slices"
	"sort"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// sighting is one resource and the days on which it was used.
type sighting struct {
	arn  string
	days []int32 // sorted; below 0: not known
}

// pattern covers some of the resources seen of one action.
type pattern struct {
	text string
	*origin
}

// origin is how a pattern came to reach further than what was seen.
type origin struct {
	why      *opening // of its deepest place with a wildcard
	cut      bool     // shortened for the quota
	seen     int      // resources that it covers
	examples []string // of these, at most maxExamples
}

const maxExamples = 3

// opening is a place of a pattern that opened, and why.
type opening struct {
	why string
	up  *opening // of the place before it, nil for none
}

// generalised is what the resources seen of one action became.
type generalised struct {
	patterns []pattern // sorted; none covers another
	risks    []risk    // names that are to be expected, and stay out
	within   func(string) bool
	cuts     *cutter // made when the patterns do not fit
}

// generalise covers the resources seen by few patterns, each within the attached
// statement (within). Dates and revisions always open; ids, words and names open when
// new ones are to be expected, by the outlook. It fails where new names are to be
// expected that the attached statement allows and no pattern within it covers.
func generalise(seen []sighting, out outlook, within func(string) bool) (g *generalised, ok bool) {
	o := newOpener(seen, out, within)
	heads := map[string][]int32{}
	for i := range seen {
		head := headOf(seen[i].arn)
		o.at[i] = int32(len(head))
		heads[head] = append(heads[head], int32(i))
	}
	for _, h := range sortedKeys(heads) {
		o.begin(h)
		o.open(place{prefix: h, first: true}, heads[h])
		if o.failed {
			return nil, false
		}
	}
	g = &generalised{risks: o.risks, within: within}
	g.patterns = subsumed(logGroups(o.out, within))
	return g, true
}

// at lists the patterns at a price of breadth, see cutter; price 0 is all of them.
func (g *generalised) at(price float64) []pattern {
	if price == 0 || len(g.patterns) < 2 {
		return g.patterns
	}
	if g.cuts == nil {
		g.cuts = newCutter(g.patterns, g.within)
	}
	return subsumed(g.cuts.at(price)) // a list of its own
}

func texts(patterns []pattern) []string {
	out := make([]string, len(patterns))
	for i := range patterns {
		out[i] = patterns[i].text
	}
	return out
}

// logGroups writes log groups as the CloudWatch Logs user guide does. Calls on a
// group are authorized on "log-group:NAME:log-stream:", an empty stream; policies
// name "log-group:NAME:*", and "log-group:NAME" for the few calls (tags) that use it.
func logGroups(patterns []pattern, within func(string) bool) []pattern {
	var more []pattern
	for i := range patterns {
		p := &patterns[i]
		group, ok := strings.CutSuffix(p.text, ":log-stream:")
		if !ok || !within(group+":*") {
			continue
		}
		if within(group) {
			more = append(more, pattern{group, p.origin})
		}
		p.text = group + ":*"
	}
	return append(patterns, more...)
}

// maxCompared bounds the pairs that subsumed compares; beyond it, some redundant
// patterns stay, which costs size only.
const maxCompared = 1 << 21

// subsumed sorts, and drops repeated patterns and those that another one covers.
func subsumed(patterns []pattern) []pattern {
	slices.SortStableFunc(patterns, func(a, b pattern) int { return strings.Compare(a.text, b.text) })
	by := make([]int32, len(patterns)) // the index of what covers it, plus one
	for i := 1; i < len(patterns); i++ {
		if patterns[i].text == patterns[i-1].text {
			by[i-1] = int32(i) + 1
		}
	}
	budget := maxCompared
	for i := range patterns {
		w := patterns[i].text
		star := strings.IndexAny(w, "*?")
		if star < 0 || by[i] != 0 {
			continue
		}
		lo := sort.Search(len(patterns), func(k int) bool { return patterns[k].text >= w[:star] })
		for k := lo; k < len(patterns) && budget > 0 && strings.HasPrefix(patterns[k].text, w[:star]); k++ {
			if budget--; k != i && by[k] == 0 && iam.MatchResource(w, patterns[k].text) {
				by[k] = int32(i) + 1
			}
		}
	}
	return absorb(patterns, by)
}

// absorb credits what covered patterns have seen to what covers them, and drops them.
func absorb(patterns []pattern, by []int32) []pattern {
	for i := range patterns {
		if by[i] == 0 {
			continue
		}
		k := by[i] - 1
		for by[k] != 0 {
			k = by[k] - 1
		}
		if w := &patterns[k]; w.origin != nil {
			w.add(&patterns[i])
		}
	}
	at := 0
	for i := range patterns {
		if by[i] == 0 {
			patterns[at] = patterns[i]
			at++
		}
	}
	return patterns[:at]
}

// add counts what a pattern that is covered stands for.
func (o *origin) add(p *pattern) {
	examples := []string{p.text}
	if o.seen++; p.origin != nil {
		o.seen, examples = o.seen-1+p.seen, p.examples
	}
	if len(o.examples) < maxExamples {
		o.examples = slices.Concat(o.examples, examples)
		o.examples = o.examples[:min(maxExamples, len(o.examples))]
	}
}

// subsume is subsumed for bare texts.
func subsume(list []string) []string {
	patterns := make([]pattern, len(list))
	for i := range list {
		patterns[i].text = list[i]
	}
	return texts(subsumed(patterns))
}

// headOf is the part of an ARN that never opens: partition, service, region, account
// and, where something follows it, the resource type. The tokens after it begin with
// the separator before them; the first is a name: of a queue, a table or a bucket.
func headOf(arn string) string {
	colons := 0
	for i := 0; i < len(arn); i++ {
		if arn[i] != ':' {
			continue
		}
		if colons++; colons < 5 {
			continue
		}
		cut := strings.IndexAny(arn[i+1:], "/:")
		if cut < 0 || bucketHead(arn[:i]) {
			return arn[:i]
		}
		return arn[:i+1+cut]
	}
	return arn
}

// bucketHead tells "arn:aws:s3::", after which a bucket stands; with a region, it is
// a type such as accesspoint.
func bucketHead(head string) bool { return strings.HasSuffix(head, ":s3::") }

// bareHead reports whether a head has no resource type: the first token is the name.
func bareHead(head string) bool {
	const bareColons = 4 // arn:aws:sqs:us-east-1:111122223333
	return strings.Count(head, ":") == bareColons
}

// tokenEnd is where the token that begins at from ends.
func tokenEnd(s string, from int) int {
	if from >= len(s) {
		return len(s)
	}
	if i := strings.IndexAny(s[from+1:], "/:"); i >= 0 {
		return from + 1 + i
	}
	return len(s)
}

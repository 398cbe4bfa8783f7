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
	days []int32
}

// precision bounds how resources are generalised and names shortened. Each step gives
// up some precision for size; no step ever drops a use or widens an action.
type precision struct {
	perType   int  // patterns of one resource type before the deepest level opens
	mergeSets bool // actions of a service share their resources
	terse     bool // names of actions that could not be seen are cut short
}

// precisions are tried in order until a document fits its quota.
var precisions = []precision{
	{perType: 1 << 20},
	{perType: 40},
	{perType: 12, mergeSets: true},
	{perType: 12, mergeSets: true, terse: true},
	{perType: 4, mergeSets: true, terse: true},
	{perType: 1, mergeSets: true, terse: true},
}

// generalise covers the resources seen by few patterns, each within the attached
// statement (within). Dates and revisions always open, ids open when new ones are to
// be expected, words and names stay. It fails where new names are to be expected that
// the attached statement allows and no pattern within it covers.
func generalise(seen []sighting, st precision, within func(string) bool) (patterns []string, ok bool) {
	heads := map[string]*node{}
	for _, s := range seen {
		head, tokens := splitARN(s.arn)
		if heads[head] == nil {
			heads[head] = &node{}
		}
		heads[head].insert(tokens, s.days)
	}
	years := yearsOf(seen)
	for _, h := range sortedKeys(heads) {
		o := newOpener(h, years, within)
		opened := o.open(heads[h], h, false)
		if o.failed {
			return nil, false
		}
		got := opened.limited(h, st.perType)
		if !allWithin(got, within) {
			got = opened.patterns(h)
		}
		patterns = append(patterns, got...)
	}
	return subsume(logGroups(patterns, within)), true
}

// logGroups writes log groups as the CloudWatch Logs user guide does. Calls on a
// group are authorized on "log-group:NAME:log-stream:", an empty stream; policies
// name "log-group:NAME:*", and "log-group:NAME" for the few calls (tags) that use it.
func logGroups(patterns []string, within func(string) bool) []string {
	var out []string
	for _, p := range patterns {
		group, ok := strings.CutSuffix(p, ":log-stream:")
		if !ok || !within(group+":*") {
			out = append(out, p)
			continue
		}
		out = append(out, group+":*")
		if within(group) {
			out = append(out, group)
		}
	}
	return out
}

func allWithin(patterns []string, within func(string) bool) bool {
	for _, p := range patterns {
		if !within(p) {
			return false
		}
	}
	return true
}

// maxCoverers bounds the patterns with a wildcard that subsume compares with all
// others; beyond it, some redundant ones stay, which costs size only.
const maxCoverers = 200

// subsume sorts, and drops repeated patterns and those that another one covers.
func subsume(patterns []string) []string {
	sort.Strings(patterns)
	patterns = slices.Compact(patterns)
	type coverer struct{ pattern, prefix string } // what it covers begins with prefix
	var wide []coverer
	for _, p := range patterns {
		if i := strings.IndexAny(p, "*?"); i >= 0 && len(wide) < maxCoverers {
			wide = append(wide, coverer{p, p[:i]})
		}
	}
	return slices.DeleteFunc(patterns, func(p string) bool {
		return slices.ContainsFunc(wide, func(w coverer) bool {
			return w.pattern != p && strings.HasPrefix(p, w.prefix) && iam.MatchResource(w.pattern, p)
		})
	})
}

// splitARN parts an ARN into the head that never opens (partition, service,
// region, account, and the resource type or the bucket) and the tokens after it,
// each with the separator before it. The one token of a bare name (queue, topic,
// bucket) is the name.
func splitARN(arn string) (head string, tokens []string) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return arn, nil
	}
	head = arn[:len(arn)-len(parts[5])]
	rest := parts[5]
	cut := strings.IndexAny(rest, "/:")
	if cut < 0 {
		return head[:len(head)-1], []string{":" + rest}
	}
	head += rest[:cut]
	rest = rest[cut:]
	for rest != "" {
		end := strings.IndexAny(rest[1:], "/:")
		if end < 0 {
			return head, append(tokens, rest)
		}
		tokens = append(tokens, rest[:end+1])
		rest = rest[end+1:]
	}
	return head, tokens
}

// node is a level of the trie of resource tokens.
type node struct {
	kids map[string]*node
	days map[int32]bool // days on which anything at or below was used
	end  bool           // a resource ends here
}

func (n *node) insert(tokens []string, days []int32) {
	if n.days == nil {
		n.days = map[int32]bool{}
	}
	for _, d := range days {
		n.days[d] = true
	}
	if len(tokens) == 0 {
		n.end = true
		return
	}
	if n.kids == nil {
		n.kids = map[string]*node{}
	}
	kid := n.kids[tokens[0]]
	if kid == nil {
		kid = &node{}
		n.kids[tokens[0]] = kid
	}
	kid.insert(tokens[1:], days)
}

func (n *node) patterns(prefix string) []string {
	var out []string
	if n.end {
		out = append(out, prefix)
	}
	for _, t := range sortedKeys(n.kids) {
		out = append(out, n.kids[t].patterns(prefix+t)...)
	}
	return out
}

// merge returns the union of two tries.
func merge(a, b *node) *node {
	if a == nil {
		return b
	}
	out := &node{kids: map[string]*node{}, days: map[int32]bool{}, end: a.end || b.end}
	for _, n := range []*node{a, b} {
		for d := range n.days {
			out.days[d] = true
		}
		for t, k := range n.kids {
			out.kids[t] = merge(out.kids[t], k)
		}
	}
	return out
}

// limited lists at most max patterns by replacing the deepest, most branching
// levels with "*"; it stays at or below the first token.
func (n *node) limited(prefix string, max int) []string {
	all := n.patterns(prefix)
	for depth := n.depth() - 1; len(all) > max && depth >= 1; depth-- {
		all = n.cut(prefix, depth)
	}
	return all
}

func (n *node) depth() int {
	d := 0
	for _, k := range n.kids {
		d = max(d, k.depth()+1)
	}
	return d
}

// cut lists patterns with everything below depth replaced by a star, kept apart
// by separator.
func (n *node) cut(prefix string, depth int) []string {
	var out []string
	if n.end {
		out = append(out, prefix)
	}
	if depth == 0 {
		seps := map[string]bool{}
		for t := range n.kids {
			seps[t[:1]] = true
		}
		for _, s := range sortedKeys(seps) {
			out = append(out, prefix+s+"*")
		}
		return out
	}
	for _, t := range sortedKeys(n.kids) {
		out = append(out, n.kids[t].cut(prefix+t, depth-1)...)
	}
	return out
}

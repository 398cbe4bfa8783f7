package usage

import (
	"cmp"
	"slices"

	"github.com/tighten-iam/tighten/internal/args"
)

// maxContexts is how many distinct contexts one principal may have on one day
// before their values become contextUnknown, key by key.
const maxContexts = 1000

const contextUnknown = "unknown"

// canonicalPairs cleans, sorts and deduplicates pairs in place.
func canonicalPairs(pairs []ContextPair) []ContextPair {
	for i := range pairs {
		pairs[i] = ContextPair{cleanText(pairs[i].Key), cleanText(pairs[i].Value)}
	}
	if len(pairs) < 2 {
		return pairs
	}
	slices.SortFunc(pairs, func(a, b ContextPair) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Value, b.Value))
	})
	return slices.Compact(pairs)
}

// contextHash is the content hash of canonical pairs.
func contextHash(pairs []ContextPair) string {
	var room [8]args.Leaf
	list := args.List(room[:0])
	for _, p := range pairs {
		list = append(list, args.Leaf{Path: p.Key, Value: p.Value})
	}
	return list.ID()
}

// capContexts rewrites the calls of each principal and day that has more than limit
// contexts, as contextLevels does, and returns the contexts that are still in use.
func capContexts(calls []Call, contexts map[string][]ContextPair, limit int) map[string][]ContextPair {
	if len(contexts) <= limit && !anyHidden(contexts) {
		return contexts
	}
	days := map[int32]*contextLevels{}
	var l *contextLevels
	for i := range calls {
		c := &calls[i]
		if i == 0 || c.Day != calls[i-1].Day {
			if l = days[c.Day]; l == nil {
				l = newContextLevels(limit)
				days[c.Day] = l
			}
		}
		l.add(c.Principal, c.ContextID, contexts[c.ContextID])
	}
	r := newContextRewriter(contexts)
	for i := range calls {
		c := &calls[i]
		if i == 0 || c.Day != calls[i-1].Day {
			l = days[c.Day]
		}
		c.ContextID = r.id(l.level(c.Principal), c.ContextID)
	}
	return r.used
}

// anyHidden reports whether some value has become unknown already.
func anyHidden(contexts map[string][]ContextPair) bool {
	for _, pairs := range contexts {
		if hidden(pairs) != (contextLevel{}) {
			return true
		}
	}
	return false
}

// contextLevel says which keys of contexts have unknown values: all up to one, in a
// fixed order in which those go first that tell least. Levels are ordered likewise,
// and what is hidden at one is hidden at all later ones. So the least level that
// leaves few enough contexts depends on the set of contexts alone, and it can be
// found by way of those of parts of the set: a join in a lattice.
type contextLevel struct {
	rank int    // 0: nothing is hidden
	key  string // of rankOther
}

// The ranks of keys.
const (
	rankOther = 1 + iota // keys that this version does not know, by name
	rankVPCE
	rankSourceAccount
	rankMFA
	rankVia
	rankAll // a whole context, where the very keys are too many
)

// contextAll is the key of a context of which nothing is known but that it was not
// empty.
const contextAll = "*"

// levelOf is the least level at which a key's values are unknown. The names of the
// known keys are those that internal/ingest gives.
func levelOf(key string) contextLevel {
	switch key {
	case "vpce":
		return contextLevel{rank: rankVPCE}
	case "source-account":
		return contextLevel{rank: rankSourceAccount}
	case "mfa":
		return contextLevel{rank: rankMFA}
	case "via":
		return contextLevel{rank: rankVia}
	case contextAll:
		return contextLevel{rank: rankAll}
	}
	return contextLevel{rankOther, key}
}

func compareLevels(a, b contextLevel) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.key, b.key))
}

// hidden is the level that a context shows: that of the last key whose value is
// unknown.
func hidden(pairs []ContextPair) (l contextLevel) {
	for _, p := range pairs {
		if p.Value == contextUnknown {
			if of := levelOf(p.Key); compareLevels(of, l) > 0 {
				l = of
			}
		}
	}
	return l
}

// hide returns what becomes of a context at a level: itself where nothing does.
func (l contextLevel) hide(pairs []ContextPair) []ContextPair {
	if len(pairs) == 0 || l.rank == 0 {
		return pairs
	}
	if l.rank == rankAll {
		return []ContextPair{{contextAll, contextUnknown}, {"via", contextUnknown}}
	}
	var out []ContextPair
	for i, p := range pairs {
		if p.Value != contextUnknown && compareLevels(levelOf(p.Key), l) <= 0 {
			if out == nil {
				out = slices.Clone(pairs)
			}
			out[i].Value = contextUnknown
		}
	}
	if out == nil {
		return pairs
	}
	return slices.Compact(out)
}

// contextLevels finds the level of each principal on one day: the least at which it
// has at most limit contexts, that of no context aside, and not less than one that
// the contexts show, since they may have been rewritten before. Calls may be added
// in any order and number, in parts, and again after a rewrite: the level is that
// of all of them at once. At most limit contexts of a principal are held.
type contextLevels struct {
	limit int
	of    map[string]*principalContexts
	name  string             // of the last principal
	last  *principalContexts // what is known of it
}

// principalContexts are the contexts of one principal on one day, as they are at
// its level.
type principalContexts struct {
	level contextLevel
	by    map[string][]ContextPair // id → pairs
}

// newContextLevels makes levels for one day; the limit of a dataset is maxContexts.
func newContextLevels(limit int) *contextLevels {
	return &contextLevels{limit: max(limit, 1), of: map[string]*principalContexts{}}
}

// add takes in a context of a call of a principal; id is its content hash.
func (l *contextLevels) add(principal, id string, pairs []ContextPair) {
	if len(pairs) == 0 {
		return
	}
	p := l.principal(principal)
	if _, known := p.by[id]; known {
		return
	}
	if shown := hidden(pairs); compareLevels(shown, p.level) > 0 {
		p.rise(shown)
	}
	p.put(id, pairs)
	for len(p.by) > l.limit {
		p.rise(p.next())
	}
}

func (l *contextLevels) principal(name string) *principalContexts {
	if l.last != nil && l.name == name {
		return l.last
	}
	p := l.of[name]
	if p == nil {
		p = &principalContexts{by: map[string][]ContextPair{}}
		l.of[name] = p
	}
	l.name, l.last = name, p
	return p
}

// put adds a context at the present level.
func (p *principalContexts) put(id string, pairs []ContextPair) {
	coarse := p.level.hide(pairs)
	if !slices.Equal(coarse, pairs) {
		id = contextHash(coarse)
	}
	p.by[id] = coarse
}

// rise goes on to a later level.
func (p *principalContexts) rise(to contextLevel) {
	p.level = to
	before := p.by
	p.by = make(map[string][]ContextPair, len(before))
	for id, pairs := range before {
		p.put(id, pairs)
	}
}

// next is the level after the present one at which more is hidden.
func (p *principalContexts) next() contextLevel {
	next := contextLevel{rank: rankAll}
	for _, pairs := range p.by {
		for _, pair := range pairs {
			if of := levelOf(pair.Key); compareLevels(of, p.level) > 0 && compareLevels(of, next) < 0 {
				next = of
			}
		}
	}
	return next
}

// level is the level of a principal by what was added up to now.
func (l *contextLevels) level(principal string) contextLevel {
	if len(l.of) == 0 {
		return contextLevel{}
	}
	if l.last != nil && l.name == principal {
		return l.last.level
	}
	if p := l.of[principal]; p != nil {
		l.name, l.last = principal, p
		return p.level
	}
	return contextLevel{}
}

// rewrite gives calls of the day the ids of their contexts at the level of their
// principal, and returns these contexts. Calls may be equal afterwards. All contexts
// of the day must have been added, those of other parts too.
func (l *contextLevels) rewrite(calls []Call, contexts map[string][]ContextPair) map[string][]ContextPair {
	r := newContextRewriter(contexts)
	for i := range calls {
		c := &calls[i]
		c.ContextID = r.id(l.level(c.Principal), c.ContextID)
	}
	return r.used
}

// contextRewriter knows what contexts become at which level.
type contextRewriter struct {
	contexts map[string][]ContextPair
	used     map[string][]ContextPair
	became   map[contextAt]string
	last     contextAt
	lastID   string
}

type contextAt struct {
	level contextLevel
	id    string
}

func newContextRewriter(contexts map[string][]ContextPair) *contextRewriter {
	return &contextRewriter{contexts: contexts, used: map[string][]ContextPair{}, became: map[contextAt]string{}}
}

// id is that of a context at a level.
func (r *contextRewriter) id(level contextLevel, id string) string {
	if id == "" {
		return ""
	}
	at := contextAt{level, id}
	if at == r.last {
		return r.lastID
	}
	became, ok := r.became[at]
	if !ok {
		pairs := r.contexts[id]
		coarse := level.hide(pairs)
		if became = id; !slices.Equal(coarse, pairs) {
			became = contextHash(coarse)
		}
		r.became[at] = became
		r.used[became] = coarse
	}
	r.last, r.lastID = at, became
	return became
}

// comparePairs orders contexts so that hiding keys does not change the order of those
// that stay different: by the keys that they have, then by values, those first that
// are hidden last.
func comparePairs(a, b []ContextPair) int {
	if c := slices.CompareFunc(a, b, func(x, y ContextPair) int { return cmp.Compare(x.Key, y.Key) }); c != 0 {
		return c
	}
	order := make([]int, len(a))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return compareLevels(levelOf(a[j].Key), levelOf(a[i].Key)) })
	for _, i := range order {
		if c := cmp.Compare(a[i].Value, b[i].Value); c != 0 {
			return c
		}
	}
	return 0
}

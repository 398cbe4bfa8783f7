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

// capContexts rewrites the calls of each principal and day that has more than
// limit contexts: the values of the key that has the most distinct ones become
// unknown, then those of the next, until the contexts are few enough. It returns
// the contexts that are still in use. What it does depends on the set of calls
// alone.
func capContexts(calls []Call, contexts map[string][]ContextPair, limit int) map[string][]ContextPair {
	if len(contexts) <= limit {
		return contexts
	}
	type group struct {
		principal string
		day       int32
	}
	ids := map[group]map[string]string{} // context id → what it becomes
	for i := range calls {
		g := group{calls[i].Principal, calls[i].Day}
		if ids[g] == nil {
			ids[g] = map[string]string{}
		}
		ids[g][calls[i].ContextID] = calls[i].ContextID
	}
	out := map[string][]ContextPair{}
	for _, to := range ids {
		if len(to) > limit {
			coarsen(to, contexts, out, limit)
			continue
		}
		for id := range to {
			if id != "" {
				out[id] = contexts[id]
			}
		}
	}
	for i := range calls {
		c := &calls[i]
		c.ContextID = ids[group{c.Principal, c.Day}][c.ContextID]
	}
	return out
}

// coarsen fills to with the ids of coarser contexts and adds those to out.
func coarsen(to map[string]string, contexts, out map[string][]ContextPair, limit int) {
	hidden := map[string]bool{}
	coarse := map[string][]ContextPair{}
	for {
		key, ok := widest(to, contexts, hidden)
		if !ok {
			break
		}
		hidden[key] = true
		clear(coarse)
		for id := range to {
			pairs := hide(contexts[id], hidden)
			to[id] = contextHash(pairs)
			coarse[to[id]] = pairs
		}
		if len(coarse) <= limit {
			break
		}
	}
	for id, pairs := range coarse {
		if id != "" {
			out[id] = pairs
		}
	}
}

// widest is the key with the most distinct values among those not hidden, the
// smallest of several.
func widest(to map[string]string, contexts map[string][]ContextPair, hidden map[string]bool) (string, bool) {
	values := map[ContextPair]bool{}
	count := map[string]int{}
	for id := range to {
		for _, p := range contexts[id] {
			if !hidden[p.Key] && !values[p] {
				values[p] = true
				count[p.Key]++
			}
		}
	}
	best, found := "", false
	for key, n := range count {
		if !found || n > count[best] || n == count[best] && key < best {
			best, found = key, true
		}
	}
	return best, found
}

func hide(pairs []ContextPair, hidden map[string]bool) []ContextPair {
	out := slices.Clone(pairs)
	for i := range out {
		if hidden[out[i].Key] {
			out[i].Value = contextUnknown
		}
	}
	return slices.Compact(out)
}

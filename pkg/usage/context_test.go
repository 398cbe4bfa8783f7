package usage

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// randomCalls makes calls of a few principals on some days, whose contexts have the
// keys that are known and some that are not.
func randomCalls(r *rand.Rand, n int) ([]Call, map[string][]ContextPair) {
	values := map[string]int{"vpce": 1 + r.IntN(8), "source-account": 1 + r.IntN(4), "mfa": 2, "via": 1 + r.IntN(5), "later": 1 + r.IntN(4), "zone": 3}
	contexts := map[string][]ContextPair{}
	calls := make([]Call, n)
	for i := range calls {
		var pairs []ContextPair
		for key, many := range values {
			if r.IntN(3) > 0 {
				value := fmt.Sprint(key, r.IntN(many))
				if r.IntN(200) == 0 {
					value = contextUnknown // as somebody could write it
				}
				pairs = append(pairs, ContextPair{key, value})
			}
		}
		pairs = canonicalPairs(pairs)
		id := contextHash(pairs)
		if id != "" {
			contexts[id] = pairs
		}
		calls[i] = Call{Principal: fmt.Sprint("p", r.IntN(3)), Day: int32(r.IntN(2)), ContextID: id, Events: 1}
	}
	return calls, contexts
}

// capped is the calls and contexts of all at once.
func capped(calls []Call, contexts map[string][]ContextPair, limit int) ([]Call, map[string][]ContextPair) {
	calls = slices.Clone(calls)
	contexts = capContexts(calls, maps.Clone(contexts), limit)
	used := map[string][]ContextPair{}
	for _, c := range calls {
		if c.ContextID != "" {
			used[c.ContextID] = contexts[c.ContextID]
		}
	}
	return AggregateCalls(calls), used
}

// TestContextsAnySplit checks that capping parts, and what was capped together with
// what is new, in any order, gives what capping everything at once gives.
func TestContextsAnySplit(t *testing.T) {
	levels := map[contextLevel]int{}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		calls, contexts := randomCalls(r, 1+r.IntN(300))
		limit := 1 + r.IntN(25)
		want, wantContexts := capped(calls, contexts, limit)
		for _, pairs := range wantContexts {
			levels[hidden(pairs)]++
		}

		var got []Call
		gotContexts := map[string][]ContextPair{}
		r.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
		for len(calls) > 0 {
			n := 1 + r.IntN(len(calls))
			part, partContexts := calls[:n], contexts
			if r.IntN(2) == 0 { // capped by itself before
				part, partContexts = capped(part, contexts, limit)
			}
			got = append(got, part...)
			maps.Copy(gotContexts, partContexts)
			if r.IntN(3) == 0 {
				got, gotContexts = capped(got, gotContexts, limit)
			}
			calls = calls[n:]
		}
		got, gotContexts = capped(got, gotContexts, limit)
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(gotContexts, wantContexts) {
			t.Fatalf("seed %d, limit %d: %d calls and %d contexts in parts, %d and %d at once",
				seed, limit, len(got), len(gotContexts), len(want), len(wantContexts))
		}
	}
	if len(levels) < 6 {
		t.Errorf("levels %v: the test has too little to find", levels)
	}
}

// TestContextShards checks that shards of one day, rewritten one by one after all
// have been added, are as the day at once.
func TestContextShards(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 2))
		calls, contexts := randomCalls(r, 200)
		for i := range calls {
			calls[i].Day = 7
		}
		limit := 1 + r.IntN(30)
		want, wantContexts := capped(calls, contexts, limit)

		l := newContextLevels(limit)
		shards := slices.Collect(slices.Chunk(calls, 1+r.IntN(100)))
		for _, i := range r.Perm(len(shards)) {
			for _, c := range shards[i] {
				l.add(c.Principal, c.ContextID, contexts[c.ContextID])
			}
		}
		var got []Call
		gotContexts := map[string][]ContextPair{}
		for _, shard := range shards {
			maps.Copy(gotContexts, l.rewrite(shard, contexts))
			got = append(got, shard...)
		}
		if got = AggregateCalls(got); !reflect.DeepEqual(got, want) || !reflect.DeepEqual(gotContexts, wantContexts) {
			t.Fatalf("seed %d: shards differ", seed)
		}
		for name, p := range l.of {
			if len(p.by) > limit {
				t.Fatalf("%d contexts of %s are held, the limit is %d", len(p.by), name, limit)
			}
		}
	}
}

// TestContextLevelIsTheLeast compares with the plain definition.
func TestContextLevelIsTheLeast(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 3))
		calls, contexts := randomCalls(r, 150)
		limit := 1 + r.IntN(40)
		l := newContextLevels(limit)
		for _, c := range calls {
			l.add(c.Principal, c.ContextID, contexts[c.ContextID])
		}
		for _, principal := range []string{"p0", "p1", "p2"} {
			if got, want := l.level(principal), leastLevel(calls, contexts, principal, limit); got != want {
				t.Fatalf("seed %d, %s: level %v, want %v", seed, principal, got, want)
			}
		}
	}
}

// leastLevel tries all levels in order.
func leastLevel(calls []Call, contexts map[string][]ContextPair, principal string, limit int) contextLevel {
	try := []contextLevel{{}, {rankOther, "later"}, {rankOther, "zone"}, {rank: rankVPCE}, {rank: rankSourceAccount},
		{rank: rankMFA}, {rank: rankVia}, {rank: rankAll}}
	least := contextLevel{}
	for _, c := range calls {
		if c.Principal == principal {
			least = slices.MaxFunc([]contextLevel{least, hidden(contexts[c.ContextID])}, compareLevels)
		}
	}
	for _, level := range try {
		left := map[string]bool{}
		for _, c := range calls {
			if c.Principal == principal && c.ContextID != "" {
				left[contextHash(level.hide(contexts[c.ContextID]))] = true
			}
		}
		if compareLevels(level, least) >= 0 && len(left) <= limit {
			return level
		}
	}
	panic("no level is enough")
}

func TestContextOrder(t *testing.T) {
	keys := []string{"vpce", contextAll, "via", "beta", "mfa", "source-account", "alpha"}
	slices.SortFunc(keys, func(a, b string) int { return compareLevels(levelOf(a), levelOf(b)) })
	if want := []string{"alpha", "beta", "vpce", "source-account", "mfa", "via", contextAll}; !slices.Equal(keys, want) {
		t.Errorf("keys go in the order %v", keys)
	}
	pairs := []ContextPair{{"alpha", "1"}, {"mfa", "true"}, {"via", "x"}, {"vpce", "v"}, {"vpce", "w"}}
	want := []ContextPair{{"alpha", contextUnknown}, {"mfa", "true"}, {"via", "x"}, {"vpce", contextUnknown}}
	if got := levelOf("vpce").hide(pairs); !slices.Equal(got, want) {
		t.Errorf("at vpce: %v", got)
	}
	if pairs[0].Value != "1" {
		t.Error("hide changes what it is given")
	}
}

// TestContextKeysTooMany: where the keys themselves are too many, contexts become one.
func TestContextKeysTooMany(t *testing.T) {
	contexts := map[string][]ContextPair{}
	var calls []Call
	for i := range 50 {
		pairs := []ContextPair{{fmt.Sprint("k", i), "v"}}
		id := contextHash(pairs)
		contexts[id] = pairs
		calls = append(calls, Call{Principal: "p", ContextID: id})
	}
	calls = append(calls, Call{Principal: "p"})
	once, used := capped(calls, contexts, 10)
	if len(once) != 2 || len(used) != 1 || once[0].ContextID != "" {
		t.Fatalf("%d calls, contexts %v", len(once), used)
	}
	again, usedAgain := capped(append(once, calls[:3]...), mapsJoin(used, contexts), 10)
	for i := range again {
		again[i].Events = once[i].Events
	}
	if !reflect.DeepEqual(again, once) || !reflect.DeepEqual(usedAgain, used) {
		t.Errorf("with new ones: %v, %v", again, usedAgain)
	}
}

func mapsJoin(a, b map[string][]ContextPair) map[string][]ContextPair {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

func BenchmarkContextLevels(b *testing.B) {
	for _, distinct := range []int{10, 10_000} {
		b.Run(fmt.Sprint(distinct), func(b *testing.B) {
			contexts := map[string][]ContextPair{}
			calls := make([]Call, 100_000)
			for i := range calls {
				pairs := []ContextPair{{"mfa", "false"}, {"vpce", fmt.Sprint("vpce-", i%distinct)}}
				id := contextHash(pairs)
				contexts[id] = pairs
				calls[i] = Call{Principal: fmt.Sprint("p", i%7), ContextID: id}
			}
			slices.SortFunc(calls, func(x, y Call) int { return cmp.Compare(x.Principal, y.Principal) })
			work := slices.Clone(calls)
			b.ReportAllocs()
			for b.Loop() {
				copy(work, calls)
				l := newContextLevels(maxContexts)
				for i := range work {
					l.add(work[i].Principal, work[i].ContextID, contexts[work[i].ContextID])
				}
				l.rewrite(work, contexts)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(calls)), "ns/call")
		})
	}
}

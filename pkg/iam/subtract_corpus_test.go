package iam

import (
	"math/rand"
	"testing"
	"time"
)

// Real policies against narrower ones made of them: nothing is added, what is
// lost has a witness, and each answer is quick.
func TestCorpusPoliciesMinusTheirNarrowings(t *testing.T) {
	m := maker{rand.New(rand.NewSource(53))}
	parts, undecided, added, pairs := 0, 0, 0, 0
	var total, worst time.Duration
	for i, d := range corpusCompiled(t) {
		if testing.Short() && i%10 != 0 {
			continue
		}
		less := narrowed(m.Rand, d)
		old, new := []*Document{d}, []*Document{less}
		start := time.Now()
		diff := Subtract(old, new, SubtractOptions{})
		took := time.Since(start)
		total, worst, pairs = total+took, max(worst, took), pairs+1
		for _, p := range diff.Parts {
			parts++
			if p.Verdict == Undecided {
				undecided++
			}
		}
		if back := Subtract(new, old, SubtractOptions{}); back.Verdict != Holds {
			added++
		}
		checkDifference(t, m, old, new, SubtractOptions{}, 10)
	}
	t.Logf("%d pairs: %d parts, %d undecided; %d of the narrower ones not proved to add nothing; mean %v, worst %v",
		pairs, parts, undecided, added, total/time.Duration(max(pairs, 1)), worst)
	if undecided*5 > parts || added*50 > pairs {
		t.Error("too little is decided")
	}
}

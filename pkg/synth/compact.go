package synth

import (
	"sort"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// compact writes a set of kept actions as few, short patterns: a wildcard is used
// only where it lies within the attached statement's own patterns and where every
// known action that it matches is in the set. So it adds nothing known, and
// nothing that the statement did not allow already. terse cuts names anywhere, also
// where that shortens a single action: much smaller, and harder to read.
func (t *factTable) compact(keep []int, s *iam.Statement, terse bool) []string {
	in := make(map[int]bool, len(keep))
	for _, i := range keep {
		in[i] = true
	}
	var out []string
	for lo := 0; lo < len(keep); {
		prefix := servicePrefix(t.names[keep[lo]])
		hi := lo
		for hi < len(keep) && servicePrefix(t.names[keep[hi]]) == prefix {
			hi++
		}
		out = append(out, t.compactService(keep[lo:hi], in, s, terse)...)
		lo = hi
	}
	return out
}

func (t *factTable) compactService(keep []int, in map[int]bool, s *iam.Statement, terse bool) []string {
	prefix, _, _ := strings.Cut(t.names[keep[0]], ":")
	r := t.service[strings.ToLower(prefix)]
	if r[1]-r[0] == len(keep) && len(keep) > 1 && patternAllowed(s, prefix+":*") {
		return []string{prefix + ":*"}
	}
	covered := map[int]bool{}
	var out []string
	enough := 2
	if terse {
		enough = 1
	}
	for _, c := range t.candidates(keep, in, s, r, terse) {
		if n := uncovered(c.takes, covered); n >= enough {
			for _, i := range c.takes {
				covered[i] = true
			}
			out = append(out, c.pattern)
		}
	}
	for _, i := range keep {
		if !covered[i] {
			out = append(out, t.names[i])
		}
	}
	sort.Strings(out)
	return out
}

type candidate struct {
	pattern string
	takes   []int
}

// candidates are the prefix wildcards cut at word borders ("Describe*") whose
// whole expansion is kept, the widest first.
func (t *factTable) candidates(keep []int, in map[int]bool, s *iam.Statement, r [2]int, terse bool) []candidate {
	seen := map[string]bool{}
	var out []candidate
	for _, i := range keep {
		name := t.names[i]
		for cut := strings.IndexByte(name, ':') + 2; cut < len(name); cut++ {
			if c := name[cut]; !terse && (c < 'A' || c > 'Z') {
				continue
			}
			p := name[:cut] + "*"
			if seen[p] {
				continue
			}
			seen[p] = true
			if takes, ok := t.allKept(p, in, r); ok && (terse || len(takes) > 1) && patternAllowed(s, p) {
				out = append(out, candidate{p, takes})
			}
		}
	}
	sort.SliceStable(out, func(a, b int) bool {
		if len(out[a].takes) != len(out[b].takes) {
			return len(out[a].takes) > len(out[b].takes)
		}
		if len(out[a].pattern) != len(out[b].pattern) {
			return len(out[a].pattern) < len(out[b].pattern)
		}
		return out[a].pattern < out[b].pattern
	})
	return out
}

// allKept lists the actions that a prefix pattern takes, if all of them are kept.
// r is the range of its service.
func (t *factTable) allKept(pattern string, in map[int]bool, r [2]int) ([]int, bool) {
	low := strings.ToLower(strings.TrimSuffix(pattern, "*"))
	start := r[0] + sort.SearchStrings(t.lower[r[0]:r[1]], low)
	var takes []int
	for i := start; i < r[1] && strings.HasPrefix(t.lower[i], low); i++ {
		if !in[i] {
			return nil, false
		}
		takes = append(takes, i)
	}
	return takes, true
}

func uncovered(list []int, covered map[int]bool) int {
	n := 0
	for _, i := range list {
		if !covered[i] {
			n++
		}
	}
	return n
}

// patternAllowed reports whether an action wildcard lies within a statement's
// Action, or clear of its NotAction.
func patternAllowed(s *iam.Statement, pattern string) bool {
	if s.NotAction == nil {
		for _, p := range s.Action {
			// The star of pattern reads as a fresh character, which only a star takes.
			if !strings.Contains(p, "?") && iam.MatchAction(p, pattern) {
				return true
			}
		}
		return false
	}
	for _, p := range s.NotAction {
		if strings.ContainsAny(p, "*?") && !otherService(p, pattern) || iam.MatchAction(pattern, p) {
			return false
		}
	}
	return true
}

func otherService(a, b string) bool {
	x, y := servicePrefix(a), servicePrefix(b)
	return x != y && !strings.ContainsAny(x, "*?")
}

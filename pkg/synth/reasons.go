package synth

import (
	"fmt"
	"slices"
	"strings"
)

// PatternReason says why a pattern reaches further than what was seen.
type PatternReason struct {
	Pattern  string
	Why      string   // one clause for each wildcard, from left to right
	Seen     int      // resources that it covers
	Examples []string // of these, at most 3
}

// reasons explains the patterns that opened or were cut.
func reasons(patterns []pattern) []PatternReason {
	var out []PatternReason
	for i := range patterns {
		if p := &patterns[i]; p.origin != nil {
			out = append(out, PatternReason{p.text, p.reason(), p.seen, p.examples})
		}
	}
	return out
}

func (p *pattern) reason() string {
	if p.cut {
		return fmt.Sprintf("%d resources written as one, for the quota", p.seen)
	}
	var clauses []string
	for o := p.why; o != nil; o = o.up {
		if n := len(clauses); n == 0 || clauses[n-1] != o.why { // year, month and day are one
			clauses = append(clauses, o.why)
		}
	}
	slices.Reverse(clauses)
	return strings.Join(clauses, "; ")
}

// patternNotes tells which patterns opened, which names were cut short for the quota,
// and where names stay closed although new ones are to be expected.
func patternNotes(vs [][]verdict) []string {
	const most = 5
	opened, risks := map[string]string{}, map[string]string{}
	cut := 0
	for _, list := range vs {
		for i := range list {
			v := &list[i]
			for _, r := range reasons(v.cut) {
				opened[r.Pattern] = r.Why
			}
			for k := range v.cut {
				if o := v.cut[k].origin; o != nil && o.cut {
					cut += v.cut[k].seen
					delete(opened, v.cut[k].text)
				}
			}
			if v.found != nil {
				for _, r := range v.found.risks {
					risks[r.place] = r.arrivals.String()
				}
			}
		}
	}
	var out []string
	for i, p := range sortedKeys(opened) {
		if i == most {
			out = append(out, fmt.Sprintf("%d more patterns reach further than what was seen: tighten explain tells why", len(opened)-most))
			break
		}
		out = append(out, fmt.Sprintf("%s reaches further than what was seen: %s", p, opened[p]))
	}
	if cut > 0 {
		out = append(out, fmt.Sprintf("%d resources are written as fewer, wider patterns, for the quota", cut))
	}
	for i, p := range sortedKeys(risks) {
		if i == most {
			out = append(out, fmt.Sprintf("new names are to be expected in %d more places that stay closed", len(risks)-most))
			break
		}
		out = append(out, fmt.Sprintf("new names that would be denied are to be expected at %s (%s)", p, risks[p]))
	}
	return out
}

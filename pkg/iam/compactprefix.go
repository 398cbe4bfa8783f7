package iam

import "strings"

// serviceNames are the actions of one service within a compaction.
type serviceNames struct {
	*compaction
	span
	start  int    // where names begin, behind "service:"
	free   []bool // used, and a wildcard may match it
	barred []int  // how many before each that are not free
	out    []string
}

// load marks what is used; false when nothing is.
func (s *serviceNames) load() (any bool) {
	n := s.hi - s.lo
	s.free, s.barred = make([]bool, n), make([]int, n+1)
	for i := range n {
		used := s.kept[s.lo+i]
		any = any || used
		s.free[i] = used && (s.o.NoWildcard == nil || !s.o.NoWildcard(s.list.names[s.lo+i]))
		s.barred[i+1] = s.barred[i]
		if !s.free[i] {
			s.barred[i+1]++
		}
	}
	return any
}

func (s *serviceNames) lower(i int) string { return s.list.lower[s.lo+i] }
func (s *serviceNames) name(i int) string  { return s.list.names[s.lo+i] }

// prefixes covers the used among the names lo to hi, which share so many
// characters, by the widest prefixes that are free of others. Prefixes nest, so
// the widest are also the fewest and the shortest.
func (s *serviceNames) prefixes(lo, hi, shared int) {
	common := sharedPrefix(s.lower(lo), s.lower(hi-1)) // the names are sorted
	if s.barred[hi] == s.barred[lo] {
		for cut := shared; cut <= common; cut++ {
			if pattern := s.name(lo)[:cut] + "*"; s.mayCut(lo, hi, cut) && s.scope.permits(lowerASCII(pattern), s.prefixWork) {
				s.out = append(s.out, pattern)
				return
			}
		}
	}
	for lo < hi {
		if len(s.lower(lo)) == common {
			if s.kept[s.lo+lo] {
				s.out = append(s.out, s.name(lo))
			}
			lo++
			continue
		}
		end := lo + 1
		for end < hi && s.lower(end)[common] == s.lower(lo)[common] {
			end++
		}
		s.branch(lo, end, common+1)
		lo = end
	}
}

// branch leaves out ranges without a used action, and single actions that need
// no pattern.
func (s *serviceNames) branch(lo, hi, shared int) {
	for i := lo; i < hi; i++ {
		if s.kept[s.lo+i] {
			s.prefixes(lo, hi, shared)
			return
		}
	}
}

// mayCut reports whether the style allows these names to be cut there.
func (s *serviceNames) mayCut(lo, hi, cut int) bool {
	switch {
	case hi-lo == 1:
		return s.o.Style == Shortest && cut > s.start && cut+1 < len(s.lower(lo))
	case cut == s.start || s.o.Style == Shortest:
		return true
	}
	for i := lo; i < hi; i++ {
		if name := s.name(i); cut < len(name) && 'A' <= name[cut] && name[cut] <= 'Z' {
			return true
		}
	}
	return false
}

func sharedPrefix(a, b string) (n int) {
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func sharedSuffix(a, b string) (n int) {
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// actionScope is where the results of Compact may lie: within one of some action
// patterns, clear of others.
type actionScope struct {
	within, outside actionPatterns
}

// actionPatterns are action patterns in lower case.
type actionPatterns struct {
	given    bool
	literals map[string]bool
	globs    map[string][]string // by service
	rest     []string            // those with a wildcard in the service
}

func newActionScope(within, outside []string) *actionScope {
	return &actionScope{newActionPatterns(within), newActionPatterns(outside)}
}

func newActionPatterns(list []string) actionPatterns {
	p := actionPatterns{given: list != nil, literals: map[string]bool{}, globs: map[string][]string{}}
	for _, a := range list {
		low := lowerASCII(a)
		service, _, _ := strings.Cut(low, ":")
		switch {
		case !hasWildcard(low):
			p.literals[low] = true
		case hasWildcard(service):
			p.rest = append(p.rest, low)
		default:
			p.globs[service] = append(p.globs[service], low)
		}
	}
	return p
}

// anyOf calls f for the patterns with wildcards that bear on a service, until it
// returns true.
func (p *actionPatterns) anyOf(service string, f func(string) bool) bool {
	for _, q := range p.globs[service] {
		if f(q) {
			return true
		}
	}
	for _, q := range p.rest {
		if f(q) {
			return true
		}
	}
	return false
}

// permits decides about a lower-case action or pattern. Past the budget it
// permits no pattern.
func (s *actionScope) permits(pattern string, w *work) bool {
	service, _, _ := strings.Cut(pattern, ":")
	if !hasWildcard(pattern) {
		matches := func(q string) bool { return globFold(q, pattern) }
		return (!s.within.given || s.within.literals[pattern] || s.within.anyOf(service, matches)) &&
			!s.outside.literals[pattern] && !s.outside.anyOf(service, matches)
	}
	return s.covers(service, pattern, w) && s.avoids(service, pattern, w)
}

// covers reads the star of pattern as a fresh character, which only a star takes:
// exact for patterns without ?.
func (s *actionScope) covers(service, pattern string, w *work) bool {
	if !s.within.given {
		return true
	}
	fresh := strings.ReplaceAll(pattern, "*", "\x00")
	return s.within.anyOf(service, func(q string) bool {
		if !w.spend(1) {
			return false
		}
		if strings.IndexByte(q, '?') < 0 {
			return globFold(q, fresh)
		}
		return includesAction(q, pattern, w)
	})
}

func (s *actionScope) avoids(service, pattern string, w *work) bool {
	for q := range s.outside.literals {
		if !w.spend(1) || globFold(pattern, q) {
			return false
		}
	}
	return !s.outside.anyOf(service, func(q string) bool {
		return !w.spend(1) || !disjointActions(pattern, q, w)
	})
}

package iam

import (
	"strings"
	"unicode/utf8"
)

// lowerASCII lower-cases A–Z alone: no other letters occur in action names, and
// Unicode folding would let look-alikes match.
func lowerASCII(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return lowerFrom(s, i)
		}
	}
	return s
}

func lowerFrom(s string, i int) string {
	b := []byte(s)
	for ; i < len(b); i++ {
		b[i] = lowerByte(b[i])
	}
	return string(b)
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// hasWildcard reports whether s holds * or ?.
func hasWildcard(s string) bool {
	return strings.IndexByte(s, '*') >= 0 || strings.IndexByte(s, '?') >= 0
}

// globFold matches s against a pattern of literals, * and ?, without the case of
// A–Z. It allocates nothing and takes at most len(pattern)·len(s) steps.
func globFold(pattern, s string) bool {
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(s) {
		switch {
		case i < len(pattern) && pattern[i] == '*':
			star, mark = i, j
			i++
		case i < len(pattern) && pattern[i] == '?':
			_, w := utf8.DecodeRuneInString(s[j:])
			i, j = i+1, j+w
		case i < len(pattern) && lowerByte(pattern[i]) == lowerByte(s[j]):
			i, j = i+1, j+1
		case star >= 0:
			_, w := utf8.DecodeRuneInString(s[mark:])
			mark += w
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(pattern) && pattern[i] == '*' {
		i++
	}
	return i == len(pattern)
}

// MatchAction reports whether an action pattern covers an action
// (case-insensitive). The action may be a pattern too: then every action that it
// matches must be covered.
func MatchAction(pattern, action string) bool {
	if !hasWildcard(action) {
		return globFold(pattern, action)
	}
	if pattern == "*" || strings.EqualFold(pattern, action) {
		return true
	}
	w := newWork(matchBudget)
	return includesAction(pattern, action, w) && !w.spent()
}

// MatchResource reports whether a resource pattern without variables covers a
// resource (which may itself be a pattern: then every string of it) under all
// three colon readings.
func MatchResource(pattern, resource string) bool {
	if pattern == "*" || pattern == resource {
		return true
	}
	q := newPattern(pattern, true)
	if !hasWildcard(resource) {
		return q.match(resource) == everyReading
	}
	left := newPattern(resource, true).language(nil)
	w := newWork(matchBudget)
	return left.within(q.language(nil), w) && !w.spent()
}

// matchBudget bounds a single MatchAction or MatchResource query on patterns;
// past it the answer is no.
const matchBudget = 1 << 20

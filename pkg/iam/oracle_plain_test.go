package iam_test

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// The plain truth of small policies: written from the documentation alone, slow,
// and without anything of the package but its types.

// reading of colons in resource patterns.
type reading int

const (
	narrow reading = iota // six segments, each matched apart
	tail                  // of the first five, a * that ends one may cross
	wide                  // the whole string is one glob
)

// piece is one position of a pattern: a character, or a wildcard.
type piece struct {
	wild  rune // '*', '?' or 0
	char  rune
	cross bool // the wildcard may eat ':'
}

// pieces puts in the variable's value; false: it has none, so nothing matches.
func pieces(pattern string, variables bool, context map[string][]string) (out []piece, ok bool) {
	const variable = "${aws:u}"
	for pattern != "" {
		if variables && strings.HasPrefix(pattern, variable) {
			values := context["aws:u"]
			if len(values) != 1 {
				return nil, false
			}
			for _, c := range values[0] {
				out = append(out, piece{char: c})
			}
			pattern = pattern[len(variable):]
			continue
		}
		p := piece{char: rune(pattern[0])}
		if p.char == '*' || p.char == '?' {
			p = piece{wild: p.char, cross: true}
		}
		out, pattern = append(out, p), pattern[1:]
	}
	return out, true
}

// read says which wildcards may eat colons under a reading.
func read(p []piece, as reading) []piece {
	if as == wide || len(p) == 1 && p[0].wild == '*' {
		return p
	}
	p = slices.Clone(p)
	segment := 1
	for i := range p {
		switch {
		case p[i].char == ':':
			segment++
		case segment < 6 && p[i].wild != 0:
			ends := i+1 == len(p) || p[i+1].char == ':'
			p[i].cross = as == tail && p[i].wild == '*' && ends
		}
	}
	if as == narrow && segment < 6 { // the segments that are not written are anything
		if n := len(p); n > 0 && p[n-1].wild == '*' {
			p[n-1].cross = true
		} else {
			p = append(p, piece{char: ':'}, piece{wild: '*', cross: true})
		}
	}
	return p
}

func matches(p []piece, s string) bool {
	if len(p) == 0 {
		return s == ""
	}
	if p[0].wild == '*' && matches(p[1:], s) {
		return true
	}
	if s == "" {
		return false
	}
	eats := p[0].wild == 0 && rune(s[0]) == p[0].char || p[0].wild != 0 && (p[0].cross || s[0] != ':')
	if p[0].wild == '*' {
		return eats && matches(p, s[1:])
	}
	return eats && matches(p[1:], s[1:])
}

func glob(pattern, s string) bool {
	p, _ := pieces(pattern, false, nil)
	return matches(p, s)
}

// onResource: a pattern of a document of the current version.
func onResource(pattern, resource string, as reading, context map[string][]string) bool {
	p, ok := pieces(pattern, true, context)
	return ok && matches(read(p, as), resource)
}

func anyOf(patterns []string, match func(string) bool) bool {
	return slices.ContainsFunc(patterns, match)
}

func onAction(s *iam.Statement, action string) bool {
	match := func(p string) bool { return glob(strings.ToLower(p), strings.ToLower(action)) }
	if s.NotAction != nil {
		return !anyOf(s.NotAction, match)
	}
	return anyOf(s.Action, match)
}

func onConditions(s *iam.Statement, context map[string][]string) bool {
	for _, b := range s.Condition {
		for _, c := range b.Clauses {
			if !clauseHolds(strings.ToLower(b.Operator), c.Values, context[strings.ToLower(c.Key)]) {
				return false
			}
		}
	}
	return true
}

// clauseHolds: got is nil for an absent key.
func clauseHolds(op string, want, got []string) bool {
	empty := len(got) == 0 || len(got) == 1 && got[0] == ""
	if op == "null" {
		return slices.Contains(want, "true") && empty || slices.Contains(want, "false") && !empty
	}
	op, all := strings.CutPrefix(op, "forallvalues:")
	op, some := strings.CutPrefix(op, "foranyvalue:")
	op, ifExists := strings.CutSuffix(op, "ifexists")
	negated := strings.Contains(op, "not")
	one := func(v string) bool {
		return anyOf(want, func(w string) bool { return compare(strings.Replace(op, "not", "", 1), w, v) }) != negated
	}
	switch {
	case all:
		return empty || !anyOf(got, func(v string) bool { return !one(v) })
	case got == nil:
		return !some && (negated || ifExists)
	case some:
		return !empty && anyOf(got, one)
	}
	return len(got) == 1 && one(got[0])
}

// compare knows numbers as far as a float64 holds them.
func compare(op, want, got string) bool {
	w, err1 := strconv.ParseFloat(want, 64)
	g, err2 := strconv.ParseFloat(got, 64)
	numbers := err1 == nil && err2 == nil
	switch op {
	case "stringequals":
		return want == got
	case "stringequalsignorecase":
		return strings.EqualFold(want, got)
	case "stringlike":
		return glob(want, got)
	case "bool":
		return (want == "true" || want == "false") && strings.EqualFold(want, got)
	case "numericequals":
		return numbers && g == w
	case "numericlessthan":
		return numbers && g < w
	case "numericlessthanequals":
		return numbers && g <= w
	case "numericgreaterthan":
		return numbers && g > w
	case "numericgreaterthanequals":
		return numbers && g >= w
	}
	panic("the oracle does not know " + op)
}

// allows evaluates one document: the Allow statements alone, or without what its
// Deny statements deny.
func allows(d *iam.Document, q *iam.Request, as reading, alone bool) bool {
	applies := func(effect iam.Effect) bool {
		for i := range d.Statements {
			s := &d.Statements[i]
			match := func(p string) bool { return onResource(p, q.Resource, as, q.Context.Values) }
			fits := anyOf(s.Resource, match)
			if s.NotResource != nil {
				fits = !anyOf(s.NotResource, match)
			}
			if s.Effect == effect && fits && onAction(s, q.Action) && onConditions(s, q.Context.Values) {
				return true
			}
		}
		return false
	}
	return applies(iam.Allow) && (alone || !applies(iam.Deny))
}

package actions

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ErrOtherBase is the error of [OpenFacts] for facts that were merged into other
// ones than this program's: the curated tables would not fit them.
var ErrOtherBase = errors.New("these facts were made by another version of tighten; run: tighten actions update")

// OpenFacts makes a catalog of a facts file that [Catalog.Merge] wrote, with the
// embedded tables and policies. The file is checked as a whole: an error says
// what is wrong with it. Facts of another version of tighten give [ErrOtherBase]
// together with a catalog that is good for comparing.
func OpenFacts(factsData []byte) (*Catalog, error) {
	c, err := Open(factsData, tablesFile, policiesFile)
	if err != nil {
		return nil, err
	}
	if err := c.facts.check(); err != nil {
		return nil, fmt.Errorf("facts file: %w", err)
	}
	if embedded := hashOf(factsFile); c.hash != embedded && c.facts.base != mergedBase(embedded) {
		return c, ErrOtherBase
	}
	return c, nil
}

// Updated reports whether AWS's service reference was merged into these facts.
func (c *Catalog) Updated() bool { return c.facts.base != "" }

// check tells whether the facts keep the order that looking up relies on, and
// hold nothing that is unfit for a terminal or a policy.
func (f *facts) check() error {
	if !plainText(f.date) || !plainText(f.base) {
		return errors.New("the first line is malformed")
	}
	for label, prefixes := range f.labels {
		if !plainText(label) || slices.ContainsFunc(prefixes, func(p string) bool { return !plainText(p) }) {
			return fmt.Errorf("label %q: unfit characters", label)
		}
	}
	for i := range f.services {
		s := &f.services[i]
		if i > 0 && f.services[i-1].prefix >= s.prefix {
			return fmt.Errorf("service %q is out of order", s.prefix)
		}
		if err := s.check(); err != nil {
			return fmt.Errorf("service %q: %w", s.prefix, err)
		}
	}
	return nil
}

func (s *service) check() error {
	if !plainText(s.prefix) || s.prefix != strings.ToLower(s.prefix) || strings.ContainsAny(s.prefix, ":*? ") {
		return errors.New("not a service prefix")
	}
	for _, k := range s.keys {
		if !plainText(k) {
			return fmt.Errorf("condition key %q: unfit characters", k)
		}
	}
	for i := range s.types {
		t := &s.types[i]
		if !plainText(t.name) || !plainText(t.arns) || strings.Count(t.arns, "${") > 1000 || !positions(t.keys, len(s.keys)) {
			return fmt.Errorf("resource type %q is malformed", t.name)
		}
	}
	for i := range s.actions {
		a := &s.actions[i]
		if i > 0 && compareFold(s.actions[i-1].name, a.name) >= 0 {
			return fmt.Errorf("action %q is out of order", a.name)
		}
		if !plainText(a.name) || strings.ContainsAny(a.name, ":*? ") || !plainText(a.deps) || !strings.Contains("RLWTP", string(a.level)) ||
			!positions(a.types, len(s.types)) || !positions(a.keys, len(s.keys)) {
			return fmt.Errorf("action %q is malformed", a.name)
		}
	}
	for i := range s.ops {
		if !plainText(s.ops[i].name) || !plainText(s.ops[i].actions) {
			return fmt.Errorf("operation %q: unfit characters", s.ops[i].name)
		}
	}
	return nil
}

// positions reports whether a list is one of positions below n.
func positions(list string, n int) bool {
	for item := range splitList(list) {
		if i, err := strconv.Atoi(strings.TrimSuffix(item, "*")); err != nil || i < 0 || i >= n {
			return false
		}
	}
	return true
}

// plainText reports whether s is printable ASCII.
func plainText(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

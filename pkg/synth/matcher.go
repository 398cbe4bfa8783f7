package synth

import (
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// matcher answers questions about one Allow statement of a document.
type matcher struct {
	statement *iam.Statement
	set       *iam.Set // the statement alone; nil when it cannot be compiled
	scoped    bool     // by tags or policy variables: its resources are not narrowed
	// anyService: some pattern reaches services by a wildcard
	anyService bool
}

func newMatcher(doc *iam.Document, index int) *matcher {
	s := doc.Statements[index]
	alone := &iam.Document{Version: doc.Version, Statements: []iam.Statement{s}}
	m := &matcher{statement: &doc.Statements[index], scoped: scoped(doc.Version, &s)}
	m.anyService = s.NotAction != nil || slices.ContainsFunc(s.Action, func(p string) bool {
		return strings.ContainsAny(servicePrefix(p), "*?")
	})
	if set, err := iam.Compile(alone); err == nil {
		m.set = set
	}
	return m
}

// mayAllow reports whether the statement allows the observed request for some
// completion of its context. Doubt is yes: it keeps a permission.
func (m *matcher) mayAllow(o *observation, ctx iam.Context) bool {
	if m.set == nil {
		return true
	}
	resource := o.resource
	if o.kind == "none" || o.kind == "pattern" && !m.within(o.resource) {
		// No resource to decide by: the action alone, under the statement's
		// conditions, must do.
		return m.takesAction(o.action)
	}
	var buf [4]iam.Match
	return len(m.set.Matches(buf[:0], &iam.Request{Action: o.action, Resource: resource, Context: ctx})) > 0
}

func (m *matcher) takesAction(action string) bool {
	if m.statement.NotAction != nil {
		return !matchesAny(m.statement.NotAction, action)
	}
	return matchesAny(m.statement.Action, action)
}

// within reports whether a resource or pattern lies wholly in the statement's
// resources, under every colon reading.
func (m *matcher) within(pattern string) bool {
	for _, r := range m.statement.Resource {
		if iam.MatchResource(r, pattern) {
			return true
		}
	}
	if m.statement.NotResource == nil {
		return false
	}
	if strings.ContainsAny(pattern, "*?") {
		return false
	}
	for _, r := range m.statement.NotResource {
		if strings.Contains(r, "${") || iam.MatchResource(r, pattern) || looseMatch(r, pattern) {
			return false
		}
	}
	return true
}

// looseMatch is the widest reading of a resource pattern: the star crosses colons.
func looseMatch(pattern, s string) bool {
	for len(pattern) > 0 && pattern[0] != '*' {
		if s == "" || pattern[0] != '?' && pattern[0] != s[0] {
			return false
		}
		pattern, s = pattern[1:], s[1:]
	}
	if pattern == "" {
		return s == ""
	}
	parts := strings.Split(pattern, "*")
	for _, p := range parts[1 : len(parts)-1] {
		if strings.Contains(p, "?") {
			return true // not decided here: say it may match
		}
		i := strings.Index(s, p)
		if i < 0 {
			return false
		}
		s = s[i+len(p):]
	}
	last := parts[len(parts)-1]
	return strings.Contains(last, "?") || strings.HasSuffix(s, last)
}

// scoped reports whether a statement's reach depends on tags or on who calls:
// the logs do not show tags, so its resources stay as they are (ABAC).
func scoped(version string, s *iam.Statement) bool {
	for _, b := range s.Condition {
		for _, c := range b.Clauses {
			k := strings.ToLower(c.Key)
			if strings.Contains(k, "resourcetag/") || strings.Contains(k, "requesttag/") ||
				strings.Contains(k, "principaltag/") || strings.Contains(k, "existingobjecttag") || k == "aws:tagkeys" {
				return true
			}
		}
	}
	if version != "2012-10-17" {
		return false
	}
	for _, r := range append(append([]string{}, s.Resource...), s.NotResource...) {
		if strings.Contains(r, "${") {
			return true
		}
	}
	return false
}

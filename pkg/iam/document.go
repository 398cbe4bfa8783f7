package iam

import (
	"slices"
	"strings"
)

// Effect of a statement.
type Effect string

// The two effects that IAM knows.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// CurrentVersion is the policy language version in which ${…} is a variable.
const CurrentVersion = "2012-10-17"

// Document is a policy document, parsed losslessly: unknown members, the order
// of members, and whether a list was written as a single string survive.
type Document struct {
	Version    string // "" when absent
	ID         string
	Statements []Statement

	src     *node // the document as parsed; nil for one built from Go values
	text    string
	notes   []Note
	doubled string // a member that the text has twice, "" for none
}

// Strings is an Action, NotAction, Resource or NotResource element.
// nil means the member is absent; an empty non-nil list means `[]`.
type Strings []string

// Statement is one statement. A copy of a parsed statement remembers how it was
// written, so that its unknown members and the form of its lists print again.
type Statement struct {
	Sid                     string
	Effect                  Effect
	Principal, NotPrincipal *Principals
	Action, NotAction       Strings
	Resource, NotResource   Strings
	Condition               Conditions // nil when absent

	src *node
}

// Principals is a Principal or NotPrincipal element.
type Principals struct {
	Any    bool                // "*"
	ByKind map[string][]string // AWS, Service, Federated, CanonicalUser
}

// Conditions holds operator → key → values, in document order.
type Conditions []ConditionBlock

// ConditionBlock is one operator's clauses.
type ConditionBlock struct {
	Operator string
	Clauses  []Clause
}

// Clause is one key of a condition block.
type Clause struct {
	Key    string
	Values []string
}

// Literal reports whether "${" is plain text in the document: policy variables
// exist in version 2012-10-17 only.
func (d *Document) Literal() bool { return d.Version != CurrentVersion }

// Clone returns a deep copy.
func (d *Document) Clone() *Document {
	c := *d
	c.notes = slices.Clone(d.notes)
	c.Statements = slices.Clone(d.Statements)
	for i := range c.Statements {
		c.Statements[i] = c.Statements[i].Clone()
	}
	return &c
}

// Clone returns a deep copy.
func (s Statement) Clone() Statement {
	s.Principal, s.NotPrincipal = s.Principal.clone(), s.NotPrincipal.clone()
	s.Action, s.NotAction = slices.Clone(s.Action), slices.Clone(s.NotAction)
	s.Resource, s.NotResource = slices.Clone(s.Resource), slices.Clone(s.NotResource)
	s.Condition = s.Condition.Clone()
	return s
}

// Clone returns a deep copy.
func (c Conditions) Clone() Conditions {
	out := slices.Clone(c)
	for i := range out {
		out[i].Clauses = slices.Clone(out[i].Clauses)
		for j := range out[i].Clauses {
			out[i].Clauses[j].Values = slices.Clone(out[i].Clauses[j].Values)
		}
	}
	return out
}

func (p *Principals) clone() *Principals {
	if p == nil {
		return nil
	}
	c := &Principals{Any: p.Any}
	if p.ByKind != nil {
		c.ByKind = make(map[string][]string, len(p.ByKind))
		for k, v := range p.ByKind {
			c.ByKind[k] = slices.Clone(v)
		}
	}
	return c
}

// EqualIgnoringSid reports whether two statements mean the same, whatever their
// Sid: lists compare as sets, actions and condition keys without case. Both are
// taken to stand in documents of the same version.
func (s *Statement) EqualIgnoringSid(t *Statement) bool {
	return s.Effect == t.Effect &&
		s.Principal.equal(t.Principal) && s.NotPrincipal.equal(t.NotPrincipal) &&
		sameSet(s.Action, t.Action, true) && sameSet(s.NotAction, t.NotAction, true) &&
		sameSet(s.Resource, t.Resource, false) && sameSet(s.NotResource, t.NotResource, false) &&
		EqualConditions(s.Condition, t.Condition)
}

func (p *Principals) equal(q *Principals) bool {
	if p == nil || q == nil {
		return p == nil && q == nil
	}
	if p.Any != q.Any || len(p.ByKind) != len(q.ByKind) {
		return false
	}
	for k, v := range p.ByKind {
		w, ok := q.ByKind[k]
		if !ok || !sameSet(v, w, false) {
			return false
		}
	}
	return true
}

// sameSet compares two lists as sets; an absent list differs from an empty one.
func sameSet(a, b []string, fold bool) bool {
	if (a == nil) != (b == nil) {
		return false
	}
	return slices.Equal(asSet(a, fold), asSet(b, fold))
}

// asSet returns the elements sorted and without duplicates.
func asSet(a []string, fold bool) []string {
	out := slices.Clone(a)
	if fold {
		for i := range out {
			out[i] = lowerASCII(out[i])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// EqualConditions reports whether a and b are the same conditions: the order of
// operators, keys and values does not matter, nor does the case of operators and
// keys. A clause is compared by its text, not by what it accepts.
func EqualConditions(a, b Conditions) bool {
	return slices.Equal(a.lines(), b.lines())
}

// lines writes each clause as one canonical line, sorted.
func (c Conditions) lines() []string {
	var out []string
	for _, b := range c {
		for _, cl := range b.Clauses {
			line := []string{quote(strings.ToLower(b.Operator)), quote(strings.ToLower(cl.Key))}
			for _, v := range asSet(cl.Values, false) {
				line = append(line, quote(v))
			}
			out = append(out, strings.Join(line, "\x00"))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

package iam

import (
	"errors"
	"fmt"
	"strings"
)

// NoteKind says what Parse found odd.
type NoteKind string

// The oddities that a document may have and still parse.
const (
	DuplicateMember NoteKind = "duplicate-member" // the last one was taken
	CaseVariant     NoteKind = "case-variant"     // "action" for "Action": not read; Compile refuses it
	UnknownMember   NoteKind = "unknown-member"   // kept and printed, without meaning here
)

// Note is one oddity of a document that Parse accepted.
type Note struct {
	Kind NoteKind
	Path string // slash-separated member names, clipped when long: "/Statement/0/action"
}

// Notes lists what Parse found odd, in document order.
func (d *Document) Notes() []Note { return d.notes }

// The members that have a meaning, in canonical order.
func documentMembers() []string { return []string{"Version", "Id", "Statement"} }

func statementMembers() []string {
	return []string{"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction",
		"Resource", "NotResource", "Condition"}
}

// Parse reads a policy document. It accepts JSON only; URL-decoding is the
// caller's (see account). Statement may be one object or a list, every list a
// single string; condition values may be strings, numbers or booleans. Unknown
// members are kept; what is odd but readable is listed by Notes. Errors name the
// place in the document.
func Parse(data []byte) (*Document, error) {
	root, notes, err := readTree(data)
	if err != nil {
		return nil, err
	}
	if root.kind != objectNode {
		return nil, errors.New("a policy document must be a JSON object")
	}
	d := &Document{src: root}
	if d.Version, err = textOf(root.get("Version"), "/Version"); err != nil {
		return nil, err
	}
	if d.ID, err = textOf(root.get("Id"), "/Id"); err != nil {
		return nil, err
	}
	if d.Statements, err = statementsOf(root.get("Statement")); err != nil {
		return nil, err
	}
	d.notes = append(notes, memberNotes(root)...)
	return d, nil
}

// memberNotes reports unknown members and case variants of known ones.
func memberNotes(root *node) []Note {
	notes := oddMembers(nil, root, "", documentMembers())
	for i, s := range statementNodes(root.get("Statement")) {
		notes = oddMembers(notes, s, fmt.Sprintf("/Statement/%d", i), statementMembers())
	}
	return notes
}

func oddMembers(dst []Note, n *node, path string, known []string) []Note {
	for _, m := range n.members {
		if kind, odd := classify(m.name, known); odd && len(dst) < maxNotes {
			dst = append(dst, Note{kind, path + "/" + clip(m.name)})
		}
	}
	return dst
}

func classify(name string, known []string) (NoteKind, bool) {
	kind := UnknownMember
	for _, k := range known {
		if k == name {
			return "", false
		}
		if strings.EqualFold(k, name) {
			kind = CaseVariant
		}
	}
	return kind, true
}

// caseVariant returns the first member of n that differs from a known one in
// case alone. Whether AWS reads it is not documented, so nothing may be decided
// from a document that has one.
func caseVariant(n *node, known []string) string {
	if n == nil {
		return ""
	}
	for _, m := range n.members {
		if kind, odd := classify(m.name, known); odd && kind == CaseVariant {
			return m.name
		}
	}
	return ""
}

func statementNodes(n *node) []*node {
	switch {
	case n == nil:
		return nil
	case n.kind == arrayNode:
		return n.items
	}
	return []*node{n}
}

func statementsOf(n *node) ([]Statement, error) {
	nodes := statementNodes(n)
	out := make([]Statement, 0, len(nodes))
	for i, x := range nodes {
		s, err := statementOf(x, fmt.Sprintf("/Statement/%d", i))
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func statementOf(n *node, path string) (Statement, error) {
	if n.kind != objectNode {
		return Statement{}, fmt.Errorf("%s: want an object", path)
	}
	s := Statement{src: n}
	var effect string
	err := errors.Join(
		into(&s.Sid, textOf, n, path, "Sid"),
		into(&effect, textOf, n, path, "Effect"),
		into(&s.Principal, principalsOf, n, path, "Principal"),
		into(&s.NotPrincipal, principalsOf, n, path, "NotPrincipal"),
		into(&s.Action, stringsOf, n, path, "Action"),
		into(&s.NotAction, stringsOf, n, path, "NotAction"),
		into(&s.Resource, stringsOf, n, path, "Resource"),
		into(&s.NotResource, stringsOf, n, path, "NotResource"),
		into(&s.Condition, conditionsOf, n, path, "Condition"),
	)
	s.Effect = Effect(effect)
	return s, err
}

// into reads one member of n.
func into[T any](dst *T, read func(*node, string) (T, error), n *node, path, name string) (err error) {
	*dst, err = read(n.get(name), path+"/"+name)
	return err
}

func textOf(n *node, path string) (string, error) {
	if n == nil {
		return "", nil
	}
	if n.kind != stringNode {
		return "", fmt.Errorf("%s: want a string", path)
	}
	return n.str, nil
}

func stringsOf(n *node, path string) (Strings, error) {
	if n == nil {
		return nil, nil
	}
	if n.kind == stringNode {
		return Strings{n.str}, nil
	}
	if n.kind != arrayNode {
		return nil, fmt.Errorf("%s: want a string or a list of strings", path)
	}
	out := make(Strings, 0, len(n.items))
	for i, x := range n.items {
		if x.kind != stringNode {
			return nil, fmt.Errorf("%s/%d: want a string", path, i)
		}
		out = append(out, x.str)
	}
	return out, nil
}

func principalsOf(n *node, path string) (*Principals, error) {
	switch {
	case n == nil:
		return nil, nil
	case n.kind == stringNode && n.str == "*":
		return &Principals{Any: true}, nil
	case n.kind == stringNode: // outside the grammar, but seen in templates
		return &Principals{ByKind: map[string][]string{"AWS": {n.str}}}, nil
	case n.kind != objectNode:
		return nil, fmt.Errorf("%s: want a string or an object", path)
	}
	p := &Principals{ByKind: make(map[string][]string, len(n.members))}
	for _, m := range n.members {
		v, err := stringsOf(m.value, path+"/"+m.name)
		if err != nil {
			return nil, err
		}
		p.ByKind[m.name] = v
	}
	return p, nil
}

func conditionsOf(n *node, path string) (Conditions, error) {
	if n == nil {
		return nil, nil
	}
	if n.kind != objectNode {
		return nil, fmt.Errorf("%s: want an object", path)
	}
	out := make(Conditions, 0, len(n.members))
	for _, m := range n.members {
		b, err := blockOf(m, path+"/"+m.name)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

func blockOf(op member, path string) (ConditionBlock, error) {
	b := ConditionBlock{Operator: op.name}
	if op.value.kind != objectNode {
		return b, fmt.Errorf("%s: want an object of condition keys", path)
	}
	for _, m := range op.value.members {
		values, err := valuesOf(m.value, path+"/"+m.name)
		if err != nil {
			return b, err
		}
		b.Clauses = append(b.Clauses, Clause{m.name, values})
	}
	return b, nil
}

// valuesOf reads condition values: one scalar or a list of them. Numbers and
// booleans keep their text.
func valuesOf(n *node, path string) ([]string, error) {
	items := []*node{n}
	if n.kind == arrayNode {
		items = n.items
	}
	out := make([]string, 0, len(items))
	for _, x := range items {
		switch {
		case x.kind == stringNode:
			out = append(out, x.str)
		case x.kind == scalarNode && x.raw != "null":
			out = append(out, x.raw)
		default:
			return nil, fmt.Errorf("%s: want a string, a number, a boolean or a list of them", path)
		}
	}
	return out, nil
}

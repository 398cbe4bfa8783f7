package iam

import (
	"fmt"
	"strconv"
)

// The members that have a meaning, in canonical order.
func documentMembers() []string { return []string{"Version", "Id", "Statement"} }

func statementMembers() []string {
	return []string{"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction",
		"Resource", "NotResource", "Condition"}
}

// Parse reads a policy document. It accepts JSON only; URL-decoding is the
// caller's (see account). Statement may be one object or a list, every list a
// single string; condition values may be strings, numbers or booleans. Unknown
// members are kept; what is odd but readable is listed by Notes. What can't be
// read is a *ParseError. Documents of more than 1 MiB, 65,536 values or 64
// levels are refused; reading takes time in proportion to the text.
func Parse(data []byte) (*Document, error) {
	t, err := readTree(data)
	if err != nil {
		return nil, err
	}
	d, failed := documentOf(t.root)
	if failed != nil {
		return nil, failed.within(t.text)
	}
	d.text, d.doubled = t.text, t.doubled
	d.notes = notesOf(t)
	return d, nil
}

func documentOf(root *node) (*Document, *ParseError) {
	if root.kind != objectNode {
		return nil, fail(root, "a policy document must be a JSON object")
	}
	d := &Document{src: root}
	err := first(
		into(&d.Version, textOf, root, "Version"),
		into(&d.ID, textOf, root, "Id"),
		into(&d.Statements, statementsOf, root, "Statement"),
	)
	return d, err
}

// ParseError is why a document can't be read.
type ParseError struct {
	Path    string // JSON pointer, see Note; "" for the document and for what is no JSON
	At      Place
	Problem string
}

// Error is one line that names the place both ways.
func (e *ParseError) Error() string {
	text := fmt.Sprintf("%s (line %d, column %d)", e.Problem, e.At.Line, e.At.Column)
	if e.Path != "" {
		text = e.Path + ": " + text
	}
	return text
}

func fail(n *node, problem string) *ParseError {
	return &ParseError{At: Place{Offset: int(n.at), Length: int(n.end - n.at)}, Problem: problem}
}

func failAt(offset int, problem string) *ParseError {
	return &ParseError{At: Place{Offset: offset}, Problem: problem}
}

// under puts the name of an enclosing member before the path.
func (e *ParseError) under(name string) *ParseError {
	if e != nil {
		e.Path = Pointer(name) + e.Path
	}
	return e
}

// within completes the place by line and column.
func (e *ParseError) within(text string) *ParseError {
	e.At = placeIn(text, e.At.Offset, e.At.Length)
	return e
}

func first(errs ...*ParseError) *ParseError {
	for _, e := range errs {
		if e != nil {
			return e
		}
	}
	return nil
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

func statementsOf(n *node) ([]Statement, *ParseError) {
	nodes := statementNodes(n)
	out := make([]Statement, 0, len(nodes))
	for i, x := range nodes {
		s, err := statementOf(x)
		if err != nil {
			return nil, err.under(strconv.Itoa(i))
		}
		out = append(out, s)
	}
	return out, nil
}

func statementOf(n *node) (Statement, *ParseError) {
	if n.kind != objectNode {
		return Statement{}, fail(n, "want an object")
	}
	s := Statement{src: n}
	var effect string
	err := first(
		into(&s.Sid, textOf, n, "Sid"),
		into(&effect, textOf, n, "Effect"),
		into(&s.Principal, principalsOf, n, "Principal"),
		into(&s.NotPrincipal, principalsOf, n, "NotPrincipal"),
		into(&s.Action, stringsOf, n, "Action"),
		into(&s.NotAction, stringsOf, n, "NotAction"),
		into(&s.Resource, stringsOf, n, "Resource"),
		into(&s.NotResource, stringsOf, n, "NotResource"),
		into(&s.Condition, conditionsOf, n, "Condition"),
	)
	s.Effect = Effect(effect)
	return s, err
}

// into reads one member of n.
func into[T any](dst *T, read func(*node) (T, *ParseError), n *node, name string) (err *ParseError) {
	*dst, err = read(n.get(name))
	return err.under(name)
}

func textOf(n *node) (string, *ParseError) {
	if n == nil {
		return "", nil
	}
	if n.kind != stringNode {
		return "", fail(n, "want a string")
	}
	return n.str, nil
}

func stringsOf(n *node) (Strings, *ParseError) {
	if n == nil {
		return nil, nil
	}
	if n.kind == stringNode {
		return Strings{n.str}, nil
	}
	if n.kind != arrayNode {
		return nil, fail(n, "want a string or a list of strings")
	}
	out := make(Strings, 0, len(n.items))
	for i, x := range n.items {
		if x.kind != stringNode {
			return nil, fail(x, "want a string").under(strconv.Itoa(i))
		}
		out = append(out, x.str)
	}
	return out, nil
}

func principalsOf(n *node) (*Principals, *ParseError) {
	switch {
	case n == nil:
		return nil, nil
	case n.kind == stringNode && n.str == "*":
		return &Principals{Any: true}, nil
	case n.kind == stringNode: // outside the grammar, but seen in templates
		return &Principals{ByKind: map[string][]string{"AWS": {n.str}}}, nil
	case n.kind != objectNode:
		return nil, fail(n, "want a string or an object")
	}
	p := &Principals{ByKind: make(map[string][]string, len(n.members))}
	for _, m := range n.members {
		v, err := stringsOf(m.value)
		if err != nil {
			return nil, err.under(m.name)
		}
		p.ByKind[m.name] = v
	}
	return p, nil
}

func conditionsOf(n *node) (Conditions, *ParseError) {
	if n == nil {
		return nil, nil
	}
	if n.kind != objectNode {
		return nil, fail(n, "want an object")
	}
	out := make(Conditions, 0, len(n.members))
	for _, m := range n.members {
		b, err := blockOf(m)
		if err != nil {
			return nil, err.under(m.name)
		}
		out = append(out, b)
	}
	return out, nil
}

func blockOf(op member) (ConditionBlock, *ParseError) {
	b := ConditionBlock{Operator: op.name}
	if op.value.kind != objectNode {
		return b, fail(op.value, "want an object of condition keys")
	}
	for _, m := range op.value.members {
		values, err := valuesOf(m.value)
		if err != nil {
			return b, err.under(m.name)
		}
		b.Clauses = append(b.Clauses, Clause{m.name, values})
	}
	return b, nil
}

// valuesOf reads condition values: one scalar or a list of them. Numbers and
// booleans keep their text.
func valuesOf(n *node) ([]string, *ParseError) {
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
			return nil, fail(x, "want a string, a number, a boolean or a list of them")
		}
	}
	return out, nil
}

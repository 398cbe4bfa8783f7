package iam

import (
	"fmt"
	"reflect"
	"slices"
	"unicode/utf8"
)

// Format prints the document with two-space indentation and a final newline,
// members in their original order (canonical order for new statements). What was
// not changed since Parse prints as it was written. JSON has no form for two
// clauses of one operator and key with different values: they print as a member
// that is there twice, which Compile refuses.
func (d *Document) Format() []byte { return append(d.tree().indent(nil, 0), '\n') }

// Minify prints the document without white space, members as in Format.
func (d *Document) Minify() []byte { return d.tree().compact(nil) }

// Size is the length that IAM's quotas count, in characters: the document
// without white space. White space within strings is counted, so that the
// figure is never too small.
func (d *Document) Size() int { return utf8.RuneCount(d.Minify()) }

// slot is the current value of a known member: nil when absent.
type slot struct {
	name  string
	value *node
}

func (d *Document) tree() *node {
	return rebuild(d.src, []slot{
		{"Version", textNode(d.src.get("Version"), d.Version)},
		{"Id", textNode(d.src.get("Id"), d.ID)},
		{"Statement", d.statementsNode()},
	})
}

// statementsNode keeps the single-object form while there is one statement.
func (d *Document) statementsNode() *node {
	old := d.src.get("Statement")
	if old != nil && old.kind == objectNode && len(d.Statements) == 1 {
		return d.Statements[0].tree()
	}
	if len(d.Statements) == 0 && old == nil && d.src != nil {
		return nil
	}
	n := &node{kind: arrayNode}
	for i := range d.Statements {
		n.items = append(n.items, d.Statements[i].tree())
	}
	return n
}

func (s *Statement) tree() *node {
	src := s.src
	return rebuild(src, []slot{
		{"Sid", textNode(src.get("Sid"), s.Sid)},
		{"Effect", textNode(src.get("Effect"), string(s.Effect))},
		{"Principal", principalsNode(src.get("Principal"), s.Principal)},
		{"NotPrincipal", principalsNode(src.get("NotPrincipal"), s.NotPrincipal)},
		{"Action", stringsNode(src.get("Action"), s.Action)},
		{"NotAction", stringsNode(src.get("NotAction"), s.NotAction)},
		{"Resource", stringsNode(src.get("Resource"), s.Resource)},
		{"NotResource", stringsNode(src.get("NotResource"), s.NotResource)},
		{"Condition", conditionsNode(src.get("Condition"), s.Condition)},
	})
}

// rebuild lays the slots, which are in canonical order, over the members of src:
// known members keep their place, new ones go after the nearest canonical
// predecessor, unknown ones stay.
func rebuild(src *node, slots []slot) *node {
	out := &node{kind: objectNode}
	if src != nil {
		out.members = slices.Clone(src.members)
	}
	at := 0 // where the next new member goes
	for _, s := range slots {
		i := slices.IndexFunc(out.members, func(m member) bool { return m.name == s.name })
		switch {
		case i >= 0 && s.value == nil:
			out.members = slices.Delete(out.members, i, i+1)
			at = i
		case i >= 0:
			out.members[i].value = s.value
			at = i + 1
		case s.value != nil:
			out.members = slices.Insert(out.members, at, newMember(s.name, s.value))
			at++
		}
	}
	return out
}

// textNode keeps old when it still says s; an absent member stays absent for "".
func textNode(old *node, s string) *node {
	if old != nil && old.str == s {
		return old
	}
	if s == "" {
		return nil
	}
	return newString(s)
}

// stringsNode keeps old when the list is unchanged, and its single-string form
// when there is still one element. New lists of one print as a single string.
func stringsNode(old *node, list Strings) *node {
	if list == nil {
		return nil
	}
	if old != nil {
		if was, err := stringsOf(old); err == nil && slices.Equal(was, list) {
			return old
		}
	}
	if len(list) == 1 && (old == nil || old.kind == stringNode) {
		return newString(list[0])
	}
	n := &node{kind: arrayNode}
	for _, s := range list {
		n.items = append(n.items, newString(s))
	}
	return n
}

func principalsNode(old *node, p *Principals) *node {
	if p == nil {
		return nil
	}
	if old != nil {
		if was, err := principalsOf(old); err == nil && reflect.DeepEqual(was, p) {
			return old
		}
	}
	if p.Any {
		return newString("*")
	}
	n := &node{kind: objectNode}
	for _, kind := range principalKinds(p) {
		n.members = append(n.members, newMember(kind, stringsNode(nil, nonNil(p.ByKind[kind]))))
	}
	return n
}

func nonNil(s []string) Strings {
	if s == nil {
		return Strings{}
	}
	return s
}

// principalKinds lists the kinds of p: the usual ones first, then by name.
func principalKinds(p *Principals) []string {
	usual := []string{"AWS", "Service", "Federated", "CanonicalUser"}
	var first, rest []string
	for _, k := range usual {
		if _, ok := p.ByKind[k]; ok {
			first = append(first, k)
		}
	}
	for k := range p.ByKind {
		if !slices.Contains(usual, k) {
			rest = append(rest, k)
		}
	}
	slices.Sort(rest)
	return append(first, rest...)
}

func conditionsNode(old *node, c Conditions) *node {
	if c == nil {
		return nil
	}
	if old != nil {
		if was, err := conditionsOf(old); err == nil && reflect.DeepEqual(was, c) {
			return old
		}
	}
	was := clauseNodes(old)
	n := &node{kind: objectNode}
	blocks := make(map[string]*node, len(c))
	printed := map[string]bool{}
	for _, b := range c {
		block := blocks[b.Operator] // two blocks of one operator print as one
		if block == nil {
			block = &node{kind: objectNode}
			blocks[b.Operator] = block
			n.members = append(n.members, newMember(b.Operator, block))
		}
		for _, cl := range b.Clauses {
			same := fmt.Sprintf("%q", append([]string{b.Operator, cl.Key}, cl.Values...))
			if printed[same] {
				continue
			}
			printed[same] = true
			value := clauseNode(was[[2]string{b.Operator, cl.Key}], cl.Values)
			block.members = append(block.members, newMember(cl.Key, value))
		}
	}
	return n
}

// clauseNodes lists the values of a Condition element by operator and key.
func clauseNodes(n *node) map[[2]string]*node {
	if n == nil {
		return nil
	}
	out := map[[2]string]*node{}
	for _, op := range n.members {
		for _, m := range op.value.members {
			out[[2]string{op.name, m.name}] = m.value
		}
	}
	return out
}

// clauseNode keeps numbers and booleans of an unchanged clause as they were.
func clauseNode(old *node, values []string) *node {
	if old != nil {
		if was, err := valuesOf(old); err == nil && slices.Equal(was, values) {
			return old
		}
	}
	return stringsNode(nil, nonNil(values))
}

package iam

import (
	"slices"
	"strings"
)

// FormatInPlace prints the document in the text that it was parsed from. What was
// not changed since Parse keeps its bytes, white space included: the members of the
// document, whole statements, and the members and list items of a statement that
// was changed. What is new takes the indentation and the line ends around it;
// several copies of one parsed statement stand one after the other. The result
// parses to the document as it is now.
//
// Only statements may have been changed or dropped since, and copies must follow
// the order of the text; else, and for a document that was not parsed, it is what
// Format gives, and inPlace is false.
func (d *Document) FormatInPlace() (text []byte, inPlace bool) {
	now := d.tree()
	if text, ok := d.splice(now); ok {
		// The text is ours only if it says what the document says.
		if again, err := Parse(text); err == nil && again.tree().says(now) {
			return text, true
		}
	}
	return d.Format(), false
}

// says reports whether two values are the same, however their texts are written.
func (n *node) says(o *node) bool {
	return n.kind == o.kind && n.str == o.str && (n.kind == stringNode || n.raw == o.raw) &&
		slices.EqualFunc(n.items, o.items, (*node).says) &&
		slices.EqualFunc(n.members, o.members, func(a, b member) bool { return a.name == b.name && a.value.says(b.value) })
}

// splice puts the statements of now, which is d as it is, in the place of the
// parsed ones.
func (d *Document) splice(now *node) ([]byte, bool) {
	list := d.src.get("Statement")
	if list == nil || len(list.statements()) == 0 || !sameButStatements(d.src, now) {
		return nil, false
	}
	from, ok := d.origins(list.statements())
	if !ok {
		return nil, false
	}
	s := splicer{text: d.text}
	var parts []part
	for i := range d.Statements {
		x := list.statements()[from[i]]
		was := part{from: from[i]}
		was.text, ok = s.object(x, d.Statements[i].tree())
		if !ok {
			return nil, false
		}
		parts = append(parts, was)
	}
	out := append([]byte{}, d.text[:list.at]...)
	switch {
	case list.kind == arrayNode:
		out = append(out, s.list(list, list.items, parts)...)
	case len(parts) == 1:
		out = append(out, parts[0].text...)
	default: // a lone object that became a list
		out = append(out, '[')
		for i, p := range parts {
			if i > 0 {
				out = append(out, ","+s.gap()...)
			}
			out = append(out, p.text...)
		}
		out = append(out, ']')
	}
	return append(out, d.text[list.end:]...), true
}

// statements are the elements of a Statement member in both its forms.
func (n *node) statements() []*node {
	if n.kind == objectNode {
		return []*node{n}
	}
	return n.items
}

// sameButStatements reports whether two versions of a document have the same
// members, the statements apart. A document that has one twice is none.
func sameButStatements(was, now *node) bool {
	if len(was.members) != len(now.members) || !asListed(was) {
		return false
	}
	for i, m := range was.members {
		if now.members[i].name != m.name || m.name != "Statement" && now.members[i].value != m.value {
			return false
		}
	}
	return true
}

// asListed reports whether the members stand in the text as they are listed, which
// they do unless one is there twice.
func asListed(n *node) bool {
	return slices.IsSortedFunc(n.members, func(a, b member) int { return int(a.at) - int(b.at) })
}

// origins tells of which parsed statement each is a copy; false where one is not,
// or where their order changed.
func (d *Document) origins(parsed []*node) ([]int, bool) {
	at := make(map[*node]int, len(parsed))
	for i, x := range parsed {
		at[x] = i
	}
	out := make([]int, len(d.Statements))
	last := 0
	for i := range d.Statements {
		k, known := at[d.Statements[i].src]
		if !known || k < last {
			return nil, false
		}
		out[i], last = k, k
	}
	return out, true
}

// splicer copies parts of a parsed text.
type splicer struct{ text string }

// part is one element of a list or object of the new text.
type part struct {
	from int // which element it was, -1 for a new one
	text string
}

// of is the text of a parsed value.
func (s *splicer) of(n *node) string { return s.text[n.at:n.end] }

// gap is what follows a comma on one line.
func (s *splicer) gap() string {
	if strings.Contains(s.text, ": ") || strings.Contains(s.text, ", ") {
		return " "
	}
	return ""
}

// frame is how the elements of a list or object are set: what stands before the
// first, between two that were not neighbours, and after the last.
type frame struct{ open, between, close string }

// lines reports whether the elements stand on lines of their own.
func (f frame) lines() bool { return strings.Contains(f.open, "\n") }

// element is where one element begins and ends in the text.
type element struct{ at, end int }

// frameOf reads the setting of n, whose elements are given; there is at least one.
func (s *splicer) frameOf(n *node, at []element) frame {
	f := frame{open: s.text[int(n.at)+1 : at[0].at], close: s.text[at[len(at)-1].end : n.end-1]}
	switch {
	case len(at) > 1:
		f.between = s.text[at[0].end:at[1].at]
	case f.open != "":
		f.between = "," + f.open
	default:
		f.between = "," + s.gap()
	}
	return f
}

// set joins parts as the elements of n were set; neighbours that stay neighbours
// keep what was between them.
func (s *splicer) set(f frame, at []element, parts []part) string {
	var b strings.Builder
	b.WriteString(f.open)
	for i, p := range parts {
		if i > 0 {
			between := f.between
			if before := parts[i-1].from; before >= 0 && p.from == before+1 {
				between = s.text[at[before].end:at[p.from].at]
			}
			b.WriteString(between)
		}
		b.WriteString(p.text)
	}
	b.WriteString(f.close)
	return b.String()
}

// list writes a list whose items are now parts.
func (s *splicer) list(n *node, items []*node, parts []part) string {
	if len(parts) == 0 {
		return "[]"
	}
	at := make([]element, len(items))
	for i, x := range items {
		at[i] = element{int(x.at), int(x.end)}
	}
	return "[" + s.set(s.frameOf(n, at), at, parts) + "]"
}

// object writes what became of a parsed statement: the members that stay keep
// their bytes. false where a member is there twice.
func (s *splicer) object(was, now *node) (string, bool) {
	if slices.EqualFunc(was.members, now.members, func(a, b member) bool { return a.name == b.name && a.value == b.value }) {
		return s.of(was), true
	}
	if len(was.members) == 0 || !asListed(was) {
		return "", false
	}
	at := make([]element, len(was.members))
	for i, m := range was.members {
		at[i] = element{int(m.at), int(m.value.end)}
	}
	f := s.frameOf(was, at)
	colon := s.text[at[0].at+len(was.members[0].raw) : was.members[0].value.at]
	parts := make([]part, len(now.members))
	for i, m := range now.members {
		k := slices.IndexFunc(was.members, func(o member) bool { return o.name == m.name })
		switch {
		case k < 0:
			parts[i] = part{-1, m.raw + colon + s.value(nil, m.value, f)}
		case was.members[k].value == m.value:
			parts[i] = part{k, s.text[at[k].at:at[k].end]}
		default:
			o := was.members[k].value
			parts[i] = part{k, s.text[at[k].at:o.at] + s.value(o, m.value, f)}
		}
	}
	return "{" + s.set(f, at, parts) + "}", true
}

// widest is the length up to which a list that stood on one line stays on it.
const widest = 100

// value writes the new value of a member of a statement that is set in f; was is
// nil for a new member. Only lists of strings have a form to keep.
func (s *splicer) value(was, now *node, f frame) string {
	if now.kind != arrayNode || len(now.items) == 0 {
		return string(now.compact(nil))
	}
	parts := make([]part, len(now.items))
	for i, x := range now.items {
		parts[i] = part{-1, string(x.compact(nil))}
	}
	if was != nil && was.kind == arrayNode && len(was.items) > 0 {
		keep(parts, was, now)
		kept := s.list(was, was.items, parts)
		if !f.lines() || strings.Contains(s.of(was), "\n") || len(kept) <= max(widest, len(s.of(was))) {
			return kept
		}
	}
	if !f.lines() {
		return "[" + s.set(frame{between: "," + s.gap()}, nil, fresh(parts)) + "]"
	}
	inner := f.open + f.unit()
	return "[" + s.set(frame{inner, "," + inner, f.open}, nil, fresh(parts)) + "]"
}

// keep gives the items of now that was has too their old texts and places.
func keep(parts []part, was, now *node) {
	at := make(map[string]int, len(was.items))
	for i, x := range was.items {
		if x.kind == stringNode {
			at[x.str] = i
		}
	}
	for i, x := range now.items {
		if k, ok := at[x.str]; ok {
			parts[i] = part{k, was.items[k].raw}
		}
	}
}

// fresh makes parts that keep nothing of what stood between them.
func fresh(parts []part) []part {
	for i := range parts {
		parts[i].from = -1
	}
	return parts
}

// unit is one level of indentation.
func (f frame) unit() string {
	if unit, ok := strings.CutPrefix(f.open, f.close); ok && unit != "" && strings.Trim(unit, " \t") == "" {
		return unit
	}
	return "  "
}

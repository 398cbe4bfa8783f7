package ocsf

import (
	"bytes"
	"fmt"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/trail/ocsf/internal/leaves"
)

// tree is a record put together from members by their paths. Its texts are borrowed.
type tree struct {
	nodes []node            // [0] is the record
	names map[string]string // seen before; most rows have the same
	far   map[place]int32
	parts [][]byte // of the texts of lists
	plain bool     // decimals are numbers, in the member being made
	most  int64    // what making the JSON may take: bytes, and members looked at
	spent int64
}

// node is a member: an object where it has children, else a text.
type node struct {
	name        string
	text        []byte
	first, last int32 // children; 0: none
	next        int32 // sibling; 0: none
	count       int32 // children
	list        bool  // what stands here was in a list
	split       bool  // parts and width are known
	lo          int32 // of parts
	width       int32 // in how many elements of the list around it the member is
}

// place finds a child of a node that has many.
type place struct {
	parent int32
	name   string
}

// namesMost is how many names are remembered, and nameMost how long they may be.
const (
	namesMost = 1 << 12
	nameMost  = 128
)

// nearMost is how many children are looked through one by one.
const nearMost = 16

func (t *tree) reset() {
	t.nodes = append(t.nodes[:0], node{})
	if t.names == nil || len(t.names) > namesMost {
		t.names = map[string]string{}
	}
	if len(t.far) > 0 {
		t.far = nil
	}
}

// set sets a text at a path of names; nil sets nothing.
func (t *tree) set(text []byte, names ...string) {
	if text == nil {
		return
	}
	at := int32(0)
	for _, name := range names {
		at = t.child(at, name, false)
	}
	t.nodes[at].text = text
}

// fill sets a text where there is none, and not an object either.
func (t *tree) fill(text []byte, names ...string) {
	if len(text) == 0 {
		return
	}
	at := int32(0)
	for _, name := range names {
		if at = t.child(at, name, false); t.nodes[at].text != nil && t.nodes[at].first == 0 {
			return
		}
	}
	if t.nodes[at].first == 0 {
		t.nodes[at].text = text
	}
}

// has reports whether there is an object at a path of names.
func (t *tree) has(names ...string) bool {
	at := int32(0)
	for _, name := range names {
		if at = t.find(at, name); at == 0 {
			return false
		}
	}
	return t.nodes[at].first != 0
}

// setPath sets a text at a path as unmapped has it: "requestParameters.subnets[]". What
// columns have set stays. A path with too many names is one name, as a member may have
// dots in its own.
func (t *tree) setPath(path, text []byte) {
	at := int32(0)
	if bytes.Count(path, []byte(".")) > trail.MaxDepth/2 {
		t.nodes[t.child(at, t.name(path), false)].text = text
		return
	}
	for rest := path; ; {
		name, tail, more := bytes.Cut(rest, []byte("."))
		name, list := bytes.CutSuffix(name, []byte("[]"))
		at = t.child(at, t.name(name), list)
		if !more {
			break
		}
		rest = tail
	}
	if n := &t.nodes[at]; n.text == nil {
		n.text = text
	}
}

// name is a name as a string of its own.
func (t *tree) name(b []byte) string {
	if s, ok := t.names[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(s) <= nameMost {
		t.names[s] = s
	}
	return s
}

// child is the child of that name, made where there is none.
func (t *tree) child(parent int32, name string, list bool) int32 {
	at := t.find(parent, name)
	if at == 0 {
		at = int32(len(t.nodes))
		t.nodes = append(t.nodes, node{name: name})
		p := &t.nodes[parent]
		if p.first == 0 {
			p.first = at
		} else {
			t.nodes[p.last].next = at
		}
		p.last = at
		p.count++
		t.remember(parent, at)
	}
	t.nodes[at].list = t.nodes[at].list || list
	return at
}

func (t *tree) find(parent int32, name string) int32 {
	if t.nodes[parent].count > nearMost {
		return t.far[place{parent, name}]
	}
	for at := t.nodes[parent].first; at != 0; at = t.nodes[at].next {
		if t.nodes[at].name == name {
			return at
		}
	}
	return 0
}

// remember makes the children of a node findable once they are many.
func (t *tree) remember(parent, at int32) {
	switch count := t.nodes[parent].count; {
	case count <= nearMost:
		return
	case count == nearMost+1:
		if t.far == nil {
			t.far = map[place]int32{}
		}
		for at := t.nodes[parent].first; at != 0; at = t.nodes[at].next {
			t.far[place{parent, t.nodes[at].name}] = at
		}
	default:
		t.far[place{parent, t.nodes[at].name}] = at
	}
}

// errWork is a record whose JSON would be far larger than the row it comes from: a long
// name that many elements of a list have, many names in a list of many elements.
var errWork = fmt.Errorf("row is far larger as a record: %w", leaves.ErrLimit)

// spend counts n steps or bytes, and reports whether there are any left.
func (t *tree) spend(n int) bool {
	t.spent += int64(n)
	return t.spent <= t.most
}

// append appends the record's JSON, without the resources. most bounds its bytes.
func (t *tree) append(dst []byte, most int64) ([]byte, error) {
	t.most, t.spent, t.parts = most, 0, t.parts[:0]
	dst = append(dst, '{')
	for at := t.nodes[0].first; at != 0; at = t.nodes[at].next {
		// S3 and others write their measures there, 500.0 bytes: as texts, no two calls
		// would be the same.
		t.plain = t.nodes[at].name == "additionalEventData"
		if t.nodes[at].name != "resources" {
			dst = t.appendMember(dst, at, whole)
		}
	}
	t.plain = false
	if t.spent > t.most {
		return dst, errWork
	}
	return append(dst, '}'), nil
}

// appendElements appends the elements of a list of that name in the record, each with a
// comma behind it.
func (t *tree) appendElements(dst []byte, name string) ([]byte, error) {
	at := t.find(0, name)
	if at == 0 || !t.nodes[at].list {
		return dst, nil
	}
	dst = t.elements(dst, at)
	if t.spent > t.most {
		return dst, errWork
	}
	return dst, nil
}

// whole stands for a value that is no element of a list.
const whole = -1

// appendMember appends a member: its name, and its value in the i-th element of the
// list that it is in.
func (t *tree) appendMember(dst []byte, at, i int32) []byte {
	n := &t.nodes[at]
	if !t.spend(len(n.name) + 8) {
		return dst
	}
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(appendString(dst, n.name), ':')
	switch {
	case n.list:
		return closeList(t.elements(append(dst, '['), at))
	case n.first != 0:
		return t.appendObject(dst, at, i)
	case i == whole:
		t.spend(len(n.text))
		return t.appendValue(dst, n.text)
	}
	part := t.parts[n.lo+i]
	t.spend(len(part))
	return t.appendValue(dst, part)
}

func (t *tree) appendObject(dst []byte, at, i int32) []byte {
	dst = append(dst, '{')
	for c := t.nodes[at].first; c != 0 && t.spend(1); c = t.nodes[c].next {
		if i == whole || t.widthOf(c) > i {
			dst = t.appendMember(dst, c, i)
		}
	}
	return append(dst, '}')
}

// elements appends a list's elements, each with a comma behind it. Of a list of objects
// only the texts of each member are known, joined by commas: the i-th ones are taken for
// those of the i-th object.
func (t *tree) elements(dst []byte, at int32) []byte {
	if t.nodes[at].first == 0 {
		t.nodes[at].cut(t)
		n := &t.nodes[at]
		for _, part := range t.parts[n.lo : n.lo+n.width] {
			t.spend(len(part) + 1)
			dst = append(t.appendValue(dst, part), ',')
		}
		return dst
	}
	most := int32(0)
	for c := t.nodes[at].first; c != 0; c = t.nodes[c].next {
		most = max(most, t.widthOf(c))
	}
	for i := int32(0); i < most && t.spend(1); i++ {
		dst = append(t.appendObject(dst, at, i), ',')
	}
	return dst
}

// widthOf is in how many elements of the list around it a member is. A list in a list
// is taken to be in the first: how its elements were spread is not known.
func (t *tree) widthOf(at int32) int32 {
	n := &t.nodes[at]
	switch {
	case n.split:
	case n.list:
		n.split, n.width = true, 1
	case n.first == 0:
		n.cut(t)
	default:
		n.split = true
		for c := n.first; c != 0; c = t.nodes[c].next {
			n.width = max(n.width, t.widthOf(c))
		}
	}
	return n.width
}

// cut splits the text of a member of a list. Texts may have commas in them too: none is
// a separator in front of a space ("Apr 11, 2016"), nor in a list of ARNs but in front
// of one, nor in a document.
func (n *node) cut(t *tree) {
	n.split, n.lo = true, int32(len(t.parts))
	rest := n.text
	if len(rest) == 0 || rest[0] != '{' && rest[0] != '[' {
		arns := isARN(rest)
		for i := 0; i < len(rest); i++ {
			if tail := rest[i+1:]; rest[i] == ',' && (len(tail) == 0 || tail[0] != ' ') && (!arns || isARN(tail)) {
				t.parts = append(t.parts, rest[:i])
				rest, i = tail, -1
			}
		}
	}
	t.parts = append(t.parts, rest)
	n.width = int32(len(t.parts)) - n.lo
}

// closeList ends a list whose elements all have a comma behind them.
func closeList(dst []byte) []byte {
	if dst[len(dst)-1] == ',' {
		dst[len(dst)-1] = ']'
		return dst
	}
	return append(dst, ']')
}

// appendValue appends a text as a JSON value. What it was is not known. Booleans are
// taken for such, and numbers that are no name of anything: with an exponent, or times
// with decimals. Other numbers stay texts, since account ids and the like look the same.
func (t *tree) appendValue(dst, text []byte) []byte {
	switch string(text) {
	case "true", "false":
		return append(dst, text...)
	}
	if whole, decimals, exponent, ok := numberOf(text); ok && (exponent || decimals && (t.plain || whole >= 9)) {
		return append(dst, text...)
	}
	return appendString(dst, text)
}

// appendString appends a JSON string. What is no UTF-8 stays so; readers replace it.
func appendString[T string | []byte](dst []byte, text T) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// numberOf tells the parts of a JSON number: the digits before its point, and what
// comes behind.
func numberOf(text []byte) (whole int, decimals, exponent, ok bool) {
	rest := bytes.TrimPrefix(text, []byte("-"))
	whole = digits(rest)
	if whole == 0 || whole > 1 && rest[0] == '0' {
		return 0, false, false, false
	}
	rest = rest[whole:]
	if len(rest) > 0 && rest[0] == '.' {
		n := digits(rest[1:])
		if n == 0 {
			return 0, false, false, false
		}
		rest, decimals = rest[1+n:], true
	}
	if len(rest) > 0 && (rest[0] == 'E' || rest[0] == 'e') {
		rest = rest[1:]
		if len(rest) > 0 && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		n := digits(rest)
		rest, exponent = rest[n:], n > 0
		if n == 0 {
			return 0, false, false, false
		}
	}
	return whole, decimals, exponent, len(rest) == 0
}

// digits is how many digits a text begins with.
func digits(text []byte) (n int) {
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	return n
}

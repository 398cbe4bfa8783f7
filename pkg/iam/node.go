package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of Parse. They are far above every quota of AWS (the largest is 32 KB)
// and bound what hostile input can cost.
const (
	maxDocumentBytes = 4 << 20
	maxDepth         = 64
)

// nodeKind is what a JSON value is.
type nodeKind uint8

const (
	scalarNode nodeKind = iota // number, boolean or null: raw alone
	stringNode
	arrayNode
	objectNode
)

// node is one JSON value as it was written. Nodes are never changed after they
// were built, so documents and statements share them freely.
type node struct {
	kind    nodeKind
	raw     string // scalars and strings: the text as written
	str     string // strings: the decoded text
	items   []*node
	members []member
}

// member is one member of an object.
type member struct {
	name  string
	raw   string // the name as written, quoted
	value *node
}

// get returns the value of a member, nil when absent.
func (n *node) get(name string) *node {
	if n == nil {
		return nil
	}
	for i := range n.members {
		if n.members[i].name == name {
			return n.members[i].value
		}
	}
	return nil
}

// treeReader walks text that encoding/json has found valid.
type treeReader struct {
	data  []byte
	pos   int
	path  []string // names of the open members
	notes []Note
}

// maxNotes bounds what hostile input can make Parse remember.
const maxNotes = 100

// readTree parses data into nodes. Of duplicate members the last one wins, at
// the place of the first; each is noted.
func readTree(data []byte) (*node, []Note, error) {
	if len(data) > maxDocumentBytes {
		return nil, nil, fmt.Errorf("document of %d bytes is larger than the limit of %d", len(data), maxDocumentBytes)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return nil, nil, errors.New("document is not UTF-8 text")
	}
	var probe json.RawMessage
	if err := json.Unmarshal(data, &probe); err != nil {
		return nil, nil, syntaxError(err)
	}
	r := &treeReader{data: data}
	n, err := r.value(0)
	if err != nil {
		return nil, nil, err
	}
	return n, r.notes, nil
}

// syntaxError adds the offset that encoding/json keeps apart from its message.
func syntaxError(err error) error {
	var se *json.SyntaxError
	if errors.As(err, &se) {
		return fmt.Errorf("not valid JSON at byte %d: %w", se.Offset, err)
	}
	return fmt.Errorf("not valid JSON: %w", err)
}

// space skips white space and commas and colons, which validity has placed right.
func (r *treeReader) space() {
	for r.pos < len(r.data) && strings.IndexByte(" \t\r\n,:", r.data[r.pos]) >= 0 {
		r.pos++
	}
}

func (r *treeReader) value(depth int) (*node, error) {
	r.space()
	if depth > maxDepth {
		return nil, fmt.Errorf("values nest deeper than %d at byte %d", maxDepth, r.pos)
	}
	switch r.data[r.pos] {
	case '{':
		return r.object(depth)
	case '[':
		return r.array(depth)
	case '"':
		raw, str := r.text()
		return &node{kind: stringNode, raw: raw, str: str}, nil
	}
	start := r.pos
	for r.pos < len(r.data) && strings.IndexByte(" \t\r\n,:]}", r.data[r.pos]) < 0 {
		r.pos++
	}
	return &node{kind: scalarNode, raw: string(r.data[start:r.pos])}, nil
}

func (r *treeReader) array(depth int) (*node, error) {
	n := &node{kind: arrayNode}
	r.pos++
	for r.space(); r.data[r.pos] != ']'; r.space() {
		item, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, item)
	}
	r.pos++
	return n, nil
}

func (r *treeReader) object(depth int) (*node, error) {
	n := &node{kind: objectNode}
	at := make(map[string]int)
	r.pos++
	for r.space(); r.data[r.pos] != '}'; r.space() {
		raw, name := r.text()
		r.path = append(r.path, name)
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if i, dup := at[name]; dup {
			r.noteDuplicate()
			n.members[i].value = v
		} else {
			at[name] = len(n.members)
			n.members = append(n.members, member{name, raw, v})
		}
		r.path = r.path[:len(r.path)-1]
	}
	r.pos++
	return n, nil
}

func (r *treeReader) noteDuplicate() {
	if len(r.notes) < maxNotes {
		r.notes = append(r.notes, Note{DuplicateMember, "/" + clip(strings.Join(r.path, "/"))})
	}
}

// text reads a string literal and returns it as written and decoded.
func (r *treeReader) text() (raw, str string) {
	start := r.pos
	escaped := false
	for r.pos++; r.data[r.pos] != '"'; r.pos++ {
		if r.data[r.pos] == '\\' {
			escaped = true
			r.pos++
		}
	}
	r.pos++
	raw = string(r.data[start:r.pos])
	if !escaped {
		return raw, raw[1 : len(raw)-1]
	}
	// encoding/json has accepted the whole text, so a part of it decodes too.
	if err := json.Unmarshal([]byte(raw), &str); err != nil {
		return raw, raw
	}
	return raw, str
}

// newString is a string node for text that no document held.
func newString(s string) *node {
	return &node{kind: stringNode, raw: quote(s), str: s}
}

// quote writes s as JSON without the HTML escapes of encoding/json.
func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""` // unreachable: a string always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// compact appends n without white space.
func (n *node) compact(dst []byte) []byte {
	switch n.kind {
	case arrayNode:
		dst = append(dst, '[')
		for i, x := range n.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = x.compact(dst)
		}
		return append(dst, ']')
	case objectNode:
		dst = append(dst, '{')
		for i := range n.members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, n.members[i].raw...)
			dst = append(dst, ':')
			dst = n.members[i].value.compact(dst)
		}
		return append(dst, '}')
	}
	return append(dst, n.raw...)
}

// indent appends n with two spaces a level.
func (n *node) indent(dst []byte, level int) []byte {
	switch {
	case n.kind == arrayNode && len(n.items) > 0:
		dst = append(dst, '[')
		for i, x := range n.items {
			dst = x.indent(newLine(dst, i > 0, level+1), level+1)
		}
		return append(newLine(dst, false, level), ']')
	case n.kind == objectNode && len(n.members) > 0:
		dst = append(dst, '{')
		for i := range n.members {
			dst = append(newLine(dst, i > 0, level+1), n.members[i].raw...)
			dst = n.members[i].value.indent(append(dst, ": "...), level+1)
		}
		return append(newLine(dst, false, level), '}')
	}
	return n.compact(dst)
}

func newLine(dst []byte, comma bool, level int) []byte {
	if comma {
		dst = append(dst, ',')
	}
	dst = append(dst, '\n')
	for range level {
		dst = append(dst, "  "...)
	}
	return dst
}

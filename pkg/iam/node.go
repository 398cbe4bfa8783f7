package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of Parse. They are far above every quota of AWS (the largest is 32 KB)
// and bound what hostile input can cost: a value takes up to 150 bytes of memory,
// however short it is written.
const (
	maxDocumentBytes = 1 << 20
	maxValues        = 1 << 16
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
	at, end int32  // where it stands in the text that was parsed; 0, 0 for a new one
	raw     string // scalars and strings: the text as written
	str     string // strings: the decoded text
	items   []*node
	members []member
}

// member is one member of an object.
type member struct {
	name  string
	raw   string // the name as written, quoted
	at    int32  // where the name stands; of a duplicate, the last one's
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

// tree is what readTree makes of a text.
type tree struct {
	text  string
	root  *node
	notes noteList // their places hold offsets alone
	// doubled is the first duplicate member of the document's own grammar, "" for none.
	doubled string
}

// treeReader walks text that encoding/json has found valid.
type treeReader struct {
	tree
	pos    int
	values int
	path   []string // names and positions of the open values
}

// readTree parses data into nodes. Of duplicate members the last one wins, at
// the place of the first; each is noted.
func readTree(data []byte) (*tree, error) {
	if len(data) > maxDocumentBytes {
		return nil, fmt.Errorf("document of %d bytes is larger than the limit of %d", len(data), maxDocumentBytes)
	}
	text := string(data)
	if at := invalidUTF8(text); at >= 0 {
		return nil, failAt(at, "document is not UTF-8 text: save it as UTF-8").within(text)
	}
	r := &treeReader{tree: tree{text: text}}
	if strings.HasPrefix(text, byteOrderMark) {
		r.pos = len(byteOrderMark)
		r.note(ByteOrderMark, 0)
	}
	if err := checkSyntax(data, r.pos); err != nil {
		return nil, err.within(text)
	}
	var failed *ParseError
	if r.root, failed = r.value(0); failed != nil {
		return nil, failed.within(text)
	}
	return &r.tree, nil
}

const byteOrderMark = "\xef\xbb\xbf"

// invalidUTF8 returns where text stops being UTF-8, -1 for nowhere.
func invalidUTF8(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, w := utf8.DecodeRuneInString(text[i:]); w == 1 {
				return i
			}
		}
	}
	return -1
}

// checkSyntax leaves the grammar of JSON to encoding/json, whose offsets count
// the byte after the one that is wrong.
func checkSyntax(data []byte, skip int) *ParseError {
	var probe json.RawMessage
	err := json.Unmarshal(data[skip:], &probe)
	if err == nil {
		return nil
	}
	offset := len(data)
	var se *json.SyntaxError
	if errors.As(err, &se) {
		offset = skip + int(se.Offset)
	}
	return failAt(max(offset-1, 0), fmt.Sprintf("not valid JSON at byte %d: %v", offset, err))
}

// space skips white space and commas and colons, which validity has placed right.
func (r *treeReader) space() {
	for r.pos < len(r.text) && strings.IndexByte(" \t\r\n,:", r.text[r.pos]) >= 0 {
		r.pos++
	}
}

func (r *treeReader) value(depth int) (*node, *ParseError) {
	r.space()
	switch r.values++; {
	case depth > maxDepth:
		return nil, failAt(r.pos, fmt.Sprintf("values nest deeper than %d", maxDepth))
	case r.values > maxValues:
		return nil, failAt(r.pos, fmt.Sprintf("document has more than %d values", maxValues))
	case depth == grammarDepth+1:
		r.note(DeepNesting, r.pos)
	}
	n := &node{at: int32(r.pos)}
	var err *ParseError
	switch r.text[r.pos] {
	case '{':
		n.kind = objectNode
		err = r.object(n, depth)
	case '[':
		n.kind = arrayNode
		err = r.array(n, depth)
	case '"':
		n.kind = stringNode
		n.raw, n.str = r.string()
	default:
		n.raw = r.scalar()
	}
	n.end = int32(r.pos)
	return n, err
}

func (r *treeReader) scalar() string {
	start := r.pos
	for r.pos < len(r.text) && strings.IndexByte(" \t\r\n,:]}", r.text[r.pos]) < 0 {
		r.pos++
	}
	return r.text[start:r.pos]
}

func (r *treeReader) array(n *node, depth int) *ParseError {
	r.pos++
	r.path = append(r.path, "")
	for r.space(); r.text[r.pos] != ']'; r.space() {
		r.path[len(r.path)-1] = strconv.Itoa(len(n.items))
		item, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	r.path = r.path[:len(r.path)-1]
	r.pos++
	return nil
}

func (r *treeReader) object(n *node, depth int) *ParseError {
	at := make(map[string]int)
	r.pos++
	r.path = append(r.path, "")
	for r.space(); r.text[r.pos] != '}'; r.space() {
		start := r.pos
		raw, name := r.string()
		r.path[len(r.path)-1] = name
		v, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		if i, dup := at[name]; dup {
			r.duplicate(start)
			n.members[i].value, n.members[i].at = v, int32(start)
		} else {
			at[name] = len(n.members)
			n.members = append(n.members, member{name, raw, int32(start), v})
		}
	}
	r.path = r.path[:len(r.path)-1]
	r.pos++
	return nil
}

func (r *treeReader) duplicate(at int) {
	r.note(DuplicateMember, at)
	if r.doubled == "" && inGrammar(r.path) {
		r.doubled = Pointer(r.path...)
	}
}

// string reads a string literal and returns it as written and decoded.
func (r *treeReader) string() (raw, str string) {
	start := r.pos
	escaped := false
	for r.pos++; r.text[r.pos] != '"'; r.pos++ {
		if r.text[r.pos] == '\\' {
			escaped = true
			r.pos++
		}
	}
	r.pos++
	raw = r.text[start:r.pos]
	if !escaped {
		return raw, raw[1 : len(raw)-1]
	}
	// encoding/json has accepted the whole text, so a part of it decodes too.
	if err := json.Unmarshal([]byte(raw), &str); err != nil {
		return raw, raw
	}
	if strings.Count(str, "\ufffd") > strings.Count(raw, "\ufffd")+strings.Count(strings.ToLower(raw), `\ufffd`) {
		r.note(LoneSurrogate, start)
	}
	return raw, str
}

// newString is a string node for text that no document held.
func newString(s string) *node {
	return &node{kind: stringNode, raw: quote(s), str: s}
}

func newMember(name string, value *node) member {
	return member{name: name, raw: quote(name), value: value}
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

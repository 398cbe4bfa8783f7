package args

import (
	"bytes"
)

// Append flattens one raw JSON value to leaves and appends them to dst. root is
// one of the Root constants. It never fails: bytes that are not JSON leave the
// one leaf PathUnreadable, and a root that would leave more than MaxLeaves
// leaves or MaxBytes bytes keeps the smallest and adds PathTruncated. Where an
// object has a member twice, both are kept.
//
// The result is not canonical yet, and its strings don't alias raw.
func Append(dst List, root string, raw []byte) List {
	w := walker{unwrap: true}
	return w.appendRoot(dst, root, raw)
}

func (w *walker) appendRoot(dst List, root string, raw []byte) List {
	w.src, w.list, w.base, w.root = raw, dst, len(dst), root
	w.space()
	if w.pos == len(w.src) {
		return dst
	}
	w.path = append(w.path, root...)
	w.values = root == RootResponse || root == RootAdditional
	if !w.value(rule{keep: !w.values}, 0) || !w.atEnd() {
		return append(w.list[:w.base], Leaf{Path: PathUnreadable})
	}
	return w.finish()
}

// Flatten appends the canonical leaves of all that describes a call.
func Flatten(dst List, r *Raw) List {
	dst = Append(dst, RootParameters, r.Parameters)
	dst = Append(dst, RootResponse, r.Response)
	dst = Append(dst, RootResources, r.Resources)
	dst = Append(dst, RootAdditional, r.Additional)
	return dst.Canonical()
}

// rule is what a member's name says about its value.
type rule struct {
	class  class
	number bool // a JSON number here is an identifier
	keep   bool // the root keeps a plain value of this name
}

// walker flattens one root.
type walker struct {
	scanner
	list   List
	base   int // leaves of list that were there before
	size   int // bytes of the leaves since
	root   string
	values bool   // of this root only values are wanted: that something was there says nothing
	weak   bool   // inside a faint member
	faint  string // the least path of a faint member
	path   []byte
	lower  []byte     // the current member name in lower case
	mute   int        // >0 while inside a subtree that leaves nothing
	cut    bool       // leaves were left out
	unwrap bool       // a root that is a string of JSON is read once more
	lend   *Flattener // whose leaves and rules are used; nil: none
	learn  *learner   // who notes what is found; nil: nobody
	labels int        // depth of the objects of a list of tags, 0 outside of one
}

func (w *walker) value(r rule, depth int) bool {
	w.space()
	switch c := w.peek(); c {
	case '{', '[':
		return w.subtree(r, depth, c)
	case '"':
		return w.text(r)
	case 't':
		return w.literal("true") && w.word("true", r)
	case 'f':
		return w.literal("false") && w.word("false", r)
	case 'n':
		return w.literal("null")
	default:
		return w.quantity(r)
	}
}

// subtree reads an object or a list, collapsed to one leaf where its rule or its
// depth says so.
func (w *walker) subtree(r rule, depth int, open byte) bool {
	if depth >= maxNesting {
		return false
	}
	w.pos++
	w.space()
	if c := w.peek(); c == open+2 { // '}' is '{'+2, and ']' is '['+2
		w.pos++
		if depth == 2 && w.root == RootParameters && bytes.HasPrefix(w.path, []byte("p.requestItems.")) {
			w.leaf("") // a table of which no items are shown
		}
		return true
	}
	if w.collapses(r, depth, open) {
		if r.class != volatile {
			w.leaf("")
		}
		if open == '[' && w.mute == 0 && w.root == RootParameters && string(w.lower) == "tags" {
			w.labels = depth + 1
			defer func() { w.labels = 0 }()
		}
		w.mute++
		defer func() { w.mute-- }()
	}
	if open == '[' {
		return w.elements(r, depth)
	}
	return w.members(depth)
}

func (w *walker) collapses(r rule, depth int, open byte) bool {
	if depth >= MaxDepth {
		return true
	}
	switch r.class {
	case presence, faint, volatile:
		return true
	case container, document:
		return open == '{'
	default:
		return false
	}
}

func (w *walker) members(depth int) bool {
	for {
		w.space()
		if w.peek() != '"' {
			return false
		}
		key, escaped, ok := w.str()
		if !ok {
			return false
		}
		w.space()
		if w.peek() != ':' {
			return false
		}
		w.pos++
		if !w.member(key, escaped, depth) {
			return false
		}
		if more, ok := w.next('}'); !more {
			return ok
		}
	}
}

func (w *walker) member(key []byte, escaped bool, depth int) bool {
	if w.mute > 0 {
		w.label(key, depth)
		return w.value(rule{}, depth+1)
	}
	at := len(w.path)
	if at+1+len(key) > MaxPath {
		w.leaf("")
		w.mute++
		defer func() { w.mute-- }()
		return w.value(rule{}, depth+1)
	}
	if escaped {
		key = w.unescape(key)
	}
	w.path = append(append(w.path, '.'), validUTF8(key)...)
	w.lower = appendLower(w.lower[:0], w.path[at+1:])
	r := w.lookup()
	if r.class == volatile {
		w.mute++
		defer func() { w.mute-- }()
	}
	w.weak = r.class == faint
	ok := w.value(r, depth+1)
	w.path, w.weak = w.path[:at], false
	return ok
}

// lookup is rule, remembered where there is who remembers.
func (w *walker) lookup() rule {
	if w.lend == nil {
		return w.rule()
	}
	return w.lend.rule(w)
}

// label keeps the one member of an element of a list of tags that names a resource:
// Auto Scaling's tags say so of which group each is. Nothing else of a tag is read.
func (w *walker) label(key []byte, depth int) {
	if w.labels == 0 || depth != w.labels || w.mute != 2 || !bytes.EqualFold(key, []byte("resourceId")) {
		return
	}
	at := *w
	at.space()
	if at.peek() != '"' {
		return
	}
	raw, escaped, ok := at.str()
	if !ok || escaped || len(raw) > MaxValue || len(w.path)+1+len(key) > MaxPath {
		return
	}
	from := len(w.path)
	w.path, w.mute = append(append(w.path, '.'), key...), 0
	w.leaf(string(validUTF8(raw)))
	w.path, w.mute = w.path[:from], 2
}

// rule judges the current member name.
func (w *walker) rule() rule {
	r := rule{class: classify(w.lower), number: endsWithAny(w.lower, numberEnds), keep: true}
	name := string(w.lower)
	switch w.root {
	case RootParameters:
		if name == "content" && w.namesParent() {
			r.class = naming
		}
		if echoes[name] || name == "host" && string(w.path) == hostPath {
			r.class = faint
		}
	case RootResponse, RootAdditional:
		if ofResponse[name] || w.root == RootAdditional && passing[name] {
			r.class = volatile
		}
		r.keep = endsWithAny(w.lower, responseEnds) || w.root == RootAdditional && ofAdditional[name]
	case RootResources:
		if !ofResources[name] {
			r.class = volatile
		}
		if name == "type" {
			r.class = faint
		}
	}
	return r
}

// hostPath is S3's endpoint, with the bucket that bucketName names too. Services whose
// parameters are in lower case have hosts that are something else.
const hostPath = RootParameters + ".Host"

// namesParent reports whether the member around the current one names something:
// EC2 writes the lists of its "…Request" objects as {"tag": 1, "content": "vpc-0a"}.
func (w *walker) namesParent() bool {
	outer := w.path[:bytes.LastIndexByte(w.path, '.')]
	outer = bytes.TrimSuffix(outer[bytes.LastIndexByte(outer, '.')+1:], []byte("[]"))
	var room [64]byte
	return classify(appendLower(room[:0], outer)) == naming
}

func (w *walker) elements(r rule, depth int) bool {
	at := len(w.path)
	w.path = append(w.path, "[]"...)
	for {
		if !w.value(r, depth+1) {
			return false
		}
		if more, ok := w.next(']'); !more {
			w.path = w.path[:at]
			return ok
		}
	}
}

// word takes a boolean.
func (w *walker) word(s string, r rule) bool {
	if r.class == presence {
		s = ""
	}
	if !w.values {
		w.leaf(s)
	}
	return true
}

// quantity takes a number.
func (w *walker) quantity(r rule) bool {
	s, ok := w.number()
	if !ok {
		return false
	}
	if w.learn != nil {
		w.learn.number(w, r, s)
	}
	switch {
	case r.number && r.class != presence && r.keep && len(s) <= MaxValue:
		w.leaf(w.string(s))
	default:
		w.leaf("")
	}
	return true
}

// text takes a string.
func (w *walker) text(r rule) bool {
	raw, escaped, ok := w.str()
	if ok && w.learn != nil {
		w.learn.text(w, r, raw, escaped)
	}
	if !ok || w.mute > 0 {
		return ok
	}
	switch {
	case len(w.path) == len(w.root) && w.unwrap:
		return w.wrapped(w.decoded(raw, escaped))
	case r.class == statement && r.keep:
		w.leaf(maskSQL(w.decoded(raw[:min(len(raw), maxStatement)], escaped)))
	case r.class == presence && w.root == RootParameters && bytes.HasPrefix(raw, []byte("arn:")) &&
		!endsWithAny(w.lower, prose):
		w.name(w.decoded(raw[:min(len(raw), MaxValue+1)], escaped))
	case r.class == presence || r.class == faint || len(raw) > 6*MaxValue: // six bytes escape one
		w.leaf("")
	default:
		w.scalar(r, w.decoded(raw, escaped))
	}
	return true
}

// scalar adds the leaf of a string, with its value where that is kept.
func (w *walker) scalar(r rule, s []byte) {
	if len(s) > MaxValue || !keeps(r, s) {
		s = nil
	}
	w.leaf(w.string(s))
}

// name adds the leaf of a string whose member keeps nothing but an ARN: that is no
// secret, and API Gateway calls the role that it is to assume "credentials".
func (w *walker) name(s []byte) {
	if len(s) > MaxValue || !isARN(s) {
		s = nil
	}
	w.leaf(w.string(s))
}

// wrapped takes a root that is a string: "null", JSON in a string, or text.
func (w *walker) wrapped(s []byte) bool {
	trimmed := bytes.TrimSpace(s)
	switch {
	case !w.atEnd():
		return false
	case string(trimmed) == "null" || len(trimmed) == 0:
	case trimmed[0] == '{' || trimmed[0] == '[':
		inner := walker{lend: w.lend}
		w.list = inner.appendRoot(w.list, w.root, trimmed)
		w.base = len(w.list) // bounded already
	default:
		w.scalar(rule{keep: !w.values}, s)
	}
	return true
}

func (w *walker) decoded(raw []byte, escaped bool) []byte {
	if escaped {
		raw = w.unescape(raw)
	}
	return validUTF8(raw)
}

// leaf adds a leaf at the current path, if the root wants it.
func (w *walker) leaf(value string) {
	if w.mute > 0 || value == "" && w.values {
		return
	}
	if w.weak {
		if w.faint == "" || string(w.path) < w.faint {
			w.faint = string(w.path)
		}
		return
	}
	l := Leaf{Path: w.string(w.path), Value: value}
	w.list = append(w.list, l)
	if w.learn != nil {
		w.learn.leaf()
	}
	w.size += len(l.Path) + len(l.Value)
	if len(w.list)-w.base >= 2*MaxLeaves || w.size >= 2*MaxBytes {
		w.prune()
	}
}

// prune keeps the smallest leaves that the bounds have room for. Which ones these
// are does not depend on the order in which they came, nor on when it is called.
func (w *walker) prune() {
	kept := w.list[w.base:].Canonical()
	w.size = 0
	for i, l := range kept {
		n := len(l.Path) + len(l.Value)
		if i == MaxLeaves || w.size+n > MaxBytes {
			kept, w.cut = kept[:i], true
			break
		}
		w.size += n
	}
	w.list = w.list[:w.base+len(kept)]
}

func (w *walker) finish() List {
	if len(w.list) == w.base && w.faint != "" {
		w.list = append(w.list, Leaf{Path: w.faint})
		if w.learn != nil {
			w.learn.constant()
		}
	}
	if len(w.list)-w.base > MaxLeaves || w.size > MaxBytes {
		w.prune()
	}
	if w.cut {
		w.list = append(w.list, Leaf{Path: PathTruncated})
	}
	return w.list
}

// string makes the text of a leaf.
func (w *walker) string(s []byte) string {
	if w.lend == nil {
		return string(s)
	}
	return w.lend.string(s)
}

// appendLower appends key with its ASCII letters in lower case.
func appendLower(dst, key []byte) []byte {
	from := len(dst)
	dst = append(dst, key...)
	for i, c := range dst[from:] {
		if 'A' <= c && c <= 'Z' {
			dst[from+i] = c + 'a' - 'A'
		}
	}
	return dst
}

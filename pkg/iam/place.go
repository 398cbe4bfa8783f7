package iam

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Place is a part of the text that Parse read.
type Place struct {
	Offset, Length int // bytes, from the beginning of the text
	Line, Column   int // of its beginning, from 1; columns count characters
}

// Pointer makes a JSON pointer (RFC 6901) of member names and list positions.
// Names of more than 80 bytes are clipped: such a pointer is for people.
func Pointer(names ...string) string {
	var b strings.Builder
	for _, n := range names {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(clip(n)))
	}
	return b.String()
}

// Locate returns where a value stands in the text that was parsed, whatever was
// changed since. The pointer is as in Note: a lone object or string counts as a
// list of one, so that "/Statement/0/Action/0" is good for both forms. It takes
// time in proportion to the text. false: there is no such value, or no text.
func (d *Document) Locate(pointer string) (Place, bool) {
	n, _ := d.find(pointer)
	if n == nil {
		return Place{}, false
	}
	return placeIn(d.text, int(n.at), int(n.end-n.at)), true
}

// LocateName is Locate for the name of the member that the pointer ends in.
func (d *Document) LocateName(pointer string) (Place, bool) {
	_, m := d.find(pointer)
	if m == nil {
		return Place{}, false
	}
	return placeIn(d.text, int(m.at), len(m.raw)), true
}

// find follows a pointer; the member is nil where it ends in a list.
func (d *Document) find(pointer string) (*node, *member) {
	n, last := d.src, (*member)(nil)
	for n != nil && pointer != "" {
		var name string
		name, pointer, _ = strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
		if pointer != "" {
			pointer = "/" + pointer
		}
		n, last = n.step(strings.NewReplacer("~1", "/", "~0", "~").Replace(name))
	}
	return n, last
}

func (n *node) step(name string) (*node, *member) {
	if n.kind == arrayNode {
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i >= len(n.items) {
			return nil, nil
		}
		return n.items[i], nil
	}
	for i := range n.members {
		if n.members[i].name == name {
			return n.members[i].value, &n.members[i]
		}
	}
	if name == "0" {
		return n, nil
	}
	return nil, nil
}

// placeIn completes a place by line and column.
func placeIn(text string, offset, length int) Place {
	offset = min(offset, len(text))
	before := text[:offset]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	line = strings.TrimPrefix(line, byteOrderMark)
	return Place{offset, length, strings.Count(before, "\n") + 1, utf8.RuneCountInString(line) + 1}
}

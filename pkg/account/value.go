package account

import (
	"encoding/json"
	"strconv"
	"strings"
)

// value is one JSON value, known to be valid and without surrounding space. It
// is taken apart only where it is looked at, by a scan that need not validate
// again, so that policy documents keep the bytes they were written with.
type value []byte

// member is one member of an object. Keys compare folded: tools other than the
// AWS CLI write the same answers in camel, lower or snake case.
type member struct {
	key, folded string
	val         value
}

// object is the list of members in the order of the input.
type object []member

// kind is the first byte of the value: { [ " t f n, a digit or -, and 0 for an
// absent value.
func (v value) kind() byte {
	if len(v) == 0 {
		return 0
	}
	return v[0]
}

// absent reports whether there is no value, or null.
func (v value) absent() bool { return len(v) == 0 || v[0] == 'n' }

// called names the kind of the value for messages.
func (v value) called() string {
	switch v.kind() {
	case 0:
		return "nothing"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// object returns the members of an object, and nil for anything else.
func (v value) object() object {
	if v.kind() != '{' {
		return nil
	}
	var o object
	for i := space(v, 1); i < len(v) && v[i] == '"'; {
		end := skip(v, i)
		key := unquote(v[i:end])
		start := space(v, space(v, end)+1) // past the colon
		end = skip(v, start)
		o = append(o, member{key: key, folded: fold(key), val: v[start:end]})
		i = space(v, end)
		if i < len(v) && v[i] == ',' {
			i = space(v, i+1)
		}
	}
	return o
}

// list returns the elements of a list, and nil for anything else.
func (v value) list() []value {
	if v.kind() != '[' {
		return nil
	}
	var out []value
	for i := space(v, 1); i < len(v) && v[i] != ']'; {
		end := skip(v, i)
		out = append(out, v[i:end])
		i = space(v, end)
		if i < len(v) && v[i] == ',' {
			i = space(v, i+1)
		}
	}
	return out
}

// text returns a string's value, "" for anything else.
func (v value) text() string {
	if v.kind() != '"' {
		return ""
	}
	return unquote(v)
}

// truth reads a boolean; some tools write it as a string.
func (v value) truth() bool {
	return v.kind() == 't' || strings.EqualFold(v.text(), "true")
}

// number reads an integer, 0 for anything else.
func (v value) number() int {
	n, err := strconv.Atoi(string(v))
	if err != nil {
		return 0
	}
	return n
}

// get returns the member with a folded name; of several, the last one counts,
// as it does to other JSON readers.
func (o object) get(folded string) value {
	for i := len(o) - 1; i >= 0; i-- {
		if o[i].folded == folded {
			return o[i].val
		}
	}
	return nil
}

// has reports whether the member is there at all, null or not.
func (o object) has(folded string) bool { return o.get(folded) != nil }

// fold lower-cases a key and leaves out its separators.
func fold(key string) string {
	var b strings.Builder
	b.Grow(len(key))
	for i := 0; i < len(key); i++ {
		switch c := key[i]; {
		case c == '_' || c == '-' || c == ' ':
		case 'A' <= c && c <= 'Z':
			b.WriteByte(c + 'a' - 'A')
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// unquote decodes a JSON string.
func unquote(v value) string {
	var s string
	if err := json.Unmarshal(v, &s); err != nil {
		return ""
	}
	return s
}

// space returns the index of the next byte that is not white space.
func space(v value, i int) int {
	for i < len(v) && (v[i] == ' ' || v[i] == '\n' || v[i] == '\t' || v[i] == '\r') {
		i++
	}
	return i
}

// skip returns the end of the valid value that starts at i.
func skip(v value, i int) int {
	if i >= len(v) {
		return len(v)
	}
	switch v[i] {
	case '"':
		return skipString(v, i)
	case '{', '[':
		return skipNested(v, i)
	}
	for i < len(v) && v[i] != ',' && v[i] != ']' && v[i] != '}' && v[i] > ' ' {
		i++
	}
	return i
}

func skipString(v value, i int) int {
	for i++; i < len(v); i++ {
		switch v[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(v)
}

func skipNested(v value, i int) int {
	for depth := 0; i < len(v); {
		switch v[i] {
		case '"':
			i = skipString(v, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		i++
		if depth == 0 {
			return i
		}
	}
	return len(v)
}

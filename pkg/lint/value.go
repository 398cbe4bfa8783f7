package lint

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of a file. Quotas of AWS are far below those of documents.
const (
	maxFileBytes     = 64 << 20
	maxDocumentBytes = 1 << 20
	maxDepth         = 64
)

// kind is what a JSON value is.
type kind uint8

const (
	scalar kind = iota // number or null
	boolean
	text
	array
	object
)

func (k kind) String() string {
	return [...]string{"a number or null", "a boolean", "a string", "a list", "an object"}[k]
}

// span is a range of bytes of the file.
type span struct{ at, end int }

// value is one JSON value with its place.
type value struct {
	span
	kind    kind
	text    string // strings: decoded; scalars and booleans: as written
	items   []*value
	members []member
}

// member is one member of an object; duplicates are kept.
type member struct {
	span
	name  string // decoded; span is its place
	value *value
}

// get returns the last member of a name, which is the one that readers of JSON
// take; nil when absent.
func (v *value) get(name string) *value {
	for i := len(v.members) - 1; i >= 0; i-- {
		if v.members[i].name == name {
			return v.members[i].value
		}
	}
	return nil
}

// list returns the items of an array, or the value itself where it is none.
func (v *value) list() []*value {
	switch {
	case v == nil:
		return nil
	case v.kind == array:
		return v.items
	}
	return []*value{v}
}

// intrinsic reports whether a value is a function of CloudFormation, whose result
// is not known: {"Ref": …}, {"Fn::Sub": …}.
func (v *value) intrinsic() bool {
	if v.kind != object || len(v.members) != 1 {
		return false
	}
	name := v.members[0].name
	return name == "Ref" || name == "Condition" && v.members[0].value.kind == text || strings.HasPrefix(name, "Fn::")
}

// syntaxError tells where a file stops to be JSON.
type syntaxError struct {
	at  int
	why string
}

func (e *syntaxError) Error() string { return e.why }

// parse reads a whole file. Its error is a *syntaxError.
func parse(data []byte) (*value, error) {
	if len(data) > maxFileBytes {
		return nil, &syntaxError{0, fmt.Sprintf("the file is larger than %d MB: give its parts", maxFileBytes>>20)}
	}
	if !utf8.Valid(data) {
		return nil, &syntaxError{invalidAt(data), "not UTF-8 text: save it as UTF-8"}
	}
	var probe json.RawMessage
	if err := json.Unmarshal(data, &probe); err != nil {
		var se *json.SyntaxError
		if errors.As(err, &se) {
			return nil, &syntaxError{max(0, int(se.Offset)-1), "not valid JSON: " + se.Error()}
		}
		return nil, &syntaxError{0, "not valid JSON: " + err.Error()}
	}
	r := &reader{data: data}
	return r.value(0)
}

func invalidAt(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return 0
}

// reader walks text that encoding/json has found valid.
type reader struct {
	data []byte
	pos  int
}

// space skips white space, and commas and colons, which validity has placed right.
func (r *reader) space() byte {
	for r.pos < len(r.data) && strings.IndexByte(" \t\r\n,:", r.data[r.pos]) >= 0 {
		r.pos++
	}
	return r.data[r.pos]
}

func (r *reader) value(depth int) (*value, error) {
	first := r.space()
	v := &value{span: span{at: r.pos}}
	if depth > maxDepth {
		return nil, &syntaxError{r.pos, fmt.Sprintf("values nest deeper than %d: no policy does", maxDepth)}
	}
	var err error
	switch first {
	case '{':
		v.kind = object
		err = r.object(v, depth)
	case '[':
		v.kind = array
		err = r.array(v, depth)
	case '"':
		v.kind, v.text = text, r.string()
	default:
		for r.pos < len(r.data) && strings.IndexByte(" \t\r\n,:]}", r.data[r.pos]) < 0 {
			r.pos++
		}
		v.text = string(r.data[v.at:r.pos])
		if first == 't' || first == 'f' {
			v.kind = boolean
		}
	}
	v.end = r.pos
	return v, err
}

func (r *reader) array(v *value, depth int) error {
	for r.pos++; r.space() != ']'; {
		item, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		v.items = append(v.items, item)
	}
	r.pos++
	return nil
}

func (r *reader) object(v *value, depth int) error {
	for r.pos++; r.space() != '}'; {
		m := member{span: span{at: r.pos}}
		m.name = r.string()
		m.end = r.pos
		var err error
		if m.value, err = r.value(depth + 1); err != nil {
			return err
		}
		v.members = append(v.members, m)
	}
	r.pos++
	return nil
}

// string reads a literal and returns it decoded.
func (r *reader) string() string {
	start, escaped := r.pos, false
	for r.pos++; r.data[r.pos] != '"'; r.pos++ {
		if r.data[r.pos] == '\\' {
			escaped = true
			r.pos++
		}
	}
	r.pos++
	raw := r.data[start:r.pos]
	if !escaped {
		return string(raw[1 : len(raw)-1])
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil { // unreachable: the whole was valid
		return string(raw)
	}
	return s
}

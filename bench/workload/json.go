package workload

import (
	"encoding/json"
	"strconv"
)

// object is a JSON object whose members keep their order: alternating names
// (string) and values. A nil object is written as null.
type object []any

// list is a JSON array. A nil list is written as [].
type list []any

// raw is JSON that is written as it is.
type raw string

// obj builds an object from alternating names and values.
func obj(members ...any) object { return append(object{}, members...) }

// with returns o and further members.
func (o object) with(members ...any) object { return append(o[:len(o):len(o)], members...) }

// appendJSON appends the compact form of v. It panics on a type that no
// workload uses, which is a mistake in this package, never in its input.
func appendJSON(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case string:
		return appendText(dst, v)
	case bool:
		return strconv.AppendBool(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case float64:
		return strconv.AppendFloat(dst, v, 'g', -1, 64)
	case raw:
		return append(dst, v...)
	case object:
		return appendObject(dst, v)
	case list:
		return appendList(dst, v)
	}
	panic("workload: value of a type that has no JSON form here")
}

func appendObject(dst []byte, o object) []byte {
	if o == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '{')
	for i := 0; i+1 < len(o); i += 2 {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, o[i].(string))
		dst = append(dst, ':')
		dst = appendJSON(dst, o[i+1])
	}
	return append(dst, '}')
}

func appendList(dst []byte, l list) []byte {
	dst = append(dst, '[')
	for i, v := range l {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSON(dst, v)
	}
	return append(dst, ']')
}

// appendText quotes s. Most strings here need no escape and skip encoding/json.
func appendText(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			q, err := json.Marshal(s)
			if err != nil {
				panic(err) // a string always has a JSON form
			}
			return append(dst, q...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

// texts turns strings into a JSON array.
func texts(ss ...string) list {
	l := make(list, len(ss))
	for i, s := range ss {
		l[i] = s
	}
	return l
}

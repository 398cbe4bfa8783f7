package args

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// FuzzMembers compares with encoding/json.
func FuzzMembers(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"a":1,"a":2,"b":{"c":[1,{"d":null}]}}`, ` { "a" : "x\u00e9\ud83d\ude00" } `, `{"a":1}x`, `{"a"}`, `{"a":}`, `{,}`, `[1, "a", {"b":2} ,null]`, `[1,]`, `[]`, `null`,
		`{"a\u0000\"":"\/"}`, "{\"\xff\":\"\xff\"}", "\"\xfe\xfe\"", `{"a":"\ud800"}`, `"text"`, `"a\x"`, `{"a":01}`, strings.Repeat("[", 10001) + strings.Repeat("]", 10001),
		strings.Repeat("[", 10000) + strings.Repeat("]", 10000),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		members, ok := map[string]json.RawMessage{}, false
		var want map[string]json.RawMessage
		ok = Members(raw, func(key, value []byte) { members[string(key)] = append(json.RawMessage{}, value...) })
		if err := json.Unmarshal(raw, &want); (err == nil && want != nil) != ok || ok && !reflect.DeepEqual(members, want) {
			t.Errorf("members %v %q, want %v %q", ok, members, err, want)
		}
		elements := []json.RawMessage{}
		var list []json.RawMessage
		ok = Elements(raw, func(value []byte) { elements = append(elements, append(json.RawMessage{}, value...)) })
		if err := json.Unmarshal(raw, &list); (err == nil && list != nil) != ok || ok && !reflect.DeepEqual(elements, list) {
			t.Errorf("elements %v %q, want %v %q", ok, elements, err, list)
		}
		var text *string
		got, ok := Text(raw)
		if err := json.Unmarshal(raw, &text); (err == nil && text != nil) != ok || ok && got != *text {
			t.Errorf("text %v %q, want %v", ok, got, err)
		}
	})
}

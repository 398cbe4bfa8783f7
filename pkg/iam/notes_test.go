package iam

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// checkNotes compares the notes of a document, as "line:column kind path".
func checkNotes(t *testing.T, d *Document, want ...string) {
	t.Helper()
	var got []string
	for _, n := range d.Notes() {
		got = append(got, fmt.Sprintf("%d:%d %s %s", n.At.Line, n.At.Column, n.Kind, n.Path))
	}
	if !slices.Equal(got, want) {
		t.Errorf("notes\n got %q\nwant %q", got, want)
	}
}

func TestNotes(t *testing.T) {
	long := strings.Repeat("é", longestARN)
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing odd", `{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["s3:*"],"Resource":"` + long + `","Condition":{"Bool":{"k":"true"}}}]}`, nil},
		{"no statement", ` {}`, []string{"1:2 empty-statement "}},
		{"statements empty", `{"Statement":[]}`, []string{"1:1 empty-statement "}},
		{"byte order mark", byteOrderMark + "\n{\"Statement\":{},\n \"é\":1}", []string{"1:1 byte-order-mark ", "3:2 unknown-member /é"}},
		{"lists", `{"Statement":[{"Action":[],"Principal":{"AWS":[]},"NotPrincipal":{},"Condition":{"Bool":{"a/b~":[]},"Null":{}}}]}`, []string{
			"1:25 empty-list /Statement/0/Action", "1:47 empty-list /Statement/0/Principal/AWS", "1:66 empty-list /Statement/0/NotPrincipal",
			"1:97 empty-list /Statement/0/Condition/Bool/a~1b~0", "1:108 empty-list /Statement/0/Condition/Null"}},
		{"Sids", `{"Statement":[{"Sid":"A"},{"Sid":"a"},{"Sid":""},{"Sid":""},{"Sid":"A"}]}`, []string{"1:68 duplicate-sid /Statement/4/Sid"}},
		{"values", `{"Statement":[{"Condition":{"Bool":{"k":[true,"false",1e3]}}}]}`, []string{
			"1:42 plain-value /Statement/0/Condition/Bool/k/0", "1:55 plain-value /Statement/0/Condition/Bool/k/2"}},
		{"long", `{"Id":"x` + long + `","Statement":{"Resource":["a","` + long + `?"]}}`, []string{
			"1:7 long-string /Id", "1:2088 long-string /Statement/0/Resource/1"}},
		{"deep", `{"Statement":{"x":[[[[[[0]]]]]]}}`, []string{"1:15 unknown-member /Statement/0/x", "1:24 deep-nesting /Statement/0/x/0/0/0/0/0"}},
		{"surrogates", `{"Statement":{"Sid":"\ud83d\ude00\ufffd","Action":["\ud83d","\uD83Dx\uFFFD\ufffd"]}}`, []string{
			"1:52 lone-surrogate /Statement/0/Action/0", "1:61 lone-surrogate /Statement/0/Action/1"}},
		{"characters", `{"Statement":{"Sid":"aÿāb","Resource":"€"}}`, []string{"1:24 forbidden-character "}},
		{"duplicates anywhere", `{"x":{"y":1,"y":2},"Version":"a","Statement":{},"Version":"b"}`, []string{
			"1:2 unknown-member /x", "1:13 duplicate-member /x/y", "1:49 duplicate-member /Version"}},
	} {
		t.Run(c.name, func(t *testing.T) { checkNotes(t, mustParse(t, c.text), c.want...) })
	}
}

// A flood of one oddity hides no other one, and costs no memory.
func TestNotesAreBoundedByKind(t *testing.T) {
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, `"u%d":0,`, i)
	}
	d := mustParse(t, `{`+b.String()+`"Statement":{"Action":[]}}`)
	if n := d.Notes(); len(n) != maxNotes+1 || n[maxNotes].Kind != EmptyList {
		t.Errorf("%d notes, last %+v", len(n), n[len(n)-1])
	}
}

func TestDoubtfulNotes(t *testing.T) {
	for _, k := range []NoteKind{DuplicateMember, CaseVariant, UnknownMember, LoneSurrogate, EmptyList} {
		if !k.Doubtful() {
			t.Errorf("%s does not count as doubtful", k)
		}
	}
	for _, k := range []NoteKind{ByteOrderMark, PlainValue, DuplicateSid, LongString} {
		if k.Doubtful() {
			t.Errorf("%s counts as doubtful", k)
		}
	}
}

// What is written twice within an unknown member does no harm; elsewhere the
// document means nothing certain, until it is printed anew.
func TestDoubledMembersDoNotCompile(t *testing.T) {
	const rest = `"Effect":"Allow","Action":"s3:*","Resource":"*"`
	for text, want := range map[string]string{
		`{"x":{"y":1,"y":2},"Statement":{` + rest + `}}`:                                            "",
		`{"Statement":[{"x":{"y":1,"y":2},` + rest + `}]}`:                                          "",
		`{"Statement":[{"x":1,"x":2,` + rest + `}]}`:                                                "",
		`{"Version":"2012-10-17","Version":"2008-10-17","Statement":{` + rest + `}}`:                "/Version",
		`{"Statement":[{` + rest + `},{` + rest + `,"Action":"*"}]}`:                                "/Statement/1/Action",
		`{"Statement":[{` + rest + `,"Condition":{"Bool":{"a":"true","a":"false"}}}]}`:              "/Statement/0/Condition/Bool/a",
		`{"Statement":{` + rest + `,"Principal":{"AWS":"*","AWS":"1"}}}`:                            "/Statement/Principal/AWS",
		`{"Statement":{` + rest + `},"Statement":{` + rest + `}}`:                                   "/Statement",
		`{"Statement":[{` + rest + `,"Condition":{"Bool":{"a":"true"},"bool":{"b":"true"}}}]}`:      "",
		`{"Statement":[{` + rest + `,"Condition":{"Bool":{"a":"true"},"\u0042ool":{"b":"true"}}}]}`: "/Statement/0/Condition/Bool",
	} {
		d := mustParse(t, text)
		_, err := Compile(d)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want+" is written twice") {
			t.Errorf("%s: %v", text, err)
		}
		if _, err := Compile(mustParse(t, string(d.Format()))); err != nil {
			t.Errorf("%s: printed anew: %v", text, err)
		}
	}
}

func TestLocate(t *testing.T) {
	text := byteOrderMark + "{\n \"Version\": \"2012-10-17\",\n  \"Statement\": [{\"Action\": \"s3:é\", \"Resource\": [\"a\", \"bé\"],\n" +
		"\t\"Condition\": {\"Bool\": {\"aws:ResourceTag/x~y\": [\"true\", false]}}}]\r\n}"
	d := mustParse(t, text)
	for pointer, want := range map[string]struct {
		at         string // line:column
		value      string
		name, line string // of the member, "" when the pointer ends in a list
	}{
		"":                            {"1:1", text[len(byteOrderMark):], "", ""},
		"/Version":                    {"2:13", `"2012-10-17"`, `"Version"`, "2:2"},
		"/Statement/0/Action":         {"3:28", `"s3:é"`, `"Action"`, "3:18"},
		"/Statement/0/Action/0":       {"3:28", `"s3:é"`, "", ""},
		"/Statement/0/Resource/1":     {"3:54", `"bé"`, "", ""},
		"/Statement/0/Condition/Bool": {"4:24", `{"aws:ResourceTag/x~y": ["true", false]}`, `"Bool"`, "4:16"},
		"/Statement/0/Condition/Bool/aws:ResourceTag~1x~0y":   {"4:48", `["true", false]`, `"aws:ResourceTag/x~y"`, "4:25"},
		"/Statement/0/Condition/Bool/aws:ResourceTag~1x~0y/1": {"4:57", `false`, "", ""},
	} {
		p, ok := d.Locate(pointer)
		if !ok || fmt.Sprintf("%d:%d", p.Line, p.Column) != want.at || text[p.Offset:p.Offset+p.Length] != want.value {
			t.Errorf("%s: %+v %v", pointer, p, ok)
		}
		p, ok = d.LocateName(pointer)
		if ok != (want.name != "") || ok && (fmt.Sprintf("%d:%d", p.Line, p.Column) != want.line || text[p.Offset:p.Offset+p.Length] != want.name) {
			t.Errorf("name of %s: %+v %v", pointer, p, ok)
		}
	}
	for _, pointer := range []string{"/x", "/Statement/1", "/Statement/-1", "/Statement/x", "/Version/0/0/1", "/Statement/0/Resource/2"} {
		if p, ok := d.Locate(pointer); ok {
			t.Errorf("%s is at %+v", pointer, p)
		}
	}
	if _, ok := (&Document{}).Locate(""); ok {
		t.Error("a document without text has places")
	}
	lone := mustParse(t, `{"Statement":{"Action":"a"}}`)
	if p, ok := lone.Locate("/Statement/0/Action/0"); !ok || p.Offset != 23 {
		t.Errorf("lone statement: %+v %v", p, ok)
	}
}

func TestParseErrorsTellThePlace(t *testing.T) {
	for text, want := range map[string]string{
		"{\"Version\":\n  \"é\",\n \"Statement\": 5}":                         "3:15 /Statement/0",
		"{\"Statement\":[{},{\"Action\":[\"a\",\n7]}]}":                       "2:1 /Statement/1/Action/1",
		`{"Statement":[{"Condition":{"Bool":{"aws:RequestTag/a~":[null]}}}]}`: "1:58 /Statement/0/Condition/Bool/aws:RequestTag~1a~0",
		"{\"Statement\":\n[}":               "2:2 ",
		"{} \n {}":                          "2:2 ",
		"{\"a\":1,\n}":                      "2:1 ",
		"{\"a\":\n\"\xff\"}":                "2:2 ",
		"\xff\xfe{\x00}\x00":                "1:1 ",
		byteOrderMark + "{,":                "1:2 ",
		byteOrderMark + byteOrderMark + "{": "1:1 ",
		"":                                  "1:1 ",
		"{\"x\":\n" + strings.Repeat("[", 70) + strings.Repeat("]", 70) + "}": "2:65 ",
	} {
		_, err := Parse([]byte(text))
		var pe *ParseError
		if !errors.As(err, &pe) {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := fmt.Sprintf("%d:%d %s", pe.At.Line, pe.At.Column, pe.Path); got != want {
			t.Errorf("%q:\n got %s (%v)\nwant %s", text, got, err, want)
		}
	}
}

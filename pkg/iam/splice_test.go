package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"reflect"
	"strings"
	"testing"
)

func TestFormatInPlace(t *testing.T) {
	const lines = "{\n    \"Version\": \"2008-10-17\",\n    \"Id\": \"x\",\n    \"Statement\": [\n" +
		"        {\n            \"Effect\" : \"Allow\",\n            \"Action\": [ \"s3:GetObject\",\"s3:PutObject\" ],\n            \"Resource\": \"*\",\n            \"Condition\": {\"Bool\":{\"aws:SecureTransport\":true}},\n            \"Sid\": \"One\"\n        },\n" +
		"        { \"Effect\": \"Deny\", \"Action\": \"iam:*\", \"Resource\": \"*\" }\n    ]\n}"
	drop := func(i int) func(*Document) {
		return func(d *Document) { d.Statements = append(d.Statements[:i:i], d.Statements[i+1:]...) }
	}
	tests := []struct {
		name, text string
		edit       func(*Document)
		want       string
	}{
		{"nothing", lines, func(*Document) {}, lines},
		{"an action goes", lines, func(d *Document) { d.Statements[0].Action = Strings{"s3:GetObject"} },
			strings.Replace(lines, `[ "s3:GetObject","s3:PutObject" ]`, `[ "s3:GetObject" ]`, 1)},
		{"a resource becomes several", lines, func(d *Document) { d.Statements[0].Resource = Strings{"a", "b"} },
			strings.Replace(lines, "\"*\",\n            \"Cond", "[\n                \"a\",\n                \"b\"\n            ],\n            \"Cond", 1)},
		{"a long list takes lines", lines, func(d *Document) {
			d.Statements[0].Action = Strings{"s3:GetObject", strings.Repeat("x", 60), strings.Repeat("y", 60)}
		}, strings.Replace(lines, `[ "s3:GetObject","s3:PutObject" ]`, "[\n                \"s3:GetObject\",\n                \""+strings.Repeat("x", 60)+"\",\n                \""+strings.Repeat("y", 60)+"\"\n            ]", 1)},
		{"a split", lines, func(d *Document) {
			b := d.Statements[0].Clone()
			b.Sid, b.Action = "One2", Strings{"s3:PutObject"}
			d.Statements = []Statement{d.Statements[0], b, d.Statements[1]}
			d.Statements[0].Action = Strings{"s3:GetObject"}
		}, strings.Replace(lines, lines[strings.Index(lines, "{\n            "):strings.Index(lines, ",\n        { \"Effect\": \"Deny")],
			"{\n            \"Effect\" : \"Allow\",\n            \"Action\": [ \"s3:GetObject\" ],\n            \"Resource\": \"*\",\n            \"Condition\": {\"Bool\":{\"aws:SecureTransport\":true}},\n            \"Sid\": \"One\"\n        },\n        "+
				"{\n            \"Effect\" : \"Allow\",\n            \"Action\": [ \"s3:PutObject\" ],\n            \"Resource\": \"*\",\n            \"Condition\": {\"Bool\":{\"aws:SecureTransport\":true}},\n            \"Sid\": \"One2\"\n        }", 1)},
		{"the first goes", lines, drop(0), lines[:strings.Index(lines, "{\n            ")] + lines[strings.Index(lines, `{ "Effect": "Deny`):]},
		{"the last goes", lines, drop(1), strings.Replace(lines, `,
        { "Effect": "Deny", "Action": "iam:*", "Resource": "*" }`, "", 1)},
		{"Windows lines", strings.ReplaceAll(lines, "\n", "\r\n"), func(d *Document) { d.Statements[0].Resource = Strings{"a", "b"} },
			strings.ReplaceAll(strings.Replace(lines, "\"*\",\n            \"Cond", "[\n                \"a\",\n                \"b\"\n            ],\n            \"Cond", 1), "\n", "\r\n")},
		{"on one line", `{"Statement":[{"Effect":"Allow","Action":["a:B","a:C"],"Resource":"*"}]}`,
			func(d *Document) { d.Statements[0].Resource = Strings{"r1", "r2"} },
			`{"Statement":[{"Effect":"Allow","Action":["a:B","a:C"],"Resource":["r1","r2"]}]}`},
		{"a lone statement becomes two", `{"Statement":{"Effect":"Allow","NotAction":"a:B","Resource":"*"},"Version":"2012-10-17"}`,
			func(d *Document) {
				b := d.Statements[0].Clone()
				b.NotAction, b.Action = nil, Strings{"c:D", "c:E"}
				d.Statements = append(d.Statements, b)
			}, `{"Statement":[{"Effect":"Allow","NotAction":"a:B","Resource":"*"},{"Effect":"Allow","Action":["c:D","c:E"],"Resource":"*"}],"Version":"2012-10-17"}`},
		{"a Sid is new", `{"Statement":[{"Effect":"Allow", "Action":"a:B", "Resource":"*"}]}`,
			func(d *Document) { d.Statements[0].Sid = "S" },
			`{"Statement":[{"Sid":"S", "Effect":"Allow", "Action":"a:B", "Resource":"*"}]}`},
		{"escapes stay", `{"Statement":[{"Effect":"Allow","Action":"a:B","Resource":["a\u002fb","c"],"Sid":"\u0053"}]}`,
			func(d *Document) { d.Statements[0].Resource = Strings{"a/b"} },
			`{"Statement":[{"Effect":"Allow","Action":"a:B","Resource":["a\u002fb"],"Sid":"\u0053"}]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := Parse([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			d = d.Clone()
			tt.edit(d)
			if got, ok := d.FormatInPlace(); string(got) != tt.want || !ok {
				t.Errorf("in place %t, got\n%s\nwant\n%s", ok, got, tt.want)
			}
		})
	}
}

// What cannot be put in place is printed anew, and says so.
func TestFormatInPlaceFallsBack(t *testing.T) {
	two := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:B","Resource":"*"},{"Effect":"Deny","Action":"a:C","Resource":"*"}]}`
	for name, edit := range map[string]func(*Document){
		"another version": func(d *Document) { d.Version = "" },
		"another order":   func(d *Document) { d.Statements[0], d.Statements[1] = d.Statements[1], d.Statements[0] },
		"a new statement": func(d *Document) { d.Statements = append(d.Statements, Statement{Effect: Allow}) },
	} {
		d, err := Parse([]byte(two))
		if err != nil {
			t.Fatal(err)
		}
		edit(d)
		if got, ok := d.FormatInPlace(); ok || !bytes.Equal(got, d.Format()) {
			t.Errorf("%s: in place %t\n%s", name, ok, got)
		}
	}
	if _, ok := (&Document{Statements: []Statement{{Effect: Allow}}}).FormatInPlace(); ok {
		t.Error("a document that was not parsed is printed in place")
	}
}

// Random edits of random texts say what they should, and keep the bytes of all
// statements that were not touched.
func TestFormatInPlaceKeepsTheRest(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 3000 {
		text := randomText(r)
		d, err := Parse([]byte(text))
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		checkInPlace(t, r, text, d)
	}
}

func checkInPlace(t *testing.T, r *rand.Rand, text string, was *Document) {
	t.Helper()
	d := was.Clone()
	touched := randomEdit(r, d, was)
	got, ok := d.FormatInPlace()
	again, err := Parse(got)
	if err != nil || !sameJSON(t, again.Minify(), d.Minify()) {
		t.Fatalf("%v: %s\nbecame %s\nwant the meaning of %s", err, text, got, d.Minify())
	}
	if !ok {
		return
	}
	at := 0
	for i := range was.Statements {
		place, found := was.Locate(fmt.Sprintf("/Statement/%d", i))
		if touched[i] || !found {
			continue
		}
		own := text[place.Offset : place.Offset+place.Length]
		k := bytes.Index(got[at:], []byte(own))
		if k < 0 {
			t.Fatalf("statement %d lost its bytes: %s\nbecame %s", i, own, got)
		}
		at += k + len(own)
	}
	list, _ := was.Locate("/Statement")
	if !bytes.HasPrefix(got, []byte(text[:list.Offset])) || !bytes.HasSuffix(got, []byte(text[list.Offset+list.Length:])) {
		t.Fatalf("around the statements: %s\nbecame %s", text, got)
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal(a, &x), json.Unmarshal(b, &y)); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(x, y)
}

// randomEdit changes, splits and drops statements of d, a clone of was.
func randomEdit(r *rand.Rand, d, was *Document) map[int]bool {
	touched := map[int]bool{}
	var out []Statement
	for i, s := range d.Statements {
		kind := r.Intn(8)
		touched[i] = kind < 5
		switch kind {
		case 0:
			continue
		case 1:
			s.Action, s.NotAction = Strings{"a:New", "b:New"}, nil
		case 2:
			s.Resource = append(s.Resource, "arn:aws:s3:::new/\"quoted\"", "é*")
			s.NotResource = nil
		case 3:
			two := was.Statements[i].Clone()
			two.Sid, two.Resource = s.Sid+"2", Strings{"r"}
			if len(s.Action) > 1 {
				s.Action = s.Action[1:]
			}
			out = append(out, s)
			s = two
		case 4:
			if len(s.Resource) > 1 {
				s.Resource = s.Resource[:1]
			}
			s.Sid = "Renamed"
		}
		out = append(out, s)
	}
	d.Statements = out
	return touched
}

// randomText writes a document with random members and white space.
func randomText(r *rand.Rand) string {
	var b strings.Builder
	styles := []string{"", "", " ", "\n", "\r\n\t", "\n    "}
	style := styles[r.Intn(len(styles))]
	ws := func() {
		if r.Intn(4) == 0 {
			b.WriteString(styles[r.Intn(len(styles))])
		} else {
			b.WriteString(style)
		}
	}
	put := func(s string) { b.WriteString(s); ws() }
	texts := func(list ...string) {
		n := r.Intn(4)
		if n == 0 {
			put(`"` + list[r.Intn(len(list))] + `"`)
			return
		}
		put("[")
		for i := range n {
			if i > 0 {
				put(",")
			}
			put(`"` + list[r.Intn(len(list))] + `"`)
		}
		put("]")
	}
	statement := func() {
		members := []string{`"Effect"`, `"Sid"`, `"Action"`, `"Resource"`, `"Condition"`, `"Other"`}
		r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		put("{")
		for i, m := range members[:3+r.Intn(4)] {
			if i > 0 {
				put(",")
			}
			put(m)
			put(":")
			switch m {
			case `"Effect"`:
				put(`"Allow"`)
			case `"Sid"`:
				put(fmt.Sprintf(`"S%d"`, r.Intn(100)))
			case `"Action"`:
				texts("s3:GetObject", `s3:\u0050ut*`, "ec2:*", "a:B")
			case `"Resource"`:
				texts("*", `arn:aws:s3:::x\/*`, "arn:aws:sqs:*:*:q")
			case `"Condition"`:
				put(`{ "Bool" :{"aws:SecureTransport": true}}`)
			default:
				put(`{"x":[1,2 ,{}]}`)
			}
		}
		put("}")
	}
	put("{")
	if r.Intn(2) == 0 {
		put(`"Version"`)
		put(`: "2012-10-17"`)
		put(",")
	}
	put(`"Statement"`)
	put(":")
	if n := r.Intn(4); n == 0 {
		statement()
	} else {
		put("[")
		for i := range n {
			if i > 0 {
				put(",")
			}
			statement()
		}
		put("]")
	}
	put("}")
	return b.String()
}

func FuzzFormatInPlace(f *testing.F) {
	r := rand.New(rand.NewSource(2))
	for seed := range 20 {
		f.Add(randomText(r), int64(seed))
	}
	f.Add(`{"Statement":{"Effect":"Allow","Effect":"Deny","Action":[]}}`, int64(1))
	f.Add("\xef\xbb\xbf{\"Statement\":[]}", int64(2))
	f.Fuzz(func(t *testing.T, text string, seed int64) {
		d, err := Parse([]byte(text))
		if err != nil {
			return
		}
		checkInPlace(t, rand.New(rand.NewSource(seed)), text, d)
	})
}

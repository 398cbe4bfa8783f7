package iam

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func FuzzParse(f *testing.F) {
	for _, s := range []string{odd, `{}`, `{"Statement":[{"Effect":"Deny","Effect":"Allow","action":[]}]}`, "\xef\xbb\xbf{\"Version\":\"\"}",
		`{"Statement":{"Principal":{"AWS":["1"],"X":[]},"Condition":{"Bool":{"k":[true,1e5,1e55555555,"\ud800\u0000"]}}}}`, `{"Statement":[` + strings.Repeat(`[`, 70)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse(data)
		if err != nil {
			return
		}
		for _, n := range d.Notes() {
			if end := n.At.Offset + n.At.Length; n.At.Line < 1 || n.At.Column < 1 || end > len(data) {
				t.Fatalf("%+v is beyond %d bytes", n, len(data))
			}
		}
		if !hasDuplicates(d) {
			checkRoundTrip(t, "input", trimBOM(data), d)
			checkLayout(t, "input", trimBOM(data), d)
		}
		if !json.Valid(d.Minify()) || d.Size() > len(d.Minify()) {
			t.Fatalf("minified to %s", d.Minify())
		}
		if s, err := Compile(d); err == nil {
			s.Decide(&Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"})
			s.Decide(&Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Context: Context{Partial: true}})
		}
	})
}

func hasDuplicates(d *Document) bool {
	return slices.ContainsFunc(d.Notes(), func(n Note) bool { return n.Kind == DuplicateMember })
}

func trimBOM(data []byte) []byte { return []byte(strings.TrimPrefix(string(data), "\xef\xbb\xbf")) }

// FuzzIncludes lets the fuzzer choose the policies, as documents, and a seed for
// the requests that try to contradict a proof.
func FuzzIncludes(f *testing.F) {
	f.Add(`{"Effect":"Allow","Action":"s:*","Resource":"a:*:*:*:*:*b"}`, `{"Effect":"Allow","Action":"s:a","Resource":"a:?:a:a::a*b"}`, int64(1))
	f.Add(`{"Effect":"Allow","NotAction":"s:b","NotResource":"a:*::::${aws:u}"},{"Effect":"Deny","Action":"s:*","Resource":"*:b"}`,
		`{"Effect":"Allow","Action":"*","Resource":"a:b::::c","Condition":{"StringLike":{"k":"a*"}}}`, int64(2))
	m := newMaker(99)
	for i := range 12 {
		outer := m.document()
		f.Add(statementsText(outer), statementsText(m.mutate(outer)), int64(i))
	}
	f.Fuzz(func(t *testing.T, outer, inner string, seed int64) {
		if len(outer)+len(inner) > 4096 {
			return
		}
		var docs [2]*Document
		for i, text := range []string{outer, inner} {
			d, err := Parse([]byte(`{"Version":"2012-10-17","Statement":[` + text + `]}`))
			if err != nil || len(d.Statements) == 0 {
				return
			}
			docs[i] = d
		}
		if _, err := Compile(docs[:]...); err != nil {
			return
		}
		checkInclusion(t, newMaker(seed), docs[0], docs[1], seed%2 == 0, 30)
	})
}

func statementsText(d *Document) string {
	var out []string
	for _, s := range d.Statements {
		out = append(out, string(s.tree().compact(nil)))
	}
	return strings.Join(out, ",")
}

package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// corpusDocuments yields every policy document of the development corpus, as it
// is written: the files that are policies, and those inside of account
// authorization details and configuration items.
func corpusDocuments(t testing.TB) map[string][]byte {
	out := map[string][]byte{}
	for _, root := range []string{"corpus/policies", "corpus/iam/gaad", "corpus/iam/config-items"} {
		collectFiles(t, out, shared(t, root))
	}
	return out
}

// collectFiles finds the policy documents in the JSON files of a folder.
func collectFiles(t testing.TB, out map[string][]byte, dir string) {
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil && json.Valid(data) {
			collect(out, strings.TrimPrefix(path, dir), data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// collect finds the objects with a Statement member, also in text that holds
// JSON, URL-encoded or not.
func collect(out map[string][]byte, name string, v json.RawMessage) {
	var members map[string]json.RawMessage
	var items []json.RawMessage
	var text string
	switch {
	case json.Unmarshal(v, &members) == nil:
		if _, ok := members["Statement"]; ok {
			out[name] = v
			return
		}
		for k, x := range members {
			collect(out, name+"/"+k, x)
		}
	case json.Unmarshal(v, &items) == nil:
		for i, x := range items {
			collect(out, name+"/"+strconv.Itoa(i), x)
		}
	case json.Unmarshal(v, &text) == nil:
		if decoded, err := url.PathUnescape(text); err == nil && strings.HasPrefix(decoded, "{") && json.Valid([]byte(decoded)) {
			collect(out, name, json.RawMessage(decoded))
		}
	}
}

// More documents are read from the folder that TIGHTEN_DOCUMENTS names.
func TestCorpusPrintsAsItWasRead(t *testing.T) {
	docs := corpusDocuments(t)
	if len(docs) < 650 {
		t.Fatalf("only %d documents found", len(docs))
	}
	if dir := os.Getenv("TIGHTEN_DOCUMENTS"); dir != "" {
		collectFiles(t, docs, dir)
	}
	refused, compiled := 0, 0
	for name, data := range docs {
		d, err := Parse(data)
		if err != nil {
			if refused++; !strings.Contains(string(data), "Fn::") && !strings.Contains(string(data), `"Ref"`) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if _, err := Compile(d); err == nil {
			compiled++
		}
		checkRoundTrip(t, name, data, d)
		checkLayout(t, name, data, d)
	}
	t.Logf("%d documents, %d of them with template functions refused, %d compile", len(docs), refused, compiled)
}

// checkLayout: an unchanged document prints byte by byte as encoding/json
// indents and compacts the text that was read.
func checkLayout(t testing.TB, name string, data []byte, d *Document) {
	t.Helper()
	var indented, compact bytes.Buffer
	if err := errors.Join(json.Indent(&indented, bytes.TrimSpace(data), "", "  "), json.Compact(&compact, data)); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if got := d.Format(); string(got) != indented.String()+"\n" {
		t.Fatalf("%s: other layout:\n%s\nwant\n%s", name, got, indented.Bytes())
	}
	if got := d.Minify(); !bytes.Equal(got, compact.Bytes()) {
		t.Fatalf("%s: minified otherwise:\n%s", name, got)
	}
}

// checkRoundTrip: printing loses nothing, and what is printed parses the same.
func checkRoundTrip(t testing.TB, name string, data []byte, d *Document) {
	t.Helper()
	var want, got any
	if err := unmarshal(data, &want); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := unmarshal(d.Format(), &got); err != nil || !reflect.DeepEqual(want, got) {
		t.Fatalf("%s: printed differently (%v):\n%s", name, err, d.Format())
	}
	again, err := Parse(d.Format())
	if err != nil {
		t.Fatalf("%s: what was printed does not parse: %v", name, err)
	}
	if string(again.Format()) != string(d.Format()) || string(again.Minify()) != string(d.Minify()) {
		t.Fatalf("%s: printing twice differs", name)
	}
	if !reflect.DeepEqual(content(d), content(again)) {
		t.Fatalf("%s: content differs after printing", name)
	}
	if string(d.Clone().Format()) != string(d.Format()) {
		t.Fatalf("%s: the clone prints differently", name)
	}
}

// unmarshal reads JSON with numbers as they are written, however large.
func unmarshal(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(into)
}

// content is a document without what it remembers of its source.
func content(d *Document) []Statement {
	out := d.Clone().Statements
	for i := range out {
		out[i].src = nil
	}
	return append(out, Statement{Sid: d.Version, Effect: Effect(d.ID)})
}

const odd = `{
  "Comment": "kept",
  "Statement": {
    "Action": "s3:GetObject",
    "Note": [1.50, {"x": null}],
    "Effect": "Allow",
    "Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::c/*"],
    "Condition": {"Bool": {"aws:SecureTransport": true}, "NumericLessThan": {"aws:MultiFactorAuthAge": [3600]}}
  },
  "Version": "2012-10-17"
}`

func TestParseReadsEveryForm(t *testing.T) {
	d := mustParse(t, odd)
	s := d.Statements[0]
	if d.Version != CurrentVersion || d.Literal() || len(d.Statements) != 1 {
		t.Fatalf("document %+v", d)
	}
	if !reflect.DeepEqual(s.Action, Strings{"s3:GetObject"}) || len(s.Resource) != 2 || s.NotAction != nil {
		t.Errorf("lists: %+v", s)
	}
	want := Conditions{{"Bool", []Clause{{"aws:SecureTransport", []string{"true"}}}},
		{"NumericLessThan", []Clause{{"aws:MultiFactorAuthAge", []string{"3600"}}}}}
	if !reflect.DeepEqual(s.Condition, want) {
		t.Errorf("conditions: %+v", s.Condition)
	}
	checkNotes(t, d, "2:3 unknown-member /Comment", "5:5 unknown-member /Statement/0/Note",
		"8:51 plain-value /Statement/0/Condition/Bool/aws:SecureTransport",
		"8:105 plain-value /Statement/0/Condition/NumericLessThan/aws:MultiFactorAuthAge/0")
}

func TestChangedDocumentsPrintProperly(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Document)
		want   string // of Minify
	}{
		{"nothing", func(*Document) {}, `{"Comment":"kept","Statement":{"Action":"s3:GetObject","Note":[1.50,{"x":null}],"Effect":"Allow","Resource":["arn:aws:s3:::b/*","arn:aws:s3:::c/*"],"Condition":{"Bool":{"aws:SecureTransport":true},"NumericLessThan":{"aws:MultiFactorAuthAge":[3600]}}},"Version":"2012-10-17"}`},
		{"lists", func(d *Document) {
			d.Statements[0].Action = Strings{"s3:GetObjectAcl"}
			d.Statements[0].Resource = d.Statements[0].Resource[:1]
			d.Statements[0].Sid = "New"
		}, `{"Comment":"kept","Statement":{"Sid":"New","Action":"s3:GetObjectAcl","Note":[1.50,{"x":null}],"Effect":"Allow","Resource":["arn:aws:s3:::b/*"],"Condition":{"Bool":{"aws:SecureTransport":true},"NumericLessThan":{"aws:MultiFactorAuthAge":[3600]}}},"Version":"2012-10-17"}`},
		{"members", func(d *Document) {
			d.Statements[0].NotAction, d.Statements[0].Action = Strings{"iam:*", "sts:*"}, nil
			d.Statements[0].Condition[0].Clauses[0].Values = []string{"false"}
			d.Version = ""
		}, `{"Comment":"kept","Statement":{"NotAction":["iam:*","sts:*"],"Note":[1.50,{"x":null}],"Effect":"Allow","Resource":["arn:aws:s3:::b/*","arn:aws:s3:::c/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"},"NumericLessThan":{"aws:MultiFactorAuthAge":[3600]}}}}`},
		{"statements", func(d *Document) {
			d.Statements = append([]Statement{{Effect: Deny, Resource: Strings{"*"}, Action: Strings{"a:<b>"}, Sid: "S",
				Principal:   &Principals{ByKind: map[string][]string{"Service": {"x"}, "AWS": {"1", "2"}}},
				Condition:   Conditions{{"Null", []Clause{{"k", []string{"true"}}}}, {"Null", []Clause{{"l", []string{"true"}}}}},
				NotResource: Strings{}}}, d.Statements...)
			d.Statements[1].Condition = nil
		}, `{"Comment":"kept","Statement":[{"Sid":"S","Effect":"Deny","Principal":{"AWS":["1","2"],"Service":"x"},"Action":"a:<b>","Resource":"*","NotResource":[],"Condition":{"Null":{"k":"true","l":"true"}}},{"Action":"s3:GetObject","Note":[1.50,{"x":null}],"Effect":"Allow","Resource":["arn:aws:s3:::b/*","arn:aws:s3:::c/*"]}],"Version":"2012-10-17"}`},
		{"none left", func(d *Document) { d.Statements = nil }, `{"Comment":"kept","Statement":[],"Version":"2012-10-17"}`},
	} {
		d := mustParse(t, odd)
		before := string(d.Format())
		e := d.Clone()
		c.change(e)
		if got := string(e.Minify()); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		if string(d.Format()) != before {
			t.Errorf("%s: the change of the clone reached the original", c.name)
		}
	}
}

func TestNewDocumentsPrintInCanonicalOrder(t *testing.T) {
	d := &Document{Version: CurrentVersion, ID: "i", Statements: []Statement{{Effect: Allow, Sid: "A",
		Resource: Strings{"*"}, Action: Strings{"s3:GetObject", "s3:PutObject"}, Principal: &Principals{Any: true}}}}
	want := `{
  "Version": "2012-10-17",
  "Id": "i",
  "Statement": [
    {
      "Sid": "A",
      "Effect": "Allow",
      "Principal": "*",
      "Action": [
        "s3:GetObject",
        "s3:PutObject"
      ],
      "Resource": "*"
    }
  ]
}
`
	if got := string(d.Format()); got != want {
		t.Errorf("got %s", got)
	}
	if got := (&Document{Version: CurrentVersion}).Minify(); string(got) != `{"Version":"2012-10-17","Statement":[]}` {
		t.Errorf("empty: %s", got)
	}
	if d.Size() != len(d.Minify()) {
		t.Errorf("size %d", d.Size())
	}
}

func TestDuplicateMembersLastWins(t *testing.T) {
	d := mustParse(t, `{"Statement":[{"Effect":"Deny","Effect":"Allow","action":"x","Action":"s3:*","Resource":"*","Condition":{"Bool":{"a":"1"},"Bool":{"b":"2"}}}]}`)
	s := d.Statements[0]
	if s.Effect != Allow || len(s.Condition) != 1 || s.Condition[0].Clauses[0].Key != "b" {
		t.Errorf("%+v", s)
	}
	checkNotes(t, d, "1:32 duplicate-member /Statement/0/Effect", "1:49 case-variant /Statement/0/action",
		"1:123 duplicate-member /Statement/0/Condition/Bool")
	if _, err := Compile(d); err == nil || !strings.Contains(err.Error(), "/Statement/0/Effect is written twice") {
		t.Errorf("a doubled member compiled: %v", err)
	}
	d = mustParse(t, `{"Statement":[{"Effect":"Allow","action":"x","Action":"s3:*","Resource":"*"}]}`)
	if _, err := Compile(d); err == nil || !strings.Contains(err.Error(), "unknown case") {
		t.Errorf("a case variant compiled: %v", err)
	}
}

func TestParseErrorsNameThePlace(t *testing.T) {
	for text, want := range map[string]string{
		``:                                     "not valid JSON",
		`{"Statement":[}`:                      "byte 15",
		`[]`:                                   "must be a JSON object",
		"{\"Version\":\"\xff\"}":               "UTF-8",
		`{"Version":1}`:                        "/Version: want a string",
		`{"Statement":"x"}`:                    "/Statement/0: want an object",
		`{"Statement":{"Action":1}}`:           "/Statement/0/Action: want a string or a list",
		`{"Statement":{"Resource":[{}]}}`:      "/Statement/0/Resource/0: want a string",
		`{"Statement":{"Principal":[]}}`:       "/Statement/0/Principal: want",
		`{"Statement":{"Condition":[]}}`:       "/Statement/0/Condition: want an object",
		`{"Statement":{"Condition":{"B":""}}}`: "/Statement/0/Condition/B: want an object",
		`{"Statement":{"Condition":{"B":{"k":null}}}}`:                    "/Statement/0/Condition/B/k: want",
		`{"x":` + strings.Repeat("[", 80) + strings.Repeat("]", 80) + `}`: "nest deeper than 64",
		strings.Repeat("[", 200000):                                       "not valid JSON",
		`{"x":"` + strings.Repeat("a", maxDocumentBytes) + `"}`:           "larger than the limit",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q", clip(text), err, want)
		}
	}
}

func TestEqualIgnoringSid(t *testing.T) {
	base := mustParse(t, odd).Statements[0]
	for _, c := range []struct {
		name   string
		change func(*Statement)
		want   bool
	}{
		{"sid", func(s *Statement) { s.Sid = "X" }, true},
		{"order", func(s *Statement) { s.Resource[0], s.Resource[1] = s.Resource[1], s.Resource[0] }, true},
		{"action case", func(s *Statement) { s.Action[0] = "S3:getobject" }, true},
		{"condition case", func(s *Statement) {
			s.Condition[0] = ConditionBlock{"bool", []Clause{{"AWS:securetransport", []string{"true"}}}}
		}, true},
		{"condition order", func(s *Statement) { s.Condition[0], s.Condition[1] = s.Condition[1], s.Condition[0] }, true},
		{"resource case", func(s *Statement) { s.Resource[0] = "ARN:aws:s3:::b/*" }, false},
		{"effect", func(s *Statement) { s.Effect = Deny }, false},
		{"not action", func(s *Statement) { s.Action, s.NotAction = nil, s.Action }, false},
		{"condition value", func(s *Statement) { s.Condition[0].Clauses[0].Values[0] = "false" }, false},
		{"principal", func(s *Statement) { s.Principal = &Principals{Any: true} }, false},
	} {
		s := base.Clone()
		c.change(&s)
		if got := s.EqualIgnoringSid(&base); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

func TestARN(t *testing.T) {
	a, err := ParseARN("arn:aws:logs:us-east-1:111122223333:log-group:/x:*")
	want := ARN{"aws", "logs", "us-east-1", "111122223333", "log-group:/x:*"}
	if err != nil || a != want || a.String() != "arn:aws:logs:us-east-1:111122223333:log-group:/x:*" {
		t.Errorf("%+v %v", a, err)
	}
	for _, bad := range []string{"", "*", "arn:aws:s3::", "urn:aws:s3:::x"} {
		if _, err := ParseARN(bad); err == nil {
			t.Errorf("%q parsed", bad)
		}
	}
}

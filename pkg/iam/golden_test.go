package iam

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shared finds a file of the development material, or skips the test.
func shared(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv("TIGHTEN_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(root, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("development material %s is not here: set TIGHTEN_SHARED to its folder", name)
	}
	return path
}

// wireRequest is one line of the golden file, in the form of `tighten simulate`.
type wireRequest struct {
	ID, Tag, Want     string
	Action, Resource  string
	Principal         string
	Account           string
	Context           map[string]json.RawMessage
	Policies          []json.RawMessage
	Boundary, Session json.RawMessage
	SCPs, RCPs        [][]json.RawMessage
	ResourcePolicy    json.RawMessage
	VPCE              []json.RawMessage
}

func compileRaw(t testing.TB, raws ...json.RawMessage) *Set {
	t.Helper()
	var docs []*Document
	for _, raw := range raws {
		docs = append(docs, mustParse(t, string(raw)))
	}
	s, err := Compile(docs...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustParse(t testing.TB, text string) *Document {
	t.Helper()
	d, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return d
}

func (w *wireRequest) layers(t testing.TB) *Layers {
	l := &Layers{Identity: compileRaw(t, w.Policies...)}
	if w.Boundary != nil {
		var list []json.RawMessage
		if err := json.Unmarshal(w.Boundary, &list); err != nil {
			t.Fatal(err)
		}
		l.Boundary = compileRaw(t, list...)
	}
	if w.Session != nil {
		l.Session = compileRaw(t, w.Session)
	}
	if w.ResourcePolicy != nil {
		l.Resource = compileRaw(t, w.ResourcePolicy)
	}
	if w.VPCE != nil {
		l.Endpoints = compileRaw(t, w.VPCE...)
	}
	for _, level := range w.SCPs {
		l.SCPs = append(l.SCPs, compileRaw(t, level...))
	}
	for _, level := range w.RCPs {
		l.RCPs = append(l.RCPs, compileRaw(t, level...))
	}
	return l
}

func (w *wireRequest) request(t testing.TB) *Request {
	q := &Request{Action: w.Action, Resource: w.Resource, Principal: w.Principal, Account: w.Account}
	q.Context = Context{Values: map[string][]string{}, Lists: map[string]bool{}}
	for key, raw := range w.Context {
		key = strings.ToLower(key)
		values := []string{""}
		if raw[0] == '[' {
			q.Context.Lists[key] = true
			values = []string{}
			if err := json.Unmarshal(raw, &values); err != nil {
				t.Fatal(err)
			}
		} else if err := json.Unmarshal(raw, &values[0]); err != nil {
			t.Fatal(err)
		}
		q.Context.Values[key] = values
	}
	return q
}

func readGolden(t testing.TB) []wireRequest {
	data, err := os.ReadFile(shared(t, "golden/policy-decisions.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	var out []wireRequest
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var w wireRequest
		if err := json.Unmarshal(sc.Bytes(), &w); err != nil {
			t.Fatal(err)
		}
		out = append(out, w)
	}
	return out
}

func TestGoldenDecisions(t *testing.T) {
	lines := readGolden(t)
	if len(lines) != 2327 {
		t.Fatalf("golden file has %d lines, want 2327", len(lines))
	}
	wrong := 0
	for _, w := range lines {
		if got := Evaluate(w.layers(t), w.request(t)).String(); got != w.Want {
			wrong++
			t.Errorf("%s: got %s, want %s", w.ID, got, w.Want)
		}
	}
	t.Logf("%d of %d agree", len(lines)-wrong, len(lines))
}

// With nothing of the context known, the answer may only be the golden one or
// unknown: the golden context is one of its completions.
func TestGoldenPartialContextIsCompatible(t *testing.T) {
	unknown := 0
	lines := readGolden(t)
	for _, w := range lines {
		q := w.request(t)
		q.Context = Context{Partial: true}
		got := Evaluate(w.layers(t), q)
		if got == Unknown {
			unknown++
		} else if got.String() != w.Want {
			t.Errorf("%s: got %s without context, want %s or unknown", w.ID, got, w.Want)
		}
	}
	if unknown == 0 || unknown == len(lines) {
		t.Errorf("%d of %d unknown: the test shows nothing", unknown, len(lines))
	}
}

package workload

import (
	"encoding/json"
	"path"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// TestActionsExist looks every action up that the policies name, that the
// workloads use and that the sweep tries.
func TestActionsExist(t *testing.T) {
	t.Parallel()
	catalog := actions.Default()
	check := func(where, action string) {
		if strings.ContainsAny(action, "*?") {
			if action != "*" && len(catalog.Expand(nil, action)) == 0 {
				t.Errorf("%s: %s matches no action", where, action)
			}
		} else if fact, ok := catalog.Lookup(action); !ok || fact.Name != action {
			t.Errorf("%s: %s is no action (nearest %q)", where, action, fact.Name)
		}
	}
	files, err := policyFiles.ReadDir("policies")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(&Config{Cells: 1}, 0)
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), path.Ext(f.Name()))
		d, err := iam.Parse([]byte(w.policy(name, w.prod).(raw)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if left := string(w.policy(name, w.prod).(raw)); strings.Contains(left, "{{") {
			t.Errorf("%s keeps a placeholder", name)
		}
		for _, s := range d.Statements {
			for _, a := range s.Action {
				check(name, a)
			}
		}
	}
	for _, p := range demoTruth(t).Principals {
		for _, pairs := range [][]Pair{p.Used, p.Undetermined, p.Denied} {
			for _, u := range pairs {
				check(p.ARN, u.Action)
			}
		}
	}
}

// TestAppendJSON holds the writer against encoding/json.
func TestAppendJSON(t *testing.T) {
	t.Parallel()
	in := obj("text", "plain", "odd", "\"\\\n\u202e<é", "n", 3, "f", 1.5, "yes", true, "null", nil,
		"none", object(nil), "empty", obj(), "list", list{"a", obj("b", list{})}, "raw", raw(`{"c":1}`))
	const want = `{"text":"plain","odd":"\"\\\n\u202e<é","n":3,"f":1.5,"yes":true,"null":null,"none":null,"empty":{},"list":["a",{"b":[]}],"raw":{"c":1}}`
	var got, expected any
	if err := json.Unmarshal(appendJSON(nil, in), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &expected); err != nil {
		t.Fatal(err)
	}
	g, w := string(marshal(got)), string(marshal(expected))
	if g != w {
		t.Errorf("got %s\nwant %s", g, w)
	}
}

package usage

import (
	"strings"
	"testing"
)

// TestReadTrimmed: what is asked for in detail is as it was stored, the rest is joined, and
// nothing is lost of events and times.
func TestReadTrimmed(t *testing.T) {
	root := t.TempDir() + "/data"
	call := func(day int32, name, id string, first, last int64) Call {
		return Call{Day: day, Account: "111122223333", Principal: "arn:aws:iam::111122223333:role/app", PrincipalType: Role, EventSource: "x.amazonaws.com",
			EventName: name, Outcome: "allowed", Region: "r-" + id, ErrorCode: "e-" + id, ArgsID: id, ContextID: "c" + id, Events: 2, First: first, Last: last}
	}
	table := &Table{Args: Arguments{}, Contexts: map[string][]ContextPair{}}
	for i, id := range []string{"a", "b", "c", "d", "e"} {
		day := int32(20000 + i%2)
		at := int64(day)*86400000 + int64(i)*1000
		name := "Many"
		if id == "d" {
			name = "One"
		}
		table.Calls = append(table.Calls, call(day, name, id, at, at+1))
		table.Args[id] = `[["p.name","` + id + `"]]`
		table.Contexts["c"+id] = []ContextPair{{Key: "k", Value: "v"}}
	}
	write(t, root, table)
	got, err := ReadTrimmed(root, PartCalls, func(c *Call) bool { return c.EventName == "One" })
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Contexts) != 0 || len(got.Args) != 1 || got.Args["d"] == "" {
		t.Errorf("arguments %v, contexts %v", got.Args, got.Contexts)
	}
	var lines []string
	for i := range got.Calls {
		c := &got.Calls[i]
		lines = append(lines, c.EventName+" "+c.ArgsID+" "+c.Region+" "+c.ErrorCode)
		if c.ContextID != "" {
			t.Error("a context without its text")
		}
	}
	if want := "Many   |Many   |One d r-d e-d"; strings.Join(lines, "|") != want {
		t.Errorf("%q, want %q", strings.Join(lines, "|"), want)
	}
	first := got.Calls[0]
	if day := int64(20000) * 86400000; first.Events != 6 || first.First != day || first.Last != day+4001 {
		t.Errorf("joined: %+v", first)
	}
	if err := Write(root+"2", got); err == nil {
		t.Error("a trimmed table was written")
	}
}

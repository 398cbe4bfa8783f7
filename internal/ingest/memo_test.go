package ingest

import (
	"runtime"
	"strings"
	"testing"
	"unsafe"
	"weak"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// dayTable makes a table all of whose texts lie in one piece of memory.
func dayTable(prefix string) (*usage.Table, weak.Pointer[byte]) {
	const me = "arn:aws:iam::111122223333:user/"
	list := []string{
		prefix, "iam.amazonaws.com", "s3.amazonaws.com", "odd.amazonaws.com", "changepassword", "GetObject", "AwsApiCall", "AwsConsoleAction",
		"eu-west-1", "111122223333", me + prefix,
		`[["p.bucketName","` + prefix + `"],["p.key","` + prefix + `"],["s[].ARN","arn:aws:s3:::` + prefix + `/k"]]`, `[["p.bucketName","` + prefix + `"]]`, "", "", "a" + prefix, "b" + prefix,
		"athena.amazonaws.com", "via", "NoSuchKey", string(usage.User), "Data",
	}
	memory := strings.Join(list, "\n") + strings.Repeat(" ", 1<<16)
	text := strings.Split(memory, "\n") // shares the memory
	last := &text[len(text)-1]
	*last = (*last)[:len(list[len(list)-1])]
	t := &usage.Table{
		Args:     usage.Arguments{text[15]: text[11], text[16]: text[12]},
		Contexts: map[string][]usage.ContextPair{text[17]: {{Key: text[18], Value: text[17]}}},
	}
	for i := range 8 {
		c := usage.Call{
			Account: text[9], RecipientAccount: text[9], Principal: text[10], PrincipalID: text[0], PrincipalType: usage.PrincipalType(text[20]),
			EventSource: text[1+i%3], EventName: text[4+i%2], EventType: text[6+i/6], Category: text[21], Region: text[8],
			ArgsID: text[15+i%2], ContextID: text[17], Events: 1,
		}
		if i == 4 {
			c.ErrorCode = text[19]
		}
		for range 3 {
			t.Calls = append(t.Calls, c)
		}
	}
	return t, weak.Make(unsafe.StringData(memory))
}

// TestMemoryOfDays: what is learnt of one day does not keep its texts in memory.
func TestMemoryOfDays(t *testing.T) {
	over := newResolver(actions.Default(), 1)
	var days []weak.Pointer[byte]
	for _, prefix := range []string{"one", "two", "three", "two"} {
		table, memory := dayTable(prefix)
		if err := over.resolve(t.Context(), table); err != nil {
			t.Fatal(err)
		}
		if len(table.Usage) < 2 || len(table.Unmapped) == 0 {
			t.Fatalf("%d rows of usage, %d unmapped: too little was tested", len(table.Usage), len(table.Unmapped))
		}
		days = append(days, memory)
	}
	runtime.GC()
	for i, day := range days[:len(days)-1] {
		if day.Value() != nil {
			t.Errorf("day %d is kept in memory", i)
		}
	}
	runtime.KeepAlive(over)
}

// TestMemoForgets: an answer that is too large is not kept, nor more than fit.
func TestMemoForgets(t *testing.T) {
	m := newMemo()
	m.limit = 2000
	ask := func(id string, resource int) bool {
		known, keep := m.find(question{0, id})
		if keep {
			m.keep(question{0, id}, &resolved{uses: []actions.Use{{Resource: strings.Repeat("x", resource)}}})
		}
		return known != nil
	}
	for range 3 {
		if ask("large", 2000) {
			t.Error("an answer above the limit was kept")
		}
	}
	for i, want := range []bool{false, false, true, true} {
		if got := ask("a", 800); got != want {
			t.Errorf("asked for the time %d: known %t", i+1, got)
		}
	}
	for _, id := range []string{"b", "c", "d"} {
		ask(id, 800)
		if ask(id, 800); m.bytes > m.limit {
			t.Errorf("%d bytes are kept", m.bytes)
		}
	}
	if !ask("d", 800) || ask("a", 800) {
		t.Error("not the last ones are kept")
	}
}

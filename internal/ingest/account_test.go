package ingest

import (
	"encoding/json"
	"testing"

	"github.com/tighten-iam/tighten/pkg/usage"
)

func accounted() *usage.Table {
	return &usage.Table{
		Calls: []usage.Call{
			{EventSource: "a", EventName: "x", Day: 1},
			{EventSource: "a", EventName: "x", Day: 2},
			{EventSource: "b", EventName: "x"},
			{EventSource: "b", EventName: "y"},
		},
		Coverage: []usage.CoverageRow{
			{Class: "used", Records: 10},
			{Class: "used", Day: 1, Records: 1},
			{Class: "denied", Records: 2},
			{Class: "undetermined", Records: 3},
			{Class: "unmapped", Records: 9},
			{Class: "sign-in", Records: 5},
			{Class: "insight", Records: 6},
		},
		Unmapped: []usage.UnmappedRow{
			{Principal: "p", EventSource: "b", EventName: "y", Events: 4},
			{Principal: "q", EventSource: "b", EventName: "y", Events: 1},
			{Principal: "p", EventSource: "b", EventName: "x", Events: 4},
		},
		Stats: usage.Stats{Records: 66, Duplicates: 7, Filtered: 11, Unreadable: 12},
	}
}

func TestAccount(t *testing.T) {
	a := Account(accounted())
	if err := a.Check(); err != nil {
		t.Error(err)
	}
	got, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"records":66,"used":11,"denied":2,"undetermined":3,` +
		`"not_a_use":{"insight":6,"sign-in":5},"unmapped":9,"duplicate":7,"filtered":11,"unreadable":12,` +
		`"pairs":3,"unmapped_pairs":2,"top_unmapped":[` +
		`{"event_source":"b","event_name":"y","records":5},{"event_source":"b","event_name":"x","records":4}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAccountingCheck(t *testing.T) {
	for name, lose := range map[string]func(*Accounting){
		"records": func(a *Accounting) { a.Records++ }, "used": func(a *Accounting) { a.Used-- },
		"denied": func(a *Accounting) { a.Denied-- }, "undetermined": func(a *Accounting) { a.Undetermined-- },
		"class": func(a *Accounting) { delete(a.NotAUse, "sign-in") }, "unmapped": func(a *Accounting) { a.Unmapped++ },
		"duplicate": func(a *Accounting) { a.Duplicate-- }, "filtered": func(a *Accounting) { a.Filtered-- },
		"unreadable": func(a *Accounting) { a.Unreadable-- },
	} {
		a := Account(accounted())
		if lose(&a); a.Check() == nil {
			t.Errorf("%s: a lost record is not noticed", name)
		}
	}
}

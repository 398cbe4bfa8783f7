package ingest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"unsafe"

	"github.com/tighten-iam/tighten/internal/args"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

func resolve(t testing.TB, table *usage.Table, workers int) {
	t.Helper()
	if err := Resolve(t.Context(), table, actions.Default(), workers); err != nil {
		t.Fatal(err)
	}
}

func TestResolve(t *testing.T) {
	const (
		bucket = "arn:aws:s3:::amzn-s3-demo-bucket"
		role   = "arn:aws:iam::111122223333:role/jobs/etl"
	)
	source := memory{{key: delivered(1), content: object(t,
		record("get-1", nil),
		record("get-2", map[string]any{"eventTime": at(5).Format("2006-01-02T15:04:05Z")}),
		record("denied", map[string]any{"errorCode": "AccessDenied"}),
		record("open", map[string]any{"errorCode": "ThrottlingException"}),
		record("odd", map[string]any{"eventSource": "nothing.amazonaws.com", "eventName": "DoNothing", "eventCategory": "Management"}),
		record("odd-2", map[string]any{"eventSource": "nothing.amazonaws.com", "eventName": "DoNothing", "eventCategory": "Management"}),
		record("whoami", map[string]any{"eventSource": "sts.amazonaws.com", "eventName": "GetCallerIdentity", "requestParameters": nil}),
		record("sign-in", map[string]any{"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "eventType": "AwsConsoleSignIn"}),
	)}}
	table := run(t, Options{}, source)
	table.Usage = []usage.Row{{Action: "of an older resolve"}}
	table.Coverage, table.Unmapped = []usage.CoverageRow{{Class: "x"}}, []usage.UnmappedRow{{Note: "x"}}
	resolve(t, table, 2)

	if table.Facts != actions.Default().Version() {
		t.Errorf("facts = %q", table.Facts)
	}
	var got []usage.Row
	for _, r := range table.Usage {
		got = append(got, usage.Row{Action: r.Action, Resource: r.Resource, Outcome: r.Outcome, Count: r.Count, Principal: r.Principal})
	}
	want := []usage.Row{
		{Action: "s3:GetObject", Resource: bucket + "/a/b", Outcome: "allowed", Count: 2, Principal: role},
		{Action: "s3:GetObject", Resource: bucket + "/a/b", Outcome: "denied", Count: 1, Principal: role},
		{Action: "s3:GetObject", Resource: bucket + "/a/b", Outcome: "undetermined", Count: 1, Principal: role},
	}
	if !slices.Equal(got, want) {
		t.Errorf("usage\ngot  %+v\nwant %+v", got, want)
	}
	row := table.Usage[0]
	row.Action, row.Resource, row.Outcome, row.Count, row.Principal, row.Level = "", "", "", 0, "", ""
	if want := (usage.Row{
		Day: 20514, PrincipalID: "AROAEXAMPLEROLEID0001", Account: "111122223333", RecipientAccount: "111122223333",
		Region: "eu-west-1", EventSource: "s3.amazonaws.com", Kind: "arn", Basis: "logged", Category: "Data",
		First: at(0).UnixMilli(), Last: at(5).UnixMilli(),
	}); row != want {
		t.Errorf("row\ngot  %+v\nwant %+v", row, want)
	}

	a := Account(table)
	if err := a.Check(); err != nil {
		t.Error(err)
	}
	if a.Used != 2 || a.Denied != 1 || a.Undetermined != 1 || a.Unmapped != 2 ||
		!reflect.DeepEqual(a.NotAUse, map[string]int64{"no-authorization": 1, "sign-in": 1}) {
		t.Errorf("accounting = %+v", a)
	}
	if len(table.Unmapped) != 1 || table.Unmapped[0].EventName != "DoNothing" || table.Unmapped[0].Events != 2 || table.Unmapped[0].Note == "" {
		t.Errorf("unmapped = %+v", table.Unmapped)
	}
	cell := usage.CoverageRow{
		Account: "111122223333", Region: "eu-west-1", Category: "Data", ReadOnly: 2,
		EventSource: "s3.amazonaws.com", Day: 20514, Class: "used", Records: 2,
	}
	if !slices.Contains(table.Coverage, cell) {
		t.Errorf("coverage %+v lacks %+v", table.Coverage, cell)
	}
}

func TestResolveWorkersAndRepetition(t *testing.T) {
	table := run(t, Options{}, memory{{key: "a.json", content: object(t, many(2000)...)}})
	resolve(t, table, 1)
	want := *table
	for _, workers := range []int{2, 3, 7, 5000} {
		resolve(t, table, workers)
		equal(t, table, &want)
	}
}

func TestResolveCancelled(t *testing.T) {
	table := run(t, Options{}, memory{{key: "a.json", content: object(t, many(20)...)}})
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("enough")
	cancel(reason)
	if err := Resolve(ctx, table, actions.Default(), 2); !errors.Is(err, reason) {
		t.Errorf("err = %v", err)
	}
	if table.Usage != nil || table.Coverage != nil || table.Facts != "" {
		t.Error("the table was changed")
	}
}

// TestOutcome: an error message that told of a denial is not stored, its
// finding is; all else follows the facts.
func TestOutcome(t *testing.T) {
	tests := []struct{ stored, facts, want actions.Outcome }{
		{actions.Denied, actions.Undetermined, actions.Denied},
		{actions.Denied, actions.Allowed, actions.Denied},
		{actions.Allowed, actions.Undetermined, actions.Undetermined},
		{actions.Undetermined, actions.Allowed, actions.Allowed},
		{actions.Undetermined, actions.Denied, actions.Denied},
		{actions.Allowed, actions.Allowed, actions.Allowed},
	}
	for _, test := range tests {
		got := Outcome(string(test.stored), test.facts)
		if got != test.want {
			t.Errorf("%s, now %s: %s, want %s", test.stored, test.facts, got, test.want)
		}
	}
}

func TestCallOf(t *testing.T) {
	list := args.List{{Path: "p.a", Value: "b"}}
	got := CallOf(&usage.Call{
		Account: "111122223333", RecipientAccount: "444455556666", PrincipalType: usage.IdentityCenter,
		EventSource: "s", EventName: "n", EventType: "t", Category: "c", ReadOnly: 2, Region: "r", ErrorCode: "e",
	}, list, []usage.ContextPair{{Key: "mfa", Value: "true"}, {Key: "via", Value: "athena.amazonaws.com"}})
	want := actions.Call{
		EventSource: "s", EventName: "n", EventType: "t", Category: "c", Region: "r", ErrorCode: "e",
		Account: "111122223333", RecipientAccount: "444455556666", PrincipalType: "AssumedRole",
		InvokedBy: "athena.amazonaws.com", ReadOnly: actions.True, Args: list,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// Who calls matters to IAM's own calls alone.
func TestCallerOf(t *testing.T) {
	me := "arn:aws:iam::111122223333:user/me"
	for want, c := range map[string]usage.Call{
		me: {Principal: me, PrincipalType: usage.User, EventSource: "iam.amazonaws.com"},
		"": {Principal: me, PrincipalType: usage.User, EventSource: "s3.amazonaws.com"},
	} {
		if got := CallOf(&c, nil, nil).Caller; got != want {
			t.Errorf("%s: caller %q", c.EventSource, got)
		}
	}
	s := newShard(&usage.Table{}, actions.Default())
	call := usage.Call{EventSource: "iam.amazonaws.com", EventName: "ChangePassword", Principal: me, PrincipalType: usage.User}
	other := call
	other.Principal = "arn:aws:iam::111122223333:user/other"
	if a, b := s.meaning(&call, nil, ""), s.meaning(&other, nil, ""); a.uses[0].Resource != me || b.uses[0].Resource != other.Principal {
		t.Errorf("%v and %v", a.uses, b.uses)
	}
}

// TestMemo: all that the resolver looks at is part of the key. A field that
// CallOf fills and the key lacks would mix up calls.
func TestMemo(t *testing.T) {
	table := &usage.Table{
		Args:     usage.Arguments{"x": `[["p.bucketName","x"]]`, "y": `[["p.bucketName","y"]]`},
		Contexts: map[string][]usage.ContextPair{"v": {{Key: "via", Value: "athena.amazonaws.com"}}},
	}
	base := usage.Call{EventSource: "s3.amazonaws.com", EventName: "GetObject", ArgsID: "x"}
	changes := map[string]func(*usage.Call){
		"source": func(c *usage.Call) { c.EventSource = "o" }, "name": func(c *usage.Call) { c.EventName = "o" },
		"type": func(c *usage.Call) { c.EventType = "o" }, "category": func(c *usage.Call) { c.Category = "o" },
		"region": func(c *usage.Call) { c.Region = "o" }, "account": func(c *usage.Call) { c.Account = "o" },
		"recipient": func(c *usage.Call) { c.RecipientAccount = "o" }, "principal type": func(c *usage.Call) { c.PrincipalType = usage.Service },
		"read only": func(c *usage.Call) { c.ReadOnly = 1 }, "error": func(c *usage.Call) { c.ErrorCode = "o" },
		"args": func(c *usage.Call) { c.ArgsID = "y" }, "via": func(c *usage.Call) { c.ContextID = "v" },
	}
	s := newShard(table, actions.Default())
	s.call(&base)
	for name, change := range changes {
		before, c := len(s.memo), base
		change(&c)
		if s.call(&c); len(s.memo) != before+1 {
			t.Errorf("%s: taken for another call", name)
		}
	}
	before, c := len(s.memo), base
	c.Day, c.Principal, c.PrincipalID, c.Outcome, c.Lane = 1, "p", "i", "denied", "l"
	if s.call(&c); len(s.memo) != before {
		t.Error("a call that means the same was resolved again")
	}
}

// TestMemoIsBounded: what does not fit is resolved again, to the same.
func TestMemoIsBounded(t *testing.T) {
	table := run(t, Options{}, memory{{key: "a.json", content: object(t, many(2000)...)}})
	full, small := newShard(table, actions.Default()), newShard(table, actions.Default())
	small.room = 3
	for i := range table.Calls {
		full.call(&table.Calls[i])
		if small.call(&table.Calls[i]); len(small.memo) > small.room {
			t.Fatalf("%d meanings remembered", len(small.memo))
		}
	}
	if len(full.memo) <= small.room {
		t.Fatalf("only %d meanings: nothing was tested", len(full.memo))
	}
	compare(t, "rows", small.rows, full.rows)
}

// TestKeepCopies: what the resolver lends changes with its next call.
func TestKeepCopies(t *testing.T) {
	lent := []byte("text")
	s := unsafe.String(&lent[0], len(lent))
	kept := newShard(&usage.Table{}, actions.Default()).keep(actions.Resolution{
		Note: s, Uses: []actions.Use{{Action: s, Resource: s, PassedTo: s}},
	})
	copy(lent, "gone")
	if use := kept.uses[0]; kept.note != "text" || use.Action != "text" || use.Resource != "text" || use.PassedTo != "text" {
		t.Errorf("kept %+v", kept)
	}
}

// TestCorpus takes real logs all the way, each set and all together.
func TestCorpus(t *testing.T) {
	dir := corpus(t)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	sources := make([]trail.Source, len(entries))
	for i, entry := range entries {
		sources[i] = open(t, filepath.Join(dir, entry.Name()))
		t.Run(entry.Name(), func(t *testing.T) { endToEnd(t, sources[i]) })
	}
	t.Run("all", func(t *testing.T) {
		all := endToEnd(t, open(t, dir))
		if sets := endToEnd(t, sources...); !reflect.DeepEqual(sets, all) {
			t.Errorf("the sets one by one\ngot  %+v\nwant %+v", sets, all)
		}
		if all.Unmapped*100 > 3*all.Records || all.UnmappedPairs*100 > 6*all.Pairs {
			t.Errorf("%d of %d records and %d of %d pairs are unmapped: %+v",
				all.Unmapped, all.Records, all.UnmappedPairs, all.Pairs, all.TopUnmapped)
		}
	})
}

// endToEnd runs and resolves with one worker and with several.
func endToEnd(t *testing.T, sources ...trail.Source) Accounting {
	t.Helper()
	one, several := run(t, Options{Workers: 1}, sources...), run(t, Options{Workers: 3}, sources...)
	resolve(t, one, 1)
	resolve(t, several, 3)
	equal(t, several, one)
	a := Account(one)
	if err := a.Check(); err != nil {
		t.Error(err)
	}
	if a.Records == 0 || a.Used == 0 {
		t.Errorf("nothing was read: %+v", one.Stats)
	}
	for _, o := range one.Objects {
		if o.Error != "" {
			t.Logf("%s: %s", o.Key, o.Error)
		}
	}
	t.Logf("%+v", a)
	return a
}

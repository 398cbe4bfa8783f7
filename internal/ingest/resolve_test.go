package ingest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
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
	s := started(&usage.Table{})
	call := usage.Call{EventSource: "iam.amazonaws.com", EventName: "ChangePassword", Principal: me, PrincipalType: usage.User}
	other := call
	other.Principal = "arn:aws:iam::111122223333:user/other"
	for _, c := range []*usage.Call{&call, &other, &call, &other, &call, &other} {
		if got := s.meaning(c, nil, ""); got.uses[0].Resource != c.Principal {
			t.Errorf("%s: %v", c.Principal, got.uses)
		}
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
	s := started(table)
	asked := func(c usage.Call) bool {
		q := question{s.memo.frameOf(frameOf(&c, valueOf(table.Contexts[c.ContextID], contextVia))), c.ArgsID}
		known, keep := s.memo.find(q)
		return known != nil || keep
	}
	s.call(&base)
	for name, change := range changes {
		c := base
		if change(&c); asked(c) {
			t.Errorf("%s: taken for another call", name)
		}
	}
	c := base
	c.Day, c.Principal, c.PrincipalID, c.Outcome, c.Lane = 1, "p", "i", "denied", "l"
	if s.call(&c); !asked(c) {
		t.Error("a call that means the same was resolved again")
	}
}

// started is a shard that is about to resolve a table.
func started(t *usage.Table) *shard {
	s := newShard(actions.Default())
	s.begin(t, 0)
	return s
}

// TestMemoIsBounded: what does not fit is resolved again, to the same.
func TestMemoIsBounded(t *testing.T) {
	table := run(t, Options{}, memory{{key: "a.json", content: object(t, many(2000)...)}})
	full, small, few := started(table), started(table), started(table)
	small.memo.limit, few.memo.room = 2000, 3
	most, cleared := 0, false
	for range 3 {
		for i := range table.Calls {
			full.call(&table.Calls[i])
			few.call(&table.Calls[i])
			before := small.memo.bytes
			small.call(&table.Calls[i])
			if cleared = cleared || small.memo.bytes < before; small.memo.bytes > small.memo.limit || len(few.memo.frames) > few.memo.room {
				t.Fatalf("%d bytes and %d frames remembered", small.memo.bytes, len(few.memo.frames))
			}
		}
		most = max(most, full.memo.bytes)
	}
	if most <= small.memo.limit || !cleared || len(full.memo.frames) <= few.memo.room {
		t.Fatalf("only %d bytes and %d frames, cleared %t: nothing was tested", most, len(full.memo.frames), cleared)
	}
	full.next()
	small.next()
	few.next()
	compare(t, "rows", small.rows, full.rows)
	compare(t, "rows", few.rows, full.rows)
}

// TestResolverOverDays: what was learnt of other days changes nothing, and what they lent
// may change.
func TestResolverOverDays(t *testing.T) {
	table := run(t, Options{}, memory{{key: "a.json", content: object(t, many(2000)...)}})
	days := make([]*usage.Table, 7)
	for i := range days {
		days[i] = &usage.Table{Args: table.Args, Contexts: table.Contexts}
		for j := range table.Calls {
			if (j/5)%len(days) <= i {
				days[i].Calls = append(days[i].Calls, table.Calls[j])
			}
		}
	}
	for _, goroutines := range []int{1, 3} {
		over := newResolver(actions.Default(), goroutines)
		for _, at := range []int{0, 3, 6, 6, 0, 2, 6, 1} {
			got, want := *days[at], *days[at]
			if err := over.resolve(t.Context(), &got); err != nil {
				t.Fatal(err)
			}
			resolve(t, &want, 1)
			equal(t, &got, &want)
		}
	}
}

// TestKeepCopies: what the resolver lends changes with its next call.
func TestKeepCopies(t *testing.T) {
	lent := []byte("text")
	s := unsafe.String(&lent[0], len(lent))
	uses := []actions.Use{{Resource: s}}
	shard := started(&usage.Table{})
	q := question{1, s}
	shard.memo.find(q)
	shard.memo.keep(q, &resolved{uses: uses})
	q.argsID = "text"
	row := shard.texts.of(s)
	shard.memo.frameOf(frame{eventName: s})
	copy(lent, "gone")
	uses[0].Action = "gone"
	if known, _ := shard.memo.find(q); known == nil || known.uses[0].Resource != "text" || known.uses[0].Action != "" {
		t.Errorf("kept %+v", known)
	}
	if row != "text" {
		t.Errorf("the row has %q", row)
	}
	for f := range shard.memo.frames {
		if f.eventName == "gone" {
			t.Errorf("frame %+v", f)
		}
	}
}

// TestTexts: short and long texts, blocks that end, texts in the place of others.
func TestTexts(t *testing.T) {
	s := newTexts()
	var want, got []string
	for i := range 3 * textSlots {
		text := strings.Repeat("x", i%300) + strconv.Itoa(i%(2*textSlots))
		if i%1000 == 0 {
			text = strings.Repeat("y", textBlock) + text
		}
		want, got = append(want, text), append(got, s.of(text))
		if i%5000 == 0 {
			s.endDay()
		}
	}
	if !slices.Equal(got, want) {
		t.Error("texts differ")
	}
	for _, text := range []string{"", "*", "a"} {
		if s.of(text) != text {
			t.Errorf("%q became %q", text, s.of(text))
		}
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

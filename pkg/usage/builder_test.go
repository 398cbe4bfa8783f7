package usage

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/internal/args"
)

func gunzip(data []byte) []byte {
	if !bytes.HasPrefix(data, []byte("\x1f\x8b")) {
		return data
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	out, _ := io.ReadAll(r)
	return out
}

var noon = time.Date(2024, 2, 26, 12, 0, 0, 0, time.UTC)

// session is a record of a role session.
func session(id, name string, at time.Time) Record {
	return Record{
		EventID: id, Time: at, EventSource: "s3.amazonaws.com", EventName: name, EventType: "AwsApiCall",
		Region: "eu-west-1", RecipientAccount: "111122223333", Outcome: "allowed",
		Identity: Identity{
			Type: "AssumedRole", AccountID: "111122223333", PrincipalID: roleID + ":x",
			IssuerARN: "arn:aws:iam::111122223333:role/etl", IssuerPrincipalID: roleID,
		},
		Args: args.List{{Path: "p.bucketName", Value: "b"}},
	}
}

func mergeOf(records ...Record) *Table {
	b := NewBuilder()
	for _, r := range records {
		b.Add(&r)
	}
	return Merge(b)
}

func TestBuilderCounts(t *testing.T) {
	table := mergeOf(
		session("1", "GetObject", noon.Add(time.Second)), session("2", "GetObject", noon),
		session("3", "PutObject", noon), session("4", "GetObject", noon.Add(24*time.Hour)), session("5", "GetObject", time.Time{}))
	type row struct {
		day         int32
		name        string
		events      int64
		first, last int64
	}
	ms, day := noon.UnixMilli(), int32(noon.Unix()/86400)
	want := []row{
		{-1, "GetObject", 1, 0, 0}, {day, "GetObject", 2, ms, ms + 1000}, {day, "PutObject", 1, ms, ms},
		{day + 1, "GetObject", 1, ms + dayMillis, ms + dayMillis},
	}
	var got []row
	for _, c := range table.Calls {
		got = append(got, row{c.Day, c.EventName, c.Events, c.First, c.Last})
		if c.Principal != "arn:aws:iam::111122223333:role/etl" || c.PrincipalID != roleID || c.PrincipalType != Role {
			t.Errorf("principal of %+v", c)
		}
		if l := table.Args.List(nil, c.ArgsID); len(l) != 1 || l[0].Value != "b" {
			t.Errorf("args of %+v: %v", c, l)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	if table.Stats.Records != 5 || table.Stats.Duplicates != 0 {
		t.Errorf("%+v", table.Stats)
	}
}

// TestBorrowedStrings checks that nothing of a record is kept.
func TestBorrowedStrings(t *testing.T) {
	b := NewBuilder()
	r := session("1", "GetObject", noon)
	r.Context = []ContextPair{{"via", "athena.amazonaws.com"}}
	b.Add(&r)
	r.Args[0] = args.Leaf{Path: "p.x", Value: "other"}
	r.Context[0] = ContextPair{"other", "other"}
	table := Merge(b)
	c := table.Calls[0]
	if table.Args[c.ArgsID] != `[["p.bucketName","b"]]` || table.Contexts[c.ContextID][0].Key != "via" {
		t.Errorf("args %v, context %v", table.Args, table.Contexts)
	}
}

func TestDuplicates(t *testing.T) {
	other := session("1", "GetObject", noon)
	other.Region = "us-east-1"
	nextDay := session("1", "GetObject", noon.Add(24*time.Hour))
	elsewhere := session("1", "GetObject", noon)
	elsewhere.RecipientAccount = "444455556666"
	tests := []struct {
		name       string
		records    []Record
		rows       int
		events     int64
		duplicates int64
	}{
		{"same id", []Record{session("1", "GetObject", noon), session("1", "GetObject", noon)}, 1, 1, 1},
		{"three times", []Record{session("1", "GetObject", noon), session("1", "GetObject", noon), session("1", "GetObject", noon)}, 1, 1, 2},
		{"no id", []Record{session("", "GetObject", noon), session("", "GetObject", noon)}, 1, 2, 0},
		{"a duplicate loses no row", []Record{session("1", "GetObject", noon), other}, 2, 1, 1},
		{"another day", []Record{session("1", "GetObject", noon), nextDay}, 2, 2, 0},
		{"another account", []Record{session("1", "GetObject", noon), elsewhere}, 2, 2, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table := mergeOf(tt.records...)
			var events int64
			for _, c := range table.Calls {
				events += c.Events
			}
			if len(table.Calls) != tt.rows || events != tt.events || table.Stats.Duplicates != tt.duplicates {
				t.Errorf("%d rows, %d events, %d duplicates", len(table.Calls), events, table.Stats.Duplicates)
			}
		})
	}
}

// sharedPair is one cross-account call as both accounts log it.
func sharedPair() (caller, owner Record) {
	caller, owner = session("c", "AssumeRole", noon), session("o", "AssumeRole", noon)
	caller.SharedID, owner.SharedID = "s", "s"
	owner.RecipientAccount = "444455556666"
	owner.Identity = Identity{Type: "AWSAccount", PrincipalID: roleID + ":x", AccountID: "111122223333"}
	caller.Trust = &Trust{Role: "arn:aws:iam::444455556666:role/r", Caller: "arn:aws:iam::111122223333:role/etl"}
	owner.Trust = &Trust{Role: "arn:aws:iam::444455556666:role/r", Caller: "external"}
	return caller, owner
}

func TestSharedEvents(t *testing.T) {
	caller, owner := sharedPair()
	for _, order := range [][]Record{{caller, owner}, {owner, caller}, {owner, caller, owner, caller}} {
		table := mergeOf(order...)
		if len(table.Calls) != 2 || len(table.Trust) != 2 {
			t.Fatalf("%d calls, %d trust", len(table.Calls), len(table.Trust))
		}
		for _, c := range table.Calls {
			if want := map[PrincipalType]int64{Role: 1, External: 0}[c.PrincipalType]; c.Events != want {
				t.Errorf("%s has %d events, want %d", c.Principal, c.Events, want)
			}
		}
		for _, c := range table.Trust {
			if want := map[bool]int64{true: 0, false: 1}[c.Caller == "external"]; c.Events != want {
				t.Errorf("%s has %d events, want %d", c.Caller, c.Events, want)
			}
		}
		if int(table.Stats.Duplicates) != len(order)-1 {
			t.Errorf("%d duplicates of %d", table.Stats.Duplicates, len(order))
		}
	}
	// A network activity event shares the id of its API call and is not the call.
	owner.EventType = "AwsVpceEvent"
	if table := mergeOf(caller, owner); table.Stats.Duplicates != 0 {
		t.Errorf("%d duplicates", table.Stats.Duplicates)
	}
}

func TestAddObject(t *testing.T) {
	b, c := NewBuilder(), NewBuilder()
	r := session("1", "GetObject", noon)
	b.Add(&r)
	log := ObjectRow{Account: "111122223333", Region: "eu-west-1", Kind: "log", Day: 5}
	b.AddObject(ObjectRow{Key: "k4", Size: 3, Account: log.Account, Region: log.Region, Kind: log.Kind, Day: log.Day})
	log.Key, log.Size, log.Bytes, log.Records, log.Filtered, log.Unreadable = "k2", 10, 100, 4, 1, 2
	b.AddObject(log)
	c.AddObject(ObjectRow{Key: "k1", Size: -1, Error: "gzip: cut short", Account: log.Account, Region: log.Region, Kind: log.Kind, Day: log.Day})
	c.AddObject(ObjectRow{Key: "k3", Size: 1, Kind: "digest", Day: -1})
	table := Merge(c, nil, b)
	want := Stats{Objects: 4, ObjectsUnreadable: 1, ObjectsSkipped: 1, CompressedBytes: 14, Bytes: 100, Records: 4, Filtered: 1, Unreadable: 2}
	if table.Stats != want {
		t.Errorf("%+v", table.Stats)
	}
	deliveries := []Delivery{{Kind: "digest", Day: -1, Objects: 1, Bytes: 1},
		{Account: "111122223333", Region: "eu-west-1", Kind: "log", Day: 5, Objects: 3, Bytes: 13, Unreadable: 2}}
	if !reflect.DeepEqual(table.Deliveries, deliveries) {
		t.Errorf("%+v", table.Deliveries)
	}
	if len(table.Objects) != 4 || table.Objects[0].Key != "k1" {
		t.Errorf("%+v", table.Objects)
	}
}

// randomRecords makes records with many collisions: of ids, of shared ids, and
// of rows.
func randomRecords(r *rand.Rand, n int) []Record {
	pick := func(prefix string, k int) string { return fmt.Sprintf("%s%d", prefix, r.IntN(k)) }
	records := make([]Record, n)
	for i := range records {
		x := session(pick("id", n/2), pick("Get", 4), noon.Add(time.Duration(r.IntN(3*24*3600))*time.Second))
		if r.IntN(20) == 0 {
			x.Time = time.Time{}
		}
		if r.IntN(3) == 0 {
			x.SharedID = pick("shared", n/6)
		}
		if r.IntN(3) == 0 {
			x.EventID = ""
		}
		switch r.IntN(6) {
		case 0:
			x.Identity = Identity{Type: "AWSAccount", PrincipalID: roleID + pick(":", 5), AccountID: "111122223333"}
		case 1:
			x.Identity = Identity{Type: "IAMUser", AccountID: "111122223333", UserName: pick("u", 3)}
		case 2:
			x.Identity = Identity{Type: "AWSService", InvokedBy: "lambda.amazonaws.com"}
		case 3:
			x.Identity = Identity{Type: "AssumedRole", AccountID: "111122223333"}
		}
		x.Args = args.List{{Path: "p.key", Value: pick("k", 5)}, {Path: "p.bucketName", Value: pick("b", 2)}}
		x.Context = []ContextPair{{"vpce", pick("v", 3)}, {"mfa", "true"}}
		x.ErrorCode = pick("E\xff", 2)
		if r.IntN(2) == 0 {
			x.Trust = &Trust{Role: pick("r", 3), Caller: pick("c", 3)}
		}
		records[i] = x
	}
	return records
}

// split gives each record to one of k builders, in a random order.
func split(r *rand.Rand, records []Record, k int) []*Builder {
	bs := make([]*Builder, k)
	for i := range bs {
		bs[i] = NewBuilder()
	}
	for _, i := range r.Perm(len(records)) {
		x := records[i]
		bs[r.IntN(k)].Add(&x)
	}
	for i := range bs {
		bs[i].AddObject(ObjectRow{Key: "k", Day: -1}) // as many for every split
	}
	return bs
}

// TestMergeIgnoresOrder checks that any order and any split over builders gives
// the same table, in memory and on disk.
func TestMergeIgnoresOrder(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 7))
		records := randomRecords(r, 400)
		want := Merge(split(r, records, 4)...)
		checkTotals(t, want)
		for range 4 {
			got := Merge(split(r, records, 4)...)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d: another split gives another table", seed)
			}
		}
		if seed > 3 {
			continue
		}
		a, b := memoryDir(t), memoryDir(t)
		write(t, a, want)
		write(t, b, Merge(split(r, records, 4)...))
		if !reflect.DeepEqual(tree(t, a), tree(t, b)) {
			t.Fatalf("seed %d: another split gives other bytes", seed)
		}
	}
}

func checkTotals(t *testing.T, table *Table) {
	t.Helper()
	var events int64
	for _, c := range table.Calls {
		if c.Events < 0 {
			t.Errorf("%d events", c.Events)
		}
		events += c.Events
	}
	for _, c := range table.Trust {
		if c.Events < 0 {
			t.Errorf("trust has %d events", c.Events)
		}
	}
	s := table.Stats
	if s.Records != events+s.Duplicates+s.Filtered+s.Unreadable {
		t.Errorf("%d events do not add up: %+v", events, s)
	}
	if s.Duplicates == 0 {
		t.Error("no duplicates: the test has nothing to find")
	}
}

// manyContexts are builders of two principals, one of them with too many contexts.
func manyContexts() [2]*Builder {
	b, c := NewBuilder(), NewBuilder()
	for i := range maxContexts + 500 {
		r := session(fmt.Sprint(i), "GetObject", noon)
		r.Context = []ContextPair{{"vpce", fmt.Sprint("vpce-", i)}, {"via", fmt.Sprint(i % 3)}}
		b.Add(&r)
		r.EventID, r.Identity = fmt.Sprint("u", i), Identity{Type: "IAMUser", ARN: "arn:aws:iam::111122223333:user/few"}
		r.Context = r.Context[1:]
		c.Add(&r)
	}
	return [2]*Builder{b, c}
}

func TestContextsAreCapped(t *testing.T) {
	many, few := manyContexts(), manyContexts()
	table := Merge(many[0], many[1])
	if !reflect.DeepEqual(table, Merge(few[1], few[0])) {
		t.Error("the order of builders matters")
	}
	var events int64
	for _, x := range table.Calls {
		pairs := table.Contexts[x.ContextID]
		if x.PrincipalType == Role && (len(pairs) != 2 || pairs[1] != ContextPair{"vpce", contextUnknown} || pairs[0].Value == contextUnknown) {
			t.Errorf("%v", pairs)
		}
		events += x.Events
	}
	if len(table.Calls) != 6 || len(table.Contexts) != 6 || events != 2*(maxContexts+500) {
		t.Errorf("%d calls, %d contexts, %d events", len(table.Calls), len(table.Contexts), events)
	}
}

// TestHostileText checks that text which is no UTF-8, or has no end, is cut to
// what the columns hold, and that two such texts which become one make one row.
func TestHostileText(t *testing.T) {
	a, b := session("1", "Get\xff", noon), session("2", "Get\xfe", noon)
	a.ErrorCode, b.ErrorCode = string(bytes.Repeat([]byte("é"), maxText)), string(bytes.Repeat([]byte("é"), 2*maxText))
	table := mergeOf(a, b)
	if len(table.Calls) != 1 || table.Calls[0].EventName != "Get\uFFFD" || len(table.Calls[0].ErrorCode) != maxText {
		t.Errorf("%d rows: %.200v", len(table.Calls), table.Calls)
	}
	if long := cleanText(string(bytes.Repeat([]byte{0xff, 'a'}, maxText))); len(long) > maxText {
		t.Errorf("%d bytes", len(long))
	}
}

func TestClock(t *testing.T) {
	for _, tt := range []struct {
		at  time.Time
		day int32
	}{
		{time.Time{}, -1}, {time.Unix(-1, 0), -1}, {time.Unix(0, 0), 0}, {time.Unix(86399, 0), 0},
		{time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), maxDay}, {time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), -1},
	} {
		if day, _ := clock(tt.at); day != tt.day {
			t.Errorf("%v is on day %d, want %d", tt.at, day, tt.day)
		}
	}
}

func TestAggregateUsage(t *testing.T) {
	row := func(action string, n, first, last int64) Row {
		return Row{Action: action, Count: n, First: first, Last: last}
	}
	got := AggregateUsage([]Row{row("b", 1, 5, 6), row("a", 2, 0, 0), row("b", 3, 2, 5), row("a", 1, 9, 9), row("b", 0, 0, 0)})
	want := []Row{row("a", 3, 9, 9), row("b", 4, 2, 6)}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	if AggregateUsage(nil) != nil {
		t.Error("something of nothing")
	}
}

func TestAggregateCoverage(t *testing.T) {
	got := AggregateCoverage([]CoverageRow{{Class: "x", Records: 1}, {Class: "a"}, {Class: "x", Records: 2}})
	if want := []CoverageRow{{Class: "a"}, {Class: "x", Records: 3}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	un := AggregateUnmapped([]UnmappedRow{{EventName: "x", Events: 1}, {EventName: "x", Events: 2}})
	if want := []UnmappedRow{{EventName: "x", Events: 3}}; !reflect.DeepEqual(un, want) {
		t.Errorf("got %v", un)
	}
}

// TestFingerprint pins the hash: it is on disk.
func TestFingerprint(t *testing.T) {
	if got := fingerprint('e', "7ea1ac5e-0b10-4b9f-a2f6-0c5b6c9f3b3e"); got != 0xaa389af9f99a16c0 {
		t.Errorf("%#x", got)
	}
	if fingerprint('s', "ab", "c") == fingerprint('s', "a", "bc") {
		t.Error("texts run together")
	}
}

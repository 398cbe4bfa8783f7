package usage

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/internal/args"
	columnar "github.com/tighten-iam/tighten/internal/parquet"
)

// parameters are texts of a root: whole, odd and broken.
func parameters() [][]byte {
	many := `{"first":1`
	for i := range args.MaxLeaves + 10 {
		many += fmt.Sprintf(`,"m%d":"x"`, i)
	}
	texts := []string{
		"", "", `{}`, `{"bucketName":"b","key":"k"}`, `{"key":"k","bucketName":"b"}`, `[{"ARN":"arn:aws:s3:::b"}]`, "{", `"text"`,
		`"{\"roleArn\":\"arn:aws:iam::111122223333:role/r\"}"`, many + "}", `{"name":"` + strings.Repeat("long", 400) + `"}`, `{"name":"` + strings.Repeat("n", 900) + `"}`,
	}
	for i := range 30 {
		texts = append(texts, fmt.Sprintf(`{"instanceId":"i-%d"}`, i))
	}
	var raw [][]byte
	for _, s := range texts {
		raw = append(raw, []byte(s))
	}
	return raw
}

// TestRawArguments compares records that bring their arguments as they are with
// records that bring them flattened, over builders that see other shares of them.
func TestRawArguments(t *testing.T) {
	r, texts := rand.New(rand.NewPCG(11, 12)), parameters()
	raw, plain := []*Builder{NewBuilder(), NewBuilder(), NewBuilder()}, NewBuilder()
	any := func() []byte { return texts[r.IntN(len(texts))] }
	for range 5000 {
		x := session("", "GetObject", noon)
		x.Args, x.Raw = nil, args.Raw{Parameters: any(), Response: any(), Resources: any(), Additional: any()}
		if r.IntN(4) > 0 {
			x.Raw.Response, x.Raw.Additional = nil, nil
		}
		raw[r.IntN(len(raw))].Add(&x)
		x.Args = args.Flatten(nil, &x.Raw)
		plain.Add(&x)
	}
	got, want := Merge(raw...), Merge(plain)
	if len(want.Args) < 1000 || !reflect.DeepEqual(got, want) {
		t.Errorf("%d calls with %d lists, want %d with %d", len(got.Calls), len(got.Args), len(want.Calls), len(want.Args))
	}
	for id, text := range got.Args {
		list, err := args.Parse(nil, text)
		if err != nil || list.ID() != id {
			t.Errorf("the list of %s, %s, has the id %s, %v", id, text, list.ID(), err)
		}
		if !reflect.DeepEqual(got.Args.List(nil, id), list) {
			t.Errorf("%s is read as %v", text, got.Args.List(nil, id))
		}
	}
}

// TestRawIsBorrowed overwrites a record's arguments once it is counted.
func TestRawIsBorrowed(t *testing.T) {
	b := NewBuilder()
	buf := make([]byte, 0, 64)
	for i := range 100 {
		buf = fmt.Appendf(buf[:0], `{"instanceId":"i-%d"}`, i%50)
		x := session("", "GetObject", noon)
		x.Args, x.Raw = nil, args.Raw{Parameters: buf}
		b.Add(&x)
	}
	clear(buf)
	seen := map[string]bool{}
	table := Merge(b)
	for id := range table.Args {
		seen[table.Args.List(nil, id)[0].Value] = true
	}
	if len(seen) != 50 || !seen["i-49"] {
		t.Errorf("%v", seen)
	}
}

// BenchmarkArguments numbers arguments of which one part in two comes again.
func BenchmarkArguments(b *testing.B) {
	builder, size, n := NewBuilder(), 0, 0
	raws := make([]args.Raw, 4096)
	for i := range raws {
		raws[i].Parameters = fmt.Appendf(nil, `{"bucketName":"data-lake","Host":"data-lake.s3.eu-west-1.amazonaws.com","key":"raw/2024/part-%d.parquet"}`, i)
		raws[i].Resources = []byte(`[{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::data-lake","accountId":"111122223333"}]`)
		size += len(raws[i].Parameters) + len(raws[i].Resources)
	}
	var r Record
	b.SetBytes(int64(size / len(raws)))
	b.ReportAllocs()
	for b.Loop() {
		r.Raw = raws[n%len(raws)]
		builder.args.number(&builder.texts, &r, 0)
		n++
	}
}

// Files of args/ come from a folder that others may have written to.
func TestArgsRefuses(t *testing.T) {
	s := argsSection()
	good := argsRow{"1", `[["p.a","b"]]`}
	for _, text := range []string{"", "[]", "[", `[["p.a","b"]`, `[["p.b",""],["p.a",""]]`, `[["p.a",1]]`, `[["p.a","\u0041"]]`, "[[\"p.a\",\"\xff\"]]", strings.Repeat("[", 1<<16)} {
		data, err := encode(t, argsColumns(), []argsRow{good, {"2", text}})
		if err != nil {
			t.Fatal(err)
		}
		table := &Table{}
		if err := s.load(table, data, 2); err == nil {
			t.Errorf("%.80q is read", text)
		}
	}
	data, err := encode(t, argsColumns(), []argsRow{good, {"2", `[["p.c","d"]]`}, {"2", `[["p.e","f"]]`}})
	if err != nil {
		t.Fatal(err)
	}
	table := &Table{Args: Arguments{"1": `[["p.other","x"]]`}}
	if err := s.load(table, data, 3); err != nil || !reflect.DeepEqual(table.Args, Arguments{"1": `[["p.other","x"]]`, "2": `[["p.c","d"]]`}) {
		t.Errorf("%v, %v", table.Args, err)
	}
}

// Calls whose list is not there have none, and a table of them is merged as any other.
func TestArgsAreMissing(t *testing.T) {
	b := NewBuilder()
	b.add(&Table{Calls: []Call{{EventName: "a", ArgsID: "1"}, {EventName: "b", ArgsID: "2"}}, Args: Arguments{"2": `[["p.a","b"]]`}})
	other := NewBuilder()
	other.adopt(b, b.everything())
	table := Merge(other)
	if len(table.Calls) != 2 || !reflect.DeepEqual(table.Args, Arguments{"2": `[["p.a","b"]]`}) {
		t.Errorf("%v", table.Args)
	}
	if list := table.Args.List(nil, "1"); list != nil {
		t.Errorf("%v", list)
	}
}

// Long lists make small row groups, whatever the portions they come in.
func TestHeavyRows(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	list := make([]argsRow, 40)
	for i := range list {
		list[i] = argsRow{fmt.Sprint(i), `[["p.a","` + strings.Repeat("x", r.IntN(1<<20)) + `"]]`}
	}
	out, err := columnar.NewWriter(createdBy)
	if err != nil {
		t.Fatal(err)
	}
	e := newEncoder(out, argsColumns())
	var whole, single bytes.Buffer
	if err := e.encode(&whole, list); err != nil {
		t.Fatal(err)
	}
	e.begin(&single)
	for i := range list {
		if err := e.add(&list[i]); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := e.finish(); err != nil || n != len(list) || !bytes.Equal(whole.Bytes(), single.Bytes()) {
		t.Errorf("%d rows, %v, or other bytes", n, err)
	}
	d, err := newDecoder(argsColumns(), bytes.NewReader(whole.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var got []argsRow
	for !errors.Is(err, io.EOF) {
		from, size := len(got), 0
		if got, err = d.read(got); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		for _, row := range got[from:] {
			size += len(row.Leaves)
		}
		if size > groupRows*rowWeight+1<<20 {
			t.Errorf("a group of %d bytes", size)
		}
	}
	if !reflect.DeepEqual(got, list) || d.in.Groups() < 2 {
		t.Errorf("%d rows in %d groups", len(got), d.in.Groups())
	}
}

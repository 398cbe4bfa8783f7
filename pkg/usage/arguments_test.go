package usage

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/internal/args"
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

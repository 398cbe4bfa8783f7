package args

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// compareFlattener checks that a Flattener, whatever it did before, does what
// Append does, and that a list survives its encoding.
func compareFlattener(t *testing.T, f *Flattener, root string, raw []byte) {
	t.Helper()
	first := List{{Path: "first"}}
	want := Append(slices.Clone(first), root, raw)
	if got := f.Append(slices.Clone(first), root, raw); !reflect.DeepEqual(got, want) {
		t.Errorf("%s %.200q: %.500v instead of %.500v", root, raw, got, want)
	}
	want = want.Canonical()
	text := want.AppendText(nil)
	if got, err := Parse(nil, string(text)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s %.200q: %.500q is read as %.500v, %v", root, raw, text, got, err)
	}
	var pairs [][2]string
	if err := json.Unmarshal(text, &pairs); err != nil || !slices.EqualFunc(pairs, want, func(p [2]string, l Leaf) bool { return p == [2]string{l.Path, l.Value} }) {
		t.Errorf("%s %.200q: %.500q is as JSON %.500v, %v", root, raw, text, pairs, err)
	}
	if want.ID() != TextID(text) {
		t.Error("another id")
	}
}

var roots = []string{RootParameters, RootResponse, RootResources, RootAdditional}

func FuzzFlattener(f *testing.F) {
	for _, seed := range []string{
		`{"bucketName":"b","key":"k","x":[1,"2",{"id":3}],"content":"c","vpcId":{"content":"vpc-1"}}`, `"{\"roleArn\":\"arn:aws:iam::1:role/r\"}"`,
		`{"tags":[{"resourceId":"g","key":"k","value":"v"},{"resourceId":{"x":1}}],"Tags":[[{"resourceId":"h"}]]}`, `{"a":{"content":1}}`, `[{"ARN":"arn:aws:s3:::b","accountId":"1"}]`, `{"statement":"SELECT * FROM \"t\" WHERE a='b'"}`, "{", `"\ud800\"`,
		"{\"\xff\":\"\xff\"}", `{"` + strings.Repeat("k", MaxPath) + `":1}`, `"` + strings.Repeat("long", MaxValue) + `"`,
	} {
		f.Add([]byte(seed))
	}
	used := NewFlattener()
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, root := range roots {
			compareFlattener(t, used, root, raw)
			compareFlattener(t, NewFlattener(), root, raw)
		}
	})
}

// TestFlattenerOverflows gives more leaves and names than it has room for.
func TestFlattenerOverflows(t *testing.T) {
	f, r := NewFlattener(), rand.New(rand.NewPCG(5, 6))
	letters := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte('a' + r.IntN(26))
		}
		return string(b)
	}
	for range 8 {
		var b strings.Builder
		b.WriteString(`{"first":1`)
		for range 3000 {
			b.WriteString(`,"` + letters(1+r.IntN(300)) + `":"` + letters(r.IntN(200)) + `"`)
		}
		b.WriteString("}")
		for _, root := range roots {
			compareFlattener(t, f, root, []byte(b.String()))
		}
		if len(f.rules) > flattenerRules {
			t.Fatalf("%d rules", len(f.rules))
		}
	}
}

func BenchmarkFlattener(b *testing.B) {
	raw := []byte(`{"bucketName":"data-lake-111122223333","key":"raw/2024/02/26/part-0001.parquet","Host":"data-lake.s3.eu-west-1.amazonaws.com","x-id":"GetObject"}`)
	f := NewFlattener()
	var list List
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		list = f.Append(list[:0], RootParameters, raw)
	}
}

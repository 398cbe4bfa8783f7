package args

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// object keeps its members in a changeable order, and twice where they come twice.
type object []member

type member struct {
	key   string
	value any
}

// decode reads a JSON value whose members keep their order.
func decode(d *json.Decoder) (any, error) {
	tok, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch tok {
	case json.Delim('{'):
		return decodeObject(d)
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := decode(d)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	}
	return tok, nil
}

func decodeObject(d *json.Decoder) (any, error) {
	o := object{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := decode(d)
		if err != nil {
			return nil, err
		}
		o = append(o, member{key.(string), v})
	}
	_, err := d.Token()
	return o, err
}

func encode(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case object:
		sep := ""
		b.WriteByte('{')
		for _, m := range v {
			fmt.Fprintf(b, "%s%s:", sep, quote(m.key))
			encode(b, m.value)
			sep = ","
		}
		b.WriteByte('}')
	case []any:
		sep := ""
		b.WriteByte('[')
		for _, x := range v {
			b.WriteString(sep)
			encode(b, x)
			sep = ","
		}
		b.WriteByte(']')
	default:
		b.WriteString(quote(v))
	}
}

func quote(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func shuffle(r *rand.Rand, v any) {
	switch v := v.(type) {
	case object:
		r.Shuffle(len(v), func(i, j int) { v[i], v[j] = v[j], v[i] })
		for _, m := range v {
			shuffle(r, m.value)
		}
	case []any:
		r.Shuffle(len(v), func(i, j int) { v[i], v[j] = v[j], v[i] })
		for _, x := range v {
			shuffle(r, x)
		}
	}
}

func text(v any) []byte {
	var b bytes.Buffer
	encode(&b, v)
	return b.Bytes()
}

func FuzzAppend(f *testing.F) {
	for _, seed := range []string{
		`{"a":{"b":[1,{"c":"x"}],"tags":[{"k":"v"}]},"name":"n"}`, `"{\"a\":1}"`, `"null"`, `[[[]]]`,
		`{"a":"\u00e9\ud83d\ude00","b":-1.5e-3,"statement":"SELECT 'x'"}`, `{"a":1,}`, `{"a" 1}`, "{\"\xff\":\"\xff\"}",
		`tru`, `01`, `1.`, `"\x"`, "\"\n\"", `{"key":{"a":1},"keys":["x",{"a":1}]}`, strings.Repeat("[", 70) + strings.Repeat("]", 70),
	} {
		f.Add(seed, uint64(1))
	}
	f.Fuzz(func(t *testing.T, raw string, seed uint64) {
		for _, root := range []string{RootParameters, RootResponse, RootResources, RootAdditional} {
			checkRaw(t, root, raw)
			d := json.NewDecoder(strings.NewReader(raw))
			d.UseNumber()
			tree, err := decode(d)
			if err != nil {
				continue
			}
			want := Append(nil, root, text(tree)).Canonical()
			shuffle(rand.New(rand.NewPCG(seed, 0)), tree)
			got := Append(nil, root, text(tree)).Canonical()
			if show(got) != show(want) {
				t.Errorf("root %s: order of members changes the leaves of %q:\n%s\n%s", root, raw, show(want), show(got))
			}
		}
	})
}

// checkRaw compares the judgement of what is JSON with encoding/json's, and
// checks the bounds.
func checkRaw(t *testing.T, root, raw string) {
	l := Append(nil, root, []byte(raw))
	bad := slices.Contains(l, Leaf{Path: PathUnreadable})
	wrapped := strings.HasPrefix(strings.TrimLeft(raw, " \t\r\n"), `"`)
	empty := strings.Trim(raw, " \t\r\n") == ""
	if valid := json.Valid([]byte(raw)); !empty && bad == valid && !(wrapped && valid) {
		t.Errorf("root %s: %q is valid JSON: %v, unreadable: %v", root, raw, valid, bad)
	}
	if bad && len(l) != 1 {
		t.Errorf("root %s: leaves beside the unreadable one: %s", root, show(l))
	}
	if len(l) > MaxLeaves+1 {
		t.Errorf("%d leaves", len(l))
	}
	c := slices.Clone(l).Canonical()
	if again := slices.Clone(c).Canonical(); show(again) != show(c) {
		t.Error("Canonical is not idempotent")
	}
}

func TestBounds(t *testing.T) {
	var wide, deep strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&wide, `,"id%d":"v%d"`, i, i)
	}
	deep.WriteString(strings.Repeat(`{"`+strings.Repeat("k", 10)+`":`, 200) + "1" + strings.Repeat("}", 200))
	heavy := strings.Builder{}
	for i := range 1000 {
		fmt.Fprintf(&heavy, `,"id%d":"%s"`, i, strings.Repeat("x", 1000))
	}
	for name, raw := range map[string]string{
		"wide": "{" + wide.String()[1:] + "}", "deep": deep.String(), "heavy": "{" + heavy.String()[1:] + "}",
		"list": "[" + strings.Repeat("1,", 1<<20) + "1]", "nested": strings.Repeat("[", 1<<20),
		"comments": `{"statement":"` + strings.Repeat("--\\n", 1<<18) + `"}`,
	} {
		start := time.Now()
		l := Append(nil, "p", []byte(raw)).Canonical()
		size := 0
		for _, x := range l {
			size += len(x.Path) + len(x.Value)
		}
		if len(l) > MaxLeaves+1 || size > MaxBytes+len(PathTruncated) {
			t.Errorf("%s: %d leaves, %d bytes", name, len(l), size)
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%s took %v", name, d)
		}
	}
}

// TestTruncationIgnoresOrder checks that which leaves survive the bound does not
// depend on the order of the members.
func TestTruncationIgnoresOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	o := object{}
	for i := range 15000 {
		o = append(o, member{fmt.Sprintf("id%d", i%9000), fmt.Sprint("v", i)})
	}
	want := Append(nil, "p", text(o)).Canonical()
	if len(want) != MaxLeaves+1 || want[0].Path != PathTruncated {
		t.Fatalf("%d leaves, first %v", len(want), want[0])
	}
	for range 5 {
		shuffle(r, o)
		if got := Append(nil, "p", text(o)).Canonical(); show(got) != show(want) {
			t.Fatal("another order, other leaves")
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	raw := []byte(`{"bucketName":"data-lake-111122223333","key":"raw/2024/02/26/part-0001.parquet","Host":"data-lake.s3.eu-west-1.amazonaws.com","x-id":"GetObject"}`)
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	var l List
	for b.Loop() {
		l = Append(l[:0], "p", raw)
	}
}

func BenchmarkID(b *testing.B) {
	l := Append(nil, "p", []byte(`{"bucketName":"data-lake-111122223333","key":"raw/2024/02/26/part-0001.parquet","Host":"h"}`))
	b.ReportAllocs()
	for b.Loop() {
		l.Canonical().ID()
	}
}

package args

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// flatten is what a caller of Match and Encode does.
func flatten(f *Flattener, hint uint32, root string, raw []byte) (e Encoding, matched bool) {
	if e, ok := f.Match(hint, root, raw); ok {
		return e, true
	}
	return f.Encode(hint, root, raw), false
}

// compareEncoding checks that what a Flattener makes of a value, whatever it learned
// before, is the encoding of the value's leaves.
func compareEncoding(t *testing.T, f *Flattener, root string, raw []byte) (matched bool) {
	t.Helper()
	want := Append(nil, root, raw).Canonical()
	marked := len(want) > 0 && strings.HasPrefix(want[0].Path, "!")
	got, matched := flatten(f, 1, root, raw)
	if !bytes.Equal(got.Bytes, want.AppendEncoding(nil)) || got.Marked != marked {
		t.Fatalf("%s %.300q, matched %v: %.500v instead of %.500v", root, raw, matched, string(got.Bytes), want)
	}
	return matched
}

// texts are of all kinds that a rule tells apart, and what no hole takes.
var texts = []string{
	`""`, `"x"`, `"name"`, `"i-0abc"`, `"123"`, `"2024-02-26"`, `"2024-02-26T10:00:00Z"`, `"Feb 26, 2024, 10:00:00 AM"`,
	`"arn:aws:s3:::b"`, `"arn:"`, `"arn"`, `"HIDDEN_DUE_TO_SECURITY_REASONS"`, `"https://x/?X-Amz-Signature=1"`, `"eyJhIjox"`, `" {"`, `"%7B"`, `"{\"a\":1}"`,
	"\"\u00e9\"", "\"\xff\"", `"a\u0041"`, "\"a\tb\"", `"SELECT * FROM t"`, `"` + strings.Repeat("v", MaxValue) + `"`, `"` + strings.Repeat("v", MaxValue+1) + `"`,
	`1`, `-1.5e3`, `012`, `111122223333`, `true`, `false`, `null`, `{}`, `[]`, `["x"]`, `{"S":"x"}`, `["x","x","a"]`, `"xx"`, `"` + strings.Repeat("v", holeMost) + `"`, `"` + strings.Repeat("v", holeMost+1) + `"`, `"` + strings.Repeat("v", holeMost) + `w"`, `"x"}`, `"x","y":"z"`, ``,
}

// shapes hold texts at places with rules of all kinds.
var shapes = []string{
	`{"bucketName":%s,"key":%s}`, `{"tags":[{"key":%s,"value":%s}]}`, `{"tags":[{"resourceId":%s,"key":%s}]}`,
	`{"description":%s,"credentials":%s}`, `{"accountId":%s,"maxResults":%s}`, `{"x-amz-id-2":%s,"bytesTransferredOut":%s}`,
	`[{"ARN":%s,"type":"AWS::S3::Object"},{"ARN":%s,"accountId":"111122223333"}]`, `{"items":[{"instanceId":%s},{"instanceId":%s}]}`,
	`{"a":%s,"a":%s}`, `{"statement":%s,"roleArn":%s}`, `{"Request":{"tag":%s,"content":%s}}`, `{"vpcId":{"tag":1,"content":%s},"n":%s}`,
	`{"key":{"id":{"S":%s}},"k":%s}`, `{"policyDocument":%s,"policyName":%s}`, ` { "names" : [ %s , %s ] } `, `{"startTime":%s,"tableName":%s}`, `%s%s`, `[%s,%s]`,
	`{"é":%s,"b.c":%s}`, `{"k\u0065y":%s,"z":%s}`, `{"requestItems":{"t":{},"u":%s},"v":%s}`, `{"functionName":%s,"arn":%s}`,
	`{"Host":%s,"x-id":%s}`, `{"Host":%s,"bucketName":%s}`, `[{"type":%s},{"type":%s}]`, `[{"type":%s,"ARN":%s}]`, `{"SSEApplied":%s,"CipherSuite":%s}`, `{"host":%s,"a":{"Host":%s}}`,
}

// The roots of many operations share sets of templates. A value of one root is not
// taken for the same value of another.
func TestTemplatesOfRoots(t *testing.T) {
	f, raw := NewFlattener(), []byte(`{"functionName":"f"}`)
	matched := 0
	for hint := range uint32(4 * templateSetCount) {
		for _, root := range roots {
			for range 2 {
				got, ok := flatten(f, hint, root, raw)
				if want := Append(nil, root, raw).Canonical(); !bytes.Equal(got.Bytes, want.AppendEncoding(nil)) {
					t.Fatalf("%s of operation %d: %s instead of %v", root, hint, got.Bytes, want)
				}
				if ok {
					matched++
				}
			}
		}
	}
	if matched < 4*templateSetCount {
		t.Errorf("%d matched", matched)
	}
}

// What was learned from one value changes nothing of any other one of its form.
func TestTemplates(t *testing.T) {
	matched := 0
	for _, shape := range shapes {
		for _, root := range roots {
			for _, first := range texts {
				f := NewFlattener()
				compareEncoding(t, f, root, fmt.Appendf(nil, shape, first, `"v"`))
				for _, second := range texts {
					for _, raw := range [][]byte{fmt.Appendf(nil, shape, second, `"w"`), fmt.Appendf(nil, shape, `"w"`, second), fmt.Appendf(nil, shape, second, second)} {
						if compareEncoding(t, f, root, raw) {
							matched++
						}
					}
				}
			}
		}
	}
	if matched < 50000 {
		t.Errorf("only %d values matched", matched)
	}
}

// The forms of calls as they are logged match those of the next ones.
func TestTemplatesMatch(t *testing.T) {
	for root, raws := range map[string][2]string{
		RootParameters: {`{"bucketName":"b","Host":"b.s3.amazonaws.com","key":"a/1","x-id":"GetObject"}`, `{"bucketName":"c","Host":"c.s3.amazonaws.com","key":"zz","x-id":"GetObject"}`},
		RootResources:  {`[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::b/k"},{"accountId":"1","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::b"}]`, `[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::a/k"},{"accountId":"2","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::c"}]`},
		RootResponse:   {`{"credentials":{"accessKeyId":"ASIAX","expiration":"Feb 1, 2026, 1:00:00 AM"},"packedPolicySize":3}`, `{"credentials":{"accessKeyId":"ASIAEXAMPLE","expiration":"Mar 11, 2026, 1:00:00 AM"},"packedPolicySize":44}`},
		RootAdditional: {`{"SignatureVersion":"SigV4","bytesTransferredIn":0,"x-amz-id-2":"aGVsbG8="}`, `{"SignatureVersion":"SigV2","bytesTransferredIn":-1.5e9,"x-amz-id-2":"d29ybGQhISE="}`},
	} {
		f := NewFlattener()
		if compareEncoding(t, f, root, []byte(raws[0])) || !compareEncoding(t, f, root, []byte(raws[1])) {
			t.Errorf("%s: %s does not match %s", root, raws[1], raws[0])
		}
		if compareEncoding(t, f, root, []byte(raws[1][:len(raws[1])-1])) || compareEncoding(t, f, root, []byte(raws[1]+"x")) {
			t.Errorf("%s: what is cut or longer matches", root)
		}
	}
}

// A cell belongs to one encoding: it is empty again for another one.
func TestCell(t *testing.T) {
	f := NewFlattener()
	numbers := map[string]uint32{}
	found := 0
	flatten(f, 1, RootParameters, []byte(`{"name":"0"}`))
	for i := range 200 {
		raw := fmt.Appendf(nil, `{"name":"v%d"}`, i/3%5)
		e, ok := f.Match(1, RootParameters, raw)
		if !ok || e.Cell == nil {
			t.Fatalf("%s does not match", raw)
		}
		text := string(e.Bytes)
		switch {
		case *e.Cell == 0:
			if numbers[text] == 0 {
				numbers[text] = uint32(len(numbers) + 1)
			}
			*e.Cell = numbers[text]
		case *e.Cell != numbers[text]:
			t.Fatalf("%s has the number of another one", raw)
		default:
			found++
		}
	}
	if found < 100 {
		t.Errorf("%d numbers found again", found)
	}
	long := strings.Repeat("x", MaxValue-1)
	for i := range 4 {
		e, ok := f.Match(1, RootParameters, fmt.Appendf(nil, `{"name":"%s%d"}`, long, i%2))
		if !ok || e.Cell != nil {
			t.Errorf("a long encoding is remembered: %v", ok)
		}
	}
}

// Values that no other one fits cost the learning less and less, and no more memory
// than there are ways.
func TestTemplatesInVain(t *testing.T) {
	f := NewFlattener()
	learned := 0
	for i := range 5000 {
		raw := fmt.Appendf(nil, `{"name%d":"x"}`, i)
		before := f.templates.set(1, RootParameters).ways[0]
		compareEncoding(t, f, RootParameters, raw)
		if f.templates.set(1, RootParameters).ways[0] != before {
			learned++
		}
	}
	if learned > 100 {
		t.Errorf("learned %d times in vain", learned)
	}
	long := fmt.Appendf(nil, `{"name":"%s"}`, strings.Repeat("x", templateMost))
	for range 2 {
		if compareEncoding(t, f, RootParameters, long) {
			t.Error("a long value is remembered")
		}
	}
}

func FuzzTemplates(f *testing.F) {
	for _, shape := range shapes {
		raw := fmt.Appendf(nil, shape, `"x"`, `"arn:aws:s3:::b"`)
		f.Add(raw, uint16(len(raw)/2), uint16(len(raw)/2+1), []byte("y"))
	}
	used := NewFlattener()
	f.Fuzz(func(t *testing.T, raw []byte, from, to uint16, text []byte) {
		lo, hi := min(int(from), len(raw)), min(int(to), len(raw))
		other := append(append(bytes.Clone(raw[:min(lo, hi)]), text...), raw[max(lo, hi):]...)
		for _, root := range roots {
			fresh := NewFlattener()
			compareEncoding(t, fresh, root, raw)
			compareEncoding(t, fresh, root, other)
			compareEncoding(t, fresh, root, raw)
			compareEncoding(t, used, root, other)
		}
	})
}

func BenchmarkTemplates(b *testing.B) {
	f, rng := NewFlattener(), rand.New(rand.NewPCG(7, 8))
	var raws [256][]byte
	for i := range raws {
		raws[i] = fmt.Appendf(nil, `{"bucketName":"data-lake-111122223333","key":"raw/2024/02/26/part-%04d.parquet","Host":"data-lake.s3.eu-west-1.amazonaws.com","x-id":"GetObject"}`, rng.IntN(10000))
	}
	n := 0
	b.SetBytes(int64(len(raws[0])))
	b.ReportAllocs()
	for b.Loop() {
		flatten(f, 1, RootParameters, raws[n%len(raws)])
		n++
	}
}

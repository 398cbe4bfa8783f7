package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/iam"
)

const allowS3 = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`

func run(t testing.TB, s Stream, in string) (string, Stats) {
	t.Helper()
	var out bytes.Buffer
	stats, err := s.Run(context.Background(), strings.NewReader(in), &out)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), stats
}

// Any number of workers gives the same answers in the same order.
func TestWorkersKeepTheOrder(t *testing.T) {
	var in, want strings.Builder
	for i := range 5000 {
		action, decision := "s3:GetObject", "allow"
		if i%3 == 0 {
			action, decision = "ec2:RunInstances", "deny"
		}
		fmt.Fprintf(&in, `{"id":%d,"action":"%s","resource":"*","policies":[%s]}`+"\n", i, action, allowS3)
		fmt.Fprintf(&want, `{"id":%d,"decision":"%s"}`+"\n", i, decision)
	}
	for _, workers := range []int{1, 2, 7} {
		got, stats := run(t, Stream{Workers: workers, MaxLine: 1 << 20}, in.String())
		if got != want.String() || stats.Lines != 5000 || stats.Bad != 0 {
			t.Errorf("%d workers: other answers, %+v", workers, stats)
		}
	}
}

// A program can ask one question, read the answer, and ask the next.
func TestAnswersComeWhenNoFurtherLineWaits(t *testing.T) {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	done := make(chan error, 1)
	go func() {
		s := Stream{Workers: 2, MaxLine: 1 << 20}
		_, err := s.Run(context.Background(), inR, outW)
		done <- err
	}()
	for i := range 3 {
		fmt.Fprintf(inW, `{"id":%d,"action":"s3:GetObject","resource":"*"}`+"\n", i)
		buf := make([]byte, 100)
		n, err := outR.Read(buf)
		if want := fmt.Sprintf(`{"id":%d,"decision":"deny"}`+"\n", i); err != nil || string(buf[:n]) != want {
			t.Fatalf("%q, %v", buf[:n], err)
		}
	}
	inW.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	in, _ := io.Pipe() // never says anything
	time.AfterFunc(10*time.Millisecond, cancel)
	s := Stream{Workers: 1, MaxLine: 1 << 20}
	if _, err := s.Run(ctx, in, io.Discard); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestReadAndWriteErrorsEndTheRun(t *testing.T) {
	s := Stream{Workers: 1, MaxLine: 1 << 20}
	broken := errors.New("broken")
	in := io.MultiReader(strings.NewReader(`{"id":1,"action":"s3:GetObject","resource":"*"}`+"\n"), errReader{broken})
	var out bytes.Buffer
	if _, err := s.Run(context.Background(), in, &out); !errors.Is(err, broken) || !strings.Contains(out.String(), `"deny"`) {
		t.Error(err, out.String())
	}
	if _, err := s.Run(context.Background(), strings.NewReader("x\n"), errWriter{broken}); !errors.Is(err, broken) {
		t.Error(err)
	}
}

type errReader struct{ error }

func (e errReader) Read([]byte) (int, error) { return 0, e.error }

type errWriter struct{ error }

func (e errWriter) Write([]byte) (int, error) { return 0, e.error }

// A line beyond the bound is an error of that line, and costs no memory.
func TestLongLines(t *testing.T) {
	in := strings.Repeat("x", 300_000) + "\n" + `{"id":1,"action":"s3:GetObject","resource":"*"}` + "\n" + strings.Repeat(" ", 300_000)
	got, stats := run(t, Stream{Workers: 1, MaxLine: 1000}, in)
	want := `{"id":null,"error":"line 1: longer than 1000 bytes: see --max-line-bytes"}
{"id":1,"decision":"deny"}
{"id":null,"error":"line 3: longer than 1000 bytes: see --max-line-bytes"}
`
	if got != want || stats.Bad != 2 {
		t.Errorf("%s%+v", got, stats)
	}
}

func TestLayersOfALine(t *testing.T) {
	const deny = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
	const line = `{"id":"x","action":"s3:GetObject","resource":"arn:aws:s3:::b/k","principal":"arn:aws:iam::111122223333:user/u","policies":[` + allowS3 + `]%s}`
	for more, want := range map[string]string{
		``:                                 "allow",
		`,"boundary":[` + deny + `]`:       "deny",
		`,"boundary":[` + allowS3 + `]`:    "allow",
		`,"boundary":[]`:                   "deny", // a boundary that allows nothing
		`,"session":` + deny:               "deny",
		`,"scps":[[` + allowS3 + `],[]]`:   "deny", // a level without an Allow
		`,"scps":[[` + allowS3 + `]]`:      "allow",
		`,"account":"444455556666"`:        "deny",
		`,"tag":"t","want":"x"`:            "allow",
		`,"resourcePolicy":null`:           "allow",
		`,"context":{"aws:x":[],"b":null}`: "allow",
	} {
		q, err := Parse(fmt.Appendf(nil, line, more), &Documents{}, Options{})
		if err != nil {
			t.Errorf("%s: %v", more, err)
			continue
		}
		if got := iam.Evaluate(&q.Layers, &q.Request).String(); got != want {
			t.Errorf("%s: got %s, want %s", more, got, want)
		}
	}
}

func TestLinesThatCouldMisleadAreErrors(t *testing.T) {
	const line = `{"id":"x","action":"s3:GetObject","resource":"arn:aws:s3:::b/k"%s}`
	for more, want := range map[string]string{
		`,"Action":"x"`:            "unknown member",
		`,"policies":{}`:           "want a list",
		`,"policies":[[]]`:         "want a policy document",
		`,"policies":["{}"]`:       "want a policy document",
		`,"session":[]`:            "want a policy document",
		`,"scps":[{}]`:             "want a list of levels",
		`,"scps":{}`:               "want a list of levels",
		`,"context":[]`:            "want an object",
		`,"context":{"a":{}}`:      `key "a"`,
		`,"context":{"a":[null]}`:  "value 0",
		`,"context":{"a":[["x"]]}`: "value 0",
		`,"principal":7`:           "want a string",
		`,"principal":"arn:aws"`:   "is not an ARN",
		`,"id":"y"`:                "comes twice",
		`,"nosuch":null`:           "unknown member",
		`,"policies":[{"Statement":[{"Effect":"Allow","Action":"s3:*"}]}]`:                               "neither Resource nor NotResource",
		`,"policies":[{"Statement":[{"Effect":"Allow","Action":"s3:*","Action":"x:*","Resource":"*"}]}]`: "comes twice",
		`,"policies":[{"Statement":[{"Effect":"Allow","action":"s3:*","Resource":"*"}]}]`:                "unknown case",
	} {
		q, err := Parse(fmt.Appendf(nil, line, more), &Documents{}, Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", more, err, want)
		}
		if string(q.ID) != `"x"` {
			t.Errorf("%s: id %s", more, q.ID)
		}
	}
}

// Documents gives what compiling anew gives, and stays within its bound.
func TestDocumentsRemembersWithinABound(t *testing.T) {
	d := &Documents{}
	first, err := d.Set([]byte(allowS3), false)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := d.Set([]byte(allowS3), false); again != first {
		t.Error("the same text was compiled twice")
	}
	trust := []byte(`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}`)
	if _, err := d.Set(trust, true); err != nil {
		t.Error(err)
	}
	if _, err := d.Set(trust, false); err == nil {
		t.Error("an identity policy without Resource was taken for a trust policy that was seen before")
	}
	pad := strings.Repeat(" ", 4000)
	for i := range 5000 {
		text := fmt.Appendf(nil, `{"Statement":[{"Sid":"s%d","Effect":"Deny","Action":"*","Resource":"*"}]%s}`, i, pad)
		if _, err := d.Set(text, false); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(d.young) + len(d.old); n > maxRemembered/4000 || n < 500 {
		t.Errorf("%d sets are remembered", n)
	}
}

// shared finds a file of the development material, or skips the test.
func shared(t testing.TB, name string) []byte {
	t.Helper()
	root := os.Getenv("TIGHTEN_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Skipf("development material %s is not here: set TIGHTEN_SHARED to its folder", name)
	}
	return data
}

func TestGoldenLines(t *testing.T) {
	data := shared(t, "golden/policy-decisions.ndjson")
	out, stats := run(t, Stream{Options: Options{Expect: true}, Workers: 2, MaxLine: 1 << 20}, string(data))
	if stats.Lines != 2327 || stats.Bad != 0 || stats.Differ != 0 {
		t.Errorf("%+v", stats)
	}
	if n := strings.Count(out, "\n"); n != 2327 {
		t.Errorf("%d answers", n)
	}
}

// The walker agrees with encoding/json on every line of hostile text.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"id":"a","action":"s3:GetObject","resource":"*","policies":[` + allowS3 + `],"context":{"a":["x",1],"b":null,"c":true}}`))
	f.Add([]byte(`{"id":{"x":"}"},"scps":[[` + allowS3 + `],[]],"action":"\u0073:\"x"}`))
	f.Add([]byte(`{"id":1,"id":2}`))
	f.Add([]byte("{\"id\":1,\"action\":\"\xff\"}"))
	f.Add([]byte(`[{"id":1}]`))
	f.Fuzz(func(t *testing.T, line []byte) {
		q, err := Parse(line, &Documents{}, Options{PartialContext: len(line)%2 == 0})
		if !json.Valid(q.ID) {
			t.Fatalf("id %q", q.ID)
		}
		if check(line) == nil {
			compareMembers(t, line)
		}
		if err == nil {
			iam.Evaluate(&q.Layers, &q.Request)
		}
		var b batch
		b.fail(q, 1, fmt.Errorf("%s", line))
		if !json.Valid(b.out.Bytes()) || bytes.Count(b.out.Bytes(), []byte("\n")) != 1 {
			t.Fatalf("no line of JSON: %q", b.out.Bytes())
		}
	})
}

func compareMembers(t *testing.T, line []byte) {
	var want map[string]json.RawMessage
	got := map[string]json.RawMessage{}
	err := members(line, func(name string, v json.RawMessage) error { got[name] = v; return nil })
	if err != nil || json.Unmarshal(line, &want) != nil {
		return
	}
	if len(got) != len(want) {
		t.Fatalf("members %q, want %q", got, want)
	}
	for k, v := range want {
		if !bytes.Equal(got[k], v) {
			t.Fatalf("%q: %q, want %q", k, got[k], v)
		}
		if v[0] == '[' {
			var list []json.RawMessage
			if json.Unmarshal(v, &list) == nil && len(list) != len(elements(v)) {
				t.Fatalf("%q: %d elements, want %d", v, len(elements(v)), len(list))
			}
		}
	}
}

func BenchmarkLines(b *testing.B) {
	data := shared(b, "golden/policy-decisions.ndjson")
	s := Stream{Workers: 1, MaxLine: 1 << 20}
	for range b.N {
		if _, err := s.Run(context.Background(), bytes.NewReader(data), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*2327/b.Elapsed().Seconds(), "lines/s")
}

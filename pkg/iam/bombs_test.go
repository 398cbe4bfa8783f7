package iam_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// What hostile input may cost, whatever it is: 2 s for Includes on a machine of its
// own. Tests share theirs with others, so that the time is generous.
const (
	mostTime   = 5 * time.Second
	mostMemory = 256 << 20 // of heap, garbage included
)

// bounded runs f and reports what it took, time and the peak of the heap over
// what was there before.
func bounded(t *testing.T, f func()) {
	t.Helper()
	runtime.GC()
	before := heap()
	stop, peak := make(chan struct{}), make(chan uint64)
	go func() {
		most := uint64(0)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				most = max(most, heap())
			case <-stop:
				peak <- max(most, heap())
				return
			}
		}
	}()
	start := time.Now()
	f()
	took := time.Since(start)
	close(stop)
	used := max(<-peak, before) - before
	t.Logf("%v, %d MB", took.Round(time.Millisecond), used>>20)
	if took > mostTime {
		t.Errorf("took %v", took)
	}
	if used > mostMemory {
		t.Errorf("took %d MB of memory", used>>20)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// many joins n copies of a text, %d in it counted.
func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		if strings.Contains(format, "%") {
			fmt.Fprintf(&b, format, i)
		} else {
			b.WriteString(format)
		}
	}
	return b.String()
}

// statement writes a document of one statement.
func statement(members string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` + members + `}]}`
}

const anything = `"Action":"*","Resource":"*"`

func TestParseEndsOnBombs(t *testing.T) {
	text := func(n int, s string) func() string { return func() string { return strings.Repeat(s, n) } }
	for _, c := range []struct {
		name  string
		text  func() string
		fails string // "" for documents that parse
	}{
		{"a million lists", text(1e6, "["), "not valid JSON"},
		{"a million lists, closed", func() string { return strings.Repeat("[", 1e6) + strings.Repeat("]", 1e6) }, "larger than"},
		{"lists, closed", func() string { return strings.Repeat("[", 5e5) + strings.Repeat("]", 5e5) }, "not valid JSON"},
		{"nine thousand lists", func() string { return `{"x":` + strings.Repeat("[", 9e3) + strings.Repeat("]", 9e3) + "}" }, "nest deeper"},
		{"nested objects", func() string { return strings.Repeat(`{"a":`, 9e3) + "0" + strings.Repeat("}", 9e3) }, "nest deeper"},
		{"nested conditions", func() string {
			return statement(anything + `,"Condition":` + strings.Repeat(`{"a":`, 50) + "0" + strings.Repeat("}", 50))
		}, "Condition/a/a"},
		{"100 MB of text", func() string { return `{"Id":"` + strings.Repeat("a", 100<<20) + `"}` }, "larger than"},
		{"a long text", func() string { return `{"Id":"` + strings.Repeat("a", 1<<20-100) + `"}` }, ""},
		{"escapes", func() string { return `{"Id":"` + strings.Repeat(`\u0041`, 170e3) + `"}` }, ""},
		{"a million statements", func() string { return `{"Statement":[` + many(1e6, `{}`) + "]}" }, "larger than"},
		{"too many statements", func() string { return `{"Statement":[` + many(3e5, `{}`) + "]}" }, "values"},
		{"many statements", func() string { return `{"Statement":[` + many(6e4, `{}`) + "]}" }, ""},
		{"many small values", func() string { return `{"x":[` + many(5e5, `0`) + "]}" }, "values"},
		{"many keys", func() string { return `{` + many(6e4, `"%d":0`) + "}" }, ""},
		{"one key, often", func() string { return `{"Statement":{` + many(6e4, `"Sid":""`) + "}}" }, ""},
		{"one long key, often", func() string { return `{"` + strings.Repeat("k", 5e5) + `":` + strings.Repeat("{", 0) + "0}" }, ""},
		{"many operators", func() string { return statement(anything + `,"Condition":{` + many(3e4, `"Op%d":{"k":""}`) + "}") }, ""},
		{"one Sid, often", func() string { return `{"Statement":[` + many(3e4, `{"Sid":"A"}`) + "]}" }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := []byte(c.text())
			bounded(t, func() {
				d, err := iam.Parse(data)
				switch {
				case c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)):
					t.Errorf("want error %q, got %v", c.fails, err)
				case c.fails == "" && err != nil:
					t.Error(err)
				case err != nil && len(err.Error()) > 2000:
					t.Errorf("an error of %d bytes", len(err.Error()))
				case err == nil:
					handle(d)
				}
			})
		})
	}
}

// handle does with a document whatever needs no other one.
func handle(d *iam.Document) {
	e := d.Clone()
	for i := range e.Statements {
		s := &e.Statements[i]
		s.EqualIgnoringSid(&d.Statements[i])
		s.Sid = "changed"
		s.Action = append(s.Action, "a:b")
		s.Condition = append(s.Condition, iam.ConditionBlock{Operator: "Null", Clauses: []iam.Clause{{Key: "k", Values: []string{"true"}}}})
	}
	e.Format()
	e.OverQuota()
	for _, n := range d.Notes() {
		d.Locate(n.Path)
	}
}

// hostile lists policies that are costly to look at, as pairs.
func hostile() []struct{ name, outer, inner string } {
	r := strings.Repeat
	action := func(s string) string { return `"Action":[` + s + `],"Resource":"*"` }
	resource := func(s string) string { return `"Action":"*","Resource":[` + s + `]` }
	where := func(op, s string) string {
		return anything + `,"Condition":{"` + op + `":{` + s + `}}`
	}
	return []struct{ name, outer, inner string }{
		{"stars in actions", statement(action(`"s3:` + r("*a", 5000) + `"`)), statement(action(`"s3:` + r("*a*b", 2500) + `"`))},
		{"stars in resources", statement(resource(`"` + r("*a", 5e4) + `*"`)), statement(resource(`"` + r("a*", 5e4) + `b"`))},
		{"stars and marks", statement(resource(`"` + r("*a?", 3e4) + `"`)), statement(resource(`"` + r("?*a", 3e4) + `"`))},
		{"marks", statement(resource(`"` + r("?", 1e5) + `*"`)), statement(resource(`"` + r("?", 1e5) + `"`))},
		{"marks after a star", statement(resource(`"*a` + r("?", 1e3) + `"`)), statement(resource(`"*` + r("?", 900) + `"`))},
		{"many stars", statement(resource(many(2000, `"*a%d*b*c*"`))), statement(resource(many(2000, `"*a*b%d*c*"`)))},
		{"many ARN patterns", statement(resource(many(8000, `"arn:*:s?:*:*:b*%d*"`))), statement(resource(many(8000, `"arn:aws:s*:*:*:b?%d*"`)))},
		{"many NotResources", statement(`"Action":"*","NotResource":[` + many(3000, `"arn:*:*:*:*:b*%d*"`) + `]`),
			statement(`"Action":"*","NotResource":[` + many(3000, `"arn:*:*:*:*:?b*%d"`) + `]`)},
		{"many actions", statement(action(many(2e4, `"s*%d:*a"`))), statement(action(many(2e4, `"s?*%d:*b*"`)))},
		{"many NotActions", statement(`"Resource":"*","NotAction":[` + many(2e4, `"s*%d:*a"`) + `]`), statement(`"Resource":"*","NotAction":[` + many(2e4, `"*%d:a*"`) + `]`)},
		{"many clauses", statement(where("StringEquals", many(2e4, `"k%d":"a"`))), statement(where("StringLike", many(2e4, `"k%d":"a*"`)))},
		{"many clauses of one key", statement(anything + `,"Condition":{` + many(5000, `"Op%d":{"k":"a"}`) + `}`), statement(anything + `,"Condition":{` + many(5000, `"op%d":{"k":["a","b"]}`) + `}`)},
		{"many values", statement(where("StringLike", `"k":[`+many(5e4, `"a%d*"`)+`]`)), statement(where("StringLike", `"k":[`+many(5e4, `"?%d"`)+`]`))},
		{"many values to exclude", statement(where("StringNotLike", `"k":[`+many(5e4, `"a%d*"`)+`]`)), statement(where("StringLike", `"k":[`+many(5e4, `"b%d*c"`)+`]`))},
		{"many blocks", statement(where("IpAddress", `"k":[`+many(4e4, `"10.0.0.%d/8"`)+`]`)), statement(where("IpAddress", `"k":[`+many(4e4, `"11.1.0.0/%d"`)+`]`))},
		{"many addresses", statement(where("NotIpAddress", `"k":[`+addresses(4e4)+`]`)), statement(where("IpAddress", `"k":[`+addresses(4e4)+`]`))},
		{"many numbers", statement(where("NumericEquals", `"k":[`+many(4e4, `%d.5`)+`]`)), statement(where("NumericEquals", `"k":[`+many(4e4, `%de9`)+`]`))},
		{"big numbers", statement(where("NumericLessThan", `"k":[`+many(1e4, `1e99`)+`]`)), statement(where("NumericLessThan", `"k":["1e999999999","`+r("9", 1e5)+`"]`))},
		{"long values", statement(where("StringLike", `"k":"`+r("*a", 1e5)+`"`)), statement(where("StringLike", `"k":"`+r("a*", 1e5)+`b"`))},
		{"splits of conditions", splits(18), statement(anything)},
		{"splits over two keys", splits(60), splits(61)},
		{"split Denies", `{"Statement":[{"Effect":"Allow",` + anything + `},` + many(3000, `{"Effect":"Deny","Action":"a%d*:*","Resource":"*","Condition":{"Bool":{"k":"true"}}}`) + `]}`,
			`{"Statement":[{"Effect":"Allow",` + anything + `},` + many(3000, `{"Effect":"Deny","Action":"*%d:*","Resource":"*","Condition":{"Bool":{"k":"false"}}}`) + `]}`},
		{"Deny on patterns", `{"Statement":[{"Effect":"Allow",` + anything + `},` + many(400, `{"Effect":"Deny","Action":"*a%d*","Resource":"arn:*:*a%[1]d*"}`) + `]}`,
			`{"Statement":[{"Effect":"Allow","Action":["*b*","*a*"],"Resource":["*a*","*b*"]},` + many(400, `{"Effect":"Deny","Action":"*a%d*","Resource":"arn:*:*:*a%[1]d"}`) + `]}`},
		{"many statements", `{"Statement":[` + many(1e4, `{"Effect":"Allow","Action":"s3:*","Resource":"arn:*:s3:::b*%d*"}`) + `]}`,
			`{"Statement":[` + many(1e4, `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b?%d*"}`) + `]}`},
		{"open variables", statement(resource(`"` + r("${", 3e5) + `"`)), statement(resource(`"` + r("${", 3e5) + r("}", 3e5) + `"`))},
		{"many variables", statement(resource(`"` + r("${a}*", 1e5) + `"`)), statement(resource(`"` + r("${a}", 1e5) + `"`))},
		{"different variables", statement(resource(many(2e4, `"arn:${v%d}:*"`))), statement(resource(many(2e4, `"arn:aws:${v%d}*"`)))},
		{"variables in conditions", statement(where("StringLike", `"k":[`+many(2e4, `"${v%d}*a"`)+`]`)), statement(where("StringLike", `"k":[`+many(2e4, `"${v%d}"`)+`]`))},
		{"principals", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":[` + many(2e4, `"arn:aws:iam::%012d:root"`) + `]},"Action":"*","Resource":"*"}]}`,
			`{"Statement":[{"Effect":"Allow","Principal":{"AWS":[` + many(2e4, `"%012d"`) + `]},"Action":"*","Resource":"*"}]}`},
		{"many principals", `{"Statement":[` + many(5000, `{"Effect":"Allow","Principal":{"AWS":"%012d"},"Action":"*","Resource":"*"}`) + `]}`,
			`{"Statement":[` + many(5000, `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%012d:root"},"Action":"a:*","Resource":"*"}`) + `]}`},
	}
}

func addresses(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"10.%d.%d.0/24"`, i>>8, i&255)
	}
	return b.String()
}

// splits makes statements that only together allow everything: 2^n cases of
// conditions.
func splits(n int) string {
	return `{"Version":"2012-10-17","Statement":[` +
		many(n, `{"Effect":"Allow",`+anything+`,"Condition":{"StringLike":{"k%d":"*a*"},"StringNotLike":{"l%[1]d":"b*"}}}`) + `,` +
		many(n, `{"Effect":"Allow",`+anything+`,"Condition":{"StringNotLike":{"k%d":"*a*"},"StringLike":{"l%[1]d":"b*"}}}`) + `]}`
}

func parsed(t testing.TB, text string) *iam.Document {
	t.Helper()
	d, err := iam.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Evaluation has no budget: it takes time in proportion to policy and request.
func TestEvaluationEndsOnBombs(t *testing.T) {
	values := map[string][]string{"k": {strings.Repeat("a", 2000)}, "a": {strings.Repeat("a", 2000)}}
	for i := range 1000 {
		values["list"] = append(values["list"], fmt.Sprint(i))
	}
	for _, c := range hostile() {
		t.Run(c.name, func(t *testing.T) {
			outer, inner := parsed(t, c.outer), parsed(t, c.inner)
			bounded(t, func() {
				a, err1 := iam.Compile(outer)
				b, err2 := iam.Compile(inner)
				if err1 != nil || err2 != nil {
					t.Fatal(err1, err2)
				}
				for _, partial := range []bool{false, true} {
					q := iam.Request{Action: "s3:" + strings.Repeat("a", 200), Resource: "arn:aws:s3:::" + strings.Repeat("a", 2000),
						Principal: "arn:aws:iam::111122223333:role/r", Context: iam.Context{Values: values, Partial: partial}}
					iam.Evaluate(&iam.Layers{Identity: a, Boundary: b, Resource: a, SCPs: []*iam.Set{b}}, &q)
					a.Decide(&q)
					b.Matches(nil, &q)
				}
			})
		})
	}
}

func TestMatchingEndsOnBombs(t *testing.T) {
	for _, p := range [][2]string{
		{strings.Repeat("*a", 1e5), strings.Repeat("a*", 1e5) + "b"},
		{strings.Repeat("?", 1e5) + "*", strings.Repeat("?", 1e5)},
		{strings.Repeat("*a?", 1e3), strings.Repeat("?a*", 1e3)},
		{"*a" + strings.Repeat("?", 1000), "*" + strings.Repeat("?", 900)},
		{"arn:*:*:*:*:" + strings.Repeat("*a", 1e4), "arn:*:*:*:*:" + strings.Repeat("*b", 1e4)},
		{strings.Repeat("*a", 1e4), strings.Repeat("a", 1e4)},
		{strings.Repeat("${", 1e5), strings.Repeat("${", 1e5) + "*"},
	} {
		bounded(t, func() {
			iam.MatchAction(p[0], p[1])
			iam.MatchResource(p[0], p[1])
			iam.MatchAction("s3:"+p[0], "s3:"+p[1])
		})
	}
	var many iam.Conditions
	for range 2000 {
		many = append(many, iam.ConditionBlock{Operator: "StringLike", Clauses: []iam.Clause{{Key: "k", Values: []string{"*a*b*", "*c*"}}}})
	}
	bounded(t, func() { iam.ConditionsImply(many, many, false, true) })
}

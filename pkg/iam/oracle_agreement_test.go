package iam

import (
	"encoding/json"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"
)

// draw makes random policies and requests of words that are close to each other.
type draw struct{ *rand.Rand }

func (r draw) of(words ...string) string { return words[r.Intn(len(words))] }

func (r draw) some(words ...string) (out []string) {
	for range 1 + r.Intn(2) {
		out = append(out, r.of(words...))
	}
	return out
}

// family is a kind of condition operators with a key, and values of policy and
// request, malformed ones among them.
type family struct {
	operators, key  string
	policy, request []string
}

func families() []family {
	dates := []string{"2026-01-01", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59.999Z", "1767225600", "1767225600000", "2026", "2026-01",
		"2026-01-01T01:00+01:00", "2026-01-01T00:00:00", "2026-13-01", "soon", "-1"}
	numbers := []string{"10", "10.0", "1e1", "010", "-1", "9.99", ".5", "ten", "1e", ""}
	addresses := []string{"203.0.113.5", "203.0.113.0/24", "0.0.0.0/0", "::/0", "2001:db8::/32", "2001:db8:0::1", "10.1.2.3/8", "10.0.0.0/33", "host"}
	arns := []string{"arn:aws:sns:*:*:t*", "arn:aws:sns:us-*-1:1:*", "arn:aws:s3:::b", "arn:*", "*", "arn:aws:sns:us-east-1:1:${aws:username}", "arn:aws:sns:us-????-1:1:T", "arn:aws:*:*:*:*"}
	order := "Equals NotEquals LessThan LessThanEquals GreaterThan GreaterThanEquals"
	return []family{
		{"StringEquals StringNotEquals StringLike StringNotLike StringEqualsIgnoreCase StringNotEqualsIgnoreCase", "aws:PrincipalTag/Team",
			[]string{"red", "RED", "r*", "r?d", "", "*", "${*}", "${aws:username}", "${aws:TagKeys}", "${aws:x, 'red'}", "${aws:username,'n'}", "a.b", "${aws:username"},
			[]string{"red", "Red", "rxd", "", "*", "al*ce", "Bob", "a.b", "axb", "n", "${aws:username}"}},
		{"Numeric: " + order, "s3:max-keys", numbers, append(numbers, "11", " 10 ")},
		{"Date: " + order, "aws:CurrentTime", dates, append(dates, "2030-01-01T00:00:00+02:00")},
		{"Bool", "aws:SecureTransport", []string{"true", "TRUE", "false", "yes", "${aws:username}"}, []string{"true", "True", "false", "yes", ""}},
		{"BinaryEquals", "svc:bin", []string{"QUJD", "QUJE", "QUJ", ""}, []string{"QUJD", "QUJE", "%", ""}},
		{"IpAddress NotIpAddress", "aws:SourceIp", addresses, []string{"203.0.113.5", "203.0.114.5", "2001:db8::1", "2001:0db8:0:0:0:0:0:1", "::ffff:10.1.2.3", "10.9.9.9", "10.0.0", ""}},
		{"ArnEquals ArnNotEquals ArnLike ArnNotLike", "aws:SourceArn", arns, []string{"arn:aws:s3:::b", "arn:aws:sns:us-east-1:1:t", "arn:aws:sns:us-west-1:1:t:x", "arn:aws:sns:us-east-1:1:al*ce", "arn:aws:sns:us-a:b-1:1:t", "t"}},
		{"Null", "aws:TagKeys", []string{"true", "false", "no"}, []string{"a", ""}},
	}
}

func (r draw) operator(f family) string {
	words := strings.Fields(f.operators)
	if kind, isOrder := strings.CutSuffix(words[0], ":"); isOrder {
		return r.qualified(kind + r.of(words[1:]...))
	}
	if words[0] == "Null" {
		return "Null"
	}
	return r.qualified(r.of(words...))
}

func (r draw) qualified(op string) string {
	return r.of("", "", "ForAllValues:", "ForAnyValue:") + op + r.of("", "IfExists")
}

func (r draw) condition(all []family) Conditions {
	var out Conditions
	for range r.Intn(3) {
		f := all[r.Intn(len(all))]
		out = append(out, ConditionBlock{r.operator(f), []Clause{{f.key, r.some(f.policy...)}}})
	}
	return out
}

func (r draw) context(all []family, c *Context) {
	c.Values, c.Lists = map[string][]string{}, map[string]bool{}
	for _, f := range append(all, family{key: "aws:username", request: []string{"Bob", "al*ce", "a:b", "${*}"}}) {
		key := strings.ToLower(f.key)
		switch r.Intn(6) {
		case 0:
			c.Values[key], c.Lists[key] = []string{}, true
		case 1:
			c.Values[key], c.Lists[key] = r.some(f.request...), true
		case 2, 3, 4:
			c.Values[key] = []string{r.of(f.request...)}
		}
	}
}

func (r draw) resource() string {
	return r.of("arn:aws:s3:::b/k", "arn:aws:s3:::b/Bob/x", "arn:aws:s3:::b/*", "arn:aws:s3:::b/al*ce/x", "arn:aws:sqs:us-east-1:1:jobs-:secret-", "arn:aws:sqs:eu-west-1:1:q",
		"arn:aws:lambda:us-east-1:1:function:f:PROD", "*", "", "b", "arn:aws:s3:::b/é")
}

func (r draw) pattern() string {
	p := r.of("*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/${aws:x, 'k'}", "arn:aws:s3:::b/${*}", "arn:aws:sqs:*:*:secret-*", "arn:aws:*:q",
		"arn:aws:s3", "arn:aws:s3*", "arn:*:b/?", "arn:aws:??:::b/k", "arn:aws:lambda:us-*:?:function:*", "a*", "?", "", "arn:aws:*", "arn:aws:sqs:*${aws:username}*:q", "arn:${aws:TagKeys}*", r.resource())
	if p != "" && r.Intn(4) == 0 {
		i := r.Intn(len(p))
		p = strings.ToValidUTF8(p[:i]+r.of("*", "?", ":", "k")+p[i+1:], "")
	}
	return p
}

func (r draw) actions() []string {
	return r.some("*", "s3:*", "s3:Get*", "S3:getobject", "s3:GetObject", "s3:?etObject", "s3:Put*", "sqs:*", "*:GetObject", "s3:GetObject?", "kms:*")
}

// principals that the oracle knows, and how resource policies name them.
func (r draw) principal() string {
	return r.of("arn:aws:iam::111122223333:user/u", "arn:aws:iam::111122223333:role/App", "arn:aws:sts::111122223333:assumed-role/App/s1")
}

func (r draw) naming() *Principals {
	if r.Intn(5) == 0 {
		return &Principals{Any: true}
	}
	return &Principals{ByKind: map[string][]string{"AWS": r.some("*", "111122223333", "444455556666", "arn:aws:iam::111122223333:root",
		"arn:aws:iam::111122223333:user/u", "arn:aws:iam::111122223333:user/v", "arn:aws:iam::111122223333:role/App", "arn:aws:sts::111122223333:assumed-role/App/s1",
		"arn:aws:sts::111122223333:assumed-role/App/s2")}}
}

func (r draw) document(all []family, named bool) *Document {
	d := &Document{Version: r.of(CurrentVersion, CurrentVersion, CurrentVersion, "2008-10-17", "")}
	for range 1 + r.Intn(2) {
		s := Statement{Effect: Effect(r.of("Allow", "Allow", "Deny")), Condition: r.condition(all)}
		if r.Intn(5) == 0 {
			s.NotAction = r.actions()
		} else {
			s.Action = r.actions()
		}
		switch r.Intn(8) {
		case 0:
		case 1, 2:
			s.NotResource = r.some(r.pattern(), r.pattern())
		default:
			s.Resource = r.some(r.pattern(), r.pattern())
		}
		if named {
			s.Principal = r.naming()
		}
		d.Statements = append(d.Statements, s)
	}
	return d
}

// layersFor draws policies of every layer, most of them absent.
func (r draw) layersFor(all []family) *oracleLayers {
	set := func(named bool) (out []*Document) {
		for range 1 + r.Intn(2) {
			out = append(out, r.document(all, named))
		}
		return out
	}
	l := &oracleLayers{identity: set(false)}
	for _, layer := range []*[]*Document{&l.boundary, &l.session} {
		if r.Intn(5) == 0 {
			*layer = set(false)
		}
	}
	if r.Intn(2) == 0 {
		l.resource = set(true)
	}
	if r.Intn(8) == 0 {
		l.endpoints = set(true)
	}
	for range max(0, r.Intn(8)-5) {
		l.scps = append(l.scps, set(false))
	}
	for range max(0, r.Intn(8)-6) {
		l.rcps = append(l.rcps, set(false))
	}
	return l
}

func (l *oracleLayers) compile(t testing.TB) *Layers {
	set := func(docs []*Document) *Set {
		if docs == nil {
			return nil
		}
		s, err := Compile(docs...)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	out := &Layers{Identity: set(l.identity), Boundary: set(l.boundary), Session: set(l.session), Resource: set(l.resource), Endpoints: set(l.endpoints)}
	for _, level := range l.scps {
		out.SCPs = append(out.SCPs, set(level))
	}
	for _, level := range l.rcps {
		out.RCPs = append(out.RCPs, set(level))
	}
	return out
}

// consult asks the oracle under every reading and setting: Allowed or Denied where
// all agree, else Unknown.
func consult(l *oracleLayers, q *Request) Decision {
	yes, asked := 0, 0
	for _, reading := range []reading{wideReading, tailReading, narrowReading} {
		consulted := 0
		for k := 0; k <= allSwitches; k++ {
			if k&^consulted != 0 {
				continue // like a setting that was asked already
			}
			n := &oracle{reading: reading, context: q.Context.Values, lists: q.Context.Lists, setting: k}
			asked++
			if n.decide(l, q) {
				yes++
			}
			if more := consulted | n.consulted; more != consulted {
				consulted, k = more, 0
			}
		}
	}
	switch yes {
	case asked:
		return Allowed
	case 0:
		return Denied
	}
	return Unknown
}

func (r draw) request(all []family) *Request {
	q := &Request{Action: r.of("s3:GetObject", "s3:PutObject", "S3:GETOBJECT", "sqs:SendMessage", "sts:getcalleridentity"), Resource: r.resource(),
		Principal: r.principal(), Account: r.of("111122223333", "111122223333", "111122223333", "444455556666")}
	r.context(all, &q.Context)
	return q
}

func describe(l *oracleLayers, q *Request) string {
	raw, _ := json.Marshal(struct {
		Q                                                *Request
		Identity, Boundary, Session, Resource, Endpoints []*Document
		SCPs, RCPs                                       [][]*Document
	}{q, l.identity, l.boundary, l.session, l.resource, l.endpoints, l.scps, l.rcps})
	return string(raw)
}

// Where everything of the request is known, Evaluate is the oracle's answer. It
// may be unknown beside it only where no statement by itself is uncertain but
// their combination is not (x or not x).
func TestEvaluateAgreesWithThePlainEvaluator(t *testing.T) {
	r, all := draw{rand.New(rand.NewSource(7))}, families()
	var counts [3]int
	vague := 0
	sets := rounds(10_000)
	if testing.Short() {
		sets /= 5
	}
	for i := range sets {
		l := r.layersFor(all)
		compiled := l.compile(t)
		for range 10 {
			q := r.request(all)
			got, want := Evaluate(compiled, q), consult(l, q)
			counts[got]++
			if got == Unknown && want != Unknown {
				vague++
			} else if got != want {
				t.Fatalf("round %d: got %v, want %v: %s", i, got, want, describe(l, q))
			}
			checkPartial(t, r, l, compiled, q, want)
		}
	}
	total := counts[Allowed] + counts[Denied] + counts[Unknown]
	if vague*200 > total || slices.Min(counts[:])*100 < total {
		t.Errorf("of %d: %v, %d vague", total, counts, vague)
	}
	t.Logf("%d requests, deny/allow/unknown %v, %d vague", total, counts, vague)
}

// checkPartial forgets some keys: the answer has to be the full one, or unknown.
func checkPartial(t *testing.T, r draw, l *oracleLayers, compiled *Layers, q *Request, want Decision) {
	part := *q
	part.Context = Context{Values: maps.Clone(q.Context.Values), Lists: q.Context.Lists, Partial: true}
	for _, f := range append(families(), family{key: "aws:username"}, family{key: "aws:x"}) {
		key := strings.ToLower(f.key)
		if _, there := part.Context.Values[key]; r.Intn(2) == 0 {
			delete(part.Context.Values, key)
		} else if !there {
			part.Context.Values[key] = nil
		}
	}
	if got := Evaluate(compiled, &part); got != Unknown && got != want {
		t.Fatalf("with %q alone: %v, with all %v: %s", slices.Sorted(maps.Keys(part.Context.Values)), got, want, describe(l, q))
	}
}

// FuzzEvaluate lets the fuzzer write an identity policy, a boundary and a request.
func FuzzEvaluate(f *testing.F) {
	r, all := draw{rand.New(rand.NewSource(3))}, families()
	for range 40 {
		q := r.request(all)
		raw, _ := json.Marshal(q.Context.Values)
		f.Add(statementsText(r.document(all, false)), statementsText(r.document(all, false)), r.of("2012-10-17", "2008-10-17"), q.Action, q.Resource, string(raw))
	}
	f.Fuzz(func(t *testing.T, identity, boundary, version, action, resource, context string) {
		l := &oracleLayers{}
		for text, layer := range map[string]*[]*Document{identity: &l.identity, boundary: &l.boundary} {
			d, err := Parse([]byte(`{"Version":` + quote(version) + `,"Statement":[` + text + `]}`))
			if err != nil || !withinOracle(d) {
				return
			}
			*layer = []*Document{d}
		}
		q := &Request{Action: action, Resource: resource, Principal: "arn:aws:iam::111122223333:user/u", Account: "111122223333"}
		if len(resource) > 60 || !validText(resource) || json.Unmarshal([]byte(context), &q.Context.Values) != nil {
			return
		}
		for k, v := range q.Context.Values {
			if strings.ToLower(k) != k || len(strings.Join(v, "")) > 60 || v == nil {
				return
			}
		}
		if _, err := Compile(append(l.identity, l.boundary...)...); err != nil {
			return
		}
		if got, want := Evaluate(l.compile(t), q), consult(l, q); got != want && got != Unknown {
			t.Fatalf("got %v, want %v: %s", got, want, describe(l, q))
		}
	})
}

// withinOracle leaves out what the oracle would take too long for, operators that
// nobody documents, and text whose case or date form libraries see differently.
func withinOracle(d *Document) bool {
	for _, s := range d.Statements {
		texts := slices.Concat(s.Action, s.NotAction, s.Resource, s.NotResource)
		for _, b := range s.Condition {
			if parseOperator(b.Operator).operand == unknownOperand || strings.Contains(b.Operator, ":") != (parseOperator(b.Operator).qualifier != plain) {
				return false
			}
			for _, c := range b.Clauses {
				texts = append(append(texts, c.Key), c.Values...)
			}
		}
		for _, text := range texts {
			if len(text) > 60 || strings.Count(text, "*") > 4 || strings.ToLower(text) != lowerASCII(text) {
				return false
			}
		}
	}
	return len(d.Statements) < 5
}

// Each reading of colons by itself: a decision shows the tail reading only where
// it differs from both others.
func TestReadingsAgreeWithThePlainEvaluator(t *testing.T) {
	r, all := draw{rand.New(rand.NewSource(11))}, families()
	differ := 0
	for range rounds(30_000) {
		q := r.request(all)
		text, arn := r.of(r.pattern(), "arn:aws:sqs:?:?:q", "arn:aws:sqs:*:q", "arn:aws:sqs:?*:q", "arn:aws:s3:?:b/k", "arn:aws:s3:*b/k"), r.resource()
		got := newPattern(text, false).matchIn(arn, &q.Context)
		var want reading
		for _, reading := range []reading{wideReading, tailReading, narrowReading} {
			o := &oracle{reading: reading, context: q.Context.Values, lists: q.Context.Lists}
			if g, ok := o.resolve(text, true, true); ok && o.resource(text, g, arn) {
				want |= reading
			}
		}
		if got != (verdict{want, want}) {
			t.Fatalf("%q on %q: %+v, want %03b", text, arn, got, want)
		}
		if want != 0 && want != everyReading {
			differ++
		}
	}
	if differ < 100 {
		t.Errorf("readings differ %d times", differ)
	}
}

package iam

import (
	"reflect"
	"testing"
)

func compileText(t testing.TB, statements ...string) *Set {
	t.Helper()
	s, err := Compile(policy(t, statements...)...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const allowAll = `{"Effect":"Allow","Action":"*","Resource":"*"}`

func TestEvaluateBeyondTheGoldenCases(t *testing.T) {
	const (
		session = "arn:aws:sts::111122223333:assumed-role/App/s1"
		key     = "arn:aws:kms:us-east-1:111122223333:key/1"
		role    = "arn:aws:iam::111122223333:role/x/Target"
	)
	grant := func(principal, action string) *Set {
		return compileText(t, `{"Effect":"Allow","Principal":`+principal+`,"Action":"`+action+`","Resource":"*"}`)
	}
	all := compileText(t, allowAll)
	none := compileText(t, `{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`)
	denySCP := compileText(t, `{"Effect":"Deny","Action":"*","Resource":"*"}`)
	root := `{"AWS":"arn:aws:iam::111122223333:root"}`
	for _, c := range []struct {
		name string
		l    Layers
		q    Request
		want Decision
	}{
		{"GetCallerIdentity cannot be denied", Layers{Identity: denySCP, SCPs: []*Set{denySCP}}, Request{Action: "sts:GetCallerIdentity", Principal: session}, Allowed},
		{"key policy is needed", Layers{Identity: all, Resource: grant(`{"AWS":"444455556666"}`, "kms:*")}, Request{Action: "kms:Decrypt", Resource: key, Principal: session}, Denied},
		{"key policy delegates", Layers{Identity: all, Resource: grant(root, "kms:*")}, Request{Action: "kms:Decrypt", Resource: key, Principal: session}, Allowed},
		{"delegation needs identity", Layers{Identity: none, Resource: grant(root, "kms:*")}, Request{Action: "kms:Decrypt", Resource: key, Principal: session}, Denied},
		{"trust policy is needed", Layers{Identity: all, Resource: grant(`{"AWS":"arn:aws:iam::111122223333:role/Other"}`, "sts:AssumeRole")}, Request{Action: "sts:AssumeRole", Resource: role, Principal: session}, Denied},
		{"trust policy names the role", Layers{Resource: grant(`{"AWS":"arn:aws:iam::111122223333:role/path/App"}`, "sts:AssumeRole")}, Request{Action: "sts:AssumeRole", Resource: role, Principal: session}, Allowed},
		{"service-linked role is outside SCPs", Layers{Identity: all, SCPs: []*Set{denySCP}}, Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Principal: "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"}, Allowed},
		{"star names roles beyond a boundary", Layers{Boundary: none, Resource: grant(`"*"`, "s3:*")}, Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Principal: session}, Allowed},
		{"star and a session policy", Layers{Session: none, Resource: grant(`"*"`, "s3:*")}, Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Principal: session}, Unknown},
		{"star names a user", Layers{Boundary: none, Resource: grant(`"*"`, "s3:*")}, Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Principal: "arn:aws:iam::111122223333:user/u"}, Allowed},
		{"cross account without resource policy", Layers{Identity: all}, Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Principal: session, Account: "444455556666"}, Denied},
		{"endpoint policy for another role", Layers{Identity: all, Endpoints: grant(`{"AWS":"arn:aws:iam::111122223333:role/Other"}`, "*")}, Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Principal: session}, Denied},
		{"RCP needs no allow", Layers{Identity: all, RCPs: []*Set{none}}, Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"}, Allowed},
		{"SCP needs one at each level", Layers{Identity: all, SCPs: []*Set{all, none}}, Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"}, Denied},
		{"an unnamed role may be the named one", Layers{Resource: grant(`{"AWS":"arn:aws:iam::111122223333:role/App"}`, "s3:*")}, Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Account: "111122223333"}, Unknown},
		{"NotPrincipal denies the others", Layers{Identity: all, Resource: compileText(t, `{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:role/Other"},"Action":"*","Resource":"*"}`)}, Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Principal: session}, Denied},
	} {
		if got := Evaluate(&c.l, &c.q); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestMatchesNamesTheStatements(t *testing.T) {
	s, err := Compile(policy(t, `{"Effect":"Allow","Action":["s3:GetObject","s3:Get*"],"Resource":"*"}`,
		`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}`)[0],
		policy(t, `{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}`,
			`{"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/k","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`)[0])
	if err != nil {
		t.Fatal(err)
	}
	q := &Request{Action: "S3:getobject", Resource: "arn:aws:s3:::b/k",
		Context: Context{Partial: true, Values: map[string][]string{"aws:securetransport": {"true"}}}}
	want := []Match{{0, 0, Allow, Allowed}, {0, 1, Allow, Unknown}}
	if got := s.Matches(nil, q); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	q.Context.Values["aws:securetransport"] = nil // known to be absent
	if got := s.Matches(nil, q); !reflect.DeepEqual(got, want) || s.Decide(q) != Allowed {
		t.Errorf("absent key: got %v, %v", got, s.Decide(q))
	}
	delete(q.Context.Values, "aws:securetransport")
	if got := s.Matches(nil, q); len(got) != 3 || got[2] != (Match{1, 1, Deny, Unknown}) || s.Decide(q) != Unknown {
		t.Errorf("unknown key: got %v, %v", got, s.Decide(q))
	}
}

// Whatever completes a partial context, the answer to the partial one stands.
func TestPartialContextsBoundTheirCompletions(t *testing.T) {
	m := newMaker(23)
	known := 0
	for range rounds(4000) {
		d := m.document()
		s, err := Compile(d)
		if err != nil {
			continue
		}
		q := m.request(d)
		partial := *q
		partial.Context = Context{Partial: true, Values: map[string][]string{}, Lists: q.Context.Lists}
		for k, v := range q.Context.Values {
			if m.Intn(2) == 0 {
				partial.Context.Values[k] = v
			}
		}
		got, full := s.Decide(&partial), s.Decide(q)
		if got != Unknown {
			known++
			if got != full {
				t.Fatalf("%v for %+v, but %v for %+v under %s", got, partial, full, *q, show(d))
			}
		}
	}
	if known < 1000 {
		t.Errorf("only %d known decisions", known)
	}
}

func TestNumbersAndDatesAreBounded(t *testing.T) {
	for text, want := range map[string]bool{"1": true, "-1.50": true, "1e3": true, "1e999999999": false, "": false,
		"1/2": false, "0x10": false, " 7 ": true, "1_000": false, "١": false} {
		if _, got := parseNumber(text); got != want {
			t.Errorf("parseNumber(%q): %v", text, got)
		}
	}
	for text, want := range map[string]int64{"2026-01-02T03:04:05Z": 1767323045, "2026-01-02T04:04:05.5+01:00": 1767323045,
		"1767323045": 1767323045, "1767323045000": 1767323045, "2026": 1767225600} {
		if got, ok := parseDate(text); !ok || got.Unix() != want {
			t.Errorf("parseDate(%q): %v %v", text, got, ok)
		}
	}
	if _, ok := parseDate("yesterday"); ok {
		t.Error("yesterday parsed")
	}
}

func BenchmarkDecide(b *testing.B) {
	s := compileText(b, `{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:PutObject"],"Resource":["arn:aws:s3:::data-*/raw/*","arn:aws:s3:::data-*"]}`,
		`{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"arn:aws:logs:*:*:log-group:/aws/lambda/*"}`,
		`{"Effect":"Allow","NotAction":["iam:*","organizations:*"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":["us-east-1","eu-west-1"]},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`,
		`{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`)
	requests := []*Request{
		{Action: "s3:GetObject", Resource: "arn:aws:s3:::data-lake/raw/2026/11/01/part-0001.parquet"},
		{Action: "logs:PutLogEvents", Resource: "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/resize:log-stream:2026/11/01/[$LATEST]abc"},
		{Action: "ec2:DescribeInstances", Resource: "*"},
		{Action: "iam:PassRole", Resource: "arn:aws:iam::111122223333:role/Task"},
	}
	for _, q := range requests {
		q.Context.Values = map[string][]string{"aws:requestedregion": {"us-east-1"}, "aws:sourceip": {"10.2.3.4"}, "aws:securetransport": {"true"}}
	}
	b.ReportAllocs()
	for i := range b.N {
		s.Decide(requests[i%len(requests)])
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
}

func BenchmarkGolden(b *testing.B) {
	lines := readGolden(b)
	layers, requests := make([]*Layers, len(lines)), make([]*Request, len(lines))
	for i := range lines {
		layers[i], requests[i] = lines[i].layers(b), lines[i].request(b)
	}
	b.ResetTimer()
	for i := range b.N {
		Evaluate(layers[i%len(lines)], requests[i%len(lines)])
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
}

func BenchmarkIncludesActionsUnderStar(b *testing.B) {
	outer := policy(b, allowAll)
	inner := &Document{Version: CurrentVersion, Statements: []Statement{{Effect: Allow, Resource: Strings{"*"}}}}
	for i := range 5000 {
		inner.Statements[0].Action = append(inner.Statements[0].Action, "service:Action"+string(rune('a'+i%26))+string(rune('a'+i/26%26))+string(rune('a'+i/676)))
	}
	for range b.N {
		if Includes(outer, []*Document{inner}, InclusionOptions{AllowsOnly: true}).Verdict != Holds {
			b.Fatal("not proved")
		}
	}
}

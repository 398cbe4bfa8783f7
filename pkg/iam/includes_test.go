package iam

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// policy wraps statements in a document of the current version.
func policy(t testing.TB, statements ...string) []*Document {
	t.Helper()
	return []*Document{mustParse(t, `{"Version":"2012-10-17","Statement":[`+strings.Join(statements, ",")+`]}`)}
}

func TestIncludes(t *testing.T) {
	const attached = `{"Effect":"Allow","Action":["s3:*"],"Resource":["arn:aws:s3:::a*","arn:aws:s3:::b*/x/*"]},
		{"Effect":"Allow","NotAction":["iam:*","s3:*","sqs:*","sns:*"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":["us-east-1","eu-west-1"]}}},
		{"Effect":"Allow","Action":"sqs:*","NotResource":"arn:aws:sqs:*:*:secret-*"},
		{"Effect":"Allow","Action":"dynamodb:*","Resource":"arn:aws:dynamodb:*:*:table/${aws:username}/*"},
		{"Effect":"Allow","Action":"sns:*","Resource":["arn:aws:sns:us-east-1:1:a?","arn:aws:sns:us-east-1:1:b*"]},
		{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:*:*:key/*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}}}`
	const deny = `{"Sid":"D","Effect":"Deny","Action":"s3:DeleteBucket","Resource":"*"}`
	for _, c := range []struct {
		name, statement string
		want            Verdict
	}{
		{"two patterns of one list", `{"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::app/*","arn:aws:s3:::b1/x/y*"]}`, Holds},
		{"wider resource", `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b1/*"}`, Fails},
		{"action pattern", `{"Effect":"Allow","Action":"S3:get*","Resource":"arn:aws:s3:::app"}`, Holds},
		{"action pattern that crosses services", `{"Effect":"Allow","Action":"s?:Get*","Resource":"arn:aws:s3:::app"}`, Fails},
		{"condition dropped", `{"Effect":"Allow","Action":"ec2:StartInstances","Resource":"*"}`, Fails},
		{"condition narrowed", `{"Effect":"Allow","Action":"ec2:StartInstances","Resource":"*","Condition":{"StringEquals":{"aws:requestedregion":"us-east-1"},"Bool":{"aws:SecureTransport":"true"}}}`, Holds},
		{"condition loosened", `{"Effect":"Allow","Action":"ec2:StartInstances","Resource":"*","Condition":{"StringEqualsIfExists":{"aws:requestedregion":"us-east-1"}}}`, Fails},
		{"condition of another region", `{"Effect":"Allow","Action":"ec2:StartInstances","Resource":"*","Condition":{"StringLike":{"aws:requestedregion":"us-*"}}}`, Fails},
		{"excluded action", `{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}}`, Fails},
		{"NotResource, reading by reading", `{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:1:jobs-*"}`, Undecided},
		{"NotResource, exact", `{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:1:jobs"}`, Holds},
		{"NotResource violated", `{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:1:s*"}`, Fails},
		{"variable kept", `{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"arn:aws:dynamodb:us-east-1:1:table/${aws:username}/x"}`, Holds},
		{"variable in other case", `{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"arn:aws:dynamodb:us-east-1:1:table/${AWS:UserName}/x"}`, Holds},
		{"other variable", `{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"arn:aws:dynamodb:us-east-1:1:table/${aws:userid}/x"}`, Fails},
		{"variable under ?", `{"Effect":"Allow","Action":"sns:Publish","Resource":"arn:aws:sns:us-east-1:1:a${aws:username}"}`, Fails},
		{"variable under *", `{"Effect":"Allow","Action":"sns:Publish","Resource":"arn:aws:sns:us-east-1:1:b${aws:username}"}`, Holds},
		{"variable widened", `{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"arn:aws:dynamodb:us-east-1:1:table/*"}`, Fails},
		{"address and age narrowed", `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:us-east-1:1:key/1","Condition":{"IpAddress":{"aws:SourceIp":["10.1.0.0/16","10.2.3.4"]},"NumericLessThanEquals":{"aws:MultiFactorAuthAge":"3599.5"}}}`, Holds},
		{"address widened", `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:us-east-1:1:key/1","Condition":{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"},"NumericLessThanEquals":{"aws:MultiFactorAuthAge":"3599"}}}`, Fails},
		{"age widened", `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:us-east-1:1:key/1","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.1"},"NumericLessThanEquals":{"aws:MultiFactorAuthAge":"3600"}}}`, Fails},
		{"action *", `{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::a"}`, Fails},
	} {
		outer := policy(t, attached, deny)
		for _, only := range []bool{false, true} {
			got := Includes(outer, policy(t, c.statement, strings.Replace(deny, "D", "renamed", 1)), InclusionOptions{AllowsOnly: only})
			if got.Verdict != c.want {
				t.Errorf("%s (allows only %v): got %v (%s)", c.name, only, got.Verdict, got.Reason)
			}
			if got.Verdict == Fails {
				checkWitness(t, outer, policy(t, c.statement), got.Witness)
			}
		}
	}
}

func checkWitness(t testing.TB, outer, inner []*Document, r *Request) {
	t.Helper()
	if r == nil {
		t.Fatal("no witness")
	}
	so, _ := Compile(outer...)
	si, _ := Compile(inner...)
	if so.Decide(r) != Denied || si.Decide(r) != Allowed {
		t.Errorf("%+v is no witness", *r)
	}
}

func TestIncludesByUnion(t *testing.T) {
	outer := policy(t, `{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/a*"}`,
		`{"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::b/a*"}`)
	inner := policy(t, `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`)
	if got := Includes(outer, inner, InclusionOptions{AllowsOnly: true}); got.Verdict != Holds {
		t.Errorf("%+v", got)
	}
	inner = policy(t, `{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::b/*"}`)
	got := Includes(outer, inner, InclusionOptions{AllowsOnly: true})
	if got.Verdict != Fails || got.Witness.Action != "s3:PutObject" || !strings.HasPrefix(got.Witness.Resource, "arn:aws:s3:::b/a") {
		t.Errorf("%+v %+v", got, got.Witness)
	}
}

func TestIncludesComparesDenies(t *testing.T) {
	const allow = `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/*"}`
	deny := func(action, resource, condition string) string {
		if condition != "" {
			condition = `,"Condition":` + condition
		}
		return fmt.Sprintf(`{"Effect":"Deny","Action":"%s","Resource":"%s"%s}`, action, resource, condition)
	}
	const mfa = `{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}`
	for _, c := range []struct {
		name  string
		outer string
		inner []string
		want  Verdict
		only  Verdict
	}{
		{"dropped", deny("s3:Put*", "*", ""), []string{allow}, Fails, Fails},
		{"kept", deny("s3:Put*", "*", ""), []string{allow, deny("S3:put*", "*", "")}, Holds, Holds},
		{"widened", deny("s3:Put*", "arn:aws:s3:::b/a*", ""), []string{allow, deny("s3:P*", "arn:aws:s3:::b/*", "")}, Holds, Fails},
		{"split", deny("s3:Put*", "arn:aws:s3:::b/*", ""), []string{allow, deny("s3:Put*", "arn:aws:s3:::b/?*", ""), deny("s3:*", "arn:aws:s3:::b/", "")}, Holds, Fails},
		{"narrowed", deny("s3:Put*", "*", ""), []string{allow, deny("s3:Put*", "arn:aws:s3:::b/a*", "")}, Fails, Fails},
		{"irrelevant action", deny("iam:*", "*", ""), []string{allow}, Holds, Fails},
		{"irrelevant resource", deny("s3:*", "arn:aws:s3:::c/*", ""), []string{allow}, Holds, Fails},
		{"condition dropped is wider", deny("s3:*", "*", mfa), []string{allow, deny("s3:*", "*", "")}, Holds, Fails},
		{"condition added is narrower", deny("s3:*", "*", ""), []string{allow, deny("s3:*", "*", mfa)}, Fails, Fails},
		{"allow excludes it by condition", deny("s3:*", "*", mfa), []string{`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`}, Holds, Fails},
		{"NotAction kept wider", `{"Effect":"Deny","NotAction":["s3:Get*","s3:List*"],"Resource":"*"}`, []string{allow, `{"Effect":"Deny","NotAction":"s3:Get*","Resource":"*"}`}, Holds, Fails},
		{"NotResource mutated", `{"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::b/a*"}`, []string{allow, `{"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::b/ab*"}`}, Holds, Fails},
	} {
		outer := policy(t, allow, c.outer)
		inner := policy(t, c.inner...)
		got := Includes(outer, inner, InclusionOptions{})
		if got.Verdict != c.want {
			t.Errorf("%s: got %v (%s)", c.name, got.Verdict, got.Reason)
		} else if got.Verdict == Fails {
			checkWitness(t, outer, inner, got.Witness)
		}
		if got := Includes(outer, inner, InclusionOptions{AllowsOnly: true}); got.Verdict != c.only {
			t.Errorf("%s, allows only: got %v (%s)", c.name, got.Verdict, got.Reason)
		}
	}
}

func TestIncludesKeepsVersionsApart(t *testing.T) {
	const s = `"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}"}]}`
	now, old := mustParse(t, `{"Version":"2012-10-17",`+s), mustParse(t, `{`+s)
	for _, c := range []struct {
		outer, inner *Document
		want         Verdict
	}{{now, now, Holds}, {old, old, Holds}, {now, old, Fails}, {old, now, Fails}} {
		got := Includes([]*Document{c.outer}, []*Document{c.inner}, InclusionOptions{AllowsOnly: true})
		if got.Verdict != c.want {
			t.Errorf("outer %q, inner %q: %+v", c.outer.Version, c.inner.Version, got)
		}
	}
}

func TestIncludesWithPrincipals(t *testing.T) {
	trust := func(who string) []*Document {
		return policy(t, `{"Effect":"Allow","Principal":`+who+`,"Action":"sts:AssumeRole"}`)
	}
	one, two := trust(`{"AWS":"111122223333"}`), trust(`{"AWS":"444455556666"}`)
	for _, c := range []struct {
		outer, inner []*Document
		want         Verdict
	}{{one, one, Holds}, {trust(`"*"`), one, Holds}, {one, two, Fails}, {one, trust(`"*"`), Fails}} {
		if got := Includes(c.outer, c.inner, InclusionOptions{}); got.Verdict != c.want {
			t.Errorf("%s ⊇ %s: %+v", show(c.outer[0]), show(c.inner[0]), got)
		}
	}
}

func TestIncludesRefusesWhatDoesNotCompile(t *testing.T) {
	good := policy(t, `{"Effect":"Allow","Action":"*","Resource":"*"}`)
	bad := policy(t, `{"Effect":"Permit","Action":"s3:*","Resource":"*"}`)
	for _, pair := range [][2][]*Document{{good, bad}, {bad, good}} {
		if got := Includes(pair[0], pair[1], InclusionOptions{}); got.Verdict != Undecided || !strings.Contains(got.Reason, "Permit") {
			t.Errorf("%+v", got)
		}
	}
}

func TestBudgetEndsUndecided(t *testing.T) {
	outer := policy(t, `{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::a?b*c","arn:aws:s3:::a*"]}`)
	inner := policy(t, `{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::a*?b"]}`)
	if got := Includes(outer, inner, InclusionOptions{Budget: 3}); got.Verdict != Undecided || !strings.Contains(got.Reason, "budget") {
		t.Errorf("%+v", got)
	}
	if got := Includes(outer, inner, InclusionOptions{}); got.Verdict != Holds {
		t.Errorf("%+v", got)
	}
}

func TestConditionsImply(t *testing.T) {
	c := func(op, key string, values ...string) Conditions {
		return Conditions{{op, []Clause{{key, values}}}}
	}
	for _, x := range []struct {
		a, b Conditions
		want bool
	}{
		{c("StringEquals", "k", "a"), nil, true},
		{nil, c("StringEquals", "k", "a"), false},
		{c("StringEquals", "k", "a"), c("StringEquals", "K", "b", "a"), true},
		{c("StringEquals", "k", "a", "b"), c("StringEquals", "k", "a"), false},
		{c("StringEquals", "k", "ab"), c("StringLike", "k", "a*"), true},
		{c("StringLike", "k", "ab*"), c("StringLike", "k", "a*"), true},
		{c("StringLike", "k", "ab*"), c("StringEquals", "k", "ab*"), false},
		{c("StringEquals", "k", "a*"), c("StringLike", "k", "a*"), true},
		{c("StringEquals", "k", "a"), c("StringEqualsIfExists", "k", "a"), true},
		{c("StringEqualsIfExists", "k", "a"), c("StringEquals", "k", "a"), false},
		{c("StringNotEquals", "k", "a", "b"), c("StringNotEqualsIfExists", "k", "a"), true},
		{c("StringNotEqualsIfExists", "k", "a"), c("StringNotEquals", "k", "a"), true},
		{c("StringNotLike", "k", "a*"), c("StringNotEquals", "k", "ab"), true},
		{c("StringNotEquals", "k", "ab"), c("StringNotLike", "k", "a*"), false},
		{c("StringNotEquals", "k", "a"), c("StringEquals", "k", "a"), false},
		{c("StringNotEquals", "k", "a"), c("StringLike", "k", "*"), false},
		{c("StringEquals", "k", "a"), c("StringNotEquals", "k", "b"), true},
		{c("StringEquals", "k", "a"), c("StringNotLike", "k", "?"), false},
		{c("StringEquals", "k", "a"), c("StringEqualsIgnoreCase", "k", "A"), true},
		{c("StringEquals", "k", "a"), c("Null", "k", "false"), true},
		{c("StringLike", "k", "*"), c("Null", "k", "false"), false},
		{c("ForAllValues:StringEquals", "k", "a"), c("ForAllValues:StringEquals", "k", "a", "b"), true},
		{c("ForAllValues:StringEquals", "k", "a"), c("StringEquals", "k", "a"), false},
		{c("ForAnyValue:StringEqualsIfExists", "k", "a"), c("ForAnyValue:StringEquals", "k", "a"), false},
		{c("IpAddress", "k", "10.1.0.0/16"), c("IpAddress", "k", "10.0.0.0/8"), true},
		{c("IpAddress", "k", "10.0.0.0/8"), c("IpAddress", "k", "10.1.0.0/16"), false},
		{c("IpAddress", "k", "::ffff:10.1.0.0/112"), c("IpAddress", "k", "10.0.0.0/8"), true},
		{c("NotIpAddress", "k", "10.0.0.0/8"), c("NotIpAddress", "k", "10.1.0.0/16"), true},
		{c("NumericLessThan", "k", "5"), c("NumericLessThanEquals", "k", "5.0"), true},
		{c("NumericLessThanEquals", "k", "5"), c("NumericLessThan", "k", "5"), false},
		{c("DateGreaterThan", "k", "2026-02-01T00:00:00Z"), c("DateGreaterThan", "k", "2026-01-01"), true},
		{c("ArnEquals", "k", "arn:aws:iam::1:role/a"), c("ArnLike", "k", "arn:aws:iam::*:role/*"), true},
		{c("ArnLike", "k", "arn:aws:iam::*:role/*"), c("ArnLike", "k", "arn:aws:iam::1:role/*"), false},
		{c("Bool", "k", "true"), c("BoolIfExists", "k", "True"), true},
		{c("Bool", "k", "true"), c("Bool", "k", "false"), false},
		{c("StringEquals", "k", "${aws:username}"), c("StringLike", "k", "${aws:username}"), true},
		{c("StringEquals", "k", "${aws:username}"), c("StringEquals", "k", "${aws:userid}"), false},
		{c("StringEquals", "k", "${aws:username}"), c("StringLike", "k", "?"), false},
		{c("StringEquals", "k", "${aws:username}"), c("StringLike", "k", "*"), true},
		{c("BinaryEquals", "k", ""), c("Null", "k", "false"), false},
		{c("StringBogus", "k", "a"), c("StringBogus", "K", "a"), true},
		{c("StringBogus", "k", "a"), c("StringBogus", "k", "a", "b"), false},
	} {
		if got := ConditionsImply(x.a, x.b, false, false); got != x.want {
			t.Errorf("%v ⟹ %v: got %v", x.a, x.b, got)
		}
	}
	v := c("StringEquals", "k", "${aws:username}")
	if ConditionsImply(v, v, false, true) || !ConditionsImply(v, v, true, true) {
		t.Error("a variable implies the same text of an old version")
	}
}

// split makes one statement of each two resources.
func split(resources []string) []*Document {
	d := &Document{Version: CurrentVersion}
	for i := 0; i+1 < len(resources); i += 2 {
		d.Statements = append(d.Statements, Statement{Effect: Allow, Action: Strings{"s3:GetObject"}, Resource: resources[i : i+2]})
	}
	return []*Document{d}
}

// The shapes that proposals have must be proved fast whatever their length.
func TestIncludesIsFastOnLongLists(t *testing.T) {
	var actions, arns, wild []string
	for i := range 5000 {
		actions = append(actions, fmt.Sprintf("service%d:Action%d", i%50, i))
		arns = append(arns, fmt.Sprintf("arn:aws:s3:::bucket-%d/key/%d", i%97, i))
		wild = append(wild, fmt.Sprintf("arn:aws:dynamodb:*:111122223333:table/t%d-*", i))
	}
	doc := func(actions, resources []string) []*Document {
		return []*Document{{Version: CurrentVersion, Statements: []Statement{{Effect: Allow, Action: actions, Resource: resources}}}}
	}
	narrow := make([]string, len(wild))
	for i := range wild {
		narrow[i] = strings.Replace(strings.Replace(wild[i], "*", "us-east-1", 1), "-*", "-x", 1)
	}
	for _, c := range []struct {
		name         string
		outer, inner []*Document
	}{
		{"actions under *", doc([]string{"*"}, []string{"*"}), doc(actions, []string{"*"})},
		{"actions under themselves", doc(actions, []string{"*"}), doc(actions[:4999], []string{"*"})},
		{"ARNs under *", doc([]string{"s3:*"}, []string{"arn:aws:s3:::*"}), doc([]string{"s3:GetObject"}, arns)},
		{"ARNs under themselves", doc([]string{"s3:*"}, arns), doc([]string{"s3:GetObject"}, arns)},
		{"patterns under themselves", doc([]string{"s3:*"}, wild), doc([]string{"s3:GetObject"}, wild)},
		{"ARNs under patterns", doc([]string{"s3:*"}, wild), doc([]string{"s3:GetObject"}, narrow)},
		{"many statements under patterns", doc([]string{"s3:*"}, wild), split(narrow)},
	} {
		start := time.Now()
		got := Includes(c.outer, c.inner, InclusionOptions{AllowsOnly: true})
		took := time.Since(start)
		t.Logf("%s: %v", c.name, took)
		if got.Verdict != Holds {
			t.Errorf("%s: %+v", c.name, got)
		}
		if took > 2*time.Second { // generous: the machine is shared
			t.Errorf("%s took %v", c.name, took)
		}
	}
}

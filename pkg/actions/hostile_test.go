package actions

import (
	"slices"
	"strings"
	"testing"
)

// What a record says of its region and accounts is used only in their form, and what
// it says in the wrong form names nothing.
func TestRecordFields(t *testing.T) {
	r := NewResolver(Default())
	for _, value := range []string{"*", "us-*-1", "us-east-1:x", "${aws:region}", "us east 1", "12345678901?", "a/b", "<region>", strings.Repeat("1", 42)} {
		c := testCall("ec2", "TerminateInstances", "instancesSet.items[].instanceId=i-0a")
		c.Region, c.RecipientAccount = value, value
		for _, u := range r.Resolve(c).Uses {
			if u.Resource != "arn:aws:ec2:*:*:instance/i-0a" || u.Kind != KindPattern {
				t.Errorf("region and account %q: %q", value, u.Resource)
			}
		}
	}
	for _, tt := range []struct {
		call *Call
		want string
	}{
		{testCall("sqs", "SendMessage", "queueUrl=https://sqs.eu-west-1.amazonaws.com/444455556666/q"), "arn:aws:sqs:eu-west-1:444455556666:q"},
		{testCall("sqs", "SendMessage", "queueUrl=https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com/444455556666/q"), "arn:aws:sqs:eu-west-1:444455556666:q"},
		{testCall("sqs", "SendMessage", "queueUrl=https://sqs.eu-west-1.amazonaws.com.evil.example/444455556666/q"), ""},
		{testCall("sqs", "SendMessage", "queueUrl=https://evilamazonaws.com/444455556666/q"), ""},
		{testCall("sqs", "SendMessage", "queueUrl=q"), "arn:aws:sqs:us-east-1:111122223333:q"},
		// A function's version, shown or hidden.
		{testCall("lambda", "Invoke", "functionName=f", "qualifier=1"), "arn:aws:lambda:us-east-1:111122223333:function:f:1"},
		{testCall("lambda", "Invoke", "functionName=f", "qualifier="), "arn:aws:lambda:us-east-1:111122223333:function:f:*"},
		{testCall("lambda", "Invoke", "functionName=f"), "arn:aws:lambda:us-east-1:111122223333:function:f"},
	} {
		if got := r.Resolve(tt.call).Uses; len(got) != 1 || got[0].Resource != tt.want {
			t.Errorf("%v: %v, want %q", tt.call.Args, got, tt.want)
		}
	}
	// requestParameters that is a string is no name, be it one or an ARN.
	for _, value := range []string{"t", "arn:aws:dynamodb:us-east-1:111122223333:table/t"} {
		c := testCall("dynamodb", "DeleteTable")
		c.Args = []Arg{{Path: "p", Value: value}}
		if got := r.Resolve(c).Uses; len(got) != 1 || got[0].Kind != KindNone {
			t.Errorf("parameters %q: %v", value, got)
		}
	}
}

func TestHostileEventNames(t *testing.T) {
	r := NewResolver(Default())
	for name, want := range map[string]Class{
		" GetObject ": ClassUse, "GetObject": ClassUse, "Get\nObject": ClassUnmapped, "GetObject\x00": ClassUnmapped, "GetObject\u0085": ClassUnmapped,
	} {
		if got := r.Resolve(testCall("s3", name, "bucketName=b", "key=k")); got.Class != want || want == ClassUnmapped && !strings.Contains(got.Note, "control") {
			t.Errorf("%q: %s (%s)", name, got.Class, got.Note)
		}
	}
}

// A wrong password is no denial by IAM; the message of one is.
func TestOutcomeOfSource(t *testing.T) {
	for _, tt := range []struct {
		source, message string
		want            Outcome
	}{
		{"cognito-idp.amazonaws.com", "Incorrect username or password.", Undetermined},
		{"cognito-idp.amazonaws.com", "User: a is not authorized to perform: b", Denied},
		{"workmail.amazonaws.com", "no", Denied},
		{"", "", Denied},
	} {
		if got := OutcomeOf(tt.source, "NotAuthorizedException", tt.message); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.source, got, tt.want)
		}
	}
	c := testCall("cognito-idp", "AdminInitiateAuth", "userPoolId=us-east-1_a")
	c.ErrorCode = "NotAuthorizedException"
	res := NewResolver(Default()).Resolve(c)
	if res.Outcome != Undetermined || slices.ContainsFunc(res.Uses, func(u Use) bool { return u.Outcome != Undetermined }) {
		t.Errorf("%s: %v", res.Outcome, res.Uses)
	}
}

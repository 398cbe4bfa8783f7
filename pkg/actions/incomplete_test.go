package actions

import (
	"slices"
	"strings"
	"testing"
)

// omittedArgs are the parameters of a call whose record says that it leaves them out.
var omittedArgs = []string{"omitted=true", "originalSize=", "reason=Content size exceeds limit"}

// Without its parameters a call shows neither which guards hold, nor whether it had
// tags, nor which role it passed: all of that is in doubt, and none of it is known.
func TestUnseenParameters(t *testing.T) {
	for _, tt := range []struct {
		event string
		want  []string // "action" logged, "?action" ambiguous
	}{
		{"s3 CopyObject", []string{"?s3:GetObject", "?s3:GetObjectVersion", "s3:PutObject", "?s3:PutObjectAcl"}},
		{"s3 DeleteObject", []string{"?s3:DeleteObject", "?s3:DeleteObjectVersion"}},
		{"s3 PutObject", []string{"s3:PutObject", "?s3:PutObjectAcl"}},
		{"ec2 CreateVolume", []string{"ec2:CreateVolume", "?ec2:CreateTags"}},
		{"ec2 RunInstances", []string{"ec2:RunInstances", "?ec2:CreateTags", "?iam:PassRole"}},
		{"kms CreateKey", []string{"kms:CreateKey", "?kms:TagResource"}},
		{"sts AssumeRole", []string{"sts:AssumeRole", "?sts:TagSession"}},
		{"ecs RegisterTaskDefinition", []string{"?iam:PassRole", "?ecs:TagResource"}},
		{"glue CreateJob", []string{"?iam:PassRole"}},
		{"codebuild CreateProject", []string{"?iam:PassRole"}},
		{"cloudformation CreateStack", []string{"?iam:PassRole"}},
		{"events PutTargets", []string{"?iam:PassRole"}},
		{"batch RegisterJobDefinition", []string{"?iam:PassRole"}},
		{"codepipeline UpdatePipeline", []string{"?iam:PassRole"}},
		{"iot CreateTopicRule", []string{"?iam:PassRole"}},
		{"firehose CreateDeliveryStream", []string{"?iam:PassRole"}},
	} {
		source, name, _ := strings.Cut(tt.event, " ")
		for _, params := range [][]string{nil, omittedArgs} {
			checkBases(t, testCall(source, name, params...), tt.want)
		}
	}
}

// checkBases compares the bases of the named actions.
func checkBases(t *testing.T, c *Call, want []string) {
	t.Helper()
	uses := NewResolver(Default()).Resolve(c).Uses
	for _, w := range want {
		action, doubted := strings.CutPrefix(w, "?")
		found := false
		for _, u := range uses {
			if u.Action != action {
				continue
			}
			found = true
			if (u.Basis == Ambiguous) != doubted {
				t.Errorf("%s %v: %s is %s", c.EventName, c.Args, action, u.Basis)
			}
			if action == "iam:PassRole" && doubted && (u.Kind != KindNone || u.Resource != "") {
				t.Errorf("%s: passes %q", c.EventName, u.Resource)
			}
		}
		if !found {
			t.Errorf("%s %v: no %s in %v", c.EventName, c.Args, action, uses)
		}
	}
}

// A role may be among what a record leaves out of any call that changes something; a
// call without parameters passes one only if its event takes one.
func TestUnseenRole(t *testing.T) {
	truncated := []string{"name=n"}
	for _, tt := range []struct {
		event string
		how   string
		want  bool
	}{
		{"kinesis CreateStream", "null", false},
		{"kinesis CreateStream", "omitted", true},
		{"kinesis CreateStream", "truncated", true},
		{"kinesis CreateStream", "shown", false},
		{"sns ListTopics", "omitted", false},
		{"sns DeleteTopic", "omitted", false},
		{"sqs CreateQueue", "omitted", false}, // a row: no role of its calls is passed
		{"lambda CreateFunction", "null", true},
		{"lambda DeleteFunction", "null", false},
		{"lambda CreateFunction", "shown", false},
		{"lambda CreateFunction", "hidden", true},
	} {
		source, name, _ := strings.Cut(tt.event, " ")
		var params []string
		switch tt.how {
		case "omitted":
			params = omittedArgs
		case "shown", "truncated":
			params = truncated
		case "hidden":
			params = []string{"functionName=f", "role="}
		}
		c := testCall(source, name, params...)
		if tt.how == "truncated" {
			c.Args = append([]Arg{{Path: "!truncated"}}, c.Args...)
		}
		got := slices.ContainsFunc(NewResolver(Default()).Resolve(c).Uses, func(u Use) bool {
			return u.Action == "iam:PassRole" && u.Kind == KindNone && u.Basis == Ambiguous
		})
		if got != tt.want {
			t.Errorf("%s, parameters %s: role in doubt %v, want %v", tt.event, tt.how, got, tt.want)
		}
	}
}

// What is not shown is no reason to believe in a default, a list of all or a negative.
func TestOmittedIsNotAbsent(t *testing.T) {
	r := NewResolver(Default())
	for _, tt := range []struct{ event, without string }{
		{"dynamodb ListTables", ""},
		{"rds DescribeDBInstances", "arn:aws:rds:us-east-1:111122223333:db:*"},
		{"events PutRule", "arn:aws:events:us-east-1:111122223333:rule/default/*"},
	} {
		source, name, _ := strings.Cut(tt.event, " ")
		for _, u := range r.Resolve(testCall(source, name, omittedArgs...)).Uses {
			if u.Resource == tt.without && u.Kind != KindNone {
				t.Errorf("%s: %v", tt.event, u)
			}
		}
	}
	// A value that is hidden decides nothing.
	checkBases(t, testCall("s3", "PutObject", "bucketName=b", "key=k", "x-amz-acl="), []string{"s3:PutObject"})
	checkBases(t, testCall("dynamodb", "ExecuteStatement", "statement="), []string{"?dynamodb:PartiQLSelect", "?dynamodb:PartiQLDelete"})
	checkBases(t, testCall("s3", "CopyObject", "bucketName=b", "key=k", "x-amz-copy-source="), []string{"s3:PutObject", "?s3:GetObject", "?s3:GetObjectVersion"})
}

// One value that may not be used is not forgotten because others are good.
func TestDroppedValues(t *testing.T) {
	arn := func(s string) string { return "arn:aws:" + s }
	for _, tt := range []struct {
		call *Call
		want []string
	}{
		{testCall("ssm", "GetParameters", "names[]=/a", "names[]=/b?"), []string{"ssm:GetParameters " + arn("ssm:us-east-1:111122223333:parameter/a"), "ssm:GetParameters -"}},
		{testCall("ssm", "GetParameters", "names[]=/a", "names[]=/b"), []string{"ssm:GetParameters " + arn("ssm:us-east-1:111122223333:parameter/a"), "ssm:GetParameters " + arn("ssm:us-east-1:111122223333:parameter/b")}},
		{testCall("ec2", "TerminateInstances", "instancesSet.items[].instanceId=i-0a", "instancesSet.items[].instanceId=i-*"),
			[]string{"ec2:TerminateInstances " + arn("ec2:us-east-1:111122223333:instance/i-0a"), "ec2:TerminateInstances -"}},
		{testCall("secretsmanager", "BatchGetSecretValue", "secretIdList[]=a", "secretIdList[]=${x}"), []string{
			"secretsmanager:BatchGetSecretValue *", "secretsmanager:GetSecretValue " + arn("secretsmanager:us-east-1:111122223333:secret:a-??????") + " inferred", "secretsmanager:GetSecretValue - inferred"}},
		{testCall("dynamodb", "BatchGetItem", "requestItems.A.keys[].x=", "requestItems.B="), []string{
			"dynamodb:BatchGetItem -", "dynamodb:BatchGetItem " + arn("dynamodb:us-east-1:111122223333:table/A")}},
		{testCall("dynamodb", "BatchExecuteStatement", "statements[].statement=EXISTS(x)", `statements[].statement=DELETE FROM "A"`), []string{
			"dynamodb:PartiQLDelete " + arn("dynamodb:us-east-1:111122223333:table/A"), "dynamodb:PartiQLInsert - ambiguous",
			"dynamodb:PartiQLSelect - ambiguous", "dynamodb:PartiQLUpdate - ambiguous"}},
		// A hidden value, beside a shown one.
		{testCall("ssm", "GetParameters", "names[]=", "names[]=a"), []string{"ssm:GetParameters " + arn("ssm:us-east-1:111122223333:parameter/a"), "ssm:GetParameters -"}},
		// resources[] has them all.
		{testCall("ssm", "GetParameters", "names[]=/a", "names[]=/b?", "s[].ARN="+arn("ssm:us-east-1:111122223333:parameter/a")),
			[]string{"ssm:GetParameters " + arn("ssm:us-east-1:111122223333:parameter/a")}},
		{testCall("secretsmanager", "GetSecretValue", "secretId="+arn("secretsmanager:us-east-1:111122223333:secret:a*")), []string{"secretsmanager:GetSecretValue -"}},
	} {
		got := lines(NewResolver(Default()).Resolve(tt.call).Uses)
		slices.Sort(got)
		want := slices.Sorted(slices.Values(tt.want))
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", tt.call.EventName, got, want)
		}
	}
}

// A list that was cut off names more than it shows.
func TestCutList(t *testing.T) {
	c := testCall("ec2", "TerminateInstances", "instancesSet.items[].instanceId=i-0a")
	c.Args = append([]Arg{{Path: "!truncated"}}, c.Args...)
	got := lines(NewResolver(Default()).Resolve(c).Uses)
	if !slices.Contains(got, "ec2:TerminateInstances -") || !slices.Contains(got, "ec2:TerminateInstances arn:aws:ec2:us-east-1:111122223333:instance/i-0a") {
		t.Errorf("got %q", got)
	}
}

// The work of a call grows with its size and not with the square of it.
func TestManyResources(t *testing.T) {
	steps := func(n int) (uses, steps int) {
		var params []string
		for i := range n {
			params = append(params, "resourcesSet.items[].resourceId=i-"+strings.Repeat("a", i%7)+"0"+strings.Repeat("b", i/7))
		}
		params = append(params, params...) // and each twice
		r := NewResolver(Default())
		uses = len(r.Resolve(testCall("ec2", "CreateTags", params...)).Uses)
		return uses, r.steps
	}
	uses, few := steps(200)
	if uses < 200 {
		t.Fatalf("%d uses of 200 resources", uses)
	}
	if _, many := steps(2000); many > 15*few {
		t.Errorf("%d steps for ten times what took %d", many, few)
	}
}

// Many roles of one call are compared by hash too, and each is passed once.
func TestManyRoles(t *testing.T) {
	var params []string
	for i := range 300 {
		params = append(params, "a.roleArn=arn:aws:iam::111122223333:role/r"+strings.Repeat("x", i), "b.roleArn=arn:aws:iam::111122223333:role/r"+strings.Repeat("x", i))
	}
	r := NewResolver(Default())
	passed := 0
	for _, u := range r.Resolve(testCall("glue", "CreateJob", params...)).Uses {
		if u.Action == "iam:PassRole" {
			passed++
		}
	}
	if passed != 300 || r.steps > 20*300 {
		t.Errorf("%d roles passed in %d steps", passed, r.steps)
	}
}

// A name that the caller chose and the record does not show is no pattern for all of the
// type; an id that the service chooses is.
func TestUnseenNames(t *testing.T) {
	r := NewResolver(Default())
	for _, params := range [][]string{nil, omittedArgs} {
		for _, event := range []string{"s3 PutObject", "s3 CopyObject", "dynamodb CreateTable"} {
			source, name, _ := strings.Cut(event, " ")
			for _, u := range r.Resolve(testCall(source, name, params...)).Uses {
				if u.Kind == KindPattern && u.Basis == Logged {
					t.Errorf("%s: %v", event, u)
				}
			}
		}
		if got := lines(r.Resolve(testCall("ec2", "CreateVpc", params...)).Uses); !slices.Contains(got, "ec2:CreateVpc arn:aws:ec2:us-east-1:111122223333:vpc/*") {
			t.Errorf("got %q", got)
		}
	}
}

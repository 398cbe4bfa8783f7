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

package synth

import (
	"slices"
	"testing"

	"github.com/tighten-iam/tighten/pkg/actions"
)

func TestMergeFree(t *testing.T) {
	const (
		bucket  = "arn:aws:s3:::example-bucket"
		objects = "arn:aws:s3:::example-bucket/*"
		queue   = "arn:aws:sqs:us-east-1:111122223333:jobs"
		table   = "arn:aws:dynamodb:us-east-1:111122223333:table/orders"
		index   = "arn:aws:dynamodb:us-east-1:111122223333:table/orders/index/by-day"
	)
	one := func(action string, resources ...string) grant { return grant{[]string{action}, resources} }
	tests := []struct {
		name string
		list []grant
		want []int
	}{
		{"bucket and objects", []grant{one("s3:ListBucket", bucket), one("s3:GetObject", objects)}, []int{0, 0}},
		{"two services", []grant{one("sqs:SendMessage", queue), one("s3:GetObject", objects)}, []int{0, 0}},
		{"two objects", []grant{one("s3:GetObject", objects), one("s3:PutObject", bucket+"/b")}, []int{0, 1}},
		{"an index is queried, a table too", []grant{one("dynamodb:GetItem", table), one("dynamodb:Query", index)}, []int{0, 1}},
		{"any resource", []grant{one("s3:ListAllMyBuckets", "*"), one("s3:GetObject", objects)}, []int{0, 1}},
		{"an unknown action", []grant{one("s3:NoSuchAction", bucket), one("s3:GetObject", objects)}, []int{0, 1}},
		{"a variable", []grant{one("s3:ListBucket", bucket), one("s3:GetObject", "arn:aws:s3:::${aws:username}/*")}, []int{0, 1}},
		{"the third with the first", []grant{one("s3:GetObject", objects), one("s3:PutObject", bucket+"/b"), one("sqs:SendMessage", queue)}, []int{0, 1, 0}},
		{"the union counts", []grant{one("s3:GetObject", objects), one("sqs:SendMessage", queue), one("sqs:DeleteMessage", queue+"2")}, []int{0, 0, 2}},
	}
	facts := newFactTable(actions.Default())
	for _, tt := range tests {
		if got := facts.mergeFree(tt.list); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestTemplatePattern(t *testing.T) {
	for template, want := range map[string]string{
		"arn:${Partition}:s3:::${BucketName}/${ObjectName}": "arn:*:s3:::*/*",
		"*":             "*",
		"arn:${Broken":  "arn:*",
		"a${B}c${D}e${": "a*c*e*",
	} {
		if got := templatePattern(template); got != want {
			t.Errorf("%s: %s", template, got)
		}
	}
}

package actions

import (
	"slices"
	"strings"
	"testing"
)

// Which events show an action: those of its own name where the source has such an
// operation, those that rows lead to it by, and the calls that merely need it.
func TestEvents(t *testing.T) {
	for action, want := range map[string]struct{ own, also, needed, never string }{
		"sqs:PurgeQueue":               {own: "sqs:PurgeQueue"},
		"sqs:purgequeue":               {own: "sqs:PurgeQueue"},
		"cloudwatch:PutMetricAlarm":    {own: "monitoring:PutMetricAlarm", never: "cloudwatch:PutMetricAlarm"},
		"cloudformation:CreateStack":   {own: "cloudformation:CreateStack", never: "cloudcontrolapi:CreateStack"},
		"cloudformation:GetResource":   {own: "cloudcontrolapi:GetResource", never: "cloudformation:GetResource"},
		"dynamodb:PutItem":             {own: "dynamodb:PutItem", never: "dynamodbstreams:PutItem"},
		"rds:CreateDBInstance":         {own: "rds:CreateDBInstance", never: "docdb:CreateDBInstance neptune:CreateDBInstance"},
		"s3:GetObject":                 {own: "s3:GetObject", also: "s3:HeadObject"},
		"kms:Decrypt":                  {own: "kms:Decrypt", needed: "s3:CreateMultipartUpload"},
		"redshift:CreateClusterUser":   {needed: "redshift:GetClusterCredentials", never: "redshift:CreateClusterUser"},
		"iam:PassRole":                 {needed: "lambda:CreateFunction ec2:AssociateIamInstanceProfile", never: "iam:PassRole"},
		"iam:CreateServiceLinkedRole":  {own: "iam:CreateServiceLinkedRole", needed: "autoscaling:CreateAutoScalingGroup"},
		"apigateway:GET":               {also: "apigateway:GetRestApis"},
		"servicecatalog:CreateProduct": {own: "servicecatalog:CreateProduct", never: "servicecatalog-appregistry:CreateProduct"},
		"no:Such":                      {},
	} {
		got := Default().Events(action)
		for _, part := range []struct {
			what string
			got  []string
			want string
		}{{"own", got.Own, want.own}, {"also", got.Also, want.also}, {"needed", got.Needed, want.needed}} {
			if part.want == "" && part.what == "own" && len(part.got) > 0 {
				t.Errorf("%s: own %v, want none", action, part.got)
			}
			for _, w := range strings.Fields(part.want) {
				if !slices.Contains(part.got, w) {
					t.Errorf("%s: %s %v, want %s", action, part.what, part.got, w)
				}
			}
			if !slices.IsSorted(part.got) {
				t.Errorf("%s: %s is not sorted: %v", action, part.what, part.got)
			}
		}
		for _, w := range strings.Fields(want.never) {
			if slices.Contains(slices.Concat(got.Own, got.Also, got.Needed), w) {
				t.Errorf("%s: %s never occurs: %+v", action, w, got)
			}
		}
	}
	if got := Default().Events("kms:Decrypt"); slices.Contains(got.Also, "s3:CreateMultipartUpload") {
		t.Errorf("kms:Decrypt is said to be shown by the calls that need it: %v", got.Also)
	}
	if n := len(Default().Events("iam:PassRole").Needed); n < 250 {
		t.Errorf("iam:PassRole is needed by %d calls, want more", n)
	}
}

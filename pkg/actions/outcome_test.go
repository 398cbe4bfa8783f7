package actions

import "testing"

// An error that comes after authorization proves that of the first action alone.
func TestOutcomeOfUses(t *testing.T) {
	role := "arn:aws:iam::111122223333:role/r"
	create := testCall("lambda", "CreateFunction20150331", "functionName=f", "role="+role)
	failed := *create
	failed.ErrorCode = "ResourceConflictException"
	dry := *testCall("ec2", "RunInstances", "instanceType=t3.micro", "iamInstanceProfile.name=p")
	dry.ErrorCode = "Client.DryRunOperation"
	copied := *testCall("s3", "CopyObject", "bucketName=b", "key=k", "x-amz-copy-source=c/d")
	copied.ErrorCode = "NoSuchKey"
	missing := *testCall("s3", "GetObject", "bucketName=b", "key=k")
	missing.ErrorCode = "NoSuchKey"
	denied := *create
	denied.ErrorCode = "AccessDeniedException"
	for _, tt := range []struct {
		name   string
		call   *Call
		action string
		want   Outcome
	}{
		{"passed", create, "iam:PassRole", Allowed},
		{"failed after the function's", &failed, "lambda:CreateFunction", Allowed},
		{"failed before the role's", &failed, "iam:PassRole", Undetermined},
		{"dry run", &dry, "iam:PassRole", Allowed},
		{"either side of a copy", &copied, "s3:PutObject", Undetermined},
		{"either side of a copy, source", &copied, "s3:GetObject", Undetermined},
		{"no such key", &missing, "s3:GetObject", Allowed},
		{"no such key tells the bucket", &missing, "s3:ListBucket", Allowed},
		{"denied", &denied, "iam:PassRole", Denied},
	} {
		found := false
		for _, u := range NewResolver(Default()).Resolve(tt.call).Uses {
			if u.Action == tt.action {
				found = true
				if u.Outcome != tt.want {
					t.Errorf("%s: %s %s, want %s", tt.name, u.Action, u.Outcome, tt.want)
				}
			}
		}
		if !found {
			t.Errorf("%s: no use of %s", tt.name, tt.action)
		}
	}
}

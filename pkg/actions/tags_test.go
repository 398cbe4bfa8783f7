package actions

import (
	"slices"
	"strings"
	"testing"
)

// TestTagsOnCreate looks at the tagging actions that calls with tags need.
func TestTagsOnCreate(t *testing.T) {
	for _, tt := range []struct{ call, want string }{
		// The action that the documentation names, before the service's general one.
		{"elasticfilesystem CreateFileSystem tags[].key=", "elasticfilesystem:TagResource inferred"},
		{"kinesis CreateStream streamName=s tags.a=", "kinesis:AddTagsToStream inferred"},
		{"ec2 CreateVolume tagSpecificationSet.items[].resourceType=volume", "ec2:CreateTags inferred"},
		{"autoscaling CreateAutoScalingGroup autoScalingGroupName=g tags[].key=", "autoscaling:CreateOrUpdateTags inferred"},
		{"resource-groups CreateGroup name=g tags.a=", "resource-groups:Tag inferred"},
		{"iam CreatePolicy policyName=p tags[].key=", "iam:TagPolicy inferred"},
		{"iam CreateVirtualMFADevice virtualMFADeviceName=m tags[].key=", "iam:TagMFADevice inferred"},
		// An operation that does not say "create", but whose documentation names it.
		{"controltower EnableControl controlIdentifier=c tags.a=", "controltower:TagResource inferred"},
		{"ec2 AuthorizeSecurityGroupIngress groupId=sg-1 tagSpecificationSet.items[].resourceType=security-group-rule", "ec2:CreateTags inferred"},
		// One that says neither, but whose tagging action AWS lists; without tags it is none.
		{"securityhub EnableSecurityHub tags.a=", "securityhub:TagResource inferred"},
		{"securityhub EnableSecurityHub enableDefaultStandards=true", ""},
		// One whose list lacks the tagging action: in doubt.
		{"kendra CreateFeaturedResultsSet indexId=i tags[].key=", "kendra:TagResource ambiguous"},
		{"swf StartWorkflowExecution domain=d tagList[]=a", "swf:TagResource ambiguous"},
		// A service with several tagging actions.
		{"acm RequestCertificate domainName=d tags[].key=", "acm:AddTagsToCertificate inferred"},
		// Parameters that are named for what is made, and members of an object that is.
		{"cognito-idp CreateUserPool poolName=p userPoolTags.a=", "cognito-idp:TagResource inferred"},
		{"bedrock CreateModelCustomizationJob jobName=j jobTags[].key=", "bedrock:TagResource inferred"},
		{"workspaces CreateWorkspaces workspaces[].tags[].key=", "workspaces:CreateTags inferred"},
		{"s3 CreateBucket bucketName=b createBucketConfiguration.tags[].key=", "s3:TagResource inferred"},
		{"mobiletargeting CreateApp createApplicationRequest.tags.a=", "mobiletargeting:TagResource inferred"},
		// Tags of something else.
		{"ec2 CreateLaunchTemplate launchTemplateName=l launchTemplateData.tagSpecifications[].resourceType=instance", ""},
		{"backup CreateBackupSelection backupPlanId=p backupSelection.listOfTags[].conditionKey=a", ""},
		{"synthetics CreateCanary name=c resourcesToReplicateTags[]=lambda-function", ""},
		{"lambda CreateFunction functionName=f", ""},
		{"ecs CreateService serviceName=s propagateTags=SERVICE", ""},
		// Without the parameters nothing is known of tags.
		{"dynamodb CreateTable", "dynamodb:TagResource ambiguous"},
		{"s3 UploadPart", ""},
	} {
		f := strings.Fields(tt.call)
		var got []string
		for _, u := range NewResolver(Default()).Resolve(testCall(f[0], f[1], f[2:]...)).Uses {
			if line := u.Action + " " + string(u.Basis); strings.Contains(u.Action, "Tag") && u.Basis != Dependent && !slices.Contains(got, line) {
				got = append(got, line)
			}
		}
		if got := strings.Join(got, "; "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.call, got, tt.want)
		}
	}
}

// A copy tags what it makes, not what it is made of.
func TestTagsOfCopies(t *testing.T) {
	call := testCall("rds", "CopyDBSnapshot", "sourceDBSnapshotIdentifier=a", "targetDBSnapshotIdentifier=b", "tags[].key=")
	if got := lines(NewResolver(Default()).Resolve(call).Uses); !slices.Contains(got, "rds:AddTagsToResource arn:aws:rds:us-east-1:111122223333:snapshot:b inferred") ||
		slices.Contains(got, "rds:AddTagsToResource arn:aws:rds:us-east-1:111122223333:snapshot:a inferred") {
		t.Errorf("got %q", got)
	}
}

package actions

import (
	"slices"
	"strings"
	"testing"
)

// Rules that an audit of the API models led to: which parameter names which
// resource of a call.
func TestResolveNaming(t *testing.T) {
	const here = ":us-east-1:111122223333:"
	expect(t, []expectation{
		{
			"a name within is not the resource's", testCall("cloudtrail", "PutEventSelectors", "trailName=t", "advancedEventSelectors[].name=s"),
			[]string{"cloudtrail:PutEventSelectors arn:aws:cloudtrail" + here + "trail/t"},
		},
		{
			"nor is one alone", testCall("cloudtrail", "PutEventSelectors", "advancedEventSelectors[].name=s"),
			[]string{"cloudtrail:PutEventSelectors -"},
		},
		{
			"but one in an object of the type is", testCall("codepipeline", "PutWebhook", "webhook.name=w", "webhook.targetPipeline=p"),
			[]string{"codepipeline:PutWebhook arn:aws:codepipeline" + here + "webhook:w", "codepipeline:PutWebhook arn:aws:codepipeline" + here + "p"},
		},
		{
			"a new name names nothing yet", testCall("codedeploy", "UpdateDeploymentGroup", "applicationName=a", "currentDeploymentGroupName=g", "newDeploymentGroupName=h"),
			[]string{"codedeploy:UpdateDeploymentGroup arn:aws:codedeploy" + here + "deploymentgroup:a/g"},
		},
		{
			"an id is no name", testCall("kinesis", "GetResourcePolicy", "streamId=s"),
			[]string{"kinesis:GetResourcePolicy -"},
		},
		{
			"a set of stacks is not a stack set", testCall("cloudformation", "ImportStacksToStackSet", "stackSetName=n", "stackIds[]=s"),
			[]string{"cloudformation:ImportStacksToStackSet arn:aws:cloudformation" + here + "stackset/n:*"},
		},
		{
			"one event's own row", testCall("glue", "DeleteDatabase", "name=d"),
			[]string{
				"glue:DeleteDatabase arn:aws:glue" + here + "catalog", "glue:DeleteDatabase arn:aws:glue" + here + "database/d",
				"glue:DeleteDatabase arn:aws:glue" + here + "table/d/*", "glue:DeleteDatabase arn:aws:glue" + here + "userDefinedFunction/d/*",
			},
		},
		{
			"a row that excludes", testCall("ec2", "ImportInstance", "launchSpecification.placement.groupId=pg-1"),
			[]string{"ec2:ImportInstance arn:aws:ec2" + here + "instance/*", "ec2:ImportInstance arn:aws:ec2" + here + "volume/*"},
		},
		{
			"rule groups by their type", testCall("network-firewall", "CreateRuleGroup", "ruleGroupName=g", "type=STATELESS"),
			[]string{"network-firewall:CreateRuleGroup arn:aws:network-firewall" + here + "stateless-rulegroup/g"},
		},
		{
			"a type's tail", testCall("ses", "CreateArchive", "archiveName=a"),
			[]string{"ses:CreateArchive arn:aws:ses" + here + "mailmanager-archive/*"},
		},
	})
}

// A resourceId names a resource of the type beside it, and of no other.
func TestResolveResourceType(t *testing.T) {
	const here = ":us-east-1:111122223333:"
	expect(t, []expectation{
		{
			"parameter", testCall("ssm", "AddTagsToResource", "resourceId=/a/b", "resourceType=Parameter"),
			[]string{"ssm:AddTagsToResource arn:aws:ssm" + here + "parameter/a/b"},
		},
		{
			"a type with a dash", testCall("ssm", "AddTagsToResource", "resourceId=mi-1", "resourceType=ManagedInstance"),
			[]string{"ssm:AddTagsToResource arn:aws:ssm" + here + "managed-instance/mi-1"},
		},
		{
			"an instance all the same", testCall("ssm", "PutComplianceItems", "resourceId=i-1", "resourceType=ManagedInstance"),
			[]string{"ssm:PutComplianceItems arn:aws:ec2" + here + "instance/i-1"},
		},
		{"a type of its own", testCall("ssm", "AddTagsToResource", "resourceId=x", "resourceType=Other"), []string{"ssm:AddTagsToResource -"}},
		{
			"several", testCall("route53", "ListTagsForResources", "resourceIds[]=Z1", "resourceIds[]=Z2", "resourceType=hostedzone"),
			[]string{"route53:ListTagsForResources arn:aws:route53:::hostedzone/Z1", "route53:ListTagsForResources arn:aws:route53:::hostedzone/Z2"},
		},
		{
			"without", testCall("organizations", "ListTagsForResource", "resourceId=444455556666"),
			[]string{"organizations:ListTagsForResource arn:aws:organizations::*:account/o-*/444455556666"},
		},
		{
			"an id's own prefix", testCall("organizations", "ListTagsForResource", "resourceId=ou-ab12-1"),
			[]string{"organizations:ListTagsForResource arn:aws:organizations::*:ou/o-*/ou-ab12-1"},
		},
	})
}

// Prefixes of ids tell EC2's types; one that no row has tells nothing.
func TestResolveIDPrefix(t *testing.T) {
	const tags, id = "ec2:CreateTags arn:aws:ec2:us-east-1:111122223333:", "resourcesSet.items[].resourceId="
	expect(t, []expectation{
		{"known", testCall("ec2", "CreateTags", id+"tgw-0a"), []string{tags + "transit-gateway/tgw-0a"}},
		{"longer", testCall("ec2", "CreateTags", id+"tgw-rtb-0a"), []string{tags + "transit-gateway-route-table/tgw-rtb-0a"}},
		{"unknown, with a known one within", testCall("ec2", "CreateTags", id+"tgw-new-kind-0a"), []string{"ec2:CreateTags -"}},
	})
}

// A list that names nothing is decided on all of the type, where the type is
// required or a row says so; a parameter that may name something forbids that.
func TestResolveLists(t *testing.T) {
	const here = ":us-east-1:111122223333:"
	denied := testCall("ecr", "DescribeRepositories")
	denied.ErrorCode = "AccessDeniedException"
	cut := testCall("ecr", "DescribeRepositories", "maxResults=")
	cut.Args = append([]Arg{{Path: "!truncated"}}, cut.Args...)
	expect(t, []expectation{
		{"denied, without parameters", denied, []string{"ecr:DescribeRepositories -"}},
		{"cut short", cut, []string{"ecr:DescribeRepositories -"}},
		{"required type", testCall("ecr", "DescribeRepositories", "maxResults="), []string{"ecr:DescribeRepositories arn:aws:ecr" + here + "repository/*"}},
		{"no parameters", testCall("monitoring", "DescribeAlarms"), []string{"cloudwatch:DescribeAlarms arn:aws:cloudwatch" + here + "alarm:*"}},
		{"filter", testCall("rds", "DescribeDBInstances", "filters[].name=engine"), []string{"rds:DescribeDBInstances arn:aws:rds" + here + "db:*"}},
		{"named", testCall("rds", "DescribeDBInstances", "dBInstanceIdentifier=d"), []string{"rds:DescribeDBInstances arn:aws:rds" + here + "db:d"}},
		{"hostile name", testCall("rds", "DescribeDBInstances", "dBInstanceIdentifier=*"), []string{"rds:DescribeDBInstances -"}},
		{"the caller's account", testCall("quicksight", "ListDashboards", "awsAccountId=111122223333"), []string{"quicksight:ListDashboards arn:aws:quicksight" + here + "dashboard/*"}},
		{"within another", testCall("neptune-graph", "ListGraphSnapshots", "graphIdentifier=g-1"), []string{"neptune-graph:ListGraphSnapshots -"}},
		{"optional type", testCall("rds", "DescribeOptionGroups", "maxRecords="), []string{"rds:DescribeOptionGroups -"}},
		{"the caller itself", testCall("iam", "ListAccessKeys"), []string{"iam:ListAccessKeys -"}},
		{"no list", testCall("ecr", "DeleteRepository", "force=true"), []string{"ecr:DeleteRepository -"}},
	})
}

// What a change answers tells what it was about.
func TestResolveResponse(t *testing.T) {
	const here = ":us-east-1:111122223333:"
	const proxy = "arn:aws:rds" + here + "db-proxy:prx-0a"
	respond := func(c *Call, leaves ...string) *Call {
		for _, l := range leaves {
			path, value, _ := strings.Cut(l, "=")
			c.Args = append(c.Args, Arg{Path: "r." + path, Value: value})
		}
		slices.SortFunc(c.Args, func(a, b Arg) int { return strings.Compare(a.Path+"\x00"+a.Value, b.Path+"\x00"+b.Value) })
		return c
	}
	expect(t, []expectation{
		{"ARN", respond(testCall("rds", "ModifyDBProxy", "dBProxyName=p"), "dBProxy.dBProxyArn="+proxy), []string{"rds:ModifyDBProxy " + proxy}},
		{"two ARNs", respond(testCall("rds", "ModifyDBProxy", "dBProxyName=p"), "dBProxy.dBProxyArn="+proxy, "other.arn="+proxy+"b"), []string{"rds:ModifyDBProxy -"}},
		{"hostile ARN", respond(testCall("rds", "ModifyDBProxy", "dBProxyName=p"), "dBProxy.dBProxyArn=arn:aws:rds"+here+"db-proxy:*"), []string{"rds:ModifyDBProxy -"}},
		{
			"id", respond(testCall("ec2", "DisassociateIamInstanceProfile", "associationId=iip-assoc-1"), "iamInstanceProfileAssociation.instanceId=i-1"),
			[]string{"ec2:DisassociateIamInstanceProfile arn:aws:ec2" + here + "instance/i-1"},
		},
		{
			"two ids", respond(testCall("ec2", "DisassociateIamInstanceProfile", "associationId=iip-assoc-1"), "a.instanceId=i-1", "b.instanceId=i-2", "c.instanceId=i-1"),
			[]string{"ec2:DisassociateIamInstanceProfile -"},
		},
		{
			"the request is better", respond(testCall("ec2", "ModifyVolume", "volumeId=vol-1"), "volumeModification.volumeId=vol-2"),
			[]string{"ec2:ModifyVolume arn:aws:ec2" + here + "volume/vol-1"},
		},
		{
			"a partly known name stays open", respond(testCall("backup", "UpdateFramework", "frameworkName=f"), "frameworkArn=arn:aws:backup"+here+"framework:f-0a"),
			[]string{"backup:UpdateFramework arn:aws:backup" + here + "framework:f-*"},
		},
		{
			"what failed", respond(testCall("workspaces", "StopWorkspaces", "stopWorkspaceRequests="), "failedRequests[].workspaceId=ws-1"),
			[]string{"workspaces:StopWorkspaces -"},
		},
		{
			"what was made", respond(testCall("backup", "CreateFramework", "frameworkName=f"), "frameworkArn=arn:aws:backup"+here+"framework:f-0a"),
			[]string{"backup:CreateFramework arn:aws:backup" + here + "framework:f-*"},
		},
	})
}

// An outer resource is known by its ARN, whatever its template calls it.
func TestResolveOuter(t *testing.T) {
	const here = ":us-east-1:111122223333:"
	expect(t, []expectation{
		{
			"bus of a rule", testCall("events", "PutRule", "name=r", "eventBusName=arn:aws:events:us-east-1:444455556666:event-bus/b"),
			[]string{"events:PutRule arn:aws:events:us-east-1:444455556666:rule/b/r"},
		},
		{
			"bucket of a table", testCall("s3tables", "DeleteTable", "tableBucketARN=arn:aws:s3tables"+here+"bucket/b", "namespace=n", "name=t"),
			[]string{"s3tables:DeleteTable arn:aws:s3tables" + here + "bucket/b/table/*"},
		},
		{
			"recovery point in a vault", testCall("backup", "DeleteRecoveryPoint", "backupVaultName=v", "recoveryPointArn=arn:aws:ec2:us-east-1::image/ami-1"),
			[]string{"backup:DeleteRecoveryPoint arn:aws:ec2:us-east-1::image/ami-1"},
		},
		{
			"of another kind", testCall("backup", "StartRestoreJob", "recoveryPointArn=arn:aws:rds"+here+"snapshot:awsbackup:job-1", "iamRoleArn=arn:aws:iam::111122223333:role/r"),
			[]string{"backup:StartRestoreJob arn:aws:rds" + here + "snapshot:awsbackup:job-1", "iam:PassRole arn:aws:iam::111122223333:role/r inferred to backup.amazonaws.com"},
		},
		{
			"access point by alias", testCall("s3", "GetObject", "bucketName=ap-x-s3alias", "key=k", "s[].ARN=arn:aws:s3:us-east-1:111122223333:accesspoint/ap"),
			[]string{"s3:GetObject arn:aws:s3:us-east-1:111122223333:accesspoint/ap/object/k"},
		},
	})
}

func TestSameWord(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"ManagedInstance", "managed-instance", true}, {"", "", true}, {"-", "", true}, {"a", "", false}, {"", "a", false},
		{"event-bus", "eventbus", true}, {"event-bus", "eventbuses", false}, {"a1", "A-1", true},
	} {
		if got := sameWord(tt.a, tt.b); got != tt.want {
			t.Errorf("%q, %q: %v", tt.a, tt.b, got)
		}
	}
}

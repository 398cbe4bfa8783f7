package actions

import (
	"slices"
	"strings"
	"testing"
)

// resources resolves one call per line, "source Event params => resource …", where a
// resource is what follows the account in the ARN of a logged use, "-" without one.
func resources(t *testing.T, cases string) {
	t.Helper()
	r := NewResolver(Default())
	for _, line := range strings.Split(strings.TrimSpace(cases), "\n") {
		call, want, _ := strings.Cut(line, " => ")
		fields := strings.Fields(call)
		var got []string
		for _, u := range r.Resolve(testCall(fields[0], fields[1], fields[2:]...)).Uses {
			if u.Basis != Logged {
				continue
			}
			_, resource := serviceOf(u.Resource)
			if resource == "" {
				resource = "-"
			}
			got = append(got, resource)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s\n got %s\nwant %s", call, strings.Join(got, " "), want)
		}
	}
}

// A bare name or id is that of what the event is about, and of no other type of the
// action.
func TestResolveBareNames(t *testing.T) {
	resources(t, `
wafv2 UpdateWebACL name=n id=i scope=REGIONAL => regional/webacl/n/i
wafv2 UpdateRuleGroup name=n id=i scope=REGIONAL => regional/rulegroup/n/i
wafv2 DeleteIPSet name=n id=i scope=CLOUDFRONT => global/ipset/n/i
wafv2 UpdateWebACL name=n id=i scope=REGIONAL rules[].statement.iPSetReferenceStatement.aRN=arn:aws:wafv2:us-east-1:111122223333:regional/ipset/s/1 => regional/ipset/s/1 regional/webacl/n/i
wafv2 GetRateBasedStatementManagedKeys scope=REGIONAL webACLName=n webACLId=i ruleName=r => regional/webacl/n/i
fis UpdateExperimentTemplate id=EXT1 => experiment-template/EXT1
omics GetRunTask id=1 taskId=2 => task/2 run/1
memorydb DeleteCluster clusterName=c => cluster/c
gamelift CreateFleetLocations fleetId=containerfleet-1 => containerfleet/containerfleet-1
gamelift CreateFleetLocations fleetId=fleet-1 => fleet/fleet-1
glue DeleteDatabase name=d => database/d catalog table/d/* userDefinedFunction/d/*
lex PutBot name=b => bot:b:*
lex GetIntentVersions name=i => intent:i:*
athena CreateWorkGroup name=w => workgroup/w
athena CreateNamedQuery name=n database=d => -
athena UpdateNamedQuery name=n namedQueryId=q => -
iotwireless StartFuotaTask id=f => FuotaTask/f
`)
}

// What is named for the type goes before a parameter that could be anybody's.
func TestResolveNamedForType(t *testing.T) {
	resources(t, `
workmail DescribeResource organizationId=m-1 resourceId=r-1 => organization/m-1
route53resolver AssociateResolverQueryLogConfig resolverQueryLogConfigId=q resourceId=vpc-1 => resolver-query-log-config/q
rum PutRumMetricsDestination AppMonitorName=m Destination=CloudWatch => appmonitor/m
es ListTags aRN=arn:aws:es:us-east-1:111122223333:domain/d => domain/d
rum PutRumEvents id=1 appMonitorDetails.name=m => appmonitor/m
`)
}

// A generic member of an object names that object.
func TestResolveGenericMembers(t *testing.T) {
	resources(t, `
rum BatchCreateRumMetricDefinitions AppMonitorName=m MetricDefinitions[].Name=x => appmonitor/m
rum BatchCreateRumMetricDefinitions MetricDefinitions[].Name=x => -
lightsail UpdateBucket bucketName=b cors.rules[].id=x => -
amplifyuibuilder UpdateTheme appId=a environmentName=e id=1 updatedTheme.id=2 => app/a/environment/e/themes/1
eks AssociateAccessPolicy name=c accessScope.type=cluster => access-entry/c/*/*/*/*
codepipeline CreatePipeline pipeline.name=p => p
glue CreateDatabase databaseInput.name=d => database/d catalog
`)
}

// An access entry's ARN tells the principal; of a name with a path, which part is open.
func TestResolveAccessEntry(t *testing.T) {
	resources(t, `
eks DeleteAccessEntry name=c principalArn=arn:aws:iam::444455556666:role/r => access-entry/c/role/444455556666/r/*
eks DeleteAccessEntry name=c principalArn=arn%3Aaws%3Aiam%3A%3A444455556666%3Auser%2Fu => access-entry/c/user/444455556666/u/*
eks DeleteAccessEntry name=c principalArn=arn:aws:iam::444455556666:role/p/r => access-entry/c/role/444455556666/*/*
eks DeleteAccessEntry name=c principalArn=arn:aws:iam::444455556666:role/r* => access-entry/c/*/*/*/*
`)
}

// What AWS owns is told by its id, and a name that no IAM user has is no user's.
func TestResolveReserved(t *testing.T) {
	resources(t, `
bedrock-agentcore StartBrowserSession browserIdentifier=aws.browser.v1 => browser/aws.browser.v1
bedrock-agentcore StartBrowserSession browserIdentifier=mine-1 => browser-custom/mine-1
iam DeleteUser userName=bob => user/bob
organizations InviteAccountToOrganization target.id=444455556666 target.type=ACCOUNT => account/o-*/444455556666
organizations InviteAccountToOrganization target.id=a@example.com target.type=EMAIL => -
organizations MoveAccount accountId=444455556666 sourceParentId=r-abcd destinationParentId=ou-abcd-12345678 => ou/o-*/ou-abcd-12345678 root/o-*/r-abcd account/o-*/444455556666
autoscaling CreateOrUpdateTags tags= tags[].resourceId=g => autoScalingGroup:*:autoScalingGroupName/g
`)
	call := testCall("iam", "EnableMFADevice")
	call.Args = []Arg{{Path: "p.userName", Value: "AWS ROOT USER"}}
	if got := lines(NewResolver(Default()).Resolve(call).Uses); len(got) != 1 || got[0] != "iam:EnableMFADevice -" {
		t.Errorf("the root user: %v", got)
	}
}

// The tags of a new resource are decided on the resource that the create is.
func TestResolveTagsOfNew(t *testing.T) {
	for _, tt := range []struct{ source, event, params, want string }{
		{"iot", "CreateTopicRule", "ruleName=r tags=", "iot:TagResource arn:aws:iot:us-east-1:111122223333:rule/r inferred"},
		{"rum", "CreateAppMonitor", "Name=m Tags=", "rum:TagResource arn:aws:rum:us-east-1:111122223333:appmonitor/m inferred"},
		{"medialive", "CreatePartnerInput", "inputId=1 tags=", "medialive:CreateTags - ambiguous"}, // of the other input
		{"odb", "CreateAutonomousDatabase", "tags= sourceConfiguration.databaseClone.sourceAutonomousDatabaseId=arn:aws:odb:us-east-1:111122223333:autonomous-database/old",
			"odb:TagResource arn:aws:odb:us-east-1:111122223333:autonomous-database/* inferred"},
		{"lambda", "CreateFunction20150331", "tags= functionName=arn:aws:lambda:us-east-1:111122223333:function:f",
			"lambda:TagResource arn:aws:lambda:us-east-1:111122223333:function:f inferred"},
		{"directconnect", "AllocateHostedConnection", "connectionId=dxcon-1 tags[]=", "directconnect:TagResource - inferred"},
	} {
		got := lines(NewResolver(Default()).Resolve(testCall(tt.source, tt.event, strings.Fields(tt.params)...)).Uses)
		if !slices.Contains(got, tt.want) {
			t.Errorf("%s: got %v, want %s", tt.event, got, tt.want)
		}
	}
}

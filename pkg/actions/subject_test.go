package actions

import (
	"slices"
	"strings"
	"testing"
)

// expect resolves calls and compares their uses with the wanted ones.
func expect(t *testing.T, tests []expectation) {
	t.Helper()
	r := NewResolver(Default())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := lines(r.Resolve(tt.call).Uses)
			slices.Sort(got)
			slices.Sort(tt.want)
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s %s\n got %s\nwant %s", tt.call.EventSource, tt.call.EventName, strings.Join(got, "\n     "), strings.Join(tt.want, "\n     "))
			}
		})
	}
}

type expectation struct {
	name string
	call *Call
	want []string
}

// What a call makes has no id yet, and the name that it gives is none.
func TestResolveCreatedIDs(t *testing.T) {
	const here = "arn:aws:%:us-east-1:111122223333:"
	for _, tt := range []struct{ source, event, params, resource string }{
		{"backup", "CreateBackupPlan", "backupPlan.backupPlanName=p", here + "backup-plan:*"},
		{"route53resolver", "CreateResolverEndpoint", "name=n securityGroupIds[]=sg-1", here + "resolver-endpoint/*"},
		{"route53resolver", "CreateResolverRule", "name=n resolverEndpointId=rslvr-out-1", here + "resolver-rule/*"},
		{"vpc-lattice", "CreateService", "name=n", here + "service/*"},
		{"vpc-lattice", "CreateTargetGroup", "name=n", here + "targetgroup/*"},
		{"vpc-lattice", "CreateServiceNetwork", "name=n", here + "servicenetwork/*"},
		{"servicecatalog", "CreateProduct", "name=n", "arn:aws:catalog:us-east-1:111122223333:product/*"},
		{"sagemaker", "CreateDomain", "domainName=n", here + "domain/*"},
		{"cloudtrail", "CreateEventDataStore", "name=n", here + "eventdatastore/*"},
		{"organizations", "CreatePolicy", "name=n type=SERVICE_CONTROL_POLICY", "arn:aws:organizations::*:policy/o-*/service_control_policy/p-*"},
		{"imagebuilder", "CreateComponent", "name=n semanticVersion=1.0.0", here + "component/n/*/*"},
		{"kafka", "CreateConfiguration", "name=n", here + "configuration/n/*"},
		{"kafka", "CreateCluster", "clusterName=n", here + "cluster/n/*"},
		{"config", "PutConfigRule", "configRule.configRuleName=r", here + "config-rule/*"},
		{"autoscaling", "CreateAutoScalingGroup", "autoScalingGroupName=g targetGroupARNs[]=arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/tg/0123", here + "autoScalingGroup:*:autoScalingGroupName/g"},
		{"kinesisvideo", "CreateSignalingChannel", "channelName=n", here + "channel/n/*"},
		{"redshift", "CreateIntegration", "integrationName=n", here + "integration:*"},
		// Ids that the caller chooses.
		{"elasticache", "CreateReplicationGroup", "replicationGroupId=g", here + "replicationgroup:g"},
		{"redshift", "CreateHsmConfiguration", "hsmConfigurationIdentifier=h", here + "hsmconfiguration:h"},
		{"rds", "CreateDBInstance", "dBInstanceIdentifier=d", here + "db:d"},
	} {
		want := tt.event + " " + strings.Replace(tt.resource, "%", tt.source, 1)
		r := NewResolver(Default())
		call := testCall(tt.source, tt.event, strings.Fields(tt.params)...)
		if got := lines(r.Resolve(call).Uses); !slices.Contains(got, tt.source+":"+want) {
			t.Errorf("%s %s: got %q, want %q", tt.source, tt.params, got, want)
		} else if n := countAction(got, tt.source+":"+tt.event); n != 1 && tt.source != "elasticache" && tt.source != "rds" {
			t.Errorf("%s: %d resources: %q", tt.source, n, got)
		}
	}
	expect(t, []expectation{
		{
			"outer resource by its ARN", testCall("sso", "CreatePermissionSet", "name=n", "instanceArn=arn:aws:sso:::instance/ssoins-1"),
			[]string{"sso:CreatePermissionSet arn:aws:sso:::instance/ssoins-1", "sso:CreatePermissionSet arn:aws:sso:::permissionSet/ssoins-1/*"},
		},
		{
			"parent by id", testCall("servicediscovery", "CreateService", "name=n", "namespaceId=ns-1"),
			[]string{"servicediscovery:CreateService arn:aws:servicediscovery:us-east-1:111122223333:namespace/ns-1", "servicediscovery:CreateService arn:aws:servicediscovery:us-east-1:111122223333:service/*"},
		},
		{
			"tags on create under another name", testCall("backup", "CreateBackupPlan", "backupPlan.backupPlanName=p", "backupPlanTags="),
			[]string{"backup:CreateBackupPlan arn:aws:backup:us-east-1:111122223333:backup-plan:*", "backup:TagResource arn:aws:backup:us-east-1:111122223333:backup-plan:* inferred"},
		},
		{
			"a job has no id yet", testCall("batch", "SubmitJob", "jobName=j", "jobQueue=q", "jobDefinition=d:1"),
			[]string{"batch:SubmitJob arn:aws:batch:us-east-1:111122223333:job-definition/d:1", "batch:SubmitJob arn:aws:batch:us-east-1:111122223333:job-queue/q", "batch:SubmitJob arn:aws:batch:us-east-1:111122223333:job/*"},
		},
		{
			"tags on create", testCall("vpc-lattice", "CreateService", "name=n", "tags="),
			[]string{"vpc-lattice:CreateService arn:aws:vpc-lattice:us-east-1:111122223333:service/*", "vpc-lattice:TagResource arn:aws:vpc-lattice:us-east-1:111122223333:service/* inferred"},
		},
	})
}

func countAction(lines []string, action string) int {
	n := 0
	for _, l := range lines {
		if strings.HasPrefix(l, action+" ") {
			n++
		}
	}
	return n
}

// Whose a resource is, and where, may be told by the call.
func TestResolveOwner(t *testing.T) {
	expect(t, []expectation{
		{"queue URL", testCall("sqs", "ReceiveMessage", "queueUrl=https://sqs.eu-west-2.amazonaws.com/444455556666/q"), []string{"sqs:ReceiveMessage arn:aws:sqs:eu-west-2:444455556666:q"}},
		{"old queue URL", testCall("sqs", "ReceiveMessage", "queueUrl=https://eu-west-2.queue.amazonaws.com/444455556666/q"), []string{"sqs:ReceiveMessage arn:aws:sqs:eu-west-2:444455556666:q"}},
		{"China's queue URL", testCall("sqs", "ReceiveMessage", "queueUrl=https://sqs.cn-north-1.amazonaws.com.cn/444455556666/q"), []string{"sqs:ReceiveMessage arn:aws-cn:sqs:cn-north-1:444455556666:q"}},
		{"queue owner", testCall("sqs", "GetQueueUrl", "queueName=q", "queueOwnerAWSAccountId=444455556666"), []string{"sqs:GetQueueUrl arn:aws:sqs:us-east-1:444455556666:q"}},
		{"registry", testCall("ecr", "BatchGetImage", "registryId=444455556666", "repositoryName=r"), []string{"ecr:BatchGetImage arn:aws:ecr:us-east-1:444455556666:repository/r"}},
		{
			"Glue catalog", testCall("glue", "GetDatabase", "catalogId=444455556666", "name=d"),
			[]string{"glue:GetDatabase arn:aws:glue:us-east-1:444455556666:catalog", "glue:GetDatabase arn:aws:glue:us-east-1:444455556666:database/d"},
		},
		{"nested catalog", testCall("glue", "GetDatabase", "catalogId=444455556666:s3tablescatalog/b", "name=d"), []string{"glue:GetDatabase arn:aws:glue:us-east-1:111122223333:catalog", "glue:GetDatabase -"}},
		{
			"not of the role", testCall("glue", "CreateJob", "name=j", "role=r", "catalogId=444455556666"),
			[]string{"glue:CreateJob arn:aws:glue:us-east-1:444455556666:job/j", "iam:PassRole arn:aws:iam::111122223333:role/r inferred to glue.amazonaws.com"},
		},
		{"no account id", testCall("ecr", "BatchGetImage", "registryId=44445555666x", "repositoryName=r"), []string{"ecr:BatchGetImage arn:aws:ecr:us-east-1:111122223333:repository/r"}},
		{
			"partial function ARN", testCall("lambda", "Invoke", "functionName=444455556666:function:f"),
			[]string{"lambda:InvokeFunction arn:aws:lambda:us-east-1:444455556666:function:f"},
		},
		{"shorter still", testCall("lambda", "Invoke", "functionName=444455556666:f"), []string{"lambda:InvokeFunction arn:aws:lambda:us-east-1:444455556666:function:f"}},
		{"AWS's document", testCall("ssm", "GetDocument", "name=AWSEC2-ConfigureSTIG"), []string{"ssm:GetDocument arn:aws:ssm:us-east-1::document/AWSEC2-ConfigureSTIG"}},
		{
			"AWS's parameter and another", testCall("ssm", "GetParameters", "names[]=/aws/service/eks/x", "names[]=/aws/x"),
			[]string{"ssm:GetParameters arn:aws:ssm:us-east-1::parameter/aws/service/eks/x", "ssm:GetParameters arn:aws:ssm:us-east-1:111122223333:parameter/aws/x"},
		},
		{"own document", testCall("ssm", "GetDocument", "name=mine"), []string{"ssm:GetDocument arn:aws:ssm:us-east-1:111122223333:document/mine"}},
	})
}

func TestResolveLambdaQualifier(t *testing.T) {
	const f = "arn:aws:lambda:us-east-1:111122223333:function:f"
	expect(t, []expectation{
		{"name", testCall("lambda", "Invoke", "functionName=f"), []string{"lambda:InvokeFunction " + f}},
		{"name and qualifier", testCall("lambda", "Invoke", "functionName=f", "qualifier=live"), []string{"lambda:InvokeFunction " + f + ":live"}},
		{"ARN and qualifier", testCall("lambda", "Invoke", "functionName="+f, "qualifier=live"), []string{"lambda:InvokeFunction " + f + ":live"}},
		{"resources[] and qualified ARN", testCall("lambda", "Invoke", "functionName="+f+":live", "s[].ARN="+f), []string{"lambda:InvokeFunction " + f + ":live"}},
		{"resources[] and qualifier", testCall("lambda", "Invoke", "functionName=f", "qualifier=live", "s[].ARN="+f), []string{"lambda:InvokeFunction " + f + ":live"}},
		{"qualified ARN", testCall("lambda", "Invoke", "functionName="+f+":live", "qualifier=live"), []string{"lambda:InvokeFunction " + f + ":live"}},
		{"qualified name", testCall("lambda", "Invoke", "functionName=f:live"), []string{"lambda:InvokeFunction " + f + ":live"}},
		{"partial ARN and qualifier", testCall("lambda", "Invoke", "functionName=111122223333:function:f:3"), []string{"lambda:InvokeFunction " + f + ":3"}},
		{"hostile qualifier", testCall("lambda", "Invoke", "functionName=f", "qualifier=*"), []string{"lambda:InvokeFunction " + f}},
		{"not an invocation", testCall("lambda", "GetFunction20150331v2", "functionName=f", "qualifier=3"), []string{"lambda:GetFunction " + f, "lambda:GetFunction " + f + ":3"}},
	})
}

// The resource that a decision is about, where a call names a part of it or others beside it.
func TestResolveSubject(t *testing.T) {
	const role = "arn:aws:iam::111122223333:role/r"
	execution := "arn:aws:states:us-east-1:111122223333:execution:m:e"
	stream := "arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/2020-01-01T00:00:00.000"
	expect(t, []expectation{
		{
			"replication's destination", testCall("s3", "PutBucketReplication", "bucketName=bkt", "ReplicationConfiguration.Role="+role, "ReplicationConfiguration.Rule.Destination.Bucket=arn:aws:s3:::dst"),
			[]string{"s3:PutReplicationConfiguration arn:aws:s3:::bkt", "iam:PassRole " + role + " inferred to s3.amazonaws.com"},
		},
		{"subscription", testCall("sns", "Unsubscribe", "subscriptionArn=arn:aws:sns:us-east-1:111122223333:t:0a-0b"), []string{"sns:Unsubscribe arn:aws:sns:us-east-1:111122223333:t"}},
		{"shard iterator", testCall("dynamodb", "GetRecords", "shardIterator="+stream+"|1|AAAA"), []string{"dynamodb:GetRecords " + stream}},
		{
			"an execution's name", testCall("states", "StartExecution", "stateMachineArn=arn:aws:states:us-east-1:111122223333:stateMachine:m:PROD", "name=x"),
			[]string{"states:StartExecution arn:aws:states:us-east-1:111122223333:stateMachine:m", "states:StartExecution arn:aws:states:us-east-1:111122223333:stateMachine:m:PROD"},
		},
		{
			"source and target", testCall("rds", "CopyDBClusterSnapshot", "sourceDBClusterSnapshotIdentifier=arn:aws:rds:us-west-2:111122223333:cluster-snapshot:a", "targetDBClusterSnapshotIdentifier=b"),
			[]string{"rds:CopyDBClusterSnapshot arn:aws:rds:us-east-1:111122223333:cluster-snapshot:b", "rds:CopyDBClusterSnapshot arn:aws:rds:us-west-2:111122223333:cluster-snapshot:a"},
		},
		{
			"source in another region", testCall("rds", "CopyDBSnapshot", "sourceDBSnapshotIdentifier=arn:aws:rds:us-west-2:111122223333:snapshot:a", "targetDBSnapshotIdentifier=b"),
			[]string{"rds:CopyDBSnapshot arn:aws:rds:us-east-1:111122223333:snapshot:b", "rds:CopyDBSnapshot arn:aws:rds:us-west-2:111122223333:snapshot:a"},
		},
		{
			"index of another account's table", testCall("dynamodb", "Query", "tableName=arn:aws:dynamodb:us-east-1:444455556666:table/t", "indexName=i"),
			[]string{"dynamodb:Query arn:aws:dynamodb:us-east-1:444455556666:table/t/index/i"}, // and not the table
		},
		{
			"permission for another function", testCall("lambda", "AddPermission20150331v2", "functionName=f", "sourceArn=arn:aws:lambda:us-east-1:111122223333:function:g"),
			[]string{"lambda:AddPermission arn:aws:lambda:us-east-1:111122223333:function:f"},
		},
		{"a name is no id", testCall("config", "DeleteConfigRule", "configRuleName=r"), []string{"config:DeleteConfigRule -"}},
		{"the name of what is made", testCall("redshift", "CreateInboundIntegration", "name=n"), []string{"redshift:CreateInboundIntegration -"}},
		{"key by alias", testCall("kms", "Decrypt", "keyId=alias/x"), []string{"kms:Decrypt -"}},
		{"key by alias, in resources[]", testCall("kms", "Decrypt", "keyId=alias/x", "s[].ARN=arn:aws:kms:us-east-1:111122223333:key/1"), []string{"kms:Decrypt arn:aws:kms:us-east-1:111122223333:key/1"}},
		{"parameter's version", testCall("ssm", "GetParameter", "name=/a/b:3"), []string{"ssm:GetParameter arn:aws:ssm:us-east-1:111122223333:parameter/a/b"}},
		{"parameter's label, by ARN", testCall("ssm", "GetParameter", "name=arn:aws:ssm:us-east-1:111122223333:parameter/p:prod"), []string{"ssm:GetParameter arn:aws:ssm:us-east-1:111122223333:parameter/p"}},
		{
			"builds", testCall("codebuild", "BatchGetBuilds", "ids[]=p:0a-0b", "ids[]=q:0c"),
			[]string{"codebuild:BatchGetBuilds arn:aws:codebuild:us-east-1:111122223333:project/p", "codebuild:BatchGetBuilds arn:aws:codebuild:us-east-1:111122223333:project/q"},
		},
		{"build", testCall("codebuild", "StopBuild", "id=p:0a-0b"), []string{"codebuild:StopBuild arn:aws:codebuild:us-east-1:111122223333:project/p"}},
		{"build by ARN", testCall("codebuild", "StopBuild", "id=arn:aws:codebuild:us-east-1:111122223333:build/p:0a"), []string{"codebuild:StopBuild arn:aws:codebuild:us-east-1:111122223333:project/p"}},
		{"report", testCall("codebuild", "BatchGetReports", "reportArns[]=arn:aws:codebuild:us-east-1:111122223333:report/g:0a"), []string{"codebuild:BatchGetReports arn:aws:codebuild:us-east-1:111122223333:report-group/g"}},
		{"either type", testCall("states", "DescribeExecution", "executionArn="+execution), []string{"states:DescribeExecution " + execution}},
		{"wildcard template", testCall("dms", "StartReplicationTask", "replicationTaskArn=arn:aws:dms:us-east-1:111122223333:task:XYZ"), []string{"dms:StartReplicationTask arn:aws:dms:us-east-1:111122223333:task:XYZ"}},
		{"instances by tag", testCall("ssm", "SendCommand", "documentName=d", "targets[].key=tag:Name", "targets[].values[]=i-1"), []string{"ssm:SendCommand arn:aws:ssm:us-east-1:111122223333:document/d", "ssm:SendCommand -"}},
		{
			"instances by id", testCall("ssm", "SendCommand", "documentName=d", "targets[].key=InstanceIds", "targets[].values[]=i-1"),
			[]string{"ssm:SendCommand arn:aws:ssm:us-east-1:111122223333:document/d", "ssm:SendCommand arn:aws:ec2:us-east-1:111122223333:instance/i-1"},
		},
	})
}

// EC2 wraps some calls in a "…Request", with lists as content of numbered elements.
func TestResolveRequestObjects(t *testing.T) {
	const ec2 = " arn:aws:ec2:us-east-1:111122223333:"
	flow := []string{"ec2:CreateFlowLogs" + ec2 + "vpc-flow-log/*", "ec2:CreateFlowLogs" + ec2 + "vpc/vpc-7"}
	expect(t, []expectation{
		{"flow log", testCall("ec2", "CreateFlowLogs", "CreateFlowLogsRequest.ResourceId.content=vpc-7", "CreateFlowLogsRequest.ResourceId.tag="), flow},
		{
			"tags within", testCall("ec2", "CreateFlowLogs", "CreateFlowLogsRequest.ResourceId.content=vpc-7", "CreateFlowLogsRequest.TagSpecification.ResourceType=vpc-flow-log"),
			append([]string{"ec2:CreateTags" + ec2 + "vpc-flow-log/* inferred"}, flow...),
		},
		{
			"endpoint", testCall("ec2", "CreateVpcEndpoint", "CreateVpcEndpointRequest.VpcId=vpc-7", "CreateVpcEndpointRequest.RouteTableId.content=rtb-1",
				"CreateVpcEndpointRequest.SubnetId.content=subnet-1", "CreateVpcEndpointRequest.SecurityGroupId.content=sg-1"),
			[]string{
				"ec2:CreateVpcEndpoint" + ec2 + "vpc/vpc-7", "ec2:CreateVpcEndpoint" + ec2 + "vpc-endpoint/*", "ec2:CreateVpcEndpoint" + ec2 + "route-table/rtb-1",
				"ec2:CreateVpcEndpoint" + ec2 + "subnet/subnet-1", "ec2:CreateVpcEndpoint" + ec2 + "security-group/sg-1",
			},
		},
		{
			"added and removed", testCall("ec2", "ModifyVpcEndpoint", "ModifyVpcEndpointRequest.VpcEndpointId=vpce-1", "ModifyVpcEndpointRequest.AddRouteTableId.content=rtb-1", "ModifyVpcEndpointRequest.RemoveSubnetId.content=subnet-1"),
			[]string{"ec2:ModifyVpcEndpoint" + ec2 + "vpc-endpoint/vpce-1", "ec2:ModifyVpcEndpoint" + ec2 + "route-table/rtb-1", "ec2:ModifyVpcEndpoint" + ec2 + "subnet/subnet-1"},
		},
	})
}

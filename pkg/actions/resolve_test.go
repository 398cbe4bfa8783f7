package actions

import (
	"cmp"
	"slices"
	"strings"
	"testing"
)

// testCall makes a call of the account 111122223333 in us-east-1. Parameters
// are "name=value"; "s[].ARN=…" is a member of resources[].
func testCall(source, name string, params ...string) *Call {
	c := &Call{
		EventSource: source + ".amazonaws.com", EventName: name, EventType: "AwsApiCall",
		Region: "us-east-1", Account: "111122223333", RecipientAccount: "111122223333",
	}
	for _, p := range params {
		path, value, _ := strings.Cut(p, "=")
		if !strings.HasPrefix(path, "s[]") {
			path = "p." + path
		}
		c.Args = append(c.Args, Arg{Path: path, Value: value})
	}
	slices.SortFunc(c.Args, func(a, b Arg) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Value, b.Value)) })
	return c
}

// lines renders uses as "action resource basis"; documented dependents, which
// dependent_test.go looks at, are left out.
func lines(uses []Use) []string {
	var out []string
	for _, u := range uses {
		if u.Basis == Dependent {
			continue
		}
		line := u.Action + " " + cmp.Or(u.Resource, "-")
		if u.Basis != Logged {
			line += " " + string(u.Basis)
		}
		if u.PassedTo != "" {
			line += " to " + u.PassedTo
		}
		out = append(out, line)
	}
	return out
}

func TestResolve(t *testing.T) {
	role := "arn:aws:iam::111122223333:role/r"
	tests := []struct {
		name string
		call *Call
		want []string
	}{
		// 1. Event source to prefix.
		{"source row", testCall("monitoring", "DeleteAlarms", "alarmNames[]=a"), []string{"cloudwatch:DeleteAlarms arn:aws:cloudwatch:us-east-1:111122223333:alarm:a"}},
		{"SDK's signing name", testCall("appstream2", "ListAssociatedStacks", "fleetName=f"), []string{"appstream:ListAssociatedStacks arn:aws:appstream:us-east-1:111122223333:fleet/f"}},
		{"one of three prefixes", testCall("autoscaling", "DescribeScalableTargets", "serviceNamespace=ecs"), []string{"application-autoscaling:DescribeScalableTargets *"}},
		// 2. Names.
		{"date and version", testCall("lambda", "GetFunction20150331v2", "functionName=f"), []string{"lambda:GetFunction arn:aws:lambda:us-east-1:111122223333:function:f"}},
		{"underscored date", testCall("cloudfront", "GetDistribution2020_05_31", "id=E1"), []string{"cloudfront:GetDistribution arn:aws:cloudfront::111122223333:distribution/E1"}},
		{"trailing space", testCall("sts", "AssumeRole ", "roleArn="+role), []string{"sts:AssumeRole " + role}},
		{"case", testCall("s3", "GetBucketCors", "bucketName=b"), []string{"s3:GetBucketCORS arn:aws:s3:::b"}},
		{"batch", testCall("rolesanywhere", "BatchListCrls"), []string{"rolesanywhere:ListCrls *"}},
		// 3. S3.
		{"version", testCall("s3", "GetObject", "bucketName=b", "key=k", "versionId=1"), []string{"s3:GetObjectVersion arn:aws:s3:::b/k"}},
		{
			"headers choose", testCall("s3", "PutObject", "bucketName=b", "key=k", "x-amz-acl=private", "x-amz-tagging="),
			[]string{"s3:PutObject arn:aws:s3:::b/k", "s3:PutObjectAcl arn:aws:s3:::b/k", "s3:PutObjectTagging arn:aws:s3:::b/k"},
		},
		{"no parameters to choose by", testCall("s3", "HeadObject"), []string{"s3:GetObject - ambiguous", "s3:GetObjectVersion - ambiguous"}},
		{
			"DeleteObjects logs no keys", testCall("s3", "DeleteObjects", "bucketName=b", "s[].ARNPrefix=arn:aws:s3:::b/", "s[].ARN=arn:aws:s3:::b"),
			[]string{"s3:DeleteObject arn:aws:s3:::b/*"},
		},
		{
			"access point", testCall("s3", "GetObject", "bucketName=arn:aws:s3:us-east-1:111122223333:accesspoint/ap", "key=k"),
			[]string{"s3:GetObject arn:aws:s3:us-east-1:111122223333:accesspoint/ap/object/k"},
		},
		{"access point alias", testCall("s3", "GetObject", "bucketName=ap-abc-s3alias", "key=k"), []string{"s3:GetObject -"}},
		{"express session", testCall("s3express", "PutObject", "bucketName=b--use1-az1--x-s3"), []string{"s3express:CreateSession arn:aws:s3express:us-east-1:111122223333:bucket/b--use1-az1--x-s3"}},
		{
			"copy", testCall("s3", "CopyObject", "bucketName=b", "key=k", "x-amz-copy-source=src/a%2Fb"),
			[]string{"s3:PutObject arn:aws:s3:::b/k", "s3:GetObject arn:aws:s3:::src/a/b"},
		},
		// 4. Renamed operations.
		{"Invoke", testCall("lambda", "Invoke", "functionName=f"), []string{"lambda:InvokeFunction arn:aws:lambda:us-east-1:111122223333:function:f"}},
		{
			"function URL needs both", testCall("lambda", "InvokeFunctionUrl", "s[].ARN=arn:aws:lambda:us-east-1:111122223333:function:f"),
			[]string{"lambda:InvokeFunction arn:aws:lambda:us-east-1:111122223333:function:f", "lambda:InvokeFunctionUrl arn:aws:lambda:us-east-1:111122223333:function:f"},
		},
		{"budgets", testCall("budgets", "DescribeBudgets"), []string{"budgets:ViewBudget arn:aws:budgets::111122223333:budget/*"}},
		// 5. API Gateway.
		{
			"verb and path", testCall("apigateway", "PutIntegration", "restApiId=a", "resourceId=r", "httpMethod=GET"),
			[]string{"apigateway:PUT arn:aws:apigateway:us-east-1::/restapis/a/resources/r/methods/GET/integration"},
		},
		{"generation by parameter", testCall("apigateway", "CreateDeployment", "apiId=a"), []string{"apigateway:POST arn:aws:apigateway:us-east-1::/apis/a/deployments"}},
		{"two verbs", testCall("apigateway", "TagResource", "resourceArn=x"), []string{"apigateway:POST arn:aws:apigateway:us-east-1::/tags/x ambiguous", "apigateway:PUT arn:aws:apigateway:us-east-1::/tags/x ambiguous"}},
		{"unknown operation by convention", testCall("apigateway", "UpdateWidget"), []string{"apigateway:PATCH -"}},
		{"an action of its own before the verb", testCall("apigateway", "UpdatePortal"), []string{"apigateway:UpdatePortal -"}},
		// 6. Several actions.
		{
			"transaction", testCall("dynamodb", "TransactWriteItems", "transactItems[].put.tableName=t", "transactItems[].delete.tableName=u"),
			[]string{"dynamodb:DeleteItem arn:aws:dynamodb:us-east-1:111122223333:table/u", "dynamodb:PutItem arn:aws:dynamodb:us-east-1:111122223333:table/t"},
		},
		{
			"PartiQL by verb", testCall("dynamodb", "ExecuteStatement", "statement= insert into t value ?", "s[].ARN=arn:aws:dynamodb:us-east-1:111122223333:table/t"),
			[]string{"dynamodb:PartiQLInsert arn:aws:dynamodb:us-east-1:111122223333:table/t"},
		},
		{
			"tags on create", testCall("iam", "CreateRole", "roleName=r", "tags[].key="),
			[]string{"iam:CreateRole " + role, "iam:TagRole " + role + " inferred"},
		},
		{"role with a path", testCall("iam", "CreateRole", "roleName=r", "path=/a/b/"), []string{"iam:CreateRole arn:aws:iam::111122223333:role/a/b/r"}},
		{"no tags on create", testCall("iam", "CreateRole", "roleName=r"), []string{"iam:CreateRole " + role}},
		// 8. PassRole.
		{
			"role to a service", testCall("lambda", "CreateFunction20150331", "functionName=f", "role="+role),
			[]string{"lambda:CreateFunction arn:aws:lambda:us-east-1:111122223333:function:f", "iam:PassRole " + role + " inferred to lambda.amazonaws.com"},
		},
		{
			"instance profile by name", testCall("ec2", "AssociateIamInstanceProfile", "iamInstanceProfile.name=p", "instanceId=i-1"),
			[]string{"ec2:AssociateIamInstanceProfile arn:aws:ec2:us-east-1:111122223333:instance/i-1", "iam:PassRole arn:aws:iam::111122223333:instance-profile/p instance-profile to ec2.amazonaws.com"},
		},
		{"principal is not passed", testCall("eks", "CreateAccessEntry", "clusterName=c", "principalArn="+role), []string{"eks:CreateAccessEntry arn:aws:eks:us-east-1:111122223333:cluster/c"}},
		{"assumed, not passed", testCall("sts", "AssumeRole", "roleArn="+role), []string{"sts:AssumeRole " + role}},
		{"read call passes nothing", testCall("ssm", "DescribeInstanceInformation", "roleArn="+role), []string{"ssm:DescribeInstanceInformation *"}},
		// 10. Resources.
		{"alias", testCall("rds", "StartDBInstance", "dBInstanceIdentifier=d"), []string{"rds:StartDBInstance arn:aws:rds:us-east-1:111122223333:db:d"}},
		{
			"list", testCall("ec2", "StopInstances", "instancesSet.items[].instanceId=i-1", "instancesSet.items[].instanceId=i-2"),
			[]string{"ec2:StopInstances arn:aws:ec2:us-east-1:111122223333:instance/i-1", "ec2:StopInstances arn:aws:ec2:us-east-1:111122223333:instance/i-2"},
		},
		{"queue URL", testCall("sqs", "ReceiveMessage", "queueUrl=https://sqs.us-east-1.amazonaws.com/111122223333/q"), []string{"sqs:ReceiveMessage arn:aws:sqs:us-east-1:111122223333:q"}},
		{"secret's suffix", testCall("secretsmanager", "GetSecretValue", "secretId=s"), []string{"secretsmanager:GetSecretValue arn:aws:secretsmanager:us-east-1:111122223333:secret:s-??????"}},
		{"secret's ARN", testCall("secretsmanager", "GetSecretValue", "secretId=arn:aws:secretsmanager:us-east-1:111122223333:secret:s-AbC123"), []string{"secretsmanager:GetSecretValue arn:aws:secretsmanager:us-east-1:111122223333:secret:s-AbC123"}},
		{"default event bus", testCall("events", "DeleteRule", "name=r", "eventBusName=default"), []string{"events:DeleteRule arn:aws:events:us-east-1:111122223333:rule/r"}},
		{
			"outer resource by ARN", testCall("ecs", "StopTask", "cluster=arn:aws:ecs:us-east-1:111122223333:cluster/c", "task=t"),
			[]string{"ecs:StopTask arn:aws:ecs:us-east-1:111122223333:task/c/t"},
		},
		{"outer resource by default", testCall("ecs", "StopTask", "task=t"), []string{"ecs:StopTask arn:aws:ecs:us-east-1:111122223333:task/default/t"}},
		{"role taken away", testCall("ec2", "DisassociateIamInstanceProfile", "associationId=a", "iamInstanceProfile.name=p"), []string{"ec2:DisassociateIamInstanceProfile -"}},
		{"hostile star", testCall("s3", "GetObject", "bucketName=b", "key=*"), []string{"s3:GetObject -"}},
		{"hostile variable", testCall("s3", "GetObject", "bucketName=b", "key=${aws:username}"), []string{"s3:GetObject -"}},
		{"hostile ARN", testCall("sns", "Publish", "topicArn=arn:aws:sns:*:111122223333:t"), []string{"sns:Publish -"}},
		{"action without resources", testCall("ec2", "DescribeInstances", "instancesSet.items[].instanceId=i-1"), []string{"ec2:DescribeInstances *"}},
	}
	r := NewResolver(Default())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := r.Resolve(tt.call)
			got := lines(res.Uses)
			slices.Sort(got)
			slices.Sort(tt.want)
			if res.Class != ClassUse || !slices.Equal(got, tt.want) {
				t.Errorf("%s %s\n got %s\nwant use %s", tt.call.EventSource, tt.call.EventName, string(res.Class)+" "+strings.Join(got, "\n     "), strings.Join(tt.want, "\n     "))
			}
		})
	}
}

func TestResolveRunInstances(t *testing.T) {
	profile := "arn:aws:iam::111122223333:instance-profile/p"
	runs := []string{
		"ec2:RunInstances arn:aws:ec2:us-east-1::image/ami-1",
		"ec2:RunInstances arn:aws:ec2:us-east-1:111122223333:security-group/sg-1",
		"ec2:RunInstances arn:aws:ec2:us-east-1:111122223333:subnet/subnet-1",
		"ec2:RunInstances arn:aws:ec2:us-east-1:111122223333:instance/*",
		"ec2:RunInstances arn:aws:ec2:us-east-1:111122223333:volume/*",
		"ec2:RunInstances arn:aws:ec2:us-east-1:111122223333:network-interface/*",
		"iam:PassRole " + profile + " instance-profile to ec2.amazonaws.com",
	}
	tags := "ec2:CreateTags arn:aws:ec2:us-east-1:111122223333:"
	for _, tt := range []struct {
		tag  string
		want []string
	}{
		{"tagSpecificationSet.items[].resourceType=volume", []string{tags + "volume/* inferred"}},
		{"tagSpecificationSet=", []string{tags + "instance/* inferred", tags + "network-interface/* ambiguous", tags + "volume/* ambiguous"}},
		{"monitoring=true", nil},
	} {
		res := NewResolver(Default()).Resolve(testCall("ec2", "RunInstances", "instancesSet.items[].imageId=ami-1",
			"groupSet.items[].groupId=sg-1", "subnetId=subnet-1", "iamInstanceProfile.arn="+profile, tt.tag))
		got, want := lines(res.Uses), slices.Concat(runs, tt.want)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s\n got %s\nwant %s", tt.tag, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
	}
}

func TestResolveEnvelope(t *testing.T) {
	china := testCall("s3", "GetBucketAcl", "bucketName=b")
	china.Region = "cn-north-1"
	gov := testCall("dynamodb", "DescribeTable", "tableName=t")
	gov.Region = "us-gov-west-1"
	foreign := testCall("dynamodb", "DescribeTable", "tableName=t")
	foreign.RecipientAccount = "444455556666"
	owned := testCall("sqs", "GetQueueAttributes", "queueUrl=https://sqs.us-east-1.amazonaws.com/444455556666/q", "s[].accountId=444455556666")
	noAccount := testCall("dynamodb", "DescribeTable", "tableName=t")
	noAccount.Account, noAccount.RecipientAccount = "", ""
	for _, tt := range []struct {
		call *Call
		want string
		kind Kind
	}{
		{china, "arn:aws-cn:s3:::b", KindARN},
		{gov, "arn:aws-us-gov:dynamodb:us-gov-west-1:111122223333:table/t", KindARN},
		{foreign, "arn:aws:dynamodb:us-east-1:444455556666:table/t", KindARN},
		{owned, "arn:aws:sqs:us-east-1:444455556666:q", KindARN},
		{noAccount, "arn:aws:dynamodb:us-east-1:*:table/t", KindPattern},
	} {
		res := NewResolver(Default()).Resolve(tt.call)
		if len(res.Uses) != 1 || res.Uses[0].Resource != tt.want || res.Uses[0].Kind != tt.kind {
			t.Errorf("got %v, want %s %s", res.Uses, tt.kind, tt.want)
		}
	}
}

func TestResolveClasses(t *testing.T) {
	edit := func(c *Call, f func(*Call)) *Call { f(c); return c }
	for _, tt := range []struct {
		call *Call
		want Class
	}{
		{edit(testCall("kms", "RotateKey"), func(c *Call) { c.EventType = "AwsServiceEvent" }), ClassServiceEvent},
		{edit(testCall("signin", "ConsoleLogin"), func(c *Call) { c.EventType = "AwsConsoleSignIn" }), ClassSignIn},
		{edit(testCall("signin", "ConsoleLogin"), func(c *Call) { c.EventType = "AwsConsoleSignin" }), ClassSignIn},
		{edit(testCall("s3", "GetObject"), func(c *Call) { c.EventType = "AwsVpceEvent" }), ClassVPCEndpoint},
		{edit(testCall("ec2", "RunInstances"), func(c *Call) { c.EventType = "AwsCloudTrailInsight" }), ClassInsight},
		{edit(testCall("ec2", "RunInstances"), func(c *Call) { c.Category = "Insight" }), ClassInsight},
		{edit(testCall("s3", ""), func(c *Call) { c.EventType = "AwsAggregatedEvent" }), ClassAggregated},
		{edit(testCall("sts", "AssumeRole"), func(c *Call) { c.PrincipalType = "AWSService" }), ClassAWSService},
		{edit(testCall("sts", "AssumeRole"), func(c *Call) { c.InvokedBy = "lambda.amazonaws.com" }), ClassUse},
		{edit(testCall("sts", "AssumeRole"), func(c *Call) { c.EventType = "" }), ClassUse},
		{testCall("sts", "GetCallerIdentity"), ClassUnauthenticated},
		{testCall("sts", "AssumeRoleWithSAML"), ClassUnauthenticated},
		{testCall("sso", "GetRoleCredentials"), ClassUnauthenticated},
		{testCall("codecatalyst", "CreateSpace2"), ClassUnauthenticated},
		{edit(testCall("billingconsole", "GetAlternateContact"), func(c *Call) { c.EventType = "AwsConsoleAction" }), ClassUse},
		{edit(testCall("billingconsole", "Nonsense"), func(c *Call) { c.EventType = "AwsConsoleAction" }), ClassConsole},
		{testCall("ec2", "PutBucketLogging"), ClassUnmapped},
		{testCall("unknown", "UnknownAPI"), ClassUnmapped},
		{&Call{}, ClassUnmapped},
	} {
		res := NewResolver(Default()).Resolve(tt.call)
		if res.Class != tt.want {
			t.Errorf("%s %s %s: class %q, want %q", tt.call.EventType, tt.call.EventSource, tt.call.EventName, res.Class, tt.want)
		}
		if (res.Class == ClassUse) != (len(res.Uses) > 0) {
			t.Errorf("%s %s: class %q with uses %v", tt.call.EventSource, tt.call.EventName, res.Class, res.Uses)
		}
		if (res.Class == ClassUnmapped || res.Class == ClassConsole) && res.Note == "" {
			t.Errorf("%s %s: no note says why", tt.call.EventSource, tt.call.EventName)
		}
	}
}

func TestResolveNoSuchKey(t *testing.T) {
	list := "s3:ListBucket arn:aws:s3:::b inferred"
	call := testCall("s3", "GetObject", "bucketName=b", "key=k")
	r := NewResolver(Default())
	if got := lines(r.Resolve(call).Uses); slices.Contains(got, list) {
		t.Errorf("success implies %q", list)
	}
	call.ErrorCode = "NoSuchKey"
	if got := lines(r.Resolve(call).Uses); !slices.Contains(got, list) {
		t.Errorf("NoSuchKey does not imply %q: %v", list, got)
	}
	call.ErrorCode = "AccessDenied"
	if got := lines(r.Resolve(call).Uses); slices.Contains(got, list) {
		t.Errorf("AccessDenied implies %q", list)
	}
}

// The strings of a resolution may be reused by the next call, but not before.
func TestResolveStringsLastUntilNextCall(t *testing.T) {
	r := NewResolver(Default())
	var params []string
	for i := range 500 { // enough to make the arena grow within one call
		params = append(params, "instancesSet.items[].instanceId=i-"+strings.Repeat(string(rune('a'+i%26)), 40)+string(rune('a'+i/26)))
	}
	res := r.Resolve(testCall("ec2", "StopInstances", params...))
	if len(res.Uses) != 500 {
		t.Fatalf("%d uses", len(res.Uses))
	}
	for _, u := range res.Uses {
		if !strings.HasPrefix(u.Resource, "arn:aws:ec2:us-east-1:111122223333:instance/i-") || len(u.Resource) != len("arn:aws:ec2:us-east-1:111122223333:instance/i-")+41 {
			t.Fatalf("resource %q", u.Resource)
		}
	}
}

func TestResolveSteadyStateDoesNotAllocate(t *testing.T) {
	r := NewResolver(Default())
	calls := benchCalls()
	run := func() {
		for i := range calls {
			r.Resolve(&calls[i])
		}
	}
	run()
	if n := testing.AllocsPerRun(100, run); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

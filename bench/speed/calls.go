package speed

// kind is a kind of role: how many roles are of it, how busy they are, how their
// sessions are named and what they call.
type kind struct {
	name    string
	roles   int // of 100
	traffic int // of 100, for each role
	session string
	calls   []call
	weights []int
}

// call is a kind of call: the members of its record that differ from kind to kind.
type call struct {
	weight        int
	service, name string
	read, data    bool
	// fresh is set where the call is on an S3 object or a log stream.
	fresh     bool
	request   string // requestID: "" a UUID, else a template
	params    string
	response  string
	extra     string // additionalEventData
	resources string
	via       string // the service that calls on the role's behalf
	asService bool   // an AWS service calls as itself
	compiled  struct{ identity, params, response, extra, request, resources template }
}

const (
	s3Resources = `[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::<bucket>/<key>"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}]`
	s3Params    = `{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"<key>"`
	s3Extra     = `{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"<id75>=","bytesTransferredOut":<size>}`
	s3Written   = `{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":<size>,"SSEApplied":"SSE_KMS","AuthenticationMethod":"AuthHeader","x-amz-id-2":"<id75>=","bytesTransferredOut":0}`
	s3Stored    = `{"x-amz-server-side-encryption":"aws:kms","x-amz-version-id":"<version>"}`
	keyResource = `[{"accountId":"<account>","type":"AWS::KMS::Key","ARN":"<kms>"}]`
	dbResource  = `[{"accountId":"<account>","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:<region>:<account>:table/<app>-table-<n>"}]`
	dbParams    = `{"tableName":"<app>-table-<n>","key":{"pk":"<app>#<hex17>"}`
	sqsParams   = `{"queueUrl":"https://sqs.<region>.amazonaws.com/<account>/<app>-queue-<n>"`
	sqsResource = `[{"accountId":"<account>","type":"AWS::SQS::Queue","ARN":"arn:aws:sqs:<region>:<account>:<app>-queue-<n>"}]`
	keySpec     = `"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::<bucket>"}`
)

func s3Call(weight int, name string, write bool, params, response string) call {
	c := call{
		weight: weight, service: "s3", name: name, read: !write, data: true, fresh: true, request: "<id16>",
		params: s3Params + params + "}", response: response, extra: s3Extra, resources: s3Resources,
	}
	if write {
		c.extra = s3Written
	}
	return c
}

func dbCall(weight int, name string, read bool, params string) call {
	return call{weight: weight, service: "dynamodb", name: name, read: read, data: true, request: "<id52>", params: dbParams + params + "}", resources: dbResource}
}

func sqsCall(weight int, name, params, response string) call {
	return call{weight: weight, service: "sqs", name: name, data: true, params: sqsParams + params + "}", response: response, resources: sqsResource}
}

func kmsCall(weight int, name, params, via string) call {
	return call{weight: weight, service: "kms", name: name, read: true, via: via, params: "{" + keySpec + params + "}", extra: `{"keyMaterialId":"<hex64>"}`, resources: keyResource}
}

// look is a call that reads and whose record shows little.
func look(weight int, service, name, params string) call {
	return call{weight: weight, service: service, name: name, read: true, params: params}
}

// kinds are the roles of an organization, as the busiest calls of real trails have
// them: data events first, then keys, then what describes and lists.
func kinds() []kind {
	get, put := s3Call(24, "GetObject", false, `,"x-id":"GetObject"`, ""), s3Call(10, "PutObject", true, `,"x-id":"PutObject"`, s3Stored)
	list := call{
		weight: 6, service: "s3", name: "ListObjects", read: true, data: true, request: "<id16>",
		params: `{"list-type":"2","bucketName":"<bucket>","prefix":"reference/","Host":"<bucket>.s3.<region>.amazonaws.com"}`, extra: s3Extra,
		resources: `[{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::<bucket>/reference/"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}]`,
	}
	decrypt := kmsCall(5, "Decrypt", `,"encryptionAlgorithm":"SYMMETRIC_DEFAULT"`, "")
	data := kmsCall(3, "GenerateDataKey", `,"keyId":"<kms>","keySpec":"AES_256"`, "s3.amazonaws.com")
	return []kind{
		{name: "web", roles: 30, traffic: 30, session: "task", calls: append(webCalls(), get, put, decrypt)},
		{name: "etl", roles: 15, traffic: 55, session: "instance", calls: append(etlCalls(), times(get, 2), times(put, 2), list, decrypt, times(data, 2))},
		{name: "function", roles: 25, traffic: 22, session: "function", calls: append(functionCalls(), get, times(put, 2), decrypt, data)},
		{name: "ci", roles: 10, traffic: 14, session: "build", calls: append(ciCalls(), put)},
		{name: "scanner", roles: 5, traffic: 50, session: "posture", calls: scannerCalls()},
		{name: "people", roles: 15, traffic: 6, session: "person", calls: append(peopleCalls(), list)},
	}
}

// times is the call, more often.
func times(c call, n int) call {
	c.weight *= n
	return c
}

func webCalls() []call {
	return append([]call{
		dbCall(11, "GetItem", true, `,"consistentRead":false`), dbCall(5, "Query", true, `,"indexName":"by-customer","limit":25,"scanIndexForward":true`),
		dbCall(4, "PutItem", false, ""), dbCall(3, "UpdateItem", false, `,"updateExpression":"SET #s = :s"`),
		sqsCall(5, "SendMessage", `,"messageBody":"HIDDEN_DUE_TO_SECURITY_REASONS","delaySeconds":0`, `{"mD5OfMessageBody":"<hex32>","messageId":"<uuid>"}`),
		{
			weight: 3, service: "secretsmanager", name: "GetSecretValue", read: true,
			params: `{"secretId":"arn:aws:secretsmanager:<region>:<account>:secret:<app>/db-<n>-Ab3dE9"}`,
		},
		{
			weight: 2, service: "kms", name: "Decrypt", read: true, via: "secretsmanager.amazonaws.com", resources: keyResource,
			params: `{"encryptionContext":{"SecretARN":"arn:aws:secretsmanager:<region>:<account>:secret:<app>/db-<n>-Ab3dE9","SecretVersionId":"<uuid>"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}`,
		},
		look(3, "ssm", "GetParameters", `{"names":["/<app>/config","/<app>/flags-<n>"],"withDecryption":true}`),
	}, assumed("ecs-tasks.amazonaws.com", 4))
}

// assumed is how a service takes the role on.
func assumed(host string, weight int) call {
	return call{
		weight: weight, service: "sts", name: "AssumeRole", read: true, asService: true, via: host,
		params:    `{"roleArn":"arn:aws:iam::<account>:role/<role>","roleSessionName":"<session>"}`,
		response:  `{"credentials":{"accessKeyId":"ASIA<newkey>","sessionToken":"<token>","expiration":"<time>"},"assumedRoleUser":{"assumedRoleId":"<roleid>:<session>","arn":"arn:aws:sts::<account>:assumed-role/<role>/<session>"}}`,
		resources: `[{"accountId":"<account>","type":"AWS::IAM::Role","ARN":"arn:aws:iam::<account>:role/<role>"}]`,
	}
}

func etlCalls() []call {
	return []call{
		s3Call(7, "HeadObject", false, "", ""), s3Call(3, "DeleteObject", true, "", `{"x-amz-delete-marker":"true","x-amz-version-id":"<version>"}`),
		s3Call(4, "UploadPart", true, `,"partNumber":"<small>","uploadId":"<version><version>"`, `{"x-amz-server-side-encryption":"aws:kms"}`),
		s3Call(2, "CompleteMultipartUpload", true, `,"uploadId":"<version><version>"`, `{"location":"https://<bucket>.s3.<region>.amazonaws.com/<key>","eTag":"<etag>-<small>"}`),
		look(4, "glue", "GetTable", `{"databaseName":"<app>","name":"events_<n>"}`),
		look(4, "glue", "GetPartitions", `{"databaseName":"<app>","tableName":"events_<n>","expression":"date = '<day>'"}`),
		{
			weight: 1, service: "athena", name: "StartQueryExecution", response: `{"queryExecutionId":"<uuid>"}`,
			params: `{"queryString":"HIDDEN_DUE_TO_SECURITY_REASONS","clientRequestToken":"<uuid>","queryExecutionContext":{"database":"<app>"},"workGroup":"<app>-<n>"}`,
		},
		assumed("ec2.amazonaws.com", 2),
	}
}

func functionCalls() []call {
	return []call{
		dbCall(10, "UpdateItem", false, `,"updateExpression":"SET #s = :s"`), dbCall(6, "GetItem", true, ""),
		sqsCall(4, "ReceiveMessage", `,"maxNumberOfMessages":10`, ""), sqsCall(4, "DeleteMessage", `,"receiptHandle":"<id75><id75>"`, ""),
		{
			weight: 5, service: "logs", name: "CreateLogStream", fresh: true,
			params: `{"logGroupName":"/aws/lambda/<app>-<n>","logStreamName":"<day>/[$LATEST]<key>"}`,
		},
		{
			weight: 4, service: "lambda", name: "Invoke", data: true, params: `{"functionName":"arn:aws:lambda:<region>:<account>:function:<app>-<n>","invocationType":"RequestResponse"}`,
			resources: `[{"accountId":"<account>","type":"AWS::Lambda::Function","ARN":"arn:aws:lambda:<region>:<account>:function:<app>-<n>"}]`,
		},
		assumed("lambda.amazonaws.com", 6),
	}
}

func ciCalls() []call {
	return []call{
		look(8, "ecr", "GetAuthorizationToken", `{}`), look(9, "ecr", "BatchCheckLayerAvailability", `{"registryId":"<account>","repositoryName":"<app>","layerDigests":["sha256:<hex64>"]}`),
		{
			weight: 6, service: "ecr", name: "InitiateLayerUpload", params: `{"registryId":"<account>","repositoryName":"<app>"}`, response: `{"uploadId":"<uuid>","partSize":20971520}`,
			resources: `[{"accountId":"<account>","ARN":"arn:aws:ecr:<region>:<account>:repository/<app>"}]`,
		},
		look(12, "cloudformation", "DescribeStacks", `{"stackName":"<app>-<n>"}`), look(10, "cloudformation", "DescribeStackEvents", `{"stackName":"<app>-<n>"}`),
		look(6, "ecs", "DescribeServices", `{"cluster":"<app>","services":["<app>-<n>"]}`), look(6, "iam", "GetRole", `{"roleName":"<app>-service-role"}`),
		{
			weight: 2, service: "ecs", name: "UpdateService", params: `{"cluster":"<app>","service":"<app>-<n>","taskDefinition":"arn:aws:ecs:<region>:<account>:task-definition/<app>:<small>"}`,
			response: `{"service":{"serviceArn":"arn:aws:ecs:<region>:<account>:service/<app>/<app>-<n>","serviceName":"<app>-<n>","clusterArn":"arn:aws:ecs:<region>:<account>:cluster/<app>","status":"ACTIVE","desiredCount":<small>,"runningCount":<small>,"deployments":[{"id":"ecs-svc/<hex17>","status":"PRIMARY","createdAt":"<time>"}]}}`,
		},
	}
}

func scannerCalls() []call {
	calls := []call{
		look(6, "s3", "GetBucketPolicy", `{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","policy":""}`),
		look(6, "s3", "GetBucketAcl", `{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","acl":""}`),
		look(5, "iam", "ListAttachedRolePolicies", `{"roleName":"<role>"}`), look(5, "lambda", "GetPolicy20150331v2", `{"functionName":"<app>-<n>"}`),
		look(5, "rds", "DescribeDBInstances", `{"dBInstanceIdentifier":"<app>-<n>"}`), look(5, "kms", "GetKeyRotationStatus", `{"keyId":"<kms>"}`),
	}
	for _, name := range []string{"DescribeInstances", "DescribeVolumes", "DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcs", "DescribeRouteTables", "DescribeNetworkInterfaces"} {
		calls = append(calls, look(8, "ec2", name, `{"maxResults":1000,"filterSet":{"items":[{"name":"tag:app","valueSet":{"items":[{"value":"<app>"}]}}]}}`))
	}
	return calls
}

func peopleCalls() []call {
	return []call{
		look(8, "ec2", "DescribeInstances", `{"instancesSet":{"items":[{"instanceId":"i-<id>"}]},"filterSet":{}}`), look(8, "monitoring", "DescribeAlarms", `{"maxRecords":100}`),
		look(8, "monitoring", "GetMetricData", `{"startTime":"<time>","endTime":"<time>","metricDataQueries":[{"id":"m1","returnData":true}]}`),
		look(6, "logs", "FilterLogEvents", `{"logGroupName":"/aws/lambda/<app>-<n>","startTime":1780000000000,"interleaved":true}`),
		look(5, "iam", "ListRoles", `{"maxItems":100}`), look(5, "lambda", "ListFunctions20150331", `{"maxItems":50}`), look(5, "cloudtrail", "LookupEvents", `{"maxResults":50}`),
		look(4, "health", "DescribeEventAggregates", `{"aggregateField":"eventTypeCategory","filter":{"eventStatusCodes":["open","upcoming"]}}`),
	}
}

package args

import (
	"strings"
	"testing"
)

// show joins the leaves of a canonical list, one a line: path=value.
func show(l List) string {
	var b strings.Builder
	for _, x := range l {
		b.WriteString(x.Path + "=" + x.Value + "\n")
	}
	return b.String()
}

func TestAppend(t *testing.T) {
	tests := []struct{ name, root, raw, want string }{
		{"nil", "p", "", ""},
		{"null", "p", "null", ""},
		{"the string null", "p", `"null"`, ""},
		{"empty object", "p", `{}`, ""},
		{"null member", "p", `{"a":null}`, ""},
		{"scalar root", "p", `"hello"`, "p=hello\n"},
		{"number root", "p", `7`, "p=\n"},
		{"JSON in a string", "p", `"{\"bucketName\":\"b\"}"`, "p.bucketName=b\n"},
		{"broken JSON in a string", "p", `"{\"bucketName\":"`, "!unreadable=\n"},
		{"broken JSON in a whole string", "p", `"{\"bucketName\":"`, "!unreadable=\n"},
		{"lists", "p", `{"instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"}]}}`,
			"p.instancesSet.items[].instanceId=i-1\np.instancesSet.items[].instanceId=i-2\n"},
		{"scalars in a list", "p", `{"names":["/b","/a","/a"]}`, "p.names[]=/a\np.names[]=/b\n"},
		{"case is kept", "p", `{"SecretId":"x"}`, "p.SecretId=x\n"},
		{"escapes", "p", `{"bucket\u004eame":"a\"\u00e9\ud83d\ude00\n"}`, "p.bucketName=a\"é😀\n\n"},
		{"lone surrogate", "p", `{"name":"\ud83d"}`, "p.name=\uFFFD\n"},
		{"invalid UTF-8", "p", "{\"name\":\"a\xffb\"}", "p.name=a\uFFFDb\n"},
		{"booleans and numbers", "p", `{"dryRun":true,"force":false,"maxResults":5,"accountId":111122223333,"x":1.5e3}`,
			"p.accountId=111122223333\np.dryRun=true\np.force=false\np.maxResults=\np.x=\n"},
		{"digits as strings", "p", `{"partNumber":"3","key":"2024","id":"12"}`, "p.id=12\np.key=2024\np.partNumber=\n"},
		{"long value", "p", `{"name":"` + strings.Repeat("x", MaxValue+1) + `"}`, "p.name=\n"},
		{"longest value", "p", `{"name":"` + strings.Repeat("x", MaxValue) + `"}`, "p.name=" + strings.Repeat("x", MaxValue) + "\n"},
		{"S3 request", "p", `{"bucketName":"b","key":"a/b.txt","prefix":"logs/","versionId":"v1","x-amz-acl":"public-read",` +
			`"x-amz-copy-source":"src/k","x-amz-tagging":"a=b","x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:k",` +
			`"x-amz-bypass-governance-retention":"true","x-amz-meta-author":"someone","X-Amz-Date":"20240101T000000Z",` +
			`"X-Amz-Signature":"00ff","X-Amz-Expires":"900","uploadId":"u"}`,
			"p.X-Amz-Date=\np.X-Amz-Expires=\np.X-Amz-Signature=\np.bucketName=b\np.key=a/b.txt\np.prefix=logs/\np.uploadId=\np.versionId=v1\n" +
				"p.x-amz-acl=public-read\np.x-amz-bypass-governance-retention=true\np.x-amz-copy-source=src/k\np.x-amz-meta-author=\n" +
				"p.x-amz-server-side-encryption-aws-kms-key-id=arn:aws:kms:k\np.x-amz-tagging=\n"},
		{"tags collapse", "p", `{"tags":[{"key":"k","value":"v"}],"tagSpecificationSet":{"items":[1]},"resourceTags":{"a":"b"},"tagSet":{}}`,
			"p.resourceTags=\np.tagSpecificationSet=\np.tags=\n"},
		{"what a tag is of stays", "p", `{"tags":[{"resourceId":"g","key":"k","value":"v","propagateAtLaunch":true},{"ResourceId":"h","resourceType":"auto-scaling-group"}]}`,
			"p.tags=\np.tags[].ResourceId=h\np.tags[].resourceId=g\n"},
		{"a tag's own key is no member", "p", `{"tags":{"resourceId":"secret"},"x":{"tags":[{"a":{"resourceId":"b"}},[{"resourceId":"c"}]]}}`, "p.tags=\np.x.tags=\n"},
		{"the value of a tag stays out", "p", `{"tags":[{"resourceId":{"a":"b"}},{"resourceId":5}]}`, "p.tags=\n"},
		{"only parameters have such tags", "s", `[{"tags":[{"resourceId":"x"}]}]`, ""},
		{"filters and text collapse", "p", `{"filterSet":{"items":[{"name":"vpc-id"}]},"description":"who","messageBody":"m","userData":"x"}`,
			"p.description=\np.filterSet=\np.messageBody=\np.userData=\n"},
		{"secrets", "p", `{"masterUserPassword":"x","secretString":"s","secretId":"db","environment":{"variables":{"A":"arn:aws:iam::1:role/x"}},"accessKeyId":"AKIA1","clientSecret":"x"}`,
			"p.accessKeyId=\np.clientSecret=\np.environment=\np.masterUserPassword=\np.secretId=db\np.secretString=\n"},
		{"an ARN is no secret", "p", `{"credentials":"arn:aws:iam::111122223333:role/r","input":{"credentials":"arn:aws:iam::111122223333:role/q"},"secret":"arn:x","password":"arn:aws:a:b:c: d","description":"arn:aws:s3:::b:c"}`,
			"p.credentials=arn:aws:iam::111122223333:role/r\np.description=\np.input=\np.password=\np.secret=\n"},
		{"role deep down", "p", `{"putIntegrationInput":{"credentials":"arn:aws:iam::111122223333:role/r"}}`, "p.putIntegrationInput.credentials=arn:aws:iam::111122223333:role/r\n"},
		{"response keeps no credentials", "r", `{"credentials":"arn:aws:iam::111122223333:role/r","password":"arn:aws:iam::111122223333:role/r"}`, ""},
		{"lists of EC2 requests", "p", `{"R":{"VpcId":{"tag":1,"content":"vpc-7"},"SubnetId":[{"tag":1,"content":"subnet-1"},{"tag":2,"content":"subnet-2"}],"Body":{"content":"x"}},"content":"text"}`,
			"p.R.Body=\np.R.SubnetId[].content=subnet-1\np.R.SubnetId[].content=subnet-2\np.R.SubnetId[].tag=\np.R.VpcId.content=vpc-7\np.R.VpcId.tag=\np.content=\n"},
		{"tokens", "p", `{"nextToken":"t","clientRequestToken":"u","marker":"m","clientToken":"c"}`,
			"p.clientRequestToken=\np.clientToken=\np.marker=\np.nextToken=\n"},
		{"times", "p", `{"startTime":"2024-01-01T00:00:00Z","from":"Jul 3, 2023 12:13:29 PM","endTime":"Jul 13, 2023, 1:00:00 PM","day":"2024-01-01","at":"1700000000"}`,
			"p.at=\np.day=\np.endTime=\np.from=\np.startTime=\n"},
		{"hidden", "p", `{"name":"HIDDEN_DUE_TO_SECURITY_REASONS"}`, "p.name=\n"},
		{"policy documents", "p", `{"policyName":"n","policyDocument":"{\"Version\":1}","policy":"%7B%22","bucketPolicy":{"Statement":[]},"documentName":"AWS-Run","assumeRolePolicyDocument":"\n {}","policyArn":"arn:aws:iam::aws:policy/X"}`,
			"p.assumeRolePolicyDocument=\np.bucketPolicy=\np.documentName=AWS-Run\np.policy=\np.policyArn=arn:aws:iam::aws:policy/X\np.policyDocument=\np.policyName=n\n"},
		{"presigned URL", "p", `{"url":"https://b/k?X-Amz-Signature=1","queueUrl":"https://sqs.us-east-1.amazonaws.com/1/q"}`,
			"p.queueUrl=https://sqs.us-east-1.amazonaws.com/1/q\np.url=\n"},
		{"table items", "p", `{"tableName":"t","key":{"id":{"S":"secret"}},"requestItems":{"my.table":{"keys":[{"id":1}]}}}`,
			"p.key=\np.requestItems.my.table.keys[]=\np.tableName=t\n"},
		{"PartiQL", "p", `{"statement":"SELECT * FROM \"Music\".\"i1\" WHERE a='it''s' AND b=12 -- why\n AND c9=1"}`,
			"p.statement=SELECT * FROM \"Music\".\"i1\" WHERE a='?' AND b=?  AND c9=?\n"},
		{"session", "p", `{"roleArn":"arn:aws:iam::1:role/r","roleSessionName":"jane","sourceIdentity":"jane","externalId":"e1"}`,
			"p.externalId=e1\np.roleArn=arn:aws:iam::1:role/r\np.roleSessionName=\np.sourceIdentity=\n"},
		{"response", "r", `{"credentials":{"accessKeyId":"A","sessionToken":"t"},"assumedRoleUser":{"arn":"arn:aws:sts::1:assumed-role/r/s"},` +
			`"requestId":"x","instancesSet":{"items":[{"instanceId":"i-1","state":"on","ami":7}]},"where":"arn:aws:s3:::b","ok":true,"tags":[1],"groupIds":["sg-1"],"nextUrl":null}`,
			"r.groupIds[]=sg-1\nr.instancesSet.items[].instanceId=i-1\nr.where=arn:aws:s3:::b\n"},
		{"response keeps no access key", "r", `{"accessKey":{"accessKeyId":"A","secretAccessKey":"s","userName":"u"},"statement":"x"}`, "r.accessKey.userName=u\n"},
		{"resources", "s", `[{"ARN":"arn:aws:s3:::b/k","type":"AWS::S3::Object"},{"accountId":"111122223333","arn":"","other":"x"},{"ARNPrefix":"arn:aws:s3:::b/","ResourceName":"n"}]`,
			"s[].ARN=arn:aws:s3:::b/k\ns[].ARNPrefix=arn:aws:s3:::b/\ns[].ResourceName=n\ns[].accountId=111122223333\ns[].arn=\n"},
		{"resources of types alone", "s", `[{"type":"AWS::S3::Object"},{"type":"AWS::S3::Bucket"}]`, "s[].type=\n"},
		{"resources of odd types", "s", `[{"Type":{"a":["x"]}},{"type":null},{"type":{}}]`, "s[].Type=\n"},
		{"resources of no type", "s", `[{"type":null},{"type":[]},{"other":"x"}]`, ""},
		{"type in another root", "p", `{"type":"x"}`, "p.type=x\n"},
		{"additional of S3", "a", `{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"SSEApplied":"SSE_KMS",` +
			`"AuthenticationMethod":"AuthHeader","x-amz-id-2":"v","bytesTransferredOut":5}`, "a.SSEApplied=SSE_KMS\n"},
		{"additional that names", "a", `{"vpcEndpointId":"vpce-1","Name":"n","functionVersion":"arn:aws:lambda:us-east-1:111122223333:function:f:1","inferenceRegion":"us-west-2",` +
			`"keyMaterialId":"00ff","extendedRequestId":"x","sub":"person","groupIds":[1,"sg-1"],"MFAUsed":true,"versionNumber":7}`,
			"a.Name=n\na.functionVersion=arn:aws:lambda:us-east-1:111122223333:function:f:1\na.groupIds[]=sg-1\na.inferenceRegion=us-west-2\na.vpcEndpointId=vpce-1\n"},
		{"additional text", "a", `"text"`, ""},
		{"additional that is no JSON", "a", `{"a":`, "!unreadable=\n"},
		{"echoes", "p", `{"Host":"b.s3.amazonaws.com","bucketName":"b","x-id":"GetObject"}`, "p.bucketName=b\n"},
		{"echoes alone", "p", `{"x-id":"ListBuckets","Host":"s3.amazonaws.com"}`, "p.Host=\n"},
		{"echoes in a string", "p", `"{\"Host\":\"s3.amazonaws.com\"}"`, "p.Host=\n"},
		{"hosts", "p", `{"host":"h","a":{"Host":"i"},"Host":{"a":"b"}}`, "p.a.Host=i\np.host=h\n"},
		{"member twice", "p", `{"name":"a","name":"b"}`, "p.name=a\np.name=b\n"},
		{"truncated", "p", `{"name":"a"`, "!unreadable=\n"},
		{"trailing", "p", `{"name":"a"} x`, "!unreadable=\n"},
		{"mismatched", "p", `{"name":["a"}]`, "!unreadable=\n"},
		{"long path", "p", `{"` + strings.Repeat("k", MaxPath) + `":"x","name":"a"}`, "p=\np.name=a\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := show(Append(nil, tt.root, []byte(tt.raw)).Canonical()); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

func TestAppendKeepsWhatWasThere(t *testing.T) {
	l := Append(List{{"p.a", "1"}}, "r", []byte(`{`))
	if got := show(l); got != "p.a=1\n!unreadable=\n" {
		t.Errorf("got %s", got)
	}
}

func TestID(t *testing.T) {
	if id := (List{}).ID(); id != "" {
		t.Errorf("empty list: %q", id)
	}
	// The id is on disk: this value may never change.
	const want = "3e8347de38602f71cefc3e679248cf4f" // of [["p.name","a"],["p.x",""]]
	if id := (List{{"p.name", "a"}, {"p.x", ""}}).ID(); id != want {
		t.Errorf("got %s, want %s", id, want)
	}
	a, b := List{{"p.a", "bc"}}.ID(), List{{"p.ab", "c"}}.ID()
	if a == b {
		t.Error("the boundary between path and value is not part of the hash")
	}
}

func TestMaskSQL(t *testing.T) {
	tests := []struct{ sql, want string }{
		{"", ""},
		{"DELETE FROM t WHERE id = -3.14", "DELETE FROM t WHERE id = -?.?"},
		{"INSERT INTO t VALUE {'k':'v'", "INSERT INTO t VALUE {'?':'?'"},
		{"SELECT 'open", "SELECT '?'"},
		{"a/* secret */b -- more", "ab"},
		{"/*/ x */y", "y"},
		{"table1 1table", "table1 ?"},
		{strings.Repeat("é", 400), strings.Repeat("é", 256)},
	}
	for _, tt := range tests {
		if got := maskSQL([]byte(tt.sql)); got != tt.want {
			t.Errorf("maskSQL(%q) = %q, want %q", tt.sql, got, tt.want)
		}
	}
}

// A table of a batch counts even where nothing of its items is shown.
func TestEmptyTable(t *testing.T) {
	if got := show(Append(nil, "p", []byte(`{"requestItems":{"a":{},"b":[],"c":{"keys":[1]}},"other":{"d":{}}}`)).Canonical()); got != "p.requestItems.a=\np.requestItems.b=\np.requestItems.c.keys[]=\n" {
		t.Errorf("got %s", got)
	}
}

// Numbers are identifiers only where accounts and versions are meant; the version of a
// function is a string of digits.
func TestNumbers(t *testing.T) {
	raw := `{"accountId":123456789012,"instanceId":1,"name":2,"tableArn":3,"versionNumber":4,"qualifier":"5","size":6,"names":[7]}`
	want := "p.accountId=123456789012\np.instanceId=\np.name=\np.names[]=\np.qualifier=5\np.size=\np.tableArn=\np.versionNumber=4\n"
	if got := show(Append(nil, "p", []byte(raw)).Canonical()); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

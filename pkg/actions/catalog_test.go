package actions

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestLookup(t *testing.T) {
	f, ok := Default().Lookup("S3:getobject")
	if !ok || f.Name != "s3:GetObject" || f.Level != Read || !f.ReadOnly || f.PermissionOnly {
		t.Errorf("got %+v, %v", f, ok)
	}
	if !slices.Contains(f.ResourceTypes, ResourceType{"object", "arn:${Partition}:s3:::${BucketName}/${ObjectName}", false}) {
		t.Errorf("resource types %v", f.ResourceTypes)
	}
	if !slices.Contains(f.ConditionKeys, "s3:ExistingObjectTag/<key>") || !slices.IsSorted(f.ConditionKeys) {
		t.Errorf("condition keys %v", f.ConditionKeys)
	}
	if f.Evidence.Rule != RuleRow || !strings.HasPrefix(f.Evidence.Document, "https://docs.aws.amazon.com/") || f.Evidence.Date < "2026" {
		t.Errorf("evidence %+v", f.Evidence)
	}
	if f, _ := Default().Lookup("lambda:CreateFunction"); !slices.Contains(f.Dependents, "iam:PassRole") {
		t.Errorf("lambda:CreateFunction depends on %v", f.Dependents)
	}
	if f, ok := Default().Lookup("iam:PassRole"); !ok || !f.PermissionOnly {
		t.Errorf("iam:PassRole is %+v", f)
	}
	for _, name := range []string{"", "s3", "s3:", ":GetObject", "s3:GetObjects", "s3:Get*", "nope:GetObject"} {
		if f, ok := Default().Lookup(name); ok {
			t.Errorf("%q is %q", name, f.Name)
		}
	}
}

func TestVisibility(t *testing.T) {
	for _, tt := range []struct {
		action   string
		want     Visibility
		dataType string
	}{
		{"s3:GetObject", DataEvent, "AWS::S3::Object"},
		{"s3:ListBucket", DataEvent, "AWS::S3::Object"}, // ListObjects is a data event
		{"s3:CreateBucket", Management, ""},
		{"lambda:InvokeFunction", DataEvent, "AWS::Lambda::Function"},
		{"lambda:CreateFunction", Management, ""},
		{"kms:Decrypt", Management, ""},
		{"sqs:SendMessage", DataEvent, "AWS::SQS::Queue"},
		{"dynamodb:GetRecords", DataEvent, "AWS::DynamoDB::Stream"},
		{"dynamodb:CreateTable", Management, ""},
		{"rds-data:ExecuteStatement", DataEvent, "AWS::RDS::DBCluster"},
		{"iam:PassRole", NeverLogged, ""},
		{"rds-db:connect", NeverLogged, ""},
		{"sts:TagSession", Management, ""},
		{"appstream:ListAssociatedStacks", Management, ""},      // the service's page names it
		{"appstream:CreateEntitlement", PresumedManagement, ""}, // it does not name this one
		{"athena:StartQueryExecution", Management, ""},          // "all Athena actions are logged"
		{"backup:PutBackupVaultAccessPolicy", Management, ""},
		{"scheduler:CreateSchedule", PresumedManagement, ""}, // an event source of CloudTrail
		{"bedrock-agentcore:CreateMemory", VisibilityUnknown, ""},
		{"neptune-db:ReadDataViaQuery", VisibilityUnknown, ""},
		{"timestream-influxdb:CreateDbInstance", VisibilityUnknown, ""}, // no document says that it logs
		{"sqs:GetQueueUrl", DataEvent, "AWS::SQS::Queue"},
		{"sqs:CreateQueue", Management, ""},
		{"states:StartSyncExecution", DataEvent, "AWS::StepFunctions::StateMachine"},
		{"states:PublishStateMachineVersion", Management, ""},
		{"states:SendTaskSuccess", VisibilityUnknown, ""}, // the page does not name it, and executions have data events
		{"s3:GetBucketPolicy", Management, ""},            // of a bucket, as data events are, but the bucket itself
		{"lambda:UpdateFunctionCode", Management, ""},
		{"ssm:SendCommand", Management, ""}, // named by the page
		{"events:PutRawEvents", VisibilityUnknown, ""},
		{"sagemaker:BatchWriteRecord", VisibilityUnknown, ""},
		{"iotsitewise:GetCaptureData", VisibilityUnknown, ""},
		{"airflow:GetEnvironment", NeverLogged, ""},
		{"airflow:CreateEnvironment", PresumedManagement, ""},
		{"iot:ListThings", NeverLogged, ""},
		{"iot:DescribeThing", VisibilityUnknown, ""}, // only calls that change something are said to be logged
		{"iot:CreateThing", PresumedManagement, ""},
		{"redshift:CreateClusterUser", Management, ""}, // told by the parameters of GetClusterCredentials
		{"apigateway:GET", Management, ""},
		{"apigateway:POST", VisibilityUnknown, ""},  // test calls are not logged
		{"kms:ReEncryptFrom", Management, ""},       // shown by ReEncrypt
		{"ses:SendRawEmail", VisibilityUnknown, ""}, // SMTP is not logged
		{"s3:ReplicateObject", VisibilityUnknown, ""},
		{"appstream:Stream", VisibilityUnknown, ""}, // a permission without an operation
	} {
		f, ok := Default().Lookup(tt.action)
		if !ok || f.Visibility != tt.want || f.DataType != tt.dataType {
			t.Errorf("%s: %v %q %q, want %q %q", tt.action, ok, f.Visibility, f.DataType, tt.want, tt.dataType)
		}
	}
}

// Where some uses are events of a further type, all types must be selected.
func TestMoreTypes(t *testing.T) {
	for action, want := range map[string]string{
		"s3:GetObject":                  "AWS::S3::Object []",
		"sns:Publish":                   "AWS::SNS::Topic [AWS::SNS::PlatformEndpoint AWS::SNS::PhoneNumber]",
		"bedrock:InvokeModel":           " [AWS::Bedrock::Model AWS::Bedrock::AsyncInvoke]",
		"bedrock:GetFoundationModel":    " []",
		"timestream:Select":             "AWS::Timestream::Table [AWS::Timestream::Database AWS::Timestream::RegionalEndpoint]",
		"sms-voice:SendTextMessage":     "AWS::SMSVoice::OriginationIdentity [AWS::SMSVoice::Message]",
		"servicediscovery:GetNamespace": " []",
	} {
		f, _ := Default().Lookup(action)
		if got := fmt.Sprint(f.DataType, " ", f.MoreTypes); got != want {
			t.Errorf("%s: %q, want %q", action, got, want)
		}
	}
}

// What every action must have: a level, a visibility, and a type if it is a data event.
func TestEveryFact(t *testing.T) {
	levels := []Level{Read, List, Write, Tagging, Permissions}
	seen := map[Visibility]int{}
	for _, name := range Default().Expand(nil, "*") {
		f, ok := Default().Lookup(name)
		if !ok || !slices.Contains(levels, f.Level) {
			t.Errorf("%s: level %q", name, f.Level)
		}
		if (f.DataType != "") != (f.Visibility == DataEvent) {
			t.Errorf("%s: %s with type %q", name, f.Visibility, f.DataType)
		}
		seen[f.Visibility]++
	}
	for v, least := range map[Visibility]int{Management: 9_500, PresumedManagement: 6_500, DataEvent: 480, NeverLogged: 35, VisibilityUnknown: 3_500} {
		if seen[v] < least {
			t.Errorf("%d actions are %s, want %d at least", seen[v], v, least)
		}
	}
}

// No service is presumed to log unless a document names it, and what is no
// operation is not presumed to be one.
func TestPresumption(t *testing.T) {
	c := Default()
	for i := range c.facts.services {
		s := &c.facts.services[i]
		row, logged := c.tables.logged[s.prefix]
		for j := range s.actions {
			a := &s.actions[j]
			name := s.prefix + ":" + a.name
			_, curated := c.curated(strings.ToLower(name))
			switch v := c.visibility(s, a).visibility; {
			case v == PresumedManagement && (!logged || !c.isOperation(s, a)):
				t.Errorf("%s is presumed to be logged", name)
			case v == Management && !curated && !listed(row.names, a.name) && (!row.all || !c.isOperation(s, a)):
				t.Errorf("%s is management without a document", name)
			}
		}
	}
}

// Every event that a row or a verb leads to an action by is named.
func TestRowsAreEvents(t *testing.T) {
	c := Default()
	for action, want := range map[string]string{
		"s3:GetObject": "s3:CopyObject", "apigateway:GET": "apigateway:GetRestApis", "apigateway:DELETE": "apigateway:DeleteStage",
		"kms:ReEncryptFrom": "kms:ReEncrypt", "bedrock:InvokeModel": "bedrock:Converse", "dynamodb:PutItem": "dynamodb:TransactWriteItems",
	} {
		if got := c.Events(action); !slices.Contains(got.Also, want) {
			t.Errorf("%s lacks %s: %+v", action, want, got)
		}
	}
	known := map[string][]string{}
	for key, rows := range c.tables.events {
		for _, row := range rows {
			if f, _ := c.Lookup(row.action); f.Visibility == NeverLogged {
				continue
			}
			if known[row.action] == nil {
				e := c.Events(row.action)
				known[row.action] = slices.Concat(e.Own, e.Also, e.Needed)
			}
			if !slices.ContainsFunc(known[row.action], func(o string) bool {
				label, name, _ := strings.Cut(o, ":")
				return strings.EqualFold(name, key.name) && (label == key.scope || c.tables.sources[key.scope].extent == "none")
			}) {
				t.Errorf("%s lacks %s:%s: %v", row.action, key.scope, key.name, known[row.action])
			}
		}
	}
}

func TestTracked(t *testing.T) {
	for action, want := range map[string]bool{
		"s3:CreateBucket": true, "s3:GetObject": false, "ec2:RunInstances": true, "iam:PassRole": false,
		"sqs:PurgeQueue": true, "sqs:SendMessage": false, "lambda:InvokeFunction": false, "kafka-cluster:Connect": false,
	} {
		if f, ok := Default().Lookup(action); !ok || f.Tracked != want {
			t.Errorf("%s: tracked %v, want %v", action, f.Tracked, want)
		}
	}
	n := 0
	for _, name := range Default().Expand(nil, "*") {
		if f, _ := Default().Lookup(name); f.Tracked {
			n++
		}
	}
	if n < 9_800 {
		t.Errorf("%d actions are tracked", n)
	}
}

func TestReadOnlyAgainstLevel(t *testing.T) {
	for action, want := range map[string]bool{"kms:Encrypt": true, "sts:AssumeRole": true, "ec2:RunInstances": false, "iam:ListUsers": true} {
		if f, _ := Default().Lookup(action); f.ReadOnly != want {
			t.Errorf("%s: read only %v at level %q", action, f.ReadOnly, f.Level)
		}
	}
}

func TestExpand(t *testing.T) {
	c := Default()
	got := c.Expand(nil, "S3:get*ACL")
	if want := []string{"s3:GetBucketAcl", "s3:GetObjectAcl", "s3:GetObjectVersionAcl"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	all := c.Expand(nil, "*")
	if len(all) < 22_091 || !slices.IsSorted(all) {
		t.Errorf("%d actions, or unsorted", len(all))
	}
	for _, name := range all {
		if f, ok := c.Lookup(strings.ToUpper(name)); !ok || f.Name != name {
			t.Errorf("%s is not found by name", name)
		}
	}
	for pattern, want := range map[string]int{"s3:GetObjec?": 1, "s3:*:x": 0, "s3": 0, "": 0, "nope:*": 0, "*:GetObject": 4, "s?:GetObject": 1} {
		if got := c.Expand(nil, pattern); len(got) < want || want == 0 && len(got) > 0 {
			t.Errorf("%q expands to %v, want %d", pattern, got, want)
		}
	}
}

func TestPrefixes(t *testing.T) {
	for source, want := range map[string]string{
		"s3.amazonaws.com":                    "s3",
		"monitoring.amazonaws.com":            "cloudwatch",
		"email.amazonaws.com":                 "ses",
		"logs.us-east-1.amazonaws.com":        "logs",
		"s3.amazonaws.com.cn":                 "s3",
		"runtime.sagemaker.amazonaws.com":     "sagemaker",
		"reporting-marketplace.amazonaws.com": "aws-marketplace",
	} {
		if got := Default().Prefixes(source); !slices.Contains(got, want) {
			t.Errorf("%s: %v lacks %s", source, got, want)
		}
	}
	if got := Default().Prefixes("nothing.example.com"); len(got) > 0 {
		t.Errorf("an unknown source has prefixes %v", got)
	}
	if got := Default().Prefixes("s3.amazonaws.com"); !slices.Contains(got, "s3express") {
		t.Errorf("rows of s3 lead to s3express, but its prefixes are %v", got)
	}
	if s := Default().Services(); len(s) < 456 || !slices.IsSorted(s) {
		t.Errorf("%d services, or unsorted", len(s))
	}
}

func TestVersion(t *testing.T) {
	if v := Default().Version(); !regexp.MustCompile(`^2026-09-26\.1\+sha256:[0-9a-f]{12}$`).MatchString(v) {
		t.Errorf("version %q", v)
	}
}

func TestManagedPolicy(t *testing.T) {
	doc, version, ok := Default().ManagedPolicy("arn:aws:iam::aws:policy/AdministratorAccess")
	if !ok || version != "v1" || !json.Valid(doc) || !strings.Contains(string(doc), `"Action":"*"`) {
		t.Errorf("%s %s %v", doc, version, ok)
	}
	if _, _, ok := Default().ManagedPolicy("arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess"); !ok {
		t.Error("other partitions have no documents")
	}
	if _, _, ok := Default().ManagedPolicy("arn:aws:iam::111122223333:policy/AdministratorAccess"); ok {
		t.Error("a customer's policy has a document")
	}
	policies, err := decodePolicies(policiesFile)
	if err != nil || len(policies) < 1_594 {
		t.Fatal(len(policies), err)
	}
	for arn, p := range policies {
		if !json.Valid([]byte(p.document)) || !strings.HasPrefix(p.version, "v") {
			t.Errorf("%s: broken document or version %q", arn, p.version)
		}
	}
}

func TestOpenRefusesBrokenFiles(t *testing.T) {
	junk := []byte("junk")
	if _, err := Open(junk, tablesFile, policiesFile); err == nil || !strings.Contains(err.Error(), "facts file") {
		t.Errorf("broken facts: %v", err)
	}
	if _, err := Open(factsFile, junk, policiesFile); err == nil || !strings.Contains(err.Error(), "tables file") {
		t.Errorf("broken tables: %v", err)
	}
	c, err := Open(factsFile, tablesFile, junk)
	if err != nil {
		t.Fatalf("policies must wait: %v", err)
	}
	if _, _, ok := c.ManagedPolicy("arn:aws:iam::aws:policy/AdministratorAccess"); ok {
		t.Error("a broken file has policies")
	}
	for _, text := range []string{"", "other/1\t2026", "tighten-facts/1\tx\nA\tX\tR\n", "tighten-facts/1\tx\nS\ts3\nA\tGetObject\n", "tighten-facts/1\tx\nS\ts3\nZ\tq\n", "tighten-facts/1\tx\nS\n"} {
		if _, err := decodeFacts(text); err == nil {
			t.Errorf("facts %q are accepted", text)
		}
	}
	for _, text := range []string{"[labels]\na\n", "[nope]\na\tb\n", "a\tb\n", "[events]\ns3\tX\twhat\ts3:X\n", "[events]\ns3\tX\t-\tX\n"} {
		if _, err := decodeTables(text); err == nil {
			t.Errorf("tables %q are accepted", text)
		}
	}
}

// The budget of the binary: facts and managed policies together.
func TestEmbeddedSize(t *testing.T) {
	if n := len(factsFile) + len(tablesFile) + len(policiesFile); n > 1_000_000 {
		t.Errorf("%d bytes are embedded, over 1 MB", n)
	}
}

// Each answer on visibility says in which way which document tells it.
func TestEvidence(t *testing.T) {
	for action, want := range map[string]struct {
		rule Rule
		page string // part of its address
	}{
		"s3:GetObject":                         {RuleRow, "/AmazonS3/"},
		"airflow:GetEnvironment":               {RuleRow, "/mwaa/"}, // by a pattern
		"appstream:ListAssociatedStacks":       {RuleNamed, "/appstream2/"},
		"athena:StartQueryExecution":           {RuleAll, "/athena/"},
		"appstream:CreateEntitlement":          {RuleService, "/appstream2/"},
		"appstream:Stream":                     {RuleNoOperation, "/appstream2/"},
		"redshift:CreateClusterUser":           {RuleParameters, "/redshift/"},
		"events:PutRawEvents":                  {RuleBesideData, "/eventbridge/"},
		"timestream-influxdb:CreateDbInstance": {RuleUndocumented, ""},
	} {
		f, ok := Default().Lookup(action)
		if !ok || f.Evidence.Rule != want.rule || !strings.Contains(f.Evidence.Document, want.page) ||
			(want.page == "") != (f.Evidence.Document == "") || (want.page == "") != (f.Evidence.Date == "") {
			t.Errorf("%s: %+v, want %s of a page with %q", action, f.Evidence, want.rule, want.page)
		}
	}
	for _, name := range Default().Expand(nil, "*") {
		f, _ := Default().Lookup(name)
		documented := f.Visibility != VisibilityUnknown
		if documented && !strings.HasPrefix(f.Evidence.Document, "https://") {
			t.Errorf("%s is %s by no document: %+v", name, f.Visibility, f.Evidence)
		}
	}
}

// An operation on resources that have data events is management only where the page
// names it or its name is that of an operation on the resource itself.
func TestBesideData(t *testing.T) {
	var got []string
	for _, name := range Default().Expand(nil, "*") {
		if f, _ := Default().Lookup(name); f.Evidence.Rule == RuleBesideData {
			got = append(got, name)
			if f.Visibility != VisibilityUnknown {
				t.Errorf("%s is %s", name, f.Visibility)
			}
		}
	}
	if len(got) < 30 || len(got) > 80 {
		t.Errorf("%d such operations, want some dozens: %v", len(got), got)
	}
	for _, name := range []string{"PutRawEvents", "GetCaptureData", "SendTaskSuccess", "ListKnowledgeBaseDocuments", "GenerateMac", "Execute"} {
		if controlPlane(name) {
			t.Errorf("%s is no operation on a resource itself", name)
		}
	}
	for _, name := range []string{"GetBucketPolicy", "UpdateFunctionCode", "DeleteQueue", "PublishVersion", "TagResource"} {
		if !controlPlane(name) {
			t.Errorf("%s is an operation on a resource itself", name)
		}
	}
}

package ingest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/trail/ocsf/ocsftest"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// form is a way in which records come, beside CloudTrail's own objects.
type form struct {
	name string
	wrap func(t testing.TB, records []json.RawMessage) []byte
	key  string // of the object; the content tells the form, whatever the name
}

// quote makes a wrap of a JSON string that holds a record.
func quote(record json.RawMessage) string {
	b, err := json.Marshal(string(record))
	if err != nil {
		panic(err)
	}
	return string(b)
}

// each wraps records one by one, with something between.
func each(format, between string, as func(json.RawMessage) string) func(testing.TB, []json.RawMessage) []byte {
	return func(_ testing.TB, records []json.RawMessage) []byte {
		var parts []string
		for _, r := range records {
			parts = append(parts, strings.ReplaceAll(format, "%", as(r)))
		}
		return []byte(strings.Join(parts, between))
	}
}

func around(before, after string, inner func(testing.TB, []json.RawMessage) []byte) func(testing.TB, []json.RawMessage) []byte {
	return func(t testing.TB, records []json.RawMessage) []byte {
		return slices.Concat([]byte(before), inner(t, records), []byte(after))
	}
}

// pages wraps several records at a time.
func pages(page func(testing.TB, []json.RawMessage) []byte, size int, between string, pack func([]byte) []byte) func(testing.TB, []json.RawMessage) []byte {
	return func(t testing.TB, records []json.RawMessage) []byte {
		var parts [][]byte
		for chunk := range slices.Chunk(records, size) {
			parts = append(parts, pack(page(t, chunk)))
		}
		return bytes.Join(parts, []byte(between))
	}
}

func asIs(b []byte) []byte { return b }

func compressed(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func raw(r json.RawMessage) string { return string(r) }

func lake(o ocsftest.Options) func(testing.TB, []json.RawMessage) []byte {
	return func(t testing.TB, records []json.RawMessage) []byte {
		b, err := ocsftest.Write(records, o)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

const lakeKey = "aws/CLOUD_TRAIL_MGMT/2.0/region=eu-west-1/accountId=111122223333/eventDay=20260302/0.gz.parquet"

// forms are all forms that keep everything.
func forms() []form {
	data := around(`{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"g","logStream":"s","subscriptionFilters":["f"],"logEvents":[`, `]}`,
		each(`{"id":"1","timestamp":1772446830000,"message":%}`, ",", quote))
	control := `{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE: Checking health of destination Firehose."}]}`
	bridge := `{"version":"0","id":"1","detail-type":"AWS API Call via CloudTrail","source":"aws.s3","account":"111122223333","time":"2026-03-02T00:00:00Z","region":"eu-west-1","resources":[],"detail":%}`
	lookup := around(`{"Events":[`, `],"NextToken":"t"}`,
		each(`{"EventId":"1","EventName":"X","ReadOnly":"true","EventTime":"2026-03-02T00:00:00+00:00","EventSource":"x","Resources":[],"CloudTrailEvent":%}`, ",", quote))
	return []form{
		{"array", around("[", "]", each("%", ",\n", raw)), "a.json"},
		{"ndjson", each("%\n", "", raw), "a"},
		{"indented records", each("%", "\n", func(r json.RawMessage) string {
			var b bytes.Buffer
			json.Indent(&b, r, "", "  ")
			return b.String()
		}), "a.json"},
		{"logs export", func(t testing.TB, l []json.RawMessage) []byte {
			return compressed(each("2026-03-02T00:00:00.000Z %\n", "", raw)(t, l))
		}, "exportedlogs/00000000-0000-0000-0000-000000000000/111122223333_CloudTrail_eu-west-1/000000.gz"},
		{"logs export in members", pages(each("2026-03-02T00:00:00.000Z %\n", "", raw), 3, "", compressed), "000000.gz"},
		{"logs subscription", data, "2026/03/02/00/stream-1-2026-03-02-00-00-00-x"},
		{"logs subscription by Firehose", pages(around("", control, data), 2, "", compressed), "2026/03/02/00/stream"},
		{"logs subscription by a Firehose that compresses", func(t testing.TB, l []json.RawMessage) []byte {
			return compressed(pages(data, 2, "", compressed)(t, l))
		}, "2026/03/02/00/stream.gz"},
		{"filter-log-events", pages(around(`{"events":[`, `],"searchedLogStreams":[],"nextToken":"t"}`,
			each(`{"logStreamName":"s","timestamp":1,"message":%,"ingestionTime":2,"eventId":"3"}`, ",", quote)), 4, "\n", asIs), "f.json"},
		{"get-log-events", around(`{"events":[`, `],"nextForwardToken":"f/1","nextBackwardToken":"b/1"}`,
			each(`{"timestamp":1,"message":%,"ingestionTime":2}`, ",", quote)), "g.json"},
		{"Insights query", around(`{"results":[`, `],"statistics":{"recordsMatched":1.0},"status":"Complete"}`,
			each(`[{"field":"@timestamp","value":"2026-03-02 00:00:00.000"},{"field":"@message","value":%},{"field":"@ptr","value":"x"}]`, ",", quote)), "i.json"},
		{"Insights download", around("[", "]", each(`{"@timestamp":"2026-03-02 00:00:00.000","@message":%}`, ",", raw)), "i2.json"},
		{"EventBridge", each(bridge, "\n", raw), "e.json"},
		{"EventBridge array", around("[", "]", each(bridge, ",", raw)), "e2.json"},
		{"EventBridge by Firehose", each(bridge, "", raw), "e3"},
		{"EventBridge in logs", pages(around("", "", each("2026-03-02T00:00:00.000Z "+bridge+"\n", "", raw)), 5, "", compressed), "e4.gz"},
		{"lookup-events", lookup, "l.json"},
		{"lookup-events pages", pages(lookup, 2, "\n", asIs), "l2.json"},
		{"lookup-events elements", each(`{"EventId":"1","Username":"u","CloudTrailEvent":%}`, "\n", quote), "l3.json"},
		{"lookup-events strings", each("%", "\n", quote), "l4.json"},
		{"Lake query", around(`{"QueryStatus":"FINISHED","QueryStatistics":{"ResultsCount":1},"QueryResultRows":[`, `]}`,
			each(`[{"eventJson":%},{"eventName":"X"},{"eventSource":"y"}]`, ",", quote)), "q.json"},
	}
}

// TestForms: the same records make the same calls and uses in every form.
func TestForms(t *testing.T) {
	records := ownRecords(t)
	want := tableOf(t, records, form{"delivered", around(`{"Records":[`, `]}`, each("%", ",", raw)), "a.json"})
	if len(want.Usage) == 0 || len(want.Trust) == 0 || want.Stats.Records != int64(len(records)) {
		t.Fatalf("the records say too little: %+v", want.Stats)
	}
	for _, f := range forms() {
		t.Run(f.name, func(t *testing.T) { sameUses(t, tableOf(t, records, f), want, true) })
	}
	for _, f := range lakes() {
		t.Run(f.name, func(t *testing.T) { sameUses(t, tableOf(t, records, f), want, f.name == "Security Lake 2.0") })
	}
}

func lakes() []form {
	return []form{
		{"Security Lake 2.0", lake(ocsftest.Options{}), lakeKey},
		{"Security Lake 1.0", lake(ocsftest.Options{Version: ocsftest.V1}), strings.Replace(lakeKey, "2.0", "1.0", 1)},
	}
}

// ownRecords are records of our own, of what forms might lose.
func ownRecords(t testing.TB) (records []json.RawMessage) {
	add := func(with map[string]any) {
		with["eventID"] = fmt.Sprintf("00000000-0000-0000-0000-%012d", len(records))
		b, err := json.Marshal(record("", with))
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, b)
	}
	type m = map[string]any
	add(m{})
	add(m{"requestParameters": nil})
	add(m{"requestParameters": m{"bucketName": "amzn-s3-demo-bucket", "key": "a,b/ c\"\\\n\u00e9\u2028"}})
	add(m{"errorCode": "AccessDenied", "errorMessage": "User: x is not authorized to perform: s3:GetObject"})
	add(m{"errorCode": "NoSuchKey", "errorMessage": "The specified key does not exist."})
	add(m{"vpcEndpointId": "vpce-1", "sharedEventID": "11111111-0000-0000-0000-000000000000", "recipientAccountId": "444455556666"})
	iam := func(name string, parameters m) {
		add(m{"eventSource": "iam.amazonaws.com", "eventName": name, "eventCategory": "Management", "readOnly": false,
			"awsRegion": "us-east-1", "requestParameters": parameters})
	}
	iam("AttachRolePolicy", m{"roleName": "etl", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"})
	iam("CreateUser", m{"userName": "ann", "tags": []any{m{"key": "a", "value": "b"}}})
	iam("DeleteUser", m{"userName": "ann"})
	iam("CreateServiceLinkedRole", m{"aWSServiceName": "spot.amazonaws.com"})
	add(m{"eventSource": "ec2.amazonaws.com", "eventName": "TerminateInstances", "eventCategory": "Management", "readOnly": false,
		"requestParameters": m{"instancesSet": m{"items": []any{m{"instanceId": "i-0a"}, m{"instanceId": "i-0b"}}}}})
	add(m{"eventSource": "ec2.amazonaws.com", "eventName": "RunInstances", "eventCategory": "Management", "readOnly": false,
		"requestParameters": m{"instancesSet": m{"items": []any{m{"imageId": "ami-1", "minCount": 1, "maxCount": 2}}},
			"iamInstanceProfile": m{"arn": "arn:aws:iam::111122223333:instance-profile/p"}, "ebsOptimized": false}})
	add(m{"eventSource": "lambda.amazonaws.com", "eventName": "Invoke", "requestParameters": m{"functionName": "arn:aws:lambda:eu-west-1:111122223333:function:f"},
		"resources": []any{m{"ARN": "arn:aws:lambda:eu-west-1:111122223333:function:f", "accountId": "111122223333", "type": "AWS::Lambda::Function"}}})
	add(m{"eventSource": "kms.amazonaws.com", "eventName": "Decrypt", "requestParameters": m{"encryptionContext": m{"a.b": "c"}},
		"resources": []any{m{"ARN": "arn:aws:kms:eu-west-1:111122223333:key/1", "accountId": "111122223333", "type": "AWS::KMS::Key"}}})
	assume(add)
	return records
}

// assume adds records of STS and of the console.
func assume(add func(map[string]any)) {
	type m = map[string]any
	user := m{"type": "IAMUser", "principalId": "AIDAEXAMPLEUSERID0001", "accountId": "444455556666", "userName": "ann",
		"arn": "arn:aws:iam::444455556666:user/ann", "accessKeyId": "AKIAEXAMPLE"}
	role := "arn:aws:iam::111122223333:role/jobs/etl"
	for _, name := range []string{"AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"} {
		identity := user
		switch name {
		case "AssumeRoleWithSAML":
			identity = m{"type": "SAMLUser", "principalId": "x:ann", "userName": "ann", "identityProvider": "idp"}
		case "AssumeRoleWithWebIdentity":
			identity = m{"type": "WebIdentityUser", "principalId": "accounts.example.com:app:ann", "userName": "ann", "identityProvider": "accounts.example.com"}
		}
		add(m{"eventSource": "sts.amazonaws.com", "eventName": name, "eventCategory": "Management", "userIdentity": identity,
			"requestParameters": m{"roleArn": role, "roleSessionName": "s", "externalId": "e", "durationSeconds": 3600, "tags": []any{m{"key": "k", "value": "v"}, m{"key": "l", "value": "w"}}},
			"responseElements":  m{"assumedRoleUser": m{"arn": "arn:aws:sts::111122223333:assumed-role/etl/s"}, "subject": "ann", "subjectFromWebIdentityToken": "ann"},
			"resources":         []any{m{"ARN": role, "accountId": "111122223333", "type": "AWS::IAM::Role"}}})
		add(m{"eventSource": "sts.amazonaws.com", "eventName": name, "eventCategory": "Management", "userIdentity": identity,
			"requestParameters": nil, "errorCode": "AccessDenied"})
	}
	add(m{"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "eventCategory": "Management", "userIdentity": user,
		"requestParameters": m{"roleArn": "arn:aws:iam::111122223333:role/other", "roleSessionName": "s"}})
	add(m{"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "eventType": "AwsConsoleSignIn", "eventCategory": "Management", "userIdentity": user,
		"requestParameters": nil, "responseElements": m{"ConsoleLogin": "Success"}, "additionalEventData": m{"LoginTo": "https://console.aws.amazon.com/", "MFAUsed": "Yes"}})
	session := m{"sessionIssuer": m{"type": "Role", "principalId": "AROAEXAMPLEROLEID0001", "accountId": "111122223333", "arn": role, "userName": "etl"},
		"webIdFederationData": m{"federatedProvider": "arn:aws:iam::111122223333:oidc-provider/example.com"}, "attributes": m{"mfaAuthenticated": "true"}}
	add(m{"userIdentity": m{"type": "AssumedRole", "principalId": "AROAEXAMPLEROLEID0001:s", "accountId": "111122223333",
		"arn": "arn:aws:sts::111122223333:assumed-role/etl/s", "invokedBy": "athena.amazonaws.com", "sessionContext": session}})
	add(m{"userIdentity": m{"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}})
	add(m{"userIdentity": m{"type": "AWSAccount", "principalId": "AROAEXAMPLEOTHER00001:x", "accountId": "444455556666"}})
	add(m{"userIdentity": m{"type": "IdentityCenterUser", "accountId": "111122223333", "onBehalfOf": m{"userId": "u-1", "identityStoreArn": "arn:aws:identitystore::111122223333:identitystore/d-1"}, "credentialId": "c"}})
}

// tableOf takes records in a form all the way.
func tableOf(t testing.TB, records []json.RawMessage, f form) *usage.Table {
	t.Helper()
	table := run(t, Options{Workers: 1}, memory{{key: f.key, content: f.wrap(t, records)}})
	resolve(t, table, 1)
	for _, o := range table.Objects {
		if o.Error != "" || o.Unreadable != 0 {
			t.Fatalf("%s: %s, %d unreadable", o.Key, o.Error, o.Unreadable)
		}
	}
	return table
}

// sameUses compares what does not say of which objects it comes; calls only where
// their arguments are kept to the letter.
func sameUses(t *testing.T, got, want *usage.Table, exact bool) {
	t.Helper()
	if got.Stats.Records != want.Stats.Records {
		t.Errorf("%d records, want %d", got.Stats.Records, want.Stats.Records)
	}
	compare(t, "usage", got.Usage, want.Usage)
	compare(t, "trust", got.Trust, want.Trust)
	compare(t, "coverage", got.Coverage, want.Coverage)
	compare(t, "unmapped", got.Unmapped, want.Unmapped)
	if !exact {
		return
	}
	compare(t, "calls", got.Calls, want.Calls)
	if !reflect.DeepEqual(got.Args, want.Args) || !reflect.DeepEqual(got.Contexts, want.Contexts) {
		t.Error("arguments or contexts differ")
	}
}

// corpusRecords is one record of each event source, name and error code of the corpus.
func corpusRecords(t testing.TB) []json.RawMessage {
	t.Helper()
	dir := corpus(t)
	seen := map[string]bool{}
	var records []json.RawMessage
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		for _, r := range recordsOf(t, path) {
			var head struct{ EventSource, EventName, ErrorCode string }
			if json.Unmarshal(r, &head) != nil {
				continue
			}
			if key := fmt.Sprint(head); !seen[key] {
				seen[key] = true
				records = append(records, r)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// recordsOf are the records of a delivered file; nil for others.
func recordsOf(t testing.TB, path string) []json.RawMessage {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if z, err := gzip.NewReader(bytes.NewReader(b)); err == nil {
		var out bytes.Buffer
		if _, err := out.ReadFrom(z); err != nil {
			return nil
		}
		b = out.Bytes()
	}
	var delivered struct{ Records []json.RawMessage }
	if json.Unmarshal(b, &delivered) != nil {
		return nil
	}
	return delivered.Records
}

// TestCorpusForms does the same with real records, one by one, so that a difference is
// that of a record.
func TestCorpusForms(t *testing.T) {
	records := corpusRecords(t)
	if len(records) < 300 {
		t.Fatalf("%d records", len(records))
	}
	delivered := form{"delivered", around(`{"Records":[`, `]}`, each("%", ",", raw)), "a.json"}
	want := tableOf(t, records, delivered)
	for _, f := range forms() {
		t.Run(f.name, func(t *testing.T) { sameUses(t, tableOf(t, records, f), want, true) })
	}
	t.Logf("%d records", len(records))
}

// numbersAsTexts are operations whose records have a decimal or negative number in their
// parameters, which schema 1.0 keeps as a text: the call has one argument more, which
// names nothing.
var numbersAsTexts = []string{"PutMetricAlarm", "CreateCluster", "ModifyTrafficMirrorSession"}

// TestCorpusLake does it with Security Lake.
func TestCorpusLake(t *testing.T) {
	var alike, unlike []json.RawMessage
	for _, r := range corpusRecords(t) {
		var head struct{ EventName string }
		if err := json.Unmarshal(r, &head); err == nil && slices.Contains(numbersAsTexts, head.EventName) {
			unlike = append(unlike, r)
			continue
		}
		alike = append(alike, r)
	}
	delivered := form{"delivered", around(`{"Records":[`, `]}`, each("%", ",", raw)), "a.json"}
	want, other := tableOf(t, alike, delivered), tableOf(t, unlike, delivered)
	for _, f := range lakes() {
		t.Run(f.name, func(t *testing.T) {
			sameUses(t, tableOf(t, alike, f), want, true)
			got := tableOf(t, unlike, f)
			sameUses(t, got, other, false)
			if first := f.name == "Security Lake 1.0"; first == slices.Equal(got.Calls, other.Calls) {
				t.Errorf("numbers are no texts, or are: %v", !first)
			}
		})
	}
}

package ingest

import (
	"reflect"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/internal/args"
	"github.com/tighten-iam/tighten/pkg/usage"
)

func TestRecord(t *testing.T) {
	e := event(t, record("id-1", map[string]any{
		"sharedEventID": "shared-1", "errorCode": "AccessDenied", "vpcEndpointId": "vpce-1",
		"resources": []any{map[string]any{"ARN": "arn:aws:s3:::amzn-s3-demo-bucket", "type": "AWS::S3::Bucket"}},
		"userIdentity": map[string]any{
			"type": "IAMUser", "principalId": "AIDAEXAMPLEUSERID0001", "accountId": "444455556666", "userName": "ann",
			"arn": "arn:aws:iam::444455556666:user/ann", "invokedBy": "athena.amazonaws.com",
			"sessionContext": map[string]any{"attributes": map[string]any{"mfaAuthenticated": "true"}},
		},
	}))
	got := usage.Record{Trust: &usage.Trust{Role: "of the event before"}}
	Record(&got, e)
	want := usage.Record{
		EventID: "id-1", SharedID: "shared-1", Time: at(0),
		EventSource: "s3.amazonaws.com", EventName: "GetObject", EventType: "AwsApiCall", Category: "Data",
		Region: "eu-west-1", RecipientAccount: "111122223333", ReadOnly: 2,
		ErrorCode: "AccessDenied", Outcome: "denied",
		Identity: usage.Identity{
			Type: "IAMUser", PrincipalID: "AIDAEXAMPLEUSERID0001", ARN: "arn:aws:iam::444455556666:user/ann",
			AccountID: "444455556666", UserName: "ann", InvokedBy: "athena.amazonaws.com", MFA: "true",
		},
		Args: args.List{
			{Path: "p.bucketName", Value: "amzn-s3-demo-bucket"},
			{Path: "p.key", Value: "a/b"},
			{Path: "s[].ARN", Value: "arn:aws:s3:::amzn-s3-demo-bucket"},
		},
		Context: []usage.ContextPair{
			{Key: "mfa", Value: "true"},
			{Key: "source-account", Value: "444455556666"},
			{Key: "via", Value: "athena.amazonaws.com"},
			{Key: "vpce", Value: "vpce-1"},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// TestRecordReuse shows that nothing of an event stays for the next one.
func TestRecordReuse(t *testing.T) {
	bare := record("id-2", map[string]any{"requestParameters": nil})
	var fresh, reused usage.Record
	Record(&fresh, event(t, bare))
	Record(&reused, event(t, record("id-1", map[string]any{
		"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "vpcEndpointId": "vpce-1",
	})))
	if reused.Trust == nil || len(reused.Args) == 0 || len(reused.Context) == 0 {
		t.Fatalf("the first event left too little to see: %+v", reused)
	}
	Record(&reused, event(t, bare))
	if len(reused.Args) != 0 || len(reused.Context) != 0 {
		t.Errorf("left over: %+v %+v", reused.Args, reused.Context)
	}
	reused.Args, reused.Context, fresh.Args, fresh.Context = nil, nil, nil, nil
	if !reflect.DeepEqual(fresh, reused) {
		t.Errorf("got  %+v\nwant %+v", reused, fresh)
	}
}

func TestRecordWithoutTimeOrAccount(t *testing.T) {
	var got usage.Record
	Record(&got, event(t, record("id-1", map[string]any{"eventTime": "yesterday", "recipientAccountId": nil})))
	if !got.Time.IsZero() {
		t.Errorf("time = %v, want none", got.Time)
	}
	if got.RecipientAccount != "111122223333" {
		t.Errorf("recipient = %q, want the caller's account", got.RecipientAccount)
	}
}

func TestTrust(t *testing.T) {
	const role = "arn:aws:iam::444455556666:role/deploy"
	sts := func(name string, with map[string]any) map[string]any {
		with["eventSource"], with["eventName"] = "sts.amazonaws.com", name
		return record("id", with)
	}
	caller := usage.Trust{
		Role: role, RoleAccount: "444455556666",
		Caller: "arn:aws:iam::111122223333:role/jobs/etl", CallerAccount: "111122223333",
		Mechanism: "AssumeRole", Outcome: "allowed",
	}
	change := func(f func(*usage.Trust)) *usage.Trust {
		c := caller
		f(&c)
		return &c
	}
	tests := []struct {
		name   string
		record map[string]any
		want   *usage.Trust
	}{
		{"another call", sts("GetCallerIdentity", map[string]any{}), nil},
		{"another service", record("id", map[string]any{"eventName": "AssumeRole"}), nil},
		{"plain", sts("AssumeRole", map[string]any{"requestParameters": map[string]any{"roleArn": role}}), &caller},
		{
			"a user has a name, but nobody vouched for it",
			sts("AssumeRole", map[string]any{
				"requestParameters": map[string]any{"roleArn": role},
				"userIdentity": map[string]any{
					"type": "IAMUser", "principalId": "AIDAEXAMPLEUSERID0001", "accountId": "111122223333", "userName": "ann",
					"arn": "arn:aws:iam::111122223333:user/ann",
				},
			}),
			change(func(w *usage.Trust) { w.Caller = "arn:aws:iam::111122223333:user/ann" }),
		},
		{
			"external id and tags",
			sts("AssumeRole", map[string]any{"requestParameters": map[string]any{
				"roleArn": role, "externalId": "x-1",
				"tags": []any{map[string]any{"key": "team", "value": "a&b"}, map[string]any{"key": "cost", "value": "1"}},
			}}),
			change(func(w *usage.Trust) { w.ExternalID, w.SessionTags = "x-1", "cost=1&team=a%26b" }),
		},
		{
			"names are told by case",
			sts("AssumeRole", map[string]any{"requestParameters": map[string]any{"roleArn": role, "rolearn": "other", "ROLEARN": "other"}}),
			&caller,
		},
		{
			"denied, role in resources only",
			sts("AssumeRole", map[string]any{
				"errorCode": "AccessDenied", "requestParameters": nil,
				"resources": []any{map[string]any{"ARN": "arn:aws:s3:::b"}, map[string]any{"ARN": role}},
			}),
			change(func(w *usage.Trust) { w.Outcome = "denied" }),
		},
		{
			"denied, no role at all",
			sts("AssumeRole", map[string]any{"errorCode": "AccessDenied", "requestParameters": nil}),
			change(func(w *usage.Trust) { w.Role, w.RoleAccount, w.Outcome = "", "111122223333", "denied" }),
		},
		{
			"parameters of other types",
			sts("AssumeRole", map[string]any{"requestParameters": map[string]any{"roleArn": []any{role}, "externalId": 5, "tags": "x"}}),
			change(func(w *usage.Trust) { w.Role, w.RoleAccount = "", "111122223333" }),
		},
		{
			"web identity",
			sts("AssumeRoleWithWebIdentity", map[string]any{
				"userIdentity":      map[string]any{"type": "WebIdentityUser", "principalId": "p", "userName": "in-identity", "identityProvider": "idp"},
				"requestParameters": map[string]any{"roleArn": role, "principalTags": map[string]any{"repo": "a/b"}},
				"responseElements":  map[string]any{"subjectFromWebIdentityToken": "repo:example/app:ref:refs/heads/main"},
			}),
			change(func(w *usage.Trust) {
				w.Mechanism, w.Subject, w.SessionTags = "AssumeRoleWithWebIdentity", "repo:example/app:ref:refs/heads/main", "repo=a%2Fb"
			}),
		},
		{
			"saml, subject of the identity",
			sts("AssumeRoleWithSAML", map[string]any{
				"userIdentity":      map[string]any{"type": "SAMLUser", "principalId": "p", "userName": "ann@example.com"},
				"requestParameters": map[string]any{"roleArn": role},
			}),
			change(func(w *usage.Trust) { w.Mechanism, w.Subject = "AssumeRoleWithSAML", "ann@example.com" }),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got usage.Record
			Record(&got, event(t, test.record))
			if got.Trust != nil && got.Trust.Mechanism != "AssumeRole" {
				// Whom federation is credited to is Credit's matter.
				got.Trust.Caller, got.Trust.CallerAccount = caller.Caller, caller.CallerAccount
			}
			if !reflect.DeepEqual(got.Trust, test.want) {
				t.Errorf("got  %+v\nwant %+v", got.Trust, test.want)
			}
		})
	}
}

// TestTextIsBounded: external ids and tags of denied calls are the attacker's.
func TestTextIsBounded(t *testing.T) {
	long := strings.Repeat("x", 1<<16)
	var got usage.Record
	Record(&got, event(t, record("id", map[string]any{
		"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "vpcEndpointId": long,
		"requestParameters": map[string]any{"roleArn": long, "externalId": long, "tags": []any{map[string]any{"key": long, "value": long}}},
	})))
	texts := []string{got.Trust.Role, got.Trust.ExternalID, got.Trust.SessionTags}
	for _, pair := range got.Context {
		texts = append(texts, pair.Value)
	}
	for _, text := range texts {
		if len(text) > maxText {
			t.Errorf("%.10s… has %d bytes", text, len(text))
		}
	}
}

package trail

import (
	"strings"
	"testing"
	"time"
)

// oddCase is a record and a look at its event.
type oddCase struct {
	name, in string
	got      func(*Event) string
	want     string
}

func principal(e *Event) string { return e.Identity.PrincipalID }
func params(e *Event) string    { return string(e.RequestParameters) }

func flags(e *Event) string { return string([]byte{'0' + byte(e.ReadOnly), '0' + byte(e.Management)}) }

var oddCases = []oddCase{
	{"identity", `{"eventName":"A","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:s","arn":"arn:aws:sts::111122223333:assumed-role/r/s","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE","invokedBy":"x.amazonaws.com","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE","arn":"arn:aws:iam::111122223333:role/p/r","accountId":"111122223333","userName":"r"},"attributes":{"mfaAuthenticated":"false"},"webIdFederationData":{"federatedProvider":"fp"},"sourceIdentity":"si"},"onBehalfOf":{"userId":"u1"},"credentialId":"c","identityProvider":"ip"}}`,
		func(e *Event) string {
			i := e.Identity
			return strings.Join([]string{i.Type, i.PrincipalID, i.ARN, i.AccountID, i.AccessKeyID, i.InvokedBy, i.Issuer.Type, i.Issuer.PrincipalID, i.Issuer.ARN, i.Issuer.AccountID, i.Issuer.UserName, i.MFA, i.FederatedProvider, i.SourceIdentity, i.OnBehalfOf, i.CredentialID, i.IdentityProvider}, "|")
		}, "AssumedRole|AROAEXAMPLE:s|arn:aws:sts::111122223333:assumed-role/r/s|111122223333|ASIAEXAMPLE|x.amazonaws.com|Role|AROAEXAMPLE|arn:aws:iam::111122223333:role/p/r|111122223333|r|false|fp|si|u1|c|ip"},
	{"no identity", `{"eventName":"A"}`, principal, ""},
	{"null identity", `{"eventName":"A","userIdentity":null}`, principal, ""},
	{"identity of another type", `{"eventName":"A","userIdentity":[1]}`, principal, ""},
	{"identity in a string", `{"eventName":"A","userIdentity":"{\"principalId\":\"P\"}"}`, principal, "P"},
	{"empty issuer", `{"eventName":"A","userIdentity":{"principalId":"P","sessionContext":{"sessionIssuer":{},"attributes":{"mfaAuthenticated":true}}}}`,
		func(e *Event) string { return e.Identity.PrincipalID + e.Identity.Issuer.ARN + e.Identity.MFA }, "Ptrue"},
	{"lower-case identity", `{"eventName":"A","userIdentity":{"principalid":"P","accountid":"1","accesskeyid":"K","sessioncontext":{"sessionissuer":{"principalid":"R","username":"u"},"attributes":{"mfaauthenticated":"true"}}}}`,
		func(e *Event) string {
			i := e.Identity
			return i.PrincipalID + i.AccountID + i.AccessKeyID + i.Issuer.PrincipalID + i.Issuer.UserName + i.MFA
		}, "P1KRutrue"},
	{"misspelt key id", `{"eventName":"A","userIdentity":{"accesKeyId":"K"}}`, func(e *Event) string { return e.Identity.AccessKeyID }, "K"},
	{"lower case behind the exact name", `{"eventName":"A","userIdentity":{"principalId":"P","principalid":"EVIL"}}`, principal, "P"},
	{"lower case before the exact name", `{"eventName":"A","userIdentity":{"principalid":"EVIL","principalId":"P"}}`, principal, "P"},
	{"lower case beside an exact null", `{"eventName":"A","userIdentity":{"principalId":null,"principalid":"EVIL"}}`, principal, ""},
	{"lower-case session beside the exact one", `{"eventName":"A","userIdentity":{"sessioncontext":{"sourceIdentity":"EVIL","sessionIssuer":{"arn":"EVIL"}},"sessionContext":{"sourceIdentity":"S"}}}`,
		func(e *Event) string { return e.Identity.SourceIdentity + e.Identity.Issuer.ARN }, "S"},
	{"other cases of the name", `{"EVENTNAME":"EVIL","eventName":"A","EventName":"EVIL","eventname":"EVIL"}`, func(e *Event) string { return e.Name }, "A"},
	{"equal names", `{"eventName":"A","eventName":"B"}`, func(e *Event) string { return e.Name }, "B"},
	{"equal names, the last null", `{"eventName":"A","eventName":null}`, func(e *Event) string { return e.Name }, ""},
	{"two identities", `{"eventName":"A","userIdentity":{"principalId":"P","arn":"x"},"userIdentity":{"principalid":"Q"}}`,
		func(e *Event) string { return e.Identity.PrincipalID + e.Identity.ARN }, "Q"},
	{"escaped name", `{"event\u004eame":"A\u00e9\ud83d\ude00\ud83d\n\/"}`, func(e *Event) string { return e.Name }, "Aé😀\ufffd\n/"},
	{"invalid UTF-8", "{\"eventName\":\"A\xff\xc3\",\"requestParameters\":{\"k\":\"\xff\"}}",
		func(e *Event) string { return e.Name + params(e) }, "A\ufffd\ufffd{\"k\":\"\ufffd\"}"},
	{"event name with a space", `{"eventName":"GetObject "}`, func(e *Event) string { return e.Name }, "GetObject "},
	{"hidden user", `{"eventName":"ConsoleLogin","userIdentity":{"userName":"HIDDEN_DUE_TO_SECURITY_REASONS"}}`,
		func(e *Event) string { return e.Identity.UserName }, "HIDDEN_DUE_TO_SECURITY_REASONS"},
	{"name of another type", `{"eventSource":"s3.amazonaws.com","eventName":{"a":1}}`, func(e *Event) string { return e.Source + e.Name }, "s3.amazonaws.com"},
	{"numbers for text", `{"eventName":"A","eventVersion":1.08,"recipientAccountId":111122223333}`,
		func(e *Event) string { return e.Version + " " + e.RecipientAccount }, "1.08 111122223333"},
	{"parameters", `{"eventName":"A","requestParameters":{"a" : [1, "\u0041"]}}`, params, `{"a" : [1, "\u0041"]}`},
	{"null parameters", `{"eventName":"A","requestParameters":null}`, params, ""},
	{"parameters \"null\"", `{"eventName":"A","requestParameters":"null"}`, params, ""},
	{"parameters in a string", `{"eventName":"A","requestParameters":"{\"a\":\"\\\"b\"}"}`, params, `{"a":"\"b"}`},
	{"parameters in a broken string", `{"eventName":"A","requestParameters":"{\"a\":"}`, params, `"{\"a\":"`},
	{"parameters as text", `{"eventName":"A","requestParameters":"HIDDEN_DUE_TO_SECURITY_REASONS"}`, params, `"HIDDEN_DUE_TO_SECURITY_REASONS"`},
	{"the other raw members", `{"eventName":"A","responseElements":{"r":1},"additionalEventData":{"d":1},"resources":[{"ARN":"x"}]}`,
		func(e *Event) string {
			return string(e.ResponseElements) + string(e.AdditionalEventData) + string(e.Resources)
		}, `{"r":1}{"d":1}[{"ARN":"x"}]`},
	{"flags", `{"eventName":"A","readOnly":true,"managementEvent":false}`, flags, "21"},
	{"flags as text", `{"eventName":"A","readOnly":"false","managementEvent":"true"}`, flags, "12"},
	{"flags absent", `{"eventName":"A","readOnly":null,"managementEvent":"maybe"}`, flags, "00"},
	{"user agents", `{"eventName":"A","userAgent":["a","b"]}`, func(e *Event) string { return e.UserAgent }, "a"},
	{"no user agents", `{"eventName":"A","userAgent":[]}`, func(e *Event) string { return e.UserAgent }, ""},
	{"logstash time", `{"eventName":"A","@timestamp":"2020-01-02T03:04:05.000Z"}`, func(e *Event) string { return e.Time.String() }, "2020-01-02 03:04:05 +0000 UTC"},
	{"logstash time beside the real one", `{"eventTime":"redacted","eventName":"A","@timestamp":"2020-01-02T03:04:05.000Z"}`, func(e *Event) string { return e.Time.String() }, time.Time{}.String()},
	{"plain members", `{"eventName":"A","eventID":"1","sharedEventID":"2","eventSource":"3","eventType":"4","eventCategory":"5","awsRegion":"6","sourceIPAddress":"7","userAgent":"8","errorCode":"9","errorMessage":"10","vpcEndpointId":"11"}`,
		func(e *Event) string {
			return strings.Join([]string{e.ID, e.SharedID, e.Source, e.Type, e.Category, e.Region, e.SourceIP, e.UserAgent, e.ErrorCode, e.ErrorMessage, e.VPCEndpoint}, ",")
		}, "1,2,3,4,5,6,7,8,9,10,11"},
}

func TestOddRecords(t *testing.T) {
	d := NewDecoder(Limits{})
	for _, c := range oddCases {
		t.Run(c.name, func(t *testing.T) {
			doc := `{"Records":[` + rec("First") + `,` + c.in + `]}`
			d.Reset(strings.NewReader(doc))
			for range 2 { // the first record, then the odd one
				if !d.Next() {
					t.Fatalf("not read: %v %v", d.Unreadable(), d.Err())
				}
			}
			if got := c.got(d.Event()); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if diff := differ(d, decodeAll(d, strings.NewReader(doc)), []byte(doc)); diff != "" {
				t.Error("oracle: " + diff)
			}
		})
	}
}

func TestParseTime(t *testing.T) {
	base := time.Date(2023, 7, 19, 21, 11, 57, 0, time.UTC)
	for in, want := range map[string]time.Time{
		"2023-07-19T21:11:57Z":           base,
		"2023-07-19T21:11:57z":           base,
		"2023-07-19t21:11:57z":           base,
		"2023-07-19 21:11:57":            base,
		"2023-07-19 21:11:57 UTC":        base,
		"2023-07-19 21:11:57.123":        base.Add(123 * time.Millisecond),
		"2023-07-19T21:11:57.123456789Z": base.Add(123456789),
		"2023-07-19T21:11:57.1234567891": base.Add(123456789),
		"2023-07-20 08:11:57+11:00":      base,
		"2023-07-19T16:11:57-0500":       base,
		"2023-07-19T16:11:57-05":         base,
		"2024-02-29T00:00:00Z":           time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC),
		"2023-02-29T00:00:00Z":           {},
		"2023-13-01T00:00:00Z":           {},
		"2023-00-01T00:00:00Z":           {},
		"2023-07-19T24:00:00Z":           {},
		"2023-07-19T21:60:00Z":           {},
		"2023-07-19T21:11:60Z":           {},
		"2023-07-19T21:11:57Zulu":        {},
		"2023-07-19T21:11:57.Z":          {},
		"2023-07-19T21:11:57+99:00":      {},
		"2023-07-19T21:11:57+":           {},
		"2023-07-19":                     {},
		"redacted":                       {},
		"":                               {},
	} {
		if got := parseTime([]byte(in)); !got.Equal(want) {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
		if got := timeOf(in); !got.Equal(want) {
			t.Errorf("oracle: %q: %v, want %v", in, got, want)
		}
	}
}

// TestLent: what a decoder lends is not copied for plain records.
func TestLent(t *testing.T) {
	d := NewDecoder(Limits{})
	in := strings.Repeat(`{"eventName":"GetObject","eventID":"1","userIdentity":{"type":"Root"},"requestParameters":{"a":1}}`+"\n", 100)
	r := strings.NewReader(in)
	allocs := testing.AllocsPerRun(20, func() {
		r.Reset(in)
		d.Reset(r)
		for d.Next() {
		}
	})
	if allocs > 1 || d.Err() != nil {
		t.Errorf("%v allocations for 100 records, %v", allocs, d.Err())
	}
}

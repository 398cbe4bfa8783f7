package quarantine

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// getFindings has the shape of `aws guardduty get-findings`.
const getFindings = `{"Findings": [
 {"AccountId": "111122223333", "Id": "f1", "Type": "UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom", "Title": "API ListBuckets was invoked from a malicious IP",
  "Resource": {"ResourceType": "AccessKey", "AccessKeyDetails": {"AccessKeyId": "AKIAEXAMPLEEXAMPLE01", "PrincipalId": "AIDAEXAMPLEUSER000001", "UserName": "ann", "UserType": "IAMUser"}},
  "Service": {"Archived": false, "Action": {"ActionType": "AWS_API_CALL", "AwsApiCallAction": {"Api": "ListBuckets", "CallerType": "Remote IP", "RemoteIpDetails": {"IpAddressV4": "203.0.113.9"}}},
   "EventFirstSeen": "2026-10-03T10:00:00Z", "EventLastSeen": "2026-10-03T11:00:00Z", "AdditionalInfo": {"Value": "{\"type\":\"default\"}", "Type": "default"}}},
 {"Type": "Recon:EC2/PortProbeUnprotectedPort", "Resource": {"ResourceType": "Instance", "InstanceDetails": {"InstanceId": "i-1"}}, "Service": {"EventFirstSeen": "2026-10-03T10:00:00Z"}},
 {"Type": "Recon:IAMUser/MaliciousIPCaller", "Title": "[SAMPLE] x", "Resource": {"AccessKeyDetails": {"AccessKeyId": "GeneratedFindingAccessKeyId", "PrincipalId": "GeneratedFindingPrincipalId"}},
  "Service": {"EventFirstSeen": "2026-10-03T10:00:00Z", "AdditionalInfo": {"Value": "{\"sample\":true}", "Type": "default"}}}
]}`

// event has the shape of an EventBridge event.
const event = `{"version": "0", "detail-type": "GuardDuty Finding", "source": "aws.guardduty", "detail": ` + exfiltration + `}`

const exfiltration = `{"schemaVersion": "2.0", "accountId": "111122223333", "id": "f2", "type": "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
 "resource": {"resourceType": "AccessKey", "accessKeyDetails": {"accessKeyId": "ASIAEXAMPLEEXAMPLE02", "principalId": "AROAEXAMPLEROLE000001:i-0123456789abcdef0", "userType": "Role"}},
 "service": {"archived": false, "evidence": null, "additionalInfo": {}, "action": {"actionType": "AWS_API_CALL", "awsApiCallAction": {"remoteIpDetails": {"ipAddressV4": "203.0.113.9"}}},
  "eventFirstSeen": "2026-10-05T12:00:00.000Z", "eventLastSeen": "2026-10-05T13:00:00Z"}}`

func TestShapes(t *testing.T) {
	var compact strings.Builder
	for _, f := range []string{exfiltration, exfiltration} {
		fmt.Fprintln(&compact, strings.ReplaceAll(f, "\n", ""))
	}
	const fromKey = `{"name":"guardduty-from-a91d6012f260","reason":"GuardDuty: UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",` +
		`"access_keys":["ASIAEXAMPLEEXAMPLE02"],"addresses":["203.0.113.9"],"from":"2026-10-05T12:00:00Z"}`
	tests := []struct{ name, text, want, note string }{
		{"get-findings", getFindings, `[{"name":"guardduty-55aaa6601e10","reason":"GuardDuty: UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom",` +
			`"access_keys":["AKIAEXAMPLEEXAMPLE01"],"from":"2026-10-03T10:00:00Z"}]`,
			"1 of 3 GuardDuty findings make rules; 1 are samples (such as Recon:IAMUser/MaliciousIPCaller); " +
				"1 do not tell whose credentials called an API (such as Recon:EC2/PortProbeUnprotectedPort)"},
		{"event", event, "[" + fromKey + "]", "1 of 1 GuardDuty findings make rules"},
		{"export", compact.String(), "[" + fromKey + "]", "2 of 2 GuardDuty findings make rules"},
		{"export, zipped", zipped(t, compact.String()), "[" + fromKey + "]", "2 of 2 GuardDuty findings make rules"},
		{"list of events", "[" + event + `,{"detail-type": "Something", "detail": {}}]`, "[" + fromKey + "]",
			"1 of 2 GuardDuty findings make rules; 1 are events of another kind (such as Something)"},
		{"none", `{"Findings": []}`, "", "0 of 0 GuardDuty findings make rules"},
	}
	for _, tt := range tests {
		r, notes, err := Load(file(t, "findings", tt.text))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := string(r.Encode()); got != tt.want {
			t.Errorf("%s: rules\n%s\n%s", tt.name, got, tt.want)
		}
		if len(notes) != 1 || notes[0].Text != tt.note {
			t.Errorf("%s: notes %+v", tt.name, notes)
		}
	}
}

// TestFindings changes one finding in one way each.
func TestFindings(t *testing.T) {
	type object = map[string]any
	in := func(f object, path ...string) object {
		for _, p := range path {
			f = f[p].(object)
		}
		return f
	}
	key := func(f object) object { return in(f, "resource", "accessKeyDetails") }
	service := func(f object) object { return in(f, "service") }
	remote := func(f object) object { return in(f, "service", "action", "awsApiCallAction", "remoteIpDetails") }
	anomaly := func(f object) { f["type"] = "Discovery:IAMUser/AnomalousBehavior" }
	tests := []struct {
		name   string
		change func(object)
		want   string // of the rule, or else of the note
	}{
		{"exfiltration needs the address", func(f object) { delete(remote(f), "ipAddressV4") }, "from where"},
		{"exfiltration over IPv6", func(f object) { delete(remote(f), "ipAddressV4"); remote(f)["ipAddressV6"] = "2001:DB8::9" }, `"addresses":["2001:db8::9"]`},
		{"others take the key alone", anomaly, `"access_keys":["ASIAEXAMPLEEXAMPLE02"],"from":"2026-10-05T12:00:00Z"}`},
		{"no key, but a session", func(f object) { anomaly(f); delete(key(f), "accessKeyId") }, `"sessions":["AROAEXAMPLEROLE000001:i-0123456789abcdef0"],"from":"2026-10-05T12:00:00Z"}`},
		{"a session that is a pattern", func(f object) {
			anomaly(f)
			delete(key(f), "accessKeyId")
			key(f)["principalId"] = "AROAEXAMPLEROLE000001:*"
		}, "whose credentials"},
		{"no key, but a user", func(f object) {
			anomaly(f)
			key(f)["accessKeyId"], key(f)["principalId"] = "", "AIDAEXAMPLEUSER000001"
		}, `"addresses":["203.0.113.9"],"sessions":["AIDAEXAMPLEUSER000001"]`},
		{"a user from anywhere", func(f object) {
			anomaly(f)
			delete(remote(f), "ipAddressV4")
			key(f)["accessKeyId"], key(f)["principalId"] = "", "AIDAEXAMPLEUSER000001"
		}, "from where"},
		{"a role as a whole", func(f object) {
			anomaly(f)
			key(f)["accessKeyId"], key(f)["principalId"] = "", "AROAEXAMPLEROLE000001"
		}, "whose credentials"},
		{"archived ends with the last call", func(f object) { service(f)["archived"] = true }, `"to":"2026-10-05T13:00:01Z"`},
		{"archived without an end", func(f object) { service(f)["archived"] = true; delete(service(f), "eventLastSeen") }, `"from":"2026-10-05T12:00:00Z"}`},
		{"sample", func(f object) { service(f)["additionalInfo"] = object{"sample": true} }, "are samples"},
		{"sample key", func(f object) { key(f)["accessKeyId"] = "GeneratedFindingAccessKeyId" }, "are samples"},
		{"not useful", func(f object) { service(f)["userFeedback"] = "NOT_USEFUL" }, "marked as not useful"},
		{"policy", func(f object) { f["type"] = "Policy:S3/BucketAnonymousAccessGranted" }, "about a policy"},
		{"no time", func(f object) { delete(service(f), "eventFirstSeen") }, "do not tell when"},
		{"no resource", func(f object) { delete(f, "resource") }, "whose credentials"},
		{"attack sequence", func(f object) {
			delete(f, "resource")
			f["type"] = "AttackSequence:IAM/CompromisedCredentials"
			service(f)["detection"] = object{"sequence": object{"actors": []any{object{"user": object{"credentialUid": keyA}}}}}
		}, `"access_keys":["` + keyA + `"]`},
		{"type with control characters", func(f object) { f["type"] = "\x1b[31mDiscovery:IAMUser/X" }, `\u001b[31mDiscovery`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var f object
			if err := json.Unmarshal([]byte(exfiltration), &f); err != nil {
				t.Fatal(err)
			}
			tt.change(f)
			text, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			r, notes, err := Load(file(t, "finding", string(text)))
			if err != nil {
				t.Fatal(err)
			}
			got := notes[0].Text
			if r != nil {
				got = string(r.Encode())
			}
			if !strings.Contains(got, tt.want) {
				t.Errorf("%s", got)
			}
		})
	}
}

// TestFindingsOfOneCaller: one rule for all findings about a key, however they are
// split over files.
func TestFindingsOfOneCaller(t *testing.T) {
	later := strings.NewReplacer("2026-10-05", "2026-10-09", "203.0.113.9", "198.51.100.7", "f2", "f3").Replace(exfiltration)
	archived := strings.Replace(later, `"archived": false`, `"archived": true`, 1)
	for name, tt := range map[string]struct {
		texts []string
		want  string
	}{
		"one file":      {[]string{exfiltration + "\n" + later}, `"addresses":["198.51.100.7","203.0.113.9"],"from":"2026-10-05T12:00:00Z"}`},
		"two files":     {[]string{later, exfiltration}, `"addresses":["198.51.100.7","203.0.113.9"],"from":"2026-10-05T12:00:00Z"}`},
		"one goes on":   {[]string{archived, exfiltration}, `"from":"2026-10-05T12:00:00Z"}`},
		"both archived": {[]string{archived, strings.Replace(exfiltration, `"archived": false`, `"archived": true`, 1)}, `"to":"2026-10-09T13:00:01Z"}`},
	} {
		var files []string
		for _, text := range tt.texts {
			files = append(files, file(t, "f", text))
		}
		r, _, err := Load(files...)
		if err != nil || len(r.Rules()) != 1 || !strings.Contains(string(r.Encode()), tt.want) {
			t.Errorf("%s: %s, %v", name, r.Encode(), err)
		}
	}
}

func TestBadFindings(t *testing.T) {
	tests := []struct {
		text string
		line int
		want string
	}{
		{strings.ReplaceAll(exfiltration, "\n", "") + "\n{\"type\": 3}\n", 2, "not a GuardDuty finding"},
		{strings.ReplaceAll(exfiltration, "\n", "") + "\n\n{\"a\": 3}\n", 3, "neither a GuardDuty finding"},
		{strings.ReplaceAll(exfiltration, "\n", "") + "\n{\"type\": \"cut\n", 2, ""},
		{strings.ReplaceAll(exfiltration, "\n", "") + "\n7\n", 2, "not a GuardDuty finding"},
		{`{"Findings": [[{}]]}`, 1, ""},
		{`{"detail-type": "GuardDuty Finding"}`, 1, "not a GuardDuty finding"},
	}
	for _, tt := range tests {
		_, _, err := Load(file(t, "findings", tt.text))
		var e *Error
		if !errors.As(err, &e) || e.Line != tt.line || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v", tt.text, err)
		}
	}
}

// TestCorpus reads the real findings of the corpus.
func TestCorpus(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/corpus/iam/guardduty/*.json")
	if len(files) == 0 {
		if _, err := os.Stat("../../../shared/corpus"); err == nil {
			t.Error("the corpus has no findings")
		}
		t.Skip("no corpus")
	}
	r, notes, err := Load(files...)
	if err != nil || len(notes) != len(files) {
		t.Fatalf("%v, %v", notes, err)
	}
	if len(r.Rules()) != 0 { // they show no credentials
		t.Errorf("%s", r.Encode())
	}
	for _, n := range notes {
		if !strings.HasPrefix(n.Text, "0 of 1 GuardDuty findings make rules; 1 ") {
			t.Errorf("%+v", n)
		}
	}
}

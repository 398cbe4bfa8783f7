package account

import (
	"strings"
	"testing"
	"time"
)

// policyOf is a resource policy, as a JSON object and as the string that answers have.
func policyOf(actions, resource string) (object, text string) {
	rest := ""
	if resource != "" {
		rest = `,"Resource":"` + resource + `"`
	}
	object = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/a"},"Action":"` + actions + `"` + rest + `}]}`
	return object, `"` + strings.ReplaceAll(object, `"`, `\"`) + `"`
}

const (
	keyUUID = "1234abcd-12ab-34cd-56ef-1234567890ab"
	queue   = "arn:aws:sqs:us-east-1:111122223333:jobs"
	topic   = "arn:aws:sns:us-east-1:111122223333:news"
	secret  = "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-a1b2c3"
)

// TestResourcePolicies: of what each answer of the AWS CLI is the policy.
func TestResourcePolicies(t *testing.T) {
	bucketDoc, bucket := policyOf("s3:GetObject", "arn:aws:s3:::data-1/*")
	_, sqs := policyOf("sqs:SendMessage", queue)
	_, sns := policyOf("sns:Publish", topic)
	_, fn := policyOf("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111122223333:function:f:live")
	_, sec := policyOf("secretsmanager:GetSecretValue", "*")
	_, ecr := policyOf("ecr:BatchGetImage", "")
	keyDoc, key := policyOf("kms:*", "*")
	starDoc, _ := policyOf("s3:GetObject", "arn:aws:s3:::data-*")
	_, ddb := policyOf("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:111122223333:table/t")
	for name, c := range map[string]struct{ file, text, want, account string }{
		"get-bucket-policy":                  {"x.json", `{"Policy":` + bucket + `}`, "arn:aws:s3:::data-1", ""},
		"get-bucket-policy beside a bucket":  {"x.json", `{"Bucket":"data-1","Account":"111122223333","Policy":` + bucket + `}`, "arn:aws:s3:::data-1", "111122223333"},
		"bare bucket policy":                 {"x.json", bucketDoc, "arn:aws:s3:::data-1", ""},
		"bucket by the file's name":          {"data-2-bucket-policy.json", starDoc, "arn:aws:s3:::data-2", ""},
		"a name that the policy contradicts": {"other.json", starDoc, "", ""},
		"get-queue-attributes":               {"x.json", `{"Attributes":{"QueueArn":"` + queue + `","Policy":` + sqs + `}}`, queue, "111122223333"},
		"get-topic-attributes":               {"x.json", `{"Attributes":{"TopicArn":"` + topic + `","Owner":"111122223333","Policy":` + sns + `}}`, topic, "111122223333"},
		"lambda get-policy":                  {"x.json", `{"Policy":` + fn + `,"RevisionId":"r"}`, "arn:aws:lambda:us-east-1:111122223333:function:f", "111122223333"},
		"secretsmanager":                     {"x.json", `{"ARN":"` + secret + `","Name":"db","ResourcePolicy":` + sec + `}`, secret, "111122223333"},
		"ecr":                                {"x.json", `{"registryId":"111122223333","repositoryName":"team/app","policyText":` + ecr + `}`, "arn:aws:ecr:*:111122223333:repository/team/app", "111122223333"},
		"dynamodb":                           {"x.json", `{"Policy":` + ddb + `,"RevisionId":"1"}`, "arn:aws:dynamodb:us-east-1:111122223333:table/t", "111122223333"},
		"get-key-policy, id in the name":     {"get-key-policy-" + keyUUID + ".json", `{"Policy":` + key + `,"PolicyName":"default"}`, "arn:aws:kms:*:*:key/" + keyUUID, ""},
		"get-key-policy, ARN in the name":    {"arn%3Aaws%3Akms%3Aus-east-1%3A111122223333%3Akey%2F" + keyUUID + ".json", `{"Policy":` + key + `}`, "arn:aws:kms:us-east-1:111122223333:key/" + keyUUID, "111122223333"},
		"get-key-policy, id beside":          {"x.json", `{"KeyId":"` + keyUUID + `","Policy":` + key + `}`, "arn:aws:kms:*:*:key/" + keyUUID, ""},
		"bare key policy":                    {keyUUID + ".json", keyDoc, "arn:aws:kms:*:*:key/" + keyUUID, ""},
		"a key that nothing names":           {"x.json", `{"Policy":` + key + `,"PolicyName":"default"}`, "", ""},
		"a wrapper by id":                    {"x.json", `{"` + keyUUID + `":{"Policy":` + key + `}}`, "arn:aws:kms:*:*:key/" + keyUUID, ""},
		"a wrapper by ARN":                   {"x.json", `{"` + secret + `":{"ResourcePolicy":` + sec + `}}`, secret, "111122223333"},
		"Resource and Policy":                {"x.json", `[{"Resource":"` + secret + `","Policy":` + keyDoc + `}]`, secret, "111122223333"},
	} {
		t.Run(name, func(t *testing.T) {
			s := files(t, map[string]string{c.file: c.text})
			got, account := "", ""
			if len(s.ResourcePolicies) == 1 {
				got, account = s.ResourcePolicies[0].Resource, s.ResourcePolicies[0].Account
			}
			if got != c.want || account != c.account || len(s.ResourcePolicies) > 1 {
				t.Errorf("%q of %q, want %q of %q\n%s", got, account, c.want, c.account, messages(s))
			}
			if c.want == "" {
				wantWarning(t, s, "nothing tells of which resource")
			} else if len(s.Warnings) > 0 {
				t.Error(messages(s))
			}
		})
	}
}

func TestDocumentsThatAreNoResourcePolicies(t *testing.T) {
	for text, want := range map[string]string{
		`{"Policy":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}}`:                                "without principals",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`: "a trust policy without its role",
		`{"Policy":"{oops"}`: "can't read the resource policy",
	} {
		s := files(t, map[string]string{"x.json": text})
		wantWarning(t, s, want)
		if len(s.ResourcePolicies) > 0 {
			t.Errorf("%s: taken", text)
		}
	}
}

func TestKeyGrants(t *testing.T) {
	list := `{"Grants":[{"KeyId":"arn:aws:kms:us-east-1:111122223333:key/` + keyUUID + `","GrantId":"g2","Name":"","CreationDate":"2026-01-01T00:00:00Z",
	 "GranteePrincipal":"arn:aws:iam::111122223333:role/a","RetiringPrincipal":"arn:aws:iam::111122223333:root","IssuingAccount":"arn:aws:iam::111122223333:root",
	 "Operations":["GenerateDataKey","Decrypt"],"Constraints":{"EncryptionContextSubset":{"a":"b"}}},
	 {"KeyId":"` + keyUUID + `","GrantId":"g1","GranteePrincipal":"arn:aws:iam::111122223333:role/a","Operations":["Decrypt"]},
	 {"KeyId":"k","GrantId":"g3","GranteePrincipal":"x","Operations":["Decrypt"]},{"KeyId":"` + keyUUID + `","GrantId":"g4","Operations":[]}],"Truncated":false}`
	s := files(t, map[string]string{"x.json": list})
	if len(s.KeyGrants) != 2 || s.KeyGrants[0].ID != "g1" || s.KeyGrants[0].Key != "arn:aws:kms:*:*:key/"+keyUUID || s.KeyGrants[0].Constrained {
		t.Fatalf("%+v", s.KeyGrants)
	}
	if !s.KeyGrants[0].Created.IsZero() || s.KeyGrants[1].Created.Format(time.DateOnly) != "2026-01-01" {
		t.Errorf("created %v and %v", s.KeyGrants[0].Created, s.KeyGrants[1].Created)
	}
	if g := s.KeyGrants[1]; !g.Constrained || strings.Join(g.Operations, " ") != "Decrypt GenerateDataKey" {
		t.Errorf("%+v", g)
	}
	wantWarning(t, s, "nothing tells of which key")
	wantWarning(t, s, "without a grantee")
}

func TestResourceBase(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:s3:::b/k/l": "arn:aws:s3:::b", "arn:aws:s3:::b": "arn:aws:s3:::b",
		"arn:aws:s3:us-east-1:111122223333:accesspoint/ap/object/k": "arn:aws:s3:us-east-1:111122223333:accesspoint/ap",
		"arn:aws:lambda:us-east-1:111122223333:function:f:7":        "arn:aws:lambda:us-east-1:111122223333:function:f",
		"arn:aws:dynamodb:us-east-1:111122223333:table/t/index/i":   "arn:aws:dynamodb:us-east-1:111122223333:table/t",
		queue: queue, "": "", "*": "",
	} {
		if got := ResourceBase(arn); got != want {
			t.Errorf("%s: %q, want %q", arn, got, want)
		}
	}
}

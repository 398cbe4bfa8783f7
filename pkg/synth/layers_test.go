package synth

import (
	"fmt"
	"strings"
	"testing"
)

const (
	keyARN      = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	otherKey    = "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	objectARN   = "arn:aws:s3:::data/key"
	trustedRole = "arn:aws:iam::111122223333:role/other"
)

// resourceDoc is a resource policy in the form of get-bucket-policy.
func resourceDoc(effect, principal, action, resource, rest string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":%q,"Principal":%s,"Action":%q,"Resource":%q%s}]}`, effect, principal, action, resource, rest)
}

func wrapped(arn, doc string) string { return `{"Resource":"` + arn + `","Policy":` + doc + `}` }

// TestLayersExplain: which given policies explain a success that nothing attached
// explains, by sections 3 to 5 of the evaluation.
func TestLayersExplain(t *testing.T) {
	aws := func(arn string) string { return `{"AWS":"` + arn + `"}` }
	const root = "arn:aws:iam::111122223333:root"
	bucket := func(effect, principal, rest string) string {
		return wrapped("arn:aws:s3:::data", resourceDoc(effect, principal, "s3:GetObject", "arn:aws:s3:::data/*", rest))
	}
	key := func(principal string) string {
		return wrapped(keyARN, resourceDoc("Allow", principal, "kms:*", "*", ""))
	}
	grant := func(grantee, rest string) string {
		return `{"Grants":[{"KeyId":"` + keyARN + `","GrantId":"g1","GranteePrincipal":"` + grantee + `","CreationDate":"2020-01-01T00:00:00Z","Operations":["Decrypt"]` + rest + `}]}`
	}
	secondAccount := strings.NewReplacer(acct, "444455556666", "AROAEXAMPLEAPPROLE001", "AROAEXAMPLEAPPROLE002")
	for name, c := range map[string]struct {
		action, resource string
		files            []string
		extra            string // of the role
		by               string // what explains it; "" nothing does
		hint             string // what is said where nothing does
	}{
		"no policy":                  {"s3:GetObject", objectARN, nil, "", "", "aws s3api get-bucket-policy --bucket data"},
		"the role":                   {"s3:GetObject", objectARN, []string{bucket("Allow", aws(roleARN), "")}, "", "the resource policy of arn:aws:s3:::data", ""},
		"another role":               {"s3:GetObject", objectARN, []string{bucket("Allow", aws(trustedRole), "")}, "", "", "does not allow it as given"},
		"anyone":                     {"s3:GetObject", objectARN, []string{bucket("Allow", `"*"`, "")}, "", "the resource policy of arn:aws:s3:::data", ""},
		"the account delegates":      {"s3:GetObject", objectARN, []string{bucket("Allow", aws(root), "")}, "", "", "does not allow it as given"},
		"a deny":                     {"s3:GetObject", objectARN, []string{bucket("Deny", `"*"`, ""), bucket("Allow", aws(trustedRole), "")}, "", "", "does not allow it as given"},
		"two policies of one bucket": {"s3:GetObject", objectARN, []string{bucket("Allow", aws(roleARN), ""), bucket("Allow", aws(trustedRole), "")}, "", "", "does not allow it as given"},
		"a condition that logs do not show": {"s3:GetObject", objectARN, []string{bucket("Allow", aws(roleARN), `,"Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"}}`)},
			"", "", "may allow it, by conditions"},
		"a condition that logs show": {"s3:GetObject", objectARN, []string{bucket("Allow", aws(roleARN), `,"Condition":{"StringEquals":{"aws:PrincipalAccount":"`+acct+`"}}`)},
			"", "the resource policy of arn:aws:s3:::data", ""},
		"a session of the role": {"s3:GetObject", objectARN, []string{bucket("Allow", aws("arn:aws:sts::111122223333:assumed-role/app/s1"), "")},
			"", "", "names a session of the role"},
		"another bucket": {"s3:GetObject", "arn:aws:s3:::other/key", []string{bucket("Allow", aws(roleARN), "")}, "", "", "--bucket other"},
		"another action": {"s3:PutObject", objectARN, []string{bucket("Allow", aws(roleARN), "")}, "", "", "does not allow it as given"},
		"a bucket of one of two accounts": {"s3:GetObject", objectARN, []string{bucket("Allow", aws(roleARN), ""), secondAccount.Replace(`{"RoleDetailList":[{"RoleName":"z","Arn":"arn:aws:iam::111122223333:role/z","RolePolicyList":[]}]}`)},
			"", "", "which nothing tells"},
		"the role is within a boundary that lets nothing pass": {"s3:GetObject", objectARN, []string{bucket("Allow", aws(roleARN), "")},
			`"PermissionsBoundary":{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"arn:aws:iam::111122223333:policy/gone"},`, "", "does not allow it as given"},
		"a key policy":                   {"kms:Decrypt", keyARN, []string{key(aws(roleARN))}, "", "the resource policy of " + keyARN, ""},
		"a key policy that delegates":    {"kms:Decrypt", keyARN, []string{key(aws(root))}, "", "", "does not allow it as given"},
		"a key of another account":       {"kms:Decrypt", otherKey, []string{wrapped(otherKey, resourceDoc("Allow", aws(roleARN), "kms:*", "*", ""))}, "", "", "does not allow it as given"},
		"a grant":                        {"kms:Decrypt", keyARN, []string{grant(roleARN, "")}, "", "the grant g1 of key " + keyARN, ""},
		"a grant made later":             {"kms:Decrypt", keyARN, []string{strings.Replace(grant(roleARN, ""), "2020-01-01", "2031-01-01", 1)}, "", "", "calls before it was made, on 2031-01-01"},
		"a grant without a date":         {"kms:Decrypt", keyARN, []string{strings.Replace(grant(roleARN, ""), `"CreationDate":"2020-01-01T00:00:00Z",`, "", 1)}, "", "", "nothing tells since when"},
		"a grant of another operation":   {"kms:Encrypt", keyARN, []string{grant(roleARN, "")}, "", "", "aws kms list-grants --key-id " + keyARN},
		"a grant to another":             {"kms:Decrypt", keyARN, []string{grant(trustedRole, "")}, "", "", "aws kms list-grants"},
		"a grant for a context":          {"kms:Decrypt", keyARN, []string{grant(roleARN, `,"Constraints":{"EncryptionContextEquals":{"a":"b"}}`)}, "", "", "may allow it"},
		"a grant to a session":           {"kms:Decrypt", keyARN, []string{grant("arn:aws:sts::111122223333:assumed-role/app/s", "")}, "", "", "may allow it"},
		"a trust policy":                 {"sts:AssumeRole", trustedRole, []string{trusting(trustedRole, roleARN)}, "", "the trust policy of " + trustedRole, ""},
		"a trust policy that delegates":  {"sts:AssumeRole", trustedRole, []string{trusting(trustedRole, root)}, "", "", "does not allow it as given"},
		"a name that a shell would read": {"s3:GetObject", "arn:aws:s3:::b;reboot/k", nil, "", "", "--bucket NAME"},
		"no resource of its own":         {"ec2:DescribeInstances", "*", nil, "", "", staleFiles},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:DeleteBucket","kms:ScheduleKeyDeletion","iam:DeleteRole"],"Resource":"*"}]}`
			w.files, w.extra = c.files, c.extra
			kind := "arn"
			if c.resource == "*" {
				kind = "star"
			}
			w.saw(c.action, c.resource, kind, 1, 5)
			p := w.propose(Options{}).Principals[0]
			by, hint := "", ""
			if len(p.Explained) == 1 {
				by = p.Explained[0].By
			}
			if len(p.Unexplained) == 1 {
				hint = p.Unexplained[0].Hint
			}
			if by != c.by || !strings.Contains(hint, c.hint) || len(p.Explained)+len(p.Unexplained) != 1 {
				t.Errorf("by %q, hint %q, want %q, %q", by, hint, c.by, c.hint)
			}
			if c.by != "" && p.Explained[0].Count != 6 {
				t.Errorf("%d calls, want 6", p.Explained[0].Count)
			}
		})
	}
}

// trusting is the authorization details of a role with a trust policy.
func trusting(role, principal string) string {
	return `{"RoleDetailList":[{"RoleName":"other","RoleId":"AROAEXAMPLEOTHERROLE1","Path":"/","Arn":"` + role + `","RolePolicyList":[],"AttachedManagedPolicies":[],
	 "AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"}]}}]}`
}

// TestExplainedSuccessBlocksNothing: the service of a success that a bucket policy
// explains is narrowed as ever; without the policy it is not.
func TestExplainedSuccessBlocksNothing(t *testing.T) {
	given := wrapped("arn:aws:s3:::data", resourceDoc("Allow", `{"AWS":"`+roleARN+`"}`, "s3:GetObject", "arn:aws:s3:::data/*", ""))
	for _, files := range [][]string{nil, {given}} {
		w := newWorld(t)
		w.files = files
		w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:DeleteBucket","s3:CreateBucket"],"Resource":"*"}]}`
		w.saw("s3:CreateBucket", "arn:aws:s3:::mine", "arn", 1, 50)
		w.saw("s3:GetObject", objectARN, "arn", 1)
		want := FateBlocked
		if files != nil {
			want = FateRemoved
		}
		p := w.only(Options{})
		if e := fateOf(t, p, "s3:DeleteBucket"); e.Fate != want {
			t.Errorf("%s (%s), want %s", e.Fate, e.Reason, want)
		}
		for _, d := range p.Printed {
			if strings.Contains(string(d), "GetObject") {
				t.Errorf("the bucket policy's permission went into the identity policy: %s", d)
			}
		}
	}
}

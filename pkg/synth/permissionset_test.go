package synth

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/usage"
)

func TestPermissionSetName(t *testing.T) {
	for name, want := range map[string]string{
		"AWSReservedSSO_Admin_0123456789abcdef":        "Admin",
		"AWSReservedSSO_Read_Only_0123456789abcdef":    "Read_Only",
		"AWSReservedSSO_0123456789abcdef":              "",
		"AWSReservedSSO__0123456789abcdef":             "",
		"app":                                          "",
		"NotAWSReservedSSO_Admin_0123456789abcdef":     "",
		"AWSReservedSSO_Admin@prod-2_0123456789abcdef": "Admin@prod-2",
	} {
		p := &account.Principal{Kind: account.RoleKind, Name: name, Path: "/aws-reserved/sso.amazonaws.com/eu-west-1/"}
		if got := permissionSet(p); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		p.Path = "/"
		if got := permissionSet(p); got != "" {
			t.Errorf("%s, no role of Identity Center: %q", name, got)
		}
	}
}

const secondAcct = "444455556666"

// setWorld has the roles of one permission set in two accounts, with the inline
// documents given, and uses of an action each.
func setWorld(t *testing.T, attached string, documents ...string) *world {
	w := newWorld(t)
	w.files = nil
	for i, acct := range []string{acct, secondAcct} {
		arn := fmt.Sprintf("arn:aws:iam::%s:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_%016x", acct, i)
		id := fmt.Sprintf("AROAEXAMPLESSOROLE%03d", i)
		w.files = append(w.files, fmt.Sprintf(`{"UserDetailList":[],"GroupDetailList":[],"Policies":[],"RoleDetailList":[{"Path":"/aws-reserved/sso.amazonaws.com/","RoleName":"AWSReservedSSO_Ops_%016x",
			"RoleId":"%s","Arn":"%s","CreateDate":"2020-01-01T00:00:00Z","AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[]},"InstanceProfileList":[],
			"RolePolicyList":[{"PolicyName":"AwsSSOInlinePolicy","PolicyDocument":%s}],"AttachedManagedPolicies":[%s]}]}`, i, id, arn, documents[i%len(documents)], attached))
		action := []string{"ec2:StopInstances", "ec2:StartInstances"}[i]
		row := w.saw(action, "arn:aws:ec2:us-east-1:"+acct+":instance/i-0aaaaaaaaaaaaaa01", "arn", 50)
		row.Principal, row.PrincipalID, row.Account, row.RecipientAccount = arn, id, acct, acct
		call := &w.table.Calls[len(w.table.Calls)-1]
		call.Principal, call.PrincipalID, call.Account, call.PrincipalType = arn, id, acct, usage.IdentityCenter
	}
	for _, c := range append([]usage.CoverageRow{}, w.table.Coverage...) {
		c.Account = secondAcct
		w.table.Coverage = append(w.table.Coverage, c)
	}
	return w
}

const setDoc = `{"Version":"2012-10-17","Statement":[{"Sid":"Act","Effect":"Allow","Action":["ec2:StopInstances","ec2:StartInstances","ec2:TerminateInstances"],"Resource":"*"}]}`

func setProposals(r *Result) []*Proposal {
	var out []*Proposal
	for _, p := range r.Proposals {
		if p.Kind == PermissionSet {
			out = append(out, p)
		}
	}
	return out
}

// The roles of a permission set are weighed together, over all accounts, and what
// is proposed is a change of the set.
func TestPermissionSetIsOneUnit(t *testing.T) {
	ps := setProposals(setWorld(t, "", setDoc).propose(Options{}))
	if len(ps) != 1 {
		t.Fatalf("%d proposals", len(ps))
	}
	p := ps[0]
	got := ""
	for _, b := range p.Printed {
		got += string(b)
	}
	if p.Change != Narrow || !p.Proof.OK() || p.Proof.Covers.Requests != 2 || len(p.Principals) != 2 || p.Owner != "permission-set/Ops" ||
		strings.Contains(got, "Terminate") || !strings.Contains(got, "StopInstances") || !strings.Contains(got, "StartInstances") {
		t.Fatalf("%s (%s) of %s for %v, proof %+v: %s", p.Change, p.Reason, p.Owner, p.Principals, p.Proof, got)
	}
	if len(p.Notes) == 0 || !strings.Contains(p.Notes[0], "permission set Ops in IAM Identity Center") || !strings.Contains(p.Notes[0], "2 accounts") {
		t.Errorf("notes %q", p.Notes)
	}
}

func TestPermissionSetOfAWSPolicy(t *testing.T) {
	w := setWorld(t, `{"PolicyName":"AmazonEC2FullAccess","PolicyArn":"arn:aws:iam::aws:policy/AmazonEC2FullAccess"}`, setDoc)
	ps := setProposals(w.propose(Options{}))
	if len(ps) != 2 {
		t.Fatalf("%d proposals", len(ps))
	}
	for _, p := range ps {
		if p.ARN != "" && (p.Change != Replace || len(p.New) != 1 || !p.Proof.OK() || !strings.Contains(p.Notes[0], "in place of AmazonEC2FullAccess")) {
			t.Errorf("%s (%s), %d documents, %v", p.Change, p.Reason, len(p.New), p.Notes)
		}
	}
}

func TestPermissionSetStays(t *testing.T) {
	tests := []struct {
		name  string
		world func() *world
		want  string
	}{
		{"documents differ", func() *world { return setWorld(t, "", setDoc, strings.Replace(setDoc, "Act", "Other", 1)) }, "different documents"},
		{"an account without logs", func() *world {
			w := setWorld(t, "", setDoc)
			for i := range w.table.Coverage {
				if w.table.Coverage[i].Account == secondAcct {
					w.table.Coverage[i].Account = acct
				}
			}
			for i := range w.table.Usage {
				if w.table.Usage[i].Account == secondAcct {
					w.table.Usage[i].Account = acct
				}
			}
			return w
		}, "the logs hold nothing of account 444455556666"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ps := setProposals(tt.world().propose(Options{}))
			if len(ps) != 1 {
				t.Fatalf("%d proposals", len(ps))
			}
			for _, p := range ps {
				if p.Change != Skip || !strings.Contains(p.Reason, tt.want) {
					t.Errorf("%s: %s", p.Change, p.Reason)
				}
			}
		})
	}
}

// TestPoliciesThatASetNames: a customer-managed policy of a permission set is left alone,
// and both the policy and the role say so.
func TestPoliciesThatASetNames(t *testing.T) {
	const arn = "arn:aws:iam::111122223333:policy/ops"
	w := setWorld(t, `{"PolicyName":"ops","PolicyArn":"`+arn+`"}`, setDoc)
	w.files[0] = strings.Replace(w.files[0], `"Policies":[]`, `"Policies":[{"PolicyName":"ops","Arn":"`+arn+`","Path":"/","AttachmentCount":1,"DefaultVersionId":"v1",
		"PolicyVersionList":[{"VersionId":"v1","IsDefaultVersion":true,"Document":`+setDoc+`}]}]`, 1)
	r := w.propose(Options{})
	found := false
	for _, p := range r.Proposals {
		if p.Kind != Managed || p.Name != "ops" {
			continue
		}
		found = true
		if p.Change != Skip || !strings.Contains(p.Reason, "permission set Ops takes by its name") {
			t.Errorf("%s: %s", p.Change, p.Reason)
		}
	}
	i := slices.IndexFunc(r.Principals, func(p PrincipalResult) bool {
		return strings.HasPrefix(p.ARN, "arn:aws:iam::"+acct) && strings.Contains(p.ARN, "_Ops_")
	})
	if got := r.Principals[i].Reason; !found || !strings.Contains(got, "a change of permission set Ops is proposed; nothing is proposed for 1 customer-managed document that it takes by its name") {
		t.Errorf("%v: %s", found, got)
	}
}

package account

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// full has one of everything that authorization details can hold.
const full = `{
 "UserDetailList": [{
  "Path": "/", "UserName": "alice", "UserId": "AIDAALICE", "Arn": "arn:aws:iam::111122223333:user/alice",
  "CreateDate": "2019-12-18 19:10:08+00:00", "GroupList": ["ops", "dev"],
  "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": ` + allowGet + `}],
  "AttachedManagedPolicies": [], "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/edge"},
  "Tags": [{"Key": "team", "Value": "a"}]
 }],
 "GroupDetailList": [
  {"GroupName": "dev", "GroupId": "AGPADEV", "Arn": "arn:aws:iam::111122223333:group/dev", "Path": "/", "GroupPolicyList": [],
   "AttachedManagedPolicies": [{"PolicyName": "shared", "PolicyArn": "arn:aws:iam::111122223333:policy/shared"}]},
  {"GroupName": "ops", "GroupId": "AGPAOPS", "Arn": "arn:aws:iam::111122223333:group/ops", "Path": "/",
   "GroupPolicyList": [{"PolicyName": "in", "PolicyDocument": ` + allowGet + `}],
   "AttachedManagedPolicies": [{"PolicyName": "shared", "PolicyArn": "arn:aws:iam::111122223333:policy/shared"}]}
 ],
 "RoleDetailList": [
  {"Path": "/ci/", "RoleName": "deploy", "RoleId": "AROADEPLOY", "Arn": "arn:aws:iam::111122223333:role/ci/deploy", "CreateDate": "2014-07-30T17:09:20Z",
   "AssumeRolePolicyDocument": {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]},
   "InstanceProfileList": [{"InstanceProfileName": "deploy", "Arn": "arn:aws:iam::111122223333:instance-profile/deploy"}],
   "RolePolicyList": [], "AttachedManagedPolicies": [{"PolicyName": "shared", "PolicyArn": "arn:aws:iam::111122223333:policy/shared"}],
   "RoleLastUsed": {"LastUsedDate": "2019-11-13T17:30:00Z", "Region": "us-west-2"}},
  {"Path": "/", "RoleName": "idle", "RoleId": "AROAIDLE", "Arn": "arn:aws:iam::111122223333:role/idle", "CreateDate": 1576696208.0,
   "RolePolicyList": [], "AttachedManagedPolicies": [], "PermissionsBoundary": "arn:aws:iam::111122223333:policy/edge", "RoleLastUsed": {}}
 ],
 "Policies": [
  {"PolicyName": "shared", "Arn": "arn:aws:iam::111122223333:policy/shared", "DefaultVersionId": "v2", "PermissionsBoundaryUsageCount": 0, "PolicyVersionList": [
   {"VersionId": "v1", "IsDefaultVersion": false, "Document": ` + allowAll + `}, {"VersionId": "v2", "IsDefaultVersion": true, "Document": ` + allowGet + `}]},
  {"PolicyName": "edge", "Arn": "arn:aws:iam::111122223333:policy/edge", "DefaultVersionId": "v1",
   "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": ` + allowAll + `}]},
  {"PolicyName": "spare", "Arn": "arn:aws:iam::111122223333:policy/spare", "DefaultVersionId": "v1",
   "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": ` + allowAll + `}]}
 ],
 "IsTruncated": false
}`

func TestAuthorizationDetails(t *testing.T) {
	s := loadText(t, full)
	wantNoWarning(t, s)
	if !reflect.DeepEqual(s.Accounts, []string{"111122223333"}) || len(s.Principals) != 3 || len(s.Groups) != 2 {
		t.Fatalf("accounts %v, %d principals, %d groups", s.Accounts, len(s.Principals), len(s.Groups))
	}
	deploy, idle, alice := s.Principals[0], s.Principals[1], s.Principals[2]
	if deploy.ARN != deployARN || deploy.Kind != RoleKind || deploy.Path != "/ci/" || deploy.ID != "AROADEPLOY" || deploy.Account != "111122223333" {
		t.Errorf("deploy: %+v", deploy)
	}
	if want := time.Date(2019, 11, 13, 17, 30, 0, 0, time.UTC); !deploy.LastUsed.Equal(want) || !deploy.LastUsedKnown {
		t.Errorf("deploy last used %v, known %v", deploy.LastUsed, deploy.LastUsedKnown)
	}
	if !idle.LastUsed.IsZero() || !idle.LastUsedKnown || alice.LastUsedKnown {
		t.Errorf("RoleLastUsed {} must be known to be never, absent unknown")
	}
	if deploy.Trust == nil || idle.Trust != nil {
		t.Errorf("trust: %v, %v", deploy.Trust, idle.Trust)
	}
	created := time.Date(2019, 12, 18, 19, 10, 8, 0, time.UTC)
	if !alice.Created.Equal(created) || !idle.Created.Equal(created) {
		t.Errorf("created: %v, %v", alice.Created, idle.Created)
	}
	if !reflect.DeepEqual(alice.Groups, []string{"dev", "ops"}) || alice.Tags["team"] != "a" {
		t.Errorf("alice: %+v", alice)
	}
	if s.Profiles["arn:aws:iam::111122223333:instance-profile/deploy"] != deployARN {
		t.Errorf("profiles: %v", s.Profiles)
	}
	shared := s.Policies["arn:aws:iam::111122223333:policy/shared"]
	if shared.VersionID != "v2" || shared.Versions != 2 || string(shared.Raw) != allowGet || shared.Document.Statements[0].Action[0] != "s3:GetObject" {
		t.Errorf("shared: %+v", shared)
	}
	if edge := s.Policies["arn:aws:iam::111122223333:policy/edge"]; edge.BoundaryUses != 2 {
		t.Errorf("boundary uses %d, want 2 counted", edge.BoundaryUses)
	}
}

func TestGrants(t *testing.T) {
	s := loadText(t, full)
	var got []string
	for _, g := range s.Grants(s.Principal("arn:aws:iam::111122223333:user/alice")) {
		via := ""
		if g.Via != nil {
			via = g.Via.Name
		}
		got = append(got, strings.TrimPrefix(string(g.Key), "arn:aws:iam::111122223333:")+" "+via)
	}
	want := []string{"user/alice#inline/own ", "policy/shared dev", "group/ops#inline/in ops", "policy/shared ops"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("grants\n%q, want\n%q", got, want)
	}
}

func TestAttachments(t *testing.T) {
	var got []string
	for _, a := range loadText(t, full).Attachments() {
		line := strings.TrimPrefix(string(a.Key), "arn:aws:iam::111122223333:") + ":"
		for _, p := range a.Principals {
			line += " " + p.Name
		}
		for _, g := range a.Groups {
			line += " @" + g.Name
		}
		for _, p := range a.Boundary {
			line += " !" + p.Name
		}
		got = append(got, fmt.Sprint(line, " ", a.Managed(), a.BoundaryToo()))
	}
	want := []string{
		"group/ops#inline/in: alice @ops false false",
		"policy/edge: !idle !alice true true",
		"policy/shared: deploy alice @dev @ops true false",
		"policy/spare: true false",
		"user/alice#inline/own: alice false false",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("attachments\n%q, want\n%q", got, want)
	}
}

func TestPages(t *testing.T) {
	page := func(name, rest string) string { return strings.TrimSuffix(role(name, allowGet), "}") + rest + "}" }
	const more, end = `,"IsTruncated":true,"Marker":"m"`, `,"IsTruncated":false`
	for name, c := range map[string]struct {
		text string
		cut  bool
	}{
		"one, complete":          {page("a", end), false},
		"one, cut":               {page("a", more), true},
		"one, max-items":         {page("a", `,"NextToken":"t"`), true},
		"two, complete":          {page("a", more) + page("b", end), false},
		"two, cut":               {page("a", more) + page("b", more), true},
		"last without account":   {page("a", more) + `{"RoleDetailList":[],"Policies":[],"IsTruncated":false}`, false},
		"other account complete": {page("a", more) + strings.ReplaceAll(page("b", end), "111122223333", "444455556666"), true},
	} {
		t.Run(name, func(t *testing.T) {
			s := loadText(t, c.text)
			if got := len(s.Truncated) > 0; got != c.cut {
				t.Errorf("truncated: %v, want %v", s.Truncated, c.cut)
			}
			if c.cut {
				wantWarning(t, s, "account 111122223333 are cut off")
			} else {
				wantNoWarning(t, s)
			}
		})
	}
}

func TestDuplicatePrincipals(t *testing.T) {
	same := loadText(t, role("a", allowGet)+role("a", " "+allowGet))
	wantNoWarning(t, same)
	if len(same.Principals) != 1 {
		t.Errorf("%d principals", len(same.Principals))
	}
	other := loadText(t, role("a", allowGet)+role("a", allowAll))
	wantWarning(t, other, `role/a" is in the input twice with different content; the later one counts`)
	if len(other.Principals) != 1 || string(other.Principals[0].Inline[0].Raw) != allowAll {
		t.Error("the later one does not count")
	}
}

func TestWrongTypes(t *testing.T) {
	s := loadText(t, `{"UserDetailList":{"Arn":"arn:aws:iam::111122223333:user/u","GroupList":"solo","Tags":{"k":"v"},"CreateDate":[1],"PermissionsBoundary":[1],"AttachedManagedPolicies":["arn:aws:iam::aws:policy/X",7]},
	 "RoleDetailList":[7,{"Arn":"nonsense"},{"RoleName":"no arn"},{"Arn":"arn:aws:iam::111122223333:role/r","RoleLastUsed":[],"RolePolicyList":"x","InstanceProfileList":[{}]}],
	 "GroupDetailList":"x","Policies":[[]]}`)
	wantWarning(t, s,
		"UserDetailList|want a list, have an object", "GroupList|want a list, have a string", "CreateDate|want a date, have a list",
		"PermissionsBoundary|want an object, have a list", "AttachedManagedPolicies[1]|want a string or an object, have a number",
		"RoleDetailList[0]|want an object, have a number", `RoleDetailList[1]|"nonsense" is not an ARN`, "RoleDetailList[2]|no Arn",
		"RoleLastUsed|want an object, have a list", "RolePolicyList|want a list, have a string", "InstanceProfileList[0]|an instance profile without Arn",
		"GroupDetailList|want a list, have a string", "Policies[0]|want an object, have a list", `is in group "solo", which is not in the input`)
	if len(s.Principals) != 2 || s.Principals[0].LastUsedKnown || s.Principals[1].Tags["k"] != "v" || s.Principals[1].Path != "/" {
		t.Errorf("principals: %+v", s.Principals)
	}
	if got := s.MissingGroups(s.Principals[1]); !reflect.DeepEqual(got, []string{"solo"}) {
		t.Errorf("missing groups: %v", got)
	}
}

func TestGroupWithoutAccount(t *testing.T) {
	user := `"UserDetailList":[{"Arn":"arn:aws:iam::111122223333:user/u","GroupList":["g"]}]`
	group := `{"GroupName":"g","Arn":"arn:aws:iam::aws:group/%s","AttachedManagedPolicies":[{"PolicyArn":"` + adminARN + `"}]}`
	one := loadText(t, `{`+user+`,"GroupDetailList":[`+fmt.Sprintf(group, "g")+`]}`)
	if g := one.Grants(one.Principals[0]); len(g) != 1 || g[0].Via == nil {
		t.Errorf("grants: %v", g)
	}
	two := loadText(t, `{`+user+`,"GroupDetailList":[`+fmt.Sprintf(group, "g")+","+fmt.Sprintf(group, "x/g")+`]}`)
	if g := two.Grants(two.Principals[0]); len(g) != 0 || len(two.MissingGroups(two.Principals[0])) != 1 {
		t.Errorf("an ambiguous group grants: %v", g)
	}
}

func TestPrincipalPaths(t *testing.T) {
	s := loadText(t, `{"RoleDetailList":[{"Arn":"arn:aws:iam::111122223333:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS"},
	 {"Arn":"arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Ops_0123456789abcdef"},{"Arn":"arn:aws:iam::111122223333:role/plain"}]}`)
	for i, want := range []struct{ linked, center bool }{{false, true}, {true, false}, {false, false}} {
		if p := s.Principals[i]; p.ServiceLinked() != want.linked || p.IdentityCenter() != want.center {
			t.Errorf("%s: %v %v", p.ARN, p.ServiceLinked(), p.IdentityCenter())
		}
	}
}

package account

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// files loads a folder of the given files, beside one role.
func files(t *testing.T, texts map[string]string) *Snapshot {
	t.Helper()
	dir := t.TempDir()
	texts["account.json"] = role("a", allowGet)
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Load([]string{dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const (
	orgARN   = "arn:aws:organizations::999900001111:"
	scpID    = "p-denyregions1"
	fullSCP  = `{"Id":"p-FullAWSAccess","Arn":"arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess","Name":"FullAWSAccess","Type":"SERVICE_CONTROL_POLICY","AwsManaged":true}`
	denyDoc  = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"ec2:*","Resource":"*"}]}`
	summary  = `{"Id":"` + scpID + `","Arn":"` + orgARN + `policy/o-exampleorgid/service_control_policy/` + scpID + `","Name":"DenyRegions","Description":"","Type":"SERVICE_CONTROL_POLICY","AwsManaged":false}`
	listed   = `{"Policies":[` + fullSCP + `,` + summary + `]}`
	describe = `{"Policy":{"PolicySummary":` + summary + `,"Content":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"ec2:*\",\"Resource\":\"*\"}]}"}}`
	rootList = `{"Roots":[{"Id":"r-exam","Arn":"` + orgARN + `root/o-exampleorgid/r-exam","Name":"Root","PolicyTypes":[{"Type":"SERVICE_CONTROL_POLICY","Status":"ENABLED"}]}]}`
	accounts = `{"Accounts":[{"Id":"111122223333","Arn":"` + orgARN + `account/o-exampleorgid/111122223333","Name":"a","Status":"ACTIVE"}]}`
)

func targets(id, kind string) string {
	return fmt.Sprintf(`{"Targets":[{"TargetId":%q,"Arn":"%saccount/o-exampleorgid/x","Name":"n","Type":%q}]}`, id, orgARN, kind)
}

// TestLevels: where a policy bears on an account, by the answers that are there.
func TestLevels(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string // levels: target, policies, "!" when complete
	}{
		"attached to the account": {map[string]string{"d.json": describe, "targets-" + scpID + ".json": targets("111122223333", "ACCOUNT")},
			"111122223333 " + scpID},
		"attached to another account": {map[string]string{"d.json": describe, "targets-" + scpID + ".json": targets("444455556666", "ACCOUNT")}, ""},
		"attached to the root, and the account is in the organization": {map[string]string{"d.json": describe, "t." + scpID + ".json": targets("r-exam", "ROOT"), "acc.json": accounts},
			"r-exam " + scpID},
		"attached to the root of an organization that may be another": {map[string]string{"d.json": describe, "t." + scpID + ".json": targets("r-exam", "ROOT")}, ""},
		"by a unit": {map[string]string{"d.json": describe, "t_" + scpID + ".json": targets("ou-exam-12345678", "ORGANIZATIONAL_UNIT"),
			"list-parents-111122223333.json": `{"Parents":[{"Id":"ou-exam-12345678","Type":"ORGANIZATIONAL_UNIT"}]}`},
			"ou-exam-12345678 " + scpID},
		"by a unit that lists its accounts": {map[string]string{"d.json": describe, "t_" + scpID + ".json": targets("ou-exam-12345678", "ORGANIZATIONAL_UNIT"),
			"list-accounts-for-parent-ou-exam-12345678.json": accounts},
			"ou-exam-12345678 " + scpID},
		"all of a target": {map[string]string{"d.json": describe, "list-policies-for-target-111122223333.json": listed},
			"111122223333 p-FullAWSAccess," + scpID + "!"},
		"all of a target, one without its document": {map[string]string{"list-policies-for-target-111122223333.json": listed},
			"111122223333 p-FullAWSAccess," + scpID},
		"a wrapper names the target": {map[string]string{"d.json": describe, "x.json": `{"TargetId":"111122223333",` + listed[1:]},
			"111122223333 p-FullAWSAccess," + scpID + "!"},
		"all policies there are, not of a target": {map[string]string{"d.json": describe, "list-policies-111122223333.json": listed}, ""},
		"a page of several":                       {map[string]string{"d.json": describe, "for-target-111122223333.json": `{"NextToken":"t",` + listed[1:]}, "111122223333 p-FullAWSAccess," + scpID},
		"a document by the policy's name":         {map[string]string{"DenyRegions.json": denyDoc, "for-target-111122223333.json": listed}, "111122223333 p-FullAWSAccess," + scpID + "!"},
		"the management account is under none": {map[string]string{"d.json": strings.ReplaceAll(describe, "999900001111", "111122223333"),
			"targets-" + scpID + ".json": strings.ReplaceAll(targets("111122223333", "ACCOUNT"), "999900001111", "111122223333")}, ""},
		"a circle of parents": {map[string]string{"d.json": describe, "t_" + scpID + ".json": targets("ou-exam-12345678", "ORGANIZATIONAL_UNIT"),
			"p-111122223333.json": `{"ChildId":"111122223333","Parents":[{"Id":"ou-exam-12345678","Type":"ORGANIZATIONAL_UNIT"}]}`,
			"q.json":              `{"ChildId":"ou-exam-12345678","Parents":[{"Id":"111122223333","Type":"ORGANIZATIONAL_UNIT"}]}`}, "ou-exam-12345678 " + scpID},
		"a tree": {map[string]string{"t.json": `{"Id":"r-exam","Arn":"` + orgARN + `root/o-exampleorgid/r-exam","Policies":[` + summary[:len(summary)-1] + `,"Content":` + denyDoc + `}],
			"Children":[{"Id":"ou-exam-12345678","Arn":"` + orgARN + `ou/o-exampleorgid/ou-exam-12345678","Policies":[` + fullSCP + `],"Children":[{"Id":"111122223333","Arn":"` + orgARN + `account/o-exampleorgid/111122223333","Policies":[]}]}]}`},
			"ou-exam-12345678 p-FullAWSAccess!; r-exam " + scpID + "!"},
		"roots alone": {map[string]string{"r.json": rootList, "acc.json": accounts}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := files(t, c.files)
			var got []string
			for _, l := range s.Organization.Levels("111122223333", ServiceControl) {
				var ids []string
				for _, c := range l.Controls {
					ids = append(ids, c.ID)
				}
				text := l.Target + " " + strings.Join(ids, ",")
				if l.Complete {
					text += "!"
				}
				got = append(got, text)
			}
			if strings.Join(got, "; ") != c.want {
				t.Errorf("%q, want %q\n%s", got, c.want, messages(s))
			}
			if rcp := s.Organization.Levels("111122223333", ResourceControl); len(rcp) > 0 {
				t.Errorf("resource control policies out of nothing: %v", rcp)
			}
		})
	}
}

func TestOrganizationWarnings(t *testing.T) {
	for want, texts := range map[string]map[string]string{
		"nothing tells where":               {"d.json": describe},
		"put its id (p-…)":                  {"targets.json": targets("111122223333", "ACCOUNT")},
		"only its targets are in the input": {scpID + ".json": targets("111122223333", "ACCOUNT")},
		"has no document in the input":      {"list.json": listed},
		"is a \\\"TAG_POLICY\\\"":           {"list.json": strings.ReplaceAll(listed, "SERVICE_CONTROL", "TAG")},
		"of 2 organizations":                {"d.json": describe, "e.json": strings.ReplaceAll(describe, "999900001111", "444455556666")},
		"the parent of something":           {"p.json": `{"Parents":[{"Id":"r-exam","Type":"ROOT"}]}`},
		"can't read the content":            {"d.json": `{"PolicySummary":` + summary + `,"Content":"no"}`},
		"a policy of the organization with": {"d.json": `{"Policies":[{"Id":"","Type":"SERVICE_CONTROL_POLICY"}]}`},
	} {
		want = strings.ReplaceAll(want, `\"`, `"`)
		wantWarning(t, files(t, texts), want)
	}
}

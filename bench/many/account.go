package main

import "fmt"

// Parts of what get-account-authorization-details prints.
type (
	accountFile struct {
		UserDetailList, GroupDetailList []struct{}
		RoleDetailList                  []roleDetail
		Policies                        []policyDetail
	}
	roleDetail struct {
		Path, RoleName, RoleId, Arn, CreateDate string
		AssumeRolePolicyDocument                document
		InstanceProfileList, RolePolicyList     []struct{}
		AttachedManagedPolicies                 []attachedPolicy
	}
	attachedPolicy struct{ PolicyName, PolicyArn string }
	policyDetail   struct {
		PolicyName, PolicyId, Arn, Path, DefaultVersionId string
		AttachmentCount                                   int
		IsAttachable                                      bool
		CreateDate, UpdateDate                            string
		PolicyVersionList                                 []policyVersion
	}
	policyVersion struct {
		Document         document
		VersionId        string
		IsDefaultVersion bool
		CreateDate       string
	}
	document struct {
		Version   string
		Statement []statement
	}
	statement struct {
		Effect    string
		Principal map[string]string `json:",omitempty"`
		Action    []string
		Resource  []string `json:",omitempty"`
	}
)

const created = "2024-01-01T00:00:00+00:00"

func roleName(i int) string { return fmt.Sprintf("r%05d", i) }

func roleID(role string) string { return "AROAEXAMPLE0000" + role }

// account is the account file: each role has a managed policy of its own.
func (c *config) account() accountFile {
	out := accountFile{UserDetailList: []struct{}{}, GroupDetailList: []struct{}{}}
	trust := document{"2012-10-17", []statement{{Effect: "Allow", Principal: map[string]string{"Service": "ec2.amazonaws.com"}, Action: []string{"sts:AssumeRole"}}}}
	granted := document{"2012-10-17", []statement{{Effect: "Allow", Action: c.actions, Resource: []string{"*"}}}}
	for i := range c.principals {
		role, name := roleName(i), fmt.Sprintf("p%05d", i)
		arn := "arn:aws:iam::" + accountID + ":policy/" + name
		out.RoleDetailList = append(out.RoleDetailList, roleDetail{
			Path: "/", RoleName: role, RoleId: roleID(role), Arn: "arn:aws:iam::" + accountID + ":role/" + role, CreateDate: created,
			AssumeRolePolicyDocument: trust, InstanceProfileList: []struct{}{}, RolePolicyList: []struct{}{},
			AttachedManagedPolicies: []attachedPolicy{{name, arn}},
		})
		out.Policies = append(out.Policies, policyDetail{
			PolicyName: name, PolicyId: "ANPAEXAMPLE0000" + name, Arn: arn, Path: "/", DefaultVersionId: "v1", AttachmentCount: 1, IsAttachable: true,
			CreateDate: created, UpdateDate: created,
			PolicyVersionList: []policyVersion{{granted, "v1", true, created}},
		})
	}
	return out
}

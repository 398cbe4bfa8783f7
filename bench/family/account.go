package family

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"
)

// WriteAccount writes what is granted, the trail and its event selectors, each as
// the AWS CLI prints it, into one file. asOf is when the roles were last used.
func (a *Archive) WriteAccount(path string, asOf time.Time) error {
	l := []any{a.details(asOf), a.trail(), a.selectors()}
	data, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

const created = "2024-03-01T09:00:00+00:00"

func (a *Archive) details(asOf time.Time) members {
	s, users, groups, roles, policies := a.site, []any{}, []any{}, []any{}, []any{}
	for _, r := range s.roles {
		if r.user {
			users = append(users, s.userDetail(r))
		} else {
			roles = append(roles, s.roleDetail(r, a.lastUse(r.arn, asOf)))
		}
	}
	for i, g := range s.groups {
		groups = append(groups, members{"Path": "/", "GroupName": g.name, "GroupId": fmt.Sprintf("AGPAEXAMPLE%010d", i),
			"Arn": "arn:aws:iam::" + s.account + ":group/" + g.name, "CreateDate": created,
			"GroupPolicyList": inlineList(g.inline), "AttachedManagedPolicies": s.attachedList(g.managed, nil)})
	}
	for i, d := range s.managed {
		policies = append(policies, s.policyDetail(i, d, s.policyARN(d.name)))
	}
	for i, d := range s.awsManaged {
		policies = append(policies, s.policyDetail(1000+i, d, "arn:aws:iam::aws:policy/"+d.name))
	}
	return members{"UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": roles, "Policies": policies}
}

// lastUse is when a role was last used before asOf.
func (a *Archive) lastUse(arn string, asOf time.Time) (at time.Time) {
	for _, c := range a.Calls {
		if c.Principal == arn && c.At.Before(asOf) {
			at = c.At
		}
	}
	return at
}

func inlineList(ds []document) []any {
	l := []any{}
	for _, d := range ds {
		l = append(l, members{"PolicyName": d.name, "PolicyDocument": json.RawMessage(d.text)})
	}
	return l
}

func (s *site) attachedList(managed, aws []string) []any {
	l := []any{}
	for _, name := range managed {
		l = append(l, members{"PolicyName": name, "PolicyArn": s.policyARN(name)})
	}
	for _, name := range aws {
		l = append(l, members{"PolicyName": name, "PolicyArn": "arn:aws:iam::aws:policy/" + name})
	}
	return l
}

func (s *site) userDetail(r *role) members {
	groups := []string{}
	if r.group != nil {
		groups = append(groups, r.group.name)
	}
	m := members{"Path": r.path, "UserName": r.name, "UserId": r.id, "Arn": r.arn, "CreateDate": created, "GroupList": groups,
		"UserPolicyList": inlineList(r.inline), "AttachedManagedPolicies": s.attachedList(r.managed, r.aws), "Tags": []any{}}
	return s.bounded(m, r)
}

func (s *site) bounded(m members, r *role) members {
	if r.boundary != "" {
		m["PermissionsBoundary"] = members{"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": s.policyARN(r.boundary)}
	}
	return m
}

func (s *site) roleDetail(r *role, used time.Time) members {
	m := members{
		"Path": r.path, "RoleName": r.name, "RoleId": r.id, "Arn": r.arn, "CreateDate": created,
		"AssumeRolePolicyDocument": json.RawMessage(r.trust), "InstanceProfileList": []any{},
		"RolePolicyList": inlineList(r.inline), "AttachedManagedPolicies": s.attachedList(r.managed, r.aws), "Tags": []any{}, "RoleLastUsed": members{},
	}
	if !used.IsZero() {
		m["RoleLastUsed"] = members{"LastUsedDate": used.Format("2006-01-02T15:04:05+00:00"), "Region": home}
	}
	return s.bounded(m, r)
}

func (s *site) policyARN(name string) string { return "arn:aws:iam::" + s.account + ":policy/" + name }

func (s *site) policyDetail(i int, d document, arn string) members {
	count, bounds := 0, 0
	has := func(managed []string) {
		if slices.Contains(managed, d.name) {
			count++
		}
	}
	for _, r := range s.roles {
		if r.boundary == d.name {
			bounds++
		}
		has(r.managed)
		has(r.aws)
	}
	for _, g := range s.groups {
		has(g.managed)
	}
	return members{
		"PolicyName": d.name, "PolicyId": fmt.Sprintf("ANPAEXAMPLE%010d", i), "Arn": arn, "Path": "/",
		"DefaultVersionId": "v1", "AttachmentCount": count, "PermissionsBoundaryUsageCount": bounds, "IsAttachable": true,
		"CreateDate": created, "UpdateDate": created, "PolicyVersionList": []any{members{
			"Document": json.RawMessage(d.text), "VersionId": "v1", "IsDefaultVersion": true, "CreateDate": created}},
	}
}

func (a *Archive) trailARN() string { return a.site.in("cloudtrail", "trail/org-trail") }

func (a *Archive) trail() members {
	return members{"trailList": []any{members{
		"Name": "org-trail", "S3BucketName": "example-trail-logs", "IncludeGlobalServiceEvents": true, "IsMultiRegionTrail": true,
		"HomeRegion": home, "TrailARN": a.trailARN(), "LogFileValidationEnabled": false, "HasCustomEventSelectors": true,
		"HasInsightSelectors": false, "IsOrganizationTrail": false,
	}}}
}

func (a *Archive) selectors() members {
	field := func(name, value string) members { return members{"Field": name, "Equals": []string{value}} }
	l := []any{members{"Name": "management", "FieldSelectors": []any{field("eventCategory", "Management")}}}
	for _, t := range a.Selected {
		l = append(l, members{"Name": t, "FieldSelectors": []any{field("eventCategory", "Data"), field("resources.type", t)}})
	}
	return members{"TrailARN": a.trailARN(), "AdvancedEventSelectors": l}
}

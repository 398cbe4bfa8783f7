package family

import (
	"encoding/json"
	"os"
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
	s, roles, policies := a.site, []any{}, []any{}
	for _, r := range s.roles {
		roles = append(roles, s.roleDetail(r, a.lastUse(r.arn, asOf)))
	}
	for i, d := range s.managed {
		policies = append(policies, s.policyDetail(i, d))
	}
	return members{"UserDetailList": []any{}, "GroupDetailList": []any{}, "RoleDetailList": roles, "Policies": policies}
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

func (s *site) roleDetail(r *role, used time.Time) members {
	inline, attached := []any{}, []any{}
	for _, d := range r.inline {
		inline = append(inline, members{"PolicyName": d.name, "PolicyDocument": json.RawMessage(d.text)})
	}
	for _, name := range r.managed {
		attached = append(attached, members{"PolicyName": name, "PolicyArn": s.policyARN(name)})
	}
	m := members{
		"Path": r.path, "RoleName": r.name, "RoleId": r.id, "Arn": r.arn, "CreateDate": created,
		"AssumeRolePolicyDocument": json.RawMessage(r.trust), "InstanceProfileList": []any{},
		"RolePolicyList": inline, "AttachedManagedPolicies": attached, "Tags": []any{}, "RoleLastUsed": members{},
	}
	if !used.IsZero() {
		m["RoleLastUsed"] = members{"LastUsedDate": used.Format("2006-01-02T15:04:05+00:00"), "Region": home}
	}
	if r.boundary != "" {
		m["PermissionsBoundary"] = members{"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": s.policyARN(r.boundary)}
	}
	return m
}

func (s *site) policyARN(name string) string { return "arn:aws:iam::" + s.account + ":policy/" + name }

func (s *site) policyDetail(i int, d document) members {
	count, bounds := 0, 0
	for _, r := range s.roles {
		if r.boundary == d.name {
			bounds++
		}
		for _, name := range r.managed {
			if name == d.name {
				count++
			}
		}
	}
	return members{
		"PolicyName": d.name, "PolicyId": "ANPAEXAMPLE" + string(rune('A'+i%26)) + "00000001", "Arn": s.policyARN(d.name), "Path": "/",
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

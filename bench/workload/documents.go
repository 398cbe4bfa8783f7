package workload

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// documents lists everything that the account file holds of this world, each as
// the AWS CLI prints it.
func (w *world) documents() list {
	var l list
	for _, a := range []string{w.prod, w.dev, w.data} {
		l = append(l, w.authorizationDetails(a))
	}
	l = append(l, w.trails()...)
	return append(l, w.reports()...)
}

// authorizationDetails is get-account-authorization-details of one account.
func (w *world) authorizationDetails(account string) object {
	users, roles := list{}, list{}
	for _, p := range w.principals {
		switch {
		case p.account != account:
		case p.kind == "user":
			users = append(users, w.userDetail(p))
		default:
			roles = append(roles, w.roleDetail(p))
		}
	}
	groups := list{}
	if account == w.prod {
		groups = append(groups, w.groupDetail())
	}
	return obj("UserDetailList", users, "GroupDetailList", groups, "RoleDetailList", roles, "Policies", w.policyDetails(account))
}

func (w *world) userDetail(p *principal) object {
	o := obj("Path", p.path, "UserName", p.name, "UserId", p.id, "Arn", p.arn, "CreateDate", cliTime(p.created))
	groups := list{}
	if p.group != "" {
		groups = texts(p.group)
	}
	return o.with("GroupList", groups, "AttachedManagedPolicies", w.attached(p), "Tags", tagList(p.tags))
}

func (w *world) groupDetail() object {
	return obj("Path", "/", "GroupName", operatorsGroup, "GroupId", w.id("AGPA", w.prod, "OPERATORS"),
		"Arn", "arn:aws:iam::"+w.prod+":group/"+operatorsGroup, "CreateDate", cliTime(date(2024, 2, 1)),
		"GroupPolicyList", list{obj("PolicyName", "operators-ec2", "PolicyDocument", w.policy("operators-ec2", w.prod))},
		"AttachedManagedPolicies", list{attachment("operators-read", w.customerARN(w.prod, "operators-read"))})
}

func (w *world) roleDetail(p *principal) object {
	inline := list{}
	for _, name := range p.inline {
		document := w.policy(name, p.account)
		if name == "legacy-export" { // the API's own form, which some tools keep
			document = strings.ReplaceAll(url.QueryEscape(string(document.(raw))), "+", "%20")
		}
		if base, _, found := strings.Cut(name, "-developer"); found {
			if base == "AwsSSOInlinePolicy" {
				name = base
			}
		}
		inline = append(inline, obj("PolicyName", name, "PolicyDocument", document))
	}
	o := obj("Path", p.path, "RoleName", p.name, "RoleId", p.id, "Arn", p.arn, "CreateDate", cliTime(p.created),
		"AssumeRolePolicyDocument", obj("Version", "2012-10-17", "Statement", list{obj("Effect", "Allow").with(p.trust...)}),
		"InstanceProfileList", w.profiles(p), "RolePolicyList", inline, "AttachedManagedPolicies", w.attached(p))
	if p.boundary != "" {
		o = o.with("PermissionsBoundary", obj("PermissionsBoundaryType", "Policy",
			"PermissionsBoundaryArn", w.customerARN(p.account, p.boundary)))
	}
	return o.with("Tags", tagList(p.tags), "RoleLastUsed", w.roleLastUsed(p))
}

// roleLastUsed is empty for a role that was never used.
func (w *world) roleLastUsed(p *principal) object {
	last, region := p.lastUsed, home
	a := w.truth.of(p)
	for action, at := range a.last {
		if at.After(last) || at.Equal(last) && a.where[action] < region {
			last, region = at, a.where[action]
		}
	}
	if p == w.worker { // it only writes logs, which CloudTrail does not show
		last = w.cfg.Last.Add(20 * time.Hour)
	}
	if last.IsZero() {
		return obj()
	}
	return obj("LastUsedDate", cliTime(last), "Region", region)
}

func (w *world) profiles(p *principal) list {
	if p != w.bastion {
		return list{}
	}
	role := obj("Path", p.path, "RoleName", p.name, "RoleId", p.id, "Arn", p.arn, "CreateDate", cliTime(p.created),
		"AssumeRolePolicyDocument", obj("Version", "2012-10-17", "Statement", list{obj("Effect", "Allow").with(p.trust...)}))
	return list{obj("Path", "/", "InstanceProfileName", p.name, "InstanceProfileId", w.id("AIPA", p.account, "BASTION01"),
		"Arn", "arn:aws:iam::"+p.account+":instance-profile/"+p.name, "CreateDate", cliTime(p.created), "Roles", list{role})}
}

// attached lists the managed policies of a principal.
func (w *world) attached(p *principal) list {
	l := list{}
	for _, name := range p.managed {
		l = append(l, attachment(name, w.customerARN(p.account, name)))
	}
	for _, name := range p.aws {
		l = append(l, attachment(lastPart(name), awsARN(name)))
	}
	return l
}

func attachment(name, arn string) object { return obj("PolicyName", name, "PolicyArn", arn) }

func (w *world) customerARN(account, name string) string {
	return "arn:aws:iam::" + account + ":policy/" + name
}

func awsARN(name string) string { return "arn:aws:iam::aws:policy/" + name }

// lastPart is what follows the last slash.
func lastPart(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }

// policyDetails lists the managed policies that the account holds or attaches.
// AWS managed ones without a document here are left out, as in an answer with
// --filter LocalManagedPolicy.
func (w *world) policyDetails(account string) list {
	counts, bounds := map[string]int{}, map[string]int{}
	var customer, aws []string
	for _, p := range w.principals {
		if p.account != account {
			continue
		}
		customer, aws = append(customer, p.managed...), append(aws, p.aws...)
		for _, name := range append(slices.Clone(p.managed), p.aws...) {
			counts[name]++
		}
		if p.boundary != "" {
			customer = append(customer, p.boundary)
			bounds[p.boundary]++
		}
	}
	if account == w.prod {
		customer = append(customer, "operators-read")
		counts["operators-read"]++
	}
	slices.Sort(customer)
	slices.Sort(aws)
	l := list{}
	for i, name := range slices.Compact(customer) {
		id := w.id("ANPA", account, "CUSTOMER"+string(rune('A'+i)))
		l = append(l, policyDetail(name, w.customerARN(account, name), id, counts[name], bounds[name], w.policy(name, account)))
	}
	for i, name := range slices.Compact(aws) {
		if document := w.policy(lastPart(name), account); document != nil {
			l = append(l, policyDetail(lastPart(name), awsARN(name), w.id("ANPA", account, "MANAGED0"+string(rune('A'+i))), counts[name], 0, document))
		}
	}
	return l
}

func policyDetail(name, arn, id string, attached, bounds int, document any) object {
	_, resource, _ := strings.Cut(arn, ":policy")
	path := strings.TrimSuffix(resource, name)
	created := cliTime(date(2024, 4, 9))
	return obj("PolicyName", name, "PolicyId", id, "Arn", arn, "Path", path, "DefaultVersionId", "v1",
		"AttachmentCount", attached, "PermissionsBoundaryUsageCount", bounds, "IsAttachable", true,
		"CreateDate", created, "UpdateDate", created, "PolicyVersionList",
		list{obj("Document", document, "VersionId", "v1", "IsDefaultVersion", true, "CreateDate", created)})
}

func tagList(tags object) list {
	l := list{}
	for i := 0; i+1 < len(tags); i += 2 {
		l = append(l, obj("Key", tags[i], "Value", tags[i+1]))
	}
	return l
}

// cliTime writes a time as version 2 of the AWS CLI does.
func cliTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05+00:00") }

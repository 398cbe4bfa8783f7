package lint

import (
	"strings"
)

// checkRoles looks at passing roles and creating service-linked ones.
func (d *document) checkRoles(s *statement) {
	if !s.allows() || d.kind.hasPrincipal() || d.kind == SCP || d.kind == Boundary || s.action.whole == nil {
		return
	}
	const role = "arn:aws:iam::111122223333:role/any/Role"
	if s.takes("iam:PassRole") && !s.condition("iam:PassedToService") {
		if at, any := s.anyResource(role); any {
			id := "passrole-star"
			if s.resource.not {
				id = "passrole-notresource"
			}
			d.report(id, at, "iam:PassRole on every role, to every service%s", s.by("iam:PassRole"))
		}
	}
	if s.takes("iam:CreateServiceLinkedRole") && !s.condition("iam:AWSServiceName") {
		if at, any := s.anyResource("arn:aws:iam::111122223333:role/aws-service-role/any.amazonaws.com/Role"); any {
			id := "service-linked-role-star"
			if s.resource.not {
				id = "service-linked-role-notresource"
			}
			d.report(id, at, "iam:CreateServiceLinkedRole for every service%s", s.by("iam:CreateServiceLinkedRole"))
		}
	}
}

// by tells by which element an action comes in, where it is not named.
func (s *statement) by(action string) string {
	if s.action.not {
		return " (by NotAction)"
	}
	for _, a := range s.action.items {
		if strings.EqualFold(a.text, action) {
			return ""
		}
		if matches(a.text, action) {
			return " (by " + clip(a.text) + ")"
		}
	}
	return ""
}

// ways lists sets of actions by which somebody gains more than the document gives.
// Source: https://github.com/RhinoSecurityLabs/AWS-IAM-Privilege-Escalation, which
// parliament's list follows too.
func ways() [][]string {
	return [][]string{
		{"iam:CreatePolicyVersion"},
		{"iam:SetDefaultPolicyVersion"},
		{"iam:CreateAccessKey"},
		{"iam:CreateLoginProfile"},
		{"iam:UpdateLoginProfile"},
		{"iam:AttachUserPolicy"},
		{"iam:AttachGroupPolicy"},
		{"iam:PutUserPolicy"},
		{"iam:PutGroupPolicy"},
		{"iam:AddUserToGroup"},
		{"iam:AttachRolePolicy", "sts:AssumeRole"},
		{"iam:PutRolePolicy", "sts:AssumeRole"},
		{"iam:UpdateAssumeRolePolicy", "sts:AssumeRole"},
		{"iam:PassRole", "ec2:RunInstances"},
		{"iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"},
		{"iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"},
		{"iam:PassRole", "lambda:CreateFunction", "lambda:AddPermission"},
		{"iam:PassRole", "glue:CreateDevEndpoint"},
		{"iam:PassRole", "glue:CreateJob", "glue:StartJobRun"},
		{"iam:PassRole", "cloudformation:CreateStack"},
		{"iam:PassRole", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"},
		{"iam:PassRole", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"},
		{"iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"},
		{"iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"},
		{"glue:UpdateDevEndpoint"},
		{"lambda:UpdateFunctionCode"},
	}
}

// credentials lists actions whose answer is, or leads to, credentials.
// Source: parliament's credentials_exposure, after the reference of actions.
func credentials() []string {
	return []string{
		"cognito-identity:GetCredentialsForIdentity", "cognito-identity:GetOpenIdToken",
		"cognito-identity:GetOpenIdTokenForDeveloperIdentity", "cognito-idp:AssociateSoftwareToken",
		"codepipeline:PollForJobs", "connect:GetFederationToken", "ecr:GetAuthorizationToken",
		"gamelift:RequestUploadCredentials", "iam:CreateAccessKey", "iam:CreateLoginProfile",
		"iam:CreateServiceSpecificCredential", "iam:ResetServiceSpecificCredential", "iam:UpdateAccessKey",
		"lightsail:GetInstanceAccessDetails", "lightsail:GetRelationalDatabaseMasterUserPassword",
		"rds-db:connect", "redshift:GetClusterCredentials", "sso:GetRoleCredentials",
		"sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:GetFederationToken", "sts:GetSessionToken",
	}
}

// checkPowers looks at what the document gives as a whole.
func (d *document) checkPowers() {
	if d.kind.hasPrincipal() || d.kind == SCP || d.kind == Boundary {
		return
	}
	for _, way := range ways() {
		if at, ok := d.allowsAll(way); ok {
			d.report("privilege-escalation", at, "%s on all resources gives whoever has it more than this document", strings.Join(way, " with "))
		}
	}
	for _, action := range credentials() {
		if s := d.allowing(action, false); s != nil {
			d.report("credentials-exposure", s.naming(action), "%s gives credentials out", action)
		}
	}
	d.checkResourcePolicyPower()
}

// allowsAll reports whether the document allows all of some actions on all resources
// and without a condition, and where the last of them stands.
func (d *document) allowsAll(way []string) (span, bool) {
	var at span
	for _, action := range way {
		s := d.allowing(action, true)
		if s == nil {
			return span{}, false
		}
		if here := s.naming(action); here.at >= at.at {
			at = here
		}
	}
	return at, true
}

// allowing finds a statement that allows an action, on all resources and without a
// condition where so asked, and no statement that denies it altogether.
func (d *document) allowing(action string, all bool) *statement {
	var found *statement
	for i := range d.statements {
		s := &d.statements[i]
		_, any := s.anyResource()
		any = any && !s.resource.not
		switch {
		case !s.takes(action):
		case s.denies() && any && len(s.conditions) == 0:
			return nil
		case s.allows() && found == nil && (!all || any && len(s.conditions) == 0):
			found = s
		}
	}
	return found
}

// checkResourcePolicyPower looks for denied actions that a right to change the
// resource's own policy gives back.
func (d *document) checkResourcePolicyPower() {
	const change = "s3:PutBucketPolicy"
	s := d.allowing(change, false)
	if s == nil {
		return
	}
	for i := range d.statements {
		deny := &d.statements[i]
		if !deny.denies() || len(deny.conditions) > 0 || deny.action.not {
			continue
		}
		for _, a := range []string{"s3:DeleteObject", "s3:GetObject", "s3:PutObject"} {
			if deny.takes(a) && !deny.takes(change) {
				d.report("resource-policy-escalation", s.naming(change), "%s is denied, yet whoever may change the bucket's policy can give it to another principal", a)
				return
			}
		}
	}
}

// checkRedundantStatements looks for statements that another takes in: the same
// effect, principals and conditions, and no action or resource beyond.
func (d *document) checkRedundantStatements() {
	n := len(d.statements)
	if !d.spend(n * n) {
		return
	}
	for i := range d.statements {
		for j := range d.statements {
			if i == j {
				continue
			}
			a, b := &d.statements[i], &d.statements[j]
			if d.statementCovers(b, a) && (i > j || !d.statementCovers(a, b)) {
				d.report("redundant-statement", a.span, "statement %d takes in all of this one", j)
				break
			}
		}
	}
}

func (d *document) statementCovers(b, a *statement) bool {
	if a.effect != b.effect || a.effect == "" || a.action.not != b.action.not || a.resource.not != b.resource.not ||
		a.action.not || a.resource.not || !a.action.given() || !b.action.given() ||
		(a.resource.whole == nil) != (b.resource.whole == nil) ||
		!sameText(a.principal, b.principal) || !sameText(a.get("Condition"), b.get("Condition")) {
		return false
	}
	if len(a.action.items) == 0 || !d.spend(len(a.action.items)*len(b.action.items)+len(a.resource.items)*len(b.resource.items)) {
		return false
	}
	return all(a.action.items, b.action.items, covers) && all(a.resource.items, b.resource.items, d.coversResource)
}

// all reports whether each of some texts is covered by one of others.
func all(some, others []*value, covers func(pattern, b string) bool) bool {
	for _, x := range some {
		held := false
		for _, y := range others {
			held = held || covers(y.text, x.text)
		}
		if !held {
			return false
		}
	}
	return true
}

// sameText reports whether two values are written alike, white space aside.
func sameText(a, b *value) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.kind != b.kind || a.text != b.text || len(a.items) != len(b.items) || len(a.members) != len(b.members) {
		return false
	}
	for i := range a.items {
		if !sameText(a.items[i], b.items[i]) {
			return false
		}
	}
	for i := range a.members {
		if a.members[i].name != b.members[i].name || !sameText(a.members[i].value, b.members[i].value) {
			return false
		}
	}
	return true
}

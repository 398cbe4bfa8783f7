package iam

import "testing"

const (
	here     = "111122223333"
	there    = "444455556666"
	object   = "arn:aws:s3:::b/k"
	ourKey   = "arn:aws:kms:us-east-1:111122223333:key/1"
	ourRole  = "arn:aws:iam::111122223333:role/Target"
	user     = "arn:aws:iam::111122223333:user/u"
	rootUser = "arn:aws:iam::111122223333:root"
	session  = "arn:aws:sts::111122223333:assumed-role/App/s1"
	visitor  = "arn:aws:sts::111122223333:federated-user/u"
)

// callerCase is a request by one kind of principal. The comment of a group names
// the page of the AWS documentation that decides it.
type callerCase struct {
	name      string
	layers    Layers
	action    string
	resource  string
	principal string
	account   string // of the resource
	want      Decision
}

func grantTo(t *testing.T, effect, principal string) *Set {
	return compileText(t, `{"Effect":"`+effect+`","Principal":`+principal+`,"Action":"*","Resource":"*"}`)
}

func checkCallers(t *testing.T, cases []callerCase) {
	t.Helper()
	for _, c := range cases {
		q := Request{Action: c.action, Resource: c.resource, Principal: c.principal, Account: c.account}
		if got := Evaluate(&c.layers, &q); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// IAM user guide, "AWS JSON policy elements: Principal", all principals: a grant
// to "*" reaches users and roles of the account, "no other permissions are
// required"; "Policy evaluation logic": grants to a role's ARN are limited by an
// implicit denial of a boundary, those to a session's ARN are not.
func TestGrantsToSessionsAndTheirRoles(t *testing.T) {
	all, none := compileText(t, allowAll), compileText(t, `{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`)
	star, role := grantTo(t, "Allow", `{"AWS":"*"}`), grantTo(t, "Allow", `{"AWS":"arn:aws:iam::111122223333:role/App"}`)
	self := grantTo(t, "Allow", `{"AWS":"`+session+`"}`)
	checkCallers(t, []callerCase{
		{"* beyond a boundary", Layers{Boundary: none, Resource: star}, "s3:GetObject", object, session, here, Allowed},
		{"* to the role as such", Layers{Boundary: none, Resource: star}, "s3:GetObject", object, "arn:aws:iam::111122223333:role/App", here, Allowed},
		{"* within a session policy", Layers{Boundary: none, Session: all, Resource: star}, "s3:GetObject", object, session, here, Allowed},
		{"* beyond a session policy: not documented", Layers{Session: none, Resource: star}, "s3:GetObject", object, session, here, Unknown},
		{"* across accounts needs the identity", Layers{Resource: star}, "s3:GetObject", object, session, there, Denied},
		{"role within its boundary", Layers{Boundary: all, Resource: role}, "s3:GetObject", object, session, here, Allowed},
		{"role beyond its boundary", Layers{Boundary: none, Resource: role}, "s3:GetObject", object, session, here, Denied},
		{"role beyond a session policy", Layers{Session: none, Resource: role}, "s3:GetObject", object, session, here, Denied},
		{"session beyond its boundary", Layers{Boundary: none, Resource: self}, "s3:GetObject", object, session, here, Allowed},
		{"session beyond a session policy", Layers{Session: none, Resource: self}, "s3:GetObject", object, session, here, Allowed},
	})
}

// IAM user guide, "Policy evaluation logic": the root user has full access by
// default; service control policies limit it all the same.
func TestRootUser(t *testing.T) {
	none := compileText(t, `{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`)
	deny := grantTo(t, "Deny", `"*"`)
	checkCallers(t, []callerCase{
		{"full access", Layers{}, "s3:GetObject", object, rootUser, here, Allowed},
		{"within SCPs", Layers{SCPs: []*Set{none}}, "s3:GetObject", object, rootUser, here, Denied},
		{"bucket policy denies", Layers{Resource: deny}, "s3:GetObject", object, rootUser, here, Denied},
		{"elsewhere only where named", Layers{}, "s3:GetObject", object, rootUser, there, Denied},
		{"elsewhere, named", Layers{Resource: grantTo(t, "Allow", `{"AWS":"111122223333"}`)}, "s3:GetObject", object, rootUser, there, Allowed},
	})
}

// IAM user guide, "AWS JSON policy elements: Principal": services and identity
// providers are named as such, "*" with Allow is public access. They have no
// policies of their own, and service control policies bear on users and roles
// alone (AWS Organizations user guide, "SCP effects on permissions").
func TestCallersWithoutPolicies(t *testing.T) {
	none := compileText(t, `{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`)
	service := grantTo(t, "Allow", `{"Service":"lambda.amazonaws.com"}`)
	saml := "arn:aws:iam::111122223333:saml-provider/Corp"
	checkCallers(t, []callerCase{
		{"a service that is named", Layers{Resource: service}, "sts:AssumeRole", ourRole, "lambda.amazonaws.com", here, Allowed},
		{"a service is outside SCPs", Layers{SCPs: []*Set{none}, Resource: service}, "sts:AssumeRole", ourRole, "lambda.amazonaws.com", here, Allowed},
		{"another service", Layers{Resource: service}, "sts:AssumeRole", ourRole, "ec2.amazonaws.com", here, Denied},
		{"the identity does not count", Layers{Identity: compileText(t, allowAll)}, "s3:GetObject", object, "lambda.amazonaws.com", here, Denied},
		{"a service as one of all", Layers{Resource: grantTo(t, "Allow", `"*"`)}, "sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q", "sns.amazonaws.com", here, Allowed},
		{"AWS * is as * alone", Layers{Resource: grantTo(t, "Allow", `{"AWS":"*"}`)}, "sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q", "sns.amazonaws.com", here, Allowed},
		{"a provider", Layers{Resource: grantTo(t, "Allow", `{"Federated":"`+saml+`"}`)}, "sts:AssumeRoleWithSAML", ourRole, saml, here, Allowed},
		{"public", Layers{Resource: grantTo(t, "Allow", `{"AWS":"*"}`)}, "s3:GetObject", object, "anonymous", there, Allowed},
		{"not public", Layers{Resource: grantTo(t, "Allow", `{"AWS":"444455556666"}`)}, "s3:GetObject", object, "anonymous", there, Denied},
		{"public but for an RCP", Layers{RCPs: []*Set{grantTo(t, "Deny", `"*"`)}, Resource: grantTo(t, "Allow", `"*"`)}, "s3:GetObject", object, "anonymous", there, Denied},
	})
}

// IAM user guide, "Policy evaluation logic", federated user sessions, and
// "Principal", unique ids in place of deleted principals, canonical user ids.
func TestPrincipalsThatCannotBeTold(t *testing.T) {
	all := compileText(t, allowAll)
	none := compileText(t, `{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`)
	checkCallers(t, []callerCase{
		{"the user who federated", Layers{Resource: grantTo(t, "Allow", `{"AWS":"`+user+`"}`)}, "s3:GetObject", object, visitor, here, Unknown},
		{"the same, limited", Layers{Session: none, Resource: grantTo(t, "Allow", `{"AWS":"`+user+`"}`)}, "s3:GetObject", object, visitor, here, Denied},
		{"the federated user", Layers{Session: none, Resource: grantTo(t, "Allow", `{"AWS":"`+visitor+`"}`)}, "s3:GetObject", object, visitor, here, Allowed},
		{"a user's id", Layers{Identity: all, Resource: grantTo(t, "Deny", `{"AWS":"AIDAEXAMPLE"}`)}, "s3:GetObject", object, user, here, Unknown},
		{"a user's id, not a role", Layers{Identity: all, Resource: grantTo(t, "Deny", `{"AWS":"AIDAEXAMPLE"}`)}, "s3:GetObject", object, session, here, Allowed},
		{"a role's id", Layers{Resource: grantTo(t, "Allow", `{"AWS":"AROAEXAMPLE"}`)}, "s3:GetObject", object, session, here, Unknown},
		{"a canonical id", Layers{Identity: all, Resource: grantTo(t, "Allow", `{"CanonicalUser":"79a5"}`)}, "s3:GetObject", object, session, there, Unknown},
	})
}

// AWS Organizations user guide, "Resource control policies": the services they
// bear on, and that service-linked roles are outside; AWS KMS developer guide,
// "Key policies": every key has one; IAM user guide, "Roles terms": trust policy.
func TestServicesWithRulesOfTheirOwn(t *testing.T) {
	all := compileText(t, allowAll)
	deny := grantTo(t, "Deny", `"*"`)
	linked := "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForX/s"
	checkCallers(t, []callerCase{
		{"an RCP on its service", Layers{Identity: all, RCPs: []*Set{deny, nil}}, "sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q", session, here, Denied},
		{"an RCP on another service", Layers{Identity: all, RCPs: []*Set{deny}}, "ec2:StopInstances", "arn:aws:ec2:us-east-1:111122223333:instance/i-1", session, here, Unknown},
		{"an RCP on a role that is service-linked by name", Layers{Identity: all, RCPs: []*Set{deny}}, "s3:GetObject", object, linked, here, Unknown},
		{"an SCP on a role that is service-linked by name", Layers{Identity: all, SCPs: []*Set{deny, nil}}, "s3:GetObject", object, linked, here, Unknown},
		{"a key policy that is not known", Layers{Identity: all}, "kms:Decrypt", ourKey, session, here, Unknown},
		{"nothing allows the key", Layers{}, "kms:Decrypt", ourKey, session, here, Denied},
		{"a trust policy that is not known", Layers{Identity: all}, "sts:TagSession", ourRole, session, here, Unknown},
		{"a trust policy that does not name the caller", Layers{Identity: all, Resource: grantTo(t, "Allow", `{"AWS":"444455556666"}`)}, "sts:SetSourceIdentity", ourRole, session, here, Denied},
	})
}

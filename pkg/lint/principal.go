package lint

import (
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// checkPrincipals looks at the Principal of a statement.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func (d *document) checkPrincipals(s *statement) {
	p := s.principal
	if p == nil {
		return
	}
	if !d.kind.hasPrincipal() {
		id := "principal-in-identity"
		if d.kind == SCP {
			id = "principal-in-scp"
		}
		d.report(id, p.span, "such a policy has no Principal: it applies to whom it is attached")
		return
	}
	switch {
	case p.intrinsic():
		return
	case p.kind == text && p.text != "*":
		d.report("principal-format", p.span, "%q: want \"*\" or an object such as {\"AWS\": …}", clip(p.text))
	case p.kind == object && len(p.members) == 0:
		d.report("empty-principal", p.span, "no principal: the statement has no effect")
	case p.kind != text && p.kind != object:
		d.report("data-type", p.span, "Principal is %s: it takes an object, or \"*\"", p.kind)
	}
	for i, m := range p.members {
		d.twice(p, i)
		switch m.name {
		case "AWS", "Service", "Federated", "CanonicalUser":
		default:
			d.report("principal-key", m.span, "%q is no kind of principal: AWS, Service, Federated and CanonicalUser are", clip(m.name))
		}
		d.stringsOnly(m.value)
		if m.value.kind == array && len(m.value.items) == 0 {
			d.report("empty-principal", m.value.span, "no principal of this kind")
		}
	}
	if s.notPrin && s.allows() {
		d.report("notprincipal-allow", p.span, "Allow with NotPrincipal takes in everybody else, anonymous callers too")
	}
	for i := range s.principals {
		d.checkPrincipal(s, &s.principals[i])
	}
}

func (d *document) checkPrincipal(s *statement, p *principal) {
	switch {
	case d.lint.public(p):
		d.checkPublic(s, p)
	case p.key == "AWS":
		d.checkAccount(p)
	case p.key == "Service":
		d.checkService(p)
	case p.key == "Federated":
		d.checkFederated(p)
	case p.key == "CanonicalUser":
		if len(p.text) != 64 || strings.Trim(strings.ToLower(p.text), "0123456789abcdef") != "" {
			d.report("canonical-user", p.value.span, "%q is no canonical user id: want 64 hexadecimal digits", clip(p.text))
		}
	}
}

// public reports whether a principal is everybody.
func (*Linter) public(p *principal) bool {
	return p.text == "*" && (p.key == "*" || p.key == "AWS")
}

// checkPublic looks at what everybody is allowed.
func (d *document) checkPublic(s *statement, p *principal) {
	if !s.allows() || s.notPrin || d.kind == RCP {
		return
	}
	if d.kind == Trust {
		if len(s.conditions) == 0 {
			d.report("trust-public", p.value.span, "everybody may assume the role")
		}
		return
	}
	if len(s.conditions) == 0 {
		d.report("public-access", p.value.span, "everybody is allowed, without a condition")
	}
}

// checkAccount looks at a value of "AWS": an account, or an ARN of IAM or STS.
func (d *document) checkAccount(p *principal) {
	t := p.text
	switch {
	case len(t) == 12 && !strings.ContainsFunc(t, notDigit):
		return
	case strings.HasPrefix(t, "AROA") && uniqueID(t):
		d.report("role-id-principal", p.value.span, "%s is the id of a role that is gone: name a role by its ARN", clip(t))
		return
	case strings.HasPrefix(t, "AIDA") && uniqueID(t):
		d.report("user-id-principal", p.value.span, "%s is the id of a user that is gone: name a user by its ARN", clip(t))
		return
	}
	if strings.ContainsAny(t, "*?") {
		d.report("principal-wildcard", p.value.span, "%q: a principal takes no wildcards: use a condition on aws:PrincipalArn", clip(t))
		return
	}
	arn, err := iam.ParseARN(t)
	rootOnly := arn.Resource == "root"
	kind, name, _ := strings.Cut(arn.Resource, "/")
	wellMade := err == nil && strings.HasPrefix(arn.Partition, "aws") && arn.Region == "" &&
		len(arn.Account) == 12 && !strings.ContainsFunc(arn.Account, notDigit)
	switch {
	case !wellMade && !variable(t),
		wellMade && arn.Service == "iam" && !rootOnly && (kind != "user" && kind != "role" || name == ""),
		wellMade && arn.Service == "sts" && (kind != "assumed-role" && kind != "federated-user" || name == ""),
		wellMade && arn.Service == "cloudfront", wellMade && arn.Service != "iam" && arn.Service != "sts":
		if err == nil && arn.Service == "iam" && arn.Account == "cloudfront" {
			return // an origin access identity
		}
		d.report("principal-value", p.value.span, "%q is no account, user, role or session", clip(t))
	}
}

func uniqueID(s string) bool {
	return len(s) >= 16 && !strings.ContainsFunc(s, notAlphanumeric) && strings.ToUpper(s) == s
}

// checkService looks at a value of "Service".
func (d *document) checkService(p *principal) {
	t := p.text
	if strings.ContainsAny(t, "*?") {
		d.report("principal-wildcard", p.value.span, "%q: a service principal takes no wildcards", clip(t))
		return
	}
	host := strings.TrimSuffix(t, ".cn")
	if !strings.HasSuffix(host, ".amazonaws.com") && !strings.HasSuffix(host, ".amazon.com") && !strings.HasSuffix(host, ".aws.internal") &&
		!strings.HasSuffix(host, ".amazonaws.eu") && !strings.HasSuffix(host, ".aws.com") || strings.ContainsAny(host, " :/") {
		d.report("service-principal", p.value.span, "%q is no service principal: want a form such as lambda.amazonaws.com", clip(t))
	}
}

// checkFederated looks at a value of "Federated".
func (d *document) checkFederated(p *principal) {
	t := p.text
	if d.kind == Resource {
		d.report("federated-in-resource", p.value.span, "only trust policies take federated principals")
		return
	}
	if arn, err := iam.ParseARN(t); err == nil && arn.Service == "iam" {
		kind, name, _ := strings.Cut(arn.Resource, "/")
		if (kind == "saml-provider" || kind == "oidc-provider") && name != "" {
			return
		}
	}
	switch t {
	case "cognito-identity.amazonaws.com", "accounts.google.com", "graph.facebook.com", "www.amazon.com":
		return
	}
	d.report("federated-principal", p.value.span, "%q is no identity provider", clip(t))
}

// checkTrust looks at what trust policies alone have.
func (d *document) checkTrust(s *statement) {
	if d.kind != Trust {
		return
	}
	if s.resource.whole != nil {
		d.report("trust-resource", s.resource.whole.span, "a trust policy has no Resource: it is about the role that has it")
	}
	if s.notPrin {
		d.report("trust-notprincipal", s.principal.span, "a trust policy takes no NotPrincipal")
	}
	for _, a := range s.action.items {
		if a.text != "*" && !hasPrefixFold(a.text, "sts:") {
			d.report("trust-action", a.span, "%q: a trust policy has actions of sts only", clip(a.text))
		}
	}
	if !s.allows() || s.action.not {
		return
	}
	for i := range s.principals {
		d.checkTrustAction(s, &s.principals[i])
	}
}

// checkTrustAction looks whether the actions are those by which such a principal
// assumes a role.
func (d *document) checkTrustAction(s *statement, p *principal) {
	want := "sts:AssumeRole"
	switch {
	case p.key == "Federated" && strings.Contains(p.text, ":saml-provider/"):
		want = "sts:AssumeRoleWithSAML"
	case p.key == "Federated":
		want = "sts:AssumeRoleWithWebIdentity"
	}
	if !s.takes(want) && len(s.action.items) > 0 {
		d.report("trust-action-mismatch", p.value.span, "such a principal assumes the role by %s, which is not among the actions", want)
	}
	if p.text == "rolesanywhere.amazonaws.com" && (!s.takes("sts:TagSession") || !s.takes("sts:SetSourceIdentity")) {
		d.report("roles-anywhere-actions", p.value.span, "IAM Roles Anywhere needs sts:TagSession and sts:SetSourceIdentity too")
	}
}

// checkOIDC looks whether trust in an identity provider is limited.
func (d *document) checkOIDC(s *statement) {
	if d.kind != Trust || !s.allows() {
		return
	}
	for i := range s.principals {
		p := &s.principals[i]
		_, host, ok := strings.Cut(p.text, ":oidc-provider/")
		if p.key != "Federated" || !ok {
			continue
		}
		if !s.conditionOn(host + ":") {
			d.report("oidc-unlimited", p.value.span, "everybody whom %s knows may assume the role: limit aud and sub", clip(host))
			continue
		}
		if strings.HasPrefix(host, "token.actions.githubusercontent.com") {
			d.checkGitHub(s, p, host)
		}
	}
}

// conditionOn reports whether a clause has a key that begins so.
func (s *statement) conditionOn(prefix string) bool {
	for i := range s.conditions {
		if hasPrefixFold(s.conditions[i].key, prefix) {
			return true
		}
	}
	return false
}

func (d *document) checkGitHub(s *statement, p *principal, host string) {
	if !s.condition(host+":sub", host+":repository", host+":repository_id", host+":repository_owner", host+":repository_owner_id", host+":job_workflow_ref") {
		d.report("github-repository", p.value.span, "workflows of every repository of GitHub may assume the role: limit %s:sub", clip(host))
		return
	}
	for i := range s.conditions {
		c := &s.conditions[i]
		if !strings.EqualFold(c.key, host+":sub") || c.op.negated {
			continue
		}
		for _, v := range c.values {
			owner, _, _ := strings.Cut(strings.TrimPrefix(v.text, "repo:"), "/")
			if c.op.like && (strings.ContainsAny(owner, "*?") || !strings.HasPrefix(v.text, "repo:")) {
				d.report("github-repository", v.span, "%q takes in repositories of others", clip(v.text))
			} else if c.op.like && (strings.HasSuffix(v.text, "/*") || strings.HasSuffix(v.text, ":*")) {
				d.report("github-broad", v.span, "%q takes in every branch, tag and pull request", clip(v.text))
			}
		}
	}
}

// checkServicePrincipal looks at what services are allowed in resource policies.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
func (d *document) checkServicePrincipal(s *statement) {
	if !s.allows() || s.notPrin {
		return
	}
	for i := range s.principals {
		p := &s.principals[i]
		if p.key != "Service" {
			continue
		}
		if at, key := s.identityKey(); key != "" {
			d.report("key-for-service", at, "requests of a service principal have no %s: the statement never holds", clip(key))
		}
		if d.kind == Resource && !s.condition("aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths", "kms:ViaService", "kms:CallerAccount", "aws:PrincipalOrgID") &&
			!s.conditionOn("kms:EncryptionContext:") && crossService(p.text) {
			d.report("service-source", p.value.span, "%s may act here for anybody's resources: add aws:SourceArn or aws:SourceAccount", clip(p.text))
		}
	}
}

// crossService reports whether a service acts for resources of its customers, so that
// its requests have aws:SourceArn or aws:SourceAccount.
func crossService(principal string) bool {
	switch name, _, _ := strings.Cut(principal, "."); name {
	case "s3", "sns", "events", "cloudtrail", "config", "logs", "delivery", "ses", "codepipeline", "lambda", "apigateway", "budgets", "costalerts", "iot", "cloudfront", "logging":
		return true
	}
	return false
}

// identityKey finds a clause, not of absence, on a key that only requests of IAM
// identities have.
func (s *statement) identityKey() (span, string) {
	for i := range s.conditions {
		c := &s.conditions[i]
		if c.op.negated || c.op.ifExists || c.op.forAll || c.op.class == nullClass {
			continue
		}
		switch form := keyForm(c.key); {
		case form == "aws:username", form == "aws:userid", form == "aws:multifactorauthpresent", strings.HasPrefix(form, "aws:principaltag/"):
			return c.keyAt, c.key
		}
	}
	return span{}, ""
}

// checkPolicyType looks at the rules of resource control policies.
// Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
func (d *document) checkPolicyType(s *statement) {
	if d.kind != RCP {
		return
	}
	if s.allows() {
		d.report("rcp-allow", s.get("Effect").span, "resource control policies of yours have Deny only")
	}
	if s.action.not {
		d.report("rcp-notaction", s.action.whole.span, "resource control policies have no NotAction")
	}
	for _, a := range s.action.items {
		if a.text == "*" {
			d.report("rcp-action", a.span, "resource control policies name the service of an action: s3:* and so on")
		}
	}
	if p := s.principal; p != nil && (s.notPrin || p.kind != text || p.text != "*") {
		d.report("rcp-principal", p.span, "resource control policies have Principal \"*\": narrow it by conditions")
	}
}

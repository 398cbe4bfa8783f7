package iam

import "strings"

// callerKind is what a principal's ARN tells.
type callerKind uint8

const (
	unnamedRole callerKind = iota // no ARN given: some role of the account
	userCaller
	roleCaller      // a role ARN: the role as such, no certain session of it
	sessionCaller   // an assumed-role session
	federatedCaller // a federated user
	rootCaller      // the root user of an account
	outsideCaller   // a service, an identity provider, anyone unsigned: has no policies of its own
	otherCaller     // an ARN of any other form
)

// caller is the principal of a request.
type caller struct {
	arn, account  string
	kind          callerKind
	role          string // its name, without path
	serviceLinked kleene
	ids           *callerIDs // nil: not known, as an ARN does not tell them
}

// callerIDs are the ids by which a policy may name a caller in place of an ARN,
// "" for ones that no policy holds.
type callerIDs struct {
	canonical string // of the account
	unique    string // of the user or role
}

func callerOf(q *Request) caller {
	if q.Principal == "" {
		return caller{account: q.Account}
	}
	c := caller{arn: q.Principal, kind: outsideCaller}
	a, err := ParseARN(q.Principal)
	if err != nil {
		return c
	}
	c.kind, c.account = otherCaller, a.Account
	kind, rest, _ := strings.Cut(a.Resource, "/")
	switch kind {
	case "user":
		c.kind = userCaller
	case "federated-user":
		c.kind = federatedCaller
	case "root":
		c.kind = rootCaller
	case "saml-provider", "oidc-provider":
		c.kind = outsideCaller
	case "role":
		c.kind, c.role = roleCaller, rest[strings.LastIndexByte(rest, '/')+1:]
		c.serviceLinked = truth(strings.HasPrefix(rest, "aws-service-role/"))
	case "assumed-role":
		c.kind = sessionCaller
		c.role, _, _ = strings.Cut(rest, "/")
		c.serviceLinked = min(truth(strings.HasPrefix(c.role, "AWSServiceRoleFor")), maybe) // a session's ARN has no path
	}
	return c
}

func (c *caller) sameAccount(q *Request) bool {
	return q.Account == "" || q.Account == c.account
}

// naming says in which ways a Principal element names the caller.
type naming struct {
	account kleene // the account or its root user
	role    kleene // the role of a session
	anyone  kleene // "*", where the caller is a role or a session of one
	direct  kleene // the user or the session itself
}

func (n naming) any() kleene { return max(n.account, n.role, n.anyone, n.direct) }

func (n naming) or(m naming) naming {
	return naming{max(n.account, m.account), max(n.role, m.role), max(n.anyone, m.anyone), max(n.direct, m.direct)}
}

// named reads a statement's Principal or NotPrincipal. limited: the caller has a
// permissions boundary, which NotPrincipal with Deny always catches.
func (c *caller) named(s *Statement, limited bool) naming {
	if s.NotPrincipal == nil {
		return c.namedBy(s.Principal)
	}
	outside := c.namedBy(s.NotPrincipal).any().not()
	if limited && s.Effect == Deny {
		outside = yes
	}
	// As a grant, AWS does not say what NotPrincipal names; as a denial any way
	// of naming is the same.
	return naming{role: outside, direct: min(outside, maybe)}
}

func (c *caller) namedBy(p *Principals) naming {
	if p == nil {
		return naming{}
	}
	if p.Any {
		return c.namedByStar()
	}
	var n naming
	for kind, list := range p.ByKind {
		for _, name := range list {
			n = n.or(c.namedAs(kind, name))
		}
	}
	return n
}

// namedByStar: "*" names every user and role of the account, and "no other
// permissions are required" (IAM user guide, Principal element, all principals).
func (c *caller) namedByStar() naming {
	switch c.kind {
	case unnamedRole, roleCaller, sessionCaller:
		return naming{anyone: yes}
	}
	return naming{direct: yes}
}

// isService reports the principal name of an AWS service.
func (c *caller) isService() bool {
	return c.kind == outsideCaller && strings.HasSuffix(c.arn, ".amazonaws.com")
}

func (c *caller) namedAs(kind, name string) naming {
	switch {
	case kind == "CanonicalUser" && c.ids != nil:
		return naming{account: truth(c.account != "" && name == c.ids.canonical)}
	case kind == "CanonicalUser":
		return naming{account: min(truth(c.account != ""), maybe)} // an account by another id
	case kind != "AWS":
		return naming{direct: truth(name == c.arn && c.arn != "")}
	case name == "*" && c.isService():
		return naming{direct: maybe}
	case name == "*":
		return c.namedByStar()
	case name == c.account && name != "":
		return naming{account: yes}
	}
	a, err := ParseARN(name)
	switch {
	case err != nil:
		return c.namedByID(name)
	case a.Account != c.account:
		return naming{}
	case a.Resource == "root":
		return naming{account: yes}
	}
	return c.namedInAccount(name, a)
}

// namedByID: a user or role by the unique id that IAM puts in place of its ARN.
// Which one it is cannot be told from an ARN.
func (c *caller) namedByID(id string) naming {
	switch {
	case c.ids != nil && id != c.ids.unique:
		return naming{}
	case c.ids != nil && strings.HasPrefix(id, "AIDA") && c.kind == userCaller:
		return naming{direct: yes}
	case c.ids != nil && strings.HasPrefix(id, "AROA") && (c.kind == roleCaller || c.kind == sessionCaller):
		return naming{role: yes}
	case strings.HasPrefix(id, "AIDA") && (c.kind == userCaller || c.kind == federatedCaller):
		return naming{direct: maybe}
	case strings.HasPrefix(id, "AROA") && (c.kind == unnamedRole || c.kind == roleCaller || c.kind == sessionCaller):
		return naming{role: maybe}
	}
	return naming{}
}

// namedInAccount compares with an ARN of the caller's account.
func (c *caller) namedInAccount(name string, a ARN) naming {
	kind, rest, _ := strings.Cut(a.Resource, "/")
	switch kind {
	case "role":
		if c.kind == unnamedRole {
			return naming{role: maybe}
		}
		same := c.role != "" && rest[strings.LastIndexByte(rest, '/')+1:] == c.role
		return naming{role: truth(same && (c.kind != roleCaller || name == c.arn))}
	case "assumed-role":
		if c.kind == unnamedRole {
			return naming{direct: maybe}
		}
	case "user":
		if c.kind == federatedCaller {
			return naming{role: maybe} // the user who federated: limited by boundary and session policy
		}
	}
	return naming{direct: truth(name == c.arn)}
}

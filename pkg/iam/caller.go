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
	id            string // unique id, "" when not known
	serviceLinked kleene
	guess         *guess // nil outside of proofs by cases
}

// guess settles what the ARN of a caller does not tell. A proof goes through all of them.
type guess struct {
	id        string // unique id, "" none that is named
	canonical string // canonical id of the account, "" none that is named
	user      string // ARN of the user who federated, "" none that is named
	kind      string // as what a name that is no ARN is meant: Service, Federated
	direct    bool   // NotPrincipal grants to users and sessions as such
	spared    bool   // NotPrincipal of a Deny need not name all that the caller is
}

// perhaps is maybe, unless there is a guess.
func (c *caller) perhaps(holds func(*guess) bool) kleene {
	if c.guess == nil {
		return maybe
	}
	return truth(holds(c.guess))
}

func callerOf(q *Request) caller {
	if q.Principal == "" {
		return caller{account: q.Account}
	}
	c := caller{arn: q.Principal, kind: outsideCaller, id: uniqueID(&q.Context)}
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

// uniqueID reads the caller's id where the context has it: aws:userid is "AIDA…" of a
// user, "AROA…:session" of a role (IAM user guide, policy variables).
func uniqueID(c *Context) string {
	values, there := c.lookup("aws:userid")
	if there != yes || !c.single("aws:userid", values) {
		return ""
	}
	id, _, _ := strings.Cut(values[0], ":")
	if strings.HasPrefix(id, "AIDA") || strings.HasPrefix(id, "AROA") {
		return id
	}
	return ""
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
	in := c.namedBy(s.NotPrincipal)
	outside := in.any().not()
	if s.Effect == Deny && outside == no && !c.spared(in) {
		outside = c.perhaps(func(g *guess) bool { return !g.spared })
	}
	if limited && s.Effect == Deny {
		outside = yes
	}
	// As a grant, AWS does not say what NotPrincipal names; as a denial any way
	// of naming is the same.
	return naming{role: outside, direct: min(outside, c.perhaps(func(g *guess) bool { return g.direct }))}
}

// spared reports whether a Deny certainly leaves the caller out: "you must also specify
// the account ARN", and for a session the role's, or it "might deny access" to it (IAM
// user guide, NotPrincipal). Which of them are enough is not told.
func (c *caller) spared(in naming) bool {
	switch {
	case in.anyone == yes || c.kind == outsideCaller || c.kind == rootCaller:
		return true
	case c.kind == sessionCaller:
		return in.account == yes && in.role == yes && in.direct == yes
	}
	return in.account == yes && max(in.direct, in.role) == yes
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

func (c *caller) namedAs(kind, name string) naming {
	switch {
	case kind == "CanonicalUser":
		return naming{account: min(truth(c.account != ""), c.perhaps(func(g *guess) bool { return g.canonical == name }))}
	case kind != "AWS":
		return naming{direct: truth(name == c.arn && c.arn != "" && (c.guess == nil || c.guess.kind == "" || c.guess.kind == kind))}
	case name == "*": // as "*" alone: the user guide calls the two equivalent
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
// Which one it is
// an ARN does not tell; aws:userid does.
func (c *caller) namedByID(id string) naming {
	if !c.mayHaveID(id) {
		return naming{}
	}
	is := c.perhaps(func(g *guess) bool { return g.id == id })
	if c.guess == nil && c.id != "" {
		is = truth(c.id == id)
	}
	if strings.HasPrefix(id, "AIDA") {
		return naming{direct: is}
	}
	return naming{role: is}
}

func (c *caller) mayHaveID(id string) bool {
	switch c.kind {
	case userCaller, federatedCaller:
		return strings.HasPrefix(id, "AIDA")
	case unnamedRole, roleCaller, sessionCaller:
		return strings.HasPrefix(id, "AROA")
	}
	return false
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
			// the user who federated: limited by boundary and session policy
			return naming{role: c.perhaps(func(g *guess) bool { return g.user == name })}
		}
	}
	return naming{direct: truth(name == c.arn)}
}

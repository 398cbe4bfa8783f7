package usage

import "strings"

// callerKind is the first part of a caller ARN's resource.
type callerKind uint8

const (
	kindRole callerKind = iota
	kindUser
	kindRoot
	kindAssumed   // sts assumed-role/NAME/SESSION
	kindFederated // sts federated-user/NAME
)

// callerARN is an ARN that can stand in userIdentity, checked part by part.
type callerARN struct {
	partition, account string
	kind               callerKind
	path               string // "/", "/team/", …
	name               string // without path and session
}

// parseCaller splits the ARN of a role, a user, the root user, an assumed role
// or a federated user. It is stricter than iam.ParseARN, for the text of a log.
func parseCaller(arn string) (callerARN, bool) {
	c := callerARN{path: "/"}
	service, resource, ok := c.head(arn)
	if !ok {
		return c, false
	}
	if service == "iam" && resource == "root" || service == "sts" && resource == "assumed-root" {
		c.kind = kindRoot
		return c, true
	}
	kind, rest, _ := strings.Cut(resource, "/")
	switch service + ":" + kind {
	case "iam:role":
		c.kind = kindRole
	case "iam:user":
		c.kind = kindUser
	case "sts:assumed-role":
		c.kind = kindAssumed
		c.name, _, _ = strings.Cut(rest, "/")
		return c, isName(c.name)
	case "sts:federated-user":
		c.kind, c.name = kindFederated, rest
		return c, isName(c.name)
	default:
		return c, false
	}
	i := strings.LastIndexByte(rest, '/') + 1
	c.path, c.name = "/"+rest[:i], rest[i:]
	return c, isPath(c.path) && isName(c.name)
}

// head checks "arn:PARTITION:SERVICE::ACCOUNT:" and returns the service and what
// follows.
func (c *callerARN) head(arn string) (service, resource string, ok bool) {
	rest, isARN := strings.CutPrefix(arn, "arn:")
	c.partition, rest, _ = strings.Cut(rest, ":")
	service, rest, _ = strings.Cut(rest, ":")
	region, rest, _ := strings.Cut(rest, ":")
	c.account, resource, ok = strings.Cut(rest, ":")
	return service, resource, ok && isARN && region == "" && isPartition(c.partition) && isAccount(c.account)
}

// arn is the ARN of the principal: whole itself, or the role behind a session,
// whose path a session's ARN does not tell.
func (c *callerARN) arn(whole string) string {
	switch c.kind {
	case kindAssumed:
		return "arn:" + c.partition + ":iam::" + c.account + ":role/" + c.name
	case kindRoot:
		if strings.HasSuffix(whole, ":assumed-root") {
			return "arn:" + c.partition + ":iam::" + c.account + ":root"
		}
	}
	return whole
}

func (c *callerARN) principalType() PrincipalType {
	switch c.kind {
	case kindUser:
		return User
	case kindRoot:
		return Root
	case kindFederated:
		return Federated
	case kindAssumed:
		return reservedByName(c.name)
	}
	switch {
	case strings.HasPrefix(c.path, "/aws-reserved/sso.amazonaws.com/"):
		return IdentityCenter
	case strings.HasPrefix(c.path, "/aws-service-role/"):
		return ServiceLinked
	}
	return Role
}

// reservedByName judges a role whose path is not known, by the prefixes that AWS
// gives to the roles it makes.
func reservedByName(name string) PrincipalType {
	switch {
	case strings.HasPrefix(name, "AWSReservedSSO_"):
		return IdentityCenter
	case strings.HasPrefix(name, "AWSServiceRoleFor"):
		return ServiceLinked
	}
	return Role
}

// parseProvider tells the ARN of a SAML or OIDC provider and returns its account.
func parseProvider(arn string) (account string, ok bool) {
	var c callerARN
	service, resource, ok := c.head(arn)
	kind, name, found := strings.Cut(resource, "/")
	if !ok || service != "iam" || !found || kind != "saml-provider" && kind != "oidc-provider" {
		return "", false
	}
	return c.account, isPath("/" + name)
}

// isPartition tells aws, aws-cn, aws-us-gov and what AWS may add.
func isPartition(s string) bool {
	return strings.HasPrefix(s, "aws") && len(s) <= 32 && all(s, func(c byte) bool {
		return isLower(c) || isDigit(c) || c == '-'
	})
}

// isAccount tells an account id. Real ones have twelve digits; logs that were
// made anonymous have others.
func isAccount(s string) bool {
	return len(s) > 0 && len(s) <= 20 && all(s, isDigit)
}

// isName tells the name of a role or user, [\w+=,.@-]{1,128}.
func isName(s string) bool {
	return len(s) > 0 && len(s) <= 128 && s != "HIDDEN_DUE_TO_SECURITY_REASONS" && all(s, func(c byte) bool {
		return isLower(c) || isUpper(c) || isDigit(c) || strings.IndexByte("_+=,.@-", c) >= 0
	})
}

// isPath tells an IAM path: at most 512 visible ASCII characters.
func isPath(s string) bool {
	return len(s) <= 512 && all(s, func(c byte) bool { return '!' <= c && c <= '~' })
}

// isUniqueID tells AROA…, AIDA… and their like: 16 to 128 capitals and digits,
// not an account id.
func isUniqueID(s string) bool {
	return len(s) >= 16 && len(s) <= 128 && isUpper(s[0]) && all(s, func(c byte) bool {
		return isUpper(c) || isDigit(c)
	})
}

// isHost tells the host name of a service or provider.
func isHost(s string) bool {
	if s == "AWS Internal" { // invokedBy of calls that AWS makes for itself
		return true
	}
	return len(s) <= 128 && strings.IndexByte(s, '.') > 0 && all(s, func(c byte) bool {
		return isLower(c) || isUpper(c) || isDigit(c) || c == '.' || c == '-'
	})
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func all(s string, is func(byte) bool) bool {
	for i := range len(s) {
		if !is(s[i]) {
			return false
		}
	}
	return true
}

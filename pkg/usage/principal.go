package usage

// Identity is what a record says of its caller, as far as crediting needs it:
// userIdentity and its sessionContext.sessionIssuer, as they stand in the log.
type Identity struct {
	Type, PrincipalID, ARN, AccountID, UserName, InvokedBy, IdentityProvider  string
	IssuerType, IssuerPrincipalID, IssuerARN, IssuerAccountID, IssuerUserName string
	MFA, FederatedProvider                                                    string
	// Serial is 0, or a number that all equal identities given to one Builder may have
	// in common, so that it need not compare their texts; different ones never have.
	Serial uint64
}

// Principal is whom a call is credited to. Its strings may be those of the
// Identity it was made of. It never holds the name of a session.
type Principal struct {
	// ARN is the role's ARN with its path (without, where the record does not
	// tell it), the user's or the root user's ARN, or one of "service:HOST",
	// "external:ACCOUNT:ID", "federated:PROVIDER", "identity-center:ACCOUNT",
	// "directory:ACCOUNT", "anonymous" and "unknown".
	ARN     string
	ID      string // AROA…/AIDA…, or ""
	Type    PrincipalType
	Account string // the principal's own; "" where it has none or it is unreadable
}

// PrincipalType says what a Principal is.
type PrincipalType string

// The principal types.
const (
	Role             PrincipalType = "role"
	User             PrincipalType = "user"
	Root             PrincipalType = "root"
	Federated        PrincipalType = "federated"       // GetFederationToken, SAML, web identity before a role
	IdentityCenter   PrincipalType = "identity-center" // AWSReservedSSO_ role
	ServiceLinked    PrincipalType = "service-linked"  // role under /aws-service-role/
	Service          PrincipalType = "service"         // AWSService, or AWSAccount invoked by a service
	External         PrincipalType = "external"        // AWSAccount: another account's principal, not named
	Anonymous        PrincipalType = "anonymous"
	UnknownPrincipal PrincipalType = "unknown"
)

const (
	anonymousARN = "anonymous"
	unknownARN   = "unknown"
)

// Credit says whom a record is credited to. Sessions are credited to the role or
// user that issued them. What the log says is not trusted: an ARN, id or account
// that does not have the shape of one is passed over, and what then names nobody
// is credited to the unknown principal, in its account where that is readable.
func Credit(id *Identity) Principal {
	switch id.Type {
	case "AWSService":
		return creditService(id)
	case "AWSAccount":
		return creditAccount(id)
	case "SAMLUser":
		return creditProvider(id, "saml")
	case "WebIdentityUser":
		return creditProvider(id, "web-identity")
	case "IdentityCenterUser":
		return creditDirectory(id, "identity-center:")
	case "Directory":
		return creditDirectory(id, "directory:")
	case "":
		return creditUntyped(id)
	default:
		return creditSession(id)
	}
}

// creditSession credits AssumedRole, IAMUser, Root, FederatedUser and what AWS
// may add: to the issuer, else to what the ARN names, else to what can be put
// together from names.
func creditSession(id *Identity) Principal {
	if id.Type != "IAMUser" && id.Type != "Root" {
		if p, ok := creditARN(id.IssuerARN, id.IssuerPrincipalID, id.PrincipalID); ok {
			return p
		}
	}
	if p, ok := creditARN(id.ARN, id.PrincipalID, ""); ok {
		return p
	}
	if p, ok := creditNames(id); ok {
		return p
	}
	return unknown(id)
}

// creditNames stands in for a missing ARN. The path is not known then.
func creditNames(id *Identity) (Principal, bool) {
	switch {
	case id.Type == "IAMUser" && id.ARN == "" && isAccount(id.AccountID) && isName(id.UserName):
		return creditARN("arn:aws:iam::"+id.AccountID+":user/"+id.UserName, id.PrincipalID, "")
	case id.Type == "Root" && id.ARN == "" && isAccount(id.AccountID):
		return creditARN("arn:aws:iam::"+id.AccountID+":root", "", "")
	case id.IssuerType == "Role" && id.IssuerARN == "" && isAccount(id.IssuerAccountID) && isName(id.IssuerUserName):
		return creditARN("arn:aws:sts::"+id.IssuerAccountID+":assumed-role/"+id.IssuerUserName, id.IssuerPrincipalID, id.PrincipalID)
	}
	return Principal{}, false
}

// creditARN credits what an IAM or STS ARN names. ids are the unique ids to
// choose from, best first; a session's is cut at its ':'.
func creditARN(arn string, ids ...string) (Principal, bool) {
	c, ok := parseCaller(arn)
	if !ok {
		return Principal{}, false
	}
	p := Principal{ARN: c.arn(arn), Type: c.principalType(), Account: c.account}
	if c.kind != kindRoot && c.kind != kindFederated {
		p.ID = firstID(ids)
	}
	return p, true
}

func creditService(id *Identity) Principal {
	for _, host := range []string{id.InvokedBy, id.PrincipalID} {
		if isHost(host) {
			return Principal{ARN: "service:" + host, Type: Service, Account: accountOrNone(id.AccountID)}
		}
	}
	return Principal{ARN: "service:unknown", Type: Service, Account: accountOrNone(id.AccountID)}
}

// creditAccount credits a caller of another account, which that account's own
// trail names better, or one without an identity.
func creditAccount(id *Identity) Principal {
	if isAnonymous(id) {
		return Principal{ARN: anonymousARN, Type: Anonymous}
	}
	if p, ok := creditARN(id.ARN, id.PrincipalID); ok {
		return p
	}
	account, unique := accountOrNone(id.AccountID), firstID([]string{id.PrincipalID})
	switch {
	case account != "" && unique != "":
		return Principal{ARN: "external:" + account + ":" + unique, ID: unique, Type: External, Account: account}
	case isHost(id.InvokedBy):
		return Principal{ARN: "service:" + id.InvokedBy, Type: Service, Account: account}
	case account != "":
		return Principal{ARN: "external:" + account, Type: External, Account: account}
	case unique != "":
		return Principal{ARN: "external::" + unique, ID: unique, Type: External}
	default:
		return unknown(id)
	}
}

// creditProvider credits who comes from an identity provider and has no role
// yet: the provider, since the person's name is the person's own.
func creditProvider(id *Identity, kind string) Principal {
	p := Principal{ARN: "federated:" + kind, Type: Federated, Account: accountOrNone(id.AccountID)}
	for _, provider := range []string{id.IdentityProvider, id.FederatedProvider} {
		account, ok := parseProvider(provider)
		if !ok && !isHost(provider) {
			continue
		}
		p.ARN = "federated:" + provider
		if p.Account == "" {
			p.Account = account
		}
		break
	}
	return p
}

func creditDirectory(id *Identity, prefix string) Principal {
	if !isAccount(id.AccountID) {
		return unknown(id)
	}
	return Principal{ARN: prefix + id.AccountID, Type: Federated, Account: id.AccountID}
}

// creditUntyped credits records whose userIdentity has no type, or is absent.
func creditUntyped(id *Identity) Principal {
	switch {
	case *id == (Identity{Serial: id.Serial}) || isAnonymous(id):
		return Principal{ARN: anonymousARN, Type: Anonymous}
	case id.ARN == "" && id.IssuerARN == "" && id.PrincipalID == "" && isHost(id.InvokedBy):
		return creditService(id)
	default:
		return creditSession(id)
	}
}

func isAnonymous(id *Identity) bool {
	return id.AccountID == "ANONYMOUS_PRINCIPAL" || id.AccountID == "anonymous"
}

func unknown(id *Identity) Principal {
	return Principal{ARN: unknownARN, Type: UnknownPrincipal, Account: accountOrNone(id.AccountID)}
}

func accountOrNone(s string) string {
	if isAccount(s) {
		return s
	}
	return ""
}

// firstID returns the first that has the shape of a unique id, without the
// session's name.
func firstID(ids []string) string {
	for _, s := range ids {
		for i := range len(s) {
			if s[i] == ':' {
				s = s[:i]
				break
			}
		}
		if isUniqueID(s) {
			return s
		}
	}
	return ""
}

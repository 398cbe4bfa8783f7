package trail

// Real records have user identities with all-lowercase names, and "accesKeyId". Such
// a name counts only while the exact one is absent from the same object, so that it
// can override nothing: "exact" remembers, by field, which were there.

// slot is a field's bit in "exact".
type slot uint32

// admit tells whether a member may be assigned.
func (s *slot) admit(bit slot, exact bool) bool {
	if exact {
		*s |= bit
		return true
	}
	return *s&bit == 0
}

// alias is the exact name for an odd one, or "".
func alias(key []byte) string {
	switch string(key) {
	case "principalid":
		return "principalId"
	case "accountid":
		return "accountId"
	case "accesskeyid", "accesKeyId":
		return "accessKeyId"
	case "username":
		return "userName"
	case "invokedby":
		return "invokedBy"
	case "identityprovider":
		return "identityProvider"
	case "credentialid":
		return "credentialId"
	case "onbehalfof":
		return "onBehalfOf"
	}
	return sessionAlias(key)
}

func sessionAlias(key []byte) string {
	switch string(key) {
	case "sessioncontext":
		return "sessionContext"
	case "sessionissuer":
		return "sessionIssuer"
	case "mfaauthenticated":
		return "mfaAuthenticated"
	case "webidfederationdata":
		return "webIdFederationData"
	case "federatedprovider":
		return "federatedProvider"
	case "sourceidentity":
		return "sourceIdentity"
	case "userid":
		return "userId"
	}
	return ""
}

// nameOf is a member's exact name; exact is false where an odd one stood for it.
func (p *projector) nameOf(key []byte) (name string, exact bool) {
	key = p.arena.text(key)
	if name = alias(key); name != "" {
		return name, false
	}
	return lend(key), true
}

// visit reads the members of a checked value that should be an object.
func visit(value []byte, m members) {
	if len(value) > 0 && value[0] == '{' {
		_, _ = skipObject(value, 0, 0, m) // checked before
	}
}

func (p *projector) userIdentity(value []byte) {
	p.ev.Identity = Identity{}
	p.identity = identityMembers{p: p}
	visit(value, &p.identity)
}

type identityMembers struct {
	p     *projector
	exact slot
}

func (m *identityMembers) member(key, value []byte) {
	name, exact := m.p.nameOf(key)
	f, bit := m.p.ev.Identity.field(name)
	if bit == 0 || !m.exact.admit(bit, exact) {
		return
	}
	switch name {
	case "sessionContext":
		m.p.sessionContext(value)
	case "onBehalfOf":
		m.p.ev.Identity.OnBehalfOf = m.p.lookup(value, "userId")
	default:
		*f = m.p.scalar(value)
	}
}

// field is the text field of a member, or nil where it is an object, and its bit.
func (id *Identity) field(name string) (*string, slot) {
	switch name {
	case "type":
		return &id.Type, 1 << 0
	case "principalId":
		return &id.PrincipalID, 1 << 1
	case "arn":
		return &id.ARN, 1 << 2
	case "accountId":
		return &id.AccountID, 1 << 3
	case "accessKeyId":
		return &id.AccessKeyID, 1 << 4
	case "userName":
		return &id.UserName, 1 << 5
	case "invokedBy":
		return &id.InvokedBy, 1 << 6
	case "identityProvider":
		return &id.IdentityProvider, 1 << 7
	case "credentialId":
		return &id.CredentialID, 1 << 8
	case "onBehalfOf":
		return nil, 1 << 9
	case "sessionContext":
		return nil, 1 << 10
	}
	return nil, 0
}

func (p *projector) sessionContext(value []byte) {
	id := &p.ev.Identity
	id.Issuer, id.MFA, id.FederatedProvider, id.SourceIdentity = Issuer{}, "", "", ""
	p.session = sessionMembers{p: p}
	visit(value, &p.session)
}

type sessionMembers struct {
	p     *projector
	exact slot
}

func (m *sessionMembers) member(key, value []byte) {
	name, exact := m.p.nameOf(key)
	id := &m.p.ev.Identity
	switch name {
	case "sessionIssuer":
		if m.exact.admit(1<<0, exact) {
			m.p.sessionIssuer(value)
		}
	case "attributes":
		id.MFA = m.p.lookup(value, "mfaAuthenticated")
	case "webIdFederationData":
		if m.exact.admit(1<<1, exact) {
			id.FederatedProvider = m.p.lookup(value, "federatedProvider")
		}
	case "sourceIdentity":
		if m.exact.admit(1<<2, exact) {
			id.SourceIdentity = m.p.scalar(value)
		}
	}
}

func (p *projector) sessionIssuer(value []byte) {
	p.ev.Identity.Issuer = Issuer{}
	p.issuer = issuerMembers{p: p}
	visit(value, &p.issuer)
}

type issuerMembers struct {
	p     *projector
	exact slot
}

func (m *issuerMembers) member(key, value []byte) {
	name, exact := m.p.nameOf(key)
	if f, bit := m.p.ev.Identity.Issuer.field(name); f != nil && m.exact.admit(bit, exact) {
		*f = m.p.scalar(value)
	}
}

func (i *Issuer) field(name string) (*string, slot) {
	switch name {
	case "type":
		return &i.Type, 1 << 0
	case "principalId":
		return &i.PrincipalID, 1 << 1
	case "arn":
		return &i.ARN, 1 << 2
	case "accountId":
		return &i.AccountID, 1 << 3
	case "userName":
		return &i.UserName, 1 << 4
	}
	return nil, 0
}

// lookup is the text of one member of an object; "" when there is none.
func (p *projector) lookup(value []byte, name string) string {
	p.one = oneMember{p: p, name: name}
	visit(value, &p.one)
	return p.one.text
}

type oneMember struct {
	p          *projector
	name, text string
	exact      slot
}

func (m *oneMember) member(key, value []byte) {
	name, exact := m.p.nameOf(key)
	if name == m.name && m.exact.admit(1, exact) {
		m.text = m.p.scalar(value)
	}
}

package trail

import "unsafe"

// who is identity by what the decoder remembers.
func (q *quick) who(p *projector, i int) int {
	m := &p.habits.who
	s, hit := m.slot(q, i)
	if hit {
		p.ev.Identity = s.value
		return i + len(s.raw)
	}
	high := q.high
	q.high, q.escs = 0, false
	end := q.identity(p, i)
	if s != nil && end >= 0 && q.b[i] == '{' && end-i <= memoMost && q.high&highs == 0 && !q.escs {
		p.habits.serial++
		p.ev.Identity.Serial = p.habits.serial
		s.raw = append(s.raw[:0], q.b[i:end]...)
		s.value = p.ev.Identity
		s.value.rebase(q.b[i:end], s.raw)
	}
	q.high |= high
	return end
}

// rebase moves all texts, which lie in one copy of the JSON, to another one.
func (id *Identity) rebase(from, to []byte) {
	base := uintptr(unsafe.Pointer(unsafe.SliceData(from)))
	for _, s := range id.texts() {
		if *s != "" {
			at := int(uintptr(unsafe.Pointer(unsafe.StringData(*s))) - base)
			*s = lend(to[at : at+len(*s)])
		}
	}
}

// texts are all fields that are text.
func (id *Identity) texts() [18]*string {
	return [...]*string{
		&id.Type, &id.PrincipalID, &id.ARN, &id.AccountID, &id.AccessKeyID, &id.UserName, &id.InvokedBy,
		&id.IdentityProvider, &id.OnBehalfOf, &id.CredentialID,
		&id.Issuer.Type, &id.Issuer.PrincipalID, &id.Issuer.ARN, &id.Issuer.AccountID, &id.Issuer.UserName,
		&id.MFA, &id.FederatedProvider, &id.SourceIdentity,
	}
}

// identity reads userIdentity.
func (q *quick) identity(p *projector, i int) int {
	id := &p.ev.Identity
	*id = Identity{}
	if q.at(i) == 'n' {
		return q.value(i)
	}
	i, done := q.object(i)
	for !done && i >= 0 {
		name, at := q.name(i)
		if at < 0 || q.esc {
			return -1
		}
		end := -1
		f, bit := id.field(lend(name))
		switch {
		case bit == 0:
			if alias(name) == "" {
				end = q.value(at)
			}
		case f != nil:
			if end = q.value(at); end >= 0 {
				*f = q.scalar(p, at, end)
			}
		case len(name) == len("sessionContext"):
			end = q.session(p, at)
		default:
			id.OnBehalfOf, end = q.pick(p, at, "userId")
		}
		if end < 0 {
			return -1
		}
		i, done = q.next(end, '}')
	}
	return i
}

// session reads userIdentity.sessionContext.
func (q *quick) session(p *projector, i int) int {
	id := &p.ev.Identity
	id.Issuer, id.MFA, id.FederatedProvider, id.SourceIdentity = Issuer{}, "", "", ""
	i, done := q.object(i)
	for !done && i >= 0 {
		name, at := q.name(i)
		if at < 0 || q.esc {
			return -1
		}
		end := -1
		switch string(name) {
		case "sessionIssuer":
			end = q.issuer(p, at)
		case "attributes":
			id.MFA, end = q.pick(p, at, "mfaAuthenticated")
		case "webIdFederationData":
			id.FederatedProvider, end = q.pick(p, at, "federatedProvider")
		case "sourceIdentity":
			if end = q.value(at); end >= 0 {
				id.SourceIdentity = q.scalar(p, at, end)
			}
		default:
			if alias(name) == "" {
				end = q.value(at)
			}
		}
		if end < 0 {
			return -1
		}
		i, done = q.next(end, '}')
	}
	return i
}

// issuer reads userIdentity.sessionContext.sessionIssuer.
func (q *quick) issuer(p *projector, i int) int {
	p.ev.Identity.Issuer = Issuer{}
	i, done := q.object(i)
	for !done && i >= 0 {
		name, at := q.name(i)
		if at < 0 || q.esc {
			return -1
		}
		f, _ := p.ev.Identity.Issuer.field(lend(name))
		if f == nil && alias(name) != "" {
			return -1
		}
		end := q.value(at)
		if end < 0 {
			return -1
		}
		if f != nil {
			*f = q.scalar(p, at, end)
		}
		i, done = q.next(end, '}')
	}
	return i
}

// pick reads one member of the object at i, and is the index behind the object.
func (q *quick) pick(p *projector, i int, want string) (text string, end int) {
	i, done := q.object(i)
	for !done && i >= 0 {
		name, at := q.name(i)
		if at < 0 || q.esc {
			return "", -1
		}
		end := q.value(at)
		switch {
		case end < 0:
			return "", -1
		case string(name) == want:
			text = q.scalar(p, at, end)
		case alias(name) == want:
			return "", -1
		}
		i, done = q.next(end, '}')
	}
	return text, i
}

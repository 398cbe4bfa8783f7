package trail

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

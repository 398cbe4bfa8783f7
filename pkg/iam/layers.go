package iam

import "strings"

// Layers are all the policies that bear on a request. A nil Set is a layer that
// is not there (Boundary, Session, Resource, Endpoints) or grants nothing
// (Identity). Leave SCPs and RCPs out for a management account.
type Layers struct {
	Identity  *Set
	Boundary  *Set // nil: none
	Session   *Set
	SCPs      []*Set // one per level
	RCPs      []*Set // one per level; the full-access RCP that AWS attaches is implied
	Resource  *Set
	Endpoints *Set // VPC endpoint policies
}

// Evaluate decides a request under all layers, as the policy evaluation logic of
// the IAM user guide has it. An explicit Deny in any layer wins. Service control
// and endpoint policies must allow, resource control policies may only deny. In
// one account the request is allowed by the resource policy naming the user or
// the session, or by identity or a resource policy naming the role within
// boundary and session policy; across accounts identity, boundary, session and
// resource policy must all allow. Where AWS's description does not settle a
// case, the answer is Unknown.
func Evaluate(l *Layers, q *Request) Decision {
	if lowerASCII(q.Action) == "sts:getcalleridentity" {
		return Allowed
	}
	var e evaluation
	e.init(l, q)
	e.guard(l, q)
	identity := e.identity(l.Identity, q)
	session := e.limit(l.Session, q)
	limits := e.limit(l.Boundary, q).and(session)
	grants := e.resourcePolicy(l.Resource, q).settle(session)
	core := e.core(identity, limits, grants, l.Resource != nil, q)
	return core.and(e.guards).and(e.denied.not()).decision()
}

// evaluation accumulates what the layers say of one request.
type evaluation struct {
	caller  caller
	denied  verdict
	guards  verdict
	limited bool // a permissions boundary is attached
}

func (e *evaluation) init(l *Layers, q *Request) {
	e.caller = callerOf(q)
	e.guards = always(yes)
	e.limited = l.Boundary != nil
}

// layer adds a set's denials and returns its grants.
func (e *evaluation) layer(s *Set, q *Request) verdict {
	if s == nil {
		return verdict{}
	}
	allow, deny := s.effects(q)
	e.denied = e.denied.or(deny)
	return allow
}

// identity is what the caller's own policies allow. By default a root user has
// full access to the account (IAM user guide, policy evaluation logic).
func (e *evaluation) identity(s *Set, q *Request) verdict {
	if e.caller.kind == rootCaller {
		e.layer(s, q)
		return always(yes)
	}
	return e.layer(s, q)
}

// limit is layer for a set whose absence limits nothing.
func (e *evaluation) limit(s *Set, q *Request) verdict {
	if s == nil {
		return always(yes)
	}
	return e.layer(s, q)
}

// guard evaluates organization and endpoint policies. Service-linked roles are
// outside those of the organization; service control policies bear on users and
// roles only.
func (e *evaluation) guard(l *Layers, q *Request) {
	inside := e.caller.serviceLinked.not()
	if e.caller.kind != outsideCaller {
		for _, s := range l.SCPs {
			e.organize(s, q, inside)
		}
	}
	for _, s := range l.RCPs {
		if s == nil {
			continue
		}
		_, deny := s.effects(q)
		e.denied = e.denied.or(deny.and(always(min(inside, underRCPs(q.Action)))))
	}
	if l.Endpoints != nil {
		e.guards = e.guards.and(e.resourcePolicy(l.Endpoints, q).any())
	}
}

// organize adds a level of service control policies. inside: they bear on the caller.
func (e *evaluation) organize(s *Set, q *Request, inside kleene) {
	if s == nil {
		return
	}
	allow, deny := s.effects(q)
	e.guards = e.guards.and(allow.or(always(inside.not())))
	e.denied = e.denied.or(deny.and(always(inside)))
}

// underRCPs says whether resource control policies bear on a service: they do on
// these five since they exist (AWS Organizations user guide); the list grows, so
// that any other service is unknown.
func underRCPs(action string) kleene {
	service, _, _ := strings.Cut(lowerASCII(action), ":")
	switch service {
	case "s3", "sts", "kms", "sqs", "secretsmanager":
		return yes
	}
	return maybe
}

// grants is what a resource policy allows, by how it names the caller.
type grants struct {
	account verdict // the account or its root: delegates
	role    verdict // the role, limited by boundary and session policy
	anyone  verdict // "*", to a role or a session: see settle
	direct  verdict // the user or the session itself: not limited by implicit denials
}

func (g grants) any() verdict { return g.account.or(g.role).or(g.anyone).or(g.direct) }

// settle turns grants to anyone into grants to the role or the session itself.
// That a boundary which does not allow the request leaves them alone follows from
// "no other permissions are required", and was measured (github.com/benkehoe/
// permissions-boundary-test). Whether a session policy does is not documented.
func (g grants) settle(session verdict) grants {
	g.role = g.role.or(g.anyone)
	g.direct = g.direct.or(g.anyone.and(session.or(always(maybe))))
	return g
}

func (e *evaluation) resourcePolicy(s *Set, q *Request) grants {
	var g grants
	if s == nil {
		return g
	}
	s.each(q, func(r *rule, v verdict) bool {
		n := e.caller.named(r.src, e.limited)
		switch {
		case r.effect == Deny:
			e.denied = e.denied.or(v.and(always(n.any())))
		default:
			g.account = g.account.or(v.and(always(n.account)))
			g.role = g.role.or(v.and(always(n.role)))
			g.anyone = g.anyone.or(v.and(always(n.anyone)))
			g.direct = g.direct.or(v.and(always(n.direct)))
		}
		return true
	})
	return g
}

// core combines identity side and resource side.
func (e *evaluation) core(identity, limits verdict, g grants, given bool, q *Request) verdict {
	switch {
	case e.caller.kind == outsideCaller:
		return g.any()
	case !e.caller.sameAccount(q):
		return identity.and(limits).and(g.any())
	case !needsResourcePolicy(q):
	case given:
		return g.direct.or(limits.and(g.role.or(identity.and(g.account))))
	default:
		return identity.and(limits).and(always(maybe)) // the policy exists, but is not known here
	}
	return g.direct.or(identity.or(g.role).and(limits))
}

// needsResourcePolicy reports the resources whose policy must take part even
// within the account: KMS keys and the trust policies of roles.
func needsResourcePolicy(q *Request) bool {
	action := lowerASCII(q.Action)
	a, err := ParseARN(q.Resource)
	if err != nil {
		return false
	}
	return strings.HasPrefix(action, "kms:") && strings.HasPrefix(a.Resource, "key/") ||
		strings.HasPrefix(action, "sts:") && strings.HasPrefix(a.Resource, "role/")
}

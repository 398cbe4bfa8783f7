package iam

// view looks at every statement of a layer.
func (x *explainer) view(r layerRef, limited bool) LayerView {
	v := LayerView{Kind: r.kind, Level: r.level, Given: r.set != nil}
	if r.set == nil {
		return v
	}
	action := lowerASCII(x.q.Action)
	var allow, deny verdict
	for i := range r.set.statements {
		rule := &r.set.statements[i]
		s, applies, near := x.statement(r.kind, rule, action, limited)
		if rule.effect == Deny {
			deny = deny.or(applies)
		} else {
			allow = allow.or(applies)
		}
		if near {
			v.Statements = append(v.Statements, s)
		} else {
			v.Others++
		}
	}
	v.Allow, v.Deny = allow.decision(), deny.decision()
	return v
}

// statement compares one statement with the request. near: its action matches, or it is
// an Allow that NotAction keeps out.
func (x *explainer) statement(k LayerKind, r *rule, action string, limited bool) (s StatementView, applies verdict, near bool) {
	s = StatementView{Doc: r.doc, Statement: r.pos, Sid: r.src.Sid, Effect: r.effect, Action: actionPart(r, action)}
	if s.Action.Holds != Allowed && (!r.notAction || r.effect == Deny) {
		return s, verdict{}, false
	}
	if s.Action.Holds == Allowed {
		applies = r.appliesTo(x.q, action)
	}
	s.Resource = x.resourcePart(r)
	if k == ResourceLayer || k == EndpointLayer {
		var named verdict
		s.Principal, named = x.principalPart(r, limited)
		applies = applies.and(named)
	}
	for i := range r.clauses {
		s.Clauses = append(s.Clauses, x.clause(&r.clauses[i]))
	}
	s.Applies = applies.decision()
	return s, applies, true
}

func actionPart(r *rule, action string) ElementView {
	p := ElementView{Element: "Action", All: pick(r.src.NotAction, r.src.Action)}
	for i, a := range r.actions {
		if globFold(a, action) {
			p.Pattern = p.All[i]
			break
		}
	}
	matches := p.Pattern != ""
	if r.notAction {
		p.Element, matches = "NotAction", !matches
	}
	if matches {
		p.Holds = Allowed
	}
	return p
}

func (x *explainer) resourcePart(r *rule) ElementView {
	if r.anyResource {
		return ElementView{Holds: Allowed}
	}
	p := ElementView{Element: "Resource", Holds: r.onResource(x.q).decision(), All: pick(r.src.NotResource, r.src.Resource)}
	if r.notResource {
		p.Element = "NotResource"
	}
	for _, pattern := range r.patterns {
		v := pattern.matchIn(x.q.Resource, &x.q.Context)
		if v.may == 0 {
			continue
		}
		p.Pattern = pattern.src
		if v.sure == everyReading {
			break
		}
		if p.Holds == Unknown {
			p.Note = doubt(v)
		}
	}
	return p
}

// doubt says why a resource pattern matches perhaps.
func doubt(v verdict) string {
	if v.sure == 0 && v.may == everyReading {
		return "a policy variable in it is not known"
	}
	return "whether its wildcards may match ':' is not settled by the documentation of AWS"
}

func (x *explainer) principalPart(r *rule, limited bool) (ElementView, verdict) {
	n := x.caller.named(r.src, limited)
	p := ElementView{Element: "Principal", Holds: always(n.any()).decision()}
	if r.src.NotPrincipal != nil {
		p.Element = "NotPrincipal"
	}
	switch {
	case r.effect == Deny || p.Holds == Denied:
	case n.direct == no && n.role == no && n.account == yes:
		p.Note = "it names the account, which leaves the decision to identity policies"
	case p.Holds == Unknown || n.direct == maybe:
		p.Note = "whether it names this caller as such is not settled by the documentation of AWS"
	}
	return p, always(n.any())
}

func (x *explainer) clause(k *clause) ClauseView {
	v := ClauseView{Operator: k.name, Key: k.key, Holds: always(k.holds(&x.q.Context)).decision()}
	for i := range k.values {
		v.Values = append(v.Values, k.values[i].src)
	}
	values, there := x.q.Context.lookup(k.key)
	v.Given, v.Known = values, there != maybe
	return v
}

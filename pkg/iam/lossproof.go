package iam

import (
	"slices"
	"strings"
)

// claim says that new keeps some scopes of a statement on a group of actions; with
// a Deny statement of new, that this one takes nothing from them.
type claim struct {
	s      *rule
	tree   *cellTree
	group  *cellGroup
	scopes []scope
	deny   *rule
}

// prove decides a claim: Holds when it is proved, Fails with a verified request.
func (x *subtraction) prove(c claim) (Verdict, *Request) {
	if !x.principals {
		if r := x.guess(c); r != nil {
			return Fails, r
		}
	}
	if x.calls == 0 || !x.w.spend(16) {
		return Undecided, nil
	}
	x.calls--
	entries := c.tree.entries(x, c.group.cells)
	r := Includes(x.outer(c), x.inner(c, entries), InclusionOptions{Budget: x.slice})
	switch {
	case r.Verdict == Holds:
		return Holds, nil
	case r.Witness == nil || !isAmong(entries, r.Witness.Action) || !x.principals && !x.lost(r.Witness, c.s, c.deny):
		return Undecided, nil
	}
	return Fails, r.Witness
}

// isAmong reports whether an action is in one of the entries.
func isAmong(entries []entry, action string) bool {
	return slices.ContainsFunc(entries, func(e entry) bool {
		return globFold(e.action, action) && !anyGlob(e.except, action)
	})
}

// lost reports that old allows a request by s, and that the Deny statement of new
// denies it, or with nil: that no Allow statement of new allows it.
func (x *subtraction) lost(r *Request, s, deny *rule) bool {
	if x.old.set.Decide(r) != Allowed || !s.surely(r) {
		return false
	}
	if deny == nil {
		return !slices.ContainsFunc(x.new.set.Matches(nil, r), func(m Match) bool { return m.Effect == Allow })
	}
	return deny.surely(r)
}

// surely reports that the statement applies to a request under every reading.
func (r *rule) surely(q *Request) bool {
	action := lowerASCII(q.Action)
	return (r.notAction || anyGlob(r.actions, action)) && r.appliesTo(q, action).sure == everyReading
}

// pair is documents of both kinds: those in which "${" begins a variable, and
// those in which it is text.
type pair struct{ variables, literal []Statement }

func (p *pair) add(literal bool, s Statement) {
	if literal {
		p.literal = append(p.literal, s)
	} else {
		p.variables = append(p.variables, s)
	}
}

func (p *pair) documents() []*Document {
	return []*Document{{Version: CurrentVersion, Statements: p.variables}, {Statements: p.literal}}
}

// outer is new as far as it bears on the claim.
func (x *subtraction) outer(c claim) []*Document {
	var p pair
	if c.deny != nil {
		p.add(false, Statement{Effect: Allow, Action: Strings{"*"}, Resource: Strings{"*"}})
		p.add(c.deny.literal, c.deny.src.Clone())
		return p.documents()
	}
	for _, n := range c.group.new {
		if r := &x.new.set.statements[n.id]; r.effect == Allow {
			p.add(r.literal, r.src.Clone())
		}
	}
	return p.documents()
}

// inner is the part of old in question.
func (x *subtraction) inner(c claim, entries []entry) []*Document {
	var p pair
	s := c.s.src.Clone()
	s.NotAction, s.Action = nil, nil
	var except Strings
	for _, e := range entries {
		s.Action = append(s.Action, e.action)
		except = append(except, e.except...)
	}
	if len(except) > 0 && len(x.apart(entries)) == 1 {
		p.add(false, Statement{Effect: Deny, Action: except, Resource: Strings{"*"}})
	}
	if !c.scopes[0].not && !c.scopes[0].any {
		s.Resource = nil
		for _, sc := range c.scopes {
			s.Resource = append(s.Resource, sc.patterns[0].src)
		}
	}
	p.add(c.s.literal, s)
	for _, o := range c.group.old {
		d := &x.old.set.statements[o.id]
		p.add(d.literal, d.src.Clone())
	}
	return p.documents()
}

// guess looks for a lost request where one mostly is: any action of the group on
// any resource under the statement's own conditions.
func (x *subtraction) guess(c claim) *Request {
	conditions := []Conditions{c.s.src.Condition}
	if c.deny != nil {
		conditions = append(conditions, c.deny.src.Condition)
	}
	values, ok := sampleContext(conditions)
	if !ok {
		return nil
	}
	for _, action := range x.sampleActions(c) {
		for _, resource := range c.sampleResources(action) {
			if !x.w.spend(16) {
				return nil
			}
			r := &Request{Action: action, Resource: resource, Context: Context{Values: values}}
			if x.lost(r, c.s, c.deny) {
				return r
			}
		}
	}
	return nil
}

// sampleActions lists some actions that are in the group and in no other cell.
func (x *subtraction) sampleActions(c claim) (out []string) {
	const most = 3
	for _, i := range c.group.cells {
		at := &c.tree.cells[i]
		if len(out) >= most {
			break
		}
		if !hasWildcard(at.pattern) {
			out = append(out, at.text)
			continue
		}
		for _, star := range []string{"X", "", "Y"} {
			a := fillAction(at.text, star)
			if strings.Contains(a, ":") && !c.tree.elsewhere(x, i, a) {
				out = append(out, a)
				break
			}
		}
	}
	return out
}

// elsewhere reports that another cell within the i-th one has an action.
func (t *cellTree) elsewhere(x *subtraction, i int, action string) bool {
	for j := 1; j < len(t.cells); j++ {
		if j != i && (!x.w.spend(1) || globFold(t.cells[j].pattern, action)) {
			return i == 0 || x.includes(t.cells[i].pattern, t.cells[j].pattern)
		}
	}
	return false
}

// sampleResources fills the wildcards of the scopes' patterns.
func (c claim) sampleResources(action string) (out []string) {
	service, _, _ := strings.Cut(action, ":")
	plain := "arn:aws:" + lowerASCII(service) + ":us-east-1:111122223333:x"
	add := func(pattern string) {
		for _, star := range []string{"x", "", "other"} {
			if r := strings.NewReplacer("*", star, "?", "x").Replace(pattern); !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	const most = 6
	if c.deny != nil {
		for _, p := range c.deny.patterns {
			if len(out) < most && !p.any && len(p.vars) == 0 && !c.deny.notResource {
				add(p.src)
			}
		}
	}
	for _, sc := range c.scopes {
		switch {
		case len(out) >= 2*most:
			return out
		case sc.not || sc.any || sc.patterns[0].any:
			out = append(out, plain)
		case len(sc.patterns[0].vars) == 0:
			add(sc.patterns[0].src)
		}
	}
	return out
}

// sampleContext gives each key that the conditions need one value that may
// satisfy them; the others stay absent. What it finds is to be verified.
func sampleContext(list []Conditions) (map[string][]string, bool) {
	out := map[string][]string{}
	for _, conditions := range list {
		for _, b := range conditions {
			op := parseOperator(b.Operator)
			for _, c := range b.Clauses {
				v, needed := sampleValue(op, c.Values)
				if !needed {
					continue
				}
				if strings.Contains(v, "${") {
					return nil, false
				}
				if key := lowerASCII(c.Key); out[key] == nil {
					out[key] = []string{v}
				}
			}
		}
	}
	return out, true
}

// sampleValue is a value that a clause may accept, if it needs one.
func sampleValue(op operator, values []string) (v string, needed bool) {
	if len(values) == 0 || op.negated || op.ifExists || op.qualifier == forAll {
		return "", false
	}
	v = values[0]
	switch op.operand {
	case nullOperand:
		return "x", strings.EqualFold(v, "false")
	case likeOperand, arnOperand:
		v = strings.NewReplacer("*", "x", "?", "x").Replace(v)
	case ipOperand:
		v, _, _ = strings.Cut(v, "/")
	}
	return v, true
}

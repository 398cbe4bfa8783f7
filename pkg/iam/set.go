package iam

import (
	"errors"
	"fmt"
)

// Set is a list of documents compiled for evaluation. Safe for concurrent use.
type Set struct {
	statements []rule
	index      actionIndex
}

// rule is one compiled statement.
type rule struct {
	doc, pos    int
	src         *Statement // a copy that nobody changes
	effect      Effect
	actions     []string // lower case; of NotAction when notAction
	notAction   bool
	patterns    []*pattern // all resources
	resources   []*pattern // those that exact does not hold
	exact       map[string]bool
	notResource bool
	anyResource bool // neither Resource nor NotResource, as in trust policies
	clauses     []clause
	literal     bool // of the document
}

// Match names one statement that can apply to a request.
type Match struct {
	Doc, Statement int
	Effect         Effect
	Verdict        Decision // Allowed: applies; Unknown: applies for some context or reading of colons
}

// Compile prepares documents for many evaluations. It fails on a statement that
// IAM itself refuses (no or two action elements, an Effect that is neither Allow
// nor Deny, a member that is written twice) and on members that differ from known
// ones in case alone, since what they do is not documented. The documents may
// change afterwards.
func Compile(docs ...*Document) (*Set, error) {
	s := &Set{}
	for i, d := range docs {
		if d == nil {
			return nil, fmt.Errorf("document %d is nil", i)
		}
		if m := caseVariant(d.src, documentMembers()); m != "" {
			return nil, fmt.Errorf("document %d: member %q is written in an unknown case", i, clip(m))
		}
		if d.doubled != "" {
			return nil, fmt.Errorf("document %d: %s is written twice", i, d.doubled)
		}
		for j := range d.Statements {
			r, err := compileRule(&d.Statements[j], d.Literal())
			if err != nil {
				return nil, fmt.Errorf("document %d, statement %d: %w", i, j, err)
			}
			r.doc, r.pos = i, j
			s.index.add(int32(len(s.statements)), r.actions, r.notAction)
			s.statements = append(s.statements, r)
		}
	}
	return s, nil
}

func checkStatement(s *Statement) error {
	switch {
	case s.Effect != Allow && s.Effect != Deny:
		return fmt.Errorf("effect %q is neither Allow nor Deny", clip(string(s.Effect)))
	case s.Action == nil && s.NotAction == nil:
		return errors.New("neither Action nor NotAction is given")
	case s.Action != nil && s.NotAction != nil:
		return errors.New("both Action and NotAction are given")
	case s.Resource != nil && s.NotResource != nil:
		return errors.New("both Resource and NotResource are given")
	case s.Principal != nil && s.NotPrincipal != nil:
		return errors.New("both Principal and NotPrincipal are given")
	}
	if m := caseVariant(s.src, statementMembers()); m != "" {
		return fmt.Errorf("member %q is written in an unknown case", clip(m))
	}
	return nil
}

func compileRule(s *Statement, literal bool) (rule, error) {
	if err := checkStatement(s); err != nil {
		return rule{}, err
	}
	c := s.Clone()
	r := rule{src: &c, effect: s.Effect, literal: literal,
		notAction: s.NotAction != nil, notResource: s.NotResource != nil,
		anyResource: s.Resource == nil && s.NotResource == nil}
	for _, a := range pick(s.NotAction, s.Action) {
		r.actions = append(r.actions, lowerASCII(a))
	}
	r.compileResources(pick(s.NotResource, s.Resource))
	r.clauses = compileConditions(s.Condition, literal)
	return r, nil
}

// pick returns the element that is there.
func pick(a, b Strings) Strings {
	if a != nil {
		return a
	}
	return b
}

// compileResources puts plain ARNs into a map once there are many of them.
func (r *rule) compileResources(list Strings) {
	const few = 8
	for _, s := range list {
		p := newPattern(s, r.literal)
		r.patterns = append(r.patterns, p)
		if len(list) <= few || !p.exact || p.split || p.any {
			r.resources = append(r.resources, p)
			continue
		}
		if r.exact == nil {
			r.exact = make(map[string]bool, len(list))
		}
		r.exact[p.prefix] = true
	}
}

// appliesTo says whether the rule, whose positive actions are known to match,
// applies to the request. action is in lower case.
func (r *rule) appliesTo(q *Request, action string) verdict {
	if r.notAction && anyGlob(r.actions, action) {
		return verdict{}
	}
	v := r.onResource(q)
	if v.may == 0 || len(r.clauses) == 0 {
		return v
	}
	return v.and(always(holdAll(r.clauses, &q.Context)))
}

func (r *rule) onResource(q *Request) verdict {
	if r.anyResource {
		return always(yes)
	}
	var v verdict
	if r.exact[q.Resource] {
		v = always(yes)
	}
	for _, p := range r.resources {
		if v.sure == everyReading {
			break
		}
		v = v.or(p.matchIn(q.Resource, &q.Context))
	}
	if r.notResource {
		return v.not()
	}
	return v
}

// each calls f for every rule that is not certain not to apply, in order, until
// f returns false.
func (s *Set) each(q *Request, f func(*rule, verdict) bool) {
	var room [32]int32
	action := lowerASCII(q.Action)
	for _, id := range s.index.find(room[:0], action) {
		r := &s.statements[id]
		if v := r.appliesTo(q, action); v.may != 0 && !f(r, v) {
			return
		}
	}
}

// Matches appends to dst every statement of the set whose action and resource
// match the request under any colon reading and whose conditions are not false.
// Principal elements are not looked at.
func (s *Set) Matches(dst []Match, q *Request) []Match {
	s.each(q, func(r *rule, v verdict) bool {
		dst = append(dst, Match{r.doc, r.pos, r.effect, v.decision()})
		return true
	})
	return dst
}

// Decide evaluates the set alone, as an identity policy set of one account:
// explicit deny wins, else any allow, else denied. Principal elements are not
// looked at. Unknown also stands for colon readings that disagree.
func (s *Set) Decide(q *Request) Decision {
	allow, deny := s.effects(q)
	return allow.and(deny.not()).decision()
}

// effects is what the set's Allow and Deny statements say of a request.
func (s *Set) effects(q *Request) (allow, deny verdict) {
	s.each(q, func(r *rule, v verdict) bool {
		if r.effect == Deny {
			deny = deny.or(v)
		} else {
			allow = allow.or(v)
		}
		return deny.sure != everyReading
	})
	return allow, deny
}

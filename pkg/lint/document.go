package lint

import (
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// document is a policy while it is checked.
type document struct {
	lint       *Linter
	kind       Type
	root       *value
	version    string
	size       int            // characters that count against quotas
	of         iam.PolicyKind // what an identity policy is used as, "" where that is not told
	statements []statement
	findings   []draft
	reported   map[place]bool
	split      map[*value][]string // resources at their colons, as asked for
	work       int                 // what the comparing checks may still cost
}

// workBudget bounds the comparisons of one document: far above what a document
// within its quota needs.
const workBudget = 10_000_000

// statement is one statement, read as far as it can be.
type statement struct {
	*value
	index      int
	effect     string
	action     element
	resource   element
	principals []principal
	principal  *value // Principal or NotPrincipal
	notPrin    bool
	conditions []condition
}

// element is Action or NotAction, Resource or NotResource.
type element struct {
	not   bool
	whole *value // nil when absent
	items []*value
}

// given reports whether the element is there, in its positive form.
func (e *element) given() bool { return e.whole != nil && !e.not }

// principal is one value of a Principal element. The key is "*" for the string "*".
type principal struct {
	key string
	at  span // of the key
	*value
}

// condition is one clause: operator, key, values.
type condition struct {
	name   string // of the operator, as written
	op     operator
	opAt   span
	key    string
	keyAt  span
	holder *value // what the key holds
	values []*value
}

func newDocument(l *Linter, root *value, kind Type) *document {
	d := &document{lint: l, kind: kind, root: root, work: workBudget, reported: map[place]bool{}, split: map[*value][]string{}}
	if v := root.get("Version"); v != nil {
		d.version = v.text
	}
	for i, v := range root.get("Statement").list() {
		if v.kind == object && !v.intrinsic() {
			d.statements = append(d.statements, newStatement(v, i))
		}
	}
	return d
}

func newStatement(v *value, index int) statement {
	s := statement{value: v, index: index}
	if e := v.get("Effect"); e != nil && e.kind == text {
		s.effect = e.text
	}
	s.action, s.resource = elementOf(v, "Action"), elementOf(v, "Resource")
	s.principal = v.get("Principal")
	if s.principal == nil {
		s.principal = v.get("NotPrincipal")
		s.notPrin = s.principal != nil
	}
	s.principals = principalsOf(s.principal)
	s.conditions = conditionsOf(v.get("Condition"))
	return s
}

func elementOf(v *value, name string) element {
	e := element{whole: v.get(name)}
	if e.whole == nil {
		e.whole = v.get("Not" + name)
		e.not = e.whole != nil
	}
	e.items = texts(e.whole)
	return e
}

// texts are the strings of a list, or of a single one.
func texts(v *value) []*value {
	var out []*value
	for _, item := range v.list() {
		if item.kind == text {
			out = append(out, item)
		}
	}
	return out
}

func principalsOf(v *value) []principal {
	switch {
	case v == nil:
		return nil
	case v.kind == text:
		return []principal{{"*", v.span, v}}
	}
	var out []principal
	for _, m := range v.members {
		for _, item := range texts(m.value) {
			out = append(out, principal{m.name, m.span, item})
		}
	}
	return out
}

func conditionsOf(v *value) []condition {
	if v == nil {
		return nil
	}
	var out []condition
	for _, block := range v.members {
		op := parseOperator(block.name)
		for _, m := range block.value.members {
			out = append(out, condition{block.name, op, block.span, m.name, m.span, m.value, m.value.list()})
		}
	}
	return out
}

func (s *statement) allows() bool { return s.effect == string(iam.Allow) }
func (s *statement) denies() bool { return s.effect == string(iam.Deny) }

// takes reports whether an action is among those of the statement.
func (s *statement) takes(action string) bool {
	if s.action.whole == nil {
		return false
	}
	for _, a := range s.action.items {
		if iam.MatchAction(a.text, action) {
			return !s.action.not
		}
	}
	return s.action.not
}

// naming returns the element by which an action is taken, its whole for NotAction.
func (s *statement) naming(action string) span {
	for _, a := range s.action.items {
		if !s.action.not && iam.MatchAction(a.text, action) {
			return a.span
		}
	}
	return s.action.whole.span
}

// anyResource returns a pattern of the statement that all resources match, with
// NotResource the element itself; false where there is none. Account and region of
// "arn:aws:iam::*:role/*" leave nothing out that matters, so prefix names what may
// stand before the last "*".
func (s *statement) anyResource(prefixes ...string) (span, bool) {
	if s.resource.whole == nil {
		return span{}, false
	}
	if s.resource.not {
		return s.resource.whole.span, true
	}
	for _, r := range s.resource.items {
		if strings.Trim(r.text, "*") == "" && r.text != "" {
			return r.span, true
		}
		for _, p := range prefixes {
			if iam.MatchResource(r.text, p) {
				return r.span, true
			}
		}
	}
	return span{}, false
}

// condition reports whether a clause on one of the keys is there.
func (s *statement) condition(keys ...string) bool {
	for i := range s.conditions {
		for _, k := range keys {
			if strings.EqualFold(s.conditions[i].key, k) || strings.HasSuffix(k, "/") && hasPrefixFold(s.conditions[i].key, k) {
				return true
			}
		}
	}
	return false
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// spend takes from the budget of comparisons; false when it is used up, and
// whoever asked leaves the check out.
func (d *document) spend(cost int) bool {
	d.work -= cost
	return d.work >= 0
}

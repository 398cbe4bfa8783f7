package iam

import "slices"

// LayerKind names a layer of policies.
type LayerKind string

// The layers of Layers.
const (
	IdentityLayer LayerKind = "identity"
	BoundaryLayer LayerKind = "boundary"
	SessionLayer  LayerKind = "session"
	SCPLayer      LayerKind = "scp"
	RCPLayer      LayerKind = "rcp"
	ResourceLayer LayerKind = "resource"
	EndpointLayer LayerKind = "endpoint"
)

// Explanation says why Evaluate decides a request as it does.
type Explanation struct {
	Decision Decision
	// Unconditional: the action is one that no policy can deny.
	Unconditional bool
	Layers        []LayerView
	// Denies are the Deny statements that decide alone, whatever the rest says; of very
	// many that apply, the first 100 are tried.
	Denies []StatementRef
	// Missing are layers (indexes into Layers) such that the request would be allowed
	// if all of them allowed it too, and none of which can be left out. Empty when the
	// request is allowed, or when something else stands in the way.
	Missing []int
}

// StatementRef names a statement: Layers[Layer].Statements[Statement].
type StatementRef struct{ Layer, Statement int }

// LayerView is what one layer says of the request.
type LayerView struct {
	Kind  LayerKind
	Level int  // of SCPs and RCPs, from 0; else 0
	Given bool // false: there is no such policy
	// Allow and Deny tell whether statements of that effect apply: Allowed for
	// certain, Denied for certain not, Unknown else.
	Allow, Deny Decision
	// Statements are those whose action matches, and Allows that NotAction keeps out,
	// in order; Others counts the rest.
	Statements []StatementView
	Others     int
}

// StatementView is how one statement bears on the request.
type StatementView struct {
	Doc, Statement int // as in Match
	Sid            string
	Effect         Effect
	Applies        Decision // Allowed: it applies
	Action         ElementView
	Resource       ElementView
	Principal      ElementView // of resource and endpoint policies; Element is "" elsewhere
	Clauses        []ClauseView
}

// ElementView is one element of a statement against the request.
type ElementView struct {
	Element string   // as in the policy: "Action", "NotResource" …; "" when absent
	Holds   Decision // Allowed: it lets the statement apply
	Pattern string   // the first pattern that matches, "" for none
	All     []string // every pattern of the element
	Note    string   // why Unknown, or what naming a principal means; "" for nothing to say
}

// ClauseView is one condition key against the request.
type ClauseView struct {
	Operator, Key string   // as in the policy, Key in lower case
	Values        []string // of the policy
	Given         []string // of the request; nil when absent or unknown
	Known         bool     // false: the context does not tell the key
	Holds         Decision
}

// Explain evaluates a request as Evaluate does, and says which statements and which
// clauses of them decide. Its cost is some evaluations for each layer.
func Explain(l *Layers, q *Request) Explanation {
	x := explainer{q: q, refs: refsOf(l)}
	out := Explanation{Decision: Evaluate(l, q)}
	x.caller = callerOf(q)
	tried := 0
	for i, r := range x.refs {
		v := x.view(r, l.Boundary != nil)
		out.Layers = append(out.Layers, v)
		for j := range v.Statements {
			s := &v.Statements[j]
			if s.Effect != Deny || s.Applies != Allowed || tried == maxDenies {
				continue
			}
			if tried++; x.denies(i, s) {
				out.Denies = append(out.Denies, StatementRef{i, j})
			}
		}
	}
	shut := compileMust(Statement{Effect: Deny, Action: Strings{"*"}, Resource: Strings{"*"}})
	out.Unconditional = Evaluate(&Layers{Identity: shut}, q) == Allowed
	if out.Decision != Allowed && len(out.Denies) == 0 {
		out.Missing = x.missing(out.Layers)
	}
	return out
}

// maxDenies bounds the evaluations for Denies.
const maxDenies = 100

// layerRef is one place of Layers.
type layerRef struct {
	kind  LayerKind
	level int
	set   *Set
}

func refsOf(l *Layers) []layerRef {
	refs := []layerRef{{IdentityLayer, 0, l.Identity}}
	add := func(k LayerKind, level int, s *Set) {
		if s != nil {
			refs = append(refs, layerRef{k, level, s})
		}
	}
	add(BoundaryLayer, 0, l.Boundary)
	add(SessionLayer, 0, l.Session)
	for i, s := range l.SCPs {
		add(SCPLayer, i, s)
	}
	for i, s := range l.RCPs {
		add(RCPLayer, i, s)
	}
	add(EndpointLayer, 0, l.Endpoints)
	return append(refs, layerRef{ResourceLayer, 0, l.Resource})
}

// layersOf is the inverse of refsOf.
func layersOf(refs []layerRef) *Layers {
	l := &Layers{}
	for _, r := range refs {
		switch r.kind {
		case IdentityLayer:
			l.Identity = r.set
		case BoundaryLayer:
			l.Boundary = r.set
		case SessionLayer:
			l.Session = r.set
		case SCPLayer:
			l.SCPs = append(l.SCPs, r.set)
		case RCPLayer:
			l.RCPs = append(l.RCPs, r.set)
		case ResourceLayer:
			l.Resource = r.set
		case EndpointLayer:
			l.Endpoints = r.set
		}
	}
	return l
}

// explainer asks Evaluate what would be otherwise, so that the logic of layers stands
// in one place.
type explainer struct {
	q      *Request
	caller caller
	refs   []layerRef
}

// open is a layer that allows everything to the caller, beside the given rules.
func (x *explainer) open(k LayerKind, rules ...rule) *Set {
	s := Statement{Effect: Allow, Action: Strings{"*"}, Resource: Strings{"*"}}
	if k == ResourceLayer || k == EndpointLayer {
		s.Principal = &Principals{ByKind: map[string][]string{"AWS": {"*"}}}
		if x.caller.arn != "" {
			s.Principal.ByKind["AWS"] = append(s.Principal.ByKind["AWS"], x.caller.arn)
		}
	}
	set := compileMust(s)
	for _, r := range rules {
		set.index.add(int32(len(set.statements)), r.actions, r.notAction)
		set.statements = append(set.statements, r)
	}
	return set
}

// compileMust compiles a statement that is known to be well formed.
func compileMust(s Statement) *Set {
	set, err := Compile(&Document{Version: CurrentVersion, Statements: []Statement{s}})
	if err != nil {
		return &Set{} // unreachable; grants nothing
	}
	return set
}

// denies reports whether a Deny statement of layer i decides when everything else
// allows.
func (x *explainer) denies(i int, s *StatementView) bool {
	refs := slices.Clone(x.refs)
	for j := range refs {
		if j == i {
			refs[j].set = x.open(refs[j].kind, *x.refs[i].set.rule(s.Doc, s.Statement))
		} else if refs[j].set != nil || refs[j].kind != ResourceLayer {
			refs[j].set = x.open(refs[j].kind)
		}
	}
	if x.refs[len(x.refs)-1].set == nil && !x.caller.sameAccount(x.q) {
		refs[len(refs)-1].set = x.open(ResourceLayer)
	}
	return Evaluate(layersOf(refs), x.q) == Denied
}

// rule finds a statement by its place.
func (s *Set) rule(doc, pos int) *rule {
	for i := range s.statements {
		if r := &s.statements[i]; r.doc == doc && r.pos == pos {
			return r
		}
	}
	return nil
}

// missing finds a set of layers without whose refusal the request is allowed, and
// drops from it what is not needed. The resource policy is asked for last.
func (x *explainer) missing(views []LayerView) []int {
	var open []int
	for i, v := range views {
		if v.Allow != Allowed && v.Kind != ResourceLayer && v.Kind != RCPLayer {
			open = append(open, i)
		}
	}
	last := len(views) - 1 // the resource policy
	if !x.allowedWith(open) {
		if open = append(open, last); !x.allowedWith(open) {
			return nil
		}
	}
	for i := 0; i < len(open); {
		fewer := slices.Delete(slices.Clone(open), i, i+1)
		if x.allowedWith(fewer) {
			open = fewer
		} else {
			i++
		}
	}
	return open
}

// allowedWith evaluates the request with the given layers allowing everything that
// their own Deny statements do not deny.
func (x *explainer) allowedWith(open []int) bool {
	refs := slices.Clone(x.refs)
	for _, i := range open {
		var own []rule
		if refs[i].set != nil {
			own = refs[i].set.statements
		}
		refs[i].set = x.open(refs[i].kind, own...)
	}
	return Evaluate(layersOf(refs), x.q) == Allowed
}

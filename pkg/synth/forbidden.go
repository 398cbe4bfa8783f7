package synth

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// Forbidden lists granted actions that another policy forbids on every resource that
// they are granted on, whatever the context: they have no effect today. They are only
// told of, since a boundary or a control policy can be changed without the grant.
type Forbidden struct {
	By      string   // the policy, or the place of the organization
	Why     string   // how, in a few words
	Actions []string // sorted
}

// forbidden finds what the boundary and the organization forbid of a principal's
// grants.
func (p *proposer) forbidden(s *subject, docs []*iam.Document) []Forbidden {
	var grants []*iam.Statement
	for _, d := range docs {
		for i := range d.Statements {
			if d.Statements[i].Effect == iam.Allow {
				grants = append(grants, &d.Statements[i])
			}
		}
	}
	f := forbidder{facts: p.facts, grants: grants, masks: p.masks}
	if pol := p.in.Snapshot.Policies[s.p.Boundary]; s.p.Boundary != "" && pol != nil {
		f.limit([]*iam.Document{pol.Document}, "the permissions boundary "+s.p.Boundary, "does not allow it")
		f.deny(pol.Document, "the permissions boundary "+s.p.Boundary, nil)
	}
	if s.p.ServiceLinked() {
		return f.out // under no policy of an organization
	}
	for _, l := range p.in.Snapshot.Organization.Levels(s.p.Account, account.ServiceControl) {
		var all []*iam.Document
		for _, c := range l.Controls {
			all = append(all, c.Document)
			f.deny(c.Document, fmt.Sprintf("the service control policy %s (%s), attached to %s", c.Name, c.ID, l.Target), nil)
		}
		if l.Complete {
			f.limit(all, "the service control policies attached to "+l.Target, "none of them allows it")
		}
	}
	for _, l := range p.in.Snapshot.Organization.Levels(s.p.Account, account.ResourceControl) {
		for _, c := range l.Controls { // these bear on the account's own resources only
			f.deny(c.Document, fmt.Sprintf("the resource control policy %s (%s), attached to %s", c.Name, c.ID, l.Target), ownResources(s.p.Account))
		}
	}
	return f.out
}

// ownResources reports whether a statement is about resources of an account alone, of
// services that resource control policies bear on.
func ownResources(id string) func(*iam.Statement) bool {
	return func(s *iam.Statement) bool {
		for _, r := range s.Resource {
			a, err := iam.ParseARN(r)
			if err != nil || a.Account != id || !slices.Contains([]string{"sqs", "kms", "secretsmanager"}, a.Service) {
				return false
			}
		}
		return len(s.Resource) > 0
	}
}

// maskTable gives the known actions that statements take. Long lists are remembered by
// their action element: AdministratorAccess of ten thousand principals is expanded once.
type maskTable struct {
	facts *factTable
	known map[string][]int
}

func newMaskTable(f *factTable) *maskTable {
	return &maskTable{facts: f, known: map[string][]int{}}
}

// of lists the indexes of the known actions that a statement takes, sorted. Not safe
// for concurrent use.
func (t *maskTable) of(s *iam.Statement) []int {
	key := "+" + strings.Join(s.Action, "\n")
	if s.NotAction != nil {
		key = "-" + strings.Join(s.NotAction, "\n")
	}
	if list, ok := t.known[key]; ok {
		return list
	}
	const long = 1000
	list, _ := t.facts.granted(s)
	if len(list) > long {
		t.known[key] = list
	}
	return list
}

func has(list []int, i int) bool {
	_, ok := slices.BinarySearch(list, i)
	return ok
}

// forbidder works on the grants of one principal.
type forbidder struct {
	facts  *factTable
	masks  *maskTable
	grants []*iam.Statement
	out    []Forbidden
}

// limit adds the granted actions that no Allow of the documents can let pass on any
// resource that they are granted on. Conditions are taken as met.
func (f *forbidder) limit(docs []*iam.Document, by, why string) {
	var allows []*iam.Statement
	for _, d := range docs {
		if d == nil || !readable(d) {
			return // what it allows is not known
		}
		for i := range d.Statements {
			if b := &d.Statements[i]; b.Effect == iam.Allow {
				allows = append(allows, b)
			}
		}
	}
	f.add(by, why, func(g *iam.Statement) func(int) bool {
		var pass [][]int
		for _, b := range allows {
			if !disjoint(g, b) {
				pass = append(pass, f.masks.of(b))
			}
		}
		return func(i int) bool {
			return !slices.ContainsFunc(pass, func(m []int) bool { return has(m, i) })
		}
	})
}

// deny adds the granted actions that a Deny without conditions takes on all resources
// that they are granted on. only, where it is given, says which grants it bears on.
func (f *forbidder) deny(d *iam.Document, by string, only func(*iam.Statement) bool) {
	if d == nil || !readable(d) {
		return
	}
	var denies []*iam.Statement
	for i := range d.Statements {
		if n := &d.Statements[i]; n.Effect == iam.Deny && len(n.Condition) == 0 && forAnyone(n) {
			denies = append(denies, n)
		}
	}
	if len(denies) == 0 {
		return
	}
	f.add(by, "denies it", func(g *iam.Statement) func(int) bool {
		var stop [][]int
		for _, n := range denies {
			if (only == nil || only(g)) && coversResources(n, g) {
				stop = append(stop, f.masks.of(n))
			}
		}
		return func(i int) bool {
			return slices.ContainsFunc(stop, func(m []int) bool { return has(m, i) })
		}
	})
}

// forAnyone reports whether a statement names no principals, or all.
func forAnyone(s *iam.Statement) bool {
	return s.NotPrincipal == nil && (s.Principal == nil || s.Principal.Any || slices.Contains(s.Principal.ByKind["AWS"], "*"))
}

// readable reports whether a document can be reasoned about.
func readable(d *iam.Document) bool {
	_, err := iam.Compile(d)
	return err == nil
}

// add lists the actions that are forbidden in every statement which grants them. in
// tells of a statement which of its actions are.
func (f *forbidder) add(by, why string, in func(*iam.Statement) func(int) bool) {
	spared := map[int]bool{} // of the granted actions: by one statement or more
	for _, g := range f.grants {
		is := in(g)
		for _, i := range f.masks.of(g) {
			spared[i] = spared[i] || !is(i)
		}
	}
	var names []string
	for i, ok := range spared {
		if !ok && !needsNoPermission(f.facts.names[i]) {
			names = append(names, f.facts.names[i])
		}
	}
	if len(names) == 0 {
		return
	}
	sort.Strings(names)
	f.out = append(f.out, Forbidden{by, why, names})
}

// disjoint reports whether two statements have no resource in common for certain.
func disjoint(a, b *iam.Statement) bool {
	if a.Resource == nil || b.Resource == nil {
		return false
	}
	for _, r := range a.Resource {
		for _, q := range b.Resource {
			if strings.Contains(r, "${") || strings.Contains(q, "${") || r == "*" || q == "*" || intersect(r, q) {
				return false
			}
		}
	}
	return true
}

// coversResources reports whether a Deny takes every resource of a grant for certain.
func coversResources(n, g *iam.Statement) bool {
	if slices.Contains(n.Resource, "*") {
		return true
	}
	if n.NotResource != nil || g.Resource == nil {
		return false
	}
	for _, r := range g.Resource {
		if strings.Contains(r, "${") || !slices.ContainsFunc(n.Resource, func(p string) bool {
			return !strings.Contains(p, "${") && !strings.Contains(p, "?") && iam.MatchResource(p, r)
		}) {
			return false
		}
	}
	return true
}

package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/synth"
)

// emptyNote says why nothing of a principal's ledger fits what was asked for: an
// action, and maybe a resource.
func emptyNote(c *actions.Catalog, p *synth.PrincipalResult, filter []string) string {
	action := filter[0]
	switch {
	case action != "*" && !strings.Contains(action, ":"):
		return fmt.Sprintf("%q is no action: actions are written service:Name, such as s3:PutObject or s3:Get*", action)
	case len(c.Expand(nil, action)) == 0:
		return fmt.Sprintf("%q is not a known action", action)
	}
	if !slices.ContainsFunc(p.Proposals, func(x *synth.Proposal) bool { return len(x.Ledger) > 0 }) {
		return fmt.Sprintf("no attached policy was looked into for %s: %s", action, p.Reason)
	}
	granted, grants := grantedOn(p, action)
	switch {
	case len(granted) == 0 || len(filter) == 1:
		return "no attached policy grants " + action + notLookedInto(p)
	case !grants(filter[1]):
		return fmt.Sprintf("%s is granted, but not on %s: it is granted on %s", action, filter[1], some(granted, 10))
	}
	return fmt.Sprintf("%s is granted on %s by %s, and was not seen there: see `tighten explain` without the resource",
		action, filter[1], some(granted, 10))
}

// notLookedInto names the policies without a ledger, which may grant anything.
func notLookedInto(p *synth.PrincipalResult) string {
	var names []string
	for _, x := range p.Proposals {
		if len(x.Ledger) == 0 {
			names = append(names, x.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; not looked into: " + some(names, 5)
}

// grantedOn lists the resources on which the attached documents grant an action,
// and returns whether one of them takes in a resource.
func grantedOn(p *synth.PrincipalResult, action string) (list []string, grants func(string) bool) {
	var statements []*iam.Statement
	for _, x := range p.Proposals {
		for i := range x.Ledger {
			if e := &x.Ledger[i]; wanted(x, e, []string{action}) {
				if s := statementOf(x, e); s != nil && !slices.Contains(statements, s) {
					statements = append(statements, s)
				}
			}
		}
	}
	for _, s := range statements {
		list = append(list, s.Resource...)
		for _, r := range s.NotResource {
			list = append(list, "anything but "+r)
		}
	}
	slices.Sort(list)
	return slices.Compact(list), func(resource string) bool {
		return slices.ContainsFunc(statements, func(s *iam.Statement) bool { return takesIn(s, resource) })
	}
}

// statementOf is the attached statement that an entry is about; nil where there is
// none.
func statementOf(x *synth.Proposal, e *synth.Entry) *iam.Statement {
	if x.Old == nil || e.Statement < 0 || e.Statement >= len(x.Old.Statements) {
		return nil
	}
	return &x.Old.Statements[e.Statement]
}

// takesIn reports whether a statement is about a resource, or about part of a
// pattern.
func takesIn(s *iam.Statement, resource string) bool {
	if len(s.NotResource) > 0 {
		return !slices.ContainsFunc(s.NotResource, func(r string) bool { return iam.MatchResource(r, resource) })
	}
	return slices.ContainsFunc(s.Resource, func(r string) bool { return sameResource(r, resource) })
}

// sameResource reports whether two resources, either of them maybe a pattern, have
// one another in them.
func sameResource(a, b string) bool {
	return a == b || iam.MatchResource(a, b) || iam.MatchResource(b, a)
}

package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/report"
)

// wire is the explanation with the names of policies.
func (d *decider) wire(x *iam.Explanation) *report.Decision {
	q := d.request
	out := &report.Decision{Version: report.Version, Decision: x.Decision.String(), Notes: d.notes,
		Request: report.DecidedRequest{Action: q.Action, Resource: q.Resource, Principal: q.Principal, Account: q.Account,
			Context: q.Context.Values, Derived: d.derived, Partial: q.Context.Partial}}
	for i := range x.Layers {
		l := &x.Layers[i]
		layer := report.DecisionLayer{Layer: string(l.Kind), Level: l.Level, Given: l.Given, Allow: yesNo(l.Allow), Deny: yesNo(l.Deny),
			Missing: slices.Contains(x.Missing, i), Others: l.Others}
		for j := range l.Statements {
			s := d.statement(layerAt{l.Kind, l.Level}, &l.Statements[j])
			s.Decides = slices.Contains(x.Denies, iam.StatementRef{Layer: i, Statement: j})
			layer.Statements = append(layer.Statements, s)
		}
		out.Layers = append(out.Layers, layer)
	}
	out.Reason = reason(x, out)
	return out
}

func yesNo(d iam.Decision) string {
	switch d {
	case iam.Allowed:
		return "yes"
	case iam.Denied:
		return "no"
	}
	return "unknown"
}

func (d *decider) statement(at layerAt, s *iam.StatementView) report.DecisionStatement {
	out := report.DecisionStatement{Index: s.Statement, Sid: s.Sid, Effect: string(s.Effect), Applies: yesNo(s.Applies)}
	if names := d.names[at]; s.Doc < len(names) {
		out.Policy = names[s.Doc]
	}
	for _, p := range []iam.ElementView{s.Action, s.Principal, s.Resource} {
		if p.Element != "" {
			out.Parts = append(out.Parts, report.DecisionPart{Element: p.Element, Holds: yesNo(p.Holds), Text: partText(&p)})
		}
	}
	for i := range s.Clauses {
		c := &s.Clauses[i]
		out.Parts = append(out.Parts, report.DecisionPart{Element: "Condition " + c.Operator + " " + c.Key, Holds: yesNo(c.Holds), Text: clauseText(c)})
	}
	return out
}

func partText(p *iam.ElementView) string {
	var text string
	switch {
	case p.Pattern != "" && p.Holds == iam.Unknown:
		text = quoted(p.Pattern) + " matches perhaps"
	case p.Pattern != "":
		text = quoted(p.Pattern) + " matches"
	case p.Element == "Principal" || p.Element == "NotPrincipal":
		text = map[iam.Decision]string{iam.Allowed: "it takes in the caller", iam.Denied: "it does not take in the caller"}[p.Holds]
		if text == "" {
			text = "it takes in the caller perhaps"
		}
	default:
		text = "none matches of " + shortList(p.All)
	}
	if p.Note != "" {
		text += "; " + p.Note
	}
	return text
}

func clauseText(c *iam.ClauseView) string {
	want := "wants " + shortList(c.Values)
	switch {
	case !c.Known:
		return want + "; the request's value is not known"
	case c.Given == nil:
		return want + "; the request has no such key"
	case c.Holds == iam.Unknown:
		return want + "; the request has " + shortList(c.Given) + "; whether that fits is not settled by the documentation of AWS, or depends on a key that is not known"
	}
	return want + "; the request has " + shortList(c.Given)
}

// shortList quotes the first of a list of values.
func shortList(values []string) string {
	const most = 5
	if len(values) == 0 {
		return "no value"
	}
	var out []string
	for _, v := range values[:min(len(values), most)] {
		out = append(out, quoted(v))
	}
	if len(values) > most {
		out = append(out, fmt.Sprintf("%d more", len(values)-most))
	}
	return strings.Join(out, ", ")
}

func quoted(s string) string { return strconv.Quote(s) }

// reason is the decision in one sentence.
func reason(x *iam.Explanation, d *report.Decision) string {
	switch {
	case x.Unconditional:
		return "no policy can deny this action"
	case x.Decision == iam.Denied && len(x.Denies) > 0:
		s := d.Layers[x.Denies[0].Layer].Statements[x.Denies[0].Statement]
		return "explicit deny by " + statementName(&s)
	case x.Decision == iam.Denied:
		return "no explicit deny, but " + lacking(x, d) + " not allow it"
	case x.Decision == iam.Allowed:
		return "allowed by " + report.Named(allowing(d))
	}
	if open := undecided(d); len(open) > 0 {
		return "it depends on " + report.Named(open)
	}
	return "the documentation of AWS does not settle it"
}

func statementName(s *report.DecisionStatement) string {
	name := fmt.Sprintf("statement %d", s.Index)
	if s.Sid != "" {
		name += " (" + s.Sid + ")"
	}
	return name + " of " + s.Policy
}

// lacking names the layers whose Allow is missing.
func lacking(x *iam.Explanation, d *report.Decision) string {
	var names []string
	for _, i := range x.Missing {
		name := "the " + layerName(&d.Layers[i])
		if !d.Layers[i].Given && d.Layers[i].Layer == "resource" {
			name = "a resource policy (none is given)"
		}
		names = append(names, name)
	}
	switch {
	case len(names) == 0:
		return "the policies together do"
	case len(names) == 1 && strings.Contains(names[0], "policies") && !strings.Contains(names[0], "level"):
		return names[0] + " do"
	case len(names) == 1:
		return names[0] + " does"
	}
	return report.Named(names) + " do"
}

func layerName(l *report.DecisionLayer) string {
	name := map[string]string{"identity": "identity policies", "boundary": "permissions boundary", "session": "session policies",
		"scp": "service control policies", "rcp": "resource control policies", "endpoint": "VPC endpoint policy"}[l.Layer]
	switch {
	case name == "":
		name = "resource policy"
	case l.Layer == "scp" || l.Layer == "rcp":
		name = fmt.Sprintf("level %d of the %s", l.Level, name)
	}
	return name
}

// allowing names the first Allow that applies in each layer.
func allowing(d *report.Decision) (names []string) {
	for i := range d.Layers {
		for j := range d.Layers[i].Statements {
			if s := &d.Layers[i].Statements[j]; s.Effect == string(iam.Allow) && s.Applies == "yes" && d.Layers[i].Layer != "rcp" {
				names = append(names, statementName(s))
				break
			}
		}
	}
	return names
}

// undecided names what keeps statements from being decided, the keys of conditions
// first among them.
func undecided(d *report.Decision) (out []string) {
	for i := range d.Layers {
		for j := range d.Layers[i].Statements {
			s := &d.Layers[i].Statements[j]
			for _, p := range s.Parts {
				if s.Applies != "unknown" || p.Holds != "unknown" {
					continue
				}
				what := "the " + p.Element + " of " + statementName(s)
				if key, ok := strings.CutPrefix(p.Element, "Condition "); ok {
					_, key, _ = strings.Cut(key, " ")
					what = "the condition key " + key
				}
				if !slices.Contains(out, what) && len(out) < 6 {
					out = append(out, what)
				}
			}
		}
	}
	return out
}

package lint

import (
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// checkVariables looks at ${…} in resources and condition values.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func (d *document) checkVariables(s *statement) {
	for _, r := range s.resource.items {
		d.variablesIn(r, true)
	}
	for i := range s.conditions {
		c := &s.conditions[i]
		for _, v := range c.values {
			if v.kind == text {
				d.variablesIn(v, c.op.class == stringClass || c.op.class == arnClass || c.op.class == noClass)
			}
		}
	}
	for _, v := range append(append([]*value{s.get("Sid"), s.get("Effect")}, s.action.items...), principalValues(s)...) {
		if v != nil && variable(v.text) {
			d.report("variable-in-element", v.span, "%q: variables work in resources and condition values alone", clip(v.text))
		}
	}
}

func principalValues(s *statement) []*value {
	var out []*value
	for i := range s.principals {
		out = append(out, s.principals[i].value)
	}
	return out
}

// variablesIn looks at the variables of one text.
func (d *document) variablesIn(v *value, allowed bool) {
	rest := v.text
	if !variable(rest) {
		return
	}
	if d.version != iam.CurrentVersion {
		if _, _, odd := oddVariable(rest); !odd && namesKey(rest) {
			d.report("variable-in-version", v.span, "%q: without Version 2012-10-17 this is plain text", clip(v.text))
		}
		return
	}
	if !allowed {
		d.report("variable-operator", v.span, "%q: only String and Arn operators take variables", clip(v.text))
		return
	}
	if id, why, odd := oddVariable(rest); odd {
		d.report(id, v.span, "%q: %s", clip(v.text), why)
	}
}

// namesKey reports whether the first variable names a condition key.
func namesKey(s string) bool {
	_, rest, _ := strings.Cut(s, "${")
	name, _, _ := strings.Cut(rest, "}")
	return strings.Contains(name, ":")
}

// oddVariable finds the first variable that IAM does not read.
func oddVariable(s string) (id, why string, odd bool) {
	for {
		_, rest, ok := strings.Cut(s, "${")
		if !ok {
			return "", "", false
		}
		name, tail, closed := strings.Cut(rest, "}")
		if !closed {
			return "variable-brace", "a variable without its closing brace", true
		}
		if id, why, odd = oddName(name); odd {
			return id, why, true
		}
		s = tail
	}
}

func oddName(name string) (id, why string, odd bool) {
	switch name {
	case "*", "?", "$":
		return "", "", false
	case "":
		return "variable-empty", "a variable without a name", true
	}
	name, def, hasDefault := strings.Cut(name, ",")
	if def = strings.TrimSpace(def); hasDefault && (len(def) < 2 || def[0] != '\'' || def[len(def)-1] != '\'') {
		return "variable-quote", "a default value stands between single quotes", true
	}
	switch {
	case strings.TrimSpace(name) == "":
		return "variable-empty", "a variable without a name", true
	case strings.ContainsAny(name, " \t") && !strings.Contains(name, "/"):
		return "variable-space", "a space in the name of a variable", true
	case strings.ContainsAny(name, "${*?'\""):
		return "variable-symbol", "a character that names of variables have not", true
	case !strings.Contains(name, ":"):
		return "variable-symbol", "a variable is named as a condition key, service:key", true
	}
	return "", "", false
}

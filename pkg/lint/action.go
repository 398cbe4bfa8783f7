package lint

import (
	"strings"

	"github.com/tighten-iam/tighten/pkg/actions"
)

// checkActions looks at each name or pattern of an action.
func (d *document) checkActions(s *statement) {
	for _, a := range s.action.items {
		if a.text == "*" {
			continue
		}
		service, name, ok := strings.Cut(a.text, ":")
		switch {
		case !ok || service == "" || name == "" || strings.ContainsFunc(a.text, notInAction):
			d.report("malformed-action", a.span, "%q has not the form service:Action", clip(a.text))
		case strings.ContainsAny(service, "*?"):
			d.report("wildcard-in-service", a.span, "%q: a wildcard in the service takes in services that you do not know of", clip(a.text))
		case !d.lint.know.known(service):
			hint := ""
			if near := d.lint.know.near(service); near != "" {
				hint = "; did you mean " + near + "?"
			}
			d.report("unknown-service", a.span, "no service %q is known%s", clip(service), hint)
		default:
			if names, ok := d.expand(a.text); ok && len(names) == 0 {
				d.report("unknown-action", a.span, "no action %q is known", clip(a.text))
			}
		}
	}
}

func notInAction(r rune) bool {
	return notAlphanumeric(r) && !strings.ContainsRune(":*?-_.", r)
}

// checkRedundantActions looks for actions that another of the list takes in.
func (d *document) checkRedundantActions(s *statement) {
	items := s.action.items
	if !d.spend(len(items) * len(items)) {
		return
	}
	for i, a := range items {
		for j, b := range items {
			if i != j && covers(b.text, a.text) && (i > j || !covers(a.text, b.text)) {
				d.report("redundant-action", a.span, "%q is taken in by %q", clip(a.text), clip(b.text))
				break
			}
		}
	}
}

// covers reports whether an action pattern takes in all that another one does:
// b's wildcards are met by a "*" of the pattern alone, since "?" takes no "*".
func covers(pattern, b string) bool {
	if strings.ContainsRune(pattern, '?') && strings.ContainsAny(b, "*?") {
		return strings.EqualFold(pattern, b)
	}
	return matches(pattern, b)
}

// checkBroad looks at what a statement allows on everything.
func (d *document) checkBroad(s *statement) {
	if !s.allows() || d.kind == SCP || d.kind == Trust {
		return
	}
	if s.action.not {
		d.report("notaction-allow", s.action.whole.span, "Allow with NotAction allows all else, and what AWS adds later")
	}
	if s.resource.not && s.resource.whole != nil {
		d.report("notresource-allow", s.resource.whole.span, "Allow with NotResource allows all else, and what is created later")
	}
	at, any := s.anyResource()
	if any && !s.resource.not && d.kind != Resource {
		for _, a := range s.action.items {
			if strings.Trim(a.text, "*") == "" && !s.action.not {
				d.report("full-access", a.span, "all actions on all resources")
			}
		}
	}
	if !any || d.kind == Resource || d.kind == Boundary || s.resource.not {
		d.effectivelyStar(s)
		return
	}
	d.checkStar(s, at)
}

// checkStar tells which kinds of actions stand beside Resource "*".
func (d *document) checkStar(s *statement, at span) {
	for _, a := range s.action.items {
		if s.action.not || strings.Trim(a.text, "*") == "" {
			continue
		}
		names, ok := d.expand(a.text)
		if !ok {
			return
		}
		for _, n := range names {
			d.starOf(s, a, n, at)
		}
	}
}

func (d *document) starOf(s *statement, a *value, name string, star span) {
	f := d.lint.know.action(name)
	if f == nil || len(f.ResourceTypes) == 0 {
		return
	}
	if len(s.conditions) == 0 && (f.Level == actions.Write || f.Level == actions.Permissions) {
		d.report("resource-star", star, "%s can be limited to resources, and is allowed on all", f.Name)
	}
	if f.Level == actions.Permissions {
		d.report("permissions-on-star", a.span, "%s changes permissions, on all resources", f.Name)
	}
	if sensitive(f.Name) && len(s.conditions) == 0 {
		d.report("sensitive-read", a.span, "%s reads content, of all resources", f.Name)
	}
}

// sensitive reports whether an action reads content that is mostly secret.
func sensitive(name string) bool {
	switch name {
	case "s3:GetObject", "secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath",
		"kms:Decrypt", "dynamodb:GetItem", "dynamodb:Scan", "dynamodb:Query", "sqs:ReceiveMessage", "kinesis:GetRecords",
		"lambda:GetFunction", "rds-data:ExecuteStatement", "codecommit:GetFile", "codecommit:GitPull":
		return true
	}
	return false
}

// effectivelyStar looks for patterns that leave nothing of a service out.
func (d *document) effectivelyStar(s *statement) {
	if d.kind == Resource || !s.resource.given() {
		return
	}
	for _, r := range s.resource.items {
		parts := strings.SplitN(r.text, ":", 6)
		if len(parts) == 6 && strings.Trim(parts[5], "*") == "" && parts[5] != "" && strings.Trim(parts[3]+parts[4], "*") == "" ||
			len(parts) < 6 && strings.HasSuffix(r.text, "*") && strings.HasPrefix(r.text, "arn:") {
			d.report("resource-effectively-star", r.span, "%q leaves out nothing of the service", clip(r.text))
		}
	}
}

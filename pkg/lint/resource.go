package lint

import (
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// checkResources looks at the form of each resource.
func (d *document) checkResources(s *statement) {
	for _, r := range s.resource.items {
		if strings.Trim(r.text, "*") != "" {
			d.checkARN(r)
		}
	}
}

// segments splits a resource at its colons outside of variables, into six at most.
func (d *document) segments(r *value) []string {
	parts, ok := d.split[r]
	if !ok {
		s := r.text
		if d.version == iam.CurrentVersion {
			s = variablesAs(s, "*")
		}
		parts = strings.SplitN(s, ":", 6)
		d.split[r] = parts
	}
	return parts
}

func (d *document) checkARN(r *value) {
	parts := d.segments(r)
	wild := strings.HasSuffix(r.text, "*")
	switch {
	case len(parts) == 1 && !strings.HasPrefix(r.text, "arn*"), !overlap(parts[0], "arn", false):
		d.report("arn-prefix", r.span, "%q: a resource is \"*\" or begins with arn:", clip(r.text))
		return
	case len(parts) < 6:
		if !wild {
			d.report("arn-fields", r.span, "%q has %d of the six parts of an ARN", clip(r.text), len(parts))
		}
		return
	case parts[5] == "":
		d.report("arn-fields", r.span, "%q names no resource", clip(r.text))
		return
	}
	d.checkPartition(r, parts[1])
	if !strings.ContainsAny(parts[3], "*?") && parts[3] != "" && !regionLike(parts[3]) {
		d.report("arn-region", r.span, "%q is no region", clip(parts[3]))
		return
	}
	if !accountLike(parts[4]) {
		d.report("arn-account", r.span, "%q is no account: want 12 digits", clip(parts[4]))
		return
	}
	d.checkTemplates(r, parts)
}

func (d *document) checkPartition(r *value, partition string) {
	if strings.ContainsAny(partition, "*?") {
		return
	}
	if !slices.Contains([]string{"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"}, partition) {
		d.report("arn-partition", r.span, "%q is no partition", clip(partition))
	}
}

// regionLike reports whether a text has the form of a region: "us-east-1",
// "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1".
func regionLike(s string) bool {
	parts := strings.Split(s, "-")
	if len(parts) < 3 || len(parts) > 4 {
		return len(s) > 0 && !strings.ContainsFunc(s, notAlphanumeric) && s == "global"
	}
	last := parts[len(parts)-1]
	return len(last) >= 1 && len(last) <= 2 && !strings.ContainsFunc(last, notDigit) && s == strings.ToLower(s)
}

func notDigit(r rune) bool { return r < '0' || r > '9' }

// accountLike takes 12 digits, nothing, wildcards, and the names that AWS uses for
// what belongs to itself.
func accountLike(s string) bool {
	if s == "" || strings.ContainsAny(s, "*?") {
		return true
	}
	if len(s) == 12 && !strings.ContainsFunc(s, notDigit) {
		return true
	}
	// "aws", "amazon", "cloudfront" and the like are owners of public resources
	return !strings.ContainsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && r != '-' })
}

// checkTemplates holds an ARN against those that its service has.
func (d *document) checkTemplates(r *value, parts []string) {
	service := parts[2]
	if strings.ContainsAny(service, "*?") {
		return
	}
	templates, ok := d.lint.know.arns[service]
	if !ok {
		switch _, lower := d.lint.know.arns[strings.ToLower(service)]; {
		case lower:
			d.report("arn-service-case", r.span, "the service of an ARN is written %q", strings.ToLower(service))
		case !d.lint.know.known(service):
			d.report("arn-service", r.span, "no service %q is known", clip(service))
		}
		return
	}
	if !d.spend(len(templates) * len(parts[5]) / 4) {
		return
	}
	fit := d.fitOf(parts, templates)
	if fit.whole {
		return
	}
	switch text := clip(r.text); {
	case fit.noRegion && parts[3] == "":
		d.report("arn-region-missing", r.span, "%q: such resources have a region", text)
	case fit.noRegion:
		d.report("arn-region-not-allowed", r.span, "%q: such resources have no region, or another one", text)
	case fit.noAccount && parts[4] == "":
		d.report("arn-account-missing", r.span, "%q: such resources have an account", text)
	case fit.noAccount:
		d.report("arn-account-not-allowed", r.span, "%q: such resources have no account, or AWS's own", text)
	case fit.neither:
		d.report("arn-place", r.span, "%q: region and account are not as in the service's ARNs", text)
	default:
		d.report("arn-resource", r.span, "%q is no resource of %s", text, clip(service))
	}
}

// fits tells by which parts an ARN fits one of the templates.
type fits struct {
	whole     bool
	noRegion  bool // all but the region
	noAccount bool // all but the account
	neither   bool // all but region and account
}

func (d *document) fitOf(parts, templates []string) fits {
	var f fits
	for _, t := range templates {
		want := strings.SplitN(variablesAs(t, "?*"), ":", 6)
		if !overlap(parts[5], want[5], true) {
			continue
		}
		region, account := overlap(parts[3], want[3], true), accountFits(parts, want[4])
		f.whole = f.whole || region && account
		f.noRegion = f.noRegion || account && !region
		f.noAccount = f.noAccount || region && !account
		f.neither = f.neither || !region && !account
	}
	return f
}

// checkRedundantResources looks for resources that another of the list takes in.
func (d *document) checkRedundantResources(s *statement) {
	items := s.resource.items
	if !d.spend(len(items) * len(items)) {
		return
	}
	for i, a := range items {
		for j, b := range items {
			if i != j && d.coversResource(b.text, a.text) && (i > j || !d.coversResource(a.text, b.text)) {
				d.report("redundant-resource", a.span, "%q is taken in by %q", clip(a.text), clip(b.text))
				break
			}
		}
	}
}

// coversResource reports whether a pattern takes in all that another one does. It
// answers only where no "?" stands in the way.
func (d *document) coversResource(pattern, b string) bool {
	if pattern == b {
		return true
	}
	if strings.ContainsRune(pattern, '?') || strings.Contains(pattern, "${") {
		return false
	}
	return iam.MatchResource(pattern, b)
}

// checkMatch looks whether actions and resources of a statement go together.
func (d *document) checkMatch(s *statement) {
	if d.kind.hasPrincipal() || !s.action.given() || !s.resource.given() || len(s.resource.items) == 0 {
		return
	}
	if _, any := s.anyResource(); any {
		return
	}
	all := true // every action is known
	for _, a := range s.action.items {
		names, ok := d.expand(a.text)
		if !ok || len(names) == 0 {
			all = false
			continue
		}
		if !slices.ContainsFunc(names, func(n string) bool { return d.anyFits(n, s.resource.items) }) && d.work > 0 {
			d.report("resource-mismatch", a.span, "%q works on none of the statement's resources%s", clip(a.text), d.wanted(names[0]))
		}
	}
	if all {
		d.checkUnusedResources(s)
	}
}

// wanted tells on what an action works.
func (d *document) wanted(action string) string {
	f := d.lint.know.action(action)
	switch {
	case f == nil:
		return ""
	case len(f.ResourceTypes) == 0:
		return ": it takes Resource \"*\" only"
	}
	return ": it takes such as " + f.ResourceTypes[0].ARN
}

// checkUnusedResources looks for resources that no action of the statement takes.
func (d *document) checkUnusedResources(s *statement) {
	names, ok := d.taken(s)
	if !ok {
		return
	}
	for i, r := range s.resource.items {
		if !slices.ContainsFunc(names, func(n string) bool { return d.anyFits(n, s.resource.items[i:i+1]) }) && d.work > 0 {
			d.report("resource-unused", r.span, "no action of the statement works on %q", clip(r.text))
		}
	}
}

// anyFits reports whether an action works on one of the resources. It says so, too,
// where it cannot tell.
func (d *document) anyFits(action string, resources []*value) bool {
	f := d.lint.know.action(action)
	if f == nil {
		return true
	}
	for _, r := range resources {
		if !d.spend(1+len(f.types)) || strings.Trim(r.text, "*") == "" {
			return true
		}
		parts := d.segments(r)
		for _, t := range f.types {
			if d.fitsType(parts, t) {
				return true
			}
		}
	}
	return false
}

// fitsType compares a resource with the pattern of a resource type. A resource of
// fewer parts than six ends in a "*" that stands for the rest.
func (d *document) fitsType(parts, want []string) bool {
	if len(want) < 6 || len(parts) < 6 {
		whole, pattern := strings.Join(parts, ":"), strings.Join(want, ":")
		return strings.ContainsAny(whole, "*?") && (!d.spend(len(whole)*len(pattern)/16) || overlap(whole, pattern, true))
	}
	if parts[2] != want[2] && !overlap(parts[2], want[2], true) {
		return false
	}
	if !d.spend(len(parts[5]) * len(want[5]) / 64) {
		return true
	}
	return overlap(parts[3], want[3], true) && accountFits(parts, want[4]) && overlap(parts[5], want[5], true)
}

// accountFits compares the account of an ARN with that of a template. Documents,
// parameters and views that AWS itself shares with all have none, though their
// templates name one: arn:aws:ssm:us-east-1::document/AWS-RunShellScript.
// Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-ssm-docs.html
func accountFits(parts []string, want string) bool {
	if parts[4] == "" && (parts[2] == "ssm" || parts[2] == "resource-explorer-2") {
		return true
	}
	return overlap(parts[4], want, true)
}

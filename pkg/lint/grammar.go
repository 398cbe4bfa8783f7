package lint

import (
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html

func documentMembers() []string { return []string{"Version", "Id", "Statement"} }

func statementMembers() []string {
	return []string{"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
}

// checkDocument looks at the outer object.
func (d *document) checkDocument() {
	d.members(d.root, documentMembers())
	d.checkVersion()
	if id := d.root.get("Id"); id != nil && id.kind != text {
		d.report("data-type", id.span, "Id is %s: it takes a string", id.kind)
	}
	s := d.root.get("Statement")
	if s == nil || s.kind == array && len(s.items) == 0 {
		d.report("missing-statement", span{d.root.at, d.root.at + 1}, "the document has no statement")
		return
	}
	for _, item := range s.list() {
		if item.kind != object {
			d.report("data-type", item.span, "a statement is %s: it takes an object", item.kind)
		}
	}
}

func (d *document) checkVersion() {
	v := d.root.get("Version")
	switch {
	case v == nil:
		d.report("missing-version", span{d.root.at, d.root.at + 1}, "no Version: the document is read as of 2008-10-17")
	case v.kind != text:
		d.report("data-type", v.span, "Version is %s: it takes a string", v.kind)
	case v.text == "2008-10-17":
		d.report("old-version", v.span, "Version 2008-10-17 knows no policy variables")
	case v.text != iam.CurrentVersion:
		d.report("invalid-version", v.span, "%q is no version of the policy language", clip(v.text))
	}
}

// members looks for names that mean nothing, and names that are there twice.
func (d *document) members(v *value, known []string) {
	for i, m := range v.members {
		switch want := fold(m.name, known); want {
		case m.name:
		case "":
			d.report("unknown-element", m.span, "%q is no element of a policy", clip(m.name))
		default:
			d.report("element-case", m.span, "%q is written %q", m.name, want)
		}
		d.twice(v, i)
	}
}

// twice looks whether the i-th member has been there before. Objects of very many
// members are hostile and past the budget.
func (d *document) twice(v *value, i int) {
	m := v.members[i]
	if !d.spend(i) {
		return
	}
	for _, before := range v.members[:i] {
		switch {
		case before.name == m.name:
			d.report("duplicate-key", m.span, "%q is there twice: all but one are ignored", clip(m.name))
			return
		case strings.EqualFold(before.name, m.name):
			d.report("duplicate-key-case", m.span, "%q is there as %q too", clip(m.name), clip(before.name))
			return
		}
	}
}

// fold finds a name among others without case.
func fold(name string, among []string) string {
	for _, k := range among {
		if strings.EqualFold(k, name) {
			return k
		}
	}
	return ""
}

// checkElements looks which elements a statement has, and of which JSON type.
func (d *document) checkElements(s *statement) {
	d.members(s.value, statementMembers())
	head := span{s.at, s.at + 1}
	for _, name := range []string{"Principal", "Action", "Resource"} {
		if one, other := s.get(name), s.get("Not"+name); one != nil && other != nil {
			d.report("element-combination", other.span, "%s and Not%s in one statement", name, name)
		}
	}
	d.checkEffect(s, head)
	if s.action.whole == nil {
		d.report("missing-action", head, "the statement has no Action")
	}
	if s.resource.whole == nil && d.kind != Resource && d.kind != Trust {
		d.report("missing-resource", head, "the statement has no Resource")
	}
	if s.principal == nil && d.kind.hasPrincipal() {
		d.report("missing-principal", head, "the statement has no Principal")
	}
	for _, e := range []element{s.action, s.resource} {
		d.stringsOnly(e.whole)
	}
	d.checkEmpty(s)
	d.checkConditionTypes(s)
}

func (d *document) checkEffect(s *statement, head span) {
	e := s.get("Effect")
	switch {
	case e == nil:
		d.report("missing-effect", head, "the statement has no Effect")
	case e.intrinsic():
	case e.kind != text:
		d.report("data-type", e.span, "Effect is %s: it takes a string", e.kind)
	case !s.allows() && !s.denies():
		d.report("invalid-effect", e.span, "%q is no effect: Allow and Deny are", clip(e.text))
	}
}

// stringsOnly wants a string or a list of them.
func (d *document) stringsOnly(v *value) {
	if v == nil {
		return
	}
	for _, item := range v.list() {
		if item.kind != text && !item.intrinsic() {
			d.report("data-type", item.span, "%s where a string is wanted", item.kind)
		}
	}
}

func (d *document) checkEmpty(s *statement) {
	if v := s.action.whole; v != nil && v.kind == array && len(v.items) == 0 {
		d.report("empty-action", v.span, "an empty list of actions: the statement has no effect")
	}
	if v := s.resource.whole; v != nil && v.kind == array && len(v.items) == 0 {
		d.report("empty-resource", v.span, "an empty list of resources: the statement has no effect")
	}
	if c := s.get("Condition"); c != nil && c.kind == object {
		if len(c.members) == 0 {
			d.report("empty-condition", c.span, "an empty Condition restricts nothing")
		}
		for _, m := range c.members {
			if m.value.kind == object && len(m.value.members) == 0 {
				d.report("empty-condition", m.value.span, "no keys under %s: it restricts nothing", clip(m.name))
			}
		}
	}
}

// checkConditionTypes looks at the JSON types below Condition.
func (d *document) checkConditionTypes(s *statement) {
	c := s.get("Condition")
	if c == nil {
		return
	}
	if c.intrinsic() {
		return
	}
	if c.kind != object {
		d.report("data-type", c.span, "Condition is %s: it takes an object", c.kind)
		return
	}
	for i, block := range c.members {
		d.twice(c, i)
		if block.value.kind != object {
			d.report("data-type", block.value.span, "%s holds %s: it takes an object of condition keys", clip(block.name), block.value.kind)
		}
		for j := range block.value.members {
			d.twice(block.value, j)
		}
	}
	for i := range s.conditions {
		for _, v := range s.conditions[i].values {
			if v.kind == object && !v.intrinsic() || v.kind == array || v.kind == scalar && v.text == "null" {
				d.report("condition-data-type", v.span, "%s as value of %s: want a string, a number or a boolean", v.kind, clip(s.conditions[i].key))
			}
		}
	}
}

// checkSids looks at the names of statements.
func (d *document) checkSids() {
	seen := map[string]bool{}
	for i := range d.statements {
		sid := d.statements[i].get("Sid")
		switch {
		case sid == nil:
			continue
		case sid.kind != text:
			d.report("data-type", sid.span, "Sid is %s: it takes a string", sid.kind)
			continue
		case sid.text == "":
			d.report("empty-sid", sid.span, "an empty Sid names nothing")
			continue
		}
		if !d.kind.hasPrincipal() && strings.ContainsFunc(sid.text, notAlphanumeric) {
			d.report("invalid-sid", sid.span, "Sid %q: only A-Z, a-z and 0-9 are allowed", clip(sid.text))
		}
		if seen[sid.text] {
			id := "duplicate-sid"
			if d.kind == Resource {
				id = "repeated-sid"
			}
			d.report(id, sid.span, "Sid %q is there twice", clip(sid.text))
		}
		seen[sid.text] = true
	}
}

func notAlphanumeric(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// checkSize holds the document against its quota.
func (d *document) checkSize() {
	most, id, what := d.quota()
	if d.size > most {
		d.report(id, span{d.root.at, d.root.at + 1}, "%d characters without white space, %s may have %d", d.size, what, most)
	}
}

// quota is the size that a document of this type and use may have, the rule that tells of
// larger ones, and what the document is.
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html,
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html,
// https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html
func (d *document) quota() (most int, id, what string) {
	const resource = 20480 // of a bucket policy
	kind, id, what := iam.ManagedPolicy, "size-identity", "a managed policy"
	switch {
	case d.kind == Resource:
		return resource, "size-resource", "a bucket policy"
	case d.kind == Trust:
		kind, id, what = iam.TrustPolicy, "size-trust", "a trust policy"
	case d.kind == SCP || d.kind == RCP:
		kind, id, what = iam.ServiceControl, "size-organization", "a policy of Organizations"
	case d.kind == PermissionSet:
		kind, what = iam.PermissionSetInline, "the inline policy of a permission set"
	case d.of == iam.UserInline:
		kind, what = d.of, "all inline policies of a user"
	case d.of == iam.RoleInline:
		kind, what = d.of, "all inline policies of a role"
	case d.of == iam.GroupInline:
		kind, what = d.of, "all inline policies of a group"
	}
	for _, q := range iam.Quotas() {
		if q.Kind == kind {
			most = q.Characters
		}
	}
	return most, id, what
}

// clip shortens text of a document for a message.
func clip(s string) string {
	const most = 120
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

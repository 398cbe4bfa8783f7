package lint

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/actions"
)

// checkConditions looks at each clause by itself.
func (d *document) checkConditions(s *statement) {
	for i := range s.conditions {
		c := &s.conditions[i]
		if c.op.class == noClass {
			d.badOperator(c)
			continue
		}
		d.checkKey(c)
		d.checkValues(c)
		d.checkNull(c)
		d.checkEmptyValues(c)
		d.checkRedundantValues(c)
		if c.op.class == ipClass {
			d.checkAddresses(s, c)
		}
	}
	d.checkOIDC(s)
	d.checkPairs(s)
}

func (d *document) badOperator(c *condition) {
	if c.op.canonical == "null" {
		d.report("null-if-exists", c.opAt, "Null takes no IfExists")
		return
	}
	d.report("unknown-operator", c.opAt, "%q is no condition operator", clip(c.name))
}

// checkKey looks at the name of a key, and whether the operator suits its type.
func (d *document) checkKey(c *condition) {
	vendor, name, ok := strings.Cut(c.key, ":")
	if !ok || vendor == "" || name == "" || strings.ContainsAny(c.key, " \t*?") && !strings.Contains(c.key, "/") {
		d.report("condition-key-format", c.keyAt, "%q has not the form service:key", clip(c.key))
		return
	}
	k := d.lint.know
	known, form, ok := k.key(c.key)
	vendor = strings.ToLower(vendor)
	switch {
	case ok && strings.HasSuffix(form, "/") && len(c.key) == len(form):
		d.report("tag-key-missing", c.keyAt, "%q names no tag: write %sNAME", clip(c.key), clip(c.key))
		return
	case ok:
		d.checkKeyType(c, known)
	case k.keys[form+"/"].name != "":
		d.report("tag-key-missing", c.keyAt, "%q names no tag: write %s/NAME", clip(c.key), clip(c.key))
	case form == "aws:arn":
		d.report("deprecated-key", c.keyAt, "aws:ARN is of the past: use aws:PrincipalArn or aws:SourceArn")
	case vendor == "aws":
		d.report("unknown-global-key", c.keyAt, "no global condition key %q is known", clip(c.key))
	case strings.Contains(vendor, "."): // an identity provider's
	case k.vendors[vendor] || k.services[vendor]:
		d.report("unknown-service-key", c.keyAt, "no condition key %q is known", clip(c.key))
	default:
		d.report("unknown-key-service", c.keyAt, "no service %q is known that has condition keys", clip(vendor))
	}
}

// checkKeyType compares the operator with the type of the key.
func (d *document) checkKeyType(c *condition, k keyFact) {
	if k.typ == "" {
		return
	}
	plain := !c.op.forAll && !c.op.forAny
	switch {
	case c.op.class == nullClass:
		return
	case k.typ.Multivalued() && plain:
		d.report("set-operator-missing", c.opAt, "%s has many values: use ForAnyValue or ForAllValues", k.name)
	case !k.typ.Multivalued() && c.op.forAll:
		d.report("forallvalues-single", c.opAt, "%s has one value: ForAllValues is true where it is absent", k.name)
	case !k.typ.Multivalued() && c.op.forAny:
		d.report("foranyvalue-single", c.opAt, "%s has one value: ForAnyValue does nothing", k.name)
	}
	want := classOfType(k.typ.Element())
	switch {
	case c.op.class == want:
	case want == dateClass && c.op.class == numericClass, want == binaryClass:
	case c.op.class == stringClass && want == arnClass && c.op.like:
		d.report("string-like-arn", c.opAt, "%s holds an ARN: ArnLike matches each of its parts apart", k.name)
	case c.op.class == stringClass:
		d.report("operator-usable", c.opAt, "%s is of type %s: an operator of that type says more", k.name, k.typ.Element())
	case c.op.class == arnClass && want == stringClass: // a text may be an ARN; value-arn tells of those that are none
	default:
		d.report("operator-type", c.opAt, "%s is of type %s: %s does not compare such", k.name, k.typ.Element(), clip(c.name))
	}
}

func classOfType(t actions.KeyType) class {
	switch t {
	case actions.ARNKey:
		return arnClass
	case actions.BoolKey:
		return boolClass
	case actions.DateKey:
		return dateClass
	case actions.NumericKey:
		return numericClass
	case actions.IPKey:
		return ipClass
	case actions.BinaryKey:
		return binaryClass
	}
	return stringClass
}

// checkValues looks whether values are such as the operator compares.
func (d *document) checkValues(c *condition) {
	if (c.op.class == boolClass || c.op.class == nullClass) && len(c.values) > 1 {
		d.report("many-booleans", c.holder.span, "%s takes one value, here are %d", clip(c.name), len(c.values))
	}
	for _, v := range c.values {
		if v.kind == object || v.kind == array || variable(v.text) {
			continue
		}
		switch c.op.class {
		case boolClass:
			d.valueIf(!isBool(v.text), "value-boolean", v, "%q is neither true nor false")
		case nullClass:
			d.valueIf(!isBool(v.text), "value-null", v, "%q is neither true nor false")
		case numericClass:
			_, err := strconv.ParseFloat(v.text, 64)
			d.valueIf(err != nil, "value-number", v, "%q is no number")
		case dateClass:
			d.checkDate(v)
		case binaryClass:
			_, err := base64.StdEncoding.DecodeString(v.text)
			d.valueIf(err != nil, "value-binary", v, "%q is not base64")
		case arnClass:
			d.valueIf(!arnLike(v.text), "value-arn", v, "%q is no ARN: it never matches")
		case stringClass:
			d.checkWildcard(c, v)
			d.checkIDs(c, v)
		}
	}
}

func (d *document) valueIf(wrong bool, id string, v *value, format string) {
	if wrong {
		d.report(id, v.span, format, clip(v.text))
	}
}

// variable reports whether a text holds a policy variable, whose value is not known.
func variable(s string) bool { return strings.Contains(s, "${") }

func isBool(s string) bool { return strings.EqualFold(s, "true") || strings.EqualFold(s, "false") }

// arnLike takes what may match an ARN. Six parts are wanted, or a "*" that stands
// for what is missing.
func arnLike(s string) bool {
	if s == "*" {
		return true
	}
	first, _, _ := strings.Cut(s, ":")
	return (first == "arn" || strings.ContainsAny(first, "*?")) && (strings.Count(s, ":") >= 5 || strings.Contains(s, "*"))
}

// checkDate takes ISO 8601, as W3C profiles it, and seconds since 1970.
func (d *document) checkDate(v *value) {
	for _, layout := range []string{"2006", "2006-01", time.DateOnly, "2006-01-02T15:04Z07:00", time.RFC3339Nano, "2006-01-02T15:04:05"} {
		if _, err := time.Parse(layout, v.text); err == nil {
			return
		}
	}
	if _, err := strconv.ParseFloat(v.text, 64); err == nil {
		d.report("value-epoch", v.span, "%s is read as seconds since 1970: a date such as 2026-01-31T00:00:00Z says what is meant", clip(v.text))
		return
	}
	d.report("value-date", v.span, "%q is no date: want a form such as 2026-01-31T00:00:00Z", clip(v.text))
}

// checkWildcard looks for wildcards that are read as plain text.
func (d *document) checkWildcard(c *condition, v *value) {
	if !c.op.like && strings.ContainsAny(v.text, "*?") && v.text != "*" || !c.op.like && v.text == "*" {
		d.report("wildcard-without-like", v.span, "%s compares %q character by character: wildcards need a Like operator", clip(c.name), clip(v.text))
	}
}

// checkIDs holds values of keys that name a VPC or an endpoint against their form.
func (d *document) checkIDs(c *condition, v *value) {
	var prefix string
	switch strings.ToLower(c.key) {
	case "aws:sourcevpc", "aws:ec2instancesourcevpc":
		prefix = "vpc-"
	case "aws:sourcevpce":
		prefix = "vpce-"
	case "aws:requestedregion":
		if !strings.ContainsAny(v.text, "*?") && !regionLike(v.text) {
			d.report("value-region", v.span, "%q is no region", clip(v.text))
		}
		return
	case "aws:sourceaccount", "aws:principalaccount", "aws:resourceaccount":
		if !strings.ContainsAny(v.text, "*?") && (len(v.text) != 12 || strings.ContainsFunc(v.text, notDigit)) {
			d.report("value-account", v.span, "%q is no account: want 12 digits, as a string", clip(v.text))
		}
		return
	default:
		return
	}
	if !overlap(v.text[:min(len(v.text), 256)], prefix+"*", true) {
		id := "value-vpc"
		if prefix == "vpce-" {
			id = "value-vpce"
		}
		d.report(id, v.span, "%q does not begin with %s", clip(v.text), prefix)
	}
}

// checkNull looks at Null and at what means the same.
func (d *document) checkNull(c *condition) {
	if c.op.class == nullClass && (c.op.forAll || c.op.forAny) {
		d.report("null-qualifier", c.opAt, "Null asks whether the key is there: %s does nothing", clip(c.name))
	}
	if c.op.class != stringClass && c.op.class != arnClass || !c.op.like || c.op.forAll || c.op.forAny || len(c.values) != 1 || c.values[0].text != "*" {
		return
	}
	switch {
	case c.op.negated && !c.op.ifExists:
		d.report("same-as-null-true", c.opAt, "%s with \"*\" asks whether the key is absent: Null true says so", clip(c.name))
	case !c.op.negated && !c.op.ifExists:
		d.report("same-as-null-false", c.opAt, "%s with \"*\" asks whether the key is there: Null false says so", clip(c.name))
	}
}

// checkEmptyValues looks for clauses without a value.
func (d *document) checkEmptyValues(c *condition) {
	if c.holder.kind != array || len(c.values) > 0 {
		return
	}
	what := "never matches"
	switch {
	case c.op.forAny:
	case c.op.forAll || c.op.ifExists:
		what = "matches only where the key is absent"
	case c.op.negated:
		what = "matches always"
	}
	d.report("empty-values", c.holder.span, "no values for %s: the clause %s", clip(c.key), what)
}

// checkRedundantValues looks for values that others take in.
func (d *document) checkRedundantValues(c *condition) {
	if !d.spend(len(c.values) * len(c.values)) {
		return
	}
	for i, a := range c.values {
		for j, b := range c.values {
			same := a.text == b.text && i > j
			wider := c.op.class == stringClass && c.op.like && a.text != b.text && !strings.ContainsAny(b.text, "?$") &&
				len(a.text) < 1024 && glob(b.text, a.text)
			if i != j && a.kind != object && a.kind != array && (same || wider) {
				d.report("redundant-value", a.span, "%q is taken in by %q", clip(a.text), clip(b.text))
				break
			}
		}
	}
	ordered := c.op.class == numericClass || c.op.class == dateClass
	if ordered && len(c.values) > 1 && (strings.Contains(c.op.canonical, "less") || strings.Contains(c.op.canonical, "greater")) {
		d.report("many-bounds", c.holder.span, "%s with %d values: one of them decides", clip(c.name), len(c.values))
	}
}

// checkPairs looks for keys that mean something beside others only.
func (d *document) checkPairs(s *statement) {
	if s.condition("aws:VpcSourceIp") && !s.condition("aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn") {
		d.report("paired-key", s.keyAt("aws:VpcSourceIp"), "aws:VpcSourceIp is a private address, which any VPC may have: add aws:SourceVpc or aws:SourceVpce")
	}
}

// keyAt is the place of a clause on a key.
func (s *statement) keyAt(key string) span {
	for i := range s.conditions {
		if strings.EqualFold(s.conditions[i].key, key) {
			return s.conditions[i].keyAt
		}
	}
	return s.span
}

// checkMFA looks for conditions on MFA that let through what they mean to stop:
// the key is absent in requests with long-term keys.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
func (d *document) checkMFA(s *statement) {
	for i := range s.conditions {
		c := &s.conditions[i]
		if !strings.EqualFold(c.key, "aws:MultiFactorAuthPresent") || len(c.values) != 1 || c.op.class != boolClass {
			continue
		}
		yes := strings.EqualFold(c.values[0].text, "true")
		switch {
		case s.denies() && !yes && !c.op.ifExists:
			d.report("mfa-pattern", c.opAt, "long-term keys have no aws:MultiFactorAuthPresent, so this Deny passes them over: use BoolIfExists")
		case s.allows() && yes && c.op.ifExists:
			d.report("mfa-pattern", c.opAt, "with IfExists this Allow takes in long-term keys without MFA: use Bool")
		case s.allows() && !yes:
			d.report("mfa-pattern", c.opAt, "this Allow holds without MFA only")
		}
	}
}

// checkKeysForActions looks for keys that no action of the statement has.
func (d *document) checkKeysForActions(s *statement) {
	if len(s.conditions) == 0 || !s.action.given() || d.kind == Trust {
		return
	}
	names, ok := d.taken(s)
	if !ok || len(names) == 0 || !d.spend(len(names)*len(s.conditions)) {
		return
	}
	for i := range s.conditions {
		c := &s.conditions[i]
		_, form, known := d.lint.know.key(c.key)
		if !known || c.op.class == nullClass {
			continue
		}
		switch form {
		case "aws:resourcetag/", "aws:requesttag/", "aws:tagkeys":
			d.checkTagKey(s, c, form, names)
			continue
		}
		if strings.HasPrefix(form, "aws:") || d.globalOnly(form) || d.lint.anyHas(names, form) {
			continue
		}
		d.report("key-without-action", c.keyAt, "no action of the statement has the key %s", clip(c.key))
	}
}

// globalOnly reports whether a key of a service is in every request of a role that
// the service works for.
func (d *document) globalOnly(form string) bool {
	for _, g := range globalKeys() {
		if strings.EqualFold(g.name, form) {
			return true
		}
	}
	return false
}

func (l *Linter) anyHas(names []string, form string) bool {
	for _, n := range names {
		if f := l.know.action(n); f == nil || f.keys[form] {
			return true
		}
	}
	return false
}

// checkTagKey looks for actions of which no service in the statement knows tags.
func (d *document) checkTagKey(s *statement, c *condition, form string, names []string) {
	if d.lint.anyHas(names, form) {
		return
	}
	if s.denies() {
		d.report("tag-key-deny", c.keyAt, "no action of the statement has %s: the Deny never holds", clip(c.key))
	} else if s.allows() {
		d.report("tag-key-allow", c.keyAt, "no action of the statement has %s: the Allow never holds", clip(c.key))
	}
}

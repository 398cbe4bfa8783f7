package actions

import (
	"slices"
	"strings"
)

// named reports whether a type's template has a variable for a name.
func named(tp *typePlan) bool {
	return slices.ContainsFunc(tp.form.vars, func(v string) bool { return !envelope(v) })
}

// filled reports whether every name variable of the type has a value.
func (r *Resolver) filled(tp *typePlan) bool {
	any := false
	for v, name := range tp.form.vars {
		if envelope(name) {
			continue
		}
		if len(r.slots[tp.slot+v].values) == 0 {
			return false
		}
		any = true
	}
	return any
}

// hasSuffix6 reports whether an ARN ends as Secrets Manager's do: a dash and
// six random letters and digits.
func hasSuffix6(s string) bool {
	n := len(s)
	if n < 8 || s[n-7] != '-' {
		return false
	}
	for _, c := range []byte(s[n-6:]) {
		if l := lowerByte(c); (l < 'a' || l > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// kindOf tells a concrete ARN from a pattern. Wildcards stem from us: values of
// the record that hold some never get this far.
func kindOf(arn string) Kind {
	if strings.IndexByte(arn, '*') >= 0 || strings.IndexByte(arn, '?') >= 0 {
		return KindPattern
	}
	return KindARN
}

// extent says which names of a template may stay open.
type extent uint8

const (
	whole  extent = iota // none
	partly               // those that do not tell resources apart
	all                  // every one: the call is about all resources of the type
)

// fromNames fills a type's template from parameters; variables that nothing names
// and that may stay open become "*".
func (r *Resolver) fromNames(t *target, kind int, basis Basis, open extent) {
	tp := &t.types[kind]
	many, known, unknown, defaulted := -1, 0, 0, false
	for v, name := range tp.form.vars {
		if envelope(name) {
			continue
		}
		switch s := &r.slots[tp.slot+v]; {
		case len(s.values) == 0 && r.defaultOf(tp, v) != "":
			defaulted = true
		case len(s.values) == 0:
			unknown++
		case len(s.values) > 1 && many >= 0:
			return // two lists: which goes with which is lost
		case len(s.values) > 1:
			many = v
			fallthrough
		default:
			known++
		}
	}
	switch {
	case unknown > 0 && open == whole:
		return
	case unknown > 0 && known == 0 && open == partly && r.sight != complete && !tp.idLast:
		return // the caller chose the name, and it is not shown
	case unknown > 0 && open != all && !tp.created && (known == 0 || !r.edgeKnown(tp)):
		return
	}
	if defaulted {
		known++
	}
	if known == 0 && unknown == 0 && !tp.required && !tp.primary && t.kinds > 1 {
		return // a template without names is one thing an account has: only if the event means it
	}
	n := 1
	if many >= 0 {
		n = len(r.slots[tp.slot+many].values)
	}
	for i := range n {
		mark := r.arena.mark()
		if !r.build(t, tp, many, i) {
			r.arena.drop(mark)
			continue
		}
		s := r.arena.since(mark)
		r.use(t, kind, s, kindOf(s), basis)
	}
}

// lastAssigned reports whether the service chooses the last name of what is made.
func lastAssigned(form *template) bool {
	vars := names(form)
	return len(vars) > 0 && assigned(vars[len(vars)-1])
}

// defaultOf is the name that the service takes where a call has parameters but
// none for the variable, "" where nothing is known of that.
func (r *Resolver) defaultOf(tp *typePlan, v int) string {
	if tp.defaults == nil || r.sight.lacking() || !slices.ContainsFunc(r.paths, func(pp *pathPlan) bool { return pp.root == 'p' }) {
		return ""
	}
	return tp.defaults[v]
}

// edgeKnown reports whether the first or the last name of the template has a
// value: the one that tells resources apart.
func (r *Resolver) edgeKnown(tp *typePlan) bool {
	known, first := false, true
	for v, name := range tp.form.vars {
		if envelope(name) {
			continue
		}
		known = len(r.slots[tp.slot+v].values) > 0
		if first && known {
			return true
		}
		if first && name == "BucketName" || !first && name == "ObjectName" {
			return false // a key tells nothing without its bucket
		}
		first = false
	}
	return known
}

// build writes one ARN to the arena: the i-th value of the variable many, the
// only value of the others. False: a value may not become part of an ARN.
func (r *Resolver) build(t *target, tp *typePlan, many, i int) bool {
	region, account := r.place(tp)
	skip := false
	for v, name := range tp.form.vars {
		lit := tp.form.lits[v]
		if skip { // the value before held this one's too
			skip = false
			continue
		}
		r.arena.add(lit)
		value := "*"
		switch name {
		case "Partition":
			value = r.accounts[0]
		case "Region":
			value = orStar(region)
		case "Account":
			if r.awsOwned(tp, many, i) {
				continue // no account
			}
			value = orStar(account)
		default:
			if d := r.defaultOf(tp, v); d != "" && len(r.slots[tp.slot+v].values) == 0 {
				value = d
			} else if values := r.slots[tp.slot+v].values; len(values) > 0 {
				n := 0
				if v == many {
					n = i
				}
				ok := false
				value, ok = bare(tp, name, scoped(name, tidy(values[n], lit)))
				if !ok || !tagged(lit, values[n]) || !concrete(value) || escaped(name, value) || r.otherID(t, tp, values[n]) {
					return false
				}
				if strings.HasPrefix(tp.form.lits[1], ":iam:") && strings.HasSuffix(name, "WithPath") && !roleName(value) {
					return false // "AWS ROOT USER" is no user
				}
				skip = r.compound(tp, v, value)
				if strings.HasSuffix(name, "WithPath") && !r.path() {
					return false
				}
			}
		}
		if envelope(name) && value != "*" && (!concrete(value) || strings.Contains(value, ":")) {
			return false
		}
		r.arena.add(value)
	}
	r.arena.add(tp.form.lits[len(tp.form.vars)])
	return true
}

// place tells where a resource of the type is: with the outer resource that the
// call names by its ARN, else where the call goes.
//
// What lies in an organization is its management account's, and which one that is
// the record does not tell: delegated administrators call too.
func (r *Resolver) place(tp *typePlan) (region, account string) {
	if strings.HasPrefix(tp.form.lits[min(1, len(tp.form.lits)-1)], ":organizations:") {
		return r.region, ""
	}
	for v := range tp.form.vars {
		s := &r.slots[tp.slot+v]
		if s.within != "" && len(s.values) > 1 {
			return "", "" // several, perhaps in several places
		}
		if arn := s.within; arn != "" {
			if region, account := placeOf(arn); account != "" {
				return region, account
			}
		}
	}
	return r.region, r.accounts[1]
}

// path writes the path that a call gives its new IAM resource, without the
// leading slash. False: it may not become part of an ARN.
func (r *Resolver) path() bool {
	path := strings.TrimPrefix(r.value("path"), "/")
	if path != "" && (!concrete(path) || !strings.HasSuffix(path, "/")) {
		return false
	}
	r.arena.add(path)
	return true
}

// compound reports whether a value also holds the next name of the template,
// which nothing else names: "family:3" is family and revision.
func (r *Resolver) compound(tp *typePlan, v int, value string) bool {
	if v+2 != len(tp.form.vars) || len(r.slots[tp.slot+v+1].values) > 0 {
		return false
	}
	lit := tp.form.lits[v+1]
	return lit != "" && strings.Contains(value, lit)
}

// scoped spells the scope of AWS WAF and the type of an organization's policy as
// their ARNs do.
func scoped(name, value string) string {
	switch {
	case name != "Scope" && name != "PolicyType":
		return value
	case value == "CLOUDFRONT":
		return "global"
	}
	return strings.ToLower(value)
}

// tagged reports whether an id begins as the literal before its variable wants:
// what is written "ou-${Id}" is an id only with its "ou-".
func tagged(lit, value string) bool {
	tail := lit[strings.LastIndexAny(lit, ":/")+1:]
	return len(tail) < 2 || tail[len(tail)-1] != '-' || strings.HasPrefix(value, tail)
}

func orStar(s string) string {
	if s == "" {
		return "*"
	}
	return s
}

// tidy reduces a value to the name that a template wants after the literal lit:
// the last part of a URL, and no repetition of what the literal ends in
// ("alias/" before "alias/key", "/" before "/path").
func tidy(value, lit string) string {
	if i := strings.Index(value, "://"); i >= 0 && i < 12 {
		value = strings.TrimSuffix(value, "/")
		value = value[strings.LastIndexByte(value, '/')+1:]
	}
	if tail := lit[strings.LastIndexByte(lit, ':')+1:]; strings.HasSuffix(tail, "/") {
		value = strings.TrimPrefix(value, "/")
		value = strings.TrimPrefix(value, tail)
	}
	if tail := lit[strings.LastIndexAny(lit, ":/")+1:]; tail != "" {
		value = strings.TrimPrefix(value, tail)
	}
	return value
}

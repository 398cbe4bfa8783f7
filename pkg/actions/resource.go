package actions

import (
	"net/url"
	"slices"
	"strings"
)

// use appends a use of the target's action.
func (r *Resolver) use(t *target, resource string, kind Kind, basis Basis) {
	for i := range r.uses {
		u := &r.uses[i]
		if u.Action == t.action && u.Resource == resource && u.PassedTo == "" {
			return
		}
	}
	r.uses = append(r.uses, Use{Action: t.action, Resource: resource, Kind: kind, Level: t.level, Basis: basis})
}

// emit derives the resources of one target and appends its uses.
func (r *Resolver) emit(index int, t *target, basis Basis) {
	if t.kinds == 0 {
		r.use(t, "*", KindStar, basis)
		return
	}
	before := len(r.uses)
	if r.special(t, basis) {
		return
	}
	r.fromARNs(index, t, basis)
	r.fromIDs(index, t, basis)
	for i := range t.types {
		tp := &t.types[i]
		if t.create && !tp.created || r.covered(t, i, before) || r.otherKind(tp) {
			continue
		}
		r.fromNames(t, tp, basis, false)
	}
	if len(r.uses) == before {
		r.fromPrefix(t, basis)
	}
	r.missing(t, before, basis)
}

// missing handles the types that nothing named: what the event creates under a
// name of the service's choosing is requested as "type/*"; a partly known name
// becomes a pattern; else a required type, or no resource at all, is none.
func (r *Resolver) missing(t *target, before int, basis Basis) {
	for i := range t.types {
		tp := &t.types[i]
		if t.create && !tp.created || r.covered(t, i, before) {
			continue
		}
		if !r.otherKind(tp) && (tp.created || len(r.uses) == before && (tp.required || t.kinds == 1)) {
			r.fromNames(t, tp, basis, true)
		}
	}
	if len(r.uses) == before {
		r.onlyOne(t, basis)
	}
	if len(r.uses) == before {
		r.use(t, "", KindNone, basis)
		return
	}
	for i := range t.types {
		if t.types[i].required && !t.create && !r.covered(t, i, before) {
			r.use(t, "", KindNone, basis)
			return
		}
	}
}

// onlyOne uses the type whose template holds no names, such as the account, where
// the call names no resource of another type.
func (r *Resolver) onlyOne(t *target, basis Basis) {
	only := -1
	for i := range t.types {
		if named(&t.types[i]) {
			continue
		}
		if only >= 0 {
			return
		}
		only = i
	}
	if only < 0 || t.create {
		return
	}
	mark := r.arena.mark()
	r.build(t, &t.types[only], -1, 0)
	s := r.arena.since(mark)
	r.use(t, s, kindOf(s), basis)
}

// named reports whether a type's template has a variable for a name.
func named(tp *typePlan) bool {
	return slices.ContainsFunc(tp.form.vars, func(v string) bool { return !envelope(v) })
}

// covered reports whether a use since before is of the type, under any of the
// templates that the type has.
func (r *Resolver) covered(t *target, kind, before int) bool {
	for i := range r.uses[before:] {
		u := &r.uses[before+i]
		if u.Action != t.action || u.Resource == "" {
			continue
		}
		if best := bestType(t, u.Resource); best >= 0 && t.types[best].name == t.types[kind].name {
			return true
		}
	}
	return false
}

// bestType is the most specific type whose template an ARN has, -1 for none.
func bestType(t *target, arn string) int {
	best := -1
	for i := range t.types {
		tp := &t.types[i]
		if (tp.arn.match(arn) || tp.form.match(arn)) && (best < 0 || tp.arn.size > t.types[best].arn.size) {
			best = i
		}
	}
	return best
}

// fromARNs uses the ARNs of resources[] and, for types that those do not name,
// ARN-shaped parameters.
func (r *Resolver) fromARNs(index int, t *target, basis Basis) {
	before := len(r.uses)
	restricted := len(t.params) > 0
	for _, root := range []byte{'s', 'p'} {
		mid := len(r.uses)
		for i := range r.arns {
			a := &r.arns[i]
			if a.path.root != root || restricted && root == 'p' && !a.path.only[index] {
				continue
			}
			kind := bestType(t, a.value)
			if kind < 0 || t.create && !t.types[kind].created {
				continue
			}
			if root == 'p' && r.coveredBy(t, kind, before, mid) {
				continue
			}
			r.arn(t, kind, a.value, basis)
		}
	}
	if restricted {
		r.restrict(t, before, index)
	}
}

// restrict keeps, of the ARNs of a target that only one parameter names, those
// of resources[] only where there is no doubt which they are.
func (r *Resolver) restrict(t *target, before, index int) {
	named := false
	for i := range r.arns {
		a := &r.arns[i]
		named = named || a.path.root == 'p' && a.path.only[index] && bestType(t, a.value) >= 0
	}
	for i := range t.types {
		named = named || r.filled(&t.types[i])
	}
	if named {
		r.uses = r.uses[:before]
		for i := range r.arns {
			a := &r.arns[i]
			if a.path.root == 'p' && a.path.only[index] {
				if kind := bestType(t, a.value); kind >= 0 {
					r.arn(t, kind, a.value, t.basis)
				}
			}
		}
		return
	}
	if len(r.uses)-before > 1 {
		for i := range r.uses[before:] {
			r.uses[before+i].Basis = Ambiguous
		}
	}
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

// coveredBy reports whether a use of [from, to) is of the type.
func (r *Resolver) coveredBy(t *target, kind, from, to int) bool {
	for _, u := range r.uses[from:to] {
		if u.Action == t.action && u.Resource != "" {
			if best := bestType(t, u.Resource); best >= 0 && t.types[best].name == t.types[kind].name {
				return true
			}
		}
	}
	return false
}

// arn appends a use of an ARN from the record, in the form that requests carry.
func (r *Resolver) arn(t *target, kind int, arn string, basis Basis) {
	tp := &t.types[kind]
	mark := r.arena.mark()
	r.arena.add(arn)
	if len(tp.form.lits) == len(tp.arn.lits) && !tp.form.match(arn) {
		// A curated form only adds a tail to the reference's template.
		n := len(tp.form.lits) - 1
		if tail, ok := strings.CutPrefix(tp.form.lits[n], tp.arn.lits[n]); ok {
			if !(strings.HasPrefix(tail, "-?") && hasSuffix6(arn)) {
				r.arena.add(tail)
			}
		}
	} else if tail := tp.form.lits[len(tp.form.lits)-1]; strings.HasPrefix(tail, "-?") && !hasSuffix6(arn) {
		r.arena.add(tail)
	}
	s := r.arena.since(mark)
	r.use(t, s, kindOf(s), basis)
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
	if strings.ContainsAny(arn, "*?") {
		return KindPattern
	}
	return KindARN
}

// fromPrefix uses ARNPrefix members of resources[], as DeleteObjects has.
func (r *Resolver) fromPrefix(t *target, basis Basis) {
	if t.create {
		return
	}
	for i := range r.prefixes {
		prefix := r.prefixes[i]
		mark := r.arena.mark()
		r.arena.add(prefix)
		r.arena.add("x")
		probe := r.arena.since(mark)
		if bestType(t, probe) < 0 {
			r.arena.drop(mark)
			continue
		}
		r.arena.drop(mark)
		mark = r.arena.mark()
		r.arena.add(prefix)
		r.arena.add("*")
		r.use(t, r.arena.since(mark), KindPattern, basis)
	}
}

// fromNames fills a type's template from parameters. With partial, variables
// that nothing names become "*" where that is sound.
func (r *Resolver) fromNames(t *target, tp *typePlan, basis Basis, partial bool) {
	many, known, unknown := -1, 0, 0
	for v, name := range tp.form.vars {
		if envelope(name) {
			continue
		}
		switch s := &r.slots[tp.slot+v]; {
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
	case unknown > 0 && !partial:
		return
	case unknown > 0 && !tp.created && (known == 0 || !r.edgeKnown(tp)):
		return
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
		r.use(t, s, kindOf(s), basis)
	}
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
		first = false
	}
	return known
}

// build writes one ARN to the arena: the i-th value of the variable many, the
// only value of the others. False: a value may not become part of an ARN.
func (r *Resolver) build(t *target, tp *typePlan, many, i int) bool {
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
			value = orStar(r.region)
		case "Account":
			value = orStar(r.accounts[1])
		default:
			if values := r.slots[tp.slot+v].values; len(values) > 0 {
				n := 0
				if v == many {
					n = i
				}
				if value = scoped(name, tidy(values[n], lit)); !concrete(value) || r.otherID(t, tp, values[n]) {
					return false
				}
				skip = r.compound(tp, v, value)
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

// compound reports whether a value also holds the next name of the template,
// which nothing else names: "family:3" is family and revision.
func (r *Resolver) compound(tp *typePlan, v int, value string) bool {
	if v+2 != len(tp.form.vars) || len(r.slots[tp.slot+v+1].values) > 0 {
		return false
	}
	lit := tp.form.lits[v+1]
	return lit != "" && strings.Contains(value, lit)
}

// scoped spells the scope of AWS WAF as its ARNs do.
func scoped(name, value string) string {
	if name != "Scope" {
		return value
	}
	if value == "CLOUDFRONT" {
		return "global"
	}
	return strings.ToLower(value)
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

// fromIDs uses the ids of parameters that name resources of any type ("resources",
// "resourceId"): their prefix tells the type.
func (r *Resolver) fromIDs(index int, t *target, basis Basis) {
	if len(t.ids) == 0 || t.create {
		return
	}
	for i, pp := range r.paths {
		if pp.root != 'p' || !pp.anyID || !pp.only[index] || !concrete(r.values[i]) {
			continue
		}
		kind := typeOfID(t, r.values[i])
		if kind < 0 {
			continue
		}
		mark := r.arena.mark()
		if r.buildFrom(t, &t.types[kind], r.values[i]) {
			s := r.arena.since(mark)
			r.use(t, s, kindOf(s), basis)
		} else {
			r.arena.drop(mark)
		}
	}
}

// otherID reports whether an id's prefix says that it names another of the
// target's types.
func (r *Resolver) otherID(t *target, tp *typePlan, id string) bool {
	if len(t.ids) == 0 {
		return false
	}
	kind := typeOfID(t, id)
	return kind >= 0 && t.types[kind].name != tp.name
}

// typeOfID finds the target's type that an id's prefix tells, -1 for none.
func typeOfID(t *target, id string) int {
	best := idRow{}
	for _, row := range t.ids {
		if strings.HasPrefix(id, row.prefix) && len(row.prefix) > len(best.prefix) {
			best = row
		}
	}
	for i := range t.types {
		if best.kind != "" && t.types[i].name == best.kind {
			return i
		}
	}
	return -1
}

// buildFrom writes the ARN of a type whose last name is the value; other names
// that no parameter gives become "*".
func (r *Resolver) buildFrom(t *target, tp *typePlan, value string) bool {
	last := len(tp.form.vars) - 1
	if last < 0 || envelope(tp.form.vars[last]) {
		return false
	}
	slot := &r.slots[tp.slot+last]
	saved, keep := slot.values, [1]string{value}
	slot.values = keep[:]
	ok := r.build(t, tp, -1, 0)
	slot.values = saved
	return ok
}

// otherKind tells types of one service apart that share a template's names but
// not the calls that mean them: EventBridge's rules by their bus, load balancers
// by their generation.
func (r *Resolver) otherKind(tp *typePlan) bool {
	switch tp.name {
	case "rule-on-custom-event-bus", "rule-on-default-event-bus":
		bus := r.value("eventbusname")
		onDefault := bus == "" || bus == "default" || strings.HasSuffix(bus, ":event-bus/default")
		return onDefault == (tp.name == "rule-on-custom-event-bus")
	case "loadbalancer":
		return r.value("name") != ""
	case "loadbalancer/app/", "loadbalancer/net/", "loadbalancer/gwy/":
		kind := map[string]string{"": "app", "application": "app", "network": "net", "gateway": "gwy"}[r.value("type")]
		return r.value("name") == "" || tp.name != "loadbalancer/"+kind+"/"
	}
	return false
}

// special derives resources that no template rule fits. It reports whether it
// took the target over.
func (r *Resolver) special(t *target, basis Basis) bool {
	switch {
	case len(t.params) == 1 && t.params[0] == "x-amz-copy-source":
		r.copySource(t, basis)
		return true
	case strings.HasPrefix(t.action, "s3:"):
		return r.accessPoint(t, basis)
	}
	return false
}

// copySource uses the source object of a copy: "bucket/key?versionId=…",
// URL-encoded, or the ARN of an access point's object.
func (r *Resolver) copySource(t *target, basis Basis) {
	for i, pp := range r.paths {
		if pp.root != 'p' || len(pp.names) != 1 || pp.names[0] != "xamzcopysource" {
			continue
		}
		value, _, _ := strings.Cut(r.values[i], "?")
		if decoded, err := url.PathUnescape(value); err == nil {
			value = decoded
		}
		value = strings.TrimPrefix(value, "/")
		if !concrete(value) || !strings.Contains(value, "/") {
			continue
		}
		mark := r.arena.mark()
		if !isARN(value) {
			r.arena.add("arn:")
			r.arena.add(r.accounts[0])
			r.arena.add(":s3:::")
		}
		r.arena.add(value)
		r.use(t, r.arena.since(mark), KindARN, basis)
		return
	}
	r.use(t, "", KindNone, basis)
}

// accessPoint handles an S3 call whose bucket is an access point: by ARN, the
// access point (and its object) is the resource; by alias, it is unknown.
func (r *Resolver) accessPoint(t *target, basis Basis) bool {
	for i, pp := range r.paths {
		if pp.root != 'p' || len(pp.names) != 1 || pp.names[0] != "bucketname" {
			continue
		}
		bucket := r.values[i]
		if strings.HasSuffix(bucket, "-s3alias") || strings.HasSuffix(bucket, "--ol-s3") {
			r.use(t, "", KindNone, basis)
			return true
		}
		if !isARN(bucket) || !strings.Contains(bucket, ":accesspoint/") || !concrete(bucket) {
			return false
		}
		mark := r.arena.mark()
		r.arena.add(bucket)
		if key := r.value("key"); key != "" && concrete(key) && !bucketAction(t) {
			r.arena.add("/object/")
			r.arena.add(key)
		}
		r.use(t, r.arena.since(mark), KindARN, basis)
		return true
	}
	return false
}

// bucketAction reports whether an S3 action is on buckets and not on objects.
func bucketAction(t *target) bool {
	for i := range t.types {
		if strings.HasSuffix(strings.ToLower(t.types[i].name), "object") {
			return false
		}
	}
	return true
}

// value is the first value of a top-level parameter.
func (r *Resolver) value(name string) string {
	for i, pp := range r.paths {
		if pp.root == 'p' && len(pp.names) == 1 && pp.names[0] == name {
			return r.values[i]
		}
	}
	return ""
}

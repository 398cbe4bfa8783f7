package actions

import (
	"net/url"
	"slices"
	"strings"
)

// fromIDs uses the ids of parameters that name resources of any type ("resources",
// "resourceId"): their prefix tells the type.
func (r *Resolver) fromIDs(index int, t *target, basis Basis) {
	if t.create {
		return
	}
	byInstance, word := r.byInstance(), r.value("resourcetype")
	for i, pp := range r.paths {
		if pp.root != 'p' || !pp.anyID && !(pp.targets && byInstance) || !pp.only[index] || !concrete(r.values[i]) {
			continue
		}
		kind := typeOfID(t, r.values[i])
		if kind < 0 && pp.typed && word != "" {
			kind = slices.IndexFunc(t.types, func(tp typePlan) bool { return sameWord(word, tp.name) })
		}
		if kind < 0 {
			continue
		}
		mark := r.arena.mark()
		if r.buildFrom(t, &t.types[kind], r.values[i]) {
			s := r.arena.since(mark)
			r.use(t, kind, s, kindOf(s), basis)
		} else {
			r.arena.drop(mark)
		}
	}
}

// typeWord is the value of a call's resourceType, "" without one.
func (r *Resolver) typeWord(leaves []Arg) string {
	for i, pp := range r.paths {
		if pp.mark == markType {
			return leaves[i].Value
		}
	}
	return ""
}

// sameWord compares two names by their letters and digits alone, in any case:
// "ManagedInstance" is "managed-instance".
func sameWord(a, b string) bool {
	i, j := 0, 0
	for {
		for i < len(a) && !alphanumeric(a[i]) {
			i++
		}
		for j < len(b) && !alphanumeric(b[j]) {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		if lowerByte(a[i]) != lowerByte(b[j]) {
			return false
		}
		i, j = i+1, j+1
	}
}

func alphanumeric(c byte) bool {
	l := lowerByte(c)
	return 'a' <= l && l <= 'z' || '0' <= l && l <= '9'
}

// otherID reports whether an id's prefix says that it names another of the
// target's types.
func (r *Resolver) otherID(t *target, tp *typePlan, id string) bool {
	if len(t.ids) == 0 {
		return false
	}
	kind := typeOfID(t, id)
	if kind < 0 {
		return awsOnly(tp) && slices.ContainsFunc(t.ids, func(row idRow) bool { return row.kind == tp.name })
	}
	return t.types[kind].name != tp.name
}

// awsOnly reports whether a type's resources are all AWS's own: its template has
// "aws" for the account. Their ids have a prefix of their own.
func awsOnly(tp *typePlan) bool {
	return slices.ContainsFunc(tp.form.lits, func(lit string) bool { return strings.HasPrefix(lit, ":aws:") })
}

// identity fills the names that a cluster's access entry takes from the principal
// whose ARN a call has: role or user, account, name. A name with a path stays open,
// since which part of it the entry has is not documented.
func (r *Resolver) identity(p *plan, pp *pathPlan, arn string) {
	n := len(pp.names)
	if pp.root != 'p' || n == 0 || pp.names[n-1] != "principalarn" {
		return
	}
	service, resource := serviceOf(arn)
	kind, name, ok := strings.Cut(resource, "/")
	_, account := placeOf(arn)
	if service != "iam" || !ok || kind != "role" && kind != "user" || !roleName(name) {
		return
	}
	for i := range p.targets {
		for j := range p.targets[i].types {
			for v, variable := range p.targets[i].types[j].form.vars {
				value := ""
				switch variable {
				case "IamIdentityType":
					value = kind
				case "IamIdentityAccountID":
					value = account
				case "IamIdentityName":
					if !strings.Contains(name, "/") {
						value = name
					}
				}
				if value != "" {
					r.fill(fill{slot: p.targets[i].types[j].slot + v}, value)
				}
			}
		}
	}
}

// typeOfID finds the target's type that an id's prefix tells, -1 for none. What
// follows the prefix of EC2's ids has no dash: "ipam-scope-0a" is no "ipam".
func typeOfID(t *target, id string) int {
	best := idRow{}
	ec2 := strings.HasPrefix(t.action, "ec2:")
	for _, row := range t.ids {
		rest, ok := strings.CutPrefix(id, row.prefix)
		if ok && len(row.prefix) > len(best.prefix) && !(ec2 && strings.Contains(rest, "-")) {
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
// by their generation, a firewall's rule groups by their type.
func (r *Resolver) otherKind(tp *typePlan) bool {
	switch tp.name {
	case "rule-on-custom-event-bus", "rule-on-default-event-bus":
		bus := r.value("eventbusname")
		onDefault := bus == "" || bus == "default" || strings.HasSuffix(bus, ":event-bus/default")
		return onDefault == (tp.name == "rule-on-custom-event-bus")
	case "StatefulRuleGroup", "StatelessRuleGroup":
		word := r.value("type")
		return !sameWord(word, strings.TrimSuffix(tp.name, "RuleGroup"))
	case "loadbalancer":
		return r.value("name") != ""
	case "loadbalancer/app/", "loadbalancer/net/", "loadbalancer/gwy/":
		return r.value("name") == "" || tp.name != loadBalancerType(r.value("type"))
	}
	return false
}

// loadBalancerType is the resource type of a load balancer's type parameter.
func loadBalancerType(kind string) string {
	switch kind {
	case "network":
		return "loadbalancer/net/"
	case "gateway":
		return "loadbalancer/gwy/"
	}
	return "loadbalancer/app/"
}

// tagged tells whether a create with tags tags the new resource of this type, "" for
// no: a tag specification names the types; else it is the type that the event is
// named for, and perhaps what comes with it.
func (r *Resolver) tagged(t *target, tp *typePlan) Basis {
	if !tp.created {
		return ""
	}
	specified := false
	for i, pp := range r.paths {
		n := len(pp.names)
		if pp.root == 'p' && n > 1 && pp.names[n-1] == "resourcetype" && strings.HasPrefix(pp.names[0], "tagspec") && r.values[i] != "" {
			specified = true
			if r.values[i] == tp.name {
				return Inferred
			}
		}
	}
	switch {
	case specified:
		return ""
	case tp.noun, !slices.ContainsFunc(t.types, func(o typePlan) bool { return o.noun && !r.otherKind(&o) }):
		return Inferred
	}
	return Ambiguous
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
	case strings.HasPrefix(t.action, "dynamodb:"):
		return r.tables(t, basis)
	case t.action == "ssm:StartSession":
		if r.task(t, basis) {
			return r.value("documentname") == ""
		}
	case strings.HasPrefix(t.action, "iam:"):
		return r.self(t, basis)
	case t.action == "sts:AssumeRoot":
		return r.root(t, basis)
	case strings.HasPrefix(t.action, "apigateway:"):
		return r.tagsPath(t, basis)
	}
	return false
}

// copySource uses the source object of a copy: "bucket/key?versionId=…",
// URL-encoded, or the ARN of an access point's object.
func (r *Resolver) copySource(t *target, basis Basis) {
	for i, pp := range r.paths {
		if pp.top != "xamzcopysource" {
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
		r.use(t, -1, r.arena.since(mark), KindARN, basis)
		return
	}
	r.use(t, -1, "", KindNone, basis)
}

// accessPoint handles an S3 call whose bucket is an access point: by ARN, the
// access point (and its object) is the resource; by alias, also that of a Multi-Region
// access point, the one in resources[].
func (r *Resolver) accessPoint(t *target, basis Basis) bool {
	for i, pp := range r.paths {
		if pp.top != "bucketname" {
			continue
		}
		bucket := r.values[i]
		if strings.HasSuffix(bucket, "-s3alias") || strings.HasSuffix(bucket, "--ol-s3") || strings.HasSuffix(bucket, ".mrap") && !isARN(bucket) {
			if bucket = r.accessPointARN(); bucket == "" {
				r.use(t, -1, "", KindNone, basis)
				return true
			}
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
		r.use(t, -1, r.arena.since(mark), KindARN, basis)
		return true
	}
	return false
}

// accessPointARN is the access point among resources[], "" without one.
func (r *Resolver) accessPointARN() string {
	for i := range r.arns {
		if a := &r.arns[i]; a.path.root == 's' && strings.Contains(a.value, ":accesspoint/") && !strings.Contains(a.value, "/object/") {
			return a.value
		}
	}
	return ""
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

// has reports whether the call has a top-level parameter, with a value or without.
func (r *Resolver) has(name string) bool {
	return slices.ContainsFunc(r.paths, func(pp *pathPlan) bool { return pp.top == name })
}

// value is the first value of a top-level parameter.
func (r *Resolver) value(name string) string {
	for i, pp := range r.paths {
		if pp.top == name {
			return r.values[i]
		}
	}
	return ""
}

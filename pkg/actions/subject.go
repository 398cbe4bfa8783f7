package actions

import (
	"slices"
	"strings"
)

// subARN reduces an ARN, of which service and resource are parts, to that of the resource that the decision is about:
// CloudWatch Logs writes ":*" after a log group, a subscription is decided on its
// topic, a shard's iterator on its stream, a parameter without its version.
func subARN(v, service, resource string) string {
	keep := len(v)
	switch {
	case service == "logs" && strings.HasPrefix(resource, "log-group:"):
		return strings.TrimSuffix(v, ":*")
	case service == "sns" || service == "ssm" && strings.HasPrefix(resource, "parameter/"):
		if i := strings.IndexByte(resource, ':'); i > 0 {
			keep -= len(resource) - i
		}
	case service == "dynamodb":
		if i := strings.IndexByte(resource, '|'); i > 0 {
			keep -= len(resource) - i
		}
	}
	return v[:keep]
}

// subject is subARN with CodeBuild's builds and reports too, of which the project
// and the group are decided on.
func (r *Resolver) subject(v string) string {
	service, resource := serviceOf(v)
	if service != "codebuild" {
		return subARN(v, service, resource)
	}
	kind, rest, _ := strings.Cut(resource, "/")
	name, _, ok := strings.Cut(rest, ":")
	outer := ""
	switch kind {
	case "build", "build-batch":
		outer = "project/"
	case "report":
		outer = "report-group/"
	}
	if !ok || outer == "" {
		return v
	}
	mark := r.arena.mark()
	r.arena.add(v[:len(v)-len(resource)])
	r.arena.add(outer)
	r.arena.add(name)
	return r.arena.since(mark)
}

// ownerParam reports whether a top-level parameter tells whose the named resource
// is: an account that is not the caller's.
func ownerParam(names []string) bool {
	if len(names) != 1 {
		return false
	}
	switch leaf := names[0]; leaf {
	case "catalogid", "registryid", "ownerid":
		return true
	default:
		return strings.HasPrefix(leaf, "owneraccount") || strings.HasPrefix(leaf, "ownerawsaccount") ||
			strings.HasPrefix(leaf, "queueowner") || strings.HasPrefix(leaf, "resourceowneraccount")
	}
}

// owned takes the owner that a parameter tells: an account id, or the URL of a
// queue, which tells the region too. Who makes something names the owner of what
// it is made from; that of the new resource is in doubt then.
func (r *Resolver) owned(p *plan, pp *pathPlan, value string) {
	switch {
	case pp.kind == queuePath:
		host, account := queueURL(value)
		if strings.Contains(value, "://") && !awsHost(host) {
			r.unname(p) // of a host that is not AWS's nothing is known
			return
		}
		if account == "" {
			return
		}
		r.accounts[1] = account
		if region := regionIn(host); region != "" {
			r.region, r.accounts[0] = region, partitionOf(region)
		}
	case strings.ContainsAny(value, ":/"):
		r.unname(p) // a catalog within a catalog: how its ARNs look is not known
	case len(value) != 12 || !digits(value):
	case p.making && strings.HasPrefix(pp.names[0], "owner") && value != r.accounts[1]:
		r.accounts[1] = ""
	default:
		r.accounts[1] = value
	}
}

// unname forgets the names that the parameters gave.
func (r *Resolver) unname(p *plan) {
	for i := range r.slots[:p.slots] {
		r.slots[i].values = r.slots[i].values[:0]
	}
}

// awsHost reports whether a host is one of AWS's service endpoints, those of a VPC
// among them ("Amazon SQS endpoints and quotas", "Interface VPC endpoints"; "Logging
// Amazon SQS API calls" writes "amazon.com").
func awsHost(host string) bool {
	for _, tail := range [...]string{".amazonaws.com", ".amazonaws.com.cn", ".amazon.com", ".api.aws", ".amazonaws.eu", ".c2s.ic.gov", ".sc2s.sgov.gov"} {
		if strings.HasSuffix(host, tail) {
			return true
		}
	}
	return false
}

// queueURL splits the host and the account out of a queue's URL,
// "https://sqs.REGION.amazonaws.com/ACCOUNT/NAME"; the account is "" in others.
func queueURL(value string) (host, account string) {
	_, rest, ok := strings.Cut(value, "://")
	if !ok {
		return "", ""
	}
	host, rest, _ = strings.Cut(rest, "/")
	account, _, ok = strings.Cut(rest, "/")
	if !ok || !accountID(account) {
		return host, ""
	}
	return host, account
}

// regionIn finds the region among a host's labels: "sqs.eu-west-1.amazonaws.com",
// "eu-west-1.queue.amazonaws.com".
func regionIn(host string) string {
	for host != "" {
		label, rest, _ := strings.Cut(host, ".")
		host = rest
		if regionName(label) {
			return label
		}
	}
	return ""
}

// regionName reports whether a string has the form of a region's name.
func regionName(s string) bool {
	n := len(s)
	return n >= 9 && n <= 20 && digits(s[n-1:]) && s[n-2] == '-' && strings.Count(s, "-") >= 2 && lower(s[:n-1])
}

// plain is what a member of the record tells of a region or an account, "" where it has
// characters that neither has: what is made of it goes into policies. Logs that were made
// anonymous have words in their place, which are no wildcards and match nothing.
func plain(value string) string {
	for i := 0; i < len(value); i++ {
		if c := value[i]; !alphanumeric(c) && c != '-' && c != '_' || i > 40 {
			return ""
		}
	}
	return value
}

// accountID reports whether a string has the form of an account's id.
func accountID(s string) bool { return len(s) == 12 && digits(s) }

// lower reports whether a string has only small letters and dashes.
func lower(s string) bool {
	for i := 0; i < len(s); i++ {
		if (s[i] < 'a' || s[i] > 'z') && s[i] != '-' {
			return false
		}
	}
	return true
}

// function reads the forms of a Lambda function's name that are not an ARN: name,
// ACCOUNT:name, ACCOUNT:function:name, each with ":qualifier" or without.
func (r *Resolver) function(value string) string {
	head, rest, ok := strings.Cut(value, ":")
	if !ok {
		return value
	}
	if len(head) == 12 && digits(head) {
		r.accounts[1] = head
		head, rest, ok = strings.Cut(strings.TrimPrefix(rest, "function:"), ":")
	}
	if ok {
		r.qualifier = rest
	}
	return head
}

// qualify names the version or alias that a call to a Lambda function asks for.
// An invocation is decided on the qualified function alone; of the other calls
// that is not sure, and they need both.
func (r *Resolver) qualify(t *target, before int) {
	qualifier := r.qualifier
	if qualifier == "" {
		qualifier = r.value("qualifier")
	}
	if qualifier == "" && r.has("qualifier") {
		qualifier = "*" // hidden: any of the function's
	} else if !concrete(qualifier) || strings.ContainsAny(qualifier, ":/") {
		return
	}
	for i, n := before, len(r.uses); i < n; i++ {
		u := &r.uses[i]
		_, resource := serviceOf(u.Resource)
		name, ok := strings.CutPrefix(resource, "function:")
		if !ok || strings.Contains(name, ":") {
			continue
		}
		mark := r.arena.mark()
		r.arena.add(u.Resource)
		r.arena.add(":")
		r.arena.add(qualifier)
		s := r.arena.since(mark)
		if strings.HasPrefix(t.action, "lambda:Invoke") {
			u.Resource, u.Kind = s, kindOf(s)
		} else {
			r.use(t, r.types[i], s, kindOf(s), u.Basis)
		}
	}
}

// targeted adds what a call of Systems Manager leaves open that names its
// instances by tags: which ones these are is not in the record.
func (r *Resolver) targeted(t *target, before int, basis Basis) {
	open := false
	for i, pp := range r.paths {
		if pp.root == 'p' && len(pp.names) == 2 && pp.names[0] == "targets" && pp.names[1] == "key" {
			open = open || r.values[i] != "InstanceIds"
		}
	}
	if !open {
		return
	}
	for i := range t.types {
		if t.types[i].name == "instance" && !r.covered(t, i, before) {
			r.use(t, -1, "", KindNone, basis)
		}
	}
}

// byInstance reports whether the targets of a call are all instance ids.
func (r *Resolver) byInstance() bool {
	for i, pp := range r.paths {
		if len(pp.names) == 2 && pp.names[0] == "targets" && pp.names[1] == "key" && r.values[i] != "InstanceIds" {
			return false
		}
	}
	return true
}

// outranked reports whether the call's own parameter names the resource of the
// type better than the one at which the ARN stood: a bucket's replication is the
// bucket's, not that of the destination. An ARN at a top-level parameter that is
// named for the type is no worse than a name.
func (r *Resolver) outranked(index, kind int, tp *typePlan, pp *pathPlan) bool {
	slot := r.lastSlot(tp)
	if slot == nil || !r.filled(tp) {
		return false
	}
	for _, f := range pp.fills {
		if f.target == index && f.kind == kind {
			return len(pp.names) > 1 && slot.rank < f.rank
		}
	}
	return slot.rank < 13*16 && !slot.bare // the ARN's parameter is not named for the type
}

// besides reports whether a call that names a resource of the type by its ARN at
// one parameter names another at another one: a copy has a source and a target.
func (r *Resolver) besides(index, kind int, t *target) bool {
	tp := &t.types[kind]
	slot := r.lastSlot(tp)
	if slot == nil || slot.bare || slot.rank >= 13*16 || !r.filled(tp) || len(t.params) > 0 {
		return false
	}
	found := false
	for i := range r.arns {
		a := &r.arns[i]
		if a.typeOf(t) != kind {
			continue
		}
		if a.path.root == 's' {
			return false // resources[] has it all
		}
		found = found || slices.ContainsFunc(a.path.fills, func(f fill) bool {
			return f.target == index && f.kind == kind && f.rank != slot.rank
		})
	}
	return found
}

// lastSlot is the slot of a type's last name, nil where it has none.
func (r *Resolver) lastSlot(tp *typePlan) *slot {
	for v := len(tp.form.vars) - 1; v >= 0; v-- {
		if !envelope(tp.form.vars[v]) {
			return &r.slots[tp.slot+v]
		}
	}
	return nil
}

// unqualified adds the state machine itself where a call names its version or
// alias: which of the two is decided on depends on the policy's conditions.
func (r *Resolver) unqualified(t *target, before int) {
	for i, n := before, len(r.uses); i < n; i++ {
		u := r.uses[i]
		_, resource := serviceOf(u.Resource)
		name, ok := strings.CutPrefix(resource, "stateMachine:")
		_, qualifier, qualified := strings.Cut(name, ":")
		if ok && qualified {
			r.use(t, r.types[i], u.Resource[:len(u.Resource)-len(qualifier)-1], u.Kind, u.Basis)
		}
	}
}

// awsOwned reports whether a document or parameter of Systems Manager is one of
// AWS's own: nobody else's name begins so, and their ARNs have no account.
func (r *Resolver) awsOwned(tp *typePlan, many, i int) bool {
	if !strings.HasPrefix(tp.form.lits[1], ":ssm:") {
		return false
	}
	for v, name := range tp.form.vars {
		n := 0
		if v == many {
			n = i
		}
		values := r.slots[tp.slot+v].values
		if n >= len(values) {
			continue
		}
		switch name {
		case "DocumentName":
			return reserved(values[n])
		case "ParameterNameWithoutLeadingSlash":
			return strings.HasPrefix(strings.TrimPrefix(values[n], "/"), "aws/service/")
		}
	}
	return false
}

// reserved reports whether a document's name begins as only AWS's do.
func reserved(name string) bool {
	for _, p := range [...]string{"aws", "amazon", "amzn"} {
		if len(name) > len(p) && strings.EqualFold(name[:len(p)], p) {
			return true
		}
	}
	return false
}

// bare reduces a value to the name that the variable wants: without the selector
// of a parameter, and of a build's id only the project. False: the value names
// something else.
func bare(tp *typePlan, variable, value string) (string, bool) {
	switch service := tp.form.lits[min(1, len(tp.form.lits)-1)]; {
	case variable == "AccountId", variable == "MemberAccountId":
		return value, len(value) == 12 && digits(value) // an invitation may go to an e-mail address
	case variable == "ParameterNameWithoutLeadingSlash", variable == "ProjectName" && strings.HasPrefix(service, ":codebuild:"):
		value, _, _ = strings.Cut(value, ":")
	case strings.HasPrefix(service, ":kms:"):
		return value, !strings.HasPrefix(value, "alias/")
	}
	return value, true
}

package actions

import "strings"

// adjust corrects what the general rules make of one target's resources, the uses since
// before: services that decide on more than the call names, or spell it otherwise.
func (r *Resolver) adjust(t *target, before int, basis Basis) {
	switch {
	case strings.HasPrefix(t.action, "lambda:"):
		r.qualify(t, before)
	case strings.HasPrefix(t.action, "states:"):
		r.unqualified(t, before)
	case strings.HasPrefix(t.action, "ssm:"):
		r.targeted(t, before, basis)
	case strings.HasPrefix(t.action, "bedrock:InvokeModel"):
		r.profiled(t, before, basis)
	}
	if !t.create {
		r.respelt(before)
	}
}

// profiled adds the foundation models that an inference profile leads to: whoever
// invokes one needs the model in each of its regions too ("Prerequisites for inference
// profiles", Amazon Bedrock user guide). The model of a cross-region profile follows the
// geography in its id; that of an application's own profile the record does not tell.
func (r *Resolver) profiled(t *target, before int, basis Basis) {
	for i, n := before, len(r.uses); i < n; i++ {
		_, resource := serviceOf(r.uses[i].Resource)
		kind, id, _ := strings.Cut(resource, "/")
		if kind != "inference-profile" && kind != "application-inference-profile" {
			continue
		}
		geography, model, ok := strings.Cut(id, ".")
		if kind != "inference-profile" || !ok || !lower(geography) || !strings.Contains(model, ".") {
			r.use(t, -1, "", KindNone, basis)
			continue
		}
		mark := r.arena.mark()
		for _, s := range [...]string{"arn:", r.accounts[0], ":bedrock:*::foundation-model/", model} {
			r.arena.add(s)
		}
		s := r.arena.since(mark)
		r.use(t, bestType(t, s), s, KindPattern, basis)
	}
}

// respelt takes the response's spelling of a resource where it differs from the call's
// in nothing but capitals: some services write the names they are given in small letters.
func (r *Resolver) respelt(before int) {
	for _, arn := range r.answers {
		for i := range r.uses[before:] {
			if u := &r.uses[before+i]; u.Kind == KindARN && u.Resource != arn && strings.EqualFold(u.Resource, arn) {
				u.Resource = arn
			}
		}
	}
}

// task uses the ECS task that a session's target names, "ecs:CLUSTER_TASK_CONTAINER"
// ("Using Amazon ECS Exec": the target is made of cluster name, task id and the
// container's runtime id). It reports whether the call names one.
func (r *Resolver) task(t *target, basis Basis) bool {
	rest, ok := strings.CutPrefix(r.value("target"), "ecs:")
	if !ok {
		return false
	}
	container := strings.LastIndexByte(rest, '_')
	if container < 0 || !concrete(rest) || strings.ContainsAny(rest, ":/") {
		r.use(t, -1, "", KindNone, basis)
		return true
	}
	rest = rest[:container]
	task := strings.LastIndexByte(rest, '_')
	if task <= 0 {
		r.use(t, -1, "", KindNone, basis)
		return true
	}
	mark := r.arena.mark()
	for _, s := range [...]string{"arn:", r.accounts[0], ":ecs:", orStar(r.region), ":", orStar(r.accounts[1]), ":task/", rest[:task], "/", rest[task+1:]} {
		r.arena.add(s)
	}
	s := r.arena.since(mark)
	r.use(t, bestType(t, s), s, kindOf(s), basis)
	return true
}

// root uses the root user of the account that AssumeRoot names, by its id or its ARN
// ("AssumeRoot", AWS STS API reference).
func (r *Resolver) root(t *target, basis Basis) bool {
	account := r.value("targetprincipal")
	if !accountID(account) {
		return false
	}
	mark := r.arena.mark()
	for _, s := range [...]string{"arn:", r.accounts[0], ":iam::", account, ":root"} {
		r.arena.add(s)
	}
	r.use(t, 0, r.arena.since(mark), KindARN, basis)
	return true
}

// selfCalls are IAM's operations that are about the caller where they name no user: "If
// you do not specify a user name, IAM determines the user name implicitly" (IAM API
// reference, of each of them), and ChangePassword, which takes none.
const selfCalls = " ChangePassword CreateAccessKey CreateLoginProfile DeactivateMFADevice DeleteAccessKey DeleteLoginProfile " +
	"DeleteSigningCertificate GetLoginProfile GetUser ListAccessKeys ListMFADevices ListSSHPublicKeys ListSigningCertificates " +
	"UpdateAccessKey UpdateSigningCertificate UploadSigningCertificate "

// self uses the user who calls IAM about themselves. It reports whether it did. Of a call
// that failed the name may be missing from the record.
func (r *Resolver) self(t *target, basis Basis) bool {
	_, op, _ := strings.Cut(t.action, ":")
	if r.caller == "" || !listed(selfCalls, op) || r.has("username") || r.sight.lacking() || r.sight == absent && r.failed {
		return false
	}
	kind := bestType(t, r.caller)
	if kind < 0 || !iamARN(r.caller, "user/") {
		return false
	}
	r.use(t, kind, r.caller, KindARN, basis)
	return true
}

package synth

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// versionsPerPolicy is the number of versions that AWS keeps of a managed policy.
// Source: IAM user guide, "IAM and AWS STS quotas" (2026-11).
const versionsPerPolicy = 5

// addTargets reads from the account files what is attached today.
func (pl *planner) addTargets(s *account.Snapshot) {
	if s == nil {
		return
	}
	for _, p := range s.Principals {
		kind := iam.RoleInline
		if p.Kind == account.UserKind {
			kind = iam.UserInline
		}
		pl.addTarget(p.ARN, kind, p.Attached, p.Inline)
	}
	for _, g := range s.Groups {
		pl.addTarget(g.ARN, iam.GroupInline, g.Attached, g.Inline)
	}
	for _, arns := range pl.attached {
		slices.Sort(arns)
	}
}

func (pl *planner) addTarget(arn string, kind iam.PolicyKind, attached []string, inline []*account.Policy) {
	pl.targets[arn] = newTarget(arn, kind, attached, inline)
	for _, policy := range attached {
		pl.attached[policy] = append(pl.attached[policy], arn)
	}
}

func newTarget(arn string, kind iam.PolicyKind, attached []string, inline []*account.Policy) *target {
	h := &target{arn: arn, kind: kind, holds: len(attached) + len(inline), free: managedPerPrincipal - len(attached)}
	for _, p := range inline {
		h.names = append(h.names, p.Name)
		if p.Document != nil {
			h.inline += p.Document.Size()
		} else {
			h.inline += len(p.Raw)
		}
	}
	return h
}

// target is that of an ARN; of what is attached to one that the account files lack,
// nothing is known.
func (pl *planner) target(arn string) *target {
	h := pl.targets[arn]
	if h == nil {
		h = newTarget(arn, iam.RoleInline, nil, nil)
		pl.targets[arn] = h
	}
	return h
}

// squeeze emits the steps of a job for which no slot is free, and none becomes free but
// by detaching the very policy that it replaces. Meanwhile an inline policy holds the
// document that has to wait; where that has no room, less is allowed for a moment.
func (pl *planner) squeeze(j *job) {
	if !j.frees || len(j.targets) != 1 || j.targets[0].left() < j.slots()-1 {
		pl.run(j) // over the quota: attach says so
		return
	}
	j.done = true
	h, news := j.targets[0], pl.create(j)
	last := news[len(news)-1]
	var needs []int
	for _, n := range news[:len(news)-1] {
		needs = append(needs, pl.attach(j, h, n))
	}
	if h.inline+j.x.New[last.document].Size() > quotaOf(h.kind) {
		pl.detach(j, h, append(needs, last.step))
		s := &j.x.Steps[len(j.x.Steps)-1]
		s.Gap = true
		s.Note = fmt.Sprintf("all %d slots are taken, and there is no room for an inline policy meanwhile: do this step and the next at once, or have the quota raised and attach first", managedPerPrincipal)
		pl.attach(j, h, last)
		return
	}
	name := h.fresh(clipName(j.x.Name, "-meanwhile"))
	bridge := pl.emit(j.x, Step{Do: PutInline, Policy: name, On: h.arn, Document: last.document, Needs: []int{last.step},
		Note: fmt.Sprintf("for the moment: all %d slots are taken", managedPerPrincipal)})
	pl.detach(j, h, append(needs, bridge))
	attached := pl.attach(j, h, last)
	pl.emit(j.x, Step{Do: DeleteInline, Policy: name, On: h.arn, Document: -1, Needs: []int{attached}})
}

// fresh is a name that no inline policy has yet.
func (h *target) fresh(name string) string {
	out := name
	for i := 2; slices.Contains(h.names, out); i++ {
		out = clipName(name, fmt.Sprintf("-%d", i))
	}
	h.names = append(h.names, out)
	return out
}

// putVersion makes the first document the default version. The versions that AWS keeps
// are limited, so the oldest may have to go, which changes nothing of what is allowed.
func (pl *planner) putVersion(j *job, needs []int) {
	s := Step{Do: PutVersion, Policy: j.x.ARN, Version: j.policy.VersionID, Needs: needs}
	switch n := j.policy.Versions; {
	case n == 0:
		s.Note = fmt.Sprintf("the account files do not list the versions: AWS keeps at most %d, so the oldest may have to be deleted first", versionsPerPolicy)
	case n >= versionsPerPolicy:
		old := oldest(j.policy.Others)
		s.Needs = append(slices.Clone(needs), pl.emit(j.x, Step{Do: DeleteVersion, Policy: j.x.ARN, Document: -1, Version: old,
			Note: fmt.Sprintf("AWS keeps at most %d versions, and %d are there; this is the oldest that is not in force", versionsPerPolicy, n)}))
	}
	pl.emit(j.x, s)
}

// oldest is the id of the oldest of the versions, "" where none is known.
func oldest(vs []account.Version) string {
	if len(vs) == 0 {
		return ""
	}
	return slices.MinFunc(vs, func(a, b account.Version) int {
		if !a.Created.IsZero() && !b.Created.IsZero() && !a.Created.Equal(b.Created) {
			return a.Created.Compare(b.Created)
		}
		return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	}).ID
}

// policiesPerAccount is the default number of customer-managed policies of an account.
// Source: IAM user guide, "IAM and AWS STS quotas" (2026-11).
const policiesPerAccount = 1500

// policyNames gives new managed policies names that are free in their account.
type policyNames struct {
	used    map[string]map[string]bool // by account: names in lower case, which AWS does not tell apart
	created map[string]int             // by account
}

func newPolicyNames(s *account.Snapshot) *policyNames {
	n := &policyNames{map[string]map[string]bool{}, map[string]int{}}
	if s == nil {
		return n
	}
	for arn, p := range s.Policies {
		if !p.AWSManaged {
			n.take(accountOf(arn), p.Name)
		}
	}
	return n
}

// take marks a name as used, and reports whether it was free.
func (n *policyNames) take(acct, name string) bool {
	if n.used[acct] == nil {
		n.used[acct] = map[string]bool{}
	}
	key := strings.ToLower(name)
	free := !n.used[acct][key]
	n.used[acct][key] = true
	return free
}

// arn is that of the policy to be made of a job's document: POLICY-OWNER-tightened, with
// a number where there are several.
func (n *policyNames) arn(j *job, document int) string {
	x := j.x
	owner := x.Owner[strings.LastIndexByte(x.Owner, '/')+1:]
	base, end := x.Name+"-"+owner, "-tightened"
	switch {
	case x.Kind == Managed:
		base = x.Name
	case x.Kind == New:
		base, end = owner, "-"+x.Name
	}
	if len(x.New) > 1 {
		end += fmt.Sprintf("-%d", document+1)
	}
	acct := accountOf(x.Owner)
	name := clipName(base, end)
	for i := 2; !n.take(acct, name); i++ {
		name = clipName(base, fmt.Sprintf("%s-%d", end, i))
	}
	n.created[acct]++
	partition := "aws"
	if a, err := iam.ParseARN(x.Owner); err == nil {
		partition = a.Partition
	}
	return "arn:" + partition + ":iam::" + acct + ":policy/" + name
}

// clipName is a name with an ending, of at most the 128 characters that AWS accepts, and
// only of those that it accepts.
// Source: IAM API reference, CreatePolicy (2026-11).
func clipName(base, end string) string {
	base = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("_+=,.@-", r):
			return r
		}
		return '_'
	}, base)
	return base[:min(len(base), 128-len(end))] + end
}

// warnings tell which accounts would have too many policies.
func (n *policyNames) warnings() []string {
	var out []string
	for _, acct := range sortedKeys(n.created) {
		if total := len(n.used[acct]); total > policiesPerAccount {
			out = append(out, fmt.Sprintf("account %s: the plan creates %d customer-managed policies, which makes %d; AWS's default quota is %d", acct, n.created[acct], total, policiesPerAccount))
		}
	}
	return out
}

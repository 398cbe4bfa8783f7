package synth

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// planner numbers the steps by which proposals are carried out. It follows the managed
// policies attached to each user, role and group, since AWS limits their number.
type planner struct {
	targets  map[string]*target
	attached map[string][]string // ARNs of targets by that of a managed policy, sorted
	names    *policyNames
	number   int
	sets     map[string][]*Proposal // changed proposals of permission sets, by owner
}

// target is a user, role or group to which policies are attached.
type target struct {
	arn      string
	kind     iam.PolicyKind // of its inline policies
	holds    int            // policies today
	free     int            // managed policies that can be attached before any step
	inline   int            // characters of the inline policies, the larger of before and after
	names    []string       // of the inline policies
	attaches int            // steps so far
	detaches []int          // numbers of the steps so far
}

// plan gives every proposal that changes something its steps.
func (p *proposer) plan(r *Result) {
	pl := &planner{targets: map[string]*target{}, attached: map[string][]string{}, sets: map[string][]*Proposal{}}
	pl.addTargets(p.in.Snapshot)
	pl.names = newPolicyNames(p.in.Snapshot)
	policies := map[*Proposal]*account.Policy{}
	for i, u := range p.units {
		policies[p.proposals[i]] = u.policy
	}
	var jobs []*job
	for _, x := range r.Proposals {
		if x.Change == Keep || x.Change == Skip {
			continue
		}
		if x.Kind == PermissionSet {
			pl.sets[x.Owner] = append(pl.sets[x.Owner], x)
			continue
		}
		jobs = append(jobs, pl.job(x, policies[x]))
	}
	slices.SortStableFunc(jobs, compareJobs)
	pl.schedule(jobs)
	for _, owner := range sortedKeys(pl.sets) {
		pl.permissionSet(owner, pl.sets[owner])
	}
	r.Warnings = append(r.Warnings, pl.names.warnings()...)
}

// job is a proposal with what its steps touch.
type job struct {
	x       *Proposal
	policy  *account.Policy // nil for a new document
	targets []*target       // to which the documents are, or will be, attached
	put     bool            // the first document stays where the attached one is
	frees   bool            // a managed policy is detached from the targets
	done    bool
}

// compareJobs puts what belongs together next to each other, and the policies of which
// nothing is needed last in each account.
func compareJobs(a, b *job) int {
	last := func(j *job) int {
		if j.x.Change == Remove {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(accountOf(a.x.Owner), accountOf(b.x.Owner)), cmp.Compare(last(a), last(b)),
		cmp.Compare(a.x.Owner, b.x.Owner), cmp.Compare(a.x.Key, b.x.Key))
}

func (pl *planner) job(x *Proposal, policy *account.Policy) *job {
	j := &job{x: x, policy: policy}
	j.put = x.Change == Narrow || x.Kind == Managed && x.Change == Replace
	j.frees = x.Kind == AWSManaged || x.Kind == Managed && x.Change == Remove
	owners := []string{x.Owner}
	if x.Kind == Managed {
		owners = pl.attached[x.ARN]
	}
	for _, arn := range owners {
		j.targets = append(j.targets, pl.target(arn))
	}
	if x.Kind == Inline && x.Change == Narrow {
		j.targets[0].inline += max(0, x.New[0].Size()-x.Old.Size())
	}
	return j
}

// first is the first document that is not put in place of the old one.
func (j *job) first() int {
	if j.put {
		return 1
	}
	return 0
}

// slots is the number of managed policies that the job attaches to each of its targets.
func (j *job) slots() int { return len(j.x.New) - j.first() }

// fits reports whether each target has room for what the job attaches.
func (j *job) fits() bool {
	return j.slots() <= 0 || !slices.ContainsFunc(j.targets, func(h *target) bool { return h.left() < j.slots() })
}

// left is the number of managed policies that can be attached now.
func (h *target) left() int { return h.free - h.attaches + len(h.detaches) }

// schedule does the jobs in order. What does not fit waits until policies of which
// nothing is needed are detached from the same targets; that takes nothing from anybody.
func (pl *planner) schedule(jobs []*job) {
	for _, j := range jobs {
		if !j.done && !j.fits() {
			pl.makeRoom(j, jobs)
		}
		if !j.done && j.fits() {
			pl.run(j)
		}
	}
	for _, j := range jobs {
		if !j.done {
			pl.squeeze(j)
		}
	}
}

// makeRoom detaches policies that grant nothing that is used, as many as j needs.
func (pl *planner) makeRoom(j *job, jobs []*job) {
	for _, other := range jobs {
		if j.fits() {
			return
		}
		if other.done || other.x.Change != Remove || !other.frees {
			continue
		}
		if slices.ContainsFunc(other.targets, func(h *target) bool { return slices.Contains(j.targets, h) && h.left() < j.slots() }) {
			pl.run(other)
		}
	}
}

// run emits the steps of a job for which there is room: what is new first, what goes
// last.
func (pl *planner) run(j *job) {
	j.done = true
	news := pl.create(j)
	var needs []int
	for _, n := range news {
		for _, h := range j.targets {
			needs = append(needs, pl.attach(j, h, n))
		}
	}
	pl.replace(j, needs)
}

// created is a document with the policy that is made of it.
type created struct {
	document int
	arn      string
	step     int
}

// create makes policies of the documents that do not stay where the old one is.
func (pl *planner) create(j *job) []created {
	var out []created
	for i := j.first(); i < len(j.x.New); i++ {
		arn := pl.names.arn(j, i)
		out = append(out, created{i, arn, pl.emit(j.x, Step{Do: CreatePolicy, Policy: arn, Document: i})})
	}
	return out
}

// attach attaches a created policy, after the detachment whose slot it takes.
func (pl *planner) attach(j *job, h *target, n created) int {
	s := Step{Do: AttachPolicy, Policy: n.arn, On: h.arn, Document: -1, Needs: []int{n.step}}
	h.attaches++
	switch over := h.attaches - h.free; {
	case over > len(h.detaches):
		s.Note = fmt.Sprintf("no slot is free: AWS allows %d managed policies for each user, role and group unless the quota is raised", managedPerPrincipal)
	case over > 0:
		s.Needs = append(s.Needs, h.detaches[over-1])
		s.Note = "takes the slot that the detached policy leaves"
	case j.x.Kind == New && h.holds > 0:
		s.Note = "beside what is attached today, which stays"
	}
	return pl.emit(j.x, s)
}

// replace puts the narrowed document in place of the old one, or takes that away.
func (pl *planner) replace(j *job, needs []int) {
	x := j.x
	switch {
	case j.put && x.Kind == Managed:
		pl.putVersion(j, needs)
	case j.put:
		pl.emit(x, Step{Do: PutInline, Policy: x.Name, On: x.Owner, Needs: needs})
	case x.Kind == Inline:
		pl.emit(x, Step{Do: DeleteInline, Policy: x.Name, On: x.Owner, Document: -1, Needs: needs})
	case x.Kind == New: // there is no old one
	default:
		for _, h := range j.targets {
			pl.detach(j, h, needs)
		}
	}
}

func (pl *planner) detach(j *job, h *target, needs []int) int {
	s := Step{Do: DetachPolicy, Policy: j.x.ARN, On: h.arn, Document: -1, Needs: needs}
	if j.x.Kind == Managed {
		s.Note = "the policy itself stays, so that it can be attached again"
	}
	n := pl.emit(j.x, s)
	h.detaches = append(h.detaches, n)
	return n
}

// emit numbers a step.
func (pl *planner) emit(x *Proposal, s Step) int {
	pl.number++
	s.Number = pl.number
	x.Steps = append(x.Steps, s)
	return s.Number
}

// permissionSet plans the changes of a permission set, which has one inline policy, and
// which nobody notices before it is provisioned.
func (pl *planner) permissionSet(owner string, xs []*Proposal) {
	slices.SortStableFunc(xs, func(a, b *Proposal) int { // the inline policy before what is added to it
		return cmp.Or(cmp.Compare(a.ARN, b.ARN), cmp.Compare(a.Key, b.Key))
	})
	for _, x := range xs {
		var needs []int
		switch {
		case x.ARN == "" && x.Change == Remove:
			pl.emit(x, Step{Do: DeleteInline, On: owner, Document: -1})
			continue
		case x.ARN == "":
			pl.emit(x, Step{Do: PutInline, On: owner})
			continue
		case x.Change != Remove:
			needs = []int{pl.emit(x, Step{Do: AddInline, On: owner, Note: "beside the statements that are there by then"})}
		}
		pl.emit(x, Step{Do: DetachPolicy, Policy: x.ARN, On: owner, Document: -1, Needs: needs})
	}
	pl.number++
	for _, x := range xs {
		x.Steps = append(x.Steps, Step{Number: pl.number, Do: ProvisionSet, On: owner, Document: -1, Note: "nothing changes for anybody before this step"})
	}
}

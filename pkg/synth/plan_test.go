package synth

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// steps prints the plan of a result in its order, with ARNs shortened.
func steps(r *Result) string {
	var all []Step
	seen := map[int]bool{}
	for _, p := range r.Proposals {
		for _, s := range p.Steps {
			if !seen[s.Number] {
				seen[s.Number] = true
				all = append(all, s)
			}
		}
	}
	slices.SortFunc(all, func(a, b Step) int { return a.Number - b.Number })
	out := ""
	for _, s := range all {
		out += fmt.Sprintf("%d %s %s", s.Number, s.Do, shortARN(s.Policy))
		if s.On != "" {
			out += " on " + shortARN(s.On)
		}
		if s.Document >= 0 {
			out += fmt.Sprintf(" doc %d", s.Document)
		}
		if s.Version != "" {
			out += " " + s.Version
		}
		if len(s.Needs) > 0 {
			out += fmt.Sprint(" needs ", s.Needs)
		}
		if s.Gap {
			out += " GAP"
		}
		out += "\n"
	}
	return out
}

func shortARN(s string) string {
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		return s[i+1:]
	}
	return s
}

const twoQueueDoc = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:CreateQueue","sqs:DeleteQueue"],"Resource":"*"}]}`
const idleDoc = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:TerminateInstances","Resource":"*"}]}`

func TestPlan(t *testing.T) {
	const own = "arn:aws:iam::111122223333:policy/"
	many := func(w *world, n int, doc string) {
		for i := range n {
			arn := fmt.Sprintf("%sp%d", own, i)
			w.managed[arn] = doc
			w.attached = append(w.attached, arn)
		}
	}
	versions := func(ids ...string) string {
		var list []string
		for i, id := range ids {
			list = append(list, fmt.Sprintf(`{"VersionId":"%s","IsDefaultVersion":%v,"Document":%s}`, id, i == 0, twoQueueDoc))
		}
		return `{"Policies":[{"PolicyName":"q","Arn":"` + own + `q","DefaultVersionId":"` + ids[0] + `","PolicyVersionList":[` + strings.Join(list, ",") + `]}]}`
	}
	ofAWS := func(w *world, doc string) {
		arn := "arn:aws:iam::aws:policy/Queues"
		w.managed[arn] = doc
		w.attached = append(w.attached, arn)
	}
	tests := []struct {
		name string
		set  func(*world)
		want string
	}{
		{"inline narrowed", func(w *world) { w.inline["app"] = twoQueueDoc }, "1 put-inline-policy app on role/app doc 0\n"},
		{"inline unused", func(w *world) { w.inline["app"] = idleDoc }, "1 delete-inline-policy app on role/app\n"},
		{"policy of AWS", func(w *world) { ofAWS(w, twoQueueDoc) },
			"1 create-policy policy/Queues-app-tightened doc 0\n2 attach-policy policy/Queues-app-tightened on role/app needs [1]\n3 detach-policy policy/Queues on role/app needs [2]\n"},
		{"policy of AWS, name taken", func(w *world) { ofAWS(w, twoQueueDoc); w.managed[own+"queues-APP-tightened"] = twoQueueDoc },
			"1 create-policy policy/Queues-app-tightened-2 doc 0\n2 attach-policy policy/Queues-app-tightened-2 on role/app needs [1]\n3 detach-policy policy/Queues on role/app needs [2]\n"},
		{"policy of AWS, unused", func(w *world) { ofAWS(w, idleDoc) }, "1 detach-policy policy/Queues on role/app\n"},
		{"new version", func(w *world) { w.attached = []string{own + "q"}; w.files = append(w.files, versions("v3", "v2")) },
			"1 put-policy-version policy/q doc 0 v3\n"},
		{"new version, five there", func(w *world) {
			w.attached = []string{own + "q"}
			w.files = append(w.files, versions("v12", "v9", "v10", "v8", "v11"))
		}, "1 delete-policy-version policy/q v8\n2 put-policy-version policy/q doc 0 v12 needs [1]\n"},
		{"detached first for its slot", func(w *world) { ofAWS(w, twoQueueDoc); many(w, 9, idleDoc) },
			"1 detach-policy policy/p0 on role/app\n2 create-policy policy/Queues-app-tightened doc 0\n3 attach-policy policy/Queues-app-tightened on role/app needs [2 1]\n4 detach-policy policy/Queues on role/app needs [3]\n"},
		{"no slot: an inline policy meanwhile", func(w *world) {
			ofAWS(w, twoQueueDoc)
			many(w, 9, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:CreateQueue","Resource":"arn:aws:sqs:us-east-1:111122223333:q1"}]}`)
		},
			"1 create-policy policy/Queues-app-tightened doc 0\n2 put-inline-policy Queues-meanwhile on role/app doc 0 needs [1]\n3 detach-policy policy/Queues on role/app needs [2]\n" +
				"4 attach-policy policy/Queues-app-tightened on role/app needs [1 3]\n5 delete-inline-policy Queues-meanwhile on role/app needs [4]\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			tt.set(w)
			w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1, 2)
			r := w.propose(Options{Style: Exact})
			got := steps(r)
			if !strings.HasPrefix(got, tt.want) || !strings.Contains(tt.name, "slot") && got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

// A permission set is provisioned once, after all that changes in it.
func TestPlanOfPermissionSet(t *testing.T) {
	w := setWorld(t, `{"PolicyName":"ReadOnlyAccess","PolicyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}`, setDoc)
	r := w.propose(Options{})
	got := steps(r)
	lines := strings.Split(strings.TrimSpace(got), "\n")
	if !strings.HasPrefix(got, "1 put-inline-policy  on permission-set/Ops doc 0\n") || strings.Count(got, " provision ") != 1 ||
		!strings.Contains(lines[len(lines)-1], "provision") {
		t.Error(got)
	}
}

// world of a plan: what is attached to whom while its steps are done.
type planState struct {
	managed map[string]map[string]bool // ARNs of managed policies by target
	inline  map[string]map[string]bool // names by target
	version map[string]bool            // managed policies that have their new document
	holds   map[string]string          // what a policy holds: PROPOSAL/DOCUMENT by ARN, or by target and inline name
}

// allowed reports whether a target has a document of a proposal, or the attached one that
// holds it.
func (st *planState) allowed(x *Proposal, target string, document int) bool {
	want := fmt.Sprintf("%s/%d", x.Key, document)
	for arn := range st.managed[target] {
		if st.holds[arn] == want || arn == x.ARN && (!st.version[arn] || document == 0 && len(x.New) > 0 && x.Change != Remove) {
			return true
		}
	}
	for name := range st.inline[target] {
		if st.holds[target+name] == want || x.Kind == Inline && name == x.Name {
			return true
		}
	}
	return false
}

func (st *planState) do(x *Proposal, s Step) {
	switch s.Do {
	case CreatePolicy:
		st.holds[s.Policy] = fmt.Sprintf("%s/%d", x.Key, s.Document)
	case PutVersion:
		st.version[s.Policy] = true
	case AttachPolicy:
		st.managed[s.On][s.Policy] = true
	case DetachPolicy:
		delete(st.managed[s.On], s.Policy)
	case PutInline:
		st.inline[s.On][s.Policy] = true
		st.holds[s.On+s.Policy] = fmt.Sprintf("%s/%d", x.Key, s.Document)
	case DeleteInline:
		delete(st.inline[s.On], s.Policy)
	}
}

// Whatever is attached, no step takes what the proposals leave, and nobody ever has more
// managed policies than AWS allows.
func TestPlanNeverAllowsLess(t *testing.T) {
	kinds := map[StepKind]int{}
	for seed := range int64(3000) {
		rng := rand.New(rand.NewSource(seed))
		s, st, proposals, policies := randomPlan(t, rng)
		pl := &planner{targets: map[string]*target{}, attached: map[string][]string{}, sets: map[string][]*Proposal{}, names: newPolicyNames(s)}
		pl.addTargets(s)
		var jobs []*job
		for _, x := range proposals {
			jobs = append(jobs, pl.job(x, policies[x.ARN]))
		}
		slices.SortStableFunc(jobs, compareJobs)
		pl.schedule(jobs)
		type of struct {
			x *Proposal
			s Step
		}
		var all []of
		for _, j := range jobs {
			for _, step := range j.x.Steps {
				all = append(all, of{j.x, step})
			}
		}
		slices.SortFunc(all, func(a, b of) int { return a.s.Number - b.s.Number })
		for i, o := range all {
			kinds[o.s.Do]++
			if o.s.Number != i+1 || slices.ContainsFunc(o.s.Needs, func(n int) bool { return n >= o.s.Number || n < 1 }) {
				t.Fatalf("seed %d: step %d: %+v", seed, i+1, o.s)
			}
			st.do(o.x, o.s)
			if o.s.Gap || i > 0 && all[i-1].s.Gap {
				kinds["gap"]++
				continue
			}
			for _, j := range jobs {
				for _, to := range j.targets {
					if n := len(st.managed[to.arn]); n > managedPerPrincipal {
						t.Fatalf("seed %d, step %d: %s has %d managed policies", seed, i+1, to.arn, n)
					}
					for d := range j.x.New {
						if !st.allowed(j.x, to.arn, d) {
							t.Fatalf("seed %d: after step %d %+v %s lacks %s, document %d", seed, i+1, o.s, to.arn, j.x.Key, d)
						}
					}
				}
			}
		}
		for _, j := range jobs {
			for _, to := range j.targets {
				if st.managed[to.arn][j.x.ARN] && !j.put || st.inline[to.arn][j.x.Name] && j.x.Kind == Inline && !j.put {
					t.Fatalf("seed %d: %s is still on %s", seed, j.x.Key, to.arn)
				}
				for name := range st.inline[to.arn] {
					if strings.Contains(name, "meanwhile") {
						t.Fatalf("seed %d: %s is left on %s", seed, name, to.arn)
					}
				}
			}
		}
	}
	for _, k := range []StepKind{CreatePolicy, PutVersion, AttachPolicy, DetachPolicy, PutInline, DeleteInline, "gap"} {
		if kinds[k] == 0 {
			t.Errorf("no %s in any plan", k)
		}
	}
}

// randomPlan makes up to 3 targets with up to 10 managed policies each, some shared, and
// proposals that keep the quota in the end.
func randomPlan(t *testing.T, rng *rand.Rand) (*account.Snapshot, *planState, []*Proposal, map[string]*account.Policy) {
	t.Helper()
	small, err := iam.Parse([]byte(twoQueueDoc))
	if err != nil {
		t.Fatal(err)
	}
	large := small.Clone()
	for len(large.Statements) < 60 {
		large.Statements = append(large.Statements, small.Statements[0])
	}
	s := &account.Snapshot{Policies: map[string]*account.Policy{}}
	st := &planState{map[string]map[string]bool{}, map[string]map[string]bool{}, map[string]bool{}, map[string]string{}}
	final := map[string]int{}
	for i := range 1 + rng.Intn(3) {
		p := &account.Principal{Kind: account.RoleKind, ARN: fmt.Sprintf("arn:aws:iam::111122223333:role/r%d", i)}
		for k := range 7 + rng.Intn(4) {
			arn := fmt.Sprintf("arn:aws:iam::aws:policy/A%d", k)
			if rng.Intn(3) == 0 {
				arn = fmt.Sprintf("arn:aws:iam::111122223333:policy/C%d", k)
			}
			p.Attached = append(p.Attached, arn)
		}
		for k := range rng.Intn(3) {
			p.Inline = append(p.Inline, &account.Policy{Name: fmt.Sprintf("i%d", k), Document: []*iam.Document{small, large}[rng.Intn(2)]})
		}
		s.Principals = append(s.Principals, p)
		st.managed[p.ARN], st.inline[p.ARN] = map[string]bool{}, map[string]bool{}
		for _, arn := range p.Attached {
			st.managed[p.ARN][arn] = true
		}
		for _, x := range p.Inline {
			st.inline[p.ARN][x.Name] = true
		}
		final[p.ARN] = len(p.Attached)
	}
	policies := map[string]*account.Policy{}
	var out []*Proposal
	add := func(x *Proposal, on ...string) {
		docs, slots := 1, map[PolicyKind]int{AWSManaged: 1, Managed: 1}[x.Kind]
		switch n := rng.Intn(6); {
		case n == 0:
			return // stays
		case n < 3:
			docs, x.Change = 0, Remove
		case n == 3:
			docs, x.Change = 2, Replace
		case x.Kind == AWSManaged:
			x.Change = Replace
		default:
			x.Change = Narrow
		}
		takes := docs
		if x.Kind == Inline && x.Change != Replace {
			takes = 0
		}
		for _, arn := range on {
			if final[arn]+takes-slots > managedPerPrincipal {
				return
			}
		}
		for _, arn := range on {
			final[arn] += takes - slots
		}
		x.Old = large
		for range docs {
			x.New = append(x.New, []*iam.Document{small, small, large}[rng.Intn(3)])
		}
		out = append(out, x)
	}
	shared := map[string]bool{}
	for _, p := range s.Principals {
		for _, arn := range p.Attached {
			policies[arn] = &account.Policy{ARN: arn, Versions: rng.Intn(6)}
			switch kind := awsOrOwn(arn); {
			case kind == AWSManaged:
				add(&Proposal{Key: account.Key(arn + p.ARN), Name: shortARN(arn), ARN: arn, Kind: kind, Owner: p.ARN}, p.ARN)
			case !shared[arn]:
				shared[arn] = true
				var on []string
				for _, q := range s.Principals {
					if slices.Contains(q.Attached, arn) {
						on = append(on, q.ARN)
					}
				}
				add(&Proposal{Key: account.Key(arn), Name: shortARN(arn), ARN: arn, Kind: kind, Owner: arn}, on...)
			}
		}
		for _, x := range p.Inline {
			add(&Proposal{Key: account.InlineKey(p.ARN, x.Name), Name: x.Name, Kind: Inline, Owner: p.ARN}, p.ARN)
		}
	}
	return s, st, out, policies
}

func awsOrOwn(arn string) PolicyKind {
	if strings.Contains(arn, ":aws:policy/") {
		return AWSManaged
	}
	return Managed
}

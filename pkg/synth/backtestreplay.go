package synth

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// backtester replays the days after the cut against proposals of the days before it.
type backtester struct {
	p             *proposer // of the days learnt
	trained       *Result
	inFiles       map[string]bool // principals of the account files at the cut
	learnt, later crediting
	unitOf        map[*Proposal]*unit
	inventory     *inventory
	memo          grantedMemo
	foreign       foreignMemo
	together      sharedMemo
}

func newBacktester(in *Input, later *usage.Table, p *proposer, trained *Result) *backtester {
	b := &backtester{p: p, trained: trained, inFiles: map[string]bool{}, unitOf: map[*Proposal]*unit{},
		memo: grantedMemo{lists: map[string][]int{}}, foreign: foreignMemo{counts: map[*Proposal]int{}},
		together: sharedMemo{used: map[*Proposal]map[int]spread{}}}
	for i, u := range p.units {
		b.unitOf[p.proposals[i]] = u
	}
	for _, s := range p.subjects {
		b.inFiles[s.p.ARN] = true
	}
	after := callers(later, newCanonical(in.Snapshot))
	b.learnt, b.later = credit(p.in.Snapshot, p.callers), credit(in.Snapshot, after)
	b.inventory = newInventory(p.facts, p.callers, after)
	return b
}

// crediting is whose calls are whose: those of principals of the account files, and
// those of names that only the logs know.
type crediting struct{ known, strangers map[string][]*caller }

// of are the callers credited to a principal.
func (c *crediting) of(arn string, inFiles bool) []*caller {
	if inFiles {
		return c.known[arn]
	}
	return c.strangers[arn]
}

// credit groups callers by the ARN of the principal that they are credited to.
func credit(s *account.Snapshot, all []*caller) crediting {
	out := crediting{map[string][]*caller{}, map[string][]*caller{}}
	var known map[*caller]bool
	if s != nil {
		var credited map[*account.Principal][]*caller
		credited, known = matchCallers(s, all)
		for pr, list := range credited {
			out.known[pr.ARN] = list
		}
	}
	for _, c := range all {
		if !known[c] {
			out.strangers[c.arn] = append(out.strangers[c.arn], c)
		}
	}
	return out
}

// test tests all principals of the proposals, several at a time.
func (b *backtester) test() []PrincipalTested {
	out := make([]PrincipalTested, len(b.trained.Principals))
	next := make(chan int)
	var wg sync.WaitGroup
	for range max(1, b.p.in.Options.Workers) {
		wg.Go(func() {
			for i := range next {
				out[i] = b.principal(&b.trained.Principals[i])
			}
		})
	}
	for i := range out {
		next <- i
	}
	close(next)
	wg.Wait()
	return out
}

// trial is one principal under test.
type trial struct {
	*backtester
	r         *PrincipalResult
	seen      []*caller // on the days learnt
	after     []*caller // on the days replayed
	attached  explainer
	now       *iam.Set // the proposals
	fresh     bool     // a new document, with nothing to compare with
	checkers  map[*Proposal]*checker
	narrowers map[*Proposal]*narrower
	usage     *taught
}

func (b *backtester) principal(r *PrincipalResult) PrincipalTested {
	out := PrincipalTested{ARN: r.ARN, Account: r.Account, Status: r.Status}
	t := b.newTrial(r)
	t.replay(&out)
	t.measure(&out)
	return out
}

func (b *backtester) newTrial(r *PrincipalResult) *trial {
	t := &trial{backtester: b, r: r, seen: b.learnt.of(r.ARN, b.inFiles[r.ARN]), after: b.later.of(r.ARN, b.inFiles[r.ARN]),
		checkers: map[*Proposal]*checker{}, narrowers: map[*Proposal]*narrower{}}
	before, after := documents(r.Proposals)
	t.fresh = len(r.Proposals) == 1 && r.Proposals[0].Kind == New
	t.attached = newExplainer(before)
	t.now, _ = iam.Compile(after...)
	t.usage = newTaught(t.seen)
	return t
}

// documents are those attached, and those in force were all proposals merged.
func documents(ps []*Proposal) (before, after []*iam.Document) {
	for _, x := range ps {
		if x.Old != nil {
			before = append(before, x.Old)
		}
		if x.Change != Keep && x.Change != Skip {
			after = append(after, x.New...)
		} else if x.Old != nil {
			after = append(after, x.Old)
		}
	}
	return before, after
}

// uses lists what a principal used with success, sorted: each distinct (action, resource)
// with all its observations.
func uses(seen []*caller) [][]*observation {
	var list []*observation
	for _, c := range seen {
		for i := range c.obs {
			o := &c.obs[i]
			if o.allowed() && (o.basis == "logged" || o.basis == "inferred") && !needsNoPermission(o.action) {
				list = append(list, o)
			}
		}
	}
	same := func(a, b *observation) int {
		return cmp.Or(strings.Compare(a.action, b.action), strings.Compare(a.resource, b.resource), strings.Compare(a.kind, b.kind))
	}
	slices.SortStableFunc(list, same)
	var out [][]*observation
	for i, o := range list {
		if i > 0 && same(list[i-1], o) == 0 {
			out[len(out)-1] = append(out[len(out)-1], o)
			continue
		}
		out = append(out, []*observation{o})
	}
	return out
}

// replay counts what the proposals, and the baselines, would have denied.
func (t *trial) replay(out *PrincipalTested) {
	if len(t.r.Proposals) == 0 {
		return // nothing is proposed, so that nothing breaks
	}
	for _, u := range uses(t.after) {
		calls := int64(0)
		var counted []*observation
		for _, o := range u {
			if t.explained(o) {
				counted, calls = append(counted, o), calls+o.count
			}
		}
		if counted == nil {
			out.Unexplained++
			continue
		}
		out.Replayed++
		out.Calls += calls
		out.Exact.deny(!t.usage.exact(counted[0]), calls)
		out.ActionOnly.deny(!t.usage.action(counted[0]), calls)
		if lost := t.lost(counted); lost != nil {
			out.Lost = append(out.Lost, *lost)
			out.Proposed.deny(true, lost.Calls)
		}
	}
}

// deny counts one use as denied, or does not.
func (f *Figures) deny(denied bool, calls int64) {
	if denied {
		f.Denied++
		f.DeniedCalls += calls
	}
}

// explained reports whether the attached documents allow an observation for some
// completion of its context. Where none is known, all that adds to a new document counts.
func (t *trial) explained(o *observation) bool {
	if t.fresh {
		return o.adds()
	}
	ctx := contextOf(t.r.ARN, t.r.Account, o)
	if !t.attached.explains(o, ctx) {
		return false
	}
	if o.kind == "none" || o.kind == "pattern" {
		return true
	}
	return t.attached.set.Decide(&iam.Request{Action: o.action, Resource: o.resource, Context: ctx}) != iam.Denied
}

// lost tells which observations of a use the proposals deny; nil for none.
func (t *trial) lost(obs []*observation) *Lost {
	var out *Lost
	var gone []*observation
	for _, o := range obs {
		x, statement := t.denied(o)
		if x == nil {
			continue
		}
		gone = append(gone, o)
		first, last := time.UnixMilli(o.firstMilli).UTC(), time.UnixMilli(o.lastMillis).UTC()
		if out == nil {
			out = &Lost{Action: o.action, Resource: o.resource, First: first, Last: last, Policy: x.Name, Key: x.Key, Owner: x.Owner, Statement: statement}
			t.explainLoss(out, x, statement)
		}
		if first.Before(out.First) {
			out.First = first
		}
		if last.After(out.Last) {
			out.Last = last
		}
		out.Calls += o.count
	}
	if out != nil {
		out.Days = len(daysOf(gone))
	}
	return out
}

// denied finds the proposal by which a use is lost, and the attached statement that
// allowed it; nil where it stays allowed. What depends on unknown context is lost if
// some completion that the attached document allows is denied.
func (t *trial) denied(o *observation) (*Proposal, int) {
	s := Seen{Principal: t.r.ARN, Account: t.r.Account, Action: o.action, Resource: o.resource, Kind: o.kind, Region: o.region, PassedTo: o.passedTo}
	if t.now != nil && o.kind != "none" && o.kind != "pattern" {
		r := iam.Request{Action: o.action, Resource: o.resource, Principal: t.r.ARN, Context: contextOf(t.r.ARN, t.r.Account, o)}
		if t.now.Decide(&r) == iam.Allowed {
			return nil, 0
		}
	}
	for _, x := range t.r.Proposals {
		if x.Change == Keep || x.Change == Skip {
			continue
		}
		c := t.checker(x)
		if c == nil {
			continue
		}
		if x.Old == nil {
			if c.coveredFresh(s) != "" {
				return x, -1
			}
			continue
		}
		for _, i := range c.mayAllow(s) {
			if !c.keeps(s, &x.Old.Statements[i]) {
				return x, i
			}
		}
	}
	return nil, 0
}

func (t *trial) checker(x *Proposal) *checker {
	c, ok := t.checkers[x]
	if !ok {
		c, _ = newChecker(x.Old, x.Printed)
		t.checkers[x] = c
	}
	return c
}

// explainLoss says what became of the permission at the cut.
func (t *trial) explainLoss(l *Lost, x *Proposal, statement int) {
	u := t.unitOf[x]
	if u == nil || statement < 0 {
		l.Fate, l.Reason = FateRemoved, "not used before"
		if t.usage.actions[strings.ToLower(l.Action)] {
			l.Fate, l.Reason = FateUsed, "used on other resources only"
		}
		return
	}
	l.Sid = x.Old.Statements[statement].Sid
	n := t.narrowers[x]
	if n == nil {
		n = newNarrower(t.p.facts, u, &t.p.in.Options, t.p.asOfDay)
		t.narrowers[x] = n
	}
	i, ok := t.p.facts.index[strings.ToLower(l.Action)]
	if !ok {
		l.Fate, l.Reason = FateNotVisible, "not a known action"
		return
	}
	v := n.decideAction(newMatcher(x.Old, statement), &t.p.facts.facts[i])
	l.Fate, l.Reason = v.fate, v.reason
	if v.fate == FateUsed && v.resources != nil {
		l.Reason = "narrowed to the resources seen: " + some(v.resources, 3)
	}
}

// taught is what peers would make a policy of: the actions and resources used on the
// days learnt.
type taught struct {
	actions   map[string]bool     // lower case
	any       map[string]bool     // used without a resource, so that all are allowed
	resources map[[2]string]bool  // lower-case action, resource
	patterns  map[string][]string // by lower-case action: what coarse usage stands for
}

func newTaught(seen []*caller) *taught {
	t := &taught{actions: map[string]bool{}, any: map[string]bool{}, resources: map[[2]string]bool{}, patterns: map[string][]string{}}
	for _, c := range seen {
		for i := range c.obs {
			o := &c.obs[i]
			if !o.allowed() || o.documented() {
				continue
			}
			key := strings.ToLower(o.action)
			t.actions[key] = true
			switch o.kind {
			case "none", "star":
				t.any[key] = true
			case "pattern":
				t.patterns[key] = append(t.patterns[key], o.resource)
			}
			t.resources[[2]string{key, o.resource}] = true
		}
	}
	return t
}

func (t *taught) action(o *observation) bool { return t.actions[strings.ToLower(o.action)] }

// exact reports whether a policy of the exact ARNs used allows a use.
func (t *taught) exact(o *observation) bool {
	key := strings.ToLower(o.action)
	return t.any[key] || t.resources[[2]string{key, o.resource}] ||
		slices.ContainsFunc(t.patterns[key], func(p string) bool { return iam.MatchResource(p, o.resource) })
}

// daysOf are the days of several observations, each once.
func daysOf(obs []*observation) []int32 {
	var out []int32
	for _, o := range obs {
		out = append(out, o.dayList...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

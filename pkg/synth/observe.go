package synth

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// observation is one distinct use of one principal, summed over the days.
type observation struct {
	action, resource       string
	kind, basis, outcome   string
	region, source, lane   string
	passedTo               string // of iam:PassRole: the service principal, "" not known
	count                  int64
	days                   int
	lastDay                int32
	firstMilli, lastMillis int64
	dayList                []int32 // sorted, for generalisation
}

func (o *observation) allowed() bool { return o.outcome == "allowed" }

// adds reports whether the observation may put a permission into a new document:
// it was seen, or a call that was seen cannot succeed without it on the resource
// that the call names.
func (o *observation) adds() bool {
	return o.allowed() && (o.basis == "logged" || o.basis == "inferred" && o.kind != "none")
}

// leftOut reports whether an observation would add but for its resource: what was
// needed is known, and on what is not, so that only a person can add it.
func (o *observation) leftOut() bool {
	return o.allowed() && o.basis == "inferred" && o.kind == "none"
}

// needsExplanation reports whether some statement must allow the observation.
func (o *observation) needsExplanation() bool {
	return o.allowed() && o.basis == "logged"
}

func isPassRole(action string) bool { return strings.EqualFold(action, "iam:PassRole") }

// documented reports whether the observation only says that a seen call may need
// the action, by AWS's documentation. It is evidence to keep a permission as it is
// attached, and no use of it.
func (o *observation) documented() bool { return o.basis == "dependent" }

// event is an event source with an event name.
type event struct{ source, name string }

// caller is one principal as the logs know it.
type caller struct {
	arn, id, kind, account string
	obs                    []observation // sorted by action, resource, …
	unmapped               map[event]int64
	called                 called // of any call, whether it is a use or not
	apart                  apart  // what is quarantined: in none of the above
}

func (c *caller) unmappedCalls() int64 {
	var n int64
	for _, v := range c.unmapped {
		n += v
	}
	return n
}

// callers groups usage by principal and unique id, in sorted order.
func callers(t *usage.Table, canon *canonical) []*caller {
	b := callerBuilder{byKey: map[[2]string]*caller{}}
	for i := range t.Calls { // principals whose every call is no use still have a line
		c := &t.Calls[i]
		who := b.get(c.Principal, c.PrincipalID, c.Account)
		who.kind = string(c.PrincipalType)
		who.apart.call(c)
		if c.Lane == "" {
			who.called.add(c.EventSource, c.Last)
		}
	}
	b.expect(t.Usage)
	for i := range t.Usage {
		b.add(&t.Usage[i])
	}
	byARN := map[string][]*caller{}
	for _, c := range b.all {
		byARN[c.arn] = append(byARN[c.arn], c)
	}
	for _, u := range t.Unmapped { // rows have no unique id: all lives of the name
		if u.Lane != "" {
			continue
		}
		for _, c := range byARN[u.Principal] {
			c.unmapped[event{u.EventSource, u.EventName}] += u.Events
		}
	}
	sort.Slice(b.all, func(i, j int) bool {
		if b.all[i].arn != b.all[j].arn {
			return b.all[i].arn < b.all[j].arn
		}
		return b.all[i].id < b.all[j].id
	})
	for _, c := range b.all {
		c.obs, c.apart.obs = canon.fold(c.obs), canon.fold(c.apart.obs)
	}
	return b.all
}

type callerBuilder struct {
	byKey map[[2]string]*caller
	all   []*caller
}

func (b *callerBuilder) get(arn, id, acct string) *caller {
	key := [2]string{arn, id}
	c := b.byKey[key]
	if c == nil {
		c = &caller{arn: arn, id: id, account: acct, unmapped: map[event]int64{}}
		b.byKey[key] = c
		b.all = append(b.all, c)
	}
	return c
}

// expect makes room for the rows of each caller: copies of very many would add up.
func (b *callerBuilder) expect(rows []usage.Row) {
	n := map[*caller]int{}
	for i := range rows {
		if r := &rows[i]; r.Lane == "" {
			n[b.get(r.Principal, r.PrincipalID, r.Account)]++
		}
	}
	for c, rows := range n {
		c.obs = make([]observation, 0, rows)
	}
}

func (b *callerBuilder) add(r *usage.Row) {
	c := b.get(r.Principal, r.PrincipalID, r.Account)
	list := &c.obs
	if r.Lane != "" {
		list = &c.apart.obs
	}
	*list = append(*list, observation{
		action: r.Action, resource: r.Resource, kind: r.Kind, basis: r.Basis, outcome: r.Outcome,
		region: r.Region, source: r.EventSource, lane: r.Lane, passedTo: r.PassedTo,
		count: r.Count, lastDay: r.Day, days: 1, firstMilli: r.First, lastMillis: r.Last,
	})
}

// foldDays joins observations that differ only in the day. It takes the list over.
func foldDays(obs []observation) []observation {
	if !slices.IsSortedFunc(obs, compareObservations) {
		slices.SortFunc(obs, compareObservations)
	}
	out := obs[:0]
	days := make([]int32, 0, len(obs)) // of all: one piece of memory, not one for each
	for i := range obs {
		o := &obs[i]
		if n := len(out); n > 0 && sameUse(&out[n-1], o) {
			if last := &out[n-1]; o.lastDay != last.lastDay {
				days = append(days, o.lastDay)
			}
			out[len(out)-1].join(o)
			continue
		}
		days = append(days, o.lastDay)
		out = append(out, *o)
	}
	for i, at := 0, 0; i < len(out); i++ {
		end := at + out[i].days
		out[i].dayList = days[at:end:end]
		at = end
	}
	if len(out) < len(obs)/2 { // do not hold on to the rest
		out = slices.Clone(out)
	}
	return out
}

// compareObservations orders by all but the counts, the day last.
func compareObservations(a, b observation) int {
	return cmp.Or(compareUses(&a, &b), cmp.Compare(a.lastDay, b.lastDay))
}

func sameUse(a, b *observation) bool { return compareUses(a, b) == 0 }

func compareUses(a, b *observation) int {
	if c := strings.Compare(a.action, b.action); c != 0 {
		return c
	}
	if c := strings.Compare(a.resource, b.resource); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(a.kind, b.kind), strings.Compare(a.basis, b.basis), strings.Compare(a.outcome, b.outcome),
		strings.Compare(a.region, b.region), strings.Compare(a.source, b.source), strings.Compare(a.lane, b.lane),
		strings.Compare(a.passedTo, b.passedTo))
}

// fold corrects observations, and joins those that differ only in the day.
func (c *canonical) fold(obs []observation) []observation {
	for i := range obs {
		c.fix(&obs[i])
	}
	return foldDays(obs)
}

func (o *observation) join(b *observation) {
	o.count += b.count
	if b.lastDay != o.lastDay {
		o.days++
		o.lastDay = b.lastDay
	}
	o.firstMilli = min(o.firstMilli, b.firstMilli)
	o.lastMillis = max(o.lastMillis, b.lastMillis)
}

// subject is a principal of the snapshot with what the logs credit to it.
type subject struct {
	p       *account.Principal
	seen    []*caller          // usually one; several where the logs lack the unique id
	blocked map[string]barrier // service prefix → why nothing of it is touched
	grants  []account.Grant
	unexpl  []Unexplained
	given   []Explained // successes that other policies explain
	window  Window
	// accessHole: AWS saw it access a service where the logs show no call.
	accessHole bool
	holes      map[string]bool // the services and tracked actions of which they lack one, in lower case
	past       *past           // what it could do before its policies were changed; nil: they were not
	hole       string          // why the logs cannot be trusted for this principal, or ""
	cov        *accountCoverage
	access     *accessReport // young enough to prove that something was not used
	accessed   *accessReport // of any age
	distrusted []string      // services of which the report says less than the logs show
	password   bool          // has a console password
	keep       keeps
}

// matchCallers credits callers to the principals of a snapshot: by unique id
// where both sides have one, so that a recreated role inherits nothing; else by
// ARN, else (roles only, whose path a bare session ARN lacks) by account and name.
func matchCallers(s *account.Snapshot, all []*caller) (map[*account.Principal][]*caller, map[*caller]bool) {
	ids := map[string]*account.Principal{}
	names := map[string]*account.Principal{}
	for _, p := range s.Principals {
		if uniqueID(p.ID) {
			ids[p.Account+p.ID] = p
		}
		names[p.ARN] = p
		names[p.Account+"/"+string(p.Kind)+"/"+p.Name] = p
	}
	out := map[*account.Principal][]*caller{}
	known := map[*caller]bool{}
	for _, c := range all {
		p := ids[c.account+c.id]
		if p == nil {
			p = byName(names, c)
			if p != nil && uniqueID(p.ID) && uniqueID(c.id) && p.ID != c.id {
				continue // same name, another life
			}
		}
		if p != nil {
			out[p] = append(out[p], c)
			known[c] = true
		}
	}
	return out, known
}

func byName(names map[string]*account.Principal, c *caller) *account.Principal {
	if p := names[c.arn]; p != nil {
		return p
	}
	kind := "role"
	if strings.Contains(c.arn, ":user/") {
		kind = "user"
	}
	return names[c.account+"/"+kind+"/"+c.arn[strings.LastIndexByte(c.arn, '/')+1:]]
}

// uniqueID tells IAM's unique ids from the placeholders of redacted snapshots.
func uniqueID(id string) bool {
	return len(id) >= 16 && (strings.HasPrefix(id, "AROA") || strings.HasPrefix(id, "AIDA"))
}

package workload

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Truth is what truly happened in an archive, as the generator knows it.
type Truth struct {
	Seed       uint64           `json:"seed"`
	First      string           `json:"first"` // day, as 2026-07-24
	Last       string           `json:"last"`
	Objects    Objects          `json:"objects"`
	Records    Records          `json:"records"`
	Principals []PrincipalTruth `json:"principals"`
}

// Objects counts the objects by kind.
type Objects struct {
	Log     int `json:"log"`
	Insight int `json:"insight"`
	Digest  int `json:"digest"`
}

// Records counts the records of the log objects (not of insight objects):
// Total = the sum of ByClass + Duplicates + SharedCopies.
type Records struct {
	Total int `json:"total"`
	// Duplicates are further deliveries of an eventID.
	Duplicates int `json:"duplicates"`
	// SharedCopies are the second account's copies of cross-account calls.
	SharedCopies int `json:"sharedCopies"`
	// Insights are the records in insight objects.
	Insights int `json:"insights"`
	// ByClass counts distinct records; "use" is further divided by ByOutcome.
	ByClass   map[string]int `json:"byClass"`
	ByOutcome map[string]int `json:"byOutcome"`
}

// PrincipalTruth is what one principal did. Each record counts once here.
type PrincipalTruth struct {
	ARN     string `json:"arn"`
	ID      string `json:"id"`
	Kind    string `json:"kind"`
	Account string `json:"account"`
	// Records is the number of distinct records that it made, uses or not.
	Records int `json:"records"`
	// Used holds the permissions of allowed calls, Undetermined those of calls
	// that failed for a reason which may precede authorization.
	Used         []Pair         `json:"used"`
	Undetermined []Pair         `json:"undetermined,omitempty"`
	Denied       []Pair         `json:"denied,omitempty"`
	NotUse       map[string]int `json:"notUse,omitempty"`
	// NeverUsed are examples of what it is granted, would be seen, and never did.
	NeverUsed []string `json:"neverUsed,omitempty"`
}

// Pair is one permission on one resource, with the number of distinct events
// that exercised it. Without pairs in the Config, Resource is empty.
type Pair struct {
	Action   string   `json:"action"`
	Resource string   `json:"resource,omitempty"`
	Basis    string   `json:"basis"`
	Hidden   bool     `json:"hidden,omitempty"`
	Events   int      `json:"events"`
	Regions  []string `json:"regions"`
}

// pairKey tells pairs apart.
type pairKey struct {
	use     Use
	outcome outcome
}

// pairCount is what is known of a pair.
type pairCount struct {
	events  int
	regions map[string]bool
}

// activity is one principal's part of the ledger.
type activity struct {
	records int
	pairs   map[pairKey]*pairCount
	notUse  map[string]int
	last    map[string]time.Time // by action: the last attempt, as IAM reports it
	where   map[string]string    // by action: the region of the last attempt
}

// ledger notes calls as they are invented.
type ledger struct {
	pairs   bool
	records Records
	by      map[*principal]*activity
}

func newLedger(pairs bool) *ledger {
	return &ledger{pairs: pairs, by: map[*principal]*activity{},
		records: Records{ByClass: map[string]int{}, ByOutcome: map[string]int{}}}
}

// note counts one call.
func (l *ledger) note(c *call, region string) {
	l.records.Total++
	if c.copyOfShared {
		l.records.SharedCopies++
		return
	}
	l.records.ByClass[c.class]++
	if c.class == classUse {
		l.records.ByOutcome[string(c.outcome)]++
	}
	if c.by == nil {
		return
	}
	a := l.of(c.by.p)
	a.records++
	if c.class != classUse {
		a.notUse[c.class]++
		return
	}
	for _, u := range c.uses {
		a.note(u, c.outcome, region, c.at, l.pairs)
	}
}

// of returns the activity of a principal.
func (l *ledger) of(p *principal) *activity {
	a := l.by[p]
	if a == nil {
		a = &activity{pairs: map[pairKey]*pairCount{}, notUse: map[string]int{}, last: map[string]time.Time{}, where: map[string]string{}}
		l.by[p] = a
	}
	return a
}

func (a *activity) note(u Use, o outcome, region string, at time.Time, pairs bool) {
	if at.After(a.last[u.Action]) {
		a.last[u.Action], a.where[u.Action] = at, region
	}
	if !pairs {
		u.Resource = ""
	}
	k := pairKey{u, o}
	n := a.pairs[k]
	if n == nil {
		n = &pairCount{regions: map[string]bool{}}
		a.pairs[k] = n
	}
	n.events++
	n.regions[region] = true
}

// list returns the pairs with one outcome, sorted.
func (a *activity) list(o outcome) []Pair {
	ps := []Pair{}
	for k, n := range a.pairs {
		if k.outcome == o {
			ps = append(ps, Pair{k.use.Action, k.use.Resource, k.use.Basis, k.use.Hidden, n.events,
				slices.Sorted(maps.Keys(n.regions))})
		}
	}
	slices.SortFunc(ps, func(x, y Pair) int {
		return cmp.Or(cmp.Compare(x.Action, y.Action), cmp.Compare(x.Resource, y.Resource), cmp.Compare(x.Basis, y.Basis))
	})
	return ps
}

// principalTruths tells the truth about every principal of the world, idle or not.
func (w *world) principalTruths() []PrincipalTruth {
	var ts []PrincipalTruth
	for _, p := range w.principals {
		a := w.truth.of(p)
		t := PrincipalTruth{
			ARN: p.arn, ID: p.id, Kind: p.kind, Account: p.account, Records: a.records,
			Used: a.list(allowed), Undetermined: a.list(undetermined), Denied: a.list(denied), NeverUsed: p.neverUsed,
		}
		if len(a.notUse) > 0 {
			t.NotUse = a.notUse
		}
		ts = append(ts, t)
	}
	return ts
}

// add joins the counts of another ledger's records.
func (r *Records) add(o Records) {
	r.Total += o.Total
	r.Duplicates += o.Duplicates
	r.SharedCopies += o.SharedCopies
	r.Insights += o.Insights
	for k, v := range o.ByClass {
		r.ByClass[k] += v
	}
	for k, v := range o.ByOutcome {
		r.ByOutcome[k] += v
	}
}

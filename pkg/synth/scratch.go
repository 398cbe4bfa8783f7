package synth

import (
	"fmt"
	"sort"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// fromScratch makes new documents from what a principal was seen to use with
// success, for principals of whom no policy is known. Denied, undetermined and
// ambiguous calls grant nothing.
func (p *proposer) fromScratch(arn, acct string, seen []*caller) *Proposal {
	out := &Proposal{Name: "observed", Kind: New, Owner: arn, Principals: []string{arn}, Change: Create}
	byAction := map[string][]*observation{}
	missing := map[string]bool{}
	var requests []Seen
	for _, c := range seen {
		for i := range c.obs {
			o := &c.obs[i]
			if o.leftOut() {
				missing[o.action] = true
			}
			if o.adds() {
				byAction[o.action] = append(byAction[o.action], o)
				requests = append(requests, Seen{arn, acct, o.action, o.resource, o.kind, o.region, o.passedTo})
			}
		}
	}
	if len(byAction) == 0 {
		return nil
	}
	d := &iam.Document{Version: iam.CurrentVersion}
	managedQuota := quotaOf(iam.ManagedPolicy)
	found := p.scratchResources(byAction)
	if leastLoss(func(st precision) error {
		d.Statements = p.facts.mergeStatements(scratchStatements(found, st))
		if out.New = pack(d, managedQuota); len(out.New) > managedPerPrincipal {
			return fmt.Errorf("%d documents", len(out.New))
		}
		return nil
	}) != nil {
		return out.keep(Skip, fmt.Sprintf("over-quota: %d documents of %d characters, %d may be attached", len(out.New), managedQuota, managedPerPrincipal))
	}
	if len(missing) > 0 {
		out.Notes = append(out.Notes, "left out, since the calls do not show on what they needed it: "+some(sortedKeys(missing), 8))
	}
	out.Quarantine = p.countedFresh(byAction, seen)
	for _, c := range out.Quarantine {
		out.Notes = append(out.Notes, c.note())
	}
	return out.proveFresh(p, byAction, requests)
}

func (out *Proposal) proveFresh(p *proposer, byAction map[string][]*observation, requests []Seen) *Proposal {
	for _, d := range out.New {
		if p.in.Options.Fault != nil {
			p.in.Options.Fault(d)
		}
		out.Printed = append(out.Printed, d.Format())
	}
	out.Proof = Check(nil, out.Printed, requests)
	if !out.Proof.OK() {
		return out.keep(Skip, "the proof failed: "+out.Proof.Counterexample())
	}
	out.Diff = p.comparer.Compare(nil, out.New)
	out.Kept = []KeptCount{{FateUsed, len(byAction)}}
	out.Reason = fmt.Sprintf("made from %d actions seen; nothing attached to compare with", len(byAction))
	if none := withoutResource(p.facts, byAction); len(none) > 0 {
		out.Notes = append(out.Notes, "any resource for "+strings.Join(none, ", ")+": the calls show no resource")
	}
	return out
}

func withoutResource(facts *factTable, byAction map[string][]*observation) []string {
	var out []string
	for _, a := range sortedKeys(byAction) {
		for _, o := range byAction[a] {
			if o.kind == "none" {
				out = append(out, a)
				break
			}
		}
	}
	return out
}

// scratchStatements groups actions by the resources that they were seen on; nil stands
// for any.
func scratchStatements(found map[string]*generalised, st precision) []iam.Statement {
	groups := map[string]*iam.Statement{}
	for _, a := range sortedKeys(found) {
		resources := []string{"*"}
		if found[a] != nil {
			resources = texts(found[a].at(st.price))
		}
		key := strings.Join(resources, "\n")
		if st.mergeSets && key != "*" {
			key = servicePrefix(a)
		}
		g := groups[key]
		if g == nil {
			g = &iam.Statement{Effect: iam.Allow}
			groups[key] = g
		}
		g.Action = append(g.Action, a)
		g.Resource = subsume(append(g.Resource, resources...))
	}
	keys := sortedKeys(groups)
	sort.SliceStable(keys, func(i, j int) bool { return keys[i] != "*" && keys[j] == "*" })
	var out []iam.Statement
	for _, k := range keys {
		out = append(out, *groups[k])
	}
	return out
}

// scratchResources generalises what each action was seen on.
func (p *proposer) scratchResources(byAction map[string][]*observation) map[string]*generalised {
	out := map[string]*generalised{}
	for a, obs := range byAction {
		out[a] = nil
		var seen []sighting
		for _, o := range obs {
			if o.kind == "none" || o.kind == "star" {
				seen = nil
				break
			}
			seen = append(seen, sighting{o.resource, o.dayList})
		}
		if len(seen) > 0 { // everything is within
			out[a], _ = generalise(seen, p.in.Options.outlook(p.asOfDay), func(string) bool { return true })
		}
	}
	return out
}

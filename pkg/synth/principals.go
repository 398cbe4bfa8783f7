package synth

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// result sums the proposals up by principal.
func (p *proposer) result() *Result {
	r := &Result{AsOf: dayTime(max(0, p.asOfDay)), MinWindow: p.in.Options.MinWindow, Proposals: p.proposals}
	r.Warnings = p.warnings()
	byKey := map[*subject][]*Proposal{}
	for i, u := range p.units {
		for _, s := range u.subjects {
			byKey[s] = append(byKey[s], p.proposals[i])
		}
	}
	for _, s := range p.subjects {
		if p.isWanted(s.p.ARN) {
			r.Principals = append(r.Principals, p.principal(r, s, byKey[s]))
		}
	}
	for _, group := range p.strangers() {
		if p.isWanted(group[0].arn) && !p.earlierLife(r, group) {
			r.Principals = append(r.Principals, p.stranger(r, group))
		}
	}
	sort.SliceStable(r.Principals, func(i, j int) bool { return r.Principals[i].ARN < r.Principals[j].ARN })
	if !p.in.Options.documentsOnly {
		p.plan(r)
	}
	return r
}

// warnings tell what weakens the evidence of whole accounts.
func (p *proposer) warnings() []string {
	var out []string
	for i, id := range sortedKeys(p.coverage) {
		c := p.coverage[id]
		if i == 0 {
			out = append(out, c.archiveWarnings()...)
		}
		if n := len(c.lost); n > 0 {
			out = append(out, fmt.Sprintf("account %s: objects of %d days could not be read in full; these days do not count as observed", id, n))
		}
		out = append(out, c.digestWarnings()...)
		out = append(out, c.trailWarnings()...)
	}
	if p.history != nil {
		out = append(out, p.history.ageWarnings(p.coverage)...)
	}
	if w := p.oldReports(); w != "" {
		out = append(out, w)
	}
	return append(out, p.keeper.warnings(&p.in)...)
}

// archiveWarnings tell what weakens the evidence of the whole archive; each
// account knows.
func (c *accountCoverage) archiveWarnings() []string {
	var out []string
	if c.unplaced > 0 {
		out = append(out, fmt.Sprintf("%d objects could not be read in full and do not tell their account and day; nothing is removed until they can be read or are taken away", c.unplaced))
	}
	if c.regionFilter {
		out = append(out, "the scan left out regions (--regions); nothing is removed on the evidence of a part")
	}
	return out
}

func (p *proposer) isWanted(arn string) bool {
	return p.in.Options.Principal == "" || p.in.Options.Principal == arn
}

// strangers are the callers that no principal of the snapshot is credited with,
// grouped by ARN.
func (p *proposer) strangers() [][]*caller {
	var out [][]*caller
	for _, c := range p.callers {
		if p.known[c] {
			continue
		}
		if n := len(out); n > 0 && out[n-1][0].arn == c.arn {
			out[n-1] = append(out[n-1], c)
			continue
		}
		out = append(out, []*caller{c})
	}
	return out
}

// earlierLife notes callers that have the ARN of a principal of the snapshot and
// another unique id: a deleted predecessor, whose calls are not credited to it.
func (p *proposer) earlierLife(r *Result, group []*caller) bool {
	i := slices.IndexFunc(r.Principals, func(x PrincipalResult) bool { return x.ARN == group[0].arn })
	if i < 0 {
		return false
	}
	var calls int64
	for _, c := range group {
		for k := range c.obs {
			calls += c.obs[k].count
		}
	}
	r.Principals[i].Reason += fmt.Sprintf("; %d uses by a deleted principal of this name are not credited to it", calls)
	return true
}

// principal is the result for a principal of the snapshot.
func (p *proposer) principal(r *Result, s *subject, ps []*Proposal) (out PrincipalResult) {
	out = PrincipalResult{ARN: s.p.ARN, ID: s.p.ID, Type: string(s.p.Kind), Account: s.p.Account,
		Proposals: ps, Unexplained: s.unexpl, Explained: s.given, Window: s.window}
	out.addUnmapped(s.seen, ps)
	out.Used, out.Quarantined = distinctUsed(s.seen), quarantined(s.seen)
	defer out.withApart()
	why := s.protected()
	out.Detected = s.keep.detected
	if len(ps) == 0 && why == "" {
		out.Status, out.Reason = Unattached, "no identity policy is attached"
		if p.in.Options.FromScratch {
			out.Reason = "made from usage alone, as asked"
		}
		p.addScratch(r, &out, s.seen)
		return out
	}
	if !p.in.Options.documentsOnly {
		p.effect(&out, s, ps)
	}
	out.Status, out.Reason = p.status(s, ps, out.Used, why)
	if out.Unmapped > 0 && out.Used == 0 && why == "" {
		out.Reason += fmt.Sprintf("; %s could not be mapped to actions", plural(out.Unmapped, "call"))
	}
	return out
}

// maxUnmapped bounds the unmapped calls that a result names.
const maxUnmapped = 20

// addUnmapped tells which calls no fact explains, and what stays because of them.
func (out *PrincipalResult) addUnmapped(seen []*caller, ps []*Proposal) {
	calls := map[event]int64{}
	for _, c := range seen {
		for e, n := range c.unmapped {
			calls[e] += n
		}
	}
	out.Unmapped = total(calls)
	list := byFrequency(calls)
	for _, e := range list[:min(len(list), maxUnmapped)] {
		out.UnmappedCalls = append(out.UnmappedCalls, UnmappedCall{e.source, e.name, calls[e]})
	}
	for _, x := range ps {
		out.KeptUnmapped = append(out.KeptUnmapped, x.Unmapped...)
	}
	slices.Sort(out.KeptUnmapped)
	out.KeptUnmapped = slices.Compact(out.KeptUnmapped)
}

func distinctUsed(seen []*caller) int {
	used := map[string]bool{}
	for _, c := range seen {
		for i := range c.obs {
			if c.obs[i].allowed() && !c.obs[i].documented() {
				used[c.obs[i].action] = true
			}
		}
	}
	return len(used)
}

// status names what became of a principal of the snapshot, and why.
func (p *proposer) status(s *subject, ps []*Proposal, used int, why string) (Status, string) {
	if why != "" {
		return Skipped, whySkipped(why, ps)
	}
	changed, kept, skipped := split(ps)
	observed := newViewer(&p.in.Options, nil).windowOf(s).ok && !s.accessHole
	switch {
	case s.hole != "":
		return Unchanged, s.hole
	case observed && used == 0 && !s.unmapped() && len(changed)+len(kept) > 0:
		return Unused, fmt.Sprintf("no use in %d observed days", s.window.Days)
	case len(changed) > 0:
		return Tightened, changed[0].Reason
	case len(kept) > 0:
		return Unchanged, kept[0].Reason
	case len(skipped) > 0:
		return Skipped, skipped[0].Reason
	}
	return Unchanged, "nothing attached"
}

// unmapped reports whether there are calls that no fact explains: they are uses of something.
func (s *subject) unmapped() bool {
	return slices.ContainsFunc(s.seen, func(c *caller) bool { return total(c.unmapped) > 0 })
}

func split(ps []*Proposal) (changed, kept, skipped []*Proposal) {
	for _, x := range ps {
		switch x.Change {
		case Keep:
			kept = append(kept, x)
		case Skip:
			skipped = append(skipped, x)
		default:
			changed = append(changed, x)
		}
	}
	return changed, kept, skipped
}

// effect compares the principal's whole set of policies before and after, and
// counts the requests seen that the proposed set still allows.
func (p *proposer) effect(out *PrincipalResult, s *subject, ps []*Proposal) {
	var before, after []*iam.Document
	for _, x := range ps {
		if x.Old != nil {
			before = append(before, x.Old)
		}
		switch x.Change {
		case Keep, Skip:
			if x.Old != nil {
				after = append(after, x.Old)
			}
		default:
			after = append(after, x.New...)
		}
	}
	ch := p.comparer.Compare(before, after)
	out.Before, out.After, out.Removed = ch.Before, ch.After, ch.Removed
	out.Kept = p.allowed(after)
	out.Risk, out.Forbidden = p.risks.compare(before, after), p.forbidden(s, before)
	old, now := newExplainer(before), newExplainer(after)
	for _, c := range s.seen {
		for i := range c.obs {
			o := &c.obs[i]
			ctx := contextOf(s.p.ARN, s.p.Account, o)
			if !o.allowed() || o.documented() || !old.explains(o, ctx) {
				continue
			}
			out.Covers.Requests++
			if now.explains(o, ctx) {
				out.Covers.Allowed++
			}
		}
	}
}

// allowed lists the known actions that documents allow, sorted.
func (p *proposer) allowed(docs []*iam.Document) []string {
	mark := map[int]bool{}
	literal := map[string]bool{}
	for _, d := range docs {
		for i := range d.Statements {
			if d.Statements[i].Effect != iam.Allow {
				continue
			}
			known, unknown := p.facts.granted(&d.Statements[i])
			for _, k := range known {
				mark[k] = true
			}
			for _, u := range unknown {
				literal[u] = true
			}
		}
	}
	out := sortedKeys(literal)
	for k := range mark {
		out = append(out, p.facts.names[k])
	}
	sort.Strings(out)
	return out
}

// stranger is the result for a principal that only the logs know.
func (p *proposer) stranger(r *Result, group []*caller) (out PrincipalResult) {
	c := group[0]
	out = PrincipalResult{ARN: c.arn, ID: c.id, Type: c.kind, Account: c.account, Used: distinctUsed(group), Quarantined: quarantined(group)}
	defer out.withApart()
	out.addUnmapped(group, nil)
	out.Window = p.coverage[c.account].window(0, p.asOfDay)
	if why := notProposable(c); why != "" {
		out.Status, out.Reason = Skipped, why
		return out
	}
	out.Status, out.Reason = Unattached, p.whyUnattached(c)
	p.addScratch(r, &out, group)
	return out
}

func (p *proposer) whyUnattached(c *caller) string {
	if p.in.Snapshot == nil {
		return "no account files were given"
	}
	for _, a := range p.in.Snapshot.Accounts {
		if a == c.account {
			return "not in the account files: deleted, recreated, or younger than they are"
		}
	}
	return "account " + c.account + " is not in the account files"
}

// notProposable says why a caller cannot have a policy of ours, or "".
func notProposable(c *caller) string {
	switch c.kind {
	case "role", "user":
		return ""
	case "root":
		return "the root user cannot be limited by identity policies"
	case "service-linked":
		return "service-linked role, owned by its service"
	case "identity-center":
		return "Identity Center role, its permission set is the editable unit"
	case "service":
		return "an AWS service acting as itself"
	case "external":
		return "a principal of another account, which its own logs name"
	case "anonymous":
		return "anonymous access, governed by resource policies"
	}
	if strings.HasPrefix(c.arn, "arn:") && c.kind == "federated" {
		return "federated user, governed by its issuer's policies"
	}
	return "the records do not name a principal that policies can be attached to"
}

func (p *proposer) addScratch(r *Result, out *PrincipalResult, seen []*caller) {
	x := p.fromScratch(out.ARN, out.Account, seen)
	if x == nil {
		out.Reason += "; no successful use to make a policy from"
		return
	}
	r.Proposals = append(r.Proposals, x)
	out.Proposals = []*Proposal{x}
	out.Covers, out.After = x.Proof.Covers, x.Diff.After
	out.Kept = p.allowed(x.New)
	if x.Change == Skip {
		out.Status, out.Reason = Skipped, x.Reason
	}
}

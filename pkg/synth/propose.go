package synth

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/diff"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// ErrNoPrincipal is returned when Options.Principal is neither in the logs nor in
// the account files.
var ErrNoPrincipal = errors.New("no such principal in the logs or the account files")

// Propose makes one proposal per attached document and one result per principal.
// It fails only on input that cannot be used at all; whatever concerns a single
// document or principal is told in its proposal.
func Propose(in Input) (*Result, error) {
	_, r := propose(in)
	if in.Options.Principal != "" && len(r.Principals) == 0 {
		return nil, fmt.Errorf("%s: %w", in.Options.Principal, ErrNoPrincipal)
	}
	return r, nil
}

// propose does the work of Propose, and gives what the proposals were made with, too.
func propose(in Input) (*proposer, *Result) {
	if in.Options.MinWindow <= 0 {
		in.Options.MinWindow = DefaultMinWindow
	}
	p := newProposer(in)
	p.proposeAll()
	p.audit()
	return p, p.result()
}

// proposer holds what all proposals share.
type proposer struct {
	in        Input
	facts     *factTable
	comparer  *diff.Comparer
	callers   []*caller
	byARN     map[string][]*caller
	known     map[*caller]bool // credited to a principal of the snapshot
	subjects  []*subject
	coverage  map[string]*accountCoverage
	asOfDay   int32
	history   *history                 // of what is granted; nil without a snapshot
	reports   map[string]*accessReport // last-accessed reports that are young enough, by ARN
	end       time.Time                // of the last call that is not set apart
	attached  map[string]int           // attachments of managed policies in the files, by ARN
	keeper    *keeper
	units     []*unit
	proposals []*Proposal // parallel to units
	layers    *layers
	risks     *riskScale
	masks     *maskTable
}

func newProposer(in Input) *proposer {
	p := &proposer{in: in, facts: newFactTable(in.Catalog), callers: callers(in.Table, newCanonical(in.Snapshot)),
		coverage: coverages(in.Table, in.Snapshot), known: map[*caller]bool{}}
	p.byARN = map[string][]*caller{}
	for _, c := range p.callers {
		p.byARN[c.arn] = append(p.byARN[c.arn], c)
	}
	p.comparer = diff.NewComparer(catalogActions{p.facts})
	p.risks, p.masks = newRiskScale(p.facts), newMaskTable(p.facts)
	p.asOfDay = lastDay(p.coverage)
	if !in.Options.AsOf.IsZero() {
		p.asOfDay = min(p.asOfDay, timeDay(in.Options.AsOf))
	}
	p.keeper = newKeeper(&p.in, dayTime(max(0, p.asOfDay)))
	if in.Snapshot == nil {
		return p
	}
	p.attached = attachments(in.Snapshot)
	p.layers = newLayers(in.Snapshot)
	p.history = newHistory(in, p.coverage)
	p.makeSubjects()
	if !in.Options.FromScratch {
		p.units = p.wanted(units(p.subjects))
		for _, u := range p.units {
			u.granted, u.reports = p.history.grantedOf(u), p.reports
		}
	}
	return p
}

// wanted limits units to those of the one principal asked for.
func (p *proposer) wanted(all []*unit) []*unit {
	if p.in.Options.Principal == "" {
		return all
	}
	var out []*unit
	for _, u := range all {
		for _, s := range u.subjects {
			if s.p.ARN == p.in.Options.Principal {
				out = append(out, u)
				break
			}
		}
	}
	return out
}

func (p *proposer) makeSubjects() {
	credited, known := matchCallers(p.in.Snapshot, p.callers)
	p.known = known
	p.end = p.endOfLogs()
	p.reports = accessReports(p.in.Snapshot, p.end.Add(reportLag))
	accessed := accessReports(p.in.Snapshot, time.Time{})
	signIn := passwords(p.in.Snapshot)
	for _, pr := range p.in.Snapshot.Principals {
		s := &subject{p: pr, seen: credited[pr], cov: p.coverage[pr.Account],
			grants: p.in.Snapshot.Grants(pr), access: p.reports[pr.ARN], accessed: accessed[pr.ARN], blocked: map[string]barrier{}}
		from := int32(0)
		if !pr.Created.IsZero() {
			from = timeDay(pr.Created)
		}
		s.window = s.cov.window(from, p.asOfDay)
		holes := p.newHoles(s)
		s.hole = holes.role()
		if s.hole == "" && p.newerLife(s) {
			s.hole = "the logs show a newer principal of this name: take the authorization details again"
		}
		p.addHistory(s)
		p.block(s)
		s.distrust()
		holes.block()
		s.password = signIn[pr.ARN]
		s.keep = p.keeper.of(s, p.facts)
		p.subjects = append(p.subjects, s)
	}
	sort.Slice(p.subjects, func(i, j int) bool { return p.subjects[i].p.ARN < p.subjects[j].p.ARN })
}

// newerLife reports whether a principal of the same ARN and another unique id was
// used after this one: the snapshot is older than the logs.
func (p *proposer) newerLife(s *subject) bool {
	own, other := int64(-1), int64(-1)
	for _, c := range p.byARN[s.p.ARN] {
		counted, any := c.lastCall()
		if p.known[c] {
			own = max(own, counted)
		} else { // that it exists, a quarantined call shows as well
			other = max(other, any)
		}
	}
	return other > own && (s.p.Created.IsZero() || other > s.p.Created.UnixMilli()) // lives do not overlap
}

// endOfLogs is the time of the last call that is not set apart.
func (p *proposer) endOfLogs() time.Time {
	var last int64
	for i := range p.in.Table.Calls {
		if c := &p.in.Table.Calls[i]; c.Lane == "" {
			last = max(last, c.Last)
		}
	}
	return time.UnixMilli(last).UTC()
}

// proposeAll fills proposals, several at a time.
func (p *proposer) proposeAll() {
	p.proposals = make([]*Proposal, len(p.units))
	next := make(chan int)
	var wg sync.WaitGroup
	for range max(1, p.in.Options.Workers) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				p.proposals[i] = p.propose(p.units[i])
			}
		}()
	}
	for i := range p.units {
		next <- i
	}
	close(next)
	wg.Wait()
	p.limitSlots()
}

// propose narrows one document, fits it to its quota, and proves it.
func (p *proposer) propose(u *unit) *Proposal {
	out := &Proposal{Key: u.key, Name: u.policy.Name, ARN: u.policy.ARN, Kind: u.kind, Owner: u.owner, Old: u.policy.Document}
	for _, s := range u.subjects {
		out.Principals = append(out.Principals, s.p.ARN)
	}
	if why := u.uneditable(p.attached); why != "" {
		return out.keep(Skip, why)
	}
	if why := p.truncated(u); why != "" {
		return out.keep(Skip, why)
	}
	if why := p.history.staleDocument(u); why != "" {
		return out.keep(Skip, why)
	}
	n := newNarrower(p.facts, u, &p.in.Options, p.asOfDay)
	n.trust = p.trustOf
	r, err := n.narrow(out.Old)
	out.account(p, r.verdicts)
	out.Quarantine = n.counted(out.Old, r.verdicts)
	out.Notes = append(out.Notes, quarantineNotes(out.Quarantine)...)
	switch {
	case err != nil:
		return out.keep(Skip, err.Error())
	case !r.changed:
		return out.keep(Keep, n.whyUnchanged(r.verdicts))
	}
	out.finish(p, u, r)
	return out
}

// truncated says why a policy of an incomplete snapshot stays: a managed one, or one
// of a group, may apply to principals that the files do not show.
func (p *proposer) truncated(u *unit) string {
	if u.kind != Managed && u.kind != PermissionSet && !strings.Contains(u.owner, ":group/") {
		return ""
	}
	for _, id := range p.in.Snapshot.Truncated {
		if accountOf(u.owner) == id || u.kind == PermissionSet {
			return "the authorization details of account " + id + " are cut short, so others may have this policy"
		}
	}
	return ""
}

func (out *Proposal) keep(c ChangeKind, why string) *Proposal {
	out.Change, out.Reason, out.New, out.Printed, out.Base, out.Diff = c, why, nil, nil, nil, diff.Change{}
	return out
}

// narrowed is what narrow makes of a document.
type narrowed struct {
	verdicts [][]verdict // by statement; nil for Deny
	changed  bool
	docs     []*iam.Document // none where nothing of the document is needed
	moved    bool            // too large to stay where it is
}

// narrow decides every statement and fits the result, giving up as little precision
// as that takes.
func (n *narrower) narrow(old *iam.Document) (narrowed, error) {
	r := n.decideAll(old)
	if !r.changed {
		return r, nil
	}
	err := leastLoss(func(st precision) error {
		n.precision = st
		recut(r.verdicts, st.price)
		if err := n.hopeless(r.verdicts, n.attachedSize(old)); err != nil {
			return err
		}
		return n.fittedShort(old, &r)
	})
	if err != nil {
		return r, n.tooLarge(r.verdicts, err)
	}
	return r, nil
}

// fittedShort is fitted, with fewer statements and shorter names of what could not be
// seen where that makes fewer documents: neither costs precision.
func (n *narrower) fittedShort(old *iam.Document, r *narrowed) error {
	n.mergeFree = false
	err := n.fitted(old, r)
	if err == nil && len(r.docs) <= 1 {
		return nil
	}
	short := *r
	n.mergeFree, n.precision.terse = true, true
	if n.fitted(old, &short) == nil && (err != nil || len(short.docs) < len(r.docs)) {
		*r = short
		return nil
	}
	return err
}

func (n *narrower) decideAll(old *iam.Document) narrowed {
	r := narrowed{verdicts: make([][]verdict, len(old.Statements))}
	for i := range old.Statements {
		if old.Statements[i].Effect == iam.Allow {
			r.verdicts[i] = n.decide(old, i)
			r.changed = r.changed || !unchanged(&old.Statements[i], r.verdicts[i])
		}
	}
	return r
}

// fitted makes the documents of what was decided; none where nothing is needed.
func (n *narrower) fitted(old *iam.Document, r *narrowed) (err error) {
	d := n.rebuild(old, r.verdicts)
	if len(d.Statements) == 0 {
		r.docs, r.moved = nil, false
		return nil
	}
	r.docs, r.moved, err = fit(d, n.unit.room(), n.attachedSize(old))
	n.fitPassedTo(old, d, r, err)
	return err
}

// attachedSize is what the document may take since it takes it today.
func (n *narrower) attachedSize(old *iam.Document) int {
	if n.unit.replaced() {
		return 0 // its replacement has to fit the quota
	}
	return old.Size()
}

// tooLarge says what does not fit, and what would unlock it: more evidence where most
// of the characters are of actions that could not be seen.
func (n *narrower) tooLarge(vs [][]verdict, err error) error {
	unseen, seen, actions := 0, 0, 0
	for _, list := range vs {
		for _, v := range list {
			switch {
			case v.hidden():
				unseen += len(v.name)
				actions++
			case v.fate != FateRemoved:
				seen += len(v.name) + len(strings.Join(v.resources, ""))
			}
		}
	}
	if unseen > seen {
		return fmt.Errorf("needs-visibility: %w; %d actions are kept only because the logs could not show them; %s", err, actions, n.wouldDecide(vs))
	}
	return fmt.Errorf("over-quota: %w", err)
}

// whyUnchanged names the commonest reason for which nothing was removed.
func (n *narrower) whyUnchanged(vs [][]verdict) string {
	for _, s := range n.unit.subjects {
		if w := n.view.windowOf(s); !w.ok {
			return w.reason
		}
	}
	count := map[string]int{}
	for _, list := range vs {
		for _, v := range list {
			if v.fate == FateNotVisible || v.fate == FateBlocked || v.fate == FateKept {
				count[v.reason]++
			}
		}
	}
	best := ""
	for _, r := range sortedKeys(count) {
		if count[r] > count[best] {
			best = r
		}
	}
	if best == "" {
		return "every permission is used"
	}
	return "every permission is used, kept or not visible: " + best
}

// account fills the counts and the ledger from the verdicts.
func (out *Proposal) account(p *proposer, vs [][]verdict) {
	count := map[Fate]int{}
	hidden, unmapped := map[string]bool{}, map[string]bool{}
	for i, list := range vs {
		for _, v := range list {
			if v.fate == FateRemoved {
				continue
			}
			count[v.fate]++
			if v.hidden() {
				hidden[v.name] = true
			}
			if v.bar != nil && v.bar.unmapped {
				unmapped[v.name] = true
			}
		}
		if p.in.Options.Ledger && list != nil {
			out.Ledger = append(out.Ledger, entries(p.facts, &out.Old.Statements[i], i, list)...)
		}
	}
	for _, f := range []Fate{FateUsed, FateUsedWide, FateAttempted, FateDependent, FateNotVisible, FateBlocked, FateKept} {
		if count[f] > 0 {
			out.Kept = append(out.Kept, KeptCount{f, count[f]})
		}
	}
	out.NotVisible, out.Unmapped = sortedKeys(hidden), sortedKeys(unmapped)
	out.KeptFor = keptFor(vs)
	out.Notes = slices.Concat(keptNotes(out.KeptFor), wideNotes(vs), barNotes(vs), patternNotes(vs), pinnedNotes(vs), apartNotes(vs))
}

// finish prints, proves and describes the new documents; a failed proof drops them.
func (out *Proposal) finish(p *proposer, u *unit, r narrowed) {
	docs := r.docs
	out.New, out.Change = docs, Narrow
	switch {
	case len(docs) == 0:
		out.Change = Remove
	case u.replaced():
		out.Change = Replace
	case r.moved:
		out.Change = Replace
		out.Notes = append(out.Notes, fmt.Sprintf("too large to stay in place: %d managed policies, to be attached together", len(docs)))
	}
	for _, d := range docs {
		if p.in.Options.Fault != nil {
			p.in.Options.Fault(d)
		}
	}
	out.print(u.policy)
	out.Proof = Check(out.Old, out.Printed, seenBy(u))
	if !out.Proof.OK() {
		out.keep(Skip, "the proof failed: "+out.Proof.Counterexample())
		return
	}
	if p.in.Options.documentsOnly {
		return
	}
	if u.kind == PermissionSet {
		out.Notes = append([]string{u.setNote()}, out.Notes...)
	}
	out.Notes = append(out.Notes, unknownNote(out.Old, docs)...)
	out.Diff = p.comparer.Compare([]*iam.Document{out.Old}, docs)
	out.Risk = p.risks.compare([]*iam.Document{out.Old}, docs)
	out.Reason = out.summary()
}

// print writes the new documents: one that stays where it is in the bytes of the
// attached one.
func (out *Proposal) print(attached *account.Policy) {
	out.Base = out.Old.Format()
	if out.Change == Narrow {
		text, inPlace := out.New[0].FormatInPlace()
		out.Printed = append(out.Printed, text)
		if inPlace {
			out.Base = attached.Raw
		} else {
			out.Notes = append(out.Notes, "written anew, not in the attached text: that has a member twice, or is not plain JSON")
		}
		return
	}
	for _, d := range out.New {
		out.Printed = append(out.Printed, d.Format())
	}
}

func (out *Proposal) summary() string {
	removed := 0
	for _, g := range out.Diff.Removed {
		removed += len(g.Actions)
	}
	switch {
	case out.Change == Remove:
		return "nothing that it allows was used"
	case removed == 0:
		return fmt.Sprintf("%d actions narrowed to the resources seen", len(out.Diff.Narrowed))
	}
	return fmt.Sprintf("%d unused actions removed, %d narrowed to the resources seen", removed, len(out.Diff.Narrowed))
}

// seenBy lists the requests of everybody attached to a unit.
func seenBy(u *unit) []Seen {
	most := 0
	for _, s := range u.subjects {
		for _, c := range s.seen {
			most += len(c.obs)
		}
	}
	out := make([]Seen, 0, most)
	for _, s := range u.subjects {
		for _, c := range s.seen {
			for i := range c.obs {
				o := &c.obs[i]
				if o.documented() {
					continue
				}
				out = append(out, Seen{Principal: s.p.ARN, Account: s.p.Account, Action: o.action, Resource: o.resource, Kind: o.kind, Region: o.region, PassedTo: o.passedTo})
			}
		}
	}
	return out
}

// catalogActions lets diff expand by the fact table.
type catalogActions struct{ facts *factTable }

// Expand appends all known actions that a pattern matches.
func (a catalogActions) Expand(dst []string, pattern string) []string {
	for _, i := range a.facts.expand(pattern) {
		dst = append(dst, a.facts.names[i])
	}
	return dst
}

// Level is the access level of an action, "" when unknown.
func (a catalogActions) Level(action string) string {
	if i, ok := a.facts.exact[action]; ok {
		return string(a.facts.facts[i].Level)
	}
	if i, ok := a.facts.index[strings.ToLower(action)]; ok {
		return string(a.facts.facts[i].Level)
	}
	return ""
}

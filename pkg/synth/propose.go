package synth

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

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
	p.takeFreed()
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
	u.squeezed = err != nil || n.precision != precision{}
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

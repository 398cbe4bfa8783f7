package synth

import (
	"fmt"
	"slices"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/diff"
	"github.com/tighten-iam/tighten/pkg/iam"
)

func (out *Proposal) keep(c ChangeKind, why string) *Proposal {
	out.Change, out.Reason, out.New, out.Printed, out.Base, out.Diff = c, why, nil, nil, nil, diff.Change{}
	return out
}

// account fills the counts and the ledger from the verdicts.
func (out *Proposal) account(p *proposer, vs [][]verdict) {
	count := map[Fate]int{}
	hidden, unmapped, documented := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i, list := range vs {
		for _, v := range list {
			if v.fate == FateRemoved {
				continue
			}
			count[v.fate]++
			if v.hidden() {
				hidden[v.name] = true
			}
			if v.fate == FateDependent {
				documented[v.name] = true
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
	out.NotVisible, out.Unmapped, out.Documented = sortedKeys(hidden), sortedKeys(unmapped), sortedKeys(documented)
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

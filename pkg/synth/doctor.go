package synth

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// Diagnosis says what keeps permissions that are not used, and which data would decide
// them. A permission is one action that one document grants.
type Diagnosis struct {
	AsOf      time.Time
	MinWindow int
	Documents int // that could be edited
	Granted   int // permissions of these documents
	Removable int // unused by what is known
	Kept      int // not seen, and kept by the keep list, or for what a principal was detected as
	Undecided int // not seen, and kept
	Together  int // of Undecided: all of Unlocks that is not uncertain decides them
	Nothing   int // of Undecided: no logs can show them
	Reports   int // of Undecided: last-accessed reports that are missing may decide them
	Unlocks   []Unlock
	More      int // unlocks that are not listed, the smallest
	Heavy     []Heavy
	Warnings  []string
}

// Unlock is one need, and what meeting it gives.
type Unlock struct {
	Need       Need
	Alone      int       // permissions that it alone makes removable
	Among      int       // permissions that need it, with others or alone
	Uncertain  bool      // what it says decides: a last-accessed report may show uses
	Until      time.Time // of NeedDays: the first day on which the window is full, if all days to come are in the logs
	Actions    []string  // samples, sorted
	Principals []string  // samples, sorted
	Attached   int       // principals of these documents
}

// Heavy is a document with many undecided permissions.
type Heavy struct {
	Name, Owner string
	Undecided   int
	Unlocks     []Unlock // the largest three
}

// Bounds of what a diagnosis lists.
const (
	maxUnlocks = 50
	maxHeavy   = 10
	maxSamples = 8
)

// Doctor finds what would have to be known to remove more. It proposes nothing.
func Doctor(in Input) (*Diagnosis, error) {
	if in.Options.MinWindow <= 0 {
		in.Options.MinWindow = DefaultMinWindow
	}
	p := newProposer(in)
	if p.history == nil {
		return nil, ErrNoAccount
	}
	d := &Diagnosis{AsOf: dayTime(max(0, p.asOfDay)), MinWindow: in.Options.MinWindow, Warnings: p.warnings()}
	all := newTally()
	for _, u := range p.units {
		if p.untouchable(u) {
			continue
		}
		t := p.diagnose(u)
		d.Documents++
		d.Granted += t.granted
		d.Removable += t.removable
		d.Kept += t.kept
		d.addHeavy(u, t)
		all.add(t)
	}
	d.Undecided, d.Together, d.Nothing, d.Reports = all.undecided, all.together, all.nothing, all.reports
	d.Unlocks = all.unlocks(d.AsOf)
	if d.More = len(d.Unlocks) - maxUnlocks; d.More > 0 {
		d.Unlocks = d.Unlocks[:maxUnlocks]
	}
	d.More = max(0, d.More)
	return d, nil
}

// ErrNoAccount is returned where nothing tells what is granted.
var ErrNoAccount = fmt.Errorf("nothing tells what is granted: give --account")

// untouchable reports whether no data makes a document editable.
func (p *proposer) untouchable(u *unit) bool {
	if u.policy.Document == nil || notEvaluable(u.policy.Document) != "" || u.kind == Managed && (u.policy.BoundaryUses > 0 || p.history.log.sessions[u.policy.ARN]) {
		return true
	}
	return slices.ContainsFunc(u.subjects, func(s *subject) bool { return protected(s.p) != "" })
}

// unitNeeds are what a whole document lacks.
func (p *proposer) unitNeeds(u *unit) []Need {
	others := u.kind == Managed && u.policy.Attachments > p.attached[u.policy.ARN]
	if others || p.truncated(u) != "" || p.history.staleDocument(u) != "" {
		return []Need{{Kind: NeedSnapshot, Account: accountOf(u.owner)}}
	}
	return nil
}

// diagnose counts a document's permissions by what they need.
func (p *proposer) diagnose(u *unit) *tally {
	n := newNarrower(p.facts, u, &p.in.Options, p.asOfDay)
	doc := u.policy.Document
	vs := make([][]verdict, len(doc.Statements))
	for i := range doc.Statements {
		if doc.Statements[i].Effect == iam.Allow {
			vs[i] = n.decide(doc, i)
		}
	}
	return n.tally(vs, p.unitNeeds(u), u.keptWhole())
}

// keptWhole reports whether the keep list, or what a principal was detected as, keeps the
// document as it is.
func (u *unit) keptWhole() bool {
	return slices.ContainsFunc(u.subjects, func(s *subject) bool {
		return s.keep.whole != "" || u.kind == PermissionSet && breakGlass(s.p)
	})
}

// tally counts the actions of a document's verdicts by what they need; whole is what the
// document as such needs, and no data decides about one that is kept.
func (n *narrower) tally(vs [][]verdict, whole []Need, kept bool) *tally {
	t := newTally()
	byAction := map[string]*undecided{}
	for _, list := range vs {
		for i := range list {
			v := &list[i]
			x := byAction[v.name]
			if x == nil {
				x = &undecided{index: v.index}
				byAction[v.name] = x
			}
			x.used = x.used || len(v.obs) > 0
			x.kept = x.kept || kept || v.fate == FateKept
			x.needs = append(x.needs, v.needs...)
		}
	}
	var who []string
	for _, s := range n.unit.subjects {
		who = append(who, s.p.ARN)
	}
	for _, name := range sortedKeys(byAction) {
		x := byAction[name]
		t.granted++
		if x.used {
			continue
		}
		if x.kept {
			t.kept++
			continue
		}
		needs := minimalNeeds(append(x.needs, whole...))
		if len(needs) == 0 {
			t.removable++
			continue
		}
		t.undecided++
		t.count(needs, n.reportNeeds(x.index, needs), name, who)
	}
	return t
}

// wouldDecide names what would decide most of a document's undecided actions.
func (n *narrower) wouldDecide(vs [][]verdict) string {
	const most = 3
	var parts []string
	for _, u := range n.tally(vs, nil, false).unlocks(dayTime(0)) {
		if len(parts) < most {
			parts = append(parts, fmt.Sprintf("%s (%d)", u.Need.short(), u.Among))
		}
	}
	if parts == nil {
		return "no data would decide them"
	}
	return "these would decide: " + strings.Join(parts, ", ") + "; tighten doctor tells how to get them"
}

// undecided gathers what is known of one action of a document.
type undecided struct {
	index int // in the fact table, -1
	used  bool
	kept  bool
	needs []Need
}

// reportNeeds are the last-accessed reports that may decide an action that no principal
// attached was seen to use, nil where none can: all else but that the logs could not show
// it must be in order, and AWS must track the action, or none of its service was used.
func (n *narrower) reportNeeds(index int, needs []Need) []Need {
	if index < 0 || n.view.opts.MinWindow > trackingDays {
		return nil
	}
	f := &n.facts.facts[index]
	for _, x := range needs {
		if x.Kind != NeedSelectors && x.Kind != NeedNothing && x.Kind != NeedStandard && x != (Need{Kind: NeedLogs, Account: x.Account, What: "data events"}) {
			return nil
		}
	}
	if isPassRole(f.Name) || n.needed[strings.ToLower(f.Name)] != "" || !n.view.windowsFull(f.Name) {
		return nil
	}
	if n.usesService(servicePrefix(f.Name)) && (!f.Tracked || f.Visibility == actions.DataEvent) {
		return nil
	}
	var out []Need
	for _, s := range n.unit.subjects {
		switch {
		case s.access == nil && !n.view.neverBy(s, f):
			out = append(out, Need{Kind: NeedLastAccessed, Account: s.p.Account, Principal: s.p.ARN})
		case !n.view.neverBy(s, f):
			return nil // the report that there is does not decide
		}
	}
	return out
}

// usesService reports whether the logs show any use of a service.
func (n *narrower) usesService(prefix string) bool {
	if n.services == nil {
		n.services = map[string]bool{}
		for name := range n.byName {
			n.services[servicePrefix(name)] = true
		}
	}
	return n.services[prefix]
}

func (d *Diagnosis) addHeavy(u *unit, t *tally) {
	if t.undecided == 0 {
		return
	}
	h := Heavy{Name: u.policy.Name, Owner: u.owner, Undecided: t.undecided}
	h.Unlocks = t.unlocks(d.AsOf)
	h.Unlocks = h.Unlocks[:min(3, len(h.Unlocks))]
	d.Heavy = append(d.Heavy, h)
	slices.SortStableFunc(d.Heavy, func(a, b Heavy) int {
		return cmp.Or(-cmp.Compare(a.Undecided, b.Undecided), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Owner, b.Owner))
	})
	d.Heavy = d.Heavy[:min(maxHeavy, len(d.Heavy))]
}

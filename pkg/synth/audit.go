package synth

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// auditor asks of finished proposals, from the tables and the facts alone, whether what
// they remove would have been seen and was not. Check proves that nothing seen is lost and
// nothing is gained; it cannot know what the logs could not show. What the auditor asks for
// is necessary, not sufficient: it shares no code with what decides, so that a mistake
// there does not pass here.
type auditor struct {
	in       Input
	end      int32 // day
	logsEnd  time.Time
	accounts map[string]*auditAccount
	used     map[string]map[string][]*usage.Row // by unique id and by ARN: lower-case action
	unmapped map[string]map[string]bool         // by ARN: service prefixes
	puts     map[string]int32                   // last put of an inline policy, by account, owner and name
	facts    map[string]actions.Fact
}

// auditAccount is what the logs hold of one account.
type auditAccount struct {
	days, lost, digest  map[int32]bool
	first               int32
	read, write, data   bool
	sources             map[string]bool
	types               map[string]bool // of data events that some selector names
	selectors, delivers bool            // selectors are given; an organization trail delivers everywhere
	observed            map[int32]int   // memo: observed days from a day on
}

func newAuditor(in Input, end int32) *auditor {
	a := &auditor{in: in, end: end, accounts: map[string]*auditAccount{}, used: map[string]map[string][]*usage.Row{},
		unmapped: map[string]map[string]bool{}, puts: map[string]int32{}, facts: map[string]actions.Fact{}}
	for i := range in.Table.Coverage {
		a.addCoverage(&in.Table.Coverage[i])
	}
	for i := range in.Table.Deliveries {
		if d := &in.Table.Deliveries[i]; d.Unreadable > 0 && d.Kind != "digest" && a.accounts[d.Account] != nil {
			a.accounts[d.Account].lost[d.Day] = true
		}
	}
	for i := range in.Table.Digests {
		if d := &in.Table.Digests[i]; d.Hours != 0 && a.accounts[d.Account] != nil {
			a.accounts[d.Account].digest[d.Day] = true
		}
	}
	for i := range in.Table.Usage {
		a.addUse(&in.Table.Usage[i])
	}
	for i := range in.Table.Unmapped {
		a.addUnmapped(&in.Table.Unmapped[i])
	}
	for i := range in.Table.Calls {
		a.addCall(&in.Table.Calls[i])
	}
	a.addTrails()
	return a
}

func (a *auditor) addCoverage(r *usage.CoverageRow) {
	if r.Day < 0 || strings.HasPrefix(r.Class, usage.QuarantineLane("")) {
		return
	}
	x := a.accounts[r.Account]
	if x == nil {
		x = &auditAccount{days: map[int32]bool{}, lost: map[int32]bool{}, digest: map[int32]bool{}, first: r.Day,
			sources: map[string]bool{}, types: map[string]bool{}, observed: map[int32]int{}}
		a.accounts[r.Account] = x
	}
	x.days[r.Day] = true
	x.first = min(x.first, r.Day)
	x.sources[r.EventSource] = true
	x.read, x.write, x.data = x.read || r.ReadOnly == 2, x.write || r.ReadOnly != 2, x.data || r.Category == "Data"
}

func (a *auditor) addUse(r *usage.Row) {
	if r.Lane != "" || r.Outcome != "allowed" || r.Basis != "logged" {
		return
	}
	key := r.PrincipalID
	if key == "" {
		key = r.Principal
	}
	if a.used[key] == nil {
		a.used[key] = map[string][]*usage.Row{}
	}
	name := strings.ToLower(r.Action)
	a.used[key][name] = append(a.used[key][name], r)
}

func (a *auditor) addUnmapped(r *usage.UnmappedRow) {
	if r.Lane != "" {
		return
	}
	if a.unmapped[r.Principal] == nil {
		a.unmapped[r.Principal] = map[string]bool{}
	}
	for _, p := range a.in.Catalog.Prefixes(r.EventSource) {
		a.unmapped[r.Principal][strings.ToLower(p)] = true
	}
}

func (a *auditor) addCall(c *usage.Call) {
	if c.Lane == "" {
		if t := time.UnixMilli(c.Last).UTC(); t.After(a.logsEnd) {
			a.logsEnd = t
		}
	}
	if c.EventSource != serviceIAM || c.Outcome != "allowed" || !strings.HasPrefix(c.EventName, "Put") || !strings.HasSuffix(c.EventName, "Policy") {
		return
	}
	owner, name := "", ""
	arguments(a.in.Table, c, func(path, value string) {
		switch path {
		case "p.roleName", "p.userName", "p.groupName":
			owner = strings.TrimSuffix(path[2:], "Name") + "/" + value
		case "p.policyName":
			name = value
		}
	})
	key := strings.ToLower(c.RecipientAccount + " " + owner + " " + name)
	a.puts[key] = max(a.puts[key], c.Day)
}

func (a *auditor) addTrails() {
	organization := map[string]bool{}
	for _, t := range a.in.Snapshot.Trails {
		organization[t.ARN] = t.Organization
	}
	for id, x := range a.accounts {
		for _, t := range a.in.Snapshot.Trails {
			x.delivers = x.delivers || t.Organization && t.MultiRegion
		}
		for _, s := range a.in.Snapshot.Selectors {
			if !organization[s.TrailARN] && !strings.Contains(s.TrailARN, ":"+id+":") {
				continue
			}
			x.selectors = true
			for _, b := range s.Basic {
				for kind := range b.Data {
					x.types[kind] = true
				}
			}
			for _, v := range s.Advanced {
				for _, f := range v.Fields {
					if f.Field == "resources.type" {
						for _, kind := range f.Equals {
							x.types[kind] = true
						}
					}
				}
			}
		}
	}
}

// fault says which removal of a proposal the evidence does not bear out, "" for none.
func (a *auditor) fault(p *Proposal) string {
	if p.Change == Keep || p.Change == Skip || p.Change == Create {
		return ""
	}
	var gone []string
	for _, g := range p.Diff.Removed {
		gone = append(gone, g.Actions...)
	}
	set, err := iam.Compile(p.Old)
	if err != nil {
		return err.Error()
	}
	if len(gone) == 0 {
		return ""
	}
	for _, arn := range p.Principals {
		pr := a.in.Snapshot.Principal(arn)
		if pr == nil {
			return arn + " is not in the account files"
		}
		if why := a.principal(p, pr, gone, set); why != "" {
			return why + " (" + arn + ")"
		}
	}
	return ""
}

func (a *auditor) principal(p *Proposal, pr *account.Principal, gone []string, old *iam.Set) string {
	x := a.accounts[pr.Account]
	if x == nil {
		return "the logs hold nothing of account " + pr.Account
	}
	if days := x.daysSince(a.since(p, pr, x), a.end); days < a.in.Options.MinWindow {
		return fmt.Sprintf("%d days are in the logs, a removal needs %d", days, a.in.Options.MinWindow)
	}
	unmapped := a.unmapped[pr.ARN]
	for _, name := range gone {
		if len(unmapped) > 0 && unmapped[servicePrefix(name)] {
			return "calls of " + servicePrefix(name) + " are not mapped, and " + name + " would go"
		}
		if a.seen(old, pr, name) {
			return name + " was used"
		}
		if why := a.visible(x, name); why != "" && !a.reported(p, pr, name) {
			return name + " would go: " + why
		}
	}
	return ""
}

// since is the day from which on the principal is known to have had the document: it and
// the document exist.
func (a *auditor) since(p *Proposal, pr *account.Principal, x *auditAccount) int32 {
	from := x.first
	if !pr.Created.IsZero() {
		from = max(from, int32(pr.Created.Unix()/86400))
	}
	if pol := a.in.Snapshot.Policies[p.ARN]; pol != nil && !pol.AWSManaged && len(pol.Others) == 0 && !pol.InForce.IsZero() {
		from = max(from, int32(pol.InForce.Unix()/86400)+1)
	}
	if p.Kind == Inline {
		if arn, err := iam.ParseARN(p.Owner); err == nil {
			kind, rest, _ := strings.Cut(arn.Resource, "/")
			owner := kind + "/" + rest[strings.LastIndexByte(rest, '/')+1:]
			if day, ok := a.puts[strings.ToLower(arn.Account+" "+owner+" "+p.Name)]; ok {
				from = max(from, day+1)
			}
		}
	}
	return from
}

// daysSince counts days with records, and those of short runs without, or of which digests
// or an organization's trail may tell.
func (x *auditAccount) daysSince(from, to int32) int {
	if n, ok := x.observed[from]; ok {
		return n
	}
	n, run := 0, 0
	for d := from; d <= to; d++ {
		switch {
		case x.lost[d]:
			run = 0
		case x.days[d] || x.digest[d] || x.delivers:
			n, run = n+1, 0
		default:
			if run++; run <= quietRun {
				n++
			}
		}
	}
	x.observed[from] = n
	return n
}

// seen reports whether the logs show the principal using an action that the old document
// may allow there.
func (a *auditor) seen(old *iam.Set, pr *account.Principal, name string) bool {
	name = strings.ToLower(name)
	for _, key := range []string{pr.ID, pr.ARN} {
		for _, r := range a.used[key][name] {
			if r.Principal != pr.ARN && key != pr.ID || r.Account != pr.Account || r.Kind != "arn" {
				continue
			}
			req := iam.Request{Action: name, Resource: r.Resource, Principal: pr.ARN, Context: iam.Context{Partial: true}}
			if slices.ContainsFunc(old.Matches(nil, &req), func(m iam.Match) bool { return m.Effect == iam.Allow }) {
				return true
			}
		}
	}
	return false
}

// visible says why the logs of an account cannot show an action, "" if they may.
func (a *auditor) visible(x *auditAccount, name string) string {
	f, ok := a.facts[name]
	if !ok {
		f, ok = a.in.Catalog.Lookup(name)
		if !ok {
			return "no fact knows it"
		}
		a.facts[name] = f
	}
	switch f.Visibility {
	case actions.Management, actions.PresumedManagement:
		if f.Visibility == actions.PresumedManagement && a.in.Options.Strict {
			return "only presumed to be logged"
		}
		if !x.selectors && (f.ReadOnly && !x.read || !f.ReadOnly && !x.write) {
			return "the logs hold no such event"
		}
	case actions.DataEvent:
		if !x.selectors || !x.data || !x.types[f.DataType] {
			return "a data event that no selector takes"
		}
	default:
		if !strings.EqualFold(name, "iam:PassRole") {
			return "the logs cannot show it"
		}
	}
	return ""
}

// reported reports whether some last-accessed report, of the principal, a group of it or
// the policy, says that the service or the action was never accessed.
func (a *auditor) reported(p *Proposal, pr *account.Principal, name string) bool {
	service, action, _ := strings.Cut(name, ":")
	for _, r := range a.in.Snapshot.LastAccessed {
		group := strings.Contains(r.ARN, ":group/") && slices.Contains(pr.Groups, r.ARN[strings.LastIndexByte(r.ARN, '/')+1:])
		if r.ARN != pr.ARN && r.ARN != p.ARN && !group || r.Completed.Before(a.logsEnd.Add(4*time.Hour)) {
			continue
		}
		for _, s := range r.Services {
			if !strings.EqualFold(s.Namespace, service) {
				continue
			}
			if s.Last.IsZero() || slices.ContainsFunc(s.Actions, func(x account.ActionAccess) bool { return strings.EqualFold(x.Name, action) && x.Last.IsZero() }) {
				return true
			}
		}
	}
	return false
}

// audit drops the proposals that the auditor finds fault with.
func (p *proposer) audit() {
	if p.in.Snapshot == nil {
		return
	}
	a := newAuditor(p.in, p.asOfDay)
	for _, x := range p.proposals {
		if why := a.fault(x); why != "" {
			x.keep(Skip, "the audit failed: "+why)
		}
	}
}

package cli

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/internal/ingest"
	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/diff"
	"github.com/tighten-iam/tighten/pkg/report"
	"github.com/tighten-iam/tighten/pkg/synth"
	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// scanReport is the report of a dataset alone.
func scanReport(c *actions.Catalog, t *usage.Table, s *account.Snapshot) *report.Run {
	a := ingest.Account(t)
	run := &report.Run{Version: report.Version, Facts: t.Facts, Accounts: accountWindows(t, s), Scan: report.Scan{
		Objects: t.Stats.Objects, ObjectsUnreadable: t.Stats.ObjectsUnreadable, ObjectsSkipped: t.Stats.ObjectsSkipped,
		CompressedBytes: t.Stats.CompressedBytes, Bytes: t.Stats.Bytes, Records: a.Records,
		Used: a.Used, Denied: a.Denied, Undetermined: a.Undetermined, NotAUse: a.NotAUse, Unmapped: a.Unmapped,
		Duplicate: a.Duplicate, Filtered: a.Filtered, Unreadable: a.Unreadable, Quarantined: a.Quarantined, Coarsened: t.Coarsened,
	}}
	for _, p := range a.TopUnmapped {
		run.Scan.TopUnmapped = append(run.Scan.TopUnmapped, report.Unmapped{EventSource: p.EventSource, EventName: p.EventName, Events: p.Records})
	}
	run.Scan.UnreadableObjects, run.Scan.UnreadableTotal = badObjects(t)
	run.Scan.SkippedByKind = skippedByKind(t)
	run.Scan.Digests = digestReport(t)
	if other := otherFacts(c, t); other != "" {
		run.Warnings = append(run.Warnings, other)
	}
	return run
}

// otherFacts is the warning for a dataset of other facts than those in use, ""
// where they are the same.
func otherFacts(c *actions.Catalog, t *usage.Table) string {
	if t.Facts == c.Version() {
		return ""
	}
	return fmt.Sprintf("the dataset was resolved with facts %s, this run uses %s: run tighten resolve, or choose with --facts", t.Facts, c.Version())
}

// badObjects names the first objects that could not be read whole, and counts all.
func badObjects(t *usage.Table) (list []report.BadObject, total int) {
	const most = 20
	for i := range t.Objects {
		o := &t.Objects[i]
		if o.Error == "" && o.Unreadable == 0 {
			continue
		}
		if total++; total > most {
			continue
		}
		why := o.Error
		if o.Unreadable > 0 {
			why = count(o.Unreadable, "record") + " unreadable"
			if o.Error != "" {
				why += "; " + o.Error
			}
		}
		list = append(list, report.BadObject{Key: o.Key, Error: why})
	}
	return list, total
}

// skippedByKind counts the objects that are no logs; nil for none.
func skippedByKind(t *usage.Table) map[string]int64 {
	var out map[string]int64
	for i := range t.Deliveries {
		d := &t.Deliveries[i]
		n := d.Objects - d.Unreadable
		if d.Kind == "" || d.Kind == string(trail.KindLog) || d.Kind == string(trail.KindDigest) && len(t.Digests) > 0 || n <= 0 {
			continue // digests are read
		}
		if out == nil {
			out = map[string]int64{}
		}
		out[d.Kind] += n
	}
	return out
}

func accountWindows(t *usage.Table, s *account.Snapshot) []report.Account {
	records := map[string]int64{}
	for i := range t.Coverage {
		records[t.Coverage[i].Account] += t.Coverage[i].Records
	}
	known := map[string]bool{}
	if s != nil {
		for _, id := range s.Accounts {
			known[id] = true
		}
	}
	var out []report.Account
	for id, w := range synth.Windows(t, s) {
		out = append(out, report.Account{ID: id, From: day(w.From), To: day(w.To), Days: w.Days,
			QuietDays: w.QuietDays, GapDays: w.GapDays, UnknownDays: w.UnknownDays + w.FilteredDays, Regions: w.Regions, Records: records[id], InFiles: known[id]})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

// day prints a day, and nothing where it is unknown: no log is of the first days
// of Unix time, which stand for a record without a time.
func day(t time.Time) string {
	if t.Year() <= 1970 {
		return ""
	}
	return t.Format("2006-01-02")
}

// runReport is the report of proposals.
func runReport(c *actions.Catalog, r *synth.Result, t *usage.Table, s *account.Snapshot, files map[*synth.Proposal]written) *report.Run {
	run := scanReport(c, t, s)
	run.Facts = c.Version()
	run.AsOf, run.MinWindow = day(r.AsOf), r.MinWindow
	run.Output = &report.Output{Report: reportFile, Principals: principalsFile, Policies: policiesDir}
	run.Totals.ByStatus = map[string]int{}
	run.Warnings = append(missingFiles(r, s), run.Warnings...)
	if s != nil {
		for _, w := range s.Warnings {
			run.Warnings = append(run.Warnings, accountWarning(w))
		}
	}
	run.Warnings = append(run.Warnings, r.Warnings...)
	for i := range r.Principals {
		p := principalReport(c, &r.Principals[i], files)
		run.Principals = append(run.Principals, p)
		run.Totals.Principals++
		run.Totals.ByStatus[p.Status]++
		if r.Principals[i].Status != synth.Unattached { // else there is no before
			run.Totals.Before += p.Before
			run.Totals.After += p.After
		}
	}
	report.ByRisk(run.Principals)
	for _, p := range r.Proposals {
		switch {
		case !p.Proof.OK():
			run.Totals.Failed++
		case p.Change != synth.Keep && p.Change != synth.Skip:
			run.Totals.Proposals++
			run.Totals.Proved++
		}
	}
	return run
}

func principalReport(c *actions.Catalog, p *synth.PrincipalResult, files map[*synth.Proposal]written) report.Principal {
	out := report.Principal{Principal: p.ARN, Type: p.Type, Account: p.Account, Status: string(p.Status), Reason: p.Reason,
		Before: p.Before, After: p.After, Used: p.Used, Kept: foldServices(c, p.Kept), Unmapped: p.Unmapped, KeptUnmapped: foldServices(c, p.KeptUnmapped),
		RemovedBy: map[string]int{}, Removed: []string{}, Policies: []report.Policy{},
		Window: report.Window{From: day(p.Window.From), To: day(p.Window.To), Days: p.Window.Days}}
	for _, g := range p.Removed {
		out.RemovedBy[g.Level] = len(g.Actions)
		out.Removed = append(out.Removed, g.Actions...)
	}
	sort.Strings(out.Removed)
	out.Removed = foldServices(c, out.Removed)
	for _, u := range p.UnmappedCalls {
		out.UnmappedTop = append(out.UnmappedTop, report.Unmapped{EventSource: u.EventSource, EventName: u.EventName, Events: u.Count})
	}
	for _, u := range p.Unexplained {
		out.Unexplained = append(out.Unexplained, report.Unexplained{Action: u.Action, Resource: u.Resource, Count: u.Count, Hint: u.Hint})
	}
	for _, u := range p.Explained {
		out.Explained = append(out.Explained, report.Explained{Action: u.Action, Resource: u.Resource, Count: u.Count, By: u.By})
	}
	out.Quarantined = quarantinedReport(p.Quarantined)
	out.Risk = riskReport(&p.Risk)
	for _, f := range p.Forbidden {
		out.Forbidden = append(out.Forbidden, report.Forbidden{By: f.By, Why: f.Why, Count: len(f.Actions), Actions: foldServices(c, f.Actions)})
	}
	out.Detected = detectedReport(p.Detected)
	subset := synth.Subset{Holds: true}
	for _, x := range p.Proposals {
		out.Policies = append(out.Policies, policyReport(c, x, files[x]))
		subset.Applicable = subset.Applicable || x.Proof.Subset.Applicable
		subset.Holds = subset.Holds && (!x.Proof.Subset.Applicable || x.Proof.Subset.Holds)
	}
	if p.Status != synth.Unattached {
		subset.Applicable = len(p.Proposals) > 0
	}
	out.Proof = report.Proof{Covers: coversReport(p.Covers), Subset: subsetReport(subset)}
	return out
}

func quarantinedReport(list []synth.Quarantined) []report.Quarantined {
	var out []report.Quarantined
	for _, q := range list {
		out = append(out, report.Quarantined{Rule: q.Rule, Calls: q.Calls, Last: timePointer(q.Last)})
	}
	return out
}

func coversReport(c synth.Covers) report.Covers {
	return report.Covers{Requests: c.Requests, Allowed: c.Allowed, Missing: c.Missing}
}

func subsetReport(s synth.Subset) report.Subset {
	out := report.Subset{Applicable: s.Applicable}
	if s.Applicable {
		holds := s.Holds
		out.Holds = &holds
		if !holds {
			out.Witness = s.Reason
		}
	}
	return out
}

func policyReport(c *actions.Catalog, x *synth.Proposal, w written) report.Policy {
	out := report.Policy{Name: x.Name, ARN: x.ARN, Kind: string(x.Kind), Change: string(x.Change), Reason: x.Reason, Owner: x.Owner,
		Files: w.documents, DiffFile: w.diff, AttachedTo: len(x.Principals), NotVisible: len(x.NotVisible),
		Notes: x.Notes, KeptBy: map[string]int{}, Removed: levels(c, x.Diff.Removed),
		Proof: report.Proof{Covers: coversReport(x.Proof.Covers), Subset: subsetReport(x.Proof.Subset)}}
	if len(w.documents) > 0 {
		out.File = w.documents[0]
	}
	out.Risk = riskReport(&x.Risk)
	for _, k := range x.Kept {
		out.KeptBy[string(k.Fate)] = k.Count
	}
	out.Apart = apartReport(x.Quarantine)
	out.KeptFor = keptReport(c, x.KeptFor)
	for _, n := range x.Diff.Narrowed {
		out.Narrowed = append(out.Narrowed, report.Narrowed{Action: n.Action, From: n.From, To: n.To})
	}
	for i := range x.Steps {
		out.Steps = append(out.Steps, stepReport(&x.Steps[i], w))
	}
	return out
}

func stepReport(s *synth.Step, w written) report.Step {
	out := report.Step{Number: s.Number, Do: string(s.Do), Policy: s.Policy, On: s.On, Version: s.Version, Needs: s.Needs, Gap: s.Gap, Note: s.Note}
	if s.Document >= 0 && s.Document < len(w.documents) {
		out.File = w.documents[s.Document]
	}
	return out
}

func levels(c *actions.Catalog, groups []diff.LevelGroup) []report.LevelActions {
	var out []report.LevelActions
	for _, g := range groups {
		out = append(out, report.LevelActions{Level: g.Level, Count: len(g.Actions), Actions: foldServices(c, g.Actions)})
	}
	return out
}

// foldAbove is the length from which lists of actions name whole services.
const foldAbove = 2000

// foldServices shortens a long sorted list: a service of which every known action
// is in the list is written "service:*".
func foldServices(c *actions.Catalog, list []string) []string {
	if len(list) <= foldAbove {
		return list
	}
	total := map[string]int{}
	for _, a := range c.Expand(nil, "*") {
		svc, _, _ := strings.Cut(a, ":")
		total[strings.ToLower(svc)]++
	}
	count := map[string]int{}
	for _, a := range list {
		svc, _, _ := strings.Cut(a, ":")
		count[strings.ToLower(svc)]++
	}
	var out []string
	done := map[string]bool{}
	for _, a := range list {
		svc, _, _ := strings.Cut(a, ":")
		key := strings.ToLower(svc)
		switch {
		case count[key] != total[key]:
			out = append(out, a)
		case !done[key]:
			done[key] = true
			out = append(out, svc+":*")
		}
	}
	return out
}

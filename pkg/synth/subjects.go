package synth

import (
	"sort"
	"time"
)

// makeSubjects gathers what is known of each principal of the snapshot.
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

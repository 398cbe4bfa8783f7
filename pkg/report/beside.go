package report

import (
	"cmp"
	"slices"
	"strings"
)

// mostBeside is the number of lines of each kind that an explanation shows.
const mostBeside = 10

// beside tells what policies other than the attached ones do to a principal.
func (p *page) beside(x *Principal) {
	some, rest := first(x.Explained, mostBeside)
	for _, e := range some {
		p.note("", "explained by "+Clean(e.By)+": "+Clean(e.Action)+" on "+Clean(e.Resource)+", "+plural(e.Count, "call"), faint)
	}
	if rest > 0 {
		p.note("", "… and "+number(rest)+" more that other policies explain", faint)
	}
	for _, f := range x.Forbidden {
		p.note("", f.text(), faint)
	}
	if t := x.Risk.text(mostRisks); t != "" {
		p.note("", t, none)
	}
}

// mostRisks is the number of risky actions that a line names.
const mostRisks = 4

// text is "no effect today: 3 actions (a, b, c), since BY doesn't allow it".
func (f *Forbidden) text() string {
	names, rest := first(f.Actions, mostRisks)
	list := Clean(strings.Join(names, ", "))
	if rest > 0 {
		list += ", …"
	}
	return "no effect today: " + plural(f.Count, "action") + " (" + list + "), since " + Clean(f.By) + ": " + Clean(f.Why)
}

// text names the first of the risky actions that go: "removes iam:PassRole on *,
// s3:PutBucketPolicy on * and 12 more"; "" for none.
func (r *Risk) text(most int) string {
	if r == nil || len(r.Removed) == 0 {
		return ""
	}
	some, rest := first(r.Removed, most)
	var out, less []string
	for _, x := range some {
		t := Clean(x.Action) + " on " + Clean(x.On)
		if x.Narrowed {
			less = append(less, t)
		} else {
			out = append(out, t)
		}
	}
	var parts []string
	if len(out) > 0 {
		parts = append(parts, "removes "+strings.Join(out, ", "))
	}
	if len(less) > 0 {
		parts = append(parts, "narrows "+strings.Join(less, ", "))
	}
	if rest += r.More; rest > 0 {
		parts = append(parts, number(rest)+" more")
	}
	return "risk: " + strings.Join(parts, "; ")
}

// remarks are a document's notes, the risk that goes first.
func (p *Policy) remarks() []string {
	if t := p.Risk.text(mostRisks); t != "" {
		return append([]string{t}, p.Notes...)
	}
	return p.Notes
}

// reasons is the reason with what is of no effect today.
func (p *Principal) reasons() string {
	out := p.Reason
	for i := range p.Forbidden {
		out += "; " + p.Forbidden[i].text()
	}
	return out
}

// risks names what the proposals at the top of the table remove.
func (p *page) risks(rows []row) {
	const most = 3
	told := 0
	for i := range rows {
		t := rows[i].p.Risk.text(mostRisks)
		if t == "" || rows[i].p.gain() <= 0 || told == most {
			continue
		}
		if told++; told == 1 {
			p.line("")
		}
		p.note("", rows[i].name+": "+t, faint)
	}
}

// gain is the risk that goes, 0 for none.
func (p *Principal) gain() int {
	if p.Risk == nil {
		return 0
	}
	return p.Risk.Before - p.Risk.After
}

// ByRisk orders principals by the risk that their proposals remove, the most first;
// equal ones keep their order.
func ByRisk(list []Principal) {
	slices.SortStableFunc(list, func(a, b Principal) int { return cmp.Compare(b.gain(), a.gain()) })
}

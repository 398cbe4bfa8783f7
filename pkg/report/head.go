package report

import (
	"cmp"
	"fmt"
	"strings"
)

// head tells what was read, and over what time. What went wrong has a line only
// where it did.
func (p *page) head(r *Run) {
	p.title(r)
	s := &r.Scan
	read := fmt.Sprintf("%s, %s · %s", plural(s.Objects, "object"), size(s.CompressedBytes), plural(s.Records, "record"))
	rows := [][2]string{{"Read", read}}
	if s.Now != nil && s.Now.Known > 0 {
		rows = append(rows, [2]string{"Of these now", fmt.Sprintf("%s · %s; %s known before",
			plural(s.Now.Objects, "object"), plural(s.Now.Records, "record"), plural(s.Now.Known, "object"))})
	}
	if d := s.Digests; d != nil && d.Logs > 0 && !d.disagree() {
		rows = append(rows, [2]string{"Digests", fmt.Sprintf("%s · all of %s there", plural(d.Files, "file"), plural(d.Logs, "log file"))})
	}
	if text := skipped(s); text != "" {
		rows = append(rows, [2]string{"Skipped", text})
	}
	rows = append(rows, [2]string{"Records", records(s)})
	if len(r.Principals) == 0 && len(s.NotAUse) > 0 {
		rows = append(rows, [2]string{"Not a use", tallyText(tallies(s.NotAUse), 8)})
	}
	p.facts(rows)
	p.accounts(r)
	const named = 5 // objects
	p.facts(troubles(r, named))
}

// title is the run in one line.
func (p *page) title(r *Run) {
	const name = "tighten"
	parts := []string{name}
	if n := len(r.Accounts); n > 0 {
		parts = append(parts, plural(n, "account"))
	}
	if s := r.period(); s != "" {
		parts = append(parts, s)
	}
	if r.MinWindow > 0 {
		parts = append(parts, "removals need "+plural(r.MinWindow, "day"))
	}
	if r.Facts != "" {
		version, _, _ := strings.Cut(r.Facts, "+") // the hash after it is for report.json
		parts = append(parts, "facts "+Clean(version))
	}
	p.line(p.paint(strong, name) + strings.TrimPrefix(end(strings.Join(parts, " · "), p.room), name))
	p.line("")
}

// period is the time that the evidence is of, as far as it is known: from the
// first day of any account to the end of the window, or else of the logs.
func (r *Run) period() string {
	from, last := "", ""
	for i := range r.Accounts {
		a := &r.Accounts[i]
		last = max(last, a.To)
		if a.From != "" && (from == "" || a.From < from) {
			from = a.From
		}
	}
	to := cmp.Or(r.AsOf, last)
	switch {
	case to == "":
		return ""
	case from == "" || from > to:
		return "to " + Clean(to)
	}
	return "from " + Clean(from) + " to " + Clean(to)
}

// skipped counts by kind the objects that are no logs.
func skipped(s *Scan) string {
	var parts []string
	for _, t := range tallies(s.SkippedByKind) {
		switch {
		case t.name == "other" && t.count == 1:
			parts = append(parts, "1 not a log")
		case t.name == "other":
			parts = append(parts, number(t.count)+" not logs")
		case t.name == "hidden":
			parts = append(parts, number(t.count)+" hidden")
		default:
			parts = append(parts, plural(t.count, Clean(t.name)))
		}
	}
	return glue(parts)
}

// records accounts for every record; what does not add up is told.
func records(s *Scan) string {
	notUse := int64(0)
	for _, n := range s.NotAUse {
		notUse += n
	}
	var apart int64
	for _, n := range s.Quarantined {
		apart += n
	}
	left := s.Records - (s.Used + s.Denied + s.Undetermined + notUse + s.Unmapped + s.Duplicate + s.Filtered + s.Unreadable + apart)
	parts := []string{number(s.Used) + " used"}
	for _, x := range []struct {
		n    int64
		what string
	}{
		{s.Denied, "denied"}, {s.Undetermined, "undetermined"}, {notUse, "not a use"}, {s.Unmapped, "unmapped"},
		{s.Duplicate, "duplicate"}, {s.Filtered, "filtered"}, {s.Unreadable, "unreadable"}, {apart, "quarantined"}, {left, "not accounted for"},
	} {
		if x.n != 0 {
			parts = append(parts, number(x.n)+" "+x.what)
		}
	}
	return glue(parts)
}

// tallyText lists the largest counts.
func tallyText(ts []tally, most int) string {
	var parts []string
	some, rest := first(ts, most)
	for _, t := range some {
		parts = append(parts, number(t.count)+" "+Clean(t.name))
	}
	if rest > 0 {
		parts = append(parts, fmt.Sprintf("%d others", rest))
	}
	return glue(parts)
}

// accounts prints the evidence window of each account.
func (p *page) accounts(r *Run) {
	const most, col, wide = 6, 12, 110
	some, rest := first(r.Accounts, most)
	t := table{cols: []shape{{least: 12, fit: fitNames}, {least: 23, fit: fitProse}, {right: true}, {least: 4, fit: fitProse}}}
	for i := range some {
		a := &some[i]
		t.rows = append(t.rows, []cell{{Clean(a.ID), none}, {span(a.From, a.To), none},
			{plural(a.Days, "day"), none}, {r.accountNotes(a, p.room >= wide), faint}})
	}
	label := p.paint(strong, "Evidence") + strings.Repeat(" ", col-len("Evidence"))
	for _, l := range t.lines(p.room-col, p.pen) {
		p.line(label + l)
		label = strings.Repeat(" ", col)
	}
	if rest > 0 {
		p.line(label + "… and " + plural(rest, "more account"))
	}
}

// accountNotes tells what is wrong with the evidence of an account first. A run
// without principals takes no account files, so that none is missing.
func (r *Run) accountNotes(a *Account, wide bool) string {
	var parts []string
	if a.GapDays > 0 {
		parts = append(parts, plural(a.GapDays, "day")+" missing")
	}
	if a.UnknownDays > 0 {
		parts = append(parts, plural(a.UnknownDays, "day")+" unknown")
	}
	if !a.InFiles && len(r.Principals) > 0 {
		parts = append(parts, "no account file")
	}
	if wide {
		parts = append(parts, plural(a.Regions, "region"), plural(a.Records, "record"))
	}
	return strings.Join(parts, " · ")
}

// troubles are the lines on what could not be read or understood, or is no evidence.
func troubles(r *Run, named int) [][2]string {
	s := &r.Scan
	var rows [][2]string
	if s.ObjectsUnreadable > 0 || s.Unreadable > 0 {
		rows = append(rows, [2]string{"Unreadable", unreadable(s, named)})
	}
	if d := s.Digests; d != nil && d.disagree() {
		rows = append(rows, [2]string{"Digests", digests(d)})
	}
	if s.Unmapped > 0 {
		rows = append(rows, [2]string{"Unmapped", unmapped(s)})
	}
	if text := quarantined(s); text != "" {
		rows = append(rows, [2]string{"Quarantined", text})
		if text := r.withApart(); text != "" {
			rows = append(rows, [2]string{"If counted", text})
		}
	}
	return rows
}

// disagree reports whether something is not as digests say.
func (d *Digests) disagree() bool { return d.Missing+d.Different+d.Failed+d.Invalid > 0 }

// digests tells what does not agree with them.
func digests(d *Digests) string {
	var logs, parts []string
	for _, x := range []struct {
		n    int64
		what string
	}{{d.Missing, "missing"}, {d.Different, "changed"}} {
		if x.n > 0 {
			logs = append(logs, plural(x.n, "log file")+" "+x.what)
		}
	}
	if logs != nil {
		parts = append(parts, glue(logs)+" of "+number(d.Logs)+" listed"+firstOf(d))
	}
	if d.Failed > 0 {
		parts = append(parts, plural(d.Failed, "digest")+" not as CloudTrail wrote "+them(d.Failed))
	}
	if d.Invalid > 0 {
		parts = append(parts, plural(d.Invalid, "digest")+" unreadable")
	}
	return strings.Join(parts, "; ")
}

// firstOf names the first log file.
func firstOf(d *Digests) string {
	switch {
	case d.First == "":
		return ""
	case d.Missing+d.Different > 1:
		return ": " + clip(Clean(d.First), 72) + ", …"
	}
	return ": " + clip(Clean(d.First), 72)
}

func them(n int64) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// unreadable names the first objects that could not be read whole.
func unreadable(s *Scan, most int) string {
	text := plural(s.ObjectsUnreadable, "object") + ", " + plural(s.Unreadable, "record")
	some, rest := first(s.UnreadableObjects, most)
	for i, o := range some {
		text += [...]string{": ", "; "}[min(i, 1)] + clip(Clean(o.Key), 72) + " (" + clip(Clean(o.Error), 72) + ")"
	}
	rest = max(rest, s.UnreadableTotal-len(some))
	if len(some) > 0 && rest > 0 {
		text += fmt.Sprintf("; … and %s more", number(rest))
	}
	return text
}

// unmapped names the calls without a fact that occur most.
func unmapped(s *Scan) string {
	const most = 5
	text := plural(s.Unmapped, "record")
	some, rest := first(s.TopUnmapped, most)
	for i, u := range some {
		text += [...]string{": ", ", "}[min(i, 1)] + fmt.Sprintf("%s × %s", number(u.Events), clip(callName(u), 72))
	}
	if rest > 0 {
		text += ", …"
	}
	return text
}

// withApart sums up what the proposals would have if quarantined calls counted. A policy
// that several principals share counts once.
func (r *Run) withApart() string {
	seen, kept, wider := map[string]bool{}, 0, 0
	for i := range r.Principals {
		for _, x := range r.Principals[i].Policies {
			if key := x.Owner + "\x00" + x.ARN + "\x00" + x.Name; !seen[key] {
				seen[key] = true
				for _, a := range x.Apart {
					if a.Change == "kept" {
						kept++
					} else {
						wider++
					}
				}
			}
		}
	}
	if kept+wider == 0 {
		return ""
	}
	return fmt.Sprintf("quarantined calls would keep %s that the proposals remove, and widen %s", plural(kept, "permission"), number(wider))
}

// quarantined counts the records that quarantine rules set apart, by rule.
func quarantined(s *Scan) string {
	const most = 8
	list := tallies(s.Quarantined)
	if len(list) == 0 {
		return ""
	}
	var total int64
	for _, t := range list {
		total += t.count
	}
	var parts []string
	some, rest := first(list, most)
	for _, t := range some {
		parts = append(parts, fmt.Sprintf("%s × %s", number(t.count), clip(Clean(t.name), 72)))
	}
	if rest > 0 {
		parts = append(parts, plural(rest, "more rule"))
	}
	return plural(total, "record") + " no evidence: " + strings.Join(parts, ", ")
}

// callName shortens "ec2.amazonaws.com" and "Foo" to "ec2 Foo".
func callName(u Unmapped) string {
	return Clean(strings.TrimSuffix(u.EventSource, ".amazonaws.com")) + " " + Clean(u.EventName)
}

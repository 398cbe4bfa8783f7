package report

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Diagnosis is the answer of doctor: what keeps permissions that are not used, and which
// data would decide them. A permission is one action that one policy document grants.
type Diagnosis struct {
	Version   int      `json:"version"`
	AsOf      string   `json:"as_of"`
	MinWindow int      `json:"min_window_days"`
	Documents int      `json:"documents"` // that could be edited
	Granted   int      `json:"granted"`   // permissions of these
	Removable int      `json:"removable"` // unused by what is known now
	Kept      int      `json:"kept"`      // not seen, and kept by the keep list, or by what was detected
	Undecided int      `json:"undecided"` // not seen, and kept
	Together  int      `json:"together"`  // of the undecided: decided with all that is certain of unlocks
	Nothing   int      `json:"nothing"`   // of the undecided: no logs can show them
	Reports   int      `json:"reports"`   // of the undecided: missing last-accessed reports may decide them
	Unlocks   []Unlock `json:"unlocks"`   // the most rewarding first
	More      int      `json:"more_unlocks,omitempty"`
	Heavy     []Heavy  `json:"documents_undecided"` // those with most undecided permissions
	Warnings  []string `json:"warnings,omitempty"`
}

// Unlock is one thing that is missing, and what having it gives.
type Unlock struct {
	Kind        string   `json:"kind"`
	Account     string   `json:"account,omitempty"`
	Principal   string   `json:"principal,omitempty"`
	What        string   `json:"what,omitempty"`
	Days        int      `json:"days,omitempty"`
	Until       string   `json:"until,omitempty"` // the day on which the window is full
	Text        string   `json:"text"`
	Commands    []string `json:"commands"`            // that get the data, quoted for a POSIX shell
	Alone       int      `json:"alone"`               // permissions that it alone makes removable
	Among       int      `json:"among"`               // permissions that need it, with others or alone
	Uncertain   bool     `json:"uncertain,omitempty"` // it may show uses, which would keep them
	Actions     []string `json:"actions"`             // samples
	Principals  []string `json:"principals"`          // samples
	PrincipalsN int      `json:"principals_total"`
}

// Heavy is a document with many undecided permissions.
type Heavy struct {
	Policy    string   `json:"policy"`
	Owner     string   `json:"owner"`
	Undecided int      `json:"undecided"`
	Unlocks   []Unlock `json:"unlocks"`
}

// whole makes lists that are never null.
func (d *Diagnosis) whole() Diagnosis {
	c := *d
	c.Unlocks, c.Heavy = wholeUnlocks(d.Unlocks), list(d.Heavy)
	for i := range c.Heavy {
		c.Heavy[i].Unlocks = wholeUnlocks(c.Heavy[i].Unlocks)
	}
	return c
}

func wholeUnlocks(in []Unlock) []Unlock {
	out := list(in)
	for i := range out {
		u := &out[i]
		u.Commands, u.Actions, u.Principals = list(u.Commands), list(u.Actions), list(u.Principals)
	}
	return out
}

// DoctorText writes a diagnosis for a person.
func DoctorText(w io.Writer, d *Diagnosis, o TextOptions) error {
	p := newPage(o)
	p.line(p.paint(strong, fmt.Sprintf("%s in %s", plural(d.Granted, "permission"), plural(d.Documents, "document"))) +
		p.paint(faint, fmt.Sprintf(" · as of %s, %s needed", d.AsOf, plural(d.MinWindow, "day"))))
	for _, m := range d.Warnings {
		p.note("! ", Clean(m), wary)
	}
	p.line("")
	p.note("Removable  ", fmt.Sprintf("%s unused by what is known now", number(d.Removable)), none)
	if d.Kept > 0 {
		p.note("Kept       ", fmt.Sprintf("%s not seen, and kept by the keep list, or by what was detected", number(d.Kept)), none)
	}
	p.note("Undecided  ", fmt.Sprintf("%s not seen, and kept: more logs or their settings decide %s, last-accessed reports may decide %s, no log can show %s",
		number(d.Undecided), number(d.Together), number(d.Reports), number(d.Nothing)), none)
	p.unlocks(d, o)
	p.heavy(d)
	return p.writeTo(w)
}

// unlocks lists what is missing.
func (p *page) unlocks(d *Diagnosis, o TextOptions) {
	if len(d.Unlocks) == 0 {
		return
	}
	shown := d.Unlocks[:o.most(len(d.Unlocks))]
	p.line("")
	p.line(p.paint(faint, fmt.Sprintf("%8s %8s  what is missing", "alone", "among")))
	for i := range shown {
		u := &shown[i]
		lead := fmt.Sprintf("%8s %8s  ", number(u.Alone), number(u.Among))
		text := Clean(u.Text)
		if u.Uncertain {
			text += " (decides unless it shows uses)"
		}
		p.note(lead, text, none)
		room := strings.Repeat(" ", width(lead))
		for _, c := range u.Commands {
			p.line(room + p.paint(good, Clean(c))) // whole, to be copied
		}
		p.note(room, "for "+u.whom()+": "+strings.Join(cleaned(u.Actions), ", "), faint)
	}
	if more := len(d.Unlocks) - len(shown) + d.More; more > 0 {
		p.line(fmt.Sprintf("… and %s more", number(more)))
	}
}

// whom is "ARN" or "12 principals".
func (u *Unlock) whom() string {
	if u.PrincipalsN == 1 && len(u.Principals) == 1 {
		return Clean(u.Principals[0])
	}
	return plural(u.PrincipalsN, "principal")
}

func cleaned(in []string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = Clean(s)
	}
	return out
}

// heavy lists the documents with most undecided permissions.
func (p *page) heavy(d *Diagnosis) {
	if len(d.Heavy) == 0 {
		return
	}
	p.line("")
	p.line(p.paint(faint, "undecided  document"))
	for i := range d.Heavy {
		h := &d.Heavy[i]
		p.line(fmt.Sprintf("%9s  ", number(h.Undecided)) + middle(Clean(h.Policy), p.room/3) + p.paint(faint, " of "+middle(Clean(h.Owner), p.room/2)))
		for _, u := range h.Unlocks {
			p.note(strings.Repeat(" ", 11), fmt.Sprintf("%s alone, %s with others: %s", number(u.Alone), number(u.Among-u.Alone), Clean(u.Text)), faint)
		}
	}
}

// AccessTable compares what is granted, what the logs show and what AWS says was accessed.
type AccessTable struct {
	Version int         `json:"version"`
	Rows    []AccessRow `json:"rows"`
	Note    string      `json:"note,omitempty"`
}

// AccessRow is one service, or one tracked action, of one principal.
type AccessRow struct {
	Principal string     `json:"principal"`
	Service   string     `json:"service"`
	Action    string     `json:"action,omitempty"`
	Granted   int        `json:"granted"`            // actions
	Calls     int64      `json:"calls"`              // in the logs
	Logged    *time.Time `json:"logged,omitempty"`   // the last of them
	Reported  bool       `json:"reported"`           // a last-accessed report tells of it
	Accessed  *time.Time `json:"accessed,omitempty"` // by the report; absent: never
	Finding   string     `json:"finding"`
	Blocks    bool       `json:"blocks,omitempty"` // removal in this service
}

// AccessText writes the table for a person: services, and actions only where something
// does not fit, unless o.All is set.
func AccessText(w io.Writer, t *AccessTable, o TextOptions) error {
	p := newPage(o)
	if t.Note != "" {
		p.note("", Clean(t.Note), wary)
	}
	for from := 0; from < len(t.Rows); {
		to := from
		for to < len(t.Rows) && t.Rows[to].Principal == t.Rows[from].Principal {
			to++
		}
		if from > 0 {
			p.line("")
		}
		p.accessOf(t.Rows[from:to], o)
		from = to
	}
	return p.writeTo(w)
}

func (p *page) accessOf(rows []AccessRow, o TextOptions) {
	p.line(p.paint(strong, middle(Clean(rows[0].Principal), p.room)))
	t := table{cols: []shape{{title: "service", least: 20, fit: fitNames}, {title: "granted", right: true}, {title: "calls", right: true},
		{title: "in the logs"}, {title: "accessed"}, {title: "finding", least: 12, fit: fitProse}}}
	idle := 0
	for i := range rows {
		r := &rows[i]
		switch {
		case r.Calls == 0 && r.Accessed == nil && !o.All:
			idle++
			continue
		case r.Action != "" && !r.Blocks && !o.All:
			continue
		}
		name, ink := Clean(r.Service), none
		if r.Action != "" {
			name = "  " + Clean(r.Action)
		}
		if r.Blocks {
			ink = bad
		}
		accessed := dayOrNone(r.Accessed)
		if !r.Reported {
			accessed = "no report"
		}
		t.rows = append(t.rows, []cell{{name, ink}, {number(r.Granted), none}, {number(r.Calls), none},
			{dayOrNone(r.Logged), none}, {accessed, none}, {Clean(r.Finding), ink}})
	}
	if len(t.rows) > 0 {
		p.lines(t.lines(p.room, p.pen))
	}
	if idle > 0 {
		p.line(p.paint(faint, fmt.Sprintf("and %s granted that neither shows in use", plural(idle, "service"))))
	}
}

func dayOrNone(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.UTC().Format(time.DateOnly)
}

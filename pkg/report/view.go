package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// level is an access level as the tables show it.
type level struct {
	letter string
	name   string // as in the service authorization reference
	what   string // in the middle of a sentence
}

// levelCount is the number of access levels, with the unknown one.
const levelCount = 6

// levels lists the access levels, the highest risk first. The last one takes
// actions that no fact knows.
func levels() [levelCount]level {
	return [6]level{
		{"P", "Permissions management", "permissions management"},
		{"W", "Write", "write"},
		{"T", "Tagging", "tagging"},
		{"R", "Read", "read"},
		{"L", "List", "list"},
		{"U", "", "unknown level"},
	}
}

// levelIndex finds a level by its name; an unknown one is the last.
func levelIndex(name string) int {
	all := levels()
	for i, l := range all {
		if l.name == name {
			return i
		}
	}
	return len(all) - 1
}

// row is a principal as the renderers show it.
type row struct {
	p        *Principal
	name     string // short, clean
	removed  [6]int // by level, in the order of levels
	narrowed int    // distinct actions that stay on fewer resources
	changed  bool   // some document is proposed
}

// rowsOf orders principals for reading: those with a change first, by the risk that is
// removed, then by what is removed of the highest access level; then the others by
// status.
func rowsOf(ps []Principal) []row {
	out := make([]row, len(ps))
	for i := range ps {
		out[i] = newRow(&ps[i])
	}
	slices.SortStableFunc(out, compareRows)
	return out
}

func compareRows(a, b row) int {
	if a.tabled() != b.tabled() {
		if a.tabled() {
			return -1
		}
		return 1
	}
	by := 0
	if a.tabled() {
		by = cmp.Or(cmp.Compare(b.p.gain(), a.p.gain()), slices.Compare(b.removed[:], a.removed[:]), cmp.Compare(b.narrowed, a.narrowed))
	}
	return cmp.Or(by, cmp.Compare(statusRank(a.p.Status), statusRank(b.p.Status)),
		cmp.Compare(a.p.Status, b.p.Status), cmp.Compare(a.reason(), b.reason()),
		cmp.Compare(a.p.Principal, b.p.Principal))
}

// tabled reports whether the principal stands in the table of changes. One without
// attached policies does not: there is no before, and why that is so matters more.
func (r *row) tabled() bool { return r.changed && r.p.Status != "unattached" }

// reason is what principals outside of the table of changes are grouped by.
func (r *row) reason() string {
	if r.tabled() {
		return ""
	}
	return r.p.Reason
}

func statusRank(s string) int {
	order := [...]string{"tightened", "unused", "unattached", "unchanged", "skipped"}
	if i := slices.Index(order[:], s); i >= 0 {
		return i
	}
	return len(order)
}

func newRow(p *Principal) row {
	r := row{p: p, name: shortName(p.Principal)}
	for name, n := range p.RemovedBy {
		r.removed[levelIndex(name)] += n
	}
	narrowed := map[string]bool{}
	for i := range p.Policies {
		for _, n := range p.Policies[i].Narrowed {
			narrowed[n.Action] = true
		}
		r.changed = r.changed || p.Policies[i].changes()
	}
	r.narrowed = len(narrowed)
	return r
}

// changes reports whether a new document, or its removal, is proposed.
func (p *Policy) changes() bool {
	switch p.Change {
	case "keep", "skip", "":
		return false
	}
	return true
}

// shortName is the resource part of an ARN, clean; other names stay whole.
func shortName(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 && parts[0] == "arn" && parts[5] != "" {
		return Clean(parts[5])
	}
	return Clean(arn)
}

// accountsOf counts the accounts of the principals, so that the account is
// printed with each of them only where that tells something.
func accountsOf(ps []Principal) int {
	seen := map[string]bool{}
	for i := range ps {
		seen[ps[i].Account] = true
	}
	return len(seen)
}

// coversText is the first claim of a proof.
func (p *Proof) coversText() string {
	if p.Covers.Requests == 0 && len(p.Covers.Missing) == 0 {
		return "none seen"
	}
	return fmt.Sprintf("%s/%s", number(p.Covers.Allowed), number(p.Covers.Requests))
}

// subsetText is the second claim of a proof.
func (p *Proof) subsetText() string {
	switch {
	case !p.Subset.Applicable:
		return "nothing to compare with"
	case p.Subset.Holds == nil:
		return "new not ruled out"
	case !*p.Subset.Holds:
		return "allows more"
	}
	return "nothing new"
}

// ok reports whether neither claim fails.
func (p *Proof) ok() bool {
	return p.Covers.Allowed == p.Covers.Requests && len(p.Covers.Missing) == 0 &&
		(!p.Subset.Applicable || p.Subset.Holds != nil && *p.Subset.Holds)
}

// full is both claims: "covers 142/142 · nothing new".
func (p *Proof) full() string {
	if p.Covers.Requests == 0 && len(p.Covers.Missing) == 0 {
		return "none seen · " + p.subsetText()
	}
	return "covers " + p.coversText() + " · " + p.subsetText()
}

// span prints the days of a window.
func span(from, to string) string {
	switch {
	case from == "" && to == "":
		return ""
	case from == to:
		return Clean(from)
	}
	return Clean(from) + " – " + Clean(to)
}

// first returns at most n elements and the number of the others.
func first[T any](s []T, n int) (some []T, rest int) {
	if len(s) <= n {
		return s, 0
	}
	return s[:n], len(s) - n
}

package synth

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// Seen is one request that the logs show, of one principal to whom a document is
// attached.
type Seen struct {
	Principal string // ARN
	Account   string // of the principal
	Action    string
	Resource  string // ARN, pattern, "*" or ""
	Kind      string // arn, pattern, star, none
	Region    string
	PassedTo  string // of iam:PassRole: the service principal that receives the role, "" not known
}

// Proof is the outcome of Check.
type Proof struct {
	Covers Covers
	Subset Subset
}

// OK reports whether both claims hold, as far as they apply.
func (p Proof) OK() bool {
	return p.Covers.Allowed == p.Covers.Requests && len(p.Covers.Missing) == 0 && (!p.Subset.Applicable || p.Subset.Holds)
}

// Counterexample is the first sentence that says why a proof failed, "" if none did.
func (p Proof) Counterexample() string {
	switch {
	case len(p.Covers.Missing) > 0:
		return p.Covers.Missing[0]
	case p.Subset.Applicable && !p.Subset.Holds:
		return p.Subset.Reason
	}
	return ""
}

// Covers is the claim that everything seen stays allowed: for every completion of
// the context that the logs do not show, what the attached document allows of a
// seen request, the new documents allow.
type Covers struct {
	Requests int // distinct seen requests that the attached document may allow
	Allowed  int // those proved
	Missing  []string
}

// Subset is the claim that nothing new is allowed.
type Subset struct {
	Applicable bool // false where nothing is attached
	Holds      bool
	Witness    *iam.Request // allowed by new only
	Reason     string
}

// maxMissing bounds the counterexamples that a proof lists.
const maxMissing = 10

// Check proves a proposal from its printed documents alone. old is the attached
// document, nil for a new one. Since each document is proved by itself, the
// claims hold for a principal's whole set of policies under any choice of the
// proposed documents being merged.
func Check(old *iam.Document, printed [][]byte, seen []Seen) Proof {
	c, err := newChecker(old, printed)
	if err != nil {
		return failed(err.Error())
	}
	p := Proof{Subset: c.subset()}
	again := repeated(seen)
	for i, s := range seen {
		if again[i] {
			continue
		}
		relevant, why := c.covered(s)
		if !relevant {
			continue
		}
		p.Covers.Requests++
		if why == "" {
			p.Covers.Allowed++
		} else if len(p.Covers.Missing) < maxMissing {
			p.Covers.Missing = append(p.Covers.Missing, why)
		}
	}
	if why := c.extraDeny(); why != "" {
		p.Covers.Missing = append(p.Covers.Missing, why)
	}
	return p
}

// repeated marks the requests that equal an earlier one. They may be a million, so
// they are sorted by number: a map of them would take more memory than all else.
func repeated(seen []Seen) []bool {
	order := make([]int32, len(seen))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int { return cmp.Or(compareSeen(&seen[i], &seen[j]), cmp.Compare(i, j)) })
	out := make([]bool, len(seen))
	for k := 1; k < len(order); k++ {
		out[order[k]] = seen[order[k]] == seen[order[k-1]]
	}
	return out
}

func compareSeen(a, b *Seen) int {
	if c := strings.Compare(a.Resource, b.Resource); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(a.Action, b.Action), strings.Compare(a.Principal, b.Principal),
		strings.Compare(a.Account, b.Account), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Region, b.Region))
}

func failed(why string) Proof {
	return Proof{Covers: Covers{Missing: []string{why}}, Subset: Subset{Applicable: true, Reason: why}}
}

type checker struct {
	old            *iam.Document
	new            []*iam.Document
	oldSet, newSet *iam.Set
	bareSet        *iam.Set        // new without its conditions
	allows         []*iam.Document // new without its Denies
	partial        map[string]bool // memo of proofs by inclusion
}

func newChecker(old *iam.Document, printed [][]byte) (*checker, error) {
	c := &checker{old: old, partial: map[string]bool{}}
	for i, b := range printed {
		d, err := iam.Parse(b)
		if err != nil {
			return nil, fmt.Errorf("document %d does not parse: %w", i+1, err)
		}
		c.new = append(c.new, d)
		c.allows = append(c.allows, allowsOf(d))
	}
	var err error
	if c.newSet, err = iam.Compile(c.new...); err != nil {
		return nil, err
	}
	if c.bareSet, err = iam.Compile(withoutConditions(c.new)...); err != nil {
		return nil, err
	}
	if old != nil {
		c.oldSet, err = iam.Compile(old)
	}
	return c, err
}

func withoutConditions(docs []*iam.Document) []*iam.Document {
	var out []*iam.Document
	for _, d := range docs {
		e := d.Clone()
		for i := range e.Statements {
			e.Statements[i].Condition = nil
		}
		out = append(out, e)
	}
	return out
}

func allowsOf(d *iam.Document) *iam.Document {
	out := d.Clone()
	out.Statements = nil
	for _, s := range d.Clone().Statements {
		if s.Effect == iam.Allow {
			out.Statements = append(out.Statements, s)
		}
	}
	return out
}

func (c *checker) subset() Subset {
	if c.old == nil {
		return Subset{}
	}
	if len(c.new) == 0 {
		for i := range c.old.Statements {
			if c.old.Statements[i].Effect == iam.Deny {
				return Subset{Applicable: true, Reason: fmt.Sprintf("the Deny of statement %d would be gone", i+1)}
			}
		}
		return Subset{Applicable: true, Holds: true}
	}
	in := iam.Includes([]*iam.Document{c.old}, c.new, iam.InclusionOptions{AllowsOnly: true})
	s := Subset{Applicable: true, Holds: in.Verdict == iam.Holds, Witness: in.Witness}
	if !s.Holds {
		s.Reason = "allows something new: " + in.Reason
		if w := in.Witness; w != nil {
			s.Reason = fmt.Sprintf("allows something new: %s on %s (%s)", w.Action, w.Resource, in.Reason)
		}
	}
	return s
}

// extraDeny says which Deny of the new documents the attached one does not have.
func (c *checker) extraDeny() string {
	for _, d := range c.new {
		for i := range d.Statements {
			if d.Statements[i].Effect == iam.Deny && !c.hasDeny(&d.Statements[i]) {
				return fmt.Sprintf("statement %d denies what the attached document does not", i+1)
			}
		}
	}
	return ""
}

func (c *checker) hasDeny(s *iam.Statement) bool {
	if c.old == nil {
		return false
	}
	for i := range c.old.Statements {
		if s.EqualIgnoringSid(&c.old.Statements[i]) {
			return true
		}
	}
	return false
}

// covered proves one request: for each attached statement that may allow it, the
// new documents allow it under the same conditions. relevant is false where the
// attached document never allows it.
func (c *checker) covered(s Seen) (relevant bool, why string) {
	if c.old == nil {
		return true, c.coveredFresh(s)
	}
	for _, i := range c.mayAllow(s) {
		relevant = true
		if !c.keeps(s, &c.old.Statements[i]) {
			return true, fmt.Sprintf("seen, and not allowed any more: %s on %s by %s (statement %d of the attached document allows it)",
				s.Action, orAny(s.Resource), s.Principal, i+1)
		}
	}
	return relevant, ""
}

func orAny(r string) string {
	if r == "" {
		return "a resource that the record does not show"
	}
	return r
}

func (c *checker) coveredFresh(s Seen) string {
	r := c.request(s)
	if s.Kind == "none" {
		r.Resource = "*"
	}
	if c.newSet.Decide(&r) == iam.Allowed {
		return ""
	}
	return fmt.Sprintf("seen, and not allowed: %s on %s by %s", s.Action, orAny(s.Resource), s.Principal)
}

func (c *checker) request(s Seen) iam.Request {
	v := map[string][]string{"aws:principalarn": {s.Principal}, "aws:principalaccount": {s.Account}}
	if s.Region != "" {
		v["aws:requestedregion"] = []string{s.Region}
	}
	return iam.Request{Action: s.Action, Resource: s.Resource, Principal: s.Principal, Context: iam.Context{Values: v, Partial: true}}
}

// mayAllow lists the Allow statements of the attached document that allow the
// request for some completion of its context.
func (c *checker) mayAllow(s Seen) []int {
	var out []int
	if s.Kind == "none" || s.Kind == "pattern" {
		for i := range c.old.Statements {
			st := &c.old.Statements[i]
			if st.Effect == iam.Allow && takesAction(st, s.Action) && (s.Kind == "none" || touches(st, s.Resource)) {
				out = append(out, i)
			}
		}
		return out
	}
	r := c.request(s)
	for _, m := range c.oldSet.Matches(nil, &r) {
		if m.Effect == iam.Allow {
			out = append(out, m.Statement)
		}
	}
	return out
}

func takesAction(s *iam.Statement, action string) bool {
	takes := func(p string) bool { return iam.MatchAction(p, action) }
	if s.NotAction != nil {
		return !slices.ContainsFunc(s.NotAction, takes)
	}
	return slices.ContainsFunc(s.Action, takes)
}

// touches reports whether a seen pattern and the statement's resources may have a
// string in common. One that only overlaps is proved like a request without a
// resource.
func touches(s *iam.Statement, pattern string) bool {
	if s.Resource == nil {
		return true
	}
	for _, r := range s.Resource {
		if strings.Contains(r, "${") || intersect(r, pattern) {
			return true
		}
	}
	return false
}

// intersect reports whether two patterns have a string in common, with a star that
// crosses colons: the widest reading, so that "no" is certain.
func intersect(a, b string) bool {
	for a != "" && b != "" && !strings.ContainsRune("*?", rune(a[0])) && !strings.ContainsRune("*?", rune(b[0])) {
		if a[0] != b[0] {
			return false
		}
		a, b = a[1:], b[1:]
	}
	row := make([]bool, len(b)+1) // row[j]: a[i:] and b[j:] have a string in common
	for i := len(a); i >= 0; i-- {
		prev := append([]bool(nil), row...) // of i+1
		for j := len(b); j >= 0; j-- {
			switch {
			case i == len(a) && j == len(b):
				row[j] = true
			case i < len(a) && a[i] == '*':
				row[j] = prev[j] || j < len(b) && row[j+1]
			case j < len(b) && b[j] == '*':
				row[j] = row[j+1] || i < len(a) && prev[j]
			case i < len(a) && j < len(b):
				row[j] = prev[j+1] && (a[i] == b[j] || a[i] == '?' || b[j] == '?')
			default:
				row[j] = false
			}
		}
	}
	return row[0]
}

// keeps proves that the new documents allow the request wherever statement does:
// by a new statement that applies for certain, or that applies for certain under
// the very same conditions, or by inclusion.
func (c *checker) keeps(s Seen, statement *iam.Statement) bool {
	if s.Kind != "none" && s.Kind != "pattern" {
		r := c.request(s)
		if s.PassedTo != "" {
			r.Context.Values["iam:passedtoservice"] = []string{s.PassedTo}
		}
		for _, m := range c.newSet.Matches(nil, &r) {
			if m.Effect == iam.Allow && m.Verdict == iam.Allowed {
				return true
			}
		}
		for _, m := range c.bareSet.Matches(nil, &r) {
			if m.Effect == iam.Allow && m.Verdict == iam.Allowed && c.sameConditions(m, statement, s.PassedTo) {
				return true
			}
		}
	}
	return c.keepsByInclusion(s, statement)
}

// sameConditions reports whether a new statement has the conditions of an attached
// one, but for that on a service which is known to receive the role, and reads policy
// variables in them alike.
func (c *checker) sameConditions(m iam.Match, statement *iam.Statement, passedTo string) bool {
	d := c.new[m.Doc]
	own := d.Statements[m.Statement].Condition
	return (iam.EqualConditions(own, statement.Condition) || passedTo != "" && iam.EqualConditions(withoutPass(own, passedTo), statement.Condition)) &&
		(d.Version == c.old.Version || len(statement.Condition) == 0)
}

// withoutPass leaves out what holds for certain of a pass to a service: a clause that
// iam:PassedToService is one of some values, the service among them.
func withoutPass(c iam.Conditions, service string) iam.Conditions {
	var out iam.Conditions
	for _, b := range c {
		rest := iam.ConditionBlock{Operator: b.Operator}
		for _, cl := range b.Clauses {
			holds := strings.EqualFold(b.Operator, "StringEquals") && strings.EqualFold(cl.Key, "iam:PassedToService") && slices.Contains(cl.Values, service)
			if !holds {
				rest.Clauses = append(rest.Clauses, cl)
			}
		}
		if len(rest.Clauses) > 0 {
			out = append(out, rest)
		}
	}
	return out
}

// keepsByInclusion proves it for all resources of the statement, or all that the
// seen pattern stands for.
func (c *checker) keepsByInclusion(s Seen, statement *iam.Statement) bool {
	part := *statement
	part.NotAction, part.Action = nil, iam.Strings{s.Action}
	if (s.Kind == "pattern" || s.Kind == "arn") && anyMatches(statement.Resource, s.Resource) {
		part.NotResource, part.Resource = nil, iam.Strings{s.Resource}
	}
	inner := &iam.Document{Version: c.old.Version, Statements: []iam.Statement{part}}
	key := strings.ToLower(s.Action) + "\n" + string(inner.Format())
	if ok, known := c.partial[key]; known {
		return ok
	}
	in := iam.Includes(c.allows, []*iam.Document{inner}, iam.InclusionOptions{AllowsOnly: true})
	c.partial[key] = in.Verdict == iam.Holds
	return c.partial[key]
}

func anyMatches(patterns iam.Strings, resource string) bool {
	for _, p := range patterns {
		if iam.MatchResource(p, resource) {
			return true
		}
	}
	return false
}

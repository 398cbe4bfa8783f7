package synth

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
)

//go:embed risk.txt
var riskText string

// RiskClass says what a risky action can be used for.
type RiskClass string

// The classes.
const (
	PrivilegeEscalation RiskClass = "privilege-escalation"
	CredentialExposure  RiskClass = "credential-exposure"
	ResourceExposure    RiskClass = "resource-exposure"
	DataExfiltration    RiskClass = "data-exfiltration"
	LoggingTampering    RiskClass = "logging-tampering"
	Destruction         RiskClass = "destruction"
)

// Risk compares what a set of policies can be abused for, before and after. Its unit
// has no meaning but the order: weight of an action × breadth of its resources.
type Risk struct {
	Before, After int
	Removed       []RemovedRisk // the most points first, at most MaxRemovedRisks
	More          int           // left out of Removed
}

// Gain is the risk that goes.
func (r *Risk) Gain() int { return r.Before - r.After }

// MaxRemovedRisks bounds the actions that a Risk names.
const MaxRemovedRisks = 20

// RemovedRisk is one risky action that goes, or stays on less.
type RemovedRisk struct {
	Action   string
	Class    RiskClass
	Source   string // URL of what says that the action is risky
	On       string // a resource pattern that it was allowed on, the widest
	Points   int    // that go
	Narrowed bool   // it stays on fewer resources
}

// riskRow is one row of risk.txt.
type riskRow struct {
	action string
	class  RiskClass
	weight int
	needs  []string // one of them must be granted too; nil for none
	source string
}

// parseRisks reads risk.txt.
func parseRisks(text string) ([]riskRow, error) {
	prefix := map[string]string{}
	var out []riskRow
	for n, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		switch {
		case len(f) == 0 || strings.HasPrefix(f[0], "#"):
		case len(f) == 3 && f[0] == "source":
			prefix[f[1]] = f[2]
		case len(f) == 5:
			r, err := parseRisk(f, prefix)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", n+1, err)
			}
			out = append(out, r)
		default:
			return nil, fmt.Errorf("line %d: want action, class, weight, needs, source", n+1)
		}
	}
	return out, nil
}

func parseRisk(f []string, prefix map[string]string) (riskRow, error) {
	r := riskRow{action: f[0], class: RiskClass(f[1])}
	var err error
	if r.weight, err = strconv.Atoi(f[2]); err != nil {
		return r, err
	}
	if f[3] != "-" {
		r.needs = strings.Split(f[3], "|")
	}
	name, page, ok := strings.Cut(f[4], "/")
	if !ok || prefix[name] == "" {
		return r, fmt.Errorf("no source %q", name)
	}
	r.source = prefix[name] + page
	return r, nil
}

// riskScale knows the risky actions among the known ones, sorted by name, so that
// patterns are matched with these alone.
type riskScale struct {
	rows  []riskRow
	lower []string       // their actions in lower case
	index map[string]int // by the same
	needs [][]int        // by row: indexes of needs
}

// permissionsWeight is the weight of actions of the level Permissions management that
// have no row.
const permissionsWeight = 2

const referenceURL = "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"

// newRiskScale joins the table with the actions that manage permissions.
func newRiskScale(facts *factTable) *riskScale {
	s := &riskScale{index: map[string]int{}}
	s.rows, _ = parseRisks(riskText) // a test holds the embedded table
	listed := map[string]bool{}
	for i := range s.rows {
		listed[strings.ToLower(s.rows[i].action)] = true
	}
	for _, r := range slices.Clone(s.rows) {
		for _, n := range r.needs {
			if low := strings.ToLower(n); !listed[low] {
				listed[low] = true
				s.rows = append(s.rows, riskRow{action: n}) // no risk by itself
			}
		}
	}
	for i := range facts.facts {
		if f := &facts.facts[i]; f.Level == actions.Permissions && !listed[strings.ToLower(f.Name)] {
			s.rows = append(s.rows, riskRow{f.Name, ResourceExposure, permissionsWeight, nil, referenceURL})
		}
	}
	slices.SortFunc(s.rows, func(a, b riskRow) int { return compareFold(a.action, b.action) })
	for i := range s.rows {
		s.lower = append(s.lower, strings.ToLower(s.rows[i].action))
		s.index[s.lower[i]] = i
	}
	s.needs = make([][]int, len(s.rows))
	for i := range s.rows {
		for _, n := range s.rows[i].needs {
			if k, ok := s.index[strings.ToLower(n)]; ok {
				s.needs[i] = append(s.needs[i], k)
			}
		}
	}
	return s
}

// extent is how far one risky action is granted: 0 not at all, 1 on resources that
// are named, 2 on patterns of names, 4 on all.
type extent struct {
	breadth int
	on      string
}

// reaches tells how far documents grant each risky action.
func (s *riskScale) reaches(docs []*iam.Document) []extent {
	out := make([]extent, len(s.rows))
	for _, d := range docs {
		for i := range d.Statements {
			st := &d.Statements[i]
			if st.Effect != iam.Allow {
				continue
			}
			r := reachOf(st)
			s.each(st, func(k int) {
				if r.breadth > out[k].breadth {
					out[k] = r
				}
			})
		}
	}
	return out
}

// each calls f for the risky actions that a statement takes.
func (s *riskScale) each(st *iam.Statement, f func(int)) {
	if st.NotAction != nil {
		for i := range s.rows {
			if !matchesAny(st.NotAction, s.rows[i].action) {
				f(i)
			}
		}
		return
	}
	for _, p := range st.Action {
		low := strings.ToLower(p)
		if !strings.ContainsAny(low, "*?") {
			if i, ok := s.index[low]; ok {
				f(i)
			}
			continue
		}
		head := low[:strings.IndexAny(low, "*?")] // all matches share it
		i, _ := slices.BinarySearch(s.lower, head)
		for ; i < len(s.lower) && strings.HasPrefix(s.lower[i], head); i++ {
			if iam.MatchAction(p, s.rows[i].action) {
				f(i)
			}
		}
	}
}

// reachOf is the breadth of a statement's resources. Conditions halve it: what they
// leave is not known.
func reachOf(st *iam.Statement) extent {
	r := extent{}
	for _, p := range st.Resource {
		if b := extentOf(p); b > r.breadth {
			r = extent{b, p}
		}
	}
	if st.NotResource != nil || st.Resource == nil {
		r = extent{4, "*"}
	}
	if len(st.Condition) > 0 {
		r.breadth = max(1, r.breadth/2)
	}
	return r
}

// extentOf is the breadth of a pattern: 4 where nothing but the type of the resource is named, 2
// where part of the name is, 1 for a name.
func extentOf(pattern string) int {
	if !strings.ContainsAny(pattern, "*?") {
		return 1
	}
	a, err := iam.ParseARN(pattern)
	if err != nil {
		return 4
	}
	name := a.Resource[strings.LastIndexAny(a.Resource[:strings.IndexAny(a.Resource+"*", "*?")], "/:")+1:]
	switch {
	case !strings.ContainsAny(a.Resource, "*?"):
		return 1 // in any region or account
	case strings.HasPrefix(name, "*") && !strings.HasPrefix(a.Service, "s3"):
		return 4
	case strings.HasPrefix(a.Resource, "*"):
		return 4
	}
	return 2
}

// points are the risk of one action among all that are granted.
func (s *riskScale) points(k int, all []extent) int {
	n := s.rows[k].weight * all[k].breadth * 4
	if n == 0 || s.rows[k].needs == nil {
		return n
	}
	for _, need := range s.needs[k] {
		if all[need].breadth > 0 {
			return n
		}
	}
	return n / 4
}

// compare scores two sets of policies. Denies are left aside: proposals keep them.
func (s *riskScale) compare(before, after []*iam.Document) Risk {
	old, now := s.reaches(before), s.reaches(after)
	var r Risk
	for k := range s.rows {
		b, a := s.points(k, old), s.points(k, now)
		r.Before, r.After = r.Before+b, r.After+a
		if a < b && now[k].breadth < old[k].breadth {
			row := &s.rows[k]
			r.Removed = append(r.Removed, RemovedRisk{row.action, row.class, row.source, old[k].on, b - a, a > 0})
		}
	}
	slices.SortStableFunc(r.Removed, func(a, b RemovedRisk) int { return cmp.Compare(b.Points, a.Points) })
	if n := len(r.Removed) - MaxRemovedRisks; n > 0 {
		r.Removed, r.More = r.Removed[:MaxRemovedRisks], n
	}
	return r
}

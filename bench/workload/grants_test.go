package workload

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// demoSnapshot loads the demo's account file as the product does.
func demoSnapshot(t *testing.T) *account.Snapshot {
	t.Helper()
	s, err := account.Load([]string{filepath.Join(demoFolder, "account.json")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func demoTruth(t *testing.T) *Truth {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(demoFolder, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var truth Truth
	if err := json.Unmarshal(data, &truth); err != nil {
		t.Fatal(err)
	}
	return &truth
}

// granted compiles the documents that are in force for a principal.
func granted(t *testing.T, s *account.Snapshot, p *account.Principal) *iam.Set {
	t.Helper()
	var docs []*iam.Document
	for _, g := range s.Grants(p) {
		if g.Policy.Err != nil && !g.Policy.AWSManaged {
			t.Errorf("%s: %s: %v", p.ARN, g.Key, g.Policy.Err)
		} else if g.Policy.Document != nil {
			docs = append(docs, g.Policy.Document)
		}
	}
	set, err := iam.Compile(docs...)
	if err != nil {
		t.Fatalf("%s: %v", p.ARN, err)
	}
	return set
}

// context is what was true of every call of the demo.
func context(region string, service ...string) iam.Context {
	v := map[string][]string{
		"aws:requestedregion":  {region},
		"aws:securetransport":  {"true"},
		"aws:sourcevpce":       {endpointIn(region)},
		"aws:resourcetag/team": {"platform"},
	}
	if len(service) > 0 {
		v["iam:passedtoservice"] = service
	}
	return iam.Context{Values: v}
}

// TestGrantsExplainUses holds the attached policies against what was used: a
// success that they do not allow would make the demo a lie.
func TestGrantsExplainUses(t *testing.T) {
	t.Parallel()
	s, asked := demoSnapshot(t), 0
	for _, p := range demoTruth(t).Principals {
		holder := principalOf(t, s, p.ARN)
		if strings.Contains(p.ARN, "/aws-service-role/") {
			continue // AWS holds its policy
		}
		set := granted(t, s, holder)
		for _, u := range p.Used {
			for _, region := range u.Regions {
				asked++
				if !allows(set, u, region, p.Account) {
					t.Errorf("%s: nothing attached allows %s on %s in %s", p.ARN, u.Action, u.Resource, region)
				}
			}
		}
	}
	if asked < 1000 {
		t.Errorf("only %d uses were asked for", asked)
	}
}

// allows asks for one use; a role may be passed to any of the services that the
// demo passes roles to.
func allows(set *iam.Set, u Pair, region, account string) bool {
	services := []string{""}
	if u.Action == "iam:PassRole" {
		services = []string{"lambda.amazonaws.com", "ecs-tasks.amazonaws.com", "cloudformation.amazonaws.com", "ec2.amazonaws.com"}
	}
	return slices.ContainsFunc(services, func(service string) bool {
		c := context(region)
		if service != "" {
			c = context(region, service)
		}
		return set.Decide(&iam.Request{Action: u.Action, Resource: u.Resource, Account: account, Context: c}) == iam.Allowed
	})
}

func principalOf(t *testing.T, s *account.Snapshot, arn string) *account.Principal {
	t.Helper()
	p := s.Principal(arn)
	if p == nil {
		t.Fatalf("%s is not in the authorization details", arn)
	}
	return p
}

// TestNeverUsedIsGranted checks the hand-picked examples: granted, and unused.
func TestNeverUsedIsGranted(t *testing.T) {
	t.Parallel()
	s, seen := demoSnapshot(t), 0
	for _, p := range demoTruth(t).Principals {
		holder := principalOf(t, s, p.ARN)
		for _, action := range p.NeverUsed {
			seen++
			named := func(u Pair) bool { return strings.EqualFold(u.Action, action) }
			if slices.ContainsFunc(p.Used, named) || slices.ContainsFunc(p.Undetermined, named) {
				t.Errorf("%s used %s", p.ARN, action)
			}
			if !names(s, holder, action) {
				t.Errorf("%s is not granted %s", p.ARN, action)
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d examples", seen)
	}
}

// names tells whether any allowing statement names the action.
func names(s *account.Snapshot, p *account.Principal, action string) bool {
	for _, g := range s.Grants(p) {
		if g.Policy.Document == nil {
			continue
		}
		for _, st := range g.Policy.Document.Statements {
			matches := func(pattern string) bool { return iam.MatchAction(pattern, action) }
			if st.Effect == iam.Allow && slices.ContainsFunc(st.Action, matches) {
				return true
			}
		}
	}
	return false
}

// TestDeniedIsNotGranted checks the sweep, and that the boundary explains the rest.
func TestDeniedIsNotGranted(t *testing.T) {
	t.Parallel()
	s := demoSnapshot(t)
	swept := map[string]bool{}
	for _, p := range demoTruth(t).Principals {
		holder := principalOf(t, s, p.ARN)
		set := granted(t, s, holder)
		for _, d := range p.Denied {
			if strings.HasSuffix(p.ARN, "/operator-2") && d.Resource == "*" {
				swept[d.Action] = true
			}
			bounded := holder.Boundary != ""
			got := set.Decide(&iam.Request{Action: d.Action, Resource: d.Resource, Context: context(home)})
			if got == iam.Allowed && !bounded {
				t.Errorf("%s: the attached policies allow %s on %s, which the log shows denied", p.ARN, d.Action, d.Resource)
			}
		}
	}
	if len(swept) != 60 {
		t.Errorf("the sweep tried %d actions, want 60", len(swept))
	}
}

// TestSweepTakesAnHour looks at the attack in the records.
func TestSweepTakesAnHour(t *testing.T) {
	t.Parallel()
	files, _ := archive(t, Demo())
	var first, last string
	walk(t, files, func(_ string, r record) {
		if r.SourceIPAddress == "203.0.113.213" && r.ErrorCode != "" {
			first, last = min(r.EventTime, cmpOr(first, r.EventTime)), max(last, r.EventTime)
		}
	})
	a, err1 := time.Parse(time.RFC3339, first)
	b, err2 := time.Parse(time.RFC3339, last)
	if err1 != nil || err2 != nil || b.Sub(a) > time.Hour || b.Sub(a) < 10*time.Minute {
		t.Errorf("the sweep runs from %s to %s", first, last)
	}
}

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// TestAccountFile checks that every kind of document in it is recognised.
func TestAccountFile(t *testing.T) {
	t.Parallel()
	s := demoSnapshot(t)
	absent := 0 // AWS managed policies that an abridged listing leaves out
	for _, w := range s.Warnings {
		if strings.Contains(w.Msg, "arn:aws:iam::aws:policy/") {
			absent++
		} else {
			t.Errorf("%s: %s", w.Where, w.Msg)
		}
	}
	if absent != 3 {
		t.Errorf("%d AWS managed policies lack a document, want 3", absent)
	}
	if want := []string{"111122223333", "444455556666", "777788889999"}; !slices.Equal(s.Accounts, want) {
		t.Errorf("accounts %v", s.Accounts)
	}
	if len(s.LastAccessed) != 6 || len(s.Selectors) != 4 || len(s.Groups) != 1 {
		t.Errorf("%d reports, %d selectors, %d groups; want 6, 4, 1", len(s.LastAccessed), len(s.Selectors), len(s.Groups))
	}
	for _, r := range s.LastAccessed {
		if s.Principal(r.ARN) == nil || r.Completed != Demo().Last.Add(30*time.Hour) {
			t.Errorf("report of %q, completed %s", r.ARN, r.Completed)
		}
	}
	checkSpecialRoles(t, s)
}

// checkSpecialRoles looks for the roles that the demo promises.
func checkSpecialRoles(t *testing.T, s *account.Snapshot) {
	t.Helper()
	const prod = "arn:aws:iam::111122223333:role/"
	if p := principalOf(t, s, prod+"legacy-export"); !p.LastUsed.IsZero() || !p.LastUsedKnown {
		t.Errorf("the unused role was last used %s", p.LastUsed)
	}
	if p := principalOf(t, s, prod+"break-glass-admin"); p.Tags["purpose"] != "break-glass" {
		t.Errorf("the break-glass role has the tags %v", p.Tags)
	}
	if p := principalOf(t, s, "arn:aws:iam::444455556666:role/developer-sandbox"); !strings.HasSuffix(p.Boundary, ":policy/developer-boundary") {
		t.Errorf("the sandbox has the boundary %q", p.Boundary)
	}
	shared := 0
	for _, p := range s.Principals {
		if slices.Contains(p.Attached, "arn:aws:iam::111122223333:policy/workload-baseline") {
			shared++
		}
	}
	if shared != 2 {
		t.Errorf("the shared policy is attached %d times, want 2", shared)
	}
}

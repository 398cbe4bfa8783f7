package synth

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// shared is the folder of collected real files, outside of the repository.
func shared(t *testing.T, path string) string {
	t.Helper()
	root := os.Getenv("TIGHTEN_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, path)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no collected files at %s; set TIGHTEN_SHARED to their folder", dir)
	}
	return dir
}

// Of the attached documents of real accounts that have a visible action that nobody
// used, and that may be edited, at least nine in ten get a proposal without it.
func TestRemovableIsRemoved(t *testing.T) {
	root := shared(t, "corpus/iam/gaad")
	tally := &removals{facts: newFactTable(actions.Default()), misses: map[string]int{}}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		s, err := account.Load([]string{path}, actions.Default().ManagedPolicy)
		if err != nil || len(s.Principals) == 0 {
			return nil // not authorization details
		}
		tally.count(t, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	tally.check(t)
}

// The same of the collected policy documents, each as the inline policy of a role.
func TestRemovableIsRemovedOfDocuments(t *testing.T) {
	root := shared(t, "corpus/policies")
	var roles []string
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var listed struct{ Document json.RawMessage } // with what its list says of it
		if json.Unmarshal(text, &listed) == nil && listed.Document != nil {
			text = listed.Document
		}
		d, err := iam.Parse(text)
		if err != nil || len(d.Statements) == 0 || slices.ContainsFunc(d.Statements, func(s iam.Statement) bool { return s.Principal != nil || s.NotPrincipal != nil }) {
			return nil
		}
		roles = append(roles, fmt.Sprintf(`{"Path":"/","RoleName":"r%[1]d","RoleId":"AROAEXAMPLE%010[1]d","Arn":"arn:aws:iam::%[2]s:role/r%[1]d","CreateDate":"2020-01-01T00:00:00Z",
			"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[]},"InstanceProfileList":[],"RolePolicyList":[{"PolicyName":"p","PolicyDocument":%[3]s}],"AttachedManagedPolicies":[]}`, len(roles), acct, text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "account.json")
	if err := os.WriteFile(file, []byte(`{"UserDetailList":[],"GroupDetailList":[],"Policies":[],"RoleDetailList":[`+strings.Join(roles, ",")+`]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := account.Load([]string{file}, actions.Default().ManagedPolicy)
	if err != nil {
		t.Fatal(err)
	}
	tally := &removals{facts: newFactTable(actions.Default()), misses: map[string]int{}}
	tally.count(t, s)
	tally.check(t)
}

// removals counts the documents that have something to remove, and those of them
// that lose it.
type removals struct {
	facts              *factTable
	removable, removed int
	misses             map[string]int // by reason
}

func (r *removals) count(t *testing.T, s *account.Snapshot) {
	t.Helper()
	table := fullCoverage(r.facts, s)
	got, err := Propose(Input{Catalog: actions.Default(), Table: table, Snapshot: s, Options: Options{Workers: 2}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range got.Proposals {
		checkEdit(t, p)
		switch {
		case p.Old == nil || !r.has(p, table):
			continue
		case removesAny(p):
			r.removed++
		default:
			r.misses[p.Reason]++
		}
		r.removable++
	}
}

func (r *removals) check(t *testing.T) {
	t.Helper()
	for _, why := range sortedKeys(r.misses) {
		t.Logf("%4d not proposed: %s", r.misses[why], why)
	}
	t.Logf("%d of %d documents with a removable action lose one", r.removed, r.removable)
	if r.removable == 0 || r.removed*10 < r.removable*9 {
		t.Errorf("%d of %d documents with a removable action lose one, want nine in ten", r.removed, r.removable)
	}
}

// fullCoverage are logs of 100 days of every account, in which every second
// principal uses one action that it has.
func fullCoverage(facts *factTable, s *account.Snapshot) *usage.Table {
	table := &usage.Table{}
	for _, p := range s.Principals {
		if slices.ContainsFunc(table.Coverage, func(c usage.CoverageRow) bool { return c.Account == p.Account }) {
			continue
		}
		for d := int32(firstDay); d < firstDay+window; d++ {
			for _, read := range []int8{1, 2} {
				for _, source := range []string{"ec2.amazonaws.com", "kms.amazonaws.com", "rdsdata.amazonaws.com"} {
					table.Coverage = append(table.Coverage, usage.CoverageRow{Account: p.Account, Region: "us-east-1", Category: "Management",
						ReadOnly: read, EventSource: source, Day: d, Class: "used", Records: 10})
				}
			}
		}
		table.Coverage = append(table.Coverage, usage.CoverageRow{Account: p.Account, Region: "eu-west-1", Category: "Management",
			ReadOnly: 2, EventSource: "ec2.amazonaws.com", Day: firstDay, Class: "used", Records: 1})
	}
	for i, p := range s.Principals {
		if action := grantedStar(facts, s, p); i%2 == 0 && action != "" {
			source := servicePrefix(action) + ".amazonaws.com"
			table.Usage = append(table.Usage, usage.Row{Day: firstDay + 50, Principal: p.ARN, PrincipalID: p.ID, Account: p.Account, RecipientAccount: p.Account,
				Region: "us-east-1", EventSource: source, Action: action, Resource: "*", Kind: "star", Basis: "logged", Outcome: "allowed", Category: "Management", Count: 3,
				First: (firstDay + 50) * 86400000, Last: (firstDay+50)*86400000 + 1})
			table.Calls = append(table.Calls, usage.Call{Day: firstDay + 50, Account: p.Account, Principal: p.ARN, PrincipalID: p.ID, PrincipalType: usage.Role,
				EventSource: source, Last: (firstDay + 50) * 86400000})
		}
	}
	return table
}

// grantedStar is an action without resource types that the principal has on "*".
func grantedStar(facts *factTable, s *account.Snapshot, p *account.Principal) string {
	for _, g := range s.Grants(p) {
		if g.Policy.Document == nil {
			continue
		}
		for i := range g.Policy.Document.Statements {
			st := &g.Policy.Document.Statements[i]
			if st.Effect != "Allow" || !slices.Contains(st.Resource, "*") || st.Condition != nil {
				continue
			}
			known, _ := facts.granted(st)
			for _, k := range known {
				if f := &facts.facts[k]; len(f.ResourceTypes) == 0 && f.Visibility == actions.Management {
					return f.Name
				}
			}
		}
	}
	return ""
}

// has reports whether the attached document allows an action that
// CloudTrail shows as a management event, and that none of its principals used.
func (r *removals) has(p *Proposal, table *usage.Table) bool {
	used := map[string]bool{}
	for _, u := range table.Usage {
		if slices.Contains(p.Principals, u.Principal) {
			used[u.Action] = true
		}
	}
	for i := range p.Old.Statements {
		st := &p.Old.Statements[i]
		if st.Effect != "Allow" {
			continue
		}
		known, _ := r.facts.granted(st)
		for _, k := range known {
			f := &r.facts.facts[k]
			if (f.Visibility == actions.Management || f.Visibility == actions.PresumedManagement) && len(f.MoreTypes) == 0 && !used[f.Name] && !isPassRole(f.Name) {
				return true
			}
		}
	}
	return false
}

func removesAny(p *Proposal) bool {
	for _, g := range p.Diff.Removed {
		if len(g.Actions) > 0 {
			return true
		}
	}
	return false
}

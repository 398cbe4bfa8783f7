package synth

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/iam"
)

const adminARN = "arn:aws:iam::aws:policy/AdministratorAccess"

// adminWorld is a role with AdministratorAccess, management events of 100 days, and
// uses of eight services.
func adminWorld(t *testing.T) *world {
	w := newWorld(t)
	w.attached = []string{adminARN}
	days := []int32{2, 30, 60, 95}
	w.saw("ec2:DescribeInstances", "*", "star", days...)
	w.saw("ec2:StopInstances", "arn:aws:ec2:us-east-1:111122223333:instance/i-0aaaaaaaaaaaaaa01", "arn", days...)
	w.saw("iam:GetRole", "arn:aws:iam::111122223333:role/app", "arn", days...)
	w.saw("s3:ListAllMyBuckets", "*", "star", days...)
	w.saw("s3:GetBucketPolicy", "arn:aws:s3:::example-bucket", "arn", days...)
	w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:jobs", "arn", days...)
	w.saw("logs:CreateLogGroup", "arn:aws:logs:us-east-1:111122223333:log-group:/app", "arn", days...)
	w.saw("lambda:GetFunction", "arn:aws:lambda:us-east-1:111122223333:function:worker", "arn", days...)
	w.saw("dynamodb:DescribeTable", "arn:aws:dynamodb:us-east-1:111122223333:table/orders", "arn", days...)
	w.saw("kms:ListKeys", "*", "star", days...)
	return w
}

// accessed is a service level report that names all known services, and has an
// access of the given ones.
func accessed(w *world, services ...string) string {
	type entry struct {
		ServiceName, ServiceNamespace string
		LastAuthenticated             string `json:",omitempty"`
		LastAuthenticatedEntity       string `json:",omitempty"`
		TotalAuthenticatedEntities    int
	}
	var list []entry
	seen := map[string]bool{}
	for _, a := range actions.Default().Expand(nil, "*") {
		p := servicePrefix(a)
		if seen[p] {
			continue
		}
		seen[p] = true
		e := entry{ServiceName: p, ServiceNamespace: p}
		for _, s := range services {
			if s == p {
				e.LastAuthenticated = time.Unix((firstDay+95)*86400, 0).UTC().Format(time.RFC3339)
				e.LastAuthenticatedEntity = roleARN
				e.TotalAuthenticatedEntities = 1
			}
		}
		list = append(list, e)
	}
	done := time.Unix((firstDay+window+2)*86400, 0).UTC().Format(time.RFC3339)
	text, err := json.Marshal(map[string]any{"JobStatus": "COMPLETED", "JobType": "SERVICE_LEVEL", "JobCreationDate": done,
		"JobCompletionDate": done, "Arn": roleARN, "ServicesLastAccessed": list, "IsTruncated": false})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

// The commonest case: AdministratorAccess and management events alone. What could
// not have been seen fits a few managed policies beside what was used; with
// last-accessed data all fits one.
func TestAdministratorAccess(t *testing.T) {
	tests := []struct {
		name    string
		report  bool
		most    int // documents
		removed int // actions, at least
	}{
		{"management events", false, 5, 16000},
		{"and last-accessed data", true, 1, 20000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := adminWorld(t)
			if tt.report {
				w.files = []string{accessed(w, "ec2", "iam", "s3", "sqs", "logs", "lambda", "dynamodb", "kms", "sts", "cloudwatch", "ecr", "ssm")}
			}
			p := w.only(Options{})
			if p.Change != Replace || !p.Proof.OK() || len(p.New) > tt.most {
				t.Fatalf("%s (%s), %d documents, want at most %d; proof %+v", p.Change, p.Reason, len(p.New), tt.most, p.Proof)
			}
			checkAdmin(t, p, tt.removed)
		})
	}
}

// checkAdmin holds an administrator's proposal against its own ledger.
func checkAdmin(t *testing.T, p *Proposal, atLeast int) {
	t.Helper()
	removed, sizes := 0, []string{}
	for _, d := range p.New {
		sizes = append(sizes, fmt.Sprint(d.Size()))
		if d.Size() > quotaOf(iam.ManagedPolicy) {
			t.Errorf("%d characters", d.Size())
		}
	}
	granted := map[string]bool{}
	facts := newFactTable(actions.Default())
	for _, d := range p.New {
		for i := range d.Statements {
			s := &d.Statements[i]
			known, unknown := facts.granted(s)
			if len(unknown) > 0 || s.NotAction != nil {
				t.Errorf("not enumerated: %v, NotAction %v", unknown, s.NotAction)
			}
			for _, k := range known {
				granted[facts.names[k]] = true
			}
		}
	}
	for _, e := range p.Ledger {
		if e.Fate == FateRemoved {
			removed++
		}
		if granted[e.Action] == (e.Fate == FateRemoved) {
			t.Errorf("%s is %s, granted %t", e.Action, e.Fate, granted[e.Action])
		}
	}
	if removed < atLeast {
		t.Errorf("%d actions removed, want %d", removed, atLeast)
	}
	t.Logf("%d documents of %s characters, %d actions removed", len(p.New), strings.Join(sizes, ", "), removed)
}

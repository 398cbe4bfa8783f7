package synth

import (
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

const (
	acct     = "111122223333"
	roleARN  = "arn:aws:iam::111122223333:role/app"
	roleID   = "AROAEXAMPLEAPPROLE001"
	window   = 100
	firstDay = 20000
)

// world is a small account with one role, and its logs.
type world struct {
	t        *testing.T
	table    *usage.Table
	inline   map[string]string // policy name → document
	attached []string
	managed  map[string]string // ARN → document
	extra    string            // more members of the role, JSON
	files    []string          // more account documents
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, table: &usage.Table{}, inline: map[string]string{}, managed: map[string]string{}}
	for d := int32(firstDay); d < firstDay+window; d++ {
		for _, read := range []int8{1, 2} {
			w.table.Coverage = append(w.table.Coverage, usage.CoverageRow{Account: acct, Region: "us-east-1", Category: "Management",
				ReadOnly: read, EventSource: "ec2.amazonaws.com", Day: d, Class: "used", Records: 10})
		}
	}
	w.table.Coverage = append(w.table.Coverage, usage.CoverageRow{Account: acct, Region: "us-east-1", Category: "Data",
		ReadOnly: 2, EventSource: "s3.amazonaws.com", Day: firstDay, Class: "used", Records: 1})
	w.table.Coverage = append(w.table.Coverage, usage.CoverageRow{Account: acct, Region: "eu-west-1", Category: "Management",
		ReadOnly: 2, EventSource: "ec2.amazonaws.com", Day: firstDay, Class: "used", Records: 1})
	return w
}

// saw adds a use on each of the days.
func (w *world) saw(action, resource, kind string, days ...int32) *usage.Row {
	source := strings.Split(action, ":")[0] + ".amazonaws.com"
	var last *usage.Row
	for _, d := range days {
		w.table.Usage = append(w.table.Usage, usage.Row{Day: firstDay + d, Principal: roleARN, PrincipalID: roleID, Account: acct,
			RecipientAccount: acct, Region: "us-east-1", EventSource: source, Action: action, Resource: resource, Kind: kind,
			Basis: "logged", Outcome: "allowed", Category: "Management", Count: 3,
			First: int64(firstDay+d) * 86400000, Last: int64(firstDay+d)*86400000 + 1})
		w.table.Calls = append(w.table.Calls, usage.Call{Day: firstDay + d, Account: acct, Principal: roleARN, PrincipalID: roleID, PrincipalType: usage.Role,
			EventSource: source, Last: int64(firstDay+d) * 86400000})
		last = &w.table.Usage[len(w.table.Usage)-1]
	}
	return last
}

const selectorsAll = `{"TrailARN":"arn:aws:cloudtrail:us-east-1:111122223333:trail/all","AdvancedEventSelectors":[
 {"Name":"m","FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]},
 {"Name":"s3","FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]}]}]}`

func (w *world) snapshot() *account.Snapshot {
	w.t.Helper()
	var inline, attached, policies []string
	for _, name := range sortedKeys(w.inline) {
		inline = append(inline, `{"PolicyName":"`+name+`","PolicyDocument":`+w.inline[name]+`}`)
	}
	for _, arn := range w.attached {
		attached = append(attached, `{"PolicyName":"`+arn[strings.LastIndex(arn, "/")+1:]+`","PolicyArn":"`+arn+`"}`)
	}
	for _, arn := range sortedKeys(w.managed) {
		policies = append(policies, `{"PolicyName":"`+arn[strings.LastIndex(arn, "/")+1:]+`","Arn":"`+arn+`","DefaultVersionId":"v1","PolicyVersionList":[{"VersionId":"v1","IsDefaultVersion":true,"Document":`+w.managed[arn]+`}]}`)
	}
	doc := `{"UserDetailList":[],"GroupDetailList":[],"RoleDetailList":[{"Path":"/","RoleName":"app","RoleId":"` + roleID + `","Arn":"` + roleARN + `",
	 "CreateDate":"2020-01-01T00:00:00Z","AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[]},"InstanceProfileList":[],` + w.extra + `
	 "RolePolicyList":[` + strings.Join(inline, ",") + `],"AttachedManagedPolicies":[` + strings.Join(attached, ",") + `],"Tags":[]}],"Policies":[` + strings.Join(policies, ",") + `]}`
	dir := w.t.TempDir()
	var paths []string
	for i, text := range append([]string{doc}, w.files...) {
		path := filepath.Join(dir, string(rune('a'+i))+".json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			w.t.Fatal(err)
		}
		paths = append(paths, path)
	}
	s, err := account.Load(paths, actions.Default().ManagedPolicy)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *world) propose(o Options) *Result {
	w.t.Helper()
	o.Ledger = true
	r, err := Propose(Input{Catalog: actions.Default(), Table: w.table, Snapshot: w.snapshot(), Options: o})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) only(o Options) *Proposal {
	w.t.Helper()
	r := w.propose(o)
	if len(r.Proposals) != 1 {
		w.t.Fatalf("%d proposals, want 1", len(r.Proposals))
	}
	return r.Proposals[0]
}

func fateOf(t *testing.T, p *Proposal, action string) Entry {
	t.Helper()
	for _, e := range p.Ledger {
		if e.Action == action {
			return e
		}
	}
	t.Fatalf("no entry for %s", action)
	return Entry{}
}

func TestRemovesUnusedKeepsUsed(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Sid":"Main","Effect":"Allow","Action":["ec2:DescribeInstances","ec2:TerminateInstances","sqs:CreateQueue"],"Resource":"*"}]}`
	w.saw("ec2:DescribeInstances", "*", "star", 1, 50, 90)
	w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:jobs", "arn", 1, 50)
	p := w.only(Options{})
	if p.Change != Narrow || !p.Proof.OK() {
		t.Fatalf("change %s (%s), proof %+v", p.Change, p.Reason, p.Proof)
	}
	want := `{"Version":"2012-10-17","Statement":[{"Sid":"Main","Effect":"Allow","Action":["sqs:CreateQueue"],"Resource":"arn:aws:sqs:us-east-1:111122223333:jobs"},` +
		`{"Sid":"Main2","Effect":"Allow","Action":["ec2:DescribeInstances"],"Resource":"*"}]}`
	if got := string(p.Printed[0]); got != want {
		t.Errorf("got %s", got)
	}
	if e := fateOf(t, p, "ec2:TerminateInstances"); e.Fate != FateRemoved {
		t.Errorf("TerminateInstances: %+v", e)
	}
}

func TestNothingRemovedOnDoubt(t *testing.T) {
	doc := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:DescribeInstances","ec2:TerminateInstances"],"Resource":"*"}]}`
	tests := []struct {
		name    string
		prepare func(*world)
		reason  string
	}{
		{"short window", func(w *world) { w.table.Coverage = w.table.Coverage[:100] }, "observed 50 days, a removal needs 90"},
		{"gap", func(w *world) { w.table.Coverage = append(w.table.Coverage[:60:60], w.table.Coverage[120:]...) }, "observed 70 days"},
		{"no logs of the account", func(w *world) {
			for i := range w.table.Coverage {
				w.table.Coverage[i].Account = "999999999999"
			}
		}, "hold nothing of account"},
		{"unexplained success", func(w *world) { w.saw("ec2:RunInstances", "", "none", 3) }, "not explained"},
		{"unmapped calls", func(w *world) {
			w.table.Unmapped = append(w.table.Unmapped, usage.UnmappedRow{Principal: roleARN, Account: acct, EventSource: "ec2.amazonaws.com", EventName: "X", Events: 7})
			w.saw("ec2:DescribeInstances", "*", "star", 1)
		}, "not mapped"},
		{"young role", func(w *world) {
			w.extra = `"CreateDate":"2024-10-20T00:00:00Z",`
		}, "a removal needs 90"},
		{"used by AWS's own word", func(w *world) {
			w.extra = `"RoleLastUsed":{"LastUsedDate":"2024-11-20T00:00:00Z","Region":"us-east-1"},`
		}, "the logs do not show it"},
		{"region filter", func(w *world) { w.table.Filter = &usage.Filter{Regions: []string{"us-east-1"}} }, "left out regions"},
		{"days that scans left out", func(w *world) {
			w.table.Filter = &usage.Filter{Gaps: []string{"2024-10-10T12:00:00Z/2024-10-20T12:00:00Z"}}
		}, "observed 89 days (not counting 11 left out in part by --since or --until)"},
		{"lost object without a place", func(w *world) {
			w.table.Deliveries = []usage.Delivery{{Kind: "log", Day: -1, Objects: 1, Unreadable: 1}}
		}, "1 objects could not be read"},
		{"lost days", func(w *world) {
			for d := range int32(11) {
				w.table.Deliveries = append(w.table.Deliveries, usage.Delivery{Account: acct, Region: "us-east-1", Kind: "log", Day: firstDay + 5*d, Objects: 3, Unreadable: 1})
			}
		}, "observed 89 days"},
		{"digests prove no day", func(w *world) {
			w.table.Coverage = w.table.Coverage[:100]
			for d := range int32(window) {
				w.table.Deliveries = append(w.table.Deliveries, usage.Delivery{Account: acct, Region: "us-east-1", Kind: "digest", Day: firstDay + d, Objects: 24})
			}
		}, "observed 50 days"},
		{"selectors leave writes out", func(w *world) {
			w.files = append(w.files, `{"TrailARN":"arn:aws:cloudtrail:us-east-1:111122223333:trail/r","EventSelectors":[{"ReadWriteType":"WriteOnly","IncludeManagementEvents":false,"DataResources":[]}]}`)
		}, "selectors leave such management events out"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.inline["app"] = doc
			tt.prepare(w)
			p := w.only(Options{})
			if p.Change != Keep && p.Change != Skip {
				t.Errorf("change %s: %s", p.Change, p.Reason)
			}
			if !strings.Contains(p.Reason, tt.reason) {
				t.Errorf("reason %q, want %q", p.Reason, tt.reason)
			}
		})
	}
}

func TestDeniedCallsGrantNothing(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}]}`
	w.saw("ec2:DescribeInstances", "*", "star", 1)
	w.saw("iam:CreateUser", "arn:aws:iam::111122223333:user/x", "arn", 2).Outcome = "denied"
	w.saw("ec2:DescribeVpcs", "*", "star", 2).Outcome = "denied"
	p := w.only(Options{})
	if got := string(p.Printed[0]); strings.Contains(got, "iam:") {
		t.Errorf("a denied call granted something: %s", got)
	}
	if e := fateOf(t, p, "ec2:DescribeVpcs"); e.Fate != FateAttempted {
		t.Errorf("an attempted permission that was attached: %+v", e)
	}
}

func TestDataEvents(t *testing.T) {
	doc := `{"Version":"2012-10-17","Statement":[{"Sid":"S3","Effect":"Allow","Action":["s3:GetObject","s3:PutObject","s3:CreateBucket"],"Resource":"*"}]}`
	w := newWorld(t)
	w.inline["app"] = doc
	w.saw("s3:GetObject", "arn:aws:s3:::lake/a.json", "arn", 1, 2, 3, 40)
	p := w.only(Options{})
	if e := fateOf(t, p, "s3:GetObject"); e.Fate != FateUsedWide || !slices.Equal(e.Resources, []string{"*"}) {
		t.Errorf("without selectors: %+v", e)
	}
	if e := fateOf(t, p, "s3:PutObject"); e.Fate != FateNotVisible {
		t.Errorf("without selectors: %+v", e)
	}
	if e := fateOf(t, p, "s3:CreateBucket"); e.Fate != FateRemoved {
		t.Errorf("management event: %+v", e)
	}
	w.files = []string{selectorsAll}
	p = w.only(Options{})
	if e := fateOf(t, p, "s3:GetObject"); e.Fate != FateUsed || !slices.Equal(e.Resources, []string{"arn:aws:s3:::lake/a.json"}) {
		t.Errorf("with selectors: %+v", e)
	}
	if e := fateOf(t, p, "s3:PutObject"); e.Fate != FateRemoved {
		t.Errorf("with selectors: %+v", e)
	}
}

func TestNeverStarForAResourceSeen(t *testing.T) {
	w := newWorld(t)
	w.files = []string{selectorsAll}
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	w.saw("sqs:DeleteQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1, 9)
	w.saw("iam:GetRole", "arn:aws:iam::111122223333:role/x", "arn", 1, 9)
	w.saw("sns:CreateTopic", "", "none", 4)
	w.attached = nil
	p := w.only(Options{})
	if p.Change == Skip {
		t.Fatalf("skipped: %s", p.Reason)
	}
	for _, d := range p.New {
		for _, s := range d.Statements {
			if !slices.Contains(s.Resource, "*") {
				continue
			}
			for _, a := range []string{"sqs:DeleteQueue", "iam:GetRole"} {
				if matchesAny(s.Action, a) {
					t.Errorf("%s is allowed on *", a)
				}
			}
		}
	}
}

func TestAdministratorAccessIsReplaced(t *testing.T) {
	w := newWorld(t)
	w.files = []string{selectorsAll}
	w.attached = []string{"arn:aws:iam::aws:policy/AdministratorAccess"}
	w.saw("sqs:DeleteQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1, 9)
	p := w.only(Options{})
	if p.Change != Replace || !p.Proof.OK() {
		t.Fatalf("%s: %s", p.Change, p.Reason)
	}
	for i, d := range p.New {
		if d.Size() > quotaOf(iam.ManagedPolicy) {
			t.Errorf("document %d has %d characters", i, d.Size())
		}
	}
	t.Logf("%d documents, %d actions not visible, %d removed", len(p.New), len(p.NotVisible), p.Diff.Before-p.Diff.After)
}

func TestFaultsAreCaught(t *testing.T) {
	faults := map[string]func(*iam.Document){
		"drops an action":   func(d *iam.Document) { d.Statements[0].Action = d.Statements[0].Action[1:] },
		"adds an action":    func(d *iam.Document) { d.Statements[0].Action = append(d.Statements[0].Action, "iam:CreateUser") },
		"widens a resource": func(d *iam.Document) { d.Statements[0].Resource = iam.Strings{"arn:aws:sqs:*:*:*"} },
		"adds a deny": func(d *iam.Document) {
			d.Statements = append(d.Statements, iam.Statement{Effect: iam.Deny, Action: iam.Strings{"sqs:*"}, Resource: iam.Strings{"*"}})
		},
		"drops the deny": func(d *iam.Document) {
			d.Statements = slices.DeleteFunc(d.Statements, func(s iam.Statement) bool { return s.Effect == iam.Deny })
		},
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.inline["app"] = `{"Version":"2012-10-17","Statement":[
			 {"Sid":"A","Effect":"Allow","Action":["sqs:CreateQueue","sqs:DeleteQueue","sqs:SetQueueAttributes"],"Resource":"arn:aws:sqs:us-east-1:111122223333:*"},
			 {"Sid":"D","Effect":"Deny","Action":"sqs:*","Resource":"arn:aws:sqs:*:*:secret"}]}`
			w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1, 9)
			w.saw("sqs:DeleteQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1, 9)
			if p := w.only(Options{}); p.Change != Narrow {
				t.Fatalf("without a fault: %s: %s", p.Change, p.Reason)
			}
			p := w.only(Options{Fault: f})
			if p.Change != Skip || p.Proof.OK() || p.Proof.Counterexample() == "" {
				t.Errorf("the fault passed: %s, %+v", p.Change, p.Proof)
			}
			t.Log(p.Reason)
		})
	}
}

package synth

import (
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// spans lists days, each of the lengths from each of the beginnings.
func spans(length int32, from ...int32) []int32 {
	var out []int32
	for _, f := range from {
		for d := f; d < f+length; d++ {
			out = append(out, d)
		}
	}
	return out
}

func every(step int32) []int32 {
	var out []int32
	for d := int32(0); d < window; d += step {
		out = append(out, d)
	}
	return out
}

func TestSeason(t *testing.T) {
	tests := []struct {
		name string
		days []int32
		want string // in the reason; "" for none
	}{
		{"month-end, one day", []int32{5, 35, 66, 97}, "4 bursts of at most 1 day, 1 month apart"},
		{"month-end, three days", spans(3, 5, 36, 66), "3 bursts of at most 3 days"},
		{"two months apart, twice", spans(2, 10, 71), "2 bursts of at most 2 days, 2 months apart"},
		{"quarterly, cut by the beginning of the window", append(spans(2, 0), spans(5, 88)...), "2 bursts of at most 5 days, 3 months apart"},
		{"never", nil, ""},
		{"one burst", spans(3, 50), ""},
		{"at the beginning and at the end", []int32{0, 99}, ""},
		{"beginning, middle, end", []int32{0, 49, 99}, ""},
		{"daily", every(1), ""},
		{"weekly", every(7), ""},
		{"fortnightly", every(14), ""},
		{"three weeks of holidays", append(spans(40, 0), spans(39, 61)...), ""},
		{"daily, then once more", append(spans(30, 0), 60), ""},
		{"four-day silences between months", spans(20, 0, 30, 60), ""},
		{"six weeks apart", spans(2, 2, 44, 86), ""},
	}
	for _, tt := range tests {
		w := newWorld(t)
		w.inline["app"] = keepDoc
		w.saw("sqs:CreateQueue", queue("jobs"), "arn", tt.days...)
		r := w.propose(Options{})
		got := ""
		for _, d := range r.Principals[0].Detected {
			if d.Class == Seasonal {
				got = d.Reason
			}
		}
		if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if fate := fateOf(t, r.Proposals[0], "sqs:DeleteQueue").Fate; (fate == FateKept) != (tt.want != "") {
			t.Errorf("%s: %s", tt.name, fate)
		}
		if tt.want != "" {
			if e := fateOf(t, r.Proposals[0], "sqs:CreateQueue"); e.Fate != FateUsed || !slices.Equal(e.Resources, []string{queue("jobs")}) {
				t.Errorf("%s: %s on %v", tt.name, e.Fate, e.Resources)
			}
			if e := fateOf(t, w.only(Options{Undetected: []Class{Seasonal}}), "sqs:DeleteQueue"); e.Fate != FateRemoved {
				t.Errorf("%s: turned off: %s", tt.name, e.Fate)
			}
		}
	}
}

// TestSeasonsRepeatTheirWork: bursts of one job do the same; what happens to be done a
// month apart does not. Two bursts show one distance, which must hold at both ends.
func TestSeasonsRepeatTheirWork(t *testing.T) {
	tests := []struct {
		name string
		days map[string][]int32 // by action
		want bool
	}{
		{"the same", map[string][]int32{"sqs:CreateQueue": {5, 36, 66}}, true},
		{"more at the end of the quarter", map[string][]int32{"sqs:CreateQueue": {5, 36, 66}, "sns:CreateTopic": {66}, "sqs:TagQueue": {66}}, true},
		{"half of it the same", map[string][]int32{"sqs:CreateQueue": {5, 36, 66}, "sns:CreateTopic": {5}, "sqs:TagQueue": {36}, "sns:TagResource": {66}}, true},
		{"other work each time", map[string][]int32{"sqs:CreateQueue": {5}, "sns:CreateTopic": {36}, "sqs:TagQueue": {66}}, false},
		{"two of the same length", map[string][]int32{"sqs:CreateQueue": spans(3, 20, 50)}, true},
		{"two, the second far longer", map[string][]int32{"sqs:CreateQueue": append(spans(2, 20), spans(12, 50)...)}, false},
		{"two, the first cut by the window", map[string][]int32{"sqs:CreateQueue": append(spans(3, 0), spans(12, 31)...)}, true},
	}
	for _, tt := range tests {
		w := newWorld(t)
		w.inline["app"] = keepDoc
		for action, days := range tt.days {
			w.saw(action, queue("jobs"), "arn", days...)
		}
		got := slices.ContainsFunc(w.propose(Options{}).Principals[0].Detected, func(d Detection) bool { return d.Class == Seasonal })
		if got != tt.want {
			t.Errorf("%s: seasonal %v", tt.name, got)
		}
	}
}

// TestSharedDocumentsKeepWhatConcerns: for one of those to whom a document is attached, it
// keeps the services that this one used through it, and says that all get it.
func TestSharedDocumentsKeepWhatConcerns(t *testing.T) {
	const shared = "arn:aws:iam::111122223333:policy/shared"
	for _, both := range []bool{false, true} {
		w := newWorld(t)
		w.managed[shared] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:CreateQueue","sqs:DeleteQueue","ec2:RebootInstances","ec2:StopInstances"],"Resource":"*"}]}`
		w.attached = []string{shared}
		w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sns:CreateTopic","sns:DeleteTopic"],"Resource":"*"}]}`
		w.files = append(w.files, `{"UserDetailList":[{"Path":"/","UserName":"ann","UserId":"AIDAEXAMPLEANN0000001","Arn":"arn:aws:iam::111122223333:user/ann",
		 "CreateDate":"2020-01-01T00:00:00Z","GroupList":[],"AttachedManagedPolicies":[{"PolicyName":"shared","PolicyArn":"`+shared+`"}]}],"RoleDetailList":[],"Policies":[],"GroupDetailList":[]}`)
		w.saw("sqs:CreateQueue", queue("jobs"), "arn", 5, 36, 66)
		w.saw("sns:CreateTopic", "arn:aws:sns:us-east-1:111122223333:jobs", "arn", 5, 36, 66)
		days := every(1)
		if both {
			days = []int32{5, 36, 66}
		}
		r := w.saw("ec2:StopInstances", "arn:aws:ec2:us-east-1:111122223333:instance/i-0aaaaaaaaaaaaaa01", "arn", days...)
		for i := range w.table.Usage { // Saw gives the last row only
			if w.table.Usage[i].Action == r.Action {
				w.table.Usage[i].Principal, w.table.Usage[i].PrincipalID = "arn:aws:iam::111122223333:user/ann", "AIDAEXAMPLEANN0000001"
			}
		}
		for _, p := range w.propose(Options{}).Proposals {
			want := map[string]Fate{"sqs:DeleteQueue": FateKept, "ec2:RebootInstances": FateRemoved}
			switch {
			case p.Kind == Inline:
				want = map[string]Fate{"sns:DeleteTopic": FateKept}
			case both: // of all, so that it reaches nobody else
				want["ec2:RebootInstances"] = FateKept
			}
			for action, fate := range want {
				e := fateOf(t, p, action)
				if e.Fate != fate || (fate == FateKept) && p.Kind != Inline && !both != strings.HasPrefix(e.Reason, "kept for all to whom the document is attached, since app is used in 3 bursts") {
					t.Errorf("both %v: %s: %s: %s", both, action, e.Fate, e.Reason)
				}
			}
			if !p.Proof.OK() {
				t.Errorf("%+v", p.Proof)
			}
		}
	}
}

// TestSilenceIsObserved: days that the logs lack are no silence, and a year of months
// shows what the job needs.
func TestSilenceIsObserved(t *testing.T) {
	cov := newAccountCoverage(acct)
	s := &subject{p: &account.Principal{}, cov: cov, seen: []*caller{{obs: []observation{{action: "sqs:CreateQueue"}}}}}
	for d := int32(firstDay); d < firstDay+400; d++ {
		cov.present(d)
	}
	judge := func(days ...int32) string {
		s.seen[0].obs[0].dayList = nil
		for _, d := range days {
			s.seen[0].obs[0].dayList = append(s.seen[0].obs[0].dayList, firstDay+d)
		}
		cov.dayStates = nil
		s.window = cov.window(firstDay, firstDay+399)
		return season(s)
	}
	if why := judge(10, 102, 194); !strings.Contains(why, "3 months apart") {
		t.Errorf("quarterly: %q", why)
	}
	if why := judge(1, 32, 62, 93, 123, 154, 184); why != "" {
		t.Errorf("seven months: %q", why)
	}
	for d := int32(firstDay + 12); d < firstDay+100; d++ {
		delete(cov.days, d)
	}
	if why := judge(10, 102, 194); why != "" {
		t.Errorf("without the logs between: %q", why)
	}
}

func TestRecovery(t *testing.T) {
	const wide, restores, one = `"rds:*"`, `"rds:RestoreDBInstanceFromDBSnapshot","rds:FailoverDBCluster","ec2:DescribeInstances"`, `"rds:RestoreDBInstanceFromDBSnapshot","rds:A*","rds:D*","rds:C*","rds:M*"`
	tests := []struct {
		name, grants, tag string
		days              []int32
		want              string
	}{
		{"orders-dr", wide, "", nil, "(dr)"},
		{"DRFailover", wide, "", []int32{3}, "(dr)"},
		{"app", wide, "disaster recovery", nil, "(disaster)"},
		{"regional-failover", wide, "", every(2), ""},
		{"password-recovery", wide, "", nil, ""},
		{"db-restore", one, "", nil, "(restore) and what it may restore"},
		{"app", restores, "", nil, "what it may restore"},
		{"app", restores, "", []int32{3}, ""},
		{"app", one, "", nil, ""},
		{"drone-control", wide, "", nil, ""},
		{"address", wide, "", nil, ""},
	}
	for _, tt := range tests {
		cov := newAccountCoverage(acct)
		for d := int32(firstDay); d < firstDay+window; d++ {
			cov.present(d)
		}
		d := mustParse(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[`+tt.grants+`],"Resource":"*"}]}`)
		s := &subject{p: &account.Principal{Name: tt.name, Tags: map[string]string{"purpose": tt.tag}}, cov: cov,
			grants: []account.Grant{{Policy: &account.Policy{Document: d}}}, seen: []*caller{{obs: []observation{{action: "rds:DescribeDBInstances"}}}}}
		for _, d := range tt.days {
			s.seen[0].obs[0].dayList = append(s.seen[0].obs[0].dayList, firstDay+d)
		}
		s.window = cov.window(0, firstDay+window)
		if got := recovery(s); (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s with %s: %q, want %q", tt.name, tt.grants, got, tt.want)
		}
	}
}

func TestRecoveryIsNotTouched(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["rds:RestoreDBInstanceFromDBSnapshot","rds:FailoverDBCluster"],"Resource":"*"}]}`
	r := w.propose(Options{})
	if p := r.Principals[0]; p.Status != Skipped || !strings.Contains(p.Reason, "disaster-recovery role by what it may restore") {
		t.Errorf("%s: %s", p.Status, p.Reason)
	}
	r = w.propose(Options{Keep: []KeepEntry{{Kind: NotDetected, Principals: []string{"*"}, Classes: []Class{DisasterRecovery}}}})
	if p := r.Principals[0]; p.Status != Unused {
		t.Errorf("%s: %s", p.Status, p.Reason)
	}
}

const deployDoc = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:CreateQueue","sqs:DeleteQueue","sqs:PurgeQueue","sns:DeleteTopic","ec2:TerminateInstances"],"Resource":"*"}]}`

func TestDeployment(t *testing.T) {
	trust := func(principal string) string {
		return `"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{` + principal + `}}]},`
	}
	tests := []struct {
		name    string
		prepare func(*world)
		want    bool
	}{
		{"an application", func(*world) {}, false},
		{"CloudFormation", func(w *world) { w.extra = trust(`"Service":"cloudformation.amazonaws.com"`) }, true},
		{"a pipeline", func(w *world) {
			w.extra = trust(`"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"`)
		}, true},
		{"another provider", func(w *world) {
			w.extra = trust(`"Federated":"arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/0123"`)
		}, false},
		{"via CloudFormation", func(w *world) { w.table.Usage[0].Via = "cloudformation.amazonaws.com" }, true},
		{"many services", func(w *world) {
			for _, a := range []string{"sns:CreateTopic", "dynamodb:CreateTable", "kinesis:CreateStream"} {
				w.saw(a, "*", "star", 4)
			}
		}, true},
	}
	for _, tt := range tests {
		w := newWorld(t)
		w.inline["app"] = deployDoc
		w.saw("sqs:CreateQueue", queue("jobs"), "arn", 1, 2, 50)
		tt.prepare(w)
		r := w.propose(Options{})
		p := r.Proposals[0]
		e := fateOf(t, p, "sqs:DeleteQueue")
		if (e.Fate == FateKept) != tt.want || tt.want && (!slices.Equal(e.Resources, []string{queue("jobs")}) || e.KeptFor != "deployment" || !p.Proof.OK()) {
			t.Errorf("%s: %s on %v: %s", tt.name, e.Fate, e.Resources, e.Reason)
		}
		for _, a := range []string{"sqs:PurgeQueue", "ec2:TerminateInstances"} {
			if e := fateOf(t, p, a); e.Fate != FateRemoved {
				t.Errorf("%s: %s: %s", tt.name, a, e.Fate)
			}
		}
	}
}

// TestUndoOnWhatWasMade: what undoes stays on the resources of the creation, wherever the
// document grants it.
func TestUndoOnWhatWasMade(t *testing.T) {
	const create = `{"Effect":"Allow","Action":"sqs:CreateQueue","Resource":"*"},`
	tests := []struct {
		name, statement string
		kind            string // of the resource of the creation
		want            []string
	}{
		{"all queues", `"Resource":"*"`, "arn", []string{queue("jobs")}},
		{"those made", `"Resource":"` + queue("j*") + `"`, "arn", []string{queue("jobs")}},
		{"others", `"Resource":"` + queue("old-*") + `"`, "arn", nil},
		{"all but others", `"NotResource":"` + queue("old-*") + `"`, "arn", []string{queue("jobs")}},
		{"by tags", `"Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"a"}}`, "arn", []string{"*"}},
		{"the records do not tell", `"Resource":"` + queue("old-*") + `"`, "none", []string{queue("old-*")}},
	}
	for _, tt := range tests {
		w := newWorld(t)
		w.extra = `"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"codebuild.amazonaws.com"}}]},`
		w.inline["app"] = `{"Version":"2012-10-17","Statement":[` + create + `{"Effect":"Allow","Action":["sqs:DeleteQueue","sqs:SetQueueAttributes"],` + tt.statement + `}]}`
		w.saw("sqs:CreateQueue", queue("jobs"), tt.kind, 1, 2, 50)
		p := w.only(Options{})
		e := fateOf(t, p, "sqs:DeleteQueue")
		if (e.Fate == FateKept) != (tt.want != nil) || tt.want != nil && !slices.Equal(e.Resources, tt.want) || !p.Proof.OK() {
			t.Errorf("%s: %s on %v: %s", tt.name, e.Fate, e.Resources, e.Reason)
		}
		if e := fateOf(t, p, "sqs:SetQueueAttributes"); e.Fate != FateRemoved {
			t.Errorf("%s: changing is %s", tt.name, e.Fate)
		}
	}
}

// TestHintsSettle: a name alone says less than what was made on many days and never undone.
func TestHintsSettle(t *testing.T) {
	for days, want := range map[int32]Fate{settledDays - 1: FateKept, settledDays: FateRemoved} {
		for _, sure := range []bool{false, true} {
			w := newWorld(t)
			w.extra = `"Tags":[],`
			if sure {
				w.extra = `"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"codebuild.amazonaws.com"}}]},`
				want = FateKept
			}
			w.inline["app"] = deployDoc
			w.saw("sqs:CreateQueue", queue("jobs"), "arn", spans(days, 10)...)
			for _, a := range []string{"sns:CreateTopic", "dynamodb:CreateTable", "kinesis:CreateStream"} {
				w.saw(a, "*", "star", 4)
			}
			if e := fateOf(t, w.only(Options{}), "sqs:DeleteQueue"); e.Fate != want {
				t.Errorf("%d days, sure %v: %s: %s", days, sure, e.Fate, e.Reason)
			}
		}
	}
}

func TestCounterparts(t *testing.T) {
	facts := newFactTable(actions.Default())
	for used, want := range map[string][]string{
		"lambda:CreateFunction":             {"lambda:DeleteFunction"},
		"ec2:RunInstances":                  {"ec2:TerminateInstances", "ec2:StopInstances"},
		"ec2:AuthorizeSecurityGroupIngress": {"ec2:RevokeSecurityGroupIngress"},
		"iam:AttachRolePolicy":              {"iam:DetachRolePolicy"},
		"apigateway:POST":                   {"apigateway:DELETE"},
		"lambda:AddPermission":              {"lambda:RemovePermission"},
		"dynamodb:CreateTable":              {"dynamodb:DeleteTable"}, // UpdateTable changes, and undoes nothing
		"s3:DeleteBucket":                   nil,
	} {
		list := counterparts(used)
		for _, w := range want {
			f, known := facts.lookup(used)
			g, ok := facts.lookup(w)
			if !slices.Contains(list, w) || !known || !ok || !sameThing(f, g) {
				t.Errorf("%s: %v lacks %s", used, list, w)
			}
		}
		if want == nil && list != nil {
			t.Errorf("%s: %v", used, list)
		}
	}
}

func TestHuman(t *testing.T) {
	saml := `"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithSAML","Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/corp"}}]},`
	call := func(name, kind, outcome string) func(*world) {
		return func(w *world) {
			w.table.Calls = append(w.table.Calls, usage.Call{Day: firstDay, Account: acct, Principal: roleARN, PrincipalID: roleID, PrincipalType: usage.Role,
				EventName: name, EventType: kind, Outcome: outcome})
		}
	}
	tests := []struct {
		name    string
		prepare func(*world)
		want    bool
	}{
		{"a machine", func(*world) {}, false},
		{"trusts SAML", func(w *world) { w.extra = saml }, true},
		{"assumed with SAML", func(w *world) {
			w.table.Trust = append(w.table.Trust, usage.Trust{Role: roleARN, Mechanism: "AssumeRoleWithSAML", Outcome: "allowed"})
		}, true},
		{"assumed with a web identity", func(w *world) {
			w.table.Trust = append(w.table.Trust, usage.Trust{Role: roleARN, Mechanism: "AssumeRoleWithWebIdentity", Outcome: "allowed"})
		}, false},
		{"signs in", call("ConsoleLogin", "AwsConsoleSignIn", "allowed"), true},
		{"fails to sign in", call("ConsoleLogin", "AwsConsoleSignIn", "denied"), false},
		{"console action", call("GetCostAndUsage", "AwsConsoleAction", "allowed"), true},
	}
	for _, tt := range tests {
		w := newWorld(t)
		w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sns:CreateTopic","sns:DeleteTopic","sns:GetTopicAttributes","sns:ListTopics","ec2:DescribeInstances"],"Resource":"*"}]}`
		w.saw("sns:CreateTopic", "arn:aws:sns:us-east-1:111122223333:jobs", "arn", 1, 2, 50)
		tt.prepare(w)
		p := w.only(Options{})
		for action, fate := range map[string]Fate{"sns:GetTopicAttributes": FateKept, "sns:ListTopics": FateKept, "sns:DeleteTopic": FateRemoved, "ec2:DescribeInstances": FateRemoved} {
			if !tt.want {
				fate = FateRemoved
			}
			if e := fateOf(t, p, action); e.Fate != fate {
				t.Errorf("%s: %s: %s: %s", tt.name, action, e.Fate, e.Reason)
			}
		}
		if !p.Proof.OK() {
			t.Errorf("%s: %+v", tt.name, p.Proof)
		}
	}
}

// TestPasswords: the credential report tells who can sign in.
func TestPasswords(t *testing.T) {
	s := &account.Snapshot{Credentials: []*account.Credential{{ARN: "a", PasswordEnabled: true}, {ARN: "b"}}}
	if got := passwords(s); !got["a"] || got["b"] {
		t.Errorf("%v", got)
	}
	k := newKeeper(&Input{Table: &usage.Table{}}, dayTime(0))
	for password, want := range map[bool]string{true: "has a console password", false: ""} {
		if got := k.human(&subject{p: &account.Principal{}, password: password}); got != want {
			t.Errorf("%q", got)
		}
	}
}

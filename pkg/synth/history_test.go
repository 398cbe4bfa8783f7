package synth

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/usage"
)

// changed adds an IAM call of some administrator on a day, at a second of it.
func (w *world) changed(day, second int32, event string, params ...string) *usage.Call {
	var leaves [][2]string
	for i := 0; i < len(params); i += 2 {
		leaves = append(leaves, [2]string{"p." + params[i], params[i+1]})
	}
	slices.SortFunc(leaves, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	text, err := json.Marshal(leaves)
	if err != nil {
		w.t.Fatal(err)
	}
	if w.table.Args == nil {
		w.table.Args = usage.Arguments{}
	}
	id := string(text)
	w.table.Args[id] = id
	at := int64(firstDay+day)*86400000 + int64(second)*1000
	source := "iam.amazonaws.com"
	if strings.HasPrefix(event, "AssumeRole") {
		source = "sts.amazonaws.com"
	}
	w.table.Calls = append(w.table.Calls, usage.Call{Day: firstDay + day, Account: acct, RecipientAccount: acct,
		Principal: "arn:aws:iam::111122223333:role/admin", PrincipalID: "AROAEXAMPLEADMIN00001", PrincipalType: usage.Role,
		EventSource: source, EventName: event, Outcome: "allowed", ArgsID: id, First: at, Last: at, Events: 1})
	return &w.table.Calls[len(w.table.Calls)-1]
}

// day is the date of a day of the logs.
func day(d int32) string { return dayTime(firstDay + d).Format("2006-01-02T15:04:05Z") }

// youngFile makes the account files younger than a day, by a role that was used then.
func youngFile(d int32) string {
	return `{"UserDetailList":[],"GroupDetailList":[],"Policies":[],"RoleDetailList":[{"Path":"/","RoleName":"other","RoleId":"AROAEXAMPLEOTHER00001","Arn":"arn:aws:iam::111122223333:role/other",
	"CreateDate":"2020-01-01T00:00:00Z","AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[]},"InstanceProfileList":[],"RolePolicyList":[],"AttachedManagedPolicies":[],"RoleLastUsed":{"LastUsedDate":"` + day(d) + `"}}]}`
}

const (
	twoQueues = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:CreateQueue","sqs:DeleteQueue"],"Resource":"*"}]}`
	sharedARN = "arn:aws:iam::111122223333:policy/shared"
)

// TestGrantedSince tells since when a permission is granted: what is younger than the
// window stays.
func TestGrantedSince(t *testing.T) {
	tests := []struct {
		name   string
		change func(*world)
		gone   bool // sqs:DeleteQueue, which is unused
	}{
		{"nothing changed", func(*world) {}, true},
		{"another role's policy", func(w *world) {
			w.changed(50, 0, "PutRolePolicy", "roleName", "web", "policyName", "app")
		}, true},
		{"put early", func(w *world) { w.changed(3, 0, "PutRolePolicy", "roleName", "app", "policyName", "app") }, true},
		{"put late", func(w *world) { w.changed(30, 0, "PutRolePolicy", "roleName", "app", "policyName", "app") }, false},
		{"put late, in other case", func(w *world) { w.changed(30, 0, "PutRolePolicy", "roleName", "APP", "policyName", "App") }, false},
		{"put late, quarantined", func(w *world) {
			w.changed(30, 0, "PutRolePolicy", "roleName", "app", "policyName", "app").Lane = usage.QuarantineLane("key")
		}, false},
		{"put late, denied", func(w *world) {
			w.changed(30, 0, "PutRolePolicy", "roleName", "app", "policyName", "app").Outcome = "denied"
		}, true},
		{"put late, of another account", func(w *world) {
			w.changed(30, 0, "PutRolePolicy", "roleName", "app", "policyName", "app").RecipientAccount = "444455556666"
		}, true},
		{"another inline policy put late", func(w *world) {
			w.inline["b"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:PurgeQueue","Resource":"*"}]}`
			w.changed(30, 0, "PutRolePolicy", "roleName", "app", "policyName", "b")
		}, true},
		{"boundary changed late", func(w *world) { w.changed(30, 0, "DeleteRolePermissionsBoundary", "roleName", "app") }, false},
		{"boundary changed early", func(w *world) { w.changed(3, 0, "PutRolePermissionsBoundary", "roleName", "app") }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.files = append(w.files, youngFile(window-1))
			w.inline["app"] = twoQueues
			w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1, 2)
			tt.change(w)
			r := w.propose(Options{})
			if got := removes(r, "app", "sqs:DeleteQueue"); got != tt.gone {
				t.Errorf("removed %v: %s %s", got, r.Proposals[0].Change, r.Proposals[0].Reason)
			}
		})
	}
}

// removes reports whether a proposal removes an action, by its ledger and its documents.
func removes(r *Result, policy, action string) bool {
	for _, p := range r.Proposals {
		if p.Name != policy {
			continue
		}
		for _, e := range p.Ledger {
			if e.Action == action {
				return e.Fate == FateRemoved && p.Change != Skip && p.Change != Keep
			}
		}
	}
	return false
}

// versions is a customer-managed policy with stored versions; the last one is the default.
func versions(created []int32, documents ...string) string {
	var list []string
	for i, d := range documents {
		list = append(list, `{"VersionId":"v`+string(rune('1'+i))+`","IsDefaultVersion":`+map[bool]string{true: "true", false: "false"}[i == len(documents)-1]+
			`,"CreateDate":"`+day(created[i])+`","Document":`+d+`}`)
	}
	lastDay := day(created[len(created)-1])
	return `{"UserDetailList":[],"GroupDetailList":[],"RoleDetailList":[],"Policies":[{"PolicyName":"shared","Arn":"` + sharedARN + `","CreateDate":"` + day(created[0]) +
		`","UpdateDate":"` + lastDay + `","DefaultVersionId":"v` + string(rune('0'+len(documents))) + `","PolicyVersionList":[` + strings.Join(list, ",") + `]}]}`
}

func TestManagedPolicyGrantedSince(t *testing.T) {
	one := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:CreateQueue"],"Resource":"*"}]}`
	narrow := strings.Replace(twoQueues, `"*"`, `"arn:aws:sqs:us-east-1:111122223333:q1"`, 1)
	all := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}`
	denies := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"},{"Effect":"Deny","Action":"sqs:Delete*","Resource":"*"}]}`
	const old = -400
	tests := []struct {
		name   string
		file   string
		change func(*world)
		gone   bool
	}{
		{"old", versions([]int32{old}, twoQueues), nil, true},
		{"created in the window", versions([]int32{30}, twoQueues), nil, false},
		{"created after the logs", versions([]int32{window + 5}, twoQueues), nil, false},
		{"a version that added the action", versions([]int32{old, 30}, one, twoQueues), nil, false},
		{"a version after the logs that added the action", versions([]int32{old, window + 5}, one, twoQueues), nil, false},
		{"a version that kept the action", versions([]int32{old, 30}, twoQueues, twoQueues), nil, true},
		{"a version that came of a wider one", versions([]int32{old, 30}, all, twoQueues), nil, true},
		{"a version with wider resources", versions([]int32{old, 30}, narrow, twoQueues), nil, false},
		{"a version that lifted a Deny", versions([]int32{old, 30}, denies, twoQueues), nil, false},
		{"a version was deleted meanwhile", versions([]int32{old, 30}, twoQueues, twoQueues), func(w *world) {
			w.changed(20, 0, "DeletePolicyVersion", "policyArn", sharedARN, "versionId", "v7")
		}, false},
		{"a version is missing", strings.ReplaceAll(versions([]int32{old, 30}, twoQueues, twoQueues), `"v2"`, `"v3"`), nil, false},
		{"default set in the logs", versions([]int32{old, old + 1}, one, twoQueues), func(w *world) {
			w.changed(30, 0, "SetDefaultPolicyVersion", "policyArn", sharedARN, "versionId", "v2")
		}, false},
		{"default set in the logs, both alike", versions([]int32{old, old + 1}, twoQueues, twoQueues), func(w *world) {
			w.changed(30, 0, "SetDefaultPolicyVersion", "policyArn", sharedARN, "versionId", "v2")
		}, true},
		{"attached in the window", versions([]int32{old}, twoQueues), func(w *world) {
			w.changed(30, 0, "AttachRolePolicy", "roleName", "app", "policyArn", sharedARN)
		}, false},
		{"attached again and again", versions([]int32{old}, twoQueues), func(w *world) {
			w.changed(2, 0, "AttachRolePolicy", "roleName", "app", "policyArn", sharedARN)
			w.changed(30, 0, "AttachRolePolicy", "roleName", "app", "policyArn", sharedARN)
		}, true},
		{"detached for a while", versions([]int32{old}, twoQueues), func(w *world) {
			w.changed(2, 0, "AttachRolePolicy", "roleName", "app", "policyArn", sharedARN)
			w.changed(20, 0, "DetachRolePolicy", "roleName", "app", "policyArn", sharedARN)
			w.changed(30, 0, "AttachRolePolicy", "roleName", "app", "policyArn", sharedARN)
		}, false},
		{"detached, and attached after the logs", versions([]int32{old}, twoQueues), func(w *world) {
			w.changed(20, 0, "DetachRolePolicy", "roleName", "app", "policyArn", sharedARN)
		}, false},
		{"replaced within a second", versions([]int32{old}, twoQueues), func(w *world) {
			w.changed(2, 0, "AttachRolePolicy", "roleName", "app", "policyArn", sharedARN)
			w.changed(2, 0, "DetachRolePolicy", "roleName", "app", "policyArn", sharedARN)
		}, false},
		{"limits sessions", versions([]int32{old}, twoQueues), func(w *world) {
			w.changed(20, 0, "AssumeRole", "policyArns[].arn", sharedARN, "roleArn", roleARN)
		}, false},
		{"attached to somebody else", versions([]int32{old}, twoQueues), func(w *world) {
			w.changed(window-1, 0, "AttachUserPolicy", "userName", "eve", "policyArn", sharedARN)
		}, false},
		{"attached to somebody else, who was deleted", versions([]int32{old}, twoQueues), func(w *world) {
			w.changed(50, 0, "AttachUserPolicy", "userName", "eve", "policyArn", sharedARN)
			w.changed(51, 0, "DeleteUser", "userName", "eve")
		}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.attached = []string{sharedARN}
			w.files = append(w.files, tt.file, youngFile(window-2))
			w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1, 2)
			if tt.change != nil {
				tt.change(w)
			}
			r := w.propose(Options{})
			if got := removes(r, "shared", "sqs:DeleteQueue"); got != tt.gone {
				t.Errorf("removed %v: %s %s", got, r.Proposals[0].Change, r.Proposals[0].Reason)
			}
		})
	}
}

// TestStaleSnapshot tells when the account files are older than a logged change.
func TestStaleSnapshot(t *testing.T) {
	tests := []struct {
		name   string
		young  int32 // the account files were taken on this day or later
		change func(*world)
		want   string // in the reason
	}{
		{"put, and nothing tells which came first", -200, func(w *world) { w.changed(5, 9, "PutRolePolicy", "roleName", "app", "policyName", "app") }, again},
		{"put before", 50, func(w *world) { w.changed(5, 9, "PutRolePolicy", "roleName", "app", "policyName", "app") }, ""},
		{"deleted since", -200, func(w *world) { w.changed(5, 9, "DeleteRolePolicy", "roleName", "app", "policyName", "app") }, again},
		{"another attached since", -200, func(w *world) { w.changed(5, 9, "AttachRolePolicy", "roleName", "app", "policyArn", sharedARN) }, again},
		{"another attached before, and detached after the logs", window + 9, func(w *world) {
			w.changed(5, 9, "AttachRolePolicy", "roleName", "app", "policyArn", sharedARN)
		}, ""},
		{"another attached and detached", -200, func(w *world) {
			w.changed(5, 9, "AttachRolePolicy", "roleName", "app", "policyArn", sharedARN)
			w.changed(6, 9, "DetachRolePolicy", "roleName", "app", "policyArn", sharedARN)
		}, ""},
		{"role deleted", -200, func(w *world) { w.changed(99, 9, "DeleteRole", "roleName", "app") }, again},
		{"role created anew", -200, func(w *world) { w.changed(5, 9, "CreateRole", "roleName", "app") }, again},
		{"role described anew", -200, func(w *world) { w.changed(5, 9, "UpdateRole", "roleName", "app", "description", "x") }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.inline["app"] = twoQueues
			w.files = append(w.files, youngFile(tt.young))
			w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1, 2)
			tt.change(w)
			r := w.propose(Options{})
			p := r.Proposals[0]
			if got := removes(r, "app", "sqs:DeleteQueue"); got != (tt.want == "") || !strings.Contains(p.Reason, tt.want) {
				t.Errorf("removed %v: %s %s", got, p.Change, p.Reason)
			}
		})
	}
}

// TestEarlierPolicyExplains tells what a success before a change is explained by.
func TestEarlierPolicyExplains(t *testing.T) {
	const old = -400
	more := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:CreateQueue","sqs:DeleteQueue","sqs:PurgeQueue"],"Resource":"*"}]}`
	for _, tt := range []struct {
		name string
		file string
		day  int32 // of the last purge
		want string
	}{
		{"before", versions([]int32{old, 4}, more, twoQueues), 3, ""},
		{"also after", versions([]int32{old, 4}, more, twoQueues), 6, "not explained"},
		{"before, and no version allows it", versions([]int32{old, 4}, twoQueues, twoQueues), 3, "a policy of this principal was changed on " + day(4)[:10]},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.attached = []string{sharedARN}
			w.files = append(w.files, tt.file, youngFile(window))
			w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1, 2)
			w.saw("sqs:PurgeQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1, tt.day)
			r := w.propose(Options{})
			p := r.Proposals[0]
			if got := len(r.Principals[0].Unexplained) == 0; got != (tt.want == "") || got != removes(r, "shared", "sqs:DeleteQueue") {
				t.Errorf("explained %v: %s %s", got, p.Change, p.Reason)
			}
			if !strings.Contains(p.Reason, tt.want) {
				t.Errorf("reason %q, want %q", p.Reason, tt.want)
			}
		})
	}
}

// TestGroupGrantsSince follows a policy that comes by a group.
func TestGroupGrantsSince(t *testing.T) {
	annARN := "arn:aws:iam::111122223333:user/ann"
	file := func(groupCreated int32, inline string) string {
		return `{"UserDetailList":[{"Path":"/","UserName":"ann","UserId":"AIDAEXAMPLEANN0000001","Arn":"` + annARN + `",
		 "CreateDate":"2020-01-01T00:00:00Z","GroupList":["g"],"AttachedManagedPolicies":[]}],"RoleDetailList":[],"Policies":[],
		 "GroupDetailList":[{"Path":"/","GroupName":"g","GroupId":"AGPAEXAMPLEG000000001","Arn":"arn:aws:iam::111122223333:group/g","CreateDate":"` + day(groupCreated) + `",
		 "GroupPolicyList":[{"PolicyName":"gp","PolicyDocument":` + inline + `}],"AttachedManagedPolicies":[]}]}`
	}
	tests := []struct {
		name    string
		created int32
		change  func(*world)
		gone    bool
	}{
		{"all old", -400, func(*world) {}, true},
		{"group is young", 30, func(*world) {}, false},
		{"joined late", -400, func(w *world) { w.changed(30, 0, "AddUserToGroup", "userName", "ann", "groupName", "g") }, false},
		{"another joined late", -400, func(w *world) { w.changed(30, 0, "AddUserToGroup", "userName", "bob", "groupName", "g") }, true},
		{"put late", -400, func(w *world) { w.changed(30, 0, "PutGroupPolicy", "groupName", "g", "policyName", "gp") }, false},
		{"left", -400, func(w *world) { w.changed(99, 99, "RemoveUserFromGroup", "userName", "ann", "groupName", "g") }, false},
		{"another attached to the group since", -400, func(w *world) {
			w.changed(99, 99, "AttachGroupPolicy", "groupName", "g", "policyArn", sharedARN)
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.files = append(w.files, file(tt.created, twoQueues), youngFile(60))
			r := w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1)
			r.Principal, r.PrincipalID = annARN, "AIDAEXAMPLEANN0000001"
			tt.change(w)
			res := w.propose(Options{})
			if got := removes(res, "gp", "sqs:DeleteQueue"); got != tt.gone {
				t.Errorf("removed %v: %s %s", got, res.Proposals[0].Change, res.Proposals[0].Reason)
			}
		})
	}
}

// TestSnapshotAge compares the youngest date of the account files with the end of the logs.
func TestSnapshotAge(t *testing.T) {
	tests := []struct {
		name    string
		young   int32
		asOf    bool
		gone    bool
		warning string
	}{
		{"older than the logs", 50, false, true, ""},
		{"a little younger", window + 6, false, true, ""},
		{"younger", window + 30, false, true, "what happened in between is not seen"},
		{"much younger", window + DefaultMinWindow + 1, false, false, "what happened in between is not seen"},
		{"much younger, asked about the past", window + DefaultMinWindow + 1, true, true, "what happened in between is not seen"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.inline["app"] = twoQueues
			w.files = append(w.files, youngFile(tt.young))
			w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1, 2)
			o := Options{}
			if tt.asOf {
				o.AsOf = dayTime(firstDay + window - 1)
			}
			r := w.propose(o)
			if got := removes(r, "app", "sqs:DeleteQueue"); got != tt.gone {
				t.Errorf("removed %v: %s %s", got, r.Proposals[0].Change, r.Proposals[0].Reason)
			}
			if got := strings.Join(r.Warnings, "; "); !strings.Contains(got, tt.warning) || tt.warning == "" && got != "" {
				t.Errorf("warnings %q", got)
			}
		})
	}
}

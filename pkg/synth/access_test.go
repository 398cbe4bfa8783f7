package synth

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/actions"
)

// accessReportOf is a last-accessed report as the AWS CLI writes it, made d days after the
// logs began.
func accessReportOf(arn string, d int32, services ...string) string {
	return `{"Arn":"` + arn + `","JobStatus":"COMPLETED","JobType":"ACTION_LEVEL","JobCreationDate":"` + day(d) + `","JobCompletionDate":"` + day(d) +
		`","ServicesLastAccessed":[` + strings.Join(services, ",") + `]}`
}

// serviceOf is one service of a report: last is its day, below 0 never; tracked are its
// tracked actions, NAME or NAME@DAY.
func serviceOf(service string, last int32, tracked ...string) string {
	s := `{"ServiceName":"x","ServiceNamespace":"` + service + `"`
	if last >= 0 {
		s += `,"LastAuthenticated":"` + day(last) + `","TotalAuthenticatedEntities":1`
	} else {
		s += `,"TotalAuthenticatedEntities":0`
	}
	var list []string
	for _, t := range tracked {
		name, when, ok := strings.Cut(t, "@")
		a := `{"ActionName":"` + name + `"`
		if ok {
			var d int32
			if _, err := fmt.Sscan(when, &d); err != nil {
				panic(err)
			}
			a += `,"LastAccessedTime":"` + day(d) + `"`
		}
		list = append(list, a+"}")
	}
	if list != nil {
		s += `,"TrackedActionsLastAccessed":[` + strings.Join(list, ",") + `]`
	}
	return s + "}"
}

// TestLastAccessedRules: two principals have a policy that grants what the logs cannot
// show. One rule a row.
func TestLastAccessedRules(t *testing.T) {
	const ann, annID, annUser = "arn:aws:iam::111122223333:user/ann", "AIDAEXAMPLEANN0000001", "arn:aws:iam::111122223333:group/g"
	// ann has the policy by a group.
	people := `{"UserDetailList":[{"Path":"/","UserName":"ann","UserId":"` + annID + `","Arn":"` + ann + `","CreateDate":"2020-01-01T00:00:00Z","GroupList":["g"],"AttachedManagedPolicies":[]}],
	 "RoleDetailList":[],"Policies":[],"GroupDetailList":[{"Path":"/","GroupName":"g","GroupId":"AGPAEXAMPLEG000000001","Arn":"` + annUser + `","CreateDate":"2020-01-01T00:00:00Z","GroupPolicyList":[],
	 "AttachedManagedPolicies":[{"PolicyName":"shared","PolicyArn":"` + sharedARN + `"}]}]}`
	const after, before = window + 1, 20
	never, seen := serviceOf("sqs", -1), serviceOf("sqs", 3)
	ec2 := serviceOf("ec2", 1)
	tests := []struct {
		name    string
		files   []string
		action  string
		options Options
		change  func(*world)
		want    Fate
	}{
		{"both never", []string{accessReportOf(roleARN, after, never), accessReportOf(ann, after, never)}, "sqs:SendMessage", Options{}, nil, FateRemoved},
		{"one without a report", []string{accessReportOf(roleARN, after, never)}, "sqs:SendMessage", Options{}, nil, FateNotVisible},
		{"one accessed it", []string{accessReportOf(roleARN, after, never), accessReportOf(ann, after, serviceOf("sqs", -1), serviceOf("s3", 3))}, "s3:GetObject", Options{}, nil, FateBlocked},
		{"one too old", []string{accessReportOf(roleARN, after, never), accessReportOf(ann, before, never)}, "sqs:SendMessage", Options{}, nil, FateNotVisible},
		{"one by the group's report", []string{accessReportOf(roleARN, after, never), accessReportOf(annUser, after, never)}, "sqs:SendMessage", Options{}, nil, FateRemoved},
		{"the group's report tells of its members only", []string{accessReportOf(annUser, after, never)}, "sqs:SendMessage", Options{}, nil, FateNotVisible},
		{"the policy's report tells of all", []string{accessReportOf(sharedARN, after, never)}, "sqs:SendMessage", Options{}, nil, FateRemoved},
		{"the policy's report, and a report of one who accessed it", []string{accessReportOf(sharedARN, after, never), accessReportOf(roleARN, after, seen)}, "sqs:SendMessage", Options{}, nil, FateBlocked},
		{"the policy's report is too old", []string{accessReportOf(sharedARN, before, never)}, "sqs:SendMessage", Options{}, nil, FateNotVisible},
		{"another policy's report", []string{accessReportOf(sharedARN+"2", after, never)}, "sqs:SendMessage", Options{}, nil, FateNotVisible},
		{"the service is not in the report", []string{accessReportOf(sharedARN, after, ec2)}, "sqs:SendMessage", Options{}, nil, FateNotVisible},
		{"data events are not tracked by action", []string{accessReportOf(roleARN, after, serviceOf("sqs", 3, "SendMessage", "PurgeQueue@3")), accessReportOf(ann, after, serviceOf("sqs", -1))},
			"sqs:SendMessage", Options{}, func(w *world) {
				w.saw("sqs:PurgeQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 3)
			}, FateNotVisible},
		{"a tracked action that strict evidence cannot see", []string{accessReportOf(roleARN, after, serviceOf("sqs", 3, "CreateQueue", "PurgeQueue@3")), accessReportOf(ann, after, serviceOf("sqs", -1))},
			"sqs:CreateQueue", Options{Strict: true}, func(w *world) {
				w.saw("sqs:PurgeQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 3)
			}, FateRemoved},
		{"a report that says less than the logs", []string{accessReportOf(roleARN, after, never), accessReportOf(ann, after, never)}, "sqs:SendMessage", Options{}, func(w *world) {
			w.saw("sqs:PurgeQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 3)
		}, FateNotVisible},
		{"the window is not full", []string{accessReportOf(roleARN, after, never), accessReportOf(ann, after, never)}, "sqs:SendMessage", Options{MinWindow: window + 1}, nil, FateNotVisible},
		{"longer than AWS tracks", []string{accessReportOf(roleARN, after, never), accessReportOf(ann, after, never)}, "sqs:SendMessage", Options{MinWindow: trackingDays + 1}, nil, FateNotVisible},
		{"granted too late", []string{accessReportOf(roleARN, after, never), accessReportOf(ann, after, never)}, "sqs:SendMessage", Options{}, func(w *world) {
			w.changed(60, 0, "AttachRolePolicy", "roleName", "app", "policyArn", sharedARN)
			w.files = append(w.files, youngFile(90))
		}, FateNotVisible},
		{"PassRole is never decided", []string{accessReportOf(roleARN, after, serviceOf("iam", -1)), accessReportOf(ann, after, serviceOf("iam", -1))}, "iam:PassRole", Options{Strict: true}, nil, FateNotVisible},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.attached = []string{sharedARN}
			w.managed[sharedARN] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:SendMessage","sqs:PurgeQueue","sqs:CreateQueue","s3:GetObject","ec2:DescribeInstances","iam:PassRole"],"Resource":"*"}]}`
			w.files = append([]string{people}, tt.files...)
			w.saw("ec2:DescribeInstances", "*", "star", 1, window-1)
			if tt.change != nil {
				tt.change(w)
			}
			if e := fateOf(t, w.only(tt.options), tt.action); e.Fate != tt.want {
				t.Errorf("%s (%s), want %s", e.Fate, e.Reason, tt.want)
			}
		})
	}
}

// TestLastAccessedTable compares the three sources, service by service.
func TestLastAccessedTable(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*","s3:GetObject","ec2:DescribeInstances","kms:Decrypt","sns:Publish","lambda:*","ssm:GetParameter","dynamodb:*","sts:AssumeRole"],"Resource":"*"}]}`
	w.saw("ec2:DescribeInstances", "*", "star", 1, window-1)
	w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1)
	w.saw("lambda:ListFunctions", "*", "star", 5)
	w.saw("dynamodb:ListTables", "*", "star", 5)
	w.saw("sts:AssumeRole", trustedRole, "arn", 40).Outcome = "denied"
	w.saw("ssm:GetParameter", "arn:aws:ssm:us-east-1:111122223333:parameter/x", "arn", 5)
	w.files = []string{accessReportOf(roleARN, window+1, serviceOf("ec2", window-1), serviceOf("sqs", 60, "CreateQueue@1", "PurgeQueue@60", "DeleteQueue"),
		serviceOf("s3", 30), serviceOf("dynamodb", 40), serviceOf("sts", 40), serviceOf("kms", -1), serviceOf("lambda", -1), strings.ReplaceAll(serviceOf("sns", 0), day(0), day(-50)))}
	rows, err := LastAccessed(Input{Catalog: actions.Default(), Table: w.table, Snapshot: w.snapshot()})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]AccessFinding{"ec2": AccessAgree, "sqs": AccessHole, "sqs:CreateQueue": AccessAgree, "sqs:PurgeQueue": AccessHole, "s3": AccessHole, "dynamodb": AccessLater, "sts": AccessDenied,
		"kms": AccessUnused, "lambda": AccessMissing, "sns": AccessEarlier, "ssm": AccessLogsOnly}
	for _, r := range rows {
		key := r.Service
		if r.Action != "" {
			key = r.Action
		}
		if want[key] != r.Finding {
			t.Errorf("%s: %q, want %q", key, r.Finding, want[key])
		}
		delete(want, key)
		if r.Action == "" && r.Granted == 0 {
			t.Errorf("%s: nothing granted", key)
		}
	}
	if len(want) > 0 {
		t.Errorf("not there: %v", want)
	}
}

package synth

import (
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/usage"
)

const manyThings = `{"Version":"2012-10-17","Statement":[
 {"Effect":"Allow","Action":["sqs:CreateQueue","sqs:DeleteQueue","sqs:PurgeQueue"],"Resource":"*"},
 {"Effect":"Allow","Action":["s3:GetObject","s3:DeleteObject","s3:DeleteBucket","dynamodb:GetItem","kms:Decrypt","execute-api:Invoke"],"Resource":"*"}]}`

func (w *world) doctor(o Options) *Diagnosis {
	w.t.Helper()
	d, err := Doctor(Input{Catalog: actions.Default(), Table: w.table, Snapshot: w.snapshot(), Options: o})
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// removable counts the permissions that a proposal's ledger removes: an independent count
// of what Doctor calls Removable.
func removable(r *Result) int {
	n := 0
	for _, p := range r.Proposals {
		kept, gone := map[string]bool{}, map[string]bool{}
		for _, e := range p.Ledger {
			if e.Fate == FateRemoved {
				gone[e.Action] = true
			} else {
				kept[e.Action] = true
			}
		}
		for a := range gone {
			if !kept[a] {
				n++
			}
		}
	}
	return n
}

// TestDoctorIsRight gives the data that doctor asks for, and counts what it unlocks.
func TestDoctorIsRight(t *testing.T) {
	selector := func(kinds ...string) string {
		list := []string{`{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventSource","NotEquals":["kms.amazonaws.com"]}]}`}
		if len(kinds) == 0 {
			list = []string{`{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}`}
		}
		for _, k := range kinds {
			list = append(list, `{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["`+k+`"]}]}`)
		}
		return `{"TrailARN":"` + trailARN + `","AdvancedEventSelectors":[` + strings.Join(list, ",") + `]}`
	}
	never := func(services ...string) string {
		var list []string
		for _, s := range services {
			list = append(list, `{"ServiceName":"x","ServiceNamespace":"`+s+`","TotalAuthenticatedEntities":0}`)
		}
		return `{"Arn":"` + roleARN + `","JobStatus":"COMPLETED","JobType":"SERVICE_LEVEL","JobCreationDate":"` + day(window+1) + `","JobCompletionDate":"` + day(window+1) + `","ServicesLastAccessed":[` + strings.Join(list, ",") + `]}`
	}
	moreDays := func(n int) func(*world) {
		return func(w *world) {
			for d := int32(firstDay + window); d < int32(firstDay+window+n); d++ {
				for _, read := range []int8{1, 2} {
					w.table.Coverage = append(w.table.Coverage, usage.CoverageRow{Account: acct, Region: "us-east-1", Category: "Management",
						ReadOnly: read, EventSource: "ec2.amazonaws.com", Day: d, Class: "used", Records: 10})
				}
			}
		}
	}
	files := func(list ...string) func(*world) {
		return func(w *world) { w.files = append(w.files, list...) }
	}
	tests := []struct {
		name  string
		setup func(*world)
		need  Need
		alone int
		given func(*world)
	}{
		{"selectors of objects", nil, Need{Kind: NeedSelectors, Account: acct, What: "AWS::S3::Object"}, 2, files(selector("AWS::S3::Object"))},
		{"selectors of tables", nil, Need{Kind: NeedSelectors, Account: acct, What: "AWS::DynamoDB::Table"}, 1, files(selector("AWS::DynamoDB::Table"))},
		{"selectors of KMS", nil, Need{Kind: NeedSelectors, Account: acct, What: "management read events of kms.amazonaws.com"}, 1, files(selector())},
		{"last accessed", nil, Need{Kind: NeedLastAccessed, Account: acct, Principal: roleARN}, 5, files(never("s3", "dynamodb", "kms", "execute-api"))},
		{"last accessed, of nothing", func(w *world) { w.inline["app"] = strings.ReplaceAll(manyThings, "s3:DeleteBucket", "s3:PutObject") },
			Need{Kind: NeedLastAccessed, Account: acct, Principal: roleARN}, 6, files(never("s3", "dynamodb", "kms", "execute-api"))},
		{"days", func(w *world) { w.changed(30, 0, "PutRolePolicy", "roleName", "app", "policyName", "app") },
			Need{Kind: NeedDays, Account: acct, Days: 21}, 3, moreDays(21)},
		{"days, one too few", func(w *world) { w.changed(30, 0, "PutRolePolicy", "roleName", "app", "policyName", "app") },
			Need{Kind: NeedDays, Account: acct, Days: 20}, 0, moreDays(20)},
		{"a snapshot taken again", func(w *world) {
			w.files = []string{youngFile(-200)}
			w.changed(2, 0, "AttachRolePolicy", "roleName", "app", "policyArn", sharedARN)
		},
			Need{Kind: NeedSnapshot, Account: acct}, 3, files(`{"RoleDetailList":[{"Path":"/","RoleName":"later","RoleId":"AROAEXAMPLELATER00001","Arn":"arn:aws:iam::111122223333:role/later","CreateDate":"` + day(99) + `"}]}`)},
		{"logs that hold data events", func(w *world) {
			files(selector("AWS::S3::Object"))(w)
			w.table.Coverage = w.table.Coverage[:2*window]
			moreRegions(w)
		}, Need{Kind: NeedLogs, Account: acct, What: "data events"}, 2, func(w *world) {
			w.table.Coverage = append(w.table.Coverage, usage.CoverageRow{Account: acct, Region: "us-east-1", Category: "Data", ReadOnly: 2, EventSource: "s3.amazonaws.com", Day: firstDay + 1, Class: "used", Records: 1})
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.inline["app"] = manyThings
			w.files = append(w.files, youngFile(60))
			w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1, 2)
			if tt.setup != nil {
				tt.setup(w)
			}
			before := w.doctor(Options{})
			if got := removable(w.propose(Options{})); got != before.Removable {
				t.Errorf("before: doctor says %d, propose removes %d", before.Removable, got)
			}
			if before.Removable+before.Undecided > before.Granted || before.Together+before.Nothing != before.Undecided {
				t.Errorf("sums: %+v", before)
			}
			alone := -1
			for _, u := range before.Unlocks {
				if u.Need == tt.need {
					alone = u.Alone
				}
			}
			if alone != tt.alone && (tt.alone > 0 || alone > 0) {
				t.Errorf("promises %d, want %d: %+v", alone, tt.alone, before.Unlocks)
			}
			tt.given(w)
			after := w.propose(Options{})
			if got := removable(after) - before.Removable; got != tt.alone {
				t.Errorf("promised %d, %d came: %s", tt.alone, got, after.Proposals[0].Reason)
			}
			if now := w.doctor(Options{}); now.Removable != removable(after) {
				t.Errorf("after: doctor says %d, propose removes %d", now.Removable, removable(after))
			}
		})
	}
}

// moreRegions keeps a world without its data event a world of two regions.
func moreRegions(w *world) {
	w.table.Coverage = append(w.table.Coverage, usage.CoverageRow{Account: acct, Region: "eu-west-1", Category: "Management",
		ReadOnly: 2, EventSource: "ec2.amazonaws.com", Day: firstDay, Class: "used", Records: 1})
}

// What is kept by choice is not removable, whatever data there is.
func TestDoctorCountsNothingKept(t *testing.T) {
	keepOne := []KeepEntry{{Kind: KeepPermissions, Actions: []string{"sqs:PurgeQueue"}, Reason: "asked", Where: "tighten.yaml:1"}}
	keepAll := []KeepEntry{{Kind: KeepPrincipals, Principals: []string{"*app"}, Reason: "asked", Where: "tighten.yaml:1"}}
	keepGlass := []KeepEntry{{Kind: KeepBreakGlass, Principals: []string{"*app"}, Reason: "asked", Where: "tighten.yaml:1"}}
	const glass = "break-glass"
	tests := []struct {
		name            string
		tag             string
		options         Options
		removable, kept int
	}{
		{"nothing", "", Options{}, 2, 0},
		{"a permission of the keep list", "", Options{Keep: keepOne}, 1, 1},
		{"the principal of the keep list", "", Options{Keep: keepAll}, 0, 2},
		{"break-glass by the keep list", "", Options{Keep: keepGlass}, 0, 2},
		{"break-glass by its tags", glass, Options{}, 0, 2},
		{"break-glass by its tags, not detected", glass, Options{Undetected: []Class{BreakGlass}}, 2, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:CreateQueue","sqs:DeleteQueue","sqs:PurgeQueue"],"Resource":"*"}]}`
			w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1)
			s := w.snapshot()
			s.Principals[0].Tags = map[string]string{"purpose": tt.tag}
			d, err := Doctor(Input{Catalog: actions.Default(), Table: w.table, Snapshot: s, Options: tt.options})
			if err != nil {
				t.Fatal(err)
			}
			if d.Removable != tt.removable || d.Kept != tt.kept || d.Undecided != 0 {
				t.Errorf("removable %d, kept %d, undecided %d", d.Removable, d.Kept, d.Undecided)
			}
		})
	}
}

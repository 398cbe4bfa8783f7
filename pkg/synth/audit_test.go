package synth

import (
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// TestAuditFindsFault takes a right proposal, and then the evidence from under it.
func TestAuditFindsFault(t *testing.T) {
	selectors := `{"TrailARN":"` + trailARN + `","AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]},
	 {"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]}]}]}`
	report := `{"Arn":"` + roleARN + `","JobStatus":"COMPLETED","JobCreationDate":"` + day(window+1) + `","JobCompletionDate":"` + day(window+1) + `","ServicesLastAccessed":[
	 {"ServiceName":"x","ServiceNamespace":"execute-api","TotalAuthenticatedEntities":0}]}`
	tests := []struct {
		name  string
		spoil func(w *world, in *Input)
		want  string
	}{
		{"nothing", func(*world, *Input) {}, ""},
		{"used", func(w *world, _ *Input) { w.saw("sqs:PurgeQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 3) }, "sqs:PurgeQueue was used"},
		{"used by another life", func(w *world, _ *Input) {
			w.saw("sqs:PurgeQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 3).PrincipalID = "AROAEXAMPLEOTHERLIFE1"
		}, ""},
		{"used in quarantine", func(w *world, _ *Input) {
			w.saw("sqs:PurgeQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 3).Lane = usage.QuarantineLane("key")
		}, ""},
		{"unmapped", func(w *world, _ *Input) {
			w.table.Unmapped = append(w.table.Unmapped, usage.UnmappedRow{Day: firstDay, Principal: roleARN, Account: acct, EventSource: "sqs.amazonaws.com", EventName: "New", Events: 1})
		}, "not mapped"},
		{"too few days", func(_ *world, in *Input) { in.Options.MinWindow = 101 }, "100 days are in the logs"},
		{"lost days", func(w *world, _ *Input) {
			for d := range int32(11) {
				w.table.Deliveries = append(w.table.Deliveries, usage.Delivery{Account: acct, Day: firstDay + d, Kind: "log", Unreadable: 1})
			}
		}, "89 days are in the logs"},
		{"a hole in the logs", func(w *world, _ *Input) {
			var kept []usage.CoverageRow
			for _, r := range w.table.Coverage {
				if r.Day < firstDay+20 || r.Day > firstDay+34 {
					kept = append(kept, r)
				}
			}
			w.table.Coverage = kept
		}, "89 days are in the logs"},
		{"put meanwhile", func(w *world, _ *Input) {
			w.changed(40, 0, "PutRolePolicy", "roleName", "app", "policyName", "app")
		}, "59 days are in the logs"},
		{"no logs of the account", func(w *world, _ *Input) { w.table.Coverage = nil }, "hold nothing"},
		{"no write event", func(w *world, in *Input) {
			in.Snapshot.Selectors = nil
			for i := range w.table.Coverage {
				w.table.Coverage[i].ReadOnly = 2
			}
		}, "no such event"},
		{"no selectors", func(_ *world, in *Input) { in.Snapshot.Selectors = nil }, "no selector takes"},
		{"no data event", func(w *world, _ *Input) {
			for i := range w.table.Coverage {
				w.table.Coverage[i].Category = "Management"
			}
		}, "no selector takes"},
		{"no report", func(_ *world, in *Input) { in.Snapshot.LastAccessed = nil }, "execute-api:Invoke would go"},
		{"an old report", func(_ *world, in *Input) {
			in.Snapshot.LastAccessed[0].Completed = in.Snapshot.LastAccessed[0].Completed.AddDate(0, 0, -100)
		}, "execute-api:Invoke would go"},
		{"a report of somebody else", func(_ *world, in *Input) { in.Snapshot.LastAccessed[0].ARN = roleARN + "2" }, "execute-api:Invoke would go"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.inline["app"] = manyThings
			w.files = []string{selectors, report, youngFile(90)}
			w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:q1", "arn", 1, 2)
			in := Input{Catalog: actions.Default(), Table: w.table, Snapshot: w.snapshot(), Options: Options{MinWindow: DefaultMinWindow}}
			r, err := Propose(in)
			if err != nil || len(r.Proposals) != 1 || r.Proposals[0].Change != Narrow {
				t.Fatalf("%v: %+v", err, r)
			}
			tt.spoil(w, &in)
			got := newAuditor(in, firstDay+window-1).fault(r.Proposals[0])
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

package synth

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// day0 is 2026-01-01.
const day0 = 20454

func anywhere(string) bool { return true }

var balanced = outlook{horizon: DefaultHorizon, style: Balanced}

func sightings(n int, arn func(i int) string) []sighting {
	var out []sighting
	for i := range n {
		out = append(out, sighting{arn(i), []int32{day0 + int32(i)}})
	}
	return out
}

func fakeUUID(i int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", i*7919, i) }

// fakeWord is a word of five letters.
func fakeWord(i int) string {
	b := []byte("bacel")
	for k := range b {
		b[k] += byte(i % 7)
		i /= 7
	}
	return string(b)
}

// counted are numbers, each of which is seen from a day on to the 60th.
func counted(n int, from func(i int) int) []sighting {
	var out []sighting
	for i := range n {
		s := sighting{arn: fmt.Sprintf("arn:aws:ssm:us-east-1:111122223333:parameter/flags/ff-%03d", i)}
		for d := from(i); d < 60; d++ {
			s.days = append(s.days, day0+int32(d))
		}
		out = append(out, s)
	}
	return out
}

func TestGeneralise(t *testing.T) {
	every := func(n int) []int32 {
		var d []int32
		for i := range n {
			d = append(d, day0+int32(i))
		}
		return d
	}
	tests := []struct {
		name string
		seen []sighting
		want []string
	}{
		{"date prefixes always open", sightings(40, func(i int) string {
			return fmt.Sprintf("arn:aws:s3:::lake/raw/orders/2026/%02d/%02d/part-%05d.parquet", 1+i/28, 1+i%28, i)
		}), []string{"arn:aws:s3:::lake/raw/orders/*/*/*/part-*.parquet"}},
		{"hive partitions open in their key", sightings(30, func(i int) string {
			return fmt.Sprintf("arn:aws:s3:::lake/t/dt=2026-09-%02d/x.json", 1+i)
		}), []string{"arn:aws:s3:::lake/t/dt=*/x.json"}},
		{"a stable key id stays literal", []sighting{{"arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", every(60)}},
			[]string{"arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}},
		{"instance ids open", sightings(12, func(i int) string {
			return fmt.Sprintf("arn:aws:ec2:us-east-1:111122223333:instance/i-0%08da%07d", i, i*7919)
		}), []string{"arn:aws:ec2:us-east-1:111122223333:instance/i-*"}},
		{"names stay", []sighting{
			{"arn:aws:dynamodb:us-east-1:111122223333:table/orders", every(9)},
			{"arn:aws:dynamodb:us-east-1:111122223333:table/customers", every(9)}},
			[]string{"arn:aws:dynamodb:us-east-1:111122223333:table/customers", "arn:aws:dynamodb:us-east-1:111122223333:table/orders"}},
		{"log groups as policies name them", []sighting{{"arn:aws:logs:us-east-1:111122223333:log-group:/app:log-stream:", every(9)}},
			[]string{"arn:aws:logs:us-east-1:111122223333:log-group:/app", "arn:aws:logs:us-east-1:111122223333:log-group:/app:*"}},
		{"a monthly report opens", sightings(3, func(i int) string { return fmt.Sprintf("arn:aws:s3:::lake/reports/export-2026-%02d.csv", i+1) }),
			[]string{"arn:aws:s3:::lake/reports/export-*.csv"}},
		{"unpadded dates open", sightings(60, func(i int) string { return fmt.Sprintf("arn:aws:s3:::lake/raw/2026/%d/%d", i/28+1, i%28+1) }),
			[]string{"arn:aws:s3:::lake/raw/*/*/*"}},
		{"numbered tenants stay", []sighting{{"arn:aws:s3:::lake/tenants/12/x", every(9)}, {"arn:aws:s3:::lake/tenants/34/x", every(9)}, {"arn:aws:s3:::lake/tenants/2001/x", every(9)}},
			[]string{"arn:aws:s3:::lake/tenants/12/x", "arn:aws:s3:::lake/tenants/2001/x", "arn:aws:s3:::lake/tenants/34/x"}},
		{"revisions open", []sighting{{"arn:aws:ecs:us-east-1:111122223333:task-definition/app:7", every(30)}},
			[]string{"arn:aws:ecs:us-east-1:111122223333:task-definition/app:*"}},
		{"accounts stay", []sighting{{"arn:aws:s3:::logs/AWSLogs/111122223333/x", every(1)}}, []string{"arn:aws:s3:::logs/AWSLogs/111122223333/x"}},
		{"a key seen once stays", []sighting{{"arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", every(1)}},
			[]string{"arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}},
		{"an instance seen once opens", []sighting{{"arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0", every(1)}},
			[]string{"arn:aws:ec2:us-east-1:111122223333:instance/i-*"}},
		{"an id below a name, seen once, opens", []sighting{{"arn:aws:s3:::lake/results/0f8fad5b-d9cb-469f-a165-70867728950e.csv", every(1)}},
			[]string{"arn:aws:s3:::lake/results/*.csv"}},
		{"a queue with a date opens", []sighting{{"arn:aws:sqs:us-east-1:111122223333:jobs-20260104", every(1)}},
			[]string{"arn:aws:sqs:us-east-1:111122223333:jobs-*"}},
		{"a bucket never opens", []sighting{{"arn:aws:s3:::logs-2026-01", every(1)}}, []string{"arn:aws:s3:::logs-2026-01"}},
		{"a function with a suffix stays", []sighting{{"arn:aws:lambda:us-east-1:111122223333:function:stack-Fn-1ABC2DEF3GH4", every(1)}},
			[]string{"arn:aws:lambda:us-east-1:111122223333:function:stack-Fn-1ABC2DEF3GH4"}},
		{"hours of a day", sightings(30, func(i int) string {
			return fmt.Sprintf("arn:aws:s3:::lake/h/year=2026/month=01/day=%02d/hour=%02d/x", i+1, i%24)
		}),
			[]string{"arn:aws:s3:::lake/h/year=*/month=*/day=*/hour=*/x"}},
		{"builds", sightings(9, func(i int) string {
			return fmt.Sprintf("arn:aws:codebuild:us-east-1:111122223333:build/app:%s", fakeUUID(i))
		}),
			[]string{"arn:aws:codebuild:us-east-1:111122223333:build/app:*"}},
		{"log streams of functions", sightings(9, func(i int) string {
			return fmt.Sprintf("arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/mail:log-stream:2026/01/%02d/[$LATEST]%032x", i+1, i*7919)
		}), []string{"arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/mail:log-stream:*/*/*/[$LATEST]*"}},
		{"tasks of a cluster", sightings(9, func(i int) string {
			return fmt.Sprintf("arn:aws:ecs:us-east-1:111122223333:task/prod/%032x", 1<<40+i*7919)
		}), []string{"arn:aws:ecs:us-east-1:111122223333:task/prod/*"}},
		{"snapshots", sightings(9, func(i int) string { return fmt.Sprintf("arn:aws:ec2:us-east-1::snapshot/snap-0%016x", i*7919) }),
			[]string{"arn:aws:ec2:us-east-1::snapshot/snap-*"}},
		{"athena results", sightings(9, func(i int) string { return "arn:aws:s3:::results/" + fakeUUID(i) + ".csv.metadata" }),
			[]string{"arn:aws:s3:::results/*.csv.metadata"}},
		{"tables by month", sightings(60, func(i int) string {
			return fmt.Sprintf("arn:aws:dynamodb:us-east-1:111122223333:table/events_2026_%02d", 1+i/30)
		}), []string{"arn:aws:dynamodb:us-east-1:111122223333:table/events_*"}},
		{"tenants as partitions", sightings(40, func(i int) string { return "arn:aws:s3:::lake/tenant=" + fakeWord(i) + "/x.json" }),
			[]string{"arn:aws:s3:::lake/tenant=*/x.json"}},
		{"tables of tenants, beside others", slices.Concat(sightings(40, func(i int) string { return "arn:aws:dynamodb:us-east-1:111122223333:table/tenant-" + fakeWord(i) }),
			[]sighting{{"arn:aws:dynamodb:us-east-1:111122223333:table/catalog", every(40)}}),
			[]string{"arn:aws:dynamodb:us-east-1:111122223333:table/catalog", "arn:aws:dynamodb:us-east-1:111122223333:table/tenant-*"}},
		{"tables of tenants and their indexes", sightings(40, func(i int) string {
			return "arn:aws:dynamodb:us-east-1:111122223333:table/tenant-" + fakeWord(i) + "-orders/index/by-date"
		}), []string{"arn:aws:dynamodb:us-east-1:111122223333:table/tenant-*-orders/index/by-date"}},
		{"buckets of tenants", sightings(40, func(i int) string { return "arn:aws:s3:::acme-tenant-" + fakeWord(i) + "/in/x" }),
			[]string{"arn:aws:s3:::acme-tenant-*/in/x"}},
		{"a security group for each test run", sightings(40, func(i int) string {
			return fmt.Sprintf("arn:aws:ec2:us-east-1:111122223333:security-group/sg-0%016x", i*7919)
		}), []string{"arn:aws:ec2:us-east-1:111122223333:security-group/sg-*"}},
		{"times with colons", sightings(9, func(i int) string { return fmt.Sprintf("arn:aws:s3:::lake/run_2026-01-%02dT04:00:00Z/out", i+1) }),
			[]string{"arn:aws:s3:::lake/run_*:*:00Z/out"}},
		{"jobs by time with random ends", sightings(45, func(i int) string {
			return fmt.Sprintf("arn:aws:sagemaker:us-east-1:111122223333:training-job/churn-2026-%02d-%02d-02-15-00-%s%d", 1+i/28, 1+i%28, fakeWord(i * 13)[:2], i%90+10)
		}), []string{"arn:aws:sagemaker:us-east-1:111122223333:training-job/churn-*"}},
		{"results by job", sightings(20, func(i int) string {
			return fmt.Sprintf("arn:aws:s3:::models/evaluations/churn-2026-01-%02d-%s%d.json", 1+i, fakeWord(i * 13)[:2], i+10)
		}), []string{"arn:aws:s3:::models/evaluations/churn-*.json"}},
		{"versions by date", sightings(6, func(i int) string {
			return fmt.Sprintf("arn:aws:sagemaker:us-east-1:111122223333:model/churn-v%d-202601%02d", 40+i, 1+4*i)
		}), []string{"arn:aws:sagemaker:us-east-1:111122223333:model/churn-v*"}},
		{"reports of one month", []sighting{
			{"arn:aws:s3:::lake/out/report-2026-01-costs.csv", every(9)}, {"arn:aws:s3:::lake/out/report-2026-01-people.csv", every(9)}, {"arn:aws:s3:::lake/out/report-2026-01-sales.csv", every(9)}},
			[]string{"arn:aws:s3:::lake/out/report-*-costs.csv", "arn:aws:s3:::lake/out/report-*-people.csv", "arn:aws:s3:::lake/out/report-*-sales.csv"}},
		{"a counter of which each number is read for long", counted(12, func(i int) int { return 4 * i }), []string{"arn:aws:ssm:us-east-1:111122223333:parameter/flags/ff-*"}},
		{"numbers that were all there from the first day", counted(4, func(int) int { return 0 }), []string{
			"arn:aws:ssm:us-east-1:111122223333:parameter/flags/ff-000", "arn:aws:ssm:us-east-1:111122223333:parameter/flags/ff-001",
			"arn:aws:ssm:us-east-1:111122223333:parameter/flags/ff-002", "arn:aws:ssm:us-east-1:111122223333:parameter/flags/ff-003"}},
		{"names that begin unlike each other", sightings(45, func(i int) string {
			return "arn:aws:s3:::saas/tenants/" + fakeWord(i % 9 * 17)[:3] + "-" + fakeWord(i) + "/state"
		}), []string{"arn:aws:s3:::saas/tenants/*/state"}},
		{"a bare name stays", []sighting{{"arn:aws:s3:::lake", every(3)}}, []string{"arn:aws:s3:::lake"}},
		{"lambda function names stay apart", []sighting{
			{"arn:aws:lambda:us-east-1:111122223333:function:resize", every(5)},
			{"arn:aws:lambda:us-east-1:111122223333:function:resize:live", every(5)}},
			[]string{"arn:aws:lambda:us-east-1:111122223333:function:resize", "arn:aws:lambda:us-east-1:111122223333:function:resize:live"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, _ := generalise(tt.seen, balanced, anywhere)
			if got := texts(g.patterns); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", texts(g.patterns), tt.want)
			}
		})
	}
}

func TestGeneraliseCoversWhatWasSeen(t *testing.T) {
	seen := sightings(500, func(i int) string {
		return fmt.Sprintf("arn:aws:s3:::tenants/%s/in/%08x/file-%d.json", []string{"acme", "globex", "initech"}[i%3], i*2654435761, i)
	})
	g, _ := generalise(seen, balanced, anywhere)
	for _, price := range []float64{0, 1e-20, 1e-9, 1, 1e12} {
		patterns := texts(g.at(price))
		for _, s := range seen {
			if !slices.ContainsFunc(patterns, func(p string) bool { return iam.MatchResource(p, s.arn) }) {
				t.Fatalf("price %g: %s is not covered by %q", price, s.arn, patterns)
			}
		}
	}
}

func TestGeneraliseStaysWithinTheStatement(t *testing.T) {
	within := func(p string) bool { return iam.MatchResource("arn:aws:s3:::lake/raw/2026/*", p) }
	seen := sightings(20, func(i int) string { return fmt.Sprintf("arn:aws:s3:::lake/raw/2026/%02d/x", 1+i%12) })
	g, ok := generalise(seen, balanced, within)
	if !ok {
		t.Fatal("cannot be narrowed")
	}
	for _, p := range texts(g.patterns) {
		if !within(p) {
			t.Errorf("%s leaves the statement", p)
		}
	}
}

func TestIDLike(t *testing.T) {
	for w, want := range map[string]bool{"17": true, "2026": true, "7": true, "111122223333": false, "deadbeef": false, "dead0eef": true,
		"orders": false, "v2": false, "s3": false, "0abc123def4567890": true, "20260131T0400Z": true, "a1b2c3d4e5f6g7": true} {
		if got := idLike(w); got != want {
			t.Errorf("idLike(%q) = %v, want %v", w, got, want)
		}
	}
}

func TestDateToken(t *testing.T) {
	for w, want := range map[string]bool{"2024": true, "2024-01-31": true, "20240131": true, "dt=2024-01-31": true,
		"month=1": true, "orders": false, "20241331": false, "id=17": false, "2024-01-31T04": true, "1999123": false, "2001": false, "12": false} {
		if got := dateToken(w, false, [2]int{2023, 2025}); got != want {
			t.Errorf("dateToken(%q) = %v, want %v", w, got, want)
		}
	}
	for w, want := range map[string]bool{"1": true, "01": true, "23": true, "77": false} {
		if got := dateToken(w, true, [2]int{2023, 2025}); got != want {
			t.Errorf("below a date: dateToken(%q) = %v, want %v", w, got, want)
		}
	}
	for w, want := range map[string]bool{"export-2024-10.csv": true, "jobs-20241004": true, "logs.2024.10": true, "build-202499": false, "v2024": false, "id-12024101": false} {
		if got := holdsDate(w, [2]int{2023, 2025}); got != want {
			t.Errorf("holdsDate(%q) = %v, want %v", w, got, want)
		}
	}
}

func TestHasID(t *testing.T) {
	for arn, want := range map[string]bool{
		"arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0":             true,
		"arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab": true,
		"arn:aws:ec2:us-east-1:111122223333:instance/*":                               false,
		"arn:aws:dynamodb:us-east-1:111122223333:table/orders":                        false,
		"arn:aws:s3:::lake": false,
		"arn:aws:lambda:us-east-1:111122223333:function:resize-v2": false,
	} {
		if got := hasID(arn); got != want {
			t.Errorf("%s: %v", arn, got)
		}
	}
}

func TestGeneraliseKeepsWhatCannotOpen(t *testing.T) {
	seen := sightings(40, func(i int) string { return fmt.Sprintf("arn:aws:s3:::lake/raw/2026/%02d/%02d/p", 1+i/28, 1+i%28) })
	within := func(attached string) func(string) bool {
		return func(p string) bool { return iam.MatchResource(attached, p) }
	}
	got, ok := generalise(seen, balanced, within("arn:aws:s3:::lake/raw/2026/*"))
	if !ok || !slices.Equal(texts(got.patterns), []string{"arn:aws:s3:::lake/raw/2026/*/*/p"}) {
		t.Errorf("below a literal year: %v", got)
	}
	if got, ok := generalise(seen, balanced, within("arn:aws:s3:::lake/raw/202?/*")); ok {
		t.Errorf("a year that changes: %v", got)
	}
}

package synth

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// workload makes the uses of a day; it keeps what it needs to remember.
type workload struct {
	name    string
	day     func(r *rand.Rand, d int) []string
	foreign []string // resources of the same kind that it never uses
}

func dateOf(d int) (y, m, day int) {
	t := dayTime(day0 + int32(d))
	return t.Year(), int(t.Month()), t.Day()
}

func slug(r *rand.Rand) string {
	b := make([]byte, 4+r.Intn(6))
	for i := range b {
		b[i] = "aeioubcdfglmnprst"[r.Intn(17)]
	}
	return string(b)
}

func hex(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "0123456789abcdef"[r.Intn(16)]
	}
	return string(b)
}

func uuidOf(r *rand.Rand) string {
	return hex(r, 8) + "-" + hex(r, 4) + "-" + hex(r, 4) + "-" + hex(r, 4) + "-" + hex(r, 12)
}

// workloads are the families that SEMANTICS names, and more of each kind.
func workloads() []workload {
	var tenants, tables, users []string
	r0 := rand.New(rand.NewSource(7))
	for range 40 {
		users = append(users, slug(r0))
	}
	return []workload{
		{"etl", func(r *rand.Rand, d int) (out []string) {
			y, m, day := dateOf(d)
			for _, t := range []string{"orders", "customers", "clicks"} {
				for range 5 {
					out = append(out, fmt.Sprintf("arn:aws:s3:::lake/raw/%s/%d/%02d/%02d/part-%05d-%s.parquet", t, y, m, day, r.Intn(20), uuidOf(r)))
				}
				out = append(out, fmt.Sprintf("arn:aws:s3:::lake/curated/%s/dt=%d-%02d-%02d/hour=%02d/x.json", t, y, m, day, r.Intn(24)))
			}
			return append(out, fmt.Sprintf("arn:aws:glue:us-east-1:111122223333:table/db/orders_%d%02d%02d", y, m, day))
		}, []string{"arn:aws:s3:::lake/secrets/k", "arn:aws:s3:::lake/raw/payroll/2026/01/01/x", "arn:aws:glue:us-east-1:111122223333:table/db/payroll"}},
		{"tenants", func(r *rand.Rand, d int) (out []string) {
			for range 1 + r.Intn(2) {
				tenants = append(tenants, slug(r))
			}
			for range 20 {
				out = append(out, "arn:aws:s3:::saas/tenants/"+tenants[r.Intn(len(tenants))]+"/in/"+uuidOf(r)+".json",
					"arn:aws:s3:::saas/tenants/"+tenants[r.Intn(len(tenants))]+"/settings.json")
			}
			return out
		}, []string{"arn:aws:s3:::saas/billing/x", "arn:aws:s3:::saas/admin/settings.json"}},
		{"tenant tables", func(r *rand.Rand, d int) (out []string) {
			tables = append(tables, slug(r))
			for range 10 {
				t := tables[r.Intn(len(tables))]
				out = append(out, "arn:aws:dynamodb:us-east-1:111122223333:table/tenant-"+t+"-orders", "arn:aws:sqs:us-east-1:111122223333:in-"+t)
			}
			return append(out, "arn:aws:dynamodb:us-east-1:111122223333:table/catalog")
		}, []string{"arn:aws:dynamodb:us-east-1:111122223333:table/payroll", "arn:aws:sqs:us-east-1:111122223333:payments"}},
		{"ci", func(r *rand.Rand, d int) (out []string) {
			for range 6 {
				id := uuidOf(r)
				out = append(out, "arn:aws:codebuild:us-east-1:111122223333:build/app:"+id, "arn:aws:s3:::artifacts/app/"+hex(r, 40)+"/out.zip",
					fmt.Sprintf("arn:aws:ecs:us-east-1:111122223333:task-definition/app:%d", 1000+d*3+r.Intn(3)),
					"arn:aws:ecs:us-east-1:111122223333:task/prod/"+hex(r, 32), fmt.Sprintf("arn:aws:ec2:us-east-1::snapshot/snap-0%s", hex(r, 16)),
					"arn:aws:ec2:us-east-1:111122223333:instance/i-0"+hex(r, 16))
			}
			return out
		}, []string{"arn:aws:s3:::artifacts/infra/state.json", "arn:aws:codebuild:us-east-1:111122223333:build/infra:x", "arn:aws:ecs:us-east-1:111122223333:task-definition/billing:3"}},
		{"web", func(r *rand.Rand, d int) (out []string) {
			for range 30 {
				out = append(out, fmt.Sprintf("arn:aws:s3:::uploads/users/%d/avatar.png", r.Intn(50000)), "arn:aws:s3:::uploads/home/"+users[r.Intn(len(users))]+"/profile.json")
			}
			return append(out, "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", "arn:aws:dynamodb:us-east-1:111122223333:table/sessions")
		}, []string{"arn:aws:kms:us-east-1:111122223333:key/99999999-12ab-34cd-56ef-1234567890ab", "arn:aws:s3:::uploads/admin/x", "arn:aws:dynamodb:us-east-1:111122223333:table/billing"}},
		{"ops", func(r *rand.Rand, d int) (out []string) {
			y, m, day := dateOf(d)
			for _, fn := range []string{"resize", "mail", "sync"} {
				out = append(out, "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/"+fn+":log-stream:",
					fmt.Sprintf("arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/%s:log-stream:%d/%02d/%02d/[$LATEST]%s", fn, y, m, day, hex(r, 32)),
					"arn:aws:lambda:us-east-1:111122223333:function:"+fn)
			}
			return append(out, fmt.Sprintf("arn:aws:s3:::backups/db-%d%02d%02d.tar.gz", y, m, day), "arn:aws:ec2:us-east-1:111122223333:security-group/sg-0123456789abcdef0")
		}, []string{"arn:aws:lambda:us-east-1:111122223333:function:payroll", "arn:aws:ec2:us-east-1:111122223333:security-group/sg-0aaaaaaaaaaaaaaa0",
			"arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/payroll:log-stream:x"}},
	}
}

// outcome is what a replay measures.
type outcome struct {
	breakage float64 // share of the distinct replayed resources that would be denied
	foreign  int
	chars    int
	denied   []string
	patterns []string
	learnt   int
}

// replay learns the first days of a workload, and replays the rest.
func replay(w *workload, days, learn int, out outlook, seed int64) outcome {
	r := rand.New(rand.NewSource(seed))
	byARN := map[string][]int32{}
	later := map[string]bool{}
	for d := range days {
		for _, arn := range w.day(r, d) {
			if d >= learn {
				later[arn] = true
			} else if l := byARN[arn]; len(l) == 0 || l[len(l)-1] != day0+int32(d) {
				byARN[arn] = append(l, day0+int32(d))
			}
		}
	}
	var seen []sighting
	for _, arn := range sortedKeys(byARN) {
		seen = append(seen, sighting{arn, byARN[arn]})
	}
	g, _ := generalise(seen, out, anywhere)
	o := outcome{patterns: texts(g.patterns), learnt: len(byARN)}
	allows := func(arn string) bool {
		return slices.ContainsFunc(o.patterns, func(p string) bool { return iam.MatchResource(p, arn) })
	}
	for _, arn := range sortedKeys(later) {
		if !allows(arn) {
			o.denied = append(o.denied, arn)
		}
	}
	for _, arn := range w.foreign {
		if allows(arn) {
			o.foreign++
		}
	}
	for _, p := range o.patterns {
		o.chars += len(p) + overhead
	}
	o.breakage = float64(len(o.denied)) / float64(max(1, len(later)))
	return o
}

// TestWorkloads learns 45 days and replays 15.
func TestWorkloads(t *testing.T) {
	for i := range slices.Concat(workloads(), hardWorkloads()) {
		for seed := range int64(5) {
			w := slices.Concat(workloads(), hardWorkloads())[i]
			t.Run(fmt.Sprintf("%s/%d", w.name, seed), func(t *testing.T) {
				o := replay(&w, 60, 45, balanced, seed)
				t.Logf("breakage %.2f %%, %d characters, %d patterns of %d resources", o.breakage*100, o.chars, len(o.patterns), o.learnt)
				if o.breakage > 0.001 || o.foreign > 0 {
					t.Errorf("breakage %.2f %% (%q), %d foreign; %q", o.breakage*100, o.denied[:min(3, len(o.denied))], o.foreign, o.patterns[:min(12, len(o.patterns))])
				}
			})
		}
	}
}

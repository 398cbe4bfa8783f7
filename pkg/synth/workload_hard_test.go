package synth

import (
	"fmt"
	"math/rand"
)

func base36(r *rand.Rand, n int, letters string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[r.Intn(len(letters))]
	}
	return string(b)
}

const (
	lower36 = "abcdefghijklmnopqrstuvwxyz0123456789"
	upper36 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	mixed62 = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)

// hardWorkloads name things in ways that are no plain dates or ids.
func hardWorkloads() []workload {
	var tenants, homes []string
	r0 := rand.New(rand.NewSource(11))
	for range 30 {
		homes = append(homes, slug(r0))
	}
	const b = "arn:aws:s3:::data/"
	return []workload{
		{"slow tenants", func(r *rand.Rand, d int) (out []string) {
			if d%4 == 0 {
				tenants = append(tenants, slug(r))
			}
			for _, t := range tenants {
				out = append(out, b+t+"/state.json")
			}
			return out
		}, []string{"arn:aws:s3:::other/x"}},
		{"files of static homes", func(r *rand.Rand, d int) (out []string) {
			for i := 0; d == 0 && i < len(homes); i++ {
				out = append(out, b+"home/"+homes[i]+"/hello.txt")
			}
			for range 3 {
				out = append(out, b+"home/"+homes[r.Intn(len(homes))]+"/"+slug(r)+".txt")
			}
			return append(out, b+"conf/main.json")
		}, []string{b + "conf/secret.json", b + "other"}},
		{"short ids", func(r *rand.Rand, d int) (out []string) {
			for range 5 {
				out = append(out, b+"s/"+base36(r, 8, lower36), b+"u/"+base36(r, 13, upper36)+"/x", b+"m/"+base36(r, 22, mixed62)+".json", b+"h/"+hex(r, 7), b+"t/"+base36(r, 5, lower36)+"-"+base36(r, 4, lower36))
			}
			return out
		}, []string{b + "other/x"}},
		{"releases", func(r *rand.Rand, d int) (out []string) {
			y, m, day := dateOf(d)
			out = append(out, fmt.Sprintf(b+"rel/v1.%d.%d/app.zip", d/10, d%10), fmt.Sprintf(b+"tags/release-%d.%d", d/7, d%7),
				fmt.Sprintf(b+"logs/run_%d-%02d-%02dT04:00:00Z/out", y, m, day), fmt.Sprintf(b+"br/feature-JIRA-%d-%s/x", 100+d, slug(r)),
				fmt.Sprintf(b+"epoch/%d/x", 1767225600000+int64(d)*86400000+int64(r.Intn(1000))),
				fmt.Sprintf(b+"doy/%d/%03d/x", y, d+1), fmt.Sprintf(b+"w/%d-W%02d.csv", y, d/7+1), fmt.Sprintf(b+"eu/%02d-%02d-%d.csv", day, m, y),
				fmt.Sprintf(b+"mon/%s-%d.csv", dayTime(day0+int32(d)).Format("Jan"), y), fmt.Sprintf(b+"spark/_temporary/0/attempt_%d%02d%02d0400_0001_m_%06d_%d/part-0", y, m, day, r.Intn(10), d))
			return out
		}, []string{b + "other/x"}},
		{"weekly and monthly", func(r *rand.Rand, d int) (out []string) {
			y, m, day := dateOf(d)
			if d%7 == 0 {
				out = append(out, fmt.Sprintf(b+"weekly/%d/%02d/%02d/full.tar", y, m, day), b+"exp/"+uuidOf(r)+"/manifest.json")
			}
			if day == 1 {
				out = append(out, fmt.Sprintf(b+"monthly/%d-%02d/report.pdf", y, m), fmt.Sprintf("arn:aws:dynamodb:us-east-1:111122223333:table/events_%d_%02d", y, m))
			}
			return append(out, b+"static")
		}, []string{b + "other/x"}},
		{"functions and queues", func(r *rand.Rand, d int) (out []string) {
			if d%3 == 0 {
				homes = append(homes, slug(r))
			}
			for _, h := range homes {
				if r.Intn(3) == 0 {
					out = append(out, "arn:aws:lambda:us-east-1:111122223333:function:svc-"+h, "arn:aws:sqs:us-east-1:111122223333:"+"jobs_"+h+".fifo",
						"arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/svc-"+h+":log-stream:")
				}
			}
			return append(out, "arn:aws:sqs:us-east-1:111122223333:mail")
		}, []string{"arn:aws:sqs:us-east-1:111122223333:pay", "arn:aws:lambda:us-east-1:111122223333:function:admin"}},
		{"seldom used names", func(r *rand.Rand, d int) (out []string) {
			for i := range 60 {
				if r.Intn(1+i) == 0 {
					out = append(out, fmt.Sprintf(b+"topics/%s%c/x", homes[i%30], 'a'+i/30))
				}
			}
			return out
		}, []string{b + "other/x"}},
	}
}

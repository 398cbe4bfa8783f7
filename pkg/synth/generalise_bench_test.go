package synth

import (
	"fmt"
	"math/rand"
	"os"
	"testing"
)

// BenchmarkGeneralise generalises the resources of one action, and cuts them to about
// a managed policy.
func BenchmarkGeneralise(b *testing.B) {
	n := 20000
	if os.Getenv("TIGHTEN_BARS") != "" {
		n = 1000000
	}
	for _, bb := range []struct {
		name string
		arn  func(r *rand.Rand, i int) string
	}{
		{"names", func(r *rand.Rand, i int) string {
			return "arn:aws:sqs:us-east-1:111122223333:" + slug(r) + "-" + slug(r) + "-" + slug(r)
		}},
		{"words", func(r *rand.Rand, i int) string {
			return "arn:aws:s3:::lake/" + slug(r)[:3] + "/" + slug(r) + "/" + slug(r) + ".json"
		}},
		{"dates", func(r *rand.Rand, i int) string {
			return fmt.Sprintf("arn:aws:s3:::lake/%s/dt=2026-01-%02d/part-%05d-%s.parquet", slug(r)[:2], 1+i%28, i, uuidOf(r))
		}},
		{"instances", func(r *rand.Rand, i int) string {
			return "arn:aws:ec2:us-east-1:111122223333:instance/i-0" + hex(r, 16)
		}},
	} {
		r := rand.New(rand.NewSource(1))
		seen := make([]sighting, n)
		days := make([]int32, 90)
		for d := range days {
			days[d] = day0 + int32(d)
		}
		for i := range seen {
			seen[i] = sighting{bb.arn(r, i), days[i%90 : i%90+1]}
		}
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				g, _ := generalise(seen, balanced, anywhere)
				size := 0
				for _, p := range g.at(1e-6) {
					size += len(p.text) + overhead
				}
				b.ReportMetric(float64(size), "characters")
			}
		})
		b.Run(bb.name+"/exact", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				g, _ := generalise(seen, outlook{style: Exact}, anywhere)
				size := 0
				for _, p := range g.at(1e-6) {
					size += len(p.text) + overhead
				}
				b.ReportMetric(float64(size), "characters")
			}
		})
	}
}

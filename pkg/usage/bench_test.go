package usage

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/tighten-iam/tighten/internal/args"
)

// workload makes n records of about n/20 distinct calls, as real logs have them.
func workload(n int) []Record {
	r := rand.New(rand.NewPCG(5, 6))
	records := make([]Record, n)
	for i := range records {
		role := r.IntN(40)
		x := Record{
			EventID: fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<16), r.IntN(1<<16), i),
			Time:    noon.Add(time.Duration(r.IntN(100*24)) * time.Hour), EventSource: "s3.amazonaws.com", EventName: fmt.Sprint("Get", role%7),
			EventType: "AwsApiCall", Category: "Management", Region: "eu-west-1", RecipientAccount: "111122223333", Outcome: "allowed", ReadOnly: 2,
			Identity: Identity{
				Type: "AssumedRole", AccountID: "111122223333", PrincipalID: fmt.Sprintf("AROAEXAMPLEROLE%05d:s", role), ARN: "arn:aws:sts::111122223333:assumed-role/r/s",
				IssuerType: "Role", IssuerARN: fmt.Sprintf("arn:aws:iam::111122223333:role/team/role-%d", role), IssuerPrincipalID: fmt.Sprintf("AROAEXAMPLEROLE%05d", role),
			},
			Context: []ContextPair{{"mfa", "false"}},
		}
		x.Args = args.List{{Path: "p.Host", Value: "b.s3.amazonaws.com"}, {Path: "p.bucketName", Value: fmt.Sprint("bucket-", role%10)}, {Path: "p.key", Value: fmt.Sprint("k", r.IntN(n/80_000))}}
		records[i] = x
	}
	return records
}

func fill(records []Record) *Builder {
	b := NewBuilder()
	for i := range records {
		b.Add(&records[i])
	}
	return b
}

// BenchmarkMergeDistinct has a row for each record.
func BenchmarkMergeDistinct(b *testing.B) {
	records := workload(200_000)
	for i := range records {
		records[i].Args[2].Value = fmt.Sprint("k", i)
	}
	bs := []*Builder{fill(records[:100_000]), fill(records[100_000:])}
	b.ReportAllocs()
	for b.Loop() {
		Merge(bs...)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(records)), "ns/record")
}

func BenchmarkBuilderAdd(b *testing.B) {
	records := workload(200_000)
	b.ReportAllocs()
	for b.Loop() {
		fill(records)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(records)), "ns/record")
}

func BenchmarkMerge(b *testing.B) {
	records := workload(200_000)
	bs := []*Builder{fill(records[:100_000]), fill(records[100_000:])}
	b.ReportAllocs()
	for b.Loop() {
		Merge(bs...)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(records)), "ns/record")
}

func BenchmarkWrite(b *testing.B) {
	table := Merge(fill(workload(200_000)))
	root := filepath.Join(b.TempDir(), "d")
	b.ReportAllocs()
	for b.Loop() {
		write(b, root, table)
	}
	b.ReportMetric(float64(len(table.Calls)), "calls")
}

func BenchmarkRead(b *testing.B) {
	root := filepath.Join(b.TempDir(), "d")
	write(b, root, Merge(fill(workload(200_000))))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(root); err != nil {
			b.Fatal(err)
		}
	}
}

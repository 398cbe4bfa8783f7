package ingest

import (
	"testing"

	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// BenchmarkRun measures the way of a record from compressed bytes to the table;
// MB/s are of JSON.
func BenchmarkRun(b *testing.B) {
	var source memory
	size := int64(0)
	for i := range 8 {
		content := object(b, many(2500)[i:]...)
		size += int64(len(content))
		source = append(source, stored{key: delivered(i), content: zip(b, content)})
	}
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		run(b, Options{}, source)
	}
}

func BenchmarkRecord(b *testing.B) {
	e := event(b, record("id", nil))
	var r usage.Record
	b.ReportAllocs()
	for b.Loop() {
		Record(&r, e)
	}
}

func BenchmarkResolve(b *testing.B) {
	table := run(b, Options{}, memory{{key: "a.json", content: object(b, many(20000)...)}})
	resolve(b, table, 0) // loads the facts
	b.ReportAllocs()
	for b.Loop() {
		if err := Resolve(b.Context(), table, actions.Default(), 0); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(table.Calls)), "calls")
}

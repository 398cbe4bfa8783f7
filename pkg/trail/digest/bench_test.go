package digest

import (
	"fmt"
	"testing"
)

// BenchmarkParse reads a digest of 200 log files.
func BenchmarkParse(b *testing.B) {
	var logs []member
	for i := range 200 {
		logs = append(logs, logMember(fmt.Sprintf("111122223333_CloudTrail_us-east-1_20260302T1445Z_%016d", i), "x"))
	}
	f := newSigner(b).digest(nil, end, logs, nil)
	b.SetBytes(int64(len(f.content)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(f.content); err != nil {
			b.Fatal(err)
		}
	}
}

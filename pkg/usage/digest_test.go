package usage

import (
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"testing"
)

func randomDigests(r *rand.Rand, n int) []DigestRow {
	rows := make([]DigestRow, n)
	for i := range rows {
		rows[i] = DigestRow{
			Account: "111122223333", Region: []string{"us-east-1", "eu-west-1"}[r.IntN(2)], Day: 20000 + r.Int32N(3),
			Hours: 1 << r.IntN(24), Digests: 1, Verified: r.Int64N(2), Failed: r.Int64N(2), Listed: r.Int64N(9), Missing: r.Int64N(5) - 2, Different: r.Int64N(2), Equal: r.Int64N(9),
		}
	}
	return rows
}

// TestAggregateDigests joins rows in any order and grouping to the same.
func TestAggregateDigests(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 50 {
		rows := randomDigests(r, 40)
		want := AggregateDigests(append([]DigestRow(nil), rows...))
		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		cut := r.IntN(len(rows))
		got := AggregateDigests(append(AggregateDigests(append([]DigestRow(nil), rows[:cut]...)), AggregateDigests(rows[cut:])...))
		if !reflect.DeepEqual(got, want) || len(got) != 6 {
			t.Fatalf("%+v\nwant %+v", got, want)
		}
	}
	gone := AggregateDigests([]DigestRow{{Account: "a", Day: 1, Missing: 1}, {Account: "a", Day: 1, Missing: -1}, {Account: "a", Day: 2, Hours: 1}})
	if len(gone) != 1 || gone[0].Day != 2 {
		t.Errorf("%+v", gone)
	}
}

func TestDigestTables(t *testing.T) {
	table := Merge()
	table.Digests = AggregateDigests(randomDigests(rand.New(rand.NewPCG(1, 2)), 30))
	table.Listed = []ListedRow{
		{"111122223333", "us-east-1", 20001, 2, "b", "00ff", "different"},
		{"111122223333", "us-east-1", 20000, 1, "a", "", "missing"},
		{"111122223333", "us-east-1", 20000, 1, "a", "", "missing"}, // listed twice
	}
	table.Chains = []ChainRow{
		{Account: "111122223333", Region: "us-east-1", Day: 20001, End: 1 << 40, Object: "b", Status: "verified", NoBefore: 1, NoAfter: 2},
		{Account: "111122223333", Region: "us-east-1", Day: 20001, End: 1 << 39, Object: "a", SHA256: "00", Signed: "01", Algorithm: "SHA256withRSA", Fingerprint: "f",
			Previous: "p", PreviousHash: "02", PreviousSignature: "03", Status: "unsigned", NoBefore: 2, NoAfter: 1},
	}
	root := filepath.Join(t.TempDir(), "ds")
	write(t, root, table)
	got, err := Read(root)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Digests, table.Digests) || !reflect.DeepEqual(got.Listed, table.Listed) || !reflect.DeepEqual(got.Chains, table.Chains) {
		t.Errorf("%+v\n%+v\n%+v", got.Digests, got.Listed, got.Chains)
	}
	if table.Chains[0].Object != "a" || table.Listed[2].Name != "b" {
		t.Errorf("not in order: %+v, %+v", table.Chains, table.Listed)
	}
	if part, err := ReadParts(root, PartCoverage); err != nil || len(part.Digests) != len(table.Digests) || part.Listed != nil {
		t.Errorf("%+v, %v", part, err)
	}
}

package usage

import (
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// lend passes rows on as a reader of a file would: each in the same place.
func lend(rows []Row) iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		var place Row
		for i := range rows {
			if place = rows[i]; !yield(&place, nil) {
				return
			}
		}
		place = Row{}
	}
}

func coarsened(t *testing.T, rows []Row, limit int) ([]Row, Coarsened) {
	t.Helper()
	out, sums := Coarsen(lend(rows), limit)
	var got []Row
	for r, err := range out {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, *r)
	}
	return got, *sums
}

// plainCoarsen is Coarsen by its definition: all maps on all resources, a group at a
// time.
func plainCoarsen(rows []Row, limit int) ([]Row, Coarsened) {
	type group struct {
		principal, id, account, action string
		day                            int32
	}
	groups := map[group][]Row{}
	for _, r := range rows {
		g := group{r.Principal, r.PrincipalID, r.Account, r.Action, r.Day}
		groups[g] = append(groups[g], r)
	}
	var out []Row
	var sums Coarsened
	for _, in := range groups {
		for k := 0; k <= stepAll; k++ {
			made := slices.Clone(in)
			before, after := map[string]bool{}, map[string]bool{}
			var taken int64
			for i := range made {
				r := &made[i]
				if r.Kind != "arn" && r.Kind != "pattern" {
					continue
				}
				taken++
				before[r.Resource] = true
				if r.Resource = coarseAt(r.Resource, k); k > 0 && strings.Contains(r.Resource, "*") {
					r.Kind = "pattern"
				}
				after[r.Resource] = true
			}
			if len(after) > limit {
				continue
			}
			if k > 0 {
				sums.Groups++
				sums.Rows += taken
				sums.Resources += int64(len(before))
				sums.Patterns += int64(len(after))
			}
			out = append(out, made...)
			break
		}
	}
	return AggregateUsage(out), sums
}

// randomUsage makes rows of some principals, days and actions.
func randomUsage(r *rand.Rand, n int) []Row {
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = Row{
			Day: int32(r.IntN(2)), Principal: fmt.Sprint("p", r.IntN(2)), PrincipalID: fmt.Sprint("id", r.IntN(2)), Account: "111122223333",
			Action: fmt.Sprint("s3:A", r.IntN(2)), Resource: randomResource(r), Kind: "arn",
			Region: fmt.Sprint("r", r.IntN(2)), Outcome: fmt.Sprint("o", r.IntN(2)), Via: fmt.Sprint("v", r.IntN(2)),
			Count: int64(r.IntN(3)), First: int64(1 + r.IntN(100)), Last: int64(100 + r.IntN(100)),
		}
		if strings.ContainsAny(rows[i].Resource, "*?") {
			rows[i].Kind = "pattern"
		}
		switch r.IntN(12) {
		case 0:
			rows[i].Kind, rows[i].Resource = "star", "*"
		case 1:
			rows[i].Kind, rows[i].Resource = "none", ""
		case 2:
			rows[i].Resource = "arn:aws:s3:::lake/raw/x" // several rows of one
		}
	}
	return rows
}

// TestCoarsenAsDefined compares with the plain definition, and so shows that it
// does not matter where in a group the limit is passed.
func TestCoarsenAsDefined(t *testing.T) {
	groups := int64(0)
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 4))
		rows := AggregateUsage(randomUsage(r, 1+r.IntN(400)))
		limit := 1 + r.IntN(40)
		want, wantSums := plainCoarsen(rows, limit)
		got, sums := coarsened(t, rows, limit)
		if !reflect.DeepEqual(got, want) || sums != wantSums {
			t.Fatalf("seed %d, limit %d: %d rows, want %d; %+v, want %+v", seed, limit, len(got), len(want), sums, wantSums)
		}
		inPlace, sums := CoarsenUsage(slices.Clone(rows), limit)
		if !reflect.DeepEqual(inPlace, want) || sums != wantSums {
			t.Fatalf("seed %d, limit %d, in memory: %d rows, want %d; %+v, want %+v", seed, limit, len(inPlace), len(want), sums, wantSums)
		}
		groups += sums.Groups
	}
	if groups < 500 {
		t.Errorf("%d groups were coarsened: the test has too little to find", groups)
	}
}

// TestCoarsenAnySplit: rows counted in parts, some of them twice over, and joined in
// any order are as those counted at once; and what was coarsened stays as it is.
func TestCoarsenAnySplit(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 6))
		rows := randomUsage(r, 300)
		rows = append(rows, rows[:100]...)
		limit := 1 + r.IntN(40)
		want, sums := CoarsenUsage(slices.Clone(rows), limit)
		if again, none := CoarsenUsage(slices.Clone(want), limit); !reflect.DeepEqual(again, want) || none != (Coarsened{}) {
			t.Fatalf("seed %d: coarsened twice is not coarsened once", seed)
		}
		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		var joined []Row
		for part := range slices.Chunk(rows, 1+r.IntN(150)) {
			joined = JoinUsage(joined, AggregateUsage(slices.Clone(part)))
		}
		if got, gotSums := coarsened(t, joined, limit); !reflect.DeepEqual(got, want) || gotSums != sums {
			t.Fatalf("seed %d: parts make a difference", seed)
		}
	}
}

// TestCoarsenManyRows passes the number of rows at which a group is compacted.
func TestCoarsenManyRows(t *testing.T) {
	var rows []Row
	for i := range 30_000 {
		for v := range 3 {
			rows = append(rows, Row{Principal: "p", Action: "s3:GetObject", Kind: "arn", Via: fmt.Sprint(v), Count: 1, First: 1, Last: int64(i + 1),
				Resource: fmt.Sprintf("arn:aws:s3:::lake/team-%c/%d/%08x.json", 'a'+i%7, i%50, i*2654435761)})
		}
	}
	rows = AggregateUsage(rows)
	want, wantSums := plainCoarsen(rows, 100)
	got, sums := coarsened(t, rows, 100)
	if !reflect.DeepEqual(got, want) || sums != wantSums {
		t.Errorf("%d rows, want %d; %+v, want %+v", len(got), len(want), sums, wantSums)
	}
	if len(got) != 3*7 || got[0].Resource != "arn:aws:s3:::lake/team-a/*/*.json" || got[0].Kind != "pattern" || got[0].Last < 29_990 {
		t.Errorf("%d rows: %+v", len(got), got[0])
	}
	if sums != (Coarsened{Groups: 1, Rows: 90_000, Resources: 30_000, Patterns: 7}) {
		t.Errorf("%+v", sums)
	}
}

// TestCoarsenKeepsEvidence checks that nothing is lost: counts add up, and each
// row that came in lies within one that came out.
func TestCoarsenKeepsEvidence(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 5))
		rows := AggregateUsage(slices.DeleteFunc(randomUsage(r, 200), func(r Row) bool { return strings.Contains(r.Resource, "\xff") }))
		got, _ := coarsened(t, rows, 10)
		var before, after int64
		for i := range rows {
			before += rows[i].Count
			if !slices.ContainsFunc(got, func(o Row) bool { return within(&rows[i], &o) }) {
				t.Fatalf("seed %d: %+v is lost", seed, rows[i])
			}
		}
		for i := range got {
			after += got[i].Count
			if i > 0 && compareUsage(&got[i-1], &got[i]) >= 0 {
				t.Fatalf("seed %d: rows %d and %d are not in order", seed, i-1, i)
			}
		}
		if before != after {
			t.Errorf("seed %d: %d records, of %d", seed, after, before)
		}
	}
}

func within(r, o *Row) bool {
	return compareGroups(r, o) == 0 && compareOrigin(r, o) == 0 && o.First <= r.First && r.Last <= o.Last &&
		(r.Resource == o.Resource && r.Kind == o.Kind || o.Kind == "pattern" && r.hasResource() && iam.MatchResource(o.Resource, r.Resource))
}

func TestCoarsenLimits(t *testing.T) {
	var rows []Row
	for i := range 20 {
		rows = append(rows, Row{Principal: "p", Action: "a", Kind: "arn", Resource: fmt.Sprintf("arn:aws:s3:::lake/k%c", 'a'+i)})
	}
	rows = append(rows, Row{Principal: "p", Action: "a", Kind: "none"}, Row{Principal: "p", Action: "a", Kind: "star", Resource: "*"})
	rows = AggregateUsage(rows)
	for limit, want := range map[int]int{-1: 22, 0: 22, 20: 22, 21: 22, 19: 3, 1: 3} {
		if got, sums := coarsened(t, rows, limit); len(got) != want || (want == 22) != (sums == Coarsened{}) {
			t.Errorf("limit %d: %d rows, want %d; %+v", limit, len(got), want, sums)
		}
	}
}

func TestCoarsenStops(t *testing.T) {
	rows := []Row{{Principal: "a", Kind: "arn", Resource: "x"}, {Principal: "b", Kind: "arn", Resource: "y"}, {Principal: "c", Kind: "arn", Resource: "z"}}
	out, _ := Coarsen(lend(rows), 1)
	n := 0
	for range out {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d rows", n)
	}
	bad := errors.New("cannot be read")
	out, _ = Coarsen(func(yield func(*Row, error) bool) {
		_ = yield(&rows[0], nil) && yield(nil, bad) && yield(&rows[1], nil)
	}, 1)
	var last error
	for r, err := range out {
		if last != nil || (r == nil) != (err != nil) {
			t.Errorf("%v, %v after the error", r, err)
		}
		last = err
	}
	if !errors.Is(last, bad) {
		t.Errorf("error %v", last)
	}
	for _, wrong := range [][]Row{{rows[1], rows[0]}, {{Kind: "arn", Resource: "z"}, {Kind: "arn", Resource: "y"}}} {
		out, _ = Coarsen(lend(wrong), 5)
		last = nil
		for _, err := range out {
			last = err
		}
		if !errors.Is(last, errOrder) {
			t.Errorf("rows out of order: error %v", last)
		}
	}
}

// manyRows makes n rows in order, of groups with size resources each.
func manyRows(n, size int) []Row {
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = Row{
			Day: 20000, Principal: fmt.Sprintf("arn:aws:iam::111122223333:role/r%05d", i/size), PrincipalID: "AROAEXAMPLEROLE00001",
			Account: "111122223333", RecipientAccount: "111122223333", Region: "us-east-1", EventSource: "s3.amazonaws.com",
			Action: "s3:GetObject", Kind: "arn", Level: "Read", Basis: "logged", Outcome: "allowed", Category: "Data", Count: 1, First: 1, Last: 2,
			Resource: fmt.Sprintf("arn:aws:s3:::lake/raw/customer-%c%c/2026/10/31/%08x-%012x.parquet", 'a'+i%26, 'a'+i/26%26, i*2654435761, i),
		}
	}
	return AggregateUsage(rows)
}

// BenchmarkCoarsen passes a million rows on: in small groups, in one that ids alone
// make too large, and in one that is coarsened almost to the end.
func BenchmarkCoarsen(b *testing.B) {
	const rows = 1_000_000
	for _, bb := range []struct {
		name        string
		size, limit int
	}{{"small", 50, 100_000}, {"ids", rows, 100_000}, {"deep", rows, 100}} {
		b.Run(bb.name, func(b *testing.B) {
			in := manyRows(rows, bb.size)
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				out, _ := Coarsen(lend(in), bb.limit)
				for range out {
				}
			}
			b.ReportMetric(float64(b.N)*rows/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// TestCoarsenByLane: what one lane has too much of does not coarsen another's.
func TestCoarsenByLane(t *testing.T) {
	var rows []Row
	for i := range 50 {
		rows = append(rows, Row{Principal: "p", Action: "s3:GetObject", Resource: fmt.Sprintf("arn:aws:s3:::b/%02d", i), Kind: "arn", Lane: QuarantineLane("x"), Count: 1})
	}
	rows = append(rows, Row{Principal: "p", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/mine", Kind: "arn", Count: 1})
	got, sums := coarsened(t, AggregateUsage(rows), 10)
	if sums.Groups != 1 || sums.Resources != 50 || got[0].Lane != "" || got[0].Resource != "arn:aws:s3:::b/mine" || got[0].Kind != "arn" {
		t.Errorf("%+v: %+v", sums, got[0])
	}
}

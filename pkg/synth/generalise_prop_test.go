package synth

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// randomSightings are resources of several types, which name things in many ways.
func randomSightings(r *rand.Rand, n int) []sighting {
	words := []string{"acme", "globex", "initech", "a", "raw", "tmp", "zürich", "x-y_z", "team-a-in", "team-b-in", "team-c-out", ".hidden", "tenant=acme", "report.json"}
	part := func(d int) string {
		y, m, day := dateOf(d)
		switch r.Intn(9) {
		case 0:
			return fmt.Sprintf("%d", y)
		case 1:
			return fmt.Sprintf("dt=%d-%02d-%02d", y, m, day)
		case 2:
			return uuidOf(r)
		case 3:
			return fmt.Sprintf("part-%05d", r.Intn(20))
		case 4:
			return slug(r)
		case 5:
			return fmt.Sprint(r.Intn(40))
		}
		return words[r.Intn(len(words))]
	}
	heads := []string{"arn:aws:s3:::lake/", "arn:aws:s3:::" + slug(r) + "-", "arn:aws:sqs:us-east-1:111122223333:", "arn:aws:dynamodb:eu-west-1:111122223333:table/",
		"arn:aws:logs:us-east-1:111122223333:log-group:/aws/", "arn:aws:ecs:us-east-1:111122223333:task-definition/app:", "arn:aws:kms:us-east-1:111122223333:key/"}
	head := heads[r.Intn(len(heads))]
	byARN := map[string][]int32{}
	for range n {
		d := r.Intn(60)
		arn := head + part(d)
		for range r.Intn(4) {
			arn += []string{"/", "/", "/", ":", "-"}[r.Intn(5)] + part(d)
		}
		byARN[arn] = append(byARN[arn], day0+int32(d))
	}
	var out []sighting
	for _, arn := range sortedKeys(byARN) {
		slices.Sort(byARN[arn])
		out = append(out, sighting{arn, slices.Compact(byARN[arn])})
	}
	return out
}

func styled(s Style) outlook {
	return outlook{style: s, horizon: DefaultHorizon, to: day0 + 60}
}

// uncovered lists the resources that no pattern covers under every colon reading.
func uncovered(patterns []string, arns []string) []string {
	return slices.DeleteFunc(slices.Clone(arns), func(arn string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return iam.MatchResource(p, arn) })
	})
}

func arnsOf(seen []sighting) []string {
	var out []string
	for _, s := range seen {
		out = append(out, s.arn)
	}
	return out
}

// TestGeneraliseProperties: whatever was seen, in whatever order, at any style and
// price: all of it stays covered, within the statement, by the same patterns.
func TestGeneraliseProperties(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 15
	}
	for seed := range int64(rounds) {
		r := rand.New(rand.NewSource(seed))
		seen := randomSightings(r, 1+r.Intn(70))
		attached := []string{"*"}
		if r.Intn(2) == 0 { // what the first few resources have in common, and the rest as they are
			p := seen[r.Intn(len(seen))].arn
			attached = append(arnsOf(seen), p[:strings.LastIndexByte(p, ':')+1+r.Intn(len(p)-strings.LastIndexByte(p, ':'))]+"*")
			if !strings.HasPrefix(attached[len(attached)-1], headOf(p)) {
				attached = attached[:len(attached)-1]
			}
		}
		within := func(p string) bool {
			return slices.ContainsFunc(attached, func(a string) bool { return iam.MatchResource(a, p) })
		}
		for _, style := range []Style{Exact, Balanced, Roomy} {
			g, ok := generalise(seen, styled(style), within)
			if !ok {
				continue // the attached resources stay
			}
			size := 1 << 30
			for _, price := range []float64{0, 1e-15, 1e-9, 1e-5, 1e-2, 1, 1e9} {
				got := texts(g.at(price))
				if bad := uncovered(got, arnsOf(seen)); len(bad) > 0 {
					t.Fatalf("seed %d, %s, price %g: not covered: %q by %q", seed, style, price, bad, got)
				}
				if i := slices.IndexFunc(got, func(p string) bool { return !within(p) }); i >= 0 {
					t.Fatalf("seed %d, %s, price %g: %q leaves %q", seed, style, price, got[i], attached)
				}
				now := len(strings.Join(got, `",`))
				if price > 0 && now > size {
					t.Errorf("seed %d, %s, price %g: %d characters, %d at a lower price", seed, style, price, now, size)
				}
				size = now
			}
			if got := texts(g.at(0)); !slices.Equal(got, texts(g.patterns)) {
				t.Fatalf("seed %d, %s: cutting changed what was found", seed, style)
			}
			shuffled := slices.Clone(seen)
			r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			again, _ := generalise(shuffled, styled(style), within)
			if fmt.Sprint(reasons(again.at(1e-9))) != fmt.Sprint(reasons(g.at(1e-9))) || !slices.Equal(texts(again.patterns), texts(g.patterns)) {
				t.Fatalf("seed %d, %s: the order changes\n%v\n%v", seed, style, reasons(again.at(1e-9)), reasons(g.at(1e-9)))
			}
		}
	}
}

// TestGeneraliseTwice: patterns, taken for what was seen, stay as they are.
func TestGeneraliseTwice(t *testing.T) {
	for seed := range int64(60) {
		r := rand.New(rand.NewSource(seed))
		g, _ := generalise(randomSightings(r, 1+r.Intn(80)), styled(Exact), anywhere)
		var seen []sighting
		for _, p := range texts(g.patterns) {
			seen = append(seen, sighting{p, []int32{day0, day0 + 30}})
		}
		again, _ := generalise(seen, styled(Exact), anywhere)
		if bad := uncovered(texts(again.patterns), texts(g.patterns)); len(bad) > 0 {
			t.Fatalf("seed %d: %q not within %q", seed, bad, texts(again.patterns))
		}
	}
}

// TestStylesWiden: on the workloads, a roomier style covers what a closer one does, and
// a longer horizon what a shorter one does.
func TestStylesWiden(t *testing.T) {
	for i := range slices.Concat(workloads(), hardWorkloads()) {
		covered := func(out outlook) outcome {
			w := slices.Concat(workloads(), hardWorkloads())[i]
			return replay(&w, 60, 45, out, 3)
		}
		var last outcome
		for k, out := range []outlook{{style: Exact, horizon: 30}, {style: Balanced, horizon: 1}, {style: Balanced, horizon: 30}, {style: Roomy, horizon: 30}, {style: Roomy, horizon: 300}} {
			o := covered(out)
			if bad := uncovered(o.patterns, last.patterns); k > 0 && len(bad) > 0 {
				t.Errorf("workload %d, %s, %d days: %q is not covered any more by %q", i, out.style, out.horizon, bad[:min(3, len(bad))], o.patterns[:min(9, len(o.patterns))])
			}
			last = o
		}
	}
}

package synth

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tighten-iam/tighten/pkg/iam"
)

func anywhere(string) bool { return true }

func sightings(n int, arn func(i int) string) []sighting {
	var out []sighting
	for i := range n {
		out = append(out, sighting{arn(i), []int32{int32(i)}})
	}
	return out
}

func TestGeneralise(t *testing.T) {
	every := func(n int) []int32 {
		var d []int32
		for i := range n {
			d = append(d, int32(i))
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
		{"a bare name stays", []sighting{{"arn:aws:s3:::lake", every(3)}}, []string{"arn:aws:s3:::lake"}},
		{"lambda function names stay apart", []sighting{
			{"arn:aws:lambda:us-east-1:111122223333:function:resize", every(5)},
			{"arn:aws:lambda:us-east-1:111122223333:function:resize:live", every(5)}},
			[]string{"arn:aws:lambda:us-east-1:111122223333:function:resize", "arn:aws:lambda:us-east-1:111122223333:function:resize:live"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := generalise(tt.seen, styles[0], anywhere)
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestGeneraliseCoversWhatWasSeen(t *testing.T) {
	seen := sightings(500, func(i int) string {
		return fmt.Sprintf("arn:aws:s3:::tenants/%s/in/%08x/file-%d.json", []string{"acme", "globex", "initech"}[i%3], i*2654435761, i)
	})
	for k, st := range styles[:3] {
		patterns := generalise(seen, st, anywhere)
		for _, s := range seen {
			if !slices.ContainsFunc(patterns, func(p string) bool { return iam.MatchResource(p, s.arn) }) {
				t.Fatalf("style %d: %s is not covered by %q", k, s.arn, patterns)
			}
		}
		if len(patterns) > st.perType {
			t.Errorf("style %d: %d patterns, want at most %d", k, len(patterns), st.perType)
		}
	}
}

func TestGeneraliseStaysWithinTheStatement(t *testing.T) {
	within := func(p string) bool { return iam.MatchResource("arn:aws:s3:::lake/raw/2026/*", p) }
	seen := sightings(20, func(i int) string { return fmt.Sprintf("arn:aws:s3:::lake/raw/2026/%02d/x", 1+i%12) })
	for _, p := range generalise(seen, styles[0], within) {
		if !within(p) {
			t.Errorf("%s leaves the statement", p)
		}
	}
}

func TestIDLike(t *testing.T) {
	for w, want := range map[string]bool{"17": true, "2026": true, "7": false, "deadbeef": false, "dead0eef": true,
		"orders": false, "v2": false, "s3": false, "0abc123def4567890": true, "20260131T0400Z": true, "a1b2c3d4e5f6g7": true} {
		if got := idLike(w); got != want {
			t.Errorf("idLike(%q) = %v, want %v", w, got, want)
		}
	}
}

func TestDateToken(t *testing.T) {
	for w, want := range map[string]bool{"2026": true, "01": true, "2026-01-31": true, "20260131": true, "dt=2026-01-31": true,
		"month=1": true, "99": false, "orders": false, "20261331": false, "id=17": false, "2026-01-31T04": true, "1999123": false} {
		if got := dateToken(w); got != want {
			t.Errorf("dateToken(%q) = %v, want %v", w, got, want)
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

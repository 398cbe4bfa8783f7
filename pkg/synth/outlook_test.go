package synth

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// TestExpectedNames: the arrivals of the last two thirds of the days tell the rate.
func TestExpectedNames(t *testing.T) {
	const days = 45
	at := func(from, to, step int) (out []int32) {
		for d := from; d < to; d += step {
			out = append(out, day0+int32(d))
		}
		return out
	}
	burst := func(n int) []int32 { return slices.Repeat([]int32{day0}, n) }
	for _, tt := range []struct {
		name     string
		firsts   []int32
		least    float64
		most     float64
		horizon  int
		balanced bool
	}{
		{"nothing new", burst(40), 0, 0, 30, false},
		{"one a day", slices.Concat(burst(10), at(1, days, 1)), 25, 31, 30, true},
		{"one a day, tomorrow", slices.Concat(burst(10), at(1, days, 1)), 0.9, 1, 1, false},
		{"found in the first days", slices.Concat(burst(10), at(1, 12, 1)), 0, 0, 30, false},
		{"one late name", slices.Concat(burst(10), at(40, 41, 1)), 0.5, 0.99, 30, false},
		{"two late names", slices.Concat(burst(10), at(20, 41, 20)), 1, 2, 30, true},
		{"fewer and fewer", slices.Concat(burst(30), at(1, 15, 1), at(15, 29, 1), at(36, 42, 5)), 0.1, 0.9, 30, false},
		{"fewer, maybe by chance", slices.Concat(burst(30), at(1, 15, 1), at(16, 24, 2), at(40, 41, 1)), 4, 5, 30, true},
		{"one a week", slices.Concat(burst(1), at(7, days, 7)), 2, 5, 30, true},
		{"seen for two days only", []int32{day0 + 43, day0 + 44, day0 + 44}, 0, 0, 30, false},
	} {
		o := outlook{to: day0 + days - 1, horizon: tt.horizon, style: Balanced}
		a := o.arrive(tt.firsts)
		if a.expected < tt.least || a.expected > tt.most || o.opens(a.expected) != tt.balanced {
			t.Errorf("%s: %+v, want from %g to %g; opens: %v", tt.name, a, tt.least, tt.most, o.opens(a.expected))
		}
	}
}

// growing is a world in which a role writes below a prefix for each tenant; from the
// first day there are ten, and one more comes every so many days.
func growing(t *testing.T, every int) *world {
	w := newWorld(t)
	w.files = []string{selectorsAll}
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:DeleteObject"],"Resource":"*"}]}`
	r := rand.New(rand.NewSource(2))
	for i := range 10 + 100/every {
		name := slug(r)
		for d := max(0, (i-9)*every); d < 100; d += 3 {
			w.saw("s3:GetObject", "arn:aws:s3:::saas/"+name+"/state.json", "arn", int32(d))
		}
	}
	return w
}

// TestHorizonAndStyleSteer: whether tenants open is a matter of how far ahead one looks,
// and how much one wants to give.
func TestHorizonAndStyleSteer(t *testing.T) {
	for _, tt := range []struct {
		every int
		o     Options
		want  bool
	}{
		{1, Options{}, true},
		{1, Options{Style: Exact}, false},
		{1, Options{Style: Roomy}, true},
		{1, Options{Horizon: 1}, false},
		{20, Options{}, true},
		{20, Options{Horizon: 7}, false},
		{20, Options{Horizon: 7, Style: Roomy}, true},
		{200, Options{}, false},
	} {
		w := growing(t, tt.every)
		p := w.only(tt.o)
		e := fateOf(t, p, "s3:GetObject")
		if got := slices.Equal(e.Resources, []string{"arn:aws:s3:::saas/*/state.json"}); got != tt.want || !p.Proof.OK() {
			t.Errorf("a tenant every %d days, %s, %d days: %q", tt.every, tt.o.Style, tt.o.Horizon, e.Resources[:min(5, len(e.Resources))])
		}
	}
}

// TestPatternsExplainThemselves: in the ledger and in the notes.
func TestPatternsExplainThemselves(t *testing.T) {
	p := growing(t, 2).only(Options{})
	e := fateOf(t, p, "s3:GetObject")
	if len(e.Patterns) != 1 {
		t.Fatalf("patterns %+v", e.Patterns)
	}
	got := e.Patterns[0]
	if got.Pattern != "arn:aws:s3:::saas/*/state.json" || got.Why != "names: 59 seen, new ones on 49 of 100 days, 14 expected" || got.Seen != 59 || len(got.Examples) != 3 {
		t.Errorf("%+v", got)
	}
	want := got.Pattern + " reaches further than what was seen: " + got.Why
	if !slices.Contains(p.Notes, want) {
		t.Errorf("notes %q, want %q", p.Notes, want)
	}
	p = growing(t, 2).only(Options{Style: Exact})
	if e := fateOf(t, p, "s3:GetObject"); len(e.Patterns) != 0 {
		t.Errorf("exact: %+v", e.Patterns)
	}
	if !slices.ContainsFunc(p.Notes, func(n string) bool {
		return strings.HasPrefix(n, "new names that would be denied are to be expected at arn:aws:s3:::saas/* (names: 59 seen, new ones on 49 of 100 days")
	}) {
		t.Errorf("exact: no risk in %q", p.Notes)
	}
}

// TestNamesWithoutCommonBeginning stay, and the risk is told.
func TestNamesWithoutCommonBeginning(t *testing.T) {
	w := newWorld(t)
	w.inline["app"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:CreateQueue","sqs:DeleteQueue"],"Resource":"*"}]}`
	for d := range int32(25) {
		for k := d * 4; k < 100; k += 5 {
			w.saw("sqs:CreateQueue", fmt.Sprintf("arn:aws:sqs:us-east-1:111122223333:%cqueue", 'a'+d), "arn", k)
		}
	}
	p := w.only(Options{})
	if e := fateOf(t, p, "sqs:CreateQueue"); len(e.Resources) != 25 || len(e.Patterns) != 0 {
		t.Errorf("%q", e.Resources)
	}
	if !slices.ContainsFunc(p.Notes, func(n string) bool {
		return strings.HasPrefix(n, "new names that would be denied are to be expected at arn:aws:sqs:us-east-1:111122223333:*")
	}) {
		t.Errorf("no risk in %q", p.Notes)
	}
}

// TestManyNamesFit: 3,000 names, with and without common beginnings, in one managed
// policy; all of them are allowed still, by patterns as long as fit.
func TestManyNamesFit(t *testing.T) {
	for name, of := range map[string]func(r *rand.Rand, i int) string{
		"services": func(r *rand.Rand, i int) string {
			return []string{"orders", "billing", "search", "mail"}[i%4] + "-" + slug(r) + "-" + []string{"prod", "dev"}[i%2]
		},
		"words": func(r *rand.Rand, i int) string { return slug(r) + slug(r) },
		"prefixes": func(r *rand.Rand, i int) string {
			return fmt.Sprintf("acme-data-%s/%s/%s.json", []string{"raw", "cur"}[i%2], slug(r)[:2], slug(r))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.files = []string{selectorsAll}
			w.attached = []string{"arn:aws:iam::111122223333:policy/wide"}
			w.managed[w.attached[0]] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","sqs:CreateQueue","sqs:DeleteQueue"],"Resource":"*"}]}`
			for i := range 9 { // no other policy can be attached
				arn := fmt.Sprintf("arn:aws:iam::111122223333:policy/p%d", i)
				w.attached = append(w.attached, arn)
				w.managed[arn] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","ec2:DescribeInstances"],"Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}}}]}`
			}
			w.saw("ec2:DescribeInstances", "*", "star", 1) // so that each of them is needed
			r := rand.New(rand.NewSource(5))
			for i := range 3000 {
				if arn := of(r, i); strings.Contains(arn, "/") {
					w.saw("s3:GetObject", "arn:aws:s3:::"+arn, "arn", 1, 50)
				} else {
					w.saw("sqs:CreateQueue", "arn:aws:sqs:us-east-1:111122223333:"+arn, "arn", 1, 50)
				}
			}
			for _, p := range w.propose(Options{}).Proposals {
				if p.Name != "wide" {
					continue
				}
				if p.Change != Narrow || len(p.New) != 1 || !p.Proof.OK() || p.Proof.Covers.Allowed < 2900 {
					t.Fatalf("%s: %s; proof %+v", p.Change, p.Reason, p.Proof)
				}
				size := p.New[0].Size()
				t.Logf("%d characters: %.300q", size, p.New[0].Statements[0].Resource)
				if size > quotaOf(iam.ManagedPolicy) || size < 600 && name == "words" {
					t.Errorf("%d characters", size)
				}
				for _, pattern := range p.New[0].Statements[0].Resource {
					if pattern == "arn:aws:s3:::*" || pattern == "arn:aws:sqs:us-east-1:111122223333:*" {
						t.Errorf("%s", pattern)
					}
				}
			}
		})
	}
}

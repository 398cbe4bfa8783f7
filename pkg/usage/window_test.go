package usage

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func day(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }

// TestWindows compares joined windows with the ones that they were made of, hour by
// hour, and reads them back from the ledger's line.
func TestWindows(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	for range 300 {
		var list Windows
		var line string
		for range 1 + r.IntN(4) {
			f := &Filter{Accounts: []string{"111122223333"}}
			since, until := 1+r.IntN(12), 1+r.IntN(12)
			if until <= since {
				since, until = until, since+1
			}
			if r.IntN(6) > 0 {
				f.Since = stamp(day(since))
			}
			if r.IntN(6) > 0 {
				f.Until = stamp(day(until))
			}
			line = f.Line(WindowsOf(line))
			list = append(list, f.window())
		}
		got := WindowsOf(line)
		if got.Has(time.Time{}) != true {
			t.Error("a record without a time was not taken")
		}
		for h := range 24 * 15 {
			at := day(0).Add(time.Duration(h) * time.Hour)
			if got.Has(at) != list.Has(at) {
				t.Fatalf("%q: Has(%s) = %v", line, at, got.Has(at))
			}
		}
		for i := range got {
			if i > 0 && !got[i-1].Until.Before(got[i].Since) {
				t.Errorf("%q is not joined", line)
			}
		}
		for _, w := range list {
			if !got.covers(w) {
				t.Errorf("%q does not cover %v", line, w)
			}
		}
	}
	if w := WindowsOf("nonsense"); w.Has(day(1)) || w.covers(Window{}) {
		t.Error("nonsense took something")
	}
}

func TestLeavesOut(t *testing.T) {
	at := func(d, h int) string { return stamp(day(d).Add(time.Duration(h) * time.Hour)) }
	number := func(n int) int32 { return int32(day(n).Unix() / 86400) }
	for _, tt := range []struct {
		name string
		f    *Filter
		left []int // of the days 1 to 9
	}{
		{"none", nil, nil},
		{"accounts", &Filter{Accounts: []string{"1"}}, nil},
		{"from midnight", &Filter{Since: at(3, 0)}, []int{1, 2}},
		{"from noon", &Filter{Since: at(3, 12)}, []int{1, 2, 3}},
		{"to midnight", &Filter{Until: at(8, 0)}, []int{8, 9}},
		{"to noon", &Filter{Since: at(2, 0), Until: at(8, 12)}, []int{1, 8, 9}},
		{"a gap", &Filter{Gaps: []string{at(3, 12) + "/" + at(5, 0)}}, []int{3, 4}},
		{"two gaps", &Filter{Until: at(9, 0), Gaps: []string{at(2, 0) + "/" + at(3, 0), at(5, 0) + "/" + at(5, 1)}}, []int{2, 5, 9}},
	} {
		var left []int
		for d := 1; d < 10; d++ {
			if tt.f.LeavesOut(number(d)) {
				left = append(left, d)
			}
		}
		if !slices.Equal(left, tt.left) {
			t.Errorf("%s: leaves out %v, want %v", tt.name, left, tt.left)
		}
	}
}

package usage

import (
	"math/rand/v2"
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

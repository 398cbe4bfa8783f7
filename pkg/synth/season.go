package synth

import (
	"fmt"
	"math"
)

// What makes bursts. A role that works daily and rests over the holidays has long
// bursts; one that works every week or fortnight has short silences.
const (
	seasonSilence = 20    // observed days without a call between two bursts, at least
	seasonBurst   = 14    // days from the first to the last of a burst, at most
	seasonFew     = 5     // bursts at most: more of them show what the job needs as well as daily calls do
	seasonMonth   = 30.44 // mean days of a month: seasons are whole months apart …
	seasonSlack   = 4     // … give or take these days
)

// burst is a run of active days.
type burst struct {
	first, last int32
	days        int // active
}

// season says why a principal counts as seasonal, or "": its calls come in bursts
// between long silences, whole months apart. What the window cannot show twice is not
// judged: of two bursts, each must have several days; else it takes three.
func season(s *subject) string {
	list := bursts(s.active())
	if len(list) < 2 || len(list) > seasonFew || !s.silentBetween(list) {
		return ""
	}
	longest, several := int32(0), true
	for _, b := range list {
		longest = max(longest, b.last-b.first+1)
		several = several && b.days > 1
	}
	if longest > seasonBurst || len(list) == 2 && !several {
		return ""
	}
	months, ok := spacing(list)
	if !ok {
		return ""
	}
	return fmt.Sprintf("used in %d bursts of at most %s, %s apart, and silent between them", len(list), plural(int(longest), "day"), months)
}

// bursts splits sorted days where the silence between two of them is long.
func bursts(days []int32) []burst {
	var out []burst
	for _, d := range days {
		n := len(out)
		if n == 0 || d-out[n-1].last-1 < seasonSilence {
			if n == 0 {
				out = append(out, burst{d, d, 1})
				continue
			}
			out[n-1].last = d
			out[n-1].days++
			continue
		}
		out = append(out, burst{d, d, 1})
	}
	return out
}

// silentBetween reports whether the silences were observed: days that the logs lack
// are none.
func (s *subject) silentBetween(list []burst) bool {
	for i := range list[1:] {
		if s.cov.window(list[i].last+1, list[i+1].first-1).Days < seasonSilence {
			return false
		}
	}
	return true
}

// spacing tells how far bursts are from each other, where that is whole months: from
// beginning to beginning, or from end to end, as the window may cut either.
func spacing(list []burst) (string, bool) {
	least, most := math.MaxInt, 0
	for i := range list[1:] {
		a, b := list[i], list[i+1]
		m, ok := wholeMonths(b.first - a.first)
		if !ok {
			if m, ok = wholeMonths(b.last - a.last); !ok {
				return "", false
			}
		}
		least, most = min(least, m), max(most, m)
	}
	if least != most {
		return fmt.Sprintf("%d to %d months", least, most), true
	}
	return plural(least, "month"), true
}

func wholeMonths(days int32) (int, bool) {
	m := math.Round(float64(days) / seasonMonth)
	return int(m), m >= 1 && math.Abs(float64(days)-m*seasonMonth) <= seasonSlack
}

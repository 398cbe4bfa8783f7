package synth

import (
	"fmt"
	"math"
	"strings"
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
// judged: of two bursts, each must have several days, and both begin and end whole months
// apart; else it takes three. Bursts of one job do the same, mostly.
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
	if longest > seasonBurst || len(list) == 2 && !several || !s.sameWork(list) {
		return ""
	}
	months, ok := s.spacing(list)
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

// sameWork reports whether half of the actions of the burst with the fewest are in all
// bursts: what happened to be done on days a month apart has little in common.
func (s *subject) sameWork(list []burst) bool {
	in := map[string]uint{} // by action: bursts, as bits
	for _, c := range s.seen {
		for i := range c.obs {
			if o := &c.obs[i]; !o.documented() {
				in[strings.ToLower(o.action)] |= burstsOf(o.dayList, list)
			}
		}
	}
	common, fewest := 0, math.MaxInt
	for k := range list {
		n := 0
		for _, bits := range in {
			n += int(bits >> k & 1)
		}
		fewest = min(fewest, n)
	}
	for _, bits := range in {
		if bits == 1<<len(list)-1 {
			common++
		}
	}
	return common*2 >= fewest
}

// burstsOf marks the bursts in which days lie.
func burstsOf(days []int32, list []burst) (bits uint) {
	for _, d := range days {
		for k, b := range list {
			if b.first <= d && d <= b.last {
				bits |= 1 << k
			}
		}
	}
	return bits
}

// spacing tells how far bursts are from each other, where that is whole months: from
// beginning to beginning, or from end to end, as one run may be longer than another. Two
// bursts, which show one distance only, must have both, unless the window cuts them.
func (s *subject) spacing(list []burst) (string, bool) {
	least, most := math.MaxInt, 0
	cut := list[0].first <= timeDay(s.window.From) || list[len(list)-1].last >= timeDay(s.window.To)
	for i := range list[1:] {
		a, b := list[i], list[i+1]
		m, ok := wholeMonths(b.first - a.first)
		n, too := wholeMonths(b.last - a.last)
		if !ok && !too || len(list) == 2 && !cut && !(ok && too) {
			return "", false
		}
		if !ok {
			m = n
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

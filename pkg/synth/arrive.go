package synth

import (
	"fmt"
	"math"
	"slices"
)

// outlook is what new names are judged by.
type outlook struct {
	to      int32 // last day of the evidence
	horizon int   // days ahead for which new names are expected
	style   Style
}

func (o *Options) outlook(to int32) outlook {
	out := outlook{to: to, horizon: o.Horizon, style: o.Style}
	if out.horizon <= 0 {
		out.horizon = DefaultHorizon
	}
	if out.style == "" {
		out.style = Balanced
	}
	return out
}

// arrivals are the first days of the names at one place, as far as they tell what
// is still to come.
type arrivals struct {
	names    int
	days     int     // from the first name to the end of the evidence
	newDays  int     // of these, without the first, with a new name
	late     int     // names after the first third of the days
	expected float64 // new names within the horizon
}

// arrive counts arrivals. The names of the first third of the days count as found,
// not as new: whoever begins to look finds what has been there before. The rest tells
// the rate. Where the last third has clearly fewer than the second, the rate falls on, by
// the same factor with each third: so ends the discovery of names that are seldom used.
// Else it stays, at the mean of both. firsts is sorted in place.
func (o *outlook) arrive(firsts []int32) arrivals {
	slices.Sort(firsts)
	a := arrivals{names: len(firsts)}
	if len(firsts) == 0 {
		return a
	}
	a.days = int(o.to-firsts[0]) + 1
	second, third := 0, 0
	last := firsts[0]
	for _, f := range firsts {
		if f != last {
			a.newDays++
			last = f
		}
		switch at := int(f-firsts[0]) * 3; {
		case at >= 2*a.days:
			third++
		case at >= a.days:
			second++
		}
	}
	a.late = second + third
	if a.days >= minLife {
		a.expected = ahead(float64(second), float64(third), float64(a.days)/3, float64(o.horizon))
	}
	return a
}

// minLife is the number of days from which a place tells anything of new names.
const minLife = 3

// ahead is the number of new names within the horizon where the second and the last
// third of the days brought this many. Fewer in the last is a fall only where it is more
// than chance makes of it: the difference of two counts varies by the root of their sum,
// and twice that is rare. (With once, 1 in 6 steady rates looks fallen; in the workloads of
// bench/family it cost 5 % of the calls, and spared next to nothing.)
func ahead(second, third, length, horizon float64) float64 {
	if second-third < 2*math.Sqrt(second+third) || second == 0 { // a day more than seen: one name is no rate
		return (second + third) / (2 * (length + 1)) * horizon
	}
	fall := third / second
	sum, share := 0.0, 1.0
	for thirds := horizon / length; thirds > 0 && share > 1e-6; thirds-- {
		share *= fall
		sum += share * min(1, thirds)
	}
	return third * sum
}

// opens reports whether a number of expected names is enough to open a place for them.
func (o *outlook) opens(expected float64) bool {
	switch o.style {
	case Exact:
		return false
	case Roomy:
		return expected >= roomyNames
	}
	return expected >= expectedNames
}

// Expected new names from which a place opens, or its staying closed is a risk. What
// is likelier than not to be missing in the horizon is worth a wildcard; roomy takes
// one in five.
const (
	expectedNames = 1.0
	roomyNames    = 0.2
)

func (a arrivals) String() string {
	return fmt.Sprintf("names: %d seen, new ones on %d of %d days, %.0f expected", a.names, a.newDays, a.days, a.expected)
}

// idsCome decides whether new ids are to be expected at a place: once of the ids were
// seen on one day only, of uses in all, where a use is an id on a day. The chance that
// the next use is of a new one is estimated after Good and Turing, (once+1)/(uses+3).
// Of two ids of which one came again, that is no estimate, nor is one late id a rate:
// what is used of a few things that last looks like that too.
func (o *outlook) idsCome(once, uses int, a arrivals) bool {
	never := a.names >= 3 && once*10 >= a.names*9 // ids that never come again
	chance := float64(once+1) / float64(uses+3)
	few := a.names < 3 && once < a.names
	switch o.style {
	case Exact:
		return never
	case Roomy:
		return never || once+a.late > 0 && chance >= roomyChance || o.opens(a.expected)
	}
	return never || once > 0 && !few && chance >= openChance || a.late > 1 && o.opens(a.expected)
}

// Estimated chances of an unseen id in the next use from which its place opens.
const (
	openChance  = 0.02
	roomyChance = 0.005
)

package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// number prints an integer with thousands apart: 20,102.
func number[N int | int64](v N) string {
	s := strconv.FormatInt(int64(v), 10)
	sign := ""
	if v < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// plural prints a number with its noun: 1 object, 2 objects.
func plural[N int | int64](v N, noun string) string {
	switch {
	case v == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "ry"):
		return number(v) + " " + noun[:len(noun)-1] + "ies"
	}
	return number(v) + " " + noun + "s"
}

// size prints a number of bytes in units of 1,000: 38.1 MB.
func size(v int64) string {
	if v < 1000 {
		return plural(v, "byte")
	}
	f := float64(v)
	for _, unit := range []string{"kB", "MB", "GB", "TB"} {
		if f /= 1000; f < 999.95 {
			return strconv.FormatFloat(f, 'f', 1, 64) + " " + unit
		}
	}
	return strconv.FormatFloat(f/1000, 'f', 1, 64) + " PB"
}

// fewer says how much smaller after is than before: "99.5 % fewer". It never
// rounds up to all of it.
func fewer(before, after int) string {
	if before <= 0 || after >= before {
		return ""
	}
	permille := int(int64(before-after) * 1000 / int64(before))
	if permille%10 == 0 {
		return fmt.Sprintf("%d %% fewer", permille/10)
	}
	return fmt.Sprintf("%d.%d %% fewer", permille/10, permille%10)
}

// tally is one name of a map of counts.
type tally struct {
	name  string
	count int64
}

// tallies lists a map of counts, the largest first, then by name.
func tallies[N int | int64](m map[string]N) []tally {
	out := make([]tally, 0, len(m))
	for k, v := range m {
		if v != 0 {
			out = append(out, tally{k, int64(v)})
		}
	}
	slices.SortFunc(out, func(a, b tally) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.name, b.name))
	})
	return out
}

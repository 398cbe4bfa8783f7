package iam

import "testing"

// TestOrderWithin compares orderWithin with what holds of all values on a fine scale.
func TestOrderWithin(t *testing.T) {
	orders := map[string]order{"=": equal, "<": less, "<=": lessEqual, ">": greater, ">=": greaterEqual}
	holds := func(v int, p order, x int) bool {
		switch p {
		case equal:
			return v == x
		case less:
			return v < x
		case lessEqual:
			return v <= x
		case greater:
			return v > x
		}
		return v >= x
	}
	for p, po := range orders {
		for q, qo := range orders {
			for sign := -1; sign <= 1; sign++ {
				const fine = 10 // steps between the bounds: values lie between any two
				x, y := sign*fine, 0
				want := true
				for v := -5 * fine; v <= 5*fine; v++ {
					want = want && (!holds(v, po, x) || holds(v, qo, y))
				}
				if got := orderWithin(po, qo, sign); got != want {
					t.Errorf("{v %s x} within {v %s y}, x <=> y = %d: %v, want %v", p, q, sign, got, want)
				}
			}
		}
	}
}

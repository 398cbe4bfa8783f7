package synth

import (
	"fmt"
	"math"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// precision bounds how exact a new document is. Less of it takes fewer characters; no
// step ever drops a use or widens an action.
type precision struct {
	price     float64 // of a character, in breadth of resources; see cutter
	mergeSets bool    // actions of a service share their resources
	terse     bool    // names of actions that could not be seen are cut short
}

// Prices, as powers of the fourth root of two: from the least to which a cut can answer,
// through one at which names keep their prefix, to one at which whatever may open does.
const (
	leastPrice = -4 * 640
	somePrice  = -4 * 22
	mostPrice  = 4 * 40
)

func priceOf(power int) float64 { return math.Exp2(float64(power) / 4) }

// leastLoss looks for the most precise of documents for which try succeeds: as is;
// with shorter resources; with resources shared by the actions of a service; with short
// names of what could not be seen; and with whatever is left to shorten. The last
// success of try is the one to take; its last error says what is missing.
func leastLoss(try func(precision) error) error {
	err := try(precision{})
	if err == nil {
		return nil
	}
	for _, p := range []struct {
		precision
		most int
	}{
		{precision{}, somePrice},
		{precision{mergeSets: true}, somePrice},
		{precision{mergeSets: true, terse: true}, somePrice},
		{precision{mergeSets: true, terse: true}, mostPrice},
	} {
		p.price = priceOf(p.most)
		if err = try(p.precision); err == nil {
			return cheapest(p.precision, p.most, try)
		}
	}
	return err
}

// cheapest lowers the price as far as try succeeds; at most it does.
func cheapest(p precision, most int, try func(precision) error) error {
	lo, hi := leastPrice-1, most // lo fails, or is not tried
	last := most
	for lo+1 < hi {
		mid := lo + (hi-lo)/2
		p.price = priceOf(mid)
		if last = mid; try(p) == nil {
			hi = mid
		} else {
			lo = mid
		}
	}
	if last == hi {
		return nil
	}
	p.price = priceOf(hi)
	return try(p) // succeeded before
}

// recut shortens the resources of verdicts at a price.
func recut(vs [][]verdict, price float64) {
	for _, list := range vs {
		for i := range list {
			if v := &list[i]; v.found != nil {
				v.cut = v.found.at(price)
				v.resources = texts(v.cut)
				v.addHeld()
			}
		}
	}
}

// hopeless says so where the resources of one action alone take more than all room.
func (n *narrower) hopeless(vs [][]verdict, attached int) error {
	r := n.unit.room()
	most := max(r.each, attached, r.slots*quotaOf(iam.ManagedPolicy))
	for _, list := range vs {
		for _, v := range list {
			size := 0
			for _, p := range v.cut {
				size += len(p.text) + overhead
			}
			if size > most {
				return fmt.Errorf("%d characters of resources of %s alone where %d fit", size, v.name, most)
			}
		}
	}
	return nil
}

package usage

import (
	"errors"
	"io"
	"slices"
	"strings"
)

// wantedLists are ids in their order, and their numbers in a builder.
type wantedLists struct {
	ids     []string
	numbers []uint32
	at      int
}

func (p *storedPart) wanted(numbers []uint32) *wantedLists {
	text := &p.b.texts
	slices.SortFunc(numbers, func(n, m uint32) int { return strings.Compare(text.at(n), text.at(m)) })
	w := &wantedLists{numbers: slices.Compact(numbers)}
	for _, n := range w.numbers {
		w.ids = append(w.ids, text.at(n))
	}
	return w
}

// passes reports whether an id is wanted. It is asked for ids in their order.
func (w *wantedLists) passes(id string) bool {
	for w.at < len(w.ids) && w.ids[w.at] < id {
		w.at++
	}
	return w.at < len(w.ids) && w.ids[w.at] == id
}

// number is that of an id that is wanted.
func (w *wantedLists) number(id string) uint32 {
	i, _ := slices.BinarySearch(w.ids, id)
	return w.numbers[i]
}

// eachWanted calls give with those rows of a file that are wanted, which it is asked in
// the order of their ids, the first column. A row is lent.
func eachWanted[R any](d *decoder[R], wanted func(id string) bool, give func(*R) error) error {
	var places []uint32
	var group []R
	last, in := "", false
	for {
		n, err := d.size()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		v, err := d.column(d.next, d.cols[0].field.Name)
		if err != nil {
			return err
		}
		places = places[:0]
		for i := range n {
			if of := v.Text(i); of != last {
				if of < last {
					return errors.New("its rows are not in order")
				}
				last, in = of, wanted(of)
			}
			if in {
				places = append(places, uint32(i))
			}
		}
		if group, err = d.pick(group[:0], places); err != nil {
			return err
		}
		for i := range group {
			if err := give(&group[i]); err != nil {
				return err
			}
		}
	}
}

// eachList is eachWanted for lists whose elements are rows. A list is lent.
func eachList[E any](d *decoder[keyedRow[E]], wanted func(id string) bool, give func(id string, list []E)) error {
	var list []E
	id := ""
	err := eachWanted(d, wanted, func(r *keyedRow[E]) error {
		if r.id != id && len(list) > 0 {
			give(id, list)
			list = list[:0]
		}
		id = r.id
		list = append(list, r.element)
		return nil
	})
	if err == nil && len(list) > 0 {
		give(id, list)
	}
	return err
}

// printCursor reads fingerprints one after the other.
type printCursor struct {
	from  *decoder[print] // nil: none
	group []print
	at    int
}

// peek is the next fingerprint, which at++ passes over; ok is false at the end.
func (c *printCursor) peek() (r *print, ok bool, err error) {
	for c.at == len(c.group) {
		if c.from == nil {
			return nil, false, nil
		}
		if c.group, err = c.from.read(c.group[:0]); err != nil {
			c.group, c.at = nil, 0
			if errors.Is(err, io.EOF) {
				err, c.from = nil, nil
			}
			return nil, false, err
		}
		c.at = 0
	}
	return &c.group[c.at], true, nil
}

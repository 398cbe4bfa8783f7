package usage

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Difference is something that two datasets of the same logs do not have in common.
type Difference struct {
	Table string `json:"table"`          // folder of the dataset
	Date  string `json:"date"`           // of the folder's date=
	Rows  [2]int `json:"rows"`           // in the one and in the other
	Key   string `json:"key,omitempty"`  // of an object, in objects/
	What  string `json:"what,omitempty"` // about it
}

// Compare lists how another dataset of the same logs differs from d: tables of days
// that differ, and objects by key. It passes over times and tags of objects, and over
// what follows from facts where those of the two differ. A file of d that is not the one
// that was written is an error.
func (d *Dataset) Compare(other *Dataset) ([]Difference, error) {
	for _, f := range d.manifest.Files {
		file, err := d.store.Open(f) // once it is the one that was written
		if err != nil {
			return nil, err
		}
		if err := file.Close(); err != nil {
			return nil, err
		}
	}
	var all []Difference
	mine, theirs := d.byFolder(), other.byFolder()
	folders := slices.Collect(maps.Keys(mine))
	for folder := range theirs {
		if _, both := mine[folder]; !both {
			folders = append(folders, folder)
		}
	}
	slices.Sort(folders)
	for _, folder := range folders {
		a, b := mine[folder], theirs[folder]
		s := sectionNamed(path.Dir(folder))
		switch {
		case a.SHA256 == b.SHA256, s.kind == ofFacts && d.Facts() != other.Facts(), s.dir == "deliveries":
			continue // deliveries are sums of objects
		case s.dir == sectionObjects:
			list, err := compareLedgers(d, other, folder)
			if err != nil {
				return nil, err
			}
			all = append(all, list...)
		default:
			all = append(all, Difference{Table: s.dir, Date: dateOf(folder), Rows: [2]int{a.Rows, b.Rows}})
		}
	}
	return all, nil
}

// dateOf is the value of a folder's date=.
func dateOf(folder string) string { return strings.TrimPrefix(path.Base(folder), "date=") }

// compareLedgers compares the objects of a delivery day.
func compareLedgers(d, other *Dataset, folder string) (all []Difference, err error) {
	var rows [2]map[string][]ObjectRow
	for i, from := range []*Dataset{d, other} {
		t := &Table{}
		if f, ok := from.byFolder()[folder]; ok {
			if err := readInto(from.store, from.root, f, sectionNamed(sectionObjects), t); err != nil {
				return nil, err
			}
		}
		rows[i] = map[string][]ObjectRow{}
		for _, o := range t.Objects {
			o.ETag, o.ModTime = "", 0
			rows[i][o.Key] = append(rows[i][o.Key], o)
		}
	}
	for key, mine := range rows[0] {
		if theirs := rows[1][key]; !slices.Equal(mine, theirs) {
			all = append(all, Difference{Table: sectionObjects, Date: dateOf(folder), Key: key, What: changeOf(mine, theirs)})
		}
	}
	for key, theirs := range rows[1] {
		if rows[0][key] == nil {
			all = append(all, Difference{Table: sectionObjects, Date: dateOf(folder), Key: key, What: changeOf(nil, theirs)})
		}
	}
	slices.SortFunc(all, func(a, b Difference) int { return cmp.Compare(a.Key, b.Key) })
	return all, nil
}

// changeOf says how the rows of one object differ.
func changeOf(mine, theirs []ObjectRow) string {
	sum := func(rows []ObjectRow) (n int64) {
		for i := range rows {
			n += rows[i].Records
		}
		return n
	}
	switch {
	case len(theirs) == 0:
		return "not among the logs"
	case len(mine) == 0:
		return "not in the dataset"
	case sum(mine) != sum(theirs):
		return fmt.Sprintf("%d records in the dataset, %d in the object", sum(mine), sum(theirs))
	}
	return "read otherwise"
}

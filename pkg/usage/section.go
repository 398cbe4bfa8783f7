package usage

import (
	"io"
	"maps"
	"slices"
	"time"

	columnar "github.com/tighten-iam/tighten/internal/parquet"
)

// kind says what the rows of a section come from.
type kind int

const (
	ofEvents  kind = iota // records, by the day of their events
	ofFacts               // the calls of a day, by the facts
	ofObjects             // objects, by the day of their delivery
	ofDigests             // digests, by the day that they cover
)

// section is one folder of a dataset, which has a folder for each day.
type section struct {
	dir  string
	part Parts
	kind kind
	// rows is the number of a table's rows.
	rows func(t *Table) int
	// save writes the rows of a table, which are those of one day, as one file, in row
	// groups of size rows.
	save func(t *Table, out *columnar.Writer, w io.Writer, size int) (rows int, err error)
	// load adds the rows of one file, which has this number of them, to the table.
	load func(t *Table, data []byte, rows int) error
}

// sections are all folders of a dataset, in the order in which they are written.
func sections() []section {
	return []section{
		flat(sectionCalls, PartCalls, callColumns(), func(t *Table) *[]Call { return &t.Calls }),
		argsSection(),
		keyed(sectionContext, pairColumns(), func(t *Table) *map[string][]ContextPair { return &t.Contexts }),
		derived(flat("usage", PartUsage, usageColumns(), func(t *Table) *[]Row { return &t.Usage })),
		flat("trust", PartTrust, trustColumns(), func(t *Table) *[]Trust { return &t.Trust }),
		derived(flat("coverage", PartCoverage, coverageColumns(), func(t *Table) *[]CoverageRow { return &t.Coverage })),
		derived(flat("unmapped", PartCoverage, unmappedColumns(), func(t *Table) *[]UnmappedRow { return &t.Unmapped })),
		flat(sectionIDs, partIDs, printColumns(), func(t *Table) *[]print { return &t.prints }),
		digested(flat("digests", PartCoverage, digestColumns(), func(t *Table) *[]DigestRow { return &t.Digests })),
		digested(flat("listed", PartDeliveries, listedColumns(), func(t *Table) *[]ListedRow { return &t.Listed })),
		digested(flat("chains", PartDeliveries, chainColumns(), func(t *Table) *[]ChainRow { return &t.Chains })),
		delivered(flat("deliveries", PartDeliveries, deliveryColumns(), func(t *Table) *[]Delivery { return &t.Deliveries })),
		delivered(flat(sectionObjects, PartObjects, objectColumns(), func(t *Table) *[]ObjectRow { return &t.Objects })),
	}
}

// Folders that are looked for by name.
const (
	sectionCalls   = "calls"
	sectionArgs    = "args"
	sectionContext = "context"
	sectionObjects = "objects"
	sectionIDs     = "ids"
)

func derived(s section) section {
	s.kind = ofFacts
	return s
}

func delivered(s section) section {
	s.kind = ofObjects
	return s
}

func digested(s section) section {
	s.kind = ofDigests
	return s
}

// flat is a section of rows.
func flat[R any](dir string, part Parts, cols []column[R], at func(*Table) *[]R) section {
	return section{
		dir: dir, part: part,
		rows: func(t *Table) int { return len(*at(t)) },
		save: func(t *Table, out *columnar.Writer, w io.Writer, size int) (int, error) {
			file, rows := newEncoder(out, cols), *at(t)
			file.size = size
			return len(rows), file.encode(w, rows)
		},
		load: func(t *Table, data []byte, rows int) error { return loadFile(cols, data, at(t), rows) },
	}
}

// keyed is a section of lists by content hash, one row for each element.
func keyed[E any, L ~[]E](dir string, cols []column[keyedRow[E]], at func(*Table) *map[string]L) section {
	return section{
		dir: dir, part: PartCalls,
		rows: func(t *Table) int { return len(*at(t)) },
		save: func(t *Table, out *columnar.Writer, w io.Writer, size int) (int, error) {
			file, lists := newEncoder(out, cols), *at(t)
			file.size = size
			file.begin(w)
			for _, id := range slices.Sorted(maps.Keys(lists)) {
				for _, e := range lists[id] {
					_ = file.add(&keyedRow[E]{id, e}) // finish has the error
				}
			}
			return file.finish()
		},
		load: func(t *Table, data []byte, rows int) error {
			var list []keyedRow[E]
			err := loadFile(cols, data, &list, rows)
			addLists(at(t), list)
			return err
		},
	}
}

// addLists adds the lists that rows make up. A list that is there already is the same.
func addLists[E any, L ~[]E](lists *map[string]L, rows []keyedRow[E]) {
	if *lists == nil {
		*lists = map[string]L{}
	}
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].id == rows[0].id {
			n++
		}
		if _, ok := (*lists)[rows[0].id]; !ok {
			list := make(L, n)
			for i := range list {
				list[i] = rows[i].element
			}
			(*lists)[rows[0].id] = list
		}
		rows = rows[n:]
	}
}

// knownDay is day, or unknownDay where a date's name has no room for it.
func knownDay(day int32) int32 {
	if day < 0 || day > maxDay {
		return unknownDay
	}
	return day
}

// dateName is the value of a known day's date= folder.
func dateName(day int32) string {
	if day == unknownDay {
		return "unknown"
	}
	return time.Unix(int64(day)*dayMillis/1000, 0).UTC().Format(time.DateOnly)
}

// dayNamed is the day of a date= folder's value.
func dayNamed(name string) int32 {
	t, err := time.Parse(time.DateOnly, name)
	if err != nil {
		return unknownDay
	}
	return int32(t.Unix() * 1000 / dayMillis)
}

// folder is where the rows of a day lie.
func (s *section) folder(day int32) string { return s.dir + "/date=" + dateName(day) }

// byDay splits a table into one for each day of events, its deliveries and objects
// into one for each delivery day, and what digests say into one for each day they cover.
func (t *Table) byDay() (events, deliveries, digests map[int32]*Table) {
	events, deliveries, digests = map[int32]*Table{}, map[int32]*Table{}, map[int32]*Table{}
	share(digests, t.Digests, func(r *DigestRow) int32 { return r.Day }, func(t *Table) *[]DigestRow { return &t.Digests })
	share(digests, t.Listed, func(r *ListedRow) int32 { return r.Day }, func(t *Table) *[]ListedRow { return &t.Listed })
	share(digests, t.Chains, func(r *ChainRow) int32 { return r.Day }, func(t *Table) *[]ChainRow { return &t.Chains })
	share(events, t.Calls, func(r *Call) int32 { return r.Day }, func(t *Table) *[]Call { return &t.Calls })
	share(events, t.Usage, func(r *Row) int32 { return r.Day }, func(t *Table) *[]Row { return &t.Usage })
	share(events, t.Trust, func(r *Trust) int32 { return r.Day }, func(t *Table) *[]Trust { return &t.Trust })
	share(events, t.Coverage, func(r *CoverageRow) int32 { return r.Day }, func(t *Table) *[]CoverageRow { return &t.Coverage })
	share(events, t.Unmapped, func(r *UnmappedRow) int32 { return r.Day }, func(t *Table) *[]UnmappedRow { return &t.Unmapped })
	share(events, t.prints, func(r *print) int32 { return r.Day }, func(t *Table) *[]print { return &t.prints })
	share(deliveries, t.Deliveries, func(r *Delivery) int32 { return r.Day }, func(t *Table) *[]Delivery { return &t.Deliveries })
	share(deliveries, t.Objects, func(r *ObjectRow) int32 { return r.Day }, func(t *Table) *[]ObjectRow { return &t.Objects })
	for _, day := range events {
		day.Args, day.Contexts = Arguments{}, map[string][]ContextPair{}
		for i := range day.Calls {
			c := &day.Calls[i]
			if list, ok := t.Args[c.ArgsID]; ok {
				day.Args[c.ArgsID] = list
			}
			if pairs, ok := t.Contexts[c.ContextID]; ok {
				day.Contexts[c.ContextID] = pairs
			}
		}
	}
	return events, deliveries, digests
}

// share gives rows to the tables of their days.
func share[R any](days map[int32]*Table, rows []R, day func(*R) int32, at func(*Table) *[]R) {
	for i := range rows {
		d := knownDay(day(&rows[i]))
		if days[d] == nil {
			days[d] = &Table{}
		}
		list := at(days[d])
		*list = append(*list, rows[i])
	}
}

func loadFile[R any](cols []column[R], data []byte, into *[]R, rows int) error {
	all, err := decode(cols, data, *into, rows)
	if err == nil {
		*into = all
	}
	return err
}

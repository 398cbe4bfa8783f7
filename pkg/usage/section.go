package usage

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tighten-iam/tighten/internal/args"
	columnar "github.com/tighten-iam/tighten/internal/parquet"
)

// put stores one file. It does not keep data.
type put func(path string, data []byte, rows int) error

// section is one folder of a dataset.
type section struct {
	dir  string
	part Parts
	// save hands the section's files to put, one after the other.
	save func(t *Table, put put, out *columnar.Writer) error
	// load adds the rows of one file to the table.
	load func(t *Table, data []byte) (rows int, err error)
}

// sections are all folders of a dataset, in the order in which they are written.
func sections() []section {
	return []section{
		daily("calls", PartCalls, callColumns(), func(r *Call) int32 { return r.Day }, func(t *Table) *[]Call { return &t.Calls }),
		keyed("args", leafColumns(), func(t *Table) *map[string]args.List { return &t.Args }),
		keyed("context", pairColumns(), func(t *Table) *map[string][]ContextPair { return &t.Contexts }),
		daily("usage", PartUsage, usageColumns(), func(r *Row) int32 { return r.Day }, func(t *Table) *[]Row { return &t.Usage }),
		flat("trust", PartTrust, trustColumns(), func(t *Table) *[]Trust { return &t.Trust }),
		flat("deliveries", PartDeliveries, deliveryColumns(), func(t *Table) *[]Delivery { return &t.Deliveries }),
		flat("digests", PartCoverage, digestColumns(), func(t *Table) *[]DigestRow { return &t.Digests }),
		flat("listed", PartDeliveries, listedColumns(), func(t *Table) *[]ListedRow { return &t.Listed }),
		flat("chains", PartDeliveries, chainColumns(), func(t *Table) *[]ChainRow { return &t.Chains }),
		flat("coverage", PartCoverage, coverageColumns(), func(t *Table) *[]CoverageRow { return &t.Coverage }),
		flat("unmapped", PartCoverage, unmappedColumns(), func(t *Table) *[]UnmappedRow { return &t.Unmapped }),
		flat("objects", PartObjects, objectColumns(), func(t *Table) *[]ObjectRow { return &t.Objects }),
		flat("ids", partIDs, printColumns(), func(t *Table) *[]print { return &t.prints }),
	}
}

const partFile = "part-0.parquet"

// flat is a section of one file.
func flat[R any](dir string, part Parts, cols []column[R], at func(*Table) *[]R) section {
	return section{
		dir: dir, part: part,
		save: func(t *Table, put put, out *columnar.Writer) error {
			return saveFile(dir+"/"+partFile, newEncoder(out, cols), *at(t), put)
		},
		load: func(t *Table, data []byte) (int, error) { return loadFile(cols, data, at(t)) },
	}
}

// daily is a section with a folder for each day.
func daily[R any](dir string, part Parts, cols []column[R], day func(*R) int32, at func(*Table) *[]R) section {
	s := flat(dir, part, cols, at)
	s.save = func(t *Table, put put, out *columnar.Writer) error {
		rows := *at(t)
		order := make([]int, len(rows))
		for i := range order {
			order[i] = i
		}
		folder := func(i int) int32 { return knownDay(day(&rows[i])) }
		slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(folder(i), folder(j)) })
		var today []R
		file := newEncoder(out, cols)
		for i, n := range order {
			today = append(today, rows[n])
			d := folder(n)
			if i+1 < len(order) && folder(order[i+1]) == d {
				continue
			}
			if err := saveFile(dir+"/date="+dateName(d)+"/"+partFile, file, today, put); err != nil {
				return err
			}
			clear(today)
			today = today[:0]
		}
		return nil
	}
	return s
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

// keyed is a section of lists by content hash, one row for each element.
func keyed[E any, L ~[]E](dir string, cols []column[keyedRow[E]], at func(*Table) *map[string]L) section {
	return section{
		dir: dir, part: PartCalls,
		save: func(t *Table, put put, out *columnar.Writer) error {
			file, lists := newEncoder(out, cols), *at(t)
			out.Begin(file.fields)
			rows, total := make([]keyedRow[E], 0, groupRows), 0
			flush := func() {
				if len(rows) > 0 {
					file.group(rows)
				}
				total, rows = total+len(rows), rows[:0]
			}
			for _, id := range slices.Sorted(maps.Keys(lists)) {
				for _, e := range lists[id] {
					if rows = append(rows, keyedRow[E]{id, e}); len(rows) == groupRows {
						flush()
					}
				}
			}
			flush()
			data, err := out.Finish()
			if err != nil {
				return err
			}
			return put(dir+"/"+partFile, data, total)
		},
		load: func(t *Table, data []byte) (int, error) {
			var rows []keyedRow[E]
			n, err := loadFile(cols, data, &rows)
			lists := at(t)
			if *lists == nil {
				*lists = map[string]L{}
			}
			for _, r := range rows {
				(*lists)[r.id] = append((*lists)[r.id], r.element)
			}
			return n, err
		},
	}
}

func saveFile[R any](path string, file *encoder[R], rows []R, put put) error {
	data, err := file.encode(rows)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return put(path, data, len(rows))
}

func loadFile[R any](cols []column[R], data []byte, into *[]R) (int, error) {
	rows, err := decode(cols, data, *into)
	n := len(rows) - len(*into)
	if err != nil {
		return 0, err
	}
	*into = rows
	return n, nil
}

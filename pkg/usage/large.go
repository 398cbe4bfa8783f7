package usage

import (
	"cmp"
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	columnar "github.com/tighten-iam/tighten/internal/parquet"
	"github.com/tighten-iam/tighten/internal/store"
)

// A day that does not fit in memory is made in parts, each of some shards of a Spool.
// What a part comes to is written as runs: files of sorted rows. The runs of all parts
// are then merged, row by row, into the files of the day.

// mostPart is the most memory that a part takes, in bytes, whatever there is: larger
// parts are not faster.
const mostPart = 192 << 20

// partsOf is in how many parts a day is made, so that each fits in its share of memory.
func (u *update) partsOf(day int32) int {
	if u.derive.Memory <= 0 || u.manifest.Days[dateName(day)].Closed {
		return 1
	}
	size := u.storedSize(day) + u.batch.sizeOf(day)
	share := min(mostPart, u.derive.Memory/int64(max(1, u.derive.Workers)))
	parts := 1
	for parts < spoolShards && size/int64(parts) > share {
		parts *= 2
	}
	return parts
}

// storedSize is about how much memory it takes to merge what is stored of a day.
func (u *update) storedSize(day int32) (size int64) {
	const packed = 10 // copies of texts, and how well they pack
	for _, f := range u.stored(day) {
		switch dirOf(f) {
		case sectionCalls, "trust":
			size += mergedRow * int64(f.Rows)
		case "ids":
			size += mergedPrint * int64(f.Rows)
		case sectionArgs:
			size += packed * f.Bytes
		}
	}
	return size
}

// largeDay is a day that is made in parts.
type largeDay struct {
	*update
	day    int32
	parts  int
	out    *columnar.Writer
	dir    string // of the runs
	levels *contextLevels
	rows   *splitter // of the batch, if they are in memory
	before *storedDay
	// all of the day that is small
	small Table
	// where the rows of each run came to lie
	calls, trust [][]uint32
}

func (u *update) makeLarge(ctx context.Context, out *columnar.Writer, day int32, parts int, resolve func(context.Context, *Table) error) (err error) {
	scratch, err := u.store.Scratch()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	d := &largeDay{
		update: u, day: day, parts: parts, out: out, dir: scratch,
		calls: make([][]uint32, parts), trust: make([][]uint32, parts), small: Table{Contexts: map[string][]ContextPair{}},
	}
	if d.before, err = u.openStored(day); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.before.close()) }()
	d.levels = u.batch.levelsOf(day)
	if err := d.before.levels(d.levels); err != nil {
		return err
	}
	if rows := u.batch.days[day]; rows != nil {
		d.rows = newSplitter(u.batch.rows, rows)
	}
	for part := range parts {
		if err := d.part(ctx, part, resolve); err != nil {
			return err
		}
	}
	return d.merge()
}

// list lists one part of the day's calls.
func (d *largeDay) list(part int) (*Table, error) {
	from, until := part*spoolShards/d.parts, (part+1)*spoolShards/d.parts
	var now *Table
	if d.rows != nil {
		if now = d.rows.list(from, until, d.levels); d.before.calls == nil {
			return now, nil
		}
	}
	b := NewBuilder()
	if err := d.before.add(b, from, until); err != nil {
		return nil, err
	}
	if now != nil {
		b.add(now)
	}
	if err := d.batch.addSpooled(b, d.day, from, until); err != nil {
		return nil, err
	}
	return b.listAt(b.everything(), d.levels), nil
}

// part makes one part and writes its runs.
func (d *largeDay) part(ctx context.Context, part int, resolve func(context.Context, *Table) error) error {
	t, err := d.list(part)
	if err != nil {
		return err
	}
	if err := resolve(ctx, t); err != nil {
		return err
	}
	d.small.Coverage = append(d.small.Coverage, t.Coverage...)
	d.small.Unmapped = append(d.small.Unmapped, t.Unmapped...)
	maps.Copy(d.small.Contexts, t.Contexts)
	for _, s := range sections() {
		if s.kind > ofFacts || s.rows(t) == 0 {
			continue
		}
		if err := d.writeRun(part, t, &s); err != nil {
			return err
		}
	}
	return nil
}

func (d *largeDay) runPath(part int, dir string) string {
	return filepath.Join(d.dir, dir+"-"+strconv.Itoa(part))
}

func (d *largeDay) writeRun(part int, t *Table, s *section) error {
	f, err := os.Create(d.runPath(part, s.dir))
	if err != nil {
		return err
	}
	_, err = s.save(t, d.out, f, runRows)
	return errors.Join(err, f.Close())
}

// merge writes the files of the day.
func (d *largeDay) merge() error {
	totals := dayTotals{}
	calls := joined(compareCalls, func(into, c *Call) {
		into.Events += c.Events
		into.First, into.Last = span(into.First, into.Last, c.First, c.Last)
	})
	calls.place = d.calls
	usage := joined(compareUsage, func(into, r *Row) { into.join(r) })
	trust := joined(compareTrust, func(into, r *Trust) {
		into.Events += r.Events
		into.First, into.Last = span(into.First, into.Last, r.First, r.Last)
	})
	trust.place = d.trust
	err := writeMerged(d, sectionCalls, callColumns(), calls, func(rows iter.Seq2[*Call, error]) iter.Seq2[*Call, error] {
		return tap(rows, func(c *Call) { totals.Events += c.Events })
	})
	if err != nil {
		return err
	}
	if err := writeMerged(d, "trust", trustColumns(), trust, nil); err != nil {
		return err
	}
	var coarse *Coarsened
	err = writeMerged(d, "usage", usageColumns(), usage, func(rows iter.Seq2[*Row, error]) iter.Seq2[*Row, error] {
		rows, coarse = Coarsen(rows, d.derive.MaxResources)
		return rows
	})
	if err != nil {
		return err
	}
	if err := writeMerged(d, sectionArgs, argsColumns(), joined(compareArgs, func(_, _ *argsRow) {}), nil); err != nil {
		return err
	}
	prints := joined(comparePrints, func(_, _ *print) {})
	prints.change = func(run int, p *print) {
		p.Call = int64(d.calls[run][p.Call])
		if p.Trust > 0 {
			p.Trust = int64(d.trust[run][p.Trust-1]) + 1
		}
	}
	if err := writeMerged(d, "ids", printColumns(), prints, nil); err != nil {
		return err
	}
	return d.putSmall(totals, coarse)
}

// putSmall writes what was kept in memory.
func (d *largeDay) putSmall(totals dayTotals, coarse *Coarsened) error {
	t := &d.small
	t.Coverage, t.Unmapped = AggregateCoverage(t.Coverage), AggregateUnmapped(t.Unmapped)
	if coarse != nil {
		totals.Coarsened = coarse.Groups
	}
	d.mu.Lock()
	d.next.Days[dateName(d.day)] = totals
	d.mu.Unlock()
	return d.put(d.out, d.day, t, func(s *section) bool { return s.dir == sectionContext || s.dir == "coverage" || s.dir == "unmapped" })
}

// writeMerged merges the runs of a section into its file. last changes the rows in the
// end, if it is not nil.
func writeMerged[R any](d *largeDay, dir string, cols []column[R], m *runMerger[R], last func(iter.Seq2[*R, error]) iter.Seq2[*R, error]) (err error) {
	var files []*os.File
	defer func() {
		for _, f := range files {
			err = errors.Join(err, f.Close())
		}
	}()
	for part := range d.parts {
		f, err := os.Open(d.runPath(part, dir))
		if errors.Is(err, os.ErrNotExist) {
			m.runs = append(m.runs, func(func(*R, error) bool) {})
			continue
		}
		if err != nil {
			return err
		}
		files = append(files, f)
		m.runs = append(m.runs, rows(cols, f))
	}
	all := m.rows()
	if last != nil {
		all = last(all)
	}
	folder := sectionNamed(dir).folder(d.day)
	if len(files) == 0 {
		d.mu.Lock()
		delete(d.files, folder)
		d.mu.Unlock()
		return nil
	}
	f, err := d.stream(folder, func(w io.Writer) (int, error) {
		file := newEncoder(d.out, cols)
		file.begin(w)
		for row, err := range all {
			if err != nil {
				return 0, err
			}
			if err := file.add(row); err != nil {
				return 0, err
			}
		}
		return file.finish()
	})
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.files[folder] = f
	return nil
}

// stream stages a file that write writes.
func (u *update) stream(folder string, write func(io.Writer) (int, error)) (store.File, error) {
	w, err := u.store.Create(folder)
	if err != nil {
		return store.File{}, err
	}
	rows, err := write(w)
	if err != nil {
		return store.File{}, errors.Join(err, w.Abort())
	}
	return w.Close(rows)
}

// tap calls f for each row that passes.
func tap[R any](rows iter.Seq2[*R, error], f func(*R)) iter.Seq2[*R, error] {
	return func(yield func(*R, error) bool) {
		for row, err := range rows {
			if err == nil {
				f(row)
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// runMerger merges sorted runs into one.
type runMerger[R any] struct {
	runs    []iter.Seq2[*R, error]
	compare func(a, b *R) int
	// join adds a row to an equal one of another run.
	join func(into, r *R)
	// change changes the rows of a run, if it is not nil. It keeps their order.
	change func(run int, r *R)
	// place notes where the rows of each run come to lie, if it is not nil.
	place [][]uint32
}

func joined[R any](compare func(a, b *R) int, join func(into, r *R)) *runMerger[R] {
	return &runMerger[R]{compare: compare, join: join}
}

// runHead is the next row of a run.
type runHead[R any] struct {
	run  int
	row  *R
	next func() (*R, error, bool)
}

// rows are the merged rows. Each is valid until the next one.
func (m *runMerger[R]) rows() iter.Seq2[*R, error] {
	return func(yield func(*R, error) bool) {
		var heads []*runHead[R]
		for i, run := range m.runs {
			next, stop := iter.Pull2(run)
			defer stop()
			h := &runHead[R]{run: i, next: next}
			if ok, err := m.advance(h); err != nil {
				yield(nil, err)
				return
			} else if ok {
				heads = append(heads, h)
			}
		}
		m.sift(heads)
		m.emit(heads, yield)
	}
}

// emit yields the rows of all heads in order, equal ones as one.
func (m *runMerger[R]) emit(heads []*runHead[R], yield func(*R, error) bool) {
	var row R
	last, n := -1, uint32(0) // the run of row, and the rows that were begun
	for len(heads) > 0 {
		h := heads[0]
		same := last >= 0 && m.compare(&row, h.row) == 0
		switch {
		case same:
			m.join(&row, h.row)
		default:
			if last >= 0 && !yield(&row, nil) {
				return
			}
			row, last = *h.row, h.run
			n++
		}
		if m.place != nil {
			m.place[h.run] = append(m.place[h.run], n-1)
		}
		ok, err := m.advance(h)
		if err != nil {
			yield(nil, err)
			return
		}
		if !ok {
			heads[0] = heads[len(heads)-1]
			heads = heads[:len(heads)-1]
		}
		m.sink(heads, 0)
	}
	if last >= 0 {
		yield(&row, nil)
	}
}

// advance goes to the next row of a run; ok is false at its end.
func (m *runMerger[R]) advance(h *runHead[R]) (ok bool, err error) {
	row, err, ok := h.next()
	if !ok || err != nil {
		return false, err
	}
	if m.change != nil {
		m.change(h.run, row)
	}
	h.row = row
	return true, nil
}

// sift makes a heap of heads.
func (m *runMerger[R]) sift(heads []*runHead[R]) {
	slices.SortFunc(heads, m.compareHeads)
}

func (m *runMerger[R]) compareHeads(a, b *runHead[R]) int {
	return cmp.Or(m.compare(a.row, b.row), cmp.Compare(a.run, b.run))
}

// sink restores the heap after a change of one head.
func (m *runMerger[R]) sink(heads []*runHead[R], i int) {
	for {
		least := i
		for _, child := range [...]int{2*i + 1, 2*i + 2} {
			if child < len(heads) && m.compareHeads(heads[child], heads[least]) < 0 {
				least = child
			}
		}
		if least == i {
			return
		}
		heads[i], heads[least] = heads[least], heads[i]
		i = least
	}
}

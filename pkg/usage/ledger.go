package usage

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Ledger knows the objects that a dataset has whole, as far as a filter lets them in.
// It takes about 50 bytes for each.
type Ledger struct {
	tags   map[[2]uint64]uint64            // of objects, by key, size and time
	part   map[[2]uint64]partly            // of objects that were not taken whole
	due    map[string]map[[2]uint64]partly // objects that are to be read again, by key
	broken map[string]Windows              // what was taken of objects that were broken, by key
	folder []ObjectRow
}

// partly is an object of which a filter let only some records in.
type partly struct {
	tag   uint64
	taken Windows
}

// kindUnreadable is of rows that stand for a folder.
const kindUnreadable = "unreadable"

// Unlisted are the rows of folders that could not be listed, in full or at all. A nil
// ledger has none.
func (l *Ledger) Unlisted() []ObjectRow {
	if l == nil {
		return nil
	}
	return l.folder
}

// Ledger reads which objects need not be read again under a filter. It calls seen, if
// it is not nil, with each object of the dataset. Objects with events of days
// that again tells are to be read again; nil: of no day.
func (d *Dataset) Ledger(f *Filter, seen func(*ObjectRow), again func(day int32) bool) (*Ledger, error) {
	l := &Ledger{tags: map[[2]uint64]uint64{}, part: map[[2]uint64]partly{}, due: map[string]map[[2]uint64]partly{}, broken: map[string]Windows{}}
	for _, file := range d.manifest.Files {
		if dirOf(file) != sectionObjects {
			continue
		}
		t := &Table{}
		if err := readInto(d.store, d.root, file, sectionNamed(sectionObjects), t); err != nil {
			return nil, err
		}
		for i := range t.Objects {
			if seen != nil {
				seen(&t.Objects[i])
			}
			l.add(&t.Objects[i], f, again)
		}
	}
	return l, nil
}

func (l *Ledger) add(o *ObjectRow, f *Filter, again func(day int32) bool) {
	taken := Windows{{}}
	if o.Filter != "" {
		taken = WindowsOf(o.Filter)
	}
	if o.broken() {
		l.broken[o.Key] = taken
	}
	if o.broken() && o.Kind == kindUnreadable {
		l.folder = append(l.folder, *o)
	}
	switch {
	case again != nil && o.Records > 0 && o.hasEventsOf(again):
		if l.due[o.Key] == nil {
			l.due[o.Key] = map[[2]uint64]partly{}
		}
		l.due[o.Key][o.identity()] = partly{tagOf(o.ETag), taken}
	case o.broken():
	case taken.covers(f.window()):
		l.tags[o.identity()] = tagOf(o.ETag)
	default:
		l.part[o.identity()] = partly{tagOf(o.ETag), taken}
	}
}

// longSpan is the span of an object's events, in days, from which it is not asked of
// each of them whether it concerns.
const longSpan = 1000

// hasEventsOf reports whether the object may have events of some days.
func (o *ObjectRow) hasEventsOf(days func(int32) bool) bool {
	if days(unknownDay) || (o.Last-o.First)/dayMillis > longSpan {
		return true
	}
	for day := o.First / dayMillis; o.First > 0 && day <= o.Last/dayMillis; day++ {
		if days(int32(day)) {
			return true
		}
	}
	return false
}

// Past is what a dataset has of an object.
type Past struct {
	// Whole: it has all that the filter lets in, and the object need not be read.
	Whole bool
	// Before tells of which times its records were taken; nil: of none.
	Before Windows
	// Broken: it could not be read in full. An object of the key was.
	Broken bool
	// Again: it is to be read again for the days that Ledger was given.
	Again bool
	// Tag: that depends on its tag, which is not that of the row.
	Tag bool
}

// Look tells what the dataset has of an object, by its key, size, time and tag. A nil
// ledger has nothing, nor is a stream known, which has no size.
func (l *Ledger) Look(o *ObjectRow) Past {
	if l == nil || o.Size < 0 {
		return Past{}
	}
	if taken, broken := l.broken[o.Key]; broken {
		return Past{Before: taken, Broken: true}
	}
	id, tag := o.identity(), tagOf(o.ETag)
	if d, ok := l.due[o.Key][id]; ok {
		return d.past(tag, Past{Before: d.taken, Again: true})
	}
	if p, ok := l.part[id]; ok {
		return p.past(tag, Past{Before: p.taken})
	}
	if t, ok := l.tags[id]; ok {
		return partly{tag: t}.past(tag, Past{Whole: true})
	}
	return Past{}
}

// past is what is known of the object if the tag is right.
func (p partly) past(tag uint64, known Past) Past {
	if p.tag != tag {
		return Past{Tag: true}
	}
	return known
}

// Settle notes that an object will be read, so that it is no longer due; one that has
// changed either, since there is no more of it to be had, unless several objects of its
// key are due.
func (l *Ledger) Settle(o *ObjectRow) {
	if l == nil {
		return
	}
	due := l.due[o.Key]
	if _, same := due[o.identity()]; !same && len(due) == 1 {
		clear(due)
	}
	if delete(due, o.identity()); len(due) == 0 {
		delete(l.due, o.Key)
	}
}

// Due lists the keys of objects that are to be read again and were not settled. It is
// asked when all are listed: Settle changes what it reads.
func (l *Ledger) Due() []string {
	if l == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(l.due))
}

// identity is what an object is told by, apart from its tag. A store that has tags
// changes times when it copies objects, so that they don't count there.
func (o *ObjectRow) identity() [2]uint64 {
	h := sha256.New()
	modTime := o.ModTime
	if remote(o.Key) {
		modTime = 0
	}
	fmt.Fprintf(h, "%s\x00%d\x00%d", o.Key, o.Size, modTime)
	sum := h.Sum(nil)
	return [2]uint64{binary.BigEndian.Uint64(sum), binary.BigEndian.Uint64(sum[8:])}
}

func tagOf(etag string) uint64 {
	sum := sha256.Sum256([]byte(etag))
	return binary.BigEndian.Uint64(sum[:])
}

// remote reports whether a key names one object wherever it is read from.
func remote(key string) bool { return strings.HasPrefix(key, "s3://") }

// mergeObjects adds new rows of the ledger to old ones, and says what that adds to the
// totals. A row takes the place of one of the same object that was read before.
func mergeObjects(old, added []ObjectRow) (rows []ObjectRow, sum Stats) {
	again := map[string][]*ObjectRow{}
	for i := range added {
		o := &added[i]
		again[o.Key] = append(again[o.Key], o)
		s := o.totals()
		sum.Add(&s)
	}
	rows = slices.Clone(added)
	for i := range old {
		o := &old[i]
		if n := again[o.Key]; len(n) == 1 && n[0].Error != "" && n[0].Records == 0 && !o.broken() && o.replacedBy(n[0]) {
			o.failed(n[0], rows, &sum)
			continue
		}
		if slices.ContainsFunc(again[o.Key], o.replacedBy) {
			s := o.totals()
			sum.sub(&s)
			continue
		}
		rows = append(rows, *o)
	}
	sortRows(rows, compareObjects)
	return rows, sum
}

// failed puts the row, with the error of n, in the place of n, which was to be the
// object once more and gave nothing: what it gave before still counts.
func (o *ObjectRow) failed(n *ObjectRow, rows []ObjectRow, sum *Stats) {
	at := slices.Index(rows, *n)
	was, now := o.totals(), *o
	now.Error = n.Error
	added, read := n.totals(), now.totals()
	sum.sub(&was)
	sum.sub(&added)
	sum.Add(&read)
	rows[at] = now
}

// totals are those of the object with all its records.
func (o *ObjectRow) totals() Stats {
	s := o.stats()
	s.Records = o.Records
	return s
}

// replacedBy reports whether n is the same object, read again: it could not be read
// in full, its name is unique, or nothing of it has changed.
func (o *ObjectRow) replacedBy(n *ObjectRow) bool {
	return o.broken() || remote(o.Key) || o.identity() == n.identity() && o.ETag == n.ETag
}

// Admits reports, as an error, that the dataset was made with other accounts or
// regions than those of a filter, so that the two cannot be joined.
func (d *Dataset) Admits(f *Filter) error {
	if d.manifest.Format == 0 {
		return nil
	}
	old, now := orNone(d.manifest.Filter), orNone(f)
	if !slices.Equal(old.Accounts, now.Accounts) || !slices.Equal(old.Regions, now.Regions) {
		return fmt.Errorf("%s was made with other --accounts or --regions (%s), and cannot be extended with these (%s); give the same or another folder",
			d.root, selected(old), selected(now))
	}
	return nil
}

func orNone(f *Filter) *Filter {
	if f == nil {
		return &Filter{}
	}
	return f
}

func selected(f *Filter) string {
	all := append(slices.Clone(f.Accounts), f.Regions...)
	if len(all) == 0 {
		return "all"
	}
	return strings.Join(all, ", ")
}

// widened is the filter of the dataset with what another let in.
func (m *manifest) widened(f *Filter) *Filter {
	switch {
	case m.Format == 0:
		return f
	case m.Filter == nil:
		return nil
	}
	w := orNone(f)
	taken := m.Filter.windows().Join(Windows{f.window()})
	out := &Filter{Accounts: w.Accounts, Regions: w.Regions, Since: stamp(taken[0].Since), Until: stamp(taken[len(taken)-1].Until)}
	for i := 1; i < len(taken); i++ {
		out.Gaps = append(out.Gaps, stamp(taken[i-1].Until)+"/"+stamp(taken[i].Since))
	}
	if out.Since == "" && out.Until == "" && len(out.Gaps)+len(out.Accounts)+len(out.Regions) == 0 {
		return nil
	}
	return out
}

// windows are the times that a filter let in.
func (f *Filter) windows() Windows {
	w := Windows{f.window()}
	for _, gap := range f.Gaps {
		for _, g := range WindowsOf(gap) {
			last := len(w) - 1
			w = append(w, Window{g.Until, w[last].Until})
			w[last].Until = g.Since
		}
	}
	return w
}

package usage

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Ledger knows the objects that a dataset has whole, as far as a filter lets them in.
// It takes about 50 bytes for each.
type Ledger struct {
	tags map[[2]uint64]uint64 // of objects, by key, size and time
	due  map[[2]uint64]string // keys of objects that are to be read again
}

// Ledger reads which objects need not be read again under a filter. It calls seen, if
// it is not nil, with the key of each object of the dataset. Objects with events of days
// that again tells are to be read again; nil: of no day.
func (d *Dataset) Ledger(f *Filter, seen func(key string), again func(day int32) bool) (*Ledger, error) {
	l := &Ledger{tags: map[[2]uint64]uint64{}, due: map[[2]uint64]string{}}
	for _, file := range d.manifest.Files {
		if dirOf(file) != sectionObjects {
			continue
		}
		t := &Table{}
		if err := readInto(d.store, d.root, file, sectionNamed(sectionObjects), t); err != nil {
			return nil, err
		}
		for i := range t.Objects {
			o := &t.Objects[i]
			if seen != nil {
				seen(o.Key)
			}
			switch {
			case again != nil && o.Records > 0 && o.hasEventsOf(again):
				l.due[o.identity()] = o.Key
			case !o.broken() && (o.Filtered == 0 || admits(o.Filter, f)):
				l.tags[o.identity()] = tagOf(o.ETag)
			}
		}
	}
	return l, nil
}

// hasEventsOf reports whether the object may have events of some days.
func (o *ObjectRow) hasEventsOf(days func(int32) bool) bool {
	if o.First == 0 {
		return days(unknownDay)
	}
	for day := o.First / dayMillis; day <= o.Last/dayMillis; day++ {
		if days(int32(day)) {
			return true
		}
	}
	return false
}

// Again reports whether an object is to be read again, of which then only the events of
// the days that Ledger was given are to be counted.
func (l *Ledger) Again(o *ObjectRow) bool {
	if l == nil {
		return false
	}
	_, again := l.due[o.identity()]
	delete(l.due, o.identity())
	return again
}

// Due lists the keys of objects that are to be read again and for which Again was not
// called.
func (l *Ledger) Due() []string {
	if l == nil {
		return nil
	}
	return slices.Sorted(maps.Values(l.due))
}

// Len is the number of objects.
func (l *Ledger) Len() int {
	if l == nil {
		return 0
	}
	return len(l.tags)
}

// Has reports whether the dataset has the object, by its key, size, time and tag.
// listed is set where all but the tag is. A nil ledger has nothing, nor is
// a stream known, which has no size.
func (l *Ledger) Has(o *ObjectRow) (has, listed bool) {
	if l == nil || o.Size < 0 {
		return false, false
	}
	tag, ok := l.tags[o.identity()]
	return ok && tag == tagOf(o.ETag), ok
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

// String is the filter in one line, "" for none; equal filters have equal lines.
func (f *Filter) String() string {
	if f == nil {
		return ""
	}
	return strings.Join([]string{f.Since, f.Until, strings.Join(f.Accounts, ","), strings.Join(f.Regions, ",")}, " ")
}

// admits reports whether what a filter, as a line, let in is all that f would.
func admits(line string, f *Filter) bool {
	part := strings.Split(line, " ")
	if len(part) != 4 {
		return line == ""
	}
	if f == nil {
		f = &Filter{}
	}
	return startsBy(part[0], f.Since) && endsAfter(part[1], f.Until) &&
		part[2] == strings.Join(f.Accounts, ",") && part[3] == strings.Join(f.Regions, ",")
}

func startsBy(since, wanted string) bool {
	return since == "" || wanted != "" && !instant(since).After(instant(wanted))
}

func endsAfter(until, wanted string) bool {
	return until == "" || wanted != "" && !instant(until).Before(instant(wanted))
}

func instant(s string) time.Time {
	t, _ := time.Parse(time.RFC3339, s)
	return t
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
	if m.Format == 0 {
		return f
	}
	if m.Filter == nil || f == nil {
		return nil
	}
	w := *m.Filter
	if w.Since == "" || f.Since == "" || instant(f.Since).Before(instant(w.Since)) {
		w.Since = f.Since
	}
	if m.Filter.Since == "" {
		w.Since = ""
	}
	if w.Until != "" && (f.Until == "" || instant(f.Until).After(instant(w.Until))) {
		w.Until = f.Until
	}
	return w.orNil()
}

// orNil is nil for a filter that leaves nothing out.
func (f *Filter) orNil() *Filter {
	if f.Since == "" && f.Until == "" && len(f.Accounts)+len(f.Regions) == 0 {
		return nil
	}
	return f
}

package usage

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/internal/args"
	"github.com/tighten-iam/tighten/internal/store"
)

// storedDay reads what a dataset has of a day that does not fit in memory: of each file
// one row group at a time, once for each part of the day.
type storedDay struct {
	root     string
	files    map[string]store.File // by section
	open     []*os.File
	calls    *decoder[Call] // nil where there is no file, as the others
	trust    *decoder[Trust]
	prints   *decoder[print]
	args     *decoder[argsRow]
	contexts *decoder[pairRow]
}

// openStored opens the files of a day.
func (u *update) openStored(day int32) (*storedDay, error) {
	s := &storedDay{root: u.root, files: map[string]store.File{}}
	for _, f := range u.stored(day) {
		s.files[dirOf(f)] = f
	}
	var errs [5]error
	s.calls, errs[0] = openRows(s, u.store, sectionCalls, callColumns())
	s.trust, errs[1] = openRows(s, u.store, "trust", trustColumns())
	s.prints, errs[2] = openRows(s, u.store, "ids", printColumns())
	s.args, errs[3] = openRows(s, u.store, sectionArgs, argsColumns())
	s.contexts, errs[4] = openRows(s, u.store, sectionContext, pairColumns())
	if err := errors.Join(errs[:]...); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func openRows[R any](s *storedDay, from *store.Store, dir string, cols []column[R]) (*decoder[R], error) {
	f, ok := s.files[dir]
	if !ok {
		return nil, nil
	}
	src, err := from.Open(f)
	if err != nil {
		return nil, err
	}
	s.open = append(s.open, src)
	d, err := newDecoder(cols, src)
	if err == nil && d.in.Total() != int64(f.Rows) {
		err = errRows(d.in.Total(), f.Rows)
	}
	if err != nil {
		return nil, s.fail(dir, err)
	}
	d.in.Share = true
	return d, nil
}

func (s *storedDay) close() error {
	var errs []error
	for _, f := range s.open {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// fail is the error of the file of a section.
func (s *storedDay) fail(dir string, err error) error {
	if err == nil {
		return nil
	}
	return errFile(s.root, s.files[dir], err)
}

// levels adds the contexts of the day's calls. Those that there are of them are in
// memory meanwhile, as they are in the levels.
func (s *storedDay) levels(to *contextLevels) error {
	if s.calls == nil || s.contexts == nil {
		return nil
	}
	all := map[string][]ContextPair{}
	s.contexts.next = 0
	err := eachList(s.contexts, func(string) bool { return true }, func(id string, pairs []ContextPair) {
		all[strings.Clone(id)] = clonePairs(pairs)
	})
	if err != nil {
		return s.fail(sectionContext, err)
	}
	s.calls.in.Share = false // the levels keep some
	defer func() { s.calls.in.Share = true }()
	var names []string
	for g := range s.calls.in.Groups() {
		v, err := s.calls.column(g, "principal")
		if err != nil {
			return s.fail(sectionCalls, err)
		}
		names = names[:0]
		for i := range s.calls.in.Rows(g) {
			names = append(names, v.Text(i))
		}
		if v, err = s.calls.column(g, "context_id"); err != nil {
			return s.fail(sectionCalls, err)
		}
		for i, name := range names {
			to.add(name, v.Text(i), all[v.Text(i)])
		}
	}
	return nil
}

func clonePairs(pairs []ContextPair) []ContextPair {
	pairs = slices.Clone(pairs)
	for i := range pairs {
		pairs[i] = ContextPair{strings.Clone(pairs[i].Key), strings.Clone(pairs[i].Value)}
	}
	return pairs
}

// add counts again what a day has of shards from..until-1, as Table.shards selects it.
func (s *storedDay) add(to *Builder, from, until int) error {
	if s.calls == nil {
		return nil
	}
	p := &storedPart{storedDay: s, b: to, from: from, until: until}
	if err := p.addCalls(); err != nil {
		return err
	}
	if err := s.fail("trust", p.addTrust()); err != nil {
		return err
	}
	p.stake()
	if err := s.fail(sectionArgs, p.addArgs()); err != nil {
		return err
	}
	return s.fail(sectionContext, p.addContexts())
}

// storedPart is a part of a storedDay on its way to a builder.
type storedPart struct {
	*storedDay
	b           *Builder
	from, until int

	group  []Call  // reused by addGroup
	prints []print // of the part; Call is the number of the row in b, Trust that of the file
	// numbers of the arguments and contexts that b did not have
	lists, frames []uint32
	claimed       []int64 // for the first part: of each row of trust/ the events with a fingerprint
	callers       trustRefs
}

// trustRefs are the rows of trust/ that fingerprints refer to.
type trustRefs struct {
	rows    []int64 // in order
	events  []int64 // of the part
	numbers []uint32
}

// addCalls adds the rows of calls/ that events of the part count in, and notes their
// fingerprints. These are in the order of the rows, so that both files are read once.
func (p *storedPart) addCalls() error {
	if p.trust != nil && p.from == 0 {
		p.claimed = make([]int64, p.trust.in.Total())
	}
	cursor := &printCursor{from: p.storedDay.prints}
	if cursor.from != nil {
		cursor.from.next = 0
	}
	p.calls.next = 0
	for first := int64(0); ; {
		n, err := p.calls.size()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return p.fail(sectionCalls, err)
		}
		counts := newPortion(n)
		old := len(p.prints)
		if err := p.take(cursor, counts, first); err != nil {
			return p.fail("ids", err)
		}
		if err := p.addGroup(counts, p.prints[old:], first); err != nil {
			return p.fail(sectionCalls, err)
		}
		first += int64(n)
	}
	if _, ok, err := cursor.peek(); ok || err != nil {
		return p.fail("ids", errors.Join(err, errOutside))
	}
	return nil
}

// errOutside is the error of fingerprints that no row goes with.
var errOutside = errors.New("fingerprints of other rows than there are")

// take counts the fingerprints of a row group of calls/, and notes those of the part.
func (p *storedPart) take(cursor *printCursor, counts *portion, first int64) error {
	for {
		r, ok, err := cursor.peek()
		if err != nil || !ok || r.Call >= first+int64(len(counts.in)) {
			return err
		}
		if r.Call < first || r.Trust < 0 || r.Trust > 0 && (p.trust == nil || r.Trust > p.trust.in.Total()) {
			return errOutside
		}
		cursor.at++
		shard := shardOf(uint64(r.Fingerprint))
		in := shard >= p.from && shard < p.until
		counts.count(r.Call-first, in)
		if r.Trust > 0 && p.claimed != nil {
			p.claimed[r.Trust-1]++
		}
		if in {
			p.prints = append(p.prints, *r)
		}
	}
}

// addGroup adds those rows of a row group that the part takes. prints are the
// fingerprints that count in them.
func (p *storedPart) addGroup(counts *portion, prints []print, first int64) error {
	events := func(int) int64 { return 0 }
	if p.from == 0 {
		v, err := p.calls.column(p.calls.next, "events")
		if err != nil {
			return err
		}
		events = func(i int) int64 { n, _ := v.Int(i); return n }
	}
	var places []uint32
	var taken []int64
	for i := range counts.in {
		if n, ok := counts.take(i, events(i), p.from == 0); ok {
			places, taken = append(places, uint32(i)), append(taken, n)
		}
	}
	var err error
	if p.group, err = p.calls.pick(p.group[:0], places); err != nil {
		return err
	}
	numbers := make([]uint32, len(places))
	for i := range p.group {
		c := &p.group[i]
		k := p.b.storedCall(c)
		numbers[i] = p.b.calls.row(k)
		p.b.calls.at(numbers[i]).join(taken[i], c.First, c.Last)
		if _, ok := p.b.args.byID[k.args]; !ok && k.args != 0 {
			p.lists = append(p.lists, k.args)
		}
		if _, ok := p.b.contexts[k.context]; !ok && k.context != 0 {
			p.frames = append(p.frames, k.context)
		}
	}
	for i := range prints {
		prints[i].Call = int64(numbers[counts.place[prints[i].Call-first]])
		prints[i].Account = p.b.texts.at(p.b.texts.id(prints[i].Account))
	}
	return nil
}

// addTrust adds the rows of trust/ that events of the part count in.
func (p *storedPart) addTrust() error {
	if p.trust == nil {
		return nil
	}
	p.callers.of(p.prints)
	p.trust.next = 0
	var group []Trust
	for first := int64(0); ; {
		n, err := p.trust.size()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if group, err = p.addTrustGroup(group[:0], first, n); err != nil {
			return err
		}
		first += int64(n)
	}
}

func (p *storedPart) addTrustGroup(group []Trust, first int64, n int) ([]Trust, error) {
	refs := &p.callers
	at, _ := slices.BinarySearch(refs.rows, first)
	var places []uint32
	var taken []int64
	if p.from > 0 {
		for i := at; i < len(refs.rows) && refs.rows[i] < first+int64(n); i++ {
			places, taken = append(places, uint32(refs.rows[i]-first)), append(taken, refs.events[i])
		}
	} else {
		v, err := p.trust.column(p.trust.next, "events")
		if err != nil {
			return nil, err
		}
		for i, all := range p.claimed[first : first+int64(n)] {
			in := int64(0)
			if j, ok := slices.BinarySearch(refs.rows, first+int64(i)); ok {
				in = refs.events[j]
			}
			events, _ := v.Int(i)
			if k, ok := takes(in, all, events, true); ok {
				places, taken = append(places, uint32(i)), append(taken, k)
			}
		}
	}
	group, err := p.trust.pick(group, places)
	if err != nil {
		return nil, err
	}
	for i := range group {
		r := &group[i]
		number := p.b.trust.row(p.b.storedTrust(r))
		p.b.trust.at(number).join(taken[i], r.First, r.Last)
		if j, ok := slices.BinarySearch(refs.rows, first+int64(places[i])); ok {
			refs.numbers[j] = number
		}
	}
	return group, nil
}

// of finds the rows that fingerprints refer to.
func (t *trustRefs) of(prints []print) {
	for i := range prints {
		if prints[i].Trust > 0 {
			t.rows = append(t.rows, prints[i].Trust-1)
		}
	}
	slices.Sort(t.rows)
	kept := t.rows[:0]
	for _, row := range t.rows {
		if n := len(kept); n > 0 && kept[n-1] == row {
			t.events[n-1]++
			continue
		}
		kept, t.events = append(kept, row), append(t.events, 1)
	}
	t.rows, t.numbers = kept, make([]uint32, len(kept))
}

// stake lets the events of the part claim their fingerprints.
func (p *storedPart) stake() {
	for i := range p.prints {
		r := &p.prints[i]
		c := claim{call: uint32(r.Call)}
		if r.Trust > 0 {
			j, _ := slices.BinarySearch(p.callers.rows, r.Trust-1)
			c.trust = p.callers.numbers[j] + 1
		}
		p.b.stake(partKey{p.b.texts.id(r.Account), r.Day}, uint64(r.Fingerprint), c)
	}
	p.prints = nil
}

// addArgs keeps the arguments that b did not have, unless they are missing.
func (p *storedPart) addArgs() error {
	a, wanted := &p.b.args, p.wanted(p.lists)
	if p.args == nil {
		return nil
	}
	var list args.List
	p.args.next = 0
	return eachWanted(p.args, wanted.passes, func(r *argsRow) (err error) {
		if list, err = args.Parse(list[:0], r.Leaves); err == nil {
			a.stored(wanted.number(r.ID), r.Leaves)
		}
		return err
	})
}

// addContexts is addArgs for contexts.
func (p *storedPart) addContexts() error {
	all, wanted := p.b.contexts, p.wanted(p.frames)
	for _, n := range wanted.numbers {
		all[n] = nil
	}
	if p.contexts == nil {
		return nil
	}
	p.contexts.next = 0
	return eachList(p.contexts, wanted.passes, func(id string, pairs []ContextPair) {
		all[wanted.number(id)] = clonePairs(pairs)
	})
}

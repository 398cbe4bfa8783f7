package usage

import (
	"context"
	"errors"
	"maps"
	"path"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	columnar "github.com/tighten-iam/tighten/internal/parquet"
	"github.com/tighten-iam/tighten/internal/store"
)

// update is a commit under way.
type update struct {
	*Dataset
	batch  *Batch
	derive *Derive

	byDay map[string][]store.File // of the dataset, by their folders' dates

	mu    sync.Mutex
	next  manifest
	files map[string]store.File // of next, by folder
}

func (d *Dataset) update(b *Batch, o *Derive) *update {
	u := &update{Dataset: d, batch: b, derive: o, next: *d.manifest, files: d.byFolder()}
	u.next.Format, u.next.Days = formatVersion, map[string]dayTotals{}
	maps.Copy(u.next.Days, d.manifest.Days)
	u.byDay = map[string][]store.File{}
	for _, f := range d.manifest.Files {
		date := dateOf(path.Dir(f.Path))
		u.byDay[date] = append(u.byDay[date], f)
	}
	return u
}

// events makes the days that change, several at a time.
func (u *update) events(ctx context.Context) error {
	days := u.days()
	workers := max(1, min(u.derive.Workers, len(days)))
	todo := make(chan int32, len(days))
	for _, day := range days {
		todo <- day
	}
	close(todo)
	group, ctx := errgroup.WithContext(ctx)
	for range workers {
		group.Go(func() error { return u.makeDays(ctx, todo, max(1, u.derive.Workers/workers)) })
	}
	return group.Wait()
}

// days lists the days that change: those of the batch and, where usage is made in
// another way than it was, all.
func (u *update) days() []int32 {
	all := map[int32]bool{}
	for _, day := range u.batch.eventDays() {
		all[day] = true
	}
	for name := range u.manifest.Days {
		if day := dayNamed(name); u.batch.replaces(day) {
			all[day] = true
		}
	}
	if m := u.manifest; m.Facts != u.next.Facts || m.MaxResources != u.next.MaxResources { // a new dataset has no days
		for name := range m.Days {
			all[dayNamed(name)] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func (u *update) makeDays(ctx context.Context, todo <-chan int32, goroutines int) error {
	out, err := columnar.NewWriter(createdBy)
	if err != nil {
		return err
	}
	resolve := u.derive.Resolver(goroutines)
	for day := range todo {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if parts := u.partsOf(day); parts > 1 {
			err = u.makeLarge(ctx, out, day, parts, resolve)
		} else {
			err = u.makeDay(ctx, out, day, resolve)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// makeDay makes a day in memory.
func (u *update) makeDay(ctx context.Context, out *columnar.Writer, day int32, resolve func(context.Context, *Table) error) error {
	t, err := u.merged(day)
	if err != nil {
		return err
	}
	if err := resolve(ctx, t); err != nil {
		return err
	}
	var coarse Coarsened
	t.Usage, coarse = CoarsenUsage(t.Usage, u.derive.MaxResources)
	t.Coarsened = coarse.Groups
	return u.putEvents(out, day, t, !u.batch.has(day) && !u.batch.replaces(day))
}

// merged lists the calls of a day: those that are stored with those of the batch.
func (u *update) merged(day int32) (*Table, error) {
	stored, changes := &Table{}, u.batch.has(day)
	parts := PartCalls
	if changes {
		parts |= PartTrust | partIDs
	}
	if err := readFiles(u.store, u.root, u.stored(day), parts, stored, nil); err != nil {
		return nil, err
	}
	switch {
	case !changes:
		return stored, nil
	case len(stored.Calls) == 0 && u.batch.spool == nil:
		return u.batch.rows.list(*u.batch.days[day]), nil
	case u.manifest.Days[dateName(day)].Closed && !u.batch.replaces(day):
		return u.mergedLate(day, stored)
	}
	b := NewBuilder()
	b.add(stored)
	if rows := u.batch.days[day]; rows != nil {
		b.adoptRows(u.batch.rows, *rows)
	}
	if err := u.batch.addSpooled(b, day, 0, spoolShards); err != nil {
		return nil, err
	}
	return b.list(b.everything()), nil
}

// mergedLate lists the calls of a day without fingerprints: what the batch has of it
// makes rows, and no counts.
func (u *update) mergedLate(day int32, stored *Table) (*Table, error) {
	now := NewBuilder()
	if rows := u.batch.days[day]; rows != nil {
		now.adoptRows(u.batch.rows, *rows)
	}
	if err := u.batch.addSpooled(now, day, 0, spoolShards); err != nil {
		return nil, err
	}
	t, late := now.list(now.everything()), int64(0)
	for i := range t.Calls {
		late += t.Calls[i].Events
		t.Calls[i].Events = 0
	}
	for i := range t.Trust {
		t.Trust[i].Events = 0
	}
	t.prints = nil
	b := NewBuilder()
	b.add(stored)
	b.add(t)
	all := b.list(b.everything())
	all.Stats.Late = late
	return all, nil
}

// close drops the fingerprints of days that ended so many days before the last one.
func (u *update) close(days int32) {
	last := int32(unknownDay)
	for name := range u.next.Days {
		last = max(last, dayNamed(name))
	}
	ids := sectionNamed(sectionIDs)
	for name, totals := range u.next.Days {
		day := dayNamed(name)
		if days <= 0 || day < 0 || day >= last-days {
			continue
		}
		totals.Closed = true
		u.next.Days[name] = totals
		delete(u.files, ids.folder(day))
	}
}

// stored lists the files of a day of events that stay evidence.
func (u *update) stored(day int32) []store.File {
	if u.batch.replaces(day) {
		return nil
	}
	return u.filesOf(day)
}

// filesOf lists the files of a day.
func (u *update) filesOf(day int32) []store.File { return u.byDay[dateName(day)] }

// putEvents puts the rows of a day, or only those that follow from its calls.
func (u *update) putEvents(out *columnar.Writer, day int32, t *Table, derivedOnly bool) error {
	before := u.manifest.Days[dateName(day)]
	totals := dayTotals{Coarsened: t.Coarsened}
	if !u.batch.replaces(day) {
		totals.Late, totals.Closed = before.Late+t.Stats.Late, before.Closed
	}
	for i := range t.Calls {
		totals.Events += t.Calls[i].Events
	}
	u.mu.Lock()
	if u.next.Days[dateName(day)] = totals; len(t.Calls) == 0 {
		delete(u.next.Days, dateName(day))
	}
	u.mu.Unlock()
	return u.put(out, day, t, func(s *section) bool { return s.kind == ofFacts || s.kind == ofEvents && !derivedOnly })
}

// put replaces the files of some sections of a day.
func (u *update) put(out *columnar.Writer, day int32, t *Table, wanted func(*section) bool) error {
	for _, s := range sections() {
		if !wanted(&s) {
			continue
		}
		folder := s.folder(day)
		if s.rows(t) == 0 {
			u.mu.Lock()
			delete(u.files, folder)
			u.mu.Unlock()
			continue
		}
		f, err := u.write(out, folder, t, &s)
		if err != nil {
			return err
		}
		u.mu.Lock()
		u.files[folder] = f
		u.mu.Unlock()
	}
	return nil
}

func (u *update) write(out *columnar.Writer, folder string, t *Table, s *section) (store.File, error) {
	w, err := u.store.Create(folder)
	if err != nil {
		return store.File{}, err
	}
	rows, err := s.save(t, out, w, groupRows)
	if err != nil {
		return store.File{}, errors.Join(err, w.Abort())
	}
	return w.Close(rows)
}

// deliveries adds the objects of the batch to the ledger, whose sums are the totals.
func (u *update) deliveries() error {
	out, err := columnar.NewWriter(createdBy)
	if err != nil {
		return err
	}
	for _, day := range u.batch.deliveryDays() {
		objects, err := u.batch.objects(day)
		if err != nil {
			return err
		}
		stored := &Table{}
		if err := readFiles(u.store, u.root, u.filesOf(day), PartObjects, stored, nil); err != nil {
			return err
		}
		rows, added := mergeObjects(stored.Objects, objects)
		u.next.Stats.Add(&added)
		t := &Table{Objects: rows, Deliveries: deliveriesOf(slices.Clone(rows))}
		if err := u.put(out, day, t, func(s *section) bool { return s.kind == ofObjects }); err != nil {
			return err
		}
	}
	s := &u.next.Stats
	counted, late := u.next.events()
	s.Late, s.Duplicates = late, s.Records-s.Filtered-s.Unreadable-counted-late
	return nil
}

// digests adds what digests say.
func (u *update) digests() error {
	found := u.batch.Digests
	if found == nil {
		return nil
	}
	out, err := columnar.NewWriter(createdBy)
	if err != nil {
		return err
	}
	stored, err := u.Dataset.Digests()
	if err != nil {
		return err
	}
	all := &Table{Digests: AggregateDigests(append(stored.Digests, found.Rows...)), Listed: found.Listed, Chains: found.Chains}
	_, _, now := all.byDay()
	_, _, before := stored.byDay()
	for day := range before {
		if now[day] == nil {
			now[day] = &Table{}
		}
	}
	for day, part := range now {
		part.sort()
		if err := u.put(out, day, part, func(s *section) bool { return s.kind == ofDigests }); err != nil {
			return err
		}
	}
	return nil
}

// commit makes next what the dataset is.
func (u *update) commit() error {
	u.next.Files = make([]store.File, 0, len(u.files))
	for _, folder := range slices.Sorted(maps.Keys(u.files)) {
		u.next.Files = append(u.next.Files, u.files[folder])
	}
	data, err := u.next.encode()
	if err != nil {
		return err
	}
	if err := u.store.Commit(u.next.Files, data); err != nil {
		return err
	}
	u.Dataset.manifest = &u.next
	return nil
}

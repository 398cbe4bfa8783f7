package usage

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	columnar "github.com/tighten-iam/tighten/internal/parquet"
)

// Spool keeps on disk what builders counted, where that is too much for memory, until
// a Dataset takes it in. What it keeps lies in blocks, each a part of the rows of one
// day with the fingerprints of the events that count in them.
//
// Rows of a day that has many are split by fingerprint: each of spoolShards blocks has
// the fingerprints of one range, the rows that their events count in, and as counts
// only these events. So one range after the other can be merged with all copies of its
// events at hand, and rows that are in several add up.
type Spool struct {
	dir   string
	whole int64 // size in memory below which the rows of a day are not split

	mu     sync.Mutex
	files  int
	days   map[int32]*spooledDay
	ledger map[int32][]block // of objects, by delivery day
}

// spooledDay is what a spool has of one day.
type spooledDay struct {
	blocks []block
	levels *contextLevels // of all that was spooled
	bytes  int64          // that its rows would take in memory
}

// block is a part of a spool file: a file for each section.
type block struct {
	path  string
	shard int // -1: all of the day that was in memory
	parts []blockPart
}

type blockPart struct {
	section  string
	at, size int64
	rows     int
}

// spoolShards is the number of ranges of fingerprints; a power of two.
const spoolShards = 64

// wholeBelow is Spool.whole: below it, files of shards would be tiny.
const wholeBelow = 8 << 20

// NewSpool keeps its files in dir, which is the caller's to remove.
func NewSpool(dir string) *Spool {
	return &Spool{dir: dir, whole: wholeBelow, days: map[int32]*spooledDay{}, ledger: map[int32][]block{}}
}

// empty reports whether nothing was spilled. A nil spool is empty.
func (s *Spool) empty() bool { return s == nil || s.files == 0 }

// Spill moves the rows and objects of a builder to the spool; it is empty then, but for
// its totals. Several builders may spill at a time.
func (s *Spool) Spill(b *Builder) (err error) {
	if s.dir == "" {
		return errors.New("no folder to keep in what does not fit in memory")
	}
	s.mu.Lock()
	s.files++
	name := filepath.Join(s.dir, fmt.Sprintf("spill-%d", s.files))
	s.mu.Unlock()
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	out, err := columnar.NewWriter(createdBy)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	w := &spillWriter{spool: s, path: name, buf: bufio.NewWriterSize(f, 1<<16), out: out}
	err = w.builder(b)
	if err := errors.Join(err, w.buf.Flush(), f.Close()); err != nil {
		return fmt.Errorf("keep on disk what does not fit in memory: %w", err)
	}
	objects := b.stats
	*b = *NewBuilder()
	b.stats = objects
	return nil
}

// spillWriter writes one file of a spool.
type spillWriter struct {
	spool *Spool
	path  string
	buf   *bufio.Writer
	at    int64
	out   *columnar.Writer
}

// Write implements io.Writer.
func (w *spillWriter) Write(p []byte) (int, error) {
	n, err := w.buf.Write(p)
	w.at += int64(n)
	return n, err
}

func (w *spillWriter) builder(b *Builder) error {
	for day, rows := range b.byDay() {
		if err := w.day(b, day, rows); err != nil {
			return err
		}
	}
	for day, objects := range objectsByDay(b.objects) {
		block, err := w.block(&Table{Objects: objects}, -1, func(s *section) bool { return s.dir == sectionObjects })
		if err != nil {
			return err
		}
		w.spool.mu.Lock()
		w.spool.ledger[day] = append(w.spool.ledger[day], block)
		w.spool.mu.Unlock()
	}
	return nil
}

// day writes the rows of one day.
func (w *spillWriter) day(b *Builder, day int32, rows *selection) error {
	size := b.sizeOf(rows)
	if size < w.spool.whole {
		return w.table(day, b.list(*rows), -1, size)
	}
	split := newSplitter(b, rows)
	for shard := range spoolShards {
		t := split.list(shard, shard+1, nil)
		if err := w.table(day, t, shard, size/spoolShards); err != nil {
			return err
		}
	}
	return nil
}

// table writes a block and adds it to the day's.
func (w *spillWriter) table(day int32, t *Table, shard int, size int64) error {
	if len(t.Calls)+len(t.Trust) == 0 {
		return nil
	}
	block, err := w.block(t, shard, func(s *section) bool { return s.kind == ofEvents })
	if err != nil {
		return err
	}
	w.spool.mu.Lock()
	defer w.spool.mu.Unlock()
	d := w.spool.days[day]
	if d == nil {
		d = &spooledDay{levels: newContextLevels(maxContexts)}
		w.spool.days[day] = d
	}
	for i := range t.Calls {
		d.levels.add(t.Calls[i].Principal, t.Calls[i].ContextID, t.Contexts[t.Calls[i].ContextID])
	}
	d.blocks = append(d.blocks, block)
	d.bytes += size
	return nil
}

// block writes some sections of a table.
func (w *spillWriter) block(t *Table, shard int, wanted func(*section) bool) (block, error) {
	b := block{path: w.path, shard: shard}
	for _, s := range sections() {
		if !wanted(&s) || s.rows(t) == 0 {
			continue
		}
		part := blockPart{section: s.dir, at: w.at}
		rows, err := s.save(t, w.out, w, groupRows)
		if err != nil {
			return b, err
		}
		part.rows, part.size = rows, w.at-part.at
		b.parts = append(b.parts, part)
	}
	return b, nil
}

// read loads a block.
func (b *block) read() (*Table, error) {
	f, err := os.Open(b.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t := &Table{}
	for _, p := range b.parts {
		data := make([]byte, p.size)
		if _, err := io.ReadFull(io.NewSectionReader(f, p.at, p.size), data); err != nil {
			return nil, err
		}
		if err := sectionNamed(p.section).load(t, data, p.rows); err != nil {
			return nil, fmt.Errorf("%s: %w", b.path, err)
		}
	}
	return t, nil
}

// add counts again what a day's blocks have of shards from..to-1.
func (d *spooledDay) add(to *Builder, from, until int) error {
	for i := range d.blocks {
		b := &d.blocks[i]
		if b.shard >= 0 && (b.shard < from || b.shard >= until) {
			continue
		}
		t, err := b.read()
		if err != nil {
			return err
		}
		if b.shard < 0 {
			t = t.shards(from, until)
		}
		to.add(t)
	}
	return nil
}

// objects loads what the spool has of the ledger for one delivery day.
func (s *Spool) objects(day int32) ([]ObjectRow, error) {
	var all []ObjectRow
	for i := range s.ledger[day] {
		t, err := s.ledger[day][i].read()
		if err != nil {
			return nil, err
		}
		all = append(all, t.Objects...)
	}
	return all, nil
}

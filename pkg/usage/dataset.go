package usage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"

	columnar "github.com/tighten-iam/tighten/internal/parquet"
	"github.com/tighten-iam/tighten/internal/store"
)

// Dataset is a dataset that is open for writing, by one process at a time. What it
// consists of changes all at once, when Extend ends.
type Dataset struct {
	root     string
	store    *store.Store
	manifest *manifest
}

// Open opens the dataset at root for writing, a new one where there is none. It
// refuses a folder that holds something else, a dataset of another version, and one
// that another process has open (store.ErrLocked). A commit that was interrupted is
// finished or undone.
func Open(root string) (*Dataset, error) {
	s, err := store.Open(root, datasetFormat())
	if err != nil {
		return nil, err
	}
	d := &Dataset{root: root, store: s, manifest: &manifest{}}
	if data := s.Manifest(); data != nil {
		if d.manifest, err = parseManifest(data); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	if err := d.complete(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return d, nil
}

// complete makes sure that the files are there and as long as they were: what is gone
// would not be read again.
func (d *Dataset) complete() error {
	for _, f := range d.manifest.Files {
		path := filepath.Join(d.root, filepath.FromSlash(f.Path))
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("dataset file is missing: %w; scan into another folder", err)
		}
		if info.Size() != f.Bytes {
			return fmt.Errorf("dataset file %s is not the one that was written (%d bytes, %d expected); scan into another folder", path, info.Size(), f.Bytes)
		}
	}
	return nil
}

// Close lets others open the dataset. What was not committed is gone.
func (d *Dataset) Close() error { return d.store.Close() }

// Clear forgets what the dataset holds, so that Extend replaces it.
func (d *Dataset) Clear() { d.manifest = &manifest{} }

// byFolder are the files of the dataset.
func (d *Dataset) byFolder() map[string]store.File {
	files := make(map[string]store.File, len(d.manifest.Files))
	for _, f := range d.manifest.Files {
		files[path.Dir(f.Path)] = f
	}
	return files
}

// Scratch makes a folder for temporary files, which is removed when the dataset is
// closed.
func (d *Dataset) Scratch() (string, error) { return d.store.Scratch() }

// Digests loads what the dataset knows of digests: its Digests, Listed and Chains.
func (d *Dataset) Digests() (*Table, error) {
	t := &Table{}
	for _, s := range sections() {
		if s.kind != ofDigests {
			continue
		}
		for _, f := range d.manifest.Files {
			if dirOf(f) != s.dir {
				continue
			}
			if err := readInto(d.store, d.root, f, &s, t); err != nil {
				return nil, err
			}
		}
	}
	t.sort()
	return t, nil
}

// Facts is the version of the facts that made usage/; "" of a new dataset.
func (d *Dataset) Facts() string { return d.manifest.Facts }

// Rules are those that told the lanes of the dataset's calls; nil: none.
func (d *Dataset) Rules() []byte {
	var b bytes.Buffer
	if len(d.manifest.Rules) == 0 || json.Compact(&b, d.manifest.Rules) != nil {
		return nil
	}
	return b.Bytes()
}

// MaxResources is the bound that usage/ was made with, see Derive.
func (d *Dataset) MaxResources() int { return d.manifest.MaxResources }

// DefaultMaxResources is a bound at which proposals are no different: patterns stand
// for far fewer names.
const DefaultMaxResources = 100_000

// Derive says how usage is made of calls.
type Derive struct {
	// Facts is the version of the facts. Days that were made with others are made again.
	Facts string
	// Workers is the number of days that are made at a time; 0 counts as 1.
	Workers int
	// MaxResources bounds the resources of one principal, action and day, see Coarsen; 0: all.
	MaxResources int
	// Memory is how much of it the days that are made may take, in bytes, about; 0: no
	// bound. A day that takes more is made in parts.
	Memory int64
	// Late is how many days before the last one keep the fingerprints of their events; 0:
	// all. Records of other days that come later make rows but no counts.
	Late int
	// Resolver returns a function that fills in Usage, Coverage and Unmapped of a table
	// with up to so many goroutines. It serves one day at a time, and may take back the
	// Usage of the last one.
	Resolver func(goroutines int) func(context.Context, *Table) error
}

// Extend adds a batch to the dataset and commits: days that the batch has rows of are
// read back, merged and replaced, others stay as they are. Extending by the parts of
// an archive, in any order, makes the same dataset as all of it at once. A nil batch
// only derives usage again, where o differs from what made it.
//
// After an error the dataset is what it was.
func (d *Dataset) Extend(ctx context.Context, b *Batch, o Derive) error {
	if b == nil {
		b = Gather()
		b.Filter, b.Rules = d.manifest.Filter, d.manifest.Rules
	}
	if err := d.Admits(b.Filter); err != nil {
		return err
	}
	u := d.update(b, &o)
	u.next.Facts, u.next.MaxResources = o.Facts, o.MaxResources
	u.next.Filter, u.next.Rules = d.manifest.widened(b.Filter), b.Rules
	if err := u.events(ctx); err != nil {
		return err
	}
	u.close(int32(min(o.Late, maxDay)))
	if err := u.deliveries(); err != nil {
		return err
	}
	if err := u.digests(); err != nil {
		return err
	}
	return u.commit()
}

// Write stores a table as a dataset at root, replacing a dataset that is there; it
// refuses a folder that holds something else, and a table that ReadParts read in
// part. It puts the rows of t in order. A failed write leaves the old dataset.
func Write(root string, t *Table) (err error) {
	if t.missing != 0 {
		return errPart
	}
	d, err := Open(root)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	d.Clear()
	t.sort()
	u := d.update(Gather(), &Derive{})
	u.next.Facts, u.next.Filter, u.next.Stats = t.Facts, t.Filter, t.Stats
	out, err := columnar.NewWriter(createdBy)
	if err != nil {
		return err
	}
	events, deliveries, digests := t.byDay()
	for day, part := range events {
		if err := u.putEvents(out, day, part, false); err != nil {
			return err
		}
	}
	for day, part := range deliveries {
		if err := u.put(out, day, part, func(s *section) bool { return s.kind == ofObjects }); err != nil {
			return err
		}
	}
	for day, part := range digests {
		if err := u.put(out, day, part, func(s *section) bool { return s.kind == ofDigests }); err != nil {
			return err
		}
	}
	return u.commit()
}

package usage

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tighten-iam/tighten/internal/store"
)

// files reads files of a dataset.
type files interface {
	ReadFile(store.File) ([]byte, error)
}

// Read loads a dataset. A missing dataset is fs.ErrNotExist; files that are
// missing, not those that were written, or of another version are errors that
// name them.
func Read(root string) (*Table, error) { return ReadParts(root, allParts) }

// ReadParts loads some parts of a dataset. The others are empty in the table,
// which Write therefore refuses. It may read while a scan commits.
func ReadParts(root string, p Parts) (*Table, error) { return read(root, p, nil) }

func read(root string, p Parts, tr *trimmer) (t *Table, err error) {
	err = store.Read(root, datasetFormat(), func(view *store.Snapshot) error {
		t, err = readView(view, root, p, tr)
		return err
	})
	if err != nil {
		return nil, err
	}
	t.sort()
	return t, nil
}

func readView(view *store.Snapshot, root string, p Parts, tr *trimmer) (*Table, error) {
	m, err := parseManifest(view.Manifest())
	if err != nil {
		return nil, err
	}
	t := &Table{Stats: m.Stats, Facts: m.Facts, Filter: m.Filter, missing: allParts &^ p}
	for _, d := range m.Days {
		t.Coarsened += d.Coarsened
	}
	if p&PartCalls != 0 {
		t.Args, t.Contexts = Arguments{}, map[string][]ContextPair{}
	}
	if tr != nil {
		t.missing |= PartCalls
	}
	return t, readFiles(view, root, m.Files, p, t, tr)
}

// readFiles adds the rows of files to a table, those of the parts that are asked for, and
// thins them out (tr, nil to leave them).
func readFiles(from files, root string, list []store.File, p Parts, t *Table, tr *trimmer) error {
	for _, s := range sections() {
		broken := s.part == PartObjects && p&(PartObjects|PartBroken) == PartBroken
		if s.part&p == 0 && !broken || tr.skips(&s) {
			continue
		}
		for _, f := range list {
			if dirOf(f) != s.dir {
				continue
			}
			calls := len(t.Calls)
			if err := readInto(from, root, f, &s, t); err != nil {
				return err
			}
			tr.after(&s, t, calls)
			if broken {
				t.Objects = slices.DeleteFunc(t.Objects, func(o ObjectRow) bool { return !o.broken() })
			}
		}
	}
	if p&partIDs != 0 {
		return t.checkPrints(root)
	}
	return nil
}

// checkPrints makes sure that fingerprints are of rows that are there.
func (t *Table) checkPrints(root string) error {
	calls, trust := dayCounter{}, dayCounter{}
	for i := range t.Calls {
		calls.next(t.Calls[i].Day)
	}
	for i := range t.Trust {
		trust.next(t.Trust[i].Day)
	}
	for i := range t.prints {
		p := &t.prints[i]
		if p.Call < 0 || p.Call >= int64(calls[p.Day]) || p.Trust < 0 || p.Trust > int64(trust[p.Day]) {
			return fmt.Errorf("dataset %s: %s names a row that is not there; scan again into another folder", root, sectionIDs)
		}
	}
	return nil
}

func readInto(from files, root string, f store.File, s *section, t *Table) error {
	data, err := from.ReadFile(f)
	if err != nil {
		return err
	}
	if err := s.load(t, data, f.Rows); err != nil {
		return errFile(root, f, err)
	}
	return nil
}

// errFile is the error of a file that is not what a dataset has.
func errFile(root string, f store.File, err error) error {
	return fmt.Errorf("dataset file %s: %w; scan again into another folder", path.Join(root, f.Path), err)
}

// dirOf is the section that a file belongs to.
func dirOf(f store.File) string {
	dir, _, _ := strings.Cut(f.Path, "/")
	return dir
}

// errPart is the error of a table that lacks parts.
var errPart = errors.New("the table was read in part and would replace the whole dataset; read all of it")

// sectionNamed is the section with that folder.
func sectionNamed(dir string) *section {
	all := sections()
	if i := slices.IndexFunc(all, func(s section) bool { return s.dir == dir }); i >= 0 {
		return &all[i]
	}
	return nil
}

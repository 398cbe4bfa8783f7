package usage

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	columnar "github.com/tighten-iam/tighten/internal/parquet"
)

// Write stores the table as a dataset at root, replacing a dataset that is
// there; it refuses a folder that holds something else, and a table that
// ReadParts read in part, since what was left out would be lost. It puts the
// rows of t in order.
//
// All files are written and synced to a folder beside root that then takes its
// place: a failed write leaves the old dataset.
func Write(root string, t *Table) error {
	if t.missing != 0 {
		return errors.New("the table was read in part and would replace the whole dataset; read all of it")
	}
	root, err := target(root)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(root), 0o777); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(filepath.Dir(root), ".tighten-dataset-*")
	if err != nil {
		return err
	}
	content, old := filepath.Join(temp, "new"), filepath.Join(temp, "old")
	if err = writeAll(content, t); err == nil {
		err = swap(root, content, old)
	}
	if _, lost := os.Lstat(root); err != nil && lost != nil {
		if _, kept := os.Lstat(old); kept == nil {
			return fmt.Errorf("%w; the dataset that was at %s is now %s, move it back", err, root, old)
		}
	}
	return errors.Join(err, os.RemoveAll(temp))
}

// target follows a link at root and makes sure that what is there may be
// replaced: nothing, an empty folder or a dataset.
func target(root string) (string, error) {
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real
	}
	entries, err := os.ReadDir(root)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0:
		return filepath.Abs(root)
	case err != nil:
		return "", err
	}
	names := []string{manifestFile}
	for _, s := range sections() {
		names = append(names, s.dir)
	}
	isDataset := false
	for _, e := range entries {
		if !slices.Contains(names, e.Name()) {
			return "", fmt.Errorf("%s holds %q, which is no part of a dataset, and is not replaced; choose another folder", root, e.Name())
		}
		isDataset = isDataset || e.Name() == manifestFile
	}
	if !isDataset {
		return "", fmt.Errorf("%s is not a dataset (it has no %s) and is not replaced; choose another folder", root, manifestFile)
	}
	return filepath.Abs(root)
}

// writeAll writes a whole dataset to the new folder dir.
func writeAll(dir string, t *Table) error {
	t.sort()
	m := manifest{Format: formatVersion, Facts: t.Facts, Stats: t.Stats, Filter: t.Filter, Files: []fileEntry{}}
	files, err := writeSections(dir, t)
	if err != nil {
		return err
	}
	m.Files = append(m.Files, files...)
	data, err := m.encode()
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(dir, manifestFile), data); err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return syncDir(path)
	})
}

// writeSections writes the files of all sections, several sections at a time, and
// lists them in the order of the sections.
func writeSections(dir string, t *Table) ([]fileEntry, error) {
	all := sections()
	files := make([][]fileEntry, len(all))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range all {
		group.Go(func() (err error) {
			files[i], err = writeSection(dir, t, &all[i])
			return err
		})
	}
	err := group.Wait()
	return slices.Concat(files...), err
}

func writeSection(dir string, t *Table, s *section) (files []fileEntry, err error) {
	out, err := columnar.NewWriter(createdBy)
	if err != nil {
		return nil, err
	}
	put := func(path string, data []byte, rows int) error {
		sum := sha256.Sum256(data)
		files = append(files, fileEntry{path, rows, int64(len(data)), hex.EncodeToString(sum[:])})
		return writeFile(filepath.Join(dir, filepath.FromSlash(path)), data)
	}
	err = s.save(t, put, out)
	return files, err
}

// writeFile writes a file and its folders, and syncs the file.
func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// syncDir syncs a folder's entries where the system can.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}

// swap puts content in the place of root and root, if it is there, in the place
// of old. When the second step fails the first is undone, if it can be.
func swap(root, content, old string) error {
	err := os.Rename(root, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	wasThere := err == nil
	if err := os.Rename(content, root); err != nil {
		if wasThere {
			err = errors.Join(err, os.Rename(old, root))
		}
		return err
	}
	return syncDir(filepath.Dir(root))
}

// Read loads a dataset. A missing dataset is fs.ErrNotExist; files that are
// missing, not those that were written, or of another version are errors that
// name them.
func Read(root string) (*Table, error) { return ReadParts(root, allParts) }

// ReadParts loads some parts of a dataset. The others are empty in the table,
// which Write therefore refuses.
func ReadParts(root string, p Parts) (*Table, error) {
	m, err := readManifest(root)
	if err != nil {
		return nil, err
	}
	t := &Table{Stats: m.Stats, Facts: m.Facts, Filter: m.Filter, missing: allParts &^ p}
	for _, s := range sections() {
		if s.part&p == 0 {
			continue
		}
		if err := readSection(root, m, &s, t); err != nil {
			return nil, err
		}
	}
	t.sort()
	return t, nil
}

func readSection(root string, m *manifest, s *section, t *Table) error {
	for _, f := range m.Files {
		if sectionOf(f.Path) != s.dir {
			continue
		}
		data, err := readFile(root, &f)
		if err != nil {
			return err
		}
		rows, err := s.load(t, data)
		if err == nil && rows != f.Rows {
			err = fmt.Errorf("%d rows instead of %d", rows, f.Rows)
		}
		if err != nil {
			return fmt.Errorf("dataset file %s: %w; scan again", filepath.Join(root, f.Path), err)
		}
	}
	return nil
}

// readFile reads one file of a dataset and checks that it is the one written.
func readFile(root string, f *fileEntry) ([]byte, error) {
	path := filepath.FromSlash(f.Path)
	if !filepath.IsLocal(path) {
		return nil, fmt.Errorf("%s of %s names the file %q outside of it; scan again", manifestFile, root, f.Path)
	}
	path = filepath.Join(root, path)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("dataset file is missing: %w; scan again", err)
	}
	sum := sha256.Sum256(data)
	want, err := hex.DecodeString(f.SHA256)
	if err != nil || !bytes.Equal(sum[:], want) {
		return nil, fmt.Errorf("dataset file %s is not the one that was written (%d bytes, %d expected); scan again", path, len(data), f.Bytes)
	}
	return data, nil
}

// sectionOf returns the folder that a file of a dataset lies in.
func sectionOf(path string) string {
	dir, _, _ := strings.Cut(path, "/")
	return dir
}

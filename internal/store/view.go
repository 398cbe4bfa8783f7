package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"
)

// ErrChanged says that a commit deleted a file before it was read.
var ErrChanged = errors.New("the dataset was changed meanwhile")

// Snapshot is a set as it is at one moment.
type Snapshot struct {
	path     string
	format   Format
	manifest []byte
	files    []File
	staged   map[string]string // where files that are being committed may still lie
}

// View reads the set of a folder, which may be read-only, while others write to it
// or after one of them was interrupted. A folder without a manifest is
// fs.ErrNotExist.
func View(root string, f Format) (*Snapshot, error) {
	root, err := locate(root)
	if err != nil {
		return nil, err
	}
	v := &Snapshot{path: root, format: f}
	j, err := readJournal(root, journalFile, &f)
	if err == nil {
		v.manifest, v.files, v.staged = j.Manifest, j.files, map[string]string{}
		for i := range j.Move {
			v.staged[j.Move[i].To] = j.Move[i].from()
		}
		return v, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if v.manifest, err = os.ReadFile(filepath.Join(root, f.Manifest)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not a dataset (it has no %s): %w", root, f.Manifest, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	v.files, err = f.list(root, v.manifest)
	return v, err
}

// tries of Read, and the time between them.
const (
	tries = 10
	pause = 20 * time.Millisecond
)

// Read calls read with a View, and again with a new one where a commit deleted files
// that read wanted to open: its error is then ErrChanged.
func Read(root string, f Format, read func(*Snapshot) error) error {
	for try := 1; ; try++ {
		v, err := View(root, f)
		if err == nil {
			err = read(v)
		}
		if !errors.Is(err, ErrChanged) || try == tries {
			return err
		}
		time.Sleep(pause)
	}
}

// Manifest is the manifest of the set.
func (v *Snapshot) Manifest() []byte { return v.manifest }

// Files is the set, in the order of the manifest.
func (v *Snapshot) Files() []File { return slices.Clone(v.files) }

// Open opens a file once its length and checksum are those of f; reading it then
// starts at its beginning. Where a commit deleted it since the View, the error is
// ErrChanged.
func (v *Snapshot) Open(f File) (*os.File, error) {
	file, err := openFile(v.path, v.places(&f), &f)
	return file, v.changed(err)
}

// ReadFile reads a file as Open finds it.
func (v *Snapshot) ReadFile(f File) ([]byte, error) {
	data, err := readFile(v.path, v.places(&f), &f)
	return data, v.changed(err)
}

func (v *Snapshot) places(f *File) []string {
	if from, ok := v.staged[f.Path]; ok {
		return []string{from, f.Path} // it may be moved just now
	}
	return []string{f.Path}
}

// changed tells a file that a commit deleted from one that is missing.
func (v *Snapshot) changed(err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	now, viewErr := View(v.path, v.format)
	if viewErr != nil || bytes.Equal(now.manifest, v.manifest) {
		return err
	}
	return fmt.Errorf("%w (%w); try again", ErrChanged, err)
}

// openFile opens the first of the places where there is a file, and checks it.
func openFile(root string, places []string, f *File) (*os.File, error) {
	r, err := openPlace(root, places, f)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	_, err = io.CopyBuffer(struct{ io.Writer }{sum}, struct{ io.Reader }{r}, make([]byte, min(f.Bytes+1, 256<<10)))
	if err == nil {
		err = f.check(root, sum)
	}
	if err == nil {
		_, err = r.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func readFile(root string, places []string, f *File) ([]byte, error) {
	r, err := openPlace(root, places, f)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data := make([]byte, f.Bytes)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, err
	}
	sum := sha256.New()
	sum.Write(data)
	return data, f.check(root, sum)
}

// openPlace opens a file of the right length.
func openPlace(root string, places []string, f *File) (*os.File, error) {
	var err error
	for _, place := range places {
		name := filepath.Join(root, filepath.FromSlash(place))
		var info fs.FileInfo
		if info, err = os.Stat(name); err != nil {
			continue
		}
		if !info.Mode().IsRegular() { // opening a pipe would wait
			return nil, fmt.Errorf("dataset file %s is not a file; scan again into another folder", name)
		}
		if info.Size() != f.Bytes {
			return nil, f.other(root, info.Size())
		}
		var r *os.File
		if r, err = os.Open(name); err == nil {
			return r, nil
		}
	}
	return nil, fmt.Errorf("dataset file is missing: %w; scan again into another folder", err)
}

func (f *File) check(root string, sum hash.Hash) error {
	want, err := hex.DecodeString(f.SHA256)
	if err != nil || !bytes.Equal(sum.Sum(nil), want) {
		return f.other(root, f.Bytes)
	}
	return nil
}

// other is the error of a file that is not the one that was written.
func (f *File) other(root string, size int64) error {
	return fmt.Errorf("dataset file %s is not the one that was written (%d bytes, %d expected); scan again into another folder", filepath.Join(root, path.Clean(f.Path)), size, f.Bytes)
}

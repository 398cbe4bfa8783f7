package store

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// bufferSize of a Writer, in bytes.
const bufferSize = 64 << 10

// Writer writes a staged file. Nobody sees it before it is committed.
type Writer struct {
	store  *Store
	folder string
	name   string // in newDir
	file   *os.File
	out    *bufio.Writer
	sum    hash.Hash
	bytes  int64
	err    error
	ended  bool
}

// Create starts a file that is to lie in a folder like "calls/date=2024-02-26". It
// must be ended by Close or Abort.
func (s *Store) Create(folder string) (*Writer, error) {
	top, _, _ := strings.Cut(folder, "/")
	if !slices.Contains(s.format.Folders, top) || !plain(folder) {
		return nil, fmt.Errorf("%q is no folder of a dataset", folder)
	}
	if err := s.dir.mkdir(newDir); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.count++
	name := s.session + "-" + strconv.Itoa(s.count)
	s.mu.Unlock()
	f, err := s.dir.create(path.Join(newDir, name))
	if err != nil {
		return nil, err
	}
	out, ok := s.buffer.Get().(*bufio.Writer)
	if !ok {
		out = bufio.NewWriterSize(nil, bufferSize)
	}
	out.Reset(f)
	return &Writer{store: s, folder: folder, name: name, file: f, out: out, sum: sha256.New()}, nil
}

// Write adds to the file. After an error it goes on failing, and so does Close.
func (w *Writer) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	w.sum.Write(p)
	n, err := w.out.Write(p)
	w.bytes += int64(n)
	w.err = err
	return n, err
}

// Abort ends the file and removes it. After Close or Abort it does nothing.
func (w *Writer) Abort() error {
	if w.ended {
		return nil
	}
	w.recycle()
	return errors.Join(w.file.Close(), w.store.dir.remove(path.Join(newDir, w.name)))
}

func (w *Writer) recycle() {
	w.ended = true
	w.out.Reset(nil)
	w.store.buffer.Put(w.out)
	w.out = nil
}

// Close ends the file, which then can be committed. Its name follows from its
// content: a file that is in the set already, or staged, is not kept twice. It goes
// to the disk while others are written; a failure of that is told by Commit.
func (w *Writer) Close(rows int) (File, error) {
	if w.ended {
		return File{}, errors.New("the file was closed before")
	}
	if err := w.flush(); err != nil {
		return File{}, errors.Join(err, w.Abort())
	}
	w.recycle()
	f, twice, err := w.enter(rows)
	if twice || err != nil {
		return f, errors.Join(err, w.file.Close(), w.store.dir.remove(path.Join(newDir, w.name)))
	}
	w.store.syncs.Go(func() error {
		err := errors.Join(w.store.dir.sync(w.file, f.Path), w.file.Close())
		if err != nil {
			w.store.forget(f.Path)
		}
		return err
	})
	return f, nil
}

func (w *Writer) flush() error {
	if w.err == nil {
		w.err = w.store.dir.before("write", w.name)
	}
	if w.err == nil {
		w.err = w.out.Flush()
	}
	return w.err
}

// enter names the file and lists it as staged, unless it is there already.
func (w *Writer) enter(rows int) (f File, twice bool, err error) {
	s, sum := w.store, hex.EncodeToString(w.sum.Sum(nil))
	f = File{Rows: rows, Bytes: w.bytes, SHA256: sum}
	for _, digits := range []int{16, len(sum)} { // the second where somebody made two contents with one name
		f.Path = w.folder + "/part-" + sum[:digits] + ".parquet"
		if old, ok := s.files[f.Path]; ok && old.same(&f) && s.intact(&f) {
			return f, true, nil
		}
		if free, twice := s.claim(f, w.name); free {
			return f, twice, nil
		}
	}
	return File{}, false, fmt.Errorf("the dataset has other content at %s; scan again to another folder", f.Path)
}

// claim lists a file as staged, unless its path is another's; twice says that it was
// listed before.
func (s *Store) claim(f File, name string) (free, twice bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := s.files[f.Path]; ok && !old.same(&f) {
		return false, false
	}
	if st, ok := s.staged[f.Path]; ok {
		return st.same(&f), true
	}
	s.staged[f.Path] = staged{f, name}
	return true, false
}

// intact reports whether a file of the set still has its content. Where it has not,
// a staged one of that content repairs it.
func (s *Store) intact(f *File) bool {
	r, err := openFile(s.path, []string{f.Path}, f)
	if err != nil {
		return false
	}
	return r.Close() == nil
}

func (s *Store) forget(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.staged, path)
}

var _ io.Writer = (*Writer)(nil)

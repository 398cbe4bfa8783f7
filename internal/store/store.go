package store

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"

	"github.com/gofrs/flock"
	"golang.org/x/sync/errgroup"
)

const (
	newDir     = workDir + "/new"
	scratchDir = workDir + "/scratch"
)

// Store changes a folder. Create, Open, ReadFile and different Writers may be used by
// several goroutines at a time; Commit and Close while none of that is under way.
type Store struct {
	path   string
	format Format
	dir    *folder
	lock   *flock.Flock
	made   bool // root was not there before

	manifest []byte
	files    map[string]File // the set, by path
	order    []File

	session string // no other has staged files of this name
	mu      sync.Mutex
	count   int // of names given in newDir
	staged  map[string]staged
	syncs   *errgroup.Group
	broken  error // why nothing can be committed any more
	buffer  sync.Pool
}

// staged is a file that waits for its commit.
type staged struct {
	File
	name string // in newDir
}

// Open opens a folder for writing: it makes root if that is absent, follows a link
// there, takes the lock, ends or undoes what an interrupted commit left, and clears
// away what was not committed. While another process has the folder the error is
// ErrLocked. A folder that holds something else is refused and left alone.
func Open(root string, f Format) (*Store, error) { return open(root, f, nil) }

func open(root string, f Format, step func(op, name string) error) (*Store, error) {
	root, err := locate(root)
	if err != nil {
		return nil, err
	}
	if _, err := os.Lstat(filepath.Join(root, workDir)); err != nil { // else it may be changing
		if err := f.belongs(root); err != nil {
			return nil, err
		}
	}
	_, err = os.Stat(root)
	s := &Store{path: root, format: f, made: errors.Is(err, fs.ErrNotExist), session: rand.Text()[:8], staged: map[string]staged{}, syncs: syncs()}
	if s.lock, err = lock(root); err != nil {
		return nil, err
	}
	top, err := os.OpenRoot(root)
	if err != nil {
		return nil, errors.Join(err, unlock(root, s.lock))
	}
	s.dir = &folder{root: top, step: step}
	if err = f.belongs(root); err == nil {
		err = s.recover()
	}
	if err != nil {
		return nil, errors.Join(err, s.release())
	}
	return s, nil
}

// locate follows a link at root.
func locate(root string) (string, error) {
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real
	}
	return filepath.Abs(root)
}

func syncs() *errgroup.Group {
	g := new(errgroup.Group)
	g.SetLimit(parallel)
	return g
}

// recover brings the folder to a state between two commits and reads the set.
func (s *Store) recover() error {
	if err := s.rollBack(); err != nil {
		return err
	}
	j, err := readJournal(s.path, journalFile, &s.format)
	switch {
	case err == nil:
		err = s.resume(j)
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	}
	if err != nil {
		return err
	}
	if err := s.clear(); err != nil {
		return err
	}
	return s.load()
}

// clear removes what no commit names.
func (s *Store) clear() error {
	return errors.Join(s.dir.removeAll(newDir), s.dir.removeAll(scratchDir), s.dir.remove(tempFile))
}

func (s *Store) load() error {
	manifest, err := os.ReadFile(filepath.Join(s.path, s.format.Manifest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	files, err := s.format.list(s.path, manifest)
	if err != nil {
		return err
	}
	s.adopt(manifest, files)
	return nil
}

func (s *Store) adopt(manifest []byte, files []File) {
	s.manifest, s.order = manifest, files
	s.files = make(map[string]File, len(files))
	for _, f := range files {
		s.files[f.Path] = f
	}
}

// Manifest is the manifest of the set, nil where nothing was ever committed.
func (s *Store) Manifest() []byte { return s.manifest }

// Files is the set, in the order of the manifest.
func (s *Store) Files() []File { return slices.Clone(s.order) }

// Scratch makes a folder for temporary files, in the same file system, which is
// removed when the store is closed, or opened after a crash.
func (s *Store) Scratch() (string, error) {
	if err := s.dir.mkdir(scratchDir); err != nil {
		return "", err
	}
	return os.MkdirTemp(filepath.Join(s.path, filepath.FromSlash(scratchDir)), "*")
}

// Open opens a file of the set, or one that was staged, once it is the one that was
// written; see Snapshot.Open.
func (s *Store) Open(f File) (*os.File, error) { return openFile(s.path, s.places(f), &f) }

// ReadFile reads a file as Open finds it.
func (s *Store) ReadFile(f File) ([]byte, error) { return readFile(s.path, s.places(f), &f) }

// places says where a file may lie.
func (s *Store) places(f File) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st, ok := s.staged[f.Path]; ok && st.same(&f) {
		return []string{path.Join(newDir, st.name)}
	}
	return []string{f.Path}
}

// Close removes what was staged and not committed, and the scratch folder, and gives
// the lock back. Where nothing was ever committed it removes the folder that Open
// made.
func (s *Store) Close() error {
	_ = s.syncs.Wait() // what failed was not committed
	var err error
	if !interrupted(s.path) { // else the next Open needs it
		err = s.clear()
	}
	return errors.Join(err, s.release())
}

func (s *Store) release() error {
	err := errors.Join(s.dir.root.Close(), unlock(s.path, s.lock))
	if s.made && s.manifest == nil {
		_ = os.Remove(s.path) // if it is empty
	}
	return err
}

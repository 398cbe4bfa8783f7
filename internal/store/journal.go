package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

const (
	journalFile = "journal.json" // in workDir: a commit that counts
	undoFile    = "undo.json"    // in workDir: one that is taken back
	tempFile    = workDir + "/temp"
)

const journalVersion = 1

// journal is all that it takes to end a commit.
type journal struct {
	Version    int      `json:"version"`
	Manifest   []byte   `json:"manifest"`
	Move       []move   `json:"move"`
	Superseded []string `json:"superseded"`

	files []File // that the manifest lists
}

// move brings a staged file to its place.
type move struct {
	From string `json:"from"` // in newDir
	To   string `json:"to"`
}

func (m *move) from() string { return path.Join(newDir, m.From) }

// readJournal reads and checks a journal; fs.ErrNotExist says that there is none.
func readJournal(root, name string, f *Format) (*journal, error) {
	file := filepath.Join(root, workDir, name)
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	j := new(journal)
	if err := json.Unmarshal(data, j); err != nil {
		return nil, damaged(file, err)
	}
	if j.Version != journalVersion {
		return nil, fmt.Errorf("%s was left by another version of this program; let that one end its scan, or scan again to another folder", file)
	}
	for _, m := range j.Move {
		if !plain(m.From) || path.Base(m.From) != m.From || !f.inside(m.To) {
			return nil, damaged(file, fmt.Errorf("it moves %q to %q", m.From, m.To))
		}
	}
	for _, old := range j.Superseded {
		if !f.inside(old) {
			return nil, damaged(file, fmt.Errorf("it deletes %q", old))
		}
	}
	if j.files, err = f.list(root, j.Manifest); err != nil {
		return nil, err
	}
	return j, nil
}

func damaged(file string, err error) error {
	return fmt.Errorf("%s is corrupt (%w); scan again to another folder", file, err)
}

func (j *journal) encode() ([]byte, error) {
	data, err := json.Marshal(j)
	return append(data, '\n'), err
}

// folders are the folders of these files and those above them, each once, the
// deepest first.
func folders(files []string) []string {
	seen := map[string]bool{".": true}
	for _, name := range files {
		for dir := path.Dir(name); !seen[dir]; dir = path.Dir(dir) {
			seen[dir] = true
		}
	}
	dirs := make([]string, 0, len(seen))
	for dir := range seen {
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	slices.Reverse(dirs)
	return dirs
}

func (j *journal) targets() []string {
	names := make([]string, len(j.Move))
	for i, m := range j.Move {
		names[i] = m.To
	}
	return names
}

// place does step 3 of a commit, as far as it is not done.
func (s *Store) place(j *journal) error {
	targets := j.targets()
	for _, dir := range folders(targets) {
		if err := s.dir.mkdir(dir); err != nil {
			return err
		}
	}
	for i := range j.Move {
		if err := s.moveIn(&j.Move[i]); err != nil {
			return err
		}
	}
	if err := s.dir.syncDirs(folders(targets)); err != nil {
		return err
	}
	return s.dir.replace(tempFile, s.format.Manifest, j.Manifest)
}

func (s *Store) moveIn(m *move) error {
	err := s.dir.rename(m.from(), m.To)
	if errors.Is(err, fs.ErrNotExist) && s.dir.has(m.To) && !s.dir.has(m.from()) {
		return nil // before the crash
	}
	return err
}

// clean does steps 4 and 5 of a commit.
func (s *Store) clean(j *journal) error {
	if err := s.dir.syncDir("."); err != nil {
		return err
	}
	if err := s.discard(j.Superseded); err != nil {
		return err
	}
	return s.dropJournal(journalFile)
}

// discard deletes files and the folders that this leaves empty, for good.
func (s *Store) discard(files []string) error {
	for _, name := range files {
		if err := s.dir.remove(name); err != nil {
			return err
		}
	}
	dirs := folders(files)
	if err := s.dir.prune(dirs); err != nil {
		return err
	}
	return s.dir.syncDirs(dirs)
}

func (s *Store) dropJournal(name string) error {
	if err := s.dir.remove(path.Join(workDir, name)); err != nil {
		return err
	}
	return s.dir.syncDir(workDir)
}

// resume ends a commit that counts and did not end.
func (s *Store) resume(j *journal) error {
	err := s.place(j)
	if err == nil {
		err = s.clean(j)
	}
	if err != nil {
		return fmt.Errorf("a commit to %s was interrupted and cannot be ended: %w; scan again to another folder", s.path, err)
	}
	return nil
}

// undo takes a commit back that failed before its manifest was in place.
func (s *Store) undo() error {
	if err := s.dir.rename(path.Join(workDir, journalFile), path.Join(workDir, undoFile)); err != nil {
		return err
	}
	if err := s.dir.syncDir(workDir); err != nil {
		return err
	}
	return s.rollBack()
}

// rollBack takes away what a commit that does not count has moved in.
func (s *Store) rollBack() error {
	j, err := readJournal(s.path, undoFile, &s.format)
	if err != nil {
		return absent(err)
	}
	if err := s.load(); err != nil {
		return err
	}
	remove := slices.DeleteFunc(j.targets(), func(name string) bool {
		_, stays := s.files[name] // it was moved over a damaged one
		return stays
	})
	if err := s.discard(remove); err != nil {
		return fmt.Errorf("a commit to %s was interrupted and cannot be undone: %w; scan again to another folder", s.path, err)
	}
	return s.dropJournal(undoFile)
}

package store

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
)

// ErrCommitted says of a Commit that failed that the new set counts nevertheless:
// the next Open ends what is left to do.
var ErrCommitted = errors.New("the new files count")

// Commit makes files the whole set, and manifest, which lists them, its manifest.
// Files are staged ones and ones that stay; the others of the set are deleted. An
// error says that the old set is still there, unless it is ErrCommitted.
func (s *Store) Commit(files []File, manifest []byte) error {
	j, err := s.plan(files, manifest)
	if err == nil {
		err = s.prepare(j)
	}
	if err != nil && !s.counts() {
		return s.unchanged(err)
	}
	if err == nil {
		err = s.place(j)
	}
	if err != nil {
		return s.takeBack(err)
	}
	s.adopt(slices.Clone(manifest), slices.Clone(files))
	s.mu.Lock()
	for _, m := range j.Move {
		delete(s.staged, m.To)
	}
	s.mu.Unlock()
	if err := s.clean(j); err != nil {
		s.broken = s.unfinished(err)
		return s.broken
	}
	return nil
}

// counts reports whether the journal is in its place, so that readers take it.
func (s *Store) counts() bool { return s.dir.has(path.Join(workDir, journalFile)) }

func (s *Store) unchanged(err error) error {
	return fmt.Errorf("the dataset %s could not be written and is as it was: %w", s.path, err)
}

func (s *Store) unfinished(err error) error {
	return fmt.Errorf("the dataset %s was written, but not cleaned up (%w; the next scan does the rest): %w", s.path, ErrCommitted, err)
}

// takeBack undoes a commit past its journal, if it can.
func (s *Store) takeBack(err error) error {
	s.broken = err
	if undo := s.undo(); undo != nil && s.counts() {
		return s.unfinished(errors.Join(err, undo))
	}
	return s.unchanged(err)
}

// plan compares the new set with the old one.
func (s *Store) plan(files []File, manifest []byte) (*journal, error) {
	if s.broken != nil {
		return nil, fmt.Errorf("an earlier write failed: %w", s.broken)
	}
	listed, err := s.format.list(s.path, manifest)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(byPath(listed), byPath(files)) {
		return nil, errors.New("the manifest lists other files")
	}
	if err := s.syncs.Wait(); err != nil {
		s.syncs = syncs()
		return nil, err
	}
	s.syncs = syncs()
	j := &journal{Version: journalVersion, Manifest: manifest}
	s.mu.Lock()
	defer s.mu.Unlock()
	stays := make(map[string]bool, len(files))
	for _, f := range files {
		stays[f.Path] = true
		st, isStaged := s.staged[f.Path]
		old, isOld := s.files[f.Path]
		switch {
		case isStaged && st.same(&f):
			j.Move = append(j.Move, move{st.name, f.Path})
		case !isOld || !old.same(&f):
			return nil, fmt.Errorf("%s was not written", filepath.Join(s.path, f.Path))
		}
	}
	for _, f := range s.order {
		if !stays[f.Path] {
			j.Superseded = append(j.Superseded, f.Path)
		}
	}
	return j, nil
}

func byPath(files []File) []File {
	return slices.SortedFunc(slices.Values(files), func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
}

// prepare does steps 1 and 2 of a commit.
func (s *Store) prepare(j *journal) error {
	data, err := j.encode()
	if err != nil {
		return err
	}
	if s.made {
		if err := syncParent(s.path); err != nil {
			return err
		}
	}
	if err := s.dir.syncDirs([]string{newDir, workDir, "."}); err != nil {
		return err
	}
	if err := s.dir.replace(tempFile, path.Join(workDir, journalFile), data); err != nil {
		return errors.Join(err, s.dir.remove(tempFile))
	}
	return s.dir.syncDir(workDir)
}

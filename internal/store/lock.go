package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// ErrLocked says that another process writes to the folder.
var ErrLocked = errors.New("in use by another process")

const lockFile = "lock"

// lock takes the lock of root, which it makes if need be. The lock dies with its
// process.
func lock(root string) (*flock.Flock, error) {
	var err error
	for range 100 { // the one who had it may be removing the folder
		var l *flock.Flock
		if l, err = tryLock(root); err == nil && here(l) {
			return l, nil
		}
		if err == nil {
			err = l.Close()
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
	if err == nil {
		err = ErrLocked
	}
	return nil, fmt.Errorf("the dataset %s cannot be locked: %w", root, err)
}

func tryLock(root string) (*flock.Flock, error) {
	dir := filepath.Join(root, workDir)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	if info, err := os.Lstat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder; remove it", dir)
	}
	l := flock.New(filepath.Join(dir, lockFile), flock.SetPermissions(0o666))
	got, err := l.TryLock()
	if err == nil && !got {
		err = fmt.Errorf("the dataset %s is %w, which writes to it; wait until it has ended, or choose another folder", root, ErrLocked)
	}
	return l, err
}

// here reports whether what was locked is still what lies at its path: the one who
// had it before removes it.
func here(l *flock.Flock) bool {
	locked, err := l.Stat()
	if err != nil {
		return false
	}
	now, err := os.Lstat(l.Path())
	return err == nil && os.SameFile(locked, now)
}

// unlock gives the lock back and leaves no trace of it, as far as the system lets
// an open file be removed.
func unlock(root string, l *flock.Flock) error {
	dir := filepath.Join(root, workDir)
	if err := os.Remove(filepath.Join(dir, lockFile)); err == nil {
		_ = os.Remove(dir) // stays where something is left in it
	}
	return l.Close()
}

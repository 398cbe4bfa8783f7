package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// parallel is how many files or folders are synced at a time: a journalling file
// system writes many of them at once as fast as one.
const parallel = 16

// folder changes what is below a root and nothing else, whatever links lie there.
// Names are slash-separated.
type folder struct {
	root *os.Root
	step func(op, name string) error // before each change; an error takes its place
}

func (d *folder) before(op, name string) error {
	if d.step == nil {
		return nil
	}
	return d.step(op, name)
}

func (d *folder) mkdir(name string) error {
	if info, err := d.root.Stat(name); err == nil && info.IsDir() {
		return nil
	}
	if err := d.before("mkdir", name); err != nil {
		return err
	}
	return d.root.MkdirAll(name, 0o777)
}

func (d *folder) create(name string) (*os.File, error) {
	if err := d.before("create", name); err != nil {
		return nil, err
	}
	return d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
}

func (d *folder) rename(from, to string) error {
	if err := d.before("rename", to); err != nil {
		return err
	}
	return d.root.Rename(from, to)
}

// remove removes a file or an empty folder that may be absent.
func (d *folder) remove(name string) error {
	if !d.has(name) {
		return nil
	}
	if err := d.before("remove", name); err != nil {
		return err
	}
	return absent(d.root.Remove(name))
}

// removeAll removes a folder with all that is in it.
func (d *folder) removeAll(name string) error {
	if !d.has(name) {
		return nil
	}
	if err := d.before("remove", name); err != nil {
		return err
	}
	return d.root.RemoveAll(name)
}

func (d *folder) has(name string) bool {
	_, err := d.root.Lstat(name)
	return err == nil
}

// absent takes it for success that there is nothing.
func absent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// replace makes a file of this content, whole or not at all; temp lies in the same
// file system.
func (d *folder) replace(temp, name string, content []byte) error {
	f, err := d.create(temp)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = d.sync(f, temp)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return d.rename(temp, name)
}

func (d *folder) sync(f *os.File, name string) error {
	if err := d.before("sync", name); err != nil {
		return err
	}
	return f.Sync()
}

// syncDir syncs a folder's entries where the system can.
func (d *folder) syncDir(name string) error {
	if err := d.before("sync", name); err != nil {
		return err
	}
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return syncEntries(f)
}

func syncEntries(f *os.File) error {
	if runtime.GOOS == "windows" {
		return nil // has no such call
	}
	if err := f.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}

// syncDirs syncs those of the folders that are there.
func (d *folder) syncDirs(names []string) error {
	var group errgroup.Group
	group.SetLimit(parallel)
	for _, name := range names {
		group.Go(func() error { return absent(d.syncDir(name)) })
	}
	return group.Wait()
}

// prune removes those of the folders that are empty. Deeper ones come first.
func (d *folder) prune(names []string) error {
	for _, name := range names {
		if name == "." {
			continue
		}
		empty, err := d.empty(name)
		if err != nil {
			return err
		}
		if !empty {
			continue
		}
		if err := d.remove(name); err != nil {
			return err
		}
	}
	return nil
}

func (d *folder) empty(name string) (bool, error) {
	f, err := d.root.Open(name)
	if err != nil {
		return false, absent(err)
	}
	defer f.Close()
	if _, err = f.ReadDir(1); errors.Is(err, io.EOF) {
		return true, nil
	}
	return false, err
}

// syncParent syncs the folder that root lies in.
func syncParent(root string) error {
	f, err := os.Open(filepath.Dir(root))
	if err != nil {
		return err
	}
	defer f.Close()
	return syncEntries(f)
}

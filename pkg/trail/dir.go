package trail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Dir is a source of the files below a directory.
//
// Symbolic links are followed, each real file or folder being listed once: a link
// to what the walk meets under its own name anyway is left out, a link to a folder
// above itself is listed as KindUnreadable.
type Dir struct{ root string }

// NewDir returns the source of the files below root; keys are relative to it.
func NewDir(root string) *Dir { return &Dir{root} }

// List implements Source.
func (d *Dir) List(ctx context.Context, fn func(Object) error) error {
	return walk(ctx, d.root, func(string) bool { return true }, fn)
}

// Open implements Source.
func (d *Dir) Open(ctx context.Context, o Object) (io.ReadCloser, error) {
	return openBelow(ctx, d.root, o.Key)
}

// openBelow opens a regular file by its key, which may not lead out of root.
func openBelow(ctx context.Context, root, key string) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !fs.ValidPath(key) || key == "." {
		return nil, notListed(key)
	}
	name := filepath.Join(root, filepath.FromSlash(key))
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	// A pipe without a writer would block the worker for ever.
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("open %q: not a regular file", name)
	}
	return os.Open(name)
}

// walker walks one tree.
type walker struct {
	root string
	real string          // the root without links in it
	seen map[string]bool // real paths that links led to
	into func(key string) bool
	fn   func(Object) error
}

// walk lists the files below root in key order; into tells which folders to enter.
func walk(ctx context.Context, root string, into func(string) bool, fn func(Object) error) error {
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return err
	}
	if real, err = filepath.Abs(real); err != nil {
		return err
	}
	w := &walker{root: root, real: real, seen: map[string]bool{}, into: into, fn: fn}
	entries, err := os.ReadDir(root)
	if err != nil {
		return err // nothing could be listed: that is no partial result
	}
	return w.entries(ctx, "", real, entries)
}

// item is an entry of a folder with links followed.
type item struct {
	name string
	real string // where a folder really is
	info fs.FileInfo
	err  error
}

func (it *item) isDir() bool { return it.err == nil && it.info.IsDir() }

// sortName makes the order of entries the byte order of the keys below them: "a-b"
// comes before "a/b".
func (it *item) sortName() string {
	if it.isDir() {
		return it.name + "/"
	}
	return it.name
}

// entries lists one folder's content. real is the folder's path without links.
func (w *walker) entries(ctx context.Context, prefix, real string, entries []fs.DirEntry) error {
	items := make([]item, 0, len(entries))
	for _, e := range entries {
		items = append(items, w.item(prefix, real, e))
	}
	slices.SortFunc(items, func(a, b item) int { return strings.Compare(a.sortName(), b.sortName()) })
	for i := range items {
		if err := w.visit(ctx, prefix, &items[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) item(prefix, real string, e fs.DirEntry) item {
	it := item{name: e.Name(), real: filepath.Join(real, e.Name())}
	if e.Type()&fs.ModeSymlink != 0 {
		name := filepath.Join(w.root, filepath.FromSlash(prefix), e.Name())
		if it.info, it.err = os.Stat(name); it.err == nil {
			it.real, it.err = filepath.EvalSymlinks(it.real)
		}
		return it
	}
	it.info, it.err = e.Info()
	return it
}

func (w *walker) visit(ctx context.Context, prefix string, it *item) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	key := prefix + it.name
	follow, err := w.follow(key, it)
	switch {
	case err != nil:
		return w.unreadable(key, err)
	case !follow:
		return nil
	case it.isDir():
		return w.dir(ctx, key, it)
	}
	o := ParseKey(key)
	setInfo(&o, it.info)
	if !it.info.Mode().IsRegular() && o.Kind != KindHidden {
		o.Kind = KindOther
	}
	return w.fn(o)
}

func (w *walker) dir(ctx context.Context, key string, it *item) error {
	if !w.into(key) {
		return nil
	}
	entries, err := os.ReadDir(filepath.Join(w.root, filepath.FromSlash(key)))
	if err != nil {
		// What could be read of a failing folder is still listed.
		if err := w.unreadable(key, err); err != nil {
			return err
		}
	}
	return w.entries(ctx, key+"/", it.real, entries)
}

func (w *walker) unreadable(key string, err error) error {
	o := ParseKey(key)
	o.Kind, o.Err = KindUnreadable, err
	return w.fn(o)
}

var errLinkAbove = errors.New("symbolic link to a folder above itself: not followed")

// follow tells whether an entry is to be listed or entered, which is always so unless
// a link is involved.
func (w *walker) follow(key string, it *item) (bool, error) {
	if it.err != nil {
		return false, it.err
	}
	lexical := filepath.Join(w.real, filepath.FromSlash(key))
	if it.real == lexical {
		return true, nil
	}
	if it.isDir() && (below(w.real, it.real) || below(lexical, it.real)) {
		return false, errLinkAbove
	}
	if below(it.real, w.real) && !hidden(rel(w.real, it.real)) {
		return false, nil // listed under its own name
	}
	if w.seen[it.real] {
		return false, nil
	}
	w.seen[it.real] = true
	return true, nil
}

// below tells whether a real path is dir or lies below it.
func below(name, dir string) bool {
	return name == dir || strings.HasPrefix(name, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

func rel(dir, name string) string {
	return path.Clean(filepath.ToSlash(strings.TrimPrefix(name, dir)))
}

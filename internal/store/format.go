package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// File is one file of a set.
type File struct {
	Path   string `json:"path"` // slash-separated, relative to the root
	Rows   int    `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // in hexadecimal
}

// same reports whether two files have the same place and content.
func (f *File) same(other *File) bool {
	return f.Path == other.Path && f.Bytes == other.Bytes && f.SHA256 == other.SHA256
}

// Format says what a folder that this package may change looks like.
type Format struct {
	// Manifest is the name of the file at the root that lists the others.
	Manifest string
	// Folders are the folders at the root that files may lie in. A root that holds
	// anything else belongs to somebody else.
	Folders []string
	// Files reads the list of a manifest. It need not check the paths.
	Files func(manifest []byte) ([]File, error)
}

// workDir is the folder at the root for what is under way.
const workDir = ".tighten"

// list reads a manifest that lies at root, or that a journal there holds. Its paths
// are checked, since whoever made the folder may have written anything.
func (f *Format) list(root string, manifest []byte) ([]File, error) {
	files, err := f.Files(manifest)
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(files))
	for i := range files {
		file := &files[i]
		switch {
		case !f.inside(file.Path):
			return nil, fmt.Errorf("%s of %s names the file %q outside of it; scan again into another folder", f.Manifest, root, file.Path)
		case seen[file.Path]:
			return nil, fmt.Errorf("%s is corrupt (it names the file %q twice); scan again into another folder", filepath.Join(root, f.Manifest), file.Path)
		case file.Rows < 0 || file.Bytes < 0:
			return nil, fmt.Errorf("%s is corrupt (the size of %q is negative); scan again into another folder", filepath.Join(root, f.Manifest), file.Path)
		}
		seen[file.Path] = true
	}
	return files, nil
}

// inside reports whether a path of a manifest is that of a file in one of the
// folders.
func (f *Format) inside(name string) bool {
	folder, _, deep := strings.Cut(name, "/")
	return deep && slices.Contains(f.Folders, folder) && plain(name)
}

// plain reports whether a slash-separated path says one place below the root on
// every system, without hidden parts.
func plain(name string) bool {
	return name == path.Clean(name) && !strings.Contains(name, `\`) && !strings.ContainsRune(name, 0) &&
		!strings.HasPrefix(name, ".") && !strings.Contains(name, "/.") && filepath.IsLocal(filepath.FromSlash(name))
}

// belongs makes sure that root may be changed: it is absent, empty, or holds what
// this package put there.
func (f *Format) belongs(root string) error {
	entries, err := os.ReadDir(root)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0:
		return nil
	case err != nil:
		return err
	}
	ours, bare := false, true
	for _, e := range entries {
		name := e.Name()
		if name != f.Manifest && name != workDir && !slices.Contains(f.Folders, name) {
			return fmt.Errorf("%s holds %q, which is no part of a dataset, and is not replaced; choose another folder", root, name)
		}
		ours = ours || name == f.Manifest || name == workDir && interrupted(root)
		bare = bare && name == workDir
	}
	if !ours && !bare {
		return fmt.Errorf("%s is not a dataset (it has no %s) and is not replaced; choose another folder", root, f.Manifest)
	}
	return nil
}

// interrupted reports whether a commit at root began and did not end.
func interrupted(root string) bool {
	for _, name := range []string{journalFile, undoFile} {
		if _, err := os.Lstat(filepath.Join(root, workDir, name)); err == nil {
			return true
		}
	}
	return false
}

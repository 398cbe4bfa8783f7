package account

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Managed supplies the document of an AWS managed policy that the input lacks.
type Managed func(arn string) (document []byte, version string, ok bool)

// ErrNothing is what Load returns when files were given and none told anything.
var ErrNothing = errors.New("found no IAM data; make it with: aws iam get-account-authorization-details --output json > account.json")

// Load reads files and folders. Each JSON value is recognised by its content: a
// file may hold one document, a JSON stream, an array of documents, or an object
// that wraps several; gzip is undone. Of a folder, everything that looks like
// JSON or CSV is read, hidden files aside.
//
// managed is asked once for each AWS managed policy that is attached and has no
// document in the input; it may be nil. Load fails when a path can't be read or
// nothing was recognised (ErrNothing); everything else is a Warning.
func Load(paths []string, managed Managed) (*Snapshot, error) {
	l := newLoader()
	for _, p := range paths {
		if err := l.path(p); err != nil {
			return nil, err
		}
	}
	l.finish(managed)
	if len(paths) > 0 && l.snap.empty() {
		return nil, l.nothing(paths)
	}
	return l.snap, nil
}

// empty reports whether nothing useful was read. Authorization details of an
// account without anybody are something.
func (s *Snapshot) empty() bool {
	return len(s.Policies)+len(s.LastAccessed)+len(s.Selectors)+len(s.Trails)+len(s.Credentials)+
		len(s.ResourcePolicies)+len(s.KeyGrants) == 0 && s.Organization == nil &&
		!slices.ContainsFunc(s.Files, func(f File) bool { return f.Kind == KindAuthorization })
}

// nothing is ErrNothing with the first reason that was met.
func (l *loader) nothing(paths []string) error {
	var names strings.Builder
	for i, p := range paths {
		if i == 3 {
			fmt.Fprintf(&names, " and %d more", len(paths)-i)
			break
		}
		if i > 0 {
			names.WriteString(", ")
		}
		names.WriteString(quote(p))
	}
	if len(l.snap.Warnings) == 0 {
		return fmt.Errorf("%s: %w", names.String(), ErrNothing)
	}
	w := l.snap.Warnings[0]
	return fmt.Errorf("%s: %w (%s: %s)", names.String(), ErrNothing, quote(w.File), w.Msg)
}

// path reads what the user named; there an unreadable file is an error.
func (l *loader) path(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("read account data: %w", err)
	}
	if info.IsDir() {
		return l.folder(path)
	}
	return l.read(path, true)
}

// folder reads a tree in lexical order.
func (l *loader) folder(root string) error {
	root = filepath.Clean(root) + string(filepath.Separator) // which follows a link
	return filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil && path == root:
			return fmt.Errorf("read account data: %w", err)
		case err != nil:
			l.warnFile(path, "can't be read: "+cause(err))
			return nil
		case path != root && strings.HasPrefix(e.Name(), "."):
			if e.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case e.IsDir():
			return nil
		}
		return l.entry(path)
	})
}

// entry reads one file of a folder, whose failure is only a warning. Links are
// followed to files, not to folders: they could form a circle.
func (l *loader) entry(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		l.warnFile(path, "can't be read: "+cause(err))
		return nil
	case !info.Mode().IsRegular():
		l.warnFile(path, "not a regular file; ignored")
		return nil
	}
	if err := l.read(path, jsonName(path)); err != nil {
		l.warnFile(path, "can't be read: "+cause(err))
	}
	return nil
}

// jsonName reports whether a file's name promises JSON or CSV, so that one that
// is neither deserves a closer message.
func jsonName(path string) bool {
	name := strings.TrimSuffix(strings.ToLower(filepath.Base(path)), ".gz")
	switch filepath.Ext(name) {
	case ".json", ".jsonl", ".ndjson", ".csv":
		return true
	}
	return false
}

// cause is an error without the path, which a Warning has already.
func cause(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// warnLimit bounds the warnings of one file; a hostile one could have millions.
const warnLimit = 100

// warnFile tells something of a whole file.
func (l *loader) warnFile(path, msg string) {
	l.snap.Warnings = append(l.snap.Warnings, Warning{File: path, Msg: msg})
}

// warn tells something of a place in the current file.
func (l *loader) warn(at place, format string, args ...any) {
	l.warned++
	switch {
	case l.warned < warnLimit:
		l.snap.Warnings = append(l.snap.Warnings, Warning{File: l.file, Where: at.String(), Msg: fmt.Sprintf(format, args...)})
	case l.warned == warnLimit:
		l.warnFile(l.file, "more warnings of this kind are left out")
	}
}

// quote makes text of the input fit for a message: escaped and short.
func quote(s string) string {
	const most = 160
	if len(s) > most {
		return fmt.Sprintf("%q…", s[:most])
	}
	return fmt.Sprintf("%q", s)
}

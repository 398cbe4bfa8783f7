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
	"strings"
	"sync/atomic"
)

// Open returns the source for one command-line argument: a directory (walked), a
// file, a glob, or "-" for stdin. A name that exists is taken as it is, even with
// glob characters in it. In a glob, "**" stands for any number of folders, and a
// folder that matches is walked.
func Open(arg string, stdin io.Reader) (Source, error) {
	switch arg {
	case "":
		return nil, errors.New("empty source: name a directory, a file, a glob, or - for stdin")
	case "-":
		return NewStdin(stdin)
	}
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return NewDir(arg), nil
	case err == nil:
		return NewFile(arg), nil
	case hasMeta(arg) && errors.Is(err, fs.ErrNotExist):
		return NewGlob(arg)
	}
	return nil, fmt.Errorf("open source: %w", err)
}

// File is a source of one file, pipe or device, named by the user and so read
// whatever its extension is.
type File struct{ name string }

// NewFile returns the source of one file. Its object's key is the name as given.
func NewFile(name string) *File { return &File{name} }

// List implements Source.
func (f *File) List(ctx context.Context, fn func(Object) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	info, err := os.Stat(f.name)
	if err != nil {
		return err
	}
	o := named(path.Clean(filepath.ToSlash(f.name)))
	setInfo(&o, info)
	return fn(o)
}

// Open implements Source.
func (f *File) Open(ctx context.Context, o Object) (io.ReadCloser, error) {
	if o.Key != path.Clean(filepath.ToSlash(f.name)) {
		return nil, notListed(o.Key)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return os.Open(f.name)
}

// Stdin is a source of one object that can be opened once.
type Stdin struct {
	r      io.Reader
	opened atomic.Bool
}

// NewStdin returns a source over a stream, whose object has the key "-".
func NewStdin(r io.Reader) (*Stdin, error) {
	if r == nil {
		return nil, errors.New("no standard input to read")
	}
	return &Stdin{r: r}, nil
}

// List implements Source.
func (s *Stdin) List(ctx context.Context, fn func(Object) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return fn(Object{Key: "-", Size: -1, Kind: KindLog})
}

// Open implements Source. Closing the result leaves the stream open.
func (s *Stdin) Open(ctx context.Context, o Object) (io.ReadCloser, error) {
	if o.Key != "-" {
		return nil, notListed(o.Key)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.opened.Swap(true) {
		return nil, errors.New("standard input can be read only once; name \"-\" once")
	}
	return io.NopCloser(s.r), nil
}

// named describes an object that the user named: it is a log unless the layout says
// otherwise.
func named(key string) Object {
	o := ParseKey(key)
	if o.Kind == KindOther || o.Kind == KindHidden {
		o.Kind = KindLog
	}
	return o
}

func setInfo(o *Object, info fs.FileInfo) {
	o.ModTime = info.ModTime()
	if info.Mode().IsRegular() {
		o.Size = info.Size()
	}
}

func notListed(key string) error {
	return fmt.Errorf("open %q: not an object of this source: %w", key, fs.ErrNotExist)
}

func hasMeta(s string) bool { return strings.ContainsAny(s, `*?[`) }

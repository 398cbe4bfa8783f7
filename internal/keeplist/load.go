package keeplist

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/tighten-iam/tighten/pkg/synth"
)

// maxFile bounds a file: that is thousands of entries.
const maxFile = 1 << 20

// List is a keep list that was read.
type List struct {
	Name    string // base name of the file
	Entries []synth.KeepEntry
}

// Error is a mistake in a file.
type Error struct {
	File string
	Line int // from 1; 0 where it is of no line
	Err  error
}

func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
	}
	return e.File + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Load reads a file. Its errors are *Error, or those of the file system.
func Load(file string) (*List, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, &Error{File: file, Err: err}
	case len(data) > maxFile:
		return nil, &Error{File: file, Err: fmt.Errorf("more than %d MiB", maxFile>>20)}
	}
	return parse(file, data)
}

func parse(file string, data []byte) (*List, error) {
	l := &List{Name: filepath.Base(file)}
	root, err := document(data)
	if err == nil {
		err = l.sections(root)
	}
	if err != nil {
		e := &Error{File: file, Err: err}
		var placed *lineError
		if errors.As(err, &placed) {
			e.Line = placed.line
		}
		return nil, e
	}
	return l, nil
}

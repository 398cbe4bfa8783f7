package quarantine

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxFile bounds a file, decompressed: an account's findings of 90 days are less.
const maxFile = 512 << 20

// Note is what a person should know of a file that could be read.
type Note struct {
	File string // as given to Load
	Text string
}

// Error is a mistake in a file.
type Error struct {
	File string
	Line int    // from 1; 0 where it is of no line
	Rule string // "" where it is of no rule, or of one without a valid name
	Err  error
}

func (e *Error) Error() string {
	s := e.File
	if e.Line > 0 {
		s = fmt.Sprintf("%s:%d", s, e.Line)
	}
	if e.Rule != "" {
		s += ": rule " + e.Rule
	}
	return s + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Load reads files of rules and of GuardDuty findings. No files, or none that make a
// rule, are nil rules. Its errors are *Error, or those of the file system.
func Load(files ...string) (*Rules, []Note, error) {
	l := loader{names: map[string]string{}}
	for _, f := range files {
		data, err := read(f)
		if err == nil {
			err = l.content(f, data)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return l.finish()
}

// content takes a file by what is in it.
func (l *loader) content(file string, data []byte) error {
	if isFindings(data) {
		return l.findingsFile(file, data)
	}
	return l.rulesFile(file, data)
}

func (l *loader) finish() (*Rules, []Note, error) {
	if err := l.addFindings(); err != nil {
		return nil, nil, err
	}
	return newRules(l.rules), l.notes, nil
}

// loader collects the rules of several files.
type loader struct {
	rules    []Rule
	names    map[string]string // of the rules → the file
	findings []caller
	notes    []Note
}

// read reads a file, decompressed where it is gzip.
func read(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := bounded(f)
	if err == nil && bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		var z *gzip.Reader
		if z, err = gzip.NewReader(bytes.NewReader(data)); err == nil {
			data, err = bounded(z)
		}
	}
	if err != nil {
		return nil, &Error{File: file, Err: err}
	}
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), nil
}

func bounded(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("more than %d MiB", maxFile>>20)
	}
	return data, err
}

// rulesFile adds the rules of one file.
func (l *loader) rulesFile(file string, data []byte) error {
	doc, err := parse(data)
	if err != nil {
		return located(file, "", err)
	}
	list, err := rulesOf(doc)
	if err != nil {
		return located(file, "", err)
	}
	for _, n := range list {
		r, err := ruleOf(n)
		if err == nil {
			err = l.add(file, r, n.line)
		}
		if err != nil {
			return located(file, r.Name, err)
		}
	}
	return nil
}

// add takes a rule whose name no other has: two of one name would be counted as one.
func (l *loader) add(file string, r Rule, line int) error {
	if other, ok := l.names[r.Name]; ok {
		return at(line, "another rule of %s has this name", other)
	}
	l.names[r.Name] = file
	l.rules = append(l.rules, r)
	return nil
}

func located(file, rule string, err error) error {
	e := &Error{File: file, Rule: rule, Err: err}
	var placed *lineError
	if errors.As(err, &placed) {
		e.Line = placed.line
	}
	return e
}

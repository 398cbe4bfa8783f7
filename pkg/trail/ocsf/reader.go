package ocsf

import (
	"errors"
	"fmt"
	"io"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/trail/ocsf/internal/leaves"
)

// Magic is what a Parquet file begins with.
const Magic = leaves.Magic

const (
	// ratioSlack is how much a file may decompress to before MaxRatio is looked at.
	ratioSlack = 1 << 20
	// rowCost is what a row counts at least, in bytes of MaxObject and MaxRatio: rows of
	// nulls take nothing in a file.
	rowCost = 64
)

// Reader reads a Parquet file of Security Lake as the CloudTrail records it was made
// of, one JSON object a line: what a [trail.Decoder] reads. It is not safe for
// concurrent use.
type Reader struct {
	limits  trail.Limits
	size    int64
	file    *leaves.File
	layout  layout
	columns []*leaves.Column
	group   int
	left    int64 // rows of the group still to come
	begun   bool
	row     row
	out     []byte // lines that were not read yet, from at on
	at      int
	made    int64 // bytes, as MaxObject and MaxRatio count them
	err     error
}

// NewReader reads the footer of a file of that size. Zero limits are trail's defaults;
// what is said there of an object's JSON bounds here what the file decompresses to.
//
// The error wraps trail.ErrLimit where the file is over a limit, io.ErrUnexpectedEOF
// where it is cut short, and is the ReaderAt's where that fails.
func NewReader(src io.ReaderAt, size int64, l trail.Limits) (*Reader, error) {
	r := &Reader{limits: withDefaults(l), size: size}
	total := min(r.limits.MaxObject, ratioSlack+size*r.limits.MaxRatio)
	if size > r.limits.MaxObject {
		total = r.limits.MaxObject // the product may not fit
	}
	var err error
	r.file, err = leaves.Open(src, size, leaves.Limits{
		MaxPage: r.limits.MaxRecord, MaxHeld: 4 * r.limits.MaxRecord, MaxTotal: total,
	})
	if err != nil {
		return nil, wrap(err)
	}
	r.layout = layoutOf(r.file.Leaves())
	return r, nil
}

// withDefaults are trail's, which keeps them to itself.
func withDefaults(l trail.Limits) trail.Limits {
	if l.MaxRecord <= 0 {
		l.MaxRecord = trail.DefaultMaxRecord
	}
	if l.MaxObject <= 0 {
		l.MaxObject = trail.DefaultMaxObject
	}
	if l.MaxRatio <= 0 {
		l.MaxRatio = trail.DefaultMaxRatio
	}
	return l
}

// wrap says what could not be read, and makes the limits of leaves those of trail.
func wrap(err error) error {
	if errors.Is(err, leaves.ErrLimit) {
		return limitError{err}
	}
	return fmt.Errorf("read Parquet: %w", err)
}

type limitError struct{ err error }

// Error implements error.
func (e limitError) Error() string { return "read Parquet: " + e.err.Error() }

// Is makes the error trail's.
func (e limitError) Is(target error) bool { return target == trail.ErrLimit }

// Unwrap is the cause.
func (e limitError) Unwrap() error { return e.err }

// Read implements io.Reader. A row that is no CloudTrail record reads as {}, which a
// trail.Decoder counts as such.
func (r *Reader) Read(p []byte) (int, error) {
	for r.at == len(r.out) {
		if r.err != nil {
			return 0, r.err
		}
		r.out, r.at = r.out[:0], 0
		if r.err = r.next(); r.err != nil && r.err != io.EOF {
			r.err, r.out = wrap(r.err), r.out[:0]
		}
	}
	n := copy(p, r.out[r.at:])
	r.at += n
	return n, nil
}

// next makes the next line.
func (r *Reader) next() error {
	if !r.begun {
		r.begun = true
		r.out = append(r.out, r.layout.preface()...)
	}
	if !r.layout.ours {
		return io.EOF // not one of its rows can be a record
	}
	for r.left == 0 {
		if err := r.nextGroup(); err != nil {
			return err
		}
	}
	r.left--
	if err := r.row.read(&r.layout, r.columns, r.limits.MaxRecord); err != nil {
		return err
	}
	before := len(r.out)
	var err error
	if r.out, err = r.row.appendRecord(r.out, r.limits.MaxRecord); err != nil {
		return err
	}
	r.out = append(r.out, '\n')
	r.made += max(int64(len(r.out)-before), r.row.size, rowCost)
	if r.made > r.limits.MaxObject {
		return fmt.Errorf("records of more than %d bytes: %w", r.limits.MaxObject, leaves.ErrLimit)
	}
	if r.made > ratioSlack && (r.made-ratioSlack)/r.limits.MaxRatio > r.size {
		return fmt.Errorf("records of more than %d times the file's size: %w", r.limits.MaxRatio, leaves.ErrLimit)
	}
	return nil
}

// nextGroup ends a row group, and opens the next one.
func (r *Reader) nextGroup() error {
	for _, c := range r.columns {
		if err := c.End(); err != nil {
			return err
		}
	}
	if r.group == r.file.Groups() {
		return io.EOF
	}
	var err error
	r.columns, err = r.file.Group(r.group, r.layout.leaves, r.columns)
	r.left = r.file.Rows(r.group)
	r.group++
	return err
}

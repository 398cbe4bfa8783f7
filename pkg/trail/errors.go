package trail

import (
	"errors"
	"fmt"
)

// The errors of objects that were read but are no logs; Decoder.Err wraps one of
// them, so that callers count such objects by kind. No record came from the object.
var (
	// ErrNoRecords is valid JSON, or nothing at all, without a CloudTrail record.
	ErrNoRecords = errors.New("no CloudTrail records in it")
	// ErrDigest is a CloudTrail digest file.
	ErrDigest = errors.New("a CloudTrail digest, not a log")
	// ErrInsight is an object of CloudTrail Insights events only.
	ErrInsight = errors.New("CloudTrail Insights events, not a log")
	// ErrNotJSON is content that does not start as JSON does.
	ErrNotJSON = errors.New("not JSON; expected CloudTrail records, plain or as gzip or zstd")
)

// The causes that a SyntaxError or Decoder.Err may wrap.
var (
	// ErrLimit is a bound of Limits that the object or a record exceeds.
	ErrLimit = errors.New("over the limit")
	// ErrTrailing is data behind the last gzip member that is no gzip.
	ErrTrailing = errors.New("trailing garbage after the last gzip member")
	// ErrNotRecord is a JSON value in the place of a record that is none.
	ErrNotRecord = errors.New("not a CloudTrail record")
)

// SyntaxError is a record or an object that cannot be read. Decoding goes on
// after it where Resumable is set.
type SyntaxError struct {
	Record    int   // 0-based within the object; -1: the object itself
	Offset    int64 // bytes of decompressed input; -1 unknown
	Msg       string
	Resumable bool
	Err       error // the cause, such as io.ErrUnexpectedEOF or ErrLimit; may be nil
}

// Error describes the place and the fault. It quotes nothing of the input.
func (e *SyntaxError) Error() string {
	where := "object"
	if e.Record >= 0 {
		where = fmt.Sprintf("record %d", e.Record)
	}
	if e.Offset >= 0 {
		where += fmt.Sprintf(" at byte %d", e.Offset)
	}
	return where + ": " + e.Msg
}

// Unwrap is the cause.
func (e *SyntaxError) Unwrap() error { return e.Err }

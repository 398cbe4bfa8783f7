package cli

import (
	"context"
	"errors"
	"fmt"
)

// The exit codes, an interface of the program: docs/exit-codes.md lists them.
const (
	ExitOK          = 0   // done, everything read, every proposal proved
	ExitFailure     = 1   // the command could not do its work
	ExitUsage       = 2   // wrong flags or arguments
	ExitDiffer      = 3   // done, and the answer is no: they differ, there is new access or a finding, the decision is not the expected one
	ExitUnknown     = 4   // done, and the answer is unknown: neither proved nor refuted
	ExitUnreadable  = 5   // done, but some objects, records or input lines could not be read
	ExitProofFailed = 6   // done, but at least one proposal failed its proof and was dropped
	ExitInterrupted = 130 // stopped by a signal
)

// usageError is a mistake in the command line.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// outcome ends a command that did its work with a code that says what to look at.
type outcome struct {
	code int
	why  string
}

func (o outcome) Error() string { return o.why }

// exitCode maps what a command returned to the code of the process.
func exitCode(err error) int {
	var usage usageError
	var done outcome
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &done):
		return done.code
	case errors.As(err, &usage):
		return ExitUsage
	case errors.Is(err, context.Canceled):
		return ExitInterrupted
	}
	return ExitFailure
}

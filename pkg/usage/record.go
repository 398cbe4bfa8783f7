package usage

import (
	"time"

	"github.com/tighten-iam/tighten/internal/args"
)

// Record is one event given to a Builder. Its strings may be borrowed; what the
// builder keeps it clones.
type Record struct {
	EventID, SharedID                           string
	Time                                        time.Time // zero when absent or unreadable
	EventSource, EventName, EventType, Category string
	Region, RecipientAccount                    string
	ReadOnly                                    int8 // 0 absent, 1 false, 2 true
	ErrorCode, Outcome                          string
	Identity                                    Identity
	Args                                        args.List     // Add puts it in canonical order, in place
	Raw                                         args.Raw      // what Add makes the arguments of where Args is nil
	Context                                     []ContextPair // via, mfa, vpce, source account
	Lane                                        string        // "", or QuarantineLane
	// Trust is set by the caller for AssumeRole* events. Add fills in Day, First,
	// Last and Lane, and Outcome where it is "".
	Trust *Trust
}

// ContextPair is one key=value of a call's context.
type ContextPair struct{ Key, Value string }

// days and times outside of these are unreadable: CloudTrail began in 2013, and
// a date's name has four digits of a year.
const (
	unknownDay = -1
	maxDay     = 2932896 // 9999-12-31
	dayMillis  = 24 * 60 * 60 * 1000
)

// clock returns the day and the time of a record: days and milliseconds since
// 1970-01-01 UTC, or unknownDay and 0.
func clock(t time.Time) (day int32, ms int64) {
	if t.IsZero() {
		return unknownDay, 0
	}
	ms = t.UnixMilli()
	if ms < 0 || ms/dayMillis > maxDay {
		return unknownDay, 0
	}
	return int32(ms / dayMillis), ms
}

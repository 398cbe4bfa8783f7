package ingest

import (
	"runtime"
	"time"

	"github.com/tighten-iam/tighten/pkg/trail"
	"github.com/tighten-iam/tighten/pkg/trail/digest"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// Options tune Run. The zero value reads everything, with a worker per CPU.
type Options struct {
	// Workers is the number of objects read at a time; 0 means one per CPU.
	Workers int
	// Limits bound what one object may cost; zero fields mean trail's defaults.
	Limits trail.Limits
	// Filter leaves records out.
	Filter Filter
	// Lane, if set, tells in which lane an event is counted: "" is the normal one. It
	// is called by all workers, and must give the same for the same event.
	Lane func(*trail.Event) string
	// Ledger has the objects that were read before and are passed over; nil: none.
	Ledger *usage.Ledger
	// Replaces tells the days of which objects that are read again, as the ledger says,
	// replace what is stored; nil: of no day.
	Replaces func(day int32) bool
	// Memory bounds what the workers hold of what they read, in bytes; what is more goes
	// to files in Scratch. 0: no bound.
	Memory  int64
	Scratch string
	// Every is the time after which what was read is handed on before the end; 0: never.
	Every time.Duration
	// Ahead bounds the objects that are fetched and not yet read, in bytes as stored; 0
	// means 256 MiB.
	Ahead int64
	// Listed and Chains are what earlier scans left open, as the dataset has it.
	Listed []usage.ListedRow
	Chains []usage.ChainRow
	// Names has the log objects that were read before, which digests may list; nil: none.
	// Those that are read now are added.
	Names *Names
	// Verify hashes every log object, to compare it with what digests say of it.
	Verify bool
	// Keys verify the signatures of digests; nil for none.
	Keys *digest.Keys
	// Progress, if set, is called from one goroutine, at most ten times a second
	// and once at the end. Run returns only after its last call, unless ctx ended.
	Progress func(Progress)
}

func (o *Options) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

func (o *Options) ahead() int64 {
	if o.Ahead > 0 {
		return o.Ahead
	}
	return aheadBytes
}

// Filter selects records. What a record does not tell cannot exclude it: one
// without a readable time passes Since and Until, one without a region Regions.
// A dropped use might cost a grant, a kept one never does.
type Filter struct {
	Since    time.Time // records before it are left out; zero: none
	Until    time.Time // records at or after it are left out; zero: none
	Accounts []string  // recipient accounts to keep; none: all
	Regions  []string  // awsRegion values to keep; none: all
}

// Progress is how far a Run has come. Listing goes on while objects are read,
// so that the listed figures grow until ListingDone.
type Progress struct {
	Objects, ObjectsDone int64 // objects listed; of these read or skipped
	ObjectsKnown         int64 // of these in the ledger
	Bytes, BytesDone     int64 // stored (compressed) bytes of those not in the ledger; of these read
	Decompressed         int64 // bytes of JSON so far
	Records              int64 // records so far
	ListingDone          bool
}

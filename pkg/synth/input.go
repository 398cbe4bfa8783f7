package synth

import (
	"time"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/actions"
	"github.com/tighten-iam/tighten/pkg/diff"
	"github.com/tighten-iam/tighten/pkg/iam"
	"github.com/tighten-iam/tighten/pkg/usage"
)

// Input is all that a proposal is made from. The same input gives the same result.
type Input struct {
	Catalog  *actions.Catalog
	Table    *usage.Table      // usage, coverage and unmapped are read
	Snapshot *account.Snapshot // nil: every principal gets a document from scratch
	Options  Options
}

// Options tune Propose. The zero value means the defaults.
type Options struct {
	// AsOf is the end of the evidence window; zero means the end of coverage.
	AsOf time.Time
	// MinWindow is the number of observed days that a removal needs; 0 means
	// DefaultMinWindow.
	MinWindow int
	// Strict takes only documented visibility as evidence; the default also takes
	// actions that are presumed to be logged as management events.
	Strict bool
	// Horizon is the number of days ahead for which new names are expected; 0 means
	// DefaultHorizon.
	Horizon int
	// Style is the appetite for wider resources against new names; "" means Balanced.
	Style Style
	// FromScratch makes new documents from usage alone, whatever is attached.
	FromScratch bool
	// Principal limits the work to one principal ARN; "" means all.
	Principal string
	// Ledger keeps the evidence of every single action in the proposals; else
	// only counts and action names are kept, which is much smaller.
	Ledger bool
	// Workers is the number of proposals made at a time; 0 means one.
	Workers int
	// Keep is the keep list: what stays, whatever the logs show.
	Keep []KeepEntry
	// Undetected are the classes that are not detected; else what they need is kept.
	Undetected []Class
	// documentsOnly leaves out what is told of proposals beside their documents and proof:
	// Backtest makes them a second time.
	documentsOnly bool
	// Fault, when set, is applied to every new document before it is printed and
	// checked. It exists to test that Check catches faulty synthesis.
	Fault func(*iam.Document)
}

// DefaultMinWindow is 90 days, since month-end and quarterly jobs exist.
const DefaultMinWindow = 90

// ShortMinWindow is the window that --accept-short-window allows.
const ShortMinWindow = 30

// DefaultHorizon is 30 days: about the time until a proposal is made again.
const DefaultHorizon = 30

// Style says how willingly resources open for names that were not seen yet.
type Style string

// The styles.
const (
	Exact    Style = "exact"    // only what changes by its nature: dates, revisions, ids that never come again
	Balanced Style = "balanced" // what is expected to come within the horizon
	Roomy    Style = "roomy"    // what may well come within the horizon
)

// Status says what became of a principal.
type Status string

// The statuses of principals.jsonl.
const (
	Tightened  Status = "tightened"  // at least one of its documents is proposed smaller
	Unchanged  Status = "unchanged"  // nothing could be removed, the reason says why
	Unused     Status = "unused"     // no use at all in the window; its documents may still be narrowed
	Skipped    Status = "skipped"    // not editable, or not provable
	Unattached Status = "unattached" // no policy known; the proposal is made from usage alone
)

// ChangeKind says what a proposal does to a document.
type ChangeKind string

// The kinds of change.
const (
	Narrow  ChangeKind = "narrow"  // the same document, smaller
	Replace ChangeKind = "replace" // an AWS managed policy, or a document too large, by customer-managed documents
	Remove  ChangeKind = "remove"  // nothing of it is needed: detach or delete
	Create  ChangeKind = "create"  // a new document from usage alone
	Keep    ChangeKind = "keep"    // unchanged
	Skip    ChangeKind = "skip"    // not touched, the reason says why
)

// PolicyKind says what kind of policy a document belongs to.
type PolicyKind string

// The policy kinds.
const (
	Inline     PolicyKind = "inline"
	Managed    PolicyKind = "managed"
	AWSManaged PolicyKind = "aws-managed"
	New        PolicyKind = "new"
	// PermissionSet is a document of an IAM Identity Center permission set: its inline
	// policy, or a policy of AWS that is attached to it.
	PermissionSet PolicyKind = "permission-set"
)

// Proposal is what is proposed for one attached document.
type Proposal struct {
	Key        account.Key
	Name       string     // of the policy
	ARN        string     // of a managed policy, "" otherwise
	Kind       PolicyKind // of the attached policy
	Owner      string     // user, role or group ARN of an inline or AWS managed attachment; permission-set/NAME; else the policy ARN
	Principals []string   // ARNs of the principals attached, sorted
	Change     ChangeKind
	Reason     string          // one sentence
	Old        *iam.Document   // nil for Create
	New        []*iam.Document // one, or several where one would exceed the quota; none for Remove
	Printed    [][]byte        // New, as it is written and as Check read it
	Base       []byte          // Old, as Printed is to be compared with it: the attached bytes where New is an edit of them
	Diff       diff.Change
	Proof      Proof
	Kept       []KeptCount        // permissions of the new document by reason
	NotVisible []string           // actions kept because the logs could not show them, sorted
	Documented []string           // actions kept only because AWS documents that used calls need them, sorted
	Unmapped   []string           // actions kept because calls of their service are not mapped to actions, sorted
	KeptFor    []KeptFor          // what the keep list and the detected classes keep
	Quarantine []QuarantineChange // what would differ if quarantined calls counted, by action
	Ledger     []Entry            // with Options.Ledger
	Notes      []string           // what a reviewer should know, in order
	Risk       Risk               // of what changes; zero where nothing does
	Steps      []Step             // that carry it out, in order; none where nothing changes
}

// KeptCount counts kept actions by reason.
type KeptCount struct {
	Fate  Fate
	Count int
}

// Fate is what became of one permission of one statement.
type Fate string

// The fates.
const (
	FateUsed       Fate = "used"        // seen; resources narrowed or exact already
	FateUsedWide   Fate = "used-wide"   // seen; attached resources kept, the reason says why
	FateAttempted  Fate = "attempted"   // only denied or undetermined calls, which this statement allows
	FateRemoved    Fate = "removed"     // unused, and would have been seen
	FateNotVisible Fate = "not-visible" // kept: the logs could not have shown it
	FateBlocked    Fate = "blocked"     // kept: unexplained or unmapped calls of that service
	FateDependent  Fate = "dependent"   // not seen: documented as needed by calls that were, which name the resources
	FateKept       Fate = "kept"        // the keep list, or what was detected of a principal, wants it
)

// Entry is the evidence for one action of one statement.
type Entry struct {
	Statement   int // index in the old document
	Sid         string
	Action      string
	Level       string
	Fate        Fate
	Reason      string
	Resources   []string        // of the new document
	Patterns    []PatternReason // those of Resources with a wildcard that was not attached
	Seen        []string        // resources seen, at most 20
	PassedTo    []string        // of iam:PassRole: the service principals that the roles went to, as far as known
	Count       int64
	Days        int
	First, Last time.Time     // zero when never seen
	Quarantined []Quarantined // uses set apart: in none of the above, by rule
	KeptFor     string        // with FateKept: the class, or the kind of the entry of the keep list
	KeptBy      string        // the entry, by file name and line
}

// PrincipalResult sums up one principal.
type PrincipalResult struct {
	ARN, ID, Type, Account string
	Status                 Status
	Reason                 string
	Proposals              []*Proposal // of the documents in force for it, shared ones too
	Before, After          int         // known actions allowed
	Removed                []diff.LevelGroup
	Kept                   []string // actions allowed after, sorted
	Used                   int      // distinct actions seen allowed
	Unexplained            []Unexplained
	Explained              []Explained    // successes that a resource policy, a trust policy or a grant explains
	Unmapped               int64          // calls without a fact
	UnmappedCalls          []UnmappedCall // the most frequent of them, at most 20
	KeptUnmapped           []string       // actions that stay because of them, sorted
	Quarantined            []Quarantined  // calls that quarantine rules set apart, by rule
	Risk                   Risk           // of the whole set of policies
	Forbidden              []Forbidden    // granted, and of no effect today
	Detected               []Detection    // in the order of Classes
	Covers                 Covers
	Window                 Window
}

// UnmappedCall is a call that no fact explains.
type UnmappedCall struct {
	EventSource, EventName string
	Count                  int64
}

// Unexplained is a success that nothing given explains.
type Unexplained struct {
	Action, Resource string
	Count            int64
	Hint             string // what may explain it, and how to get it
}

// Explained is a success that no attached statement explains, and another policy does.
type Explained struct {
	Action, Resource string
	Count            int64
	By               string
}

// Window is the evidence window of one account or principal.
type Window struct {
	From, To time.Time // days, inclusive; zero when there is none
	Days     int       // observed days: those with records, and quiet ones
	// QuietDays of Days have no record, and either evidence that the trail was delivering
	// (digests, an organization trail) or few enough neighbours like them.
	QuietDays int
	// GapDays are those of which logs are missing: a digest lists log files that the
	// archive lacks, logging was stopped, or a long run of days has nothing at all.
	GapDays     int
	UnknownDays int // neither: hours without a digest, or objects without management events
	LostDays    int // days of which an object could not be read
	// FilteredDays are those of which the scans left out some or all by their times.
	FilteredDays int
	Regions      int
}

// Result is what Propose returns, sorted by ARN and key.
type Result struct {
	AsOf       time.Time
	MinWindow  int
	Principals []PrincipalResult
	Proposals  []*Proposal
	Warnings   []string
}

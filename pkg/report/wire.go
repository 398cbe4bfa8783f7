package report

import "time"

// Version of the wire format. It grows when a member changes its meaning or goes
// away; new members do not change it.
const Version = 1

// Run is the outcome of one run, scan or propose.
type Run struct {
	Version    int          `json:"version"`
	Facts      string       `json:"facts"`           // version of the facts
	AsOf       string       `json:"as_of,omitempty"` // day, the only clock
	MinWindow  int          `json:"min_window_days,omitempty"`
	Scan       Scan         `json:"scan"`
	Accounts   []Account    `json:"accounts"`
	Principals []Principal  `json:"principals,omitempty"`
	Totals     Totals       `json:"totals"`
	Backtest   *RunBacktest `json:"backtest,omitempty"` // nil: not asked for
	Warnings   []string     `json:"warnings,omitempty"`
	Output     *Output      `json:"output,omitempty"` // nil when no files were written
}

// Output names the files of a run, slash-separated and relative to the output
// folder, so that a run gives the same bytes wherever it writes. "" means that
// the run did not write it.
type Output struct {
	Report     string `json:"report,omitempty"`     // report.html
	Principals string `json:"principals,omitempty"` // principals.jsonl
	Policies   string `json:"policies,omitempty"`   // folder of the new documents and their diffs
	Dataset    string `json:"dataset,omitempty"`    // folder of the usage tables
}

// Scan accounts for every object and record that was read.
type Scan struct {
	Objects           int64            `json:"objects"`
	ObjectsUnreadable int64            `json:"objects_unreadable"`
	ObjectsSkipped    int64            `json:"objects_skipped"` // digests, Insights, not logs
	CompressedBytes   int64            `json:"compressed_bytes"`
	Bytes             int64            `json:"bytes"`
	Records           int64            `json:"records"`
	Used              int64            `json:"used"`
	Denied            int64            `json:"denied"`
	Undetermined      int64            `json:"undetermined"`
	NotAUse           map[string]int64 `json:"not_a_use"` // by class
	Unmapped          int64            `json:"unmapped"`
	Duplicate         int64            `json:"duplicate"`
	Filtered          int64            `json:"filtered"`
	Unreadable        int64            `json:"unreadable"`
	Late              int64            `json:"late,omitempty"`        // came when duplicates of their day could no longer be told
	Quarantined       map[string]int64 `json:"quarantined,omitempty"` // by rule, in none of the others
	TopUnmapped       []Unmapped       `json:"top_unmapped,omitempty"`
	UnreadableObjects []BadObject      `json:"unreadable_objects,omitempty"` // at most 20
	UnreadableTotal   int              `json:"unreadable_total,omitempty"`   // objects that are not read whole, listed or not
	SkippedByKind     map[string]int64 `json:"skipped_by_kind,omitempty"`    // objects: digest, insight, hidden, other
	Digests           *Digests         `json:"digests,omitempty"`            // nil: none were read
	Coarsened         int64            `json:"coarsened,omitempty"`          // actions of a principal on a day whose resources are patterns, for their number
	Now               *ScanNow         `json:"now,omitempty"`                // of the scan that has just ended; the others are of the dataset
}

// ScanNow is what one scan added to a dataset.
type ScanNow struct {
	Objects int64 `json:"objects"` // read now
	Known   int64 `json:"known"`   // listed and passed over, since they were read before
	Records int64 `json:"records"` // in the objects read now
}

// Digests tell what CloudTrail's digest files say of the archive.
type Digests struct {
	Files     int64 `json:"files"`
	Verified  int64 `json:"verified"` // of Files: CloudTrail's signature is right
	Failed    int64 `json:"failed"`   // of Files: signature, hash or name is wrong
	Invalid   int64 `json:"invalid"`  // beside Files: no digests, though named so
	Logs      int64 `json:"logs"`     // log files that they list
	Missing   int64 `json:"missing"`
	Different int64 `json:"different"` // with other content than was delivered
	Equal     int64 `json:"equal"`     // as delivered; the rest was not compared
	// First names the first of the log files that are missing or different.
	First string `json:"first,omitempty"`
}

// Unmapped is a call that no fact explains.
type Unmapped struct {
	EventSource string `json:"event_source"`
	EventName   string `json:"event_name"`
	Events      int64  `json:"events"`
	Note        string `json:"note,omitempty"`
}

// BadObject is an object that could not be read to its end, or of which some
// records could not be read.
type BadObject struct {
	Key   string `json:"key"`
	Error string `json:"error"`
}

// Account is the evidence window of one account.
type Account struct {
	ID      string `json:"id"`
	From    string `json:"from"`
	To      string `json:"to"`
	Days    int    `json:"days"` // that count: with records, or quiet
	GapDays int    `json:"gap_days"`
	// QuietDays are those of Days without a record; UnknownDays those that do not count,
	// though nothing says that logs are missing.
	QuietDays   int   `json:"quiet_days,omitempty"`
	UnknownDays int   `json:"unknown_days,omitempty"`
	Regions     int   `json:"regions"`
	Records     int64 `json:"records"`
	InFiles     bool  `json:"in_account_files"`
}

// Totals sum up the principals.
type Totals struct {
	Principals int            `json:"principals"`
	ByStatus   map[string]int `json:"by_status"`
	Before     int            `json:"before"` // actions allowed, summed over the principals
	After      int            `json:"after"`
	Proposals  int            `json:"proposals"` // documents that change
	Proved     int            `json:"proved"`    // of those
	Failed     int            `json:"failed"`    // proposals dropped since their proof failed
}

// Principal is one line of principals.jsonl.
type Principal struct {
	Principal   string         `json:"principal"` // ARN
	Type        string         `json:"type"`
	Account     string         `json:"account"`
	Status      string         `json:"status"` // tightened, unchanged, unused, skipped, unattached
	Reason      string         `json:"reason"`
	Policies    []Policy       `json:"policies"`
	Before      int            `json:"before"`
	After       int            `json:"after"`
	Used        int            `json:"used"`    // distinct actions seen allowed
	Removed     []string       `json:"removed"` // actions; "service:*" where all of a service's granted actions go
	RemovedBy   map[string]int `json:"removed_by_level"`
	Kept        []string       `json:"kept"`
	Proof       Proof          `json:"proof"`
	Window      Window         `json:"window"`
	Unexplained []Unexplained  `json:"unexplained,omitempty"`
	Explained   []Explained    `json:"explained,omitempty"`
	Risk        *Risk          `json:"risk,omitempty"`      // nil where nothing risky is granted
	Forbidden   []Forbidden    `json:"forbidden,omitempty"` // granted, and of no effect today
	Unmapped    int64          `json:"unmapped_calls,omitempty"`
	// UnmappedTop are the most frequent calls that no fact explains, at most 20;
	// KeptUnmapped the actions that stay because of them.
	UnmappedTop  []Unmapped `json:"top_unmapped,omitempty"`
	KeptUnmapped []string   `json:"kept_for_unmapped,omitempty"`
	// Quarantined counts the calls that are no evidence, by rule.
	Quarantined []Quarantined `json:"quarantined,omitempty"`
	// Backtest is nil where nothing could be tested.
	Backtest *PrincipalBacktest `json:"backtest,omitempty"`
	// Detected are the kinds of principals whose needs the logs do not show.
	Detected []Detected `json:"detected,omitempty"`
}

// Quarantined counts the calls that a quarantine rule sets apart.
type Quarantined struct {
	Rule  string     `json:"rule"`
	Calls int64      `json:"calls"`
	Last  *time.Time `json:"last,omitempty"`
}

// Window is the evidence window of a principal.
type Window struct {
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	Days int    `json:"days"`
}

// Unexplained is a success that nothing given explains.
type Unexplained struct {
	Action   string `json:"action"`
	Resource string `json:"resource"`
	Count    int64  `json:"count"`
	Hint     string `json:"would_explain,omitempty"` // what may explain it, and how to get it
}

// Risk is what policies can be abused for, before and after; it only orders.
type Risk struct {
	Before  int           `json:"before"`
	After   int           `json:"after"`
	Removed []RemovedRisk `json:"removed"`        // the most risk first, at most 20
	More    int           `json:"more,omitempty"` // actions that removed leaves out
}

// RemovedRisk is a risky action that goes, or stays on fewer resources.
type RemovedRisk struct {
	Action   string `json:"action"`
	Class    string `json:"class"`
	Source   string `json:"source"` // URL of what says so
	On       string `json:"on"`     // the widest resource pattern that it was allowed on
	Narrowed bool   `json:"narrowed,omitempty"`
}

// Forbidden lists granted actions that a boundary or an organization forbids.
type Forbidden struct {
	By      string   `json:"by"`
	Why     string   `json:"why"`
	Count   int      `json:"count"`
	Actions []string `json:"actions"` // "service:*" where all of a service's go
}

// Explained is a success that no attached statement explains, and another policy does.
type Explained struct {
	Action   string `json:"action"`
	Resource string `json:"resource"`
	Count    int64  `json:"count"`
	By       string `json:"by"`
}

// Policy is what is proposed for one attached document.
type Policy struct {
	Name       string         `json:"name"`
	ARN        string         `json:"arn,omitempty"`
	Kind       string         `json:"kind"`   // inline, managed, aws-managed, new
	Change     string         `json:"change"` // narrow, replace, remove, create, keep, skip
	Reason     string         `json:"reason"`
	Owner      string         `json:"owner"`
	File       string         `json:"file,omitempty"`  // of the (first) new document, relative to the output folder
	Files      []string       `json:"files,omitempty"` // all of them
	DiffFile   string         `json:"diff,omitempty"`
	AttachedTo int            `json:"attached_to"`
	Removed    []LevelActions `json:"removed,omitempty"`
	Narrowed   []Narrowed     `json:"narrowed,omitempty"`
	Apart      []Apart        `json:"with_quarantined,omitempty"` // what would be added if quarantined calls counted
	NotVisible int            `json:"not_visible"`
	KeptBy     map[string]int `json:"kept_by,omitempty"`  // permissions by fate
	KeptFor    []Kept         `json:"kept_for,omitempty"` // by the keep list, or what was detected
	Notes      []string       `json:"notes,omitempty"`
	Risk       *Risk          `json:"risk,omitempty"` // of a changed document
	Proof      Proof          `json:"proof"`
	Steps      []Step         `json:"steps,omitempty"` // that carry it out, in order
}

// Step is one call by which a proposal is carried out. The steps of several policies are
// to be done in the order of their numbers, each number once; whoever leaves policies out
// has to leave out, too, what needs their steps. Between two steps everybody is allowed at
// least what the proposals leave, unless Gap is set.
type Step struct {
	Number int `json:"number"` // place in the plan of the whole run, from 1
	// Do is create-policy, put-policy-version (as the default one), delete-policy-version,
	// attach-policy, detach-policy, put-inline-policy, add-to-inline-policy,
	// delete-inline-policy or provision; the last one, and add-to-inline-policy, are of
	// permission sets.
	Do string `json:"do"`
	// Policy is the ARN of a managed policy, also of one to be created, or the name of an
	// inline one, "" of a permission set's.
	Policy string `json:"policy,omitempty"`
	On     string `json:"on,omitempty"`   // ARN of the user, role or group, or permission-set/NAME
	File   string `json:"file,omitempty"` // of the document, relative to the output folder
	// Version is the one to delete; of put-policy-version the default one before, which to
	// go back to undoes the step.
	Version string `json:"version,omitempty"`
	Needs   []int  `json:"needs,omitempty"` // numbers of steps without which it fails, or takes away what is in use
	Gap     bool   `json:"gap,omitempty"`   // after it, less is allowed until the next ones are done
	Note    string `json:"note,omitempty"`
}

// Detected is a kind of principal whose needs the logs do not show.
type Detected struct {
	Class  string `json:"class"` // break-glass, disaster-recovery, seasonal, deployment, human
	Reason string `json:"reason"`
}

// Apart is what one permission would be beside the proposal if quarantined calls counted.
type Apart struct {
	Action    string   `json:"action"`
	Change    string   `json:"change"`    // kept: the proposal has none of it; wider: it has fewer resources
	Resources []string `json:"resources"` // that would be added
	Rules     []string `json:"rules"`
}

// Kept is what one entry of the keep list, or what was detected, keeps of a document.
type Kept struct {
	For     string   `json:"for"`             // the class, or the section of the keep list
	Where   string   `json:"where,omitempty"` // FILE:LINE of the entry
	Reason  string   `json:"reason"`
	Actions []string `json:"actions"` // "service:*" where all of a service's stay
}

// LevelActions is a list of actions of one access level.
type LevelActions struct {
	Level   string   `json:"level"`
	Count   int      `json:"count"`
	Actions []string `json:"actions"` // "service:*" where all of a service's go
}

// Narrowed is one action that stays on fewer resources.
type Narrowed struct {
	Action string   `json:"action"`
	From   []string `json:"from"`
	To     []string `json:"to"`
}

// Proof carries both claims.
type Proof struct {
	Covers Covers `json:"covers"`
	Subset Subset `json:"subset"`
}

// Covers: of the distinct requests seen that the attached policies explain, how
// many the proposed ones allow.
type Covers struct {
	Requests int      `json:"requests"`
	Allowed  int      `json:"allowed"`
	Missing  []string `json:"missing,omitempty"`
}

// Subset: nothing new is allowed. Applicable is false where nothing was attached
// to compare with; Holds is null then.
type Subset struct {
	Applicable bool   `json:"applicable"`
	Holds      *bool  `json:"holds"`
	Witness    string `json:"witness,omitempty"`
}

// Explanation is the answer of explain.
type Explanation struct {
	Version   int       `json:"version"`
	Principal Principal `json:"principal"`
	Entries   []Entry   `json:"entries"`
	Note      string    `json:"note,omitempty"` // why there are no entries of what was asked for
}

// PatternReason says why a pattern reaches further than what was seen.
type PatternReason struct {
	Pattern  string   `json:"pattern"`
	Why      string   `json:"why"`
	Seen     int      `json:"seen"`               // resources that it covers
	Examples []string `json:"examples,omitempty"` // of these, at most 3
}

// Entry is the evidence for one action of one statement of one document.
type Entry struct {
	Policy    string   `json:"policy"`
	Statement int      `json:"statement"` // 0-based
	Sid       string   `json:"sid,omitempty"`
	Action    string   `json:"action"`
	Level     string   `json:"level"`
	Fate      string   `json:"fate"` // used, used-wide, attempted, removed, not-visible, blocked, kept
	Reason    string   `json:"reason"`
	Resources []string `json:"resources,omitempty"`
	// Patterns are those of Resources that reach further than what was seen.
	Patterns []PatternReason `json:"patterns,omitempty"`
	Seen     []string        `json:"seen,omitempty"`
	SeenMore bool            `json:"seen_more,omitempty"` // Seen may be cut
	PassedTo []string        `json:"passed_to,omitempty"` // of iam:PassRole: service principals
	Count    int64           `json:"count,omitempty"`
	Days     int             `json:"days,omitempty"`
	First    *time.Time      `json:"first,omitempty"`
	Last     *time.Time      `json:"last,omitempty"`
	// Quarantined counts the calls that are no evidence, by rule.
	Quarantined []Quarantined `json:"quarantined,omitempty"`
	KeptFor     string        `json:"kept_for,omitempty"` // of fate kept: the class, or the section of the keep list
	KeptBy      string        `json:"kept_by,omitempty"`  // the entry of the keep list, FILE:LINE
}

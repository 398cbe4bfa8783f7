package usage

import (
	"time"

	"github.com/tighten-iam/tighten/internal/args"
)

// Identity is what a record says of its caller, as far as crediting needs it.
type Identity struct {
	Type, PrincipalID, ARN, AccountID, UserName, InvokedBy, IdentityProvider  string
	IssuerType, IssuerPrincipalID, IssuerARN, IssuerAccountID, IssuerUserName string
	MFA, FederatedProvider                                                    string
}

// Principal is whom a call is credited to.
type Principal struct {
	ARN     string // role ARN with its path, user ARN, root ARN, "service:…", "anonymous", …
	ID      string // AROA…/AIDA…, or ""
	Type    PrincipalType
	Account string
}

// PrincipalType says what a Principal is.
type PrincipalType string

// The principal types.
const (
	Role             PrincipalType = "role"
	User             PrincipalType = "user"
	Root             PrincipalType = "root"
	Federated        PrincipalType = "federated"       // GetFederationToken, SAML, web identity before a role
	IdentityCenter   PrincipalType = "identity-center" // AWSReservedSSO_ role
	ServiceLinked    PrincipalType = "service-linked"  // role under /aws-service-role/
	Service          PrincipalType = "service"         // AWSService, or AWSAccount invoked by a service
	External         PrincipalType = "external"        // AWSAccount: another account's principal, not named
	Anonymous        PrincipalType = "anonymous"
	UnknownPrincipal PrincipalType = "unknown"
)

// Credit says whom a record is credited to.
func Credit(id *Identity) Principal { panic("todo") }

// Call is one row of calls/: one distinct call of one principal on one day.
type Call struct {
	Day              int32  // days since 1970-01-01 UTC; -1 when the time is unreadable
	Account          string // the principal's
	RecipientAccount string
	Principal        string
	PrincipalID      string
	PrincipalType    PrincipalType
	EventSource      string
	EventName        string
	EventType        string
	Category         string
	ReadOnly         int8 // 0 absent, 1 false, 2 true
	Region           string
	ErrorCode        string
	Outcome          string // allowed, denied, undetermined
	ArgsID           string // content hash, hex; "" when there are none
	ContextID        string
	Lane             string // "" normal; quarantine lanes later
	Events           int64
	First, Last      int64 // unix milliseconds
}

// Row is one row of usage/.
type Row struct {
	Day              int32
	Principal        string
	PrincipalID      string
	Account          string // the principal's
	RecipientAccount string
	Region           string
	EventSource      string
	Action           string
	Resource         string
	Kind             string // arn, pattern, star, none
	Level            string
	Basis            string // logged, inferred, instance-profile, ambiguous
	Outcome          string
	Via              string
	Category         string
	Lane             string
	Count            int64
	First, Last      int64
}

// Record is one event given to a Builder. Its strings may be borrowed.
type Record struct {
	EventID, SharedID                           string
	Time                                        time.Time
	EventSource, EventName, EventType, Category string
	Region, RecipientAccount                    string
	ReadOnly                                    int8
	ErrorCode, Outcome                          string
	Identity                                    Identity
	Args                                        args.List
	Context                                     []ContextPair // via, mfa, vpce, source account
	Lane                                        string
	// Trust is set by the caller for AssumeRole* events.
	Trust *Trust
}

// ContextPair is one key=value of a call's context.
type ContextPair struct{ Key, Value string }

// Trust is one row of trust/: who assumed which role, how.
type Trust struct {
	Day                                                 int32
	Role, RoleAccount, Caller, CallerAccount, Mechanism string
	ExternalID, Subject, SessionTags                    string
	Outcome                                             string
	Events                                              int64
	First, Last                                         int64
}

// Delivery is one row of deliveries/.
type Delivery struct {
	Account, Region, Kind      string
	Day                        int32
	Objects, Bytes, Unreadable int64
}

// CoverageRow is one row of coverage/: records by class in one cell.
type CoverageRow struct {
	Account     string // recipient account
	Region      string
	Category    string
	ReadOnly    int8
	EventSource string
	Day         int32
	Class       string // actions.Class, with the outcome for uses: used, denied, undetermined
	Records     int64
}

// UnmappedRow is one row of unmapped/: calls no fact explains.
type UnmappedRow struct {
	Principal, Account, EventSource, EventName, Note string
	Events                                           int64
}

// Object is one row of objects/: what has been read.
type ObjectRow struct {
	Key, ETag                                 string
	Size, ModTime                             int64
	Records, Duplicates, Filtered, Unreadable int64
	Error                                     string
}

// Stats are the totals of a scan. Every record falls in exactly one of
// Calls.Events (after dedup), Duplicates, Filtered, Unreadable.
type Stats struct {
	Objects, ObjectsUnreadable, ObjectsSkipped int64
	CompressedBytes, Bytes                     int64
	Records, Duplicates, Filtered, Unreadable  int64
}

// Builder counts calls. One per worker; not safe for concurrent use.
type Builder struct{ todo int }

// NewBuilder returns an empty builder.
func NewBuilder() *Builder { panic("todo") }

// Add counts one record.
func (b *Builder) Add(r *Record) { panic("todo") }

// AddObject accounts for one object and its delivery.
func (b *Builder) AddObject(o ObjectRow, d Delivery) { panic("todo") }

// Table is the merged, sorted content of a dataset in memory.
type Table struct {
	Calls      []Call
	Args       map[string]args.List     // by ArgsID
	Contexts   map[string][]ContextPair // by ContextID
	Usage      []Row
	Trust      []Trust
	Deliveries []Delivery
	Coverage   []CoverageRow
	Unmapped   []UnmappedRow
	Objects    []ObjectRow
	Stats      Stats
	Facts      string // version of the facts that made Usage
	// ids are kept for merging; unexported
}

// Merge joins builders into one table: duplicates by event id (and shared event
// id) counted once, rows sorted. The result does not depend on the order of the
// builders nor on which builder saw which record.
func Merge(bs ...*Builder) *Table { panic("todo") }

// Write stores the table as a dataset at root, replacing a dataset that is
// there; it refuses a folder that holds something else. Atomic: a failed write
// leaves the old dataset.
func Write(root string, t *Table) error { panic("todo") }

// Read loads a dataset.
func Read(root string) (*Table, error) { panic("todo") }

// Parts selects what ReadParts loads.
type Parts uint

// The parts of a dataset.
const (
	PartCalls Parts = 1 << iota // with args and contexts
	PartUsage
	PartTrust
	PartDeliveries
	PartCoverage // with unmapped
	PartObjects
)

// ReadParts loads some parts of a dataset.
func ReadParts(root string, p Parts) (*Table, error) { panic("todo") }

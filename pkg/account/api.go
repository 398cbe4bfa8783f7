package account

import (
	"time"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// Snapshot is everything given with --account.
type Snapshot struct {
	Accounts     []string // account ids that the authorization details describe, sorted
	Principals   []*Principal
	Groups       []*Group
	Policies     map[string]*Policy // managed policies by ARN
	Profiles     map[string]string  // instance profile ARN → role ARN
	LastAccessed []*LastAccessed
	Selectors    []*TrailSelectors
	Warnings     []Warning // every input that was read but not understood, and every repair
	Files        []File    // what was recognised, in order
}

// File is one input document and what it was recognised as.
type File struct {
	Path string
	Kind string // "authorization-details", "last-accessed", "event-selectors", "trails", "credential-report", …
}

// Warning tells of one oddity in the input.
type Warning struct{ File, Where, Msg string }

// PrincipalKind is user or role.
type PrincipalKind string

// The kinds.
const (
	UserKind PrincipalKind = "user"
	RoleKind PrincipalKind = "role"
)

// Principal is a user or a role.
type Principal struct {
	Kind                         PrincipalKind
	ARN, Name, Path, ID, Account string
	Created                      time.Time // zero unknown
	LastUsed                     time.Time // RoleLastUsed.LastUsedDate; zero unknown or never
	LastUsedKnown                bool      // the RoleLastUsed member was there
	Tags                         map[string]string
	Groups                       []string // names
	Inline                       []*Policy
	Attached                     []string // managed policy ARNs
	Boundary                     string   // managed policy ARN
	Trust                        *iam.Document
}

// Group is an IAM group.
type Group struct {
	ARN, Name, Path, ID, Account string
	Inline                       []*Policy
	Attached                     []string
}

// Policy is an inline or managed policy with its default version's document.
type Policy struct {
	Name         string
	ARN          string // "" for inline
	AWSManaged   bool
	VersionID    string
	Versions     int           // stored versions, of at most 5
	Document     *iam.Document // nil when it could not be parsed or is not in the input
	Raw          []byte        // as given, URL-decoded
	Err          error         // why Document is nil
	BoundaryUses int           // PermissionsBoundaryUsageCount, or counted
}

// Key is the identity of a document in one snapshot: the ARN of a managed
// policy, or the owner's ARN + "#inline/" + name.
type Key string

// Grant is one attachment as one principal sees it.
type Grant struct {
	Key    Key
	Policy *Policy
	Via    *Group // the group that brings it, or nil
}

// Grants lists the identity policies in force for p: its inline and attached
// ones, then its groups'. A managed policy without a document in the input has
// Policy.Document nil unless resolve supplies it.
func (s *Snapshot) Grants(p *Principal) []Grant { panic("todo") }

// LastAccessed is one get-service-last-accessed-details report.
type LastAccessed struct {
	ARN         string // of the principal, "" when the report does not tell
	File        string
	Completed   time.Time
	ActionLevel bool
	Services    []ServiceAccess
}

// ServiceAccess is one service of a report.
type ServiceAccess struct {
	Namespace string
	Last      time.Time // zero: never within the tracking period
	Entities  int
	Actions   []ActionAccess
}

// ActionAccess is one tracked action of a service.
type ActionAccess struct {
	Name string
	Last time.Time
}

// TrailSelectors is one get-event-selectors answer (basic or advanced).
type TrailSelectors struct {
	TrailARN string
	File     string
	Basic    []BasicSelector
	Advanced []AdvancedSelector
}

// BasicSelector is one classic event selector.
type BasicSelector struct {
	ReadWrite                string // All, ReadOnly, WriteOnly
	Management               bool
	ExcludeManagementSources []string
	Data                     map[string][]string // resource type → ARN prefixes
}

// AdvancedSelector is one advanced event selector: all fields must match.
type AdvancedSelector struct {
	Name   string
	Fields []FieldSelector
}

// FieldSelector is one field's clauses.
type FieldSelector struct {
	Field                                 string
	Equals, StartsWith, EndsWith          []string
	NotEquals, NotStartsWith, NotEndsWith []string
}

// Managed supplies the document of an AWS managed policy that the input lacks.
type Managed func(arn string) (document []byte, version string, ok bool)

// Load reads files and folders. Each JSON value is recognised by its content: a
// file may hold one document, a JSON stream, or an array of documents. managed may be nil.
func Load(paths []string, managed Managed) (*Snapshot, error) { panic("todo") }

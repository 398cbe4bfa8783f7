package actions

import "github.com/tighten-iam/tighten/internal/args"

// Arg is one canonical leaf of a call's arguments.
type Arg = args.Leaf

// Call is one distinct CloudTrail call, as the usage dataset stores it.
type Call struct {
	EventSource, EventName string
	EventType, Category    string // "AwsApiCall", "Management"; may be ""
	Region                 string
	Account                string // of the caller ("" unknown)
	RecipientAccount       string // the account whose trail has the record
	PrincipalType          string // userIdentity.type, e.g. "AWSService"
	InvokedBy              string // service that called on the principal's behalf
	ReadOnly               Tri
	ErrorCode              string
	ErrorMessage           string // optional; only the shape, never copied out
	Args                   []Arg  // sorted by path, value
}

// Tri is a boolean that may be absent.
type Tri uint8

// The three values of Tri.
const (
	Absent Tri = iota
	False
	True
)

// Class says what a record is.
type Class string

// A record is a use, or one of the classes that are no use of the caller, or unmapped.
const (
	ClassUse             Class = "use"
	ClassServiceEvent    Class = "service-event"    // AwsServiceEvent
	ClassSignIn          Class = "sign-in"          // AwsConsoleSignIn
	ClassVPCEndpoint     Class = "vpc-endpoint"     // AwsVpceEvent denials etc.
	ClassInsight         Class = "insight"          // Insights events
	ClassAWSService      Class = "aws-service"      // called by an AWS service as itself
	ClassUnauthenticated Class = "no-authorization" // no IAM decision: GetCallerIdentity, AssumeRoleWithSAML…
	ClassConsole         Class = "console-action"   // AwsConsoleAction without a row
	ClassUnmapped        Class = "unmapped"
)

// Outcome of a call's authorization.
type Outcome string

// Undetermined: the error code does not prove that authorization passed.
const (
	Allowed      Outcome = "allowed"
	Denied       Outcome = "denied"
	Undetermined Outcome = "undetermined"
)

// Basis says how a use is known.
type Basis string

// The bases, strongest first.
const (
	Logged          Basis = "logged"           // the event is this action
	Inferred        Basis = "inferred"         // a logged call needs it (PassRole, dependents)
	InstanceProfile Basis = "instance-profile" // PassRole of the profile's role; Resource is the profile
	Ambiguous       Basis = "ambiguous"        // one of several candidates: may keep a grant, never add one
)

// Kind says what a use's Resource is.
type Kind string

// The resource kinds.
const (
	KindARN     Kind = "arn"     // one concrete ARN
	KindPattern Kind = "pattern" // ARN pattern: part of the name could not be known
	KindStar    Kind = "star"    // the action takes no resource: Resource is "*"
	KindNone    Kind = "none"    // the action takes resources, the record shows none: Resource is ""
)

// Use is one (action, resource) pair that a call exercised.
type Use struct {
	Action   string // canonical case, "s3:GetObject"
	Resource string
	Kind     Kind
	Level    Level
	Basis    Basis
}

// Level is the access level of an action, as the service authorization reference has it.
type Level string

// The access levels.
const (
	Read        Level = "Read"
	List        Level = "List"
	Write       Level = "Write"
	Tagging     Level = "Tagging"
	Permissions Level = "Permissions management"
)

// Resolution is what a call means. Its strings and Uses are valid until the
// Resolver's next call.
type Resolution struct {
	Class   Class
	Outcome Outcome
	Uses    []Use
	Note    string // why unmapped, why ambiguous; "" otherwise
}

// Resolver turns calls into uses. Not safe for concurrent use: one per worker.
type Resolver struct{ c *Catalog }

// NewResolver returns a resolver over the catalog.
func NewResolver(c *Catalog) *Resolver { panic("todo") }

// Resolve classifies the call and lists its uses.
func (r *Resolver) Resolve(c *Call) Resolution { panic("todo") }

// OutcomeOf tells what an error code says of authorization.
func OutcomeOf(errorCode, errorMessage string) Outcome { panic("todo") }

// Visibility says where CloudTrail shows an action.
type Visibility string

// The visibilities; see docs/evidence.md.
const (
	Management         Visibility = "management"
	PresumedManagement Visibility = "presumed-management"
	DataEvent          Visibility = "data-event"
	NetworkActivity    Visibility = "network-activity"
	NeverLogged        Visibility = "never-logged"
	VisibilityUnknown  Visibility = "unknown"
)

// Fact is what is known of one action.
type Fact struct {
	Name           string // "s3:GetObject"
	Level          Level
	PermissionOnly bool
	ResourceTypes  []ResourceType // empty: only Resource "*" matches
	ConditionKeys  []string
	Visibility     Visibility
	ReadOnly       bool     // its events are read events (readOnly=true)
	DataType       string   // resources.type of the event selector for data events, e.g. "AWS::S3::Object"
	Operations     []string // "source:eventName" pairs that can exercise it, if curated
	Tracked        bool     // IAM action last accessed tracks it
}

// ResourceType is a resource type of an action, with its ARN template.
type ResourceType struct {
	Name, ARN string
	Required  bool
}

// Catalog is the table of facts. Immutable; safe for concurrent use.
type Catalog struct{ todo int }

// Default returns the embedded catalog, decoded on first use.
func Default() *Catalog { panic("todo") }

// Version names the facts, e.g. "2026-09-26.1+sha256:abcd".
func (c *Catalog) Version() string { panic("todo") }

// Lookup finds an action by name, case-insensitively.
func (c *Catalog) Lookup(action string) (Fact, bool) { panic("todo") }

// Expand appends to dst the canonical names of all actions that match an action
// pattern ("s3:Get*", "*"), sorted.
func (c *Catalog) Expand(dst []string, pattern string) []string { panic("todo") }

// Services lists the service prefixes, sorted.
func (c *Catalog) Services() []string { panic("todo") }

// Prefixes lists the service prefixes that an event source can map to.
func (c *Catalog) Prefixes(eventSource string) []string { panic("todo") }

// ManagedPolicy returns the latest known document of an AWS managed policy.
// Loaded lazily.
func (c *Catalog) ManagedPolicy(arn string) (document []byte, version string, ok bool) { panic("todo") }

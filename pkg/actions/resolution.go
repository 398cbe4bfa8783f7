package actions

// Class says what a record is.
type Class string

// A record is a use, or one of the classes that are no use of the caller, or unmapped.
const (
	ClassUse             Class = "use"
	ClassServiceEvent    Class = "service-event"    // AwsServiceEvent
	ClassSignIn          Class = "sign-in"          // AwsConsoleSignIn
	ClassVPCEndpoint     Class = "vpc-endpoint"     // AwsVpceEvent denials etc.
	ClassInsight         Class = "insight"          // Insights events
	ClassAggregated      Class = "aggregated"       // AwsAggregatedEvent: a five-minute summary of data events
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
	Inferred        Basis = "inferred"         // a logged call needs it (PassRole, tags on create)
	InstanceProfile Basis = "instance-profile" // PassRole of the profile's role; Resource is the profile
	Ambiguous       Basis = "ambiguous"        // one of several candidates: may keep a grant, never add one
	Dependent       Basis = "dependent"        // AWS documents that a logged call may need it: may keep a grant, never add one
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
	// Outcome is that of the call, but Undetermined where the call failed after its
	// authorization had begun: how far it came is not known of this action.
	Outcome Outcome
	// PassedTo is, for iam:PassRole where a curated row says so, the service
	// principal that receives the role ("ecs-tasks.amazonaws.com"); else "".
	PassedTo string
}

// Resolution is what a call means. Uses and their Resources are valid until the
// Resolver's next call; all other strings stay.
type Resolution struct {
	Class   Class
	Outcome Outcome
	Uses    []Use
	Note    string // why unmapped, why ambiguous; "" otherwise
}

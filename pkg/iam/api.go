package iam

// The exported surface that other packages are written against. Each
// declaration moves to the file that implements it.

// ARN is an Amazon Resource Name split at its first five colons.
type ARN struct {
	Partition, Service, Region, Account, Resource string
}

// ParseARN splits s; the resource part may hold further colons.
func ParseARN(s string) (ARN, error) { panic("todo") }

// String joins the parts again.
func (a ARN) String() string { panic("todo") }

// Effect of a statement.
type Effect string

// The two effects that IAM knows.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Document is a policy document, parsed losslessly: unknown members, the order
// of members, and whether a list was written as a single string survive.
type Document struct {
	Version    string // "" when absent
	ID         string
	Statements []Statement
	// implementation adds unexported fields for lossless printing
}

// Strings is an Action, NotAction, Resource or NotResource element.
// nil means the member is absent; an empty non-nil list means `[]`.
type Strings []string

// Statement is one statement.
type Statement struct {
	Sid                     string
	Effect                  Effect
	Principal, NotPrincipal *Principals
	Action, NotAction       Strings
	Resource, NotResource   Strings
	Condition               Conditions // nil when absent
}

// Principals is a Principal or NotPrincipal element.
type Principals struct {
	Any    bool                // "*"
	ByKind map[string][]string // AWS, Service, Federated, CanonicalUser
}

// Conditions holds operator → key → values, in document order.
type Conditions []ConditionBlock

// ConditionBlock is one operator's clauses.
type ConditionBlock struct {
	Operator string
	Clauses  []Clause
}

// Clause is one key of a condition block.
type Clause struct {
	Key    string
	Values []string
}

// Parse reads a policy document. It accepts JSON only; URL-decoding is the
// caller's (see account).
func Parse(data []byte) (*Document, error) { panic("todo") }

// Clone returns a deep copy.
func (d *Document) Clone() *Document { panic("todo") }

// Format prints the document with two-space indentation and a final newline,
// members in their original order (canonical order for new statements).
func (d *Document) Format() []byte { panic("todo") }

// Size is the length that IAM's quotas count: the document without white space.
func (d *Document) Size() int { panic("todo") }

// Decision is the answer to a request.
type Decision uint8

// Unknown is the answer where the context that is missing could decide either way.
const (
	Denied Decision = iota
	Allowed
	Unknown
)

// Context holds condition keys → values. Keys compare case-insensitively.
type Context struct {
	Values map[string][]string // keys in lower case
	// Partial makes keys that are not in Values unknown instead of absent.
	Partial bool
}

// Request is one authorization question.
type Request struct {
	Action    string
	Resource  string
	Principal string // ARN; "" means a role of Account
	Account   string // of the resource; "" means the principal's
	Context   Context
}

// Set is a list of documents compiled for evaluation. Safe for concurrent use.
type Set struct{ todo int }

// Compile prepares documents for many evaluations.
func Compile(docs ...*Document) (*Set, error) { panic("todo") }

// Match names one statement that can apply to a request.
type Match struct {
	Doc, Statement int
	Effect         Effect
	Verdict        Decision // Allowed: applies; Unknown: applies for some context
}

// Matches appends to dst every statement of the set whose action and resource
// match the request under any colon reading and whose conditions are not false.
func (s *Set) Matches(dst []Match, r *Request) []Match { panic("todo") }

// Decide evaluates the set alone, as an identity policy set of one account:
// explicit deny wins, else any allow, else denied.
func (s *Set) Decide(r *Request) Decision { panic("todo") }

// Layers are all the policies that bear on a request.
type Layers struct {
	Identity  *Set
	Boundary  *Set // nil: none
	Session   *Set
	SCPs      []*Set // one per level
	RCPs      []*Set
	Resource  *Set
	Endpoints *Set // VPC endpoint policies
}

// Evaluate decides a request under all layers, see SEMANTICS in docs/.
func Evaluate(l *Layers, r *Request) Decision { panic("todo") }

// MatchAction reports whether an action pattern covers an action (case-insensitive).
func MatchAction(pattern, action string) bool { panic("todo") }

// MatchResource reports whether a resource pattern without variables covers a
// resource (which may itself be a pattern: then every string of it) under all
// three colon readings.
func MatchResource(pattern, resource string) bool { panic("todo") }

// Verdict of an inclusion query.
type Verdict uint8

// Undecided is what a spent budget gives; it counts as not proved.
const (
	Undecided Verdict = iota
	Holds
	Fails
)

// Inclusion is the answer of Includes.
type Inclusion struct {
	Verdict Verdict
	Witness *Request // set when Fails: inner allows it, outer does not
	Reason  string   // one line: which statement of inner, or why undecided
}

// InclusionOptions tune Includes.
type InclusionOptions struct {
	Budget int // work units; 0 means the default
	// AllowsOnly compares Allow with Allow alone and demands that inner keeps
	// outer's Deny statements verbatim (proposals); otherwise Allow minus Deny.
	AllowsOnly bool
}

// Includes proves that every request that inner allows is allowed by outer, for
// every context and under all three colon readings.
func Includes(outer, inner []*Document, o InclusionOptions) Inclusion { panic("todo") }

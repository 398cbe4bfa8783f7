package actions

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
	ConditionKeys  []string       // of the action and of its resource types, sorted
	Dependents     []string       // other actions that the documentation names as needed
	Visibility     Visibility
	ReadOnly       bool     // its events are read events (readOnly=true)
	BothWays       bool     // some of its events are read events, others write events
	DataType       string   // resources.type of the event selector for data events, e.g. "AWS::S3::Object"
	MoreTypes      []string // further such types: some uses of the action are logged as theirs only
	Unlogged       []string // those of MoreTypes whose uses are never logged: no logs show the action in full
	Evidence       Evidence // what Visibility rests on
	Tracked        bool     // IAM action last accessed tracks it
}

// Evidence is what the visibility of an action rests on.
type Evidence struct {
	Rule     Rule
	Document string // address of the page of AWS's documentation, "" where none tells of the service
	Date     string // on which it was read, such as "2026-11-23"
}

// Rule says in which way a document tells the visibility of an action.
type Rule string

// The rules, in the order in which they are asked; see docs/evidence.md.
const (
	RuleRow          Rule = "action"       // the document tells of this action, or of a group that it is of
	RuleUndocumented Rule = "undocumented" // no document says that the service logs its API
	RuleNamed        Rule = "named"        // the service's document names the operation
	RuleNoOperation  Rule = "no-operation" // the action is no operation of the API, so no event has its name
	RuleParameters   Rule = "parameters"   // no event has its name, but the parameters of the service's logged calls tell of it
	RuleLater        Rule = "later"        // only an update brought the action: no document can have known it
	RuleBesideData   Rule = "beside-data"  // the document says all operations, but this one may be a data event
	RuleAll          Rule = "all"          // the document says that all operations of the service are logged
	RuleContent      Rule = "content"      // it looks like an operation on content, which is seldom logged
	RuleService      Rule = "service-logs" // the document says that the service logs its API, without this operation
)

// ResourceType is a resource type of an action, with its ARN template. A type
// that has several templates appears once for each.
type ResourceType struct {
	Name, ARN string
	Required  bool
}

// levelOf expands the one-letter code of the facts file.
func levelOf(code byte) Level {
	switch code {
	case 'R':
		return Read
	case 'L':
		return List
	case 'T':
		return Tagging
	case 'P':
		return Permissions
	}
	return Write
}

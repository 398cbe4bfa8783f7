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
	Operations     []string // "label:eventName" pairs that can exercise it beside its own name, if curated
	Tracked        bool     // IAM action last accessed tracks it
}

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

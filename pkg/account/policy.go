package account

import (
	"errors"
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/iam"
)

// ErrNoDocument is the Err of a policy whose document is not in the input, for
// example a customer-managed policy that is attached but not listed.
var ErrNoDocument = errors.New("the input has no document of this policy")

// Policy is an inline or managed policy with its default version's document.
type Policy struct {
	Name         string
	ARN          string // "" for inline
	AWSManaged   bool
	VersionID    string
	Versions     int           // stored versions, of at most 5; 0 unknown
	Document     *iam.Document // nil when it could not be parsed or is not in the input
	Raw          []byte        // as given, URL-decoded, without the indentation of the file around it
	Err          error         // why Document is nil
	Embedded     bool          // Document came from Load's managed function, not from the input
	Attachments  int           // AttachmentCount, as AWS counts users, groups and roles; 0 unknown
	BoundaryUses int           // PermissionsBoundaryUsageCount, or the uses counted here if they are more
	Created      time.Time     // CreateDate of the policy; zero unknown
	Updated      time.Time     // UpdateDate: when its youngest version was created; zero unknown
	InForce      time.Time     // CreateDate of the default version; zero unknown
	Others       []Version     // the stored versions that are not the default, as listed
}

// Version is a stored version of a managed policy that is not in force now, and may have
// been.
type Version struct {
	ID       string
	Created  time.Time     // zero unknown
	Document *iam.Document // nil when it is not in the input or can't be read
}

// Key is the identity of a document in one snapshot: the ARN of a managed
// policy, or the owner's ARN + "#inline/" + name.
type Key string

// InlineKey is the key of an inline policy of a user, role or group.
func InlineKey(ownerARN, name string) Key { return Key(ownerARN + "#inline/" + name) }

// ManagedKey is the key of a managed policy.
func ManagedKey(arn string) Key { return Key(arn) }

// awsManaged reports whether an ARN is that of a policy of AWS,
// arn:PARTITION:iam::aws:policy/….
func awsManaged(arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	return len(parts) == 6 && parts[0] == "arn" && parts[2] == "iam" && parts[4] == "aws" &&
		strings.HasPrefix(parts[5], "policy/")
}

// lastSegment is the name at the end of an ARN's resource.
func lastSegment(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// pathOf is the path of a principal, as its ARN has it: "/" or "/team/app/".
func pathOf(arn string) string {
	first, last := strings.IndexByte(arn, '/'), strings.LastIndexByte(arn, '/')
	if first < 0 {
		return "/"
	}
	return arn[first : last+1]
}

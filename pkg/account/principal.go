package account

import (
	"strings"
	"time"

	"github.com/tighten-iam/tighten/pkg/iam"
)

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
	LastUsedKnown                bool      // the RoleLastUsed member was there, and readable
	Tags                         map[string]string
	Groups                       []string  // names, sorted
	Inline                       []*Policy // sorted by name
	Attached                     []string  // managed policy ARNs, sorted
	Boundary                     string    // managed policy ARN
	Trust                        *iam.Document
}

// ServiceLinked reports whether the role belongs to an AWS service, which alone
// can change its policies.
func (p *Principal) ServiceLinked() bool {
	return p.Kind == RoleKind && strings.HasPrefix(p.Path, "/aws-service-role/")
}

// IdentityCenter reports whether the role is the image of an IAM Identity Center
// permission set, which is what has to be edited instead of the role.
func (p *Principal) IdentityCenter() bool {
	return p.Kind == RoleKind && strings.HasPrefix(p.Path, "/aws-reserved/sso.amazonaws.com/")
}

// Group is an IAM group.
type Group struct {
	ARN, Name, Path, ID, Account string
	Created                      time.Time // zero unknown
	Inline                       []*Policy // sorted by name
	Attached                     []string  // managed policy ARNs, sorted
}

package account

import (
	"sync"
	"time"
)

// Snapshot is everything given with --account. Its lists must not be changed
// after the first call of Grants, MissingGroups, Principal or Attachments; those
// calls may be concurrent.
type Snapshot struct {
	Accounts  []string // account ids that the authorization details describe, sorted
	Truncated []string // those of Accounts of which the last page is missing, sorted
	// Latest is the latest date in the authorization details of each account (creation,
	// last change or last use of anything), zero or missing without any: the details were
	// taken then or later. They have no date of their own.
	Latest       map[string]time.Time
	Principals   []*Principal
	Groups       []*Group
	Policies     map[string]*Policy // managed policies by ARN
	Profiles     map[string]string  // instance profile ARN → role ARN
	LastAccessed []*LastAccessed
	Selectors    []*TrailSelectors
	Trails       []*Trail
	Credentials  []*Credential
	// Organization is nil where the files tell nothing of AWS Organizations.
	Organization     *Organization
	ResourcePolicies []*ResourcePolicy // sorted by resource
	KeyGrants        []*KeyGrant       // sorted by key and id
	Warnings         []Warning         // every input that was read but not understood, and every repair
	Files            []File            // what was recognised, in order

	once  sync.Once
	index index
}

// File is one input document and what it was recognised as.
type File struct {
	Path string
	Kind string // one of the Kind constants
}

// What a document can be recognised as. Those below the gap are known but not
// used; a warning says so.
const (
	KindAuthorization = "authorization-details"
	KindPolicies      = "policies"
	KindLastAccessed  = "last-accessed"
	KindSelectors     = "event-selectors"
	KindTrails        = "trails"
	KindCredentials   = "credential-report"
	// of AWS Organizations: policies, their targets, and who is where
	KindServiceControl = "service-control-policies"
	KindResourcePolicy = "resource-policy"
	KindKeyGrants      = "key-grants"
	// used only where its name or its statements tell whose it is
	KindPolicyDocument = "policy-document"

	KindEntities = "last-accessed-entities"
	KindJob      = "last-accessed-job"
	KindListing  = "iam-listing"
	KindRecords  = "cloudtrail-records"
)

// Warning tells of one oddity in the input. Msg quotes what it takes from the
// input, so that it is fit for a terminal; File and Where are not escaped.
type Warning struct{ File, Where, Msg string }

// index finds principals by ARN and groups by account and name.
type index struct {
	principals map[string]*Principal
	groups     map[groupName]*Group
	nameless   map[string]*Group // groups without an account in their ARN, by name; nil when several
}

type groupName struct{ account, name string }

func (s *Snapshot) indexed() *index {
	s.once.Do(func() { s.index = newIndex(s.Principals, s.Groups) })
	return &s.index
}

func newIndex(principals []*Principal, groups []*Group) index {
	x := index{
		principals: make(map[string]*Principal, len(principals)),
		groups:     make(map[groupName]*Group, len(groups)),
		nameless:   map[string]*Group{},
	}
	for _, p := range principals {
		x.principals[p.ARN] = p
	}
	for _, g := range groups {
		x.groups[groupName{g.Account, g.Name}] = g
		if accountID(g.Account) {
			continue
		}
		if _, twice := x.nameless[g.Name]; twice {
			x.nameless[g.Name] = nil
			continue
		}
		x.nameless[g.Name] = g
	}
	return x
}

// Principal returns the principal with an ARN, or nil.
func (s *Snapshot) Principal(arn string) *Principal { return s.indexed().principals[arn] }

// group finds the group that a user of an account means.
func (x *index) group(account, name string) *Group {
	if g := x.groups[groupName{account, name}]; g != nil {
		return g
	}
	return x.nameless[name]
}

// Grant is one attachment as one principal sees it.
type Grant struct {
	Key    Key
	Policy *Policy
	Via    *Group // the group that brings it, or nil
}

// Grants lists the identity policies in force for p: its inline and attached
// ones, then its groups'. The permissions boundary is not among them. A managed
// policy without a document has Policy.Document nil and tells why in Policy.Err;
// what groups that the input lacks would bring is not listed, see MissingGroups.
func (s *Snapshot) Grants(p *Principal) []Grant {
	out := s.grants(nil, p.ARN, p.Inline, p.Attached, nil)
	for _, name := range p.Groups {
		if g := s.indexed().group(p.Account, name); g != nil {
			out = s.grants(out, g.ARN, g.Inline, g.Attached, g)
		}
	}
	return out
}

func (s *Snapshot) grants(dst []Grant, owner string, inline []*Policy, attached []string, via *Group) []Grant {
	for _, pol := range inline {
		dst = append(dst, Grant{Key: InlineKey(owner, pol.Name), Policy: pol, Via: via})
	}
	for _, arn := range attached {
		dst = append(dst, Grant{Key: ManagedKey(arn), Policy: s.managedPolicy(arn), Via: via})
	}
	return dst
}

// managedPolicy never returns nil, so that callers see why there is no document.
func (s *Snapshot) managedPolicy(arn string) *Policy {
	if pol := s.Policies[arn]; pol != nil {
		return pol
	}
	return &Policy{Name: lastSegment(arn), ARN: arn, AWSManaged: awsManaged(arn), Err: ErrNoDocument}
}

// MissingGroups lists the groups of a user that the input lacks: what they grant
// is unknown.
func (s *Snapshot) MissingGroups(p *Principal) []string {
	var out []string
	for _, name := range p.Groups {
		if s.indexed().group(p.Account, name) == nil {
			out = append(out, name)
		}
	}
	return out
}

// accountID reports whether s has the form of an account id.
func accountID(s string) bool {
	if len(s) != 12 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

package synth

import (
	"strings"

	"github.com/tighten-iam/tighten/pkg/account"
)

// canonical corrects resources by what the snapshot knows and the records do not:
// the path of IAM users, roles, groups, policies and profiles (calls give their
// bare names), and the role inside an instance profile.
type canonical struct {
	paths    map[string]string // ARN without path → ARN
	profiles map[string]string // instance profile ARN → role ARN
}

func newCanonical(s *account.Snapshot) *canonical {
	c := &canonical{paths: map[string]string{}, profiles: map[string]string{}}
	if s == nil {
		return c
	}
	for _, p := range s.Principals {
		c.add(p.ARN)
	}
	for _, g := range s.Groups {
		c.add(g.ARN)
	}
	for arn := range s.Policies {
		c.add(arn)
	}
	for profile, role := range s.Profiles {
		c.add(profile)
		c.profiles[profile] = role
	}
	return c
}

// add indexes an ARN such as arn:aws:iam::111122223333:role/team/app under
// arn:aws:iam::111122223333:role/app. IAM names are unique in an account whatever
// their path ("IAM identifiers", IAM user guide).
func (c *canonical) add(arn string) {
	first, last := strings.IndexByte(arn, '/'), strings.LastIndexByte(arn, '/')
	if first >= 0 && last > first {
		c.paths[arn[:first]+arn[last:]] = arn
	}
}

// fix corrects one observation.
func (c *canonical) fix(o *observation) {
	if full, ok := c.paths[o.resource]; ok {
		o.resource = full
	}
	if o.basis != "instance-profile" {
		return
	}
	// What was passed is the role inside the profile; which one, only the
	// snapshot knows.
	o.basis = "inferred"
	if role, ok := c.profiles[o.resource]; ok {
		o.resource, o.kind = role, "arn"
		return
	}
	o.resource, o.kind = "", "none"
}

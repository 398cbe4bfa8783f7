package synth

import (
	"cmp"
	"fmt"
	"sort"
	"strings"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// unit is one attached document with everybody to whom it applies. AWS managed
// policies cannot be edited, so each attachment of one is a unit of its own, to
// be replaced where it is attached. A document of a permission set is one unit for
// the roles of all accounts.
type unit struct {
	key      account.Key
	policy   *account.Policy
	kind     PolicyKind
	owner    string
	subjects []*subject
	reports  map[string]*accessReport // of everybody
	granted  *granted                 // since when; nil: nothing of it was changed
	slotCap  int                      // managed policies that it may take at most, 0: what room finds
	slots    int                      // managed policies that it may take when the proposals are carried out, 0: as today
	squeezed bool                     // more room would keep more of its precision, or make a proposal at all
	set      string                   // the permission set whose document it is, "" for none
	varies   bool                     // the roles of the permission set have different documents
}

// units lists the documents in force in a snapshot, sorted by key and owner.
func units(subjects []*subject) []*unit {
	byKey := map[[2]string]*unit{}
	var out []*unit
	for _, sub := range subjects {
		for _, g := range sub.grants {
			kind, owner := kindOf(g, sub.p)
			key, set := g.Key, setOf(g, sub.p)
			if set != "" {
				kind, owner, key = PermissionSet, setOwner(set), setKey(set, g.Policy)
			}
			k := [2]string{string(key), ownerKey(kind, owner)}
			u := byKey[k]
			if u == nil {
				u = &unit{key: key, policy: g.Policy, kind: kind, owner: owner, set: set}
				byKey[k] = u
				out = append(out, u)
			}
			u.vary(g.Policy)
			if n := len(u.subjects); n == 0 || u.subjects[n-1] != sub {
				u.subjects = append(u.subjects, sub)
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		if out[i].key != out[j].key {
			return out[i].key < out[j].key
		}
		return out[i].owner < out[j].owner
	})
	return out
}

func kindOf(g account.Grant, p *account.Principal) (PolicyKind, string) {
	owner := p.ARN
	if g.Via != nil {
		owner = g.Via.ARN
	}
	switch {
	case g.Policy.ARN == "":
		return Inline, owner
	case g.Policy.AWSManaged:
		return AWSManaged, owner
	}
	return Managed, g.Policy.ARN
}

func ownerKey(kind PolicyKind, owner string) string {
	if kind == AWSManaged {
		return owner
	}
	return ""
}

// uneditable says why a unit must not be touched at all, or "".
func (u *unit) uneditable(attached map[string]int) string {
	switch {
	case u.policy.Document == nil && u.policy.Err != nil:
		return "the attached document cannot be read: " + u.policy.Err.Error()
	case u.policy.Document == nil:
		return "the attached document is not in the account files"
	case notEvaluable(u.policy.Document) != "":
		return notEvaluable(u.policy.Document)
	case u.kind == Managed && u.policy.BoundaryUses > 0:
		return "the policy also serves as a permissions boundary"
	}
	if found := attached[u.policy.ARN]; u.kind == Managed && u.policy.Attachments > found {
		return fmt.Sprintf("attached %d times, and the account files show %d: others may have this policy", u.policy.Attachments, found)
	}
	if u.kind == PermissionSet {
		return u.setUneditable()
	}
	for _, sub := range u.subjects {
		who := ""
		if len(u.subjects) > 1 {
			who = "also attached to " + sub.p.ARN + ": "
		}
		if why := cmp.Or(u.namedBySet(sub), sub.protected()); why != "" {
			return who + why
		}
		if sub.cov == nil {
			return fmt.Sprintf("%sthe logs hold nothing of account %s", who, sub.p.Account)
		}
	}
	return ""
}

// notEvaluable says why a document cannot be reasoned about, or "".
func notEvaluable(d *iam.Document) string {
	if _, err := iam.Compile(d); err != nil {
		return "the attached document cannot be evaluated: " + err.Error()
	}
	return ""
}

// attachments counts the users, groups and roles of a snapshot by the managed
// policies attached to them.
func attachments(s *account.Snapshot) map[string]int {
	n := map[string]int{}
	for _, p := range s.Principals {
		for _, arn := range p.Attached {
			n[arn]++
		}
	}
	for _, g := range s.Groups {
		for _, arn := range g.Attached {
			n[arn]++
		}
	}
	return n
}

// protected says why a principal's policies are not ours to edit, or "".
func protected(p *account.Principal) string {
	switch {
	case p.ServiceLinked():
		return "service-linked role, owned by " + strings.Trim(strings.TrimPrefix(p.Path, "/aws-service-role/"), "/")
	case p.IdentityCenter():
		return "Identity Center role, its permission set is the editable unit"
	case strings.HasPrefix(p.Path, "/aws-reserved/"):
		return "reserved for AWS"
	case stackSetOrTower(p.Name):
		return "owned by AWS Control Tower or StackSets"
	}
	return ""
}

// stackSetOrTower knows roles that AWS services create under fixed names.
// Source: AWS Control Tower user guide, "How AWS Control Tower works with roles";
// CloudFormation user guide, "Grant self-managed permissions" (2026-11).
func stackSetOrTower(name string) bool {
	for _, p := range []string{"AWSControlTower", "aws-controltower-", "stacksets-exec-", "AWSCloudFormationStackSet"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// breakGlass recognises emergency access, whose whole point is to be unused.
func breakGlass(p *account.Principal) bool {
	texts := []string{p.Name}
	for k, v := range p.Tags {
		texts = append(texts, k+"="+v)
	}
	for _, t := range texts {
		t = strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(t))
		if strings.Contains(t, "breakglass") && !strings.HasSuffix(t, "=false") ||
			strings.Contains(t, "emergencyaccess") || strings.Contains(t, "disasterrecovery") {
			return true
		}
	}
	return false
}

package synth

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/tighten-iam/tighten/pkg/account"
	"github.com/tighten-iam/tighten/pkg/iam"
)

// permissionSet is the name of the permission set that an Identity Center role is an
// image of, "" for other principals. Such roles are named AWSReservedSSO_NAME_ID.
// Source: IAM Identity Center user guide, "Referencing permission sets in resource
// policies, Amazon EKS Cluster config maps, and AWS KMS key policies" (2026-11).
func permissionSet(p *account.Principal) string {
	name, ok := strings.CutPrefix(p.Name, "AWSReservedSSO_")
	cut := strings.LastIndexByte(name, '_')
	if !ok || cut < 1 || !p.IdentityCenter() {
		return ""
	}
	return name[:cut]
}

// setOf is the permission set through which a grant is to be edited, "" for none. A
// customer-managed policy of a set is a policy of each account, like any other.
func setOf(g account.Grant, p *account.Principal) string {
	if g.Policy.ARN != "" && !g.Policy.AWSManaged {
		return ""
	}
	return permissionSet(p)
}

// setOwner is the owner of the documents of a permission set, whose own ARN account
// files do not have.
func setOwner(set string) string { return "permission-set/" + set }

// setKey is the identity of a document of a permission set in all accounts.
func setKey(set string, p *account.Policy) account.Key {
	if p.ARN != "" {
		return account.Key(setOwner(set) + "#managed/" + p.ARN)
	}
	return account.InlineKey(setOwner(set), p.Name)
}

// vary notes a role whose document is not that of the others of its permission set:
// the set was changed and not provisioned everywhere.
func (u *unit) vary(p *account.Policy) {
	if u.set == "" || u.policy == p || u.policy.Document == nil {
		return
	}
	if p.Document == nil || !bytes.Equal(p.Document.Minify(), u.policy.Document.Minify()) {
		u.varies = true
	}
}

// setSince tells since when a role has a document of its permission set: provisioning
// puts it there.
func (g *grantLog) setSince(role string, p *account.Policy) since {
	if p.ARN != "" {
		return g.thingSince(thing{role, attachedThing, strings.ToLower(p.ARN)}, "the policy was attached")
	}
	return g.thingSince(thing{role, inlineThing, strings.ToLower(p.Name)}, "the policy was put")
}

// setUneditable says why the document of a permission set must not be touched, or "".
func (u *unit) setUneditable() string {
	if u.varies {
		return fmt.Sprintf("the roles of permission set %s have different documents: provision the set to all its accounts, and take the authorization details again", u.set)
	}
	for _, sub := range u.subjects {
		switch {
		case breakGlass(sub.p):
			return "looks like a break-glass permission set by its name or tags: kept by default"
		case sub.cov == nil:
			return fmt.Sprintf("also provisioned as %s: the logs hold nothing of account %s", sub.p.ARN, sub.p.Account)
		}
	}
	return ""
}

// takenByName is in the reason of a policy that a permission set names.
const takenByName = "takes by its name in every account to which it is assigned"

// namedBySet says why a customer-managed policy that a permission set names is not
// edited, or "": the set finds it by its name in every account to which it is assigned,
// so one account's use says too little, and what provisions it is the place to change it.
// Source: https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CustomerManagedPolicyReference.html
func (u *unit) namedBySet(sub *subject) string {
	set := permissionSet(sub.p)
	if set == "" || u.kind != Managed {
		return ""
	}
	return fmt.Sprintf("a customer-managed policy that permission set %s %s: nothing is proposed for it, so tighten it by hand, in all of them together", set, takenByName)
}

// setRoom is what the document may take: a set has one inline policy, in which what
// replaces its policies of AWS finds room in equal parts.
func (u *unit) setRoom() room {
	if !u.policy.AWSManaged {
		return room{each: quotaOf(iam.PermissionSetInline)}
	}
	size, replaced := 0, 1
	for _, s := range u.subjects {
		inline, managed := 0, 0
		for _, g := range s.grants {
			switch {
			case g.Policy.AWSManaged:
				managed++
			case g.Policy.ARN == "" && g.Policy.Document != nil:
				inline += g.Policy.Document.Size()
			}
		}
		size, replaced = max(size, inline), max(replaced, managed)
	}
	return room{each: (quotaOf(iam.PermissionSetInline) - size) / replaced}
}

// setNote tells a reviewer what is to be edited, and where.
func (u *unit) setNote() string {
	accounts := map[string]bool{}
	for _, s := range u.subjects {
		accounts[s.p.Account] = true
	}
	where := fmt.Sprintf("a change of the permission set %s in IAM Identity Center, not of its roles; weighed by the use in %s, so check that it is assigned in no other account",
		u.set, plural(len(accounts), "account"))
	if u.policy.AWSManaged {
		return where + "; its statements belong into the set's inline policy, in place of " + u.policy.Name
	}
	return where
}

// whySkipped is why the principal's own policies are not edited, with the permission
// sets that are.
func whySkipped(why string, ps []*Proposal) string {
	changed, named := "", 0
	for _, p := range ps {
		if p.Kind == PermissionSet && p.Change != Keep && p.Change != Skip {
			changed = fmt.Sprintf(": a change of %s is proposed", strings.Replace(p.Owner, "permission-set/", "permission set ", 1))
		}
		if p.Kind == Managed && p.Change == Skip && strings.Contains(p.Reason, takenByName) {
			named++
		}
	}
	why += changed
	if named > 0 {
		why += fmt.Sprintf("; nothing is proposed for %s that it %s", plural(named, "customer-managed document"), takenByName)
	}
	return why
}

// replaced reports whether the document is of AWS, so that another takes its place.
func (u *unit) replaced() bool {
	return u.kind == AWSManaged || u.kind == PermissionSet && u.policy.AWSManaged
}

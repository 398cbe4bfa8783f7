package actions

import (
	"slices"
	"strings"
)

// roleUse is what a parameter means for iam:PassRole.
type roleUse struct {
	kind     roleKind
	passedTo string
	named    bool // its name or a row says that it holds a role
	always   bool // a row of this very event: reads and removals pass it too
}

type roleKind uint8

const (
	roleByShape   roleKind = iota // a role's or profile's ARN is passed, a bare name is not
	roleByName                    // a bare name is a role too
	profileByName                 // a bare name is an instance profile
	notARole                      // even an ARN is not passed
	doubtful                      // no document says whether an ARN is passed
	roleHint                      // the names of settings, of which one may be a role
)

// roleRows selects the rows that bear on an event, the most specific first.
func (c *Catalog) roleRows(label string, prefixes, names []string) []roleRow {
	var exact, scoped, general []roleRow
	for _, row := range c.tables.roles {
		mine := row.scope == label || slices.Contains(prefixes, row.scope)
		named := slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, row.event) })
		switch {
		case mine && named:
			exact = append(exact, row)
		case mine && row.event == "*":
			scoped = append(scoped, row)
		case row.scope == "*" && row.event == "*":
			general = append(general, row)
		}
	}
	return slices.Concat(exact, scoped, general)
}

// roleAt finds what a path means: the first row that names it; a "*" row counts
// after those that name a parameter.
func roleAt(rows []roleRow, names []string) roleUse {
	fallback := roleUse{kind: kindByName(names), named: roleWord(names)}
	wild := false
	for _, row := range rows {
		switch {
		case row.param == "*" && !wild:
			wild = true
			if fallback.kind == roleByShape {
				fallback.kind = roleKindOf(row.kind)
			}
			fallback.passedTo, fallback.always = row.passedTo, row.event != "*"
		case row.param != "*" && len(names) > 0 && aliasMatches(row.param, names):
			if wild && fallback.kind == notARole {
				return fallback
			}
			return roleUse{roleKindOf(row.kind), row.passedTo, true, row.event != "*"}
		}
	}
	return fallback
}

// kindByName tells by a parameter's own name that no role is passed: principals are
// granted something, what is removed is no longer used, and a role of another
// account cannot be passed ("Grant a user permissions to pass a role to an AWS
// service", IAM user guide).
func kindByName(names []string) roleKind {
	if len(names) == 0 {
		return roleByShape
	}
	leaf := names[len(names)-1]
	if strings.HasPrefix(leaf, "remove") || strings.Contains(leaf, "principal") || strings.HasSuffix(leaf, "filter") {
		return notARole
	}
	return roleByShape
}

// roleWord reports whether a path says that it holds a role or an instance profile.
func roleWord(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool {
		return strings.Contains(n, "role") || strings.Contains(n, "instanceprofile") || strings.HasSuffix(n, "iamarn")
	})
}

func roleKindOf(kind string) roleKind {
	switch kind {
	case "role":
		return roleByName
	case "profile":
		return profileByName
	case "none":
		return notARole
	case "doubt":
		return doubtful
	case "hint":
		return roleHint
	}
	return roleByShape
}

// passRoles infers iam:PassRole, which is never logged, from the roles and
// instance profiles among the parameters of a call that changes something. Of one
// that only reads or removes, but whose documentation names iam:PassRole, the role
// is that of the documented dependent.
func (r *Resolver) passRoles(p *plan, c *Call) {
	hinted := false
	for i, pp := range r.paths {
		switch {
		case pp.root != 'p' || pp.role.kind == notARole:
			continue
		case !p.passes && !p.sets(pp, c):
			continue
		}
		switch value := r.values[i]; {
		case isRoleARN(value):
			r.pass(value, r.passBasis(p, pp, c, value, Inferred), pp.role.passedTo)
		case isProfileARN(value):
			r.pass(value, r.passBasis(p, pp, c, value, InstanceProfile), pp.role.passedTo)
		case !p.sets(pp, c):
		case value == "" && pp.role.kind != roleHint && pp.role.named && roleLeaf(pp.names):
			hinted = true // hidden, or too long to be kept
		case pp.role.kind == roleHint:
			hinted = hinted || containsFold(value, "role") || containsFold(value, "instanceprofile")
		case pp.role.kind == roleByName && roleName(value):
			r.pass(r.iamARN("role/", value), Inferred, pp.role.passedTo)
		case pp.role.kind == profileByName && roleName(value):
			r.pass(r.iamARN("instance-profile/", value), InstanceProfile, pp.role.passedTo)
		}
	}
	if r.roleHidden(p, c) || hinted && !r.exercised("iam:PassRole", len(r.uses)) {
		r.uses = append(r.uses, Use{Action: "iam:PassRole", Kind: KindNone, Level: Write, Basis: Ambiguous})
	}
}

// sets reports whether a call gives a role to something, as all do that change
// something without taking it away, and those with a row of their own.
func (p *plan) sets(pp *pathPlan, c *Call) bool {
	return pp.role.always || p.write && c.ReadOnly != True
}

// removal reports whether an operation takes something away: the role among its
// parameters is not passed to a service then.
func removal(event string) bool {
	for _, v := range [...]string{"Delete", "Remove", "Detach", "Disassociate", "Untag", "Tag", "Deregister", "Revoke"} {
		if strings.HasPrefix(event, v) {
			return true
		}
	}
	return false
}

// passBasis is the basis of passing the role or profile of an ARN: in doubt where
// nothing says that the parameter holds a role, and where the role is another
// account's, which cannot be passed, so that one of the record's accounts is wrong.
func (r *Resolver) passBasis(p *plan, pp *pathPlan, c *Call, arn string, basis Basis) Basis {
	if !p.sets(pp, c) {
		return Dependent
	}
	mine := c.Account
	if mine == "" {
		mine = r.home
	}
	_, account := placeOf(arn)
	if !pp.role.named || pp.role.kind == doubtful || mine != "" && account != mine {
		return Ambiguous
	}
	return basis
}

// pass appends a use of iam:PassRole.
func (r *Resolver) pass(arn string, basis Basis, passedTo string) {
	if r.had(useKey{"iam:PassRole", arn, passedTo}) {
		return
	}
	r.uses = append(r.uses, Use{
		Action: "iam:PassRole", Resource: arn, Kind: kindOf(arn), Level: Write, Basis: basis, PassedTo: passedTo,
	})
}

// iamARN makes the ARN of a bare role or profile name.
func (r *Resolver) iamARN(kind, name string) string {
	mark := r.arena.mark()
	for _, s := range []string{"arn:", r.accounts[0], ":iam::", orStar(r.home), ":", kind, strings.TrimPrefix(name, "/")} {
		r.arena.add(s)
	}
	return r.arena.since(mark)
}

// roleName reports whether a value can be the name of a role, with its path.
func roleName(s string) bool {
	if s == "" || len(s) > 576 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if l := lowerByte(c); (l < 'a' || l > 'z') && (c < '0' || c > '9') && !strings.ContainsRune("+=,.@-_/", rune(c)) {
			return false
		}
	}
	return true
}

// implied adds what an error tells beyond its action: S3 answers "no such key"
// only to who may list the bucket, and "denied" to everybody else.
func (r *Resolver) implied(p *plan, c *Call, o Outcome) {
	if c.ErrorCode != "NoSuchKey" && c.ErrorCode != "404" && c.ErrorCode != "NotFound" || o == Denied {
		return
	}
	if t := p.targets[0]; t.action != "s3:GetObject" && t.action != "s3:GetObjectVersion" {
		return
	}
	bucket := r.value("bucketname")
	use := Use{Action: "s3:ListBucket", Kind: KindNone, Level: List, Basis: Inferred, Outcome: o}
	if concrete(bucket) && !isARN(bucket) && !strings.HasSuffix(bucket, "-s3alias") {
		mark := r.arena.mark()
		for _, s := range []string{"arn:", r.accounts[0], ":s3:::", bucket} {
			r.arena.add(s)
		}
		use.Resource, use.Kind = r.arena.since(mark), KindARN
	}
	r.uses = append(r.uses, use)
}

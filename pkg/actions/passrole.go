package actions

import (
	"slices"
	"strings"
)

// roleUse is what a parameter means for iam:PassRole.
type roleUse struct {
	kind     roleKind
	passedTo string
}

type roleKind uint8

const (
	roleByShape   roleKind = iota // a role's or profile's ARN is passed, a bare name is not
	roleByName                    // a bare name is a role too
	profileByName                 // a bare name is an instance profile
	notARole                      // even an ARN is not passed
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
	fallback := roleUse{}
	named := false
	for _, row := range rows {
		switch {
		case row.param == "*" && !named:
			fallback, named = roleUse{roleKindOf(row.kind), row.passedTo}, true
		case row.param != "*" && len(names) > 0 && aliasMatches(row.param, names):
			if named && fallback.kind == notARole {
				return fallback
			}
			return roleUse{roleKindOf(row.kind), row.passedTo}
		}
	}
	return fallback
}

func roleKindOf(kind string) roleKind {
	switch kind {
	case "role":
		return roleByName
	case "profile":
		return profileByName
	case "none":
		return notARole
	}
	return roleByShape
}

// passRoles infers iam:PassRole, which is never logged, from the roles and
// instance profiles among the parameters of a call that changes something.
func (r *Resolver) passRoles(p *plan, c *Call) {
	if !p.write || c.ReadOnly == True {
		return
	}
	for i, pp := range r.paths {
		if pp.root != 'p' || pp.role.kind == notARole {
			continue
		}
		switch value := r.values[i]; {
		case isRoleARN(value):
			r.pass(value, Inferred, pp.role.passedTo)
		case isProfileARN(value):
			r.pass(value, InstanceProfile, pp.role.passedTo)
		case pp.role.kind == roleByName && roleName(value):
			r.pass(r.iamARN("role/", value), Inferred, pp.role.passedTo)
		case pp.role.kind == profileByName && roleName(value):
			r.pass(r.iamARN("instance-profile/", value), InstanceProfile, pp.role.passedTo)
		}
	}
}

// pass appends a use of iam:PassRole.
func (r *Resolver) pass(arn string, basis Basis, passedTo string) {
	for _, u := range r.uses {
		if u.Action == "iam:PassRole" && u.Resource == arn && u.PassedTo == passedTo {
			return
		}
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
	use := Use{Action: "s3:ListBucket", Kind: KindNone, Level: List, Basis: Inferred}
	if concrete(bucket) && !isARN(bucket) && !strings.HasSuffix(bucket, "-s3alias") {
		mark := r.arena.mark()
		for _, s := range []string{"arn:", r.accounts[0], ":s3:::", bucket} {
			r.arena.add(s)
		}
		use.Resource, use.Kind = r.arena.since(mark), KindARN
	}
	r.uses = append(r.uses, use)
}

package actions

import "strings"

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
	var out []roleRow
	for _, exact := range []bool{true, false} {
		for _, row := range c.tables.roles {
			if row.scope != "*" && row.scope != label && !contains(prefixes, row.scope) {
				continue
			}
			named := false
			for _, n := range names {
				named = named || row.event == strings.ToLower(n)
			}
			if exact && named || !exact && row.event == "*" {
				out = append(out, row)
			}
		}
	}
	return out
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// roleAt finds what a path means: the first row that names it, else by shape.
func roleAt(rows []roleRow, names []string) roleUse {
	fallback := roleUse{}
	for _, row := range rows {
		if row.param != "*" && (len(names) == 0 || !aliasMatches(row.param, names)) {
			continue
		}
		use := roleUse{passedTo: row.passedTo}
		switch row.kind {
		case "role":
			use.kind = roleByName
		case "profile":
			use.kind = profileByName
		case "none":
			use.kind = notARole
		}
		if row.param == "*" && row.kind == "shape" {
			if fallback.passedTo == "" {
				fallback.passedTo = row.passedTo
			}
			continue
		}
		return use
	}
	return fallback
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
	for _, s := range []string{"arn:", r.accounts[0], ":iam::", orStar(r.accounts[1]), ":", kind, strings.TrimPrefix(name, "/")} {
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

package iam

// PolicyKind is what a document is used as, where AWS sets a limit to its size.
type PolicyKind string

// The kinds of policies that have a quota of their own.
const (
	ManagedPolicy       PolicyKind = "managed"
	UserInline          PolicyKind = "user-inline"
	RoleInline          PolicyKind = "role-inline"
	GroupInline         PolicyKind = "group-inline"
	PermissionSetInline PolicyKind = "permission-set-inline"
	TrustPolicy         PolicyKind = "trust"
	SessionPolicy       PolicyKind = "session"
	ServiceControl      PolicyKind = "scp"
)

// Quota is the largest size that AWS accepts for a kind of policy.
type Quota struct {
	Kind       PolicyKind
	Characters int    // as Document.Size counts
	Total      bool   // of all inline documents of one user, role or group together
	Source     string // the page of AWS's documentation
}

// Quotas lists the limits, as the pages had them in 2026-11. That of trust
// policies is the default; an account's own may be higher. The inline policy of a
// permission set may have 32,768 bytes with white space, of which 10,240 may be none.
// Source of that: https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html
func Quotas() []Quota {
	const (
		iamQuotas = "IAM user guide, IAM and AWS STS quotas"
		ssoQuotas = "IAM Identity Center user guide, Quotas"
		orgQuotas = "Organizations user guide, Quotas"
	)
	return []Quota{
		{ManagedPolicy, 6144, false, iamQuotas},
		{UserInline, 2048, true, iamQuotas},
		{RoleInline, 10240, true, iamQuotas},
		{GroupInline, 5120, true, iamQuotas},
		{PermissionSetInline, 10240, false, ssoQuotas},
		{TrustPolicy, 2048, false, iamQuotas},
		{SessionPolicy, 2048, false, iamQuotas},
		{ServiceControl, 5120, false, orgQuotas},
	}
}

// OverQuota lists the quotas that the document alone is too large for.
func (d *Document) OverQuota() []Quota {
	var out []Quota
	size := d.Size()
	for _, q := range Quotas() {
		if size > q.Characters {
			out = append(out, q)
		}
	}
	return out
}

package synth

// StepKind says which call of AWS a step is.
type StepKind string

// The kinds of steps, with the operation that each stands for.
const (
	CreatePolicy  StepKind = "create-policy"         // iam:CreatePolicy
	PutVersion    StepKind = "put-policy-version"    // iam:CreatePolicyVersion, set as default
	DeleteVersion StepKind = "delete-policy-version" // iam:DeletePolicyVersion
	AttachPolicy  StepKind = "attach-policy"         // iam:Attach{User,Role,Group}Policy
	DetachPolicy  StepKind = "detach-policy"         // iam:Detach{User,Role,Group}Policy, sso:DetachManagedPolicyFromPermissionSet
	PutInline     StepKind = "put-inline-policy"     // iam:Put{User,Role,Group}Policy, sso:PutInlinePolicyToPermissionSet
	AddInline     StepKind = "add-to-inline-policy"  // sso:PutInlinePolicyToPermissionSet, with the statements that are there
	DeleteInline  StepKind = "delete-inline-policy"  // iam:Delete{User,Role,Group}Policy, sso:DeleteInlinePolicyFromPermissionSet
	ProvisionSet  StepKind = "provision"             // sso:ProvisionPermissionSet, to all its accounts
)

// Step is one call by which a proposal is carried out. Between any two steps of a plan
// everybody is allowed at least what the proposals leave them, unless Gap is set.
type Step struct {
	// Number is the place in the plan of the whole result, from 1. The steps of whatever
	// proposals are chosen are to be done in this order; proposals of one permission set
	// share the step that provisions it.
	Number int
	Do     StepKind
	Policy string // ARN of a managed policy, also of one to be created; name of an inline one, "" of a permission set's
	On     string // ARN of the user, role or group, or permission-set/NAME; "" where the policy itself changes
	// Document is the index in New and Printed of the document that the step puts, -1 for
	// none.
	Document int
	// Version is the one to be deleted; of PutVersion the default one before, which to go
	// back to undoes the step. "" unknown.
	Version string
	// Needs are the numbers of the steps without which this one fails, or takes away what
	// is in use.
	Needs []int
	// Gap: after this step, and until the next ones of its proposal are done, less is allowed
	// than in the end.
	Gap  bool
	Note string // what has to be known for it, "" for nothing
}

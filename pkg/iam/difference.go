package iam

// Loss says how a new policy takes away what an old one allows.
type Loss string

// How a part is lost. LossUndecided is a whole statement that the budget did not
// suffice to look at.
const (
	LossDropped   Loss = "dropped"   // no Allow statement of new bears on it
	LossResources Loss = "resources" // new keeps the actions on some of the resources
	LossCondition Loss = "condition" // new keeps it under a condition that old does not make
	LossPrincipal Loss = "principal" // new keeps it for other principals
	LossDeny      Loss = "deny"      // new has a Deny statement that old has not
	LossUndecided Loss = "undecided"
)

// Difference is what an old policy allows and a new one does not.
type Difference struct {
	// Verdict is Holds when nothing is lost, which is proved, Fails when a part
	// has a witness, and Undecided otherwise.
	Verdict Verdict
	// Parts are in the order of old's statements. Each request that is lost is
	// in one of them; they may overlap.
	Parts  []Part
	Reason string // why nothing could be compared, "" otherwise
}

// Part is a set of lost requests: those of one statement of old with an action of
// Actions and not of ExceptActions, a resource of Resources (or none of
// NotResources), under Conditions, without what Kept keeps; of a LossDeny only
// what Deny denies. Where patterns overlap without including each other, a part
// may take in some requests that new keeps or that old denies.
type Part struct {
	Why Loss
	// Doc and Statement are the statement's place in old, from 0.
	Doc, Statement int
	Sid            string

	Actions       []string // patterns as they are written in old or new
	ExceptActions []string // patterns of which the part has nothing

	Resources, NotResources Strings // both nil for a statement without resources
	Conditions              Conditions
	Kept                    []Keep
	Deny                    *Denial // of a LossDeny

	// Verdict is Fails when Witness shows that the part is not empty, otherwise
	// Undecided: nobody proved that new keeps it, or found a lost request.
	Verdict Verdict
	Witness *Request
}

// Keep is what new still allows next to a part, for all its actions: resources,
// and what new demands for them beyond the conditions of old.
type Keep struct {
	Resources, NotResources Strings
	Conditions              Conditions  // nil: kept whenever old allowed it
	Principal, NotPrincipal *Principals // set when they are not those of old
}

// Denial is a Deny statement of new.
type Denial struct {
	Doc, Statement          int
	Sid                     string
	Resources, NotResources Strings
	Conditions              Conditions
}

// SubtractOptions tune Subtract.
type SubtractOptions struct {
	Budget int // work units; 0 means the default of Includes
	// Expand appends the known actions that match a pattern, as an inventory of
	// actions has them; optional. With it patterns that overlap are told apart
	// action by action, which makes the parts exact on known actions.
	Expand func(dst []string, pattern string) []string
}

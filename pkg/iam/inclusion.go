package iam

// Verdict of an inclusion query.
type Verdict uint8

// Undecided is what a spent budget gives; it counts as not proved.
const (
	Undecided Verdict = iota
	Holds
	Fails
)

// Inclusion is the answer of Includes.
type Inclusion struct {
	Verdict Verdict
	Witness *Request // set when Fails: inner allows it, outer does not
	Reason  string   // one line: which statement of inner, or why undecided
}

// InclusionOptions tune Includes.
type InclusionOptions struct {
	Budget int // work units; 0 means the default
	// AllowsOnly compares Allow with Allow alone and demands that inner keeps
	// outer's Deny statements verbatim (proposals); otherwise Allow minus Deny.
	AllowsOnly bool
}

// Includes proves that every request that inner allows is allowed by outer, for
// every context and under all three colon readings.
func Includes(outer, inner []*Document, o InclusionOptions) Inclusion { panic("todo") }

func includesAction(pattern, action string, w *work) bool { panic("todo") }

type work struct{ left int }

func newWork(n int) *work { return &work{n} }

type language struct{}

func (p *pattern) language(any) language           { panic("todo") }
func (l language) within(o language, w *work) bool { panic("todo") }

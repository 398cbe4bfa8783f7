package iam

// Side names one of two policies that are compared.
type Side string

// The first and the second policy of a comparison.
const (
	First  Side = "first"
	Second Side = "second"
)

// Equivalence is the answer of Equivalent.
type Equivalence struct {
	Verdict Verdict
	// More is the side that allows the witness; the other one denies it.
	// "" unless Fails.
	More    Side
	Witness *Request // as in Inclusion
	Reason  string   // one line: which statement, or why undecided; "" when Holds
}

// Equivalent proves that two sets of documents allow the same requests, which is
// both inclusions of Includes, each with the options' budget. Fails names the
// side that allows more; where each allows something that the other does not, it
// is the first.
func Equivalent(a, b []*Document, o InclusionOptions) Equivalence {
	open := ""
	for _, q := range []struct {
		outer, inner []*Document
		more         Side
	}{{b, a, First}, {a, b, Second}} {
		r := Includes(q.outer, q.inner, o)
		switch {
		case r.Verdict == Fails:
			return Equivalence{Verdict: Fails, More: q.more, Witness: r.Witness, Reason: r.Reason}
		case r.Verdict == Undecided && open == "":
			open = r.Reason
		}
	}
	if open != "" {
		return Equivalence{Reason: open}
	}
	return Equivalence{Verdict: Holds}
}

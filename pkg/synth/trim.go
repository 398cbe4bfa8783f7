package synth

import "github.com/tighten-iam/tighten/pkg/usage"

// ReadsArguments reports whether the arguments of a call may matter to what this package
// makes of a dataset: those of IAM calls tell changes of policies, those of STS calls
// tell policies of sessions. A table that usage.ReadTrimmed read by it gives the same
// results as the whole one; of each other call it is enough that it was made.
func ReadsArguments(c *usage.Call) bool {
	return c.EventSource == serviceSTS || c.EventSource == serviceIAM && c.Outcome == "allowed"
}

// Event sources of calls whose arguments are read.
const (
	serviceIAM = "iam.amazonaws.com"
	serviceSTS = "sts.amazonaws.com"
)

// arguments calls f with each of a call's arguments, by path; with none of a call that
// ReadsArguments does not name, so that no table has more than a trimmed one.
func arguments(t *usage.Table, c *usage.Call, f func(path, value string)) {
	if !ReadsArguments(c) {
		return
	}
	for _, l := range t.Args.List(nil, c.ArgsID) {
		f(l.Path, l.Value)
	}
}

// Package simulate answers authorization requests that stand one on a line: the
// batch form of `tighten simulate`. Parse reads a line, Documents remembers compiled
// policies by their bytes, Run answers a stream in order with several workers.
//
// A line is hostile input and a question at once: an unknown or repeated member, a
// misspelt element of a policy, a version or principal that IAM refuses is an error of
// that line, never ignored. Condition values that are malformed match nothing, and
// Principal elements of identity policies are not looked at.
package simulate

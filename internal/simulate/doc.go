// Package simulate answers authorization requests that stand one on a line: the
// batch form of `tighten simulate`. Parse reads a line, Documents remembers compiled
// policies by their bytes, Run answers a stream in order with several workers.
//
// A line is hostile input and a question at once: whatever could change its meaning
// unseen (an unknown or repeated member, a misspelt element of a policy) is an error
// of that line, never ignored.
package simulate

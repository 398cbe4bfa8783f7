// Package args reduces the JSON of a CloudTrail call's arguments to canonical
// leaves: the values that can name a resource, name a role, or choose an action
// variant. It knows nothing of IAM, so that the facts may change without the logs
// being read again.
//
// What is kept, and what only leaves a mark that it was there, is the table in
// rules.go. Everything read here was written by whoever made the call: nothing
// fails, and depth, number and size of the leaves are bounded.
package args

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// Roots name the part of a record that a raw value comes from.
const (
	RootParameters = "p" // requestParameters
	RootResponse   = "r" // responseElements
	RootResources  = "s" // resources
	RootAdditional = "a" // additionalEventData
)

// Paths of the leaves that stand for something that is not there. They start
// with a byte that no path of a value starts with.
const (
	PathTruncated  = "!truncated"  // leaves were left out: MaxLeaves or MaxBytes
	PathUnreadable = "!unreadable" // a root was not JSON; it has no other leaf
)

// Bounds of what one root may leave behind.
const (
	MaxLeaves = 4096    // leaves
	MaxBytes  = 1 << 18 // bytes of all paths and values
	MaxValue  = 1024    // bytes of one value; a longer one is presence only
	MaxPath   = 1024    // bytes of one path; what is deeper collapses
	MaxDepth  = 64      // levels of nesting; what is deeper collapses
)

// Leaf is one value with the path that leads to it.
//
// Path is rooted at "requestParameters", "responseElements", "resources" or
// "additionalEventData" (abbreviated "p", "r", "s", "a"), members joined by "."
// and lower-cased nowhere; a list element adds "[]". Example:
// {"p.instancesSet.items[].instanceId", "i-0abc"}. A member name that holds a
// "." is not escaped. Value is "" where only the presence counts.
type Leaf struct {
	Path, Value string
}

// List is a list of leaves; after Canonical it is sorted by (Path, Value),
// without duplicates.
type List []Leaf

// Canonical sorts l by (Path, Value) and removes duplicates. It works in place
// and returns the shortened list; a list that is canonical already is only read.
func (l List) Canonical() List {
	if l.isCanonical() {
		return l
	}
	slices.SortFunc(l, compareLeaves)
	return slices.Compact(l)
}

func (l List) isCanonical() bool {
	for i := 1; i < len(l); i++ {
		if compareLeaves(l[i-1], l[i]) >= 0 {
			return false
		}
	}
	return true
}

func compareLeaves(a, b Leaf) int {
	if c := cmp.Compare(a.Path, b.Path); c != 0 {
		return c
	}
	return cmp.Compare(a.Value, b.Value)
}

// ID is the content hash of a canonical list: the first 32 hexadecimal digits of the
// SHA-256 of its text, the same in every run and version; "" for an empty list. It is
// cryptographic, because whoever makes a call could otherwise hide it behind another
// one's arguments.
func (l List) ID() string {
	var room [1024]byte
	return TextID(l.AppendText(room[:0]))
}

// TextID is the ID of the list that has this text.
func TextID(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

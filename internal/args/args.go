// Package args reduces the JSON of a CloudTrail call's arguments to canonical
// leaves: the values that can name a resource, name a role, or choose an action
// variant. It knows nothing of IAM, so that the facts may change without the logs
// being read again.
package args

// Leaf is one value with the path that leads to it.
//
// Path is rooted at "requestParameters", "responseElements", "resources" or
// "additionalEventData" (abbreviated "p", "r", "s", "a"), members joined by "."
// and lower-cased nowhere; a list element adds "[]". Example:
// {"p.instancesSet.items[].instanceId", "i-0abc"}.
type Leaf struct {
	Path, Value string
}

// List is a canonical list: sorted by (Path, Value), without duplicates.
type List []Leaf

package actions

import "strings"

// listsAll reports whether a call lists without naming: a List, Describe or Search
// all of whose parameters filter, sort or page. Of a call that failed, services may
// leave the parameters out.
func (r *Resolver) listsAll(t *target) bool {
	if t.create || r.sight.lacking() || len(t.types) == 0 || !t.lists || strings.HasPrefix(t.action, "iam:") {
		return false // IAM's calls without a user's name are about the caller
	}
	seen := false
	for _, pp := range r.paths {
		if pp.naming || pp.root == 's' {
			return false
		}
		seen = seen || pp.root == 'p'
	}
	return seen || !r.failed
}

// fromList uses all resources of each type that the event requires: that is the ARN
// on which a list is decided ("db:*", "repository/*"), as denials show.
func (r *Resolver) fromList(t *target, before int, basis Basis) {
	for i := range t.types {
		if tp := &t.types[i]; tp.listed && named(tp) && !r.covered(t, i, before) && !r.otherKind(tp) {
			r.fromNames(t, i, basis, all)
		}
	}
}

// naming reports whether a parameter may name a resource in any way, be it a token
// that a service gave out. The caller's account and the owner's name none, nor do
// pages and filters.
func naming(names []string) bool {
	if len(names) == 0 {
		return true
	}
	leaf := names[len(names)-1]
	switch {
	case ownerParam(names), strings.HasPrefix(names[0], "filter"):
		return false
	}
	switch leaf {
	case "awsaccountid", "accountid", "nexttoken", "nextpagetoken", "paginationtoken", "marker":
		return false
	}
	if bareKey(leaf) || trimKey(leaf) != leaf || leaf == "arn" || leaf == "arns" {
		return true
	}
	for _, tail := range [...]string{"token", "iterator", "handle", "pointer", "url", "uri", "arnlist", "idlist", "namelist", "set"} {
		if strings.HasSuffix(leaf, tail) {
			return true
		}
	}
	return false
}

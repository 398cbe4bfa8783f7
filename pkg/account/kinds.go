package account

import "strings"

// The tests below know a kind of document by its members alone.

func hasList(name string) func(object) bool {
	return func(o object) bool { return o.get(name).kind() == '[' }
}

// isDetails knows a page of get-account-authorization-details by any of the
// lists that nothing else has.
func isDetails(o object) bool {
	return o.has("userdetaillist") || o.has("groupdetaillist") || o.has("roledetaillist")
}

// The elements of those lists, as `--query` brings them out alone.

func isUser(o object) bool {
	return isIAM(o, ":user/") && (o.has("attachedmanagedpolicies") || o.has("userpolicylist"))
}

func isRole(o object) bool {
	return isIAM(o, ":role/") && (o.has("attachedmanagedpolicies") || o.has("rolepolicylist"))
}

func isGroup(o object) bool {
	return isIAM(o, ":group/") && (o.has("attachedmanagedpolicies") || o.has("grouppolicylist"))
}

func isPolicy(o object) bool {
	return isIAM(o, ":policy/") && (o.has("policyversionlist") || o.has("defaultversionid"))
}

func isIAM(o object, kind string) bool {
	arn := o.get("arn").text()
	return strings.Contains(arn, ":iam:") && strings.Contains(arn, kind)
}

// isPolicyList knows get-account-authorization-details that was cut down to its
// policies, and list-policies.
func isPolicyList(o object) bool {
	if isDetails(o) {
		return false
	}
	list := o.get("policies").list()
	return len(list) > 0 && isPolicy(list[0].object())
}

func isSelectors(o object) bool {
	return hasList("eventselectors")(o) || hasList("advancedeventselectors")(o)
}

func isTrail(o object) bool {
	return o.has("trailarn") && (o.has("ismultiregiontrail") || o.has("s3bucketname"))
}

func isCredentialJSON(o object) bool {
	return strings.HasPrefix(strings.ToLower(o.get("reportformat").text()), "text/csv")
}

func isPolicyDocument(o object) bool {
	return o.get("document").kind() == '{' && o.has("versionid") ||
		o.get("policyversion").kind() == '{' || o.has("policydocument")
}

// isListing knows list-users, get-role and their like, which show who exists but
// not what is granted.
func isListing(o object) bool {
	for _, name := range []string{"users", "roles", "groups", "attachedpolicies"} {
		list := o.get(name).list()
		if len(list) == 0 {
			continue
		}
		e := list[0].object()
		return (e.has("arn") || e.has("policyarn")) && !isUser(e) && !isRole(e) && !isGroup(e)
	}
	for _, name := range []string{"user", "role", "group", "policy"} {
		if e := o.get(name).object(); e.has("arn") {
			return !isUser(e) && !isRole(e) && !isGroup(e) && !isPolicy(e)
		}
	}
	return false
}

// Package actions holds the facts: which IAM actions a CloudTrail call
// exercises, on which resources, at which access level, and whether the logs
// could have shown it.
//
// [Default] is the embedded [Catalog]; [NewResolver] turns a [Call] into uses by
// it. What a record does not tell is never made up: several candidate actions
// come with basis [Ambiguous], a resource that cannot be derived has kind
// [KindNone], and an event that is no action has class [ClassUnmapped].
//
// # Where the facts come from
//
// `go generate` makes data/ from pinned registry packages (the service
// authorization reference, the API models of botocore and of the Go SDK, AWS's
// managed policies) and from tables/, the curated rows, each with its source and
// date, some with an example.
//
// Rules come before rows. The services of an event source are those of its row, else
// of its name, of the API models, or of a spelling that differs in hyphens, in the
// vendor's name or in the words of a host; a source that only begins like a service
// is unknown. An event is looked for as a row of events.txt, then as
// the action of its own name within the prefixes of its source, and so on for
// the name without its API date, without its version, without "Batch". The
// resources of an action follow from its ARN templates: an ARN of the record
// that has a template's form, else parameters whose names match the template's
// variables, else a row of aliases.txt. Region, account and partition are the
// record's.
//
// What AWS's service reference lists of an operation beyond that (authorized.txt) are
// dependents: the list is a union over all parameters, so it verifies and keeps, and
// grants nothing. Tags on create are in doubt where the list lacks the tagging action.
//
// # Which resource a call was decided on
//
// A parameter names a resource by the variable's or the type's name; a bare "name"
// or "id" does so only at the top of a call about that type, or in an object named
// for it. A resourceId names a resource of the type that the resourceType beside it
// says. A name is no id, and an id no name, unless a row says that the service knows
// no difference.
//
// A bare "name" or "id" is that of the type that the event is named for, and of no other
// type of the action; a generic member ("name", "type", "id") of an object is that
// object's. What is named for the type goes before a bare key. A percent-encoded ARN,
// as paths of REST requests hold, is decoded once; an encoded name stays open, since
// the record does not tell which of the two was decided on.
//
// What a call makes had no id when it was authorized: under a name that the caller
// chose it is that name, under one that the service chooses it is "type/*", which is
// what IAM decides on then; the id in the response is no part of the decision. Of a
// call that changes something, the response tells what it was about where the
// parameters tell nothing of it: the one ARN, or the one id under the variable's own
// name. A name that they tell in part is a pattern: that may be what was decided on.
//
// A list that names nothing is decided on all resources of its required types
// ("db:*"), as denials show. It counts as such only where no parameter may name
// something and none may be missing: else it is [KindNone], like everything that
// cannot be derived.
//
// Of several required types each is needed, but of variants of one (a listener of
// either generation) those that the call names. What lies in an organization is its
// management account's, which the record does not tell: the account stays open.
//
// A call's values are chosen by whoever makes the call. A value with a wildcard,
// a policy variable or a control character never becomes part of an ARN.
package actions

